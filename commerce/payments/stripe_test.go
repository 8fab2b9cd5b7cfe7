package payments_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/sandbox/stripe"
)

const key = commerce.Secret("sk_test_canary0123456789")

// world is a client before a stand-in whose clock the test moves.
type world struct {
	*stripe.Server
	client *payments.Stripe
	url    string
	log    *bytes.Buffer

	mu  sync.Mutex
	now time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: noon, log: &bytes.Buffer{}}
	w.Server = stripe.New(stripe.Config{Key: key.Reveal(), Clock: func() time.Time {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.now
	}})
	t.Cleanup(w.Close)
	web := httptest.NewServer(w.Handler())
	t.Cleanup(web.Close)
	w.url = web.URL
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.client = payments.New(payments.Config{Key: key, Endpoint: web.URL, HTTP: web.Client(), Log: log})
	t.Cleanup(func() {
		if strings.Contains(w.log.String(), "canary") {
			t.Error("the key is in the log")
		}
	})
	return w
}

func checkout() payments.Checkout {
	return payments.Checkout{
		Order: "o1", Number: 1001, Payment: "p1", Key: "order:o1:pay:1",
		Lines: []payments.Line{
			{Name: "Linen shirt", Detail: "Small / Red", Amount: commerce.Money{Amount: 5000, Currency: "EUR"}, Quantity: 2},
			{Name: "Tea", Amount: commerce.Money{Amount: 1000, Currency: "EUR"}, Quantity: 3}, // not divisible
			{Name: "Shipping", Amount: commerce.Money{Amount: 490, Currency: "EUR"}},
		},
		Total:   commerce.Money{Amount: 6490, Currency: "EUR"},
		Success: "https://shop.example/p/t/done", Cancel: "https://shop.example/p/t/back",
		Expires: noon.Add(time.Hour), Locale: "de-DE",
	}
}

func (w *world) open(t *testing.T, c payments.Checkout) payments.Session {
	t.Helper()
	s, err := w.client.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOpenPayRefund(t *testing.T) {
	w := newWorld(t)
	s := w.open(t, checkout())
	want := payments.Session{ID: s.ID, URL: w.url + "/c/" + s.ID, Status: "open", PaymentStatus: "unpaid", Order: "o1",
		Payment: "p1", Amount: checkout().Total, ExpiresAt: noon.Add(time.Hour)}
	if s != want {
		t.Fatalf("session %+v\nwant    %+v", s, want)
	}
	if again := w.open(t, checkout()); again.ID != s.ID {
		t.Errorf("the same key made a second session")
	}
	if out, err := w.Pay(s.URL, "4000 0000 0000 0002"); err != nil || out.Status != "declined" || out.Code != "generic_decline" {
		t.Fatalf("declined card: %+v, %v", out, err)
	}
	if out, err := w.Pay(s.ID, "4242424242424242"); err != nil || out.Status != "paid" || out.URL != checkout().Success {
		t.Fatalf("paying: %+v, %v", out, err)
	}
	got, err := w.client.Find(t.Context(), s.ID)
	if err != nil || !got.Paid() || got.Intent == "" || got.Amount != checkout().Total {
		t.Fatalf("paid session: %+v, %v", got, err)
	}
	if expired, err := w.client.Expire(t.Context(), s.ID); err != nil || expired != got {
		t.Errorf("expiring a paid session: %+v, %v; want it as it is", expired, err)
	}
	r := payments.Refund{Order: "o1", Intent: got.Intent, Amount: checkout().Total, Key: "order:o1:refund:1"}
	first, err := w.client.Refund(t.Context(), r)
	if err != nil || !first.Sent() || first.Amount != r.Amount || first.Key != r.Key {
		t.Fatalf("refund: %+v, %v", first, err)
	}
	w.ForgetKeys() // a day later
	for tries := range int64(2) {
		r.Tries = tries
		if again, err := w.client.Refund(t.Context(), r); err != nil || again != first {
			t.Errorf("the refund again, tried %d times before: %+v, %v", tries, again, err)
		}
	}
	if c, r := w.Captured("o1"), w.Refunded("o1"); c != 6490 || r != 6490 {
		t.Errorf("captured %d, refunded %d", c, r)
	}
	for _, e := range w.Events() {
		var object struct{ ID string }
		if err := json.Unmarshal(e.Data.Object, &object); err != nil {
			t.Fatal(err)
		}
		intent, err := w.client.IntentOf(t.Context(), object.ID)
		if err != nil || intent != got.Intent {
			t.Errorf("intent of %s %s: %q, %v", e.Type, object.ID, intent, err)
		}
	}
}

func TestExpire(t *testing.T) {
	w := newWorld(t)
	s := w.open(t, checkout())
	for range 2 {
		got, err := w.client.Expire(t.Context(), s.ID)
		if err != nil || got.Status != "expired" || got.Paid() || got.URL != "" {
			t.Fatalf("expire: %+v, %v", got, err)
		}
	}
	if _, err := w.Pay(s.ID, "4242424242424242"); !errors.Is(err, stripe.ErrClosed) {
		t.Errorf("an expired session was paid: %v", err)
	}
	for _, call := range []func(context.Context, string) (payments.Session, error){w.client.Find, w.client.Expire} {
		for _, id := range []string{"cs_test_none", ""} {
			if _, err := call(t.Context(), id); !errors.Is(err, payments.ErrUnknown) || payments.Ambiguous(err) {
				t.Errorf("a session that is not there: %v", err)
			}
		}
	}
}

// Whatever happens to the answer, a repeat with the same key ends in one
// session and one refund.
func TestFaults(t *testing.T) {
	faults := map[string]stripe.Fault{
		"refused before":  {Status: 500},
		"acted, then 500": {Act: true, Status: 500},
		"acted, then 503": {Act: true, Status: 503},
		"rate limited":    {Status: 429},
		"locked":          {Status: 409},
		"acted, dropped":  {Act: true, Drop: true},
		"dropped":         {Drop: true},
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			repeat := func(on string, call func(try int64) error) {
				t.Helper()
				f.On = on
				f.Times = 2
				w.Fail(f)
				for try := range int64(10) {
					err := call(try)
					if err == nil {
						return
					}
					if !payments.Ambiguous(err) || commerce.KindOf(err) != commerce.Unavailable {
						t.Fatalf("try %d: %v is not Ambiguous", try, err)
					}
					safe(t, err)
				}
				t.Fatal("never came to rest")
			}
			var s payments.Session
			repeat("POST /v1/checkout/sessions", func(int64) (err error) {
				s, err = w.client.Open(t.Context(), checkout())
				return err
			})
			if open := w.Server.Open("o1"); len(open) != 1 || open[0] != s.ID {
				t.Fatalf("open sessions %v, ours %s", open, s.ID)
			}
			if _, err := w.Pay(s.ID, "4242424242424242"); err != nil {
				t.Fatal(err)
			}
			s, _ = w.client.Find(t.Context(), s.ID)
			repeat("POST /v1/refunds", func(try int64) error {
				_, err := w.client.Refund(t.Context(), payments.Refund{Order: "o1", Intent: s.Intent,
					Amount: commerce.Money{Amount: 100, Currency: "EUR"}, Key: "k", Tries: try})
				return err
			})
			if got := w.Refunded("o1"); got != 100 {
				t.Errorf("refunded %d, want 100", got)
			}
			repeat("GET /v1/checkout/sessions", func(int64) error { _, err := w.client.Find(t.Context(), s.ID); return err })
		})
	}
}

