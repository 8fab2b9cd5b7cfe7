package checkout_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/sandbox/torture"
)

// late is one who pays near the end of their hold.
type late struct {
	o      orders.Order
	pay    func() (took, error)
	hook   int  // the webhook comes at once (0), late (1) or never (2)
	scarce bool // somebody waits for the goods
	took   took
}

// TestPayAtTheDeadline pays from 5 seconds before the end of the hold to 5
// seconds after it, in steps, while the worker closes what is over; the
// webhook comes at once, a minute and a half later, or never (where nobody else
// can be asked: when the order has long lapsed). Whoever was
// charged has the goods or the money; where the goods were free all the while
// it is the goods.
func TestPayAtTheDeadline(t *testing.T) {
	const span = 5 * time.Second
	steps := torture.N(40, 1000)
	for _, way := range ways {
		t.Run(string(way.kind), func(t *testing.T) {
			for _, engine := range databasetest.Engines() {
				t.Run(engine, func(t *testing.T) {
					atTheDeadline(newWorld(t, databasetest.Open(t, engine)), way, span, 2*span/time.Duration(steps))
				})
			}
		})
	}
}

func atTheDeadline(w *world, way way, span, step time.Duration) {
	n, begin, began := 3*int(2*span/step)+3, w.clock.Now(), time.Now()
	w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
		// Nothing is left of the cups once all have theirs.
		cup, _ := w.goods.ByHandle("acme", "cup")
		if _, err := tx.Exec(`UPDATE stock SET on_hand = $2, free = $2 WHERE variant_id = $1`, cup.Variants[0].ID, int64((n+1)/2)); err != nil {
			return err
		}
		ticket, _ := w.goods.ByHandle("acme", "ticket")
		_, err := tx.Exec(`UPDATE stock SET on_hand = $2, free = $2 WHERE variant_id = $1`, ticket.Variants[0].ID, int64(n))
		return err
	}))
	var all []*late
	for at := -span; at <= span; at += step {
		w.clock.Set(begin.Add(span + at)) // so its hold ends at begin+hold+span+at
		for hook := range 3 {
			l := &late{hook: hook, scarce: len(all)%2 == 0}
			b := w.buyer(fmt.Sprint("m", len(all)))
			l.o = w.placed(b, w.cart(map[bool]string{true: "cup", false: "ticket"}[l.scarce], 1))
			l.pay = way.begin(w, b, l.o)
			all = append(all, l)
		}
	}
	thief := w.buyer("thief")
	before := len(w.stripe.Events())
	w.clock.Set(begin.Add(hold + span)) // the middle one's deadline
	todo := make(chan *late, len(all))
	for _, i := range rand.New(rand.NewPCG(torture.Seed(w.T), 5)).Perm(len(all)) {
		todo <- all[i]
	}
	close(todo)
	pay := func() {
		for l := range todo {
			time.Sleep(time.Duration(rand.IntN(4)) * time.Millisecond)
			var err error
			if l.took, err = l.pay(); err != nil {
				w.Error(err)
			}
		}
	}
	work := func() {
		for range 12 + len(all)/50 {
			if _, err := w.shop.Step(w.ctx); err != nil {
				w.Error(err)
			}
		}
	}
	together(pay, work, work)
	hear := func(hook int) {
		events := w.eventsByOrder(before)
		for _, l := range all {
			if l.hook != hook {
				continue
			}
			if l.took.tell != nil {
				w.must(l.took.tell())
			}
			for _, e := range events[l.o.ID] {
				if hook < 2 {
					w.receive(e)
				}
			}
		}
	}
	steal := func() { // what has become free of the cups goes to somebody else
		for free := w.free("cup"); free > 0; free = w.free("cup") {
			o := w.placed(thief, w.cart("cup", int(min(free, 50))))
			w.pay(o, visa)
			w.must(w.shop.Ask(w.ctx, o.ID))
		}
	}
	hear(0)
	w.rest()
	steal()
	w.rest(90 * time.Second)
	hear(1)
	w.rest(checkout.Period + payments.PinTime)
	steal()
	hear(2)
	w.rest(checkout.Period)
	charged, closed, back := 0, 0, 0
	for _, l := range all {
		switch state := w.state(l.o); {
		case l.took.money && state == orders.Paid:
			charged++
		case l.took.money && state == orders.Refunded && l.scarce:
			back++
		case !l.took.money && state == orders.Lapsed:
			closed++
		default:
			w.Errorf("money taken: %t, goods scarce: %t, the order is %s", l.took.money, l.scarce, state)
		}
	}
	if charged < len(all)/4 {
		w.Errorf("%d charged of %d", charged, len(all))
	}
	if way.kind == payments.KindSession { // of others Stripe does not know the order
		w.settled()
	}
	w.invariants()
	torture.Figure(w.T, "%d payments by %s from 5 s before to 5 s after the deadline in steps of %s: %d have the goods, %d their money back, %d were closed before; seed %d, %s",
		len(all), way.kind, step, charged, back, closed, torture.Seed(w.T), time.Since(began).Round(time.Second))
}
