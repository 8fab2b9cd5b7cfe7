package app

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/sandbox/stripe"
	"github.com/soukchat/souk/sandbox/torture"
)

// groupStorm is a group price whose processes die while it closes.
type groupStorm struct {
	*claimStorm
	dice           *rand.Rand
	shop           *App // sells, and does no other work
	joined, gone   map[commerce.OrderID]bool
	midst          int // how often all died while a card was captured or released
	captured, shut int
}

// TestGroupStorm closes group prices while processes are killed, one after the
// other, as they fix the price, capture and release, and while answers of Stripe
// are lost: all who joined pay the same price, once each, or nobody does.
func TestGroupStorm(t *testing.T) {
	for _, engine := range databasetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			began, kills, midst, captured, shut := time.Now(), 0, 0, 0, 0
			rounds, people := torture.N(2, 20), torture.N(16, 200)
			for round := range rounds {
				t.Run("", func(t *testing.T) {
					s := &groupStorm{claimStorm: &claimStorm{}, dice: rand.New(rand.NewPCG(torture.Seed(t), uint64(round))), joined: map[commerce.OrderID]bool{}, gone: map[commerce.OrderID]bool{}}
					s.storm(t, databasetest.URL(t, engine), people, round%2 == 1)
					kills, midst, captured, shut = kills+s.kills, midst+s.midst, captured+s.captured, shut+s.shut
				})
			}
			torture.Figure(t, "%d group prices that up to %d joined, half of them missed, %d times kill -9 while they closed, %d times all of them in the midst of a call: %d captured, once each and all of one drop at one price, %d released, books at zero; seed %d, %s",
				rounds, people, kills, midst, captured, shut, torture.Seed(t), time.Since(began).Round(time.Second))
		})
	}
}

func (s *groupStorm) storm(t *testing.T, url string, people int, missed bool) {
	s.town = newTown(t, url, fmt.Sprintf("ticket,Ticket,true,T,shopify,%d,9.00,false,active\n", people), nil)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
	defer cancel()
	s.ctx = ctx
	text, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	least, more := 2, people/2
	if missed {
		least, more = people-1, people // one at least has left
	}
	day := s.Now().UTC()
	s.write("souk.yaml", string(text)+fmt.Sprintf("drops: {jug: {title: Storm, brand: leaf, product: ticket, mode: group, units: %d, opens: %s 12:00, closes: %s 12:00, steps: [{joined: %d, price: 8}, {joined: %d, price: 7}]}}\n",
		people, day.AddDate(0, 0, -1).Format(time.DateOnly), day.AddDate(0, 0, 2).Format(time.DateOnly), least, more))
	s.drop = commerce.PublicID("drop", "jug")
	log := &lines{}
	s.slots = []*process{s.start(log, true), s.start(log, true)}
	s.db = s.open()
	s.until(s.db, map[string]string{"not announced yet": `SELECT 1 - COUNT(*) FROM drops`})
	s.until(s.db, map[string]string{"not told yet": `SELECT COUNT(*) FROM notices WHERE kind = 'drop.post' AND state IN ('due', 'sending')`})
	s.hurry(5 * time.Minute)
	s.until(s.db, map[string]string{"not open yet": `SELECT 1 - COUNT(*) FROM drops WHERE state = 'open'`})
	s.shop = (&storm{town: s.town}).beside()
	defer s.shop.Close()
	s.join(people - 1)

	// Some leave, of some the bank takes back what it had authorised, of which
	// nobody has heard yet.
	for i, o := range slices.Sorted(maps.Keys(s.joined)) {
		switch n := s.dice.IntN(8); {
		case n == 0 && i > 0:
			s.stripe.Lose(string(o))
			s.gone[o] = true
		case n == 1 || i == 0:
			if err := s.leave(o); err != nil {
				t.Error(err)
			}
			delete(s.joined, o)
		}
	}
	// While every third card is captured or released, all processes die.
	now, calls := make(chan struct{}, 1), atomic.Int64{}
	s.stripe.FailWhen(func(method, path string) (stripe.Fault, bool) {
		if method == "POST" && (strings.HasSuffix(path, "/capture") || strings.HasSuffix(path, "/cancel")) && calls.Add(1)%3 == 2 {
			select {
			case now <- struct{}{}:
				return stripe.Fault{Stall: time.Second, Drop: calls.Load()%2 == 0, Act: calls.Load()%4 == 0}, true
			default: // they die already
			}
		}
		return stripe.Fault{Stall: 50 * time.Millisecond}, true
	})
	for _, acts := range []bool{true, false} {
		s.stripe.Fail(stripe.Fault{On: "POST /v1/payment_intents", Act: acts, Drop: true, Times: people / 8})
	}
	s.hurry(3 * 24 * time.Hour)
	for most := torture.N(3, 30); s.ctx.Err() == nil && !s.over(); {
		dead := []int{s.dice.IntN(len(s.slots))}
		select {
		case <-now:
			s.midst++
			dead = []int{0, 1}
		case <-time.After(time.Duration(s.dice.Int64N(int64(time.Second)))):
		}
		if s.midst >= most {
			s.stripe.FailWhen(nil)
		}
		for _, i := range dead {
			s.lose(i).kill()
			s.kills++
		}
		for _, i := range dead {
			s.slots[i] = s.start(log, true)
		}
		s.hurry(15 * time.Second) // what they had begun is taken up
	}
	s.stripe.FailWhen(nil)
	s.hurry(2 * time.Minute)
	// As in the storm of claims: one process may have taken the jump of another's
	// clock for how long it must wait to send.
	time.Sleep(3 * time.Second)
	s.hurry(2 * time.Minute)
	s.rest(s.db)
	for _, p := range s.slots {
		p.stdin.Close()
		if err := p.cmd.Wait(); err != nil {
			t.Errorf("a process did not end well: %v", err)
		}
	}
	s.check(missed)
}

