package rewards_test

import (
	"errors"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/rewards"
)

// TestReversePart takes a sale of 11.90 back, of which 8.90 came by card and
// 3.00 from credit: in parts that do not divide evenly, each once, never more
// than there was, to the last cent.
func TestReversePart(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		eur := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }
		write := func(do func(tx *database.Tx) error) {
			t.Helper()
			if err := db.Write(t.Context(), do); err != nil {
				t.Fatal(err)
			}
		}
		balance := func(a rewards.Account) int64 {
			t.Helper()
			list, err := rewards.Balances(t.Context(), db)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range list {
				if b.Account == a {
					return b.Amount.Amount
				}
			}
			return 0
		}
		gift, credit := rewards.Account("opening"), rewards.Account("prepaid")
		write(func(tx *database.Tx) error {
			if _, err := rewards.Post(tx, at, rewards.Posting{ID: "grant", Memo: "credit", Entries: []rewards.Entry{{gift, eur(300)}, {credit, eur(-300)}}}); err != nil {
				return err
			}
			_, err := rewards.Post(tx, at, rewards.Posting{ID: "capture:1", Order: "o1", Memo: "sale", Entries: []rewards.Entry{
				{rewards.Cash, eur(890)}, {credit, eur(300)}, {rewards.Revenue("acme"), eur(-701)}, {rewards.Revenue("tea"), eur(-299)}, {rewards.Tax("acme"), eur(-190)}}})
			return err
		})
		part := func(id string, value, card int64, to rewards.Account, of map[rewards.Account]int64) (isNew bool, err error) {
			err = db.Write(t.Context(), func(tx *database.Tx) error {
				isNew, err = rewards.ReversePart(tx, at, rewards.Part{ID: id, Of: "capture:1", Memo: "back", Value: eur(value), Card: eur(card), To: to, For: of})
				return err
			})
			return isNew, err
		}
		for _, want := range []bool{true, false} {
			if isNew, err := part("refund:a", 299, 200, rewards.Cash, map[rewards.Account]int64{rewards.Revenue("tea"): 299}); isNew != want || err != nil {
				t.Errorf("the tea: new %t, %v; want %t", isNew, err, want)
			}
		}
		for a, want := range map[rewards.Account]int64{rewards.Revenue("tea"): 0, rewards.Revenue("acme"): -701, rewards.Tax("acme"): -190, rewards.Cash: 690, credit: -99} {
			if got := balance(a); got != want {
				t.Errorf("after the tea %s has %d, want %d", a, got, want)
			}
		}
		// What the card paid becomes credit of hers: the cash stays.
		hers := rewards.Credit("ann")
		if _, err := part("refund:b", 333, 250, hers, nil); err != nil {
			t.Fatal(err)
		}
		if balance(rewards.Cash) != 690 || balance(hers) != -250 || balance(credit) != -99-83 {
			t.Errorf("cash %d, her credit %d, spent credit %d", balance(rewards.Cash), balance(hers), balance(credit))
		}
		if got := balance(rewards.Revenue("acme")) + balance(rewards.Tax("acme")); got != -701-190+333 {
			t.Errorf("the sale stands at %d", got)
		}
		if _, err := part("refund:c", 559, 440, rewards.Cash, nil); !errors.Is(err, rewards.ErrBeyond) {
			t.Errorf("a cent more than is left: %v", err)
		}
		if _, err := part("refund:d", 558, 440, rewards.Cash, nil); err != nil {
			t.Fatal(err)
		}
		for a, want := range map[rewards.Account]int64{rewards.Revenue("tea"): 0, rewards.Revenue("acme"): 0, rewards.Tax("acme"): 0, rewards.Cash: 250, credit: -300, hers: -250} {
			if got := balance(a); got != want {
				t.Errorf("at the end %s has %d, want %d", a, got, want)
			}
		}
		if _, err := part("refund:e", 1, 1, rewards.Cash, nil); !errors.Is(err, rewards.ErrBeyond) {
			t.Errorf("of nothing: %v", err)
		}
		if wrong, err := rewards.Check(t.Context(), db); len(wrong) != 0 || err != nil {
			t.Errorf("check: %v, %v", wrong, err)
		}
	})
}
