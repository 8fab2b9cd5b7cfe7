package checkout

// The rules of money that goes back:
//   - A refund is written down in the transaction that decides it, carried out
//     here, and booked when Stripe has said that it is on its way.
//   - Only Stripe's own no gives a refund up: it needs a person then, the staff
//     is told. A fault of ours leaves it due.
//   - What Stripe says of a refund later counts: one that fails weeks after is
//     given up, one that a person makes on Stripe's pages is taken over. The
//     cash in the books follows what Stripe holds, against what we owe.

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/rewards"
)

// refunds gives back what is due.
func (c *Checkout) refunds(ctx context.Context) (int, error) {
	var due []payments.Refund
	err := c.DB.Write(ctx, func(tx *database.Tx) (err error) {
		due, err = payments.DueRefunds(tx, c.Clock.Now(), batch)
		return err
	})
	of := map[commerce.OrderID][]payments.Refund{} // those of one order one after the other: the first may be all that went back by hand
	for _, r := range due {
		of[r.Order] = append(of[r.Order], r)
	}
	list := slices.Collect(maps.Values(of))
	results := make([]error, len(list))
	together(len(list), func(i int) {
		for _, r := range list[i] {
			results[i] = errors.Join(results[i], c.refund(ctx, r))
		}
	})
	return len(due), errors.Join(append(results, err)...)
}

// refund gives one back.
func (c *Checkout) refund(ctx context.Context, r payments.Refund) error {
	back, e := c.Stripe.Refund(ctx, r)
	if e == nil && !back.Sent() {
		e = commerce.Errorf(commerce.Declined, "payment.failed", "refund %s is %s", back.ID, back.Status)
	}
	if e == nil {
		// Where this cannot be written the refund stays due, and Stripe is
		// asked again what became of it.
		err := c.refunded(ctx, r, back)
		if back.Key == "" { // made by hand, perhaps in parts that are in the books already
			err = errors.Join(err, c.settleRefunds(ctx, r.Order))
		}
		return err
	}
	c.Log.Warn("refund", "order", r.Order, "err", e)
	again := c.Clock.Now().Add(backoff(r.Tries))
	if !payments.Ambiguous(e) && commerce.KindOf(e) != commerce.Unavailable {
		again = time.Time{} // Stripe says no: a person has to
	}
	return c.DB.Write(ctx, func(tx *database.Tx) error {
		ok, err := payments.RefundFailed(tx, r, payments.Reason(e), again)
		if err != nil || !ok || !again.IsZero() {
			return err
		}
		return c.needsPerson(tx, r)
	})
}

// refunded books a refund that is on its way.
func (c *Checkout) refunded(ctx context.Context, r payments.Refund, back payments.Refunded) error {
	return c.DB.Write(ctx, func(tx *database.Tx) error {
		first, err := payments.RefundDone(tx, r.ID, back.ID, c.Clock.Now())
		if err != nil || !first {
			return err
		}
		return c.bookRefund(tx, r)
	})
}

// bookRefund takes what was refunded out of the sale in the books and tells
// the member, once each.
func (c *Checkout) bookRefund(tx *database.Tx, r payments.Refund) error {
	if _, err := payments.GivebackTurned(tx, r.ID, payments.RefundStateDone); err != nil {
		return err
	}
	o, err := orders.Load(tx, "id = $1", r.Order)
	if err != nil {
		return err
	}
	g, err := payments.OneGiveback(tx, r.ID)
	if err != nil && !errors.Is(err, payments.ErrUnknown) { // one of before they were kept
		return err
	}
	of, err := earned(o, g)
	if err != nil {
		return err
	}
	if _, err := rewards.ReversePart(tx, c.Clock.Now(), rewards.Part{ID: "refund:" + string(r.ID), Of: "capture:" + string(r.Payment), Memo: r.Reason,
		Value: r.Value, Card: r.Amount, To: rewards.Cash, For: of}); err != nil {
		return err
	}
	if r.Reason == "late" || r.Reason == "early" || r.Reason == "mismatch" {
		return nil // it bought nothing, though another payment may have; told when it was decided
	}
	if err := c.lessenBy(tx, o, g, r.Amount); err != nil {
		return err
	}
	return c.tellBack(tx, o, g)
}

