package reviews

import (
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
)

// Moderated shows reviews to moderators: it is a moderation.Part. The stars of a
// hidden review count: nobody changes a score by having it hidden.
type Moderated struct{ *Reviews }

// Look implements moderation.Part.
func (r Moderated) Look(tx *database.Tx, id string) (s moderation.Subject, err error) {
	w, err := reviewOf(tx, id)
	if err != nil {
		return s, err
	}
	s = moderation.Subject{Author: w.Member, Words: w.Words, Photos: w.Photos, Hidden: w.Hidden, Gone: w.Words == "" && len(w.Photos) == 0, Brand: w.Brand}
	if w.Answer != "" && !w.AnswerHidden {
		name, err := brandName(tx, w.Brand)
		if err != nil {
			return s, err
		}
		s.Beside = []moderation.Beside{{Kind: moderation.Answer, By: name, Words: w.Answer}}
	}
	if w.Member != "" {
		err = tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM reviews WHERE member_id = $1 AND member_id <> '' AND id <> $2 LIMIT $3) r`, w.Member, id, moderation.MostOthers).Scan(&s.Others)
	}
	return s, err
}

// Hide implements moderation.Part.
func (r Moderated) Hide(tx *database.Tx, id string) error { return r.looked(tx, id, 1) }

// Restore implements moderation.Part.
func (r Moderated) Restore(tx *database.Tx, id string) error { return r.looked(tx, id, 0) }

// looked shows a review or not: somebody has looked at it, so its stars count.
func (r Moderated) looked(tx *database.Tx, id string, hidden int) error {
	if _, err := tx.Exec(`UPDATE reviews SET hidden = $2 WHERE id = $1`, id, hidden); err != nil {
		return err
	}
	return r.settle(tx, commerce.ReviewID(id))
}

// Answers shows what brands answer to reviews to moderators: it is a
// moderation.Part. An answer is named by its review, which stays as it is.
type Answers struct{ *Reviews }

// Look implements moderation.Part.
func (r Answers) Look(tx *database.Tx, id string) (s moderation.Subject, err error) {
	w, err := reviewOf(tx, id)
	if err != nil {
		return s, err
	}
	s = moderation.Subject{Author: answerer(w.answeredBy), Words: w.Answer, Hidden: w.AnswerHidden, Gone: w.Answer == "", Brand: w.Brand,
		Under: moderation.Ref{Kind: moderation.Review, ID: id}, Beside: []moderation.Beside{{Kind: moderation.Review, Author: w.Member, Words: w.Words}}}
	if s.By, err = brandName(tx, w.Brand); err != nil || s.Author == "" {
		return s, err
	}
	err = tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM reviews WHERE answered_by = $1 AND answered_by <> '' AND id <> $2 LIMIT $3) r`, w.answeredBy, id, moderation.MostOthers).Scan(&s.Others)
	return s, err
}

// Hide implements moderation.Part.
func (r Answers) Hide(tx *database.Tx, id string) error {
	_, err := tx.Exec(`UPDATE reviews SET answer_hidden = 1 WHERE id = $1`, id)
	return err
}

// Restore implements moderation.Part. Whose review it is hears of the answer now,
// where they have not before.
func (r Answers) Restore(tx *database.Tx, id string) error {
	if _, err := tx.Exec(`UPDATE reviews SET answer_hidden = 0 WHERE id = $1`, id); err != nil {
		return err
	}
	w, err := reviewOf(tx, id)
	if err != nil {
		return err
	}
	return r.tellAnswer(tx, w)
}

func reviewOf(tx *database.Tx, id string) (Review, error) {
	w, err := one(tx, `id = $1`, commerce.ReviewID(id))
	if err == ErrNone {
		err = moderation.ErrUnknown
	}
	return w, err
}

func brandName(tx *database.Tx, b commerce.BrandID) (name string, err error) {
	err = tx.Row(`SELECT name FROM brands WHERE id = $1`, b).Scan(&name)
	if err == database.ErrNone {
		err = nil
	}
	return name, err
}
