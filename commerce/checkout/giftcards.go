package checkout

// This file sells gift cards. The rules are:
//   - A card is an order of its own, past the cart, with one line: no stock, no
//     parcel, no tax (it is a voucher for anything: tax is that of what is
//     bought with it), and nothing but a card or an invoice pays for it.
//   - It is issued in the transaction that makes the order paid.
//   - It goes back as a whole, while nobody but its buyer has it and nothing was
//     spent.

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
	if !slices.Contains(c.Amounts(), amount) {
		return orders.Order{}, ErrGiftAmount
	}
	if err := payments.Takes(amount, amount); err != nil {
		return orders.Order{}, err
	}
	quote := pricing.Gift(c.IDs.ID(), amount)
	return c.placeUntil(ctx, orders.Order{Member: b.Member, State: orders.Pending, Total: quote.Total, Quote: pricing.Gift("", amount).Digest(), Direct: true,
		Locale: b.Locale, Community: b.Community, Platform: b.Platform, Bot: b.Bot, Lines: orders.Lines(quote)})
}

// Amounts are the gift cards that can be bought now.
func (c *Checkout) Amounts() []commerce.Money {
	if c.Gifts == nil {
		return nil
	}
	return c.Gifts()
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

// GiftOf returns the gift card an order of the member's has bought. It returns
// giftcards.ErrNone before it is paid.
func (c *Checkout) GiftOf(ctx context.Context, m commerce.MemberID, order commerce.OrderID) (card giftcards.Card, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		if card, err = giftcards.OfOrder(tx, order); err == nil && card.Buyer != m {
			err = giftcards.ErrNone
		}
		return err
	})
	return card, err
}

// WrapGift makes a code for the gift card of an order, to be sent to whoever
// it is for, with who gives it and what they say. An earlier code is good for
// nothing from then on. It returns giftcards.ErrNone or giftcards.ErrTaken.
func (c *Checkout) WrapGift(ctx context.Context, m commerce.MemberID, order commerce.OrderID, giver, words string) (commerce.Secret, error) {
	card, err := c.GiftOf(ctx, m, order)
	if err != nil {
		return "", err
	}
	code := giftcards.NewCode(c.IDs)
	return code, c.DB.Write(ctx, func(tx *database.Tx) error { return giftcards.Wrap(tx, card.ID, m, code, giver, words) })
}

// KeepGift puts the gift card of an order onto its buyer's own account. It
// returns giftcards.ErrNone or giftcards.ErrTaken.
func (c *Checkout) KeepGift(ctx context.Context, m commerce.MemberID, order commerce.OrderID) (card giftcards.Card, err error) {
	if card, err = c.GiftOf(ctx, m, order); err != nil {
		return card, err
	}
	err = c.DB.Write(ctx, func(tx *database.Tx) error {
		card, err = giftcards.Take(tx, m, card.ID, c.Clock.Now())
		return err
	})
	return card, err
}

// GiftByCode looks at the gift card of a code. It returns giftcards.ErrNone.
func (c *Checkout) GiftByCode(ctx context.Context, code commerce.Secret) (card giftcards.Card, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		card, err = giftcards.ByCode(tx, code)
		return err
	})
	return card, err
}

// GiftLink is the address that shows the gift card of a code.
func (c *Checkout) GiftLink(code commerce.Secret) string { return c.URL() + "/g/" + code.Reveal() }

// IsGift reports whether an order buys a gift card.
func IsGift(o orders.Order) bool { return gift(o) != nil }
