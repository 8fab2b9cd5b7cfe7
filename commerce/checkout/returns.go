package checkout

// The rules of what comes back:
//   - The member asks within the window (fulfilment.Window), once for each unit
//     that was sent. Goods of several brands are a return each.
//   - The brand's staff approves or denies it, notes its arrival and what of it
//     is sold again, and ends it: the money goes to the card or becomes credit,
//     or an exchange becomes an order. Each step is taken once.
//   - An exchange is for another variant of the same product at the same price.
//     Its units are held from the approval on. It is paid with the credit that
//     the return gives, in one transaction: the books show a sale taken back and
//     a sale made, and nothing is due.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/commerce/stock"
)

// Policy is what the shop says about returns.
type Policy struct {
	Days         int64         // how long something can be sent back; see fulfilment.Window
	Arrives      time.Duration // how long after it was sent a parcel is taken for delivered
	Instructions string        // where to send it, for the member
}

// policy is the shop's, or what holds where it says nothing.
func (c *Checkout) policy() Policy {
	if c.Returns == nil {
		return Policy{Days: 14, Arrives: 14 * 24 * time.Hour}
	}
	return c.Returns()
}

// The conditions a caller branches on.
var (
	// ErrWindow: it is too late to send it back; its argument "until" is when
	// it was not yet.
	ErrWindow = &commerce.Error{Kind: commerce.Conflict, Message: "return.late"}
	// ErrExchange: what is wanted instead is not another variant at the price.
	ErrExchange = &commerce.Error{Kind: commerce.Invalid, Message: "return.noexchange"}
)

// Asking is what a member wants to send back, and why.
type Asking struct {
	Items    []fulfilment.Item
	Reason   string // one of fulfilment.Reasons
	Words    string
	Photo    string             // hash in media
	Exchange commerce.VariantID // for one line only
	Seen     int                // how many returns the order had when it was asked for: a second tap does nothing
}

// Window returns until when goods of an order can be sent back, the zero time
// where none were sent, or it is a sample.
func (c *Checkout) Window(o orders.Order, f fulfilment.Fulfilment) time.Time {
	if SampleOf(o) != "" {
		return time.Time{}
	}
	p := c.policy()
	return fulfilment.Window(f.Parcels, o.ShippedAt, o.Address.Country, p.Days, p.Arrives)
}

// Instructions are what a member is told whose return is approved.
func (c *Checkout) Instructions() string { return c.policy().Instructions }

