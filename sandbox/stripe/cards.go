package stripe

import (
	"strconv"
	"strings"
	"time"
)

// card is how a test card behaves.
type card struct {
	Number, Name string
	brand        string
	code         string // why it is refused, "" not at all
	decline      string
	ask          int // whether it asks for authentication: never, once, always
	disputed     bool
	inquiry      bool // the bank asks first, and takes nothing yet
	badRefund    bool
	magic        []string // ids of payment methods that stand for it
}

const (
	askNever = iota
	askOnce  // not again once it is kept for later
	askAlways
)

// cards are Stripe's test cards (docs.stripe.com/testing) that are imitated.
var cards = []card{
	{Number: "4242424242424242", Name: "Pays", magic: []string{"pm_card_visa"}},
	{Number: "4000000000000002", Name: "Declined", code: "card_declined", decline: "generic_decline",
		magic: []string{"pm_card_chargeDeclined", "pm_card_visa_chargeDeclined"}},
	{Number: "4000000000009995", Name: "Insufficient funds", code: "card_declined", decline: "insufficient_funds",
		magic: []string{"pm_card_chargeDeclinedInsufficientFunds", "pm_card_visa_chargeDeclinedInsufficientFunds"}},
	{Number: "4000002500003155", Name: "Asks for authentication", ask: askOnce, magic: []string{"pm_card_authenticationRequiredOnSetup"}},
	{Number: "4000002760003184", Name: "Always asks", ask: askAlways, magic: []string{"pm_card_authenticationRequired"}},
	{Number: "4000000000009987", Name: "Lost card", code: "card_declined", decline: "lost_card",
		magic: []string{"pm_card_chargeDeclinedLostCard", "pm_card_visa_chargeDeclinedLostCard"}},
	{Number: "4000000000000069", Name: "Expired card", code: "expired_card", decline: "expired_card",
		magic: []string{"pm_card_chargeDeclinedExpiredCard"}},
	{Number: "4000000000000127", Name: "Wrong security code", code: "incorrect_cvc", decline: "incorrect_cvc",
		magic: []string{"pm_card_chargeDeclinedIncorrectCvc"}},
	{Number: "4000000000000119", Name: "Processing error", code: "processing_error", decline: "processing_error",
		magic: []string{"pm_card_chargeDeclinedProcessingError"}},
	{Number: "4000000000000259", Name: "Disputed later", disputed: true, magic: []string{"pm_card_createDispute"}},
	{Number: "4000000000001976", Name: "Asked about later", disputed: true, inquiry: true, magic: []string{"pm_card_createDisputeInquiry"}},
	{Number: "4000000000005126", Name: "Refund fails later", badRefund: true, magic: []string{"pm_card_refundFail"}},
	{Number: "5555555555554444", Name: "Mastercard, pays", brand: "mastercard", magic: []string{"pm_card_mastercard"}},
}

var reasons = map[string]string{
	"generic_decline":    "Your card was declined.",
	"insufficient_funds": "Your card has insufficient funds.",
	"lost_card":          "Your card was declined.", // Stripe does not tell whoever holds it
	"expired_card":       "Your card has expired.",
	"incorrect_cvc":      "Your card's security code is incorrect.",
	"processing_error":   "An error occurred while processing your card. Try again in a little bit.",
	"test_mode_card":     "Your card was declined. This is a stand-in: only test cards work.",
}

// cardOf finds a card by its number, spaces or not, or the id of a payment
// method that stands for it. A number that could be a real card's is declined,
// as in Stripe's test mode; it is not kept.
func cardOf(number string) (card, bool) {
	number = digits(number)
	for _, c := range cards {
		if c.Number == number {
			return c, true
		}
	}
	if luhn(number) {
		return card{Number: "", code: "card_declined", decline: "test_mode_card"}, true
	}
	return card{}, false
}

func magicCard(id string) (card, bool) {
	for _, c := range cards {
		for _, m := range c.magic {
			if m == id {
				return c, true
			}
		}
	}
	return card{}, false
}

func (c card) last4() string {
	if c.Number == "" {
		return "0000"
	}
	return c.Number[len(c.Number)-4:]
}

func (c card) Brand() string {
	if c.brand != "" {
		return c.brand
	}
	return "visa"
}

// Spaced writes the number as it stands on a card.
func (c card) Spaced() string {
	var b strings.Builder
	for i, r := range c.Number {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.TrimSpace(s))
}

// luhn reports whether a number has 12 to 19 digits and the right check digit.
func luhn(number string) bool {
	if len(number) < 12 || len(number) > 19 || strings.Trim(number, "0123456789") != "" {
		return false
	}
	sum := 0
	for i := range number {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// expiry reads "12 / 34", "12/2034" or "1234" and reports whether a card with
// it is still good.
func expiry(s string, now time.Time) (month, year int, ok bool) {
	m, y, found := strings.Cut(digits(s), "/")
	if !found && len(m) == 4 {
		m, y = m[:2], m[2:]
	}
	month, err1 := strconv.Atoi(m)
	year, err2 := strconv.Atoi(y)
	if err1 != nil || err2 != nil || month < 1 || month > 12 {
		return 0, 0, false
	}
	if year < 100 {
		year += 2000
	}
	end := time.Date(year, time.Month(month)+1, 1, 0, 0, 0, 0, time.UTC)
	return month, year, now.Before(end) && year < now.Year()+50
}
