package notices

import (
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Link gives the notices of one member to another: they are one person.
func Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	_, err := tx.Exec(`UPDATE notices SET member_id = $1 WHERE member_id = $2`, keep, gone)
	return err
}

// Forget deletes what was told, or given up, before the time. What waits stays.
func Forget(tx *database.Tx, before time.Time) (n int64, err error) {
	return tx.Exec(`DELETE FROM notices WHERE state IN ('sent', 'read', 'dead') AND created_at < $1`, commerce.Micros(before))
}

// Erase drops what a member who is forgotten has not been told yet.
func Erase(tx *database.Tx, m commerce.MemberID) error {
	_, err := tx.Exec(`UPDATE notices SET state = 'dead', problem = 'erased' WHERE member_id = $1 AND state IN ('due', 'unread')`, m)
	return err
}
