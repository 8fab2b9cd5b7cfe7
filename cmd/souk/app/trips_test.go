package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/config"
	"github.com/soukchat/souk/sandbox/stripe"
)

// What a tap costs is counted before it is timed: trips to Redis, transactions
// in SQL. The members, the catalogue and the stock are warm, as they are for
// somebody who taps a second time within half a minute.
func TestTrips(t *testing.T) {
	a, trips := tripApp(t)
	tap := tapper(t, a)
	pick := commerce.PublicID("pick", "mira", "first")
	goods, err := a.Catalog.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	product, ok := goods.ByHandle(BrandID("leaf"), "cup")
	if !ok {
		t.Fatal("no product")
	}
	category := ""
	for _, c := range goods.Categories(nil) {
		if c.Name == "Kitchen" {
			category = string(c.ID)
		}
	}
	variant := string(product.Variants[0].ID)

	taps := []costly{
		{"/start", "Bench Bazaar", 1, 0, 0},
		{"/shop", "Bench Bazaar", 1, 0, 0},
		{"press start", "Bench Bazaar", 1, 0, 0},
		{"press categories", "Kitchen", 1, 0, 0},
		{"press category " + category + " 0", "Cup", 1, 0, 0},
		{"press p " + string(product.ID), "Cup", 1, 0, 0},
		{"press p " + string(product.ID) + " " + variant, "Cup", 1, 0, 0},
		{"press pick " + pick, "Every morning", 1, 0, 0},
		{"press pp " + pick + " " + string(product.ID), "Cup", 1, 0, 0},
		{"press creators", "Mira", 1, 1, 0},
		{"press creator " + string(CreatorID("mira")) + " 0", "Mira", 1, 1, 0},
		{"/cart", "Your cart is empty", 1, 0, 0},
		{"press help", "/cart", 1, 0, 0},
		{"press cart pick " + pick, "Cart (1)", 2, 0, 0},
		{"press cart add " + pick + " " + variant, "Cart (2)", 2, 0, 0},
		{"press cart", "Your cart", 1, 0, 0},
		{"press cart line " + variant, "Cup", 1, 0, 0},
		{"press cart set " + variant + " 3", "3 × Cup", 2, 0, 0},
		{"press start", "Cart (3)", 1, 0, 0},
		{"press feed", "Every morning", 1, 1, 0},
		{"/search cup", "Cup", 1, 1, 0},
		{"cup", "Cup", 1, 1, 0},
		{"/orders", "not ordered", 1, 1, 0},
	}
	for _, c := range taps { // whoever comes for the first time is read, or written down
		tap(c.text)
	}
	tap("press cart empty")
	for _, c := range taps {
		trips.cost(t, a, tap, c)
	}
}

// costly is a tap, what the answer shows and what it may cost at most.
type costly struct {
	text, shows   string
	redis         int64
	reads, writes uint64
}

func (c *counted) cost(t *testing.T, a *App, tap func(string) string, is costly) (answer string) {
	t.Helper()
	readsBefore, writesBefore := a.DB.Transactions()
	before := c.n.Load()
	answer = tap(is.text)
	reads, writes := a.DB.Transactions()
	if !strings.Contains(answer, is.shows) {
		t.Errorf("%s shows no %q: %s", is.text, is.shows, answer)
	}
	if n := c.n.Load() - before; n != is.redis {
		t.Errorf("%s costs %d trips to Redis instead of %d", is.text, n, is.redis)
	}
	if n := reads - readsBefore; n > is.reads {
		t.Errorf("%s reads SQL %d times instead of %d", is.text, n, is.reads)
	}
	if n := writes - writesBefore; n > is.writes {
		t.Errorf("%s writes SQL %d times instead of %d", is.text, n, is.writes)
	}
	return answer
}

