package pricing_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/pricing"
)

func eur(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }

func item(b commerce.BrandID, n, unit int64) pricing.Item {
	return pricing.Item{Variant: "v", Brand: b, Title: "Cup", Detail: "Blue", Quantity: n, Unit: eur(unit), Shipped: true, Taxable: true}
}

var rules = pricing.Rules{
	"in": {Name: "Inka", Tax: pricing.Tax{Name: "VAT", Included: true, Rates: []pricing.Rate{{To: []string{"DE"}, PPM: 190_000}, {To: []string{"FR"}, PPM: 55_000}}},
		Shipping: []pricing.ShippingOption{
			{ID: "post", Name: "Post", Price: eur(490), FreeFrom: eur(5000), To: []string{"DE", "FR"}},
			{ID: "fast", Name: "Courier", Price: eur(990), To: []string{"DE"}},
		}},
	"ex":   {Name: "Exa", Tax: pricing.Tax{Name: "Sales tax", Rates: []pricing.Rate{{PPM: 82_500}}}},
	"free": {Name: "Free"},
}

func TestCompute(t *testing.T) {
	for name, c := range map[string]struct {
		req   pricing.Request
		lines []string
		total int64
		err   error
	}{
		"nothing": {req: pricing.Request{}, err: pricing.ErrEmpty},
		"tax within the price": {
			req:   pricing.Request{Items: []pricing.Item{item("in", 2, 1190)}, Country: "DE", Shipping: map[commerce.BrandID]string{"in": "post"}},
			lines: []string{"item Cup 2380", "shipping Post 490", "tax VAT 19 % 0 (458)"},
			total: 2870,
		},
		"another country, another rate": {
			req:   pricing.Request{Items: []pricing.Item{item("in", 5, 1055)}, Country: "FR", Shipping: map[commerce.BrandID]string{"in": "post"}},
			lines: []string{"item Cup 5275", "shipping Post 0", "tax VAT 5.5 % 0 (275)"},
			total: 5275,
		},
		"free from": {
			req:   pricing.Request{Items: []pricing.Item{item("in", 5, 1000)}, Country: "DE", Shipping: map[commerce.BrandID]string{"in": "post"}},
			lines: []string{"item Cup 5000", "shipping Post 0", "tax VAT 19 % 0 (798)"},
			total: 5000,
		},
		"not sent there": {
			req: pricing.Request{Items: []pricing.Item{item("in", 1, 1000)}, Country: "US"},
			err: pricing.ErrNoShipping,
		},
		"an option of another country is not taken": {
			req: pricing.Request{Items: []pricing.Item{item("in", 1, 1000)}, Country: "FR", Shipping: map[commerce.BrandID]string{"in": "fast"}},
			err: pricing.ErrNoChoice,
		},
		"tax on top": {
			req:   pricing.Request{Items: []pricing.Item{item("ex", 3, 333)}, Country: "US"},
			lines: []string{"item Cup 999", "tax Sales tax 8.25 % 82"},
			total: 1081,
		},
		"two brands": {
			req: pricing.Request{Items: []pricing.Item{item("free", 1, 100), item("in", 1, 1190), item("free", 1, 50)},
				Country: "DE", Shipping: map[commerce.BrandID]string{"in": "fast"}},
			lines: []string{"item Cup 100", "item Cup 1190", "item Cup 50", "shipping Courier 990", "tax VAT 19 % 0 (348)"},
			total: 2330,
		},
		"mixed currencies": {
			req: pricing.Request{Items: []pricing.Item{item("free", 1, 100), {Brand: "free", Quantity: 1, Unit: commerce.Money{Amount: 1, Currency: "USD"}}}},
			err: pricing.ErrCurrencies,
		},
		"shipping in another currency": {
			req: pricing.Request{Items: []pricing.Item{{Variant: "v", Brand: "in", Quantity: 1, Unit: commerce.Money{Amount: 100, Currency: "USD"}, Shipped: true}},
				Country: "DE", Shipping: map[commerce.BrandID]string{"in": "post"}},
			err: pricing.ErrCurrencies,
		},
		"tax in a currency of thousandths": {
			req:   pricing.Request{Items: []pricing.Item{{Variant: "v", Brand: "ex", Title: "Cup", Quantity: 1, Unit: commerce.Money{Amount: 1230, Currency: "KWD"}, Taxable: true}}},
			lines: []string{"item Cup 1230", "tax Sales tax 8.25 % 100"},
			total: 1330,
		},
		"too much": {
			req: pricing.Request{Items: []pricing.Item{item("free", 99, 1<<62)}},
			err: commerce.ErrMoney,
		},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := pricing.Compute(c.req, rules)
			if !errors.Is(err, c.err) {
				t.Fatalf("err = %v, want %v", err, c.err)
			}
			var lines []string
			for _, l := range q.Lines {
				s := fmt.Sprintf("%s %s %d", l.Kind, l.Label, l.Amount.Amount)
				if l.Included.Amount != 0 {
					s += fmt.Sprintf(" (%d)", l.Included.Amount)
				}
				lines = append(lines, s)
			}
			if diff := cmp.Diff(c.lines, lines); diff != "" || q.Total.Amount != c.total {
				t.Errorf("total %d, want %d (-want +got):\n%s", q.Total.Amount, c.total, diff)
			}
		})
	}
}

// TestLinesSumToTotal holds for whatever is bought: the lines sum to the
// total, nothing is negative, and tax within a price is smaller than it.
func TestLinesSumToTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r pricing.Request
		for range rapid.IntRange(1, 6).Draw(t, "items") {
			it := item(rapid.SampledFrom([]commerce.BrandID{"in", "ex", "free"}).Draw(t, "brand"),
				rapid.Int64Range(1, 99).Draw(t, "n"), rapid.Int64Range(0, 1_000_000).Draw(t, "unit"))
			it.Shipped, it.Taxable = rapid.Bool().Draw(t, "shipped"), rapid.Bool().Draw(t, "taxable")
			r.Items = append(r.Items, it)
		}
		r.Country = rapid.SampledFrom([]string{"", "DE", "FR"}).Draw(t, "country")
		r.Shipping = map[commerce.BrandID]string{"in": rapid.SampledFrom([]string{"post", "fast"}).Draw(t, "option")}
		q, err := pricing.Compute(r, rules)
		if errors.Is(err, pricing.ErrNoChoice) && r.Country == "FR" && r.Shipping["in"] == "fast" {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		sum := commerce.Money{}
		for _, l := range q.Lines {
			if l.Amount.Amount < 0 || l.Included.Amount < 0 || l.Included.Amount > q.Total.Amount {
				t.Fatalf("line %+v", l)
			}
			if sum, err = sum.Add(l.Amount); err != nil {
				t.Fatal(err)
			}
		}
		if sum != q.Total {
			t.Fatalf("lines sum to %v, total is %v", sum, q.Total)
		}
		again, _ := pricing.Compute(r, rules)
		if again.Digest() != q.Digest() {
			t.Fatal("the same request has another digest")
		}
		r.Items[0].Unit.Amount++
		other, _ := pricing.Compute(r, rules)
		if other.Digest() == q.Digest() {
			t.Fatal("another price has the same digest")
		}
	})
}
