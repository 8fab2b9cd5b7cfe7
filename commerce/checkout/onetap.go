package checkout

// This file pays an order with a card that Stripe keeps for the member, while
// they are there. The rules are:
//   - The intent is made before it is confirmed, and its id stored between the
//     two. An intent takes money at most once, whatever is repeated, and one
//     that is not confirmed takes none: so nothing here can charge twice, even
//     when Stripe has forgotten our keys.
//   - A declined card ends the attempt, not the hold: another way can be taken.
//   - A card that asks for authentication keeps the attempt open; the pay link
//     leads there, and what comes of it is learned by event or by asking.

import (
	"context"
	"errors"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
)

// Charged is what came of paying with a kept card.
type Charged struct {
	Order   orders.Order // as it is now
	Asks    bool         // the cardholder has to confirm, behind the pay link
	Decline string       // Stripe's code of why the card was not taken, "" where it was
}

// Charge pays a pending order with a kept card. Doing it again, from another
// device too, pays once. It returns orders.ErrNotFound for an order or a card
// that is not the member's, ErrState where it cannot be paid any more, the
// errors of closing what was begun in another way, and those of Stripe: after
// an ambiguous one the worker finds out what happened. A card that Stripe does
// not keep any more (payments.ErrCard) is forgotten here too.
func (c *Checkout) Charge(ctx context.Context, m commerce.MemberID, id commerce.OrderID, card string) (Charged, error) {
	out, with, err := c.chargeCard(ctx, m, id, card)
	if errors.Is(err, payments.ErrCard) {
		if err := c.DB.Write(ctx, func(tx *database.Tx) error { return payments.RemoveCard(tx, m, with, c.Clock.Now()) }); err != nil {
			return out, err
		}
		c.purses.Drop(m)
	}
	return out, err
}

func (c *Checkout) chargeCard(ctx context.Context, m commerce.MemberID, id commerce.OrderID, card string) (Charged, payments.Card, error) {
	o, err := c.orders.Get(ctx, id)
	if err != nil {
		return Charged{}, payments.Card{}, err
	}
	w, err := c.freshWallet(ctx, m)
	if err != nil {
		return Charged{}, payments.Card{}, err
	}
	with, ok := w.Get(card)
	switch {
	case o.Member != m || !ok:
		return Charged{}, with, orders.ErrNotFound
	case o.State == orders.Paid || o.State == orders.Shipped || o.State == orders.Pending && o.Held():
		return Charged{Order: o}, with, nil
	case o.State != orders.Pending || !c.Clock.Now().Before(o.ExpiresAt):
		return Charged{Order: o}, with, ErrState.With("state", string(o.State))
	}
	p, err := c.begin(ctx, o, payments.Payment{Kind: payments.KindCard, Customer: with.Customer, Method: with.Method})
	if errors.Is(err, payments.ErrPaid) || err == nil && p.ID == "" {
		o, err = c.orders.Get(ctx, id) // the other way turned out to be paid, or the hold is over
		return Charged{Order: o}, with, err
	}
	if err != nil {
		return Charged{Order: o}, with, err
	}
	if p, err = c.prepare(ctx, o, p); err != nil {
		return Charged{Order: o}, with, err
	}
	i, err := c.Stripe.Confirm(ctx, p.Intent, c.charge(o, p))
	if err == nil {
		err = c.applyIntent(ctx, i, false)
	}
	if err != nil {
		return Charged{Order: o}, with, err
	}
	o, err = c.orders.Get(ctx, id)
	out := Charged{Order: o, Asks: i.Status == payments.IntentAsks}
	if i.Status == payments.IntentDeclined {
		out.Decline = i.Decline
	}
	return out, with, err
}

// charge is built from what is stored alone, so that a repeat is the same.
func (c *Checkout) charge(o orders.Order, p payments.Payment) payments.Charge {
	return payments.Charge{Order: o.ID, Number: o.Number, Payment: p.ID, Key: p.Key, Customer: p.Customer, Method: p.Method,
		Amount: p.Amount, Return: c.PayLink(o) + "/done", Later: o.Later()}
}

