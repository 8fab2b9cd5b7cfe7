package checkout

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/payments"
)

// Period is the reconciler's: what Stripe knows of an open order we know after
// that, whatever it has or has not told.
const Period = time.Minute

const (
	batch     = 50
	abreast   = 4               // calls to Stripe at once: each takes some 300 ms, and it takes 25 a second at least
	reconcile = time.Minute     // how often Stripe is asked about an order still open
	longest   = reconcile       // between two tries of one thing: what Stripe has healed of is settled by then
	finishing = 5 * time.Second // for what has begun when Run is to end
)

// Receive takes a verified event of Stripe into the inbox, and reports whether
// it is new. When it returns without error the event is committed, and Stripe
// may be told so. Events that come together share a commit.
func (c *Checkout) Receive(ctx context.Context, e payments.Event) (isNew bool, err error) {
	err = c.events.Write(ctx, func(tx *database.Tx) (err error) {
		isNew, err = payments.Receive(tx, e, c.Clock.Now())
		return err
	})
	if err != nil {
		return false, err
	}
	if isNew {
		c.nudge()
	}
	return isNew, nil
}

// Run works until the context ends: the inbox, holds that are over, refunds,
// and orders that no event told about. Several processes may run it at once.
func (c *Checkout) Run(ctx context.Context) {
	work, cancel := commerce.Linger(ctx, finishing)
	defer cancel()
	for ctx.Err() == nil {
		n, err := c.Step(work)
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
	for _, part := range []func(context.Context) (int, error){c.inbox, c.captures, c.holds, c.reconcile, c.lookHeld, c.refunds, c.lookAgain, c.arrivals, c.cardWork, c.answers, c.payBrands, c.takeBack} {
		n, err := part(ctx)
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// inbox works off what Stripe has told: the events of one object together, and
// all that was done in one transaction. Where that is lost it is done again.
func (c *Checkout) inbox(ctx context.Context) (int, error) {
	var due []payments.Hint
	err := c.DB.Write(ctx, func(tx *database.Tx) (err error) {
		due, err = payments.DueEvents(tx, c.Clock.Now(), batch)
		return err
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	var first []int // of those that ask for the same
	for i, h := range due {
		if i == 0 || !sameWork(h, due[i-1]) {
			first = append(first, i)
		}
	}
	results := make([]error, len(due))
	together(len(first), func(n int) {
		i := first[n]
		err := c.hint(ctx, due[i])
		if err != nil && !errors.Is(err, errNotYet) {
			c.Log.Warn("stripe event", "event", due[i].ID, "type", due[i].Type, "err", err)
		}
		results[i] = err
		for j := i + 1; j < len(due) && (n+1 == len(first) || j < first[n+1]); j++ {
			results[j] = err
		}
	})
	return len(due), c.DB.Write(ctx, func(tx *database.Tx) error {
		now := c.Clock.Now()
		for i, h := range due {
			var err error
			if results[i] != nil {
				err = payments.EventFailed(tx, h.ID, results[i].Error(), now.Add(backoff(h.Tries)))
			} else {
				_, err = payments.EventDone(tx, h.ID, now)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// together does n things, some of them at once, and returns when all are done.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	free := make(chan struct{}, abreast)
	for i := range n {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			do(i)
		})
	}
	all.Wait()
}

// sameWork reports that two events ask for the same look at Stripe: they are
// of one object and, but for a session that is looked at whatever is said of
// it, of one type. Both must have been received before that look, as those
// handed out together have.
func sameWork(a, b payments.Hint) bool {
	return a.Object == b.Object && a.Tries == b.Tries && (a.Type == b.Type || strings.HasPrefix(a.Object, "cs_"))
}

// hint follows an event to what it speaks of: a session is settled, a refund
// looked at, a dispute written down. Anything else needs nothing.
func (c *Checkout) hint(ctx context.Context, h payments.Hint) error {
	switch {
	case strings.HasPrefix(h.Object, "cs_"):
		return c.Settle(ctx, h.Object)
	case strings.HasPrefix(h.Type, "payment_intent."):
		return c.intentHint(ctx, h.Object)
	case strings.HasPrefix(h.Type, "charge.refund"), strings.HasPrefix(h.Type, "refund."):
		p, err := c.captured(ctx, h)
		if err != nil || p.ID == "" {
			return err
		}
		return c.settleRefunds(ctx, p.Order)
	case strings.HasPrefix(h.Type, "charge.dispute."):
		return c.disputed(ctx, h)
	case h.Type == "transfer.reversed" && c.Reversed != nil:
		return c.Reversed(ctx, h.Object)
	}
	c.Log.Info("stripe event", "event", h.ID, "type", h.Type)
	return nil
}

// holds closes orders whose hold is over, and goes on with those of which Stripe
// did not answer, while they are closing or before.
func (c *Checkout) holds(ctx context.Context) (int, error) {
	now := c.Clock.Now()
	ids, err := c.take(ctx, `(state = 'pending' AND expires_at <= $1 AND (steps = '' OR held_at > 0 OR checked_at <= $2)) OR (state = 'closing' AND checked_at <= $2)`,
		commerce.Micros(now), commerce.Micros(now.Add(-retryClosing)))
	together(len(ids), func(i int) {
		if _, err := c.close(ctx, ids[i], "clock"); err != nil {
			c.Log.Warn("order is not closed yet", "order", ids[i], "err", err)
		}
	})
	return len(ids), err
}

// retryClosing is how long to wait before Stripe is asked again to close.
const retryClosing = 10 * time.Second

// reconcile asks Stripe about orders that are still open: whatever webhook
// was lost, the money is found.
func (c *Checkout) reconcile(ctx context.Context) (int, error) {
	now := c.Clock.Now()
	ids, err := c.take(ctx, `state = 'pending' AND held_at = 0 AND checked_at <= $1 AND created_at <= $1`, commerce.Micros(now.Add(-reconcile)))
	together(len(ids), func(i int) {
		if err := c.ask(ctx, ids[i]); err != nil {
			c.Log.Warn("order is not reconciled yet", "order", ids[i], "err", err)
		}
	})
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
		if p.State != payments.StateOpen {
			continue
		}
		switch p.Kind {
		case payments.KindSession:
			err = errors.Join(err, c.Settle(ctx, p.Session))
		case payments.KindCard:
			err = errors.Join(err, c.settleIntent(ctx, p.Intent))
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

// backoff doubles from a second to a minute.
func backoff(tries int64) time.Duration {
	return min(longest, time.Second<<min(tries, 10))
}
