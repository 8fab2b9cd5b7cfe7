package shop_test

import (
	"slices"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/drops"
)

// opened opens a queue of cups, of which three are left.
func (w *world) opened(units, line, each int64) *drops.Drops {
	w.Helper()
	d, p := w.shop.Drops, w.product("cup")
	d.Declare([]drops.Plan{{ID: "cups", Name: "cups", Title: "Cups", Brand: "acme", Product: p.ID, Units: []drops.Unit{{Variant: p.Variants[0].ID, Units: units}},
		Mode: drops.Queue, Opens: w.clock.Now().Add(time.Hour), Closes: w.clock.Now().Add(3 * time.Hour), PayWithin: 10 * time.Minute, Line: line, PerPerson: each}})
	for _, wait := range []time.Duration{0, time.Hour} {
		w.clock.Wait(wait)
		_, err := d.Step(w.ctx)
		w.must(err)
		_, err = d.Step(w.ctx)
		w.must(err)
	}
	w.clock.Wait(time.Second)
	return d
}

// states are what somebody has of the cups.
func (p *person) states() (list []drops.EntryState) {
	p.w.Helper()
	p.w.must(p.w.db.Read(p.w.ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT e.state FROM drop_entries e JOIN accounts a ON a.member_id = e.member_id WHERE a.account = $1 ORDER BY e.seat`, []any{p.id}, func(scan func(...any) error) error {
			var s drops.EntryState
			err := scan(&s)
			list = append(list, s)
			return err
		})
	}))
	return list
}

// TestLeavesOnce presses a button that gives something up twice, and one that is
// older than what one has won: nothing else is given up.
func TestLeavesOnce(t *testing.T) {
	each(t, func(w *world) {
		w.opened(2, 5, 2)
		ann, ben := w.person("ann"), w.person("ben")
		ann.do("drop claim cups")
		w.clock.Wait(2 * time.Second)
		ben.do("drop claim cups")
		w.clock.Wait(2 * time.Second)
		ann.tap("Claim another")
		ann.sees("It is yours", "next in line")
		old := ann.last
		for range 2 {
			ann.tapOn(old, "Leave the line", nil)
		}
		if got := ann.states(); !slices.Equal(got, []drops.EntryState{drops.Won, drops.Left}) {
			t.Errorf("pressed twice: %v", got)
		}
		// She comes again, and has won when the old button is pressed.
		w.clock.Wait(2 * time.Second)
		ann.do("drop cups")
		ann.tap("Claim another")
		old = ann.last
		ben.do("drop cups")
		ben.tap("Give it up")
		ann.tapOn(old, "Leave the line", nil)
		ann.sees("It is yours")
		if got := ann.states(); !slices.Equal(got, []drops.EntryState{drops.Won, drops.Won}) {
			t.Errorf("an old button: %v", got)
		}
		old = ann.do("drop cups")
		for range 2 {
			ann.tapOn(old, "Give it up", nil)
		}
		if got := ann.states(); !slices.Equal(got, []drops.EntryState{drops.Left, drops.Won}) {
			t.Errorf("of two units: %v", got)
		}
		ann.do("drop leave cups") // of an older program
		if got := ann.states(); !slices.Equal(got, []drops.EntryState{drops.Left, drops.Left}) {
			t.Errorf("the older program's button: %v", got)
		}
	})
}

// TestManyUnits shows several units, all of them flagged: as much as a screen
// takes.
func TestManyUnits(t *testing.T) {
	each(t, func(w *world) {
		d := w.opened(3, 9, 9)
		ann := w.person("ann")
		ann.do("drop claim cups")
		for range 5 {
			w.clock.Wait(2 * time.Second)
			ann.tap("Claim another")
		}
		w.clock.Wait(time.Minute)
		for range 3 {
			_, err := d.Flag(w.ctx)
			w.must(err)
		}
		ann.do("drop cups")
		ann.sees("It is yours", "Noticed about your place", "[I object]", "[Buy now]", "[Give it up]", "[Leave the line]")
		for range 6 { // one after the other
			ann.do("drop cups")
			ann.tap("I object")
			ann.fill(map[string]string{"words": ""})
		}
		ann.misses("[I object]")
		ann.do("drop why cups")
	})
}

// TestPausedDrop pauses a drop for longer than somebody has to pay: it stays theirs,
// and is said to.
func TestPausedDrop(t *testing.T) {
	each(t, func(w *world) {
		d := w.opened(2, 5, 1)
		ann := w.person("ann")
		ann.do("drop claim cups")
		w.must(d.Pause(w.ctx, "cups", "staff:s", true))
		w.clock.Wait(20 * time.Minute)
		ann.do("drop cups")
		ann.sees("It is yours. While the drop is paused your time does not run.")
		ann.misses("pay by")
		w.must(d.Pause(w.ctx, "cups", "staff:s", false))
		ann.do("drop cups")
		ann.sees("It is yours for 10 minutes")
	})
}