func TestStall(t *testing.T) {
	w := newWorld(t)
	w.Fail(stripe.Fault{On: "POST /v1/checkout/sessions", Act: true, Stall: time.Minute})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := w.client.Open(ctx, checkout())
	if !payments.Ambiguous(err) || !errors.Is(err, context.Canceled) {
		t.Fatalf("an answer after our time: %v", err)
	}
	// Stripe is still busy with the first call.
	if _, err := w.client.Open(t.Context(), checkout()); !payments.Ambiguous(err) {
		t.Fatalf("a second call beside it: %v", err)
	}
	if n := len(w.Server.Open("o1")); n != 1 {
		t.Errorf("%d open sessions", n)
	}
}

func TestErrors(t *testing.T) {
	w := newWorld(t)
	first := w.open(t, checkout())
	changed := checkout()
	changed.Success = "https://shop.example/other"
	if again, err := w.client.Open(t.Context(), changed); err != nil || again.ID != first.ID {
		t.Errorf("a key used twice: %v, %v; want the page there is", again.ID, err)
	}
	dearer := checkout()
	dearer.Total.Amount, dearer.Lines[2].Amount.Amount = 6491, 491
	if _, err := w.client.Open(t.Context(), dearer); err == nil || payments.Ambiguous(err) {
		t.Errorf("a key used twice, for another amount: %v", err)
	}
	another := checkout()
	another.Order, another.Payment = "o2", "p2"
	if other, err := w.client.Open(t.Context(), another); err != nil || other.ID == first.ID {
		t.Errorf("a key that another order has used: %v, %v; want the next in its row", other.ID, err)
	}
	soon := checkout()
	soon.Key, soon.Expires = "k2", noon.Add(29*time.Minute)
	if _, err := w.client.Open(t.Context(), soon); commerce.KindOf(err) != commerce.Internal || payments.Ambiguous(err) {
		t.Errorf("a session too short: %v", err)
	}
	little := checkout()
	little.Key, little.Total = "k3", commerce.Money{Amount: 49, Currency: "EUR"}
	little.Lines = []payments.Line{{Name: "x", Amount: little.Total}}
	if _, err := w.client.Open(t.Context(), little); !errors.Is(err, payments.ErrAmount) {
		t.Errorf("too little: %v", err)
	}
	wrong := checkout()
	wrong.Total.Amount++
	if _, err := w.client.Open(t.Context(), wrong); err == nil {
		t.Error("lines that do not sum to the total were sent")
	}
	_, err := w.client.Refund(t.Context(), payments.Refund{Intent: "pi_none", Amount: total, Key: "k"})
	if !errors.Is(err, payments.ErrUnknown) {
		t.Errorf("refund of nothing: %v", err)
	}
	other := payments.New(payments.Config{Key: "sk_test_wrongcanary", Endpoint: w.url})
	if _, err := other.Account(t.Context()); !errors.Is(err, payments.ErrKey) || strings.Contains(err.Error(), "nary") {
		t.Errorf("a wrong key: %v", err)
	}
	// A proxy that answers for Stripe.
	for _, status := range []int{200, 302, 404, 502} {
		proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Location", "http://127.0.0.1:1/")
			rw.WriteHeader(status)
			rw.Write([]byte("<html>" + r.Header.Get("Authorization")))
		}))
		_, err := payments.New(payments.Config{Key: key, Endpoint: proxy.URL}).Open(t.Context(), checkout())
		if !payments.Ambiguous(err) {
			t.Errorf("an answer of status %d that is not Stripe's: %v", status, err)
		}
		safe(t, err)
		proxy.Close()
	}
	_, err = payments.New(payments.Config{Key: key, Endpoint: "http://127.0.0.1:1"}).Open(t.Context(), checkout())
	if !payments.Ambiguous(err) {
		t.Errorf("nobody there: %v", err)
	}
	safe(t, err)
}

