package payments

import (
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Hint is an event in the inbox: committed before Stripe is answered, and
// worked off later.
type Hint struct {
	ID, Type   string
	Object     string
	Tries      int64
	ReceivedAt time.Time
}

// Receive takes a verified event into the inbox and returns true where it is
// new. Only when the transaction is committed may Stripe be answered with 200.
func Receive(tx *database.Tx, e Event, now time.Time) (bool, error) {
	n, err := tx.Exec(`INSERT INTO stripe_inbox (event_id, type, object, received_at, due_at)
		VALUES ($1, $2, $3, $4, $4) ON CONFLICT DO NOTHING`, e.ID, e.Type, e.Object, commerce.Micros(now))
	return n == 1, err
}

// DueEvents takes the events that wait to be worked off: those of the objects
// of the n oldest, each object's together. Each is counted as tried and is not
// handed out again for two minutes, so that a crash before EventDone or
// EventFailed only delays it.
func DueEvents(tx *database.Tx, now time.Time, n int) ([]Hint, error) {
	var due []Hint
	err := tx.Rows(`SELECT event_id, type, object, tries, received_at FROM stripe_inbox
		WHERE done_at = 0 AND due_at <= $1 AND object IN (SELECT object FROM stripe_inbox
			WHERE done_at = 0 AND due_at <= $1 ORDER BY due_at, event_id LIMIT $2)
		ORDER BY object, tries, type, event_id`, []any{commerce.Micros(now), n},
		func(row func(...any) error) error {
			var h Hint
			var received int64
			err := row(&h.ID, &h.Type, &h.Object, &h.Tries, &received)
			h.ReceivedAt = commerce.FromMicros(received)
			due = append(due, h)
			return err
		})
	for _, h := range due {
		if err == nil {
			_, err = tx.Exec("UPDATE stripe_inbox SET due_at = $2, tries = tries + 1 WHERE event_id = $1",
				h.ID, commerce.Micros(now.Add(lease)))
		}
	}
	return due, err
}

// EventDone writes down that nothing is left to do for an event. Whatever it
// led to may be done again, so that a crash before this does no harm. It
// returns false where that was so already.
func EventDone(tx *database.Tx, id string, now time.Time) (bool, error) {
	n, err := tx.Exec("UPDATE stripe_inbox SET done_at = $2, problem = '' WHERE event_id = $1 AND done_at = 0",
		id, commerce.Micros(now))
	return n == 1, err
}

// EventFailed writes down why an event could not be worked off, and when the
// next try is due.
func EventFailed(tx *database.Tx, id, problem string, due time.Time) error {
	_, err := tx.Exec("UPDATE stripe_inbox SET problem = $2, due_at = $3 WHERE event_id = $1 AND done_at = 0",
		id, problem, commerce.Micros(due))
	return err
}

// ForgetEvents deletes events that were worked off before a time: Stripe sends
// one again for up to three days, so keep them longer than that.
func ForgetEvents(tx *database.Tx, before time.Time) (int64, error) {
	return tx.Exec("DELETE FROM stripe_inbox WHERE done_at > 0 AND done_at < $1", commerce.Micros(before))
}
