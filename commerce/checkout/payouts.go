package checkout

// The rules of paying brands:
//   - What a brand gets is written in the transaction that makes the order
//     paid: its part of what the card paid, less what the shop keeps. What
//     credit, points and gift cards paid is not at Stripe for this order: the
//     shop settles that with its brands.
//   - A refund that is done takes its part of it, in the transaction that books
//     it: before the transfer the payout is less, after it a reversal is due. A
//     dispute that is lost does the same; while it is open nothing is transferred.
//   - The worker makes transfers and reversals. What Stripe says no to needs a
//     person: the staff is told.

import (
	"context"
	"errors"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/payouts"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
)

// Payee is how a brand is paid.
type Payee struct {
	Account string        // acct_…, "" for a brand the shop pays in another way, or itself
	Keep    int64         // millionths of what its lines brought that the shop keeps
	Hold    time.Duration // how long the money is held back
}

// The accounts of payouts: what brands are to get is an expense against what
// they are owed; what was transferred has left the balance at Stripe.
func payable(b commerce.BrandID) rewards.Account { return rewards.Account("payable:" + string(b)) }
func share(b commerce.BrandID) rewards.Account   { return rewards.Account("share:" + string(b)) }

const cashTransfers rewards.Account = rewards.Cash + ":transfers"

// cardOf shares what the card paid of an order out over its brands, by what the
// lines of each brought.
func cardOf(o orders.Order) (map[commerce.BrandID]commerce.Money, error) {
	brought, order := map[commerce.BrandID]int64{}, []commerce.BrandID{}
	for _, l := range o.Lines {
		if l.Brand == "" || l.Kind != pricing.KindItem && l.Kind != pricing.KindShipping && l.Kind != pricing.KindTax {
			continue
		}
		if _, ok := brought[l.Brand]; !ok {
			order = append(order, l.Brand)
		}
		brought[l.Brand] += l.Amount.Amount - l.Discount.Amount
	}
	if len(order) == 0 || o.Total.Amount == 0 {
		return nil, nil
	}
	weights := make([]int64, len(order))
	for i, b := range order {
		weights[i] = max(brought[b], 0)
	}
	parts, err := o.Total.Split(weights...)
	if err != nil {
		return nil, err
	}
	by := map[commerce.BrandID]commerce.Money{}
	for i, b := range order {
		by[b] = parts[i]
	}
	return by, nil
}

// promise writes down what the brands of an order that is being paid get.
func (c *Checkout) promise(tx *database.Tx, o orders.Order, p payments.Payment, now time.Time) error {
	if c.Payee == nil || !p.AtStripe() {
		return nil
	}
	by, err := cardOf(o)
	if err != nil {
		return err
	}
	for b, brought := range by {
		payee := c.Payee(b)
		if payee.Account == "" {
			continue
		}
		amount, err := payouts.Share(brought, payee.Keep)
		if err != nil {
			return err
		}
		if amount.Amount <= 0 {
			continue
		}
		isNew, err := payouts.Add(tx, payouts.Payout{ID: c.IDs.ID(), Order: o.ID, Payment: p.ID, Brand: b, Account: payee.Account, Amount: amount,
			CreatedAt: now, Due: now.Add(payee.Hold)})
		if err != nil {
			return err
		}
		if isNew {
			if _, err := rewards.Post(tx, now, moved("payable:"+string(p.ID)+":"+string(b), "payout", o.ID, share(b), payable(b), amount)); err != nil {
				return err
			}
		}
	}
	return nil
}

// moved is a posting of an amount from one account to another.
func moved(id, memo string, o commerce.OrderID, debit, credit rewards.Account, amount commerce.Money) rewards.Posting {
	return rewards.Posting{ID: id, Order: o, Memo: memo, Entries: []rewards.Entry{{Account: debit, Amount: amount},
		{Account: credit, Amount: commerce.Money{Amount: -amount.Amount, Currency: amount.Currency}}}}
}

// lessenBy takes of what brands get what a refund takes of their sales: card is
// what of it had been paid by card.
func (c *Checkout) lessenBy(tx *database.Tx, o orders.Order, g payments.Giveback, card commerce.Money) error {
	t, err := takings(tx, o)
	if err != nil {
		return err
	}
	if g.ID != "" { // else it bought nothing
		if err := c.unearned(tx, o, Returned{ID: string(g.ID), Lines: g.Lines, Value: g.Value, All: t.Left() == 0}); err != nil {
			return err
		}
	}
	return c.lessen(tx, o, string(g.ID), g, card, t.Left() == 0)
}

// lessen takes of what brands get their part of what went back of a card: by a
// refund, or by a dispute that was lost, which is of no line. Where all of it
// went back nothing is left to them, whatever was rounded.
func (c *Checkout) lessen(tx *database.Tx, o orders.Order, id string, g payments.Giveback, card commerce.Money, all bool) error {
	list, err := payouts.OfOrder(tx, o.ID)
	if err != nil || len(list) == 0 || card.Amount == 0 {
		return err
	}
	by, err := cardOf(o)
	if err != nil {
		return err
	}
	weights, sum := map[commerce.BrandID]int64{}, int64(0)
	for _, l := range g.Lines {
		weights[o.Lines[l.Position].Brand] += l.Value.Amount
		sum += l.Value.Amount
	}
	if sum == 0 { // an amount of no line: of all of them
		for b, m := range by {
			weights[b], sum = m.Amount, sum+m.Amount
		}
	}
	now := c.Clock.Now()
	for _, p := range list {
		left := p.Amount.Amount - p.Less.Amount
		part, err := card.Part(weights[p.Brand], sum)
		if err != nil {
			return err
		}
		if part, err = part.Part(p.Amount.Amount, by[p.Brand].Amount); err != nil {
			return err
		}
		take := min(part.Amount, left)
		if all {
			take = left
		}
		if take <= 0 {
			continue
		}
		amount := commerce.Money{Amount: take, Currency: p.Amount.Currency}
		isNew, err := payouts.Reduce(tx, p, id, amount, now)
		if err != nil {
			return err
		}
		if isNew {
			if _, err := rewards.Post(tx, now, moved("payable:"+id+":"+p.ID, "payout refunded", o.ID, payable(p.Brand), share(p.Brand), amount)); err != nil {
				return err
			}
		}
	}
	return nil
}

