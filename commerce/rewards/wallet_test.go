package rewards_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/rewards"
)

func points(n int64) commerce.Money {
	return commerce.Money{Amount: n, Currency: rewards.PointsCurrency}
}

// give grants amount to a member and reports whether that was new.
func give(t *testing.T, db *database.DB, id string, m commerce.MemberID, amount commerce.Money) (isNew bool, err error) {
	t.Helper()
	err = db.Write(t.Context(), func(tx *database.Tx) error {
		isNew, err = rewards.Grant(tx, rewards.Granted{ID: id, Member: m, Amount: amount, Reason: "because of " + id, Actor: "staff:sam", At: time.Unix(1, 0).UTC()})
		return err
	})
	return isNew, err
}

// given is give where nothing may go wrong.
func given(t *testing.T, db *database.DB, id string, m commerce.MemberID, amount commerce.Money) {
	t.Helper()
	if isNew, err := give(t, db, id, m, amount); !isNew || err != nil {
		t.Fatalf("grant %s: new %v, %v", id, isNew, err)
	}
}

func write(t *testing.T, db *database.DB, do func(*database.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

func wallet(t *testing.T, db *database.DB, m commerce.MemberID) (w rewards.Wallet) {
	t.Helper()
	write(t, db, func(tx *database.Tx) (err error) {
		w, err = rewards.WalletOf(tx, m, "EUR")
		return err
	})
	return w
}

func checked(t *testing.T, db *database.DB) {
	t.Helper()
	if wrong, err := rewards.Check(t.Context(), db); len(wrong) != 0 || err != nil {
		t.Errorf("the books: %v, %v", wrong, err)
	}
}

// TestGrant: what is given twice by one cause is given once, and nothing is
// given that nobody means.
func TestGrant(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		given(t, db, "e1", "ann", euros(500))
		given(t, db, "e2", "ann", points(450))
		if isNew, err := give(t, db, "e1", "ann", euros(500)); isNew || err != nil {
			t.Errorf("the same grant again: new %v, %v", isNew, err)
		}
		for _, wrong := range []commerce.Money{euros(0), euros(-1), points(0), euros(10_000_001), points(10_000_001)} {
			if _, err := give(t, db, "wrong", "ann", wrong); !errors.Is(err, rewards.ErrGrant) {
				t.Errorf("a grant of %s: %v", wrong, err)
			}
		}
		if diff := cmp.Diff(rewards.Wallet{Points: 450, Credit: euros(500)}, wallet(t, db, "ann")); diff != "" {
			t.Errorf("wallet (-want +got):\n%s", diff)
		}
		want := rewards.Granted{ID: "e2", Member: "ann", Amount: points(450), Reason: "because of e2", Actor: "staff:sam", At: time.Unix(1, 0).UTC()}
		got, err := rewards.GrantOf(t.Context(), db, "e2")
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("grant %v (-want +got):\n%s", err, diff)
		}
		if _, err := rewards.GrantOf(t.Context(), db, "wrong"); !errors.Is(err, database.ErrNone) {
			t.Errorf("a grant that was refused: %v", err)
		}
		checked(t, db)
	})
}

// TestLink joins the wallets of two members, with what an open order holds:
// what was held stays held, and what comes back later goes to who they became.
func TestLink(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		given(t, db, "e1", "ann", euros(500))
		given(t, db, "e2", "ann2", euros(300))
		given(t, db, "e3", "ann2", points(70))
		write(t, db, func(tx *database.Tx) error { return rewards.Hold(tx, "o1", rewards.Credit("ann2"), euros(200)) })
		write(t, db, func(tx *database.Tx) error { return rewards.Link(tx, time.Unix(2, 0), "ann", "ann2") })

		if diff := cmp.Diff(rewards.Wallet{Points: 70, Credit: euros(800)}, wallet(t, db, "ann")); diff != "" {
			t.Errorf("who stays (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(rewards.Wallet{Credit: euros(0)}, wallet(t, db, "ann2")); diff != "" {
			t.Errorf("who is gone (-want +got):\n%s", diff)
		}
		if n := free(t, db, rewards.Credit("ann")); n != 600 {
			t.Errorf("%d free beside the hold, want 600", n)
		}
		write(t, db, func(tx *database.Tx) error { return rewards.Unhold(tx, "o1") })
		if n := free(t, db, rewards.Credit("ann")); n != 800 {
			t.Errorf("%d free without the hold, want 800", n)
		}
		grant(t, db, "late", rewards.Credit("ann2"), 100)
		if n := free(t, db, rewards.Credit("ann")); n != 900 {
			t.Errorf("what came late left %d free, want 900", n)
		}

		// She takes along what was given to whom she was, too, and not that it moved.
		write(t, db, func(tx *database.Tx) error { return rewards.Link(tx, time.Unix(3, 0), "anna", "ann") })
		list, err := rewards.Export(t.Context(), db, "anna")
		var got []string
		for _, x := range list {
			got = append(got, x.Why+" "+x.Amount)
		}
		slices.Sort(got)
		want := []string{"gift 1.00 EUR", "grant because of e1 5.00 EUR", "grant because of e2 3.00 EUR", "grant because of e3 70 PTS"}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("export %v (-want +got):\n%s", err, diff)
		}
		checked(t, db)
	})
}

// TestExportErase: a member takes along all that moved, and what was written to
// them is forgotten with them.
func TestExportErase(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		given(t, db, "e1", "ann", euros(500))
		given(t, db, "e2", "ben", euros(900))
		if err := rewards.Spend(t.Context(), db, "ann", true); err != nil {
			t.Fatal(err)
		}
		if !wallet(t, db, "ann").Spending || wallet(t, db, "ben").Spending {
			t.Error("it is not ann alone who spends her points")
		}
		got, err := rewards.Export(t.Context(), db, "ann")
		want := []rewards.Exported{{At: time.Unix(1, 0).UTC(), Why: "grant because of e1", Amount: euros(500).String()}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("export %v (-want +got):\n%s", err, diff)
		}
		write(t, db, func(tx *database.Tx) error { return rewards.Erase(tx, "ann") })
		if wallet(t, db, "ann").Spending {
			t.Error("how ann wanted to pay is kept")
		}
		for id, kept := range map[string]bool{"e1": false, "e2": true} {
			g, err := rewards.GrantOf(t.Context(), db, id)
			if strings.Contains(g.Reason, "because") != kept || err != nil {
				t.Errorf("the reason of %s is %q, %v", id, g.Reason, err)
			}
		}
		checked(t, db)
	})
}
