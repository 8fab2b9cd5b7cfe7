package checkout_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/sandbox/stripe"
)

// group is a drop of tickets at a group price: 7.00 for two, 6.00 for three,
// 5.00 for four.
type group struct {
	*world
	drops *drops.Drops
}

const deal = commerce.DropID("deal")

func price(n int64) commerce.Money { return commerce.Money{Amount: n * 100, Currency: "EUR"} }

func newGroup(w *world) *group {
	g := &group{world: w}
	g.drops = drops.New(drops.Config{DB: w.db, Clock: w.clock, IDs: commerce.RandomIDs{}, Chats: func() []drops.Chat { return nil }, GiveUp: w.shop.CancelPending})
	w.shop.Claims = drops.Claims{Drops: g.drops}
	p, _ := w.goods.ByHandle("acme", "cup")
	now := w.clock.Now()
	g.drops.Declare([]drops.Plan{{ID: deal, Name: "deal", Title: "Cups", Brand: "acme", Product: p.ID, Units: []drops.Unit{{Variant: p.Variants[0].ID, Units: 3}}, Mode: drops.Group,
		Price: price(10), Steps: []drops.Step{{Joined: 2, Price: price(10)}, {Joined: 3, Price: price(8)}}, Opens: now.Add(time.Minute), Closes: now.Add(49 * time.Hour), PayWithin: 10 * time.Minute}})
	g.steps()
	w.clock.Wait(2 * time.Minute)
	g.steps()
	return g
}

func (g *group) steps() {
	g.Helper()
	for range 50 {
		n, err := g.drops.Step(g.ctx)
		g.must(err)
		m, err := g.shop.Step(g.ctx)
		g.must(err)
		if n+m == 0 {
			return
		}
	}
	g.Fatal("never comes to rest")
}

// placed has a member claim a unit and place an order on it.
func (g *group) order(name string) orders.Order {
	g.Helper()
	b := g.buyer(name)
	p, _ := g.goods.ByHandle("acme", "cup")
	e, err := g.drops.Claim(g.ctx, deal, b.Member, p.Variants[0].ID, drops.Where{Bot: "tg", Chat: "1"})
	g.must(err)
	b.Claim, b.Direct = string(e.ID), true
	return g.placed(b, g.cart("cup", 1))
}

// join has a member authorise their card on Stripe's page.
func (g *group) join(name string) orders.Order {
	g.Helper()
	o := g.order(name)
	if got := g.pay(o, visa); got != "paid" {
		g.Fatalf("the page says %s", got)
	}
	g.hear(1)
	if now, err := g.shop.Orders().Get(g.ctx, o.ID); err != nil || !now.Held() || now.State != orders.Pending {
		g.Fatalf("order is %s, held %v, %v", now.State, now.HeldAt, err)
	}
	return o
}

func (g *group) close() {
	g.Helper()
	g.clock.Wait(49 * time.Hour)
	g.steps()
	g.hear(2)
	g.steps()
}

// shipped is what a cup comes to with its parcel.
func shipped(unit int64) int64 { return unit*100 + 490 }

func (g *group) took(o orders.Order, want int64) {
	g.Helper()
	if got := g.stripe.Captured(string(o.ID)); got != want {
		g.Errorf("captured %d of the order, want %d", got, want)
	}
}

func TestGroupPriceReached(t *testing.T) {
	each(t, func(w *world) {
		g := newGroup(w)
		list := []orders.Order{g.join("ann"), g.join("ben"), g.join("cid")}
		if got := w.stripe.Captured(""); got != 0 {
			t.Fatalf("captured %d before the close", got)
		}
		if got := w.stripe.Authorised(""); got != 3*shipped(10) {
			t.Fatalf("authorised %d", got)
		}
		// A join outlives what else its member buys, and every hold.
		other := g.placed(checkout.Buyer{Member: list[0].Member, Locale: "en", Platform: "telegram", Bot: "tg"}, g.cart("ticket", 1))
		g.pay(other, visa)
		g.hear(1)
		g.close()
		for _, o := range list {
			g.want(o, orders.Paid)
			g.took(o, shipped(8))
			now, err := w.shop.Orders().Get(w.ctx, o.ID)
			w.must(err)
			if now.Total.Amount != shipped(8) || now.Lines[0].Unit != price(8) {
				t.Errorf("order costs %s, a unit %s", now.Total, now.Lines[0].Unit)
			}
		}
		if d, err := g.drops.Get(w.ctx, deal); err != nil || d.State != drops.Over || d.Joined != 3 || d.Reached != 800 {
			t.Errorf("drop is %s, %d joined, %d reached, %v", d.State, d.Joined, d.Reached, err)
		}
		if n := w.stripe.Authorised(""); n != 0 {
			t.Errorf("%d is still authorised", n)
		}
	})
}

