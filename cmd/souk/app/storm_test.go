package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/sandbox/stripe"
	"github.com/soukchat/souk/sandbox/torture"
)

// told is an event of Stripe with what is known of it without asking anybody.
type told struct {
	id, kind, order string
	refunded        bool
	body            []byte
}

// post is one delivery of an event.
type post struct {
	told
	how int // as it is, forged, stale, of another API version
}

const (
	genuine = iota
	forged
	stale
	oldVersion
)

// storm is three virtual days of orders and of Stripe telling about them, in
// lives of the program that each end by kill -9.
type storm struct {
	*town
	dice   *rand.Rand
	never  map[string]bool // orders of which nothing is delivered
	unique []told
	due    [][]post // by life

	mu    sync.Mutex
	taken map[string]bool // events that were answered 2xx
	sends int
	busy  time.Duration // while events were being sent
}

const lifetimes = 12 // a quarter of a day each

// TestStorm lets Stripe tell of many orders: each event one to five times, in
// any order over three days, one order in twenty never, with forged, stale and
// old ones between, while the program is killed again and again. In the end the
// orders are what a fold over the unique events says, and nothing that was
// answered with 2xx is missing.
func TestStorm(t *testing.T) {
	for _, engine := range databasetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			began := time.Now()
			w := newTown(t, databasetest.Migrated(t, engine), "ticket,Ticket,true,T,shopify,1000000,7.00,false,active\n", nil)
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
			defer cancel()
			w.ctx = ctx
			w.stripe.Deliver(func(string, string) stripe.Delivery { return stripe.Delivery{} }) // we do
			s := &storm{town: w, dice: rand.New(rand.NewPCG(torture.Seed(t), 3)), never: map[string]bool{}, taken: map[string]bool{}, due: make([][]post, lifetimes)}
			orders := torture.N(240, 27_000) // of which Stripe tells 100,000 events
			log := &lines{}
			for life := range lifetimes {
				now := s.start(log, true)
				s.sell(life, orders/lifetimes)
				s.blow(life, now)
				s.ahead.Add(int64(6 * time.Hour))
			}
			// Two periods later whoever was charged has been found.
			s.ahead.Add(int64(2*checkout.Period - 6*time.Hour))
			last := s.start(log, true)
			db := s.open()
			s.until(db, map[string]string{"events": unfinished["events"], "refunds": unfinished["refunds"]})
			s.healed(db)
			last.kill()
			s.ahead.Add(int64(10 * time.Minute)) // and what nobody paid is over
			last = s.start(log, true)
			s.until(db, unfinished)
			last.stdin.Close()
			if err := last.cmd.Wait(); err != nil {
				t.Errorf("the program did not end well: %v", err)
			}
			s.check(db)
			torture.Figure(t, "%d events of %d orders in %d deliveries over three days with %d times kill -9, %d orders never told: states are the fold, all %d answered 2xx are in the inbox; %.0f deliveries a second while sending, the work on them included; seed %d, %s",
				len(s.unique), orders/lifetimes*lifetimes, s.sends, lifetimes-1, len(s.never), len(s.taken), float64(s.sends)/s.busy.Seconds(), torture.Seed(t), time.Since(began).Round(time.Second))
		})
	}
}

// sell lets members order and pay, some not and some with the money given back
// on Stripe's pages, and deals out the events of that over the lives to come.
func (s *storm) sell(life, n int) {
	s.Helper()
	before := len(s.stripe.Events())
	a := s.beside()
	defer a.Close()
	snap, err := a.Catalog.Snapshot(s.ctx)
	if err != nil {
		s.Fatal(err)
	}
	ticket := snap.Products(nil)[0].Variants[0]
	cart := []live.CartLine{{Variant: ticket.ID, Quantity: 1, Seen: ticket.Price}}
	var selling sync.WaitGroup
	todo := make(chan int, n)
	for i := range n {
		todo <- i
	}
	close(todo)
	for range 4 {
		selling.Go(func() {
			for i := range todo {
				if err := s.order(a, fmt.Sprint("s", life, "-", i), cart, i%10 != 9); err != nil {
					s.Error(err)
				}
			}
		})
	}
	selling.Wait()
	intents := map[string]string{}
	for _, e := range s.stripe.Events()[before:] {
		if t := tellingOf(s.T, e); t.kind == "payment_intent.succeeded" {
			var object struct{ ID string }
			if err := json.Unmarshal(e.Data.Object, &object); err != nil {
				s.Fatal(err)
			}
			intents[t.order] = object.ID
		}
	}
	for _, e := range s.stripe.Events()[before:] { // in the order of the dice, not of a map
		t := tellingOf(s.T, e)
		if intent := intents[t.order]; t.kind == "checkout.session.completed" {
			switch s.dice.IntN(20) {
			case 0:
				s.never[t.order] = true
			case 1, 2:
				s.giveBack(intent)
			}
		}
	}
	for _, e := range s.stripe.Events()[before:] {
		t := tellingOf(s.T, e)
		s.unique = append(s.unique, t)
		if s.never[t.order] {
			continue
		}
		for range 1 + s.dice.IntN(5) {
			p := post{t, genuine}
			switch d := s.dice.IntN(100); {
			case d < 1:
				fake := t
				fake.id = "evt_forged" + t.id[4:]
				fake.body = bytes.ReplaceAll(t.body, []byte(t.id), []byte(fake.id))
				s.deal(life, post{fake, forged})
			case d < 2:
				s.deal(life, post{t, stale})
			case d < 4:
				p.how = oldVersion
			}
			s.deal(life, p)
		}
	}
}

