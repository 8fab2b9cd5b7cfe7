package payments_test

import (
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/sandbox/stripe"
)

// TestTax asks for the tax of goods and a parcel, within their prices and on
// top, and of a parcel alone; while Stripe does not answer there is no figure.
func TestTax(t *testing.T) {
	w := newWorld(t)
	client := payments.New(payments.Config{Key: key, Endpoint: w.url})
	goods := []payments.TaxedGoods{{Reference: "a", Amount: euros(1190), Quantity: 2}, {Reference: "b", Amount: euros(999)}}
	for _, c := range []struct {
		what string
		r    payments.TaxRequest
		want int64
	}{
		{"within, Germany", payments.TaxRequest{Country: "DE", City: "Berlin", Postcode: "10115", Street: "Weg 1", Goods: goods, Parcel: euros(490), Included: true}, 190 + 160 + 78},
		{"on top, Austria", payments.TaxRequest{Country: "AT", Goods: goods, Parcel: euros(490)}, 238 + 200 + 98},
		{"a parcel alone", payments.TaxRequest{Country: "DE", Parcel: euros(490), Included: true}, 78},
		{"elsewhere", payments.TaxRequest{Country: "US", Goods: goods}, 0},
	} {
		got, err := client.Tax(t.Context(), c.r)
		if err != nil || got != euros(c.want) {
			t.Errorf("%s: %v, %v; want %v", c.what, got, err, euros(c.want))
		}
	}
	if _, err := client.Tax(t.Context(), payments.TaxRequest{Country: "Germany", Goods: goods}); err == nil {
		t.Error("a country that is none is taxed")
	}
	w.Fail(stripe.Fault{On: "POST /v1/tax", Status: 500, Times: -1})
	if _, err := client.Tax(t.Context(), payments.TaxRequest{Country: "DE", Goods: goods}); commerce.KindOf(err) != commerce.Unavailable {
		t.Errorf("Stripe is down: %v", err)
	}
}
