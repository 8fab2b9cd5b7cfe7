package app

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/config"
)

// earnings connects what creators earn.
func (a *App) earnings() *earnings.Earnings {
	return earnings.New(earnings.Config{DB: a.DB, Clock: a.Clock, IDs: a.IDs, Creators: a.Creators, Taps: a.Live.Tapped,
		Rules: func() earnings.Rules { return a.derived.Load().earn }, Admins: a.admins,
		Kept: func(tx *database.Tx, o orders.Order) (time.Time, error) { return a.Checkout.Kept(tx, o) }})
}

// credits tells what was bought to those who credit it: points to who recommended
// it, love to the picks.
type credits struct {
	*earnings.Earnings
	creators *creators.Creators
}

func (c credits) Sold(tx *database.Tx, o orders.Order) error {
	if err := c.Earnings.Sold(tx, o); err != nil {
		return err
	}
	return c.creators.Sold(tx, o.Member, picksIn(o), o.PaidAt, false)
}

func (c credits) Returned(tx *database.Tx, o orders.Order, p checkout.Returned) error {
	err := c.Earnings.Returned(tx, o, p)
	if err == nil && p.All {
		err = c.creators.Sold(tx, o.Member, picksIn(o), o.PaidAt, true)
	}
	return err
}

// picksIn lists the picks from which something came into an order.
func picksIn(o orders.Order) (list []commerce.PickID) {
	for _, l := range o.Lines {
		if l.Pick != "" {
			list = append(list, l.Pick)
		}
	}
	return list
}

// earningRules are the rules of the configuration by which creators earn.
func (a *App) earningRules(ctx context.Context, cfg *config.Config, points pricing.PointValue) (r earnings.Rules, err error) {
	r = earnings.Rules{Worth: points.Worth, Currency: points.Currency, Credit: cfg.Earnings.Credit, Window: time.Duration(cfg.Earnings.Days.N()) * 24 * time.Hour}
	r.Money = cfg.Earnings.Pay == "money"
	if b := cfg.Earnings.Brought; b.Points != "" {
		if r.BringPoints, err = strconv.ParseInt(string(b.Points), 10, 64); err != nil {
			return r, err
		}
	} else if b.Percent != "" {
		if r.Bring, err = b.Percent.PPM(); err != nil {
			return r, err
		}
	}
	for currency, amount := range cfg.Earnings.Worth {
		worth, err := amount.Money(currency)
		if err != nil {
			return r, err
		}
		if r.Others == nil {
			r.Others = map[string]int64{}
		}
		r.Others[currency] = worth.Amount
	}
	if cfg.Earnings.Percent != "" {
		if r.PPM, err = cfg.Earnings.Percent.PPM(); err != nil {
			return r, err
		}
	}
	if r.Tiers, err = creatorTiers(cfg); err != nil {
		return r, err
	}
	if len(r.Tiers) > 0 {
		r.Currency = cfg.Shop.Currency
		r.Within = time.Duration(cfg.Earnings.TierDays.N()) * 24 * time.Hour
	}
	if len(cfg.Earnings.Rates) == 0 {
		return r, nil
	}
	snap, err := a.Catalog.Snapshot(ctx)
	for _, one := range cfg.Earnings.Rates {
		if err != nil {
			break
		}
		s := scopeOf(snap, cfg, config.Goods{Brands: one.Brands, Products: one.Products})
		rate := earnings.Rate{Tier: one.Tier, Brands: s.Brands, Products: s.Products, Variants: s.Variants}
		rate.PPM, err = one.Percent.PPM()
		r.Rates = append(r.Rates, rate)
	}
	return r, err
}

// creatorMember finds who a creator of the configuration is in the chat, "" for
// nobody. Who became another creator in the chat stays that one.
func (a *App) creatorMember(ctx context.Context, name string, c config.Creator) (commerce.MemberID, error) {
	platform, account := "telegram", c.Telegram
	if account == "" {
		platform, account = "discord", c.Discord
	}
	if account == "" {
		return "", nil
	}
	m, err := a.meet(ctx, platform, account, c.Name)
	if err != nil {
		return "", err
	}
	was, err := a.Creators.Of(ctx, m)
	if errors.Is(err, creators.ErrUnknownCreator) {
		return m, nil
	}
	if err == nil && was.ID != CreatorID(name) && !was.MadeAt.IsZero() {
		a.Log.Warn("this account became a creator in the chat, and is not one of the configuration", "creator", name)
		return "", nil
	}
	return m, err
}
