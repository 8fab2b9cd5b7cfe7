package config

import (
	"fmt"
	"slices"
)

func (v *validator) gates() {
	for i, g := range v.cfg.Policies.Gates {
		path := fmt.Sprintf("policies.gates[%d]", i)
		v.goods(path, Goods{Brands: g.Brands, Products: g.Products, Categories: g.Categories})
		v.references(path+".communities", "community", g.Communities, "communities", sorted(v.cfg.Communities))
		goods := len(g.Brands) + len(g.Products) + len(g.Categories)
		if goods+len(g.Communities) == 0 {
			v.say(path, "needs brands, products, categories or communities it is for")
		}
		if g.Age == "" && len(g.SoldTo)+len(g.NotSoldTo) == 0 {
			v.say(path, "keeps nothing from anybody: it needs age, sold_to or not_sold_to")
		}
		if g.Age.N() > 99 {
			v.say(path+".age", "%s is not from 1 to 99", g.Age)
		}
		for j, p := range g.Products {
			if p.Variant != "" {
				v.say(fmt.Sprintf("%s.products[%d].variant", path, j), "a gate is for a product with all its variants: leave it out")
			}
		}
		if len(g.SoldTo)+len(g.NotSoldTo) > 0 && len(g.Communities) > 0 {
			v.say(path+".communities", "a cart is one for all communities, so what is in it cannot be kept from a country by where it was found: name brands, products or categories instead")
		}
		open := false
		for key, list := range map[string][]string{"sold_to": g.SoldTo, "not_sold_to": g.NotSoldTo} {
			for j, c := range list {
				if len(countries(c)) == 0 && c != "" {
					v.say(fmt.Sprintf("%s.%s[%d]", path, key, j), "%s is no country code; take two letters as DE, or EU", c)
					open = true
				}
			}
		}
		if !open && len(g.SoldTo) > 0 && len(left(CountriesOf(g.SoldTo), CountriesOf(g.NotSoldTo))) == 0 {
			v.say(path+".not_sold_to", "leaves no country of sold_to: nothing could be sold; leave one of them out")
		}
	}
}

func left(list, without []string) (out []string) {
	for _, one := range list {
		if !slices.Contains(without, one) {
			out = append(out, one)
		}
	}
	return out
}
