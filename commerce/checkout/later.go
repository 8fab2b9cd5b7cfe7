package checkout

// This file sells what is authorised first and captured later, at the price
// that the close of a drop has reached. The rules are:
//   - When it is placed, an order is quoted at every price that may be reached,
//     with the same parcel; nothing but a card pays it, and for the highest.
//   - An order whose card is authorised waits for the close, however long that
//     is: nothing but its member, the drop or the bank ends it before.
//   - What is captured is written down in one transaction for all orders of the
//     drop, before the first is captured. From there on an order is captured, or
//     its authorisation turns out to be lost.
//   - An authorisation that comes too late, or is lost, ends its order. So does
//     one that somebody captures by hand before its price is fixed: the money goes
//     back, for nobody pays before the close, and nobody another price.

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
)

const (
	lookHeld   = time.Hour          // how often Stripe is asked about an authorisation that waits
	outlivesIt = 8 * 24 * time.Hour // no authorisation lasts as long
)

// stepped quotes what may come to be paid: with the parcel as it is in the
// quote of the highest price.
func (c *Checkout) stepped(ctx context.Context, req pricing.Request, rules pricing.Rules, prices []commerce.Money, first pricing.Quote, to *members.Address) (list []orders.Step, err error) {
	rules = maps.Clone(rules)
	for b, of := range rules {
		of.Shipping = slices.Clone(of.Shipping)
		for i := range of.Shipping {
			of.Shipping[i].FreeFrom = commerce.Money{}
			for _, l := range first.Lines {
				if l.Kind == pricing.KindShipping && l.Brand == b && req.Shipping[b] == of.Shipping[i].ID {
					of.Shipping[i].Price, of.Shipping[i].Abroad = l.Amount, nil
				}
			}
		}
		rules[b] = of
	}
	for _, price := range prices {
		one := req
		one.Items = slices.Clone(req.Items)
		for i := range one.Items {
			one.Items[i].Unit = price
		}
		if err := c.askTaxes(ctx, &one, rules, to); err != nil {
			return nil, err
		}
		q, err := pricing.Compute(one, rules)
		if err != nil {
			return nil, err
		}
		if q.Total.Amount > first.Total.Amount {
			return nil, fmt.Errorf("a lower price comes to more than the highest")
		}
		if err := payments.Takes(q.Total); err != nil {
			return nil, err
		}
		list = append(list, orders.Step{Unit: price, Total: q.Total, Lines: orders.Lines(q)})
	}
	return list, nil
}

// settleLater follows a page on which a card was authorised to its intent. It
// reports whether the session is of such an order.
func (c *Checkout) settleLater(ctx context.Context, s payments.Session) (bool, error) {
	later := false
	err := c.DB.Read(ctx, func(tx *database.Tx) error {
		n := 0
		err := tx.Row(`SELECT COUNT(*) FROM orders WHERE id = $1 AND steps <> ''`, s.Order).Scan(&n)
		later = n == 1
		return err
	})
	if err != nil || !later {
		return false, err
	}
	err = c.DB.Write(ctx, func(tx *database.Tx) error {
		p, err := c.paymentOf(tx, s)
		if err != nil || p.ID == "" {
			return err
		}
		return payments.Learn(tx, p.ID, s.Intent)
	})
	if err != nil {
		return true, err
	}
	return true, c.settleIntent(ctx, s.Intent)
}

// held keeps an order whose card has been authorised, or releases it where
// nothing waits for it any more.
func (c *Checkout) held(ctx context.Context, i payments.Intent, of func(*database.Tx) (payments.Payment, error)) error {
	release := false
	err := c.DB.Write(ctx, func(tx *database.Tx) error {
		release = false
		p, err := of(tx)
		if err != nil || p.ID == "" {
			return err
		}
		o, err := orders.Load(tx, "id = $1", p.Order)
		if err != nil || o.State == orders.Pending && o.Held() && p.Live() {
			return err
		}
		if !o.Later() || o.State != orders.Pending || !p.Live() {
			release = true
			return nil
		}
		until, err := c.Claims.Authorised(tx, o)
		if commerce.KindOf(err) == commerce.Conflict {
			tx.After(c.nudge)
			return orders.LetGo(tx, o.ID, c.Clock.Now()) // what closes it releases the authorisation
		}
		if err != nil {
			return err
		}
		return orders.Hold(tx, o.ID, c.Clock.Now(), until)
	})
	if err != nil || !release {
		return err
	}
	now, err := c.Stripe.Cancel(ctx, i.ID)
	if err != nil || now.Status == payments.IntentHeld {
		return err
	}
	return c.applyIntent(ctx, now, true)
}

// Fix says what an authorised order costs: the step of that price, which is
// captured from now on. It is called in the transaction that says so of all
// orders of a drop.
func Fix(tx *database.Tx, id commerce.OrderID, unit commerce.Money, now time.Time) error {
	o, err := orders.Load(tx, "id = $1", id)
	if err != nil {
		return err
	}
	for _, s := range o.Steps {
		if s.Unit != unit {
			continue
		}
		if ok, err := orders.Fix(tx, o, s, now, now.Add(outlivesIt)); err != nil || !ok {
			return err
		}
		return payments.Fix(tx, id, s.Total)
	}
	return fmt.Errorf("order %s has no step of that price", id)
}

// fixed returns ErrClosing while an order is being captured.
func fixed(tx *database.Tx, id commerce.OrderID) error {
	all, err := payments.OfOrder(tx, id)
	for _, p := range all {
		if p.Capture && p.State == payments.StateOpen {
			return ErrClosing
		}
	}
	return err
}

// captures takes the money of orders whose price is fixed.
func (c *Checkout) captures(ctx context.Context) (int, error) {
	ids, err := c.take(ctx, `state = 'pending' AND held_at > 0 AND checked_at <= $1 AND EXISTS (
		SELECT 1 FROM payments p WHERE p.order_id = orders.id AND p.capture = 1 AND p.state = 'open')`, commerce.Micros(c.Clock.Now().Add(-retryClosing)))
	together(len(ids), func(i int) {
		if err := c.captureHeld(ctx, ids[i]); err != nil {
			c.Log.Warn("an order is not captured yet", "order", ids[i], "err", err)
		}
	})
	return len(ids), err
}

func (c *Checkout) captureHeld(ctx context.Context, id commerce.OrderID) error {
	var all []payments.Payment
	if err := c.DB.Read(ctx, func(tx *database.Tx) (err error) {
		all, err = payments.OfOrder(tx, id)
		return err
	}); err != nil {
		return err
	}
	for _, p := range all {
		if !p.Capture || p.State != payments.StateOpen {
			continue
		}
		i, err := c.Stripe.Capture(ctx, p.Intent, p.Key+":capture", p.Amount)
		switch {
		case err != nil && payments.Ambiguous(err):
			return err // asked again with the same key
		case err != nil: // Stripe says that it will not: the others are captured all the same
			i, err = c.Stripe.Cancel(ctx, p.Intent)
			if err != nil {
				return err
			}
		}
		return c.applyIntent(ctx, i, true)
	}
	return nil
}

// lookHeld asks Stripe about authorisations that wait: one may be lost.
func (c *Checkout) lookHeld(ctx context.Context) (int, error) {
	ids, err := c.take(ctx, `state = 'pending' AND held_at > 0 AND checked_at <= $1`, commerce.Micros(c.Clock.Now().Add(-lookHeld)))
	together(len(ids), func(i int) {
		if err := c.ask(ctx, ids[i]); err != nil {
			c.Log.Warn("an authorisation was not looked at", "order", ids[i], "err", err)
		}
	})
	return len(ids), err
}
