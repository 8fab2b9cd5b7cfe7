package shop_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/shop"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/digests"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/promotions"
	"github.com/soukchat/souk/commerce/receipts"
	"github.com/soukchat/souk/commerce/reviews"
	"github.com/soukchat/souk/commerce/stock"
	"github.com/soukchat/souk/sandbox/stripe"
)

const visa = "4242424242424242"

// world is a shop with everything below it real but Stripe, which is the
// project's stand-in. Tests speak with it as people, through Events.
type world struct {
	testing.TB
	ctx      context.Context
	db       *database.DB
	clock    *clocktest.Clock
	redis    *miniredis.Miniredis
	stripe   *stripe.Server
	catalog  *catalog.Catalog
	stock    *stock.Stock
	members  *members.Members
	creators *creators.Creators
	checkout *checkout.Checkout
	notices  *notices.Notices
	live     *live.Live
	shop     *shop.Shop
	log      *strings.Builder
	events   int
}

const header = "Handle,Title,Body (HTML),Type,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Published\n"

// acme sells a cup (three are left), a shirt in sizes, and things to browse.
func acme() string {
	feed := header +
		"cup,Cup,A cup for tea.,Kitchen,Title,Default Title,,,CUP,shopify,3,deny,11.90,15.00,true,true,true\n" +
		"last,Lamp,One of a kind.,Home,Title,Default Title,,,LAST,shopify,1,deny,50.00,,true,true,true\n" +
		"card,Greeting card,,Paper,Title,Default Title,,,CARD,,0,deny,2.50,,false,true,true\n" +
		"shirt,Linen shirt,Soft.,Clothes,Size,S,Color,Red,SH1,shopify,5,deny,30.00,,true,true,true\n" +
		"shirt,,,,,S,,Blue,SH2,shopify,0,deny,30.00,,true,true,true\n" +
		"shirt,,,,,M,,Red,SH3,,0,deny,32.00,,true,true,true\n" +
		"odd,*_<b>@everyone,[x](http://y),Paper,Title,Default Title,,,ODD,,0,deny,1.00,,true,true,true\n"
	for i := range 40 {
		first := ",,"
		if i == 0 {
			first = "Socks,,Clothes"
		}
		feed += fmt.Sprintf("socks,%s,Size,%d,Color,C%d,SO%d,,0,deny,5.00,,true,true,true\n", first, i%4, i, i)
	}
	for i := range 12 {
		feed += fmt.Sprintf("tea%d,Tea no. %d,,Food,Title,Default Title,,,T%d,,0,deny,4.00,,true,true,true\n", i, i, i)
	}
	return feed
}

func each(t *testing.T, run func(w *world)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) { run(newWorld(t, db)) })
}

