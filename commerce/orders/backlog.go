package orders

import (
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Backlog is how many orders wait for something, counted.
type Backlog struct {
	Pending int64     // for the member to pay
	Closing int64     // for Stripe to say that nothing payable remains
	Paid    int64     // for the brand to send them
	Overdue time.Time // end of the oldest hold among the first two; zero for none
}

// CountBacklog counts what waits, by the index of states alone.
func CountBacklog(tx *database.Tx) (b Backlog, err error) {
	err = tx.Rows(`SELECT state, COUNT(*) FROM orders WHERE state IN ('pending', 'closing', 'paid') GROUP BY state`, nil,
		func(scan func(...any) error) error {
			var state State
			var n int64
			err := scan(&state, &n)
			*map[State]*int64{Pending: &b.Pending, Closing: &b.Closing, Paid: &b.Paid}[state] = n
			return err
		})
	if err != nil {
		return b, err
	}
	var end int64
	err = tx.Row(`SELECT COALESCE(MIN(expires_at), 0) FROM orders WHERE state IN ('pending', 'closing')`).Scan(&end)
	b.Overdue = commerce.FromMicros(end)
	return b, err
}
