package shop_test

import (
	"testing"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce/drops"
)

// TestWhyOfRoles: the roles somebody has in a server are told there only. Where
// they are not, nothing is claimed about a drop that is for some.
func TestWhyOfRoles(t *testing.T) {
	each(t, func(w *world) {
		p := w.product("cup")
		now := w.clock.Now()
		w.shop.Drops.Declare([]drops.Plan{{ID: "d", Name: "d", Title: "The cups", Brand: "acme", Product: p.ID, Units: []drops.Unit{{Variant: p.Variants[0].ID, Units: 1}}, Mode: drops.Queue,
			Opens: now.Add(time.Minute), Closes: now.Add(time.Hour), PayWithin: 10 * time.Minute, Line: 1, Who: []drops.Rule{{Role: "77", Called: "Potters"}}}})
		for range 2 {
			for n := 1; n > 0; {
				var err error
				n, err = w.shop.Drops.Step(w.ctx)
				w.must(err)
			}
			w.clock.wait(2 * time.Minute)
		}
		ann := w.person("ann")
		do := func(action string, roles ...string) {
			t.Helper()
			ev := ann.event(bots.Event{Kind: bots.Do, Action: bots.Action(action)})
			ev.From.Roles = roles
			ann.last = w.shop.Handle(w.ctx, ev)
			w.check(ev, ann.last)
		}
		do("drop why d")
		ann.sees("The cups", "You have not claimed one.", "Potters")
		ann.misses("You meet none of its rules")
		do("why")
		ann.misses("The cups")

		do("drop why d", "5")
		ann.sees("You meet none of its rules", "Potters")
		do("why", "5")
		ann.sees("The cups", "You meet none of its rules")
		do("drop why d", "5", "77")
		ann.sees("You can take part, by this rule:", "Potters")
	})
}
