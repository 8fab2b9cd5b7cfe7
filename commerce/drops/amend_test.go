package drops_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/stock"
)

func units(n int64) map[commerce.VariantID]int64 { return map[commerce.VariantID]int64{jug: n} }

// told counts the notices of a kind, to groups and to members.
func (w *world) toldOf(kind string) (groups, members int) {
	w.Helper()
	w.write(func(tx *database.Tx) error {
		return tx.Row(`SELECT COALESCE(SUM(CASE WHEN member_id = '' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN member_id <> '' THEN 1 ELSE 0 END), 0)
			FROM notices WHERE kind = $1`, kind).Scan(&groups, &members)
	})
	return groups, members
}

// TestAmend opens a drop later, then gives it more units while some wait.
func TestAmend(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 2)
		w.step()
		w.told()
		later := drops.Amendment{Opens: start.Add(2 * time.Hour), Closes: start.Add(5 * time.Hour)}
		w.must(w.drops.Amend(w.ctx, drop, later, "staff:eve"))
		if err := w.drops.Amend(w.ctx, drop, later, "staff:eve"); !errors.Is(err, drops.ErrUnamended) {
			t.Errorf("amended twice: %v", err)
		}
		if groups, members := w.toldOf("drop.amended"); groups != 2 || members != 0 {
			t.Errorf("%d groups and %d members were told", groups, members)
		}
		w.told()
		w.clock.Wait(time.Hour)
		w.step()
		if _, err := w.claim(0); !errors.Is(err, drops.ErrNotYet) {
			t.Errorf("claimed before it opens: %v", err)
		}
		w.clock.Wait(time.Hour)
		w.step()
		for i := range 4 { // one wins, two wait, the gate has no place for the fourth
			if _, err := w.claim(i); (err != nil) != (i == 3) {
				t.Errorf("claim of %d: %v", i, err)
			}
		}
		w.must(w.drops.Amend(w.ctx, drop, drops.Amendment{Units: units(3), PayWithin: 20 * time.Minute}, "staff:bea"))
		w.step()
		now := start.Add(2 * time.Hour)
		if a, b, c := w.mine(0), w.mine(1), w.mine(2); !a.Until.Equal(now.Add(10*time.Minute)) || b.State != drops.Won || !b.Until.Equal(now.Add(20*time.Minute)) || c.State != drops.Won {
			t.Errorf("after there are more units:\n%+v\n%+v\n%+v", a, b, c)
		}
		if e, err := w.claim(3); err != nil || e.State != drops.Waits {
			t.Errorf("the gate has no place for one more: %+v, %v", e, err)
		}
		if groups, members := w.toldOf("drop.amended"); groups != 4 || members != 3 {
			t.Errorf("%d groups and %d members were told", groups, members)
		}
		for i := range 3 {
			o, err := w.order(w.mine(i))
			w.must(err)
			w.sell(o)
		}
		w.step()
		d, err := w.drops.Get(w.ctx, drop)
		if err != nil || d.Left() != 0 || d.Total() != 3 || !d.Closes.Equal(start.Add(5*time.Hour)) || d.Price != (commerce.Money{}) {
			t.Errorf("%+v, %v", d, err)
		}
		// What was before and what is now.
		var have []string
		for _, e := range w.events(drop) {
			have = append(have, strings.NewReplacer(`"`, "", "2026-03-02T", "", ":00:00Z", "").Replace(e))
		}
		if diff := cmp.Diff([]string{
			"amended staff:eve{after:{opens:14,closes:17,units:{jug:1},pay_within:10m0s},before:{opens:13,closes:15,units:{jug:1},pay_within:10m0s}}",
			"amended staff:bea{after:{opens:14,closes:17,units:{jug:3},pay_within:20m0s},before:{opens:14,closes:17,units:{jug:1},pay_within:10m0s}}",
		}, have); diff != "" {
			t.Error(diff)
		}
		w.audit()
	})
}

