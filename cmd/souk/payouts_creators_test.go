package main

import (
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// TestPayoutsOfCreators lists what creators were paid, and writes it as CSV.
func TestPayoutsOfCreators(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		run := func(c payoutsCmd) string {
			t.Helper()
			var out strings.Builder
			if err := c.creators(t.Context(), db, time.UTC, &out); err != nil {
				t.Fatal(err)
			}
			return out.String()
		}
		if got := run(payoutsCmd{Limit: 9}); got != "No payouts.\n" {
			t.Errorf("none: %q", got)
		}
		if err := db.Write(t.Context(), func(tx *database.Tx) error {
			for _, do := range []string{
				`INSERT INTO creator_payouts (id, member_id, account, currency, amount, reversed, state, key, transfer, due_at, created_at, sent_at) VALUES ('a', 'mira', 'acct_1', 'EUR', 2500, 500, 'sent', 'ka', 'tr_1', 0, 1000000, 2000000)`,
				`INSERT INTO creator_payouts (id, member_id, account, currency, amount, state, key, problem, due_at, created_at) VALUES ('b', 'omar', 'acct_2', 'EUR', 700, 'failed', 'kb', '=not ready', 0, 3000000)`,
				`INSERT INTO balances (account, currency, free) VALUES ('earned:omar', 'EUR', 700), ('earned:mira', 'EUR', 5), ('earnest', 'EUR', 9), ('points:mira', 'PTS', 3)`,
			} {
				if _, err := tx.Exec(do); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		got := run(payoutsCmd{Limit: 9})
		for _, want := range []string{"omar    acct_2   1970-01-01 00:00  7.00 EUR   0.00        failed                 =not ready\n", "sent 1970-01-01 00:00", "5.00", "Can be paid out to creators: 7.05 EUR\n"} {
			if !strings.Contains(got, want) {
				t.Errorf("%q is not in\n%s", want, got)
			}
		}
		if got := run(payoutsCmd{Limit: 1}); strings.Contains(got, "mira") {
			t.Errorf("more than asked for:\n%s", got)
		}
		if got := run(payoutsCmd{CSV: true}); !strings.Contains(got, "b,omar,acct_2,1970-01-01T00:00:03Z,7.00,0.00,EUR,failed,,,'=not ready\n") || !strings.Contains(got, "a,mira,") {
			t.Errorf("as CSV:\n%s", got)
		}
	})
}
