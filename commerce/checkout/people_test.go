package checkout_test

import (
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
)

// TestLinkWithOpenOrders makes one person of two members who both have an order
// to pay, one of them paid while they are linked.
func TestLinkWithOpenOrders(t *testing.T) {
	each(t, func(w *world) {
		w.people.OnLink(orders.Link)
		w.people.OnLink(notices.Link)
		ann, anna := w.buyer("ann"), w.buyer("anna")
		one, two := w.placed(ann, w.cart("cup", 1)), w.placed(anna, w.cart("cup", 1))
		third := w.buyer("annika")
		page := w.page(two)
		together(
			func() { w.must(w.people.Link(w.ctx, ann.Member, anna.Member)) },
			func() {
				if _, err := w.stripe.Pay(page, visa); err != nil {
					w.Error(err)
				}
			},
			func() {
				if err := w.shop.Ask(w.ctx, two.ID); err != nil {
					w.Error(err)
				}
			},
		)
		w.must(w.people.Link(w.ctx, ann.Member, third.Member))
		w.must(w.shop.Ask(w.ctx, two.ID))
		w.want(two, orders.Paid)
		w.want(one, orders.Pending)
		var told commerce.MemberID
		w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
			return tx.Row(`SELECT member_id FROM notices WHERE kind = 'order.paid'`).Scan(&told)
		}))
		if told != ann.Member {
			t.Errorf("told to %s, who is %s now", told, ann.Member)
		}
		// The open one closes for the next, and its unit is free again.
		next := w.placed(ann, w.cart("cup", 2))
		w.want(one, orders.Lapsed)
		w.pay(next, visa)
		w.rest(2 * time.Minute)
		w.settled()
	})
}

// TestLinkedTwiceOpen gives one person two orders to pay: a third closes both.
func TestLinkedTwiceOpen(t *testing.T) {
	each(t, func(w *world) {
		w.people.OnLink(orders.Link)
		ann, anna := w.buyer("ann"), w.buyer("anna")
		one, two := w.placed(ann, w.cart("cup", 1)), w.placed(anna, w.cart("cup", 2))
		w.page(one)
		w.page(two)
		w.must(w.people.Link(w.ctx, ann.Member, anna.Member))
		next := w.placed(ann, w.cart("cup", 3))
		w.want(one, orders.Lapsed)
		w.want(two, orders.Lapsed)
		w.pay(next, visa)
		w.rest(2 * time.Minute)
		w.settled()
	})
}

// TestErasedWithOpenOrders forgets a member with an order that is paid, one
// that is paid afterwards, and one that never is: the goods still come to the
// address that was agreed, and then it is gone.
func TestErasedWithOpenOrders(t *testing.T) {
	for name, pays := range map[string]bool{"pays": true, "does not pay": false} {
		t.Run(name, func(t *testing.T) {
			each(t, func(w *world) {
				w.people.OnErase(orders.Erase)
				w.people.OnErase(notices.Erase)
				ann := w.buyer("ann")
				sold := w.placed(ann, w.cart("cup", 1))
				w.pay(sold, visa)
				w.hear(1)
				open := w.placed(ann, w.cart("cup", 2))
				page := w.page(open)
				w.must(w.people.Erase(w.ctx, ann.Member))
				if pays {
					if _, err := w.stripe.Pay(page, visa); err != nil {
						t.Fatal(err)
					}
				}
				w.rest(hold + time.Minute)
				want := orders.Lapsed
				if pays {
					want = orders.Paid
				}
				w.want(open, want)
				for _, o := range []orders.Order{sold, open} {
					now, err := w.shop.Orders().Get(w.ctx, o.ID)
					w.must(err)
					if (now.Address.Street != "") != (now.State == orders.Paid) {
						t.Errorf("order is %s, its address %q", now.State, now.Address.Street)
					}
					if now.State == orders.Paid {
						w.must(w.shop.Ship(w.ctx, "test", o.ID, ""))
						if now, err = w.shop.Orders().Get(w.ctx, o.ID); err != nil || now.Address.Street+now.Address.Name != "" {
							t.Errorf("sent, and its address is kept: %v", err)
						}
					}
				}
			})
		})
	}
}
