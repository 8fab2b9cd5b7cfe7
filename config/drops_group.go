package config

import (
	"fmt"
	"time"
)

// longestGroup is how long a group price may be open: an authorisation of a card
// lasts seven days at Stripe, counted from when the first joins, and the close
// still has to capture it.
const longestGroup = 6 * 24 * time.Hour

// groupPrice checks the steps of a group price.
func (v *validator) groupPrice(path string, d Drop) {
	switch {
	case d.Mode != "group" && len(d.Steps) > 0:
		v.say(path+".steps", "are for mode group")
		return
	case d.Mode != "group":
		return
	case len(d.Steps) == 0:
		v.say(path, "needs steps: a group price falls as members join")
		return
	case d.Price != "":
		v.say(path+".price", "stands in the steps of a group price")
	case d.Line != "":
		v.say(path+".line", "is for a queue: of a group price nobody waits")
	}
	units := d.Units.N()
	for _, n := range d.Variants {
		units += n.N()
	}
	var joined, price int64
	for i, s := range d.Steps {
		here := fmt.Sprintf("%s.steps[%d]", path, i)
		v.amount(here+".price", s.Price)
		m, err := s.Price.Money(v.cfg.Shop.Currency)
		if err != nil {
			continue
		}
		switch {
		case i > 0 && s.Joined.N() <= joined:
			v.say(here+".joined", "%s is not more than the step before", s.Joined)
		case i > 0 && m.Amount >= price:
			v.say(here+".price", "%s is not less than the step before", s.Price)
		case s.Joined.N() > units && units > 0:
			v.say(here+".joined", "%s is more than there are units: it could never be reached", s.Joined)
		}
		joined, price = s.Joined.N(), m.Amount
	}
}
