package payments_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/payments"
)

// judge sends each request on to a stand-in and, a copy, to stripe-mock, which
// knows the shape of every request of API version 2023-10-16.
type judge struct {
	t    *testing.T
	mock string

	mu   sync.Mutex
	seen map[string]bool // "POST /v1/refunds", ids taken out
}

var idInPath = regexp.MustCompile(`/(cs|pi|ch|re|dp|we|evt|cus|pm|tr|trr|acct)_[a-z0-9_]+`)

func (j *judge) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	copied := req.Clone(req.Context())
	to, _ := url.Parse(j.mock)
	copied.URL.Scheme, copied.URL.Host, copied.Host = to.Scheme, to.Host, to.Host
	copied.Body, req.Body = io.NopCloser(bytes.NewReader(body)), io.NopCloser(bytes.NewReader(body))
	resp, err := http.DefaultTransport.RoundTrip(copied)
	if err != nil {
		j.t.Errorf("stripe-mock: %v", err)
	} else {
		said, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 200 {
			j.t.Errorf("%s %s %s\nstripe-mock: %d %s", req.Method, req.URL.Path, body, resp.StatusCode, said)
		}
	}
	j.mu.Lock()
	j.seen[req.Method+" "+idInPath.ReplaceAllString(req.URL.Path, "/{id}")] = true
	j.mu.Unlock()
	return http.DefaultTransport.RoundTrip(req)
}

