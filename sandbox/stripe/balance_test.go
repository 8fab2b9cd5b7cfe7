package stripe_test

import (
	"testing"
	"time"
)

// TestBalance follows the account's balance from a charge to the refund that
// comes back.
func TestBalance(t *testing.T) {
	w := newWorld(t)
	charge := w.Charge(10_000, "EUR")
	if got := w.Balance("eur"); got != 10_000-175 {
		t.Fatalf("a charge of 100.00 leaves %d", got)
	}
	w.wait(time.Hour)
	w.ok("POST", "/v1/refunds", "charge="+charge+"&amount=4000")
	if got := w.Balance("eur"); got != 6_000-175 {
		t.Fatalf("a refund of 40.00 leaves %d", got)
	}
	all := w.ok("GET", "/v1/balance_transactions", "expand[]=data.source")["data"].([]any)
	if len(all) != 2 {
		t.Fatalf("%d balance transactions", len(all))
	}
	back, in := all[0].(object), all[1].(object)
	if in["type"] != "charge" || in["fee"] != 175.0 || in["net"] != 9825.0 || in["source"].(object)["id"] != charge {
		t.Errorf("the charge: %v", in)
	}
	if back["type"] != "refund" || back["amount"] != -4000.0 || back["fee"] != 0.0 {
		t.Errorf("the refund: %v", back)
	}
	if w.ok("GET", "/v1/charges/"+charge, "")["balance_transaction"] != in["id"] {
		t.Error("the charge does not name its balance transaction")
	}
	if got := w.ok("GET", "/v1/balance_transactions/"+in["id"].(string), "")["source"]; got != charge {
		t.Errorf("its source is %v", got)
	}
	for query, n := range map[string]int{"type=charge": 1, "source=" + charge: 1, "created[gt]=" + "1772366400": 1, "currency=usd": 0} {
		if got := w.ok("GET", "/v1/balance_transactions", query)["data"].([]any); len(got) != n {
			t.Errorf("%s: %d", query, len(got))
		}
	}
	if status, _, _ := w.call("GET", "/v1/balance_transactions", "expand[]=data.nothing"); status != 400 {
		t.Error("an expansion it does not know is taken")
	}
}

// TestFailedRefundComesBack: the money of a refund that fails is there again.
func TestFailedRefundComesBack(t *testing.T) {
	w := newWorld(t)
	id := w.session()
	if _, err := w.Pay(id, "4000000000005126"); err != nil {
		t.Fatal(err)
	}
	before := w.Balance("eur")
	w.ok("POST", "/v1/refunds", "payment_intent="+w.ok("GET", "/v1/checkout/sessions/"+id, "")["payment_intent"].(string))
	if w.Balance("eur") >= before {
		t.Fatal("a refund leaves the balance as it was")
	}
	w.wait(2 * time.Minute)
	if got := w.Balance("eur"); got != before {
		t.Errorf("after it failed there are %d, before %d", got, before)
	}
}
