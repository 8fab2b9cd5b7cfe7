package checkout

import (
	"context"
	"errors"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/rewards"
)

const (
	batch     = 50
	reconcile = time.Minute // how often Stripe is asked about an order still open
	longest   = 10 * time.Minute
)

// Receive takes a verified event of Stripe into the inbox, and reports whether
// it is new. When it returns without error the event is committed, and Stripe
// may be told so.
func (c *Checkout) Receive(ctx context.Context, e payments.Event) (isNew bool, err error) {
	isNew, err = payments.Receive(ctx, c.DB, e, c.Clock.Now())
	if err == nil && isNew {
		c.nudge()
	}
	return isNew, err
}

// Run works until the context ends: the inbox, holds that are over, refunds,
// and orders that no event told about. Several processes may run it at once.
func (c *Checkout) Run(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := c.Step(ctx)
		if err != nil && ctx.Err() == nil {
			c.Log.Error("checkout", "err", err)
		}
		if n > 0 && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-c.wake:
		case <-time.After(time.Second):
		}
	}
}

// Step does what is due now and returns how much that was. What failed is due
// again later, and does not keep the rest waiting.
func (c *Checkout) Step(ctx context.Context) (int, error) {
	done := 0
	for _, part := range []func(context.Context) (int, error){c.inbox, c.holds, c.reconcile, c.refunds} {
		n, err := part(ctx)
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// inbox works off what Stripe has told.
func (c *Checkout) inbox(ctx context.Context) (int, error) {
	var due []payments.Hint
	err := c.DB.Write(ctx, func(tx *database.Tx) (err error) {
		due, err = payments.DueEvents(tx, c.Clock.Now(), batch)
		return err
	})
	for _, h := range due {
		work := c.hint(ctx, h)
		err = errors.Join(err, c.DB.Write(ctx, func(tx *database.Tx) error {
			if work != nil {
				c.Log.Warn("stripe event", "event", h.ID, "type", h.Type, "err", work)
				return payments.EventFailed(tx, h.ID, work.Error(), c.Clock.Now().Add(backoff(h.Tries)))
			}
			_, err := payments.EventDone(tx, h.ID, c.Clock.Now())
			return err
		}))
	}
	return len(due), err
}

// hint follows an event to its session. Events about anything else need
// nothing: refunds are ours and known, disputes are for people to read.
func (c *Checkout) hint(ctx context.Context, h payments.Hint) error {
	if len(h.Object) > 3 && h.Object[:3] == "cs_" {
		return c.Settle(ctx, h.Object)
	}
	c.Log.Info("stripe event", "event", h.ID, "type", h.Type)
	return nil
}

// holds closes orders whose hold is over, and goes on with those that are
// closing since Stripe did not answer.
func (c *Checkout) holds(ctx context.Context) (int, error) {
	now := c.Clock.Now()
	ids, err := c.take(ctx, `(state = 'pending' AND expires_at <= $1) OR (state = 'closing' AND checked_at <= $2)`,
		commerce.Micros(now), commerce.Micros(now.Add(-retryClosing)))
	for _, id := range ids {
		if _, err := c.close(ctx, id, "clock"); err != nil {
			c.Log.Warn("order is not closed yet", "order", id, "err", err)
		}
	}
	return len(ids), err
}

// retryClosing is how long to wait before Stripe is asked again to close.
const retryClosing = 10 * time.Second

// reconcile asks Stripe about orders that are still open: whatever webhook
// was lost, the money is found.
func (c *Checkout) reconcile(ctx context.Context) (int, error) {
	now := c.Clock.Now()
	ids, err := c.take(ctx, `state = 'pending' AND checked_at <= $1 AND created_at <= $1`, commerce.Micros(now.Add(-reconcile)))
	for _, id := range ids {
		if err := c.ask(ctx, id); err != nil {
			c.Log.Warn("order is not reconciled yet", "order", id, "err", err)
		}
	}
	return len(ids), err
}

// Ask settles whatever sessions an order has: what a member who came back from
// the pay page waits for.
func (c *Checkout) Ask(ctx context.Context, id commerce.OrderID) error { return c.ask(ctx, id) }

func (c *Checkout) ask(ctx context.Context, id commerce.OrderID) error {
	var attempts []payments.Payment
	err := c.DB.Read(ctx, func(tx *database.Tx) (err error) {
		attempts, err = payments.OfOrder(tx, id)
		return err
	})
	for _, p := range attempts {
		if p.State == payments.StateOpen {
			err = errors.Join(err, c.Settle(ctx, p.Session))
		}
	}
	return err
}

// take picks orders for this worker and stamps them, so that another does not
// pick them at the same time.
func (c *Checkout) take(ctx context.Context, where string, args ...any) (ids []commerce.OrderID, err error) {
	err = c.DB.Write(ctx, func(tx *database.Tx) error {
		ids = nil
		if err := tx.Rows(`SELECT id FROM orders WHERE `+where+` ORDER BY checked_at, id LIMIT 50`, args, func(scan func(...any) error) error {
			var id commerce.OrderID
			err := scan(&id)
			ids = append(ids, id)
			return err
		}); err != nil {
			return err
		}
		for _, id := range ids {
			if _, err := tx.Exec(`UPDATE orders SET checked_at = $2 WHERE id = $1`, id, commerce.Micros(c.Clock.Now())); err != nil {
				return err
			}
		}
		return nil
	})
	return ids, err
}

// refunds gives back what is due.
func (c *Checkout) refunds(ctx context.Context) (int, error) {
	var due []payments.Refund
	err := c.DB.Write(ctx, func(tx *database.Tx) (err error) {
		due, err = payments.DueRefunds(tx, c.Clock.Now(), batch)
		return err
	})
	for _, r := range due {
		if e := c.refund(ctx, r); e != nil {
			c.Log.Warn("refund", "order", r.Order, "err", e)
			again := c.Clock.Now().Add(backoff(r.Tries))
			if !payments.Ambiguous(e) && commerce.KindOf(e) != commerce.Unavailable {
				again = time.Time{} // Stripe says no: a person has to
				c.Log.Error("a refund needs a person", "order", r.Order, "refund", r.ID)
			}
			err = errors.Join(err, c.DB.Write(ctx, func(tx *database.Tx) error {
				_, err := payments.RefundFailed(tx, r.ID, e.Error(), again)
				return err
			}))
		}
	}
	return len(due), err
}

func (c *Checkout) refund(ctx context.Context, r payments.Refund) error {
	back, err := c.Stripe.Refund(ctx, r)
	if err != nil {
		return err
	}
	if !back.Sent() {
		return commerce.Errorf(commerce.Declined, "payment.failed", "refund %s is %s", back.ID, back.Status)
	}
	return c.DB.Write(ctx, func(tx *database.Tx) error {
		now := c.Clock.Now()
		first, err := payments.RefundDone(tx, r.ID, back.ID, now)
		if err != nil || !first {
			return err
		}
		if _, err := rewards.Reverse(tx, now, "refund:"+string(r.ID), "capture:"+string(r.Payment), r.Reason); err != nil {
			return err
		}
		o, err := orders.Load(tx, "id = $1", r.Order)
		if err != nil {
			return err
		}
		switch {
		case r.Reason == "late" || r.Reason == "mismatch":
			return nil // told when it was decided
		case o.State == orders.Cancelled:
			return c.tell(tx, notices.OrderCancelled, o, o.Member)
		}
		return c.tell(tx, notices.OrderRefunded, o, o.Member)
	})
}

// backoff doubles from a second to ten minutes.
func backoff(tries int64) time.Duration {
	return min(longest, time.Second<<min(tries, 10))
}