func TestGroupPriceMissed(t *testing.T) {
	each(t, func(w *world) {
		g := newGroup(w)
		had := w.free("cup")
		o := g.join("ann")
		g.close()
		g.want(o, orders.Lapsed)
		if got := w.stripe.Captured("") + w.stripe.Authorised(""); got != 0 {
			t.Errorf("%d is captured or authorised", got)
		}
		if d, _ := g.drops.Get(w.ctx, deal); d.State != drops.Over || !d.Missed() {
			t.Errorf("drop is %s, reached %d", d.State, d.Reached)
		}
		if n := w.told(notices.DropReleased); n != 1 {
			t.Errorf("%d were told", n)
		}
		if n := w.told(notices.OrderLapsed); n != 0 {
			t.Errorf("%d were told that they did not pay", n)
		}
		if free := w.free("cup"); free != had+3 {
			t.Errorf("%d cups are free, want %d", free, had+3)
		}
	})
}

// Those who leave, whose bank takes the authorisation back, and who come after
// the close pay nothing; the others pay the price that those who stay reach.
func TestGroupPriceLetsGo(t *testing.T) {
	each(t, func(w *world) {
		g := newGroup(w)
		left, lost := g.join("ann"), g.join("ben")
		w.must(g.drops.Leave(w.ctx, deal, left.Member))
		w.stripe.Lose(string(lost.ID))
		g.hear(1)
		g.steps()
		g.want(left, orders.Lapsed)
		g.want(lost, orders.Lapsed)
		if d, _ := g.drops.Get(w.ctx, deal); d.Joined != 0 || d.Free() != 3 {
			t.Fatalf("%d joined, %d free", d.Joined, d.Free())
		}
		stay := []orders.Order{g.join("cid"), g.join("dot")}
		w.clock.Wait(48*time.Hour + 50*time.Minute)
		late := g.order("eve")
		page := w.page(late)
		w.clock.Wait(9 * time.Minute)
		_, err := g.drops.Step(w.ctx) // the close, and what follows it comes to a halt
		w.must(err)
		if _, err := w.stripe.Pay(page, visa); err != nil {
			t.Fatal(err)
		}
		g.hear(1)
		g.steps()
		g.want(late, orders.Lapsed)
		for _, o := range stay {
			g.want(o, orders.Paid)
			g.took(o, shipped(10))
		}
		if got := w.stripe.Captured(""); got != 2*shipped(10) {
			t.Errorf("captured %d in all", got)
		}
		if got := w.stripe.Authorised(""); got != 0 {
			t.Errorf("%d is still authorised", got)
		}
	})
}

// Who is forgotten is not charged at the close and does not count for the
// price, whether their card was authorised before, or while they were forgotten,
// and however late Stripe hears of it. After the close what was fixed stays.
func TestGroupPriceForgotten(t *testing.T) {
	each(t, func(w *world) {
		g := newGroup(w)
		w.people.OnErase(orders.Erase)
		w.people.OnErase(g.drops.Erase)
		forgotten, stays := g.join("ann"), g.join("ben")
		paying := g.order("cid")
		page, session := w.page(paying), w.stripe.Open(string(paying.ID))[0]
		w.must(w.people.Erase(w.ctx, paying.Member))
		if out, err := w.stripe.Pay(page, visa); err != nil || out.Status != "paid" {
			t.Fatalf("the page says %v, %v", out, err)
		}
		w.must(w.shop.Settle(w.ctx, session))
		w.clock.Wait(49 * time.Hour)
		w.must(w.people.Erase(w.ctx, forgotten.Member))
		_, err := g.drops.Step(w.ctx) // the close, before anything else is done
		w.must(err)
		if d, err := g.drops.Get(w.ctx, deal); err != nil || !d.Missed() {
			t.Errorf("reached %d though one of them is left, %v", d.Reached, err)
		}
		g.hear(2)
		g.steps()
		for _, o := range []orders.Order{forgotten, paying, stays} {
			g.want(o, orders.Lapsed)
			if now, err := w.shop.Orders().Get(w.ctx, o.ID); err != nil || (now.Address.Street == "") != (o.ID != stays.ID) {
				t.Errorf("the address of %s is %q, %v", o.ID, now.Address.Street, err)
			}
		}
		if got := w.stripe.Captured("") + w.stripe.Authorised(""); got != 0 {
			t.Errorf("%d is captured or authorised", got)
		}
	})
	each(t, func(w *world) {
		g := newGroup(w)
		w.people.OnErase(g.drops.Erase)
		before, after, stays := g.join("ann"), g.join("ben"), g.join("cid")
		w.clock.Wait(49 * time.Hour)
		w.must(w.people.Erase(w.ctx, before.Member))
		_, err := g.drops.Step(w.ctx)
		w.must(err)
		w.must(w.people.Erase(w.ctx, after.Member))
		g.hear(1)
		g.steps()
		g.want(before, orders.Lapsed)
		g.took(before, 0)
		for _, o := range []orders.Order{after, stays} {
			g.want(o, orders.Paid)
			g.took(o, shipped(10))
		}
	})
}

