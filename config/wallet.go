package config

import (
	"fmt"
	"strconv"

	"github.com/soukchat/souk/commerce"
)

// wallet checks what points are worth and which gift cards are sold.
func (v *validator) wallet() {
	if _, err := v.cfg.Points.Worth.Money(v.cfg.Shop.Currency); err != nil {
		v.say("points.worth", "%s has more decimals than %s has", v.quote("points.worth"), v.cfg.Shop.Currency)
	}
	if _, err := v.cfg.Points.Most.PPM(); v.cfg.Points.Most != "" && err != nil {
		v.say("points.most", "%s is %v", v.quote("points.most"), err)
	}
	switch days := v.cfg.Points.Expire; {
	case days == "":
	case days.N() < 60 || days.N() > 3650:
		v.say("points.expire", "%s is not from 60 to 3650: members are told 30 days before", days)
	case v.cfg.Points.Worth == "":
		v.say("points.expire", "needs worth: nobody could spend them before")
	}
	seen := map[commerce.Money]bool{}
	for i, a := range v.cfg.GiftCards.Amounts {
		path := fmt.Sprintf("giftcards.amounts[%d]", i)
		m, err := a.Money(v.cfg.Shop.Currency)
		switch {
		case err != nil:
			v.say(path, "%s has more decimals than %s has", v.quote(path), v.cfg.Shop.Currency)
		case m.Amount <= 0:
			v.say(path, "a gift card must be worth something")
		case seen[m]:
			v.say(path, "stands there twice")
		}
		seen[m] = true
	}
}

// Count reads the step as a number; 1 where it was not written.
func (p Points) Count() int64 {
	n, err := strconv.ParseInt(string(p.Step), 10, 64)
	if err != nil || n < 1 {
		return 1
	}
	return n
}
