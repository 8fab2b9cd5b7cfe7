package gates

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/moderation"
)

func TestRules(t *testing.T) {
	gin := &catalog.Product{ID: "gin", Brand: "still", Category: "Spirits", Title: "Gin"}
	mug := &catalog.Product{ID: "mug", Brand: "kiln", Title: "Mug"}
	r := Rules{
		{Categories: []string{catalog.CategoryID("spirits")}, Age: 16, SoldTo: []string{"DE", "AT"}},
		{Brands: []commerce.BrandID{"still"}, Age: 18, NotSoldTo: []string{"AT"}},
		{Communities: []commerce.CommunityID{"late"}, Age: 21},
	}
	if r.Age(gin) != 18 || r.Age(mug) != 0 || r.Of("late") != 21 || r.Of("corner") != 0 || r.Of("") != 0 {
		t.Errorf("ages %d, %d, %d, %d", r.Age(gin), r.Age(mug), r.Of("late"), r.Of("corner"))
	}
	for country, want := range map[string]bool{"DE": true, "AT": false, "CH": false} {
		if r.Sends(gin, country) != want || !r.Sends(mug, country) {
			t.Errorf("to %s: %v", country, !want)
		}
	}
	both := []*catalog.Product{mug, gin}
	if !r.Regional(both) || r.Regional(both[:1]) || !errors.Is(r.To("CH", both), ErrRegion) || r.To("CH", both[:1]) != nil || r.To("DE", both) != nil {
		t.Error("regions of a cart")
	}
	// Who turns 18 in 2026 may not have had their birthday: they wait for 2027.
	for born, want := range map[int]bool{0: false, 2008: false, 2007: true, 2012: false} {
		if Old(born, 18, 2026) != want {
			t.Errorf("born in %d: %v", born, !want)
		}
	}
	if From(2008, 18) != 2027 {
		t.Errorf("from %d", From(2008, 18))
	}
}

type clock struct{ t time.Time }

func (c *clock) Now() time.Time { return c.t }

// TestAges: the year is said once, moderators alone change it, and it goes with who
// is erased.
func TestAges(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		is := func(err, want error) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		must(db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO members (id, name, locale, created_at) VALUES ('ann', 'Ann', '', 1), ('ben', 'Ben', '', 1), ('max', 'Max', '', 1)`)
			return err
		}))
		now := &clock{time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)}
		m := moderation.New(moderation.Config{DB: db, Clock: now, IDs: commerce.RandomIDs{}, Moderators: func() [][]commerce.MemberID { return [][]commerce.MemberID{{"max"}} }})
		gin := []*catalog.Product{{ID: "gin", Brand: "still"}}
		a := New(Config{DB: db, Clock: now, IDs: commerce.RandomIDs{}, Zone: func() *time.Location { return time.UTC }, Moderation: m,
			Rules: func() Rules { return Rules{{Brands: []commerce.BrandID{"still"}, Age: 18}} }})
		born := func(who commerce.MemberID, want int) {
			t.Helper()
			if got, err := a.Born(t.Context(), who); err != nil || got != want {
				t.Errorf("%s was born in %d, %v; want %d", who, got, err, want)
			}
		}
		for _, wrong := range []string{"", "90", "1905", "2027", "19900", "abcd"} {
			_, err := a.ReadYear(wrong)
			is(err, ErrYear)
		}
		is(a.May(t.Context(), "ann", gin), ErrAge)
		is(a.Wish(t.Context(), "ann", 1990), ErrNone)
		is(a.Say(t.Context(), "ann", 1), ErrYear)
		must(a.Say(t.Context(), "ann", 2008))
		must(a.Say(t.Context(), "ann", 2008)) // pressed again
		is(a.Say(t.Context(), "ann", 1990), ErrSaid)
		born("ann", 2008)
		is(a.May(t.Context(), "ann", gin), ErrAge)
		now.t = now.t.Add(time.Hour) // a year later
		must(a.May(t.Context(), "ann", gin))

		must(a.Wish(t.Context(), "ann", 1990))
		must(a.Wish(t.Context(), "ann", 1991)) // it was that
		is(a.Decide(t.Context(), "ann", "ann", 1991, true), ErrOwn)
		is(a.Decide(t.Context(), "max", "ann", 1990, true), ErrNone) // what was seen is not what is asked for
		if list, err := a.Wishes(t.Context(), 9); err != nil || len(list) != 1 || list[0] != (Wished{"ann", 2008, 1991}) {
			t.Errorf("%+v, %v", list, err)
		}
		must(a.Decide(t.Context(), "max", "ann", 1991, true))
		is(a.Decide(t.Context(), "max", "ann", 1991, false), ErrNone)
		born("ann", 1991)
		if n, _, err := moderation.Verify(context.Background(), db, nil); err != nil || n != 1 {
			t.Errorf("%d lines in the log, %v", n, err)
		}

		// One person with two accounts is the younger one, and forgotten they are nobody.
		must(a.Say(t.Context(), "ben", 2010))
		must(db.Write(t.Context(), func(tx *database.Tx) error { return a.Link(tx, "ann", "ben") }))
		born("ann", 2010)
		born("ben", 0)
		must(db.Write(t.Context(), func(tx *database.Tx) error { return a.Erase(tx, "ann") }))
		born("ann", 0)
	})
}
