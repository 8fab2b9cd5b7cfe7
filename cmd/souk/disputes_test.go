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
	"github.com/soukchat/souk/commerce/payments"
)

// TestDisputes lists disputes in all that can become of one.
func TestDisputes(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		run := func(c disputesCmd, brands []commerce.BrandID, want ...string) string {
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
		run(disputesCmd{Limit: 50}, nil, "No disputes.")
		aMug(t, db)
		for n := int64(10_000_001); n <= 10_000_007; n++ {
			paidOrder(t, db, n)
		}
		day := func(d int) time.Time { return time.Date(2026, 5, d, 12, 0, 0, 0, time.UTC) }
		err := db.Write(t.Context(), func(tx *database.Tx) error {
			if _, err := tx.Exec(`INSERT INTO order_lines (order_id, position, kind, label, detail, brand_id, product_id, variant_id, sku, pick_id, creator_id, quantity, unit, amount, included)
				VALUES ('o10000002', 1, 'item', 'Jug', '', 'bolt', '', '', '', '', '', 1, 0, 0, 0)`); err != nil {
				return err
			}
			for i, d := range []payments.Dispute{
				{ID: "dp_1", Order: "o10000001", State: payments.DisputeOpen, Reason: "=product_not_received\x1b", DueAt: day(22)},
				{ID: "dp_2", Order: "o10000002", State: "warning_needs_response", Reason: "fraudulent", DueAt: day(21)},
				{ID: "dp_3", Order: "o10000003", State: payments.DisputeOpen, Reason: "duplicate", DueAt: day(23)},
				{ID: "dp_4", Order: "o10000004", State: payments.DisputeReview, Reason: "general", DueAt: day(24)},
				{ID: "dp_5", Order: "o10000005", State: payments.DisputeLost, Reason: "general", DueAt: day(12)},
				{ID: "dp_6", Order: "o10000006", State: payments.DisputeWon, Reason: "general", DueAt: day(12)},
				{ID: "dp_7", Order: "o10000007", State: "warning_closed", Reason: "general", DueAt: day(12)},
			} {
				d.Payment, d.Amount, d.OpenedAt = commerce.PaymentID("p"+d.Order), commerce.Money{Amount: 2000 - int64(i), Currency: "EUR"}, day(5+i)
				if d.ID == "dp_5" || d.ID == "dp_6" { // answered before it ended
					end := d.State
					d.State = payments.DisputeOpen
					if _, err := payments.KeepDispute(tx, d, day(5+i)); err != nil {
						return err
					}
					if d.ID == "dp_6" {
						if _, err := payments.AnswerDispute(tx, d.ID, "clock", day(11)); err != nil {
							return err
						}
					}
					d.State = end
				}
				if _, err := payments.KeepDispute(tx, d, day(14)); err != nil {
					return err
				}
			}
			ok, err := payments.AnswerDispute(tx, "dp_3", "staff:sam", day(15))
			if !ok {
				t.Error("not answered")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}

		text := run(disputesCmd{Limit: 50}, nil, "Open: 4\n", "Earlier: 3\n", "!There are more", "!\x1b",
			"10000001  acme        2026-05-05 13:00  20.00 EUR  =product not received�  open                      2026-05-22 13:00  \n",
			"10000002  acme, bolt  2026-05-06 13:00  19.99 EUR  fraudulent              open, the bank only asks  2026-05-21 13:00  \n",
			"10000003  acme        2026-05-07 13:00  19.98 EUR  duplicate               review                    2026-05-23 13:00  2026-05-15 13:00\n",
			"10000004  acme        2026-05-08 13:00  19.97 EUR  general                 review                    2026-05-24 13:00  on Stripe's pages\n",
			"10000005  acme    2026-05-09 13:00  19.96 EUR  general  lost    2026-05-12 13:00  \n",
			"10000006  acme    2026-05-10 13:00  19.95 EUR  general  won     2026-05-12 13:00  2026-05-11 13:00\n",
			"10000007  acme    2026-05-11 13:00  19.94 EUR  general  closed  2026-05-12 13:00  \n")
		if strings.Index(text, "10000002") > strings.Index(text, "10000001") || strings.Index(text, "10000006") > strings.Index(text, "10000005") {
			t.Errorf("not the most urgent first, then the newest:\n%s", text)
		}
		run(disputesCmd{Limit: 1}, nil, "Open: 4\n", "Earlier: 1\n", "10000007", "!10000006", "There are more earlier ones")
		run(disputesCmd{Limit: 50}, []commerce.BrandID{"bolt"}, "10000002", "!10000001", "!10000007")
		for state, orders := range map[string][]string{"open": {"Open: 2\n", "10000001", "10000002"}, "review": {"Open: 2\n", "10000003", "10000004"},
			"won": {"Open: 0\n", "Earlier: 1\n", "10000006"}, "lost": {"Open: 0\n", "Earlier: 1\n", "10000005"}, "closed": {"Open: 0\n", "Earlier: 1\n", "10000007"}} {
			run(disputesCmd{Limit: 50, State: state}, nil, orders...)
		}
		run(disputesCmd{Limit: 50, State: "won"}, []commerce.BrandID{"bolt"}, "No disputes.")

		rows, err := csv.NewReader(strings.NewReader(run(disputesCmd{CSV: true, Limit: 1}, nil))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		want := [][]string{
			{"order", "dispute", "brands", "opened", "amount", "currency", "reason", "state", "at_stripe", "evidence_until", "evidence_sent", "closed"},
			{"10000002", "dp_2", "acme bolt", "2026-05-06T12:00:00Z", "19.99", "EUR", "fraudulent", "open", "warning_needs_response", "2026-05-21T12:00:00Z", "", ""},
			{"10000001", "dp_1", "acme", "2026-05-05T12:00:00Z", "20.00", "EUR", "'=product_not_received\x1b", "open", "needs_response", "2026-05-22T12:00:00Z", "", ""},
			{"10000003", "dp_3", "acme", "2026-05-07T12:00:00Z", "19.98", "EUR", "duplicate", "review", "needs_response", "2026-05-23T12:00:00Z", "2026-05-15T12:00:00Z", ""},
			{"10000004", "dp_4", "acme", "2026-05-08T12:00:00Z", "19.97", "EUR", "general", "review", "under_review", "2026-05-24T12:00:00Z", "", ""},
			{"10000007", "dp_7", "acme", "2026-05-11T12:00:00Z", "19.94", "EUR", "general", "closed", "warning_closed", "2026-05-12T12:00:00Z", "", "2026-05-14T12:00:00Z"},
			{"10000006", "dp_6", "acme", "2026-05-10T12:00:00Z", "19.95", "EUR", "general", "won", "won", "2026-05-12T12:00:00Z", "2026-05-11T12:00:00Z", "2026-05-14T12:00:00Z"},
			{"10000005", "dp_5", "acme", "2026-05-09T12:00:00Z", "19.96", "EUR", "general", "lost", "lost", "2026-05-12T12:00:00Z", "", "2026-05-14T12:00:00Z"},
		}
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Error(diff)
		}
	})
}
