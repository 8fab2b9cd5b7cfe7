package shop_test

import (
	"strings"
	"testing"
)

// TestNothingToPay: what costs nothing is ordered without a payment.
func TestNothingToPay(t *testing.T) {
	each(t, func(w *world) {
		w.feed(strings.ReplaceAll(acme(), ",2.50,,false", ",0.00,,false"))
		ann := w.person("ann")
		ann.do("cart add " + string(w.product("card").Variants[0].ID))
		ann.do("checkout")
		ann.tap("Order and pay")
		ann.sees("paid, it will be sent soon", "[Order again]")
		ann.misses("[Pay ", "Pay to make it yours")
	})
}

// TestTooLittle: what no card is charged for is said before it is ordered.
func TestTooLittle(t *testing.T) {
	each(t, func(w *world) {
		w.feed(strings.ReplaceAll(acme(), ",2.50,,false", ",0.30,,false"))
		ann := w.person("ann")
		ann.do("cart add " + string(w.product("card").Variants[0].ID))
		ann.do("checkout")
		ann.sees("Cards are charged from €0.50 on.", "[🛒 Cart")
		ann.misses("Order and pay")
		ann.do("cart add " + string(w.product("card").Variants[0].ID))
		ann.do("checkout")
		ann.sees("Order and pay €0.60")
	})
}
