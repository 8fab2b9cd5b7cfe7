package checkout_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/promotions"
	"github.com/soukchat/souk/commerce/stock"
	"github.com/soukchat/souk/sandbox/stripe"
)

const (
	visa     = "4242424242424242"
	declined = "4000000000000002"
	hold     = 15 * time.Minute
)

// world is a shop with a stand-in for Stripe, without chats.
type world struct {
	*testing.T
	ctx     context.Context
	db      *database.DB
	clock   *clocktest.Clock
	stripe  *stripe.Server
	shop    *checkout.Checkout
	goods   *catalog.Snapshot
	catalog *catalog.Catalog
	people  *members.Members
	promo   *promotions.Promotions
	staff   []commerce.MemberID
	http    *http.Client // of the shop, to Stripe
	api     string       // where Stripe is
	heard   int          // events of Stripe that have been received
}

const feed = `Handle,Title,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Requires Shipping,Variant Taxable,Published
cup,Cup,CUP,shopify,3,deny,11.90,true,true,true
last,Last one,LAST,shopify,1,deny,50.00,true,true,true
card,Card,CARD,,0,deny,2.50,false,true,true
gift,Sticker,GIFT,shopify,5,deny,0.00,false,true,true
ticket,Ticket,TICKET,shopify,1000,deny,7.00,false,true,true
`

func newWorld(t *testing.T, db *database.DB) *world {
	w := &world{T: t, ctx: t.Context(), db: db, clock: clocktest.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))}
	w.stripe = stripe.New(stripe.Config{Clock: w.clock.Now, Key: "sk_test_x"})
	t.Cleanup(w.stripe.Close)
	server := httptest.NewServer(w.stripe.Handler())
	t.Cleanup(server.Close)
	w.http, w.api = &http.Client{}, server.URL
	ids := commerce.RandomIDs{}
	goods := catalog.New(db, w.clock)
	w.must(goods.DeclareBrands(w.ctx, []catalog.Brand{{ID: "acme", Name: "Acme"}}))
	f, err := catalog.ReadFeed(strings.NewReader(feed), "feed.csv", "EUR")
	w.must(err)
	shelf := stock.New(db, w.clock)
	report, err := goods.Import(w.ctx, catalog.Import{Brand: "acme", File: "feed.csv", Feed: f}, shelf)
	w.must(err)
	if report.Products != 5 {
		t.Fatalf("import: %+v", report)
	}
	w.catalog = goods
	w.goods, err = goods.Snapshot(w.ctx)
	w.must(err)
	w.people = members.New(db, w.clock, ids)
	w.promo = promotions.New(db, w.clock, ids)
	w.shop = checkout.New(checkout.Config{
		DB: db, Promotions: w.promo, Clock: w.clock, IDs: ids, Catalog: goods, Members: w.people, Stock: shelf,
		Stripe: payments.New(payments.Config{Key: "sk_test_x", Endpoint: server.URL, HTTP: w.http}),
		URL:    func() string { return "https://shop.example.com" },
		Hold:   func() time.Duration { return hold },
		Staff:  func(commerce.BrandID) []commerce.MemberID { return w.staff },
		Log:    slog.New(slog.DiscardHandler),
		Rules: func() pricing.Rules {
			return pricing.Rules{"acme": {Name: "Acme",
				Shipping: []pricing.ShippingOption{{ID: "post", Name: "Post", Price: commerce.Money{Amount: 490, Currency: "EUR"}}},
				Tax:      pricing.Tax{Name: "VAT", Included: true, Rates: []pricing.Rate{{PPM: 190_000}}}}}
		},
	})
	t.Cleanup(func() { w.invariants() })
	return w
}

// second adds a brand, Zeta, which sells a bowl.
func (w *world) second() {
	w.Helper()
	w.must(w.catalog.DeclareBrands(w.ctx, []catalog.Brand{{ID: "acme", Name: "Acme"}, {ID: "zeta", Name: "Zeta"}}))
	f, err := catalog.ReadFeed(strings.NewReader("Handle,Title,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Requires Shipping,Variant Taxable,Published\n"+
		"bowl,Bowl,BOWL,shopify,50,deny,7.77,true,true,true\n"), "zeta.csv", "EUR")
	w.must(err)
	_, err = w.catalog.Import(w.ctx, catalog.Import{Brand: "zeta", File: "zeta.csv", Feed: f}, w.shop.Stock)
	w.must(err)
	w.goods, err = w.catalog.Snapshot(w.ctx)
	w.must(err)
}

