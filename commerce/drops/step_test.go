package drops_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/database/migrations"
	"github.com/soukchat/souk/commerce/drops"
)

// TestOneDropFails breaks one drop in the tables: the others go on.
func TestOneDropFails(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 2, 2, func(p *drops.Plan) {})
		w.opened()
		_, err := w.claim(1)
		w.must(err)
		w.exec(`INSERT INTO drops (id, name, brand_id, state, terms, opens_at, closes_at, created_at) VALUES ('a', 'a', 'b', 'open', 'no terms', 0, 1, 0)`)
		w.clock.Wait(2 * time.Hour)
		for range 4 {
			if _, err := w.drops.Step(w.ctx); err == nil {
				t.Error("nobody is told of the broken one")
			}
		}
		if d, err := w.drops.Get(w.ctx, drop); err != nil || d.State != drops.Over {
			t.Errorf("%s, %v", d.State, err)
		}
	})
}

// TestModeOfOldDrops takes the column of the mode away and adds it again: it is
// filled from the terms, whatever words a title has.
func TestModeOfOldDrops(t *testing.T) {
	text, err := migrations.Files.ReadFile("0041_dropmode.sql")
	if err != nil {
		t.Fatal(err)
	}
	up, down, _ := strings.Cut(string(text), "-- +goose Down")
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 1)
		want := map[string]string{}
		for _, mode := range []drops.Mode{drops.Queue, drops.Draws, drops.Invite, drops.Group} {
			w.drops.Declare([]drops.Plan{{ID: commerce.DropID(mode), Title: `,"Mode":"invite",`, Text: `"Mode":"draw"`, Brand: "b", Product: "p", Units: []drops.Unit{{Variant: jug, Units: 1}}, Mode: mode,
				Opens: start.Add(time.Hour), Closes: start.Add(2 * time.Hour)}})
			w.step()
			want[string(mode)] = string(mode)
		}
		modes := func() map[string]string {
			got := map[string]string{}
			w.must(db.Read(w.ctx, func(tx *database.Tx) error {
				return tx.Rows(`SELECT id, mode FROM drops`, nil, func(scan func(...any) error) error {
					var id, mode string
					err := scan(&id, &mode)
					got[id] = mode
					return err
				})
			}))
			return got
		}
		if diff := cmp.Diff(want, modes()); diff != "" {
			t.Error(diff)
		}
		for _, part := range []string{down, up} {
			for _, one := range strings.SplitAfter(part, ";\n") {
				if strings.TrimSpace(one) != "" {
					w.exec(one)
				}
			}
		}
		if diff := cmp.Diff(want, modes()); diff != "" {
			t.Error(diff)
		}
	})
}

// TestOnePlanFails has a plan that cannot be written down: those after it are
// announced.
func TestOnePlanFails(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2)
		good := drops.Plan{ID: drop, Name: "d", Title: "Jugs", Brand: "b", Product: "p", Units: []drops.Unit{{Variant: jug, Units: 2}}, Mode: drops.Queue,
			Opens: start.Add(time.Hour), Closes: start.Add(3 * time.Hour), PayWithin: 10 * time.Minute, Line: 2}
		bad := good
		bad.ID, bad.Units = "a", []drops.Unit{{Variant: jug, Units: 2, Allotted: map[commerce.CommunityID]int64{"corner": 3}}} // more than there are
		w.drops.Declare([]drops.Plan{bad, good})
		for range 2 {
			if _, err := w.drops.Step(w.ctx); err == nil {
				t.Error("nobody is told of the broken one")
			}
		}
		if d, err := w.drops.Get(w.ctx, drop); err != nil || d.State != drops.Announced {
			t.Errorf("%s, %v", d.State, err)
		}
	})
}
