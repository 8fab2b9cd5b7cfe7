package stripe_test

import (
	"fmt"
	"testing"
	"time"
)

// TestTransfers follows the money of one charge to two connected accounts and
// a part of it back.
func TestTransfers(t *testing.T) {
	w := newWorld(t)
	charge := w.Charge(10_000, "EUR")
	w.Connect("acct_a", true)
	w.Connect("acct_b", true)
	before := w.Balance("eur")
	send := func(account string, amount int) object {
		return w.ok("POST", "/v1/transfers", fmt.Sprintf("amount=%d&currency=eur&destination=%s&source_transaction=%s&transfer_group=o1&metadata[key]=k", amount, account, charge))
	}
	a, b := send("acct_a", 6000), send("acct_b", 3000)
	if got := w.Balance("eur"); got != before-9000 {
		t.Errorf("the balance moved by %d", got-before)
	}
	if w.Connected("acct_a", "eur") != 6000 || w.Connected("acct_b", "eur") != 3000 {
		t.Errorf("the accounts hold %d and %d", w.Connected("acct_a", "eur"), w.Connected("acct_b", "eur"))
	}
	back := w.ok("POST", "/v1/transfers/"+a["id"].(string)+"/reversals", "amount=1500&metadata[key]=r")
	if back["transfer"] != a["id"] || w.Connected("acct_a", "eur") != 4500 || w.Balance("eur") != before-7500 {
		t.Errorf("reversed: %v, the account holds %d", back, w.Connected("acct_a", "eur"))
	}
	if got := w.ok("GET", "/v1/transfers/"+a["id"].(string), ""); got["amount_reversed"] != 1500.0 || got["reversed"] != false {
		t.Errorf("the transfer: %v", got)
	}
	if got := w.ok("GET", "/v1/transfers/"+a["id"].(string)+"/reversals", "")["data"].([]any); len(got) != 1 {
		t.Errorf("%d reversals", len(got))
	}
	for query, n := range map[string]int{"": 2, "destination=acct_b": 1, "transfer_group=o1": 2, "transfer_group=o2": 0} {
		if got := w.ok("GET", "/v1/transfers", query)["data"].([]any); len(got) != n {
			t.Errorf("%q lists %d", query, len(got))
		}
	}
	for typ, amount := range map[string]float64{"transfer": -3000, "transfer_refund": 1500} {
		if got := w.ok("GET", "/v1/balance_transactions", "type="+typ)["data"].([]any); got[0].(object)["amount"] != amount {
			t.Errorf("%s: %v", typ, got[0])
		}
	}
	w.ok("POST", "/v1/transfers/"+b["id"].(string)+"/reversals", "")
	if got := w.ok("GET", "/v1/transfers/"+b["id"].(string), ""); got["reversed"] != true {
		t.Errorf("reversed in full: %v", got)
	}
}

// TestTransfersRefused: what Stripe refuses moves nothing.
func TestTransfersRefused(t *testing.T) {
	w := newWorld(t)
	charge := w.Charge(10_000, "EUR")
	w.Connect("acct_a", true)
	w.Connect("acct_raw", false)
	sent := w.ok("POST", "/v1/transfers", "amount=6000&currency=eur&destination=acct_a&source_transaction="+charge)["id"].(string)
	w.ok("POST", "/v1/transfers/"+sent+"/reversals", "amount=1000")
	w.PayOut("acct_a", "eur")
	before := w.Balance("eur")
	for _, c := range []struct {
		path, form string
		status     int
		code       any
	}{
		{"/v1/transfers", "amount=1&currency=eur&destination=acct_none", 400, "resource_missing"},
		{"/v1/transfers", "amount=1&currency=eur&destination=acct_raw", 400, "insufficient_capabilities_for_transfer"},
		{"/v1/transfers", "amount=4001&currency=eur&destination=acct_a&source_transaction=" + charge, 400, nil},
		{"/v1/transfers", "amount=1&currency=usd&destination=acct_a&source_transaction=" + charge, 400, nil},
		{"/v1/transfers", "amount=1&currency=eur&destination=acct_a&source_transaction=ch_none", 400, "resource_missing"},
		{"/v1/transfers", "amount=99999&currency=eur&destination=acct_a", 400, "balance_insufficient"},
		{"/v1/transfers", "amount=0&currency=eur&destination=acct_a", 400, nil},
		{"/v1/transfers", "amount=1&currency=eur", 400, "parameter_missing"},
		{"/v1/transfers/" + sent + "/reversals", "amount=5001", 400, nil},
		{"/v1/transfers/" + sent + "/reversals", "amount=1", 400, "balance_insufficient"},
		{"/v1/transfers/tr_none/reversals", "amount=1", 404, "resource_missing"},
	} {
		status, got, _ := w.call("POST", c.path, c.form)
		if status != c.status || got["error"].(object)["code"] != c.code {
			t.Errorf("%s %s: %d %v", c.path, c.form, status, got)
		}
	}
	if got := w.Balance("eur"); got != before {
		t.Errorf("the balance moved by %d", got-before)
	}
	if status, got, _ := w.call("GET", "/v1/accounts/acct_none", ""); status != 403 || got["error"].(object)["code"] != "account_invalid" {
		t.Errorf("an unknown account: %d %v", status, got)
	}
	if got := w.ok("GET", "/v1/accounts/acct_raw", ""); got["payouts_enabled"] != false {
		t.Errorf("an account that is not ready: %v", got)
	}
}

// TestOnboarding makes an account and sets it up on its page: once, and not after
// five minutes.
func TestOnboarding(t *testing.T) {
	w := newWorld(t)
	w.Charge(10_000, "EUR")
	wrong := func(path, form string) {
		t.Helper()
		if status, got, _ := w.call("POST", path, form); status != 400 {
			t.Errorf("%s %s: %d %v", path, form, status, got)
		}
	}
	wrong("/v1/accounts", "type=standard&capabilities[transfers][requested]=true")
	id := w.ok("POST", "/v1/accounts", "type=express&capabilities[transfers][requested]=true&metadata[key]=k")["id"].(string)
	send := "amount=500&currency=eur&destination=" + id
	wrong("/v1/transfers", send)
	link := func() string {
		return w.ok("POST", "/v1/account_links", "account="+id+"&refresh_url=https://shop.example/again&return_url=https://shop.example/back&type=account_onboarding")["url"].(string)
	}
	wrong("/v1/account_links", "account=acct_none&refresh_url=https://shop.example&return_url=https://shop.example&type=account_onboarding")
	late := link()
	w.wait(6 * time.Minute)
	if back, err := w.SetUp(late); err != nil || back != "https://shop.example/again" {
		t.Errorf("a page that is over leads to %q, %v", back, err)
	}
	wrong("/v1/transfers", send)
	page := link()
	for _, want := range []string{"https://shop.example/back", "https://shop.example/again"} {
		if back, err := w.SetUp(page); err != nil || back != want {
			t.Errorf("the page leads to %q, %v", back, err)
		}
	}
	w.ok("POST", "/v1/transfers", send)
	if n := w.Connected(id, "eur"); n != 500 {
		t.Errorf("the account holds %d", n)
	}
}
