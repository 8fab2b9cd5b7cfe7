package checkout

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/giftcards"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
)

// tenderOf is what a member can pay with beside the card. What an open order of
// theirs holds counts: placing another one gives it back first. The wallet is
// what they read of it.
func (c *Checkout) tenderOf(ctx context.Context, m commerce.MemberID, currency string) (t pricing.Tender, w rewards.Wallet, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		t = pricing.Tender{}
		if w, err = rewards.WalletOf(tx, m, currency); err != nil {
			return err
		}
		cards, err := giftcards.Of(tx, m, currency)
		for _, card := range cards {
			if card.Left.Amount > 0 {
				t.GiftCards = append(t.GiftCards, pricing.GiftCard{ID: card.ID, Label: card.LastFour, Balance: card.Left.Amount})
			}
		}
		return err
	})
	if err != nil {
		return t, w, err
	}
	least, step, err := payments.Charged(currency)
	if err != nil {
		return t, w, nil // not a currency that cards are charged in: the quote says so
	}
	t.Credit, t.Least, t.Step = w.Credit.Amount, least.Amount, step
	if c.Points != nil {
		t.Value = c.Points()
	}
	if w.Spending {
		t.Points = w.Points
	}
	return t, w, nil
}

// pointsOffer is what the points a member has would take off a quote which
// spends none: how many, and how much.
func (c *Checkout) pointsOffer(req pricing.Request, rules pricing.Rules, w rewards.Wallet) (n int64, off commerce.Money) {
	req.Tender.Points = w.Points
	q, err := pricing.Compute(req, rules)
	if err != nil {
		return 0, off
	}
	for _, l := range q.Lines {
		if l.Kind == pricing.KindPoints {
			n, off = l.Quantity, commerce.Money{Amount: -l.Amount.Amount, Currency: l.Amount.Currency}
		}
	}
	return n, off
}
