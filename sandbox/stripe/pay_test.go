package stripe_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestRefunds(t *testing.T) {
	w := newWorld(t)
	id := w.session("payment_intent_data[metadata][order]=o1")
	if out, err := w.Pay(id, "4242424242424242"); err != nil || out.URL != "https://shop.example/done?s="+id {
		t.Fatalf("%+v, %v", out, err)
	}
	pi := w.ok("GET", "/v1/checkout/sessions/"+id, "")["payment_intent"].(string)
	refund := func(form string) int {
		status, _, _ := w.call("POST", "/v1/refunds", "payment_intent="+pi+form)
		return status
	}
	for i, tt := range []struct {
		form string
		want int
	}{{"&amount=1001", 400}, {"&amount=0", 400}, {"&amount=-5", 400}, {"&amount=400", 200}, {"&amount=601", 400}, {"", 200}, {"&amount=1", 400}} {
		if got := refund(tt.form); got != tt.want {
			t.Errorf("refund %d (%s): %d, want %d", i, tt.form, got, tt.want)
		}
	}
	if status, o, _ := w.call("POST", "/v1/refunds", "payment_intent="+pi); o["error"].(object)["code"] != "charge_already_refunded" {
		t.Errorf("refunding what is refunded: %d %v", status, o)
	}
	if c, r := w.Captured("o1"), w.Refunded("o1"); c != 1000 || r != 1000 {
		t.Errorf("captured %d, refunded %d", c, r)
	}
	if all := w.ok("GET", "/v1/refunds", "payment_intent="+pi)["data"].([]any); len(all) != 2 || all[0].(object)["amount"] != 600.0 {
		t.Errorf("refunds %v", all)
	}
}

func TestRefundThatFailsLater(t *testing.T) {
	w := newWorld(t)
	id := w.session()
	if _, err := w.Pay(id, "4000000000005126"); err != nil {
		t.Fatal(err)
	}
	pi := w.ok("GET", "/v1/checkout/sessions/"+id, "")["payment_intent"].(string)
	r := w.ok("POST", "/v1/refunds", "payment_intent="+pi)
	w.wait(time.Minute)
	if r = w.ok("GET", "/v1/refunds/"+r["id"].(string), ""); r["status"] != "failed" || w.Refunded("") != 0 {
		t.Errorf("refund %v, refunded %d", r, w.Refunded(""))
	}
}

func TestCards(t *testing.T) {
	w := newWorld(t)
	for number, want := range map[string]string{
		"4242 4242 4242 4242": "paid", "4000000000000002": "generic_decline", "4000000000009995": "insufficient_funds",
		"4000000000009987": "lost_card", "4000000000000069": "expired_card", "4000000000000127": "incorrect_cvc",
		"4000000000000119": "processing_error", "4000002500003155": "requires_action", "4000002760003184": "requires_action",
		"4111111111111111": "test_mode_card", "1234": "incorrect_number",
	} {
		out, err := w.Pay(w.session(), number)
		if err != nil || out.Status != want && out.Code != want {
			t.Errorf("%s: %+v, %v; want %s", number, out, err, want)
		}
	}
	id := w.session()
	if _, err := w.Authenticate(id, true); err == nil {
		t.Error("authenticated what nobody asked for")
	}
	for _, confirm := range []bool{false, true} {
		if out, err := w.Pay(id, "4000002760003184"); err != nil || out.Status != "requires_action" {
			t.Fatalf("%+v, %v", out, err)
		}
		out, err := w.Authenticate(id, confirm)
		if err != nil || (out.Status == "paid") != confirm {
			t.Fatalf("confirm %t: %+v, %v", confirm, out, err)
		}
	}
	if _, err := w.Pay(id, "4242424242424242"); err == nil {
		t.Error("paid twice")
	}
	if n := w.Captures("o1"); n != 2 {
		t.Errorf("%d captures", n)
	}
}

