package main

import (
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/database"
)

// TestBooks sells in a chat and looks at the books: balances that sum to zero,
// a day that matches Stripe's statement, and the same day with a payment that
// the books have lost.
func TestBooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.serve()
	p.wait("registered", "platform", "telegram")
	ann := w.people()["telegram"]
	w.pay(ann, order(t, ann))

	want := func(code int, args []string, texts ...string) {
		t.Helper()
		got, out, problem := w.souk(args...)
		if got != code {
			t.Errorf("souk %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, out, problem)
		}
		for _, text := range texts {
			if !strings.Contains(out+problem, text) {
				t.Errorf("souk %s says nothing of %q:\n%s%s", strings.Join(args, " "), text, out, problem)
			}
		}
	}
	today := time.Now().UTC().Format(time.DateOnly)
	want(0, []string{"books", w.config}, "22.90 EUR  cash:stripe", "-18.00 EUR  revenue:kiln", "Every posting sums to zero")
	want(0, []string{"books", w.config, "day", today, "--stripe-api", w.outside}, "1  charge                    22.90 EUR  fees 0.59 EUR", "1 match.", "At Stripe now: 22.31 EUR, in the books: 22.31 EUR")
	want(0, []string{"books", w.config, "day", "--stripe-api", w.outside}, "Nothing moved the balance", "0 match.")
	want(0, []string{"books", w.config, "--csv"}, "account,amount,currency\n", "cash:stripe:fees,-0.59,EUR\n", "fees:stripe,0.59,EUR\n")
	want(0, []string{"books", w.config, "entries", today}, "posting,at,order,memo,account,amount,currency\n", ",sale,cash:stripe,22.90,EUR\n")
	want(1, []string{"books", w.config, "day", "2099-01-01"}, "2099-01-01 has not come yet")
	want(1, []string{"books", w.config, "day", "yesterday"}, "write the day as 2026-11-25")
	want(1, []string{"books", w.config, "balances", today}, "did you mean: souk books")

	db, err := database.Open(t.Context(), w.variables["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Write(t.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE payments SET intent = 'pi_lost'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want(1, []string{"books", w.config, "day", today, "--stripe-api", w.outside}, "DIFFERS", "paid at Stripe, not in the books", "in the books, not in Stripe's statement", "22.90 EUR")
}
