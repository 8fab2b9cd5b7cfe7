package creators

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// TestLists turns the pages of creators and of their picks.
func TestLists(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, _ := open(t, db)
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			for _, s := range []string{`INSERT INTO brands (id, name) VALUES ('other', 'O')`,
				`INSERT INTO products (id, brand_id, handle, title, body, vendor, category, tags, option1, option2, option3, position, created_at, updated_at)
					VALUES ('q1', 'other', '1', 'Q1', '', '', '', '', '', '', '', 1, 1, 1)`} {
				if _, err := tx.Exec(s); err != nil {
					return err
				}
			}
			return nil
		}))
		elsewhere := creator("zoe", "z1")
		elsewhere.Picks[0].Items[0].Product = "q1"
		declare(t, c, creator("mira", "m1", "m2", "m3", "m4", "m5", "m6"), elsewhere, creator("theo", "t1"), creator("new"))
		for _, want := range []struct {
			brands []commerce.BrandID
			list   string
		}{{nil, "mira zoe | theo new |"}, {[]commerce.BrandID{"b"}, "mira theo | new |"}, {[]commerce.BrandID{"b", "other"}, "mira zoe | theo new |"}, {[]commerce.BrandID{"other"}, "zoe new |"}} {
			got := ""
			for cursor, first := "", true; first || cursor != ""; first = false {
				page, err := c.List(t.Context(), want.brands, cursor, 2)
				must(t, err)
				for _, one := range page.Items {
					got += string(one.ID) + " "
					if one.ID == "mira" && one.Picks != 6 {
						t.Errorf("%d picks", one.Picks)
					}
				}
				got += "| "
				if cursor = page.Next; len(cursor) > 24 {
					t.Errorf("cursor %q", cursor)
				}
			}
			if strings.TrimSpace(got) != want.list {
				t.Errorf("%v: %s; want %s", want.brands, got, want.list)
			}
		}
		odd := func(p *Pick) bool { return p.Seq%2 == 1 }
		first, err := c.PicksOf(t.Context(), "mira", odd, "", 2)
		must(t, err)
		second, err := c.PicksOf(t.Context(), "mira", odd, first.Next, 2)
		must(t, err)
		all, err := c.PicksOf(t.Context(), "mira", nil, "", 10)
		must(t, err)
		var want []string
		for _, p := range all.Items {
			if odd(&p) {
				want = append(want, string(p.ID))
			}
		}
		if got := ids(append(first.Items, second.Items...)); got != strings.Join(want, " ") || second.Next != "" || len(all.Items) != 6 || all.Next != "" {
			t.Errorf("%s, %q of %v", got, second.Next, want)
		}
		for _, cursor := range []string{"-1", "?", "zzzzzzzzzzzzzzzzzzzzzzzz"} {
			if _, err := c.PicksOf(t.Context(), "mira", nil, cursor, 2); !errors.Is(err, ErrCursor) {
				t.Errorf("%q: %v", cursor, err)
			}
			if _, err := c.List(t.Context(), nil, cursor, 2); !errors.Is(err, ErrCursor) {
				t.Errorf("%q: %v", cursor, err)
			}
		}
	})
}

