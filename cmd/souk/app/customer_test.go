package app

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/soukchat/souk/bots/telegram"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/config"
	"github.com/soukchat/souk/sandbox/stripe"
	telegrams "github.com/soukchat/souk/sandbox/telegram"
)

// What the tests of the whole program are told apart by, and what must never
// be in a line of its log or in a reply.
const (
	testToken   = "110201543:canary-token-canary-token-canary-tok"
	testKey     = "sk_test_canarykeycanarykey"
	testHook    = "whsec_canaryhookcanaryhook"
	testDiscord = "canary.discord.token"
	testRedis   = "canaryredispassword"
	testPayer   = "284685063:TEST:canaryprovider"
	testAddress = "Canary Lane 77"
)

// town is all that stands around the program and survives its death: Redis,
// Telegram, Stripe, and a door that leads to whichever process serves now.
type town struct {
	*testing.T
	ctx      context.Context
	dir      string
	config   string // the file
	database string // its URL
	redis    *miniredis.Miniredis
	discord  ed25519.PrivateKey // what Discord signs with
	telegram *telegrams.Server
	stripe   *stripe.Server
	api      *httptest.Server // of both
	door     *httptest.Server // what shop.url leads to
	behind   atomic.Pointer[string]
	ahead    atomic.Int64 // how far the clock is before the system's
	updates  atomic.Int64
	sent     atomic.Int64 // requests to the program
	replies  func(string) // is told of every reply, nil for nobody
	revive   func() bool  // starts the program anew where it has died, and says so; nil where somebody else does
}

// died reports that the program has died, and so answered nobody, and has it
// started anew.
func (w *town) died() bool { return w.revive != nil && w.revive() }

func newTown(t *testing.T, url, goods string, stripeHTTP *http.Client) *town {
	w := &town{T: t, ctx: t.Context(), dir: t.TempDir(), database: url, redis: miniredis.RunT(t)}
	w.redis.RequireAuth(testRedis)
	w.discord = ed25519.NewKeyFromSeed([]byte(strings.Repeat("k", ed25519.SeedSize)))
	w.telegram = telegrams.New(telegrams.Config{Token: testToken, Username: "canary_bot", BotID: 110201543, Clock: w.Now, Provider: testPayer})
	w.stripe = stripe.New(stripe.Config{Clock: w.Now, Key: testKey, WebhookSecret: testHook, HTTP: stripeHTTP})
	t.Cleanup(w.telegram.Close)
	w.api = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/bot"):
			w.telegram.Handler().ServeHTTP(rw, r)
		case strings.HasPrefix(r.URL.Path, "/api/"): // Discord is never well here
			http.Error(rw, "<html>no</html>", http.StatusBadGateway)
		default:
			w.stripe.Handler().ServeHTTP(rw, r)
		}
	}))
	t.Cleanup(w.api.Close)
	t.Cleanup(w.stripe.Close)
	w.door = httptest.NewServer(http.HandlerFunc(w.forward))
	t.Cleanup(w.door.Close)
	w.stripe.SetWebhook(w.door.URL+"/stripe", testHook)
	w.write("goods.csv", "Handle,Title,Published,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Variant Requires Shipping,Status\n"+goods)
	w.config = w.write("souk.yaml", `shop: {name: Canary, url: "https://shop.example", currency: EUR}
stripe: {secret_key: "${KEY}", webhook_secret: "${HOOK}"}
database: {url: "${DATABASE}"}
redis: {url: "${REDIS}"}
media: {dir: "`+filepath.Join(w.dir, "media")+`"}
bots:
  tg: {telegram: {token: "${TOKEN}", username: canary_bot}}
  dc: {discord: {application: "300000000000000001", public_key: "`+hex.EncodeToString(w.discord.Public().(ed25519.PublicKey))+`", token: "${DISCORD}"}}
communities: {all: {name: All, chats: [{bot: tg, id: "-1001000000001"}], brands: [leaf]}}
brands: {leaf: {name: Leaf, feed: goods.csv, services: [ticket, badge], shipping: [{name: Parcel, price: 4.90}]}}
staff: [{name: Sam, role: admin, telegram: "9000"}]
policies: {hold: 5m}
`)
	w.telegram.AddUser(telegrams.User{ID: 9000, First: "Sam", Lang: "en"})
	return w
}

