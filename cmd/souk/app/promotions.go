package app

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/promotions"
	"github.com/soukchat/souk/config"
)

// PromotionOf is a promotion of a configuration by its name, as `souk codes`
// needs it: what it takes off and for which goods is left out.
func PromotionOf(name string) promotions.Rule {
	return promotions.Rule{ID: commerce.PublicID("promotion", name), Name: name, Kind: promotions.Code}
}

// declarePromotions takes over codes, offers and special prices.
func (a *App) declarePromotions(ctx context.Context, cfg *config.Config) error {
	zone := cfg.Policies.Zone()
	snap, err := a.Catalog.Snapshot(ctx)
	if err != nil {
		return err
	}
	scope := func(g config.Goods) pricing.Scope { return scopeOf(snap, cfg, g) }
	var list []promotions.Rule
	for _, name := range slices.Sorted(maps.Keys(cfg.Promotions)) {
		p, r := cfg.Promotions[name], PromotionOf(name)
		r.Code, r.Limit, r.PerMember = p.Code, p.Limit.N(), p.PerMember.N()
		r.From, r.Until = p.From.Start(zone), p.Until.End(zone)
		if r.Takes, err = takes(cfg, p.Label, p.Gives, p.Minimum, p.Stacks, scope(p.For)); err != nil {
			return err
		}
		list = append(list, r)
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Offers)) {
		o := cfg.Offers[name]
		r := promotions.Rule{ID: commerce.PublicID("offer", name), Name: name, Kind: promotions.Offer, Brand: BrandID(o.Brand), Text: o.Text,
			Limit: o.Limit.N(), PerMember: 1, From: o.From.Start(zone), Until: o.Until.End(zone)}
		for _, c := range o.Communities {
			r.Communities = append(r.Communities, commerce.CommunityID(c))
		}
		within := scope(o.For)
		within.Within = r.Brand
		if r.Takes, err = takes(cfg, o.Label, o.Gives, o.Minimum, o.Stacks, within); err != nil {
			return err
		}
		list = append(list, r)
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Creators)) {
		c := cfg.Creators[name]
		if c.Code == nil {
			continue
		}
		r := promotions.Rule{ID: commerce.PublicID("creatorcode", name), Name: name, Kind: promotions.Creator, Code: c.Code.Text, Creator: CreatorID(name)}
		if r.Takes, err = takes(cfg, c.Name, config.Gives{Percent: c.Code.Percent}, "", false, pricing.Scope{}); err != nil {
			return err
		}
		list = append(list, r)
	}
	prices, err := specialPrices(cfg, zone)
	if err != nil {
		return err
	}
	if err := a.Promotions.Declare(ctx, list); err != nil {
		return err
	}
	a.Catalog.DeclarePrices(prices)
	return nil
}

func takes(cfg *config.Config, label string, g config.Gives, minimum config.Amount, stacks bool, scope pricing.Scope) (d pricing.Discount, err error) {
	d = pricing.Discount{Label: label, Scope: scope, Shipping: g.FreeShipping, Buy: g.Buy.N(), Get: g.Get.N(), Exclusive: !stacks}
	if g.Percent != "" {
		if d.Percent, err = g.Percent.PPM(); err != nil {
			return d, err
		}
	}
	for to, amount := range map[*commerce.Money]config.Amount{&d.Fixed: g.Fixed, &d.Cap: g.AtMost, &d.Minimum: minimum} {
		if *to, err = amount.Money(cfg.Shop.Currency); err != nil {
			return d, err
		}
	}
	return d, nil
}

// scopeOf writes goods as pricing knows them. What no feed holds is kept as
// something nobody can buy: without it the scope would be everything.
func scopeOf(snap *catalog.Snapshot, cfg *config.Config, g config.Goods) (s pricing.Scope) {
	for _, b := range g.Brands {
		s.Brands = append(s.Brands, BrandID(b))
	}
	for _, c := range g.Categories {
		s.Categories = append(s.Categories, catalog.CategoryID(c))
	}
	for _, it := range g.Products {
		for _, name := range slices.Sorted(maps.Keys(cfg.Brands)) {
			if it.Brand != "" && it.Brand != name {
				continue
			}
			id := catalog.ProductID(BrandID(name), it.Product)
			if it.Variant == "" {
				s.Products = append(s.Products, id)
				continue
			}
			variant := commerce.VariantID("-")
			if p, ok := snap.Product(id); ok {
				for _, v := range p.Variants {
					if strings.EqualFold(v.Label(), it.Variant) {
						variant = v.ID
					}
				}
			}
			s.Variants = append(s.Variants, variant)
		}
	}
	return s
}

func specialPrices(cfg *config.Config, zone *time.Location) (list []catalog.Special, err error) {
	for _, name := range slices.Sorted(maps.Keys(cfg.Brands)) {
		for _, p := range cfg.Brands[name].Prices {
			currency := p.Currency
			if currency == "" {
				currency = cfg.Shop.Currency
			}
			s := catalog.Special{Brand: BrandID(name), Product: p.Product, Variant: p.Variant, From: p.From.Start(zone), Until: p.Until.End(zone)}
			if s.Price, err = p.Price.Money(currency); err != nil {
				return nil, err
			}
			if s.CompareAt, err = p.CompareAt.Money(currency); err != nil {
				return nil, err
			}
			for _, c := range p.Communities {
				s.Communities = append(s.Communities, commerce.CommunityID(c))
			}
			list = append(list, s)
		}
	}
	return list, nil
}

// offers plans which offer is posted where.
func (a *App) offers(ctx context.Context) error {
	d, cfg := a.derived.Load(), a.config.Load()
	var chats []promotions.Chat
	for _, name := range slices.Sorted(maps.Keys(cfg.Communities)) {
		if !a.takes(cfg, name) {
			continue
		}
		for _, chat := range cfg.Communities[name].Chats {
			chats = append(chats, promotions.Chat{Bot: chat.Bot, ID: chat.ID, Thread: chat.Thread, Community: commerce.CommunityID(name),
				Sells: a.Shop.Shows(chat.Bot, chat.ID)})
		}
	}
	n, err := a.Promotions.PlanPosts(ctx, chats, creators.Policy{Every: cfg.Policies.PostEvery.D(), Quiet: d.quiet})
	if n > 0 {
		a.Outbox.Wake()
	}
	return err
}
