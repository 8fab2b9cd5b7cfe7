package drops_test

import (
	"errors"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
)

// TestInviteOfSizes invites to jugs and bowls, one line for both: whoever is
// invited has a unit for sure, and another one while there is one.
func TestInviteOfSizes(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := twoSizes(t, db, 2, 5, nil, nil, func(p *drops.Plan) {
			p.Mode, p.PayWithin, p.Closes = drops.Invite, 12*time.Hour, start.Add(48*time.Hour)
			p.Who = []drops.Rule{{Follows: "ann"}}
		})
		for i := range 7 {
			w.follows(i, start.Add(time.Duration(i)*time.Minute-time.Hour)) // m0 first
		}
		w.opened()
		has := func(i int, state drops.EntryState, v commerce.VariantID) {
			t.Helper()
			if e := w.mine(i); e.State != state || state == drops.Won && e.Variant != v {
				t.Errorf("member %d: %s of %s; want %s of %s", i, e.State, e.Variant, state, v)
			}
		}
		has(0, drops.Won, jug)
		has(1, drops.Won, bowl)
		has(2, drops.Won, jug)
		has(3, drops.Won, bowl)
		has(4, drops.Waits, "")
		if e := w.entry(w.mine(5).ID); e.Ahead != 1 || w.get().For(e).Units != 4 {
			t.Errorf("%+v", e)
		}
		swap := func(i int, to commerce.VariantID) error {
			return w.drops.Swap(w.ctx, w.mine(i).ID, member(i), to)
		}
		// Nobody takes what somebody has, nor for another.
		if err := swap(0, bowl); !errors.Is(err, drops.ErrGone) {
			t.Errorf("a bowl that somebody has: %v", err)
		}
		if err := w.drops.Swap(w.ctx, w.mine(0).ID, member(1), bowl); !errors.Is(err, drops.ErrNone) {
			t.Errorf("another's: %v", err)
		}
		if err := swap(0, "nothing"); !errors.Is(err, drops.ErrNone) {
			t.Errorf("of no variant: %v", err)
		}
		if err := swap(4, bowl); !errors.Is(err, drops.ErrLapsed) {
			t.Errorf("who waits: %v", err)
		}
		w.audit()

		// A bowl that comes back goes to the next in line, whichever it is.
		w.must(w.drops.Leave(w.ctx, drop, member(3)))
		has(4, drops.Won, bowl)
		w.audit()

		// With the line at its end there is something to choose from. What is given
		// back for it is the next one's.
		w.must(w.drops.Leave(w.ctx, drop, member(5)))
		w.must(w.drops.Leave(w.ctx, drop, member(6)))
		w.must(w.drops.Leave(w.ctx, drop, member(1)))
		until := w.mine(0).Until
		w.clock.Wait(time.Hour)
		w.must(swap(0, bowl))
		has(0, drops.Won, bowl)
		if e := w.mine(0); !e.Until.Equal(until) {
			t.Errorf("they have until %v, and had until %v", e.Until, until)
		}
		w.must(swap(0, bowl))
		w.audit()
		// Who comes again may choose, too; where none of theirs is left they have what is.
		if e, err := w.wants(6, bowl, ""); err != nil || e.State != drops.Won || e.Variant != jug {
			t.Errorf("comes again: %+v, %v", e, err)
		}
		if e, err := w.wants(5, bowl, ""); err != nil || e.State != drops.Waits {
			t.Errorf("comes again where nothing is left: %+v, %v", e, err)
		}
		w.audit()

		// What is being paid for stays what it is.
		o, err := w.order(w.mine(0))
		w.must(err)
		if err := swap(0, jug); !errors.Is(err, drops.ErrLapsed) {
			t.Errorf("of what is being paid: %v", err)
		}
		w.sell(o)
		o, err = w.order(w.mine(4))
		w.must(err)
		w.sell(o)
		if e := w.mine(5); e.State != drops.Waits {
			t.Errorf("the bowls are sold, the jugs are not: %+v", e)
		}
		// A jug that is not paid in time goes to who waits, though they wanted a bowl.
		w.clock.Wait(12 * time.Hour)
		w.step()
		has(5, drops.Won, jug)
		has(2, drops.Lapsed, "")
		w.audit()
	})
}

// TestInviteInQuietHours: what comes back at night waits for the morning and for who
// is next, also where somebody comes again meanwhile.
func TestInviteInQuietHours(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := twoSizes(t, db, 1, 5, nil, nil, func(p *drops.Plan) {
			p.Mode, p.PayWithin, p.Closes = drops.Invite, 12*time.Hour, start.Add(48*time.Hour)
			p.Who = []drops.Rule{{Follows: "ann"}}
		})
		for i := range 4 {
			w.follows(i, start.Add(time.Duration(i)*time.Minute-time.Hour))
		}
		w.opened()
		quiet := true
		w.drops.Quiet = func(at time.Time) (time.Time, bool) { return at.Add(time.Hour), quiet }
		w.must(w.drops.Leave(w.ctx, drop, member(1))) // a bowl
		if e, err := w.wants(1, bowl, ""); err != nil || e.State != drops.Waits || e.Ahead != 2 {
			t.Errorf("comes again before those in line: %+v, %v", e, err)
		}
		w.step()
		if e := w.mine(2); e.State != drops.Waits {
			t.Errorf("invited in the quiet hours: %+v", e)
		}
		quiet = false
		w.step()
		if e := w.mine(2); e.State != drops.Won || e.Variant != bowl {
			t.Errorf("in the morning: %+v", e)
		}
		w.audit()
	})
}

// TestLateMoneyInQuietHours: what comes back at night is for who is invited in the
// morning, and none of late money's.
func TestLateMoneyInQuietHours(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 1, 5, func(p *drops.Plan) {
			p.Mode, p.PayWithin, p.Closes = drops.Invite, 12*time.Hour, start.Add(48*time.Hour)
			p.Who = []drops.Rule{{Follows: "ann"}}
		})
		for i := range 3 {
			w.follows(i, start.Add(time.Duration(i)*time.Minute-time.Hour))
		}
		w.opened()
		w.step()
		o, err := w.order(w.mine(0))
		w.must(err)
		w.clock.Wait(12 * time.Hour)
		w.release(o) // the next is invited
		quiet := true
		w.drops.Quiet = func(at time.Time) (time.Time, bool) { return at.Add(time.Hour), quiet }
		w.must(w.drops.Leave(w.ctx, drop, member(1)))
		w.must(w.late(o))
		if s := w.stand(); s.Sold != 0 || s.Waiting != 1 {
			t.Errorf("late money took what somebody waits for: %+v", s)
		}
		quiet = false
		w.step()
		if e := w.mine(2); e.State != drops.Won {
			t.Errorf("in the morning who waited has %s", e.State)
		}
		w.audit()
	})
}
