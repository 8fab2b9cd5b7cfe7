package checkout_test

// The shapes of attack that are known from the literature on shops (Warszawski
// and Bailis, "ACIDRain", SIGMOD 2017): two requests at once that each are
// right alone. Each is tried many times over, on every engine.

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/commerce/stock"
	"github.com/soukchat/souk/sandbox/torture"
)

// rounds runs a round so many times on every engine, and says how many.
func rounds(t *testing.T, what string, quick int, begin func(w *world) (round func(i int))) {
	each(t, func(w *world) {
		began, n := time.Now(), torture.N(quick, 10_000)
		round := begin(w)
		for i := range n {
			if round(i); w.Failed() {
				w.Fatalf("in round %d", i)
			}
		}
		torture.Figure(w.T, "%d rounds of %s: none got through, %s", n, what, time.Since(began).Round(time.Second))
	})
}

// atOnce does all of it at the same moment, and waits.
func atOnce(do ...func()) {
	var wg sync.WaitGroup
	gate := make(chan struct{})
	for _, f := range do {
		wg.Go(func() { <-gate; f() })
	}
	close(gate)
	wg.Wait()
}

// TestAttackLastUnit: three want the last unit at the same moment.
func TestAttackLastUnit(t *testing.T) {
	rounds(t, "three for the last unit", 60, func(w *world) func(int) {
		buyers := []checkout.Buyer{w.buyer("a"), w.buyer("b"), w.buyer("c")}
		cart := w.cart("last", 1)
		r, err := w.shop.Review(w.ctx, buyers[0], cart)
		w.must(err)
		return func(i int) {
			var won sync.Map
			var sold, out atomic.Int64
			try := func(b checkout.Buyer) func() {
				return func() {
					o, err := w.shop.Place(w.ctx, b, cart, r.Quote.Digest())
					switch {
					case err == nil:
						sold.Add(1)
						won.Store(b, o)
					case errors.Is(err, stock.ErrSoldOut):
						out.Add(1)
					default:
						w.Error(err)
					}
				}
			}
			atOnce(try(buyers[0]), try(buyers[1]), try(buyers[2]))
			if sold.Load() != 1 || out.Load() != 2 || w.free("last") != 0 {
				w.Errorf("the last unit was given to %d, refused to %d, %d are free", sold.Load(), out.Load(), w.free("last"))
			}
			won.Range(func(b, o any) bool { // and is given back
				w.must(w.shop.CancelPending(w.ctx, b.(checkout.Buyer).Member, o.(orders.Order).ID))
				return true
			})
		}
	})
}

// TestAttackSpentTwice: what one account holds is spent by two orders at the
// same moment: store credit, points and a gift card alike.
func TestAttackSpentTwice(t *testing.T) {
	rounds(t, "one balance spent by two orders", 100, func(w *world) func(int) {
		const worth = 1000
		accounts := []rewards.Entry{
			{Account: rewards.Credit("m"), Amount: commerce.Money{Amount: worth, Currency: "EUR"}},
			{Account: rewards.GiftCard("g"), Amount: commerce.Money{Amount: worth, Currency: "EUR"}},
			{Account: rewards.Points("m"), Amount: commerce.Money{Amount: worth, Currency: rewards.PointsCurrency}},
		}
		against := []rewards.Account{rewards.Goodwill, rewards.Goodwill, rewards.PointsIssued}
		for i, e := range accounts {
			owe, have := e, rewards.Entry{Account: against[i], Amount: e.Amount}
			owe.Amount.Amount = -worth
			w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
				_, err := rewards.Post(tx, w.clock.Now(), rewards.Posting{ID: fmt.Sprint("grant", i), Entries: []rewards.Entry{have, owe}})
				return err
			}))
		}
		return func(i int) {
			e := accounts[i%len(accounts)]
			part := e.Amount
			part.Amount = worth/2 + 1 // twice that is more than there is
			var held atomic.Int64
			ids := []commerce.OrderID{commerce.OrderID(fmt.Sprint("x", i)), commerce.OrderID(fmt.Sprint("y", i))}
			hold := func(id commerce.OrderID) func() {
				return func() {
					err := w.db.Write(w.ctx, func(tx *database.Tx) error { return rewards.Hold(tx, id, e.Account, part) })
					if err == nil {
						held.Add(1)
					} else if !errors.Is(err, rewards.ErrShort) {
						w.Error(err)
					}
				}
			}
			atOnce(hold(ids[0]), hold(ids[1]))
			if held.Load() != 1 {
				w.Errorf("%s of %s was held by %d orders", part, e.Account, held.Load())
			}
			w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
				return errors.Join(rewards.Unhold(tx, ids[0]), rewards.Unhold(tx, ids[1]))
			}))
			if free, err := rewards.FreeOf(w.ctx, w.db, e.Account, e.Amount.Currency); err != nil || free != e.Amount {
				w.Errorf("%s has %s free, %v", e.Account, free, err)
			}
		}
	})
}

// TestAttackCartGrows: a second device puts more into the cart while the first
// agrees to the quote, and agrees to it as well. Nobody gets the large cart for
// the small one's price, and one order at most is open.
func TestAttackCartGrows(t *testing.T) {
	rounds(t, "a cart that grows during checkout", 40, func(w *world) func(int) {
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE stock SET on_hand = on_hand + 100000, free = free + 100000`)
			return err
		}))
		ann := w.buyer("ann")
		small, large := w.cart("ticket", 1), w.cart("ticket", 1, "cup", 5)
		a, err := w.shop.Review(w.ctx, ann, small)
		w.must(err)
		b, err := w.shop.Review(w.ctx, ann, large)
		w.must(err)
		return func(i int) {
			var mu sync.Mutex
			var placed []orders.Order
			keep := func(o orders.Order, err error) {
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					placed = append(placed, o)
				} else if !expected(err) {
					w.Error(err)
				}
			}
			atOnce(
				func() { keep(w.shop.Place(w.ctx, ann, small, a.Quote.Digest())) },
				func() {
					if _, err := w.shop.Place(w.ctx, ann, large, a.Quote.Digest()); !errors.Is(err, checkout.ErrQuoteChanged) {
						w.Errorf("the large cart at the small one's quote: %v", err)
					}
				},
				func() { keep(w.shop.Place(w.ctx, ann, large, b.Quote.Digest())) },
			)
			open := 0
			for _, o := range placed {
				now, err := w.shop.Orders().Get(w.ctx, o.ID)
				w.must(err)
				want := a.Quote
				if len(now.Lines) != len(a.Quote.Lines) {
					want = b.Quote
				}
				if now.Total != want.Total || now.Quote != want.Digest() {
					w.Errorf("an order of %d lines costs %s, want %s", len(now.Lines), now.Total, want.Total)
				}
				if now.State == orders.Pending {
					open++
					if i%20 == 0 { // and is paid: Stripe is asked for that much
						w.pay(now, visa)
						w.must(w.shop.Ask(w.ctx, now.ID))
						if n := w.stripe.Captured(string(now.ID)); n != want.Total.Amount {
							w.Errorf("%d was captured, want %s", n, want.Total)
						}
						continue
					}
					if err := w.shop.CancelPending(w.ctx, ann.Member, now.ID); !expected(err) {
						w.Error(err)
					}
				}
			}
			if open > 1 || len(placed) == 0 {
				w.Errorf("%d of %d orders are open", open, len(placed))
			}
		}
	})
}
