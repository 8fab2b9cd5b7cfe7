package telegram_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/telegram"
	"github.com/soukchat/souk/commerce"
	sandbox "github.com/soukchat/souk/sandbox/telegram"
)

const (
	token = commerce.Secret("4242:canary-token-that-must-not-leak")
	ann   = int64(101)
	ben   = int64(102)
	group = int64(-1001000)
)

// shop is a Handler whose answers a test sets.
type shop struct {
	mu      sync.Mutex
	events  []bots.Event
	answer  func(bots.Event) bots.Screen
	suggest func(bots.Event, int) []bots.Suggestion
}

func (s *shop) Handle(_ context.Context, ev bots.Event) bots.Screen {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, ev)
	if s.answer == nil {
		return bots.Screen{}
	}
	return s.answer(ev)
}

func (s *shop) Suggest(_ context.Context, ev bots.Event, limit int) []bots.Suggestion {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, ev)
	return s.suggest(ev, limit)
}

func (s *shop) last(t *testing.T) bots.Event {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.events) == 0 {
		t.Fatal("the shop has heard nothing")
	}
	return s.events[len(s.events)-1]
}

// world is a stand-in with a registered bot, two people and a group.
type world struct {
	t      *testing.T
	tg     *sandbox.Server
	bot    *telegram.Bot
	shop   *shop
	logs   *bytes.Buffer
	now    time.Time
	mu     sync.Mutex
	status int         // what the hook answers instead of asking the bot, 0 for that
	bodies [][]byte    // updates as they came
	after  http.Header // headers of that answer
	api    *httptest.Server
}

func newWorld(t *testing.T, answer func(bots.Event) bots.Screen) *world {
	t.Helper()
	w := &world{t: t, shop: &shop{answer: answer}, logs: &bytes.Buffer{}, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	w.tg = sandbox.New(sandbox.Config{Token: token.Reveal(), Username: "souk_bot", Name: "Souk", BotID: 4242, Clock: w.clock})
	w.tg.AddUser(sandbox.User{ID: ann, First: "Ann", Username: "ann", Lang: "de"})
	w.tg.AddUser(sandbox.User{ID: ben, First: "Ben", Lang: "en"})
	w.tg.AddGroup(sandbox.Group{ID: group, Title: "Makers", Members: []int64{ann, ben}, Forum: true})
	w.api = httptest.NewServer(w.tg.Handler())
	t.Cleanup(w.api.Close)
	hook := httptest.NewServer(http.HandlerFunc(w.hook))
	t.Cleanup(hook.Close)
	w.bot = telegram.New(telegram.Config{
		ID: "main", Token: token, Username: "souk_bot", Endpoint: w.api.URL, Webhook: hook.URL + "/telegram/main",
		Log: slog.New(slog.NewTextHandler(&lockedWriter{w: w.logs}, nil)),
	})
	if err := w.bot.Register(t.Context(), []bots.Command{{Name: "shop", Description: map[string]string{"": "Open the shop", "de": "Zum Laden"}}}, bots.Scope{}); err != nil {
		t.Fatal(err)
	}
	w.tg.OnRest(func(context.Context) { w.bot.Wait() })
	t.Cleanup(func() {
		w.rest()
		if strings.Contains(w.logs.String(), "canary") {
			t.Errorf("the token is in the log:\n%s", w.logs)
		}
	})
	return w
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) hook(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.Header.Get("X-Telegram-Bot-Api-Secret-Token") != telegram.WebhookSecret(token) {
		w.t.Error("update without the secret")
	}
	w.mu.Lock()
	w.bodies = append(w.bodies, body)
	status, after := w.status, w.after
	w.mu.Unlock()
	for name := range after {
		rw.Header().Set(name, after.Get(name))
	}
	if status != 0 {
		rw.WriteHeader(status)
		return
	}
	a, err := w.bot.Receive(r.Context(), body, w.shop)
	if err != nil {
		w.t.Errorf("update %s: %v", body, err)
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	if a.ContentType != "" {
		rw.Header().Set("Content-Type", a.ContentType)
	}
	rw.WriteHeader(a.Status)
	rw.Write(a.Body)
}

func (w *world) rest() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	w.tg.Rest(ctx)
	if ctx.Err() != nil {
		w.t.Fatal("the stand-in did not come to rest")
	}
}

// must fails the test on an error and on calls that were refused.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	w.rest()
	for _, r := range w.tg.Refusals() {
		if strings.Contains(r.Text, "message is not modified") {
			continue // it shows that already
		}
		w.t.Fatalf("%s was refused: %s\n%v", r.Method, r.Text, r.Arguments)
	}
}

func (w *world) see(c *sandbox.Chatter, want string) {
	w.t.Helper()
	if got := c.Screen(); got != want {
		w.t.Fatalf("they see\n%s\n\nand not\n%s", got, want)
	}
}

func TestAPressInPrivateEditsTheMessage(t *testing.T) {
	w := newWorld(t, func(ev bots.Event) bots.Screen {
		if ev.Action == "cart" {
			return bots.Screen{Path: "cart", Text: bots.T("Your cart"), Notice: "Added", Rows: [][]bots.Button{{{Label: "Back", Action: "home"}}}}
		}
		return bots.Screen{Path: "home", Text: bots.T("Welcome"), Rows: [][]bots.Button{{{Label: "Cart", Action: "cart"}}}}
	})
	a := w.tg.Chatter(ann, "private")
	w.must(a.Say("/start"))
	w.see(a, "Welcome\n[Cart]")
	ev := w.shop.last(t)
	if ev.Kind != bots.Do || ev.Action != "start" || ev.From.Name != "Ann" || ev.From.Locale != "de" || !ev.Chat.Private || ev.Chat.ID != "101" || ev.Bot != "main" {
		t.Fatalf("%+v", ev)
	}
	w.must(a.Tap("Cart"))
	w.see(a, "Your cart\n[Back]\n(Added)")
	if n := len(w.tg.Messages(ann, ann)); n != 2 {
		t.Fatalf("%d messages", n)
	}
	if on := w.shop.last(t).On; on == nil || on.ID != "2" || on.Picture {
		t.Fatalf("%+v", on)
	}
}
