package creators

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

type clock struct{ t time.Time }

func (c *clock) Now() time.Time       { return c.t }
func (c *clock) wait(d time.Duration) { c.t = c.t.Add(d) }

func start() *clock { return &clock{time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)} }

// open makes a shop with two members and three products, one variant each.
func open(t *testing.T, db *database.DB) (*Creators, *clock) {
	t.Helper()
	must(t, db.Write(t.Context(), func(tx *database.Tx) error {
		for _, s := range []string{
			`INSERT INTO members (id, name, locale, created_at) VALUES ('ann', 'Ann', '', 1), ('bob', 'Bob', '', 1)`,
			`INSERT INTO brands (id, name) VALUES ('b', 'B')`,
			`INSERT INTO products (id, brand_id, handle, title, body, vendor, category, tags, option1, option2, option3, position, created_at, updated_at)
			 VALUES ('p1', 'b', '1', 'P1', '', '', '', '', '', '', '', 1, 1, 1), ('p2', 'b', '2', 'P2', '', '', '', '', '', '', '', 2, 1, 1),
			 ('p3', 'b', '3', 'P3', '', '', '', '', '', '', '', 3, 1, 1)`,
			`INSERT INTO variants (id, product_id, sku, value1, value2, value3, price, currency, position)
			 VALUES ('v1', 'p1', '', '', '', '', 100, 'EUR', 1), ('v2', 'p2', '', '', '', '', 100, 'EUR', 1)`,
		} {
			if _, err := tx.Exec(s); err != nil {
				return err
			}
		}
		return nil
	}))
	now := start()
	return New(db, now, commerce.RandomIDs{}), now
}

func creator(id string, picks ...string) Creator {
	c := Creator{ID: commerce.CreatorID(id), Name: strings.ToUpper(id), Bio: "about " + id}
	for _, p := range picks {
		c.Picks = append(c.Picks, Pick{ID: commerce.PickID(p), Title: "Pick " + p, Items: []Item{{Product: "p1"}}})
	}
	return c
}

func TestDeclare(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		declare(t, c, creator("mira", "m1", "m2", "m3"), creator("theo", "t1"))
		if got := newest(t, c); got != "m3 t1 m2 m1" {
			t.Errorf("newest first: %s", got)
		}

		// m2 goes, m1 has another title, m4 comes; theo is gone.
		now.wait(time.Hour)
		mira := creator("mira", "m1", "m3", "m4")
		mira.Picks[0].Title = "Better"
		declare(t, c, mira)
		if got := newest(t, c); got != "m4 m3 m1" {
			t.Errorf("after a change: %s", got)
		}
		for _, id := range []commerce.PickID{"m2", "t1"} {
			if p, err := c.Pick(t.Context(), id); err != nil || !p.Archived || len(p.Items) != 1 {
				t.Errorf("%s: %+v, %v; want archived", id, p, err)
			}
		}
		if p, err := c.Pick(t.Context(), "m1"); err != nil || p.Title != "Better" || !p.CreatedAt.Equal(start().t) {
			t.Errorf("%+v, %v", p, err)
		}
		if theo, err := c.Creator(t.Context(), "theo"); err != nil || !theo.Archived || listed(t, c) != "mira" {
			t.Errorf("%+v, %v", theo, err)
		}

		// Back where they were.
		declare(t, c, creator("theo", "t1"), creator("mira", "m1", "m2", "m3", "m4"))
		if got := newest(t, c); got != "m4 m3 t1 m2 m1" {
			t.Errorf("named again: %s", got)
		}
		if got := listed(t, c); got != "theo mira" {
			t.Error(got)
		}
		if got, err := c.Recommending(t.Context(), "p1"); err != nil || len(got) != 2 || got[0].ID != "mira" {
			t.Error(got, err)
		}
		if got, err := c.Recommending(t.Context(), "p3"); err != nil || got != nil {
			t.Error(got, err)
		}
		if _, err := c.Pick(t.Context(), "nope"); !errors.Is(err, ErrUnknownPick) {
			t.Error(err)
		}
	})
}

// TestDeclareMembers: who the creators are in the chat can be changed in the
// YAML, two at once too; who is declared no longer is nobody's.
func TestDeclareMembers(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, _ := open(t, db)
		declare := func(who ...Creator) {
			t.Helper()
			if _, err := c.Declare(t.Context(), who); err != nil {
				t.Fatal(err)
			}
		}
		is := func(m commerce.MemberID, want commerce.CreatorID) {
			t.Helper()
			one, err := c.Of(t.Context(), m)
			if one.ID != want || (err != nil) != (want == "") {
				t.Errorf("%s is creator %q, %v; want %q", m, one.ID, err, want)
			}
		}
		one, two := creator("one"), creator("two")
		one.Member, two.Member = "ann", "bob"
		declare(one, two)
		is("ann", "one")
		one.Member, two.Member = "bob", "ann"
		declare(one, two)
		is("ann", "two")
		is("bob", "one")
		declare(two)
		is("bob", "")
		three := creator("three")
		three.Member = "bob"
		declare(two, three)
		is("bob", "three")
	})
}

