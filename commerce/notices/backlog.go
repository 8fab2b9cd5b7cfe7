package notices

import (
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Backlog is what waits to be told, counted.
type Backlog struct {
	Due     int64     // to be sent, now or later
	Sending int64     // handed to a worker
	Unread  int64     // undeliverable: they head the member's next screen
	Dead    int64     // given up, since the beginning
	Oldest  time.Time // since when the oldest has waited that could have been sent; zero where none has
}

// CountBacklog counts what waits at a moment, by the index of states alone.
func CountBacklog(tx *database.Tx, now time.Time) (b Backlog, err error) {
	err = tx.Rows(`SELECT state, COUNT(*) FROM notices WHERE state IN ('due', 'sending', 'unread', 'dead') GROUP BY state`, nil,
		func(scan func(...any) error) error {
			var state string
			var n int64
			err := scan(&state, &n)
			*map[string]*int64{"due": &b.Due, "sending": &b.Sending, "unread": &b.Unread, "dead": &b.Dead}[state] = n
			return err
		})
	if err != nil {
		return b, err
	}
	// A notice that was tried is due later again and again: it has waited since
	// it was written. One that waits for its member's quiet hours has not, nor has
	// one of many that waits for its turn.
	var oldest int64
	err = tx.Row(`SELECT COALESCE(MIN(CASE WHEN tries > 0 AND problem <> $2 THEN created_at ELSE due_at END), 0) FROM notices
		WHERE state IN ('due', 'sending') AND (tries > 0 AND problem <> $2 OR due_at <= $1 AND rank < $3)`, commerce.Micros(now), Quiet, int(Mass)).Scan(&oldest)
	b.Oldest = commerce.FromMicros(oldest)
	return b, err
}