func newWorld(t testing.TB, db *database.DB) *world {
	w := &world{TB: t, ctx: context.Background(), db: db, clock: clocktest.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), log: &strings.Builder{}}
	w.stripe = stripe.New(stripe.Config{Clock: w.clock.Now, Key: "sk_test_x"})
	t.Cleanup(w.stripe.Close)
	server := httptest.NewServer(w.stripe.Handler())
	t.Cleanup(server.Close)
	w.redis = miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: w.redis.Addr()})
	t.Cleanup(func() { client.Close() })

	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ids := commerce.RandomIDs{}
	w.live = live.New(client, w.clock)
	w.catalog, w.stock = catalog.New(db, w.clock), stock.New(db, w.clock)
	w.must(w.catalog.DeclareBrands(w.ctx, []catalog.Brand{{ID: "acme", Name: "Acme"}}))
	w.feed(acme())
	w.members, w.notices = members.New(db, w.clock, ids), notices.New(db, w.clock)
	w.creators = creators.New(db, w.clock, ids)
	w.declare()
	promo := promotions.New(db, w.clock, ids)
	w.checkout = checkout.New(checkout.Config{
		DB: db, Promotions: promo, Clock: w.clock, IDs: ids, Catalog: w.catalog, Members: w.members, Stock: w.stock, Log: log,
		Stripe: payments.New(payments.Config{Key: "sk_test_x", Endpoint: server.URL}),
		URL:    func() string { return "https://shop.example.com" },
		Hold:   func() time.Duration { return 15 * time.Minute },
		Rules: func() pricing.Rules {
			eur := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }
			return pricing.Rules{"acme": {Name: "Acme", Shipping: []pricing.ShippingOption{
				{ID: "post", Name: "Post", Days: "2–4", Price: eur(490), FreeFrom: eur(10000), To: []string{"DE", "AT"}},
				{ID: "fast", Name: "Express", Days: "1", Price: eur(990), To: []string{"DE"}},
			}, Tax: pricing.Tax{Name: "VAT", Included: true, Rates: []pricing.Rate{{PPM: 190_000}}}}}
		},
	})
	w.checkout.AfterPaid(func(o orders.Order) {
		for _, l := range o.Lines {
			if l.Variant != "" {
				w.live.TakeFromCart(w.ctx, o.Member, "bought:"+string(o.ID)+":"+string(l.Variant), l.Variant, l.Quantity)
			}
		}
	})
	w.members.OnLink(w.creators.Link)
	w.members.OnLink(orders.Link)
	w.members.OnErase(orders.Erase)
	w.members.OnErase(w.creators.Erase)
	w.members.OnExport(w.creators.Export)
	var err error
	w.shop, err = shop.New(shop.Config{
		Reviews:    reviews.New(reviews.Config{DB: db, Clock: w.clock, IDs: ids}),
		Waitlist:   drops.NewWaitlist(drops.WaitlistConfig{DB: db, Clock: w.clock, IDs: ids, Window: func() time.Duration { return 29 * time.Minute }}),
		Digests:    digests.New(digests.Config{DB: db, Clock: w.clock, IDs: ids}),
		Earnings:   earnings.New(earnings.Config{DB: db, Clock: w.clock, IDs: ids, Creators: w.creators, Rules: func() earnings.Rules { return earnings.Rules{} }}),
		Promotions: promo, Drops: drops.New(drops.Config{DB: db, Live: w.live, Clock: w.clock, IDs: ids, Chats: func() []drops.Chat { return nil }}),
		Settings: shop.Settings{Name: "The Test Shop", Language: "en", Communities: []shop.Community{
			{ID: "club", Name: "The club", Chats: []shop.Chat{{Bot: "bot", ID: "group"}}, Featured: []commerce.CreatorID{"mira"}}}},
		Live: w.live, Catalog: w.catalog, Stock: w.stock, Members: w.members, Creators: w.creators,
		Orders: w.checkout.Orders(), Checkout: w.checkout, Notices: w.notices, Clock: w.clock, Log: log,
		Receipts: receipts.New(receipts.Config{DB: db, Clock: w.clock, IDs: ids,
			Seller: func(commerce.BrandID) (receipts.Seller, bool) {
				return receipts.Seller{Prefix: "ACME", Name: "Acme"}, true
			}}),
		Picture: func(source string, p commerce.ProductID) string {
			return "https://shop.example.com/m/t/" + string(p) + "x"
		},
	})
	w.must(err)
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// feed imports a feed of acme's.
func (w *world) feed(csv string) {
	w.Helper()
	f, err := catalog.ReadFeed(strings.NewReader(csv), "feed.csv", "EUR")
	w.must(err)
	report, err := w.catalog.Import(w.ctx, catalog.Import{Brand: "acme", File: "feed.csv", Feed: f}, w.stock)
	w.must(err)
	if len(report.Problems) > 0 {
		w.Fatalf("feed: %+v", report.Problems)
	}
	w.stock.Forget()
}

func (w *world) product(handle string) *catalog.Product {
	w.Helper()
	goods, err := w.catalog.Snapshot(w.ctx)
	w.must(err)
	p, ok := goods.ByHandle("acme", handle)
	if !ok {
		w.Fatalf("no product %s", handle)
	}
	return p
}

func (w *world) declare() {
	w.Helper()
	item := func(handle string) creators.Item { return creators.Item{Product: w.product(handle).ID} }
	unknown, err := w.creators.Declare(w.ctx, []creators.Creator{
		{ID: "mira", Name: "Mira", Bio: "Tea and textiles.", Picks: []creators.Pick{
			{ID: "cuppick", Title: "My morning cup", Body: "I drink from it every day.", Items: []creators.Item{item("cup")}},
			{ID: "shirtpick", Title: "Summer shirt", Items: []creators.Item{item("shirt")}},
			{ID: "setpick", Title: "Tea for two", Items: []creators.Item{item("cup"), item("tea1"), item("shirt")}},
			{ID: "sockpick", Title: "Socks", Items: []creators.Item{item("socks")}},
			{ID: "lamppick", Title: "The lamp", Items: []creators.Item{item("last")}},
		}},
		{ID: "noor", Name: "Noor", Picks: []creators.Pick{{ID: "noorpick", Title: "Cards", Items: []creators.Item{item("card")}}}},
	})
	w.must(err)
	if len(unknown) > 0 {
		w.Fatalf("unknown items: %+v", unknown)
	}
}

// person is somebody in a private chat with the bot, or in the group.
type person struct {
	w        *world
	platform bots.Platform
	id       string
	locale   string
	group    bool
	last     bots.Screen
	lastID   string // of the event that was answered last
}

func (w *world) person(name string) *person {
	return &person{w: w, platform: "stepwise", id: name, locale: "en-GB"}
}

func (p *person) event(ev bots.Event) bots.Event {
	p.w.events++
	p.w.clock.Wait(time.Millisecond)
	if ev.ID == "" {
		ev.ID = fmt.Sprint(p.w.events)
	}
	ev.Bot, ev.From = "bot", bots.Person{Account: bots.Account{Platform: p.platform, ID: p.id}, Name: p.id, Locale: p.locale}
	ev.Chat = bots.Chat{ID: "private-" + p.id, Private: true}
	if p.group {
		ev.Chat = bots.Chat{ID: "group"}
	}
	return ev
}

