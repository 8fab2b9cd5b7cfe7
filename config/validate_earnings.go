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
	for i, r := range v.cfg.Earnings.Rates {
		path := fmt.Sprintf("earnings.rates[%d]", i)
		share(path+".percent", r.Percent)
		v.goods(path, Goods{Brands: r.Brands, Products: r.Products})
		if len(r.Brands)+len(r.Products) == 0 && !v.broken(path+".brands") && !v.broken(path+".products") {
			v.say(path, "needs brands or products it is for")
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
