package giftcards_test

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
	"github.com/soukchat/souk/commerce/giftcards"
	"github.com/soukchat/souk/commerce/rewards"
)

var at = time.Unix(1, 0).UTC()

// sold writes a card of 10.00 that ann has bought, with a code.
func sold(t *testing.T, db *database.DB) commerce.Secret {
	t.Helper()
	code, amount := giftcards.NewCode(commerce.RandomIDs{}), commerce.Money{Amount: 1000, Currency: "EUR"}
	if err := db.Write(t.Context(), func(tx *database.Tx) error {
		if err := giftcards.Issue(tx, giftcards.Card{ID: "c", Order: "o", Buyer: "ann", Amount: amount, IssuedAt: at}); err != nil {
			return err
		}
		if _, err := rewards.Post(tx, at, rewards.Posting{ID: "sale", Order: "o", Entries: []rewards.Entry{
			{Account: rewards.Cash, Amount: amount}, {Account: rewards.GiftCard("c"), Amount: commerce.Money{Amount: -1000, Currency: "EUR"}}}}); err != nil {
			return err
		}
		return giftcards.Wrap(tx, "c", "ann", code, "Ann", "For you")
	}); err != nil {
		t.Fatal(err)
	}
	return code
}

// TestRedeemOnce lets twenty people press Redeem on one card at once.
func TestRedeemOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		code := sold(t, db)
		var won atomic.Int64
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				err := db.Write(t.Context(), func(tx *database.Tx) error {
					_, err := giftcards.Redeem(tx, commerce.MemberID(fmt.Sprint("m", i)), code, at)
					return err
				})
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, giftcards.ErrTaken) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Errorf("%d people have redeemed one card", won.Load())
		}
	})
}

// TestCancel: a card goes back unspent or not at all, and is good for nothing
// afterwards.
func TestCancel(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		sold(t, db)
		do := func(fn func(tx *database.Tx) error) error { return db.Write(t.Context(), fn) }
		if err := do(func(tx *database.Tx) error { _, err := giftcards.Take(tx, "ann", "c", at); return err }); err != nil {
			t.Fatal(err)
		}
		held := commerce.Money{Amount: 1, Currency: "EUR"}
		if err := do(func(tx *database.Tx) error { return rewards.Hold(tx, "x", rewards.GiftCard("c"), held) }); err != nil {
			t.Fatal(err)
		}
		cancel := func(tx *database.Tx) error { return giftcards.Cancel(tx, "o") }
		if err := do(cancel); !errors.Is(err, giftcards.ErrSpent) {
			t.Errorf("a card of which something is held was cancelled: %v", err)
		}
		if err := do(func(tx *database.Tx) error { return rewards.Unhold(tx, "x") }); err != nil {
			t.Fatal(err)
		}
		if err := do(cancel); err != nil {
			t.Fatal(err)
		}
		if err := do(func(tx *database.Tx) error { return giftcards.Keep(tx, "ann", "c") }); !errors.Is(err, giftcards.ErrTaken) {
			t.Errorf("a void card can be spent: %v", err)
		}
	})
}

func TestTyped(t *testing.T) {
	code := giftcards.NewCode(commerce.RandomIDs{})
	if got, ok := giftcards.Typed(" " + giftcards.Written(code) + "\n"); !ok || got != code {
		t.Error("a code is not read as it is written")
	}
	if _, ok := giftcards.Typed("ABCD-2345"); ok {
		t.Error("half a code was taken for one")
	}
}
