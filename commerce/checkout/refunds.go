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
	"fmt"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
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
	for _, r := range due {
		back, e := c.Stripe.Refund(ctx, r)
		if e == nil && !back.Sent() {
			e = commerce.Errorf(commerce.Declined, "payment.failed", "refund %s is %s", back.ID, back.Status)
		}
		if e == nil {
			// Where this cannot be written the refund stays due, and Stripe is
			// asked again what became of it.
			err = errors.Join(err, c.refunded(ctx, r, back))
			if back.Key == "" { // made by hand, perhaps in parts that are in the books already
				err = errors.Join(err, c.settleRefunds(ctx, r.Order))
			}
			continue
		}
		c.Log.Warn("refund", "order", r.Order, "err", e)
		again := c.Clock.Now().Add(backoff(r.Tries))
		if !payments.Ambiguous(e) && commerce.KindOf(e) != commerce.Unavailable {
			again = time.Time{} // Stripe says no: a person has to
		}
		err = errors.Join(err, c.DB.Write(ctx, func(tx *database.Tx) error {
			ok, err := payments.RefundFailed(tx, r.ID, e.Error(), again)
			if err != nil || !ok || !again.IsZero() {
				return err
			}
			return c.needsPerson(tx, r)
		}))
	}
	return len(due), err
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

