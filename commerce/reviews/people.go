package reviews

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
)

// Link gives what one member received, wrote and voted to another: they are one
// person, with one review of a product and one vote. It is for members.OnLink.
func (r *Reviews) Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	twice, err := several(tx, `member_id = $2 AND member_id <> '' AND EXISTS (SELECT 1 FROM reviews AS k WHERE k.member_id = $1 AND k.member_id <> '' AND k.product_id = reviews.product_id)`, keep, gone)
	if err != nil {
		return err
	}
	for _, w := range twice {
		if err := r.remove(tx, w); err != nil {
			return err
		}
	}
	for _, do := range []string{
		`UPDATE reviews SET member_id = $1 WHERE member_id = $2 AND member_id <> ''`,
		`UPDATE reviews SET answered_by = 'staff:' || $1 WHERE answered_by = 'staff:' || $2 AND answered_by <> ''`,
		`INSERT INTO received (member_id, product_id, brand_id, order_id, parcel_id, at, sample) SELECT $1, product_id, brand_id, order_id, parcel_id, at, sample FROM received AS g WHERE g.member_id = $2
			ON CONFLICT (member_id, product_id) DO UPDATE SET sample = CASE WHEN excluded.sample = 1 THEN 1 ELSE received.sample END`,
		// Of two votes for one review one counts, and none for what is now one's own.
		`UPDATE reviews SET helpful = helpful - 1 WHERE id IN (SELECT g.review_id FROM review_votes AS g WHERE g.member_id = $2
			AND EXISTS (SELECT 1 FROM review_votes AS k WHERE k.review_id = g.review_id AND k.member_id = $1))`,
		`INSERT INTO review_votes (review_id, member_id) SELECT review_id, $1 FROM review_votes AS g WHERE g.member_id = $2 ON CONFLICT (review_id, member_id) DO NOTHING`,
	} {
		if _, err := tx.Exec(do, keep, gone); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE reviews SET helpful = helpful - 1 WHERE member_id = $1 AND member_id <> '' AND id IN (SELECT v.review_id FROM review_votes AS v WHERE v.member_id = $1)`, keep); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM review_votes WHERE member_id = $1 AND review_id IN (SELECT w.id FROM reviews AS w WHERE w.member_id = $1 AND w.member_id <> '')`, keep); err != nil {
		return err
	}
	if err := linkQuestions(tx, keep, gone); err != nil {
		return err
	}
	for _, do := range []string{`DELETE FROM received WHERE member_id = $1`, `DELETE FROM review_votes WHERE member_id = $1`} {
		if _, err := tx.Exec(do, gone); err != nil {
			return err
		}
	}
	return nil
}

// remove takes a review out as if it had never been.
func (r *Reviews) remove(tx *database.Tx, w Review) error {
	for _, do := range []string{`DELETE FROM review_votes WHERE review_id = $1`, `DELETE FROM reviews WHERE id = $1`} {
		if _, err := tx.Exec(do, w.ID); err != nil {
			return err
		}
	}
	if err := r.show(tx, w.ID, nil); err != nil {
		return err
	}
	if w.New() {
		return nil
	}
	return r.count(tx, w.Product, w.Brand, -1, Stars{-w.counted[0], -w.counted[1], -w.counted[2]})
}

// Erase takes a member's words and photos out of their reviews, with what was
// answered to them, and forgets what they received and voted: their stars stay,
// of nobody. It is for members.OnErase.
func (r *Reviews) Erase(tx *database.Tx, m commerce.MemberID) error {
	list, err := several(tx, `member_id = $1 AND member_id <> ''`, m)
	if err != nil {
		return err
	}
	for _, w := range list {
		if err := r.show(tx, w.ID, nil); err != nil {
			return err
		}
		if w.Hidden { // what held it back goes with the words
			if err := decided(tx, moderation.Review, string(w.ID)); err == nil {
				err = Moderated{r}.Restore(tx, string(w.ID))
				if err != nil {
					return err
				}
			} else if err != ErrHidden {
				return err
			}
		}
	}
	if err := eraseQuestions(tx, m); err != nil {
		return err
	}
	for _, do := range []string{
		`UPDATE reviews SET member_id = '', body = '', photos = '', answer = '' WHERE member_id = $1 AND member_id <> ''`,
		`UPDATE reviews SET answered_by = '' WHERE answered_by = 'staff:' || $1 AND answered_by <> ''`,
		`DELETE FROM received WHERE member_id = $1`,
		`DELETE FROM review_votes WHERE member_id = $1`,
	} {
		if _, err := tx.Exec(do, m); err != nil {
			return err
		}
	}
	return nil
}

// Exported is a review as its member takes it along.
type Exported struct {
	Product commerce.ProductID `json:"product"`
	Stars   map[string]int64   `json:"stars"`
	Words   string             `json:"words,omitempty"`
	Photos  [][]byte           `json:"photos,omitempty"` // in base64
	Answer  string             `json:"answer,omitempty"`
	Helpful int64              `json:"helpful"`
	Sample  bool               `json:"sample,omitempty"` // got for free to review
	Written time.Time          `json:"written"`
}

// Export returns all reviews of a member, with the photos that photo has.
func (r *Reviews) Export(ctx context.Context, m commerce.MemberID, photo func(hash string) ([]byte, error)) (out []Exported, err error) {
	err = r.DB.Read(ctx, func(tx *database.Tx) error {
		list, err := several(tx, `member_id = $1 AND member_id <> '' ORDER BY written_at, id`, m)
		if err != nil {
			return err
		}
		out = make([]Exported, 0, len(list))
		for _, w := range list {
			e := Exported{Product: w.Product, Stars: map[string]int64{}, Words: w.Words, Answer: w.Answer, Helpful: w.Helpful, Sample: w.Sample, Written: w.WrittenAt}
			for i, f := range Factors {
				e.Stars[f] = w.Stars[i]
			}
			for _, hash := range w.Photos {
				data, err := photo(hash)
				if err != nil && commerce.KindOf(err) != commerce.NotFound {
					return err
				}
				e.Photos = append(e.Photos, data)
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}
