package shop

// This file is what members see of a group price. The rules are:
//   - The card says how many joined, what it costs all of them now, and what the
//     next step needs.
//   - Who joins reads the most they can be charged, and when; until then they
//     can leave.

import (
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/orders"
)

// groupState says in a line how a group price stands.
func (v *visit) groupState(d drops.Drop) string {
	now, reached, next, more := d.At(d.Joined)
	final := commerce.Money{Amount: d.Reached, Currency: d.Price.Currency}
	switch {
	case d.Missed():
		return v.Say("drop.groupmissed")
	case d.State != drops.Open:
		return v.Count("drop.groupreached", d.Joined, "Price", final)
	case !reached:
		return v.Count("drop.groupfew", d.Joined, "More", strconv.FormatInt(next.Joined-d.Joined, 10), "Price", next.Price)
	case more:
		return v.Count("drop.groupnow", d.Joined, "Price", now.Price, "More", strconv.FormatInt(next.Joined-d.Joined, 10), "Next", next.Price)
	}
	return v.Count("drop.grouplast", d.Joined, "Price", now.Price)
}

// groupRule says how the price falls.
func (v *visit) groupRule(d drops.Drop) string {
	var steps []string
	for _, s := range d.Steps {
		steps = append(steps, v.Say("drop.groupstep", "Joined", strconv.FormatInt(s.Joined, 10), "Price", s.Price))
	}
	return v.Say("drop.grouprule", "Steps", strings.Join(steps, ", "), "Most", d.Price, "Time", v.Moment(d.Closes))
}

// groupPlace says how it stands for who has a place in a group price; "" where
// it is as in any drop.
func (v *visit) groupPlace(s *Shop, d drops.Drop, e drops.Entry) string {
	if d.Mode != drops.Group {
		return ""
	}
	switch e.State {
	case drops.Won:
		if o, ok := s.joined(v, e); ok {
			return v.Say("drop.youjoined", "Total", o.Total, "Time", v.Moment(d.Closes))
		}
		return v.Say("drop.groupyours", "Time", v.Clock(e.Until))
	case drops.Lapsed:
		if d.State != drops.Open {
			return v.Say("drop.grouplapsedend")
		}
		return v.Say("drop.grouplapsed")
	case drops.Lost, drops.Left:
		if d.Missed() {
			return v.Say("drop.releasedmissed")
		}
		return v.Say("drop.released")
	}
	return ""
}

// joined returns the order by which a member has joined.
func (s *Shop) joined(v *visit, e drops.Entry) (orders.Order, bool) {
	if e.Order == "" {
		return orders.Order{}, false
	}
	o, err := s.Checkout.Orders().Get(v.ctx, e.Order)
	return o, err == nil && o.Held()
}

// singleButton leads to the product at what it costs anybody.
func (v *visit) singleButton(d drops.Drop) bots.Button {
	return v.primary("button.single", "p", string(d.Product))
}
