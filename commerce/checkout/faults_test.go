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
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/stock"
	"github.com/soukchat/souk/sandbox/stripe"
)

// dice are random numbers for many goroutines, from a seed.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func newDice(seed uint64) *dice { return &dice{r: rand.New(rand.NewPCG(seed, 7))} }

func (d *dice) n(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(n)
}

// stumble makes Stripe fail three of ten calls, in every way it can fail.
func (w *world) stumble(d *dice) {
	w.http.Timeout = 300 * time.Millisecond
	w.stripe.FailWhen(func(string, string) (stripe.Fault, bool) {
		if d.n(10) >= 3 {
			return stripe.Fault{}, false
		}
		switch d.n(12) {
		case 0, 1, 2:
			return stripe.Fault{Act: true, Drop: true}, true // done, and we never hear it
		case 3, 4:
			return stripe.Fault{Drop: true}, true
		case 5, 6:
			return stripe.Fault{Status: 500}, true
		case 7, 8:
			return stripe.Fault{Status: 500, Act: true}, true // done, and kept as a failure
		case 9:
			return stripe.Fault{Status: 409}, true
		case 10:
			return stripe.Fault{Status: 429}, true
		}
		return stripe.Fault{Stall: 350 * time.Millisecond}, true
	})
}

// settled checks every order on its own, when all has come to rest and nothing
// is faulty any more.
func (w *world) settled() {
	w.Helper()
	var list []orders.Order
	w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT id, number, state, total, currency FROM orders`, nil, func(scan func(...any) error) error {
			var o orders.Order
			err := scan(&o.ID, &o.Number, &o.State, &o.Total.Amount, &o.Total.Currency)
			list = append(list, o)
			return err
		})
	}))
	paid := 0
	for _, o := range list {
		if o.Total.IsZero() && o.State != orders.Lapsed {
			paid++ // it cost nothing
			continue
		}
		kept := w.stripe.Captured(string(o.ID)) - w.stripe.Refunded(string(o.ID))
		want := int64(0)
		switch o.State {
		case orders.Paid, orders.Shipped:
			want = o.Total.Amount
		case orders.Pending, orders.Closing:
			w.Errorf("order %d is still %s", o.Number, o.State)
		}
		if kept != want {
			w.Errorf("order %d is %s, Stripe keeps %d of it, want %d", o.Number, o.State, kept, want)
		}
		if n := w.stripe.Captures(string(o.ID)); n > 1 {
			w.Errorf("order %d was captured %d times", o.Number, n)
		} else {
			paid += n
		}
	}
	var held, told, due int
	w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
		if err := tx.Row(`SELECT COALESCE(SUM(held), 0) FROM stock`).Scan(&held); err != nil {
			return err
		}
		if err := tx.Row(`SELECT COUNT(*) FROM refunds WHERE state <> 'done'`).Scan(&due); err != nil {
			return err
		}
		return tx.Row(`SELECT COUNT(*) FROM notices WHERE kind IN ('order.paid', 'order.late')`).Scan(&told)
	}))
	if held != 0 || due != 0 || told != paid {
		w.Errorf("%d units held, %d refunds open, %d told of %d who paid", held, due, told, paid)
	}
	w.invariants()
	w.Logf("%d orders, %d paid, %d refunded", len(list), paid, w.told(notices.OrderRefunded)+w.told(notices.OrderCancelled)+w.told(notices.OrderLate))
}

// TestFaults lets members buy, change their minds and pay, and the staff ship
// and cancel, while three of ten calls to Stripe go wrong, webhooks come late,
// twice or never, and two workers run. At rest nothing of it shows.
func TestFaults(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			each(t, func(w *world) { faults(w, newDice(seed), 120) })
		})
	}
}

func faults(w *world, d *dice, checkouts int) {
	var buyers []checkout.Buyer
	for i := range 15 {
		buyers = append(buyers, w.buyer(fmt.Sprint("b", i)))
	}
	carts := [][]live.CartLine{w.cart("ticket", 1), w.cart("ticket", 3, "card", 2), w.cart("cup", 1), w.cart("last", 1), w.cart("cup", 1, "ticket", 2), w.cart("gift", 1)}
	w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE stock SET on_hand = on_hand + 30, free = free + 30`)
		return err
	}))
	cards := []string{visa, visa, visa, declined, "4000000000009995"}
	w.stumble(d)
	stop, stopped := make(chan struct{}), sync.WaitGroup{}
	for range 2 {
		stopped.Go(func() { // a worker of its process
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := w.shop.Step(w.ctx); err != nil {
					w.Error(err)
				}
				w.clock.wait(time.Duration(d.n(3000)) * time.Millisecond)
				time.Sleep(2 * time.Millisecond)
			}
		})
	}
	var buying sync.WaitGroup
	todo := make(chan int, checkouts)
	for i := range checkouts {
		todo <- i
	}
	close(todo)
	for range 4 {
		buying.Go(func() {
			for range todo {
				w.once(d, buyers[d.n(len(buyers))], carts[d.n(len(carts))], cards[d.n(len(cards))])
			}
		})
	}
	buying.Wait()
	close(stop)
	stopped.Wait()
	w.stripe.Heal()
	w.http.Timeout = 0
	w.rest(hold + 25*time.Minute)
	w.settled()
}

