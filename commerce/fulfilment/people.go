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
		AND NOT EXISTS (SELECT 1 FROM returns o WHERE o.photo = r.photo AND o.member_id <> $1)
		AND NOT EXISTS (SELECT 1 FROM pictures p WHERE p.hash = r.photo)`, []any{m}, func(scan func(...any) error) error {
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
	Photo  string      `json:"photo,omitempty"`
	Answer string      `json:"answer,omitempty"`
	Asked  time.Time   `json:"asked"`
}

// Export returns all returns of a member. Photos are named by their address
// below base.
func Export(ctx context.Context, db *database.DB, m commerce.MemberID, base string) (out []Exported, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		list, err := returns(tx, "member_id = $1", m)
		out = make([]Exported, 0, len(list))
		for _, r := range list {
			e := Exported{State: r.State, Reason: r.Reason, Words: r.Words, Answer: r.Answer, Asked: r.AskedAt}
			if r.Photo != "" {
				e.Photo = base + r.Photo
			}
			if err := tx.Row(`SELECT number FROM orders WHERE id = $1`, r.Order).Scan(&e.Order); err != nil {
				return err
			}
			out = append(out, e)
		}
		return err
	})
	return out, err
}
