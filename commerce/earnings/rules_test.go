package earnings

import (
	"testing"

	"github.com/soukchat/souk/commerce"
)

// TestOtherCurrencies: points are what they are worth in the currency of what was
// bought, and none where nobody says that.
func TestOtherCurrencies(t *testing.T) {
	rules := Rules{PPM: 100_000, Worth: 100, Currency: "EUR", Others: map[string]int64{"CHF": 80}}
	for _, c := range []struct {
		rules Rules
		base  commerce.Money
		want  commerce.Money
	}{
		{rules, commerce.Money{Amount: 2000, Currency: "EUR"}, commerce.Money{Amount: 200, Currency: "PTS"}},
		{rules, commerce.Money{Amount: 2000, Currency: "CHF"}, commerce.Money{Amount: 250, Currency: "PTS"}},
		{rules, commerce.Money{Amount: 2000, Currency: "USD"}, commerce.Money{Amount: 0, Currency: "PTS"}},
		{Rules{PPM: 100_000, Money: true}, commerce.Money{Amount: 2000, Currency: "USD"}, commerce.Money{Amount: 200, Currency: "USD"}},
		{Rules{PPM: 100_000, Money: true}, commerce.Money{Amount: -5, Currency: "USD"}, commerce.Money{Amount: 0, Currency: "USD"}},
	} {
		if got, err := c.rules.brings(c.base, c.rules.PPM); err != nil || got != c.want {
			t.Errorf("%s brings %v, %v, want %v", c.base, got, err, c.want)
		}
	}
}
