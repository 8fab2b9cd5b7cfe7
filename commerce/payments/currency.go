package payments

// Stripe counts in the smallest unit of a currency, as Money does, but does
// not agree with ISO 4217 on all of them (docs.stripe.com/currencies):
//   - the zero-decimal currencies below are counted whole;
//   - ISK and UGX, whole in ISO 4217, are counted in hundredths, the last two
//     digits always 00;
//   - three-decimal currencies are counted in thousandths whose last digit is 0;
//   - all others are counted in hundredths.

import (
	"math"
	"strings"

	"github.com/soukchat/souk/commerce"
)

var zeroDecimal = set("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF")
var threeDecimal = set("BHD JOD KWD OMR TND")

// most is the largest amount Stripe takes: eight digits.
const most = 99_999_999

// ToStripe returns the amount in Stripe's units. It returns ErrAmount where
// Stripe cannot express it: an unknown currency, a thousandth in a currency
// whose last digit must be 0, a fraction of one Stripe counts whole, or more
// than eight digits.
func ToStripe(m commerce.Money) (int64, error) {
	ours, theirs := commerce.Digits(m.Currency), stripeDigits(m.Currency)
	if ours < 0 || ours > 3 {
		return 0, amountError("currency %q", m.Currency)
	}
	n := m.Amount
	for ; ours < theirs; ours++ {
		if n > math.MaxInt64/10 || n < math.MinInt64/10 {
			return 0, amountError("%s is too large", m)
		}
		n *= 10
	}
	for ; ours > theirs; ours-- {
		if n%10 != 0 {
			return 0, amountError("%s is finer than Stripe counts", m)
		}
		n /= 10
	}
	if threeDecimal[m.Currency] && n%10 != 0 {
		return 0, amountError("%s: the last digit must be 0", m)
	}
	if n > most || n < -most {
		return 0, amountError("%s has more than eight digits", m)
	}
	return n, nil
}

// FromStripe is the inverse of ToStripe: currency may be in Stripe's small
// letters. It returns ErrAmount for an amount that Money cannot express.
func FromStripe(amount int64, currency string) (commerce.Money, error) {
	currency = strings.ToUpper(currency)
	ours, theirs := commerce.Digits(currency), stripeDigits(currency)
	if ours < 0 || ours > 3 {
		return commerce.Money{}, amountError("currency %q", currency)
	}
	n := amount
	for ; theirs < ours; theirs++ {
		if n > math.MaxInt64/10 || n < math.MinInt64/10 {
			return commerce.Money{}, amountError("%d %s is too large", amount, currency)
		}
		n *= 10
	}
	for ; theirs > ours; theirs-- {
		if n%10 != 0 {
			return commerce.Money{}, amountError("%d %s is finer than the currency", amount, currency)
		}
		n /= 10
	}
	return commerce.Money{Amount: n, Currency: currency}, nil
}

func stripeDigits(currency string) int {
	switch {
	case zeroDecimal[currency]:
		return 0
	case threeDecimal[currency]:
		return 3
	}
	return 2
}

func amountError(format string, args ...any) error {
	return commerce.Errorf(ErrAmount.Kind, ErrAmount.Message, "stripe: "+format, args...)
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
