package rewards_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/rewards"
)

func TestPost(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, at := t.Context(), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		eur := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }
		sale := rewards.Posting{ID: "capture:1", Order: "o1", Memo: "sale", Entries: []rewards.Entry{
			{rewards.Cash, eur(1190)}, {rewards.Revenue("acme"), eur(-1000)}, {rewards.Tax("acme"), eur(-190)}, {rewards.Shipping("acme"), eur(0)},
		}}
		post := func(p rewards.Posting) (isNew bool, err error) {
			err = db.Write(ctx, func(tx *database.Tx) error {
				isNew, err = rewards.Post(tx, at, p)
				return err
			})
			return isNew, err
		}
		for i, want := range []bool{true, false} {
			if isNew, err := post(sale); isNew != want || err != nil {
				t.Errorf("post %d: new %v, %v; want %v", i, isNew, err, want)
			}
		}
		wrong := rewards.Posting{ID: "x", Entries: []rewards.Entry{{rewards.Cash, eur(1)}, {rewards.Revenue("acme"), eur(-2)}}}
		if _, err := post(wrong); !errors.Is(err, rewards.ErrUnbalanced) {
			t.Errorf("unbalanced: %v", err)
		}
		got, err := rewards.Balances(ctx, db)
		want := []rewards.Balance{{rewards.Cash, eur(1190)}, {rewards.Revenue("acme"), eur(-1000)}, {rewards.Tax("acme"), eur(-190)}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("balances %v (-want +got):\n%s", err, diff)
		}
		for range 2 {
			err := db.Write(ctx, func(tx *database.Tx) error {
				_, err := rewards.Reverse(tx, at, "refund:1", "capture:1", "back")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		got, _ = rewards.Balances(ctx, db)
		for _, b := range got {
			if b.Amount.Amount != 0 {
				t.Errorf("after the refund %s holds %s", b.Account, b.Amount)
			}
		}
		if wrong, err := rewards.Check(ctx, db); len(wrong) != 0 || err != nil {
			t.Errorf("check: %v, %v", wrong, err)
		}
	})
}
