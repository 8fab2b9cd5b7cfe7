package commerce

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/bojanz/currency"
)

// ErrMoney is returned by arithmetic that would mix currencies or leave the
// range of an int64. It is a fault of the program or of absurd input, never
// something a member can mend.
var ErrMoney = errors.New("commerce: money out of range or of mixed currencies")

// Money is an amount in the minor unit of an ISO 4217 currency: EUR 12.50 is
// {1250, "EUR"}, JPY 300 is {300, "JPY"}. The zero value is no money at all
// and adds to any currency.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// Add returns m + n. It returns ErrMoney on overflow or where two different
// currencies meet.
func (m Money) Add(n Money) (Money, error) {
	cur, err := common(m, n)
	if err != nil {
		return Money{}, err
	}
	sum := m.Amount + n.Amount
	if (sum > m.Amount) != (n.Amount > 0) {
		return Money{}, ErrMoney
	}
	return Money{sum, cur}, nil
}

// Sub returns m − n, with the errors of Add.
func (m Money) Sub(n Money) (Money, error) {
	if n.Amount == math.MinInt64 {
		return Money{}, ErrMoney
	}
	return m.Add(Money{-n.Amount, n.Currency})
}

// Times returns m × n. It returns ErrMoney on overflow.
func (m Money) Times(n int64) (Money, error) {
	product := m.Amount * n
	if m.Amount != 0 && (product/m.Amount != n || (m.Amount == -1 && n == math.MinInt64)) {
		return Money{}, ErrMoney
	}
	return Money{product, m.Currency}, nil
}

// Part returns m × num ÷ den, rounded half away from zero, as a tax of 19 %
// is Part(19, 100). It returns ErrMoney on overflow or where den is not positive.
func (m Money) Part(num, den int64) (Money, error) {
	if den <= 0 {
		return Money{}, ErrMoney
	}
	negative := (m.Amount < 0) != (num < 0)
	hi, lo := bits.Mul64(magnitude(m.Amount), magnitude(num))
	lo, carry := bits.Add64(lo, uint64(den)/2, 0)
	hi += carry
	if hi >= uint64(den) {
		return Money{}, ErrMoney
	}
	q, _ := bits.Div64(hi, lo, uint64(den))
	if q > math.MaxInt64 {
		return Money{}, ErrMoney
	}
	if negative {
		return Money{-int64(q), m.Currency}, nil
	}
	return Money{int64(q), m.Currency}, nil
}

// Split divides m by the weights with the largest remainder method, so that
// the parts sum to m exactly. Equal remainders favour the earlier part. It
// returns ErrMoney where a weight is negative or all are zero.
func (m Money) Split(weights ...int64) ([]Money, error) {
	var total int64
	for _, w := range weights {
		if w < 0 || total > math.MaxInt64-w {
			return nil, ErrMoney
		}
		total += w
	}
	if total == 0 {
		return nil, ErrMoney
	}
	type rest struct {
		at  int
		rem uint64
	}
	parts, rests := make([]Money, len(weights)), make([]rest, len(weights))
	left := magnitude(m.Amount)
	for i, w := range weights {
		hi, lo := bits.Mul64(magnitude(m.Amount), uint64(w))
		q, r := bits.Div64(hi, lo, uint64(total))
		parts[i] = Money{int64(q), m.Currency}
		rests[i] = rest{i, r}
		left -= q
	}
	slices.SortStableFunc(rests, func(a, b rest) int {
		switch {
		case a.rem > b.rem:
			return -1
		case a.rem < b.rem:
			return 1
		}
		return 0
	})
	for i := uint64(0); i < left; i++ {
		parts[rests[i].at].Amount++
	}
	if m.Amount < 0 {
		for i := range parts {
			parts[i].Amount = -parts[i].Amount
		}
	}
	return parts, nil
}

// IsZero reports whether the amount is zero, whatever the currency.
func (m Money) IsZero() bool { return m.Amount == 0 }

// String writes the amount for logs and files, as "12.50 EUR". What a member
// reads is written by Format.
func (m Money) String() string { return m.Decimal() + " " + m.Currency }

// Decimal writes the amount as a plain decimal number, as "12.50".
func (m Money) Decimal() string {
	digits := Digits(m.Currency)
	s := strconv.FormatUint(magnitude(m.Amount), 10)
	if digits > 0 {
		if len(s) <= digits {
			s = strings.Repeat("0", digits-len(s)+1) + s
		}
		s = s[:len(s)-digits] + "." + s[len(s)-digits:]
	}
	if m.Amount < 0 {
		return "-" + s
	}
	return s
}

// Format writes the amount the way the locale (a BCP 47 tag) does, by the
// CLDR's rules: "12,50 €" in German, "€12.50" in English.
func (m Money) Format(locale string) string {
	amount, err := currency.NewAmountFromInt64(m.Amount, m.Currency)
	if err != nil {
		return m.String()
	}
	f := currency.NewFormatter(currency.NewLocale(locale))
	return f.Format(amount)
}

// ParseMoney reads a plain decimal number, as feeds and YAML write prices:
// "12.5", "1299.00" or "12". It returns an error that names the text where it
// is no amount or has more digits than the currency.
func ParseMoney(s, cur string) (Money, error) {
	s = strings.TrimSpace(s)
	digits := Digits(cur)
	if digits < 0 {
		return Money{}, fmt.Errorf("%q is not an ISO 4217 currency", cur)
	}
	whole, frac, _ := strings.Cut(s, ".")
	for len(frac) > digits && strings.HasSuffix(frac, "0") {
		frac = frac[:len(frac)-1]
	}
	if len(frac) > digits {
		return Money{}, fmt.Errorf("%q has more decimals than %s takes (%d)", s, cur, digits)
	}
	if !number(strings.TrimPrefix(whole, "-")) || !(frac == "" || number(frac)) {
		return Money{}, fmt.Errorf("%q is not an amount, write it as 12.50", s)
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", digits-len(frac)), 10, 64)
	if err != nil {
		return Money{}, fmt.Errorf("%q is not an amount, write it as 12.50", s)
	}
	return Money{n, cur}, nil
}

// Digits returns how many decimals the currency has, -1 where it is unknown.
func Digits(cur string) int {
	d, ok := currency.GetDigits(cur)
	if !ok {
		return -1
	}
	return int(d)
}

func number(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func common(m, n Money) (string, error) {
	switch {
	case m.Currency == n.Currency, n == Money{}:
		return m.Currency, nil
	case m == Money{}:
		return n.Currency, nil
	}
	return "", ErrMoney
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
