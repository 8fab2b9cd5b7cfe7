package checkout_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/commerce/stock"
	"github.com/soukchat/souk/sandbox/stripe"
	"github.com/soukchat/souk/sandbox/torture"
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

// The client's time-out of these tests, in place of 20 seconds: what Stripe
// stalls for ten of is here a little less or more than that.
const impatient = 150 * time.Millisecond

// stumble makes Stripe fail three of ten calls, in every way it can fail.
func (w *world) stumble(d *dice) {
	w.http.Timeout = impatient
	w.stripe.FailWhen(func(_, path string) (stripe.Fault, bool) {
		if d.n(10) >= 3 {
			return stripe.Fault{}, false
		}
		switch d.n(14) {
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
		case 11:
			made := strings.HasSuffix(path, "/expire") || strings.HasSuffix(path, "/cancel") // a key for each call
			return stripe.Fault{Reused: true}, !made                                         // the key is another call's
		case 12:
			return stripe.Fault{Stall: impatient / 3}, true // slow, but in time
		}
		return stripe.Fault{Stall: impatient + 30*time.Millisecond}, true // done, and answered too late
	})
}

// healed checks what must be so one period of the reconciler after Stripe is
// well again: whoever was charged has the goods or the money, nothing that is
// over is still open, and no event or refund is left.
func (w *world) healed() {
	w.Helper()
	w.rest(checkout.Period)
	now := commerce.Micros(w.clock.Now())
	w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
		for what, count := range map[string]string{
			"orders are over and still open": `SELECT COUNT(*) FROM orders WHERE state = 'closing' OR state = 'pending' AND expires_at <= $1`,
			"events are not worked off":      `SELECT COUNT(*) FROM stripe_inbox WHERE done_at = 0 AND received_at <= $1`,
			"refunds are due":                `SELECT COUNT(*) FROM refunds WHERE state = 'due' AND created_at <= $1`,
		} {
			var n int
			if err := tx.Row(count, now).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				w.Errorf("one period after Stripe is well, %d %s", n, what)
			}
		}
		if err := tx.Rows(`SELECT type, tries, problem FROM stripe_inbox WHERE done_at = 0 AND received_at <= $1`, []any{now}, func(scan func(...any) error) error {
			var kind, problem string
			var tries int
			err := scan(&kind, &tries, &problem)
			w.Logf("left in the inbox: %s, tried %d times, %s", kind, tries, problem)
			return err
		}); err != nil {
			return err
		}
		return tx.Rows(`SELECT id, number FROM orders WHERE state = 'pending'`, nil, func(scan func(...any) error) error {
			var id string
			var number int64
			err := scan(&id, &number)
			if w.stripe.Captured(id) > 0 {
				w.Errorf("one period after Stripe is well, order %d is charged and pending", number)
			}
			return err
		})
	}))
}

// settled checks every order on its own, when all has come to rest and nothing
// is faulty any more.
func (w *world) settled() (all, paid int) {
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
	for _, o := range list {
		if o.Total.IsZero() && o.State != orders.Lapsed {
			paid++ // it cost nothing
			continue
		}
		kept := w.stripe.Captured(string(o.ID)) - w.stripe.Refunded(string(o.ID))
		want := int64(0)
		switch o.State {
		case orders.Paid, orders.Shipped:
			want = o.Total.Amount - w.number(`SELECT COALESCE(SUM(amount), 0) FROM refunds WHERE order_id = $1 AND state = 'done'`, o.ID)
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
	return len(list), paid
}

// TestFaults lets members buy, change their minds and pay, and the staff ship
// and cancel, while three of ten calls to Stripe go wrong, webhooks come late,
// twice or never, and two workers run. At rest nothing of it shows. In full it
// is 50,000 checkouts, in shops of 2,000.
func TestFaults(t *testing.T) {
	shops := torture.N(2, 25)
	for _, engine := range databasetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			sum, began := tally{}, time.Now()
			for i := range shops {
				seed := torture.Seed(t) + uint64(i)
				t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
					w := newWorld(t, databasetest.Open(t, engine))
					sum.add(faults(w, newDice(seed), torture.N(120, 2000)))
				})
			}
			torture.Figure(t, "%d checkouts, three in ten calls faulted: %d orders, %d paid, none captured twice or payable in two places, all settled %s after Stripe was well; seed %d, %s",
				sum.checkouts, sum.orders, sum.paid, checkout.Period, torture.Seed(t), time.Since(began).Round(time.Second))
		})
	}
}

