package fulfilment

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Link gives the returns of one member to another: they are one person.
func Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	_, err := tx.Exec(`UPDATE returns SET member_id = $1 WHERE member_id = $2`, keep, gone)
	return err
}

// Erase takes a member's words and photos out of their returns, and returns the
// photos that nothing else shows: their files are to be deleted.
func Erase(tx *database.Tx, m commerce.MemberID) (photos []string, err error) {
	if err := tx.Rows(`SELECT DISTINCT photo FROM returns r WHERE member_id = $1 AND photo <> ''
		AND NOT EXISTS (SELECT 1 FROM returns o WHERE o.photo = r.photo AND o.photo <> '' AND o.member_id <> $1)`, []any{m}, func(scan func(...any) error) error {
		var hash string
		err := scan(&hash)
		photos = append(photos, hash)
		return err
	}); err != nil {
		return nil, err
	}
	_, err = tx.Exec(`UPDATE returns SET words = '', photo = '' WHERE member_id = $1`, m)
	return photos, err
}

// Exported is a return as its member takes it along.
type Exported struct {
	Order  int64       `json:"order"`
	State  ReturnState `json:"state"`
	Reason string      `json:"reason"`
	Words  string      `json:"words,omitempty"`
	Photo  []byte      `json:"photo,omitempty"` // in base64; none where the file is lost
	Answer string      `json:"answer,omitempty"`
	Asked  time.Time   `json:"asked"`
}

// Shown reports whether a return shows a photo.
func Shown(tx *database.Tx, photo string) (bool, error) {
	var n int64
	err := tx.Row(`SELECT COUNT(*) FROM returns WHERE photo = $1 AND photo <> ''`, photo).Scan(&n)
	return n > 0, err
}

// Export returns all returns of a member, with the photos that photo has.
func Export(ctx context.Context, db *database.DB, m commerce.MemberID, photo func(hash string) ([]byte, error)) (out []Exported, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		list, err := returns(tx, "member_id = $1", m)
		if err != nil {
			return err
		}
		out = make([]Exported, 0, len(list))
		for _, r := range list {
			e := Exported{State: r.State, Reason: r.Reason, Words: r.Words, Answer: r.Answer, Asked: r.AskedAt}
			if r.Photo != "" {
				if e.Photo, err = photo(r.Photo); err != nil && commerce.KindOf(err) != commerce.NotFound {
					return err
				}
			}
			if err := tx.Row(`SELECT number FROM orders WHERE id = $1`, r.Order).Scan(&e.Order); err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}