// once is one visit to the checkout, whatever comes of it.
func (w *world) once(d *dice, b checkout.Buyer, cart []live.CartLine, card string) {
	r, err := w.shop.Review(w.ctx, b, cart)
	if err != nil {
		w.Error(err)
		return
	}
	o, err := w.shop.Place(w.ctx, b, cart, r.Quote.Digest())
	if !expected(err) {
		w.Errorf("place: %v", err)
	}
	if err != nil {
		return
	}
	for range 1 + d.n(3) {
		e, err := w.shop.Enter(w.ctx, o.Token)
		// The clock may leap over the whole hold within this call: then Stripe says
		// that the page would end too soon.
		if !expected(err) && w.clock.Now().Before(o.ExpiresAt) {
			w.Errorf("enter: %v", err)
		}
		if e.Redirect == "" {
			continue
		}
		out, err := w.stripe.Pay(e.Redirect, card)
		if err != nil && !errors.Is(err, stripe.ErrClosed) {
			w.Errorf("pay: %v", err)
		}
		if err == nil && out.Status == "paid" {
			break
		}
	}
	switch d.n(6) {
	case 0:
		if err := w.shop.CancelPending(w.ctx, b.Member, o.ID); !expected(err) {
			w.Errorf("cancel: %v", err)
		}
	case 1:
		w.clock.wait(time.Duration(d.n(10)) * time.Minute)
	case 2, 3:
		for _, e := range w.stripe.Events() {
			if d.n(10) == 0 { // late, twice, in any order
				if _, err := w.shop.Receive(w.ctx, payments.Event{ID: e.ID, Type: e.Type, Object: idOf(w.T, e)}); err != nil {
					w.Error(err)
				}
			}
		}
	}
	for _, do := range []func(context.Context) error{
		func(ctx context.Context) error { return w.shop.Ask(ctx, o.ID) },
		func(ctx context.Context) error { return w.shop.Ship(ctx, "a", o.ID, "T1") },
		func(ctx context.Context) error { return w.shop.CancelPaid(ctx, "b", o.ID) },
		func(ctx context.Context) error { return w.shop.Refund(ctx, "c", o.ID) },
	} {
		if d.n(4) == 0 {
			if err := do(w.ctx); !expected(err) {
				w.Errorf("staff: %v", err)
			}
		}
	}
}

// expected reports that an error is one a member or the staff can be told.
func expected(err error) bool {
	for _, known := range []error{nil, stock.ErrSoldOut, checkout.ErrQuoteChanged, checkout.ErrClosing, checkout.ErrJustPaid, checkout.ErrState} {
		if errors.Is(err, known) {
			return true
		}
	}
	return commerce.KindOf(err) == commerce.Unavailable
}
