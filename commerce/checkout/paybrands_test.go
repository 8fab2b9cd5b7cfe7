package checkout_test

import (
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/payouts"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/sandbox/stripe"
)

const payee = "acct_acme"

// paysBrands makes the shop keep a tenth and hold the rest back for a week.
func (w *world) paysBrands() {
	w.stripe.Connect(payee, true)
	w.shop.Payee = func(commerce.BrandID) checkout.Payee {
		return checkout.Payee{Account: payee, Keep: 100_000, Hold: 7 * 24 * time.Hour}
	}
}

// payouts are those of acme, in these states. What it is owed of them is what
// the books say.
func (w *world) payouts(want ...payouts.State) []payouts.Payout {
	w.Helper()
	list, err := w.shop.Payouts(w.ctx, []commerce.BrandID{"acme"}, 10)
	w.must(err)
	owed := int64(0)
	for _, p := range list {
		back, err := w.shop.Reversals(w.ctx, p)
		w.must(err)
		owed += p.Owed(back).Amount
	}
	if n := -w.balance("payable:acme", "EUR"); owed != n {
		w.Errorf("acme is owed %d, in the books %d", owed, n)
	}
	if len(list) != len(want) {
		w.Fatalf("payouts: %+v", list)
	}
	for i, p := range list {
		if p.State != want[i] {
			w.Errorf("payout is %s, want %s: %s", p.State, want[i], p.Problem)
		}
	}
	return list
}

// TestBrandIsPaid follows a sale to its brand: held back, transferred once, and
// taken back by its part as the sale is refunded. The books are the balance at
// Stripe all the way.
func TestBrandIsPaid(t *testing.T) {
	each(t, func(w *world) {
		w.paysBrands()
		s := w.statement()
		o := w.bought(visa) // 11.90 and 4.90 for the parcel
		p := w.payouts(payouts.Held)[0]
		if p.Amount.Amount != 1512 || w.balance("payable:acme", "EUR") != -1512 {
			t.Fatalf("the brand gets %v, is owed %d", p.Amount, w.balance("payable:acme", "EUR"))
		}
		w.rest(time.Minute)
		w.payouts(payouts.Held)
		_, err := w.shop.RefundPart(w.ctx, "s", o.ID, checkout.Giving{Amount: euros(80), Seen: -1})
		w.must(err)
		w.rest()
		if p = w.payouts(payouts.Held)[0]; p.Less.Amount != 72 {
			t.Errorf("a refund before took %v", p.Less)
		}
		w.clock.Wait(7 * 24 * time.Hour)
		w.rest()
		w.payouts(payouts.Sent)
		if n := w.stripe.Connected(payee, "eur"); n != 1440 {
			t.Errorf("the brand has %d", n)
		}
		w.read(s)
		_, err = w.shop.RefundPart(w.ctx, "s", o.ID, checkout.Giving{Amount: euros(500), Seen: -1})
		w.must(err)
		w.rest()
		if n := w.stripe.Connected(payee, "eur"); n != 990 {
			t.Errorf("after a part went back the brand has %d", n)
		}
		back, err := w.shop.Reversals(w.ctx, w.payouts(payouts.Sent)[0])
		if err != nil || len(back) != 1 || !back[0].Done || back[0].Refused || back[0].Amount.Amount != 450 {
			t.Errorf("%+v %v", back, err)
		}
		w.must(w.shop.Refund(w.ctx, "s", o.ID))
		w.rest()
		if n := w.stripe.Connected(payee, "eur"); n != 0 || w.balance("payable:acme", "EUR") != 0 || w.balance("share:acme", "EUR") != 0 {
			t.Errorf("in the end the brand has %d, is owed %d of a share of %d", n, w.balance("payable:acme", "EUR"), w.balance("share:acme", "EUR"))
		}
		w.read(s)
	})
}

// TestPartsOfCents: what is rounded of many small refunds never takes more than
// the brand gets, and leaves nothing of what went back whole.
func TestPartsOfCents(t *testing.T) {
	each(t, func(w *world) {
		w.paysBrands()
		back := func(o orders.Order, n int64) {
			w.Helper()
			_, err := w.shop.RefundPart(w.ctx, "s", o.ID, checkout.Giving{Amount: euros(n), Seen: -1})
			w.must(err)
			w.rest()
		}
		up := w.bought(visa)
		for range 10 {
			back(up, 5) // 4.5 of it is the brand's
		}
		back(up, 1629)
		if p := w.payouts(payouts.Void)[0]; p.Less != p.Amount {
			t.Errorf("%+v", p)
		}
		back(up, 1)
		w.clock.Wait(time.Minute)
		down := w.bought(visa)
		for range 5 {
			back(down, 6) // 5.4
		}
		if p := w.payouts(payouts.Held, payouts.Void)[0]; p.Less.Amount != 25 {
			t.Errorf("%+v", p)
		}
		w.must(w.shop.Refund(w.ctx, "s", down.ID))
		w.rest()
		w.payouts(payouts.Void, payouts.Void)
	})
}

