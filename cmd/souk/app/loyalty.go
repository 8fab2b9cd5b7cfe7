package app

import (
	"cmp"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/expiry"
	"github.com/soukchat/souk/commerce/loyalty"
	"github.com/soukchat/souk/config"
)

// loyalty connects the tiers of members.
func (a *App) loyalty() *loyalty.Loyalty {
	return loyalty.New(loyalty.Config{DB: a.DB, Clock: a.Clock, IDs: a.IDs, Rules: func() loyalty.Rules { return a.derived.Load().tiers }})
}

// expiry lets points expire.
func (a *App) expiry() *expiry.Expiry {
	return expiry.New(expiry.Config{DB: a.DB, Clock: a.Clock, IDs: a.IDs, Rules: func() expiry.Rules {
		cfg := a.config.Load()
		return expiry.Rules{After: time.Duration(cfg.Points.Expire.N()) * 24 * time.Hour, Zone: cfg.Policies.Zone()}
	}})
}

// peopleOfLoyalty connects what belongs to a person.
func (a *App) peopleOfLoyalty() {
	a.Members.OnLink(a.Loyalty.Link) // after the wallets
	a.Members.OnErase(a.Loyalty.Erase)
	a.Members.OnExport(a.Loyalty.Export)
}

// loyaltyRules are the tiers of the configuration.
func loyaltyRules(cfg *config.Config) (r loyalty.Rules, err error) {
	r.Within = time.Duration(cfg.Loyalty.Days.N()) * 24 * time.Hour
	for name, t := range cfg.Loyalty.Tiers {
		from, err := t.From(cfg.Shop.Currency)
		if err != nil {
			return r, err
		}
		r.Tiers = append(r.Tiers, loyalty.Tier{ID: name, Name: t.Name, Names: t.Names, From: from})
	}
	slices.SortFunc(r.Tiers, func(a, b loyalty.Tier) int { return cmp.Compare(a.From.Amount, b.From.Amount) })
	return r, nil
}

// creatorTiers are the tiers of creators, the lowest first.
func creatorTiers(cfg *config.Config) (list []earnings.Tier, err error) {
	for name, t := range cfg.Earnings.Tiers {
		from, err := t.From(cfg.Shop.Currency)
		if err != nil {
			return nil, err
		}
		one := earnings.Tier{ID: name, Name: t.Name, Names: t.Names, Followers: from}
		if t.Brought != "" {
			one.Followers, one.Brought = 0, from
		}
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b earnings.Tier) int {
		return cmp.Compare(a.Followers+a.Brought, b.Followers+b.Brought)
	})
	return list, nil
}
