package drops_test

import (
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/live"
)

// TestFirstAtTheGate lets many come at once: those who were at the gate first
// have the units, in whatever order they came through to the database.
func TestFirstAtTheGate(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 5, 20).opened()
		var wg sync.WaitGroup
		for i := range 25 {
			wg.Go(func() {
				if _, err := w.claim(i); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		w.step()
		places := map[int64]bool{}
		for i := range 25 {
			e := w.mine(i)
			if places[e.Place] || (e.State == drops.Won) != (e.Place <= 5) {
				t.Errorf("place %d: %s", e.Place, e.State)
			}
			places[e.Place] = true
		}
		w.audit()
	})
}

// TestGateForgets wipes Redis while members come, and takes it away.
func TestGateForgets(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 5, 5).opened()
		var wg sync.WaitGroup
		for round := range 3 { // everybody comes three times
			for i := range 30 {
				wg.Go(func() {
					if i == 10 && round > 0 {
						w.redis.FlushAll()
					}
					if _, err := w.claim(i); err != nil && !errors.Is(err, drops.ErrTooLate) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			w.clock.Wait(6 * time.Second)
		}
		for i := range 30 { // what the gate counts too many is mended
			w.claim(i)
			w.clock.Wait(time.Second / 2)
		}
		w.step()
		s := w.stand()
		if s.Claimed != 5 || s.Waiting != 5 {
			t.Errorf("%+v", s)
		}
		w.audit()
		before := w.stand()
		w.redis.Close()
		for i := range 30 { // the database alone
			if _, err := w.claim(i); err != nil && !errors.Is(err, drops.ErrTooLate) {
				t.Fatal(err)
			}
		}
		if after := w.stand(); !cmp.Equal(after, before) {
			t.Errorf("%+v, without Redis %+v", before, after)
		}
	})
}

// TestRoomAgain gives a place up that another at the gate can have, before and
// after Redis was wiped.
func TestRoomAgain(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 1).opened()
		for i, late := range []bool{false, false, true} {
			if _, err := w.claim(i); late != errors.Is(err, drops.ErrTooLate) {
				t.Fatal(i, err)
			}
		}
		w.must(w.drops.Leave(w.ctx, drop, member(1)))
		if e, err := w.claim(2); err != nil || e.State != drops.Waits {
			t.Errorf("a place was free: %+v, %v", e, err)
		}
		w.redis.FlushAll()
		w.must(w.drops.Leave(w.ctx, drop, member(0)))
		if e := w.mine(2); e.State != drops.Won {
			t.Errorf("the next in line: %+v", e)
		}
		if e, err := w.claim(0); err != nil || e.State != drops.Waits || e.Place < 4 {
			t.Errorf("back at the end of the line: %+v, %v", e, err)
		}
		w.audit()
	})
}

// TestAnswerLost wins a unit in a process that dies before it answers. Another
// one, which remembers that all are taken, does not send the member home.
func TestAnswerLost(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 1).opened()
		for i := range 3 {
			if _, err := w.claim(i); err != nil && !errors.Is(err, drops.ErrTooLate) {
				t.Fatal(err)
			}
		}
		w.redis.FlushAll()
		if _, err := w.claim(5); !errors.Is(err, drops.ErrTooLate) { // the gate is set anew, full, with the two who are in
			t.Fatal(err)
		}
		// A third had come in by another process and is in the database alone.
		w.exec(`UPDATE drop_entries SET member_id = 'm9' WHERE member_id = 'm0'`)
		if e, err := w.claim(9); err != nil || e.State != drops.Won {
			t.Errorf("has the unit, and is told %+v, %v", e, err)
		}
	})
}