func TestDeclareUnknown(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, _ := open(t, db)
		mira := creator("mira", "m1", "m2", "m3")
		mira.Picks[0].Items = []Item{{Product: "nope"}}
		mira.Picks[1].Items = []Item{{Product: "p2", Variant: "v1"}, {Product: "p2", Variant: "v2"}}
		unknown, err := c.Declare(t.Context(), []Creator{mira})
		must(t, err)
		want := []Unknown{{"m1", Item{Product: "nope"}}, {"m2", Item{"p2", "v1"}}}
		slices.SortFunc(unknown, func(a, b Unknown) int { return strings.Compare(string(a.Pick), string(b.Pick)) })
		if !cmp.Equal(unknown, want) {
			t.Error(cmp.Diff(want, unknown))
		}
		if got := newest(t, c); got != "m3 m2" {
			t.Errorf("%s; a pick without products is in no list", got)
		}
		if _, err := c.Declare(t.Context(), []Creator{creator("a", "x"), creator("b", "x")}); err == nil {
			t.Error("two picks with one id")
		}
		if _, err := c.Declare(t.Context(), []Creator{creator("a"), creator("a")}); err == nil {
			t.Error("two creators with one id")
		}
	})
}

func TestKeptForAMoment(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		other := New(db, now, commerce.RandomIDs{})
		title := func() string {
			p, err := c.Pick(t.Context(), "m1")
			must(t, err)
			return p.Title
		}
		mira := creator("mira", "m1")
		declare(t, c, mira)
		title()
		mira.Picks[0].Title = "Better"
		declare(t, other, mira)
		if got := title(); got != "Pick m1" {
			t.Errorf("read again a moment later: %s", got)
		}
		now.wait(keptTime)
		if got := title(); got != "Better" {
			t.Errorf("another process's change is not seen: %s", got)
		}
		mira.Picks[0].Title = "Best"
		declare(t, c, mira)
		if got := title(); got != "Best" {
			t.Errorf("our own change is not seen: %s", got)
		}
	})
}

