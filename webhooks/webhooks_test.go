package webhooks

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/payments"
)

var now = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

type clock struct{}

func (clock) Now() time.Time { return now }

const (
	secret        = "canary_telegram_secret"
	webhookSecret = "whsec_canary_stripe"
	metricsToken  = "canary_metrics_token"
)

// door is a Server with one bot of each kind, and what got through to them.
type door struct {
	*Server
	key ed25519.PrivateKey

	mu   sync.Mutex
	got  []string
	fail error
	logs bytes.Buffer
}

func open(t testing.TB, change func(*Config)) *door {
	t.Helper()
	d := &door{key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))}
	receive := func(ctx context.Context, body []byte) (bots.Answer, error) {
		if string(body) == `{"panic":true}` {
			panic("canary_panic " + secret)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.got = append(d.got, string(body))
		return bots.Answer{ContentType: "application/json", Body: []byte(`{"ok":1}`)}, d.fail
	}
	cfg := Config{
		Telegram: func(bot string) (Telegram, bool) {
			switch bot {
			case "main":
				return Telegram{Secret: secret, Receive: receive}, true
			case "bare":
				return Telegram{Receive: receive}, true
			}
			return Telegram{}, false
		},
		Discord: func(bot string) (Discord, bool) {
			switch bot {
			case "main":
				return Discord{Key: d.key.Public().(ed25519.PublicKey), Receive: receive}, true
			case "bare":
				return Discord{Receive: receive}, true
			}
			return Discord{}, false
		},
		Stripe: &Stripe{
			Secrets:  func() []commerce.Secret { return []commerce.Secret{"whsec_older", "", webhookSecret} },
			Livemode: func() bool { return false },
			Inbox: func(ctx context.Context, e payments.Event) (bool, error) {
				d.mu.Lock()
				defer d.mu.Unlock()
				d.got = append(d.got, e.ID)
				return true, d.fail
			},
		},
		Clock: clock{},
		Log:   slog.New(slog.NewJSONHandler(&d.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&cfg)
	}
	d.Server = New(cfg)
	return d
}

// post is a request to a webhook, with what makes it a good one.
type post struct {
	path, body string
	head       http.Header
}

func (d *door) telegramPost(body string) post {
	return post{"/telegram/main", body, http.Header{"X-Telegram-Bot-Api-Secret-Token": {secret}, "Content-Type": {"application/json"}}}
}

func (d *door) discordPost(body string, at time.Time) post {
	stamp := strconv.FormatInt(at.Unix(), 10)
	return post{"/discord/main", body, http.Header{
		"X-Signature-Ed25519":   {hex.EncodeToString(ed25519.Sign(d.key, []byte(stamp+body)))},
		"X-Signature-Timestamp": {stamp}, "Content-Type": {"application/json"},
	}}
}

func (d *door) stripePost(body string, at time.Time) post {
	return post{"/stripe", body, http.Header{"Stripe-Signature": {stripeSignature(body, at, webhookSecret)}, "Content-Type": {"application/json; charset=utf-8"}}}
}

func stripeSignature(body string, at time.Time, secrets ...string) string {
	header := fmt.Sprintf("t=%d", at.Unix())
	for _, secret := range secrets {
		h := hmac.New(sha256.New, []byte(secret))
		fmt.Fprintf(h, "%d.%s", at.Unix(), body)
		header += ",v1=" + hex.EncodeToString(h.Sum(nil))
	}
	return header
}

func event(id string) string {
	return `{"id":"` + id + `","object":"event","type":"checkout.session.completed","livemode":false,"data":{"object":{"id":"cs_1"}}}`
}

// send returns the status, the body and the response of a request.
func (d *door) send(t testing.TB, method string, p post) (int, string, *http.Response) {
	t.Helper()
	req := httptest.NewRequest(method, p.path, strings.NewReader(p.body))
	if p.head != nil {
		req.Header = p.head.Clone()
	}
	resp, err := d.app.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body), resp
}

func (d *door) through() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.got)
}

func with(p post, name, value string) post {
	p.head = p.head.Clone()
	p.head.Set(name, value)
	return p
}

func without(p post, name string) post {
	p.head = p.head.Clone()
	p.head.Del(name)
	return p
}

func at(p post, path string) post { p.path = path; return p }