// unbooked makes what a refund was for refundable again, where Stripe has said
// no before it was ever done.
func (c *Checkout) unbooked(tx *database.Tx, r payments.Refund) error {
	done, err := rewards.Posted(tx, "refund:"+string(r.ID))
	if err != nil || done {
		return err
	}
	if ok, err := payments.GivebackTurned(tx, r.ID, payments.RefundStateFailed); err != nil || !ok {
		return err
	}
	g, err := payments.OneGiveback(tx, r.ID)
	for _, l := range g.Lines {
		if err == nil {
			err = fulfilment.Refund(tx, r.Order, fulfilment.Item{Position: l.Position, Quantity: -l.Quantity})
		}
	}
	return err
}

// needsPerson tells the staff of a refund that did not go through, of each once.
// It stays on their list until its money went back.
func (c *Checkout) needsPerson(tx *database.Tx, r payments.Refund) error {
	if err := c.unbooked(tx, r); err != nil {
		return err
	}
	o, err := orders.Load(tx, "id = $1", r.Order)
	if err != nil {
		return err
	}
	tx.After(func() { c.Log.Error("a refund needs a person", "order", r.Order, "refund", r.ID) })
	for _, m := range c.staffOf(o) {
		if err := c.tellOf(tx, notices.StaffRefund, o, "refund", string(r.ID), m); err != nil {
			return err
		}
	}
	return nil
}

// Owing lists the refunds that need a person, oldest first.
func (c *Checkout) Owing(ctx context.Context) (list []payments.Refund, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		list, err = payments.OwingRefunds(tx)
		return err
	})
	return list, err
}

func (c *Checkout) tellStaff(tx *database.Tx, kind string, o orders.Order) error {
	for _, m := range c.staffOf(o) {
		if err := c.tell(tx, kind, o, m); err != nil {
			return err
		}
	}
	return nil
}

// lookAgain asks about refunds that were done some time ago: an event that one
// has failed may be lost.
func (c *Checkout) lookAgain(ctx context.Context) (int, error) {
	var list []payments.Refund
	err := c.DB.Write(ctx, func(tx *database.Tx) (err error) {
		list, err = payments.DoneRefunds(tx, c.Clock.Now(), batch)
		return err
	})
	for _, r := range list {
		if err := c.settleRefunds(ctx, r.Order); err != nil {
			c.Log.Warn("a refund was not looked at again", "order", r.Order, "err", err)
		}
	}
	return len(list), err
}

// errNotYet says that an event speaks of a payment we do not know, yet.
var errNotYet = errors.New("no such payment here yet")

// patience is how many tries an event of an unknown payment gets, some three
// minutes: by then the reconciler has found what is ours.
const patience = 8

// captured finds the payment an event's refund, charge or dispute belongs to.
// The zero Payment means not ours.
func (c *Checkout) captured(ctx context.Context, h payments.Hint) (p payments.Payment, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error { // a charge by which we know what was paid in a chat
		p, err = payments.ByIntent(tx, h.Object)
		return err
	})
	if !errors.Is(err, payments.ErrUnknown) {
		return p, err
	}
	intent, err := c.Stripe.IntentOf(ctx, h.Object)
	if errors.Is(err, payments.ErrUnknown) || err == nil && intent == "" {
		return payments.Payment{}, nil
	}
	if err != nil {
		return payments.Payment{}, err
	}
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		p, err = payments.ByIntent(tx, intent)
		return err
	})
	if errors.Is(err, payments.ErrUnknown) {
		if h.Tries < patience {
			return payments.Payment{}, errNotYet
		}
		return payments.Payment{}, nil
	}
	return p, err
}
