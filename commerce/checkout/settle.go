package checkout

import (
	"context"
	"errors"
	"fmt"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/rewards"
)

// Settle asks Stripe how a session stands and does what follows from it, once.
// A session that is not ours is left alone.
func (c *Checkout) Settle(ctx context.Context, session string) error {
	s, err := c.Stripe.Find(ctx, session)
	if errors.Is(err, payments.ErrUnknown) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.apply(ctx, s)
}

// apply does what follows from a session as Stripe has just described it.
func (c *Checkout) apply(ctx context.Context, s payments.Session) error {
	if s.Status == payments.SessionComplete {
		if later, err := c.settleLater(ctx, s); err != nil || later {
			return err
		}
	}
	switch {
	case s.Paid():
		return c.taken(ctx, taking{s.Intent, s.Amount, func(tx *database.Tx) (payments.Payment, error) { return c.paymentOf(tx, s) }})
	case s.Status == payments.SessionExpired:
		return c.DB.Write(ctx, func(tx *database.Tx) error {
			p, err := c.paymentOf(tx, s)
			if err != nil || p.ID == "" {
				return err
			}
			_, err = payments.Void(tx, p.ID)
			return err
		})
	}
	return nil
}

// taking is money that a way to pay says it has taken.
type taking struct {
	intent string
	amount commerce.Money
	of     func(tx *database.Tx) (payments.Payment, error) // the zero Payment where it is not ours
}

// taken turns money that has been taken into goods, or gives it back, once.
func (c *Checkout) taken(ctx context.Context, m taking) error {
	err := c.capture(ctx, m, true)
	if commerce.KindOf(err) == commerce.Conflict {
		// It came too late and what was ordered is gone: it goes back.
		err = c.capture(ctx, m, false)
	}
	return err
}

// capture books money that was taken and turns it into goods, or into a refund
// where goods is false or the amount is not what was agreed.
func (c *Checkout) capture(ctx context.Context, m taking, goods bool) error {
	return c.DB.Write(ctx, func(tx *database.Tx) error {
		p, err := m.of(tx)
		if err != nil || p.ID == "" || p.Captured() {
			return err
		}
		now := c.Clock.Now()
		o, err := orders.Load(tx, "id = $1", p.Order)
		if err != nil {
			return err
		}
		first, err := payments.MarkPaid(tx, p.ID, m.intent, now)
		if err != nil {
			return err
		}
		if p.Kind == payments.KindSession && p.Customer != "" {
			if err := payments.PlanKeep(tx, p.ID, now); err != nil {
				return err
			}
		}
		reason := "late"
		if m.amount != p.Amount {
			c.Log.Error("captured another amount than agreed", "order", o.ID, "payment", p.ID)
			reason, goods = "mismatch", false
			if err := payments.Correct(tx, p.ID, m.amount); err != nil {
				return err
			}
		}
		if o.Later() && !p.Capture {
			c.Log.Error("captured before the price of its drop was fixed: it goes back", "order", o.ID, "payment", p.ID)
			reason, goods = "early", false
		}
		if o.State == orders.Lapsed && o.Forgotten() {
			goods = false // where to send it nobody knows any more
		}
		if o.State == orders.Lapsed && goods && first {
			if err := c.reserveAgain(tx, o); err != nil {
				return err
			}
		}
		tx.After(c.nudge)
		if first && goods && sellable(o.State) {
			if err := post(tx, now, "capture:"+string(p.ID), o); err != nil {
				return err
			}
			p.Intent = m.intent
			if err := c.promise(tx, o, p, now); err != nil {
				return err
			}
			tx.After(c.Stock.Forget)
			return c.sell(tx, o, "stripe")
		}
		return c.giveBack(tx, o, p, m.amount, reason)
	})
}

func sellable(s orders.State) bool {
	return s == orders.Pending || s == orders.Closing || s == orders.Lapsed
}

// giveBack books money nobody gets goods for as owed to the member, and writes
// down the refund.
func (c *Checkout) giveBack(tx *database.Tx, o orders.Order, p payments.Payment, amount commerce.Money, reason string) error {
	now := c.Clock.Now()
	if _, err := rewards.Post(tx, now, rewards.Posting{ID: "capture:" + string(p.ID), Order: o.ID, Memo: reason,
		Entries: []rewards.Entry{{Account: rewards.Cash, Amount: amount}, {Account: owed, Amount: commerce.Money{Amount: -amount.Amount, Currency: amount.Currency}}}}); err != nil {
		return err
	}
	if _, err := payments.AddRefund(tx, payments.Refund{ID: commerce.RefundID(c.IDs.ID()), Payment: p.ID, Reason: reason, CreatedAt: now}); err != nil {
		return err
	}
	switch o.State {
	case orders.Pending, orders.Closing:
		if err := c.unreserve(tx, o); err != nil {
			return err
		}
		if _, err := orders.Move(tx, o.ID, o.State, orders.Lapsed, now, "stripe"); err != nil {
			return err
		}
		fallthrough
	case orders.Lapsed:
		if _, err := orders.Move(tx, o.ID, orders.Lapsed, orders.Refunded, now, "stripe"); err != nil {
			return err
		}
		return c.tell(tx, notices.OrderLate, o, o.Member)
	}
	return nil // paid already, by another payment: only the second one goes back
}

// paymentOf finds the payment a session belongs to, and learns its session
// where we never heard Stripe's answer. The zero Payment means not ours.
func (c *Checkout) paymentOf(tx *database.Tx, s payments.Session) (payments.Payment, error) {
	p, err := payments.BySession(tx, s.ID)
	if !errors.Is(err, payments.ErrUnknown) {
		return p, err
	}
	p, err = payments.Get(tx, s.Payment)
	if errors.Is(err, payments.ErrUnknown) {
		return payments.Payment{}, nil
	}
	if err != nil || p.Order != s.Order {
		return payments.Payment{}, err
	}
	if p.Session != "" {
		if !s.Paid() {
			// Two who asked for the page at once, while Stripe kept failing, may
			// each have made one. Nobody was given the address of this one.
			return payments.Payment{}, nil
		}
		return payments.Payment{}, fmt.Errorf("payment %s has two sessions", p.ID)
	}
	_, err = payments.Opened(tx, p.ID, s)
	return p, err
}
