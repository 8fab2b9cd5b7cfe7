package checkout_test

import (
	"context"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
)

// stubborn is a Stripe that answers a request to close a session without an
// error, and leaves it open.
type stubborn struct{ checkout.Stripe }

func (s stubborn) Expire(ctx context.Context, id string) (payments.Session, error) {
	return s.Find(ctx, id)
}

// TestOpenSessionKeepsUnits believes no answer but "expired": while a session
// can be paid its units stay held.
func TestOpenSessionKeepsUnits(t *testing.T) {
	each(t, func(w *world) {
		o := w.placed(w.buyer("ann"), w.cart("last", 1))
		w.page(o)
		honest := w.shop.Stripe
		w.shop.Stripe = stubborn{honest}
		w.clock.Wait(hold + time.Second)
		w.rest()
		w.want(o, orders.Closing)
		if w.free("last") != 0 {
			t.Error("released while somebody could pay")
		}
		w.shop.Stripe = honest
		w.rest(time.Minute)
		w.want(o, orders.Lapsed)
		if w.free("last") != 1 {
			t.Error("still held")
		}
	})
}
