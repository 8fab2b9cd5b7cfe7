package stripe

import (
	"strconv"
	"strings"

	"github.com/bojanz/currency"
)

// largest is the largest amount of a charge: eight digits.
const largest = 99_999_999

// smallest is the least that is charged in a currency, in its smallest unit
// (docs.stripe.com/currencies); 50 in those not listed.
var smallest = map[string]int64{
	"aed": 200, "bgn": 100, "czk": 1500, "dkk": 250, "gbp": 30, "hkd": 400, "huf": 17500, "mxn": 1000,
	"myr": 200, "nok": 300, "pln": 200, "ron": 200, "sek": 300, "thb": 1000, "jpy": 50,
}

const wholes = " bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf "
const thousands = " bhd jod kwd omr tnd "

// checkAmount holds a total to what can be charged in its currency.
func checkAmount(param string, amount int64, cur string) *apiError {
	least, ok := smallest[cur]
	if !ok {
		least = 50
	}
	switch {
	case amount < least:
		e := invalid(param, "The amount must be at least %s", format(least, cur, "en"))
		e.Code = "amount_too_small"
		return e
	case amount > largest:
		e := invalid(param, "The amount must be no more than %s", format(largest, cur, "en"))
		e.Code = "amount_too_large"
		return e
	case (cur == "isk" || cur == "ugx") && amount%100 != 0:
		return invalid(param, "Amounts in %s end in 00", cur)
	case strings.Contains(thousands, " "+cur+" ") && amount%10 != 0:
		return invalid(param, "Amounts in %s end in 0", cur)
	}
	return nil
}

func isCurrency(cur string) bool { return len(cur) == 3 && currency.IsValid(strings.ToUpper(cur)) }

// format writes an amount in Stripe's units the way a locale does.
func format(amount int64, cur, locale string) string {
	digits := 2
	switch {
	case strings.Contains(wholes, " "+cur+" "):
		digits = 0
	case strings.Contains(thousands, " "+cur+" "):
		digits = 3
	}
	s := strconv.FormatInt(amount, 10)
	if len(s) <= digits {
		s = strings.Repeat("0", digits-len(s)+1) + s
	}
	s = s[:len(s)-digits] + "." + s[len(s)-digits:]
	a, err := currency.NewAmount(strings.TrimSuffix(s, "."), strings.ToUpper(cur))
	if err != nil {
		return s + " " + strings.ToUpper(cur)
	}
	return currency.NewFormatter(currency.NewLocale(locale)).Format(a)
}
