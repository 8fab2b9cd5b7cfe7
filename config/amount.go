package config

import (
	"errors"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
)

// Amount is a plain decimal number as it was written, as 4.90. The empty
// Amount is one that was not written.
type Amount string

// Money reads the amount in a currency. It returns the zero Money for an
// amount that was not written, and an error where it has more decimals than
// the currency or does not fit.
func (a Amount) Money(currency string) (commerce.Money, error) {
	if a == "" {
		return commerce.Money{}, nil
	}
	return commerce.ParseMoney(string(a), currency)
}

// PPM reads the amount as a percentage and returns parts per million: 19 is
// 190000, 5.5 is 55000. It returns an error where it is no number from 0 to
// 100 with at most four decimals.
func (a Amount) PPM() (int64, error) {
	whole, frac, _ := strings.Cut(string(a), ".")
	if whole == "" || len(whole) > 3 || len(frac) > 4 || strings.HasSuffix(string(a), ".") {
		return 0, errPercent
	}
	var n int64
	for _, r := range whole + frac + strings.Repeat("0", 4-len(frac)) {
		if r < '0' || r > '9' {
			return 0, errPercent
		}
		n = n*10 + int64(r-'0')
	}
	if n > 1_000_000 {
		return 0, errPercent
	}
	return n, nil
}

var errPercent = errors.New("not a percentage from 0 to 100 with at most four decimals")

// Duration is a time span as Go writes it, as 15m.
type Duration time.Duration

// D returns the span as a time.Duration.
func (d Duration) D() time.Duration { return time.Duration(d) }

// String writes the span as YAML takes it: 1h30m, 15m.
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