// deal has an event delivered in one of the lives from this one on.
func (s *storm) deal(life int, p post) {
	at := life + s.dice.IntN(lifetimes-life)
	s.due[at] = append(s.due[at], p)
}

// beside is a second process on the same database, which sells and does no
// other work.
func (s *storm) beside() *App {
	s.Helper()
	a, err := New(s.ctx, Options{Config: s.load(), Clock: s.town, Listen: "127.0.0.1:0", Telegram: s.api.URL, Discord: s.api.URL, Stripe: s.api.URL,
		Offline: true, Manual: true, Log: (&lines{}).logger()})
	if err != nil {
		s.Fatal(err)
	}
	return a
}

func (s *storm) order(a *App, name string, cart []live.CartLine, pays bool) error {
	m, err := a.Members.Meet(s.ctx, members.Seen{Platform: "telegram", Account: name, Name: name, Locale: "en", Bot: "tg"})
	if err != nil {
		return err
	}
	b := checkout.Buyer{Member: m.ID, Locale: "en", Platform: "telegram", Bot: "tg"}
	r, err := a.Checkout.Review(s.ctx, b, cart)
	if err != nil {
		return err
	}
	o, err := a.Checkout.Place(s.ctx, b, cart, r.Quote.Digest())
	if err != nil {
		return err
	}
	e, err := a.Checkout.Enter(s.ctx, o.Token)
	if err != nil || !pays || e.Redirect == "" {
		return err
	}
	_, err = s.stripe.Pay(e.Redirect, "4242424242424242")
	if errors.Is(err, stripe.ErrClosed) {
		return nil // the hold was over before it came to that
	}
	return err
}

// giveBack gives all of a payment back as a person on Stripe's pages does.
func (s *storm) giveBack(intent string) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.ctx, "POST", s.api.URL+"/v1/refunds", strings.NewReader(url.Values{"payment_intent": {intent}}.Encode()))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testKey)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := plain.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 {
		s.Fatalf("refund by hand: %s", resp.Status)
	}
}

// blow delivers what is due in a life, and kills the program in the middle of
// it; what was not answered with 2xx is delivered in the next one. The last
// life is not killed.
func (s *storm) blow(life int, now *process) {
	s.Helper()
	list := s.due[life]
	s.dice.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	killAt := len(list)/2 + s.dice.IntN(len(list)/2+1)
	todo := make(chan int, len(list))
	for i := range list {
		todo <- i
	}
	close(todo)
	var again []post
	var killing sync.Once
	kill := func() {
		if life < lifetimes-1 {
			s.behind.Store(nil)
			now.kill()
		}
	}
	began := time.Now()
	var sending sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}, Timeout: 20 * time.Second}
	for range 32 {
		sending.Go(func() {
			for i := range todo {
				if i == killAt {
					killing.Do(kill)
				}
				ok := s.deliver(client, list[i])
				s.mu.Lock()
				s.sends++
				if !ok {
					again = append(again, list[i])
				}
				s.mu.Unlock()
			}
		})
	}
	sending.Wait()
	s.busy += time.Since(began)
	client.CloseIdleConnections()
	killing.Do(kill)
	if life < lifetimes-1 {
		s.due[life+1] = append(s.due[life+1], again...)
		return
	}
	if len(again) > 0 {
		s.Errorf("%d events were refused by a program that nobody killed", len(again))
	}
	now.kill()
}

