package checkout_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
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
	asksOnce = "4000002500003155"
	asks     = "4000002760003184"
)

// keeper is a buyer whose card Stripe keeps: they have bought with it once.
func (w *world) keeper(name, card string) (checkout.Buyer, payments.Card) {
	w.Helper()
	b := w.buyer(name)
	w.must(w.shop.KeepCards(w.ctx, b.Member, true))
	o := w.placed(b, w.cart("card", 1))
	page := w.page(o)
	out, err := w.stripe.Pay(page, card)
	w.must(err)
	if out.Status == "requires_action" {
		_, err = w.stripe.Authenticate(page[strings.LastIndex(page, "/")+1:], true)
		w.must(err)
	}
	w.hear(1)
	w.want(o, orders.Paid)
	purse, err := w.shop.Wallet(w.ctx, b.Member)
	w.must(err)
	kept, ok := purse.First(w.clock.Now())
	if !ok || kept.Last4 != card[len(card)-4:] || kept.Brand != "Visa" || !kept.Preferred {
		w.Fatalf("kept: %+v", purse)
	}
	return b, kept
}

func (w *world) charge(b checkout.Buyer, o orders.Order, card payments.Card) checkout.Charged {
	w.Helper()
	out, err := w.shop.Charge(w.ctx, b.Member, o.ID, card.ID)
	w.must(err)
	return out
}

func TestOneTap(t *testing.T) {
	each(t, func(w *world) {
		b, card := w.keeper("ann", visa)
		b.Direct = true
		o := w.placed(b, w.cart("cup", 2))
		for range 2 { // a double tap
			if out := w.charge(b, o, card); out.Order.State != orders.Paid || !out.Order.Direct || out.Decline != "" || out.Asks {
				t.Fatalf("charged: %+v", out)
			}
		}
		w.hear(3)
		if n := w.stripe.Captures(string(o.ID)); n != 1 {
			t.Errorf("captured %d times", n)
		}
		w.must(w.shop.Refund(w.ctx, "staff", o.ID)) // it goes back as any other money
		w.rest()
		if kept := w.stripe.Captured(string(o.ID)) - w.stripe.Refunded(string(o.ID)); kept != 0 {
			t.Errorf("Stripe keeps %d", kept)
		}
		if _, err := w.shop.Charge(w.ctx, w.buyer("ben").Member, o.ID, card.ID); commerce.KindOf(err) != commerce.NotFound {
			t.Errorf("another member's order and card: %v", err)
		}
	})
}

// TestSecondPress: a confirmation pressed again, from wherever, after it was
// paid too, is the same order.
func TestSecondPress(t *testing.T) {
	each(t, func(w *world) {
		b, card := w.keeper("ann", visa)
		b.Direct, b.Once = true, "pay:ann:1"
		cart := w.cart("ticket", 1)
		r, err := w.shop.Review(w.ctx, b, cart)
		w.must(err)
		press := func() commerce.OrderID {
			o, err := w.shop.Place(w.ctx, b, cart, r.Quote.Digest())
			if err != nil {
				w.Errorf("place: %v", err)
				return ""
			}
			if o.State == orders.Pending {
				if _, err := w.shop.Charge(w.ctx, b.Member, o.ID, card.ID); !expected(err) {
					w.Errorf("charge: %v", err)
				}
			}
			return o.ID
		}
		first := press()
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				if again := press(); again != first {
					w.Errorf("the second press is order %s, the first %s", again, first)
				}
			})
		}
		all.Wait()
		b.Once = "pay:ann:2" // six devices at once, none before the others
		for range 6 {
			all.Go(func() { press() })
		}
		all.Wait()
		w.rest(hold + time.Minute)
		if n := w.stripe.Captured("") / 700; n != 2 { // and the one that kept the card, of 2.50
			t.Errorf("%d tickets were paid, want 2", n)
		}
		w.settled()
	})
}

