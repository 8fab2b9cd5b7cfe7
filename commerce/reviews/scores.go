package reviews

// How stars become an order. The rules:
//   - three factors of one to five stars each: as described, quality, service
//     and delivery. A review's stars are their mean, and count the same whoever
//     wrote it.
//   - what is shown is the plain mean, with how many reviews it is of.
//   - what orders is the Bayesian one: as if ten members more had given 3.75.
//     One review moves nothing, a few good ones a little, many what they say.
//   - in lists it moves a product by halves of a star: within the same half all
//     stand as the brand has them.

import (
	"context"
	"maps"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Stars are what a member gave: as described, quality, service and delivery.
type Stars [3]int64

// Factors are the names of the stars, in their order.
var Factors = [3]string{"described", "quality", "service"}

// Valid reports whether each is from one to five.
func (s Stars) Valid() bool {
	for _, n := range s {
		if n < 1 || n > 5 {
			return false
		}
	}
	return true
}

// Mean is the review's stars, in thousandths.
func (s Stars) Mean() int64 { return Score{1, s}.Mean() }

// complains reports whether a review does: two stars or fewer for anything.
func (s Stars) complains() bool { return min(s[0], s[1], s[2]) <= 2 }

// Score is the stars of all reviews of a product or a brand, added up.
type Score struct {
	N   int64
	Sum Stars
}

// What a score is mixed with: so many reviews of so many thousandths of a star.
const (
	priorN    = 10
	priorMean = 3750
)

// Mean is the mean of all stars, in thousandths; 0 without any.
func (s Score) Mean() int64 {
	if s.N == 0 {
		return 0
	}
	return 1000 * (s.Sum[0] + s.Sum[1] + s.Sum[2]) / (3 * s.N)
}

// Factor is the mean of one factor, in thousandths; 0 without any.
func (s Score) Factor(i int) int64 {
	if s.N == 0 {
		return 0
	}
	return 1000 * s.Sum[i] / s.N
}

// Bayesian is the mean that orders, in thousandths of a star.
func (s Score) Bayesian() int64 {
	return (3*priorN*priorMean + 1000*(s.Sum[0]+s.Sum[1]+s.Sum[2])) / (3 * (priorN + s.N))
}

// Rank is how far up a list it moves, in halves of a star: 0 without a review.
func (s Score) Rank() int { return int(s.Bayesian()/500) - priorMean/500 }

// Scores are those of all products that have a review, as they are now. They are
// read only.
type Scores map[commerce.ProductID]Score

// Compare orders two products: the better first.
func (s Scores) Compare(a, b commerce.ProductID) int { return s[b].Rank() - s[a].Rank() }

// scoresTime is how long scores are believed, overlap how long a transaction may
// take to be seen.
const (
	scoresTime = 10 * time.Second
	overlap    = time.Minute
)

// kept are the scores in memory.
type kept struct {
	of   Scores
	at   time.Time // when they were read
	last int64     // of what was read, when the newest changed
}

// Products returns the scores of all products, in memory: what another process
// has written is seen after some seconds.
func (r *Reviews) Products(ctx context.Context) (Scores, error) {
	now := r.Clock.Now()
	if k := r.kept.Load(); k != nil && !r.stale.Load() && now.Sub(k.at) < scoresTime {
		return k.of, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.kept.Load()
	if k != nil && !r.stale.Load() && now.Sub(k.at) < scoresTime {
		return k.of, nil
	}
	if k == nil {
		k = &kept{of: Scores{}}
	}
	next := kept{of: k.of, at: now, last: k.last}
	changed := Scores{}
	r.stale.Store(false)
	err := r.DB.Read(ctx, func(tx *database.Tx) error {
		clear(changed)
		next.last = k.last
		return tx.Rows(`SELECT id, n, described, quality, service, changed_at FROM scores WHERE kind = 'product' AND changed_at >= $1`,
			[]any{k.last - overlap.Microseconds()}, func(scan func(...any) error) error {
				var id commerce.ProductID
				var s Score
				var at int64
				err := scan(&id, &s.N, &s.Sum[0], &s.Sum[1], &s.Sum[2], &at)
				if next.last = max(next.last, at); k.of[id] != s {
					changed[id] = s
				}
				return err
			})
	})
	if err != nil {
		r.stale.Store(true)
		return nil, err
	}
	if len(changed) > 0 {
		next.of = maps.Clone(k.of)
		maps.Copy(next.of, changed)
	}
	r.kept.Store(&next)
	return next.of, nil
}

// Brand returns the score of a brand.
func (r *Reviews) Brand(ctx context.Context, id commerce.BrandID) (s Score, err error) {
	err = r.DB.Read(ctx, func(tx *database.Tx) (err error) {
		s, err = scoreOf(tx, "brand", string(id))
		return err
	})
	return s, err
}

func scoreOf(tx *database.Tx, kind, id string) (s Score, err error) {
	err = tx.Row(`SELECT n, described, quality, service FROM scores WHERE kind = $1 AND id = $2`, kind, id).Scan(&s.N, &s.Sum[0], &s.Sum[1], &s.Sum[2])
	if err == database.ErrNone {
		err = nil
	}
	return s, err
}

// count adds stars to the scores of a product and its brand; n is 1 for a new
// review, 0 for one that changes.
func (r *Reviews) count(tx *database.Tx, p commerce.ProductID, b commerce.BrandID, n int64, by Stars) error {
	for _, of := range [][2]string{{"product", string(p)}, {"brand", string(b)}} {
		kind, id := of[0], of[1]
		is, err := scoreOf(tx, kind, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO scores (kind, id, n, described, quality, service, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (kind, id) DO UPDATE SET n = excluded.n, described = excluded.described, quality = excluded.quality, service = excluded.service, changed_at = excluded.changed_at`,
			kind, id, is.N+n, is.Sum[0]+by[0], is.Sum[1]+by[1], is.Sum[2]+by[2], commerce.Micros(r.Clock.Now())); err != nil {
			return err
		}
	}
	tx.After(func() { r.stale.Store(true) })
	return nil
}
