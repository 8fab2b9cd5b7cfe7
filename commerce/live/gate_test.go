package live_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/live"
)

// twoGates runs the test with the gate of a new drop as two processes see it.
func twoGates(t *testing.T, run func(t *testing.T, a, b *live.Gate, c *clocktest.Clock)) {
	eachServer(t, func(t *testing.T, url string) {
		c := clocktest.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		drop := commerce.RandomIDs{}.ID()
		a, b := live.New(dial(t, url), c).Gate(drop), live.New(dial(t, url), c).Gate(drop)
		t.Cleanup(func() { must(t, a.Forget(context.Background())) })
		run(t, a, b, c)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func claim(t *testing.T, g *live.Gate, m commerce.MemberID, line string) live.Answer {
	t.Helper()
	a, err := g.Claim(t.Context(), m, line)
	must(t, err)
	return a
}

func in(line string, seq, ahead int64) live.Answer {
	return live.Answer{Verdict: live.In, Place: live.Place{Line: line, Seq: seq, Ahead: ahead}}
}

func full(n int64) live.Answer { return live.Answer{Verdict: live.Full, Inside: n} }

func sold(lines ...live.GateLine) live.GateState { return live.GateState{Open: true, Lines: lines} }

// TestGate claims one after another: order, one place a member, room, pause.
func TestGate(t *testing.T) {
	twoGates(t, func(t *testing.T, a, b *live.Gate, c *clocktest.Clock) {
		ctx := t.Context()
		see := func(g *live.Gate, m commerce.MemberID, line string, want live.Answer) {
			t.Helper()
			if diff := cmp.Diff(want, claim(t, g, m, line)); diff != "" {
				t.Errorf("%s for %s (-want +got):\n%s", m, line, diff)
			}
		}
		unknown, shut := live.Answer{Verdict: live.Unknown}, live.Answer{Verdict: live.Shut}
		see(a, "ann", "red", unknown)
		for _, err := range []error{a.Shut(ctx, 0), a.Room(ctx, 0, live.GateLine{Name: "red", Room: 9}), a.Leave(ctx, "ann", 1)} {
			must(t, err) // of a drop that is not known: nothing
		}
		see(a, "ann", "red", unknown)
		must(t, a.Open(ctx, sold(live.GateLine{Name: "red", Room: 2}, live.GateLine{Name: "large, blue", Room: 1})))
		see(a, "ann", "red", in("red", 1, 0))
		see(b, "bob", "large, blue", in("large, blue", 2, 0))
		see(b, "cem", "red", in("red", 3, 1))
		see(a, "dan", "red", full(2))
		see(b, "ann", "red", in("red", 1, 0)) // the same place, again
		see(a, "bob", "red", in("large, blue", 2, 0))
		see(a, "eve", "large, blue", full(1))
		see(a, "eve", "green", full(0)) // no such line

		must(t, a.Leave(ctx, "ann", 1))
		see(b, "dan", "red", in("red", 4, 1))
		must(t, b.Room(ctx, 0, live.GateLine{Name: "red", Room: 3}))
		see(b, "ann", "red", in("red", 5, 2)) // behind who came meanwhile
		must(t, a.Leave(ctx, "ann", 1))       // sent again: it was another place
		see(a, "ann", "red", in("red", 5, 2))

		must(t, a.Room(ctx, 0, live.GateLine{Name: "red", Room: 99}))
		must(t, b.Shut(ctx, 0))
		see(a, "fay", "red", shut)
		see(a, "cem", "red", in("red", 3, 1))
		must(t, a.Forget(ctx))
		see(a, "cem", "red", unknown)

		for _, m := range []commerce.MemberID{"", ":next"} {
			if _, err := a.Claim(ctx, m, "red"); err == nil {
				t.Errorf("a member %q may claim", m)
			}
		}
	})
}

// TestGatePressed: who presses a hundred times has one place, as who presses once.
func TestGatePressed(t *testing.T) {
	twoGates(t, func(t *testing.T, a, b *live.Gate, c *clocktest.Clock) {
		must(t, a.Open(t.Context(), sold(live.GateLine{Name: "red", Room: 30}, live.GateLine{Name: "blue", Room: 5})))
		var mu sync.Mutex
		places := map[commerce.MemberID]live.Place{}
		var wg sync.WaitGroup
		for i := range 50 * 100 {
			wg.Go(func() {
				m := commerce.MemberID(fmt.Sprint("m", i%50))
				got, err := []*live.Gate{a, b}[i/50%2].Claim(t.Context(), m, []string{"red", "blue"}[i%7%2])
				if err != nil {
					t.Error(err)
				}
				if got.Verdict == live.In {
					mu.Lock()
					if was, ok := places[m]; ok && was != got.Place {
						t.Errorf("%s is at %v and at %v", m, was, got.Place)
					}
					places[m] = got.Place
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		var seqs []int64
		lines := map[string]int{}
		for _, p := range places {
			seqs = append(seqs, p.Seq)
			lines[p.Line]++
		}
		slices.Sort(seqs)
		if len(seqs) != 35 || seqs[0] != 1 || seqs[34] != 35 || lines["red"] != 30 {
			t.Errorf("in by line %v, at %v", lines, seqs)
		}
	})
}

// TestGateTogether: claims that travel in one call are answered as if each came
// alone, whatever lines they are for, where members come twice, over every
// number of digits a place has.
func TestGateTogether(t *testing.T) {
	twoGates(t, func(t *testing.T, a, _ *live.Gate, _ *clocktest.Clock) {
		dice := rand.New(rand.NewPCG(4, 2))
		room := map[string]int64{"red": 400, "blue": 700, "no such": 0}
		must(t, a.Open(t.Context(), live.GateState{Open: true, Next: 3, Lines: []live.GateLine{{Name: "red", Room: 400}, {Name: "blue", Room: 700}}}))
		next, inside, places := int64(3), map[string]int64{}, map[string]live.Answer{}
		for calls := 0; inside["red"] < 400 || inside["blue"] < 700; calls++ {
			if calls == 400 {
				t.Fatal("it does not fill")
			}
			var claims [][2]string
			var want []live.Answer
			line := "red"
			for range dice.IntN(30) {
				if dice.IntN(3) == 0 {
					line = []string{"red", "blue", "blue", "no such"}[dice.IntN(4)]
				}
				m := fmt.Sprint("m", dice.IntN(3000))
				claims = append(claims, [2]string{m, line})
				switch place, was := places[m]; {
				case was:
					want = append(want, place)
				case inside[line] >= room[line]:
					want = append(want, full(inside[line]))
				default:
					places[m] = in(line, next, inside[line])
					want = append(want, places[m])
					next++
					inside[line]++
				}
			}
			got, err := a.Together(t.Context(), claims)
			must(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("call %d, %v: %s", calls, claims, diff)
			}
		}
		if next < 1000 {
			t.Error("too few")
		}
	})
}

// TestGateOpenAgain: a gate that is set again keeps who is in, adds who is in
// SQL, and takes neither rooms nor open from a state that is older.
func TestGateOpenAgain(t *testing.T) {
	twoGates(t, func(t *testing.T, a, b *live.Gate, c *clocktest.Clock) {
		ctx := t.Context()
		red := func(version, room int64, open bool, members ...live.Entrant) live.GateState {
			return live.GateState{Version: version, Open: open, Lines: []live.GateLine{{Name: "red", Room: room}}, Members: members}
		}
		must(t, a.Open(ctx, red(2, 5, true, live.Entrant{Member: "cem", Line: "red", Seq: 9}, live.Entrant{Member: "ann", Line: "red", Seq: 4})))
		for _, step := range []struct {
			m    commerce.MemberID
			want live.Answer
		}{{"ann", in("red", 4, 0)}, {"cem", in("red", 9, 1)}, {"bob", in("red", 10, 2)}} {
			if got := claim(t, b, step.m, "red"); got != step.want {
				t.Errorf("%s: %v, want %v", step.m, got, step.want)
			}
		}
		// Bob is in, SQL does not know it yet; it knows Dan, whom Redis forgot,
		// and that Cem went to another line.
		again := red(2, 5, true, live.Entrant{Member: "ann", Line: "red", Seq: 4}, live.Entrant{Member: "dan", Line: "red", Seq: 20}, live.Entrant{Member: "cem", Line: "blue", Seq: 21})
		again.Next = 15
		for range 2 {
			must(t, b.Open(ctx, again))
		}
		for m, want := range map[commerce.MemberID]live.Answer{"ann": in("red", 4, 0), "bob": in("red", 10, 2), "dan": in("red", 20, 1), "cem": in("blue", 21, 0)} {
			if got := claim(t, a, m, "red"); got != want {
				t.Errorf("%s: %v, want %v", m, got, want)
			}
		}
		must(t, a.Open(ctx, red(1, 90, false))) // older: it changes nothing
		must(t, a.Shut(ctx, 1))
		must(t, a.Room(ctx, 1, live.GateLine{Name: "red", Room: 90}))
		if x, y, z := claim(t, a, "eve", "red"), claim(t, a, "fay", "red"), claim(t, a, "gil", "red"); x != in("red", 22, 3) || y != in("red", 23, 4) || z != full(5) {
			t.Errorf("after an older state: %v, %v, %v", x, y, z)
		}
		must(t, b.Shut(ctx, 3))
		if got := claim(t, a, "hal", "red").Verdict; got != live.Full && got != live.Shut {
			t.Errorf("shut: %v", got)
		}
		rebuild := red(4, 5, true, live.Entrant{Member: "ann", Line: "red", Seq: 4})
		rebuild.Rebuild = true
		must(t, a.Open(ctx, rebuild))
		if got := claim(t, a, "bob", "red"); got != in("red", 24, 1) {
			t.Errorf("after a rebuild, which counts on, bob is at %v", got)
		}
		for _, bad := range []live.GateState{sold(live.GateLine{Name: "a\nb", Room: 1}), red(9, 1, true, live.Entrant{Member: ":n", Line: "red", Seq: 1})} {
			if a.Open(ctx, bad) == nil {
				t.Errorf("%v is taken", bad)
			}
		}
	})
}

// TestGateWiped empties Redis while two processes let members in: what SQL has
// stands, and no more are let in than there is room for beside them.
func TestGateWiped(t *testing.T) {
	twoGates(t, func(t *testing.T, a, b *live.Gate, c *clocktest.Clock) {
		const room, crowd = 300, 900
		ctx := t.Context()
		var mu sync.Mutex // of SQL, as far as it matters here
		placed := map[commerce.MemberID]live.Entrant{}
		wiped := false
		open := func(g *live.Gate) error {
			mu.Lock()
			s := sold(live.GateLine{Name: "red", Room: room})
			s.Members = slices.Collect(maps.Values(placed))
			mu.Unlock()
			return g.Open(ctx, s)
		}
		must(t, open(a))
		enter := func(g *live.Gate, m commerce.MemberID) error {
			for range 50 {
				got, err := g.Claim(ctx, m, "red")
				switch {
				case err != nil:
					return err
				case got.Verdict == live.Unknown:
					if err := open(g); err != nil {
						return err
					}
				case got.Verdict == live.Full:
					return nil
				default:
					mu.Lock()
					defer mu.Unlock()
					if _, ok := placed[m]; ok || len(placed) == room {
						return nil // SQL sells
					}
					placed[m] = live.Entrant{Member: m, Line: "red", Seq: got.Seq}
					if len(placed) == 100 && !wiped {
						wiped = true
						return b.Forget(ctx)
					}
					return nil
				}
			}
			return errors.New("it never opened")
		}
		var wg sync.WaitGroup
		for i := range 30 {
			wg.Go(func() {
				for j := range crowd / 30 {
					m := commerce.MemberID(fmt.Sprint("m", j*30+i))
					if err := enter([]*live.Gate{a, b}[i%2], m); err != nil {
						t.Error(m, err)
					}
				}
			})
		}
		wg.Wait()
		if len(placed) != room {
			t.Errorf("%d of %d were let in", len(placed), room)
		}
		c.Wait(time.Second)
		must(t, open(a))
		inside := 0
		for i := range crowd {
			m := commerce.MemberID(fmt.Sprint("m", i))
			got := claim(t, b, m, "red")
			if e, ok := placed[m]; ok && (got.Verdict != live.In || got.Seq != e.Seq) {
				t.Errorf("%s is at %v, in SQL at %v", m, got, e)
			}
			if got.Verdict == live.In {
				inside++
			}
		}
		// At the wipe some may have been let in whom SQL did not know yet.
		if inside > room+30 {
			t.Errorf("%d are in, %d have room", inside, room)
		}
	})
}

// TestGateTwoProcesses: two processes open a gate at once, again and again,
// while members claim at both: nobody is lost, doubled or let in too much.
func TestGateTwoProcesses(t *testing.T) {
	twoGates(t, func(t *testing.T, a, b *live.Gate, c *clocktest.Clock) {
		ctx := t.Context()
		before := make([]live.Entrant, 600)
		for i := range before {
			before[i] = live.Entrant{Member: commerce.MemberID(fmt.Sprint("before", i)), Line: "red", Seq: int64(i + 1)}
		}
		state := sold(live.GateLine{Name: "red", Room: 900}, live.GateLine{Name: "blue", Room: 100})
		state.Members = before
		var wg sync.WaitGroup
		for _, g := range []*live.Gate{a, b} {
			wg.Go(func() {
				for range 3 {
					if err := g.Open(ctx, state); err != nil {
						t.Error(err)
					}
				}
			})
		}
		var mu sync.Mutex
		seqs, places := map[int64]commerce.MemberID{}, map[commerce.MemberID]live.Place{}
		for i := range 1000 {
			for _, g := range []*live.Gate{a, b} {
				wg.Go(func() {
					m := commerce.MemberID(fmt.Sprint("m", i))
					got := live.Answer{}
					for got.Verdict == live.Unknown {
						var err error
						if got, err = g.Claim(ctx, m, []string{"red", "blue"}[i%2]); err != nil {
							t.Error(err)
							return
						}
					}
					mu.Lock()
					defer mu.Unlock()
					if got.Verdict != live.In {
						return
					}
					if was, ok := places[m]; ok && was != got.Place {
						t.Errorf("%s is at %v and %v", m, was, got.Place)
					}
					if who, ok := seqs[got.Seq]; ok && who != m {
						t.Errorf("%s and %s are both %d", who, m, got.Seq)
					}
					places[m], seqs[got.Seq] = got.Place, m
				})
			}
		}
		wg.Wait()
		if len(places) != 400 {
			t.Errorf("%d were let in, want 300 and 100", len(places))
		}
		for _, e := range before {
			if got := claim(t, a, e.Member, "blue"); got != in("red", e.Seq, e.Seq-1) {
				t.Fatalf("%s is at %v", e.Member, got)
			}
		}
	})
}
