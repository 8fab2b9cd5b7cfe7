package digests

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

type clock struct{ t time.Time }

func (c *clock) Now() time.Time { return c.t }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// monday is the one with which the week begins that the tests tell of.
var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func TestStep(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		now := &clock{monday.Add(26 * time.Hour)}
		berlin, err := time.LoadLocation("Europe/Berlin")
		must(t, err)
		people := creators.New(db, now, commerce.RandomIDs{})
		quiet := ""
		d := New(Config{DB: db, Clock: now, IDs: commerce.RandomIDs{}, Zone: func() *time.Location { return berlin },
			Quiet: func(at time.Time) (time.Time, bool) { return commerce.Quiet(quiet, berlin, at) },
			Earned: func(_ *database.Tx, m commerce.MemberID, from, to time.Time) (int64, error) {
				if m == "ann" && from.Equal(monday) && to.Equal(monday.AddDate(0, 0, 7)) {
					return 30, nil
				}
				return 0, nil
			}})
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			for _, s := range []string{
				`INSERT INTO members (id, name, locale, created_at) VALUES ('ann', 'Ann', '', 1), ('ben', 'Ben', '', 1), ('cleo', 'Cleo', '', 1)`,
				`INSERT INTO creators (id, name, bio, position, member_id) VALUES ('a', 'A', '', 1, 'ann'), ('b', 'B', '', 2, 'ben'), ('c', 'C', '', 3, 'cleo'), ('n', 'N', '', 4, '')`,
				`INSERT INTO picks (id, creator_id, title, body, created_at, seq, made) VALUES ('p1', 'a', 'One', '', 1, 1, 1), ('p2', 'a', 'Two', '', 2, 2, 1), ('p3', 'b', 'Three', '', 3, 3, 1), ('p4', 'c', 'Four', '', 4, 4, 1), ('p5', 'n', 'Five', '', 5, 5, 0)`,
			} {
				if _, err := tx.Exec(s); err != nil {
					return err
				}
			}
			return people.Sold(tx, "ben", []commerce.PickID{"p2"}, now.t, false)
		}))
		for _, id := range []commerce.PickID{"p1", "p1", "p2", "p4", "p5"} {
			people.Opened(id)
		}
		must(t, people.Count(t.Context()))
		must(t, people.Keep(t.Context(), "ben", "", "p1", true))
		_, err = people.Follow(t.Context(), "ben", "a")
		must(t, err)
		must(t, people.WantDigest(t.Context(), "c", false))
		told := func() (list []string) {
			t.Helper()
			for n := 1; n > 0; {
				n, err = d.Step(t.Context())
				must(t, err)
			}
			must(t, db.Read(t.Context(), func(tx *database.Tx) error {
				return tx.Rows(`SELECT member_id, due_at FROM notices WHERE kind = 'creator.digest' ORDER BY created_at`, nil, func(scan func(...any) error) error {
					var m string
					var due int64
					err := scan(&m, &due)
					list = append(list, m+" "+commerce.FromMicros(due).In(berlin).Format("Mon 15:04"))
					return err
				})
			}))
			return list
		}
		// Nobody hears of a week before ten on the Monday after it, by the shop's clock.
		for _, at := range []time.Time{now.t, monday.AddDate(0, 0, 6), monday.AddDate(0, 0, 7).Add(8*time.Hour + 59*time.Minute)} {
			now.t = at
			if got := told(); len(got) > 0 {
				t.Errorf("%v: %v", at, got)
			}
		}
		quiet = "20:00-11:30"
		now.t = monday.AddDate(0, 0, 7).Add(9 * time.Hour)
		if got := fmt.Sprint(told()); got != "[ann Mon 11:30]" {
			t.Errorf("%v", got) // nothing happened to ben, and cleo does not want to know
		}
		now.t = now.t.AddDate(0, 0, 3)
		if got := told(); len(got) != 1 {
			t.Errorf("told again: %v", got)
		}
		// Another process, which has told nobody yet.
		d = New(d.Config)
		if got := told(); len(got) != 1 {
			t.Errorf("told again: %v", got)
		}
		one, err := d.Last(t.Context(), "a")
		must(t, err)
		if got := fmt.Sprintln(one.From().Format(time.DateOnly), one.Opened, one.Saved, one.Bought, one.Followers, one.Points, one.Best); got != "2026-03-02 [0 3 0 0 0 0 0] 1 1 1 30 p2\n" {
			t.Errorf("%s", got)
		}
		if same, err := d.One(t.Context(), one.ID); err != nil || same.Looks() != 3 || len(one.ID) < 20 {
			t.Errorf("%+v, %v", same, err)
		}
		if _, data, err := d.Export(t.Context(), "ann"); err != nil || !strings.Contains(fmt.Sprint(data), "2026-03-02 3 1 1 1 30") {
			t.Errorf("%v, %v", data, err)
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return Erase(tx, "ann") }))
		if _, err := d.One(t.Context(), one.ID); !errors.Is(err, ErrNone) {
			t.Errorf("%v", err)
		}
	})
}

