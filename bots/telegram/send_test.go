package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/telegram"
	sandbox "github.com/soukchat/souk/sandbox/telegram"
)

func TestWhySendingFails(t *testing.T) {
	w := newWorld(t, pages(map[string]bots.Screen{"start": screen("Home")}))
	w.must(w.tg.As(ann).Start(""))
	w.tg.AddUser(sandbox.User{ID: 103, First: "Cid"})
	w.must(w.tg.As(103).Start(""))
	w.must(w.tg.As(103).Block())
	w.tg.AddGroup(sandbox.Group{ID: -5, Title: "Small", Members: []int64{ann}})
	w.tg.Migrate(-5, -1005000)
	w.tg.AddGroup(sandbox.Group{ID: -6, Title: "Left", Members: []int64{ann}, NoBot: true})
	file := &bots.File{Name: "a.json", Data: []byte("{}")}
	for _, test := range []struct {
		name  string
		to    bots.To
		text  string
		file  *bots.File
		fault sandbox.Fault
		want  bots.Outcome
		after time.Duration
		moved string
	}{
		{name: "never started", to: bots.To{Account: "102"}, want: bots.Refused},
		{name: "nobody", to: bots.To{Account: "999"}, want: bots.Refused},
		{name: "blocked", to: bots.To{Account: "103"}, want: bots.Refused},
		{name: "blocked before the upload", to: bots.To{Account: "101"}, file: file, fault: sandbox.Fault{Method: "sendDocument", Code: 403, Text: "Forbidden: bot was blocked by the user"}, want: bots.Refused},
		{name: "no such group", to: bots.To{Chat: "-77"}, want: bots.Gone},
		{name: "left", to: bots.To{Chat: "-6"}, want: bots.Gone},
		{name: "no such topic", to: bots.To{Chat: "-1001000", Thread: "9"}, want: bots.Gone},
		{name: "migrated", to: bots.To{Chat: "-5"}, want: bots.Gone, moved: "-1005000"},
		{name: "too fast", to: bots.To{Account: "101"}, text: "sandbox:429:7", want: bots.TooFast, after: 7 * time.Second},
		{name: "too fast on upload", to: bots.To{Account: "101"}, file: file, fault: sandbox.Fault{Method: "sendDocument", Code: 429, RetryAfter: 3}, want: bots.TooFast, after: 3 * time.Second},
		{name: "internal", to: bots.To{Account: "101"}, text: "sandbox:500", want: bots.Unreachable},
		{name: "gateway", to: bots.To{Account: "101"}, text: "sandbox:502", want: bots.Unreachable},
		{name: "connection lost", to: bots.To{Account: "101"}, text: "sandbox:drop", want: bots.Unreachable},
		{name: "token revoked", to: bots.To{Account: "101"}, fault: sandbox.Fault{Code: 401}, want: bots.Unreachable},
		{name: "our fault", to: bots.To{Account: "101"}, fault: sandbox.Fault{Code: 400, Text: "Bad Request: BUTTON_DATA_INVALID"}, want: bots.Malformed},
	} {
		if test.fault.Code != 0 {
			w.tg.Fail(test.fault)
		}
		s := screen("hello" + test.text)
		s.File = test.file
		_, err := w.bot.Send(t.Context(), test.to, s, "n")
		var e *bots.SendError
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if e.Outcome != test.want || e.RetryAfter != test.after || e.MovedTo != test.moved {
			t.Errorf("%s: %+v", test.name, e)
		}
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the token is in the error: %v", test.name, err)
		}
	}
}

