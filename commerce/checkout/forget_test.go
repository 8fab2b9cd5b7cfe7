package checkout_test

import (
	"slices"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/payouts"
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

		n, err := orders.Forget(w.ctx, w.db, w.clock.Now().Add(time.Hour), nil)
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

// TestForgetDisputed: an order stays while a bank disputes it, and while a brand
// has yet to get its part. Then it goes, with its dispute, and stands in the way
// of no other.
func TestForgetDisputed(t *testing.T) {
	each(t, func(w *world) {
		forget := func(want int64) {
			t.Helper()
			n, err := orders.Forget(w.ctx, w.db, w.clock.Now().Add(time.Hour), nil)
			if err != nil || n != want {
				t.Errorf("%d forgotten, %v; want %d", n, err, want)
			}
		}
		sent := func() orders.Order {
			o := w.bought(visa)
			w.must(w.shop.Ship(w.ctx, "test", o.ID, ""))
			return o
		}
		disputed := sent()
		w.stripe.Claim(string(disputed.ID), disputed.Total.Amount)
		w.hear(1)
		forget(0) // the bank has yet to decide
		w.stripe.Decide(string(disputed.ID), false)
		w.hear(1)
		w.rest(time.Minute)
		forget(1)
		w.paysBrands()
		sent()
		forget(0) // the brand's part is held back
		w.clock.Wait(7 * 24 * time.Hour)
		w.rest()
		forget(1)
		w.payouts(payouts.Sent) // stays with the books
		w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
			var left int
			err := tx.Row(`SELECT (SELECT COUNT(*) FROM disputes) + (SELECT COUNT(*) FROM orders)`).Scan(&left)
			if left != 0 {
				t.Errorf("%d rows are left", left)
			}
			return err
		}))
	})
}

// TestForgetReturns: what an exchange kept is free again, its photo goes with
// the last return that shows it, and goods that came back keep their order.
func TestForgetReturns(t *testing.T) {
	each(t, func(w *world) {
		twin := w.twin()
		later := func() time.Time { return w.clock.Now().Add(time.Hour) }
		back := func(a checkout.Asking) (orders.Order, fulfilment.ReturnID) {
			o := w.bought(visa)
			w.must(w.shop.Ship(w.ctx, "test", o.ID, ""))
			a.Items, a.Reason = cup, "mind"
			w.must(w.shop.AskReturn(w.ctx, o.Member, o.ID, a))
			w.must(w.shop.ApproveReturn(w.ctx, "test", nil, w.one(o).ID, false))
			return o, w.one(o).ID
		}
		arrived, id := back(checkout.Asking{Photo: "both"})
		w.must(w.shop.ReturnArrived(w.ctx, "test", nil, id, nil))
		back(checkout.Asking{Exchange: twin, Photo: "both"})
		free := func() (n int64) {
			w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
				return tx.Row(`SELECT free FROM stock WHERE variant_id = 'twin'`).Scan(&n)
			}))
			return n
		}
		if n := free(); n != 0 {
			t.Fatalf("%d are free though an exchange keeps the only one", n)
		}
		var dropped []string
		drop := func(photo string) { dropped = append(dropped, photo) }
		if n, err := orders.Forget(w.ctx, w.db, later(), drop); err != nil || n != 1 || len(dropped) != 0 {
			t.Errorf("%d forgotten, photos %v, %v", n, dropped, err)
		}
		if n := free(); n != 1 {
			t.Errorf("%d are free after the exchange was forgotten", n)
		}
		w.want(arrived, orders.Shipped)
		w.must(w.shop.EndReturn(w.ctx, "test", nil, id, payments.WayCard, false))
		w.rest()
		if n, err := orders.Forget(w.ctx, w.db, later(), drop); err != nil || n != 1 || !slices.Equal(dropped, []string{"both"}) {
			t.Errorf("%d forgotten, photos %v, %v", n, dropped, err)
		}
	})
}

// TestReturnsOfPeople: returns follow their member to another account, are
// theirs to take along, and lose words and photo with them.
func TestReturnsOfPeople(t *testing.T) {
	each(t, func(w *world) {
		o := w.bought(visa)
		w.must(w.shop.Ship(w.ctx, "test", o.ID, ""))
		w.must(w.shop.AskReturn(w.ctx, o.Member, o.ID, checkout.Asking{Items: cup, Reason: "broken", Words: "the handle", Photo: "p1"}))
		ben := w.buyer("ben").Member
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error { return fulfilment.Link(tx, ben, o.Member) }))
		for m, want := range map[commerce.MemberID]int{o.Member: 0, ben: 1} {
			list, err := fulfilment.Export(w.ctx, w.db, m, func(hash string) ([]byte, error) { return []byte("photo " + hash), nil })
			if err != nil || len(list) != want {
				t.Fatalf("%s takes %d returns along, %v", m, len(list), err)
			}
			if want == 1 && (list[0].Words != "the handle" || string(list[0].Photo) != "photo p1" || list[0].Order != o.Number || list[0].Reason != "broken") {
				t.Errorf("%+v", list[0])
			}
		}
		var photos []string
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) (err error) {
			photos, err = fulfilment.Erase(tx, ben)
			return err
		}))
		if r := w.one(o); !slices.Equal(photos, []string{"p1"}) || r.Words != "" || r.Photo != "" || r.Reason != "broken" {
			t.Errorf("photos %v, the return is %+v", photos, r)
		}
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
		w.clock.Wait(hold + time.Second)
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