// each runs the test on every engine.
func each(t *testing.T, run func(w *world)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) { run(newWorld(t, db)) })
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// buyer is a new member with an address.
func (w *world) buyer(name string) checkout.Buyer {
	w.Helper()
	m, err := w.people.Meet(w.ctx, members.Seen{Platform: "telegram", Account: name, Name: name, Locale: "en", Bot: "tg", Private: true})
	w.must(err)
	w.must(w.people.SaveAddress(w.ctx, m.ID, members.Address{Name: name, Street: "Weg 1", City: "Berlin", Postcode: "10115", Country: "DE"}))
	return checkout.Buyer{Member: m.ID, Locale: "en", Platform: "telegram", Bot: "tg"}
}

// cart is pairs of a handle and a quantity.
func (w *world) cart(pairs ...any) (cart []live.CartLine) {
	w.Helper()
	for i := 0; i < len(pairs); i += 2 {
		p, ok := w.goods.ByHandle("acme", pairs[i].(string))
		if !ok {
			p, ok = w.goods.ByHandle("zeta", pairs[i].(string))
		}
		if !ok {
			w.Fatalf("no product %v", pairs[i])
		}
		cart = append(cart, live.CartLine{Variant: p.Variants[0].ID, Quantity: int64(pairs[i+1].(int)), Seen: p.Variants[0].Price})
	}
	return cart
}

// place agrees to the quote as it is.
func (w *world) place(b checkout.Buyer, cart []live.CartLine) (orders.Order, error) {
	w.Helper()
	r, err := w.shop.Review(w.ctx, b, cart)
	w.must(err)
	return w.shop.Place(w.ctx, b, cart, r.Quote.Digest())
}

func (w *world) placed(b checkout.Buyer, cart []live.CartLine) orders.Order {
	w.Helper()
	o, err := w.place(b, cart)
	w.must(err)
	return o
}

// page opens the pay link and returns Stripe's page.
func (w *world) page(o orders.Order) string {
	w.Helper()
	e, err := w.shop.Enter(w.ctx, o.Token)
	w.must(err)
	if e.Redirect == "" {
		w.Fatalf("order in state %s cannot be paid", e.Order.State)
	}
	return e.Redirect
}

func (w *world) pay(o orders.Order, card string) string {
	w.Helper()
	out, err := w.stripe.Pay(w.page(o), card)
	w.must(err)
	return out.Status
}

// rest works until nothing is due; waiting makes time pass in small steps.
func (w *world) rest(waiting ...time.Duration) {
	w.Helper()
	waiting = append(waiting, 0)
	for left := waiting[0]; left >= 0; left -= 20 * time.Second {
		for {
			n, err := w.shop.Step(w.ctx)
			w.must(err)
			if n == 0 {
				break
			}
		}
		if left > 0 {
			w.clock.Wait(min(left, 20*time.Second))
		}
	}
}

// hear receives the events of Stripe since the last time, each so many times.
func (w *world) hear(times int) {
	w.Helper()
	events := w.stripe.Events()
	for _, e := range events[w.heard:] {
		for range times {
			w.receive(payments.Event{ID: e.ID, Type: e.Type, Object: idOf(w.T, e)})
		}
	}
	w.heard = len(events)
	w.rest()
}

func (w *world) state(o orders.Order) orders.State {
	w.Helper()
	now, err := w.shop.Orders().Get(w.ctx, o.ID)
	w.must(err)
	return now.State
}

func (w *world) want(o orders.Order, s orders.State) {
	w.Helper()
	if got := w.state(o); got != s {
		w.Errorf("order is %s, want %s", got, s)
	}
}

// free returns how many units of a product can be had.
func (w *world) free(handle string) (n int64) {
	w.Helper()
	p, _ := w.goods.ByHandle("acme", handle)
	w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT free FROM stock WHERE variant_id = $1`, p.Variants[0].ID).Scan(&n)
	}))
	return n
}

// told counts the notices of a kind.
func (w *world) told(kind string) (n int) {
	w.Helper()
	w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM notices WHERE kind = $1`, kind).Scan(&n)
	}))
	return n
}

// invariants are the truths about money, whatever a test did.
func (w *world) invariants() {
	w.Helper()
	broken, cash, err := checkout.Audit(context.Background(), w.db)
	if err != nil || len(broken) > 0 {
		w.Errorf("audit: %v, %v", broken, err)
	}
	for _, double := range w.stripe.Twice() {
		w.Error(double)
	}
	if taken := w.stripe.Captured("") - w.stripe.Refunded(""); cash["EUR"] != taken {
		w.Errorf("cash in the books is %d, at Stripe %d", cash["EUR"], taken)
	}
}