// bookRefund takes the sale out of the books and tells the member, once each.
func (c *Checkout) bookRefund(tx *database.Tx, r payments.Refund) error {
	if _, err := rewards.Reverse(tx, c.Clock.Now(), "refund:"+string(r.ID), "capture:"+string(r.Payment), r.Reason); err != nil {
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
}

// needsPerson tells the staff of a refund that did not go through.
func (c *Checkout) needsPerson(tx *database.Tx, r payments.Refund) error {
	o, err := orders.Load(tx, "id = $1", r.Order)
	if err != nil {
		return err
	}
	tx.After(func() { c.Log.Error("a refund needs a person", "order", r.Order, "refund", r.ID) })
	return c.tellStaff(tx, notices.StaffRefund, o)
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

// patience is how many tries an event of an unknown payment gets, some four
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

// disputed tells the staff that a cardholder wants the money back: only they
// can answer, on Stripe's pages, and only for some days.
func (c *Checkout) disputed(ctx context.Context, h payments.Hint) error {
	p, err := c.captured(ctx, h)
	if err != nil || p.ID == "" {
		return err
	}
	return c.change(ctx, p.Order, func(tx *database.Tx, o orders.Order) error {
		tx.After(func() {
			c.Log.Error("a payment is disputed: answer it on Stripe's pages", "order", o.ID, "dispute", h.Object)
		})
		return c.tellStaff(tx, notices.StaffDispute, o)
	})
}

// settleRefunds asks Stripe what has been given back of an order's payments
// and takes it over. It may be called at any time, any number of times.
func (c *Checkout) settleRefunds(ctx context.Context, order commerce.OrderID) error {
	for range 5 {
		before, err := c.books(ctx, order)
		if err != nil {
			return err
		}
		back := map[commerce.PaymentID][]payments.Refunded{}
		for _, p := range before.captured {
			if back[p.ID], err = c.Stripe.Refunds(ctx, p.Intent); err != nil {
				return err
			}
		}
		settled := false
		err = c.change(ctx, order, func(tx *database.Tx, o orders.Order) error {
			now, err := readBooks(tx, order)
			if err != nil || !now.same(before) {
				return err // somebody was faster, with news older or newer than ours
			}
			settled = true
			return c.takeOver(tx, o, now, back)
		})
		if err != nil || settled {
			return err
		}
	}
	return fmt.Errorf("the refunds of order %s are being changed by others", order)
}

// takeOver brings an order's refunds and its cash to what Stripe says.
func (c *Checkout) takeOver(tx *database.Tx, o orders.Order, b books, back map[commerce.PaymentID][]payments.Refunded) error {
	now := c.Clock.Now()
	held := commerce.Money{Currency: o.Total.Currency}
	for _, p := range b.captured {
		held.Amount += p.Amount.Amount
		sent, last := int64(0), payments.Refunded{}
		for _, one := range back[p.ID] {
			if one.Sent() {
				sent += one.Amount.Amount
				last = one
			}
		}
		held.Amount -= sent
		at := slices.IndexFunc(b.refunds, func(r payments.Refund) bool { return r.Payment == p.ID })
		switch {
		case p.Amount.Currency != o.Total.Currency:
			return nil // another currency than agreed went back at once: nothing is left of it
		case at < 0 && sent >= p.Amount.Amount && p.State == payments.StatePaid && (o.State == orders.Paid || o.State == orders.Shipped):
			// Somebody gave all of it back on Stripe's pages. The refund written
			// down here finds that one.
			return c.undone(tx, "stripe", o, orders.Refunded, "staff")
		case at < 0:
			continue
		}
		r := b.refunds[at]
		switch {
		case r.State == payments.RefundStateFailed && sent >= r.Amount.Amount:
			if _, err := payments.RefundTurned(tx, r, payments.RefundStateDone, last.ID, "", now); err != nil {
				return err
			}
			if err := c.bookRefund(tx, r); err != nil {
				return err
			}
		case r.State == payments.RefundStateDone && sent < r.Amount.Amount, r.State == payments.RefundStateDue && failed(back[p.ID], r.Key):
			if _, err := payments.RefundTurned(tx, r, payments.RefundStateFailed, r.StripeID, "it failed at Stripe later", now); err != nil {
				return err
			}
			if err := c.needsPerson(tx, r); err != nil {
				return err
			}
		case r.State == payments.RefundStateDue:
			return nil // on its way: it is booked when it is done
		}
	}
	cash, n, err := rewards.OfOrder(tx, o.ID, rewards.Cash, held.Currency)
	if err != nil || cash == held {
		return err
	}
	off := held.Amount - cash.Amount
	_, err = rewards.Post(tx, now, rewards.Posting{ID: fmt.Sprintf("stripe:%s:%d", o.ID, n), Order: o.ID, Memo: "refunds as Stripe has them",
		Entries: []rewards.Entry{{Account: rewards.Cash, Amount: commerce.Money{Amount: off, Currency: held.Currency}},
			{Account: owed, Amount: commerce.Money{Amount: -off, Currency: held.Currency}}}})
	return err
}

// failed reports that the refund with our key was made and has failed.
func failed(list []payments.Refunded, key string) bool {
	return slices.ContainsFunc(list, func(r payments.Refunded) bool { return r.Key == key && !r.Sent() })
}

// books is what is written down about an order's money: what Stripe tells is
// taken over only where none of it has changed since Stripe was asked.
type books struct {
	captured []payments.Payment
	refunds  []payments.Refund
	postings int64
}

func (c *Checkout) books(ctx context.Context, order commerce.OrderID) (b books, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		b, err = readBooks(tx, order)
		return err
	})
	return b, err
}

func readBooks(tx *database.Tx, order commerce.OrderID) (b books, err error) {
	all, err := payments.OfOrder(tx, order)
	if err != nil {
		return b, err
	}
	b.captured = slices.DeleteFunc(all, func(p payments.Payment) bool { return !p.Captured() })
	if b.refunds, err = payments.RefundsOf(tx, order); err != nil {
		return b, err
	}
	_, b.postings, err = rewards.OfOrder(tx, order, rewards.Cash, "")
	return b, err
}

func (b books) same(other books) bool {
	return b.postings == other.postings &&
		slices.EqualFunc(b.captured, other.captured, func(x, y payments.Payment) bool { return x.ID == y.ID && x.State == y.State }) &&
		slices.EqualFunc(b.refunds, other.refunds, func(x, y payments.Refund) bool {
			return x.ID == y.ID && x.State == y.State && x.Tries == y.Tries
		})
}