// send has an event answered and checks what everybody relies on.
func (p *person) send(ev bots.Event) bots.Screen {
	p.w.Helper()
	ev = p.event(ev)
	s := p.w.shop.Handle(p.w.ctx, ev)
	p.w.check(ev, s)
	if !s.Empty() {
		p.last = s
	}
	p.lastID = ev.ID
	return s
}

func (w *world) check(ev bots.Event, s bots.Screen) {
	w.Helper()
	if err := s.Check(); err != nil {
		w.Errorf("%v %q: %v\n%s", ev.Kind, ev.Action, err, plain(s))
	}
	if !s.Empty() && !s.Public && s.Path == "" {
		w.Errorf("%v %q: the screen has no path\n%s", ev.Kind, ev.Action, plain(s))
	}
	if !s.Empty() && !s.Public && !ev.Chat.Private && s.Door == nil {
		w.Errorf("%v %q: no door in a group", ev.Kind, ev.Action)
	}
	if len(s.Path.Start()) > bots.MaxStart {
		w.Errorf("path %q is too long for a deep link", s.Path)
	}
	for _, b := range buttons(s) {
		if b.Label == "" || strings.Contains(b.Label, "button.") {
			w.Errorf("button %+v has no text", b)
		}
	}
	if strings.Contains(plain(s), "<no value>") {
		w.Errorf("a text lacks an argument:\n%s", plain(s))
	}
}

func (p *person) do(action string, text ...string) bots.Screen {
	p.w.Helper()
	return p.send(bots.Event{Kind: bots.Do, Action: bots.Action(action), Text: strings.Join(text, " ")})
}

func (p *person) say(text string) bots.Screen {
	p.w.Helper()
	return p.send(bots.Event{Kind: bots.Say, Text: text})
}

// fill answers the form that is open, all at once.
func (p *person) fill(values map[string]string) bots.Screen {
	p.w.Helper()
	if p.last.Form == nil {
		p.w.Fatalf("no form is open:\n%s", plain(p.last))
	}
	return p.send(bots.Event{Kind: bots.Fill, Action: p.last.Form.Action, Values: values})
}

// tap presses the button or takes the choice of the last screen whose label
// holds the text.
func (p *person) tap(label string) bots.Screen {
	p.w.Helper()
	return p.tapOn(p.last, label, &bots.Message{ID: "1"})
}

func (p *person) tapOn(s bots.Screen, label string, on *bots.Message) bots.Screen {
	p.w.Helper()
	for _, b := range buttons(s) {
		if b.Action != "" && strings.Contains(b.Label, label) {
			return p.send(bots.Event{Kind: bots.Do, Action: b.Action, On: on, Keep: b.Keep})
		}
	}
	p.w.Fatalf("no button %q on:\n%s", label, plain(s))
	return bots.Screen{}
}

// sees fails unless the last screen, or its notice, holds all the texts.
func (p *person) sees(texts ...string) {
	p.w.Helper()
	shown := plain(p.last)
	for _, t := range texts {
		if !strings.Contains(shown, t) {
			p.w.Errorf("%q is not on the screen:\n%s", t, shown)
		}
	}
}

func (p *person) misses(texts ...string) {
	p.w.Helper()
	shown := plain(p.last)
	for _, t := range texts {
		if strings.Contains(shown, t) {
			p.w.Errorf("%q is on the screen:\n%s", t, shown)
		}
	}
}

func (p *person) notice(s bots.Screen, text string) {
	p.w.Helper()
	if !strings.Contains(s.Notice, text) {
		p.w.Errorf("notice %q, want %q", s.Notice, text)
	}
}

func buttons(s bots.Screen) (list []bots.Button) {
	if s.Menu != nil {
		for _, c := range s.Menu.Choices {
			list = append(list, bots.Button{Label: c.Label, Action: c.Action})
		}
	}
	for _, row := range s.Rows {
		list = append(list, row...)
	}
	if s.Form != nil {
		if s.Form.Quick.Label != "" {
			list = append(list, s.Form.Quick)
		}
		list = append(list, s.Form.Cancel)
	}
	return list
}

// plain writes a screen as text: what stands in it, its form, its buttons.
func plain(s bots.Screen) string {
	var b strings.Builder
	if s.Notice != "" {
		fmt.Fprintf(&b, "(%s)\n", s.Notice)
	}
	b.WriteString(s.Text.String() + "\n")
	if s.Form != nil {
		fmt.Fprintf(&b, "? %s\n", s.Form.Fields[s.Form.Step].Label)
	}
	for _, x := range buttons(s) {
		fmt.Fprintf(&b, "[%s] %s%s\n", x.Label, x.Action, x.Link)
	}
	return b.String()
}

// unspace makes the spaces of amounts plain ones.
func unspace(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }
