package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
)

// This file checks prices, promotions, offers and creators' codes: rules that
// could never apply are problems, and so is a code that two of them have.

func (v *validator) promotions() {
	codes := map[string]string{} // folded, and where it was first
	code := func(path, text string) {
		folded := strings.ToUpper(strings.ReplaceAll(text, "-", ""))
		if other, ok := codes[folded]; ok && text != "" {
			v.say(path, "%q is the code of %s already; case and - do not matter", text, other)
		}
		codes[folded] = path
	}
	for _, name := range sorted(v.cfg.Promotions) {
		p, path := v.cfg.Promotions[name], "promotions."+name
		code(path+".code", p.Code)
		v.gives(path, p.Gives, p.Minimum)
		v.goods(path+".for", p.For)
		v.span(path, p.From, p.Until)
		if p.Limit.N() > 0 && p.PerMember.N() > p.Limit.N() {
			v.say(path+".per_member", "%d is more than the limit of %d for everybody", p.PerMember.N(), p.Limit.N())
		}
	}
	for _, name := range sorted(v.cfg.Offers) {
		o, path := v.cfg.Offers[name], "offers."+name
		v.reference(path+".brand", "brand", o.Brand, "brands", sorted(v.cfg.Brands))
		v.references(path+".communities", "community", o.Communities, "communities", sorted(v.cfg.Communities))
		v.gives(path, o.Gives, o.Minimum)
		v.goods(path+".for", o.For)
		if len(o.For.Brands) > 0 {
			v.say(path+".for.brands", "an offer is for the goods of its own brand")
		}
		v.span(path, o.From, o.Until)
	}
	for _, name := range sorted(v.cfg.Creators) {
		c, path := v.cfg.Creators[name].Code, "creators."+name+".code"
		if c == nil {
			continue
		}
		code(path+".text", c.Text)
		v.percent(path+".percent", c.Percent)
	}
	for _, name := range sorted(v.cfg.Brands) {
		for i, p := range v.cfg.Brands[name].Prices {
			v.price(name, fmt.Sprintf("brands.%s.prices[%d]", name, i), p)
		}
		for i, s := range v.cfg.Brands[name].Shipping {
			for _, cur := range sorted(s.Prices) {
				here := fmt.Sprintf("brands.%s.shipping[%d].prices.%s", name, i, cur)
				if commerce.Digits(cur) < 0 {
					v.say(here, "%q is not an ISO 4217 currency", cur)
				} else if cur == v.cfg.Shop.Currency {
					v.say(here, "is the shop's currency: its price is `price`")
				}
				v.amountIn(here, s.Prices[cur], cur)
			}
		}
	}
}

func (v *validator) gives(path string, g Gives, minimum Amount) {
	v.amount(path+".minimum", minimum)
	v.amount(path+".gives.fixed", g.Fixed)
	v.amount(path+".gives.at_most", g.AtMost)
	v.percent(path+".gives.percent", g.Percent)
	cur := v.cfg.Shop.Currency
	fixed, err1 := g.Fixed.Money(cur)
	least, err2 := minimum.Money(cur)
	switch {
	case !g.FreeShipping && g.Percent == "" && g.Fixed == "" && g.Get == "" && !v.broken(path+".gives"):
		v.say(path+".gives.free_shipping", "takes nothing off")
	case g.Fixed != "" && err1 == nil && fixed.Amount == 0:
		v.say(path+".gives.fixed", "takes nothing off")
	case g.Fixed != "" && minimum != "" && err1 == nil && err2 == nil && least.Amount < fixed.Amount:
		v.say(path+".minimum", "%s is less than the %s it takes off", minimum, g.Fixed)
	}
	if g.Buy != "" && g.Get == "" {
		v.say(path+".gives.buy", "needs get: how many of them cost nothing")
	}
	if g.Get != "" && g.Buy == "" {
		v.say(path+".gives.get", "needs buy: how many have to be bought for that")
	}
}

func (v *validator) percent(path string, a Amount) {
	if a == "" {
		return
	}
	if ppm, err := a.PPM(); err != nil {
		v.say(path, "%s is %s", v.quote(path), err)
	} else if ppm == 0 {
		v.say(path, "takes nothing off")
	}
}

func (v *validator) goods(path string, g Goods) {
	v.references(path+".brands", "brand", g.Brands, "brands", sorted(v.cfg.Brands))
	for i, p := range g.Products {
		v.reference(fmt.Sprintf("%s.products[%d].brand", path, i), "brand", p.Brand, "brands", sorted(v.cfg.Brands))
	}
}

func (v *validator) span(path string, from, until Moment) {
	a, b := from.Start(time.UTC), until.End(time.UTC)
	for key, m := range map[string]Moment{"from": from, "until": until} {
		if m != "" && m.Start(time.UTC).IsZero() {
			v.say(path+"."+key, "%s is no day of the calendar", v.quote(path+"."+key))
			return
		}
	}
	if !a.IsZero() && !b.IsZero() && !b.After(a) {
		v.say(path+".until", "%s is not after from, %s", until, from)
	}
}

func (v *validator) price(brand, path string, p Price) {
	cur := p.Currency
	switch {
	case cur == "":
		cur = v.cfg.Shop.Currency
	case commerce.Digits(cur) < 0:
		v.say(path+".currency", "%s is not an ISO 4217 currency", v.quote(path+".currency"))
		return
	case cur != v.cfg.Shop.Currency && len(p.Communities) == 0:
		v.say(path, "is in another currency than the shop's: say in which communities")
	case cur != v.cfg.Shop.Currency && !v.cfg.Brands[brand].Digital && !v.shipsFor(brand, cur):
		v.say(path, "cannot be bought: no way to ship of this brand has a price in %s", cur)
	}
	v.amountIn(path+".price", p.Price, cur)
	v.amountIn(path+".compare_at", p.CompareAt, cur)
	price, err1 := p.Price.Money(cur)
	before, err2 := p.CompareAt.Money(cur)
	if p.CompareAt != "" && err1 == nil && err2 == nil && before.Amount <= price.Amount {
		v.say(path+".compare_at", "%s is no higher, earlier price", p.CompareAt)
	}
	v.references(path+".communities", "community", p.Communities, "communities", sorted(v.cfg.Communities))
	v.span(path, p.From, p.Until)
}

func (v *validator) shipsFor(brand, currency string) bool {
	for _, s := range v.cfg.Brands[brand].Shipping {
		if s.Prices[currency] != "" {
			return true
		}
	}
	return false
}

func (v *validator) amountIn(path string, a Amount, currency string) {
	if a == "" || commerce.Digits(currency) < 0 {
		return
	}
	if _, err := a.Money(currency); err != nil {
		v.say(path, "%s", err)
	}
}
