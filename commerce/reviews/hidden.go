package reviews

import (
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
)

// Moderated shows reviews to moderators: it is a moderation.Part. The stars of a
// hidden review count as before: nobody changes a score by having it hidden.
type Moderated struct{ *Reviews }

// Look implements moderation.Part.
func (r Moderated) Look(tx *database.Tx, id string) (s moderation.Subject, err error) {
	w, err := one(tx, `id = $1`, commerce.ReviewID(id))
	if err == ErrNone {
		return s, moderation.ErrUnknown
	}
	if err != nil {
		return s, err
	}
	s = moderation.Subject{Author: w.Member, Words: w.Words, Photos: w.Photos, Hidden: w.Hidden, Gone: w.Words == "" && len(w.Photos) == 0}
	if w.Member != "" {
		err = tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM reviews WHERE member_id = $1 AND member_id <> '' AND id <> $2 LIMIT $3) r`, w.Member, id, moderation.MostOthers).Scan(&s.Others)
	}
	return s, err
}

// Hide implements moderation.Part.
func (r Moderated) Hide(tx *database.Tx, id string) error {
	_, err := tx.Exec(`UPDATE reviews SET hidden = 1 WHERE id = $1`, id)
	return err
}

// Restore implements moderation.Part.
func (r Moderated) Restore(tx *database.Tx, id string) error {
	_, err := tx.Exec(`UPDATE reviews SET hidden = 0 WHERE id = $1`, id)
	return err
}
