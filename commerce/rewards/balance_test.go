package rewards_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/rewards"
)

func euros(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }

// grant gives credit that nobody paid for.
func grant(t *testing.T, db *database.DB, id string, a rewards.Account, n int64) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *database.Tx) error {
		_, err := rewards.Post(tx, time.Unix(1, 0), rewards.Posting{ID: id, Memo: "gift",
			Entries: []rewards.Entry{{Account: rewards.Goodwill, Amount: euros(n)}, {Account: a, Amount: euros(-n)}}})
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func free(t *testing.T, db *database.DB, a rewards.Account) int64 {
	t.Helper()
	m, err := rewards.FreeOf(t.Context(), db, a, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	return m.Amount
}

func TestBalance(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ann := rewards.Credit("ann")
		grant(t, db, "g1", ann, 500)
		grant(t, db, "g1", ann, 500) // the same cause again
		grant(t, db, "g2", ann, 200)
		if n := free(t, db, ann); n != 700 {
			t.Fatalf("free %d, want 700", n)
		}
		hold := func(order commerce.OrderID, n int64) error {
			return db.Write(t.Context(), func(tx *database.Tx) error { return rewards.Hold(tx, order, ann, euros(n)) })
		}
		if err := hold("o1", 600); err != nil {
			t.Fatal(err)
		}
		if err := hold("o2", 101); !errors.Is(err, rewards.ErrShort) {
			t.Fatalf("held more than there is: %v", err)
		}
		if n := free(t, db, ann); n != 100 {
			t.Fatalf("free %d, want 100", n)
		}
		unhold := func(spend int64) error {
			return db.Write(t.Context(), func(tx *database.Tx) error {
				if err := rewards.Unhold(tx, "o1"); err != nil || spend == 0 {
					return err
				}
				_, err := rewards.Post(tx, time.Unix(2, 0), rewards.Posting{ID: "sale", Memo: "sale",
					Entries: []rewards.Entry{{Account: ann, Amount: euros(spend)}, {Account: rewards.Revenue("b"), Amount: euros(-spend)}}})
				return err
			})
		}
		if err := unhold(701); !errors.Is(err, rewards.ErrShort) {
			t.Fatalf("spent more than there is: %v", err)
		}
		if n := free(t, db, ann); n != 100 {
			t.Fatalf("a refused spending left %d free, want 100", n)
		}
		for range 2 { // again changes nothing
			if err := unhold(600); err != nil {
				t.Fatal(err)
			}
			if n := free(t, db, ann); n != 100 {
				t.Fatalf("free %d, want 100", n)
			}
		}
	})
}

// TestTwoDevicesOneBalance lets twenty orders at once want what three can have.
func TestTwoDevicesOneBalance(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		card := rewards.GiftCard("c")
		grant(t, db, "g", card, 350)
		var won atomic.Int64
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				err := db.Write(t.Context(), func(tx *database.Tx) error {
					return rewards.Hold(tx, commerce.OrderID(fmt.Sprint("o", i)), card, euros(100))
				})
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, rewards.ErrShort) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if won.Load() != 3 || free(t, db, card) != 50 {
			t.Errorf("%d orders hold 1.00 of 3.50, %d is free", won.Load(), free(t, db, card))
		}
	})
}
