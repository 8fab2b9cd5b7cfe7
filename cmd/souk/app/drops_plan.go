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
	return staff.Planning{Read: a.readPlan, Card: a.Shop.DropCard, Groups: a.groupsOf, Terms: a.termsOf, Amend: a.readAmendment, Brands: func(r staff.Role) map[commerce.BrandID]string {
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
		case key == "" && read.Mode == string(drops.Group) && len(read.Steps) == 0:
			key = "steps"
		case key == "variants" || key == "" && typed["units"] == "":
			key = "units"
		case key == "" || key == "brand" || !asked && !slices.Contains([]string{"product", "units", "title", "opens", "closes"}, key):
			key, p.Message = config.More, p.Path+": "+p.Message
		}
		say(key, "%s", p.Message)
	}
	for _, r := range read.Who {
		if r.Brand != "" && r.Brand != brand { // whose members are another's business
			say(config.More, "who: %s is another brand than the drop's own: only the configuration can name it", r.Brand)
		}
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
	each := map[string]int64{}
	for _, c := range a.dropChats() {
		if plan.ToldIn(c) {
			each[c.Bot]++
		}
	}
	for _, f := range drops.CheckTelling(plan, each, read.Followers.N(), a.pace, a.Clock.Now()) {
		say(f.Path, "%s", f.Message)
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

// unitsOfLabel writes how many there are of a variant, as it is read again: a size
// in numbers needs a sign before its units.
func unitsOfLabel(label, n string) string {
	if strings.Trim(label, "0123456789 ") == "" {
		return label + ": " + n
	}
	return label + " " + n
}

const typedMoment = "2006-01-02 15:04"

// termsOf are the terms of a drop that can be amended, as they are typed.
func (a *App) termsOf(ctx context.Context, d drops.Drop) (map[string]string, error) {
	cfg := a.config.Load()
	snap, err := a.Catalog.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	var each []string
	for _, u := range d.Units {
		n := fmt.Sprint(u.Units)
		if _, v, ok := snap.Variant(u.Variant); ok && len(d.Units) > 1 {
			n = unitsOfLabel(v.Label(), n)
		}
		each = append(each, n)
	}
	zone := cfg.Policies.Zone()
	typed := map[string]string{"closes": d.Closes.In(zone).Format(typedMoment), "units": strings.Join(each, ", "), "pay_within": config.Duration(d.PayWithin).String()}
	if d.State == drops.Announced {
		typed["opens"] = d.Opens.In(zone).Format(typedMoment)
	}
	return typed, nil
}

// readAmendment reads what was typed of the terms of a drop, by the rules of a
// plan; what was not changed is not in it.
func (a *App) readAmendment(ctx context.Context, d drops.Drop, typed map[string]string) (out drops.Amendment, wrong []staff.Wrong, err error) {
	cfg := a.config.Load()
	snap, err := a.Catalog.Snapshot(ctx)
	if err != nil {
		return out, nil, err
	}
	was, err := a.termsOf(ctx, d)
	if err != nil {
		return out, nil, err
	}
	product, ok := snap.Product(d.Product)
	if !ok {
		return out, nil, drops.ErrNone
	}
	zone := cfg.Policies.Zone()
	whole := map[string]string{"title": d.Title, "product": product.Handle, "mode": string(d.Mode), "opens": d.Opens.In(zone).Format(typedMoment)}
	maps.Copy(whole, was)
	for key, value := range typed {
		if value != "" {
			whole[key] = value
		}
	}
	read, problems := cfg.ReadDrop("", whole)
	for _, p := range problems {
		key, _, _ := strings.Cut(strings.Split(p.Path, "[")[0], ".")
		if key == "variants" {
			key = "units"
		}
		if _, can := was[key]; can && whole[key] != was[key] {
			wrong = append(wrong, staff.Wrong{Key: key, Message: p.Message})
		}
	}
	if whole["units"] != was["units"] {
		for _, message := range wrongUnits(product, read) {
			wrong = append(wrong, staff.Wrong{Key: "units", Message: message})
		}
	}
	if len(wrong) > 0 {
		return out, wrong, nil
	}
	if whole["opens"] != was["opens"] && was["opens"] != "" {
		out.Opens = read.Opens.Start(zone)
	}
	if whole["closes"] != was["closes"] {
		out.Closes = read.Closes.End(zone)
	}
	if whole["pay_within"] != was["pay_within"] {
		out.PayWithin = read.PayWithin.D()
	}
	if whole["units"] != was["units"] {
		out.Units = map[commerce.VariantID]int64{}
		for _, u := range unitsOf(snap, d.Product, read) {
			out.Units[u.Variant] = u.Units
		}
	}
	return out, nil, nil
}
