package checkout

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/promotions"
	"github.com/soukchat/souk/commerce/stock"
)

// Place turns the quote the member agreed to, named by its digest, into an
// order with a hold. The same quote again gives the same order while its hold
// lives. An earlier unpaid order of the member is closed first, so that their
// own hold never blocks their own retry.
//
// It returns ErrIncomplete, ErrQuoteChanged, ErrClosing, ErrJustPaid,
// stock.ErrSoldOut, rewards.ErrShort, what
// promotions.Take returns, or the errors of Review.
func (c *Checkout) Place(ctx context.Context, b Buyer, cart []live.CartLine, digest string) (orders.Order, error) {
	r, err := c.Review(ctx, b, cart)
	if err != nil {
		return orders.Order{}, err
	}
	if r.Needs != "" {
		return orders.Order{}, ErrIncomplete
	}
	if r.Quote.Digest() != digest {
		return orders.Order{}, ErrQuoteChanged
	}
	o := orders.Order{Member: b.Member, State: orders.Pending, Total: r.Quote.Total, Quote: digest,
		Locale: b.Locale, Community: b.Community, Platform: b.Platform, Bot: b.Bot, Direct: b.Direct, Once: b.Once, Claim: b.Claim, Lines: orders.Lines(r.Quote), Steps: r.steps}
	if r.Address != nil {
		o.Address = orders.Address(*r.Address)
	}
	return c.placeUntil(ctx, o)
}

// placeUntil places an order, once what stands in its way is closed.
func (c *Checkout) placeUntil(ctx context.Context, o orders.Order) (orders.Order, error) {
	for try := 0; ; try++ {
		placed, err := c.place(ctx, o)
		var open openOrder
		switch {
		case err == nil && placed.Total.Amount == 0:
			if err := c.free(ctx, placed.ID); err != nil {
				return orders.Order{}, err
			}
			return c.orders.Get(ctx, placed.ID)
		case err == nil:
			return placed, nil
		case try == 5 && errors.As(err, &open): // others of theirs are being placed at this moment
			return orders.Order{}, &commerce.Error{Kind: ErrClosing.Kind, Message: ErrClosing.Message, Err: err}
		case try == 5:
			return orders.Order{}, err
		case errors.As(err, &open):
			if err := c.closeEarlier(ctx, commerce.OrderID(open)); err != nil {
				return orders.Order{}, err
			}
		case database.IsDuplicate(err):
			// Another order is called by that number: take another id.
		default:
			return orders.Order{}, err
		}
	}
}

// openOrder says that the member has an unpaid order of another quote.
type openOrder commerce.OrderID

func (o openOrder) Error() string { return "order " + string(o) + " is still open" }

func (c *Checkout) place(ctx context.Context, o orders.Order) (orders.Order, error) {
	o.ID, o.Hold, o.Token = commerce.OrderID(c.IDs.ID()), commerce.HoldID(c.IDs.ID()), c.IDs.Token()
	o.Number = orders.NumberOf(o.ID)
	o.CreatedAt = c.Clock.Now()
	o.ExpiresAt = o.CreatedAt.Add(c.Hold())
	placed := o
	agreed, err := c.agreed(ctx, o)
	if err != nil {
		return o, err
	}
	err = c.DB.Write(ctx, func(tx *database.Tx) (err error) {
		// They may have linked their accounts a moment ago, in another process.
		if o.Member, err = members.Current(tx, o.Member); err != nil {
			return err
		}
		if o.Once != "" {
			done, err := orders.Load(tx, "once = $1 AND once <> ''", o.Once)
			if err == nil && done.Member == o.Member {
				placed = done
			}
			if !errors.Is(err, orders.ErrNotFound) {
				return err
			}
		}
		placed = o
		earlier, err := c.openOf(tx, o.Member)
		if err != nil {
			return err
		}
		if len(earlier) > 0 {
			e := earlier[0]
			if e.State == orders.Pending && e.Quote == o.Quote && e.Direct == o.Direct && e.Claim == o.Claim && e.Address == o.Address && e.ExpiresAt.After(o.CreatedAt) {
				placed = e
				return nil
			}
			return openOrder(e.ID)
		}
		if err := c.reserve(tx, &o); err != nil {
			return err
		}
		placed = o
		tx.After(c.Stock.Forget)
		if err := orders.Create(tx, o, "member"); err != nil {
			return err
		}
		return agreed(tx, o)
	})
	return placed, err
}

func (c *Checkout) openOf(tx *database.Tx, m commerce.MemberID) (list []orders.Order, err error) {
	var ids []commerce.OrderID
	err = tx.Rows(`SELECT id FROM orders WHERE member_id = $1 AND state IN ('pending', 'closing') AND held_at = 0`, []any{m},
		func(scan func(...any) error) error {
			var id commerce.OrderID
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
	for _, id := range ids {
		if err != nil {
			break
		}
		var o orders.Order
		o, err = orders.Load(tx, "id = $1", id)
		list = append(list, o)
	}
	return list, err
}

// closeEarlier closes an order its member no longer wants, before they place
// the next.
func (c *Checkout) closeEarlier(ctx context.Context, id commerce.OrderID) error {
	state, err := c.close(ctx, id, "member")
	switch {
	case errors.Is(err, ErrPinned):
		return err
	case err != nil:
		return &commerce.Error{Kind: ErrClosing.Kind, Message: ErrClosing.Message, Err: err}
	case state == orders.Paid:
		return ErrJustPaid
	}
	return nil
}

// CancelPending gives up an order the member has not paid. Its units are free
// again once Stripe has confirmed that it cannot be paid any more. It returns
// ErrJustPaid where it has been paid, ErrClosing where Stripe does not answer,
// ErrPinned where it is being paid in the chat.
func (c *Checkout) CancelPending(ctx context.Context, m commerce.MemberID, id commerce.OrderID) error {
	o, err := c.orders.Get(ctx, id)
	if err != nil {
		return err
	}
	if o.Member != m {
		return orders.ErrNotFound
	}
	if o.State != orders.Pending && o.State != orders.Closing {
		return ErrState.With("state", string(o.State))
	}
	return c.closeEarlier(ctx, id)
}

// free sells an order of which nothing is due by card.
func (c *Checkout) free(ctx context.Context, id commerce.OrderID) error {
	return c.DB.Write(ctx, func(tx *database.Tx) error {
		o, err := orders.Load(tx, "id = $1", id)
		if err != nil || o.State != orders.Pending || o.Total.Amount != 0 {
			return err
		}
		if len(tender(o)) > 0 {
			if err := post(tx, c.Clock.Now(), "tender:"+string(o.ID), o); err != nil {
				return err
			}
		}
		return c.sell(tx, o, "member")
	})
}

// sell makes an order paid: its units are sold, who has to know is told. The
// money has been booked by the caller.
func (c *Checkout) sell(tx *database.Tx, o orders.Order, actor string) error {
	now := c.Clock.Now()
	if err := stock.Sell(tx, o.Hold); err != nil {
		return err
	}
	if err := promotions.Use(tx, o.ID); err != nil {
		return err
	}
	ok, err := orders.Move(tx, o.ID, o.State, orders.Paid, now, actor)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("order %s changed while it was sold", o.ID)
	}
	o.State, o.PaidAt = orders.Paid, now
	if o.Claim != "" {
		if err := c.Claims.Sold(tx, o); err != nil {
			return err
		}
	}
	if err := c.issue(tx, o); err != nil {
		return err
	}
	if c.Earnings != nil {
		if err := c.Earnings.Sold(tx, o); err != nil {
			return err
		}
	}
	if err := c.tell(tx, notices.OrderPaid, o, o.Member); err != nil {
		return err
	}
	for _, m := range c.staffOf(o) {
		if err := c.tell(tx, notices.StaffOrder, o, m); err != nil {
			return err
		}
	}
	c.afterwards(tx, o)
	return nil
}

// afterwards has done what AfterPaid was told, once the order is committed.
func (c *Checkout) afterwards(tx *database.Tx, o orders.Order) {
	c.mu.Lock()
	after := c.after
	c.mu.Unlock()
	for _, fn := range after {
		tx.After(func() { fn(o) })
	}
}

// tell writes a notice about an order to a member, once for each kind.
func (c *Checkout) tell(tx *database.Tx, kind string, o orders.Order, m commerce.MemberID) error {
	_, err := notices.Add(tx, c.IDs, c.Clock.Now(), notices.Notice{Kind: kind, Member: m,
		Args: map[string]string{"order": string(o.ID)}, Once: kind + ":" + string(o.ID) + ":" + string(m)})
	return err
}

func (c *Checkout) staffOf(o orders.Order) (list []commerce.MemberID) {
	for _, l := range o.Lines {
		if l.Variant == "" || c.Staff == nil {
			continue
		}
		for _, m := range c.Staff(l.Brand) {
			if !slices.Contains(list, m) {
				list = append(list, m)
			}
		}
	}
	return list
}

func units(o orders.Order) (lines []stock.Line) {
	at := map[commerce.VariantID]int{}
	for _, l := range o.Lines {
		if l.Variant == "" {
			continue
		}
		if i, ok := at[l.Variant]; ok {
			lines[i].Quantity += l.Quantity
			continue
		}
		at[l.Variant] = len(lines)
		lines = append(lines, stock.Line{Variant: l.Variant, Quantity: l.Quantity})
	}
	return lines
}
