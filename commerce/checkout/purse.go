package checkout

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/giftcards"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/rewards"
)

// Purse is what a member can pay with beside the card, as they look at it.
type Purse struct {
	Credit   []commerce.Money // in each currency they have any in
	Points   int64
	Spending bool             // they want to spend their points
	Cards    []giftcards.Card // on their account, with something left
	Moved    []rewards.Moved  // what moved last, the newest first
}

// Empty reports that nothing is and was in the purse.
func (p Purse) Empty() bool {
	return len(p.Credit)+len(p.Cards)+len(p.Moved) == 0 && p.Points == 0
}

// purseMoves is how many movements a Purse tells.
const purseMoves = 5

// Purse returns what a member can pay with beside the card.
func (c *Checkout) Purse(ctx context.Context, m commerce.MemberID) (p Purse, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		p = Purse{}
		w, err := rewards.WalletOf(tx, m, "")
		if err != nil {
			return err
		}
		p.Points, p.Spending = w.Points, w.Spending
		if p.Credit, err = rewards.CreditOf(tx, m); err != nil {
			return err
		}
		cards, err := giftcards.Mine(tx, m)
		for _, card := range cards {
			if card.Left.Amount > 0 {
				p.Cards = append(p.Cards, card)
			}
		}
		return err
	})
	if err == nil {
		p.Moved, err = rewards.History(ctx, c.DB, m, purseMoves)
	}
	return p, err
}

// SpendPoints keeps whether a member wants to spend their points.
func (c *Checkout) SpendPoints(ctx context.Context, m commerce.MemberID, on bool) error {
	return rewards.Spend(ctx, c.DB, m, on)
}

// Redeem puts the gift card of a code onto a member's account. Whoever bought it
// is told, not by whom. Again it does nothing. It returns giftcards.ErrNone or giftcards.ErrTaken.
func (c *Checkout) Redeem(ctx context.Context, m commerce.MemberID, code commerce.Secret) (card giftcards.Card, err error) {
	err = c.DB.Write(ctx, func(tx *database.Tx) error {
		m, err := members.Current(tx, m)
		if err != nil {
			return err
		}
		if card, err = giftcards.Redeem(tx, m, code, c.Clock.Now()); err != nil || card.Buyer == m {
			return err
		}
		_, err = notices.Add(tx, c.IDs, c.Clock.Now(), notices.Notice{Kind: notices.GiftTaken, Member: card.Buyer,
			Args: map[string]string{"order": string(card.Order)}, Once: notices.GiftTaken + ":" + card.ID})
		return err
	})
	return card, err
}

// Grant gives credit or points to the member of g, who is told. The same grant
// again does nothing. It returns rewards.ErrGrant.
func (c *Checkout) Grant(ctx context.Context, g rewards.Granted) error {
	g.At = c.Clock.Now()
	return c.DB.Write(ctx, func(tx *database.Tx) (err error) {
		if g.Member, err = members.Current(tx, g.Member); err != nil {
			return err
		}
		isNew, err := rewards.Grant(tx, g)
		if err != nil || !isNew {
			return err
		}
		_, err = notices.Add(tx, c.IDs, g.At, notices.Notice{Kind: notices.Granted, Member: g.Member,
			Args: map[string]string{"grant": g.ID}, Once: notices.Granted + ":" + g.ID})
		return err
	})
}

// Granted returns what was given by its id; database.ErrNone where nothing was.
func (c *Checkout) Granted(ctx context.Context, id string) (rewards.Granted, error) {
	return rewards.GrantOf(ctx, c.DB, id)
}
