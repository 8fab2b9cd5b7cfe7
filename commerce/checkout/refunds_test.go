package checkout_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/sandbox/stripe"
)

const (
	badRefund = "4000000000005126" // its refunds fail a minute later
	disputed  = "4000000000000259"
)

// bought is an order that has been paid with a card.
func (w *world) bought(card string) orders.Order {
	w.Helper()
	o := w.placed(w.buyer("ann"), w.cart("cup", 1))
	w.pay(o, card)
	w.hear(1)
	w.want(o, orders.Paid)
	return o
}

// refund is what is written down about an order's refund.
func (w *world) refund(o orders.Order) payments.Refund {
	w.Helper()
	var list []payments.Refund
	w.must(w.db.Read(w.ctx, func(tx *database.Tx) (err error) {
		list, err = payments.RefundsOf(tx, o.ID)
		return err
	}))
	if len(list) != 1 {
		w.Fatalf("%d refunds, want 1", len(list))
	}
	return list[0]
}

// byHand gives money back as a person on Stripe's pages does.
func (w *world) byHand(o orders.Order, amount string) {
	w.Helper()
	var intent string
	w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT intent FROM payments WHERE order_id = $1 AND paid_at <> 0`, o.ID).Scan(&intent)
	}))
	body := url.Values{"payment_intent": {intent}, "amount": {amount}}.Encode()
	req, err := http.NewRequest("POST", w.api+"/v1/refunds", strings.NewReader(body))
	w.must(err)
	req.Header.Set("Authorization", "Bearer sk_test_x")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	w.must(err)
	resp.Body.Close()
	if resp.StatusCode != 200 {
		w.Fatalf("refund by hand: %s", resp.Status)
	}
}

// TestRefundFailsLater: the bank sends a refund back after Stripe had taken it
// for done. Whether the event comes, comes twice, or is lost: the staff is
// told once, and the books say what Stripe says.
func TestRefundFailsLater(t *testing.T) {
	for _, events := range []int{1, 2, 0} {
		t.Run(map[int]string{1: "told", 2: "told twice", 0: "never told"}[events], func(t *testing.T) {
			each(t, func(w *world) {
				w.staff = []commerce.MemberID{w.buyer("sam").Member}
				o := w.bought(badRefund)
				w.must(w.shop.Refund(w.ctx, "test", o.ID))
				w.rest()
				if r := w.refund(o); r.State != payments.RefundStateDone {
					t.Fatalf("refund is %s", r.State)
				}
				w.clock.Wait(2 * time.Minute)
				w.must(w.stripe.Rest(w.ctx))
				if events == 0 {
					w.heard = len(w.stripe.Events())
					w.clock.Wait(25 * time.Hour)
				}
				w.hear(events)
				w.hear(events)
				if r := w.refund(o); r.State != payments.RefundStateFailed || r.Problem == "" {
					t.Errorf("refund is %s, %q", r.State, r.Problem)
				}
				if n := w.told(notices.StaffRefund); n != 1 {
					t.Errorf("the staff was told %d times", n)
				}
				w.want(o, orders.Refunded)
				w.invariants()

				// A person gives it back another way on Stripe's pages.
				w.byHand(o, "1190")
				w.hear(1)
				w.byHand(o, "490")
				w.hear(2)
				if r := w.refund(o); r.State != payments.RefundStateDone {
					t.Errorf("after a person gave it back: %s", r.State)
				}
			})
		})
	}
}

// TestRefundFailsUnheard: we did not hear that Stripe made the refund, and when
// we ask again it has failed: the answer kept under the key would call it done.
func TestRefundFailsUnheard(t *testing.T) {
	each(t, func(w *world) {
		w.staff = []commerce.MemberID{w.buyer("sam").Member}
		o := w.bought(badRefund)
		w.stripe.Fail(stripe.Fault{On: "POST /v1/refunds", Act: true, Drop: true, Times: -1})
		w.stripe.Fail(stripe.Fault{On: "GET /v1/refunds", Status: 503, Times: -1})
		w.must(w.shop.Refund(w.ctx, "test", o.ID))
		w.rest(3 * time.Minute)
		w.stripe.Heal()
		w.rest(15 * time.Minute)
		if r := w.refund(o); r.State != payments.RefundStateFailed {
			t.Errorf("refund is %s", r.State)
		}
		if n := w.told(notices.StaffRefund); n != 1 {
			t.Errorf("the staff was told %d times", n)
		}
	})
}

// TestFailureOvertakesAnswer: the event that a refund failed is worked off
// while the worker that asked for it still believes that it is due.
func TestFailureOvertakesAnswer(t *testing.T) {
	each(t, func(w *world) {
		o := w.bought(badRefund)
		w.stripe.Fail(stripe.Fault{On: "POST /v1/refunds", Act: true, Drop: true, Times: -1})
		w.must(w.shop.Refund(w.ctx, "test", o.ID))
		_, err := w.shop.Step(w.ctx)
		w.must(err)
		r := w.refund(o)
		w.clock.Wait(61 * time.Second)
		w.must(w.stripe.Rest(w.ctx))
		w.hear(1)
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error { // the slow worker's
			first, err := payments.RefundDone(tx, r.ID, "re_old", w.clock.Now())
			if first {
				t.Error("an old answer counts as done")
			}
			return err
		}))
		if r := w.refund(o); r.State != payments.RefundStateFailed {
			t.Errorf("refund is %s", r.State)
		}
	})
}

// TestRefundByHand: the staff gives money back on Stripe's pages instead of in
// the chat, in one or in two parts.
func TestRefundByHand(t *testing.T) {
	for name, parts := range map[string][]string{"whole": {"1680"}, "parts": {"680", "1000"}, "a part": {"680"}} {
		t.Run(name, func(t *testing.T) {
			each(t, func(w *world) {
				o := w.bought(visa)
				for _, amount := range parts {
					w.byHand(o, amount)
					w.hear(2)
					w.invariants()
				}
				if len(parts) == 1 && parts[0] != "1680" {
					w.want(o, orders.Paid)
					return
				}
				w.rest(time.Minute)
				w.want(o, orders.Refunded)
				if w.free("cup") != 3 || w.told(notices.OrderRefunded) != 1 {
					t.Errorf("%d free, told %d times", w.free("cup"), w.told(notices.OrderRefunded))
				}
			})
		})
	}
}

func TestRefundRefused(t *testing.T) {
	each(t, func(w *world) {
		w.staff = []commerce.MemberID{w.buyer("sam").Member, w.buyer("kim").Member}
		o := w.bought(visa)
		w.stripe.Fail(stripe.Fault{On: "POST /v1/refunds", Status: 400})
		w.must(w.shop.CancelPaid(w.ctx, "test", o.ID))
		w.rest(time.Minute)
		if r := w.refund(o); r.State != payments.RefundStateFailed {
			t.Errorf("refund is %s", r.State)
		}
		if n := w.told(notices.StaffRefund); n != 2 {
			t.Errorf("%d of the staff were told", n)
		}
		w.owes(1)
		// It stays until its money went back, however old.
		n, err := orders.Forget(w.ctx, w.db, w.clock.Now().Add(time.Hour), nil)
		if err != nil || n != 0 {
			t.Errorf("forgot %d orders whose money is still here, %v", n, err)
		}
	})
}

// TestDispute tells the staff, even where the event comes before we know that
// the order is paid; a stranger's dispute is let go.
func TestDispute(t *testing.T) {
	each(t, func(w *world) {
		w.staff = []commerce.MemberID{w.buyer("sam").Member}
		o := w.placed(w.buyer("ann"), w.cart("cup", 1))
		w.pay(o, disputed)
		for _, e := range w.stripe.Events() {
			if strings.HasPrefix(e.Type, "charge.dispute") {
				w.receive(payments.Event{ID: e.ID, Type: e.Type, Object: idOf(t, e)})
			}
		}
		w.receive(payments.Event{ID: "evt_other", Type: "charge.dispute.created", Object: "dp_unknown"})
		w.rest(5 * time.Minute) // the reconciler finds the payment
		w.hear(1)
		if n := w.told(notices.StaffDispute); n != 1 {
			t.Errorf("told %d times", n)
		}
		w.want(o, orders.Paid)
	})
}

// owes checks how many refunds need a person, in the list of the staff and in
// the number that raises the alarm.
func (w *world) owes(want int) {
	w.Helper()
	list, err := w.shop.Owing(w.ctx)
	w.must(err)
	w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
		b, err := payments.CountBacklog(tx)
		if len(list) != want || b.Failed != int64(want) {
			w.Errorf("%d refunds are listed and %d counted, want %d", len(list), b.Failed, want)
		}
		return err
	}))
}

// TestOwingUntilGivenBack: Stripe refuses a refund of a part. It stays on the
// list while less went back another way, and leaves it with the last cent.
func TestOwingUntilGivenBack(t *testing.T) {
	each(t, func(w *world) {
		o := w.bought(visa)
		w.stripe.Fail(stripe.Fault{On: "POST /v1/refunds", Status: 400})
		_, err := w.shop.RefundPart(w.ctx, "test", o.ID, checkout.Giving{Amount: eur(500), Seen: -1})
		w.must(err)
		w.rest(time.Minute)
		for _, n := range []int64{499, 1} {
			w.owes(1)
			_, err := w.shop.RefundPart(w.ctx, "test", o.ID, checkout.Giving{Amount: eur(n), Way: payments.WayCredit, Seen: -1})
			w.must(err)
		}
		w.owes(0)
	})
}

// TestAuditOfFailedRefund: a payment whose goods are gone and whose refund has
// failed is in order only while somebody is told to give the money back.
func TestAuditOfFailedRefund(t *testing.T) {
	each(t, func(w *world) {
		o := w.bought(visa)
		w.stripe.Fail(stripe.Fault{On: "POST /v1/refunds", Status: 400})
		w.must(w.shop.CancelPaid(w.ctx, "test", o.ID))
		w.rest(time.Minute)
		w.owes(1)
		broken := func() []string {
			list, _, err := checkout.Audit(w.ctx, w.db)
			w.must(err)
			return list
		}
		if list := broken(); len(list) > 0 {
			t.Error(list)
		}
		// Its refund counts as made of the payment, though it has failed: on no list.
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE payments SET refunded = amount WHERE order_id = $1`, o.ID)
			return err
		}))
		if !slices.Contains(broken(), "1 captured payments ended in neither goods nor a refund") {
			t.Errorf("the audit says %v", broken())
		}
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE payments SET refunded = 0 WHERE order_id = $1`, o.ID)
			return err
		}))
	})
}