// deliver posts an event to the real handler and reports whether it is over
// with: taken, or refused as it must be.
func (s *storm) deliver(client *http.Client, p post) bool {
	address := s.behind.Load()
	if address == nil {
		return false
	}
	body, secret, at := p.body, testHook, s.Now()
	switch p.how {
	case forged:
		secret = "whsec_somebody_elses"
	case stale:
		at = at.Add(-10 * time.Minute)
	case oldVersion:
		body = bytes.Replace(body, []byte(`"api_version":"2023-10-16"`), []byte(`"api_version":"2020-08-27"`), 1)
	}
	req, err := http.NewRequestWithContext(s.ctx, "POST", "http://"+*address+"/stripe", bytes.NewReader(body))
	if err != nil {
		s.Error(err)
		return true
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Stripe-Signature", stripe.Sign(body, secret, at))
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	refused := p.how == forged || p.how == stale
	switch {
	case refused && resp.StatusCode == http.StatusUnauthorized:
		return true
	case refused && resp.StatusCode < 500:
		s.Errorf("an event that is not to be believed was answered %d", resp.StatusCode)
		return true
	case resp.StatusCode/100 == 2:
		s.mu.Lock()
		s.taken[p.id] = true
		s.mu.Unlock()
		return true
	case resp.StatusCode < 500:
		s.Errorf("an event was answered %d", resp.StatusCode)
	}
	return false
}

// tellingOf reads an event as a pure function: nobody is asked.
func tellingOf(t *testing.T, e stripe.Event) told {
	t.Helper()
	var object struct {
		Order    string            `json:"client_reference_id"`
		Metadata map[string]string `json:"metadata"`
		Refunded bool              `json:"refunded"`
	}
	if err := json.Unmarshal(e.Data.Object, &object); err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if object.Order == "" {
		object.Order = object.Metadata["order"]
	}
	return told{id: e.ID, kind: e.Type, order: object.Order, refunded: object.Refunded, body: body}
}

// fold is what the unique events say of each order, in whatever order they came.
func fold(events []told) map[string]string {
	states := map[string]string{}
	for _, e := range events {
		switch {
		case e.kind == "charge.refunded" && e.refunded:
			states[e.order] = "refunded"
		case e.kind == "checkout.session.completed" && states[e.order] == "":
			states[e.order] = "paid"
		}
	}
	return states
}

// healed waits, while the clock goes on by no more than the work takes, until
// no order that was charged is open any more.
func (s *storm) healed(db *database.DB) {
	s.Helper()
	want, began := fold(s.unique), time.Now()
	for {
		open := 0
		if err := db.Read(s.ctx, func(tx *database.Tx) error {
			return tx.Rows(`SELECT id FROM orders WHERE state IN ('pending', 'closing')`, nil, func(scan func(...any) error) error {
				var id string
				err := scan(&id)
				if want[id] != "" {
					open++
				}
				return err
			})
		}); err != nil {
			s.Fatal(err)
		}
		if open == 0 {
			return
		}
		if time.Since(began) > checkout.Period {
			s.Errorf("%d orders that were charged are open two periods later", open)
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// check holds all orders against the fold, the inbox against the answers, and
// the books against Stripe.
func (s *storm) check(db *database.DB) {
	s.Helper()
	want, counts := fold(s.unique), map[string]int{}
	missing := 0
	err := db.Read(s.ctx, func(tx *database.Tx) error {
		if err := tx.Rows(`SELECT id, state FROM orders`, nil, func(scan func(...any) error) error {
			var id, state string
			if err := scan(&id, &state); err != nil {
				return err
			}
			expected := want[id]
			if expected == "" {
				expected = "lapsed"
			}
			if counts[state]++; state != expected {
				s.Errorf("an order is %s, the events say %s; told of it: %t", state, expected, !s.never[id])
			}
			return nil
		}); err != nil {
			return err
		}
		in := map[string]bool{}
		if err := tx.Rows(`SELECT event_id FROM stripe_inbox`, nil, func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			in[id] = true
			return err
		}); err != nil {
			return err
		}
		for id := range s.taken {
			if !in[id] {
				missing++
			}
		}
		for id := range in {
			if strings.HasPrefix(id, "evt_forged") {
				s.Error("a forged event is in the inbox")
			}
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	if missing > 0 {
		s.Errorf("%d events were answered 2xx and are not in the inbox", missing)
	}
	if counts["paid"] == 0 || counts["refunded"] == 0 || counts["lapsed"] == 0 {
		s.Errorf("too little happened: %v", counts)
	}
	broken, cash, err := checkout.Audit(s.ctx, db)
	if taken := s.stripe.Captured("") - s.stripe.Refunded(""); err != nil || len(broken) > 0 || cash["EUR"] != taken {
		s.Errorf("audit: %v, %v, cash %d, at Stripe %d", broken, err, cash["EUR"], taken)
	}
	for _, twice := range s.stripe.Twice() {
		s.Error(twice)
	}
	s.Logf("orders: %v", counts)
}

var _ commerce.Clock = (*storm)(nil)