// TestOneTapAtOnce lets ten devices pay one order, with the kept card and on
// Stripe's page, while it is given up and its hold ends.
func TestOneTapAtOnce(t *testing.T) {
	each(t, func(w *world) {
		b, card := w.keeper("ann", visa)
		for round := range 8 {
			o := w.placed(b, w.cart("ticket", 1))
			var all sync.WaitGroup
			for i := range 10 {
				all.Go(func() {
					var err error
					switch {
					case i < 6:
						_, err = w.shop.Charge(w.ctx, b.Member, o.ID, card.ID)
					case i < 8:
						var e checkout.Entry
						if e, err = w.shop.Enter(w.ctx, o.Token); err == nil && e.Redirect != "" {
							w.stripe.Pay(e.Redirect, visa)
						}
					case i == 8 && round%2 == 1:
						err = w.shop.CancelPending(w.ctx, b.Member, o.ID)
					case i == 9 && round%4 == 3:
						w.clock.Wait(hold)
					}
					if !expected(err) {
						w.Errorf("device %d: %v", i, err)
					}
				})
			}
			all.Wait()
			w.hear(2)
			w.rest(hold + time.Minute)
			if n := w.stripe.Captures(string(o.ID)); n > 1 {
				t.Errorf("captured %d times", n)
			}
		}
		w.settled()
	})
}

func TestCardAsks(t *testing.T) {
	each(t, func(w *world) {
		b, card := w.keeper("ann", asks)
		o := w.placed(b, w.cart("cup", 1))
		if out := w.charge(b, o, card); !out.Asks || out.Order.State != orders.Pending {
			t.Fatalf("charged: %+v", out)
		}
		e, err := w.shop.Enter(w.ctx, o.Token)
		w.must(err)
		id := e.Redirect[strings.LastIndex(e.Redirect, "/")+1:]
		if !strings.HasPrefix(id, "pi_") {
			t.Fatalf("the pay link leads to %q", e.Redirect)
		}
		// They fail, and are told; the hold stays, and another try is another intent.
		w.stripe.AuthenticateIntent(id, false)
		w.hear(2)
		w.want(o, orders.Pending)
		if n := w.told(notices.OrderDeclined); n != 1 {
			t.Errorf("told %d times", n)
		}
		if out := w.charge(b, o, card); !out.Asks {
			t.Fatalf("charged again: %+v", out)
		}
		e, err = w.shop.Enter(w.ctx, o.Token)
		w.must(err)
		second := e.Redirect[strings.LastIndex(e.Redirect, "/")+1:]
		if second == id {
			t.Error("the same intent is asked about again")
		}
		w.stripe.AuthenticateIntent(second, true)
		w.must(w.shop.Ask(w.ctx, o.ID)) // no webhook: they come back from the page
		w.want(o, orders.Paid)
	})
}

// TestDeclinedAndUnanswered loses the answer when a declined payment is closed:
// its member is told all the same, once.
func TestDeclinedAndUnanswered(t *testing.T) {
	each(t, func(w *world) {
		b, card := w.keeper("ann", asks)
		o := w.placed(b, w.cart("cup", 1))
		if out := w.charge(b, o, card); !out.Asks {
			t.Fatalf("charged: %+v", out)
		}
		e, err := w.shop.Enter(w.ctx, o.Token)
		w.must(err)
		var lost atomic.Int64
		w.stripe.FailWhen(func(_, path string) (stripe.Fault, bool) {
			return stripe.Fault{Act: true, Status: 500}, strings.HasSuffix(path, "/cancel") && lost.Add(1) == 1
		})
		w.stripe.AuthenticateIntent(e.Redirect[strings.LastIndex(e.Redirect, "/")+1:], false)
		w.hear(2)
		w.rest(2 * time.Minute)
		if n := w.told(notices.OrderDeclined); n != 1 || lost.Load() == 0 {
			t.Errorf("told %d times, %d answers lost", n, lost.Load())
		}
		w.want(o, orders.Pending)
	})
}

