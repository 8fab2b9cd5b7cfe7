package config

import "fmt"

func (v *validator) earnings() {
	share := func(path string, a Amount) {
		if _, err := a.PPM(); a != "" && err != nil {
			v.say(path, "%s is %v", v.quote(path), err)
		}
	}
	share("earnings.percent", v.cfg.Earnings.Percent)
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
