package members

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

func start() *clocktest.Clock { return clocktest.At(time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)) }

var ann = Seen{Platform: "telegram", Account: "1", Name: "Ann", Username: "ann", Locale: "de", Bot: "tg", Private: true}

func TestMeet(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		now := start()
		m := New(db, now, commerce.RandomIDs{})
		first := meet(t, m, ann)
		if first.Name != "Ann" || first.Locale != "de" || len(first.Accounts) != 1 || first.Accounts[0].Reach != Open {
			t.Errorf("%+v", first)
		}
		if again := meet(t, New(db, now, commerce.RandomIDs{}), ann); again.ID != first.ID {
			t.Error("the same account is somebody else in another process")
		}
		renamed := ann
		renamed.Name, renamed.Username, renamed.Locale = "Ann\nLee\u202e", "", "fr"
		if got := meet(t, m, renamed); got.Name != "Ann, Lee" || got.Accounts[0].Username != "" || got.Locale != "fr" || got.ID != first.ID {
			t.Errorf("%+v", got)
		}
		group := Seen{Platform: "discord", Account: "1", Name: "Bob", Bot: "dc"}
		bob := meet(t, m, group)
		if bob.ID == first.ID || bob.Accounts[0].Reach != Unknown || bob.Accounts[0].Bot != "" {
			t.Errorf("%+v", bob)
		}
		if _, err := m.Find(t.Context(), "discord", "2"); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		if _, err := m.Get(t.Context(), "nobody"); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
	})
}

func TestKnownMemberCostsNoSQL(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		now := start()
		m := New(db, now, commerce.RandomIDs{})
		want := meet(t, m, ann)
		if !want.New {
			t.Error("the first event of a person does not tell that they are new")
		}
		want.New = false
		db.Close() // from here on every statement fails
		group := ann
		group.Private, group.Locale = false, ""
		for _, s := range []Seen{ann, group, ann} {
			if got := meet(t, m, s); !cmp.Equal(got, want) {
				t.Error(cmp.Diff(want, got))
			}
		}
		now.Wait(cacheTime)
		if _, err := m.Meet(t.Context(), ann); err == nil {
			t.Error("the copy in memory never ends")
		}
	})
}

// TestNewMemberNotRead: who is kept in memory without being read back is who
// would have been read.
func TestNewMemberNotRead(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		now := start()
		m := New(db, now, commerce.RandomIDs{})
		joined := ann
		joined.Account, joined.Private, joined.Community, joined.Joined = "7", false, "night", now.Now().Add(-time.Hour)
		later := joined
		later.Account, later.Joined = "8", now.Now().Add(time.Hour)
		for _, s := range []Seen{ann, joined, later} {
			got := meet(t, m, s)
			got.New = false
			read, err := m.Fresh(t.Context(), got.ID)
			if err != nil || !cmp.Equal(got, read) {
				t.Errorf("%v: %s", err, cmp.Diff(read, got))
			}
		}
	})
}

func TestFirstEventsRace(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		now := start()
		var mu sync.Mutex
		seen := map[commerce.MemberID]bool{}
		var wg sync.WaitGroup
		for range 16 { // each as a process of its own
			wg.Go(func() {
				got, err := New(db, now, commerce.RandomIDs{}).Meet(context.Background(), ann)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				seen[got.ID] = true
				mu.Unlock()
			})
		}
		wg.Wait()
		if len(seen) != 1 || count(t, db, "members") != 1 {
			t.Errorf("%d members met, %d rows; want one", len(seen), count(t, db, "members"))
		}
	})
}

func TestWays(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		now := start()
		m := New(db, now, commerce.RandomIDs{})
		a := meet(t, m, ann)
		now.Wait(time.Minute)
		other := Seen{Platform: "discord", Account: "7", Name: "annie", Bot: "dc", Private: true}
		b := meet(t, m, other)
		must(t, m.Link(t.Context(), a.ID, b.ID))
		ways := func(want ...string) {
			t.Helper()
			list, err := m.Ways(t.Context(), a.ID)
			must(t, err)
			var got []string
			for _, w := range list {
				got = append(got, w.Platform)
			}
			if !cmp.Equal(got, want) {
				t.Error(cmp.Diff(want, got))
			}
		}
		ways("discord", "telegram")
		now.Wait(time.Minute)
		meet(t, m, ann)
		ways("telegram", "discord")
		must(t, m.Closed(t.Context(), "telegram", "1"))
		must(t, m.Closed(t.Context(), "telegram", "unknown"))
		ways("discord")
		meet(t, m, ann)
		ways("telegram", "discord")
	})
}