// TestGateDoubted lets two in by a process that dies with them. Once the gate is
// set anew, the places go on behind theirs, in the order in which members come.
func TestGateDoubted(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 1).opened()
		for i := range 2 {
			if said, err := w.drops.Live.Gate(string(drop)).Claim(w.ctx, member(90+i), string(jug)); err != nil || said.Verdict != live.In {
				t.Fatal(said, err)
			}
		}
		if _, err := w.claim(0); !errors.Is(err, drops.ErrTooLate) {
			t.Fatal(err)
		}
		w.clock.Wait(11 * time.Second)
		first, err := w.claim(0)
		w.must(err)
		second, err := w.claim(1)
		w.must(err)
		if first.State != drops.Won || first.Place != 3 || second.Place != 4 {
			t.Errorf("%s at place %d, then %s at place %d", first.State, first.Place, second.State, second.Place)
		}
	})
}

// TestGateBehind takes Redis away while members come. Who comes after it is back
// is behind them.
func TestGateBehind(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 5).opened()
		w.step()
		w.redis.SetError("away")
		for i := range 3 {
			if _, err := w.claim(i); err != nil {
				t.Fatal(err)
			}
		}
		w.redis.SetError("")
		w.step()
		if e, err := w.claim(3); err != nil || e.Place != 4 {
			t.Errorf("place %d, %v", e.Place, err)
		}
	})
}

// TestGateBehindAfterTheSpill: Redis is away for a moment after the communities'
// units have spilled over. Who is at the gate, and still on the way to the
// database, stays where they are when it is told of those who came meanwhile.
func TestGateBehindAfterTheSpill(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 2, 5, func(p *drops.Plan) {
			p.Units[0].Allotted = map[commerce.CommunityID]int64{"a": 1}
			p.Spills = 5 * time.Minute
		})
		w.opened()
		first, err := w.from(0, "a")
		w.must(err)
		w.clock.Wait(5 * time.Minute)
		w.step()
		gate := w.drops.Live.Gate(string(drop))
		in := func(i int) live.Answer {
			t.Helper()
			said, err := gate.Claim(w.ctx, member(i), string(jug))
			w.must(err)
			return said
		}
		if said := in(0); said.Seq != first.Place || said.Ahead != 0 { // the spill makes the lines of the gate one
			t.Errorf("has place %d, and the gate says %+v", first.Place, said)
		}
		onTheWay := in(1)
		w.redis.SetError("away")
		_, err = w.from(2, "b")
		w.must(err)
		w.redis.SetError("")
		w.step()
		if said := in(1); said != onTheWay {
			t.Errorf("who is on the way has %+v, and had %+v", said, onTheWay)
		}
		if said := in(2); said.Seq != w.mine(2).Place {
			t.Errorf("has place %d, and the gate says %+v", w.mine(2).Place, said)
		}
	})
}

// TestPlaceThatIsOver: a unit lapses while Redis is away, so that the gate still
// has its member. They come again at the end of the line all the same.
func TestPlaceThatIsOver(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 5).opened()
		w.step()
		for i := range 4 {
			if _, err := w.claim(i); err != nil {
				t.Fatal(err)
			}
		}
		w.redis.SetError("away")
		w.clock.Wait(11 * time.Minute)
		w.step()
		w.redis.SetError("")
		again, err := w.claim(0)
		w.must(err)
		if again.State != drops.Waits || again.Place <= 4 {
			t.Errorf("who let it lapse %s at place %d, before those who wait", again.State, again.Place)
		}
		w.step()
		if last, err := w.claim(4); err != nil || last.Place <= again.Place {
			t.Errorf("who comes after them is at place %d, %v", last.Place, err)
		}
	})
}

// TestFasterThanPeople: who is in and taps too fast keeps their place, and makes
// no room at the gate.
func TestFasterThanPeople(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 1).opened()
		for i := range 2 {
			if _, err := w.claim(i); err != nil {
				t.Fatal(err)
			}
		}
		asked := 0
		tap := func(i int) (drops.Entry, error) {
			return w.drops.Claim(w.ctx, drop, member(i), jug, drops.Where{Bot: "tg", Chat: "1", Who: "telegram " + strconv.Itoa(i), May: func() error {
				asked++
				return drops.ErrPaused // any refusal
			}})
		}
		for range 3 {
			if e, err := tap(0); err != nil || e.State != drops.Won {
				t.Errorf("who has the unit is answered %s, %v", e.State, err)
			}
		}
		w.clock.Wait(2 * time.Second) // what the process remembers is old
		asked = 0
		if _, err := tap(2); !errors.Is(err, drops.ErrTooLate) || asked > 0 {
			t.Errorf("somebody else is answered %v, after %d were asked whether they may", err, asked)
		}
	})
}

