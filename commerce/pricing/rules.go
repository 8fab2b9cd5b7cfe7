package pricing

import (
	"slices"
	"strconv"
	"strings"

	"github.com/soukchat/souk/commerce"
)

// Rules are the brands' own.
type Rules map[commerce.BrandID]BrandRules

// BrandRules is how one brand ships and what tax it owes.
type BrandRules struct {
	Name     string
	Shipping []ShippingOption // none: parcels cost nothing and need no choice
	Tax      Tax
}

// ShippingOption is one way to send a parcel.
type ShippingOption struct {
	ID       string // at most 10 letters and digits
	Name     string
	Days     string // how long it takes, as "2–4"
	Price    commerce.Money
	FreeFrom commerce.Money   // value of the brand's shipped goods from which it costs nothing; zero: never
	To       []string         // countries; none means everywhere
	Abroad   map[string]int64 // what it costs in currencies other than Price's; in those FreeFrom does not count
}

// Tax is what the state takes of a brand's sales.
type Tax struct {
	Name     string
	Included bool // prices hold it already
	Rates    []Rate
	Asked    bool // not by rates: Request.Taxes has the figure
}

// Rate is a tax rate in parts per million, for some countries: 19 % is 190000.
type Rate struct {
	To  []string // countries; none means everywhere
	PPM int64
}

// Options returns, for each brand that has to send a parcel and charges for
// it, the options offered in the request's country with the prices as they
// would be; all of them while the country is not known. It returns
// ErrNoShipping where a brand does not send there at all.
func Options(r Request, rules Rules) (map[commerce.BrandID][]ShippingOption, error) {
	out := map[commerce.BrandID][]ShippingOption{}
	for _, b := range brandsOf(r.Items) {
		var goods commerce.Money // before discounts: none makes a parcel dearer
		ships := false
		for _, it := range r.Items {
			if it.Brand != b || !it.Shipped {
				continue
			}
			ships = true
			amount, err := it.Unit.Times(it.Quantity)
			if err != nil {
				return nil, err
			}
			if goods, err = goods.Add(amount); err != nil {
				return nil, err
			}
		}
		if !ships || len(rules[b].Shipping) == 0 {
			continue
		}
		offered := []ShippingOption{}
		for _, o := range rules[b].Shipping {
			if r.Country != "" && !reaches(o.To, r.Country) {
				continue
			}
			if price, ok := o.Abroad[goods.Currency]; ok {
				o.Price, o.FreeFrom = commerce.Money{Amount: price, Currency: goods.Currency}, commerce.Money{}
			}
			if o.FreeFrom.Amount > 0 && goods.Amount >= o.FreeFrom.Amount {
				o.Price.Amount = 0
			}
			offered = append(offered, o)
		}
		priced := func(o ShippingOption) bool { return o.Price.Currency == goods.Currency }
		if slices.ContainsFunc(offered, priced) {
			offered = slices.DeleteFunc(offered, func(o ShippingOption) bool { return !priced(o) })
		}
		if len(offered) == 0 {
			return nil, ErrNoShipping.With("brand", rules[b].Name).With("country", r.Country)
		}
		out[b] = offered
	}
	return out, nil
}

// taxLine is the tax of one brand on the base. Before the country is known there
// is none.
func taxLine(r Request, b commerce.BrandID, tax Tax, base commerce.Money) (Line, bool, error) {
	if tax.Asked {
		return askedLine(r, b, tax, base)
	}
	i := slices.IndexFunc(tax.Rates, func(t Rate) bool { return r.Country != "" && reaches(t.To, r.Country) || len(t.To) == 0 })
	if i < 0 || tax.Rates[i].PPM == 0 || base.Amount == 0 {
		return Line{}, false, nil
	}
	ppm := tax.Rates[i].PPM
	line := Line{Kind: KindTax, Brand: b, Label: tax.Name + " " + Percent(ppm), Amount: commerce.Money{Currency: base.Currency}}
	var err error
	if tax.Included {
		line.Included, err = base.Part(ppm, 1_000_000+ppm)
		return line, true, err
	}
	step := stepOf(base.Currency)
	if line.Amount, err = base.Part(ppm, 1_000_000*step); err == nil {
		line.Amount, err = line.Amount.Times(step)
	}
	return line, true, err
}

// askedLine is the tax as it was asked elsewhere. It returns ErrNoTax where it
// has not been: nothing is sold untaxed.
func askedLine(r Request, b commerce.BrandID, tax Tax, base commerce.Money) (Line, bool, error) {
	if r.Country == "" || base.Amount == 0 {
		return Line{}, false, nil
	}
	figure, ok := r.Taxes[b]
	if !ok || figure.Amount < 0 || figure.Currency != base.Currency {
		return Line{}, false, ErrNoTax
	}
	line := Line{Kind: KindTax, Brand: b, Label: tax.Name, Amount: figure}
	if tax.Included {
		line.Amount, line.Included = commerce.Money{Currency: base.Currency}, figure
	}
	return line, figure.Amount > 0, nil
}

// Taxed is what of a brand's tax has to be asked elsewhere.
type Taxed struct {
	Goods    []TaxedGoods // what costs something, less the discounts
	Parcel   commerce.Money
	Included bool // the amounts hold the tax already
}

// TaxedGoods is one line of it.
type TaxedGoods struct {
	Variant  commerce.VariantID
	Quantity int64
	Amount   commerce.Money
}

// Basis returns, for each brand whose tax is asked elsewhere, the amounts to
// ask about: those that Compute will make of the same request. None before the
// country is known.
func Basis(r Request, rules Rules) (map[commerce.BrandID]Taxed, error) {
	best, slots, _, err := choose(r, rules)
	if err != nil || r.Country == "" {
		return nil, err
	}
	left := amounts(slots)
	for _, d := range best {
		for i, n := range d.off(slots, left) {
			left[i] -= n
		}
	}
	out := map[commerce.BrandID]Taxed{}
	for i, s := range slots {
		if !rules[s.brand].Tax.Asked || left[i] == 0 || s.item != nil && !s.item.Taxable {
			continue
		}
		t := out[s.brand]
		t.Included = rules[s.brand].Tax.Included
		amount := commerce.Money{Amount: left[i], Currency: r.Items[0].Unit.Currency}
		if s.item == nil {
			t.Parcel = amount
		} else {
			t.Goods = append(t.Goods, TaxedGoods{s.item.Variant, s.item.Quantity, amount})
		}
		out[s.brand] = t
	}
	return out, nil
}

// Percent writes parts per million as a percentage: "19 %", "5.5 %".
func Percent(ppm int64) string {
	s := strconv.FormatInt(ppm/10_000, 10)
	if rest := ppm % 10_000; rest != 0 {
		digits := strconv.FormatInt(10_000+rest, 10)[1:]
		s += "." + strings.TrimRight(digits, "0")
	}
	return s + " %"
}

func reaches(to []string, country string) bool {
	return len(to) == 0 || slices.Contains(to, country)
}
