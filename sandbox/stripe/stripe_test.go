package stripe_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/sandbox/stripe"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is a stand-in, served, with a clock that the test moves.
type world struct {
	*stripe.Server
	t   *testing.T
	url string

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: noon}
	w.Server = stripe.New(stripe.Config{Key: "sk_test_x", WebhookSecret: "whsec_x", Clock: func() time.Time {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.now
	}})
	t.Cleanup(w.Close)
	web := httptest.NewServer(w.Handler())
	t.Cleanup(web.Close)
	w.url = web.URL
	return w
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	w.now = w.now.Add(d)
	w.mu.Unlock()
	w.rest()
}

func (w *world) rest() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 2*time.Minute)
	defer cancel()
	if err := w.Rest(ctx); err != nil {
		w.t.Fatal(err)
	}
}

type object = map[string]any

// call makes a request; form is "a=1&b=2" with nothing escaped.
func (w *world) call(method, path, form string, header ...string) (int, object, http.Header) {
	w.t.Helper()
	values := url.Values{}
	for pair := range strings.SplitSeq(form, "&") {
		if k, v, ok := strings.Cut(pair, "="); ok {
			values.Add(k, v)
		}
	}
	var body io.Reader
	if method == "GET" {
		path += "?" + values.Encode()
	} else {
		body = strings.NewReader(values.Encode())
	}
	req, err := http.NewRequest(method, w.url+path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer sk_test_x")
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, nil
	}
	defer resp.Body.Close()
	var o object
	if err := json.NewDecoder(resp.Body).Decode(&o); err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, o, resp.Header
}

// ok makes a request that must succeed and returns the object.
func (w *world) ok(method, path, form string) object {
	w.t.Helper()
	status, o, _ := w.call(method, path, form)
	if status != 200 {
		w.t.Fatalf("%s %s: %d %v", method, path, status, o)
	}
	return o
}

func sessionForm(extra ...string) string {
	return strings.Join(append([]string{"mode=payment", "success_url=https://shop.example/done?s={CHECKOUT_SESSION_ID}",
		"cancel_url=https://shop.example/back", "client_reference_id=o1",
		"line_items[0][price_data][currency]=eur", "line_items[0][price_data][unit_amount]=500",
		"line_items[0][price_data][product_data][name]=Tea", "line_items[0][quantity]=2"}, extra...), "&")
}

func (w *world) session(extra ...string) string {
	w.t.Helper()
	return w.ok("POST", "/v1/checkout/sessions", sessionForm(extra...))["id"].(string)
}

