package main

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/commerce/stock"
)

// aMug writes ann, and a mug for sale.
func aMug(t *testing.T, db *database.DB) {
	t.Helper()
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
}

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
		if _, err := rewards.Post(tx, at, rewards.Posting{ID: "capture:" + string(p.ID), Order: o.ID, Memo: "sale", Entries: []rewards.Entry{
			{Account: rewards.Cash, Amount: total}, {Account: rewards.Revenue("acme"), Amount: commerce.Money{Amount: -total.Amount, Currency: "EUR"}},
		}}); err != nil {
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
		aMug(t, db)
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

		for n := int64(10_000_005); n <= 10_000_006; n++ {
			paidOrder(t, db, n)
		}
		run(ordersCmd{Do: "returns"}, "Nobody wants to send anything back.")
		run(ordersCmd{Do: "ship", Order: "10000005", Item: []string{"CUP"}}, `error: order 10000005 has no goods with the SKU "CUP"; it has MUG-1`)
		run(ordersCmd{Do: "ship", Order: "10000005", Item: []string{"MUG-1=3"}}, "error: order 10000005 has not as many of these left")
		run(ordersCmd{Do: "ship", Order: "10000005", Item: []string{"MUG-1=1"}, Tracking: "T1"}, "Of order 10000005 these are marked as sent: 1 × Mug.")
		run(ordersCmd{Do: "show", Order: "10000005"}, "to be sent")
		run(ordersCmd{Do: "ship", Order: "10000005", Item: []string{"MUG-1"}, Tracking: "T2"}, "1 × Mug")
		run(ordersCmd{Do: "show", Order: "10000005"}, "sent")
		run(ordersCmd{Do: "ship", Order: "10000005", Item: []string{"MUG-1"}}, "error: nothing is left of MUG-1 in order 10000005")
		run(ordersCmd{Do: "refund", Order: "10000006", Amount: "five"}, `error: "five" is no amount`)
		run(ordersCmd{Do: "refund", Order: "10000006", Amount: "1", Item: []string{"MUG-1"}}, "error: --amount is for refund, and without --item")
		run(ordersCmd{Do: "refund", Order: "10000006", Item: []string{"MUG-1=1"}, Brand: "other"}, "error: order 10000006 has no goods of other")
		run(ordersCmd{Do: "refund", Order: "10000006", Item: []string{"MUG-1=1"}}, "Of order 10000006 10.00 EUR goes back.")
		run(ordersCmd{Do: "refund", Order: "10000006", Amount: "10.01"}, "error: of order 10000006 only 10.00 EUR is left")
		run(ordersCmd{Do: "refund", Order: "10000006", Amount: "2.50", Credit: true}, "Of order 10000006 2.50 EUR goes back.")
		run(ordersCmd{Do: "deny", Order: "10000005"}, "error: why?")
		run(ordersCmd{Do: "approve", Order: "10000005"}, "error: of order 10000005 no return waits")
		ask := func(n int64, words string) {
			t.Helper()
			err := db.Write(t.Context(), func(tx *database.Tx) error {
				return fulfilment.Ask(tx, fulfilment.Return{ID: fulfilment.ReturnID(fmt.Sprint("r", n)), Order: "o10000005", Brand: "acme", Member: "ann", Reason: "broken",
					Words: words, Items: []fulfilment.Item{{Position: 0, Quantity: 1}}, AskedAt: time.Date(2026, 5, 5, 0, 0, int(n), 0, time.UTC)})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		ask(1, "the handle\x1b[31m came off")
		if text := run(ordersCmd{Do: "returns"}, "10000005", "asked", "broken", "1 × Mug", "came off"); strings.Contains(text, "\x1b") {
			t.Errorf("a terminal is told %q", text)
		}
		run(ordersCmd{Do: "returns", Brand: "other"}, "Nobody wants")
		run(ordersCmd{Do: "approve", Order: "10000005"}, "The return of 1 × Mug of order 10000005 is approved.")
		ask(2, "")
		run(ordersCmd{Do: "deny", Order: "10000005", Brand: "other", Why: "worn"}, "error: order 10000005 has no goods of other")
		run(ordersCmd{Do: "deny", Order: "10000005", Why: "It was worn."}, "is denied.")
		run(ordersCmd{Do: "returns"}, "Nobody wants")

		rows, err := csv.NewReader(strings.NewReader(run(ordersCmd{Do: "list", CSV: true}))).ReadAll()
		if err != nil || len(rows) != 7 || rows[1][22] != "'=Ann" {
			t.Errorf("%v %v", rows, err)
		}
		err = db.Read(t.Context(), func(tx *database.Tx) error {
			var refunds, actors int
			if err := tx.Row(`SELECT COUNT(*) FROM refunds`).Scan(&refunds); err != nil {
				return err
			}
			err := tx.Row(`SELECT COUNT(*) FROM order_events WHERE actor = 'cli'`).Scan(&actors)
			if refunds != 3 || actors < 10 {
				t.Errorf("%d refunds, %d entries of ours; want 3, and one for each step", refunds, actors)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// TestOrdersOfABrand: of an order that a brand shares with another, one who asks
// for the brand's sees and moves its part, and cancels nothing of the other's.
func TestOrdersOfABrand(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		aMug(t, db)
		paidOrder(t, db, 10_000_001)
		paidOrder(t, db, 10_000_002)
		kiln := string(app.BrandID("kiln"))
		if err := db.Write(t.Context(), func(tx *database.Tx) error {
			for _, s := range []string{
				`INSERT INTO brands (id, name) VALUES ('` + kiln + `', 'Kiln')`,
				`INSERT INTO order_lines (order_id, position, kind, label, sku, variant_id, brand_id, quantity, unit, amount, discount)
				 VALUES ('o10000001', 1, 'item', 'Jug', 'JUG-1', 'v', '` + kiln + `', 1, 700, 700, 150)`,
				`INSERT INTO order_lines (order_id, position, kind, label, brand_id, amount) VALUES ('o10000001', 2, 'shipping', 'Post', '` + kiln + `', 490)`,
				`INSERT INTO order_lines (order_id, position, kind, label, amount) VALUES ('o10000001', 3, 'discount', 'Spring', -150)`,
				`INSERT INTO order_lines (order_id, position, kind, label, amount) VALUES ('o10000001', 4, 'credit', 'Credit', -1040)`,
			} {
				if _, err := tx.Exec(s); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		run := func(c ordersCmd, want ...string) {
			t.Helper()
			var out strings.Builder
			c.Config, c.Brand = "shop.yaml", "kiln"
			err := c.run(t.Context(), db, time.UTC, &out)
			text := out.String()
			if err != nil {
				text += "error: " + err.Error()
			}
			for _, w := range want {
				if is, not := strings.CutPrefix(w, "!"); not == strings.Contains(text, is) {
					t.Errorf("%+v: want %q in\n%s", c, w, text)
				}
			}
		}
		run(ordersCmd{Do: "list", Limit: 50}, "Open: 1", "10000001", "10.40 EUR", "1 × Jug [JUG-1]", "!Mug", "!20.00", "!10000002")
		run(ordersCmd{Do: "show", Order: "10000001"}, "1 × Jug [JUG-1]  5.50 EUR", "Post  4.90 EUR", "Total     10.40 EUR", "!Mug", "!Spring", "!Credit")
		run(ordersCmd{Do: "list", CSV: true}, "JUG-1", "7.00,1.50", "!MUG", "!20.00", "!10.40")
		run(ordersCmd{Do: "show", Order: "10000002"}, "error: order 10000002 has no goods of kiln", "!Mug")
		for _, do := range []string{"cancel", "refund"} {
			run(ordersCmd{Do: do, Order: "10000001"}, "error: order 10000001 also holds goods of another brand")
		}
		run(ordersCmd{Do: "ship", Order: "10000001", Item: []string{"MUG-1"}}, `has no goods with the SKU "MUG-1"; it has JUG-1`)
		run(ordersCmd{Do: "ship", Order: "10000001", Tracking: "T1"}, "What kiln has in order 10000001 is marked as sent.")
		run(ordersCmd{Do: "show", Order: "10000001"}, "to be sent") // the mugs are not
		run(ordersCmd{Do: "refund", Order: "10000001", Item: []string{"JUG-1"}}, "Of order 10000001 5.50 EUR goes back.")
	})
}