// The page as a browser without scripts uses it.
func TestPage(t *testing.T) {
	w := newWorld(t)
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	id := w.session("line_items[0][price_data][product_data][description]=<b>Green</b>", "locale=de")
	page := w.ok("GET", "/v1/checkout/sessions/"+id, "")["url"].(string)
	show := func(resp *http.Response, err error) (int, string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		if resp.StatusCode == http.StatusSeeOther {
			return resp.StatusCode, resp.Header.Get("Location")
		}
		return resp.StatusCode, string(b)
	}
	fill := func(number, expiry, cvc string) (int, string) {
		return show(browser.PostForm(page, url.Values{"number": {number}, "expiry": {expiry}, "cvc": {cvc}}))
	}
	_, text := show(browser.Get(page))
	for _, want := range []string{"2 × Tea", "&lt;b&gt;Green", "10,00", `action="` + page, "4242 4242 4242 4242", "https://shop.example/back", "Insufficient funds"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(text, "<script") || strings.Contains(text, "src=") {
		t.Error("the page loads something")
	}
	if _, text := show(browser.Get(page + "?card=4000000000000002")); !strings.Contains(text, "4000 0000 0000 0002") {
		t.Error("a test card is not filled in")
	}
	for name, tt := range map[string]struct {
		number, expiry, cvc string
		status              int
		want                string
	}{
		"number": {"4242424242424241", "12/34", "123", 422, "number is invalid"},
		"expiry": {"4242424242424242", "12/25", "123", 422, "expiration"},
		"month":  {"4242424242424242", "13/30", "123", 422, "expiration"},
		"cvc":    {"4242424242424242", "12 / 34", "1x3", 422, "security code"},
		"poor":   {"4000000000009995", "03/26", "123", 402, "insufficient funds"},
	} {
		if status, text := fill(tt.number, tt.expiry, tt.cvc); status != tt.status || !strings.Contains(text, tt.want) || !strings.Contains(text, tt.number) {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if status, text := fill("4000002500003155", "1234", "123"); status != 200 || !strings.Contains(text, "is this you") {
		t.Errorf("authentication: %d %s", status, text)
	}
	if status, text := show(browser.PostForm(page+"/authenticate", url.Values{"answer": {"fail"}})); status != 402 || !strings.Contains(text, "unable to authenticate") {
		t.Errorf("refusing: %d %s", status, text)
	}
	fill("4000002500003155", "12/2034", "123")
	if status, to := show(browser.PostForm(page+"/authenticate", url.Values{"answer": {"complete"}})); status != 303 || to != "https://shop.example/done?s="+id {
		t.Errorf("paid: %d %s", status, to)
	}
	if status, text := fill("4242424242424242", "12/34", "123"); status != 200 || !strings.Contains(text, "This is paid") {
		t.Errorf("paying again: %d %s", status, text)
	}
	gone := w.session()
	w.ok("POST", "/v1/checkout/sessions/"+gone+"/expire", "")
	if _, text := show(browser.Get(w.url + "/c/" + gone)); !strings.Contains(text, "expired") {
		t.Error("an expired page does not say so")
	}
	if status, _ := show(browser.Get(w.url + "/c/cs_none")); status != 404 {
		t.Errorf("no such page: %d", status)
	}
}

// A card kept at the first purchase pays the next one without the page.
func TestKeptCards(t *testing.T) {
	w := newWorld(t)
	cus := w.ok("POST", "/v1/customers", "email=ann@example.com&metadata[member]=m1")["id"].(string)
	for _, number := range []string{"4000002500003155", "4000002760003184"} {
		id := w.session("customer="+cus, "payment_intent_data[setup_future_usage]=off_session")
		w.Pay(id, number)
		if out, err := w.Authenticate(id, true); err != nil || out.Status != "paid" {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	cards := w.ok("GET", "/v1/customers/"+cus+"/payment_methods", "type=card")["data"].([]any)
	if len(cards) != 2 {
		t.Fatalf("kept %v", cards)
	}
	asks, once := cards[0].(object)["id"].(string), cards[1].(object)["id"].(string)
	create := "amount=700&currency=eur&customer=" + cus + "&confirm=true&return_url=https://shop.example/r&payment_method="
	if i := w.ok("POST", "/v1/payment_intents", create+once); i["status"] != "succeeded" {
		t.Errorf("a kept card: %v", i["status"])
	}
	i := w.ok("POST", "/v1/payment_intents", create+asks)
	next, _ := i["next_action"].(object)
	if i["status"] != "requires_action" || next == nil {
		t.Fatalf("a card that always asks: %v", i)
	}
	resp, err := http.Get(next["redirect_to_url"].(object)["url"].(string))
	if err != nil || resp.StatusCode != 200 {
		t.Errorf("its page: %v, %v", resp, err)
	}
	if !w.AuthenticateIntent(i["id"].(string), true) || w.AuthenticateIntent(i["id"].(string), true) {
		t.Error("authenticating once and again")
	}
	if i = w.ok("GET", "/v1/payment_intents/"+i["id"].(string), ""); i["status"] != "succeeded" {
		t.Errorf("authenticated: %v", i["status"])
	}
	status, o, _ := w.call("POST", "/v1/payment_intents", create+asks+"&off_session=true")
	if e, _ := o["error"].(object); status != 402 || e["code"] != "authentication_required" || e["payment_intent"] == nil {
		t.Errorf("off session: %d %v", status, o)
	}
	if status, o, _ := w.call("POST", "/v1/payment_intents", "amount=700&currency=eur&confirm=true&payment_method="+once); status != 400 {
		t.Errorf("somebody else's card: %d %v", status, o)
	}
	w.ok("POST", "/v1/payment_methods/"+once+"/detach", "")
	if status, _, _ := w.call("POST", "/v1/payment_intents", create+once); status != 400 {
		t.Errorf("a detached card: %d", status)
	}
	i = w.ok("POST", "/v1/payment_intents", "amount=700&currency=eur")
	path := "/v1/payment_intents/" + i["id"].(string)
	if status, o, _ := w.call("POST", path+"/confirm", "payment_method=pm_card_chargeDeclined"); status != 402 || o["error"].(object)["decline_code"] != "generic_decline" {
		t.Errorf("declined: %d %v", status, o)
	}
	w.ok("POST", path+"/confirm", "payment_method=pm_card_visa")
	if status, _, _ := w.call("POST", path+"/cancel", ""); status != 400 {
		t.Errorf("cancelling what succeeded: %d", status)
	}
	w.ok("DELETE", "/v1/customers/"+cus, "")
	if o := w.ok("GET", "/v1/customers/"+cus, ""); o["deleted"] != true || o["email"] != nil {
		t.Errorf("a deleted customer: %v", o)
	}
}
