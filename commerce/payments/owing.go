package payments

import "github.com/soukchat/souk/commerce/database"

// Owing is true of a refund r of a payment p that failed, and whose money is
// with us still: a person has to give it back. It is over once Stripe tells
// that it was made by hand, or, where it was never made, once as much was given
// back another way.
const Owing = `r.state = 'failed' AND p.refunded + r.amount <= p.amount AND NOT EXISTS (
	SELECT 1 FROM givebacks f WHERE f.id = r.id AND f.state = 'failed' AND f.value <= (
		SELECT COALESCE(SUM(g.value), 0) FROM givebacks g WHERE g.order_id = f.order_id AND g.state <> 'failed' AND g.created_at > f.created_at))`

// OwingRefunds lists the refunds that need a person, oldest first.
func OwingRefunds(tx *database.Tx) ([]Refund, error) {
	return refunds(tx, Owing+" ORDER BY r.created_at, r.id")
}
