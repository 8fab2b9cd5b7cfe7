package config

import "fmt"

func (v *validator) earnings() {
	share := func(path string, a Amount) {
		if _, err := a.PPM(); a != "" && err != nil {
			v.say(path, "%s is %v", v.quote(path), err)
		}
	}
	share("earnings.percent", v.cfg.Earnings.Percent)
	share("earnings.brought.percent", v.cfg.Earnings.Brought.Percent)
	if v.cfg.Earnings.Brought.Points != "" && v.cfg.Points.Worth == "" && !v.broken("points.worth") {
		v.say("earnings.brought.points", "points are worth nothing, so none are given: add points.worth")
	}
	v.earnedMoney()
	if v.cfg.Earnings.Days.N() > 90 {
		v.say("earnings.days", "%s is not from 1 to 90", v.cfg.Earnings.Days)
	}
	v.earningTiers()
	for i, r := range v.cfg.Earnings.Rates {
		path := fmt.Sprintf("earnings.rates[%d]", i)
		share(path+".percent", r.Percent)
		v.goods(path, Goods{Brands: r.Brands, Products: r.Products})
		v.reference(path+".tier", "tier", r.Tier, "earnings.tiers", sorted(v.cfg.Earnings.Tiers))
		for j, before := range v.cfg.Earnings.Rates[:i] {
			if len(before.Brands)+len(before.Products) == 0 && v.covers(before.Tier, r.Tier) {
				v.say(path, "never counts: earnings.rates[%d] fits before it, so put the higher tier first", j)
				break
			}
		}
		if r.Tier == "" && len(r.Brands)+len(r.Products) == 0 && !v.broken(path+".brands") && !v.broken(path+".products") {
			v.say(path, "needs brands, products or a tier it is for")
		}
	}
}

// earnedMoney checks what is said of points and money against each other.
func (v *validator) earnedMoney() {
	e := v.cfg.Earnings
	money := e.Pay == "money"
	v.amount("earnings.minimum", e.Minimum)
	if e.EveryDays != 0 && !money {
		v.say("earnings.every_days", "points are not paid out: add pay: money, or take every_days away")
	}
	if e.EveryDays > 0 && e.EveryDays < 7 {
		v.say("earnings.every_days", "money is paid out by itself every 7 days at most, not every %d", e.EveryDays)
	}
	for _, currency := range sorted(e.Worth) {
		path := "earnings.worth." + currency
		v.amountIn(path, e.Worth[currency], currency)
		switch {
		case money:
			v.say(path, "what points are worth says nothing where money is earned: take worth or pay: money away")
		case currency == v.cfg.Shop.Currency:
			v.say(path, "%s is the shop's currency: what points are worth in it is points.worth", currency)
		case v.cfg.Points.Worth == "" && !v.broken("points.worth"):
			v.say(path, "points are worth nothing in the shop's currency, so none are earned: add points.worth")
		}
	}
}

// accounts checks that a person is one creator only.
func (v *validator) accounts() {
	seen := map[string]string{}
	for _, name := range sorted(v.cfg.Creators) {
		c := v.cfg.Creators[name]
		for platform, account := range map[string]string{"telegram": c.Telegram, "discord": c.Discord} {
			if account == "" {
				continue
			}
			if other := seen[platform+account]; other != "" {
				v.say("creators."+name+"."+platform, "this account is creator %s already", other)
			}
			seen[platform+account] = name
		}
	}
}

// covers reports whether whoever has one tier has another as well.
func (v *validator) covers(lower, higher string) bool {
	a, one := v.cfg.Earnings.Tiers[lower]
	b, other := v.cfg.Earnings.Tiers[higher]
	if !one || !other {
		return false
	}
	from, wrong := a.From(v.cfg.Shop.Currency)
	to, worse := b.From(v.cfg.Shop.Currency)
	return wrong == nil && worse == nil && from <= to
}

// earningTiers checks the tiers of creators.
func (v *validator) earningTiers() {
	e := v.cfg.Earnings
	if e.TierDays.N() > mostTierDays {
		v.say("earnings.tier_days", "%s is not from 1 to %d", e.TierDays, mostTierDays)
	}
	if len(e.Tiers) > mostTiers {
		v.say("earnings.tiers", "has %d tiers: at most %d fit on a screen", len(e.Tiers), mostTiers)
	}
	seen, first := map[int64]string{}, ""
	for _, name := range sorted(e.Tiers) {
		t, path, key := e.Tiers[name], "earnings.tiers."+name, ".followers"
		v.tierNames(path, t.Names)
		if v.broken(path+".followers") || v.broken(path+".brought") {
			continue
		}
		if t.Brought != "" {
			key = ".brought"
		}
		if first != "" && (t.Brought != "") != (e.Tiers[first].Brought != "") {
			v.say(path, "is by something else than %s: say followers for all tiers, or brought for all", first)
			return
		}
		first = name
		from, err := t.From(v.cfg.Shop.Currency)
		switch {
		case err != nil:
			v.say(path+key, "%s has more decimals than %s has", v.quote(path+key), v.cfg.Shop.Currency)
			continue
		case from == 0 && t.Brought != "":
			v.say(path+key, "must be more than nothing: everybody would have it")
		}
		if other := seen[from]; other != "" {
			v.say(path+key, "is the same as that of %s: nobody would have one of the two", other)
		}
		seen[from] = name
	}
}

// From is what a creator must reach for the tier: followers, or minor units.
func (t EarningTier) From(currency string) (int64, error) {
	if t.Brought != "" {
		m, err := t.Brought.Money(currency)
		return m.Amount, err
	}
	return t.Followers.N(), nil
}
