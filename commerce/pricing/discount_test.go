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

func TestDiscounts(t *testing.T) {
	post := map[commerce.BrandID]string{"in": "post"}
	bowl := pricing.Item{Variant: "w", Product: "bowl", Category: "ware", Brand: "ex", Title: "Bowl", Quantity: 3, Unit: eur(1000), Taxable: true}
	for name, c := range map[string]struct {
		items     []pricing.Item
		discounts []pricing.Discount
		lines     []string
		missed    []string
		total     int64
	}{
		"a percentage, and tax within what is left": {
			items:     []pricing.Item{item("in", 1, 1190)},
			discounts: []pricing.Discount{{ID: "a", Label: "Ten", Percent: 100_000}},
			lines:     []string{"item Cup 1190 less 119", "discount Ten -119", "shipping Post 490", "tax VAT 19 % 0 (249)"},
			total:     1561,
		},
		"tax on top of what is left": {
			items:     []pricing.Item{item("ex", 2, 1000)},
			discounts: []pricing.Discount{{ID: "a", Label: "Five", Fixed: eur(500)}},
			lines:     []string{"item Cup 2000 less 500", "discount Five -500", "tax Sales tax 8.25 % 124"},
			total:     1624,
		},
		"a fixed amount never takes more than there is": {
			items:     []pricing.Item{item("free", 1, 300)},
			discounts: []pricing.Discount{{ID: "a", Label: "Five", Fixed: eur(500)}},
			lines:     []string{"item Cup 300 less 300", "discount Five -300"},
		},
		"shares by the largest remainder": {
			items:     []pricing.Item{item("free", 1, 100), item("free", 1, 100), item("free", 1, 100)},
			discounts: []pricing.Discount{{ID: "a", Label: "One", Fixed: eur(100)}},
			lines:     []string{"item Cup 100 less 34", "item Cup 100 less 33", "item Cup 100 less 33", "discount One -100"},
			total:     200,
		},
		"free shipping": {
			items:     []pricing.Item{item("in", 1, 1190)},
			discounts: []pricing.Discount{{ID: "a", Label: "Free parcel", Shipping: true}},
			lines:     []string{"item Cup 1190", "discount Free parcel -490", "shipping Post 490 less 490", "tax VAT 19 % 0 (190)"},
			total:     1190,
		},
		"free from a value before discounts": {
			items:     []pricing.Item{item("in", 5, 1000)},
			discounts: []pricing.Discount{{ID: "a", Label: "Half", Percent: 500_000}, {ID: "b", Label: "Free parcel", Shipping: true}},
			lines:     []string{"item Cup 5000 less 2500", "discount Half -2500", "shipping Post 0", "tax VAT 19 % 0 (399)"},
			missed:    []string{"b nothing"},
			total:     2500,
		},
		"buy two, the cheapest third is free": {
			items:     []pricing.Item{bowl, {Variant: "x", Category: "ware", Brand: "free", Title: "Cup", Quantity: 1, Unit: eur(200)}, item("free", 9, 100)},
			discounts: []pricing.Discount{{ID: "a", Label: "3 for 2", Buy: 2, Get: 1, Scope: pricing.Scope{Categories: []string{"ware"}}}},
			lines:     []string{"item Bowl 3000", "item Cup 200 less 200", "item Cup 900", "discount 3 for 2 -200", "tax Sales tax 8.25 % 248"},
			total:     4148,
		},
		"stacked: free goods, then the percentage, then the amount": {
			items: []pricing.Item{item("free", 2, 1000)},
			discounts: []pricing.Discount{{ID: "a", Label: "Two", Fixed: eur(200)}, {ID: "b", Label: "Ten", Percent: 100_000},
				{ID: "c", Label: "2 for 1", Buy: 1, Get: 1}},
			lines: []string{"item Cup 2000 less 1300", "discount 2 for 1 -1000", "discount Ten -100", "discount Two -200"},
			total: 700,
		},
		"the better of two that stand alone": {
			items: []pricing.Item{item("free", 2, 1000)},
			discounts: []pricing.Discount{{ID: "a", Label: "Two", Fixed: eur(200), Exclusive: true}, {ID: "b", Label: "Ten", Percent: 150_000, Exclusive: true},
				{ID: "c", Label: "One", Fixed: eur(100)}},
			lines:  []string{"item Cup 2000 less 300", "discount Ten -300"},
			missed: []string{"a together Ten", "c together Ten"},
			total:  1700,
		},
		"why not": {
			items: []pricing.Item{item("free", 2, 1000)},
			discounts: []pricing.Discount{{ID: "a", Label: "A", Percent: 100_000, Minimum: eur(2500)}, {ID: "b", Label: "B", Percent: 100_000, Scope: pricing.Scope{Brands: []commerce.BrandID{"in"}}},
				{ID: "c", Label: "C", Fixed: commerce.Money{Amount: 100, Currency: "USD"}}, {ID: "d", Label: "D", Shipping: true}, {ID: "e", Label: "E"}},
			lines:  []string{"item Cup 2000"},
			missed: []string{"a minimum 5.00 EUR", "b scope", "c currency", "e nothing", "d nothing"},
			total:  2000,
		},
		"at most": {
			items:     []pricing.Item{item("free", 2, 1000)},
			discounts: []pricing.Discount{{ID: "a", Label: "Half", Percent: 500_000, Cap: eur(400)}},
			lines:     []string{"item Cup 2000 less 400", "discount Half -400"},
			total:     1600,
		},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := pricing.Compute(pricing.Request{Items: c.items, Country: "DE", Shipping: post, Discounts: c.discounts}, rules)
			if err != nil {
				t.Fatal(err)
			}
			var lines, missed []string
			for _, l := range q.Lines {
				s := fmt.Sprintf("%s %s %d", l.Kind, l.Label, l.Amount.Amount)
				if l.Discount.Amount != 0 {
					s += fmt.Sprintf(" less %d", l.Discount.Amount)
				}
				if l.Included.Amount != 0 {
					s += fmt.Sprintf(" (%d)", l.Included.Amount)
				}
				lines = append(lines, s)
			}
			for _, m := range q.Missed {
				s := m.ID + " " + string(m.Reason)
				if m.Short.Amount != 0 {
					s += " " + m.Short.String()
				}
				if m.With != "" {
					s += " " + m.With
				}
				missed = append(missed, s)
			}
			if diff := cmp.Diff(c.lines, lines) + cmp.Diff(c.missed, missed); diff != "" || q.Total.Amount != c.total {
				t.Errorf("total %d, want %d (-want +got):\n%s", q.Total.Amount, c.total, diff)
			}
		})
	}
}

