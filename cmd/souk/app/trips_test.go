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
	"github.com/soukchat/souk/config"
)

// What a tap costs is counted before it is timed: trips to Redis, transactions
// in SQL. The members, the catalogue and the stock are warm, as they are for
// somebody who taps a second time within half a minute.
func TestTrips(t *testing.T) {
	a, trips := tripApp(t)
	update, picture := 1000, false
	tap := func(text string) string {
		update++
		from := `{"id":101,"first_name":"Ann","language_code":"en"}`
		body := fmt.Sprintf(`{"update_id":%d,"message":{"message_id":5,"from":%s,"chat":{"id":101,"type":"private"},"date":1,"text":"%s"}}`, update, from, text)
		if action, ok := strings.CutPrefix(text, "press "); ok {
			photo := ""
			if picture {
				photo = `"photo":[{"file_id":"x"}],`
			}
			body = fmt.Sprintf(`{"update_id":%d,"callback_query":{"id":"q%d","from":%s,"data":"%s","message":{"message_id":5,%s"date":1,"chat":{"id":101,"type":"private"}}}}`,
				update, update, from, action, photo)
		}
		answer, err := a.bots["tg"].Receive(t.Context(), []byte(body), a.Shop)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		a.bots["tg"].Wait()
		picture = strings.Contains(string(answer.Body), "https://shop.example/m/")
		return string(answer.Body)
	}

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

	taps := []struct {
		text  string
		shows string
		redis int64
		sql   uint64
	}{
		{"/start", "Bench Bazaar", 1, 0},
		{"/shop", "Bench Bazaar", 1, 0},
		{"press start", "Bench Bazaar", 1, 0},
		{"press categories", "Kitchen", 1, 0},
		{"press category " + category + " 0", "Cup", 1, 0},
		{"press p " + string(product.ID), "Cup", 1, 0},
		{"press p " + string(product.ID) + " " + variant, "Cup", 1, 0},
		{"press pick " + pick, "Every morning", 1, 0},
		{"press pp " + pick + " " + string(product.ID), "Cup", 1, 0},
		{"press creators", "Mira", 1, 0},
		{"press creator " + string(CreatorID("mira")) + " 0", "Mira", 1, 0},
		{"/cart", "Your cart is empty", 1, 0},
		{"press help", "/cart", 1, 0},
		{"press cart pick " + pick, "Cart (1)", 2, 0},
		{"press cart add " + pick + " " + variant, "Cart (2)", 2, 0},
		{"press cart", "Your cart", 1, 0},
		{"press cart line " + variant, "Cup", 1, 0},
		{"press cart set " + variant + " 3", "3 × Cup", 2, 0},
		{"press start", "Cart (3)", 1, 0},
		{"press feed", "Every morning", 1, 1},
		{"/search cup", "Cup", 1, 1},
		{"cup", "Cup", 1, 1},
		{"/orders", "not ordered", 1, 1},
	}
	for _, c := range taps { // whoever comes for the first time is read, or written down
		tap(c.text)
	}
	tap("press cart empty")
	for _, c := range taps {
		readsBefore, writesBefore := a.DB.Transactions()
		before := trips.Load()
		got := tap(c.text)
		readsAfter, writesAfter := a.DB.Transactions()
		if !strings.Contains(got, c.shows) {
			t.Errorf("%s shows no %q: %s", c.text, c.shows, got)
		}
		if n := trips.Load() - before; n != c.redis {
			t.Errorf("%s costs %d trips to Redis instead of %d", c.text, n, c.redis)
		}
		if n := readsAfter - readsBefore; n > c.sql {
			t.Errorf("%s reads SQL %d times instead of %d", c.text, n, c.sql)
		}
		if n := writesAfter - writesBefore; n != 0 {
			t.Errorf("%s writes SQL %d times", c.text, n)
		}
	}
}

// tripApp is a shop on SQLite and an in-process Redis whose clock stands
// still, and a count of the trips to Redis.
func tripApp(t *testing.T) (*App, *atomic.Int64) {
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
communities: {all: {name: All, chats: [{bot: tg, id: "-1001000000001"}], featured: [mira]}}
brands: {leaf: {name: Leaf, feed: cups.csv, shipping: [{name: Post, price: "4.90"}]}}
creators: {mira: {name: Mira, picks: [{id: first, title: Every morning, products: [cup]}]}}
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
	trips := new(counted)
	client.AddHook(trips)
	a, err := New(t.Context(), Options{Config: cfg, Clock: still{}, Log: slog.New(slog.DiscardHandler), Redis: client,
		Telegram: telegram.URL, Offline: true, Manual: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a, &trips.n
}

type still struct{}

func (still) Now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// counted counts what leaves for Redis: a pipeline is one trip.
type counted struct{ n atomic.Int64 }

func (c *counted) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (c *counted) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { c.n.Add(1); return next(ctx, cmd) }
}

func (c *counted) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { c.n.Add(1); return next(ctx, cmds) }
}