// A refund made by hand on Stripe's pages is found, not made again.
func TestRefundByHand(t *testing.T) {
	w := newWorld(t)
	s := w.open(t, checkout())
	if _, err := w.Pay(s.ID, "4242424242424242"); err != nil {
		t.Fatal(err)
	}
	s, _ = w.client.Find(t.Context(), s.ID)
	req, _ := http.NewRequest("POST", w.url+"/v1/refunds", strings.NewReader("payment_intent="+s.Intent))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(key.Reveal(), "")
	if resp, err := http.DefaultClient.Do(req); err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	got, err := w.client.Refund(t.Context(), payments.Refund{Intent: s.Intent, Amount: s.Amount, Key: "k"})
	if err != nil || got.Key != "" || got.Amount != s.Amount || w.Refunded("o1") != 6490 {
		t.Errorf("%+v, %v, refunded %d", got, err, w.Refunded("o1"))
	}
}

func TestEndpoint(t *testing.T) {
	w := newWorld(t)
	const url = "https://shop.example/stripe"
	if e, err := w.client.Endpoint(t.Context(), url); err != nil || e.ID != "" || e.Good() {
		t.Fatalf("before: %+v, %v", e, err)
	}
	secret, err := w.client.CreateEndpoint(t.Context(), url)
	if err != nil || !strings.HasPrefix(secret.Reveal(), "whsec_") {
		t.Fatalf("create: %v", err)
	}
	e, err := w.client.Endpoint(t.Context(), url)
	if err != nil || !e.Good() {
		t.Fatalf("after: %+v, %v", e, err)
	}
	if err := w.client.RemoveEndpoint(t.Context(), e.ID); err != nil {
		t.Fatal(err)
	}
	if e, err = w.client.Endpoint(t.Context(), url); err != nil || e.ID != "" {
		t.Errorf("removed: %+v, %v", e, err)
	}
	a, err := w.client.Account(t.Context())
	if err != nil || a != (payments.Account{ID: "acct_standin", Country: "DE", Currency: "EUR", Charges: true}) {
		t.Errorf("account %+v, %v", a, err)
	}
	if w.client.Livemode() || !payments.New(payments.Config{Key: "rk_live_x"}).Livemode() {
		t.Error("Livemode is not read from the key")
	}
}

// safe fails the test where an error tells the key.
func safe(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(e.Error(), "canary") || strings.Contains(e.Error(), "Bearer") {
			t.Errorf("the key is in %q", e)
		}
	}
}

func failOnce(on string) stripe.Fault { return stripe.Fault{On: on, Act: true, Status: 500} }

// TestPartRefundTwice: a part is given back once, though its key is forgotten
// and nobody heard the answer.
func TestPartRefundTwice(t *testing.T) {
	w := newWorld(t)
	s := w.open(t, checkout())
	if _, err := w.Pay(s.URL, "4242424242424242"); err != nil {
		t.Fatal(err)
	}
	paid, err := w.client.Find(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	r := payments.Refund{Order: "o1", Intent: paid.Intent, Amount: commerce.Money{Amount: 1000, Currency: "EUR"}, Key: "order:o1:refund:1"}
	for r.Tries = range int64(3) {
		if _, err := w.client.Refund(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		w.ForgetKeys()
	}
	if n := w.Refunded("o1"); n != 1000 {
		t.Errorf("%d went back, want 1000", n)
	}
}
