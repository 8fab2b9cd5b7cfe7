package stripe_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/sandbox/stripe"
)

// hook is a shop's end of the webhooks.
type hook struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	got    []string // types
	bad    int
}

func newHook(t *testing.T, w *world, secret string) *hook {
	h := &hook{status: 200}
	h.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		var e stripe.Event
		h.mu.Lock()
		defer h.mu.Unlock()
		w.mu.Lock()
		want := stripe.Sign(b, secret, w.now)
		w.mu.Unlock()
		if json.Unmarshal(b, &e) != nil || r.Header.Get("Stripe-Signature") != want {
			h.bad++
		}
		h.got = append(h.got, e.Type)
		rw.WriteHeader(h.status)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) answer(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

// count returns how often a type came, and forgets what came.
func (h *hook) count(t *testing.T, typ string) (n int) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, g := range h.got {
		if g == typ {
			n++
		}
	}
	if h.bad > 0 {
		t.Errorf("%d bodies or signatures were wrong", h.bad)
	}
	h.got = nil
	return n
}

func TestWebhooks(t *testing.T) {
	w := newWorld(t)
	h := newHook(t, w, "whsec_x")
	w.SetWebhook(h.URL, "")
	w.SetWebhook(h.URL, "whsec_x") // in place of the first
	const done = "checkout.session.completed"
	pay := func() {
		t.Helper()
		if out, err := w.Pay(w.session(), "4242424242424242"); err != nil || out.Status != "paid" {
			t.Fatal(out, err)
		}
		w.rest()
	}
	pay()
	if n := h.count(t, done); n != 1 {
		t.Fatalf("came %d times", n)
	}
	// Not answered with 2xx: again after a minute, then five, for three days.
	for _, status := range []int{500, 302, 404} {
		h.answer(status)
		pay()
		if n := h.count(t, done); n != 1 {
			t.Errorf("%d: came %d times", status, n)
		}
		w.wait(59 * time.Second)
		if n := h.count(t, done); n != 0 {
			t.Errorf("%d: came too soon", status)
		}
		w.wait(time.Second)
		if n := h.count(t, done); n != 1 {
			t.Errorf("%d: the retry came %d times", status, n)
		}
		h.answer(200)
		w.wait(5 * time.Minute)
		w.wait(72 * time.Hour)
		if n := h.count(t, done); n != 1 {
			t.Errorf("%d: the second retry came %d times", status, n)
		}
	}
	// Never answered well: it ends.
	h.answer(500)
	pay()
	for range 80 {
		w.wait(time.Hour)
	}
	if n := h.count(t, done); n != 11 {
		t.Errorf("came %d times in all, want 11", n)
	}
	h.answer(200)
	w.wait(100 * time.Hour)
	if n := h.count(t, done); n != 0 {
		t.Error("came after three days")
	}
	// On request: five times, never, later.
	for _, tt := range []struct {
		d           stripe.Delivery
		now, inHour int
	}{{stripe.Delivery{Copies: 5}, 5, 0}, {stripe.Delivery{}, 0, 0}, {stripe.Delivery{Copies: 2, Delay: time.Hour}, 0, 2}} {
		w.Deliver(func(string, string) stripe.Delivery { return tt.d })
		pay()
		now := h.count(t, done)
		w.wait(time.Hour)
		if later := h.count(t, done); now != tt.now || later != tt.inHour {
			t.Errorf("%+v: %d at once, %d in an hour", tt.d, now, later)
		}
	}
	w.Heal()
	events := w.Events()
	if !w.Resend(events[len(events)-1].ID) || w.Resend("evt_none") {
		t.Error("Resend")
	}
	w.rest()
	if n := h.count(t, done); n != 1 {
		t.Errorf("sent again %d times", n)
	}
}

func TestEndpoints(t *testing.T) {
	w := newWorld(t)
	o := w.ok("POST", "/v1/webhook_endpoints", "url=https://shop.example/stripe&api_version=2023-10-16&enabled_events[0]=charge.refunded")
	secret := o["secret"].(string)
	if !strings.HasPrefix(secret, "whsec_") {
		t.Errorf("secret %q", secret)
	}
	id := o["id"].(string)
	if o := w.ok("GET", "/v1/webhook_endpoints/"+id, ""); o["secret"] != nil {
		t.Error("the secret is told twice")
	}
	h := newHook(t, w, secret)
	w.ok("POST", "/v1/webhook_endpoints/"+id, "url="+h.URL+"&enabled_events[0]=checkout.session.completed&enabled_events[1]=charge.refunded")
	for range 2 {
		if _, err := w.Pay(w.session(), "4242424242424242"); err != nil {
			t.Fatal(err)
		}
		w.rest()
		h.mu.Lock()
		if !slices.Equal(h.got, []string{"checkout.session.completed"}) {
			t.Errorf("sent %v", h.got)
		}
		h.mu.Unlock()
		h.count(t, "")
	}
	for _, form := range []string{"url=/x&enabled_events[0]=*", "url=https://x.example", "url=https://x.example&enabled_events[0]=order.paid",
		"url=https://x.example&enabled_events[0]=*&api_version=2023-10-17"} {
		if status, o, _ := w.call("POST", "/v1/webhook_endpoints", form); status != 400 {
			t.Errorf("%s: %d %v", form, status, o)
		}
	}
	w.ok("POST", "/v1/webhook_endpoints/"+id, "disabled=true")
	w.Pay(w.session(), "4242424242424242")
	w.rest()
	if n := h.count(t, "checkout.session.completed"); n != 0 {
		t.Error("a disabled endpoint was sent to")
	}
	w.ok("DELETE", "/v1/webhook_endpoints/"+id, "")
	if list := w.ok("GET", "/v1/webhook_endpoints", "")["data"].([]any); len(list) != 0 {
		t.Errorf("endpoints %v", list)
	}
	events := w.ok("GET", "/v1/events", "type=checkout.session.completed&limit=100")["data"].([]any)
	if len(events) != 3 {
		t.Fatalf("%d events", len(events))
	}
	e := w.ok("GET", "/v1/events/"+events[0].(object)["id"].(string), "")
	if e["data"].(object)["object"].(object)["status"] != "complete" {
		t.Errorf("event %v", e)
	}
	if w.ok("GET", "/v1/account", "")["object"] != "account" || w.ok("GET", "/v1/balance", "")["object"] != "balance" {
		t.Error("account or balance")
	}
}
