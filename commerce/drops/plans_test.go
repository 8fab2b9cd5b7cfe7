package drops_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
)

// events are what was done with a drop, and by whom.
func (w *world) events(id commerce.DropID) (list []string) {
	w.Helper()
	w.write(func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT event, actor, detail FROM drop_events WHERE drop_id = $1 ORDER BY seq`, []any{id}, func(scan func(...any) error) error {
			var event, actor, detail string
			err := scan(&event, &actor, &detail)
			list = append(list, fmt.Sprint(event, " ", actor, detail))
			return err
		})
	})
	return list
}

// TestPlanInChat types a plan, changes it, and has it announced: what was looked
// at, once, by whom.
func TestPlanInChat(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2)
		w.drops.Declare(nil)
		p, err := w.drops.NewDraft(w.ctx, "b", map[string]string{"title": "Jugs", "units": "many"}, "staff:eve")
		w.must(err)
		w.step()
		if _, err := w.drops.Get(w.ctx, p.ID); !errors.Is(err, drops.ErrNone) {
			t.Errorf("a draft was announced: %v", err)
		}
		next, err := w.drops.Retype(w.ctx, p.ID, map[string]string{"units": "2"}, "staff:bea")
		w.must(err)
		plan := drops.Plan{Name: "chat", Title: "Jugs", Brand: "b", Product: "p", Units: []drops.Unit{{Variant: jug, Units: 2}}, Mode: drops.Queue,
			Announced: start.Add(time.Minute), Opens: start.Add(time.Hour), Closes: start.Add(3 * time.Hour), PayWithin: 10 * time.Minute, Line: 2}
		if err := w.drops.Schedule(w.ctx, p.ID, p.Version, plan, "staff:eve"); !errors.Is(err, drops.ErrChanged) {
			t.Errorf("an older version was announced: %v", err)
		}
		for range 2 {
			w.must(w.drops.Schedule(w.ctx, p.ID, next.Version, plan, "staff:eve"))
		}
		w.step() // it is not time yet
		for brand, want := range map[commerce.BrandID]int{"b": 1, "c": 0} {
			list, err := w.drops.Drafts(w.ctx, []commerce.BrandID{brand})
			if err != nil || len(list) != want || want > 0 && (list[0].State != drops.Planned || list[0].Typed["title"] != "Jugs" || list[0].Typed["units"] != "2") {
				t.Errorf("plans of %s: %+v, %v", brand, list, err)
			}
			if _, err := w.drops.Draft(w.ctx, []commerce.BrandID{brand}, p.ID); (err == nil) != (want == 1) {
				t.Errorf("the plan for the staff of %s: %v", brand, err)
			}
		}
		w.clock.Wait(time.Minute)
		w.step()
		d, err := w.drops.Get(w.ctx, p.ID)
		plan.ID = p.ID
		if diff := cmp.Diff(plan, d.Plan); err != nil || d.State != drops.Announced || diff != "" {
			t.Errorf("%s, %v\n%s", d.State, err, diff)
		}
		if diff := cmp.Diff([]string{"planned staff:eve"}, w.events(p.ID)); diff != "" {
			t.Error(diff)
		}
		for name, err := range map[string]error{
			"discarded": w.drops.Discard(w.ctx, p.ID, "staff:eve"),
			"changed": func() error {
				_, err := w.drops.Retype(w.ctx, p.ID, map[string]string{"units": "1"}, "staff:eve")
				return err
			}(),
		} {
			if !errors.Is(err, drops.ErrChanged) {
				t.Errorf("an announced plan was %s: %v", name, err)
			}
		}
	})
}

// TestPlanTakenBack discards a plan, and changes another, before it is announced.
func TestPlanTakenBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2)
		w.drops.Declare(nil)
		var ids []commerce.DropID
		for range 2 {
			p, err := w.drops.NewDraft(w.ctx, "b", map[string]string{}, "staff:eve")
			w.must(err)
			w.must(w.drops.Schedule(w.ctx, p.ID, p.Version, drops.Plan{Title: "Jugs", Brand: "b", Product: "p", Units: []drops.Unit{{Variant: jug, Units: 1}},
				Mode: drops.Queue, Opens: start.Add(time.Hour), Closes: start.Add(3 * time.Hour)}, "staff:eve"))
			ids = append(ids, p.ID)
		}
		for range 2 {
			w.must(w.drops.Discard(w.ctx, ids[0], "staff:eve"))
		}
		_, err := w.drops.Retype(w.ctx, ids[1], map[string]string{"title": "Two jugs"}, "staff:eve")
		w.must(err)
		w.step()
		for _, id := range ids {
			if _, err := w.drops.Get(w.ctx, id); !errors.Is(err, drops.ErrNone) {
				t.Errorf("announced all the same: %v", err)
			}
		}
		// More than are free: nobody is told until its time is over.
		late, err := w.drops.NewDraft(w.ctx, "b", map[string]string{}, "staff:eve")
		w.must(err)
		w.must(w.drops.Schedule(w.ctx, late.ID, late.Version, drops.Plan{Title: "Jugs", Brand: "b", Product: "p", Units: []drops.Unit{{Variant: jug, Units: 100}},
			Mode: drops.Queue, Opens: start.Add(time.Hour), Closes: start.Add(3 * time.Hour)}, "staff:eve"))
		for _, want := range []drops.DraftState{drops.Planned, drops.Drafting} {
			w.step()
			if p, err := w.drops.Draft(w.ctx, nil, late.ID); err != nil || p.State != want {
				t.Errorf("%s, %v; want %s", p.State, err, want)
			}
			w.clock.Wait(3 * time.Hour)
		}
		if _, err := w.drops.Retype(w.ctx, ids[0], map[string]string{"title": "Jugs"}, "staff:eve"); !errors.Is(err, drops.ErrChanged) {
			t.Errorf("a discarded plan was changed: %v", err)
		}
	})
}
