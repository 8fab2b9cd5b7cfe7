package checkout_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/sandbox/stripe"
)

// TestTaxAsked sells where Stripe Tax says how much tax is due: it is a figure
// of the quote, asked once for the same cart and address, and nothing is sold
// while nobody answers.
func TestTaxAsked(t *testing.T) {
	for _, within := range []bool{true, false} {
		each(t, func(w *world) {
			w.shop.Taxes = payments.New(payments.Config{Key: "sk_test_x", Endpoint: w.api})
			w.shop.Rules = func() pricing.Rules {
				return pricing.Rules{"acme": {Name: "Acme", Tax: pricing.Tax{Name: "VAT", Included: within, Asked: true},
					Shipping: []pricing.ShippingOption{{ID: "post", Name: "Post", Price: commerce.Money{Amount: 490, Currency: "EUR"}}}}}
			}
			var asked atomic.Int64
			w.stripe.FailWhen(func(_, path string) (stripe.Fault, bool) {
				if strings.HasPrefix(path, "/v1/tax/") {
					asked.Add(1)
				}
				return stripe.Fault{}, false
			})
			total, tax := int64(1680), int64(268) // 190 and 78 within
			if !within {
				total, tax = 1680+319, 319 // 226 and 93 on top
			}
			ann, cart := w.buyer("ann"), w.cart("cup", 1)
			for range 3 {
				r, err := w.shop.Review(w.ctx, ann, cart)
				w.must(err)
				if r.Quote.Total.Amount != total {
					t.Fatalf("total %v, want %d: %+v", r.Quote.Total, total, r.Quote.Lines)
				}
			}
			if n := asked.Load(); n != 1 {
				t.Errorf("asked %d times for one quote", n)
			}
			o := w.placed(ann, cart)
			w.pay(o, visa)
			w.hear(1)
			w.want(o, orders.Paid)
			if n := w.balance("tax:acme", "EUR"); n != -tax {
				t.Errorf("tax in the books: %d, want %d", n, -tax)
			}
			w.clock.Wait(time.Hour) // the figure is not remembered for ever
			w.stripe.Fail(stripe.Fault{On: "POST /v1/tax", Status: 500, Times: -1})
			if _, err := w.shop.Review(w.ctx, ann, cart); !errors.Is(err, pricing.ErrNoTax) {
				t.Errorf("sold untaxed: %v", err)
			}
		})
	}
}