// TestKeyForgotten lets Stripe act and fall silent for longer than it keeps
// idempotency keys, over a page it made and over a refund: neither is made
// twice.
func TestKeyForgotten(t *testing.T) {
	each(t, func(w *world) {
		o := w.bought(visa)
		open := w.placed(w.buyer("ben"), w.cart("last", 1))
		w.stripe.Fail(stripe.Fault{On: "POST /v1/", Act: true, Drop: true, Times: -1})
		if _, err := w.shop.Enter(w.ctx, open.Token); !payments.Ambiguous(err) {
			t.Errorf("enter: %v", err)
		}
		w.must(w.shop.Refund(w.ctx, "test", o.ID))
		w.rest()
		if w.stripe.Refunded(string(o.ID)) != o.Total.Amount {
			t.Fatal("the stand-in has not acted")
		}
		w.clock.Wait(25 * time.Hour)
		w.stripe.Heal()
		w.healed()
		w.want(open, orders.Lapsed)
		w.settled()
	})
}

// tally is what came of checkouts.
type tally struct{ checkouts, orders, paid int }

func (t *tally) add(o tally) {
	t.checkouts, t.orders, t.paid = t.checkouts+o.checkouts, t.orders+o.orders, t.paid+o.paid
}

func faults(w *world, d *dice, checkouts int) tally {
	buyers, cards := w.crowd(checkouts)
	carts := [][]live.CartLine{w.cart("ticket", 1), w.cart("ticket", 3, "card", 2), w.cart("cup", 1), w.cart("last", 1), w.cart("cup", 1, "ticket", 2), w.cart("gift", 1)}
	w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE stock SET on_hand = on_hand + $1, free = free + $1`, int64(checkouts/4))
		return err
	}))
	w.shop.Points = func() pricing.PointValue {
		return pricing.PointValue{Per: 100, Worth: 100, Currency: "EUR", MostPPM: 500_000, Step: 100}
	}
	w.stripe.Connect(payee, true)
	w.shop.Payee = func(commerce.BrandID) checkout.Payee {
		return checkout.Payee{Account: payee, Keep: 100_000, Hold: time.Minute}
	}
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
				w.clock.Wait(time.Duration(d.n(3000)) * time.Millisecond)
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
				b := buyers[d.n(len(buyers))]
				w.once(d, b, carts[d.n(len(carts))], cards[b.Member])
			}
		})
	}
	buying.Wait()
	close(stop)
	stopped.Wait()
	w.stripe.Heal()
	w.http.Timeout = 0
	w.healed()
	w.rest(hold + 2*time.Minute)
	orders, paid := w.settled()
	w.paidOut()
	w.read(w.statement()) // and the books are the balance at Stripe
	return tally{checkouts, orders, paid}
}

// paidOut checks that brands have what they get, and that nothing of it waits.
func (w *world) paidOut() {
	w.Helper()
	want := w.number(`SELECT COALESCE(SUM(amount - less), 0) FROM payouts WHERE state = 'sent' AND order_id <> $1`, "")
	if got := w.stripe.Connected(payee, "eur"); got != want || got == 0 {
		w.Errorf("the brand has %d, want %d", got, want)
	}
	if w.number(`SELECT COUNT(*) FROM order_lines WHERE kind = $1`, pricing.KindPoints) == 0 {
		w.Error("nobody spent points")
	}
	if n := w.number(`SELECT COUNT(*) FROM payouts WHERE state NOT IN ('sent', 'void') AND order_id <> $1`, ""); n > 0 {
		w.Errorf("%d payouts were not made", n)
	}
	if n := w.number(`SELECT COUNT(*) FROM payout_reversals WHERE state <> 'done' AND id <> $1`, ""); n > 0 {
		w.Errorf("%d parts of payouts were not taken back", n)
	}
}

// crowd is who buys: a third have a card that Stripe keeps, a third have store
// credit, a quarter have points, and each other one has entered a code.
func (w *world) crowd(checkouts int) (buyers []checkout.Buyer, kept map[commerce.MemberID]payments.Card) {
	kept = map[commerce.MemberID]payments.Card{}
	rule := tenOff("ten", "TEN")
	rule.Limit = int64(checkouts / 3)
	w.promise(rule)
	for i := range 15 {
		var b checkout.Buyer
		name := fmt.Sprint("b", i)
		switch i % 3 {
		case 0:
			var card payments.Card
			b, card = w.keeper(name, visa)
			kept[b.Member] = card
		case 1:
			b = w.buyer(name)
			w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
				_, err := rewards.Post(tx, w.clock.Now(), rewards.Posting{ID: "grant:" + name, Memo: "grant", Entries: []rewards.Entry{
					{Account: rewards.Goodwill, Amount: euros(5000)}, {Account: rewards.Credit(b.Member), Amount: euros(-5000)}}})
				return err
			}))
		default:
			b = w.buyer(name)
		}
		if i%4 == 3 {
			w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
				points := commerce.Money{Amount: 5000, Currency: rewards.PointsCurrency}
				_, err := rewards.Post(tx, w.clock.Now(), rewards.Posting{ID: "points:" + name, Memo: "grant", Entries: []rewards.Entry{
					{Account: rewards.PointsIssued, Amount: points}, {Account: rewards.Points(b.Member), Amount: commerce.Money{Amount: -5000, Currency: points.Currency}}}})
				return err
			}))
			w.must(w.shop.SpendPoints(w.ctx, b.Member, true))
		}
		if i%2 == 0 {
			w.must(w.enter(b, "ten"))
		}
		buyers = append(buyers, b)
	}
	return buyers, kept
}

// once is one visit to the checkout, whatever comes of it: by the page with a
// card that may be declined, or, where kept is one, with the kept card.
func (w *world) once(d *dice, b checkout.Buyer, cart []live.CartLine, kept payments.Card) {
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
		if kept.ID != "" && d.n(2) == 0 {
			out, err := w.shop.Charge(w.ctx, b.Member, o.ID, kept.ID)
			// The card may be typed anew on a page at this moment: the one kept
			// before is forgotten then, and refused.
			if !expected(err) && !errors.Is(err, payments.ErrCard) && !errors.Is(err, orders.ErrNotFound) && w.clock.Now().Before(o.ExpiresAt) {
				w.Errorf("charge: %v", err)
			}
			if err == nil && out.Order.State == orders.Paid {
				break
			}
			continue
		}
		card := []string{visa, visa, visa, declined, "4000000000009995"}[d.n(5)]
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
		w.clock.Wait(time.Duration(d.n(10)) * time.Minute)
	case 2, 3:
		events := w.stripe.Events()
		for _, e := range events[max(0, len(events)-200):] {
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
		func(ctx context.Context) error {
			_, err := w.shop.RefundPart(ctx, "d", o.ID, checkout.Giving{Amount: euros(1 + int64(d.n(900))), Seen: -1})
			if errors.Is(err, checkout.ErrTooMuch) {
				return nil // others were faster
			}
			return err
		},
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
	for _, known := range []error{nil, stock.ErrSoldOut, checkout.ErrQuoteChanged, checkout.ErrClosing, checkout.ErrJustPaid, checkout.ErrState, rewards.ErrShort} {
		if errors.Is(err, known) {
			return true
		}
	}
	return commerce.KindOf(err) == commerce.Unavailable
}

// TestTwoPages lets Stripe make a second page of one payment after the first
// was closed, as two who ask at once may have it do while it keeps failing.
// Nobody is given its address, so its end changes nothing: no event is left,
// and the order is paid on a page of its own.
func TestTwoPages(t *testing.T) {
	each(t, func(w *world) {
		o := w.placed(w.buyer("ann"), w.cart("cup", 1))
		w.page(o)
		var p payments.Payment
		w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
			all, err := payments.OfOrder(tx, o.ID)
			p = all[0]
			return err
		}))
		_, err := w.shop.Stripe.Expire(w.ctx, p.Session)
		w.must(err)
		second, err := w.shop.Stripe.Open(w.ctx, payments.Checkout{Order: o.ID, Payment: p.ID, Key: "another", Total: o.Total,
			Lines: []payments.Line{{Name: "Cup", Amount: o.Total}}, Expires: p.CreatedAt.Add(time.Hour), Success: "https://shop.example.com/done", Cancel: "https://shop.example.com/back"})
		w.must(err)
		if second.ID == p.Session {
			t.Fatal("it is the same page")
		}
		_, err = w.shop.Stripe.Expire(w.ctx, second.ID)
		w.must(err)
		w.hear(1)
		var left int
		w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
			return tx.Row(`SELECT COUNT(*) FROM stripe_inbox WHERE done_at = 0`).Scan(&left)
		}))
		if left != 0 {
			t.Errorf("%d events are left", left)
		}
		if out, err := w.stripe.Pay(w.page(o), visa); err != nil || out.Status != "paid" {
			t.Fatalf("the page after that: %+v, %v", out, err)
		}
		w.hear(1)
		w.want(o, orders.Paid)
	})
}
