package main

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/payouts"
)

// TestPayouts lists payouts in all that can become of one.
func TestPayouts(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		run := func(c payoutsCmd, brands []commerce.BrandID, want ...string) string {
			t.Helper()
			var out strings.Builder
			if err := c.run(t.Context(), db, brands, time.FixedZone("", 3600), &out); err != nil {
				t.Fatal(err)
			}
			for _, w := range want {
				if no, not := strings.CutPrefix(w, "!"); strings.Contains(out.String(), no) == not {
					t.Errorf("%+v: %q in\n%s", c, w, out.String())
				}
			}
			return out.String()
		}
		run(payoutsCmd{Limit: 50}, nil, "No payouts.")
		aMug(t, db)
		for n := int64(10_000_001); n <= 10_000_006; n++ {
			paidOrder(t, db, n)
		}
		day := func(d int) time.Time { return time.Date(2026, 5, d, 12, 0, 0, 0, time.UTC) }
		do := func(ok bool, err error) error {
			if err == nil && !ok {
				t.Error("what this test needs was not done")
			}
			return err
		}
		add := func(tx *database.Tx, id, order, brand string, d int) (payouts.Payout, error) {
			p := payouts.Payout{ID: id, Order: commerce.OrderID(order), Payment: commerce.PaymentID("p" + order), Brand: commerce.BrandID(brand), Account: "acct_" + brand,
				Amount: commerce.Money{Amount: 1800, Currency: "EUR"}, CreatedAt: day(d), Due: day(d + 7)}
			return p, do(payouts.Add(tx, p))
		}
		less := func(tx *database.Tx, p payouts.Payout, by string, n int64) error {
			return do(payouts.Reduce(tx, p, by, commerce.Money{Amount: n, Currency: "EUR"}, day(20)))
		}
		err := db.Write(t.Context(), func(tx *database.Tx) error {
			// Sent: one whole, one of which a part was taken back and another cannot be.
			for _, id := range []string{"x1", "x2"} {
				if _, err := add(tx, id, "o1000000"+id[1:], "acme", 1); err != nil {
					return err
				}
			}
			if list, err := payouts.Due(tx, day(8), 10); err != nil || len(list) != 2 {
				t.Errorf("%d due", len(list))
				return err
			}
			for _, id := range []string{"x1", "x2"} {
				if err := do(payouts.Done(tx, id, "tr_"+id, day(9))); err != nil {
					return err
				}
			}
			back, err := payouts.One(tx, "x2")
			if err != nil {
				return err
			}
			for by, n := range map[string]int64{"r1": 500, "r2": 300} {
				if err := less(tx, back, by, n); err != nil {
					return err
				}
			}
			if err := do(payouts.Reversed(tx, "r1:x2", "trr_1")); err != nil {
				return err
			}
			if err := do(payouts.ReversalFailed(tx, "r2:x2", "their balance\x1b[31m is gone", time.Time{})); err != nil {
				return err
			}
			// Refused, refunded before, held back, disputed, and one whose order is forgotten.
			if _, err := add(tx, "x3", "o10000003", "acme", 2); err != nil {
				return err
			}
			list, err := payouts.Due(tx, day(9), 10)
			if err != nil || len(list) != 1 {
				t.Errorf("%d due", len(list))
				return err
			}
			if err := do(payouts.Refused(tx, list[0], "=their account is not ready")); err != nil {
				return err
			}
			void, err := add(tx, "x4", "o10000004", "acme", 3)
			if err != nil {
				return err
			}
			if err := less(tx, void, "r3", 1800); err != nil {
				return err
			}
			for i, order := range []string{"o10000005", "o10000006", "gone"} {
				p, err := add(tx, "x"+string(rune('5'+i)), order, map[bool]string{true: "bolt", false: "acme"}[i == 1], 10+i)
				if err == nil && i == 0 {
					err = less(tx, p, "r4", 100)
				}
				if err != nil {
					return err
				}
			}
			return payouts.Disputed(tx, "o10000006", true)
		})
		if err != nil {
			t.Fatal(err)
		}

		text := run(payoutsCmd{Limit: 50}, nil,
			"Open: 5\n", "Earlier: 2\n", "!There are more", "!\x1b",
			"10000001  acme   2026-05-01 13:00  18.00 EUR  0.00   0.00        0.00  sent 2026-05-09 13:00",
			"10000002   acme   2026-05-01 13:00  18.00 EUR  8.00  5.00        -3.00  sent 2026-05-09 13:00, 3.00 EUR to be taken back  their balance�[31m is gone",
			"10000003   acme   2026-05-02 13:00  18.00 EUR  0.00  0.00        18.00  failed                                            =their account is not ready",
			"10000004  acme   2026-05-03 13:00  18.00 EUR  18.00  0.00        0.00  void",
			"10000005   acme   2026-05-10 13:00  18.00 EUR  1.00  0.00        17.00  held until 2026-05-17 13:00",
			"10000006   bolt   2026-05-11 13:00  18.00 EUR  0.00  0.00        18.00  held while it is disputed",
			"forgotten  acme   2026-05-12 13:00  18.00 EUR  0.00  0.00        18.00  held until 2026-05-19 13:00",
			"Owed to acme: 50.00 EUR\nOwed to bolt: 18.00 EUR\n")
		if strings.Index(text, "forgotten") > strings.Index(text, "10000005") {
			t.Errorf("the newest is not the first:\n%s", text)
		}
		run(payoutsCmd{Limit: 1}, nil, "Open: 5\n", "Earlier: 1\n", "10000004", "!10000001", "There are more earlier ones", "Owed to acme: 50.00 EUR")
		run(payoutsCmd{Limit: 50}, []commerce.BrandID{"bolt"}, "10000006", "!acme", "Owed to bolt: 18.00 EUR")
		run(payoutsCmd{Limit: 50, State: "held"}, nil, "Open: 3\n", "Earlier: 0\n", "Owed to acme: 35.00 EUR")
		run(payoutsCmd{Limit: 50, State: "sent"}, nil, "Open: 1\n", "Earlier: 1\n", "10000001", "10000002")
		run(payoutsCmd{Limit: 50, State: "reversed"}, nil, "Open: 1\n", "Earlier: 0\n", "10000002")
		run(payoutsCmd{Limit: 50, State: "failed"}, nil, "Open: 2\n", "Earlier: 0\n", "10000002", "10000003")
		run(payoutsCmd{Limit: 50, State: "void"}, nil, "Open: 0\n", "Earlier: 1\n", "10000004")
		run(payoutsCmd{Limit: 50, State: "void"}, []commerce.BrandID{"bolt"}, "No payouts.")

		rows, err := csv.NewReader(strings.NewReader(run(payoutsCmd{CSV: true, Limit: 1}, nil))).ReadAll()
		if err != nil || len(rows) != 8 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		byOrder := map[string]string{}
		for _, row := range rows {
			byOrder[row[0]] = strings.Join(row[1:], ",")
		}
		want := map[string]string{
			"order":    "brand,account,sold,gets,less,transferred,taken_back,to_take_back,owed,currency,state,disputed,held_until,sent,transfer,why",
			"10000001": "acme,acct_acme,2026-05-01T12:00:00Z,18.00,0.00,18.00,0.00,0.00,0.00,EUR,sent,no,,2026-05-09T12:00:00Z,tr_x1,",
			"10000002": "acme,acct_acme,2026-05-01T12:00:00Z,18.00,8.00,18.00,5.00,3.00,-3.00,EUR,sent,no,,2026-05-09T12:00:00Z,tr_x2,their balance\x1b[31m is gone",
			"10000003": "acme,acct_acme,2026-05-02T12:00:00Z,18.00,0.00,0.00,0.00,0.00,18.00,EUR,failed,no,,,,'=their account is not ready",
			"10000004": "acme,acct_acme,2026-05-03T12:00:00Z,18.00,18.00,0.00,0.00,0.00,0.00,EUR,void,no,,,,",
			"10000005": "acme,acct_acme,2026-05-10T12:00:00Z,18.00,1.00,0.00,0.00,0.00,17.00,EUR,held,no,2026-05-17T12:00:00Z,,,",
			"10000006": "bolt,acct_bolt,2026-05-11T12:00:00Z,18.00,0.00,0.00,0.00,0.00,18.00,EUR,held,yes,2026-05-18T12:00:00Z,,,",
			"":         "acme,acct_acme,2026-05-12T12:00:00Z,18.00,0.00,0.00,0.00,0.00,18.00,EUR,held,no,2026-05-19T12:00:00Z,,,",
		}
		if diff := cmp.Diff(want, byOrder); diff != "" {
			t.Error(diff)
		}
	})
}
