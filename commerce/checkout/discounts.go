package checkout

// This file brings what waits for a member into their quote: codes, offers,
// creators' codes. The rules are:
//   - What has lapsed is left out of the quote, and said.
//   - A quote that changed because of that is another quote: Place returns
//     ErrQuoteChanged and nobody pays a price they have not seen.
//   - An order that is placed keeps what was agreed, whatever ends meanwhile.

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/promotions"
)

// Note is a code or an offer of the member that took nothing off.
type Note struct {
	Claim  promotions.Claim
	Lapsed error          // it is over, or not yet begun: an error of commerce/promotions
	Missed pricing.Missed // else why it does not apply to what is bought
}

// waiting puts what waits for a member into the request. It returns all of it.
func (c *Checkout) waiting(ctx context.Context, m commerce.MemberID, req *pricing.Request) ([]promotions.Claim, error) {
	if c.Promotions == nil {
		return nil, nil
	}
	claims, err := c.Promotions.Waiting(ctx, m)
	for _, one := range claims {
		if one.Lapsed == nil {
			req.Discounts = append(req.Discounts, one.Discount())
		}
	}
	return claims, err
}

// noted tells what of the claims took something off and what did not. Offers
// that are for other goods wait silently.
func noted(claims []promotions.Claim, q pricing.Quote) (applied []promotions.Claim, notes []Note) {
	for _, one := range claims {
		n := Note{Claim: one, Lapsed: one.Lapsed}
		found := false
		for _, l := range q.Lines {
			found = found || l.Kind == pricing.KindDiscount && l.Ref == one.Ref()
		}
		if found {
			applied = append(applied, one)
			continue
		}
		for _, m := range q.Missed {
			if m.ID == one.Ref() {
				n.Missed = m
			}
		}
		quiet := n.Missed.Reason == pricing.ForOthers || n.Missed.Reason == pricing.OtherCurrency
		if one.Rule.Kind == promotions.Offer && quiet {
			continue
		}
		notes = append(notes, n)
	}
	return applied, notes
}

// credit gives a sale to the creator whose code was used, where nobody else
// recommended the goods.
func credit(q pricing.Quote, applied []promotions.Claim) {
	for _, one := range applied {
		for _, l := range q.Lines {
			if one.Rule.Creator != "" && l.Item != nil && l.Item.Creator == "" {
				l.Item.Creator = one.Rule.Creator
			}
		}
	}
}

// refs are the discounts of an order.
func refs(o orders.Order) (list []string) {
	for _, l := range o.Lines {
		if l.Kind == pricing.KindDiscount && l.Ref != "" {
			list = append(list, l.Ref)
		}
	}
	return list
}

// takeUses takes what the discounts of an order cost.
func (c *Checkout) takeUses(tx *database.Tx, o orders.Order, late bool) error {
	if c.Promotions == nil {
		return nil
	}
	return c.Promotions.Take(tx, o.ID, o.Member, refs(o), c.Clock.Now(), late)
}