// TestAmendRefused asks for what somebody would lose by, or what is not there.
func TestAmendRefused(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2)
		w.step()
		refused := func(when, name string, a drops.Amendment, want error) {
			t.Helper()
			if err := w.drops.Amend(w.ctx, drop, a, "staff:eve"); !errors.Is(err, want) {
				t.Errorf("%s, %s: %v, want %v", when, name, err, want)
			}
		}
		for _, when := range []string{"announced", "open"} {
			refused(when, "nothing", drops.Amendment{Opens: start.Add(time.Hour), Units: units(2)}, drops.ErrUnamended)
			refused(when, "opens earlier", drops.Amendment{Opens: start.Add(59 * time.Minute)}, drops.ErrNotLater)
			refused(when, "closes earlier", drops.Amendment{Closes: start.Add(2 * time.Hour)}, drops.ErrNotLater)
			refused(when, "opens after it closes", drops.Amendment{Opens: start.Add(3 * time.Hour)}, drops.ErrNotLater)
			refused(when, "fewer", drops.Amendment{Units: units(1)}, drops.ErrFewer)
			refused(when, "less time", drops.Amendment{PayWithin: 9 * time.Minute}, drops.ErrShorter)
			refused(when, "another variant", drops.Amendment{Units: map[commerce.VariantID]int64{"mug": 3}}, drops.ErrNone)
			refused(when, "more than are free", drops.Amendment{Units: units(8), Closes: start.Add(9 * time.Hour)}, stock.ErrSoldOut)
			w.opened()
		}
		refused("open", "opens later", drops.Amendment{Opens: start.Add(90 * time.Minute)}, drops.ErrNotLater)
		d, err := w.drops.Get(w.ctx, drop)
		if err != nil || d.Total() != 2 || !d.Closes.Equal(start.Add(3*time.Hour)) || len(w.events(drop)) > 0 {
			t.Errorf("something changed all the same: %+v, %v, %v", d.Plan, w.events(drop), err)
		}
		w.clock.Wait(2 * time.Hour)
		w.step()
		refused("over", "closes later", drops.Amendment{Closes: start.Add(9 * time.Hour)}, drops.ErrClosed)
		w.audit()
	})
}

// TestAmendSpills: it opens no later than its communities' units can still become
// everybody's.
func TestAmendSpills(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2)
		w.drops.Declare([]drops.Plan{{ID: drop, Name: "d", Title: "Jugs", Brand: "b", Product: "p", Units: []drops.Unit{{Variant: jug, Units: 2}}, Mode: drops.Queue,
			Opens: start.Add(time.Hour), Closes: start.Add(3 * time.Hour), PayWithin: 10 * time.Minute, Line: 2, Spills: 90 * time.Minute}})
		w.step()
		if err := w.drops.Amend(w.ctx, drop, drops.Amendment{Opens: start.Add(90 * time.Minute)}, "staff:eve"); !errors.Is(err, drops.ErrNotLater) {
			t.Errorf("it would close before it spills: %v", err)
		}
		w.must(w.drops.Amend(w.ctx, drop, drops.Amendment{Opens: start.Add(90 * time.Minute), Closes: start.Add(4 * time.Hour)}, "staff:eve"))
	})
}

// TestAmendDraw gives a draw more units, which its list is fixed with.
func TestAmendDraw(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 0)
		w.drops.Declare([]drops.Plan{{ID: drop, Name: "d", Title: "Jugs", Brand: "b", Product: "p", Units: []drops.Unit{{Variant: jug, Units: 1}}, Mode: drops.Draws,
			Opens: start.Add(time.Hour), Closes: start.Add(3 * time.Hour), PayWithin: 10 * time.Minute}})
		w.opened()
		for i := range 4 {
			_, err := w.claim(i)
			w.must(err)
		}
		w.must(w.drops.Amend(w.ctx, drop, drops.Amendment{Units: units(2)}, "staff:eve"))
		if s := w.stand(); s.Claimed != 0 || s.Units != 2 {
			t.Errorf("%+v before it is drawn", s)
		}
		w.clock.Wait(2 * time.Hour)
		w.step()
		w.told()
		text, err := w.drops.List(w.ctx, drop, jug)
		if err != nil || !strings.Contains(text, "\nunits: 2\n") {
			t.Errorf("the list has other units: %v\n%s", err, text)
		}
		if err := w.drops.Amend(w.ctx, drop, drops.Amendment{Units: units(3)}, "staff:eve"); !errors.Is(err, drops.ErrClosed) {
			t.Errorf("more units after the list was fixed: %v", err)
		}
		w.step()
		if s := w.stand(); s.Claimed != 2 {
			t.Errorf("%+v after it was drawn", s)
		}
		w.audit()
	})
}

// TestAmendAgreed amends a drop in which who joins has their card authorised.
func TestAmendAgreed(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2)
		w.drops.Declare([]drops.Plan{{ID: drop, Name: "d", Title: "Jugs", Brand: "b", Product: "p", Units: []drops.Unit{{Variant: jug, Units: 2}}, Mode: "other",
			Opens: start.Add(time.Hour), Closes: start.Add(3 * time.Hour), PayWithin: 10 * time.Minute}})
		w.step()
		if err := w.drops.Amend(w.ctx, drop, drops.Amendment{Closes: start.Add(4 * time.Hour)}, "staff:eve"); !errors.Is(err, drops.ErrAgreed) {
			t.Errorf("open longer: %v", err)
		}
		w.must(w.drops.Amend(w.ctx, drop, drops.Amendment{Opens: start.Add(2 * time.Hour), Closes: start.Add(4 * time.Hour)}, "staff:eve"))
		w.told()
		w.clock.Wait(2 * time.Hour)
		w.step()
		if err := w.drops.Amend(w.ctx, drop, drops.Amendment{Units: units(3)}, "staff:eve"); !errors.Is(err, drops.ErrAgreed) {
			t.Errorf("changed after cards were authorised: %v", err)
		}
	})
}
