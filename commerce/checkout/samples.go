package checkout

// This file sends samples. The rules are:
//   - A sample is an order of its own, of one line and of one unit, and costs
//     nothing: no price, no parcel, no tax. Nothing of it is in the books, so no
//     receipt, payout, points or earnings come of it.
//   - It is paid the moment it is placed, and goes on as every order does: packed,
//     sent, followed and delivered on the same screens.
//   - Its unit comes from what was set aside for it, or from what is free where
//     nothing is counted.
//   - What cost nothing is not sent back for money, and nothing of it is refunded:
//     it can be taken back before it is sent.

import (
	"context"
	"fmt"
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/stock"
)

// Sample is what is sent for nothing.
type Sample struct {
	ID        string // of what it was promised by: one order each
	Address   orders.Address
	Variant   commerce.VariantID
	Allotment string // it is taken from, "" for what is free
}

// ErrNoParcel is returned for what is not sent in a parcel, and so is no sample.
var ErrNoParcel = &commerce.Error{Kind: commerce.Conflict, Message: "sample.noparcel"}

// samples begin what an order of a sample came from.
const samples = "sample:"

// SampleOf returns by what the sample was promised that an order is, "" where it
// is none.
func SampleOf(o orders.Order) string {
	id, ok := strings.CutPrefix(o.Once, samples)
	if !ok {
		return ""
	}
	return id
}

// Samples makes the line of a sample: what it is, at no price. It returns
// ErrNoParcel, and pricing.ErrNoShipping where its brand does not send to the country.
func (c *Checkout) Samples(ctx context.Context, v commerce.VariantID, country string) (orders.Line, error) {
	goods, err := c.Catalog.Snapshot(ctx)
	if err != nil {
		return orders.Line{}, err
	}
	p, one, ok := goods.Variant(v)
	if !ok || !one.Shipped || p.Digital {
		return orders.Line{}, ErrNoParcel
	}
	it := pricing.Item{Variant: v, Product: p.ID, Brand: p.Brand, Quantity: 1, Unit: one.Price, Shipped: true}
	if country != "" {
		if _, err := pricing.Options(pricing.Request{Items: []pricing.Item{it}, Country: country}, c.Rules()); err != nil {
			return orders.Line{}, err
		}
	}
	none := commerce.Money{Currency: one.Price.Currency}
	return orders.Line{Kind: pricing.KindItem, Label: p.Title, Detail: one.Label(), Brand: p.Brand, Product: p.ID, Variant: v, SKU: one.SKU,
		Quantity: 1, Unit: none, Amount: none}, nil
}

// PlaceSample places the order of a sample, with its line as Samples has it. It
// returns stock.ErrSoldOut, and a duplicate (database.IsDuplicate) where there is
// one already or another order has its number.
func (c *Checkout) PlaceSample(tx *database.Tx, b Buyer, s Sample, l orders.Line) (orders.Order, error) {
	now := c.Clock.Now()
	o := orders.Order{ID: commerce.OrderID(c.IDs.ID()), Hold: commerce.HoldID(c.IDs.ID()), Token: c.IDs.Token(), Member: b.Member, State: orders.Pending,
		Total: l.Amount, Quote: samples + s.ID, Once: samples + s.ID, Direct: true, Locale: b.Locale, Community: b.Community, Platform: b.Platform, Bot: b.Bot,
		Address: s.Address, Lines: []orders.Line{l}, CreatedAt: now, ExpiresAt: now}
	o.Number = orders.NumberOf(o.ID)
	if o.Total.Amount != 0 {
		return o, fmt.Errorf("a sample that costs %s", o.Total)
	}
	if err := stock.Take(tx, now, stock.Hold{ID: o.Hold, Member: o.Member, Expires: now,
		Lines: []stock.Line{{Variant: l.Variant, Quantity: l.Quantity, From: s.Allotment}}}); err != nil {
		return o, err
	}
	if err := orders.Create(tx, o, "member"); err != nil {
		return o, err
	}
	if err := stock.Sell(tx, o.Hold); err != nil {
		return o, err
	}
	if ok, err := orders.Move(tx, o.ID, orders.Pending, orders.Paid, now, "member"); err != nil || !ok {
		return o, fmt.Errorf("sample %s changed while it was placed: %w", s.ID, err)
	}
	o.State, o.PaidAt = orders.Paid, now
	tx.After(c.Stock.Forget)
	c.afterwards(tx, o)
	return o, c.tellStaff(tx, notices.StaffOrder, o)
}

// sampleBack tells what a sample was promised by that its order is undone.
func (c *Checkout) sampleBack(tx *database.Tx, o orders.Order, unsent bool) error {
	if c.SampleBack == nil || SampleOf(o) == "" {
		return nil
	}
	return c.SampleBack(tx, o, unsent)
}