func TestEdges(t *testing.T) {
	d := open(t, nil)
	tg, dc, st := d.telegramPost(`{"update_id":1}`), d.discordPost(`{"type":1}`, now), d.stripePost(event("evt_1"), now)
	live := strings.Replace(event("evt_2"), "false", "true", 1)
	for _, c := range []struct {
		name    string
		post    post
		status  int
		through bool
	}{
		{"telegram", tg, 200, true},
		{"telegram again", tg, 200, true}, // the conversation tells doubles apart
		{"telegram without secret", without(tg, "X-Telegram-Bot-Api-Secret-Token"), 401, false},
		{"telegram with another secret", with(tg, "X-Telegram-Bot-Api-Secret-Token", "no"), 401, false},
		{"telegram with an empty secret", with(tg, "X-Telegram-Bot-Api-Secret-Token", ""), 401, false},
		{"a bot without secret", at(with(tg, "X-Telegram-Bot-Api-Secret-Token", ""), "/telegram/bare"), 401, false},
		{"unknown bot", at(tg, "/telegram/other"), 404, false},
		{"a bot of the other platform", at(tg, "/discord/main"), 401, false},
		{"telegram compressed", with(tg, "Content-Encoding", "gzip"), 415, false},
		{"telegram identity", with(tg, "Content-Encoding", "identity"), 415, false},
		{"telegram as a form", with(tg, "Content-Type", "application/x-www-form-urlencoded"), 415, false},
		{"telegram as multipart", with(tg, "Content-Type", "multipart/form-data; boundary=x"), 415, false},
		{"telegram without type", without(tg, "Content-Type"), 415, false},
		{"telegram without body", d.telegramPost(""), 400, false},
		{"telegram that panics", d.telegramPost(`{"panic":true}`), 500, false},
		{"telegram under another path", at(tg, "/Telegram/main"), 404, false},
		{"telegram with a slash", at(tg, "/telegram/main/"), 404, false},

		{"discord", dc, 200, true},
		{"discord at the edge of old", d.discordPost(`{"type":1}`, now.Add(-300*time.Second)), 200, true},
		{"discord at the edge of new", d.discordPost(`{"type":1}`, now.Add(300*time.Second)), 200, true},
		{"discord too old", d.discordPost(`{"type":1}`, now.Add(-301*time.Second)), 401, false},
		{"discord too new", d.discordPost(`{"type":1}`, now.Add(301*time.Second)), 401, false},
		{"discord without signature", without(dc, "X-Signature-Ed25519"), 401, false},
		{"discord without time", without(dc, "X-Signature-Timestamp"), 401, false},
		{"discord with a short signature", with(dc, "X-Signature-Ed25519", "00"), 401, false},
		{"discord in capitals", with(dc, "X-Signature-Ed25519", strings.ToUpper(dc.head.Get("X-Signature-Ed25519"))), 401, false},
		{"discord with a longer signature", with(dc, "X-Signature-Ed25519", dc.head.Get("X-Signature-Ed25519")+"00"), 401, false},
		{"discord with another time", with(dc, "X-Signature-Timestamp", strconv.FormatInt(now.Unix()+1, 10)), 401, false},
		{"discord with another body", post{dc.path, `{"type":2}`, dc.head}, 401, false},
		{"an application without key", at(dc, "/discord/bare"), 401, false},
		{"discord compressed", with(dc, "Content-Encoding", "br"), 415, false},

		{"stripe", st, 200, true},
		{"stripe again", st, 200, true}, // the inbox tells doubles apart
		{"stripe under the older secret", with(st, "Stripe-Signature", stripeSignature(st.body, now, "whsec_older")), 200, true},
		{"stripe under several", with(st, "Stripe-Signature", stripeSignature(st.body, now, "whsec_unknown", webhookSecret)), 200, true},
		{"stripe under an empty secret", with(st, "Stripe-Signature", stripeSignature(st.body, now, "")), 401, false},
		{"stripe under another secret", with(st, "Stripe-Signature", stripeSignature(st.body, now, "whsec_unknown")), 401, false},
		{"stripe in capitals", with(st, "Stripe-Signature", strings.ToUpper(st.head.Get("Stripe-Signature"))), 401, false},
		{"stripe at the edge of new", d.stripePost(event("evt_3"), now.Add(300*time.Second)), 200, true},
		{"stripe too old", d.stripePost(event("evt_3"), now.Add(-301*time.Second)), 401, false},
		{"stripe too new", d.stripePost(event("evt_3"), now.Add(301*time.Second)), 401, false},
		{"stripe without signature", without(st, "Stripe-Signature"), 401, false},
		{"stripe of the other mode", d.stripePost(live, now), 403, false},
		{"stripe that is no event", d.stripePost(`{"id":1}`, now), 400, false},
		{"stripe compressed", with(st, "Content-Encoding", "gzip"), 415, false},
	} {
		before := d.through()
		status, body, resp := d.send(t, "POST", c.post)
		if status != c.status || (d.through() > before) != c.through {
			t.Errorf("%s: %d, through %v; want %d, %v", c.name, status, d.through() > before, c.status, c.through)
		}
		if resp.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", c.name)
		}
		if again := resp.Header.Get("Retry-After"); again != "" {
			t.Errorf("%s: told to come again after %s", c.name, again)
		}
		if status != 200 && (len(body) > 40 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain")) {
			t.Errorf("%s: says %q as %s", c.name, body, resp.Header.Get("Content-Type"))
		}
	}
	if status, _, resp := d.send(t, "GET", tg); status != 405 || resp.Header.Get("Allow") != "POST" {
		t.Errorf("GET of a webhook: %d", status)
	}
	if got := d.got[0]; got != tg.body {
		t.Errorf("the bot got %q", got)
	}
}

