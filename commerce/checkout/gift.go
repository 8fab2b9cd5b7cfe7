package checkout

// This file sells gift cards. The rules are:
//   - A card is an order of its own, past the cart, with one line: no stock, no
//     parcel, no tax (it is a voucher for anything: tax is that of what is
//     bought with it), and nothing but a card or an invoice pays for it.
//   - It is issued in the transaction that makes the order paid.
//   - It goes back as a whole, while nothing was spent.

import (
	"context"
	"slices"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/giftcards"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
)

// ErrGiftAmount is returned for a gift card of an amount that is not sold.
var ErrGiftAmount = &commerce.Error{Kind: commerce.Invalid, Message: "giftcard.amount"}

// PlaceGift orders a gift card over an amount. The same amount again gives the
// same order while it can be paid. It returns ErrGiftAmount and what Place
// returns.
func (c *Checkout) PlaceGift(ctx context.Context, b Buyer, amount commerce.Money) (orders.Order, error) {
	if c.Gifts == nil || !slices.Contains(c.Gifts(), amount) {
		return orders.Order{}, ErrGiftAmount
	}
	if err := payments.Takes(amount, amount); err != nil {
		return orders.Order{}, err
	}
	quote := pricing.Gift(c.IDs.ID(), amount)
	return c.placeUntil(ctx, orders.Order{Member: b.Member, State: orders.Pending, Total: quote.Total, Quote: pricing.Gift("", amount).Digest(), Direct: true,
		Locale: b.Locale, Community: b.Community, Platform: b.Platform, Bot: b.Bot, Lines: orders.Lines(quote)})
}

// gift is the line by which an order buys a gift card, nil for none.
func gift(o orders.Order) *orders.Line {
	for i := range o.Lines {
		if o.Lines[i].Kind == pricing.KindGift {
			return &o.Lines[i]
		}
	}
	return nil
}

// issue writes the gift card an order has bought.
func (c *Checkout) issue(tx *database.Tx, o orders.Order) error {
	l := gift(o)
	if l == nil {
		return nil
	}
	return giftcards.Issue(tx, giftcards.Card{ID: l.Ref, Order: o.ID, Buyer: o.Member, Amount: l.Amount, IssuedAt: o.PaidAt})
}

// cancelGift makes the gift card of an order void before its price goes back.
// It returns giftcards.ErrSpent, and ErrTooMuch for a part of the price.
func cancelGift(tx *database.Tx, o orders.Order, value commerce.Money) error {
	l := gift(o)
	switch {
	case l == nil:
		return nil
	case value != l.Amount:
		return ErrTooMuch.With("left", l.Amount)
	}
	return giftcards.Cancel(tx, o.ID)
}
