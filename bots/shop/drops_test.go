package shop_test

import (
	"testing"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce/drops"
)

// cups opens a drop, d, of one cup.
func (w *world) cups(p drops.Plan) {
	w.Helper()
	cup, now := w.product("cup"), w.clock.Now()
	p.ID, p.Name, p.Title, p.Brand, p.Product, p.Mode = "d", "d", "The cups", "acme", cup.ID, drops.Queue
	p.Units = []drops.Unit{{Variant: cup.Variants[0].ID, Units: 1}}
	p.Opens, p.Closes, p.PayWithin = now.Add(time.Minute), now.Add(time.Hour), 10*time.Minute
	w.shop.Drops.Declare([]drops.Plan{p})
	for range 2 {
		for n := 1; n > 0; {
			var err error
			n, err = w.shop.Drops.Step(w.ctx)
			w.must(err)
		}
		w.clock.Wait(2 * time.Minute)
	}
}

// TestTooLateForAnother: who has a unit and comes too late for another reads so
// above what they have. Who has none reads no more than that.
func TestTooLateForAnother(t *testing.T) {
	each(t, func(w *world) {
		w.cups(drops.Plan{PerPerson: 2})
		ann, ben := w.person("ann"), w.person("ben")
		ann.do("drop claim d")
		ann.sees("It is yours for", "[Claim another]")
		ann.misses("Too late")
		ann.tap("Claim another")
		ann.sees("Too late: all are taken", "It is yours for", "[Buy now]")
		ann.do("drop claim d")
		ann.sees("It is yours for")
		ann.misses("Too late")
		ann.group = true // a button of an old post
		ann.do("drop claim d " + string(w.product("cup").Variants[0].ID) + " 1")
		ann.sees("Too late: all are taken", "It is yours for")
		ben.do("drop claim d")
		ben.sees("Too late: all are taken")
		ben.misses("yours", "[Claim another]")
	})
}

// TestWhyOfRoles: the roles somebody has in a server are told there only. Where
// they are not, nothing is claimed about a drop that is for some.
func TestWhyOfRoles(t *testing.T) {
	each(t, func(w *world) {
		w.cups(drops.Plan{Who: []drops.Rule{{Role: "77", Called: "Potters"}}})
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