func TestRefusals(t *testing.T) {
	w := newWorld(t)
	at := func(d time.Duration) string { return fmt.Sprintf("expires_at=%d", noon.Add(d).Unix()) }
	for _, tt := range []struct{ name, form, message string }{
		{"unknown parameter", sessionForm("colour=red"), "unknown parameter: colour"},
		{"unknown nested", sessionForm("line_items[0][price_data][amount]=1"), "unknown parameter: line_items[0][price_data][amount]"},
		{"required", strings.Replace(sessionForm(), "line_items[0][price_data][product_data][name]=Tea", "line_items[0][price_data][product_data][description]=x", 1),
			"Missing required param: line_items[0][price_data][product_data][name]"},
		{"integer", sessionForm("line_items[1][quantity]=two"), "Invalid integer"},
		{"value", sessionForm("locale=tlh"), "Invalid locale"},
		{"length", strings.Replace(sessionForm(), "id=o1", "id="+strings.Repeat("x", 201), 1), "at most 200 characters"},
		{"empty", sessionForm("customer_email="), "empty string"},
		{"mode", strings.Replace(sessionForm(), "mode=payment", "mode=setup", 1), "mode"},
		{"too soon", sessionForm(at(29*time.Minute + 59*time.Second)), "at least 30 minutes"},
		{"too late", sessionForm(at(24*time.Hour + time.Second)), "less than 24 hours"},
		{"no lines", "mode=payment&success_url=https://x.example", "at least one line item"},
		{"relative address", strings.Replace(sessionForm(), "https://shop.example/done", "/done", 1), "valid URL"},
		{"two currencies", sessionForm("line_items[1][price_data][currency]=usd", "line_items[1][price_data][unit_amount]=500",
			"line_items[1][price_data][product_data][name]=Tea", "line_items[1][quantity]=1"), "same currency"},
		{"too little", strings.Replace(sessionForm(), "unit_amount]=500", "unit_amount]=24", 1), "at least €0.50"},
		{"too much", strings.Replace(sessionForm(), "unit_amount]=500", "unit_amount]=50000000", 1), "no more than"},
		{"quantity", strings.Replace(sessionForm(), "quantity]=2", "quantity]=0", 1), "Quantity"},
		{"way to pay", sessionForm("payment_method_types[0]=sofort"), "cards only"},
		{"customer", sessionForm("customer=cus_none"), "No such customer"},
		{"metadata", sessionForm("metadata[" + strings.Repeat("k", 41) + "]=v"), "Metadata"},
		{"metadata within", sessionForm("metadata[a][b]=v"), "Metadata"},
		{"text for an object", sessionForm("payment_intent_data=x"), "Invalid object"},
	} {
		status, o, _ := w.call("POST", "/v1/checkout/sessions", tt.form)
		e, _ := o["error"].(object)
		if status != 400 && status != 404 || e["type"] != "invalid_request_error" || !strings.Contains(fmt.Sprint(e["message"]), tt.message) {
			t.Errorf("%s: %d %v", tt.name, status, o)
		}
	}
	for name, header := range map[string][]string{
		"no key": {"Authorization", ""}, "wrong key": {"Authorization", "Bearer sk_test_other"},
		"version": {"Stripe-Version", "2020-08-27"}, "json": {"Content-Type", "application/json"},
		"long idempotency key": {"Idempotency-Key", strings.Repeat("k", 256)},
	} {
		if status, o, _ := w.call("POST", "/v1/checkout/sessions", sessionForm(), header...); status != 400 && status != 401 {
			t.Errorf("%s: %d %v", name, status, o)
		}
	}
	if status, _, _ := w.call("GET", "/v1/nothing", ""); status != 404 {
		t.Errorf("an unknown address: %d", status)
	}
	if open := w.Open(""); len(open) != 0 {
		t.Errorf("refused sessions exist: %v", open)
	}
	w.session(at(30*time.Minute), "payment_method_types[]=card", "metadata[order]=o1")
	w.session(at(24 * time.Hour))
}

func TestIdempotency(t *testing.T) {
	w := newWorld(t)
	post := func(form string) (int, object, http.Header) {
		return w.call("POST", "/v1/checkout/sessions", form, "Idempotency-Key", "k")
	}
	// What was refused for its shape is not kept under the key.
	if status, _, _ := post("mode=payment"); status != 400 {
		t.Fatalf("status %d", status)
	}
	_, first, h := post(sessionForm())
	if h.Get("Idempotent-Replayed") != "" || h.Get("Request-Id") == "" {
		t.Errorf("headers %v", h)
	}
	if _, again, h := post(sessionForm()); again["id"] != first["id"] || h.Get("Idempotent-Replayed") != "true" {
		t.Errorf("again: %v", again["id"])
	}
	if status, o, _ := post(sessionForm("locale=de")); status != 400 || o["error"].(object)["type"] != "idempotency_error" {
		t.Errorf("changed parameters: %d %v", status, o)
	}
	w.wait(24*time.Hour + time.Second)
	if _, later, _ := post(sessionForm()); later["id"] == first["id"] {
		t.Error("a key was kept for longer than 24 hours")
	}
	// A 5xx is kept too, whether or not the call was carried out.
	for _, act := range []bool{true, false} {
		key := fmt.Sprint("act", act)
		before := len(w.Open(""))
		w.Fail(stripe.Fault{On: "POST /v1/checkout", Status: 500, Act: act})
		for i := range 2 {
			status, o, h := w.call("POST", "/v1/checkout/sessions", sessionForm(), "Idempotency-Key", key)
			if status != 500 || (h.Get("Idempotent-Replayed") == "true") != (i == 1) {
				t.Errorf("act %t, call %d: %d %v", act, i, status, o)
			}
		}
		if made := len(w.Open("")) - before; (made == 1) != act {
			t.Errorf("act %t: %d sessions", act, made)
		}
	}
	w.Fail(stripe.Fault{Status: 429})
	if status, _, _ := w.call("POST", "/v1/checkout/sessions", sessionForm(), "Idempotency-Key", "busy"); status != 429 {
		t.Errorf("status %d", status)
	}
	if status, _, _ := w.call("POST", "/v1/checkout/sessions", sessionForm(), "Idempotency-Key", "busy"); status != 200 {
		t.Errorf("a 429 was kept: %d", status)
	}
	// A dropped answer was carried out, and the repeat gets it.
	w.Fail(stripe.Fault{Act: true, Drop: true})
	before := len(w.Open(""))
	if status, _, _ := w.call("POST", "/v1/checkout/sessions", sessionForm(), "Idempotency-Key", "lost"); status != 0 && status != 200 {
		t.Errorf("status %d of a dropped answer", status)
	}
	if status, _, h := w.call("POST", "/v1/checkout/sessions", sessionForm(), "Idempotency-Key", "lost"); status != 200 || h.Get("Idempotent-Replayed") != "true" {
		t.Errorf("the repeat: %d %v", status, h)
	}
	if made := len(w.Open("")) - before; made != 1 {
		t.Errorf("%d sessions of one key", made)
	}
}