func anyDiscount(t *rapid.T, id string) pricing.Discount {
	d := pricing.Discount{ID: id, Label: id, Exclusive: rapid.IntRange(0, 2).Draw(t, "alone") == 0, Rank: rapid.Int64Range(0, 2).Draw(t, "rank")}
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		d.Percent = rapid.Int64Range(1, 1_000_000).Draw(t, "ppm")
	case 1:
		d.Fixed = eur(rapid.Int64Range(1, 100_000).Draw(t, "fixed"))
	case 2:
		d.Shipping = true
	case 3:
		d.Buy, d.Get = rapid.Int64Range(1, 3).Draw(t, "buy"), rapid.Int64Range(1, 2).Draw(t, "get")
	}
	if rapid.Bool().Draw(t, "minimum?") {
		d.Minimum = eur(rapid.Int64Range(1, 10_000).Draw(t, "minimum"))
	}
	if rapid.IntRange(0, 3).Draw(t, "cap?") == 0 {
		d.Cap = eur(rapid.Int64Range(1, 10_000).Draw(t, "cap"))
	}
	if rapid.Bool().Draw(t, "scoped") {
		d.Scope.Brands = []commerce.BrandID{rapid.SampledFrom([]commerce.BrandID{"in", "ex", "free"}).Draw(t, "of")}
	}
	return d
}

func anyRequest(t *rapid.T) pricing.Request {
	r := pricing.Request{Country: rapid.SampledFrom([]string{"", "DE"}).Draw(t, "country"),
		Shipping: map[commerce.BrandID]string{"in": rapid.SampledFrom([]string{"post", "fast"}).Draw(t, "option")}}
	for range rapid.IntRange(1, 5).Draw(t, "items") {
		it := item(rapid.SampledFrom([]commerce.BrandID{"in", "ex", "free"}).Draw(t, "brand"),
			rapid.Int64Range(1, 9).Draw(t, "n"), rapid.Int64Range(0, 5_000).Draw(t, "unit"))
		it.Shipped, it.Taxable = rapid.Bool().Draw(t, "shipped"), rapid.Bool().Draw(t, "taxable")
		r.Items = append(r.Items, it)
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "discounts") {
		r.Discounts = append(r.Discounts, anyDiscount(t, fmt.Sprint("d", i)))
	}
	return r
}