// TestTooFastForAnother: a tap for a further unit that is refused, since its member
// taps too fast, keeps no place at the gate from who comes next.
func TestTooFastForAnother(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 2, 0, func(p *drops.Plan) { p.PerPerson = 2 })
		w.opened()
		if e, err := w.claim(0); err != nil || e.State != drops.Won {
			t.Fatal(e, err)
		}
		refused := func() error { return drops.ErrPaused } // any refusal
		for range 2 {
			if e, err := w.drops.Claim(w.ctx, drop, member(0), jug, drops.Where{Bot: "tg", Chat: "1", Seat: 1, May: refused}); !errors.Is(err, drops.ErrPaused) {
				t.Errorf("a tap too fast is answered %+v, %v", e, err)
			}
		}
		if e, err := w.claim(1); err != nil || e.State != drops.Won {
			t.Errorf("the other unit is free, and who comes is answered %+v, %v", e, err)
		}
		w.audit()
	})
}

// TestTooLateForAnother: who has a unit and comes too late for another is told so,
// with what they have; not who comes for the same again, or may have no more. The
// gate says so, and without it the database.
func TestTooLateForAnother(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 3, 0, func(p *drops.Plan) { p.PerPerson = 2 })
		w.opened()
		tap := func(i int, seat int64) (drops.Entry, error) {
			return w.drops.Claim(w.ctx, drop, member(i), jug, drops.Where{Bot: "tg", Chat: "1", Seat: seat})
		}
		first, err := tap(0, 0)
		w.must(err)
		_, err = tap(1, 0)
		w.must(err)
		w.must(w.drops.Leave(w.ctx, drop, member(1)))
		for _, i := range []int{1, 2} {
			_, err := tap(i, int64(2-i))
			w.must(err)
		}
		w.write(func(tx *database.Tx) error { return w.drops.Link(tx, member(1), member(2)) }) // two, and none at the first seat
		for _, redis := range []string{"", "away"} {
			w.redis.SetError(redis)
			w.clock.Wait(2 * time.Second) // what the process remembers is old
			if e, err := tap(0, 1); !errors.Is(err, drops.ErrTooLate) || e.ID != first.ID {
				t.Errorf("Redis %q: for another: %+v, %v", redis, e, err)
			}
			if e, err := tap(0, 0); err != nil || e.ID != first.ID {
				t.Errorf("Redis %q: again: %+v, %v", redis, e, err)
			}
			if e, err := tap(1, 0); err != nil || e.Seat == 0 {
				t.Errorf("Redis %q: who has two: %+v, %v", redis, e, err)
			}
			if e, err := tap(3, 0); !errors.Is(err, drops.ErrTooLate) || e.ID != "" {
				t.Errorf("Redis %q: who has none: %+v, %v", redis, e, err)
			}
		}
		w.redis.SetError("")
		w.audit()
	})
}

// TestTappedBeforeTheOpening: it opens while a tap is on its way.
func TestTappedBeforeTheOpening(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 1).opened()
		d, err := w.drops.Get(w.ctx, drop)
		w.must(err)
		at := drops.Where{Bot: "tg", Chat: "1", Who: "telegram 1", Tapped: d.Opens.Add(-time.Millisecond)}
		if _, err := w.drops.Claim(w.ctx, drop, member(1), jug, at); !errors.Is(err, drops.ErrNotYet) {
			t.Errorf("before it opened: %v", err)
		}
		at.Tapped = d.Opens
		if _, err := w.drops.Claim(w.ctx, drop, member(1), jug, at); err != nil {
			t.Error(err)
		}
	})
}
