package checkout

// The rules of what goes back of a sale:
//   - It names lines of the order with quantities, or an amount. A line is worth
//     what was paid for it: its amount less its discounts, with the tax that
//     came on top. What is refunded twice is refunded once.
//   - Of its value the card gets what the card paid, in proportion to what is
//     left; credit, gift cards and points go back to where they were spent from.
//   - A giveback is decided in one transaction: against the takings, against
//     the payment, and against the lines. Stripe is called later.
//   - Units that are refunded before they are packed are not sent any more.

import (
	"context"
	"errors"
	"slices"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/commerce/stock"
)

// Giving is what shall go back of an order.
type Giving struct {
	Amount commerce.Money    // of the whole price; or
	Items  []fulfilment.Item // what it is for; the line of a parcel's price is one unit
	Way    payments.Way      // "" is the card
	Reason string            // "" is staff
	Return string            // the return it ends
	Brands []commerce.BrandID
	Seen   int64 // what had gone back when it was asked for, -1 not to compare: a second tap does nothing
}

// ErrTooMuch is returned where more would go back than is left; its argument
// "left" is what is.
var ErrTooMuch = &commerce.Error{Kind: commerce.Invalid, Message: "refund.toomuch"}

// RefundPart gives a part of a paid or sent order back. It returns ErrState
// where the order is in another state, or a sample, or something went back since g.Seen,
// ErrTooMuch, or fulfilment.ErrGone where a line was refunded already.
func (c *Checkout) RefundPart(ctx context.Context, actor string, id commerce.OrderID, g Giving) (back payments.Giveback, err error) {
	err = c.change(ctx, id, func(tx *database.Tx, o orders.Order) error {
		if o.State != orders.Paid && o.State != orders.Shipped || SampleOf(o) != "" {
			return ErrState.With("state", string(o.State))
		}
		back, err = c.give(tx, actor, o, g)
		return err
	})
	return back, err
}

// Takings returns what an order took, and what of it went back.
func (c *Checkout) Takings(ctx context.Context, o orders.Order) (t payments.Takings, list []payments.Giveback, err error) {
	err = c.DB.Write(ctx, func(tx *database.Tx) error {
		if t, err = takings(tx, o); err != nil {
			return err
		}
		list, err = payments.GivebacksOf(tx, o.ID)
		return err
	})
	return t, list, err
}

// Giveback returns what went back of an order by its id, the zero Giveback
// where there is no such.
func (c *Checkout) Giveback(ctx context.Context, id commerce.RefundID) (g payments.Giveback, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		g, err = payments.OneGiveback(tx, id)
		return err
	})
	if errors.Is(err, payments.ErrUnknown) {
		return payments.Giveback{}, nil
	}
	return g, err
}

func takings(tx *database.Tx, o orders.Order) (payments.Takings, error) {
	value := int64(0)
	for _, l := range o.Lines {
		if !l.Kind.Tender() {
			value += l.Amount.Amount
		}
	}
	return payments.Take(tx, o.ID, value, o.Total.Amount)
}

// give writes a giveback down, and books it where Stripe has nothing to do.
func (c *Checkout) give(tx *database.Tx, actor string, o orders.Order, g Giving) (payments.Giveback, error) {
	t, err := takings(tx, o)
	if err != nil {
		return payments.Giveback{}, err
	}
	if g.Seen >= 0 && g.Seen != t.Back {
		return payments.Giveback{}, ErrState.With("state", string(o.State))
	}
	back := payments.Giveback{ID: commerce.RefundID(c.IDs.ID()), Order: o.ID, Value: commerce.Money{Amount: g.Amount.Amount, Currency: o.Total.Currency},
		Way: g.Way, Reason: g.Reason, Return: g.Return, Actor: actor, State: payments.RefundStateDue, CreatedAt: c.Clock.Now()}
	if back.Way == "" {
		back.Way = payments.WayCard
	}
	if back.Reason == "" {
		back.Reason = "staff"
	}
	if len(g.Items) > 0 {
		if err := c.giveLines(tx, o, g, &back); err != nil {
			return back, err
		}
	}
	if g.Return != "" && back.Value.Amount > t.Left() {
		back.Value.Amount = t.Left() // the rest of it went back before, as an amount
	}
	if back.Value.Amount > t.Left() || back.Value.Amount <= 0 && g.Return == "" {
		return back, ErrTooMuch.With("left", commerce.Money{Amount: t.Left(), Currency: o.Total.Currency})
	}
	if back.Value.Amount > 0 {
		if err := cancelGift(tx, o, back.Value); err != nil {
			return back, err
		}
		if err := c.giveValue(tx, o, t, &back); err != nil {
			return back, err
		}
	}
	return back, c.afterGiving(tx, actor, o, t, back)
}

