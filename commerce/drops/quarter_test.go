package drops_test

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/sandbox/torture"
)

const (
	quarterUnits     = 100
	quarterFollowers = 10_000
	quarterPace      = time.Second / 30 // between two messages
	quarterReacts    = 20 * time.Minute // until a member looks, on average
)

// TestFirstQuarter has who is told first gain nothing by it. Drops are told to a
// long list at the pace of a platform, and everybody reacts as quickly as anybody
// else to what they have read and to the opening. Beside it stands what happens
// where the same drop is open when it is announced.
//
// The plan opens in the middle of the telling, and the drops do not know how
// long that takes: nothing but the rule that all are told first keeps it shut.
func TestFirstQuarter(t *testing.T) {
	databasetest.Embedded(t)
	n := torture.N(4, 100)
	// 2 % are 4.6 standard deviations of 100 drops of 100 units; as many of fewer drops.
	within := 0.02 * math.Sqrt(100/float64(n))
	share := func(toldFirst bool) float64 {
		var first atomic.Int64
		t.Run(fmt.Sprint("told first ", toldFirst), func(t *testing.T) {
			for i := range n {
				t.Run("", func(t *testing.T) {
					t.Parallel()
					first.Add(firstQuarter(t, uint64(i), toldFirst))
				})
			}
		})
		return float64(first.Load()) / float64(n*quarterUnits)
	}
	fair, unfair := share(true), share(false)
	if math.Abs(fair-0.25) > within {
		t.Errorf("the first quarter of the list has %.1f %% of the units, want 25 %% ± %.1f", 100*fair, 100*within)
	}
	if unfair < 0.9 {
		t.Errorf("where a drop is open when it is announced, the first quarter has %.1f %%: what this measures is not there", 100*unfair)
	}
	torture.Figure(t, "%d drops of %d units, %d followers told at 30 a second: %.2f %% of the units went to the first quarter of the list; %.1f %% where the drop was open when it was announced; seed %d",
		n, quarterUnits, quarterFollowers, 100*fair, 100*unfair, torture.Seed(t))
}

// firstQuarter sells a drop, and counts the units that went to the first quarter
// of its list.
func firstQuarter(t *testing.T, run uint64, toldFirst bool) (first int64) {
	w := open(t, databasetest.Open(t, "sqlite"), quarterUnits, 0)
	w.drops.Declare([]drops.Plan{{ID: drop, Name: "d", Title: "Jugs", Brand: "b", Product: "p", Units: []drops.Unit{{Variant: jug, Units: quarterUnits}}, Mode: drops.Queue,
		Opens: start.Add(time.Minute), Closes: start.Add(10 * time.Hour), PayWithin: time.Hour}})
	if toldFirst { // else the shop knows nothing of the list: somebody writes to it by hand
		w.followers(quarterFollowers, "tg")
	}
	w.step()
	w.sent("drop.post", "sent", 2)
	began := w.clock.Now()
	for w.state() != drops.Open {
		if w.clock.Wait(30 * time.Second); w.clock.Now().After(began.Add(time.Hour)) {
			t.Fatal("does not open")
		}
		w.exec(`UPDATE notices SET state = 'sent' WHERE kind = 'drop.tell' AND state = 'due' AND member_id < $1`,
			fmt.Sprintf("f%04d", min(quarterFollowers-1, w.clock.Now().Sub(began)/quarterPace)))
		if w.clock.Now().Sub(began) >= quarterFollowers*quarterPace {
			w.sent("drop.tell", "sent", 1) // the last
		}
		w.step()
	}
	opened := w.clock.Now()
	if !toldFirst {
		began = opened
	}

	// Who stands where in the list is drawn: each place has somebody as quick as
	// any other.
	dice := rand.New(rand.NewPCG(torture.Seed(t), run))
	type tap struct {
		place int
		at    time.Time
	}
	taps := make([]tap, quarterFollowers)
	for i := range taps {
		at := began.Add(time.Duration(i+1) * quarterPace)
		if at.Before(opened) {
			at = opened
		}
		taps[i] = tap{i, at.Add(time.Duration(dice.ExpFloat64() * float64(quarterReacts)))}
	}
	slices.SortFunc(taps, func(a, b tap) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.place, b.place)) })

	// Ten in a row who come too late are the end: nobody waits in line, nobody
	// leaves, and no time to pay runs out before the last unit has gone, so no
	// unit comes back for those who tap after them.
	late := 0
	for _, tap := range taps {
		w.clock.Wait(tap.at.Sub(w.clock.Now()))
		who := commerce.MemberID(fmt.Sprintf("f%04d", tap.place))
		w.exec(`INSERT INTO members (id, name, locale, created_at) VALUES ($1, '', '', 0) ON CONFLICT (id) DO NOTHING`, who)
		e, err := w.drops.Claim(w.ctx, drop, who, jug, drops.Where{Bot: "tg", Chat: "1"})
		switch {
		case errors.Is(err, drops.ErrTooLate):
			late++
		case err != nil || e.State != drops.Won || late > 0:
			t.Fatalf("place %d: %+v, %v, after %d who came too late", tap.place, e, err, late)
		case tap.place < quarterFollowers/4:
			first++
		}
		if late == 10 {
			break
		}
	}
	if s := w.stand(); s.Claimed != quarterUnits || late != 10 || !w.clock.Now().Before(opened.Add(time.Hour)) {
		t.Errorf("%+v, %d came too late, until %s", s, late, w.clock.Now())
	}
	return first
}

func (w *world) state() drops.State {
	w.Helper()
	d, err := w.drops.Get(w.ctx, drop)
	w.must(err)
	return d.State
}
