package exchange

// What becomes of applications and ratings when a member links their accounts, is
// erased, or takes along what is known of them.

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Link gives the applications of one member to another; the creators they are have
// become one before. Where both applied for the same, one stops waiting. It is
// for members.OnLink.
func (e *Exchange) Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	list, err := bids(tx, `member_id = $1 AND member_id <> ''`, gone)
	if err != nil {
		return err
	}
	var into commerce.CreatorID
	err = tx.Row(`SELECT id FROM creators WHERE member_id = $1 AND member_id <> ''`, keep).Scan(&into)
	if err != nil && err != database.ErrNone {
		return err
	}
	from := map[commerce.CreatorID]bool{}
	for _, b := range list {
		_, err := bid(tx, `brief_id = $1 AND member_id = $2 AND member_id <> ''`, b.Brief, keep)
		twice := err == nil
		if err != nil && err != ErrNoBid {
			return err
		}
		if twice && b.State == Waits {
			if err := e.stopWaiting(tx, b, Withdrawn); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`UPDATE bids SET member_id = $2 WHERE id = $1`, b.ID, keep); err != nil {
			return err
		}
		if b.Creator == into || into == "" {
			continue
		}
		from[b.Creator] = true
		if !twice {
			if _, err := tx.Exec(`UPDATE bids SET creator_id = $2 WHERE id = $1`, b.ID, into); err != nil {
				return err
			}
		}
	}
	for _, role := range []string{"staff:", "member:"} {
		if _, err := tx.Exec(`UPDATE bid_ratings SET made_by = $2 WHERE made_by = $1 AND made_by <> ''`, role+string(gone), role+string(keep)); err != nil {
			return err
		}
	}
	for was := range from {
		if _, err := tx.Exec(`INSERT INTO exchange_scores (kind, id, kept, late, n, stars) SELECT kind, $2, kept, late, n, stars FROM exchange_scores AS g WHERE g.kind = 'creator' AND g.id = $1
			ON CONFLICT (kind, id) DO UPDATE SET kept = exchange_scores.kept + excluded.kept, late = exchange_scores.late + excluded.late, n = exchange_scores.n + excluded.n, stars = exchange_scores.stars + excluded.stars`, was, into); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM exchange_scores WHERE kind = 'creator' AND id = $1`, was); err != nil {
			return err
		}
	}
	return nil
}

// Erase takes a member's words out, and ends what waits for them: what was
// promised is the next one's. It is for members.OnErase.
func (e *Exchange) Erase(tx *database.Tx, m commerce.MemberID) error {
	list, err := bids(tx, `member_id = $1 AND member_id <> '' ORDER BY id`, m)
	for _, b := range list {
		if err != nil {
			return err
		}
		switch b.State {
		case Waits:
			err = e.stopWaiting(tx, b, Withdrawn)
		case Chosen:
			err = e.free(tx, b, Declined)
		case Sent, Arrived:
			_, err = tx.Exec(`UPDATE bids SET state = 'off', due_at = 0 WHERE id = $1`, b.ID)
		}
		if err != nil {
			return err
		}
		if _, err = tx.Exec(`UPDATE bid_ratings SET words = '', made_by = '' WHERE bid_id = $1`, b.ID); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE bids SET member_id = '', words = '' WHERE id = $1`, b.ID)
	}
	if err == nil {
		_, err = tx.Exec(`UPDATE bid_ratings SET made_by = '' WHERE made_by = $1 AND made_by <> ''`, "staff:"+string(m))
	}
	return err
}

// Exported is an application as its member takes it along.
type Exported struct {
	Product  commerce.ProductID `json:"product"`
	Words    string             `json:"words"`
	State    BidState           `json:"state"`
	At       time.Time          `json:"at"`
	ReviewBy time.Time          `json:"reviewBy,omitzero"`
	Rated    []ExportedRating   `json:"rated,omitempty"`
}

// ExportedRating is a rating that the member wrote or could read.
type ExportedRating struct {
	By    Side   `json:"by"`
	Stars int64  `json:"stars"`
	Words string `json:"words,omitempty"`
}

// Export returns all applications of a member. It is for members.OnExport.
func (e *Exchange) Export(ctx context.Context, m commerce.MemberID) (name string, data any, err error) {
	out := []Exported{}
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		out = []Exported{}
		list, err := bids(tx, `member_id = $1 AND member_id <> '' ORDER BY at DESC, id DESC LIMIT 10000`, m)
		for _, b := range list {
			if err != nil {
				return err
			}
			one := Exported{b.Product, b.Words, b.State, b.At, b.ReviewBy, nil}
			var all []Rating
			all, err = ratings(tx, b.ID)
			for _, r := range all {
				if r.Side == ByBrand {
					r = *r.read()
				}
				if r.Side == ByCreator || !b.ShownAt.IsZero() {
					one.Rated = append(one.Rated, ExportedRating{r.Side, r.Stars, r.Words})
				}
			}
			out = append(out, one)
		}
		return err
	})
	return "exchange", out, err
}
