package payments_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/sandbox/stripe"
)

func eur(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }

// paid is a session that was paid, with two accounts connected that can be
// transferred to.
func (w *world) paid(t *testing.T) payments.Session {
	t.Helper()
	s := w.open(t, checkout())
	if _, err := w.Pay(s.ID, "4242424242424242"); err != nil {
		t.Fatal(err)
	}
	s, err := w.client.Find(t.Context(), s.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.Connect("acct_a", true)
	w.Connect("acct_b", true)
	return s
}

// TestTransferAndReverse shares one payment between two brands and takes a
// part of one share back.
func TestTransferAndReverse(t *testing.T) {
	w := newWorld(t)
	s := w.paid(t)
	a := payments.Transfer{Order: "o1", Intent: s.Intent, Account: "acct_a", Amount: eur(4000), Key: "order:o1:transfer:a:1"}
	b := payments.Transfer{Order: "o1", Intent: s.Intent, Account: "acct_b", Amount: eur(2000), Key: "order:o1:transfer:b:1"}
	first, err := w.client.Transfer(t.Context(), a)
	if err != nil || first.Amount != a.Amount || first.Key != a.Key {
		t.Fatalf("transfer: %+v, %v", first, err)
	}
	if _, err := w.client.Transfer(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	again, err := w.client.Transfer(t.Context(), a)
	if err != nil || again != first {
		t.Errorf("under the same key: %+v, %v", again, err)
	}
	w.ForgetKeys() // a day later
	a.Tries = 1
	if again, err = w.client.Transfer(t.Context(), a); err != nil || again != first {
		t.Errorf("a day later: %+v, %v", again, err)
	}
	r := payments.Reversal{Transfer: first.ID, Amount: eur(1500), Key: "order:o1:reversal:a:1"}
	back, err := w.client.Reverse(t.Context(), r)
	if err != nil || back.Amount != r.Amount || back.Key != r.Key {
		t.Fatalf("reversal: %+v, %v", back, err)
	}
	w.ForgetKeys()
	r.Tries = 1
	if again, err := w.client.Reverse(t.Context(), r); err != nil || again != back {
		t.Errorf("reversed again a day later: %+v, %v", again, err)
	}
	if x, y := w.Connected("acct_a", "eur"), w.Connected("acct_b", "eur"); x != 2500 || y != 2000 {
		t.Errorf("the brands have %d and %d", x, y)
	}
}

// TestTransferRefused: what Stripe says no to is no, and is told apart from
// what nobody knows.
func TestTransferRefused(t *testing.T) {
	w := newWorld(t)
	s := w.paid(t)
	w.Connect("acct_raw", false)
	for name, tr := range map[string]payments.Transfer{
		"unknown account":     {Account: "acct_none", Intent: s.Intent, Amount: eur(1)},
		"account not ready":   {Account: "acct_raw", Intent: s.Intent, Amount: eur(1)},
		"more than was taken": {Account: "acct_a", Intent: s.Intent, Amount: eur(6491)},
		"another provider's":  {Account: "acct_a", Intent: "sbp-17", Amount: eur(1)},
	} {
		tr.Order, tr.Key = "o1", "k:"+name
		if got, err := w.client.Transfer(t.Context(), tr); err == nil || payments.Ambiguous(err) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	sent, err := w.client.Transfer(t.Context(), payments.Transfer{Order: "o1", Intent: s.Intent, Account: "acct_a", Amount: eur(4000), Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.Reverse(t.Context(), payments.Reversal{Transfer: sent.ID, Amount: eur(4001), Key: "r1"}); err == nil || errors.Is(err, payments.ErrGoneFrom) {
		t.Errorf("more than was transferred: %v", err)
	}
	w.PayOut("acct_a", "eur")
	if _, err := w.client.Reverse(t.Context(), payments.Reversal{Transfer: sent.ID, Amount: eur(1), Key: "r2"}); !errors.Is(err, payments.ErrGoneFrom) || payments.Ambiguous(err) {
		t.Errorf("from an empty account: %v", err)
	}
	for id, ready := range map[string]bool{"acct_a": true, "acct_raw": false} {
		if p, err := w.client.Payee(t.Context(), id); err != nil || p.ID != id || p.Ready != ready {
			t.Errorf("%s: %+v, %v", id, p, err)
		}
	}
	if _, err := w.client.Payee(t.Context(), "acct_none"); !errors.Is(err, payments.ErrUnknown) {
		t.Errorf("an unknown account: %v", err)
	}
}

// TestTransferFaults: three of ten calls fail, half of them after they were
// carried out, and keys are forgotten at times; asked until there is an
// answer, each key makes one transfer and one reversal.
func TestTransferFaults(t *testing.T) {
	w := newWorld(t)
	s := w.paid(t)
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(1, 2))
	failed := 0
	w.FailWhen(func(string, string) (stripe.Fault, bool) {
		mu.Lock()
		defer mu.Unlock()
		if random.IntN(10) >= 3 {
			return stripe.Fault{}, false
		}
		failed++
		f := stripe.Fault{Status: 503, Act: random.IntN(2) == 0}
		if random.IntN(2) == 0 {
			f.Status, f.Drop = 0, true
		}
		return f, true
	})
	until := func(call func(tries int64) error) {
		t.Helper()
		for tries := range int64(100) {
			err := call(tries)
			if err == nil {
				return
			}
			if !payments.Ambiguous(err) {
				t.Fatal(err)
			}
			if tries%3 == 2 {
				w.ForgetKeys()
			}
		}
		t.Fatal("never answered")
	}
	const n = 30
	for i := range n {
		tr := payments.Transfer{Order: "o1", Intent: s.Intent, Account: "acct_a", Amount: eur(200), Key: fmt.Sprint("transfer:", i)}
		var sent payments.Transferred
		until(func(tries int64) (err error) {
			tr.Tries = tries
			sent, err = w.client.Transfer(t.Context(), tr)
			return err
		})
		back := payments.Reversal{Transfer: sent.ID, Amount: eur(50), Key: fmt.Sprint("reversal:", i)}
		until(func(tries int64) (err error) {
			back.Tries = tries
			_, err = w.client.Reverse(t.Context(), back)
			return err
		})
	}
	w.Heal()
	if failed < n {
		t.Errorf("only %d calls failed", failed)
	}
	all, err := w.client.Transfers(t.Context(), "o1", "acct_a")
	if err != nil || len(all) != n {
		t.Errorf("%d transfers for %d keys, %v", len(all), n, err)
	}
	if got := w.Connected("acct_a", "eur"); got != n*150 {
		t.Errorf("the brand has %d, want %d", got, n*150)
	}
}
