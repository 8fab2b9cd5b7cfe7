package checkout

// This file takes over what Stripe says has been given back. The rules:
//   - A refund of ours is known by its key: as Stripe has it, so it is here.
//   - What was given back by hand has no key, and counts as a sum. It stands for
//     refunds of ours that Stripe had refused, the oldest first; what is left of
//     it is a refund of its own, booked and told to the staff.
//   - A refund by hand that fails takes back what it stood for.
//   - While a refund of a payment is due, what is by hand waits.

import (
	"context"
	"fmt"
	"slices"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/rewards"
)

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
	held := commerce.Money{Currency: o.Total.Currency}
	waiting := false
	for _, p := range b.captured {
		if p.Amount.Currency != o.Total.Currency {
			return nil // another currency than agreed went back at once: nothing is left of it
		}
		held.Amount += p.Amount.Amount
		for _, one := range back[p.ID] {
			if one.Sent() {
				held.Amount -= one.Amount.Amount
			}
		}
		due, err := c.takeOverOne(tx, o, p, b.of(p.ID), back[p.ID])
		if err != nil {
			return err
		}
		waiting = waiting || due
	}
	if waiting {
		return nil // on its way: it is booked when it is done
	}
	cash, n, err := rewards.OfOrder(tx, o.ID, rewards.Cash, held.Currency)
	if err != nil || cash == held {
		return err
	}
	off := held.Amount - cash.Amount
	_, err = rewards.Post(tx, c.Clock.Now(), rewards.Posting{ID: fmt.Sprintf("stripe:%s:%d", o.ID, n), Order: o.ID, Memo: "refunds as Stripe has them",
		Entries: []rewards.Entry{{Account: rewards.Cash, Amount: commerce.Money{Amount: off, Currency: held.Currency}},
			{Account: owed, Amount: commerce.Money{Amount: -off, Currency: held.Currency}}}})
	return err
}

// takeOverOne is takeOver for one payment. It reports whether a refund of it is
// due.
func (c *Checkout) takeOverOne(tx *database.Tx, o orders.Order, p payments.Payment, list []payments.Refund, back []payments.Refunded) (due bool, err error) {
	now := c.Clock.Now()
	hand, last := int64(0), payments.Refunded{}
	sent := map[string]payments.Refunded{}
	for _, one := range back {
		switch {
		case one.Sent() && one.Key != "":
			sent[one.Key] = one
		case one.Sent():
			hand += one.Amount.Amount
			if last.ID == "" { // the newest is first
				last = one
			}
		}
	}
	var stand []payments.Refund // done, by hand
	for _, r := range list {
		_, ours := sent[r.Key]
		switch {
		case r.State == payments.RefundStateDue && failed(back, r.Key):
			if _, err := payments.RefundTurned(tx, r, payments.RefundStateFailed, r.StripeID, "it failed at Stripe", now); err != nil {
				return false, err
			}
			if err := c.needsPerson(tx, r); err != nil {
				return false, err
			}
		case r.State == payments.RefundStateDue:
			due = true
		case r.State == payments.RefundStateFailed && ours:
			if _, err := c.doneAfterAll(tx, r, sent[r.Key]); err != nil {
				return false, err
			}
		case r.State == payments.RefundStateDone && !ours:
			stand = append(stand, r)
			hand -= r.Amount.Amount
		}
	}
	// Less was given back by hand than is booked so: the newest of it failed.
	for i := len(stand) - 1; i >= 0 && hand < 0; i-- {
		r := stand[i]
		hand += r.Amount.Amount
		if _, err := payments.RefundTurned(tx, r, payments.RefundStateFailed, r.StripeID, "it failed at Stripe later", now); err != nil {
			return false, err
		}
		if err := c.needsPerson(tx, r); err != nil {
			return false, err
		}
	}
	if due || hand <= 0 {
		return due, nil
	}
	for _, r := range list {
		if _, ours := sent[r.Key]; r.State != payments.RefundStateFailed || ours || r.Amount.Amount > hand {
			continue
		}
		ok, err := c.doneAfterAll(tx, r, last)
		if err != nil {
			return false, err
		}
		if ok {
			hand -= r.Amount.Amount
		}
	}
	if hand == 0 || p.State != payments.StatePaid {
		return false, nil
	}
	return c.byHand(tx, o, p, commerce.Money{Amount: hand, Currency: p.Amount.Currency}, last)
}

// doneAfterAll takes a refund for done that had failed, and reports whether it
// did: not where what it was for went back another way since.
func (c *Checkout) doneAfterAll(tx *database.Tx, r payments.Refund, by payments.Refunded) (bool, error) {
	g, err := payments.OneGiveback(tx, r.ID)
	if err == nil && g.State == payments.RefundStateFailed {
		ok, err := payments.GivebackTurned(tx, r.ID, payments.RefundStateDone)
		if err != nil || !ok {
			return false, err
		}
	}
	if ok, err := payments.RefundTurned(tx, r, payments.RefundStateDone, by.ID, "", c.Clock.Now()); err != nil || !ok {
		return false, err
	}
	return true, c.bookRefund(tx, r)
}

// byHand books what somebody gave back on Stripe's pages. It reports whether a
// refund is due by that: where all of it went back, the order is refunded, and
// the refund written down finds that one.
func (c *Checkout) byHand(tx *database.Tx, o orders.Order, p payments.Payment, amount commerce.Money, last payments.Refunded) (due bool, err error) {
	fresh, err := payments.Get(tx, p.ID)
	if err != nil {
		return false, err
	}
	t, err := takings(tx, o)
	if err != nil {
		return false, err
	}
	if amount.Amount >= fresh.Left().Amount && (o.State == orders.Paid || o.State == orders.Shipped) && t.LeftCard() > 0 {
		return true, c.undone(tx, "stripe", o, orders.Refunded, "staff")
	}
	g := payments.Giveback{ID: commerce.RefundID(c.IDs.ID()), Order: o.ID, Value: amount, Card: amount, Way: payments.WayCard,
		State: payments.RefundStateDone, Reason: "hand", Actor: "stripe", CreatedAt: c.Clock.Now()}
	if ok, err := payments.AddGiveback(tx, g); err != nil || !ok {
		return false, err // more than was left of the sale: the member owes it, see the cash
	}
	r := payments.Refund{ID: g.ID, Order: o.ID, Payment: p.ID, State: payments.RefundStateDone, Reason: "hand", Amount: amount, Value: amount,
		StripeID: last.ID, CreatedAt: g.CreatedAt}
	switch ok, err := payments.AddRefund(tx, r); {
	case err != nil:
		return false, err
	case !ok:
		return false, fmt.Errorf("a refund by hand of order %s is more than is left of its payment", o.ID)
	}
	if err := c.bookRefund(tx, r); err != nil {
		return false, err
	}
	return false, c.tellStaff(tx, notices.StaffHand, o)
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

// of returns what is written down about the refunds of one payment.
func (b books) of(p commerce.PaymentID) (list []payments.Refund) {
	for _, r := range b.refunds {
		if r.Payment == p {
			list = append(list, r)
		}
	}
	return list
}

func (b books) same(other books) bool {
	return b.postings == other.postings &&
		slices.EqualFunc(b.captured, other.captured, func(x, y payments.Payment) bool { return x.ID == y.ID && x.State == y.State }) &&
		slices.EqualFunc(b.refunds, other.refunds, func(x, y payments.Refund) bool {
			return x.ID == y.ID && x.State == y.State && x.Tries == y.Tries
		})
}
