package earnings_test

import (
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/creatorpay"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/rewards"
)

// inMoney has the programme of a world pay in money, to an account of Mira's.
func (w *world) inMoney() *creatorpay.Payer {
	w.Helper()
	w.rules = earnings.Rules{PPM: 100_000, Money: true}
	api := httptest.NewServer(w.stripe.Handler())
	w.Cleanup(api.Close)
	pay := creatorpay.New(creatorpay.Config{DB: w.db, Clock: w.clock, IDs: commerce.RandomIDs{}, Log: slog.New(slog.DiscardHandler),
		Stripe: payments.New(payments.Config{Key: "sk_test_x", Endpoint: api.URL}),
		Terms:  func() creatorpay.Terms { return creatorpay.Terms{Money: true, Least: 1} }, Back: func() string { return "https://shop.example.com/connected" }})
	page, err := pay.Connect(w.ctx, w.mira)
	w.must(err)
	_, err = w.stripe.SetUp(page)
	w.must(err)
	_, err = pay.Look(w.ctx, w.mira)
	w.must(err)
	return pay
}

func (w *world) purse(want ...earnings.Purse) {
	w.Helper()
	got, err := w.earnings.Money(w.ctx, w.mira)
	w.must(err)
	if len(got) != len(want) {
		w.Errorf("the purse is %+v, want %+v", got, want)
		return
	}
	for i := range want {
		if got[i] != want[i] {
			w.Errorf("the purse is %+v, want %+v", got, want)
		}
	}
}

func euros(pending, free, owed int64) earnings.Purse {
	return earnings.Purse{Currency: "EUR", Pending: pending, Free: free, Owed: owed}
}

// TestMoney earns money, and no points: a part goes back while it waits, the rest
// can be paid out.
func TestMoney(t *testing.T) {
	each(t, func(w *world) {
		w.inMoney()
		o := w.buy(w.buyer("ann"), w.line("cup", 2, "p1", "mira")) // 20.00 without tax
		w.purse(euros(200, 0, 0))
		w.must(w.shop.Refund(w.ctx, "staff", w.fresh(o).ID)) // all of it
		w.rest()
		w.purse()
		o = w.buy(w.buyer("ben"), w.line("cup", 2, "p1", "mira"))
		w.must(w.shop.Send(w.ctx, "staff", o.ID, checkout.Sending{}))
		w.giveBack(o, 1)
		w.purse(euros(100, 0, 0))
		w.settled()
		w.purse(euros(0, 100, 0))
		sum, err := w.earnings.SumOf(w.ctx, w.mira)
		w.must(err)
		if sum.Pending+sum.Points != 0 {
			w.Errorf("points: %+v", sum)
		}
	})
}

// settled lets the time pass in which something can be sent back.
func (w *world) settled() {
	w.Helper()
	for range 2 {
		w.clock.Wait(30 * 24 * time.Hour)
		w.rest()
	}
}

// giveBack gives the money of some units of an order's first line back.
func (w *world) giveBack(o orders.Order, units int64) {
	w.Helper()
	w.back(o, checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: units}}})
}

// TestPaidThenBack: what goes back after it was paid out is owed, never below
// zero, and met by what is earned next, before anything can be paid out.
func TestPaidThenBack(t *testing.T) {
	each(t, func(w *world) {
		pay := w.inMoney()
		sold := w.buy(w.buyer("ann"), w.line("cup", 3, "p1", "mira"))
		w.must(w.shop.Send(w.ctx, "staff", sold.ID, checkout.Sending{}))
		w.settled()
		w.purse(euros(0, 300, 0))
		_, err := pay.Ask(w.ctx, w.mira, "EUR")
		w.must(err)
		_, err = pay.Step(w.ctx)
		w.must(err)
		w.purse()
		w.giveBack(sold, 2)
		w.purse(euros(0, 0, 200))
		next := w.buy(w.buyer("ben"), w.line("cup", 1, "p1", "mira"))
		w.purse(euros(100, 0, 200))
		if _, err := pay.Ask(w.ctx, w.mira, "EUR"); err == nil {
			w.Error("paid out while it is owed")
		}
		w.must(w.shop.Send(w.ctx, "staff", next.ID, checkout.Sending{}))
		w.settled()
		w.purse(euros(0, 0, 100))
		next = w.buy(w.buyer("cleo"), w.line("cup", 3, "p1", "mira"))
		w.must(w.shop.Send(w.ctx, "staff", next.ID, checkout.Sending{}))
		w.settled()
		w.purse(euros(0, 200, 0))
		wrong, err := rewards.Check(w.ctx, w.db)
		w.must(err)
		if len(wrong) > 0 {
			w.Errorf("postings that do not sum to zero: %v", wrong)
		}
		w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
			n, err := rewards.Has(tx, rewards.Points(w.mira), rewards.PointsCurrency)
			if n != 0 {
				w.Errorf("%d points", n)
			}
			return err
		}))
	})
}
