package checkout_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/stock"
	"github.com/soukchat/souk/sandbox/stripe"
)

func TestPurchase(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		w.staff = []commerce.MemberID{w.buyer("sam").Member}
		o := w.placed(ann, w.cart("cup", 2, "card", 1))
		if o.Total.Amount != 2*1190+250+490 || w.free("cup") != 1 {
			t.Errorf("total %v, %d cups free", o.Total, w.free("cup"))
		}
		if got := w.pay(o, declined); got != "declined" {
			t.Errorf("declined card: %s", got)
		}
		w.want(o, orders.Pending)
		if got := w.pay(o, visa); got != "paid" {
			t.Errorf("good card: %s", got)
		}
		w.rest(2 * time.Minute) // no webhook at all: the reconciler finds it
		w.want(o, orders.Paid)
		if w.told(notices.OrderPaid) != 1 || w.told(notices.StaffOrder) != 1 {
			t.Errorf("told %d members, %d staff", w.told(notices.OrderPaid), w.told(notices.StaffOrder))
		}
		if e, err := w.shop.Enter(w.ctx, o.Token); err != nil || e.Redirect != "" || e.Order.State != orders.Paid {
			t.Errorf("pay link afterwards: %+v, %v", e, err)
		}
	})
}

func TestSameQuoteSameOrder(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		cart := w.cart("cup", 1)
		first := w.placed(ann, cart)
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				again, err := w.place(ann, cart)
				if err != nil || again.ID != first.ID {
					t.Errorf("again: %s, %v; want %s", again.ID, err, first.ID)
				}
				if _, err := w.shop.Enter(w.ctx, first.Token); err != nil && commerce.KindOf(err) != commerce.Unavailable {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := len(w.stripe.Open(string(first.ID))); n != 1 {
			t.Errorf("%d payable sessions, want 1", n)
		}
		if w.free("cup") != 2 {
			t.Errorf("%d free, want 2", w.free("cup"))
		}
	})
}

func TestMyHoldDoesNotBlockMe(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		first := w.placed(ann, w.cart("cup", 3))
		page := w.page(first)
		second := w.placed(ann, w.cart("cup", 2)) // needs units the first one holds
		w.want(first, orders.Lapsed)
		if _, err := w.stripe.Pay(page, visa); !errors.Is(err, stripe.ErrClosed) {
			t.Errorf("the earlier order can still be paid: %v", err)
		}
		w.pay(second, visa)
		w.rest(2 * time.Minute)
		w.want(second, orders.Paid)
		if w.told(notices.OrderLapsed) != 0 {
			t.Error("told about an order that was replaced")
		}
	})
}

func TestEarlierOrderWasPaid(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		first := w.placed(ann, w.cart("cup", 1))
		w.pay(first, visa) // nobody has told us yet
		if _, err := w.place(ann, w.cart("cup", 2)); !errors.Is(err, checkout.ErrJustPaid) {
			t.Errorf("err = %v, want ErrJustPaid", err)
		}
		w.want(first, orders.Paid)
	})
}