func TestSendAndEdit(t *testing.T) {
	w := newWorld(t, pages(map[string]bots.Screen{"start": screen("Home")}))
	w.must(w.tg.As(ann).Start(""))
	topic := w.tg.AddTopic(group, "Mugs")
	to := bots.To{Chat: "-1001000", Thread: fmt.Sprint(topic)}
	post := with(screen("Mug", b("Buy", "buy")), func(s *bots.Screen) { s.Picture = mug })
	id, err := w.bot.Send(t.Context(), to, post, "n")
	if err != nil || id != "2" {
		t.Fatal(id, err)
	}
	edit := func(s bots.Screen) {
		t.Helper()
		if err := w.bot.Edit(t.Context(), to, id, s); err != nil {
			t.Fatal(err)
		}
	}
	edit(post) // shows it already
	edit(screen("Mug, sold out"))
	m := w.tg.Messages(ann, group)[0]
	if m.Caption != "Mug, sold out" || m.Photo == nil || m.ReplyMarkup != nil || m.ThreadID != topic {
		t.Errorf("%+v", m)
	}
	unfetchable := with(screen("Bowl"), func(s *bots.Screen) { s.Picture = &bots.Picture{URL: "https://shop.example/unfetchable.png", Alt: "x"} })
	edit(unfetchable)
	if m := w.tg.Messages(ann, group)[0]; m.Caption != "Bowl" {
		t.Errorf("%+v", m)
	}
	if _, err := w.bot.Send(t.Context(), bots.To{Account: "101"}, unfetchable, "n"); err != nil {
		t.Fatal(err)
	}
	w.see(w.tg.Chatter(ann, "private"), "Bowl")
	var e *bots.SendError
	if err := w.bot.Edit(t.Context(), to, "99", post); !errors.As(err, &e) || e.Outcome != bots.Gone {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.bot.Send(ctx, to, post, "n"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestRegister(t *testing.T) {
	w := newWorld(t, pages(map[string]bots.Screen{"start": screen("Home")}))
	w.must(w.tg.As(ann).Start(""))
	commands := []bots.Command{
		{Name: "shop", Description: map[string]string{"": "Open the shop", "de": "Zum Laden", "pt-BR": "Abrir"}},
		{Name: "staff", Description: map[string]string{"": "Orders"}, Staff: true},
	}
	if p := telegram.CheckCommands(commands); p != nil {
		t.Errorf("%v", p)
	}
	// Ben has not written to the bot yet: that is no error.
	if err := w.bot.Register(t.Context(), commands, bots.Scope{Staff: []string{"101", "102"}}); err != nil {
		t.Fatal(err)
	}
	want := []sandbox.Command{{Command: "shop", Description: "Zum Laden"}, {Command: "staff", Description: "Orders"}}
	if d := cmp.Diff(want, w.tg.Commands(ann, ann)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]sandbox.Command{{Command: "shop", Description: "Open the shop"}}, w.tg.Commands(ben, ben)); d != "" {
		t.Error(d)
	}
	if err := w.bot.Probe(t.Context()); err != nil {
		t.Error(err)
	}
	w.mu.Lock()
	w.status = 500
	w.mu.Unlock()
	if err := w.tg.As(ann).Say(ann, "hello"); err != nil {
		t.Fatal(err)
	}
	w.rest()
	if err := w.bot.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("%v", err)
	}
	other := telegram.New(telegram.Config{ID: "x", Token: token, Username: "other_bot", Endpoint: w.api.URL, Webhook: "https://shop.example/telegram/x"})
	if err := other.Register(t.Context(), nil, bots.Scope{}); err == nil || !strings.Contains(err.Error(), "@souk_bot") {
		t.Errorf("%v", err)
	}
}

func TestCheckCommands(t *testing.T) {
	many := make([]bots.Command, 101)
	for i := range many {
		many[i] = bots.Command{Name: fmt.Sprint("c", i), Description: map[string]string{"": "x"}}
	}
	for _, test := range []struct {
		commands []bots.Command
		want     string
	}{
		{[]bots.Command{{Name: "Shop", Description: map[string]string{"": "x"}}}, "0.name"},
		{[]bots.Command{{Name: "a", Description: map[string]string{"de": "x"}}}, "0.description"},
		{[]bots.Command{{Name: "a", Description: map[string]string{"": "x"}}, {Name: "a", Description: map[string]string{"": "x"}}}, "1.name"},
		{[]bots.Command{{Name: "a", Description: map[string]string{"": strings.Repeat("x", 257)}}}, "0.description"},
		{many, ""},
	} {
		if p := telegram.CheckCommands(test.commands); len(p) != 1 || p[0].Path != test.want {
			t.Errorf("%v", p)
		}
	}
}

// TestTheTokenStaysSecret provokes every way in which the token could get into
// an error.
func TestTheTokenStaysSecret(t *testing.T) {
	garbage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "sendMessage"):
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"ok":false,"error_code":400,"description":"echo %s"}`, r.URL.Path)
		default:
			http.Redirect(w, r, "https://elsewhere.example"+r.URL.Path, http.StatusFound)
		}
	}))
	defer garbage.Close()
	dead := httptest.NewServer(nil)
	dead.Close()
	for _, endpoint := range []string{garbage.URL, dead.URL, "http://127.0.0.1:1/%zz", "::", "ftp://x"} {
		bot := telegram.New(telegram.Config{ID: "x", Token: token, Endpoint: endpoint, Webhook: "https://shop.example/"})
		_, err := bot.Send(t.Context(), bots.To{Account: "1"}, screen("x"), "n")
		for _, err := range []error{err, bot.Probe(t.Context()), bot.Register(t.Context(), nil, bots.Scope{})} {
			if err == nil || strings.Contains(fmt.Sprintf("%v %+v %q", err, err, err), "canary") {
				t.Errorf("%s: %v", endpoint, err)
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				if strings.Contains(e.Error(), "canary") {
					t.Errorf("%s: inside: %v", endpoint, e)
				}
			}
		}
	}
	if s := telegram.WebhookSecret(token); len(s) != 43 || strings.Contains(s, "canary") || s == telegram.WebhookSecret("other") || s != telegram.WebhookSecret(token) {
		t.Errorf("%s", s)
	}
	if s := fmt.Sprintf("%v %+v %#v", telegram.Config{Token: token}, telegram.Config{Token: token}, token); strings.Contains(s, "canary") {
		t.Errorf("%s", s)
	}
}

func TestStart(t *testing.T) {
	for action, want := range map[string]string{
		"":                      "https://t.me/souk_bot",
		"product abc":           "https://t.me/souk_bot?start=product_abc",
		strings.Repeat("a", 65): "https://t.me/souk_bot",
	} {
		if got := telegram.Start("souk_bot", action); got != want {
			t.Errorf("%q: %s", action, got)
		}
	}
}