// No event says that a card was authorised, and nobody looks before the time for
// it is over: they have joined all the same.
func TestGroupPriceInTime(t *testing.T) {
	each(t, func(w *world) {
		g := newGroup(w)
		o := g.order("ann")
		if got := g.pay(o, visa); got != "paid" {
			t.Fatal(got)
		}
		late := g.order("ben")
		w.clock.Wait(11 * time.Minute)
		g.steps()
		if now, err := w.shop.Orders().Get(w.ctx, o.ID); err != nil || now.State != orders.Pending || !now.Held() {
			t.Errorf("the order is %s, held %v, %v", now.State, now.HeldAt, err)
		}
		w.want(late, orders.Lapsed)
		if got := w.stripe.Authorised(""); got != shipped(10) {
			t.Errorf("authorised %d", got)
		}
	})
}

// An authorisation that is lost before the close, with no event that says so, is
// noticed within the hour: its member is told, its unit is free. Where nobody
// was there until all had expired, nobody is charged.
func TestGroupPriceExpired(t *testing.T) {
	each(t, func(w *world) {
		g := newGroup(w)
		w.stripe.Deliver(func(string, string) stripe.Delivery { return stripe.Delivery{} })
		join := func(name string) orders.Order {
			o := g.order(name)
			g.pay(o, visa)
			w.rest(2 * time.Minute)
			return o
		}
		lost := join("ann")
		if d, _ := g.drops.Get(w.ctx, deal); d.Joined != 1 || d.Free() != 2 {
			t.Fatalf("%d joined, %d free", d.Joined, d.Free())
		}
		w.stripe.Lose(string(lost.ID))
		w.clock.Wait(time.Hour)
		g.steps()
		g.want(lost, orders.Lapsed)
		if d, _ := g.drops.Get(w.ctx, deal); d.Joined != 0 || d.Free() != 3 {
			t.Errorf("%d joined, %d free", d.Joined, d.Free())
		}
		if n := w.told(notices.DropReleased); n != 1 {
			t.Errorf("%d were told", n)
		}
		list := []orders.Order{join("ben"), join("cid")}
		w.clock.Wait(8 * 24 * time.Hour)
		g.steps()
		w.rest(3 * time.Minute)
		g.steps()
		for _, o := range list {
			g.want(o, orders.Lapsed)
		}
		if got := w.stripe.Captured("") + w.stripe.Authorised(""); got != 0 {
			t.Errorf("%d is captured or authorised", got)
		}
		if n := w.told(notices.DropReleased); n != 3 {
			t.Errorf("%d were told", n)
		}
		if d, _ := g.drops.Get(w.ctx, deal); d.State != drops.Over {
			t.Errorf("the drop is %s", d.State)
		}
	})
}

// What somebody captures by hand before the price is fixed goes back, all of it,
// and its member may join again; so does what is captured where too few joined.
func TestGroupPriceByHand(t *testing.T) {
	each(t, func(w *world) {
		g := newGroup(w)
		early, stays := g.join("ann"), g.join("ben")
		if !w.stripe.ByHand(string(early.ID)) {
			t.Fatal("nothing is authorised")
		}
		g.hear(2)
		g.steps()
		g.want(early, orders.Refunded)
		if d, _ := g.drops.Get(w.ctx, deal); d.Joined != 1 || d.Free() != 2 {
			t.Errorf("%d joined, %d free", d.Joined, d.Free())
		}
		if n := w.told(notices.OrderLate); n != 1 {
			t.Errorf("%d were told", n)
		}
		again := g.join("ann")
		w.clock.Wait(49 * time.Hour)
		_, err := g.drops.Step(w.ctx)
		w.must(err)
		w.stripe.ByHand(string(stays.ID)) // in the middle of the close, for the highest price
		g.hear(2)
		g.steps()
		g.want(again, orders.Paid)
		g.want(stays, orders.Paid) // which is what was reached
		for _, o := range []orders.Order{again, stays} {
			g.took(o, shipped(10))
		}
		if got := w.stripe.Refunded(""); got != shipped(10) {
			t.Errorf("refunded %d", got)
		}
	})
	each(t, func(w *world) {
		g := newGroup(w)
		alone := g.join("ann")
		w.clock.Wait(49 * time.Hour)
		_, err := g.drops.Step(w.ctx)
		w.must(err)
		w.stripe.ByHand(string(alone.ID))
		g.hear(2)
		g.steps()
		g.want(alone, orders.Refunded)
		if got := w.stripe.Captured("") - w.stripe.Refunded(""); got != 0 {
			t.Errorf("%d is kept though too few joined", got)
		}
	})
}