// giveLines works out what lines are worth and counts them as refunded.
func (c *Checkout) giveLines(tx *database.Tx, o orders.Order, g Giving, back *payments.Giveback) error {
	lines, err := fulfilment.Begin(tx, o)
	if err != nil {
		return err
	}
	worth, err := worthOf(o)
	if err != nil {
		return err
	}
	for _, it := range g.Items {
		l, ok := lines[it.Position]
		if !ok || it.Quantity <= 0 || g.Brands != nil && !slices.Contains(g.Brands, o.Lines[it.Position].Brand) {
			return fulfilment.ErrGone
		}
		if err := fulfilment.Refund(tx, o.ID, it); err != nil {
			return err
		}
		value, err := unitsWorth(commerce.Money{Amount: worth[it.Position], Currency: o.Total.Currency}, l.Refunded, it.Quantity, l.Bought)
		if err != nil {
			return err
		}
		back.Lines = append(back.Lines, payments.GivebackLine{Position: it.Position, Quantity: it.Quantity, Value: value})
		if back.Value, err = back.Value.Add(value); err != nil {
			return err
		}
		if n := min(it.Quantity, l.ToPack()); n > 0 && g.Return == "" && o.Lines[it.Position].Kind == pricing.KindItem {
			if err := c.drop(tx, o, fulfilment.Item{Position: it.Position, Quantity: n}); err != nil {
				return err
			}
		}
	}
	return nil
}

// drop takes units off what has to be sent: they are free again.
func (c *Checkout) drop(tx *database.Tx, o orders.Order, it fulfilment.Item) error {
	if err := fulfilment.Drop(tx, o.ID, it); err != nil {
		return err
	}
	tx.After(c.Stock.Forget)
	return stock.Restock(tx, o.Hold, stock.Line{Variant: o.Lines[it.Position].Variant, Quantity: it.Quantity})
}

// worthOf returns what was paid for each line of goods and each parcel, by
// position: less its discounts, with its share of the tax that came on top.
func worthOf(o orders.Order) (map[int64]int64, error) {
	worth := map[int64]int64{}
	for i, l := range o.Lines {
		if l.Kind == pricing.KindItem || l.Kind == pricing.KindShipping {
			worth[int64(i)] = l.Amount.Amount - l.Discount.Amount
		}
	}
	for _, tax := range o.Lines {
		if tax.Kind != pricing.KindTax || tax.Amount.Amount == 0 {
			continue
		}
		var at, weights []int64
		for i, l := range o.Lines {
			if n := l.Amount.Amount - l.Discount.Amount; l.Brand == tax.Brand && n > 0 && (l.Kind == pricing.KindItem || l.Kind == pricing.KindShipping) {
				at, weights = append(at, int64(i)), append(weights, n)
			}
		}
		if len(at) == 0 {
			continue
		}
		parts, err := tax.Amount.Split(weights...)
		if err != nil {
			return nil, err
		}
		for k, i := range at {
			worth[i] += parts[k].Amount
		}
	}
	return worth, nil
}

// unitsWorth is what the next n units of a line are worth, of which before were
// counted already: over all units it sums to the line exactly.
func unitsWorth(line commerce.Money, before, n, all int64) (commerce.Money, error) {
	from, err := line.Part(before, all)
	if err != nil {
		return line, err
	}
	to, err := line.Part(before+n, all)
	if err != nil {
		return line, err
	}
	return to.Sub(from)
}

