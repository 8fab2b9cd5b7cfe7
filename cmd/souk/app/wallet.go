package app

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/giftcards"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/config"
)

// pointValue is what the points of members are worth.
func pointValue(cfg *config.Config) (v pricing.PointValue, err error) {
	if cfg.Points.Worth == "" {
		return v, nil
	}
	worth, err := cfg.Points.Worth.Money(cfg.Shop.Currency)
	if err != nil {
		return v, err
	}
	most := int64(1_000_000)
	if cfg.Points.Most != "" {
		if most, err = cfg.Points.Most.PPM(); err != nil {
			return v, err
		}
	}
	return pricing.PointValue{Per: 100, Worth: worth.Amount, Currency: worth.Currency, MostPPM: most, Step: cfg.Points.Count()}, nil
}

// gifts are the gift cards that are sold now.
func (a *App) gifts() []commerce.Money { return a.derived.Load().gifts }

// wallets connects what members can spend: when two become one, when one is
// forgotten, when one takes along what we keep.
func (a *App) wallets() {
	a.Members.OnLink(func(tx *database.Tx, keep, gone commerce.MemberID) error {
		if err := rewards.Link(tx, a.Clock.Now(), keep, gone); err != nil {
			return err
		}
		return giftcards.Link(tx, keep, gone)
	})
	a.Members.OnErase(rewards.Erase)
	a.Members.OnErase(giftcards.Erase)
	a.Members.OnExport(func(ctx context.Context, m commerce.MemberID) (string, any, error) {
		list, err := rewards.Export(ctx, a.DB, m)
		return "wallet", list, err
	})
	a.Members.OnExport(func(ctx context.Context, m commerce.MemberID) (string, any, error) {
		list, err := giftcards.Export(ctx, a.DB, m)
		return "giftcards", list, err
	})
}