// TestAskedAndLeft: the hold of an order whose card waits for its holder ends,
// and what they confirm later takes no money.
func TestAskedAndLeft(t *testing.T) {
	each(t, func(w *world) {
		b, card := w.keeper("ann", asks)
		o := w.placed(b, w.cart("last", 1))
		w.charge(b, o, card)
		e, err := w.shop.Enter(w.ctx, o.Token)
		w.must(err)
		w.rest(hold + time.Minute)
		w.want(o, orders.Lapsed)
		if w.stripe.AuthenticateIntent(e.Redirect[strings.LastIndex(e.Redirect, "/")+1:], true) {
			t.Error("a closed payment can be confirmed")
		}
		if w.free("last") != 1 {
			t.Error("the unit is still held")
		}
	})
}

func TestDeclinedThenAnotherWay(t *testing.T) {
	each(t, func(w *world) {
		b, card := w.keeper("ann", visa)
		w.stripe.Block("4242", "insufficient_funds")
		o := w.placed(b, w.cart("last", 1))
		if out := w.charge(b, o, card); out.Decline != "insufficient_funds" || out.Order.State != orders.Pending {
			t.Fatalf("charged: %+v", out)
		}
		if w.free("last") != 0 {
			t.Error("the hold is gone")
		}
		if status := w.pay(o, "5555555555554444"); status != "paid" {
			t.Fatalf("on the page: %s", status)
		}
		w.hear(1)
		w.want(o, orders.Paid)
		purse, err := w.shop.Wallet(w.ctx, b.Member)
		w.must(err)
		if len(purse.Cards) != 2 || purse.Cards[0].Brand != "Mastercard" {
			t.Errorf("the newest card is proposed first: %+v", purse)
		}
		w.must(w.shop.PreferCard(w.ctx, b.Member, card.ID))
		w.must(w.shop.RemoveCard(w.ctx, b.Member, purse.Cards[0].ID))
		w.rest()
		if purse, err = w.shop.Wallet(w.ctx, b.Member); err != nil || len(purse.Cards) != 1 || purse.Cards[0].ID != card.ID {
			t.Errorf("left: %+v, %v", purse, err)
		}
	})
}

// TestConsent: nothing is kept without it, and all is forgotten with it.
func TestConsent(t *testing.T) {
	each(t, func(w *world) {
		b := w.buyer("ann")
		o := w.placed(b, w.cart("card", 1))
		w.pay(o, visa)
		w.hear(1)
		if purse, err := w.shop.Wallet(w.ctx, b.Member); err != nil || len(purse.Cards) != 0 {
			t.Fatalf("kept without consent: %+v, %v", purse, err)
		}
		b, _ = w.keeper("ben", asksOnce)
		w.must(w.shop.KeepCards(w.ctx, b.Member, false))
		w.rest()
		purse, err := w.shop.Wallet(w.ctx, b.Member)
		if err != nil || len(purse.Cards) != 0 || purse.Consent {
			t.Errorf("after the consent was withdrawn: %+v, %v", purse, err)
		}
		if n := w.stripe.Attached(); n != 0 {
			t.Errorf("Stripe still keeps %d cards", n)
		}
	})
}

// TestOneTapFaults buys with a kept card while every call to Stripe fails in
// every way in turn, and its keys are forgotten in between.
func TestOneTapFaults(t *testing.T) {
	each(t, func(w *world) {
		b, card := w.keeper("ann", visa)
		for _, f := range []stripe.Fault{{Act: true, Drop: true}, {Drop: true}, {Status: 500}, {Status: 500, Act: true}, {Status: 409}, {Status: 429}, {Reused: true}} {
			for _, f.On = range []string{"POST /v1/payment_intents", "GET /v1/payment_intents"} {
				for nth := range 2 {
					o := w.placed(b, w.cart("ticket", 1))
					w.stripe.FailWhen(skip(f, nth))
					if _, err := w.shop.Charge(w.ctx, b.Member, o.ID, card.ID); !expected(err) {
						t.Errorf("%+v: %v", f, err)
					}
					w.stripe.Heal()
					w.stripe.ForgetKeys()
					if nth == 1 {
						w.charge(b, o, card) // they try again
					}
					w.hear(1)
					w.rest(hold + time.Minute)
					if n := w.stripe.Captures(string(o.ID)); n > 1 {
						t.Errorf("%+v: captured %d times", f, n)
					}
				}
			}
		}
		w.settled()
	})
}