// giveValue shares a value out between the card and the rest, and writes it
// down: for Stripe to do, or done.
func (c *Checkout) giveValue(tx *database.Tx, o orders.Order, t payments.Takings, back *payments.Giveback) error {
	if err := undisputed(tx, o.ID); err != nil {
		return err
	}
	parts, err := back.Value.Split(t.LeftCard(), t.Left()-t.LeftCard())
	if err != nil {
		return err
	}
	back.Card = parts[0]
	attempts, err := payments.OfOrder(tx, o.ID)
	if err != nil {
		return err
	}
	sale, paid := "tender:"+string(o.ID), payments.Payment{}
	for _, p := range attempts {
		if p.State == payments.StatePaid {
			sale, paid = "capture:"+string(p.ID), p
		}
	}
	byStripe := back.Way == payments.WayCard && back.Card.Amount > 0
	if !byStripe {
		back.State = payments.RefundStateDone
	}
	ok, err := payments.AddGiveback(tx, *back)
	if err == nil && !ok {
		err = ErrTooMuch.With("left", commerce.Money{Amount: t.Left(), Currency: o.Total.Currency})
	}
	if err != nil {
		return err
	}
	if byStripe {
		ok, err := payments.AddRefund(tx, payments.Refund{ID: back.ID, Payment: paid.ID, Reason: back.Reason, Amount: back.Card, Value: back.Value, CreatedAt: back.CreatedAt})
		if err == nil && !ok {
			err = ErrTooMuch.With("left", paid.Left())
		}
		tx.After(c.nudge)
		return err
	}
	of, err := earned(o, *back)
	if err != nil {
		return err
	}
	if _, err = rewards.ReversePart(tx, back.CreatedAt, rewards.Part{ID: "refund:" + string(back.ID), Of: sale, Memo: back.Reason,
		Value: back.Value, Card: back.Card, To: rewards.Credit(o.Member), For: of}); err != nil {
		return err
	}
	return c.lessenBy(tx, o, *back, back.Card)
}

// afterGiving brings the order's state to what is left of it, and tells of a
// giveback that is done already.
func (c *Checkout) afterGiving(tx *database.Tx, actor string, o orders.Order, t payments.Takings, back payments.Giveback) error {
	switch {
	case o.State != orders.Paid && o.State != orders.Shipped: // the caller has moved it
	case back.Value.Amount == t.Left() && back.Return == "":
		if err := c.empty(tx, o); err != nil {
			return err
		}
		if _, err := orders.Move(tx, o.ID, o.State, orders.Refunded, c.Clock.Now(), actor); err != nil {
			return err
		}
		o.State = orders.Refunded
	default:
		moved, err := c.allSent(tx, actor, o)
		if err != nil {
			return err
		}
		o.State = moved
		if err := orders.Record(tx, o.ID, c.Clock.Now(), "part refunded", actor); err != nil {
			return err
		}
	}
	if back.State == payments.RefundStateDone && back.Value.Amount > 0 {
		return c.tellBack(tx, o, back)
	}
	return nil
}

// tellBack tells the member that money went back.
func (c *Checkout) tellBack(tx *database.Tx, o orders.Order, back payments.Giveback) error {
	kind := notices.OrderRefunded
	switch {
	case o.State == orders.Cancelled && back.Actor == "member":
		kind = notices.OrderWithdrawn
	case o.State == orders.Cancelled:
		kind = notices.OrderCancelled
	case back.Return != "":
		return nil // told as the end of the return
	case o.State != orders.Refunded || back.Reason == "hand":
		return c.tellOf(tx, notices.RefundPart, o, "refund", string(back.ID), o.Member)
	}
	_, err := notices.Add(tx, c.IDs, c.Clock.Now(), notices.Notice{Kind: kind, Member: o.Member,
		Args: map[string]string{"order": string(o.ID), "refund": string(back.ID)}, Once: kind + ":" + string(o.ID) + ":" + string(o.Member)})
	return err
}

// tellOf writes a notice about something of an order, once for each of it.
func (c *Checkout) tellOf(tx *database.Tx, kind string, o orders.Order, what, id string, m commerce.MemberID) error {
	_, err := notices.Add(tx, c.IDs, c.Clock.Now(), notices.Notice{Kind: kind, Member: m,
		Args: map[string]string{"order": string(o.ID), what: id}, Once: kind + ":" + id + ":" + string(m)})
	return err
}
