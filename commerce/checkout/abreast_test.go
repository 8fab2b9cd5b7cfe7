package checkout_test

import (
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/sandbox/stripe"
)

// TestWorkAbreast: many events, refunds and orders that wait are not asked about
// one after the other. Stripe answers none of four calls before all of them
// have come.
func TestWorkAbreast(t *testing.T) {
	each(t, func(w *world) {
		var all []orders.Order
		for _, name := range []string{"ann", "ben", "cem", "dan"} {
			o := w.placed(w.buyer(name), w.cart("ticket", 1))
			w.pay(o, visa)
			all = append(all, o)
		}
		meet := func(what string, do func()) {
			t.Helper()
			var mu sync.Mutex
			come, gone := 0, make(chan struct{})
			w.stripe.FailWhen(func(string, string) (stripe.Fault, bool) {
				mu.Lock()
				if come++; come == len(all) {
					close(gone)
				}
				mu.Unlock()
				select {
				case <-gone:
				case <-time.After(time.Minute):
				}
				return stripe.Fault{}, false
			})
			do()
			w.stripe.FailWhen(nil)
			select {
			case <-gone:
			default:
				t.Errorf("%s: %d calls were made, one after the other", what, come)
			}
		}
		meet("orders that no event told of", func() {
			w.clock.Wait(checkout.Period)
			_, err := w.shop.Step(w.ctx)
			w.must(err)
		})
		for _, o := range all {
			w.want(o, orders.Paid)
			w.must(w.shop.Refund(w.ctx, "s", o.ID))
		}
		meet("refunds", func() {
			_, err := w.shop.Step(w.ctx)
			w.must(err)
		})
		if n := w.stripe.Refunded(""); n != 4*700 {
			t.Errorf("%d went back", n)
		}
		w.rest()
		meet("events", func() { w.hear(1) })
	})
}
