package main

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/stock"
)

// paidOrder writes an order of two mugs, paid.
func paidOrder(t *testing.T, db *database.DB, number int64) {
	t.Helper()
	id, at := fmt.Sprintf("o%d", number), time.Date(2026, 5, 4, 12, 0, int(number%60), 0, time.UTC)
	total := commerce.Money{Amount: 2000, Currency: "EUR"}
	o := orders.Order{
		ID: commerce.OrderID(id), Number: number, Member: "ann", State: orders.Pending, Hold: commerce.HoldID("h" + id), Token: "t" + id,
		Address:   orders.Address{Name: "=Ann", Street: "1 Main St", City: "Berlin", Postcode: "10115", Country: "DE"},
		CreatedAt: at, ExpiresAt: at.Add(time.Hour), Total: total,
		Lines: []orders.Line{{Kind: pricing.KindItem, Label: "Mug", SKU: "MUG-1", Brand: "acme", Variant: "v", Quantity: 2, Amount: total}},
	}
	err := db.Write(t.Context(), func(tx *database.Tx) error {
		if err := stock.Take(tx, at, stock.Hold{ID: o.Hold, Member: "ann", Expires: o.ExpiresAt, Lines: []stock.Line{{Variant: "v", Quantity: 2}}}); err != nil {
			return err
		}
		if err := orders.Create(tx, o, "member"); err != nil {
			return err
		}
		p, err := payments.Start(tx, payments.Payment{ID: commerce.PaymentID("p" + id), Order: o.ID, Amount: total, CreatedAt: at})
		if err != nil {
			return err
		}
		if _, err := payments.MarkPaid(tx, p.ID, "pi_"+id, at); err != nil {
			return err
		}
		if err := stock.Sell(tx, o.Hold); err != nil {
			return err
		}
		_, err = orders.Move(tx, o.ID, orders.Pending, orders.Paid, at, "stripe")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOrders(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		err := db.Write(t.Context(), func(tx *database.Tx) error {
			for _, s := range []string{
				`INSERT INTO members (id, name, locale, created_at) VALUES ('ann', 'Ann', '', 1)`,
				`INSERT INTO brands (id, name) VALUES ('acme', 'Acme')`,
				`INSERT INTO products (id, brand_id, handle, title, body, vendor, category, tags, option1, option2, option3, position, created_at, updated_at)
				 VALUES ('p', 'acme', '1', 'Mug', '', '', '', '', '', '', '', 1, 1, 1)`,
				`INSERT INTO variants (id, product_id, sku, value1, value2, value3, price, currency, position) VALUES ('v', 'p', 'MUG-1', '', '', '', 1000, 'EUR', 1)`,
			} {
				if _, err := tx.Exec(s); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		run := func(c ordersCmd, want ...string) string {
			t.Helper()
			var out strings.Builder
			c.Config = "shop.yaml"
			err := c.run(t.Context(), db, time.UTC, &out)
			text := out.String()
			if err != nil {
				text += "error: " + err.Error()
			}
			for _, w := range want {
				if !strings.Contains(text, w) {
					t.Errorf("%+v: no %q in\n%s", c, w, text)
				}
			}
			return text
		}
		list := ordersCmd{Do: "list", Limit: 50}
		run(list, "No orders yet.")
		for n := int64(10_000_001); n <= 10_000_004; n++ {
			paidOrder(t, db, n)
		}
		run(list, "Open: 4", "10000001", "to be sent", "20.00 EUR", "2 × Mug [MUG-1]", "Earlier: 0")
		run(ordersCmd{Do: "show", Order: "#10000001"}, "1 Main St", "Germany", "to be sent")
		run(ordersCmd{Do: "ship", Order: "10000001", Tracking: " 1Z99 "}, "Order 10000001 is marked as sent.")
		run(ordersCmd{Do: "ship", Order: "10000001"}, "Order 10000001 is marked as sent.")
		run(ordersCmd{Do: "show", Order: "o10000001"}, "1Z99")
		run(ordersCmd{Do: "cancel", Order: "10000001"}, "error: order 10000001 is shipped: it cannot be cancelled")
		run(ordersCmd{Do: "cancel", Order: "10000002"}, "Order 10000002 is cancelled, the money goes back.")
		run(ordersCmd{Do: "refund", Order: "10000001"}, "Order 10000001 is refunded, the money goes back.")
		run(ordersCmd{Do: "refund", Order: "10000001"}, "Order 10000001 is refunded, the money goes back.")
		run(ordersCmd{Do: "refund", Order: "99999999"}, "error: there is no order 99999999")
		run(ordersCmd{Do: "ship"}, "error: which order?")
		run(ordersCmd{Do: "list", Order: "10000001"}, "error: list takes no order; did you mean: souk orders shop.yaml show 10000001")
		run(list, "Open: 2", "Earlier: 2", "refunded", "cancelled")
		run(ordersCmd{Do: "list", Limit: 1}, "Earlier: 1", "There are more")
		run(ordersCmd{Do: "list", Brand: "other", Limit: 50}, "No orders yet.")

		rows, err := csv.NewReader(strings.NewReader(run(ordersCmd{Do: "list", CSV: true}))).ReadAll()
		if err != nil || len(rows) != 5 || rows[1][22] != "'=Ann" {
			t.Errorf("%v %v", rows, err)
		}
		err = db.Read(t.Context(), func(tx *database.Tx) error {
			var refunds, actors int
			if err := tx.Row(`SELECT COUNT(*) FROM refunds`).Scan(&refunds); err != nil {
				return err
			}
			err := tx.Row(`SELECT COUNT(*) FROM order_events WHERE actor = 'cli'`).Scan(&actors)
			if refunds != 2 || actors != 3 {
				t.Errorf("%d refunds, %d entries of ours; want 2, 3", refunds, actors)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
