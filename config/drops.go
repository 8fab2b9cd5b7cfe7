package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// This file checks drops: a plan that cannot be fair or kept is a problem
// before anybody is told of it.

// shortest and longest are how long a winner may have to pay.
const (
	shortestPay = 5 * time.Minute
	longestPay  = 29 * time.Minute // of a queue, where the next in line waits for it
	restedPay   = 48 * time.Hour   // where nobody has to be there at a minute
)

func (v *validator) drops() {
	zone := v.cfg.Policies.Zone()
	for _, name := range sorted(v.cfg.Drops) {
		d, path := v.cfg.Drops[name], "drops."+name
		v.reference(path+".brand", "brand", d.Brand, "brands", sorted(v.cfg.Brands))
		v.references(path+".communities", "community", d.Communities, "communities", sorted(v.cfg.Communities))
		v.amount(path+".price", d.Price)
		switch {
		case d.Units == "" && len(d.Variants) == 0 && !v.broken(path+".units") && !v.broken(path+".variants"):
			v.say(path, "needs units, or variants with the units of each")
		case d.Units != "" && len(d.Variants) > 0:
			v.say(path+".units", "is for a product with one variant: say it for each in variants alone")
		}
		said := map[string]Count{}
		for _, label := range sorted(d.Variants) {
			if known := labelOf(said, label); known != label {
				v.say(path+".variants."+label, "is %q once more: say how many there are of it in one place", known)
			}
			said[label] = d.Variants[label]
		}
		if d.Mode == "draw" && d.Line != "" {
			v.say(path+".line", "is for a queue: in a draw everybody who enters has a place")
		}
		most, say := longestPay, "29m"
		if d.Mode == "draw" || d.Mode == "invite" {
			most, say = restedPay, "48h"
		}
		if within := d.PayWithin.D(); within < shortestPay || within > most {
			v.say(path+".pay_within", "%s is not from 5m to %s", d.PayWithin, say)
		}
		v.dropRules(path, d)
		v.groupPrice(path, d)
		v.allotments(path, d)
		real := true
		for key, m := range map[string]Moment{"announce": d.Announce, "opens": d.Opens, "closes": d.Closes} {
			if m != "" && m.Start(zone).IsZero() {
				v.say(path+"."+key, "%s is no day of the calendar", v.quote(path+"."+key))
				real = false
			}
		}
		if !real || d.Opens == "" || d.Closes == "" {
			continue
		}
		opens, closes := d.Opens.Start(zone), d.Closes.End(zone)
		if !closes.After(opens) {
			v.say(path+".closes", "%s is not after opens, %s", d.Closes, d.Opens)
		}
		if d.Mode == "group" && closes.Sub(opens) > longestGroup {
			v.say(path+".closes", "%s is more than 6 days after opens, %s: a bank may release a card before it", d.Closes, d.Opens)
		}
		if d.Announce != "" && !d.Announce.Start(zone).Before(opens) {
			v.say(path+".announce", "%s is not before opens, %s: nobody would know of it in time", d.Announce, d.Opens)
		}
		first := opens
		for i, r := range d.Who {
			if at := opens.Add(-r.Early.D()); at.Before(first) {
				first = at
			}
			if d.Announce != "" && !d.Announce.Start(zone).Before(opens.Add(-r.Early.D())) {
				v.say(fmt.Sprintf("%s.who[%d].early", path, i), "%s before opens is not after announce, %s: nobody would know of it in time", r.Early, d.Announce)
			}
		}
		if spills := d.Spills.D(); spills > 0 && !opens.Add(spills).Before(closes) {
			v.say(path+".spills", "%s after opens is not before closes, %s: nobody else could claim what is left", d.Spills, d.Closes)
		}
		if until, quiet := v.cfg.Policies.Quiet(d.Announce.Start(zone)); quiet && d.Announce != "" {
			v.say(path+".announce", "%s is in the quiet hours, when nothing is posted: they end at %s", d.Announce, until.In(zone).Format("15:04"))
		}
		if until, quiet := v.cfg.Policies.Quiet(first); quiet {
			v.say(path+".opens", "%s is in the quiet hours, when many are not there: they end at %s", first.In(zone).Format("2006-01-02 15:04"), until.In(zone).Format("15:04"))
		}
	}
}

