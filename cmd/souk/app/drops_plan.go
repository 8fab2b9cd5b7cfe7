package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/soukchat/souk/bots/staff"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/config"
)

// This file reads what a brand's staff types of a drop, as the YAML is read.

// planning is what the staff plans drops with.
func (a *App) planning() staff.Planning {
	return staff.Planning{Read: a.readPlan, Card: a.Shop.DropCard, Groups: a.groupsOf, Brands: func(r staff.Role) map[commerce.BrandID]string {
		list := map[commerce.BrandID]string{}
		for name, b := range a.config.Load().Brands {
			if id := BrandID(name); r.All || slices.Contains(r.Brands, id) {
				list[id] = b.Name
			}
		}
		return list
	}}
}

func (a *App) groupsOf(p drops.Plan) (n int) {
	for _, c := range a.dropChats() {
		if p.ToldIn(c) {
			n++
		}
	}
	return n
}

// readPlan makes a plan of what was typed, and says what is wrong with it.
func (a *App) readPlan(ctx context.Context, d drops.Draft) (drops.Plan, []staff.Wrong, error) {
	cfg := a.config.Load()
	snap, err := a.Catalog.Snapshot(ctx)
	if err != nil {
		return drops.Plan{}, nil, err
	}
	brand := ""
	for name := range cfg.Brands {
		if BrandID(name) == d.Brand {
			brand = name
		}
	}
	typed := maps.Clone(d.Typed)
	product, message := findProduct(snap, d.Brand, typed["product"])
	if product != nil {
		typed["product"] = product.Handle
	}
	read, problems := cfg.ReadDrop(brand, typed)
	var wrong []staff.Wrong
	say := func(key, format string, args ...any) {
		wrong = append(wrong, staff.Wrong{Key: key, Message: fmt.Sprintf(format, args...)})
	}
	if message != "" && typed["product"] != "" {
		say("product", "%s", message)
	}
	for _, p := range problems {
		key, _, _ := strings.Cut(strings.Split(p.Path, "[")[0], ".")
		switch _, asked := typed[key]; {
		case key == "variants" || key == "" && typed["units"] == "":
			key = "units"
		case key == "" || key == "brand" || !asked && !slices.Contains([]string{"product", "units", "title", "opens", "closes"}, key):
			key, p.Message = config.More, p.Path+": "+p.Message
		}
		say(key, "%s", p.Message)
	}
	if product != nil {
		for _, message := range wrongUnits(product, read) {
			say("units", "%s", message)
		}
	}
	if len(wrong) > 0 {
		return drops.Plan{}, wrong, nil
	}
	plan, err := planOf(cfg, snap, d.ID, string(d.ID), read)
	switch {
	case errors.As(err, new(*commerce.Error)): // an amount in a currency without cents
		say("price", "%q is not an amount as 4.90", typed["price"])
	case err != nil:
		return plan, nil, err
	case plan.Units == nil:
		say("units", "%q has no such variants", product.Title)
	}
	if now := a.Clock.Now(); !plan.Opens.After(now) {
		say("opens", "%s is over already: say a time to come", read.Opens)
	}
	if a.groupsOf(plan) == 0 {
		say(config.More, "no group that is told shows the brand: say which in communities")
	}
	return plan, wrong, nil
}

// findProduct finds what a brand sells by its handle or its name, and says what
// is wrong where it does not.
func findProduct(snap *catalog.Snapshot, b commerce.BrandID, typed string) (found *catalog.Product, message string) {
	typed = strings.TrimSpace(typed)
	if p, ok := snap.ByHandle(b, typed); ok {
		return p, ""
	}
	var known []string
	for _, p := range snap.Products([]commerce.BrandID{b}) {
		known = append(known, p.Handle, p.Title)
		if !strings.EqualFold(p.Title, typed) {
			continue
		}
		if found != nil {
			return nil, fmt.Sprintf("several products are named %q: say the handle, as %s or %s", typed, found.Handle, p.Handle)
		}
		found = p
	}
	if found == nil {
		return nil, fmt.Sprintf("the brand has no product %q%s", typed, config.DidYouMean(typed, known))
	}
	return found, ""
}

// wrongUnits says what is wrong with the variants of a drop.
func wrongUnits(p *catalog.Product, d config.Drop) (list []string) {
	var known []string
	for _, v := range p.Variants {
		known = append(known, v.Label())
	}
	if d.Units != "" && len(known) > 1 {
		return []string{fmt.Sprintf("it has %d variants: say the units of each, as %s %s", len(known), known[0], d.Units)}
	}
	for _, label := range slices.Sorted(maps.Keys(d.Variants)) {
		if !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, label) }) {
			list = append(list, fmt.Sprintf("it has no variant %q%s", label, config.DidYouMean(label, known)))
		}
	}
	return list
}
