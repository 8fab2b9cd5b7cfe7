package checkout_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/payouts"
)

// inquired is a test card whose bank asks before it takes anything.
const inquired = "4000000000001976"

// TestDisputeTakesOfBrands: what a brand gets waits while a bank has the money;
// lost, its part is gone, before the transfer and after it; won, it is paid.
func TestDisputeTakesOfBrands(t *testing.T) {
	const week = 7 * 24 * time.Hour
	for name, c := range map[string]struct {
		amount    int64 // disputed of 16.80, 0 is all
		sent, won bool
		gets      int64
	}{
		"held and lost": {}, "held and won": {won: true, gets: 1512}, "held, a part lost": {amount: 500, gets: 1062},
		"sent and lost": {sent: true}, "sent and won": {sent: true, won: true, gets: 1512}, "sent, a part lost": {amount: 500, sent: true, gets: 1062},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(w *world) {
				w.paysBrands()
				o := w.bought(visa)
				if c.sent {
					w.clock.Wait(week)
					w.rest()
					w.payouts(payouts.Sent)
				}
				amount := c.amount
				if amount == 0 {
					amount = o.Total.Amount
				}
				if !w.stripe.Claim(string(o.ID), amount) {
					t.Fatal("nothing to dispute")
				}
				w.hear(1)
				w.clock.Wait(week)
				w.rest(time.Minute)
				if c.sent {
					w.payouts(payouts.Sent)
				} else if p := w.payouts(payouts.Held)[0]; !p.Disputed || w.stripe.Connected(payee, "eur") != 0 {
					t.Errorf("while the bank has the money: %+v", p)
				}
				s := w.statement()
				w.read(s)
				w.stripe.Decide(string(o.ID), c.won)
				for _, e := range w.stripe.Events() { // the end is heard more than once
					if strings.HasPrefix(e.Type, "charge.dispute") {
						w.receive(payments.Event{ID: e.ID + "x", Type: e.Type, Object: idOf(t, e)})
					}
				}
				w.hear(1)
				w.rest(time.Minute)
				if n := w.stripe.Connected(payee, "eur"); n != c.gets {
					t.Errorf("in the end the brand has %d, want %d", n, c.gets)
				}
				if n := w.balance("payable:acme", "EUR"); n != 0 || w.balance("share:acme", "EUR") != c.gets {
					t.Errorf("it is owed %d of a share of %d", n, w.balance("share:acme", "EUR"))
				}
				w.read(s)
			})
		})
	}
}

// TestDisputedAfterRefusal: a payout that Stripe refused, and that is tried
// again while the money is disputed, waits.
func TestDisputedAfterRefusal(t *testing.T) {
	each(t, func(w *world) {
		w.paysBrands()
		w.stripe.Connect(payee, false)
		o := w.bought(visa)
		w.clock.Wait(7 * 24 * time.Hour)
		w.rest(time.Minute)
		w.payouts(payouts.Failed)
		w.stripe.Claim(string(o.ID), o.Total.Amount)
		w.hear(1)
		w.stripe.Connect(payee, true)
		if n, err := w.shop.RetryPayouts(w.ctx, "acme"); err != nil || n != 1 {
			t.Errorf("tried again: %d, %v", n, err)
		}
		w.rest(time.Minute)
		if n := w.stripe.Connected(payee, "eur"); n != 0 {
			t.Errorf("the brand has %d of money that the bank has", n)
		}
		w.stripe.Decide(string(o.ID), false)
		w.hear(1)
		w.rest(time.Minute)
		w.payouts(payouts.Void)
	})
}

// TestInquiry: a bank only asks. Nothing is taken or booked; it is answered, and
// closed; or it becomes a dispute, which the staff is told of and which is
// answered again; or a refund ends it.
func TestInquiry(t *testing.T) {
	each(t, func(w *world) {
		w.paysBrands()
		w.staff = []commerce.MemberID{w.buyer("sam").Member}
		asked := func() payments.Dispute {
			o := w.placed(w.buyer("ann"), w.cart("ticket", 1))
			w.pay(o, inquired)
			w.hear(1)
			w.rest(time.Minute)
			w.hear(1)
			d, err := w.shop.DisputeOf(w.ctx, o.ID)
			w.must(err)
			if !d.Inquiry() || !d.Answerable(w.clock.Now()) {
				t.Fatalf("%+v", d)
			}
			return d
		}
		decide := func(d payments.Dispute, won bool) payments.Dispute {
			w.stripe.Decide(string(d.Order), won)
			w.hear(1)
			w.rest()
			d, err := w.shop.Dispute(w.ctx, d.ID)
			w.must(err)
			return d
		}
		closed := asked()
		w.must(w.shop.Answer(w.ctx, "staff:sam", closed.ID))
		if closed = decide(closed, true); closed.State != "warning_closed" || w.balance("disputed", "EUR") != 0 || w.told(notices.StaffDispute) != 1 {
			t.Errorf("%+v, %d disputed, told %d times", closed, w.balance("disputed", "EUR"), w.told(notices.StaffDispute))
		}

		grown := asked()
		w.must(w.shop.Answer(w.ctx, "staff:sam", grown.ID))
		if grown = decide(grown, false); grown.State != payments.DisputeOpen || !grown.Answerable(w.clock.Now()) ||
			w.balance("disputed", "EUR") != grown.Amount.Amount || w.told(notices.StaffDispute) != 3 {
			t.Errorf("%+v, %d disputed, told %d times", grown, w.balance("disputed", "EUR"), w.told(notices.StaffDispute))
		}
		w.must(w.shop.Answer(w.ctx, "staff:sam", grown.ID))
		if grown = decide(grown, true); grown.State != payments.DisputeWon || w.balance("disputed", "EUR") != 0 {
			t.Errorf("%+v, %d disputed", grown, w.balance("disputed", "EUR"))
		}

		ended := asked()
		w.must(w.shop.Refund(w.ctx, "sam", ended.Order))
		w.rest()
		if n := w.stripe.Refunded(string(ended.Order)); n != ended.Amount.Amount {
			t.Errorf("%d went back", n)
		}
		w.clock.Wait(8 * 24 * time.Hour)
		w.rest()
		if n := w.stripe.Connected(payee, "eur"); n != 2*630 { // not of the third
			t.Errorf("the brand has %d", n)
		}
		w.read(w.statement())
	})
}