func TestAddress(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m := New(db, start(), commerce.RandomIDs{})
		a := meet(t, m, ann)
		must(t, m.SaveShipping(t.Context(), a.ID, "b1", "post"))
		if got, err := m.Address(t.Context(), a.ID); got != nil || err != nil {
			t.Errorf("a choice of shipping made an address: %+v, %v", got, err)
		}
		home := Address{"Ann Lee", "1 Main St", "Berlin", "10115", "DE"}
		must(t, m.SaveAddress(t.Context(), a.ID, home))
		must(t, m.SaveShipping(t.Context(), a.ID, "b2", "courier"))
		got, err := m.Get(t.Context(), a.ID)
		must(t, err)
		if got.Address == nil || *got.Address != home || got.Shipping["b1"] != "post" || got.Shipping["b2"] != "courier" {
			t.Errorf("%+v", got)
		}
		// Another process changes it: who buys here is asked for afresh.
		moved := Address{"Ann Lee", "2 Side St", "Berlin", "10115", "DE"}
		must(t, New(db, start(), commerce.RandomIDs{}).SaveAddress(t.Context(), a.ID, moved))
		if got, err := m.Fresh(t.Context(), a.ID); err != nil || *got.Address != moved {
			t.Errorf("%+v, %v", got, err)
		}
		if err := m.SaveAddress(t.Context(), "nobody", home); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
	})
}

func TestLink(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m := New(db, start(), commerce.RandomIDs{})
		var moved []commerce.MemberID
		m.OnLink(func(tx *database.Tx, keep, gone commerce.MemberID) error {
			moved = []commerce.MemberID{keep, gone}
			return nil
		})
		a := meet(t, m, ann)
		bob := Seen{Platform: "discord", Account: "7", Name: "annie", Bot: "dc"}
		b := meet(t, m, bob)
		must(t, m.SaveShipping(t.Context(), a.ID, "b1", "post"))
		must(t, m.SaveAddress(t.Context(), b.ID, Address{"Ann Lee", "1 Main St", "Berlin", "10115", "DE"}))
		must(t, m.Link(t.Context(), a.ID, b.ID))
		if !cmp.Equal(moved, []commerce.MemberID{a.ID, b.ID}) {
			t.Error(moved)
		}
		for _, s := range []Seen{ann, bob} {
			if got := meet(t, m, s); got.ID != a.ID || len(got.Accounts) != 2 || got.Address == nil {
				t.Errorf("%+v", got)
			}
		}
		if got, err := m.Get(t.Context(), b.ID); err != nil || got.ID != a.ID {
			t.Errorf("who is gone is found as %q, %v", got.ID, err)
		}
		if err := m.Link(t.Context(), b.ID, a.ID); !errors.Is(err, ErrSame) {
			t.Error(err)
		}
		if err := m.Link(t.Context(), a.ID, "nobody"); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
	})
}

func TestLinkIsWhole(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m := New(db, start(), commerce.RandomIDs{})
		stop := errors.New("stop")
		m.OnLink(func(*database.Tx, commerce.MemberID, commerce.MemberID) error { return stop })
		a := meet(t, m, ann)
		bob := Seen{Platform: "discord", Account: "7", Name: "annie", Bot: "dc"}
		b := meet(t, m, bob)
		if err := m.Link(t.Context(), a.ID, b.ID); !errors.Is(err, stop) {
			t.Error(err)
		}
		if got := meet(t, m, bob); got.ID != b.ID {
			t.Error("half a link was kept")
		}
	})
}