// TestTripsOfAKeptCard counts the two taps of a member whose card Stripe keeps,
// and the way to them.
func TestTripsOfAKeptCard(t *testing.T) {
	a, trips := tripApp(t)
	tap := tapper(t, a)
	goods, err := a.Catalog.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	product, _ := goods.ByHandle(BrandID("leaf"), "cup")
	variant := string(product.Variants[0].ID)
	tap("/start")
	var o orders.Order
	if err := a.DB.Read(t.Context(), func(tx *database.Tx) error {
		return tx.Row(`SELECT member_id FROM accounts WHERE account = '101'`).Scan(&o.Member)
	}); err != nil {
		t.Fatal(err)
	}
	if err := a.Members.SaveAddress(t.Context(), o.Member, members.Address{Name: "Ann", Street: "Weg 1", City: "Berlin", Postcode: "10115", Country: "DE"}); err != nil {
		t.Fatal(err)
	}
	tap("press keepcard on")
	tap("press cart add " + variant)
	token := payLink.FindStringSubmatch(tap("press " + placeButton.FindString(tap("press checkout"))))
	if token == nil {
		t.Fatal("no order")
	}
	entry, err := a.Checkout.Enter(t.Context(), token[1])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trips.stripe.Pay(entry.Redirect, "4242424242424242"); err != nil {
		t.Fatal(err)
	}
	if err := a.Checkout.Ask(t.Context(), entry.Order.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Rest(t.Context()); err != nil {
		t.Fatal(err)
	}
	see := "press p " + string(product.ID) + " " + variant
	tap(see) // their cards are read once
	trips.cost(t, a, tap, costly{see, "Buy now", 1, 0, 0})
	trips.cost(t, a, tap, costly{"press pick " + commerce.PublicID("pick", "mira", "first"), "Every morning", 1, 0, 0})
	shown := trips.cost(t, a, tap, costly{"press buy " + variant, "pays when you press", 1, 3, 0})
	pay := payWith.FindStringSubmatch(shown)
	if pay == nil {
		t.Fatalf("no button pays: %s", shown)
	}
	trips.cost(t, a, tap, costly{"press " + pay[1], "it will be sent soon", 3, 10, 4}) // the order with who earned from it
}

// TestTripsOfACrowd counts what somebody costs who comes to a drop when nothing
// of it can be had any more: most of a crowd.
func TestTripsOfACrowd(t *testing.T) {
	a, trips := tripApp(t)
	if _, err := a.Rest(t.Context()); err != nil { // announced, open
		t.Fatal(err)
	}
	claim := "press drop claim " + commerce.PublicID("drop", "one")
	// Whoever comes after the first who is too late finds that remembered.
	for i, shows := range []string{"It is yours", "in line", "Too late", "Too late"} {
		if answer := tapperOf(t, a, 201+i)(claim); !strings.Contains(answer, shows) {
			t.Fatalf("the member number %d is answered %s", i+1, answer)
		}
	}
	tap := tapperOf(t, a, 301)
	trips.cost(t, a, tap, costly{claim, "Too late", 1, 1, 1}) // looked for, written down
	// Whether they have a place already,
	trips.cost(t, a, tap, costly{claim, "Too late", 1, 2, 0}) // and whether a notice waits for them
	trips.cost(t, a, tap, costly{claim, "Too late", 1, 1, 0})
}

// tapper sends what Ann says and presses, as Telegram does, and returns the
// answers.
func tapper(t *testing.T, a *App) func(text string) string { return tapperOf(t, a, 101) }

// tapperOf is tapper of a member with another number.
func tapperOf(t *testing.T, a *App, who int) func(text string) string {
	update, picture := 1000*who, false
	return func(text string) string {
		update++
		from := fmt.Sprintf(`{"id":%d,"first_name":"Ann","language_code":"en"}`, who)
		body := fmt.Sprintf(`{"update_id":%d,"message":{"message_id":5,"from":%s,"chat":{"id":%d,"type":"private"},"date":1,"text":"%s"}}`, update, from, who, text)
		if action, ok := strings.CutPrefix(text, "press "); ok {
			photo := ""
			if picture {
				photo = `"photo":[{"file_id":"x"}],`
			}
			body = fmt.Sprintf(`{"update_id":%d,"callback_query":{"id":"q%d","from":%s,"data":"%s","message":{"message_id":5,%s"date":1,"chat":{"id":%d,"type":"private"}}}}`,
				update, update, from, action, photo, who)
		}
		answer, err := a.bots["tg"].Receive(t.Context(), []byte(body), a.Shop)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		a.bots["tg"].Wait()
		picture = strings.Contains(string(answer.Body), "https://shop.example/m/")
		return string(answer.Body)
	}
}

// tripApp is a shop on SQLite and an in-process Redis whose clock stands
// still, and a count of the trips to Redis.
func tripApp(t *testing.T) (*App, *counted) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("cups.csv", "Handle,Title,Type,Published,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Status\n"+
		"cup,Cup,Kitchen,true,C1,shopify,50,9.90,active\nbowl,Bowl,Dining,true,B1,shopify,50,12.90,active\n")
	path := write("souk.yaml", `shop: {name: Bench Bazaar, url: "https://shop.example", currency: EUR}
stripe: {secret_key: "${KEY}", webhook_secret: "${HOOK}"}
database: {url: "sqlite:`+filepath.Join(dir, "souk.db")+`"}
media: {dir: "`+filepath.Join(dir, "media")+`"}
bots: {tg: {telegram: {token: "${TOKEN}", username: bench_bot}}}
communities: {all: {name: All, chats: [{bot: tg, id: "-1001000000001"}], featured: [mira]}, quiet: {name: Quiet}}
brands: {leaf: {name: Leaf, feed: cups.csv, shipping: [{name: Post, price: "4.90"}]}}
creators: {mira: {name: Mira, picks: [{id: first, title: Every morning, products: [cup]}]}}
drops: {one: {title: One, brand: leaf, product: bowl, units: 1, communities: [quiet], opens: 2026-02-28, closes: 2026-03-05}}
`)
	secrets := map[string]string{"KEY": "sk_test_trips", "HOOK": "whsec_trips", "TOKEN": "1000001:trips-trips-trips"}
	cfg, err := config.Load(path, func(name string) (string, bool) { v, ok := secrets[name]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	telegram := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(`{"ok":true,"result":true}`))
	}))
	t.Cleanup(telegram.Close)
	client := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	t.Cleanup(func() { client.Close() })
	trips := &counted{stripe: stripe.New(stripe.Config{Clock: still{}.Now, Key: "sk_test_trips"})}
	t.Cleanup(trips.stripe.Close)
	api := httptest.NewServer(trips.stripe.Handler())
	t.Cleanup(api.Close)
	client.AddHook(trips)
	a, err := New(t.Context(), Options{Config: cfg, Clock: still{}, Log: slog.New(slog.DiscardHandler), Redis: client,
		Telegram: telegram.URL, Stripe: api.URL, Offline: true, Manual: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a, trips
}

type still struct{}

func (still) Now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// counted counts what leaves for Redis: a pipeline is one trip.
type counted struct {
	n      atomic.Int64
	stripe *stripe.Server
}

func (c *counted) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (c *counted) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { c.n.Add(1); return next(ctx, cmd) }
}

func (c *counted) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { c.n.Add(1); return next(ctx, cmds) }
}