// AskReturn writes a member's wish down and tells the staff. It returns
// orders.ErrNotFound for another's order, ErrState where it is not paid or more
// returns were asked for since, ErrWindow, ErrExchange or fulfilment.ErrGone.
func (c *Checkout) AskReturn(ctx context.Context, m commerce.MemberID, id commerce.OrderID, a Asking) error {
	goods := (*catalog.Snapshot)(nil)
	if a.Exchange != "" {
		var err error
		if goods, err = c.Catalog.Snapshot(ctx); err != nil {
			return err
		}
	}
	return c.change(ctx, id, func(tx *database.Tx, o orders.Order) error {
		if o.Member != m {
			return orders.ErrNotFound
		}
		earlier, err := fulfilment.ReturnsOf(tx, id)
		if err != nil {
			return err
		}
		if o.State != orders.Paid && o.State != orders.Shipped || len(earlier) != a.Seen || !slices.Contains(fulfilment.Reasons, a.Reason) {
			return ErrState.With("state", string(o.State))
		}
		parcels, err := fulfilment.Parcels(tx, id)
		if err != nil {
			return err
		}
		now := c.Clock.Now()
		if until := c.Window(o, fulfilment.Fulfilment{Parcels: parcels}); !now.Before(until) {
			return ErrWindow.With("until", until)
		}
		if _, err := fulfilment.Begin(tx, o); err != nil {
			return err
		}
		if a.Exchange != "" && (len(a.Items) != 1 || !exchangeable(goods, o, a.Items[0].Position, a.Exchange)) {
			return ErrExchange
		}
		for _, r := range c.wishes(o, a) {
			r.AskedAt = now
			if err := fulfilment.Ask(tx, r); err != nil {
				return err
			}
			if err := orders.Record(tx, o.ID, now, "return asked", "member"); err != nil {
				return err
			}
			if err := c.tellBrand(tx, notices.StaffReturn, o, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// wishes makes a return for each brand of what is asked for.
func (c *Checkout) wishes(o orders.Order, a Asking) (list []fulfilment.Return) {
	for _, it := range a.Items {
		if it.Position < 0 || it.Position >= int64(len(o.Lines)) {
			continue
		}
		l := o.Lines[it.Position]
		at := slices.IndexFunc(list, func(r fulfilment.Return) bool { return r.Brand == l.Brand })
		if at < 0 {
			at = len(list)
			list = append(list, fulfilment.Return{ID: fulfilment.ReturnID(c.IDs.ID()), Order: o.ID, Brand: l.Brand, Member: o.Member,
				Reason: a.Reason, Words: a.Words, Photo: a.Photo, Exchange: a.Exchange})
		}
		list[at].Items = append(list[at].Items, it)
	}
	return list
}

// exchangeable reports whether a variant can be had for a line of an order.
func exchangeable(goods *catalog.Snapshot, o orders.Order, position int64, v commerce.VariantID) bool {
	if position < 0 || position >= int64(len(o.Lines)) {
		return false
	}
	l := o.Lines[position]
	p, variant, ok := goods.Variant(v)
	return ok && !variant.Hidden && p.ID == l.Product && v != l.Variant && variant.Price == l.Unit
}

// Exchanges lists the variants that can be had for a line of an order.
func (c *Checkout) Exchanges(ctx context.Context, o orders.Order, position int64) (list []catalog.Variant, err error) {
	goods, err := c.Catalog.Snapshot(ctx)
	if err != nil || position < 0 || position >= int64(len(o.Lines)) {
		return nil, err
	}
	_, v, ok := goods.Variant(o.Lines[position].Variant)
	if !ok {
		return nil, nil
	}
	p, _, _ := goods.Variant(v.ID)
	for _, other := range p.Variants {
		if exchangeable(goods, o, position, other.ID) {
			list = append(list, other)
		}
	}
	return list, nil
}

func (c *Checkout) tellBrand(tx *database.Tx, kind string, o orders.Order, r fulfilment.Return) error {
	if c.Staff == nil {
		return nil
	}
	for _, m := range c.Staff(r.Brand) {
		if err := c.tellOf(tx, kind, o, "return", string(r.ID), m); err != nil {
			return err
		}
	}
	return nil
}

// OpenReturns lists the returns that wait, of the brands (nil for all).
func (c *Checkout) OpenReturns(ctx context.Context, of []commerce.BrandID, n int) (list []fulfilment.Return, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		list, err = fulfilment.OpenReturns(tx, of, n)
		return err
	})
	return list, err
}

// Return returns a return, or fulfilment.ErrNoReturn.
func (c *Checkout) Return(ctx context.Context, id fulfilment.ReturnID) (r fulfilment.Return, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		r, err = fulfilment.OneReturn(tx, id)
		return err
	})
	return r, err
}

// Parcel returns a parcel, or fulfilment.ErrGone.
func (c *Checkout) Parcel(ctx context.Context, id fulfilment.ParcelID) (p fulfilment.Parcel, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		p, err = fulfilment.OneParcel(tx, id)
		return err
	})
	return p, err
}

// ApproveReturn lets the member send it back; an exchange holds its units from
// now on. With money set they get the money instead of the exchange. It returns
// ErrState where it was decided before, stock.ErrSoldOut where there is nothing
// to exchange it for any more.
func (c *Checkout) ApproveReturn(ctx context.Context, actor string, of []commerce.BrandID, id fulfilment.ReturnID, money bool) error {
	return c.turn(ctx, actor, of, id, "return approved", func(tx *database.Tx, o orders.Order, r fulfilment.Return) (bool, error) {
		hold := commerce.HoldID("")
		if money && r.Exchange != "" {
			if _, err := tx.Exec(`UPDATE returns SET exchange = '' WHERE id = $1 AND state = 'asked'`, r.ID); err != nil {
				return false, err
			}
			r.Exchange = ""
		}
		if r.Exchange != "" && r.State == fulfilment.Asked {
			hold = commerce.HoldID(c.IDs.ID())
			if err := stock.Take(tx, c.Clock.Now(), stock.Hold{ID: hold, Member: r.Member, Expires: c.Clock.Now(),
				Lines: []stock.Line{{Variant: r.Exchange, Quantity: r.Items[0].Quantity}}}); err != nil {
				return false, err
			}
			tx.After(c.Stock.Forget)
		}
		ok, err := fulfilment.Approve(tx, r, hold, c.Clock.Now())
		if err != nil || !ok {
			return ok, err
		}
		return true, c.tellOf(tx, notices.ReturnApproved, o, "return", string(r.ID), r.Member)
	})
}

// DenyReturn refuses it, or one that was approved and never came; the member is
// told why.
func (c *Checkout) DenyReturn(ctx context.Context, actor string, of []commerce.BrandID, id fulfilment.ReturnID, why string) error {
	return c.turn(ctx, actor, of, id, "return denied", func(tx *database.Tx, o orders.Order, r fulfilment.Return) (bool, error) {
		ok, err := fulfilment.Deny(tx, r, why, c.Clock.Now())
		if err != nil || !ok {
			return ok, err
		}
		if r.Hold != "" {
			if err := stock.Release(tx, r.Hold); err != nil {
				return false, err
			}
			tx.After(c.Stock.Forget)
		}
		return true, c.tellOf(tx, notices.ReturnDenied, o, "return", string(r.ID), r.Member)
	})
}

// ReturnArrived notes that the goods are back. Those of the lines named are free
// again.
func (c *Checkout) ReturnArrived(ctx context.Context, actor string, of []commerce.BrandID, id fulfilment.ReturnID, restock map[int64]bool) error {
	return c.turn(ctx, actor, of, id, "return arrived", func(tx *database.Tx, o orders.Order, r fulfilment.Return) (bool, error) {
		ok, err := fulfilment.Arrive(tx, r, restock, c.Clock.Now())
		if err != nil || !ok {
			return ok, err
		}
		for _, it := range r.Items {
			if !restock[it.Position] {
				continue
			}
			if err := stock.Restock(tx, o.Hold, stock.Line{Variant: o.Lines[it.Position].Variant, Quantity: it.Quantity}); err != nil {
				return false, err
			}
			tx.After(c.Stock.Forget)
		}
		return true, c.tellOf(tx, notices.ReturnArrived, o, "return", string(r.ID), r.Member)
	})
}

// EndReturn ends a return whose goods are back: its money goes the way named,
// with the price of the parcel where parcel is set, or its exchange becomes an
// order.
func (c *Checkout) EndReturn(ctx context.Context, actor string, of []commerce.BrandID, id fulfilment.ReturnID, way payments.Way, parcel bool) error {
	return c.turn(ctx, actor, of, id, "return done", func(tx *database.Tx, o orders.Order, r fulfilment.Return) (bool, error) {
		exchanged, open := commerce.OrderID(""), o.State == orders.Paid || o.State == orders.Shipped
		if r.Exchange != "" && open {
			way, parcel = payments.WayCredit, false
			exchanged = commerce.OrderID(c.IDs.ID())
		}
		ok, err := fulfilment.Finish(tx, r, string(way), exchanged, c.Clock.Now())
		if err != nil || !ok {
			return ok, err
		}
		switch {
		case open:
			back, err := c.give(tx, actor, o, Giving{Items: c.backItems(tx, o, r, parcel), Way: way, Reason: "return", Return: string(r.ID), Seen: -1})
			if err != nil {
				return false, err
			}
			if exchanged != "" {
				if err := c.exchange(tx, actor, exchanged, o, r, back); err != nil {
					return false, err
				}
			}
		case r.Hold != "": // its money went back meanwhile: nothing is left to exchange
			if err := stock.Release(tx, r.Hold); err != nil {
				return false, err
			}
			tx.After(c.Stock.Forget)
		}
		return true, c.tellOf(tx, notices.ReturnDone, o, "return", string(r.ID), r.Member)
	})
}

// backItems is what a return gives money for, as far as it was not refunded.
func (c *Checkout) backItems(tx *database.Tx, o orders.Order, r fulfilment.Return, parcel bool) (list []fulfilment.Item) {
	lines, err := fulfilment.Begin(tx, o)
	if err != nil {
		return r.Items // give returns what is wrong
	}
	for _, it := range r.Items {
		it.Quantity = min(it.Quantity, lines[it.Position].Bought-lines[it.Position].Refunded)
		if it.Quantity > 0 {
			list = append(list, it)
		}
	}
	for i, l := range o.Lines {
		if parcel && l.Kind == pricing.KindShipping && l.Brand == r.Brand && lines[int64(i)].Refunded == 0 {
			list = append(list, fulfilment.Item{Position: int64(i), Quantity: 1})
		}
	}
	return list
}

// exchange makes the order a return becomes: paid with the credit it gave.
func (c *Checkout) exchange(tx *database.Tx, actor string, id commerce.OrderID, of orders.Order, r fulfilment.Return, back payments.Giveback) error {
	it := r.Items[0]
	old := of.Lines[it.Position]
	now, value := c.Clock.Now(), back.Value
	l := orders.Line{Kind: pricing.KindItem, Label: old.Label, Brand: old.Brand, Product: old.Product, Variant: r.Exchange, Pick: old.Pick, Creator: old.Creator,
		Quantity: it.Quantity, Unit: old.Unit, Amount: value}
	if err := tx.Row(`SELECT value1 || CASE WHEN value2 <> '' THEN ' / ' || value2 ELSE '' END || CASE WHEN value3 <> '' THEN ' / ' || value3 ELSE '' END, sku
		FROM variants WHERE id = $1`, r.Exchange).Scan(&l.Detail, &l.SKU); err != nil {
		return err
	}
	o := of
	o.ID, o.Hold, o.Token, o.Number = id, r.Hold, c.IDs.Token(), orders.NumberOf(id)
	o.State, o.Total, o.Quote, o.Direct, o.Tracking = orders.Pending, commerce.Money{Currency: of.Total.Currency}, "return:"+string(r.ID), true, ""
	o.CreatedAt, o.ExpiresAt = now, now
	o.PaidAt, o.ShippedAt, o.ClosedAt = time.Time{}, time.Time{}, time.Time{}
	tenders, err := spentAgain(tx, back, r.Member)
	if err != nil {
		return err
	}
	o.Lines = append([]orders.Line{l}, tenders...)
	if tax, ok, err := taxShare(of, it.Position, value); err != nil {
		return err
	} else if ok {
		o.Lines = slices.Insert(o.Lines, 1, tax)
	}
	if err := orders.Create(tx, o, actor); err != nil {
		return err
	}
	if err := reserveTender(tx, o); err != nil {
		return err
	}
	if err := post(tx, now, "tender:"+string(o.ID), o); err != nil {
		return err
	}
	if err := stock.Sell(tx, o.Hold); err != nil {
		return err
	}
	if ok, err := orders.Move(tx, o.ID, orders.Pending, orders.Paid, now, actor); err != nil || !ok {
		return fmt.Errorf("exchange %s changed while it was made: %w", r.ID, err)
	}
	tx.After(c.Stock.Forget)
	o.State, o.PaidAt = orders.Paid, now
	if c.Earnings != nil {
		if err := c.Earnings.Exchanged(tx, of.ID, o); err != nil {
			return err
		}
	}
	c.afterwards(tx, o)
	return c.tellStaff(tx, notices.StaffOrder, o)
}

