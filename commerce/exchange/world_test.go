package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/exchange"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/reviews"
	"github.com/soukchat/souk/commerce/stock"
)

// world is a shop in which sam works for acme, mira and omar are creators with
// two followers, and noor is one with none.
type world struct {
	*testing.T
	ctx      context.Context
	db       *database.DB
	clock    *clocktest.Clock
	shop     *checkout.Checkout
	exchange *exchange.Exchange
	reviews  *reviews.Reviews
	creators *creators.Creators
	people   *members.Members
	goods    *catalog.Snapshot
	house    exchange.House
	who      map[string]checkout.Buyer

	moderation *moderation.Moderation
	words      moderation.Words
}

const feed = `Handle,Title,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Requires Shipping,Variant Taxable,Published
cup,Cup,CUP,shopify,3,deny,11.90,true,true,true
bowl,Bowl,BOWL,,0,deny,23.80,true,true,true
card,Card,CARD,,0,deny,2.50,false,true,true
`

func each(t *testing.T, run func(w *world)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) { run(newWorld(t, db)) })
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func newWorld(t *testing.T, db *database.DB) *world {
	w := &world{T: t, ctx: t.Context(), db: db, clock: clocktest.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)),
		house: exchange.House{Followers: 2, Month: 2}, who: map[string]checkout.Buyer{}}
	ids := commerce.RandomIDs{}
	goods, shelf := catalog.New(db, w.clock), stock.New(db, w.clock)
	w.must(goods.DeclareBrands(w.ctx, []catalog.Brand{{ID: "acme", Name: "Acme"}}))
	f, err := catalog.ReadFeed(strings.NewReader(feed), "feed.csv", "EUR")
	w.must(err)
	_, err = goods.Import(w.ctx, catalog.Import{Brand: "acme", File: "feed.csv", Feed: f}, shelf)
	w.must(err)
	w.goods, err = goods.Snapshot(w.ctx)
	w.must(err)
	w.people, w.creators = members.New(db, w.clock, ids), creators.New(db, w.clock, ids)
	works := func(commerce.BrandID) []commerce.MemberID { return []commerce.MemberID{w.who["sam"].Member} }
	w.shop = checkout.New(checkout.Config{DB: db, Clock: w.clock, IDs: ids, Catalog: goods, Members: w.people, Stock: shelf, Log: slog.New(slog.DiscardHandler),
		URL: func() string { return "https://shop.example.com" }, Hold: func() time.Duration { return 15 * time.Minute }, Staff: works,
		Rules: func() pricing.Rules {
			return pricing.Rules{"acme": {Name: "Acme", Shipping: []pricing.ShippingOption{{ID: "post", Name: "Post", To: []string{"DE"}, Price: commerce.Money{Amount: 490, Currency: "EUR"}}},
				Tax: pricing.Tax{Name: "VAT", Included: true, Rates: []pricing.Rate{{PPM: 190_000}}}}}
		}})
	w.exchange = exchange.New(exchange.Config{DB: db, Clock: w.clock, IDs: ids, Creators: w.creators, Checkout: w.shop, House: func() exchange.House { return w.house }, Works: works, Told: works})
	w.reviews = reviews.New(reviews.Config{DB: db, Clock: w.clock, IDs: ids, Wrote: func(tx *database.Tx, r reviews.Review) error { return w.exchange.Reviewed(tx, r.Member, r.Product) }})
	w.moderation = moderation.New(moderation.Config{DB: db, Clock: w.clock, IDs: ids, Staff: works, Moderators: func() [][]commerce.MemberID { return [][]commerce.MemberID{{"mod"}, {w.who["sam"].Member}} },
		Parts: map[moderation.Kind]moderation.Part{moderation.ByBrand: exchange.Rated{Exchange: w.exchange, Side: exchange.ByBrand}, moderation.ByCreator: exchange.Rated{Exchange: w.exchange, Side: exchange.ByCreator}}})
	w.exchange.Moderation = w.moderation
	w.exchange.Words = func(context.Context, commerce.MemberID) (moderation.Words, error) { return w.words, nil }
	w.creators.Sampled, w.creators.Wrote = w.exchange.Sampled, w.exchange.Posted
	w.shop.SampleBack = w.exchange.SampleBack
	w.shop.Delivered = func(tx *database.Tx, o orders.Order, p fulfilment.Parcel) error {
		arrival := reviews.Arrival{Member: o.Member, Order: o.ID, Parcel: string(p.ID), Brand: p.Brand, Sample: checkout.SampleOf(o) != ""}
		for _, it := range p.Items {
			arrival.Products = append(arrival.Products, o.Lines[it.Position].Product)
		}
		return errors.Join(w.reviews.Received(tx, arrival), w.exchange.Arrived(tx, o))
	}
	w.people.OnLink(w.creators.Link)
	w.people.OnLink(orders.Link)
	w.people.OnLink(w.exchange.Link)
	w.people.OnErase(w.exchange.Erase)
	w.people.OnErase(w.creators.Erase)
	w.people.OnErase(orders.Erase)
	var declared []creators.Creator
	for _, name := range []string{"sam", "ann", "ben", "mira", "omar", "noor"} {
		m, err := w.people.Meet(w.ctx, members.Seen{Platform: "telegram", Account: name, Name: name, Locale: "en", Bot: "tg", Private: true})
		w.must(err)
		w.must(w.people.SaveAddress(w.ctx, m.ID, members.Address{Name: name, Street: "Weg 1", City: "Berlin", Postcode: "10115", Country: "DE"}))
		w.who[name] = checkout.Buyer{Member: m.ID, Locale: "en", Platform: "telegram", Bot: "tg"}
		if name > "c" && name != "sam" {
			declared = append(declared, creators.Creator{ID: commerce.CreatorID(name), Name: name, Member: m.ID})
		}
	}
	_, err = w.creators.Declare(w.ctx, declared)
	w.must(err)
	for _, fan := range []string{"ann", "ben"} {
		for _, of := range []commerce.CreatorID{"mira", "omar"} {
			_, err := w.creators.Follow(w.ctx, w.who[fan].Member, of)
			w.must(err)
		}
	}
	t.Cleanup(func() {
		broken, cash, err := checkout.Audit(context.Background(), db)
		if err != nil || len(broken) > 0 || len(cash) > 0 {
			t.Errorf("the books: %v, cash %v, %v", broken, cash, err)
		}
	})
	return w
}

