package drops_test

import (
	"errors"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
)

// TestPause stops a drop while units are won and members wait.
func TestPause(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 3).opened()
		for i := range 2 {
			_, err := w.claim(i)
			w.must(err)
		}
		for range 2 {
			w.must(w.drops.Pause(w.ctx, drop, "staff:s", true))
		}
		if _, err := w.claim(2); !errors.Is(err, drops.ErrPaused) { // a button that was there already
			t.Errorf("claimed while it was paused: %v", err)
		}
		w.clock.Wait(30 * time.Minute)
		w.step()
		if e := w.mine(0); e.State != drops.Won {
			t.Errorf("the winner's time ran out in the pause: %s", e.State)
		}
		if _, err := w.order(w.mine(0)); !errors.Is(err, drops.ErrPaused) {
			t.Errorf("ordered after their time, in the pause: %v", err)
		}
		for range 2 {
			w.must(w.drops.Pause(w.ctx, drop, "staff:s", false))
		}
		if e := w.mine(0); e.State != drops.Won || !e.Until.Equal(start.Add(time.Hour+40*time.Minute)) {
			t.Errorf("after the pause: %+v", e)
		}
		w.clock.Wait(10 * time.Minute)
		w.step()
		if a, b := w.mine(0), w.mine(1); a.State != drops.Lapsed || b.State != drops.Won {
			t.Errorf("%s, %s", a.State, b.State)
		}
		w.audit()
	})
}

// TestCancel calls a drop off: one unit is paid, one is being paid, one is won,
// one waits.
func TestCancel(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 3, 3).opened()
		for i := range 4 {
			_, err := w.claim(i)
			w.must(err)
		}
		paid, err := w.order(w.mine(0))
		w.must(err)
		w.sell(paid)
		paying, err := w.order(w.mine(1))
		w.must(err)
		for range 2 {
			if err := w.drops.Cancel(w.ctx, drop, "staff:s"); err != nil && !errors.Is(err, drops.ErrClosed) {
				t.Fatal(err)
			}
		}
		for i, want := range []drops.EntryState{drops.Sold, drops.Won, drops.Lost, drops.Lost} {
			if e := w.mine(i); e.State != want {
				t.Errorf("%d: %s, want %s", i, e.State, want)
			}
		}
		w.release(paying)
		if e := w.mine(1); e.State != drops.Lost {
			t.Errorf("its order lapsed: %s", e.State)
		}
		w.audit()
		var told, free int64
		w.write(func(tx *database.Tx) error {
			return errors.Join(tx.Row(`SELECT COUNT(*) FROM notices WHERE kind = 'drop.off'`).Scan(&told), tx.Row(`SELECT free FROM stock`).Scan(&free))
		})
		if told != 5 || free != 7 { // three members and two groups; all but the one that was paid
			t.Errorf("%d told, %d free", told, free)
		}
	})
}