func TestGroupPriceCancelled(t *testing.T) {
	each(t, func(w *world) {
		g := newGroup(w)
		list := []orders.Order{g.join("ann"), g.join("ben")}
		g.drops.GiveUp = nil // the process dies there
		w.must(g.drops.Cancel(w.ctx, deal, "staff:x"))
		g.steps()
		for _, o := range list {
			g.want(o, orders.Lapsed)
		}
		if got := w.stripe.Captured("") + w.stripe.Authorised(""); got != 0 {
			t.Errorf("%d is captured or authorised", got)
		}
		if n := w.told(notices.DropOff); n != 2 {
			t.Errorf("%d were told", n)
		}
	})
}

// Answers of captures are lost, one authorisation is gone, a process dies in
// between: the others are captured once, at the price that was fixed.
func TestGroupPriceUnderFault(t *testing.T) {
	each(t, func(w *world) {
		g := newGroup(w)
		list := []orders.Order{g.join("ann"), g.join("ben"), g.join("cid")}
		lossy := &losing{what: "/capture", left: 2}
		w.shop.Stripe = payments.New(payments.Config{Key: "sk_test_x", Endpoint: w.api, HTTP: &http.Client{Transport: lossy}})
		w.clock.Wait(49 * time.Hour)
		_, err := g.drops.Step(w.ctx)
		w.must(err)
		if d, _ := g.drops.Get(w.ctx, deal); d.Reached != 800 {
			t.Fatalf("reached %d", d.Reached)
		}
		if err := w.shop.CancelPending(w.ctx, list[0].Member, list[0].ID); !errors.Is(err, checkout.ErrClosing) {
			t.Errorf("an order that is captured is given up: %v", err)
		}
		w.stripe.Lose(string(list[2].ID))
		g.steps()
		w.rest(3 * time.Minute)
		g.hear(2)
		g.steps()
		for _, o := range list[:2] {
			g.want(o, orders.Paid)
			g.took(o, shipped(8))
			if n := w.stripe.Captures(string(o.ID)); n != 1 {
				t.Errorf("%d captures", n)
			}
		}
		g.want(list[2], orders.Lapsed)
		if lossy.left > 0 {
			t.Errorf("%d answers were not lost", lossy.left)
		}
		if n := w.told(notices.DropReleased); n != 1 {
			t.Errorf("%d were told", n)
		}
	})
}

// A kept card joins as a page does, pressed twice too.
func TestGroupPriceKeptCard(t *testing.T) {
	each(t, func(w *world) {
		b, card := w.keeper("kay", visa)
		before := w.stripe.Captured("")
		g := newGroup(w)
		p, _ := g.goods.ByHandle("acme", "cup")
		e, err := g.drops.Claim(g.ctx, deal, b.Member, p.Variants[0].ID, drops.Where{Bot: "tg", Chat: "1"})
		w.must(err)
		b.Claim, b.Direct = string(e.ID), true
		o := w.placed(b, w.cart("cup", 1))
		for range 2 {
			if out := w.charge(b, o, card); !out.Order.Held() || out.Order.State != orders.Pending || out.Decline != "" {
				t.Fatalf("charged: %+v", out)
			}
		}
		if _, err := w.shop.Invoice(w.ctx, o); !errors.Is(err, checkout.ErrState) {
			t.Errorf("an invoice in the chat is made: %v", err)
		}
		if e, err := w.shop.Enter(w.ctx, o.Token); err != nil || e.Redirect != "" {
			t.Errorf("it can be paid once more: %v, %v", e.Redirect, err)
		}
		g.join("ben")
		g.close()
		g.want(o, orders.Paid)
		g.took(o, shipped(10))
		if got := w.stripe.Captured("") - before; got != 2*shipped(10) {
			t.Errorf("captured %d", got)
		}
	})
}

// losing loses the answers of some requests, which are done all the same.
type losing struct {
	what string
	mu   sync.Mutex
	left int
}

func (l *losing) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && l.left > 0 && strings.HasSuffix(r.URL.Path, l.what) {
		l.left--
		resp.Body.Close()
		return nil, fmt.Errorf("the answer is lost")
	}
	return resp, err
}