// TestPayoutsThroughFaults: every call fails in every way in turn, and the keys
// are forgotten in between; each brand is paid once.
func TestPayoutsThroughFaults(t *testing.T) {
	each(t, func(w *world) {
		w.paysBrands()
		for _, f := range []stripe.Fault{{Act: true, Drop: true}, {Drop: true}, {Status: 500}, {Status: 500, Act: true}, {Status: 409}, {Status: 429}, {Reused: true}} {
			before := w.stripe.Connected(payee, "eur")
			o := w.placed(w.buyer("ann"), w.cart("ticket", 1))
			w.pay(o, visa)
			w.hear(1)
			f.On, f.Times = "POST /v1/transfers", 1
			w.stripe.Fail(f)
			w.clock.Wait(7 * 24 * time.Hour)
			w.rest()
			w.stripe.Heal()
			w.stripe.ForgetKeys()
			w.rest(10 * time.Minute)
			if n := w.stripe.Connected(payee, "eur") - before; n != 630 {
				t.Errorf("%+v: the brand got %d, want 630", f, n)
			}
			w.stripe.Fail(f)
			w.must(w.shop.Refund(w.ctx, "s", o.ID))
			w.rest()
			w.stripe.Heal()
			w.stripe.ForgetKeys()
			w.rest(10 * time.Minute)
			if n := w.stripe.Connected(payee, "eur") - before; n != 0 {
				t.Errorf("%+v: after the refund the brand has %d", f, n)
			}
		}
		w.read(w.statement())
	})
}

// TestPayoutRefused: the brand's account is not ready, then its balance is gone
// when a refund comes: the staff is told of each once, and can try again.
func TestPayoutRefused(t *testing.T) {
	each(t, func(w *world) {
		w.staff = []commerce.MemberID{w.buyer("sam").Member}
		w.paysBrands()
		w.stripe.Connect(payee, false)
		o := w.bought(visa)
		w.clock.Wait(7 * 24 * time.Hour)
		w.rest(time.Minute)
		w.payouts(payouts.Failed)
		if n := w.told(notices.StaffPayout); n != 1 {
			t.Errorf("told %d times", n)
		}
		w.stripe.Connect(payee, true)
		n, err := w.shop.RetryPayouts(w.ctx, "acme")
		if err != nil || n != 1 {
			t.Errorf("tried again: %d, %v", n, err)
		}
		w.rest()
		w.payouts(payouts.Sent)
		w.stripe.PayOut(payee, "eur")
		_, err = w.shop.RefundPart(w.ctx, "s", o.ID, checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}, Way: payments.WayCard, Seen: -1})
		w.must(err)
		w.rest(time.Minute)
		if n := w.told(notices.StaffPayout); n != 2 {
			t.Errorf("told %d times", n)
		}
		if n := w.balance("payable:acme", "EUR"); n != 1071 { // what the brand owes
			t.Errorf("payable %d", n)
		}
		back, err := w.shop.Reversals(w.ctx, w.payouts(payouts.Sent)[0])
		if err != nil || len(back) != 1 || !back[0].Refused || back[0].Done || back[0].Amount.Amount != 1071 || back[0].Problem == "" {
			t.Errorf("%+v %v", back, err)
		}
		w.read(w.statement())
	})
}

// TestSecondPaymentGoesBack: where an order was paid by two payments, the second
// one goes back, and takes nothing of what the brand gets for the first.
func TestSecondPaymentGoesBack(t *testing.T) {
	each(t, func(w *world) {
		w.paysBrands()
		o := w.bought(visa)
		before := w.payouts(payouts.Held)[0]
		back := o.Total
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
			if _, err := rewards.Post(tx, w.clock.Now(), rewards.Posting{ID: "capture:second", Order: o.ID, Memo: "late", Entries: []rewards.Entry{
				{Account: rewards.Cash, Amount: back}, {Account: checkout.Owed, Amount: commerce.Money{Amount: -back.Amount, Currency: back.Currency}}}}); err != nil {
				return err
			}
			return w.shop.BookRefund(tx, payments.Refund{ID: "r2", Order: o.ID, Payment: "second", Reason: "late", Value: back, Amount: back})
		}))
		if after := w.payouts(payouts.Held)[0]; after.Less != before.Less || after.Amount != before.Amount {
			t.Errorf("the brand gets %v less %v, before it was %v less %v", after.Amount, after.Less, before.Amount, before.Less)
		}
		if n := w.balance(checkout.Owed, "EUR"); n != 0 {
			t.Errorf("%d are owed to members", -n)
		}
	})
}
