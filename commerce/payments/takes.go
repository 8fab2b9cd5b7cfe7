package payments

import "github.com/soukchat/souk/commerce"

// ErrTooLittle is returned for an amount below the least that is charged to a
// card; its argument Least is that amount.
var ErrTooLittle = &commerce.Error{Kind: commerce.Invalid, Message: "payment.toolittle"}

// least is the least that is charged to a card, in Stripe's units
// (docs.stripe.com/currencies, minimum charge amounts); 50 where nothing is
// said. Elsewhere, and where an account is paid out in another currency, Stripe
// may ask for a little more.
var least = map[string]int64{
	"AED": 200, "BGN": 100, "CZK": 1500, "DKK": 250, "GBP": 30, "HKD": 400, "HUF": 17500, "MXN": 1000,
	"MYR": 200, "NOK": 300, "PLN": 200, "RON": 200, "SEK": 300, "THB": 1000,
}

// Takes tells whether an order of this total and these lines could be paid: nil,
// ErrTooLittle, or ErrAmount. What costs nothing needs no payment.
func Takes(total commerce.Money, lines ...commerce.Money) error {
	if total.IsZero() {
		return nil
	}
	n, err := ToStripe(total)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if _, err := ToStripe(l); err != nil {
			return err
		}
	}
	if n >= leastOf(total.Currency) {
		return nil
	}
	m, _, err := Charged(total.Currency)
	if err != nil {
		return err
	}
	return ErrTooLittle.With("Least", m)
}

func leastOf(currency string) int64 {
	if n, ok := least[currency]; ok {
		return n
	}
	return 50
}

// Charged returns the least that is charged to a card, and the step, in minor
// units, of which every charge is a multiple.
func Charged(currency string) (least commerce.Money, step int64, err error) {
	step = 1
	for d := stripeDigits(currency); d < commerce.Digits(currency); d++ {
		step *= 10
	}
	if threeDecimal[currency] {
		step = 10
	}
	least, err = FromStripe(leastOf(currency), currency)
	return least, step, err
}
