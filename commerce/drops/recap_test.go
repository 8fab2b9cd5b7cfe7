package drops_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

func TestRush(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 20)
		if r, err := w.drops.Rush(t.Context(), drop, 4); err == nil {
			t.Errorf("of no drop: %+v", r)
		}
		w.opened()
		if r, err := w.drops.Rush(t.Context(), drop, 4); err != nil || r.Came != 0 || r.Bars != nil {
			t.Errorf("of nobody: %+v, %v", r, err)
		}
		opened := w.clock.Now()
		for i, at := range []time.Duration{0, 0, 0, 3, 25, 39} {
			w.clock.Wait(opened.Add(at * time.Minute).Sub(w.clock.Now()))
			_, err := w.claim(i)
			w.must(err)
		}
		r, err := w.drops.Rush(t.Context(), drop, 4)
		w.must(err)
		if diff := cmp.Diff([]int64{4, 0, 1, 1}, r.Bars); diff != "" || r.Came != 6 || !r.From.Equal(opened) || r.To.Sub(opened).Round(time.Minute) != 39*time.Minute {
			t.Errorf("%s %+v", diff, r)
		}
		// Of one bar, and where all came at once.
		r, err = w.drops.Rush(t.Context(), drop, 1)
		if w.must(err); r.Bars[0] != 6 {
			t.Errorf("%+v", r)
		}
	})
}
