package payments_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/payments"
)

func TestToStripe(t *testing.T) {
	for _, tt := range []struct {
		amount   int64
		currency string
		want     int64
	}{
		{1250, "EUR", 1250}, {300, "JPY", 300}, {50000, "KRW", 50000}, {99999999, "USD", 99999999},
		{-5, "USD", -5}, {0, "EUR", 0}, {5, "ISK", 500}, {7, "UGX", 700}, {1230, "KWD", 1230}, {12345, "HUF", 12345},
	} {
		m := commerce.Money{Amount: tt.amount, Currency: tt.currency}
		got, err := payments.ToStripe(m)
		if err != nil || got != tt.want {
			t.Errorf("ToStripe(%v) = %d, %v; want %d", m, got, err, tt.want)
		}
		back, err := payments.FromStripe(got, tt.currency)
		if err != nil || back != m {
			t.Errorf("FromStripe(%d, %s) = %v, %v", got, tt.currency, back, err)
		}
	}
	for _, m := range []commerce.Money{
		{Amount: 100_000_000, Currency: "EUR"}, {Amount: 1_000_000, Currency: "ISK"}, {Amount: 1 << 62, Currency: "UGX"},
		{Amount: 1234, Currency: "KWD"}, {Amount: 1, Currency: "XXY"}, {Amount: 1}, {Amount: 1, Currency: "eur"}, {Amount: 1, Currency: "CLF"},
	} {
		if n, err := payments.ToStripe(m); !errors.Is(err, payments.ErrAmount) {
			t.Errorf("ToStripe(%v) = %d, %v; want ErrAmount", m, n, err)
		}
	}
	for currency, amount := range map[string]int64{"isk": 550, "ugx": 1, "xxy": 1, "": 1} {
		if m, err := payments.FromStripe(amount, currency); !errors.Is(err, payments.ErrAmount) {
			t.Errorf("FromStripe(%d, %s) = %v, %v; want ErrAmount", amount, currency, m, err)
		}
	}
}

// What goes out comes back the same, in the same order, never overflowing.
func TestToStripeRoundTrip(t *testing.T) {
	currencies := []string{"EUR", "USD", "JPY", "KRW", "ISK", "UGX", "KWD", "BHD", "TND", "HUF", "TWD", "MGA", "CLP", "XPF", "BIF", "RWF", "MRU", "IQD", "CLF"}
	rapid.Check(t, func(t *rapid.T) {
		cur := rapid.SampledFrom(currencies).Draw(t, "currency")
		amounts := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-100_000_000, 100_000_000))
		m := commerce.Money{Amount: amounts.Draw(t, "amount"), Currency: cur}
		n, err := payments.ToStripe(m)
		if err != nil {
			return
		}
		if (n > 0) != (m.Amount > 0) || n > 99_999_999 || n < -99_999_999 {
			t.Fatalf("ToStripe(%v) = %d", m, n)
		}
		back, err := payments.FromStripe(n, cur)
		if err != nil || back != m {
			t.Fatalf("%v became %d and then %v, %v", m, n, back, err)
		}
		if more, err := payments.ToStripe(commerce.Money{Amount: m.Amount + 1, Currency: cur}); err == nil && more <= n {
			t.Fatalf("a unit more than %v is %d, not more than %d", m, more, n)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		cur := rapid.SampledFrom(currencies).Draw(t, "currency")
		n := rapid.Int64().Draw(t, "amount")
		m, err := payments.FromStripe(n, cur)
		if err != nil {
			return
		}
		if back, err := payments.ToStripe(m); err == nil && back != n {
			t.Fatalf("%d %s became %v and then %d", n, cur, m, back)
		}
	})
}