// join has members claim a unit and authorise their cards.
func (s *groupStorm) join(n int) {
	s.Helper()
	snap, err := s.shop.Catalog.Snapshot(s.ctx)
	if err != nil {
		s.Fatal(err)
	}
	ticket := snap.Products(nil)[0].Variants[0]
	var all sync.WaitGroup
	todo := make(chan int, n)
	for i := range n {
		todo <- i
	}
	close(todo)
	for range 4 {
		all.Go(func() {
			for i := range todo {
				if err := s.joinOne(fmt.Sprint(70_000+i), ticket.ID); err != nil {
					s.Error(err)
				}
			}
		})
	}
	all.Wait()
	s.until(s.db, map[string]string{"not joined yet": `SELECT COUNT(*) FROM orders WHERE held_at = 0`})
}

func (s *groupStorm) joinOne(account string, v commerce.VariantID) error {
	m, err := s.shop.Members.Meet(s.ctx, members.Seen{Platform: "telegram", Account: account, Name: "P", Locale: "en", Bot: "tg"})
	if err != nil {
		return err
	}
	e, err := s.shop.Drops.Claim(s.ctx, commerce.DropID(s.drop), m.ID, v, drops.Where{Bot: "tg", Chat: "1"})
	if err != nil {
		return err
	}
	b := checkout.Buyer{Member: m.ID, Locale: "en", Platform: "telegram", Bot: "tg", Claim: string(e.ID), Direct: true}
	cart := []live.CartLine{{Variant: v, Quantity: 1}}
	r, err := s.shop.Checkout.Review(s.ctx, b, cart)
	if err != nil {
		return err
	}
	o, err := s.shop.Checkout.Place(s.ctx, b, cart, r.Quote.Digest())
	if err != nil {
		return err
	}
	enter, err := s.shop.Checkout.Enter(s.ctx, o.Token)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.joined[o.ID] = true
	s.mu.Unlock()
	_, err = s.stripe.Pay(enter.Redirect, "4242424242424242")
	return err
}

func (s *groupStorm) leave(o commerce.OrderID) error {
	now, err := s.shop.Checkout.Orders().Get(s.ctx, o)
	if err != nil {
		return err
	}
	return s.shop.Drops.Leave(s.ctx, commerce.DropID(s.drop), now.Member)
}

// over reports whether nothing of the close is left to do.
func (s *groupStorm) over() bool {
	n := 1
	err := s.db.Read(s.ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT (SELECT COUNT(*) FROM orders WHERE state IN ('pending', 'closing')) + (SELECT COUNT(*) FROM drops WHERE state <> 'over')`).Scan(&n)
	})
	return err == nil && n == 0
}

// check holds every order against what the close has fixed, and against Stripe.
func (s *groupStorm) check(missed bool) {
	s.Helper()
	broken, cash, err := checkout.Audit(s.ctx, s.db)
	if taken := s.stripe.Captured("") - s.stripe.Refunded(""); err != nil || len(broken) > 0 || cash["EUR"] != taken {
		s.Errorf("audit: %v, %v, cash %d, at Stripe %d", broken, err, cash["EUR"], taken)
	}
	d, err := s.shop.Drops.Get(s.ctx, commerce.DropID(s.drop))
	if err != nil || d.State != drops.Over || d.Missed() != missed {
		s.Fatalf("the drop is %s, reached %d, %v", d.State, d.Reached, err)
	}
	if n := s.stripe.Authorised(""); n != 0 {
		s.Errorf("%d is still authorised", n)
	}
	if err := s.db.Read(s.ctx, func(tx *database.Tx) error {
		return tx.Rows(`SELECT o.id, o.state, o.total, (SELECT COUNT(*) FROM notices n WHERE n.member_id = o.member_id AND n.kind IN ('order.paid', 'drop.released') AND n.state IN ('sent', 'unread', 'read'))
			FROM orders o`, nil, func(scan func(...any) error) error {
			var id commerce.OrderID
			var state string
			var total, told int64
			err := scan(&id, &state, &total, &told)
			took, times := s.stripe.Captured(string(id)), s.stripe.Captures(string(id))
			switch pays := !missed && s.joined[id] && !s.gone[id]; {
			case pays && (state != "paid" || total != d.Reached || took != d.Reached || times != 1):
				s.Errorf("order %s is %s of %d, captured %d in %d times, where the close reached %d", id, state, total, took, times, d.Reached)
			case !pays && (state != "lapsed" || took != 0):
				s.Errorf("order %s is %s, captured %d", id, state, took)
			case told != 1:
				s.Errorf("the member of order %s, which is %s, was told %d times how it ended", id, state, told)
			case pays:
				s.captured++
			default:
				s.shut++
			}
			return err
		})
	}); err != nil {
		s.Fatal(err)
	}
	for _, twice := range s.stripe.Twice() {
		s.Error(twice)
	}
	if s.midst == 0 || !missed && s.captured < 2 {
		s.Error("too little happened")
	}
}