func TestLastUnit(t *testing.T) {
	each(t, func(w *world) {
		var buyers []checkout.Buyer
		for i := range 8 {
			buyers = append(buyers, w.buyer(fmt.Sprint("b", i)))
		}
		cart := w.cart("last", 1)
		var mu sync.Mutex
		var won []orders.Order
		var wg sync.WaitGroup
		for _, b := range buyers {
			wg.Go(func() {
				o, err := w.place(b, cart)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won = append(won, o)
				} else if !errors.Is(err, stock.ErrSoldOut) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(won) != 1 {
			t.Fatalf("%d have the last one", len(won))
		}
		w.rest(hold + time.Minute)
		w.want(won[0], orders.Lapsed)
		o := w.placed(buyers[0], cart)
		w.pay(o, visa)
		w.rest(2 * time.Minute)
		w.want(o, orders.Paid)
	})
}

func TestHoldLapses(t *testing.T) {
	each(t, func(w *world) {
		o := w.placed(w.buyer("ann"), w.cart("cup", 1))
		page := w.page(o)
		w.rest(hold + 30*time.Second)
		w.want(o, orders.Lapsed)
		if w.free("cup") != 3 || w.told(notices.OrderLapsed) != 1 {
			t.Errorf("%d free, told %d times", w.free("cup"), w.told(notices.OrderLapsed))
		}
		if _, err := w.stripe.Pay(page, visa); !errors.Is(err, stripe.ErrClosed) {
			t.Errorf("still payable: %v", err)
		}
		if e, err := w.shop.Enter(w.ctx, o.Token); err != nil || e.Redirect != "" {
			t.Errorf("the link still leads to Stripe: %v", err)
		}
	})
}

func TestUnitsStayHeldUntilStripeConfirms(t *testing.T) {
	each(t, func(w *world) {
		o := w.placed(w.buyer("ann"), w.cart("last", 1))
		page := w.page(o)
		w.stripe.FailWhen(func(method, path string) (stripe.Fault, bool) { return stripe.Fault{Status: 503}, true })
		w.clock.Wait(hold + time.Second)
		w.rest()
		w.want(o, orders.Closing)
		if w.free("last") != 0 {
			t.Fatal("released while somebody could pay")
		}
		if _, err := w.place(w.buyer("ben"), w.cart("last", 1)); !errors.Is(err, stock.ErrSoldOut) {
			t.Errorf("sold to another: %v", err)
		}
		if out, err := w.stripe.Pay(page, visa); err != nil || out.Status != "paid" {
			t.Fatalf("pay at the deadline: %v, %v", out, err)
		}
		w.stripe.Heal()
		w.rest(time.Minute)
		w.want(o, orders.Paid)
	})
}

// TestLateMoney pays a session that nobody closed in time: with the stock free
// it becomes the goods, with the stock gone it goes back.
func TestLateMoney(t *testing.T) {
	for _, c := range []struct {
		name  string
		taken bool
		want  orders.State
	}{{"goods are free", false, orders.Paid}, {"goods are gone", true, orders.Refunded}} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(w *world) {
				o := w.placed(w.buyer("ann"), w.cart("last", 1))
				page := w.page(o)
				w.clock.Wait(hold + time.Second)
				session := w.stripe.Open(string(o.ID))[0]
				// We believe that the session has expired, and it has not.
				w.forceLapse(o)
				if c.taken {
					other := w.placed(w.buyer("ben"), w.cart("last", 1))
					w.pay(other, visa)
					w.rest(2 * time.Minute)
					w.want(other, orders.Paid)
				}
				if out, err := w.stripe.Pay(page, visa); err != nil || out.Status != "paid" {
					t.Fatalf("pay late: %v, %v", out, err)
				}
				for range 3 {
					if err := w.shop.Settle(w.ctx, session); err != nil {
						t.Fatal(err)
					}
				}
				w.rest(time.Minute)
				w.want(o, c.want)
				late := 0
				if c.taken {
					late = 1
					if got := w.stripe.Refunded(string(o.ID)); got != o.Total.Amount {
						t.Errorf("refunded %d of %d", got, o.Total.Amount)
					}
				}
				if w.told(notices.OrderLate) != late {
					t.Errorf("told %d times that it was late", w.told(notices.OrderLate))
				}
			})
		})
	}
}

// forceLapse makes the shop believe that nothing of the order is payable.
func (w *world) forceLapse(o orders.Order) {
	w.Helper()
	w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`UPDATE payments SET state = 'void' WHERE order_id = $1`, o.ID); err != nil {
			return err
		}
		if err := stock.Release(tx, o.Hold); err != nil {
			return err
		}
		if _, err := orders.Move(tx, o.ID, orders.Pending, orders.Closing, w.clock.Now(), "test"); err != nil {
			return err
		}
		_, err := orders.Move(tx, o.ID, orders.Closing, orders.Lapsed, w.clock.Now(), "test")
		return err
	}))
}

// idOf returns the id of the object an event speaks of.
func idOf(t *testing.T, e stripe.Event) string {
	t.Helper()
	var object struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(e.Data.Object, &object); err != nil {
		t.Fatal(err)
	}
	return object.ID
}

