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
	FreeFrom commerce.Money // value of the brand's shipped goods from which it costs nothing; zero: never
	To       []string       // countries; none means everywhere
}

// Tax is what the state takes of a brand's sales.
type Tax struct {
	Name     string
	Included bool // prices hold it already
	Rates    []Rate
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
		var goods commerce.Money
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
			if o.FreeFrom.Amount > 0 && goods.Amount >= o.FreeFrom.Amount {
				o.Price.Amount = 0
			}
			offered = append(offered, o)
		}
		if len(offered) == 0 {
			return nil, ErrNoShipping.With("brand", rules[b].Name).With("country", r.Country)
		}
		out[b] = offered
	}
	return out, nil
}

// taxLine is the tax of one brand's goods and parcel. Parcels are taxed like
// the goods in them. Before the country is known there is none.
func taxLine(r Request, b commerce.BrandID, tax Tax, parcel commerce.Money) (Line, bool, error) {
	i := slices.IndexFunc(tax.Rates, func(t Rate) bool { return r.Country != "" && reaches(t.To, r.Country) || len(t.To) == 0 })
	if i < 0 || tax.Rates[i].PPM == 0 {
		return Line{}, false, nil
	}
	base, ppm := parcel, tax.Rates[i].PPM
	for _, it := range r.Items {
		if it.Brand != b || !it.Taxable {
			continue
		}
		amount, err := it.Unit.Times(it.Quantity)
		if err != nil {
			return Line{}, false, err
		}
		if base, err = base.Add(amount); err != nil {
			return Line{}, false, err
		}
	}
	if base.Amount == 0 {
		return Line{}, false, nil
	}
	line := Line{Kind: KindTax, Brand: b, Label: tax.Name + " " + Percent(ppm), Amount: commerce.Money{Currency: base.Currency}}
	var err error
	if tax.Included {
		line.Included, err = base.Part(ppm, 1_000_000+ppm)
		return line, true, err
	}
	step := int64(1)
	if commerce.Digits(base.Currency) == 3 {
		step = 10 // cards are charged in these currencies to two decimals (docs.stripe.com/currencies)
	}
	if line.Amount, err = base.Part(ppm, 1_000_000*step); err == nil {
		line.Amount, err = line.Amount.Times(step)
	}
	return line, true, err
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
