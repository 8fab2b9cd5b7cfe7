package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/fulfilment"
)

// TestOrdersExchange: of two who want the last one instead, one gets it; the
// other stays undecided until it is approved for the money.
func TestOrdersExchange(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		aMug(t, db)
		paidOrder(t, db, 10_000_001)
		run := func(c ordersCmd, want string) {
			t.Helper()
			var out strings.Builder
			c.Order = "10000001"
			text := ""
			if err := c.run(t.Context(), db, time.UTC, &out); err != nil {
				text = "error: " + err.Error()
			}
			if text = out.String() + text; text != want {
				t.Errorf("%+v:\n%s\nwant\n%s", c, text, want)
			}
		}
		run(ordersCmd{Do: "ship"}, "Order 10000001 is marked as sent.\n")
		err := db.Write(t.Context(), func(tx *database.Tx) error {
			for _, s := range []string{
				`INSERT INTO variants (id, product_id, sku, value1, value2, value3, price, currency, position) VALUES ('blue', 'p', 'MUG-2', 'Blue', '', '', 1000, 'EUR', 2)`,
				`INSERT INTO stock (variant_id, on_hand, free) VALUES ('blue', 1, 1)`,
			} {
				if _, err := tx.Exec(s); err != nil {
					return err
				}
			}
			for n := range 2 {
				if err := fulfilment.Ask(tx, fulfilment.Return{ID: fulfilment.ReturnID(fmt.Sprint("r", n)), Order: "o10000001", Brand: "acme", Member: "ann", Reason: "mind",
					Exchange: "blue", Items: []fulfilment.Item{{Position: 0, Quantity: 1}}, AskedAt: time.Date(2026, 5, 5, 0, 0, n, 0, time.UTC)}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		stands := func(want ...string) {
			t.Helper()
			var got []string
			var free, held int64
			err := db.Read(t.Context(), func(tx *database.Tx) error {
				list, err := fulfilment.ReturnsOf(tx, "o10000001")
				for _, r := range list {
					got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %t", r.State, r.Exchange, r.Hold != commerce.HoldID(""))))
				}
				if err != nil {
					return err
				}
				return tx.Row(`SELECT free, held FROM stock WHERE variant_id = 'blue'`).Scan(&free, &held)
			})
			if err != nil || strings.Join(got, ", ") != strings.Join(want, ", ") || free != 0 || held != 1 {
				t.Errorf("%q, want %q; %d are free, %d held; %v", got, want, free, held, err)
			}
		}
		approved := "The return of 1 × Mug of order 10000001 is approved.\n"
		soldOut := "error: what they want instead is sold out by now: --money approves it for the money"
		run(ordersCmd{Do: "approve"}, approved+soldOut)
		stands("approved blue true", "asked blue false")
		run(ordersCmd{Do: "approve"}, soldOut)
		stands("approved blue true", "asked blue false")
		run(ordersCmd{Do: "approve", Money: true}, approved)
		stands("approved blue true", "approved  false")
		run(ordersCmd{Do: "approve", Money: true}, "error: of order 10000001 no return waits to be decided")
	})
}