// holds checks what is true of every quote.
func holds(t interface{ Fatalf(string, ...any) }, r pricing.Request, q pricing.Quote) {
	var sum, shares, off int64
	applied := map[string]bool{}
	for _, l := range q.Lines {
		sum += l.Amount.Amount
		shares += l.Discount.Amount
		if l.Kind == pricing.KindDiscount {
			off -= l.Amount.Amount
			applied[l.Ref] = true
			if l.Amount.Amount >= 0 {
				t.Fatalf("a discount adds: %+v", l)
			}
		} else if l.Amount.Amount < 0 || l.Discount.Amount < 0 || l.Discount.Amount > l.Amount.Amount || l.Included.Amount < 0 {
			t.Fatalf("below zero: %+v", l)
		}
	}
	if sum != q.Total.Amount || sum < 0 || shares != off {
		t.Fatalf("lines %d, total %d; shares %d, discounts %d", sum, q.Total.Amount, shares, off)
	}
	for _, d := range r.Discounts {
		missed := false
		for _, m := range q.Missed {
			missed = missed || m.ID == d.ID
		}
		if applied[d.ID] == missed {
			t.Fatalf("%s applied: %v, missed: %v", d.ID, applied[d.ID], missed)
		}
		if d.Exclusive && applied[d.ID] && len(applied) > 1 {
			t.Fatalf("%s stands alone, and %d apply", d.ID, len(applied))
		}
	}
}

// TestDiscountsHold: whatever is bought with whatever discounts, the quote adds
// up, does not depend on the order of the discounts, and one more never makes
// it dearer.
func TestDiscountsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRequest(t)
		q, err := pricing.Compute(r, rules)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, r, q)
		other := r
		other.Discounts = rapid.Permutation(r.Discounts).Draw(t, "order")
		turned, err := pricing.Compute(other, rules)
		if err != nil || turned.Digest() != q.Digest() || cmp.Diff(q.Missed, turned.Missed) != "" {
			t.Fatalf("another order, another quote: %v\n%s", err, cmp.Diff(q, turned))
		}
		more := r
		more.Discounts = append(append([]pricing.Discount{}, r.Discounts...), anyDiscount(t, "more"))
		after, err := pricing.Compute(more, rules)
		if err != nil || after.Total.Amount > q.Total.Amount {
			t.Fatalf("dearer with one discount more: %v instead of %v, %v", after.Total, q.Total, err)
		}
	})
}

func TestAskedTax(t *testing.T) {
	asked := pricing.Rules{"us": {Name: "US", Tax: pricing.Tax{Name: "Sales tax", Asked: true}}}
	r := pricing.Request{Items: []pricing.Item{item("us", 2, 1000)}, Country: "US",
		Discounts: []pricing.Discount{{ID: "a", Label: "Ten", Percent: 100_000}}}
	if _, err := pricing.Compute(r, asked); !errors.Is(err, pricing.ErrNoTax) {
		t.Fatalf("sold untaxed: %v", err)
	}
	basis, err := pricing.Basis(r, asked)
	want := map[commerce.BrandID]pricing.Taxed{"us": {Goods: []pricing.TaxedGoods{{Variant: "v", Quantity: 2, Amount: eur(1800)}}}}
	if diff := cmp.Diff(want, basis); err != nil || diff != "" {
		t.Fatalf("%v %s", err, diff)
	}
	r.Taxes = map[commerce.BrandID]commerce.Money{"us": eur(149)}
	q, err := pricing.Compute(r, asked)
	if err != nil || q.Total != eur(1949) {
		t.Fatalf("%v, %v", q.Total, err)
	}
	holds(t, r, q)
}

func FuzzCompute(f *testing.F) {
	f.Add(int64(1190), int64(2), int64(100_000), int64(500), int64(0), true)
	f.Add(int64(1<<62), int64(2), int64(1), int64(1), int64(7), false)
	f.Add(int64(-5), int64(1), int64(-7), int64(-1), int64(-2), false)
	f.Fuzz(func(t *testing.T, unit, n, ppm, fixed, most int64, alone bool) {
		r := pricing.Request{Items: []pricing.Item{item("in", n, unit), item("ex", 1, 333)}, Country: "DE", Shipping: map[commerce.BrandID]string{"in": "post"},
			Discounts: []pricing.Discount{{ID: "a", Percent: ppm, Exclusive: alone, Cap: eur(most)}, {ID: "b", Fixed: eur(fixed)}, {ID: "c", Buy: 1, Get: 1, Minimum: eur(most)}}}
		q, err := pricing.Compute(r, rules)
		if err != nil {
			return
		}
		holds(t, r, q)
	})
}
