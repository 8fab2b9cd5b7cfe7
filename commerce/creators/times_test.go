package creators

import (
	"errors"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

func TestTimes(t *testing.T) {
	quiet, err := ParseQuiet("22:00-08:00", "Europe/Berlin")
	must(t, err)
	berlin := quiet.Zone
	at := func(day, hour, minute int) time.Time { // of March 2026, which begins on a Sunday; the clock goes forward on the 29th
		return time.Date(2026, 3, day, hour, minute, 0, 0, berlin)
	}
	for _, c := range []struct {
		days       []string
		hours      string
		quiet      Quiet
		from, next time.Time
	}{
		{nil, "", Quiet{}, at(2, 3, 0), at(2, 3, 0)},
		{nil, "", quiet, at(2, 3, 0), at(2, 8, 0)},
		{nil, "09:00-21:00", Quiet{}, at(2, 8, 59), at(2, 9, 0)},
		{nil, "09:00-21:00", Quiet{}, at(2, 20, 59), at(2, 20, 59)},
		{nil, "09:00-21:00", Quiet{}, at(2, 21, 0), at(3, 9, 0)},
		{[]string{"mon", "wed"}, "", Quiet{}, at(3, 12, 0), at(4, 0, 0)},
		{[]string{"mon", "wed"}, "09:00-21:00", Quiet{}, at(4, 22, 0), at(9, 9, 0)},
		{[]string{"mon"}, "", quiet, at(3, 0, 0), at(9, 8, 0)},
		{[]string{"fri"}, "20:00-02:00", Quiet{}, at(7, 1, 30), at(7, 1, 30)}, // still Friday's
		{[]string{"fri"}, "20:00-02:00", Quiet{}, at(6, 1, 30), at(6, 20, 0)}, // Thursday's are none
		{[]string{"sat"}, "20:00-02:00", quiet, at(7, 23, 0), at(14, 20, 0)},
		{nil, "02:30-04:00", Quiet{}, at(28, 12, 0), at(29, 3, 0)}, // 2:30 is no time of that day
		{nil, "23:00-23:30", quiet, at(2, 12, 0), at(2, 12, 0)},    // never: souk check says so
	} {
		times, err := ParseTimes(c.days, c.hours, "Europe/Berlin")
		must(t, err)
		times.Quiet = c.quiet
		if got := times.Next(c.from); !got.Equal(c.next) {
			t.Errorf("%v %s from %v: %v; want %v", c.days, c.hours, c.from, got.In(berlin), c.next)
		}
	}
	if _, err := ParseTimes([]string{"monday"}, "", ""); err == nil {
		t.Error("monday is taken")
	}
}

// What is planned waits until a community of it takes posts, and for its
// creator's own limit, and they are told when; each time once.
func TestPublishDueWaits(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db) // Monday noon
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			return saveCreator(tx, Creator{ID: "a", Name: "A", Member: "ann", MadeAt: now.t}, 1)
		}))
		evening, err := ParseTimes(nil, "18:00-20:00", "")
		must(t, err)
		tuesday, err := ParseTimes([]string{"tue"}, "", "")
		must(t, err)
		to := Publishing{Communities: []commerce.CommunityID{"early", "late"}, Times: map[commerce.CommunityID]Times{"early": evening, "late": tuesday}}
		draft := func(where ...commerce.CommunityID) Post {
			t.Helper()
			p, err := c.Begin(t.Context(), "a", "")
			must(t, err)
			_, err = c.Write(t.Context(), "a", p.ID, "Title", "Words", nil)
			must(t, err)
			_, err = c.Tag(t.Context(), "a", p.ID, Item{Product: "p1"})
			must(t, err)
			for _, w := range where {
				_, err = c.Place(t.Context(), "a", p.ID, w)
				must(t, err)
			}
			p, err = c.Plan(t.Context(), "a", p.ID, now.t) // due at once
			must(t, err)
			return p
		}
		told := func() (n int) {
			t.Helper()
			must(t, db.Read(t.Context(), func(tx *database.Tx) error {
				return tx.Row(`SELECT COUNT(*) FROM notices WHERE kind = 'creator.waits' AND member_id = 'ann'`).Scan(&n)
			}))
			return n
		}
		due := func(want int) {
			t.Helper()
			if n, err := c.PublishDue(t.Context(), to, 10); n != want || err != nil {
				t.Errorf("%d published, %v; want %d", n, err, want)
			}
		}
		both, late := draft(), draft("late")
		due(0)
		due(0)
		for id, want := range map[commerce.DraftID]time.Time{both.ID: now.t.Add(6 * time.Hour), late.ID: now.t.Add(12 * time.Hour)} {
			if p, err := c.Draft(t.Context(), "a", id); err != nil || !p.At.Equal(want) {
				t.Errorf("%v, %v; want %v", p.At, err, want)
			}
		}
		if n := told(); n != 2 {
			t.Errorf("told %d times", n)
		}
		now.wait(6 * time.Hour)
		due(1)
		now.wait(6 * time.Hour)
		to.Most = 1 // a day
		due(0)
		if p, err := c.Draft(t.Context(), "a", late.ID); err != nil || !p.At.Equal(now.t.Add(18*time.Hour)) {
			t.Errorf("%v, %v", p.At, err)
		}
		if n := told(); n != 3 {
			t.Errorf("told %d times", n)
		}
		now.wait(18 * time.Hour)
		due(1)
		if _, err := c.Draft(t.Context(), "a", late.ID); !errors.Is(err, ErrNoDraft) {
			t.Errorf("%v", err)
		}
		// Asked for by hand, the time is moved as well.
		p := draft("late")
		if p, err := c.PlanAt(t.Context(), "a", p.ID, now.t.Add(24*time.Hour), to); err != nil || p.At.Weekday() != time.Tuesday || !p.At.After(now.t.Add(24*time.Hour)) {
			t.Errorf("%v, %v", p.At, err)
		}
	})
}