func TestLinkAndErase(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, _ := open(t, db)
		declare(t, c, creator("mira", "m1"), creator("theo", "t1"))
		for _, f := range [][2]string{{"ann", "mira"}, {"bob", "mira"}, {"bob", "theo"}} {
			_, err := c.Follow(t.Context(), commerce.MemberID(f[0]), commerce.CreatorID(f[1]))
			must(t, err)
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE follows SET created_at = 7 WHERE member_id = 'bob'`)
			return err
		}))
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Link(tx, "ann", "bob") }))
		var since int64
		must(t, db.Read(t.Context(), func(tx *database.Tx) error {
			return tx.Row(`SELECT created_at FROM follows WHERE member_id = 'ann' AND creator_id = 'mira'`).Scan(&since)
		}))
		if since != 7 {
			t.Errorf("follows since %d; want the earlier time", since)
		}
		if a, b := follows(t, c, "ann"), follows(t, c, "bob"); a != "mira theo" || b != "" {
			t.Errorf("%q, %q", a, b)
		}
		if n, err := c.Followers(t.Context(), "mira"); n != 1 || err != nil {
			t.Error(n, err)
		}
		if name, data, err := c.Export(t.Context(), "ann"); name != "follows" || fmt.Sprint(data) != "[MIRA THEO]" || err != nil {
			t.Error(name, data, err)
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Erase(tx, "ann") }))
		if a := follows(t, c, "ann"); a != "" {
			t.Error(a)
		}
	})
}

func TestPlanPosts(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		declare(t, c, creator("mira", "m1", "m2"), creator("theo", "t1"))
		quiet, err := ParseQuiet("22:00-08:00", "Europe/Berlin")
		must(t, err)
		policy := Policy{Every: 4 * time.Hour, Quiet: quiet}
		chats := []Chat{{Bot: "tg", ID: "-1", Creators: []commerce.CreatorID{"mira"}}, {Bot: "dc", ID: "9", Thread: "x", Creators: []commerce.CreatorID{"theo"}}}
		var got []string
		for range 36 { // a day and a half, every hour from 14:00 in Berlin
			// Two processes decide at once.
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					if _, err := New(db, now, commerce.RandomIDs{}).PlanPosts(context.Background(), chats, policy); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			must(t, db.Read(t.Context(), func(tx *database.Tx) error {
				return tx.Rows(`SELECT n.chat, p.pick_id FROM notices n JOIN posts p ON p.chat = n.chat AND p.created_at = n.created_at
					WHERE n.kind = 'pick.post' AND n.created_at = $1 ORDER BY n.chat`, []any{commerce.Micros(now.t)},
					func(scan func(...any) error) error {
						var chat, pick string
						err := scan(&chat, &pick)
						got = append(got, fmt.Sprintf("%d:00 %s %s", now.t.In(quiet.Zone).Hour(), chat, pick))
						return err
					})
			}))
			if now.t.Hour() == 16 && now.t.Day() == 4 { // a new pick, after two were posted
				declare(t, c, creator("mira", "m1", "m2", "m3", "m4"), creator("theo", "t1"))
			}
			now.wait(time.Hour)
		}
		want := []string{"14:00 -1 m2", "14:00 9 t1", "18:00 -1 m1", "8:00 -1 m4", "12:00 -1 m3"}
		if !cmp.Equal(got, want) {
			t.Error(cmp.Diff(want, got))
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Posted(tx, "t1", chats[1], "77") }))
	})
}

func TestPlanPostsOnlyWhatSells(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, _ := open(t, db)
		declare(t, c, creator("mira", "m1", "m2"))
		chat := []Chat{{Bot: "tg", ID: "-1", Creators: []commerce.CreatorID{"mira"}, Sellable: func(p *Pick) bool { return p.ID == "m1" }}}
		for _, want := range []int{1, 0} {
			if n, err := c.PlanPosts(t.Context(), chat, Policy{}); n != want || err != nil {
				t.Errorf("%d posts, %v; want %d", n, err, want)
			}
		}
	})
}

func TestQuiet(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, berlin)
		must(t, err)
		return v.UTC()
	}
	for _, c := range []struct {
		hours, at string
		want      bool
	}{
		{"22:00-08:00", "2026-05-04 21:59", false}, {"22:00-08:00", "2026-05-04 22:00", true},
		{"22:00-08:00", "2026-05-04 03:00", true}, {"22:00-08:00", "2026-05-04 08:00", false},
		{"12:00–14:00", "2026-05-04 13:00", true}, {"12:00-14:00", "2026-05-04 14:00", false},
		{"", "2026-05-04 03:00", false}, {"08:00-08:00", "2026-05-04 08:00", false},
		{"22:00-08:00", "2026-03-29 07:59", true}, {"22:00-08:00", "2026-03-29 08:00", false}, // summer time begins
	} {
		q, err := ParseQuiet(c.hours, "Europe/Berlin")
		must(t, err)
		if got := q.Holds(at(c.at)); got != c.want {
			t.Errorf("%s at %s: %v", c.hours, c.at, got)
		}
	}
	for _, c := range [][2]string{{"22-8", ""}, {"22:00", ""}, {"25:00-08:00", ""}, {"22:00-08:00", "Berlin"}} {
		if _, err := ParseQuiet(c[0], c[1]); err == nil {
			t.Errorf("%v is taken", c)
		}
	}
}

func declare(t *testing.T, c *Creators, list ...Creator) {
	t.Helper()
	unknown, err := c.Declare(t.Context(), list)
	must(t, err)
	if len(unknown) > 0 {
		t.Fatal(unknown)
	}
}

// newest is all picks that are shown, the newest first.
func newest(t *testing.T, c *Creators) string {
	t.Helper()
	var list []Pick
	must(t, c.db.Read(t.Context(), func(tx *database.Tx) (err error) {
		list, err = picksWhere(tx, `p.archived = 0 ORDER BY p.seq DESC`)
		return err
	}))
	return ids(list)
}

func listed(t *testing.T, c *Creators) string {
	t.Helper()
	page, err := c.List(t.Context(), nil, "", 100)
	must(t, err)
	var names []string
	for _, one := range page.Items {
		names = append(names, string(one.ID))
	}
	return strings.Join(names, " ")
}

func follows(t *testing.T, c *Creators, m commerce.MemberID) string {
	t.Helper()
	list, err := c.Follows(t.Context(), m)
	must(t, err)
	var names []string
	for _, id := range list {
		names = append(names, string(id))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func ids(picks []Pick) string {
	var names []string
	for _, p := range picks {
		names = append(names, string(p.ID))
	}
	return strings.Join(names, " ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