// brief is an open brief for a number of a product.
func (w *world) brief(handle string, units int64, asks exchange.Asks) exchange.Brief {
	w.Helper()
	p, _ := w.goods.ByHandle("acme", handle)
	b, err := w.exchange.Begin(w.ctx, "staff:sam", exchange.Brief{Brand: "acme", Product: p.ID, Variant: p.Variants[0].ID, Words: "Show it with something hot in it.", Asks: asks, Days: 10, Lasts: 14, Followers: 2, Units: units})
	w.must(err)
	w.must(w.exchange.Open(w.ctx, []commerce.BrandID{"acme"}, b.ID))
	b, err = w.exchange.Brief(w.ctx, b.ID)
	w.must(err)
	return b
}

func (w *world) apply(name string, b exchange.Brief) exchange.Bid {
	w.Helper()
	made, err := w.exchange.Apply(w.ctx, w.who[name].Member, b.ID, "I drink tea all day.")
	w.must(err)
	return made
}

// send applies for a brief, is chosen, and has the sample sent.
func (w *world) send(name string, b exchange.Brief) (exchange.Bid, orders.Order) {
	w.Helper()
	made := w.apply(name, b)
	w.must(w.exchange.Choose(w.ctx, nil, made.ID))
	o, err := w.exchange.Accept(w.ctx, w.who[name], made.ID)
	w.must(err)
	return w.bid(made.ID), o
}

// arrive ships an order, and it arrives.
func (w *world) arrive(o orders.Order) {
	w.Helper()
	w.must(w.shop.Ship(w.ctx, "staff:sam", o.ID, "TRACK"))
	w.must(w.shop.Arrived(w.ctx, o.Member, o.ID))
}

func (w *world) review(name, handle string) error {
	p, _ := w.goods.ByHandle("acme", handle)
	_, err := w.reviews.Write(w.ctx, reviews.Review{Member: w.who[name].Member, Product: p.ID, Stars: reviews.Stars{1, 2, 1}, Words: "It leaks."})
	return err
}

func (w *world) bid(id commerce.BidID) exchange.Bid {
	w.Helper()
	b, err := w.exchange.Bid(w.ctx, id)
	w.must(err)
	return b
}

func (w *world) step() {
	w.Helper()
	for n := 1; n > 0; {
		var err error
		n, err = w.exchange.Step(w.ctx)
		w.must(err)
	}
}

// shelf says how the cup stands, and what is set aside for a brief.
func (w *world) shelf(b exchange.Brief) (s string) {
	w.Helper()
	w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
		var free, held, sold, aside int64
		err := tx.Row(`SELECT free, held, sold, COALESCE((SELECT quantity FROM allotments WHERE id = 'brief:' || $2), 0) FROM stock WHERE variant_id = $1`, b.Variant, b.ID).Scan(&free, &held, &sold, &aside)
		s = fmt.Sprintf("free %d, held %d, sold %d, aside %d", free, held, sold, aside)
		return err
	}))
	return s
}

// told counts the notices of a kind.
func (w *world) told(kind string) (n int) {
	w.Helper()
	w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM notices WHERE kind = $1`, kind).Scan(&n)
	}))
	return n
}

func (w *world) want(what, got, want string) {
	w.Helper()
	if got != want {
		w.Errorf("%s: %s; want %s", what, got, want)
	}
}

// is checks that an error is one of ours, whatever its arguments.
func (w *world) is(err error, want *commerce.Error) {
	w.Helper()
	var e *commerce.Error
	if !errors.As(err, &e) || e.Message != want.Message {
		w.Errorf("%v; want %s", err, want.Message)
	}
}
