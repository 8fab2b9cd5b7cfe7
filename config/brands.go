package config

import (
	"fmt"
	"slices"

	"golang.org/x/text/language"
)

// Countries expands a list of zones and countries, as Shipping.To and
// TaxRate.To hold, to country codes in alphabetical order, each once. No list
// means everywhere and stays none. Names that are neither are left out; Load
// has reported them.
func (b Brand) Countries(to []string) []string {
	if len(to) == 0 {
		return nil
	}
	codes := []string{}
	for _, place := range to {
		if zone, ok := b.Zones[place]; ok {
			for _, c := range zone {
				codes = append(codes, countries(c)...)
			}
			continue
		}
		codes = append(codes, countries(place)...)
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// union are the members of the European Union by ISO 3166-1 alpha-2; EU is
// the code reserved for it there.
var union = []string{"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}

func countries(code string) []string {
	if code == "EU" {
		return union
	}
	if isCountry(code) {
		return []string{code}
	}
	return nil
}

// isCountry reports whether the code is an ISO 3166-1 alpha-2 code in use.
func isCountry(code string) bool {
	r, err := language.ParseRegion(code)
	return err == nil && len(code) == 2 && r.IsCountry() && r.String() == code && r.Canonicalize() == r && code != "ZZ"
}

// slips are country codes people write and the standard does not have.
var slips = map[string]string{"UK": "GB", "EL": "GR"}

func (v *validator) brand(name string, b Brand) {
	v.payout("brands."+name+".payout", b.Payout)
	path := "brands." + name
	v.file(path+".feed", b.Feed)
	for _, zone := range sorted(b.Zones) {
		here := path + ".zones." + zone
		if isCountry(zone) || zone == "EU" {
			v.say(here, "%q is a country code: a zone needs another name", zone)
		}
		for i, code := range b.Zones[zone] {
			if code != "EU" && code != "" && !isCountry(code) {
				v.say(fmt.Sprintf("%s[%d]", here, i), "%q is not a country code%s", code, country(code))
			}
		}
	}
	switch {
	case b.Digital && len(b.Shipping) > 0:
		v.say(path+".shipping", "a digital brand ships nothing")
	case !b.Digital && len(b.Shipping) == 0:
		v.say(path, "needs shipping: nobody can buy what cannot be sent (or digital: true, where nothing is)")
	}
	seen := map[string]bool{}
	for i, s := range b.Shipping {
		here := fmt.Sprintf("%s.shipping[%d]", path, i)
		v.amount(here+".price", s.Price)
		v.amount(here+".free_from", s.FreeFrom)
		v.places(here+".to", b, s.To)
		if s.Name != "" && seen[s.Name] {
			v.say(here+".name", "%q is another way to ship already", s.Name)
		}
		seen[s.Name] = true
	}
	everywhere := false
	for i, r := range b.Tax.Rates {
		here := fmt.Sprintf("%s.tax.rates[%d]", path, i)
		v.places(here+".to", b, r.To)
		if _, err := r.Percent.PPM(); err != nil && r.Percent != "" {
			v.say(here+".percent", "%s is %s", v.quote(here+".percent"), err)
		}
		if everywhere {
			v.say(here, "is never taken: the rate above it is for every country")
		}
		everywhere = everywhere || len(r.To) == 0 && !v.broken(here+".to")
	}
	if b.Tax.Stripe && len(b.Tax.Rates) > 0 {
		v.say(path+".tax.rates", "stand beside stripe; give one of them")
	}
	if (len(b.Tax.Rates) > 0 || b.Tax.Stripe) && b.Tax.Name == "" {
		v.say(path+".tax", "needs a name, as VAT: members read it beside the amount")
	}
}

func (v *validator) places(path string, b Brand, to []string) {
	for i, place := range to {
		if _, zone := b.Zones[place]; zone || place == "" || len(countries(place)) > 0 {
			continue
		}
		hint := country(place)
		if hint == "" {
			hint = DidYouMean(place, sorted(b.Zones))
		}
		v.say(fmt.Sprintf("%s[%d]", path, i), "%q is neither a zone of this brand nor a country code%s", place, hint)
	}
}

func country(code string) string {
	if right, ok := slips[code]; ok {
		return fmt.Sprintf(", did you mean %q?", right)
	}
	return ""
}

func (v *validator) amount(path string, a Amount) {
	cur := v.cfg.Shop.Currency
	if a == "" || cur == "" || v.broken("shop.currency") {
		return
	}
	if _, err := a.Money(cur); err != nil {
		v.say(path, "%s", err)
	}
}
