// Package gates keeps some goods from whom, or where, they may not be sold: by an
// age, and by the countries they are sent to.
//
// It says what is for whom, and keeps the year a member was born in. It shows and
// sells nothing: the conversation and checkout ask it. Start at Rules.Of and
// Ages.Say.
package gates

// The rules:
//   - of several gates for the same goods all count: the highest age, and only
//     countries that each of them lets.
//   - only the year of birth is known. Who may just not have had their birthday yet
//     is not old enough: from 1 January of the next year they surely are.

import (
	"slices"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
)

// Gate is for some goods, or for all that is shown in some communities.
type Gate struct {
	Brands      []commerce.BrandID
	Products    []commerce.ProductID
	Categories  []string // ids
	Communities []commerce.CommunityID
	Age         int      // from which they are shown and sold, 0 for any
	SoldTo      []string // country codes, none for everywhere
	NotSoldTo   []string
}

// Rules are all gates.
type Rules []Gate

func (g Gate) fits(p *catalog.Product) bool {
	return slices.Contains(g.Brands, p.Brand) || slices.Contains(g.Products, p.ID) || p.Category != "" && slices.Contains(g.Categories, catalog.CategoryID(p.Category))
}

// Age is from which age a product is shown and sold, 0 for any.
func (r Rules) Age(p *catalog.Product) (age int) {
	for _, g := range r {
		if g.Age > age && g.fits(p) {
			age = g.Age
		}
	}
	return age
}

// Of is from which age anything is shown in a community, 0 for any.
func (r Rules) Of(c commerce.CommunityID) (age int) {
	for _, g := range r {
		if slices.Contains(g.Communities, c) && c != "" {
			age = max(age, g.Age)
		}
	}
	return age
}

// Sends reports whether a product may be sent to a country.
func (r Rules) Sends(p *catalog.Product, country string) bool {
	return !slices.ContainsFunc(r, func(g Gate) bool {
		return (len(g.SoldTo) > 0 && !slices.Contains(g.SoldTo, country) || slices.Contains(g.NotSoldTo, country)) && g.fits(p)
	})
}

// Regions lists to which countries a product is sent alone, and to which it is not.
// Where several gates say to which, the first counts here.
func (r Rules) Regions(p *catalog.Product) (to, not []string) {
	for _, g := range r {
		if len(g.SoldTo)+len(g.NotSoldTo) > 0 && g.fits(p) {
			if to == nil {
				to = g.SoldTo
			}
			not = append(not, g.NotSoldTo...)
		}
	}
	return to, not
}

// Aged reports whether any gate has an age.
func (r Rules) Aged() bool { return slices.ContainsFunc(r, func(g Gate) bool { return g.Age > 0 }) }

// Old reports whether who was born in a year is surely of an age in another.
func Old(born, age, year int) bool { return born > 0 && year-born > age }

// From is the year from whose first day who was born in a year is surely of an age.
func From(born, age int) int { return born + age + 1 }

// Errors of gates.
var (
	ErrYear   = &commerce.Error{Kind: commerce.Invalid, Message: "gate.badyear"}
	ErrSaid   = &commerce.Error{Kind: commerce.Conflict, Message: "gate.said"}
	ErrAge    = &commerce.Error{Kind: commerce.Conflict, Message: "gate.young"}   // "Product"
	ErrRegion = &commerce.Error{Kind: commerce.Invalid, Message: "gate.region"}   // "Product", "country"
	ErrNone   = &commerce.Error{Kind: commerce.NotFound, Message: "gate.nowish"}  // nobody asks for that any more
	ErrOwn    = &commerce.Error{Kind: commerce.Conflict, Message: "gate.ownwish"} // somebody else decides
)

// Regional reports whether it matters to which country any of the goods is sent.
func (r Rules) Regional(goods []*catalog.Product) bool {
	return slices.ContainsFunc(goods, func(p *catalog.Product) bool {
		return slices.ContainsFunc(r, func(g Gate) bool { return len(g.SoldTo)+len(g.NotSoldTo) > 0 && g.fits(p) })
	})
}

// To returns ErrRegion where any of the goods may not be sent to a country.
func (r Rules) To(country string, goods []*catalog.Product) error {
	for _, p := range goods {
		if !r.Sends(p, country) {
			return ErrRegion.With("Product", p.Title).With("country", country)
		}
	}
	return nil
}
