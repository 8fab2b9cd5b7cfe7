package drops_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
)

func openDraw(t *testing.T, db *database.DB, units int64) *world {
	w := open(t, db, units, 0)
	w.drops.Declare([]drops.Plan{{ID: drop, Name: "d", Title: "Jugs", Brand: "b", Product: "p", Units: []drops.Unit{{Variant: jug, Units: units}}, Mode: drops.Draws,
		Opens: start.Add(time.Hour), Closes: start.Add(3 * time.Hour), PayWithin: 10 * time.Minute}})
	return w.opened()
}

func (w *world) get() drops.Drop {
	w.Helper()
	d, err := w.drops.Get(w.ctx, drop)
	w.must(err)
	return d
}

// TestDrawing follows a draw of two units among ten: list, seed, order, and what
// comes back. One leaves before the close, one is forgotten after it.
func TestDrawing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := openDraw(t, db, 2)
		commitment := w.get().Drawings[0].Commitment
		for i := range 11 {
			for range 2 {
				if _, err := w.claim(i); err != nil {
					t.Fatal(err)
				}
			}
		}
		w.must(w.drops.Leave(w.ctx, drop, member(10)))
		if _, err := w.drops.Prove(w.ctx, w.mine(0)); !errors.Is(err, drops.ErrNoProof) {
			t.Errorf("a proof before the close: %v", err)
		}
		w.clock.move(2 * time.Hour)
		w.step()
		closed := w.get()
		if w := closed.Drawings[0]; closed.State != drops.Closed || w.Drawn || w.Seed != "" || w.ListHash == "" || w.Entries != 10 {
			t.Fatalf("%s, %+v", closed.State, w)
		}
		if _, err := w.claim(11); !errors.Is(err, drops.ErrClosed) {
			t.Errorf("entered after the close: %v", err)
		}
		early, err := w.drops.Prove(w.ctx, w.mine(0))
		w.must(err)
		if early.Place != 0 || early.ListHash != closed.Drawings[0].ListHash {
			t.Errorf("the early proof: %+v", early)
		}
		if _, err := w.drops.Prove(w.ctx, w.mine(10)); !errors.Is(err, drops.ErrNoProof) {
			t.Errorf("a proof for one who left: %v", err)
		}
		w.write(func(tx *database.Tx) error { return w.drops.Erase(tx, member(9)) })
		w.step()
		if w.get().Drawn() {
			t.Fatal("drawn before the groups were told of the list")
		}
		w.told()
		w.step()
		drawn := w.get()
		if x := drawn.Drawings[0]; !x.Drawn || x.Commitment != commitment || x.ListHash != closed.Drawings[0].ListHash || x.Seed == "" {
			t.Fatalf("%+v", x)
		}
		text, err := w.drops.List(w.ctx, drop, jug)
		w.must(err)
		list, err := drops.ReadList(text)
		w.must(err)
		order := make([]int, 0, 10) // members by their places
		for i := range 9 {
			e := w.mine(i)
			proof, err := w.drops.Prove(w.ctx, e)
			w.must(err)
			for _, f := range proof.Check(&list) {
				if f.Verdict == drops.Wrong {
					t.Errorf("%+v", f)
				}
			}
			if int64(proof.Place) != e.Place {
				t.Errorf("the proof says place %d, the shop %d", proof.Place, e.Place)
			}
			order = append(order, i)
		}
		slices.SortFunc(order, func(a, b int) int { return int(w.mine(a).Place - w.mine(b).Place) })
		for at, i := range order { // the one who was forgotten has a place, and no unit
			if e := w.mine(i); (e.State == drops.Won) != (at < 2) {
				t.Errorf("number %d of those who are there: %s at place %d", at+1, e.State, e.Place)
			}
		}
		w.audit()

		// Both do not pay: the next two of the same order have the units.
		w.clock.move(11 * time.Minute)
		w.step()
		for at, i := range order[:5] {
			want := []drops.EntryState{drops.Lapsed, drops.Lapsed, drops.Won, drops.Won, drops.Waits}[at]
			if e := w.mine(i); e.State != want {
				t.Errorf("number %d: %s, want %s", at+1, e.State, want)
			}
		}
		for _, i := range order[2:4] {
			o, err := w.order(w.mine(i))
			w.must(err)
			w.sell(o)
		}
		w.step()
		if d := w.get(); d.State != drops.Over || d.Left() != 0 || w.mine(order[4]).State != drops.Lost {
			t.Errorf("%s, %d left, the fifth %s", d.State, d.Left(), w.mine(order[4]).State)
		}
		w.audit()
	})
}

func TestDrawOfNobody(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := openDraw(t, db, 2)
		w.clock.move(2 * time.Hour)
		w.step()
		w.told()
		w.step()
		if d := w.get(); d.State != drops.Over {
			t.Errorf("%s", d.State)
		}
		w.audit()
	})
}
