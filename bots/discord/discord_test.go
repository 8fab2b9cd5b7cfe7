package discord_test

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/discord"
	sandbox "github.com/soukchat/souk/sandbox/discord"
)

const (
	token       = "secret.bot.token"
	ann         = "300000000000000001"
	bob         = "300000000000000002"
	guild       = "400000000000000001"
	lounge      = "500000000000000001"
	thread      = "500000000000000002"
	application = "100000000000000001"
)

// world is the adapter, wired to the stand-in as it is to Discord: by HTTP in
// both directions, with signatures.
type world struct {
	t      *testing.T
	server *sandbox.Server
	bot    *discord.Bot
	talk   *talk
	hook   *httptest.Server
	api    *httptest.Server
	after  chan chan time.Time
	log    *lockedBuffer

	mu      sync.Mutex
	answers []bots.Answer
	now     time.Time
}

func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// talk is a conversation that shows what the test has laid out for an action.
type talk struct {
	mu       sync.Mutex
	screens  map[bots.Action]bots.Screen
	events   []bots.Event
	proposes []bots.Suggestion
	hold     chan struct{} // where not nil, Handle waits for it
	panics   bool
}

func (k *talk) Handle(_ context.Context, ev bots.Event) bots.Screen {
	k.mu.Lock()
	k.events = append(k.events, ev)
	s, hold, panics := k.screens[ev.Action], k.hold, k.panics
	k.mu.Unlock()
	if hold != nil {
		<-hold
	}
	if panics {
		panic("a fault in the conversation")
	}
	return s
}

func (k *talk) Suggest(_ context.Context, ev bots.Event, _ int) []bots.Suggestion {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.events = append(k.events, ev)
	if k.panics {
		panic("a fault in the suggestions")
	}
	return k.proposes
}

func (k *talk) last() bots.Event {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.events[len(k.events)-1]
}

func (k *talk) show(a bots.Action, s bots.Screen) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.screens[a] = s
}

type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, talk: &talk{screens: map[bots.Action]bots.Screen{}}, log: &lockedBuffer{}, now: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)}
	w.server = sandbox.New(sandbox.Config{Application: application, Token: token, Seed: []byte("a seed of exactly 32 bytes, yes!"), Clock: w.Now})
	w.server.AddUser(sandbox.User{ID: ann, Username: "ann", GlobalName: "Ann", Locale: "de"})
	w.server.AddUser(sandbox.User{ID: bob, Username: "bob"})
	w.server.AddGuild(sandbox.Guild{ID: guild, Name: "Guild", Members: []string{ann, bob}})
	w.server.AddChannel(sandbox.Channel{ID: lounge, Guild: guild, Name: "lounge"})
	w.server.AddChannel(sandbox.Channel{ID: thread, Type: sandbox.Thread, Parent: lounge, Guild: guild, Name: "a thread"})
	w.api = httptest.NewServer(w.server.Handler())
	t.Cleanup(w.api.Close)
	var err error
	w.bot, err = discord.New(discord.Config{
		ID: "main", Application: application, PublicKey: w.server.PublicKey(), Token: token, Endpoint: w.api.URL, Clock: w,
		Log: slog.New(slog.NewTextHandler(w.log, nil)), After: w.afterwards,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.hook = httptest.NewServer(http.HandlerFunc(w.webhook))
	t.Cleanup(w.hook.Close)
	if err := w.server.SetInteractionsURL(w.hook.URL); err != nil {
		t.Fatal(err)
	}
	commands := []bots.Command{
		{Name: "shop", Description: map[string]string{"": "Open the shop", "de": "Den Laden öffnen"}},
		{Name: "find", Description: map[string]string{"": "Find something"}, Option: &bots.Option{Name: "text", Description: map[string]string{"": "What"}, Suggests: true}},
		{Name: "staff", Description: map[string]string{"": "For staff"}, Staff: true},
	}
	if p := discord.CheckCommands(commands); len(p) > 0 {
		t.Fatal(p)
	}
	if err := w.bot.Register(t.Context(), commands, bots.Scope{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if text := w.log.String(); strings.Contains(text, token) {
			t.Errorf("the log holds the bot's token:\n%s", text)
		}
	})
	return w
}

// afterwards lets every pause of the adapter pass once the stand-in has read
// every answer; but its patience with the conversation ends when the test says
// so, or never.
func (w *world) afterwards(d time.Duration) <-chan time.Time {
	c := make(chan time.Time, 1)
	if d == 2*time.Second && w.after != nil {
		w.after <- c
		return c
	}
	if d != 2*time.Second && d != 2500*time.Millisecond {
		go func() {
			if w.server.Delivered(w.t.Context()) == nil {
				c <- w.Now()
			}
		}()
	}
	return c
}

// webhook does what the program's own does before and after the adapter.
func (w *world) webhook(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	sig, _ := hex.DecodeString(r.Header.Get("X-Signature-Ed25519"))
	if !ed25519.Verify(w.bot.Key(), append([]byte(r.Header.Get("X-Signature-Timestamp")), body...), sig) {
		rw.WriteHeader(http.StatusUnauthorized)
		return
	}
	answer, err := w.bot.Receive(r.Context(), body, w.talk)
	if err != nil && answer.Status < 400 {
		w.t.Errorf("error %v with status %d", err, answer.Status)
	}
	clear(body) // as the server reuses it
	w.mu.Lock()
	w.answers = append(w.answers, answer)
	w.mu.Unlock()
	rw.Header().Set("Content-Type", answer.ContentType)
	if answer.Status != 0 {
		rw.WriteHeader(answer.Status)
	}
	_, _ = rw.Write(answer.Body)
}

func (w *world) messages(who, channel string) []sandbox.Message {
	return w.server.Messages(who, channel)
}

func (w *world) newest(who, channel string) sandbox.Message {
	w.t.Helper()
	list := w.messages(who, channel)
	if len(list) == 0 {
		w.t.Fatalf("%s sees no message", who)
	}
	return list[len(list)-1]
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) settle() {
	w.t.Helper()
	w.bot.Wait()
	ctx, cancel := context.WithTimeout(w.t.Context(), 2*time.Minute)
	defer cancel()
	if err := w.server.Rest(ctx); err != nil {
		w.t.Fatalf("%v; the adapter's log:\n%s", err, w.log)
	}
}

// still is a conversation that always shows the same.
type still struct{ screen bots.Screen }

func (s *still) Handle(context.Context, bots.Event) bots.Screen { return s.screen }

func (s *still) Suggest(context.Context, bots.Event, int) []bots.Suggestion { return nil }