// skip makes a fault hit the call after the first n that fit it.
func skip(f stripe.Fault, n int) func(method, path string) (stripe.Fault, bool) {
	var mu sync.Mutex
	return func(method, path string) (stripe.Fault, bool) {
		mu.Lock()
		defer mu.Unlock()
		if !strings.HasPrefix(method+" "+path, f.On) {
			return stripe.Fault{}, false
		}
		n--
		return f, n == -1
	}
}

// TestCardsBelongToPeople: linked accounts share their cards, the erased leave
// none.
func TestCardsBelongToPeople(t *testing.T) {
	each(t, func(w *world) {
		ann, _ := w.keeper("ann", visa)
		ben, _ := w.keeper("ben", visa)
		w.people.OnLink(orders.Link)
		w.people.OnLink(payments.Link)
		w.people.OnErase(func(tx *database.Tx, m commerce.MemberID) error { return payments.Erase(tx, m, w.clock.Now()) })
		w.must(w.people.Link(w.ctx, ann.Member, ben.Member))
		w.clock.Wait(time.Minute)
		purse, err := w.shop.Wallet(w.ctx, ann.Member)
		if err != nil || len(purse.Cards) != 2 || !purse.Cards[0].Preferred || purse.Cards[1].Preferred {
			t.Fatalf("linked: %+v, %v", purse, err)
		}
		for _, card := range purse.Cards { // each is another customer's at Stripe
			if out := w.charge(ann, w.placed(ann, w.cart("card", 1)), card); out.Order.State != orders.Paid {
				t.Errorf("with %s: %+v", card.Last4, out)
			}
		}
		w.must(w.people.Erase(w.ctx, ann.Member))
		w.rest()
		if n := w.stripe.Attached(); n != 0 {
			t.Errorf("Stripe still keeps %d cards", n)
		}
	})
}

// TestChargeOthersOrder: somebody who knows the id of another's order and has a
// card of their own learns nothing by it, and pays nothing.
func TestChargeOthersOrder(t *testing.T) {
	each(t, func(w *world) {
		o := w.placed(w.buyer("ann"), w.cart("cup", 1))
		ben, card := w.keeper("ben", visa)
		out, err := w.shop.Charge(w.ctx, ben.Member, o.ID, card.ID)
		if !errors.Is(err, orders.ErrNotFound) || out.Order.ID != "" {
			t.Errorf("%+v, %v", out, err)
		}
		w.hear(1)
		w.want(o, orders.Pending)
	})
}

// TestCardGone: the card was taken away on Stripe's pages. It is not charged,
// not proposed again, and the order can be paid in another way.
func TestCardGone(t *testing.T) {
	each(t, func(w *world) {
		b, card := w.keeper("ann", visa)
		w.must(w.shop.Stripe.Forget(w.ctx, card.Method))
		o := w.placed(b, w.cart("cup", 1))
		if _, err := w.shop.Charge(w.ctx, b.Member, o.ID, card.ID); !errors.Is(err, payments.ErrCard) {
			t.Errorf("charged: %v", err)
		}
		purse, err := w.shop.Wallet(w.ctx, b.Member)
		if err != nil || len(purse.Cards) != 0 {
			t.Errorf("it is still proposed: %+v, %v", purse, err)
		}
		w.pay(o, visa)
		w.hear(1)
		w.want(o, orders.Paid)
	})
}
