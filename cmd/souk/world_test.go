package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/soukchat/souk/cmd/souk/rehearse"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/sandbox/discord"
	"github.com/soukchat/souk/sandbox/stripe"
	"github.com/soukchat/souk/sandbox/telegram"
)

// TestMain lets the test binary be the program: started with this variable, or
// by a rehearsal, it is souk, built as the tests are built.
func TestMain(m *testing.M) {
	if os.Getenv("SOUK_TEST_BE_THE_PROGRAM") != "" || slices.Equal(os.Args[1:], []string{rehearse.ProcessCommand}) {
		main()
	}
	code := m.Run()
	os.RemoveAll(built.dir)
	os.Exit(code)
}

// patience is after how long a test that waits gives up. No test needs it.
const patience = 60 * time.Second

// What must stand in no log and on no terminal.
const (
	botToken     = "110201543:canary-canary-canary-canary-canary"
	discordToken = "canary.canary.canary"
	stripeKey    = "sk_test_canary"
	hookSecret   = "whsec_canary"
	application  = "300000000000000001"
)

var private = []string{"canary", "Ann Example", "Weg 1", "10115", "Morning mug", "morning-mug"}

// world is what is around a program that serves: the stand-ins at one address,
// and at another the door that leads to the program, or to several by turns.
type world struct {
	*testing.T
	telegram *telegram.Server
	discord  *discord.Server
	stripe   *stripe.Server
	outside  string // address of the stand-ins
	door     string // public address of the shop
	redis    string
	dir      string
	config   string // the file
	down     sync.Map
	programs struct {
		sync.Mutex
		list []*program
		next int
	}
	variables map[string]string
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, dir: t.TempDir(), redis: os.Getenv("SOUK_TEST_REDIS")}
	w.config = filepath.Join(w.dir, "shop.yaml")
	if w.redis == "" {
		w.redis = "redis://" + miniredis.RunT(t).Addr()
	}
	outside := httptest.NewServer(http.HandlerFunc(w.serveOutside))
	t.Cleanup(outside.Close)
	door := httptest.NewServer(http.HandlerFunc(w.serveDoor))
	t.Cleanup(door.Close)
	w.outside, w.door = outside.URL, door.URL
	w.telegram = telegram.New(telegram.Config{Token: botToken, Username: "corner_bot", Name: "Corner Shop", BotID: 110201543})
	t.Cleanup(w.telegram.Close)
	w.discord = discord.New(discord.Config{Application: application, Token: discordToken, Name: "Corner Shop"})
	w.stripe = stripe.New(stripe.Config{Key: stripeKey, WebhookSecret: hookSecret, Base: w.outside})
	t.Cleanup(w.stripe.Close)
	group := telegram.Group{ID: -1001000000001, Title: "Corner"}
	guild := discord.Guild{ID: "400000000000000001", Name: "Corner", Locale: "en-US"}
	for i, name := range []string{"Ann", "Ben", "Sam"} {
		id := int64(1001 + i)
		w.telegram.AddUser(telegram.User{ID: id, First: name, Username: strings.ToLower(name), Lang: "en"})
		group.Members = append(group.Members, id)
		w.discord.AddUser(discord.User{ID: "10000000000000000" + string(rune('1'+i)), Username: strings.ToLower(name), GlobalName: name, Locale: "en-US"})
		guild.Members = append(guild.Members, "10000000000000000"+string(rune('1'+i)))
	}
	w.telegram.AddGroup(group)
	w.discord.AddGuild(guild)
	w.discord.AddChannel(discord.Channel{ID: "200000000000000001", Guild: guild.ID, Name: "market"})
	w.stripe.SetWebhook(w.door+"/stripe", hookSecret)
	w.variables = map[string]string{
		"TELEGRAM_TOKEN": botToken, "DISCORD_TOKEN": discordToken, "STRIPE_SECRET_KEY": stripeKey, "STRIPE_WEBHOOK_SECRET": hookSecret,
		"DISCORD_PUBLIC_KEY": w.discord.PublicKey(), "SHOP_URL": w.door, "REDIS_URL": w.redis, "DATABASE_URL": databasetest.URL(t, databasetest.Engines()[0]),
		"SOUK_TELEGRAM_API": w.outside, "SOUK_DISCORD_API": w.outside, "SOUK_STRIPE_API": w.outside,
	}
	feed, err := os.ReadFile("../../sandbox/chatscript/testdata/shop/kiln.csv")
	if err == nil {
		err = os.WriteFile(filepath.Join(w.dir, "kiln.csv"), feed, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	// The bots' names mark what belongs to this test in a Redis that others use.
	name := commerce.RandomIDs{}.ID()[:8]
	w.write(strings.NewReplacer("TG", "tg"+name, "DC", "dc"+name).Replace(shopYAML))
	return w
}

const shopYAML = `shop: {name: Corner Shop, url: "${SHOP_URL}", currency: EUR}
stripe: {secret_key: "${STRIPE_SECRET_KEY}", webhook_secret: "${STRIPE_WEBHOOK_SECRET}"}
database: {url: "${DATABASE_URL}"}
redis: {url: "${REDIS_URL}"}
bots:
  TG: {telegram: {token: "${TELEGRAM_TOKEN}", username: corner_bot}}
  DC: {discord: {application: "300000000000000001", public_key: "${DISCORD_PUBLIC_KEY}", token: "${DISCORD_TOKEN}"}}
communities:
  corner:
    name: The Corner
    chats: [{bot: TG, id: "-1001000000001"}, {bot: DC, id: "200000000000000001"}]
    featured: [mira]
brands:
  kiln:
    name: Kiln & Co
    feed: kiln.csv
    shipping: [{name: Parcel, price: 4.90, to: [DE]}]
creators:
  mira:
    name: Mira
    picks: [{id: mug, title: The mug I use every day, products: [morning-mug]}]
staff:
  - {name: Sam, role: admin, telegram: "1003", discord: "100000000000000003"}
`

// write puts a configuration there as editors do: aside, then in its place.
func (w *world) write(text string) {
	w.Helper()
	if err := os.WriteFile(w.config+".new", []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
	if err := os.Rename(w.config+".new", w.config); err != nil {
		w.Fatal(err)
	}
}

// change edits the configuration.
func (w *world) change(pairs ...string) {
	w.Helper()
	old, err := os.ReadFile(w.config)
	if err != nil {
		w.Fatal(err)
	}
	text := strings.NewReplacer(pairs...).Replace(string(old))
	if text == string(old) {
		w.Fatalf("nothing to change for %q", pairs)
	}
	w.write(text)
}

// set takes a service down, or has it back.
func (w *world) set(service string, down bool) { w.down.Store(service, down) }

func (w *world) serveOutside(rw http.ResponseWriter, r *http.Request) {
	service, handler := "stripe", w.stripe.Handler()
	switch {
	case strings.HasPrefix(r.URL.Path, "/bot"), strings.HasPrefix(r.URL.Path, "/file/"):
		service, handler = "telegram", w.telegram.Handler()
	case strings.HasPrefix(r.URL.Path, "/api/"), strings.HasPrefix(r.URL.Path, "/attachments/"):
		service, handler = "discord", w.discord.Handler()
	}
	if down, _ := w.down.Load(service); down == true {
		panic(http.ErrAbortHandler) // the connection is closed without an answer
	}
	handler.ServeHTTP(rw, r)
}

// serveDoor is the proxy in front of the programs.
func (w *world) serveDoor(rw http.ResponseWriter, r *http.Request) {
	w.programs.Lock()
	var p *program
	if n := len(w.programs.list); n > 0 {
		p = w.programs.list[w.programs.next%n]
		w.programs.next++
	}
	w.programs.Unlock()
	if p == nil {
		rw.WriteHeader(http.StatusBadGateway)
		return
	}
	to := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: p.address})
	to.ErrorHandler = func(rw http.ResponseWriter, _ *http.Request, _ error) { rw.WriteHeader(http.StatusBadGateway) }
	to.ServeHTTP(rw, r)
}