func TestErase(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		now := start()
		m := New(db, now, commerce.RandomIDs{})
		var told commerce.MemberID
		m.OnErase(func(tx *database.Tx, id commerce.MemberID) error { told = id; return nil })
		a := meet(t, m, ann)
		bob := Seen{Platform: "discord", Account: "7", Name: "annie", Bot: "dc"}
		b := meet(t, m, bob)
		must(t, m.Link(t.Context(), a.ID, b.ID))
		must(t, m.SaveAddress(t.Context(), a.ID, Address{"Ann Lee", "1 Main St", "Berlin", "10115", "DE"}))
		must(t, m.Erase(t.Context(), b.ID)) // asked for under the older id
		must(t, m.Erase(t.Context(), a.ID)) // and once more
		if told != a.ID || count(t, db, "accounts") != 0 || count(t, db, "addresses") != 0 || count(t, db, "members") != 2 {
			t.Errorf("told %q, %d accounts, %d addresses", told, count(t, db, "accounts"), count(t, db, "addresses"))
		}
		must(t, db.Read(t.Context(), func(tx *database.Tx) error {
			return tx.Rows(`SELECT name, locale FROM members`, nil, func(scan func(...any) error) error {
				var name, locale string
				err := scan(&name, &locale)
				if name+locale != "" {
					t.Errorf("%q %q is kept", name, locale)
				}
				return err
			})
		}))
		if _, err := m.Get(t.Context(), a.ID); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		if got := meet(t, m, ann); got.ID == a.ID || got.Address != nil {
			t.Error("who was erased is the same person again")
		}
	})
}

func TestExport(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m := New(db, start(), commerce.RandomIDs{})
		m.OnExport(func(ctx context.Context, id commerce.MemberID) (string, any, error) {
			return "follows", []string{"mira"}, nil
		})
		a := meet(t, m, ann)
		must(t, m.SaveAddress(t.Context(), a.ID, Address{"Ann Lee", "1 Main St", "Berlin", "10115", "DE"}))
		file, err := m.Export(t.Context(), a.ID)
		must(t, err)
		if !json.Valid(file) {
			t.Error("not JSON")
		}
		for _, want := range []string{`"mira"`, `"1 Main St"`, `"ann"`, `"telegram"`, `"2026-05-04T12:00:00Z"`} {
			if !strings.Contains(string(file), want) {
				t.Errorf("the export lacks %s:\n%s", want, file)
			}
		}
	})
}

func meet(t *testing.T, m *Members, s Seen) Member {
	t.Helper()
	got, err := m.Meet(t.Context(), s)
	must(t, err)
	return got
}

func count(t *testing.T, db *database.DB, table string) (n int) {
	t.Helper()
	must(t, db.Read(context.Background(), func(tx *database.Tx) error {
		return tx.Row("SELECT COUNT(*) FROM " + table).Scan(&n)
	}))
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestCommunities follows since when a member is in a community: as the
// platform tells it, or since they were seen there first.
func TestCommunities(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		now := start()
		m := New(db, now, commerce.RandomIDs{})
		at, begin := ann, now.Now()
		at.Community, at.Private = "pottery", false
		if got := meet(t, m, at).In; !got["pottery"].Equal(begin) || len(got) != 1 {
			t.Errorf("seen first: %v", got)
		}
		now.Wait(time.Hour)
		if got := meet(t, m, at).In["pottery"]; !got.Equal(begin) {
			t.Errorf("seen again: %v", got)
		}
		told := Seen{Platform: "discord", Account: "7", Name: "Ann", Bot: "dc", Community: "pottery", Joined: begin.Add(-48 * time.Hour)}
		other := meet(t, m, told)
		if err := m.Link(t.Context(), meet(t, m, ann).ID, other.ID); err != nil {
			t.Fatal(err)
		}
		if got := meet(t, m, ann).In; !got["pottery"].Equal(told.Joined) {
			t.Errorf("linked: %v", got)
		}
		if err := m.Erase(t.Context(), meet(t, m, ann).ID); err != nil {
			t.Fatal(err)
		}
		if got := meet(t, m, ann).In; len(got) != 0 {
			t.Errorf("forgotten: %v", got)
		}
	})
}
