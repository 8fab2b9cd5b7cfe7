package drops_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
)

// TestOpeningMoves has more to tell than fits before the opening.
func TestOpeningMoves(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2)
		w.drops.Pace = func(string) time.Duration { return time.Minute }
		w.followers(69, "tg") // and one group of that bot: seventy minutes, and an hour until it opens
		w.step()
		opens := func(want time.Duration) {
			t.Helper()
			d, err := w.drops.Get(t.Context(), drop)
			w.must(err)
			if got := d.Opens.Sub(start); got != want || d.Closes.Sub(d.Opens) != 2*time.Hour || d.State != drops.Announced {
				t.Errorf("it opens after %v for %v, %s; want %v for 2h", got, d.Closes.Sub(d.Opens), d.State, want)
			}
		}
		opens(75 * time.Minute)
		w.clock.Wait(40 * time.Minute)
		w.sent("drop.post", "sent", 2)
		w.sent("drop.tell", "sent", 20) // slower than it should be
		w.step()
		opens(90 * time.Minute)
		w.sent("drop.tell", "sent", 49)
		w.step()
		opens(90 * time.Minute) // what was told is not taken back
		w.clock.Wait(49 * time.Minute)
		w.step()
		if _, err := w.claim(1); !errors.Is(err, drops.ErrNotYet) {
			t.Errorf("claimed before the new opening: %v", err)
		}
		w.clock.Wait(time.Minute)
		w.step()
		if _, err := w.claim(1); err != nil {
			t.Error(err)
		}
	})
}

// TestOpeningAndQuietHours announces nothing in the groups' quiet hours, and
// moves no opening into them.
func TestOpeningAndQuietHours(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2)
		w.drops.Pace = func(string) time.Duration { return time.Minute }
		begin, end := start, start.Add(30*time.Minute)
		w.drops.Quiet = func(at time.Time) (time.Time, bool) { return end, !at.Before(begin) && at.Before(end) }
		w.followers(50, "tg")
		w.step()
		if n := w.notices("drop.post", "groups", "due"); n != 0 {
			t.Errorf("%d groups are told in their quiet hours", n)
		}
		w.clock.Wait(30 * time.Minute)
		begin, end = start.Add(70*time.Minute), start.Add(9*time.Hour)
		w.step()
		d, err := w.drops.Get(t.Context(), drop)
		w.must(err)
		if n := w.notices("drop.post", "groups", "due"); n != 2 || !d.Opens.Equal(end) {
			t.Errorf("%d groups are told, it opens %v, want %v", n, d.Opens, end)
		}
	})
}

func TestCheckTelling(t *testing.T) {
	pace := func(bot string) time.Duration {
		if bot == "dc" {
			return 25 * time.Millisecond
		}
		return 40 * time.Millisecond // of tg, and of the slowest
	}
	p := drops.Plan{Opens: start.Add(time.Hour)}
	for _, c := range []struct {
		name    string
		in      time.Duration // the announcement, from the start
		groups  map[string]int64
		members int64
		want    []drops.Fault
	}{
		{"groups alone", 50 * time.Minute, map[string]int64{"tg": 100, "dc": 100}, 0, nil},
		{"just in time", 50 * time.Minute, map[string]int64{"tg": 5000}, 10_000, nil},
		{"one too many", 50 * time.Minute, map[string]int64{"tg": 5000}, 10_001,
			[]drops.Fault{{"announce", "telling 5000 groups and 10001 members takes 10m0s at the rates of the platforms, and there are 10m0s from the announcement to the opening"}}},
		{"at once", 0, map[string]int64{"tg": 1}, 200_000,
			[]drops.Fault{{"opens", "telling 1 groups and 200000 members takes 2h13m20s at the rates of the platforms, and there are 1h0m0s from the announcement to the opening"}}},
		{"under way", 50 * time.Minute, map[string]int64{"tg": 1}, 200_000, nil},
	} {
		now, p := start, p
		if c.in > 0 {
			p.Announced = start.Add(c.in)
		}
		if c.name == "under way" {
			now = p.Opens
		}
		if diff := cmp.Diff(c.want, drops.CheckTelling(p, c.groups, c.members, pace, now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
