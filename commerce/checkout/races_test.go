package checkout_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/stock"
	"github.com/soukchat/souk/sandbox/stripe"
)

// together does all of it at about the same time, and waits.
func together(do ...func()) {
	var wg sync.WaitGroup
	gate := make(chan struct{})
	for _, f := range do {
		wg.Go(func() {
			<-gate
			time.Sleep(time.Duration(rand.IntN(8000)) * time.Microsecond)
			f()
		})
	}
	close(gate)
	wg.Wait()
}

// TestGiveUpWhilePaying lets a member give up an order, pay it, open its link
// and order something else, while its hold ends: whatever wins, the money and
// the goods agree.
func TestGiveUpWhilePaying(t *testing.T) {
	each(t, func(w *world) {
		r := rand.New(rand.NewPCG(11, 1))
		won := map[orders.State]int{}
		for i := range 40 {
			ann := w.buyer(fmt.Sprint("ann", i))
			o := w.placed(ann, w.cart("ticket", 1))
			page := w.page(o)
			if i%2 == 0 {
				w.clock.Wait(hold - time.Duration(r.IntN(3))*time.Second)
			}
			together(
				func() {
					if err := w.shop.CancelPending(w.ctx, ann.Member, o.ID); !expected(err) {
						w.Errorf("give up: %v", err)
					}
				},
				func() {
					if _, err := w.stripe.Pay(page, visa); err != nil && !errors.Is(err, stripe.ErrClosed) {
						w.Error(err)
					}
				},
				func() {
					if _, err := w.shop.Enter(w.ctx, o.Token); !expected(err) {
						w.Errorf("enter: %v", err)
					}
				},
				func() {
					if err := w.shop.Ask(w.ctx, o.ID); !expected(err) {
						w.Errorf("ask: %v", err)
					}
				},
				func() {
					if _, err := w.shop.Step(w.ctx); err != nil {
						w.Error(err)
					}
				},
				func() {
					if i%3 == 0 {
						if _, err := w.place(ann, w.cart("ticket", 2)); !expected(err) {
							w.Errorf("place: %v", err)
						}
					}
				},
			)
			w.rest()
			won[w.state(o)]++
		}
		w.rest(hold + 5*time.Minute)
		w.settled()
		t.Log(won)
	})
}

// TestStaffAtOnce lets two of the staff send, cancel and refund the same order
// at once: one of it happens, once.
func TestStaffAtOnce(t *testing.T) {
	each(t, func(w *world) {
		ends := map[orders.State]int{}
		for i := range 24 {
			o := w.placed(w.buyer(fmt.Sprint("m", i)), w.cart("ticket", 1))
			w.pay(o, visa)
			w.must(w.shop.Ask(w.ctx, o.ID))
			did := map[string]int{}
			var mu sync.Mutex
			do := func(name string, f func(context.Context, string, commerce.OrderID) error) func() {
				return func() {
					err := f(w.ctx, "staff", o.ID)
					if err != nil && !errors.Is(err, checkout.ErrState) {
						w.Errorf("%s: %v", name, err)
					}
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						did[name]++
					}
				}
			}
			ship := func(ctx context.Context, actor string, id commerce.OrderID) error {
				return w.shop.Ship(ctx, actor, id, "T1")
			}
			all := []func(){do("ship", ship), do("ship", ship), do("cancel", w.shop.CancelPaid), do("cancel", w.shop.CancelPaid), do("refund", w.shop.Refund)}
			together(all[:4+i%2]...)
			w.rest(time.Minute)
			state := w.state(o)
			ends[state]++
			back := w.stripe.Refunded(string(o.ID))
			if (back == 0) != (state == orders.Shipped) || back != 0 && back != o.Total.Amount {
				w.Errorf("order is %s, %d went back: %v", state, back, did)
			}
			if state == orders.Cancelled && did["ship"] > 0 {
				w.Errorf("cancelled after it was sent: %v", did)
			}
			if (state == orders.Shipped || state == orders.Refunded && did["ship"] > 0) && did["cancel"] > 0 {
				w.Errorf("sent and cancelled: %v", did)
			}
		}
		w.settled()
		t.Log(ends)
	})
}

// TestStripeIsDown takes Stripe away at each step of a purchase.
func TestStripeIsDown(t *testing.T) {
	each(t, func(w *world) {
		down := func() { w.stripe.Fail(stripe.Fault{Status: 503, Times: -1}) }
		ann := w.buyer("ann")
		down()
		o := w.placed(ann, w.cart("last", 1)) // needs nobody
		for range 3 {
			if _, err := w.shop.Enter(w.ctx, o.Token); commerce.KindOf(err) != commerce.Unavailable {
				t.Errorf("enter: %v", err)
			}
		}
		// Nobody has an address to pay at, and yet it cannot be known.
		if _, err := w.place(ann, w.cart("cup", 1)); !errors.Is(err, checkout.ErrClosing) {
			t.Errorf("order something else: %v", err)
		}
		w.rest(2 * hold)
		w.want(o, orders.Closing)
		if _, err := w.place(w.buyer("ben"), w.cart("last", 1)); !errors.Is(err, stock.ErrSoldOut) {
			t.Errorf("the unit was given to another: %v", err)
		}
		w.rest(time.Hour)
		w.stripe.Heal()
		w.rest(time.Minute)
		w.want(o, orders.Lapsed)
		second := w.placed(ann, w.cart("last", 1))
		if w.pay(second, visa) != "paid" {
			t.Error("not paid")
		}
		down()
		w.rest(hold + time.Minute)
		w.want(second, orders.Closing) // Stripe alone knows
		w.stripe.Heal()
		w.rest(time.Minute)
		w.want(second, orders.Paid)
		down()
		w.must(w.shop.CancelPaid(w.ctx, "test", second.ID))
		w.rest(30 * time.Minute)
		if w.told(notices.OrderCancelled) != 0 {
			t.Error("told before the money went back")
		}
		w.stripe.Heal()
		w.rest(2 * time.Minute)
		w.settled()
	})
}

// TestAnotherAccount takes the sessions of an open order away, as a key of
// another Stripe account does: nobody can tell whether it was paid there, so
// its units wait until it cannot be paid there any more, and then are free.
func TestAnotherAccount(t *testing.T) {
	each(t, func(w *world) {
		o := w.placed(w.buyer("ann"), w.cart("last", 1))
		w.page(o)
		w.stripe.Fail(stripe.Fault{On: "POST /v1/checkout/sessions/", Status: 404, Times: -1})
		w.stripe.Fail(stripe.Fault{On: "GET /v1/checkout/sessions/", Status: 404, Times: -1})
		w.rest(hold + 5*time.Minute)
		w.want(o, orders.Closing)
		w.rest(time.Hour)
		w.want(o, orders.Lapsed)
		if w.free("last") != 1 {
			t.Error("the unit is stuck")
		}
	})
}