func TestAnswer(t *testing.T) {
	d := open(t, nil)
	status, body, resp := d.send(t, "POST", d.telegramPost(`{}`))
	if status != 200 || body != `{"ok":1}` || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%d %q %v", status, body, resp.Header)
	}
}

// A failure is told truthfully: again, and when, only where that can help.
func TestFailures(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		again  string
	}{
		{&commerce.Error{Kind: commerce.Invalid, Message: "x"}, 400, ""},
		{&commerce.Error{Kind: commerce.NotFound, Message: "x"}, 404, ""},
		{&commerce.Error{Kind: commerce.Unavailable, Message: "x"}, 503, "5"},
		{fmt.Errorf("call: %w", context.DeadlineExceeded), 503, "5"},
		{errors.New("canary_detail"), 500, "10"},
	} {
		d := open(t, nil)
		d.fail = c.err
		status, body, resp := d.send(t, "POST", d.telegramPost(`{}`))
		if status != c.status || resp.Header.Get("Retry-After") != c.again || strings.Contains(body, "canary") {
			t.Errorf("%v: %d, %q, %q", c.err, status, resp.Header.Get("Retry-After"), body)
		}
		if n := strings.Count(d.logs.String(), "\n"); n != 1 {
			t.Errorf("%v: %d lines in the log", c.err, n)
		}
	}
	d := open(t, nil)
	d.fail = errors.New("disk full")
	if status, _, resp := d.send(t, "POST", d.stripePost(event("evt_1"), now)); status != 503 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("an event that was not stored is answered with %d", status)
	}
}

func TestLogsOfStrangersAreFew(t *testing.T) {
	d := open(t, nil)
	for range 500 {
		d.send(t, "POST", without(d.telegramPost(`{}`), "X-Telegram-Bot-Api-Secret-Token"))
	}
	if n := strings.Count(d.logs.String(), "\n"); n == 0 || n > 40 {
		t.Errorf("%d lines in the log", n)
	}
}

func TestHealth(t *testing.T) {
	var broken error
	d := open(t, func(c *Config) { c.Ready = func(context.Context) error { return broken } })
	get := func(path string) int {
		status, _, _ := d.send(t, "GET", post{path: path})
		return status
	}
	if get("/healthz") != 200 || get("/readyz") != 200 {
		t.Error("not healthy")
	}
	broken = errors.New("redis does not answer")
	if get("/healthz") != 200 || get("/readyz") != 503 {
		t.Error("ready without Redis")
	}
	if !strings.Contains(d.logs.String(), "redis does not answer") {
		t.Error("the log does not say why")
	}
	broken = nil
	if err := d.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if get("/readyz") != 503 {
		t.Error("ready while it stops")
	}
}

func TestMetrics(t *testing.T) {
	d := open(t, nil)
	d.send(t, "POST", d.telegramPost(`{}`))
	d.send(t, "POST", at(d.telegramPost(`{}`), "/telegram/canary_bot"))
	d.send(t, "BREW", post{path: "/canary_path"})
	ask := func(from string, head http.Header) (int, string) {
		req := httptest.NewRequest("GET", "/metrics", nil)
		req.RemoteAddr = from
		for name := range head {
			req.Header.Set(name, head.Get(name))
		}
		w := httptest.NewRecorder()
		d.Handler().ServeHTTP(w, req)
		return w.Code, w.Body.String()
	}
	status, text := ask("127.0.0.1:1", nil)
	if status != 200 || !strings.Contains(text, `souk_http_requests_total{method="POST",route="/telegram/:bot",status="200"} 1`) ||
		!strings.Contains(text, `route="/telegram/:bot",status="404"} 1`) || strings.Contains(text, "canary") || strings.Contains(text, "BREW") {
		t.Errorf("%d\n%s", status, text)
	}
	for from, want := range map[string]int{"[::1]:1": 200, "10.1.2.3:1": 200, "8.8.8.8:1": 404} {
		if status, _ := ask(from, nil); status != want {
			t.Errorf("from %s: %d, want %d", from, status, want)
		}
	}
	if status, _ := ask("127.0.0.1:1", http.Header{"X-Forwarded-For": {"8.8.8.8"}}); status != 404 {
		t.Errorf("through a proxy: %d", status)
	}
	d = open(t, func(c *Config) { c.MetricsToken = metricsToken })
	for token, want := range map[string]int{metricsToken: 200, "": 404, "wrong": 404} {
		if status, _ := ask("8.8.8.8:1", http.Header{"Authorization": {"Bearer " + token}}); status != want {
			t.Errorf("with token %q: %d, want %d", token, status, want)
		}
	}
	if status, _ := ask("127.0.0.1:1", nil); status != 404 {
		t.Error("a token is set and not asked for")
	}
}

// A server that is told to stop before it has begun ends all the same: a
// process that is stopped while it starts must not wait for ever.
func TestShutdownBeforeServe(t *testing.T) {
	for range 200 {
		s := New(Config{})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(l) }()
		if err := s.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(2 * time.Minute):
			t.Fatal("it serves on")
		}
	}
}