// payBrands makes the transfers that are due.
func (c *Checkout) payBrands(ctx context.Context) (int, error) {
	var due []payouts.Payout
	err := c.DB.Write(ctx, func(tx *database.Tx) (err error) {
		due, err = payouts.Due(tx, c.Clock.Now(), batch)
		return err
	})
	for _, p := range due {
		if e := c.payBrand(ctx, p); e != nil {
			err = errors.Join(err, e)
		}
	}
	return len(due), err
}

func (c *Checkout) payBrand(ctx context.Context, p payouts.Payout) error {
	var paid payments.Payment
	if err := c.DB.Read(ctx, func(tx *database.Tx) (err error) {
		paid, err = payments.Get(tx, p.Payment)
		return err
	}); err != nil {
		return err
	}
	done, e := c.Stripe.Transfer(ctx, payments.Transfer{Order: p.Order, Intent: paid.Intent, Account: p.Account, Amount: p.Asked, Key: p.Key, Tries: p.Tries})
	now := c.Clock.Now()
	return c.change(ctx, p.Order, func(tx *database.Tx, o orders.Order) error {
		switch {
		case e == nil:
			first, err := payouts.Done(tx, p.ID, done.ID, now)
			if err != nil || !first {
				return err
			}
			_, err = rewards.Post(tx, now, moved("transfer:"+p.ID, "payout", o.ID, payable(p.Brand), cashTransfers, p.Asked))
			return err
		case payments.Ambiguous(e) || commerce.KindOf(e) == commerce.Unavailable:
			return payouts.Again(tx, p.ID, payments.Reason(e), now.Add(backoff(p.Tries)))
		}
		refused, err := payouts.Refused(tx, p, payments.Reason(e))
		if err != nil || !refused {
			return err
		}
		return c.tellPayout(tx, o, p.ID)
	})
}

// takeBack makes the reversals that are due.
func (c *Checkout) takeBack(ctx context.Context) (int, error) {
	var due []payouts.Reversal
	err := c.DB.Write(ctx, func(tx *database.Tx) (err error) {
		due, err = payouts.DueReversals(tx, c.Clock.Now(), batch)
		return err
	})
	for _, r := range due {
		done, e := c.Stripe.Reverse(ctx, payments.Reversal{Transfer: r.Transfer, Amount: r.Amount, Key: r.Key, Tries: r.Tries})
		now := c.Clock.Now()
		err = errors.Join(err, c.DB.Write(ctx, func(tx *database.Tx) error {
			p, err := payouts.One(tx, r.Payout)
			if err != nil {
				return err
			}
			if e == nil {
				first, err := payouts.Reversed(tx, r.ID, done.ID)
				if err != nil || !first {
					return err
				}
				_, err = rewards.Post(tx, now, moved("reversal:"+r.ID, "payout taken back", p.Order, cashTransfers, payable(p.Brand), r.Amount))
				return err
			}
			again := now.Add(backoff(r.Tries))
			if !payments.Ambiguous(e) && commerce.KindOf(e) != commerce.Unavailable {
				again = time.Time{}
			}
			ok, err := payouts.ReversalFailed(tx, r.ID, payments.Reason(e), again)
			if err != nil || !ok || !again.IsZero() {
				return err
			}
			o, err := orders.Load(tx, "id = $1", p.Order)
			if err != nil {
				return err
			}
			return c.tellPayout(tx, o, r.ID)
		}))
	}
	return len(due), err
}

// tellPayout tells the staff of money for a brand that needs a person.
func (c *Checkout) tellPayout(tx *database.Tx, o orders.Order, id string) error {
	for _, m := range c.staffOf(o) {
		if err := c.tellOf(tx, notices.StaffPayout, o, "payout", id, m); err != nil {
			return err
		}
	}
	return nil
}

// Payouts lists what brands got and get, nil for all of them, the newest first.
func (c *Checkout) Payouts(ctx context.Context, brands []commerce.BrandID, n int) (list []payouts.Payout, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		list, err = payouts.Newest(tx, brands, n)
		return err
	})
	return list, err
}

// Reversals lists what has to be taken back of a payout and what was.
func (c *Checkout) Reversals(ctx context.Context, p payouts.Payout) (list []payouts.Reversal, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		list, err = payouts.ReversalsOf(tx, p)
		return err
	})
	return list, err
}

// RetryPayouts has what Stripe refused of a brand's payouts tried again.
func (c *Checkout) RetryPayouts(ctx context.Context, b commerce.BrandID) (n int, err error) {
	err = c.DB.Write(ctx, func(tx *database.Tx) error {
		n = 0
		list, err := payouts.OfBrand(tx, b, 1000)
		for _, p := range list {
			if err != nil || p.State != payouts.Failed {
				continue
			}
			ok := false
			if ok, err = payouts.Retry(tx, p.ID, c.Clock.Now()); ok {
				n++
			}
		}
		return err
	})
	return n, err
}