func TestFeed(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		mira, theo, lou := creator("mira", "m1", "m2"), creator("theo", "t1", "t2"), creator("lou", "l1", "l2")
		lou.Picks[0].Featured = true
		declare(t, c, mira, theo, lou)
		feed := func(m commerce.MemberID, cursor string, featured ...commerce.CreatorID) (string, string) {
			t.Helper()
			p, err := c.Feed(t.Context(), Feed{Member: m, Featured: featured}, cursor, 2)
			must(t, err)
			var got []string
			for _, pick := range p.Items {
				got = append(got, string(pick.ID))
			}
			return strings.Join(got, " "), p.Next
		}
		if got, next := feed("ann", ""); got != "l1" || next != "" {
			t.Errorf("nobody followed: %s %q", got, next)
		}
		if isNew, err := c.Follow(t.Context(), "ann", "theo"); !isNew || err != nil {
			t.Error(isNew, err)
		}
		if isNew, err := c.Follow(t.Context(), "ann", "theo"); isNew || err != nil {
			t.Error(isNew, err)
		}
		if _, err := c.Follow(t.Context(), "ann", "nobody"); !errors.Is(err, ErrUnknownCreator) {
			t.Error(err)
		}
		got, next := feed("ann", "", "mira")
		if got != "t2 t1" || next == "" { // whom she follows counts more than what is featured
			t.Errorf("%s %q", got, next)
		}
		// New picks above do not move what follows.
		now.wait(time.Minute)
		mira.Picks = append(mira.Picks, creator("mira", "m3").Picks[0])
		declare(t, c, mira, theo, lou)
		if got, next = feed("ann", next, "mira"); got != "m2 m1" || next == "" {
			t.Errorf("%s %q", got, next)
		}
		if got, next = feed("ann", next, "mira"); got != "l1" || next != "" {
			t.Errorf("%s %q", got, next)
		}
		if did, err := c.Unfollow(t.Context(), "ann", "theo"); !did || err != nil {
			t.Error(did, err)
		}
		if got, _ := feed("ann", "", "mira"); got != "m3 m2" {
			t.Error(got)
		}
		for _, cursor := range []string{"-1", "?", "zzzzzzzzzzzzzzzzzzzzzzzz"} {
			if _, err := c.Feed(t.Context(), Feed{Member: "ann"}, cursor, 2); !errors.Is(err, ErrCursor) {
				t.Errorf("%q: %v", cursor, err)
			}
		}
		// She follows somebody by another process: the feed knows.
		other := New(db, now, commerce.RandomIDs{})
		if did, err := other.Follow(t.Context(), "ann", "theo"); !did || err != nil {
			t.Error(did, err)
		}
		if got, _ := feed("ann", ""); !strings.Contains(got, "t") {
			t.Errorf("the feed of another process: %s", got)
		}
	})
}