// prepare makes sure that the intent of a card payment is known here.
func (c *Checkout) prepare(ctx context.Context, o orders.Order, p payments.Payment) (payments.Payment, error) {
	if p.Intent != "" {
		return p, nil
	}
	i, err := c.Stripe.Prepare(ctx, c.charge(o, p))
	if err != nil {
		if !payments.Ambiguous(err) {
			// Stripe did not make it and says so: this attempt is over.
			if _, err := c.void(ctx, p.ID); err != nil {
				return p, err
			}
			if errors.Is(err, payments.ErrUnknown) {
				c.dropCustomer(ctx, o.Member, p.Customer)
			}
		}
		return p, err
	}
	alive := false
	if err := c.DB.Write(ctx, func(tx *database.Tx) (err error) {
		alive, err = payments.Prepared(tx, p.ID, i.ID)
		return err
	}); err != nil {
		return p, err
	}
	if !alive { // given up meanwhile, or made twice: nobody has confirmed this one
		_, err := c.Stripe.Cancel(ctx, i.ID)
		return p, errors.Join(err, ErrClosing)
	}
	p.Intent, p.State = i.ID, payments.StateOpen
	return p, nil
}

// closeCard makes sure that a card payment takes no money any more, or settles
// it where it has.
func (c *Checkout) closeCard(ctx context.Context, o orders.Order, p payments.Payment) error {
	p, err := c.prepare(ctx, o, p)
	if err != nil {
		if payments.Ambiguous(err) || errors.Is(err, ErrClosing) {
			return err
		}
		_, err = c.void(ctx, p.ID)
		return err
	}
	i, err := c.Stripe.Cancel(ctx, p.Intent)
	if errors.Is(err, payments.ErrUnknown) && c.Clock.Now().After(p.CreatedAt.Add(sessionLife+time.Minute)) {
		// As with a session: the key is another account's now.
		c.Log.Error("an intent is unknown at Stripe: was the key changed to another account's?", "order", o.ID, "payment", p.ID)
		_, err = c.void(ctx, p.ID)
		return err
	}
	if err != nil {
		return err
	}
	return c.applyIntent(ctx, i, false)
}

// settleIntent asks Stripe how a card payment stands and does what follows.
func (c *Checkout) settleIntent(ctx context.Context, id string) error {
	i, err := c.Stripe.Intent(ctx, id)
	if errors.Is(err, payments.ErrUnknown) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.applyIntent(ctx, i, true)
}

// intentHint follows an event of an intent, where it is one of a card payment:
// those of sessions are told by their sessions.
func (c *Checkout) intentHint(ctx context.Context, id string) error {
	ours := false
	err := c.DB.Read(ctx, func(tx *database.Tx) error {
		p, err := payments.ByIntent(tx, id)
		if errors.Is(err, payments.ErrUnknown) {
			return nil
		}
		ours = p.Kind == payments.KindCard || p.Kind == payments.KindSession && p.State == payments.StateOpen && p.Intent != "" // authorised
		return err
	})
	if err != nil || !ours {
		return err
	}
	return c.settleIntent(ctx, id)
}

