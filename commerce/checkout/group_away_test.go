package checkout_test

import (
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/sandbox/stripe"
)

// Whether somebody has joined whose time is over Stripe alone knows: while it is
// away it is asked again after a while, not at once and for ever.
func TestGroupPriceWaitsForStripe(t *testing.T) {
	each(t, func(w *world) {
		g := newGroup(w)
		o := g.order("ann")
		w.page(o)
		w.clock.Wait(11 * time.Minute)
		w.stripe.Fail(stripe.Fault{Status: 503, Times: -1})
		step := func() int {
			t.Helper()
			n, err := w.shop.Step(w.ctx)
			w.must(err)
			return n
		}
		for range 3 {
			if n := step(); n != 1 {
				t.Fatalf("%d is done, want the order to be looked at", n)
			}
			for range 3 {
				if n := step(); n != 0 {
					t.Fatalf("%d is done at once again, while Stripe is away", n)
				}
			}
			w.clock.Wait(10 * time.Second)
		}
		g.want(o, orders.Pending)
		w.stripe.Heal()
		w.rest(time.Minute)
		g.want(o, orders.Lapsed)
	})
}

// What has been authorised and outlives every authorisation is asked about now
// and then, while Stripe is away, and not without a pause.
func TestGroupPriceOutlived(t *testing.T) {
	each(t, func(w *world) {
		g := newGroup(w)
		o := g.join("ann")
		g.join("ben")
		w.stripe.Fail(stripe.Fault{Status: 503, Times: -1})
		held, err := w.shop.Orders().Get(w.ctx, o.ID)
		w.must(err)
		for _, wait := range []time.Duration{49 * time.Hour, held.ExpiresAt.Sub(w.clock.Now()) - 49*time.Hour + time.Minute} {
			w.clock.Wait(wait)
			for range 5 { // its price is fixed
				_, err := g.drops.Step(w.ctx)
				w.must(err)
			}
		}
		if d, err := g.drops.Get(w.ctx, deal); err != nil || d.Reached == 0 || d.State != drops.Closed {
			t.Fatalf("the drop is %s, reached %d, %v", d.State, d.Reached, err)
		}
		for steps := 0; ; steps++ {
			n, err := w.shop.Step(w.ctx)
			w.must(err)
			if n == 0 {
				break
			}
			if steps == 20 {
				t.Fatal("it does not come to rest while Stripe is away")
			}
		}
	})
}