// Whatever appears while somebody reads: nothing twice, and nothing of what was
// there when they began is left out.
func TestPagesAreStable(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		dice := rand.New(rand.NewPCG(3, 1))
		var all []Creator
		for i := range 5 {
			all = append(all, creator(fmt.Sprint("c", i)))
		}
		n := 0
		grow := func(some int) {
			for range some {
				n++
				at := &all[dice.IntN(len(all))]
				p := creator("x", fmt.Sprint("p", n)).Picks[0]
				p.Featured = dice.IntN(2) == 0
				at.Picks = append(at.Picks, p)
				now.wait(time.Duration(dice.IntN(100)) * time.Hour)
			}
			declare(t, c, all...)
		}
		grow(30)
		for _, id := range []commerce.CreatorID{"c1", "c3"} {
			_, err := c.Follow(t.Context(), "ann", id)
			must(t, err)
		}
		var want, got []string
		for _, one := range all {
			for _, p := range one.Picks {
				if p.Featured || one.ID == "c1" || one.ID == "c3" {
					want = append(want, string(p.ID))
				}
			}
		}
		for cursor, first := "", true; first || cursor != ""; first = false {
			page, err := c.Feed(t.Context(), Feed{Member: "ann"}, cursor, 1+dice.IntN(5))
			must(t, err)
			for _, e := range page.Items {
				got = append(got, string(e.ID))
			}
			if cursor = page.Next; len(cursor) > 24 || cursor != "" && strings.Trim(cursor, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
				t.Fatalf("cursor %q", cursor)
			}
			now.wait(time.Minute)
			grow(dice.IntN(3))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// TestRank is the formula: each thing that counts, and that creators take turns.
func TestRank(t *testing.T) {
	now := start().t
	at := func(id string, age time.Duration, more func(*candidate)) candidate {
		one := candidate{Pick: Pick{ID: commerce.PickID(id), Creator: commerce.CreatorID(id[:1]), CreatedAt: now.Add(-age), Seq: int64(1000 - age/time.Hour)}}
		if more != nil {
			more(&one)
		}
		return one
	}
	followed := func(c *candidate) { c.followed = true }
	of := func(brand commerce.BrandID) func(*candidate) { return func(c *candidate) { c.brand = brand } }
	for _, c := range []struct {
		name string
		list []candidate
		want string
	}{
		{"what is newer", []candidate{at("a1", 48*time.Hour, nil), at("b1", time.Hour, nil)}, "b1 a1"},
		{"whom they follow", []candidate{at("a1", 24*time.Hour, followed), at("b1", time.Hour, nil)}, "a1 b1"},
		{"but not for ever", []candidate{at("a1", 7*24*time.Hour, followed), at("b1", time.Hour, nil)}, "b1 a1"},
		{"what is featured", []candidate{at("a1", 2*time.Hour, func(c *candidate) { c.featured = true }), at("b1", time.Hour, nil)}, "a1 b1"},
		{"who is new", []candidate{at("a1", 2*time.Hour, func(c *candidate) { c.madeAt = now.Add(-24 * time.Hour) }), at("b1", time.Hour, nil)}, "a1 b1"},
		{"who was new once", []candidate{at("a1", 2*time.Hour, func(c *candidate) { c.madeAt = now.Add(-newTime) }), at("b1", time.Hour, nil)}, "b1 a1"},
		{"creators take turns", []candidate{at("a1", 1*time.Hour, nil), at("a2", 2*time.Hour, nil), at("a3", 3*time.Hour, nil), at("a4", 4*time.Hour, nil), at("b1", 30*time.Hour, nil), at("c1", 31*time.Hour, nil)}, "a1 a2 b1 c1 a3 a4"},
		{"where they have bought", []candidate{at("a1", 3*time.Hour, func(c *candidate) { c.bought = true }), at("b1", time.Hour, nil)}, "a1 b1"},
		{"brands take turns", []candidate{at("a1", 1*time.Hour, of("x")), at("b1", 2*time.Hour, of("x")), at("c1", 3*time.Hour, of("x")), at("d1", 4*time.Hour, of("x")), at("e1", 30*time.Hour, of("y"))}, "a1 b1 c1 e1 d1"},
		{"as long as there are others", []candidate{at("a1", 1*time.Hour, nil), at("a2", 2*time.Hour, nil), at("a3", 3*time.Hour, nil)}, "a1 a2 a3"},
	} {
		var got []string
		for _, one := range rank(c.list, now, 10) {
			got = append(got, string(one.ID))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v; want %s", c.name, got, c.want)
		}
	}
}

// TestExplain says the same of a pick as the feed does.
func TestExplain(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		asked := 0
		c.Bought = func(_ context.Context, m commerce.MemberID) ([]commerce.BrandID, error) {
			asked++
			return map[commerce.MemberID][]commerce.BrandID{"ann": {"b"}}[m], nil
		}
		mira, theo := creator("mira", "m1"), creator("theo", "t1")
		theo.Picks[0].Featured = true
		declare(t, c, mira, theo)
		_, err := c.Follow(t.Context(), "ann", "mira")
		must(t, err)
		now.wait(48 * time.Hour)
		feed := Feed{Member: "ann", Brand: func(commerce.ProductID) commerce.BrandID { return "b" }, Rank: func(p commerce.ProductID) int { return map[commerce.ProductID]int{"p1": -2}[p] }}
		page, err := c.Feed(t.Context(), feed, "", 10)
		must(t, err)
		want := map[commerce.PickID]Why{"m1": {Fresh: 50, Followed: pointsFollowed, Bought: pointsBought, Rated: -2 * pointsRated, Age: 48 * time.Hour}, "t1": {Fresh: 50, Featured: pointsFeatured, Bought: pointsBought, Rated: -2 * pointsRated, Age: 48 * time.Hour}}
		for _, e := range page.Items {
			why, err := c.Explain(t.Context(), feed, e.ID)
			if err != nil || why != e.Why || why != want[e.ID] {
				t.Errorf("%s: %+v, %v; in the feed %+v, want %+v", e.ID, why, err, e.Why, want[e.ID])
			}
		}
		if len(page.Items) != 2 || asked != 1 {
			t.Errorf("%d picks, asked %d times what was bought", len(page.Items), asked)
		}
		if why, err := c.Explain(t.Context(), Feed{Member: "bob", Brand: feed.Brand}, "m1"); err != nil || why.Followed+why.Bought != 0 {
			t.Errorf("%+v, %v", why, err)
		}
		if _, err := c.Explain(t.Context(), feed, "nope"); !errors.Is(err, ErrUnknownPick) {
			t.Error(err)
		}
	})
}
