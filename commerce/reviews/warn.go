package reviews

// When a brand is told that something is wrong. The rules:
//   - it is looked at with each review, in its transaction: whoever works for the
//     brand hears of it at once.
//   - complaints cluster where several of the latest reviews, and at least a
//     quarter of those of these days, give two stars or fewer for anything.
//   - scores fall where the latest ten are a whole star below all before them.
//   - of a product first, of the brand where it is spread; each once a week.

import (
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
)

const (
	latest      = 20 // reviews that are looked at
	newest      = 10 // of them, held against all before
	clusterTime = 3 * 24 * time.Hour
	fall        = 1000 // thousandths of a star
	warnEvery   = 7 * 24 * time.Hour
)

// Why a brand is warned.
const (
	Complaints = "complaints"
	Fell       = "fell"
)

// warning says why a brand should hear of the latest reviews, the newest first,
// of all that have this score; "" for no reason. So many complaints are needed.
func warning(list []Review, all Score, complaints int, now time.Time) string {
	within, bad := 0, 0
	recent := Score{}
	for i, w := range list {
		if now.Sub(w.WrittenAt) <= clusterTime {
			within++
			if w.Stars.complains() {
				bad++
			}
		}
		if i < newest {
			recent.N++
			for f, n := range w.Stars {
				recent.Sum[f] += n
			}
		}
	}
	if bad >= complaints && 4*bad >= within {
		return Complaints
	}
	before := Score{all.N - recent.N, Stars{all.Sum[0] - recent.Sum[0], all.Sum[1] - recent.Sum[1], all.Sum[2] - recent.Sum[2]}}
	if recent.N == newest && before.N >= newest && before.Mean()-recent.Mean() >= fall {
		return Fell
	}
	return ""
}

// warn tells a brand, where there is a reason, in the transaction of a review.
func (r *Reviews) warn(tx *database.Tx, w Review) error {
	for _, of := range []struct {
		kind, id, where string
		complaints      int
	}{{"product", string(w.Product), `product_id = $1`, 3}, {"brand", string(w.Brand), `brand_id = $1`, 6}} {
		list, err := several(tx, of.where+` AND counted > 0 ORDER BY written_at DESC LIMIT $2`, of.id, latest)
		if err != nil {
			return err
		}
		for i := range list {
			list[i].Stars = list[i].counted
		}
		all, err := scoreOf(tx, of.kind, of.id)
		if err != nil {
			return err
		}
		now := r.Clock.Now()
		why := warning(list, all, of.complaints, now)
		if why == "" {
			continue
		}
		n, err := tx.Exec(`UPDATE scores SET told_at = $3 WHERE kind = $1 AND id = $2 AND told_at <= $4`, of.kind, of.id, commerce.Micros(now), commerce.Micros(now.Add(-warnEvery)))
		if err != nil || n == 0 || r.Told == nil {
			return err
		}
		for _, m := range r.Told(w.Brand) {
			args := map[string]string{"why": why, "brand": string(w.Brand)}
			if of.kind == "product" {
				args["product"] = of.id
			}
			if _, err := notices.Add(tx, r.IDs, now, notices.Notice{Kind: notices.StaffReviews, Member: m, Args: args,
				Once: notices.StaffReviews + ":" + string(w.ID) + ":" + string(m)}); err != nil {
				return err
			}
		}
		return nil
	}
	return nil
}
