package checkout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
)

// close ends an unpaid order and returns the state it came to: lapsed, or paid
// where Stripe says so. Its units are released only after Stripe has said that
// nothing payable remains. On an error the order stays closing, and the worker
// tries again.
func (c *Checkout) close(ctx context.Context, id commerce.OrderID, actor string) (orders.State, error) {
	if actor == "clock" { // who authorised their card in time has joined, also where no event says so
		o, err := c.orders.Get(ctx, id)
		if err == nil && o.Later() && o.State == orders.Pending && !o.Held() {
			if err = c.ask(ctx, id); err == nil {
				o, err = c.orders.Get(ctx, id)
			}
		}
		if err != nil || o.State == orders.Pending && o.Held() && c.Clock.Now().Before(o.ExpiresAt) {
			return o.State, err
		}
	}
	// From here on Enter begins no new payment.
	err := c.DB.Write(ctx, func(tx *database.Tx) error {
		if err := c.unpinned(tx, id); err != nil {
			return err
		}
		if err := fixed(tx, id); err != nil {
			return err
		}
		_, err := orders.Move(tx, id, orders.Pending, orders.Closing, c.Clock.Now(), actor)
		return err
	})
	if err != nil {
		return "", err
	}
	o, err := c.orders.Get(ctx, id)
	if err != nil || o.State != orders.Closing {
		return o.State, err
	}
	var attempts []payments.Payment
	if err := c.DB.Read(ctx, func(tx *database.Tx) (err error) {
		attempts, err = payments.OfOrder(tx, id)
		return err
	}); err != nil {
		return o.State, err
	}
	for _, p := range attempts {
		if p.Live() {
			if err := c.closePayment(ctx, o, p); err != nil {
				return o.State, fmt.Errorf("close payment %s: %w", p.ID, err)
			}
		}
	}
	return c.release(ctx, id, actor)
}

// closePayment makes sure that a payment cannot be paid any more, or settles
// it where it has been.
func (c *Checkout) closePayment(ctx context.Context, o orders.Order, p payments.Payment) error {
	switch p.Kind {
	case payments.KindSession:
		return c.closeSession(ctx, o, p)
	case payments.KindCard:
		return c.closeCard(ctx, o, p)
	case payments.KindInvoice:
		return c.closeInvoice(ctx, p)
	}
	return fmt.Errorf("payment %s is of kind %q", p.ID, p.Kind)
}

func (c *Checkout) closeSession(ctx context.Context, o orders.Order, p payments.Payment) error {
	if p.Session == "" {
		// Nobody knows whether Stripe made the session: asked with the same key
		// it returns the one it made, or makes it now, or says that it did not.
		s, err := c.Stripe.Open(ctx, c.session(o, p))
		if err != nil {
			if payments.Ambiguous(err) {
				return err
			}
			// It did not, or made one whose address nobody was ever given.
			_, err = c.void(ctx, p.ID)
			return err
		}
		if err := c.DB.Write(ctx, func(tx *database.Tx) error {
			_, err := payments.Opened(tx, p.ID, s)
			return err
		}); err != nil {
			return err
		}
		p.Session = s.ID
	}
	s, err := c.Stripe.Expire(ctx, p.Session)
	if errors.Is(err, payments.ErrUnknown) && c.Clock.Now().After(p.CreatedAt.Add(sessionLife+time.Minute)) {
		// The key is another account's than the one the session was made with.
		// Whether it was paid there, nobody here can ask; that it can not be paid
		// there any more is certain, so the units need not wait for ever.
		c.Log.Error("a session is unknown at Stripe: was the key changed to another account's?", "order", o.ID, "payment", p.ID)
		_, err = c.void(ctx, p.ID)
		return err
	}
	if err != nil {
		return err
	}
	if s.Status == payments.SessionOpen {
		return fmt.Errorf("session of payment %s is still open", p.ID)
	}
	return c.apply(ctx, s)
}

// release ends a closing order of which nothing payable is left.
func (c *Checkout) release(ctx context.Context, id commerce.OrderID, actor string) (state orders.State, err error) {
	err = c.DB.Write(ctx, func(tx *database.Tx) error {
		o, err := orders.Load(tx, "id = $1", id)
		if err != nil {
			return err
		}
		state = o.State
		if o.State != orders.Closing {
			return nil
		}
		attempts, err := payments.OfOrder(tx, id)
		if err != nil {
			return err
		}
		for _, p := range attempts {
			if p.Live() || p.State == payments.StatePaid {
				return fmt.Errorf("order %s has a payment in state %s", id, p.State)
			}
		}
		if err := c.unreserve(tx, o); err != nil {
			return err
		}
		if _, err := orders.Move(tx, id, orders.Closing, orders.Lapsed, c.Clock.Now(), actor); err != nil {
			return err
		}
		state = orders.Lapsed
		tx.After(c.Stock.Forget)
		if actor != "clock" || o.Held() {
			return nil // who gave it up knows; of what was authorised the drop tells
		}
		return c.tell(tx, notices.OrderLapsed, o, o.Member)
	})
	return state, err
}
