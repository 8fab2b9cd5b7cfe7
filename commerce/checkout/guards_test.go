package checkout_test

import (
	"context"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
)

// undecided says of each session that it closes that it is complete and not
// paid, as one with a delayed way to pay is.
type undecided struct{ checkout.Stripe }

func (u undecided) Expire(ctx context.Context, id string) (payments.Session, error) {
	s, err := u.Find(ctx, id)
	s.Status, s.PaymentStatus = payments.SessionComplete, "unpaid"
	return s, err
}

// TestUndecidedKeepsUnits: what is neither paid nor over keeps its units.
func TestUndecidedKeepsUnits(t *testing.T) {
	each(t, func(w *world) {
		o := w.placed(w.buyer("ann"), w.cart("last", 1))
		w.page(o)
		honest := w.shop.Stripe
		w.shop.Stripe = undecided{honest}
		w.clock.Wait(hold + time.Second)
		w.rest()
		w.want(o, orders.Closing)
		if w.free("last") != 0 {
			t.Error("released while money may come")
		}
		w.shop.Stripe = honest
		w.rest(time.Minute)
		w.want(o, orders.Lapsed)
	})
}

// TestLinkAfterHold: nobody is led to a page once the hold is over, though the
// worker has not come to it yet.
func TestLinkAfterHold(t *testing.T) {
	each(t, func(w *world) {
		o := w.placed(w.buyer("ann"), w.cart("last", 1))
		w.clock.Wait(hold)
		e, err := w.shop.Enter(w.ctx, o.Token)
		if err != nil || e.Redirect != "" {
			t.Errorf("led to %q, %v", e.Redirect, err)
		}
		w.rest()
		w.want(o, orders.Lapsed)
	})
}
