package checkout

// This file keeps what an order needs until it is paid. The rules are:
//   - Everything scarce is taken when the order is placed: units of stock, the
//     uses of its codes and offers, and what it spends beside the card. All of it, or the order is not placed.
//   - An order that is not paid gives all of it back, once.
//   - Money that comes after that takes all of it again, or goes back.

import (
	"errors"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/giftcards"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/promotions"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/commerce/stock"
)

// reserve takes what an order needs, for an order that is being placed; one on
// a claim can be paid for as long as that holds. Its errors are conflicts: what
// the quote had is not there any more.
func (c *Checkout) reserve(tx *database.Tx, o *orders.Order) error {
	lines := units(*o)
	if o.Claim != "" {
		from, until, err := c.Claims.Ordered(tx, *o)
		if err != nil {
			return err
		}
		o.ExpiresAt = until
		for i := range lines {
			lines[i].From = from
		}
	}
	if err := stock.Take(tx, o.CreatedAt, stock.Hold{ID: o.Hold, Member: o.Member, Lines: lines, Expires: o.ExpiresAt}); err != nil {
		return err
	}
	if err := c.takeUses(tx, *o, false); err != nil {
		return err
	}
	return reserveTender(tx, *o)
}

// reserveAgain takes what an order needs after it had been given back.
func (c *Checkout) reserveAgain(tx *database.Tx, o orders.Order) error {
	from := ""
	if o.Claim != "" {
		var err error
		if from, err = c.Claims.Late(tx, o); err != nil {
			return err
		}
	}
	if err := stock.Retake(tx, o.Hold, from); err != nil {
		return err
	}
	if err := c.takeUses(tx, o, true); err != nil {
		return err
	}
	return reserveTender(tx, o)
}

func reserveTender(tx *database.Tx, o orders.Order) error {
	for _, l := range o.Lines {
		if l.Kind == pricing.KindGiftCard && l.Amount.Amount != 0 {
			if err := giftcards.Keep(tx, o.Member, l.Ref); err != nil {
				return err
			}
		}
	}
	for _, e := range tender(o) {
		if e.Amount.Amount == 0 {
			continue
		}
		if err := rewards.Hold(tx, o.ID, e.Account, e.Amount); err != nil {
			return err
		}
	}
	return nil
}

// unreserve gives back what an order that will not be paid has taken.
func (c *Checkout) unreserve(tx *database.Tx, o orders.Order) error {
	err := errors.Join(stock.Release(tx, o.Hold), rewards.Unhold(tx, o.ID), promotions.Release(tx, o.ID))
	if err == nil && o.Claim != "" {
		err = c.Claims.Released(tx, o)
	}
	return err
}

// tender lists what an order spends beside the card: accounts with the amounts
// that leave them.
func tender(o orders.Order) (list []rewards.Entry) {
	for _, l := range o.Lines {
		amount := commerce.Money{Amount: -l.Amount.Amount, Currency: l.Amount.Currency}
		switch l.Kind {
		case pricing.KindCredit:
			list = append(list, rewards.Entry{Account: rewards.Credit(o.Member), Amount: amount})
		case pricing.KindGiftCard:
			list = append(list, rewards.Entry{Account: rewards.GiftCard(l.Ref), Amount: amount})
		case pricing.KindPoints:
			list = append(list, rewards.Entry{Account: rewards.Points(o.Member), Amount: commerce.Money{Amount: l.Quantity, Currency: rewards.PointsCurrency}})
		}
	}
	return list
}
