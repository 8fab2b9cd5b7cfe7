package notices

import (
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Link gives the notices of one member to another: they are one person.
func Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	_, err := tx.Exec(`UPDATE notices SET member_id = $1 WHERE member_id = $2`, keep, gone)
	return err
}

// Erase drops what a member who is forgotten has not been told yet.
func Erase(tx *database.Tx, m commerce.MemberID) error {
	_, err := tx.Exec(`UPDATE notices SET state = 'dead', problem = 'erased' WHERE member_id = $1 AND state IN ('due', 'unread')`, m)
	return err
}
