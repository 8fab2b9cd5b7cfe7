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
		w.clock.Wait(2 * time.Hour)
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
		w.clock.Wait(11 * time.Minute)
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
		w.clock.Wait(2 * time.Hour)
		w.step()
		w.told()
		w.step()
		if d := w.get(); d.State != drops.Over {
			t.Errorf("%s", d.State)
		}
		w.audit()
	})
}

// TestDrawFirst draws those first for whom an earlier drop had nothing left: the
// list says who they are, and every proof holds.
func TestDrawFirst(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 2, 0, func(p *drops.Plan) {
			p.Mode, p.Who = drops.Draws, []drops.Rule{{}, {Lost: true, First: true}}
		})
		w.exec(`INSERT INTO drops (id, name, brand_id, state, terms, opens_at, closes_at, created_at) VALUES ('past', 'past', 'b', 'over', '{}', 0, 0, 0)`)
		lost := func(i int) {
			w.exec(`INSERT INTO drop_entries (id, drop_id, member_id, variant_id, place, state, bot, chat, created_at) VALUES ($1, 'past', $2, 'jug', 1, 'lost', 'tg', '1', 1)`, member(i), member(i))
		}
		lost(7)
		lost(8)
		lost(9)
		w.opened()
		for i := range 10 {
			if _, err := w.claim(i); err != nil {
				t.Fatal(err)
			}
		}
		// Their tier is that of when they entered. Two accounts of one person are one
		// entry, the better one.
		lost(0)
		if e := w.mine(0); e.Tier != 1 || e.Rule != 0 {
			t.Errorf("%+v", e)
		}
		w.write(func(tx *database.Tx) error { return w.drops.Link(tx, member(1), member(9)) })
		if d := w.get().Drawings[0]; d.First != 3 {
			t.Errorf("%d are first so far", d.First)
		}
		w.clock.Wait(2 * time.Hour)
		w.step()
		w.told()
		w.step()
		if d := w.get().Drawings[0]; d.First != 3 || d.Entries != 9 || !d.Drawn {
			t.Errorf("%+v", d)
		}
		text, err := w.drops.List(w.ctx, drop, jug)
		w.must(err)
		list, err := drops.ReadList(text)
		w.must(err)
		found, order := list.Check()
		for i, ticket := range order {
			if want := map[bool]int{true: 0, false: 1}[i < 3]; ticket.Tier != want {
				t.Errorf("place %d is of tier %d", i+1, ticket.Tier)
			}
		}
		for _, i := range []int{0, 2, 3, 4, 5, 6, 7, 8} {
			e := w.mine(i)
			proof, err := w.drops.Prove(w.ctx, e)
			w.must(err)
			found = append(found, proof.Check(&list)...)
			if first := i >= 7; first != (e.Place <= 3) || proof.Tier != e.Tier || int64(proof.Place) != e.Place {
				t.Errorf("member %d at place %d: %+v", i, e.Place, proof)
			}
			// Nobody has another tier than the list says.
			proof.Tier = 1 - proof.Tier
			wrong := false
			for _, f := range proof.Check(&list) {
				wrong = wrong || f.Verdict == drops.Wrong
			}
			if !wrong {
				t.Error("a proof of the other tier holds")
			}
		}
		for _, f := range found {
			if f.Verdict == drops.Wrong {
				t.Errorf("%+v", f)
			}
		}
		w.audit()
	})
}
