package checkout

import (
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

// TestCardOfBrands shares a payment out over the brands of a cart: to the cent
// what the lines of each brought, and where credit paid a part, by that.
func TestCardOfBrands(t *testing.T) {
	eur := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }
	lines := []orders.Line{
		{Kind: pricing.KindItem, Brand: "a", Amount: eur(1000), Discount: eur(100)},
		{Kind: pricing.KindItem, Brand: "b", Amount: eur(2000)},
		{Kind: pricing.KindDiscount, Brand: "a", Amount: eur(-100)},
		{Kind: pricing.KindShipping, Brand: "a", Amount: eur(490)},
		{Kind: pricing.KindTax, Brand: "b", Amount: eur(380)},
	}
	for _, c := range []struct {
		credit, a, b int64
	}{{0, 1390, 2380}, {3770, 0, 0}, {1, 1390, 2379}, {1885, 695, 1190}} {
		o := orders.Order{Total: eur(3770 - c.credit), Lines: append(lines[:len(lines):len(lines)], orders.Line{Kind: pricing.KindCredit, Amount: eur(-c.credit)})}
		by, err := cardOf(o)
		if err != nil {
			t.Fatal(err)
		}
		if by["a"].Amount != c.a || by["b"].Amount != c.b {
			t.Errorf("with %d of credit: a %v, b %v; want %d, %d", c.credit, by["a"], by["b"], c.a, c.b)
		}
	}
}