// dropRules checks who may take part.
func (v *validator) dropRules(path string, d Drop) {
	zone := v.cfg.Policies.Zone()
	for i, r := range d.Who {
		here := fmt.Sprintf("%s.who[%d]", path, i)
		v.reference(here+".follows", "creator", r.Follows, "creators", sorted(v.cfg.Creators))
		v.reference(here+".brand", "brand", r.Brand, "brands", sorted(v.cfg.Brands))
		v.reference(here+".community", "community", r.Community, "communities", sorted(v.cfg.Communities))
		v.reference(here+".tier", "tier", r.Tier, "loyalty.tiers", sorted(v.cfg.Loyalty.Tiers))
		said := 0
		for _, is := range []bool{r.Follows != "", r.Brand != "", r.Community != "", r.Role != "", r.Tier != "", r.Lost, r.Anybody} {
			if is {
				said++
			}
		}
		if said != 1 {
			v.say(here, "needs one of follows, brand, community, role, tier, lost, anybody")
		}
		switch since := r.Since.Start(zone); {
		case r.Since == "":
		case r.Follows == "" && r.Brand == "" && r.Community == "" && r.Tier == "":
			v.say(here+".since", "is for follows, brand, community and tier")
		case since.IsZero():
			v.say(here+".since", "%s is no day of the calendar", v.quote(here+".since"))
		case d.Opens != "" && !since.Before(d.Opens.Start(zone)):
			v.say(here+".since", "%s is not before opens, %s: leave it out for who is there now", r.Since, d.Opens)
		}
		if (r.Role != "") != (r.Called != "") {
			v.say(here, "role and called go together: called is what members read for the role")
		}
		if r.Early != 0 && d.Mode != "queue" {
			v.say(here+".early", "is for a queue: nobody is first elsewhere")
		}
		if r.First && d.Mode != "draw" {
			v.say(here+".first", "is for a draw: in a queue say early, and of who is invited the first rule is first")
		}
		if d.Mode == "invite" && (r.Role != "" || r.Tier != "" || r.Anybody) {
			v.say(here, "chooses nobody who could be invited: take follows, brand, community or lost")
		}
	}
	if len(d.Who) > 0 && !slices.ContainsFunc(d.Who, func(r DropRule) bool { return !r.First }) {
		v.say(path+".who", "has everybody drawn first: add a rule for the others, as anybody")
	}
	switch {
	case d.Mode == "invite" && len(d.Who) == 0:
		v.say(path, "needs who: those are invited")
	}
	if d.PerPerson != "1" && d.Mode != "queue" {
		v.say(path+".per_person", "is for a queue: elsewhere everybody has one chance")
	}
}

// allotments checks the units that are kept for communities.
func (v *validator) allotments(path string, d Drop) {
	switch {
	case len(d.Allotments) == 0 && d.Spills != 0:
		v.say(path+".spills", "needs allotments")
		return
	case len(d.Allotments) == 0:
		return
	case d.Mode != "queue":
		v.say(path+".allotments", "are for a queue: elsewhere everybody has the same chance, or is chosen")
	}
	of := d.Variants
	if d.Units != "" {
		of = map[string]Count{"": d.Units}
	}
	kept := map[string]int64{}
	for _, name := range sorted(d.Allotments) {
		here := path + ".allotments." + name
		v.reference(here, "community", name, "communities", sorted(v.cfg.Communities))
		if len(d.Communities) > 0 && !slices.Contains(d.Communities, name) {
			v.say(here, "%q is not told of the drop: add it to communities", name)
		}
		a := d.Allotments[name]
		each := a.Variants()
		switch {
		case v.broken(here):
			continue
		case d.Units != "" && each == nil && a.N() > 0:
			each = map[string]Count{"": Count(a)}
		case d.Units != "":
			v.say(here, "names variants: say the units of each in variants too, instead of units")
			continue
		case each == nil && a.N() > 0:
			v.say(here, "needs the units of each variant, as Small 3, Large 2")
			continue
		case each == nil:
			v.say(here, "%s is not units of variants as Small 3, Large 2", v.quote(here))
			continue
		}
		for _, label := range sorted(each) {
			known := labelOf(of, label)
			if of[known] == "" {
				v.say(here, "the drop has no variant %q%s", label, DidYouMean(label, sorted(of)))
			}
			kept[known] += each[label].N()
		}
	}
	for _, label := range sorted(of) {
		if all := of[label]; kept[label] > all.N() && all != "" {
			what := ""
			if label != "" {
				what = " of " + label
			}
			v.say(path+".allotments", "%d units%s are kept for communities, of %d", kept[label], what, all.N())
		}
	}
}

// labelOf finds how a variant is written among those of a drop.
func labelOf(of map[string]Count, label string) string {
	for known := range of {
		if strings.EqualFold(known, label) {
			return known
		}
	}
	return label
}
