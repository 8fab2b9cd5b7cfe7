package checkout_test

import (
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
)

// TestForgetAll: of an order whose time is over nothing is left but the books,
// whatever became of it; the stock is what it was.
func TestForgetAll(t *testing.T) {
	each(t, func(w *world) {
		refunded := w.bought(visa)
		w.must(w.shop.CancelPaid(w.ctx, "test", refunded.ID))
		w.rest(time.Minute)
		sent := w.bought(visa)
		w.must(w.shop.Ship(w.ctx, "test", sent.ID, "T1"))
		w.placed(w.buyer("lea"), w.cart("cup", 1))
		w.rest(hold + time.Minute)
		kept := w.bought(visa) // still to be sent

		n, err := orders.Forget(w.ctx, w.db, w.clock.Now().Add(time.Hour))
		if err != nil || n != 3 {
			t.Fatalf("%d forgotten, %v; want 3", n, err)
		}
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
			_, err := notices.Forget(tx, w.clock.Now().Add(time.Hour))
			return err
		}))
		count := func(table string) (n int) {
			w.must(w.db.Read(w.ctx, func(tx *database.Tx) error { return tx.Row("SELECT COUNT(*) FROM " + table).Scan(&n) }))
			return n
		}
		for table, want := range map[string]int{"orders": 1, "holds": 1, "hold_lines": 1, "payments": 1, "refunds": 0} {
			if got := count(table); got != want {
				t.Errorf("%d rows of %s are left, want %d", got, table, want)
			}
		}
		if count("postings") < 3 {
			t.Error("the books were forgotten")
		}
		w.want(kept, orders.Paid)
	})
}

// TestLateMoneyOfSomebodyErased: it goes back, because nobody knows any more
// where the goods should go.
func TestLateMoneyOfSomebodyErased(t *testing.T) {
	each(t, func(w *world) {
		w.people.OnErase(orders.Erase)
		ann := w.buyer("ann")
		o := w.placed(ann, w.cart("last", 1))
		page := w.page(o)
		w.clock.wait(hold + time.Second)
		session := w.stripe.Open(string(o.ID))[0]
		w.forceLapse(o)
		w.must(w.people.Erase(w.ctx, ann.Member))
		if out, err := w.stripe.Pay(page, visa); err != nil || out.Status != "paid" {
			t.Fatalf("pay late: %v, %v", out, err)
		}
		w.must(w.shop.Settle(w.ctx, session))
		w.rest(time.Minute)
		w.want(o, orders.Refunded)
		if got := w.stripe.Refunded(string(o.ID)); got != o.Total.Amount || w.free("last") != 1 {
			t.Errorf("refunded %d of %d, %d free", got, o.Total.Amount, w.free("last"))
		}
	})
}
