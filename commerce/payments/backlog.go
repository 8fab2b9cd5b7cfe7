package payments

import (
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Backlog is what waits for Stripe, or for a person, counted.
type Backlog struct {
	Events       int64     // in the inbox, not worked off
	OldestEvent  time.Time // when the oldest of them came; zero for none
	Refunds      int64     // to be made
	OldestRefund time.Time // since when the oldest of them is owed; zero for none
	Failed       int64     // refunds that need a person, see Owing
}

// CountBacklog counts what waits, by indexes alone.
func CountBacklog(tx *database.Tx) (b Backlog, err error) {
	var event, refund int64
	if err := tx.Row(`SELECT COUNT(*), COALESCE(MIN(received_at), 0) FROM stripe_inbox WHERE done_at = 0`).Scan(&b.Events, &event); err != nil {
		return b, err
	}
	if err := tx.Row(`SELECT COUNT(*), COALESCE(MIN(created_at), 0) FROM refunds WHERE state = 'due'`).Scan(&b.Refunds, &refund); err != nil {
		return b, err
	}
	b.OldestEvent, b.OldestRefund = commerce.FromMicros(event), commerce.FromMicros(refund)
	return b, tx.Row(`SELECT COUNT(*) FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE ` + Owing).Scan(&b.Failed)
}