// Every request that the client can make has the shape Stripe wants.
func TestRequestsPassStripeMock(t *testing.T) {
	j := &judge{t: t, mock: startMock(t), seen: map[string]bool{}}
	w := newWorld(t)
	client := payments.New(payments.Config{Key: key, Endpoint: w.url, HTTP: &http.Client{Transport: j}})
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	full := checkout()
	full.Email = "ann@example.com"
	s, err := client.Open(ctx, full)
	must(err)
	for i, locale := range []string{"", "en-GB", "pt-PT", "zh-TW", "nl", "eo"} { // one Stripe has no texts in
		c := checkout()
		c.Key, c.Locale, c.Number, c.Payment = fmt.Sprint("k", i), locale, 0, ""
		_, err := client.Open(ctx, c)
		must(err)
	}
	yen := checkout()
	yen.Key, yen.Total = "yen", commerce.Money{Amount: 300, Currency: "JPY"}
	yen.Lines = []payments.Line{{Name: strings.Repeat("名", 400), Detail: strings.Repeat("x", 900), Amount: yen.Total, Quantity: 3}}
	expired, err := client.Open(ctx, yen)
	must(err)
	_, err = client.Expire(ctx, expired.ID)
	must(err)
	if _, err := w.Pay(s.ID, "4000000000000259"); err != nil { // disputed
		t.Fatal(err)
	}
	s, err = client.Find(ctx, s.ID)
	must(err)
	for _, e := range w.Events() {
		if e.Type == "charge.dispute.created" {
			id := string(regexp.MustCompile(`"id":"([^"]+)"`).FindSubmatch(e.Data.Object)[1])
			_, err := client.Dispute(ctx, id)
			must(err)
			_, err = client.Answer(ctx, id, payments.Evidence{Name: "Ann", Address: "Weg 1", Product: "Cup", Tracking: "T1", ShippedOn: "2026-03-01", Policy: "14 days", Story: "paid"})
			must(err)
		}
	}
	w.Decide("", true)
	_, err = client.Refund(ctx, payments.Refund{Order: "o1", Intent: s.Intent, Amount: s.Amount, Key: "r", Tries: 1})
	must(err)
	for _, e := range w.Events() {
		object := regexp.MustCompile(`"id":"([^"]+)"`).FindSubmatch(e.Data.Object)
		_, err := client.IntentOf(ctx, string(object[1]))
		must(err)
	}
	refunds, err := client.Refunds(ctx, s.Intent)
	must(err)
	_, err = client.IntentOf(ctx, refunds[0].ID)
	must(err)
	_, err = client.CreateEndpoint(ctx, "https://shop.example/stripe")
	must(err)
	e, err := client.Endpoint(ctx, "https://shop.example/stripe")
	must(err)
	must(client.RemoveEndpoint(ctx, e.ID))
	_, err = client.Account(ctx)
	must(err)
	must(client.Movements(ctx, time.Unix(0, 0), time.Now().Add(time.Hour), func([]payments.Movement) error { return nil }))
	_, err = client.Balance(ctx)
	must(err)
	charge := w.Charge(5000, "EUR")
	w.Connect("acct_a", true)
	_, err = client.Payee(ctx, "acct_a")
	must(err)
	payee, err := client.MakePayee(ctx, "creator:ann:account:1")
	must(err)
	_, err = client.PayeePage(ctx, payee, "https://shop.example/connected", "https://shop.example/connected")
	must(err)
	w.Connect(payee, true)
	paid, err := client.Transfer(ctx, payments.Transfer{Group: "creator:p1", Account: payee, Amount: eur(500), Key: "c"})
	must(err)
	_, err = client.TakenBack(ctx, paid.ID)
	must(err)
	sent, err := client.Transfer(ctx, payments.Transfer{Order: "o1", Intent: charge, Account: "acct_a", Amount: eur(4000), Key: "t", Tries: 1})
	must(err)
	_, err = client.Reverse(ctx, payments.Reversal{Transfer: sent.ID, Amount: eur(1000), Key: "b", Tries: 1})
	must(err)
	_, err = client.Tax(ctx, payments.TaxRequest{Country: "DE", City: "Berlin", Postcode: "10115", Street: "Weg 1", Included: true,
		Goods: []payments.TaxedGoods{{Reference: "a", Amount: full.Total, Quantity: 1}}, Parcel: full.Total})
	must(err)
	// A card that is kept, and charged in two calls.
	customer, err := client.MakeCustomer(ctx, "member:ann:customer:1")
	must(err)
	kept := checkout()
	kept.Key, kept.Customer = "keep", customer
	page, err := client.Open(ctx, kept)
	must(err)
	if _, err := w.Pay(page.ID, "4242424242424242"); err != nil {
		t.Fatal(err)
	}
	page, err = client.Find(ctx, page.ID)
	must(err)
	card, err := client.PaidWith(ctx, page.Intent)
	must(err)
	oneTap := payments.Charge{Order: "o2", Number: 7, Payment: "p2", Key: "order:o2:pay:1", Customer: customer, Method: card.Method,
		Amount: kept.Total, Return: "https://shop.example/p/x/done"}
	intent, err := client.Prepare(ctx, oneTap)
	must(err)
	intent, err = client.Confirm(ctx, intent.ID, oneTap)
	must(err)
	if intent.Status != payments.IntentSucceeded {
		t.Errorf("the kept card: %+v", intent)
	}
	oneTap.Key = "order:o2:pay:2"
	intent, err = client.Prepare(ctx, oneTap)
	must(err)
	_, err = client.Cancel(ctx, intent.ID)
	must(err)
	must(client.Forget(ctx, card.Method))
	must(client.Forget(ctx, customer))
	// The look that follows a kept 5xx.
	lost := checkout()
	lost.Key = "lost"
	w.Fail(failOnce("POST /v1/checkout/sessions"))
	for range 2 {
		_, err = client.Open(ctx, lost)
	}
	must(err)

	want := []string{
		"DELETE /v1/customers/{id}", "DELETE /v1/webhook_endpoints/{id}", "GET /v1/account", "GET /v1/accounts/{id}",
		"GET /v1/balance", "GET /v1/balance_transactions", "GET /v1/charges/{id}", "GET /v1/checkout/sessions",
		"GET /v1/checkout/sessions/{id}", "GET /v1/disputes/{id}", "GET /v1/payment_intents/{id}",
		"GET /v1/payment_methods/{id}", "GET /v1/refunds", "GET /v1/refunds/{id}", "GET /v1/transfers",
		"GET /v1/transfers/{id}", "GET /v1/transfers/{id}/reversals", "GET /v1/webhook_endpoints", "POST /v1/account_links", "POST /v1/accounts", "POST /v1/checkout/sessions",
		"POST /v1/checkout/sessions/{id}/expire", "POST /v1/customers", "POST /v1/disputes/{id}", "POST /v1/payment_intents",
		"POST /v1/payment_intents/{id}/cancel", "POST /v1/payment_intents/{id}/confirm",
		"POST /v1/payment_methods/{id}/detach", "POST /v1/refunds", "POST /v1/tax/calculations", "POST /v1/transfers",
		"POST /v1/transfers/{id}/reversals", "POST /v1/webhook_endpoints",
	}
	if got := slices.Sorted(maps.Keys(j.seen)); !slices.Equal(got, want) {
		t.Errorf("requests seen:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// startMock starts stripe-mock, a tool of go.mod, and returns its address.
func startMock(t *testing.T) string {
	t.Helper()
	path, err := exec.Command("go", "tool", "-n", "stripe-mock").Output()
	if err != nil {
		if os.Getenv("SOUK_TEST_POSTGRES") != "" {
			t.Fatalf("make test must run this, and stripe-mock cannot be built: %v", err)
		}
		t.Skipf("NOT RUN: stripe-mock cannot be built here: %v", err)
	}
	free := func() string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		return l.Addr().String()
	}
	plain := free()
	cmd := exec.Command(strings.TrimSpace(string(path)), "-http-addr", plain, "-https-addr", free(), "-strict-version-check")
	cmd.Env = append(os.Environ(), "GODEBUG=")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for range 600 {
		if conn, err := net.Dial("tcp", plain); err == nil {
			conn.Close()
			return "http://" + plain
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("stripe-mock did not start: %s", out.String())
	return ""
}

// stripe-mock itself is awake: it refuses what is wrong.
func TestStripeMockRefuses(t *testing.T) {
	j := &judge{t: t, mock: startMock(t), seen: map[string]bool{}}
	for _, form := range []string{"payment_intent=pi_1&amount=x", "payment_intent=pi_1&amonut=1"} {
		req := httptest.NewRequest("POST", j.mock+"/v1/refunds", strings.NewReader(form))
		req.RequestURI = ""
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Authorization", "Bearer sk_test_123")
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != 400 {
			t.Errorf("%s: %v, %v", form, resp, err)
		}
	}
}
