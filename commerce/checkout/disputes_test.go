package checkout_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/sandbox/stripe"
)

// contested is a paid order whose cardholder disputes it at once.
func (w *world) contested() (orders.Order, payments.Dispute) {
	w.Helper()
	w.staff = []commerce.MemberID{w.buyer("sam").Member}
	o := w.placed(w.buyer("ann"), w.cart("cup", 1))
	w.pay(o, disputed)
	w.hear(1)
	w.rest(time.Minute)
	w.hear(2)
	list, err := w.shop.Disputes(w.ctx, 10)
	w.must(err)
	if len(list) == 0 || list[0].Order != o.ID || list[0].State != payments.DisputeOpen || list[0].Amount != o.Total {
		w.Fatalf("disputes: %+v", list)
	}
	return o, list[0]
}

// TestDisputeEnds follows disputes to both their ends, however often and in
// whatever order their events come: the books are the balance at Stripe all the
// way, and the staff is told of each step once.
func TestDisputeEnds(t *testing.T) {
	for _, won := range []bool{true, false} {
		each(t, func(w *world) {
			o, d := w.contested()
			s := w.statement()
			w.read(s)
			if n := w.balance("disputed", "EUR"); n != o.Total.Amount {
				t.Errorf("disputed in the books: %d", n)
			}
			w.must(w.shop.Ship(w.ctx, "sam", o.ID, "TRACK-1"))
			if err := w.shop.Refund(w.ctx, "sam", o.ID); !errors.Is(err, checkout.ErrDisputed) {
				t.Errorf("refunded while the bank has the money: %v", err)
			}
			w.must(w.shop.Answer(w.ctx, "staff:sam", d.ID))
			if err := w.shop.Answer(w.ctx, "staff:eve", d.ID); !errors.Is(err, checkout.ErrState) {
				t.Errorf("answered twice: %v", err)
			}
			said := w.stripe.Decide(string(o.ID), won)
			if len(said) != 1 || !strings.Contains(said[0]["product_description"], "1 × Cup") || said[0]["shipping_tracking_number"] != "TRACK-1" ||
				!strings.Contains(said[0]["uncategorized_text"], "was sent on 2026-03-01") || said[0]["customer_name"] == "" {
				t.Errorf("said to the bank: %v", said)
			}
			w.hear(3)
			for _, e := range w.stripe.Events() { // all of it again, weeks later
				w.receive(payments.Event{ID: e.ID + "x", Type: e.Type, Object: idOf(t, e)})
			}
			w.rest()
			w.read(s)
			kind, other, state := notices.StaffDisputeWon, notices.StaffDisputeLost, payments.DisputeWon
			if !won {
				kind, other, state = other, kind, payments.DisputeLost
			}
			if w.told(notices.StaffDispute) != 1 || w.told(kind) != 1 || w.told(other) != 0 {
				t.Errorf("told %d times of it, %d of its end, %d of the other end", w.told(notices.StaffDispute), w.told(kind), w.told(other))
			}
			now, err := w.shop.Dispute(w.ctx, d.ID)
			if err != nil || now.State != state || now.ClosedAt.IsZero() || now.AnsweredAt.IsZero() {
				t.Errorf("%+v, %v", now, err)
			}
			lost := int64(0)
			if !won {
				lost = o.Total.Amount
			}
			if w.balance("disputed", "EUR") != 0 || w.balance("loss:disputes", "EUR") != lost {
				t.Errorf("disputed %d, lost %d", w.balance("disputed", "EUR"), w.balance("loss:disputes", "EUR"))
			}
			if won { // and it can be refunded again
				w.must(w.shop.Refund(w.ctx, "sam", o.ID))
				w.rest()
				w.want(o, orders.Refunded)
				w.read(s)
			}
		})
	}
}

// TestDisputeAnswersItself: nobody presses; the staff is reminded once, and the
// evidence is sent a day before it is too late, through faults of Stripe.
func TestDisputeAnswersItself(t *testing.T) {
	each(t, func(w *world) {
		o, d := w.contested()
		w.clock.Wait(5 * 24 * time.Hour)
		w.rest()
		w.rest()
		if n := w.told(notices.StaffDisputeSoon); n != 1 {
			t.Errorf("reminded %d times", n)
		}
		if early, err := w.shop.Dispute(w.ctx, d.ID); err != nil || early.State != payments.DisputeOpen || !early.AnsweredAt.IsZero() {
			t.Errorf("two days before the end: %+v, %v", early, err)
		}
		w.clock.Set(d.DueAt.Add(-23 * time.Hour))
		for _, f := range []stripe.Fault{{Drop: true, Times: 1}, {Status: 500, Times: 1}, {Act: true, Drop: true, Times: 1}} {
			f.On = "POST /v1/disputes"
			w.stripe.Fail(f)
			w.clock.Wait(time.Minute)
			w.rest()
		}
		w.clock.Wait(time.Minute)
		w.rest()
		w.hear(1)
		if said := w.stripe.Decide(string(o.ID), true); len(said) != 1 || said[0]["product_description"] == "" {
			t.Errorf("said to the bank: %v", said)
		}
		now, err := w.shop.Dispute(w.ctx, d.ID)
		if err != nil || now.State != payments.DisputeReview {
			t.Errorf("%+v, %v", now, err)
		}
	})
}

// TestDisputeUnheard: no event of the dispute ever comes; the statement tells.
func TestDisputeUnheard(t *testing.T) {
	each(t, func(w *world) {
		w.staff = []commerce.MemberID{w.buyer("sam").Member}
		o := w.placed(w.buyer("ann"), w.cart("cup", 1))
		w.pay(o, disputed)
		for _, e := range w.stripe.Events() {
			if !strings.HasPrefix(e.Type, "charge.dispute") {
				w.receive(payments.Event{ID: e.ID, Type: e.Type, Object: idOf(t, e)})
			}
		}
		w.rest()
		s := w.statement()
		_, err := s.Step(w.ctx)
		w.must(err)
		w.rest()
		w.read(s)
		if n := w.told(notices.StaffDispute); n != 1 {
			t.Errorf("told %d times", n)
		}
		if n := w.balance("disputed", "EUR"); n != o.Total.Amount {
			t.Errorf("disputed in the books: %d", n)
		}
	})
}