// spentAgain lists what an exchange is paid with: what the return gave back, to
// whichever account.
func spentAgain(tx *database.Tx, back payments.Giveback, m commerce.MemberID) (lines []orders.Line, err error) {
	entries, err := rewards.EntriesOf(tx, "refund:"+string(back.ID))
	points := int64(0)
	for _, e := range entries {
		if e.Account == rewards.Points(m) {
			points = -e.Amount.Amount
		}
	}
	for _, e := range entries {
		l := orders.Line{Kind: pricing.KindCredit, Label: "Exchange", Amount: e.Amount}
		card, isCard := strings.CutPrefix(string(e.Account), string(rewards.GiftCard("")))
		switch {
		case e.Amount.Amount >= 0 || e.Amount.Currency != back.Value.Currency:
			continue
		case isCard:
			l.Kind, l.Ref = pricing.KindGiftCard, card
		case e.Account == rewards.PointsRedeemed:
			l.Kind, l.Quantity = pricing.KindPoints, points
		case e.Account != rewards.Credit(m):
			continue
		}
		// One line for each account: what is held for an order is held once of each.
		at := slices.IndexFunc(lines, func(o orders.Line) bool { return o.Kind == l.Kind && o.Ref == l.Ref })
		if at < 0 {
			lines = append(lines, l)
			continue
		}
		if lines[at].Amount, err = lines[at].Amount.Add(l.Amount); err != nil {
			return nil, err
		}
	}
	return lines, err
}

// taxShare is the tax within the value of an exchange: it was taken back with
// the return.
func taxShare(of orders.Order, position int64, value commerce.Money) (orders.Line, bool, error) {
	brand, sum := of.Lines[position].Brand, int64(0)
	for _, l := range of.Lines {
		if l.Brand == brand && (l.Kind == pricing.KindItem || l.Kind == pricing.KindShipping) {
			sum += l.Amount.Amount - l.Discount.Amount
		}
		if l.Brand == brand && l.Kind == pricing.KindTax {
			sum += l.Amount.Amount
		}
	}
	for _, l := range of.Lines {
		if l.Brand != brand || l.Kind != pricing.KindTax || sum == 0 {
			continue
		}
		all, err := l.Amount.Add(l.Included)
		if err != nil {
			return l, false, err
		}
		part, err := all.Part(value.Amount, sum)
		if err != nil {
			return l, false, err
		}
		l.Amount, l.Included = commerce.Money{Currency: value.Currency}, part
		return l, part.Amount > 0, nil
	}
	return orders.Line{}, false, nil
}

// turn takes one step of a return, for somebody who may.
func (c *Checkout) turn(ctx context.Context, actor string, of []commerce.BrandID, id fulfilment.ReturnID, event string,
	step func(*database.Tx, orders.Order, fulfilment.Return) (bool, error)) error {
	return c.DB.Write(ctx, func(tx *database.Tx) error {
		r, err := fulfilment.OneReturn(tx, id)
		if err != nil {
			return err
		}
		if !mine(of, r.Brand) {
			return fulfilment.ErrNoReturn
		}
		o, err := orders.Load(tx, "id = $1", r.Order)
		if err != nil {
			return err
		}
		ok, err := step(tx, o, r)
		if err == nil && !ok {
			err = ErrState.With("state", string(r.State)) // somebody was faster
		}
		if err != nil {
			return err
		}
		return orders.Record(tx, o.ID, c.Clock.Now(), event, actor)
	})
}