// applyIntent does what follows from an intent as Stripe has just described
// it. later says that its member is not waiting for the answer.
func (c *Checkout) applyIntent(ctx context.Context, i payments.Intent, later bool) error {
	of := func(tx *database.Tx) (payments.Payment, error) {
		p, err := payments.ByIntent(tx, i.ID)
		if errors.Is(err, payments.ErrUnknown) {
			return payments.Payment{}, nil
		}
		return p, err
	}
	switch i.Status {
	case payments.IntentSucceeded:
		return c.taken(ctx, taking{i.ID, i.Amount, of})
	case payments.IntentHeld:
		return c.held(ctx, i, of)
	case payments.IntentAsks:
		return c.DB.Write(ctx, func(tx *database.Tx) error {
			p, err := of(tx)
			if err != nil || p.ID == "" {
				return err
			}
			return payments.Asks(tx, p.ID, i.URL)
		})
	case payments.IntentDeclined:
		// The attempt is over. Canceled, so that it cannot be taken up again.
		now, err := c.Stripe.Cancel(ctx, i.ID)
		if err != nil && !later {
			c.Log.Warn("a declined card payment is not closed yet", "order", i.Order, "err", err)
			return nil // whoever begins another closes it first
		}
		if err != nil {
			return err
		}
		if now.Status == payments.IntentSucceeded {
			return c.applyIntent(ctx, now, later)
		}
		return c.ended(ctx, of, later)
	case payments.IntentCanceled:
		// One that was declined first may have been canceled by somebody who
		// looked at the same moment, or whose answer was lost.
		return c.ended(ctx, of, later && i.Decline != "")
	}
	if !later {
		return commerce.Errorf(commerce.Unavailable, "payment.unavailable", "intent of order %s is %s", i.Order, i.Status)
	}
	return nil // open: it is confirmed, or canceled at the end of the hold
}

// ended gives up a card payment that has taken no money. A member who had been
// sent away to confirm it, and does not wait for the answer, is told.
func (c *Checkout) ended(ctx context.Context, of func(*database.Tx) (payments.Payment, error), tell bool) error {
	return c.DB.Write(ctx, func(tx *database.Tx) error {
		p, err := of(tx)
		if err != nil || p.ID == "" {
			return err
		}
		over, err := payments.Void(tx, p.ID)
		if err == nil && over { // of an authorisation that is lost nothing is left to wait for
			if _, err = tx.Exec(`UPDATE orders SET expires_at = $2 WHERE id = $1 AND state = 'pending' AND held_at > 0 AND expires_at > $2`, p.Order, commerce.Micros(c.Clock.Now())); err == nil {
				tx.After(c.nudge)
			}
		}
		if err != nil || !over || !tell || p.URL == "" {
			return err
		}
		o, err := orders.Load(tx, "id = $1", p.Order)
		if err != nil || o.State != orders.Pending {
			return err
		}
		_, err = notices.Add(tx, c.IDs, c.Clock.Now(), notices.Notice{Kind: notices.OrderDeclined, Member: o.Member,
			Args: map[string]string{"order": string(o.ID)}, Once: notices.OrderDeclined + ":" + string(p.ID)})
		return err
	})
}

// asked returns where the member has to confirm a card payment that has begun,
// "" where none has.
func (c *Checkout) asked(ctx context.Context, o orders.Order) (url string, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		all, err := payments.OfOrder(tx, o.ID)
		for _, p := range all {
			if p.Kind == payments.KindCard && p.State == payments.StateOpen {
				url = p.URL
			}
		}
		return err
	})
	return url, err
}

// Asks reports whether an order waits for a cardholder to confirm.
func (c *Checkout) Asks(ctx context.Context, o orders.Order) (bool, error) {
	url, err := c.asked(ctx, o)
	return url != "", err
}

// OtherWay gives up a card payment that waits for its cardholder, so that the
// order can be paid in another way. The hold stays. It returns ErrJustPaid
// where it turned out to be paid, and the errors of closing it.
func (c *Checkout) OtherWay(ctx context.Context, m commerce.MemberID, id commerce.OrderID) (orders.Order, error) {
	o, err := c.orders.Get(ctx, id)
	if err == nil && o.Member != m {
		err = orders.ErrNotFound
	}
	if err != nil {
		return orders.Order{}, err
	}
	var all []payments.Payment
	if err := c.DB.Read(ctx, func(tx *database.Tx) (err error) {
		all, err = payments.OfOrder(tx, id)
		return err
	}); err != nil {
		return o, err
	}
	for _, p := range all {
		if p.Kind == payments.KindCard && p.Live() {
			if err := c.closeCard(ctx, o, p); err != nil {
				return o, err
			}
		}
	}
	return c.orders.Get(ctx, id)
}