func TestFulfilment(t *testing.T) {
	for _, c := range []struct {
		name string
		do   []string
		want orders.State
		free int64 // cups, of 3
		told string
		err  error
	}{
		{"ship", []string{"ship"}, orders.Shipped, 2, notices.OrderShipped, nil},
		{"ship twice", []string{"ship", "ship"}, orders.Shipped, 2, notices.OrderShipped, nil},
		{"cancel", []string{"cancel", "cancel"}, orders.Cancelled, 3, notices.OrderCancelled, nil},
		{"refund", []string{"refund", "refund"}, orders.Refunded, 3, notices.OrderRefunded, nil},
		{"refund what was sent", []string{"ship", "refund"}, orders.Refunded, 2, notices.OrderRefunded, nil},
		{"cancel what was sent", []string{"ship", "cancel"}, orders.Shipped, 2, notices.OrderShipped, checkout.ErrState},
		{"ship what was cancelled", []string{"cancel", "ship"}, orders.Cancelled, 3, notices.OrderCancelled, checkout.ErrState},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(w *world) {
				o := w.placed(w.buyer("ann"), w.cart("cup", 1))
				w.pay(o, visa)
				w.rest(2 * time.Minute)
				var err error
				for _, do := range c.do {
					switch do {
					case "ship":
						err = w.shop.Ship(w.ctx, "test", o.ID, "TRACK1")
					case "cancel":
						err = w.shop.CancelPaid(w.ctx, "test", o.ID)
					case "refund":
						err = w.shop.Refund(w.ctx, "test", o.ID)
					}
				}
				if !errors.Is(err, c.err) {
					t.Errorf("err = %v, want %v", err, c.err)
				}
				w.rest(time.Minute)
				w.want(o, c.want)
				if w.free("cup") != c.free || w.told(c.told) != 1 {
					t.Errorf("%d free, want %d; told %d times", w.free("cup"), c.free, w.told(c.told))
				}
				if back := w.stripe.Refunded(string(o.ID)); (back == o.Total.Amount) != (c.want != orders.Shipped) {
					t.Errorf("refunded %d", back)
				}
			})
		})
	}
}

func TestEvents(t *testing.T) {
	each(t, func(w *world) {
		o := w.placed(w.buyer("ann"), w.cart("cup", 1))
		w.pay(o, visa)
		session := ""
		for range 5 { // the same event, five times
			for _, e := range w.stripe.Events() {
				object := idOf(t, e)
				if e.Type == "checkout.session.completed" {
					session = object
				}
				w.receive(payments.Event{ID: e.ID, Type: e.Type, Object: object})
			}
			w.rest()
		}
		if session == "" {
			t.Fatal("no event told of the session")
		}
		// An event of the past, and one of somebody else's session.
		w.receive(payments.Event{ID: "evt_old", Type: "checkout.session.expired", Object: session})
		w.receive(payments.Event{ID: "evt_other", Type: "checkout.session.completed", Object: "cs_test_unknown"})
		w.rest()
		w.want(o, orders.Paid)
		if w.told(notices.OrderPaid) != 1 {
			t.Errorf("told %d times", w.told(notices.OrderPaid))
		}
	})
}

func (w *world) receive(e payments.Event) {
	w.Helper()
	_, err := w.shop.Receive(w.ctx, e)
	w.must(err)
}

func TestFreeOrderNeedsNoPayment(t *testing.T) {
	each(t, func(w *world) {
		o := w.placed(w.buyer("ann"), w.cart("gift", 1))
		w.want(o, orders.Paid)
		w.must(w.shop.Refund(w.ctx, "test", o.ID))
		if w.told(notices.OrderRefunded) != 1 || w.free("gift") != 5 {
			t.Errorf("told %d times, %d free", w.told(notices.OrderRefunded), w.free("gift"))
		}
	})
}

func TestAgreedQuoteOnly(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		if _, err := w.shop.Place(w.ctx, ann, w.cart("cup", 1), "otherquote"); !errors.Is(err, checkout.ErrQuoteChanged) {
			t.Errorf("err = %v", err)
		}
		o := w.placed(ann, w.cart("cup", 1))
		if err := w.shop.CancelPending(w.ctx, w.buyer("ben").Member, o.ID); !errors.Is(err, orders.ErrNotFound) {
			t.Errorf("another's order: %v", err)
		}
		w.must(w.shop.CancelPending(w.ctx, ann.Member, o.ID))
		w.want(o, orders.Lapsed)
		if err := w.shop.CancelPending(w.ctx, ann.Member, o.ID); !errors.Is(err, checkout.ErrState) {
			t.Errorf("twice: %v", err)
		}
	})
}