func TestSessionsExpireByTheClock(t *testing.T) {
	w := newWorld(t)
	id := w.session(fmt.Sprintf("expires_at=%d", noon.Add(30*time.Minute).Unix()))
	if status, _, _ := w.call("POST", "/v1/checkout/sessions/"+id+"/expire", ""); status != 200 {
		t.Errorf("expire: %d", status)
	}
	if status, o, _ := w.call("POST", "/v1/checkout/sessions/"+id+"/expire", ""); status != 400 {
		t.Errorf("expire twice: %d %v", status, o)
	}
	id = w.session(fmt.Sprintf("expires_at=%d", noon.Add(30*time.Minute).Unix()))
	w.wait(30*time.Minute - time.Second)
	if out, err := w.Pay(id, "4000000000000002"); err != nil || out.Status != "declined" {
		t.Errorf("a second before: %+v, %v", out, err)
	}
	w.wait(time.Second)
	if out, err := w.Pay(id, "4242424242424242"); err == nil {
		t.Errorf("paid at the end: %+v", out)
	}
	x := w.ok("GET", "/v1/checkout/sessions/"+id, "")
	if x["status"] != "expired" || x["url"] != nil {
		t.Errorf("session %v", x)
	}
	if i := w.ok("GET", "/v1/payment_intents/"+x["payment_intent"].(string), ""); i["status"] != "canceled" {
		t.Errorf("its intent is %v", i["status"])
	}
	events := w.Events()
	if last := events[len(events)-1]; last.Type != "checkout.session.expired" {
		t.Errorf("last event %s", last.Type)
	}
}

func TestLists(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for range 5 {
		ids = append([]string{w.session()}, ids...)
	}
	var got []string
	after := ""
	for {
		form := "limit=2&status=open"
		if after != "" {
			form += "&starting_after=" + after
		}
		page := w.ok("GET", "/v1/checkout/sessions", form)
		for _, x := range page["data"].([]any) {
			after = x.(object)["id"].(string)
			got = append(got, after)
		}
		if page["has_more"] == false {
			break
		}
	}
	if !slices.Equal(got, ids) {
		t.Errorf("listed %v, want %v", got, ids)
	}
	if page := w.ok("GET", "/v1/checkout/sessions", fmt.Sprintf("created[gt]=%d", noon.Unix())); len(page["data"].([]any)) != 0 {
		t.Errorf("sessions of the future: %v", page)
	}
	if status, _, _ := w.call("GET", "/v1/checkout/sessions", "limit=101"); status != 400 {
		t.Errorf("limit 101: %d", status)
	}
}