// One at a time, several processes tell everybody once.
func TestStepInParts(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		now := &clock{monday.Add(time.Hour)}
		people := creators.New(db, now, commerce.RandomIDs{})
		const n = atOnce*2 + 1
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			for i := range n {
				for _, s := range []string{
					`INSERT INTO members (id, name, locale, created_at) VALUES ('m' || $1, 'M', '', 1)`,
					`INSERT INTO creators (id, name, bio, position, member_id) VALUES ('c' || $1, 'C', '', 1, 'm' || $1)`,
					`INSERT INTO follows (member_id, creator_id, created_at) VALUES ('m' || $1, 'c' || $1, ` + fmt.Sprint(commerce.Micros(now.t)) + `)`,
				} {
					if _, err := tx.Exec(s, fmt.Sprint(i)); err != nil {
						return err
					}
				}
			}
			return nil
		}))
		_ = people
		now.t = monday.AddDate(0, 0, 7).Add(12 * time.Hour)
		done := make(chan error)
		for range 3 {
			go func() {
				d := New(Config{DB: db, Clock: now, IDs: commerce.RandomIDs{}, Zone: func() *time.Location { return time.UTC },
					Quiet:  func(time.Time) (time.Time, bool) { return time.Time{}, false },
					Earned: func(*database.Tx, commerce.MemberID, time.Time, time.Time) (int64, error) { return 0, nil }})
				var err error
				for looked := 1; looked > 0 && err == nil; {
					looked, err = d.Step(t.Context())
				}
				done <- err
			}()
		}
		for range 3 {
			must(t, <-done)
		}
		count := 0
		must(t, db.Read(t.Context(), func(tx *database.Tx) error {
			return tx.Row(`SELECT COUNT(*) FROM notices WHERE kind = 'creator.digest'`).Scan(&count)
		}))
		if count != n {
			t.Errorf("%d of %d were told", count, n)
		}
	})
}

func TestAdvice(t *testing.T) {
	over := monday.AddDate(0, 0, 7)
	// pick is one of this week, looked at on Tuesday.
	pick := func(id string, looks, saved, bought int64) creators.PickWeek {
		return creators.PickWeek{Pick: creators.Pick{ID: commerce.PickID(id), Title: "#tag " + id, CreatedAt: monday.Add(time.Hour), Photos: []string{"1"}},
			Opened: []int64{0, looks, 0, 0, 0, 0, 0}, Saved: saved, Bought: bought}
	}
	with := func(p creators.PickWeek, do func(p *creators.PickWeek)) creators.PickWeek {
		do(&p)
		return p
	}
	old := func(p *creators.PickWeek) { p.CreatedAt = monday.AddDate(0, 0, -3) }
	photos := func(p *creators.PickWeek) { p.Photos = []string{"1", "2"} }
	spread := func(p *creators.PickWeek) { p.Opened = []int64{1, 1, 1, 1, 1, 1, 1} }
	plain := func(p *creators.PickWeek) { p.Title = "plain" }
	pinned := func(p *creators.PickWeek) { p.Pinned = true }
	for name, c := range map[string]struct {
		list []creators.PickWeek
		want Advice
	}{
		"nothing posted yet":          {nil, Advice{Rule: Again}},
		"nothing posted for a week":   {[]creators.PickWeek{with(pick("a", 90, 0, 0), old)}, Advice{Rule: Silent, N: 10}},
		"looked at by nine":           {[]creators.PickWeek{pick("a", 9, 0, 0)}, Advice{Rule: Again, Pick: "a"}},
		"looked at by ten":            {[]creators.PickWeek{pick("a", 10, 0, 0), pick("b", 12, 0, 1)}, Advice{Rule: Unsaid, Pick: "a", N: 10}},
		"the one with the most looks": {[]creators.PickWeek{pick("a", 10, 0, 0), pick("b", 12, 0, 0)}, Advice{Rule: Unsaid, Pick: "b", N: 12}},
		"kept by three":               {[]creators.PickWeek{pick("a", 10, 3, 0), pick("b", 12, 1, 1)}, Advice{Rule: Undecided, Pick: "a", N: 3}},
		"kept by two":                 {[]creators.PickWeek{pick("a", 10, 2, 0), pick("b", 3, 0, 0)}, Advice{Rule: Pin, Pick: "a"}},
		"pinned already":              {[]creators.PickWeek{with(pick("a", 10, 2, 0), pinned), pick("b", 3, 0, 0)}, Advice{Rule: Again, Pick: "a"}},
		"the only one":                {[]creators.PickWeek{pick("a", 10, 2, 0)}, Advice{Rule: Again, Pick: "a"}},
		"several photos": {[]creators.PickWeek{with(pick("a", 3, 0, 0), photos), with(pick("b", 3, 0, 0), photos), pick("c", 2, 0, 0), pick("d", 2, 0, 0)},
			Advice{Rule: Photos}},
		"a day":      {[]creators.PickWeek{pick("a", 4, 0, 0), pick("b", 5, 0, 0), pick("c", 5, 0, 0)}, Advice{Rule: Day, N: 1}},
		"any day":    {[]creators.PickWeek{with(pick("a", 0, 0, 0), spread), with(pick("b", 0, 0, 0), spread), with(pick("c", 0, 0, 0), spread)}, Advice{Rule: Again, Pick: "a"}},
		"no hashtag": {[]creators.PickWeek{with(pick("a", 2, 0, 0), plain), with(pick("b", 2, 0, 0), plain), with(pick("c", 2, 0, 0), plain)}, Advice{Rule: Tags}},
	} {
		d := Digest{Opened: make([]int64, days)}
		for _, p := range c.list {
			for i, n := range p.Opened {
				d.Opened[i] += n
			}
		}
		if got := advise(c.list, d, over); got != c.want {
			t.Errorf("%s: %+v; want %+v", name, got, c.want)
		}
	}
}
