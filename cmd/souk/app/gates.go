package app

import (
	"maps"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/gates"
	"github.com/soukchat/souk/config"
)

// openGates makes what keeps goods from whom or where they may not be sold.
func (a *App) openGates() {
	a.Ages = gates.New(gates.Config{DB: a.DB, Clock: a.Clock, IDs: a.IDs, Zone: func() *time.Location { return a.config.Load().Policies.Zone() },
		Rules: func() gates.Rules { return a.derived.Load().gates }})
}

// peopleOfGates connects what of it belongs to a person.
func (a *App) peopleOfGates() {
	a.Ages.Moderation = a.Moderation
	a.Members.OnLink(a.Ages.Link)
	a.Members.OnErase(a.Ages.Erase)
	a.Members.OnExport(a.Ages.Export)
}

// gateRules are the gates of a configuration. A product that a feed brings later is
// behind its gate from its first moment: it is named by what the feed calls it.
func gateRules(cfg *config.Config) (rules gates.Rules) {
	for _, g := range cfg.Policies.Gates {
		rule := gates.Gate{Age: int(g.Age.N()), SoldTo: config.CountriesOf(g.SoldTo), NotSoldTo: config.CountriesOf(g.NotSoldTo)}
		for _, b := range g.Brands {
			rule.Brands = append(rule.Brands, BrandID(b))
		}
		for _, c := range g.Categories {
			rule.Categories = append(rule.Categories, catalog.CategoryID(c))
		}
		for _, c := range g.Communities {
			rule.Communities = append(rule.Communities, commerce.CommunityID(c))
		}
		for _, p := range g.Products {
			brands := slices.Sorted(maps.Keys(cfg.Brands))
			if p.Brand != "" {
				brands = []string{p.Brand}
			}
			for _, b := range brands {
				rule.Products = append(rule.Products, catalog.ProductID(BrandID(b), p.Product))
			}
		}
		rules = append(rules, rule)
	}
	return slices.Clip(rules)
}
