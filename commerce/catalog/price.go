package catalog

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/soukchat/souk/commerce"
)

var (
	thousands    = regexp.MustCompile(`^\d{1,3}(,\d{3})+\.\d+$`)
	decimalComma = regexp.MustCompile(`^\d+,\d{1,2}$`)
)

// parsePrice reads an amount in the currency. Beside the plain number it knows
// "1,299.00" and "12,50", which can be read in one way only.
func parsePrice(s, currency string) (commerce.Money, error) {
	switch {
	case thousands.MatchString(s):
		s = strings.ReplaceAll(s, ",", "")
	case decimalComma.MatchString(s):
		s = strings.Replace(s, ",", ".", 1)
	case strings.HasPrefix(s, "."):
		s = "0" + s
	}
	m, err := commerce.ParseMoney(s, currency)
	if err == nil && m.Amount < 0 {
		err = fmt.Errorf("%q is less than nothing", s)
	}
	return m, err
}

// parseQuantity reads a number of units; "5.0" and "" (none) are numbers too.
func parseQuantity(s string) (int64, error) {
	s, _, _ = strings.Cut(strings.TrimSpace(s), ".")
	if s == "" || s == "-" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > maxQuantity || n < -maxQuantity {
		return 0, fmt.Errorf("%q is not a number of units", s)
	}
	return n, nil
}

// maxQuantity keeps sums of quantities far from overflowing.
const maxQuantity = 1_000_000_000
