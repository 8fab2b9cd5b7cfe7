package exchange

// What is heard of a sample once it is ordered. These are called inside the
// transaction that does what they are told of.

import (
	"errors"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/stock"
)

// SampleBack is told that the order of a sample is taken back. Where it was not
// sent, its unit is the next creator's, or stays on the shelf.
func (e *Exchange) SampleBack(tx *database.Tx, o orders.Order, unsent bool) error {
	b, err := bid(tx, `order_id = $1 AND order_id <> ''`, o.ID)
	if errors.Is(err, ErrNoBid) || err == nil && b.State != Sent && b.State != Arrived {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE bids SET state = 'off', given = $2, due_at = 0 WHERE id = $1`, b.ID, flag(b.Given && !unsent)); err != nil {
		return err
	}
	if unsent {
		if err := e.again(tx, b); err != nil {
			return err
		}
	}
	return e.tellBrand(tx, notices.StaffBidOver, b, string(b.ID)+":"+string(Off))
}

// again sets the unit of an order that was taken back aside for the next.
func (e *Exchange) again(tx *database.Tx, b Bid) error {
	if _, err := tx.Exec(`UPDATE briefs SET taken = taken - 1 WHERE id = $1`, b.Brief); err != nil {
		return err
	}
	of, err := brief(tx, `id = $1`, b.Brief)
	if err != nil || of.State != Open || !of.counted {
		return err
	}
	err = stock.AllotMore(tx, allotment(of.ID), stock.Line{Variant: of.Variant, Quantity: 1})
	if commerce.KindOf(err) == commerce.Conflict {
		// Somebody else has it: there is one sample less.
		if of.Units == 1 {
			of.counted = false // nothing is set aside any more
			return e.end(tx, of, Closed)
		}
		_, err = tx.Exec(`UPDATE briefs SET units = units - 1 WHERE id = $1`, of.ID)
	}
	return err
}

// Arrived is told of an order that arrived: from now on the review is due.
func (e *Exchange) Arrived(tx *database.Tx, o orders.Order) error {
	if checkout.SampleOf(o) == "" {
		return nil
	}
	b, err := bid(tx, `order_id = $1 AND order_id <> ''`, o.ID)
	if errors.Is(err, ErrNoBid) {
		return nil
	}
	if err != nil {
		return err
	}
	of, err := brief(tx, `id = $1`, b.Brief)
	if err != nil {
		return err
	}
	now := e.Clock.Now()
	by := now.Add(time.Duration(of.Days) * 24 * time.Hour)
	remind := by.Add(-RemindBefore)
	if remind.Before(now) {
		remind = now.Add(by.Sub(now) / 2)
	}
	n, err := tx.Exec(`UPDATE bids SET state = 'arrived', review_by = $2, due_at = $3 WHERE id = $1 AND state = 'sent'`, b.ID, commerce.Micros(by), commerce.Micros(remind))
	if err != nil || n == 0 {
		return err
	}
	return e.tell(tx, notices.ExchangeArrived, b)
}

// Reviewed is told that a member has reviewed a product.
func (e *Exchange) Reviewed(tx *database.Tx, m commerce.MemberID, p commerce.ProductID) error {
	return e.wrote(tx, m, p, AskReview)
}

// Posted is told that a member has published a pick of products.
func (e *Exchange) Posted(tx *database.Tx, m commerce.MemberID, of []commerce.ProductID) error {
	for _, p := range of {
		if err := e.wrote(tx, m, p, AskPick); err != nil {
			return err
		}
	}
	return nil
}

// wrote notes that what a brief asks for is there, whatever it says.
func (e *Exchange) wrote(tx *database.Tx, m commerce.MemberID, p commerce.ProductID, what Asks) error {
	if m == "" {
		return nil
	}
	list, err := bids(tx, `member_id = $1 AND product_id = $2 AND state = 'arrived' ORDER BY id`, m, p)
	for _, b := range list {
		of, err := brief(tx, `id = $1`, b.Brief)
		if err != nil {
			return err
		}
		if of.Asks != AskAny && of.Asks != what {
			continue
		}
		if err := e.done(tx, b); err != nil {
			return err
		}
	}
	return err
}

func (e *Exchange) done(tx *database.Tx, b Bid) error {
	now := e.Clock.Now()
	until, due := b.RateUntil, b.due
	if until.IsZero() {
		until = now.Add(RateWithin)
		due = until
	}
	n, err := tx.Exec(`UPDATE bids SET state = 'done', done_at = $2, rate_until = $3, due_at = $4 WHERE id = $1 AND state = 'arrived'`,
		b.ID, commerce.Micros(now), commerce.Micros(until), commerce.Micros(due))
	if err != nil || n == 0 {
		return err
	}
	if !b.Late {
		if err := e.count(tx, "creator", string(b.Creator), `kept = exchange_scores.kept + 1`, 1, 0); err != nil {
			return err
		}
		if err := e.tell(tx, notices.ExchangeRate, b); err != nil {
			return err
		}
	}
	return e.tellBrand(tx, notices.StaffBidReviewed, b, string(b.ID))
}

// count adds to what is known of a creator or a brand.
func (e *Exchange) count(tx *database.Tx, kind, id, set string, kept, late int64) error {
	_, err := tx.Exec(`INSERT INTO exchange_scores (kind, id, kept, late) VALUES ($1, $2, $3, $4) ON CONFLICT (kind, id) DO UPDATE SET `+set, kind, id, kept, late)
	return err
}

// Sampled reports whether a member got one of these products for free: what they
// write of it says so.
func (e *Exchange) Sampled(tx *database.Tx, m commerce.MemberID, of []commerce.ProductID) (yes bool, err error) {
	for _, p := range of {
		var n int64
		if err := tx.Row(`SELECT COUNT(*) FROM received WHERE member_id = $1 AND product_id = $2 AND sample = 1`, m, p).Scan(&n); err != nil {
			return false, err
		}
		yes = yes || n > 0
	}
	return yes, nil
}