func (w *town) env() []string {
	return []string{"KEY=" + testKey, "HOOK=" + testHook, "TOKEN=" + testToken, "PROVIDER=" + testPayer, "DISCORD=" + testDiscord,
		"DATABASE=" + w.database, "REDIS=redis://:" + testRedis + "@" + w.redis.Addr()}
}

func (w *town) write(name, text string) string {
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
	return path
}

// Now makes the town a clock, the one its people and the program live by.
func (w *town) Now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// forward passes a request on to the process that serves now, if one does.
func (w *town) forward(rw http.ResponseWriter, r *http.Request) {
	to := w.behind.Load()
	if to == nil {
		http.Error(rw, "nobody is there", http.StatusBadGateway)
		return
	}
	req := r.Clone(r.Context())
	req.URL.Scheme, req.URL.Host, req.RequestURI = "http", *to, ""
	resp, err := doorTransport.RoundTrip(req)
	if err != nil {
		http.Error(rw, "it went away", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	for k, v := range resp.Header {
		rw.Header()[k] = v
	}
	rw.WriteHeader(resp.StatusCode)
	io.Copy(rw, resp.Body)
}

var doorTransport = &http.Transport{DisableKeepAlives: true}

// open opens the program's database beside it.
func (w *town) open() *database.DB {
	db, err := database.Open(w.ctx, w.database)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { db.Close() })
	return db
}

// customer is a person in the private chat with the bot. What they do is sent
// as Telegram sends it: again until it is taken.
type customer struct {
	*town
	id   int64
	name string
}

func (w *town) customer(id int64) *customer {
	c := &customer{town: w, id: id, name: fmt.Sprint("Person", id)}
	w.telegram.AddUser(telegrams.User{ID: id, First: c.name, Lang: "en"})
	if err := w.telegram.As(id).Start(""); err != nil {
		w.Error(err)
	}
	return c
}

func (c *customer) update(payload string) string {
	return fmt.Sprintf(`{"update_id":%d,%s}`, c.updates.Add(1), payload)
}

func (c *customer) from() string {
	return fmt.Sprintf(`"from":{"id":%d,"is_bot":false,"first_name":"%s","language_code":"en"}`, c.id, c.name)
}

func (c *customer) chat() string { return fmt.Sprintf(`"chat":{"id":%d,"type":"private"}`, c.id) }

// saying and pressing are updates.
func (c *customer) saying(text string) string {
	return c.update(fmt.Sprintf(`"message":{"message_id":5,%s,%s,"date":1,"text":"%s"}`, c.from(), c.chat(), text))
}

func (c *customer) pressing(action string) string {
	return c.update(fmt.Sprintf(`"callback_query":{"id":"q%d",%s,"chat_instance":"7","data":"%s","message":{"message_id":5,"date":1,"text":"x",%s}}`,
		c.updates.Load(), c.from(), action, c.chat()))
}

// say and press do something and return the answer, however often the program
// dies meanwhile.
func (c *customer) say(text string) string     { return c.deliver(c.saying(text)) }
func (c *customer) press(action string) string { return c.deliver(c.pressing(action)) }

func (c *customer) deliver(update string) string {
	for c.ctx.Err() == nil {
		status, body, err := c.post(update)
		if c.died() {
			continue
		}
		if err == nil && status == http.StatusOK {
			return body
		}
		time.Sleep(30 * time.Millisecond)
	}
	return ""
}

// post sends an update once.
func (w *town) post(update string) (status int, body string, err error) {
	w.sent.Add(1)
	req, err := http.NewRequestWithContext(w.ctx, "POST", w.door.URL+"/telegram/tg", strings.NewReader(update))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Telegram-Bot-Api-Secret-Token", telegram.WebhookSecret(testToken))
	return w.do(req)
}

func (w *town) do(req *http.Request) (int, string, error) {
	resp, err := plain.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if w.replies != nil {
		w.replies(fmt.Sprint(resp.Header) + string(data))
	}
	return resp.StatusCode, string(data), err
}

// plain follows no redirect.
var plain = &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

var (
	placeButton = regexp.MustCompile(`place [a-z0-9]+`)
	payLink     = regexp.MustCompile(`https://shop\.example/p/([a-z0-9]+)`)
	cancelled   = regexp.MustCompile(`order cancel [a-z0-9]+`)
)

// order puts things into the cart and orders them: it returns the token of the
// pay link and the last screen. Without a token they were not to be had.
func (c *customer) order(things ...string) (token, screen string) {
	c.press("cart empty")
	for _, v := range things {
		c.press("cart add " + v)
	}
	screen = c.press("checkout")
	for range 5 {
		place := placeButton.FindString(screen)
		if place == "" {
			return "", screen
		}
		screen = c.press(place)
		if m := payLink.FindStringSubmatch(screen); m != nil {
			return m[1], screen
		}
	}
	return "", screen
}

// page opens the pay link and returns Stripe's page, "" where it cannot be
// paid (any more).
func (w *town) page(token string) string {
	for w.ctx.Err() == nil {
		w.sent.Add(1)
		req, err := http.NewRequestWithContext(w.ctx, "GET", w.door.URL+"/p/"+token, nil)
		if err != nil {
			return ""
		}
		resp, err := plain.Do(req)
		if err == nil {
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if w.died() {
				continue
			}
			if w.replies != nil {
				w.replies(string(body)) // its Location is for this person
			}
			switch {
			case resp.StatusCode == http.StatusSeeOther:
				return resp.Header.Get("Location")
			case resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests:
				return ""
			}
		}
		time.Sleep(30 * time.Millisecond)
	}
	return ""
}

// pay pays with a card, and authenticates where it asks.
func (w *town) pay(page, card string) bool {
	out, err := w.stripe.Pay(page, card)
	if err == nil && out.Status == "requires_action" {
		out, err = w.stripe.Authenticate(page, true)
	}
	if err != nil && !errors.Is(err, stripe.ErrClosed) {
		w.Error(err)
	}
	return err == nil && out.Status == "paid"
}

// serve runs the program in this process, on a log.
func (w *town) serve(log *slog.Logger) *App {
	w.Helper()
	a, err := New(w.ctx, Options{Config: w.load(), Clock: w, Listen: "127.0.0.1:0", Telegram: w.api.URL, Discord: w.api.URL, Stripe: w.api.URL,
		Offline: true, Log: log})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		if err := a.Close(); err != nil {
			w.Errorf("close: %v", err)
		}
	})
	if err := a.Serve(w.ctx); err != nil {
		w.Fatal(err)
	}
	address := a.Addr()
	w.behind.Store(&address)
	return a
}

// load reads the town's configuration.
func (w *town) load() *config.Config {
	w.Helper()
	env := map[string]string{}
	for _, pair := range w.env() {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	cfg, err := config.Load(w.config, func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	if err != nil {
		w.Fatal(err)
	}
	return cfg
}

// variant is the id of the only variant of a product of the feed.
func variant(db *database.DB, handle string) (id string, err error) {
	err = db.Read(context.Background(), func(tx *database.Tx) error {
		return tx.Row(`SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.handle = $1`, handle).Scan(&id)
	})
	return id, err
}

// lines collects a log.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (l *lines) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

var _ commerce.Clock = (*town)(nil)
