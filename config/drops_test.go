package config

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDropProblems declares drops that cannot be fair, or kept.
func TestDropProblems(t *testing.T) {
	const plan = "title: Jug, brand: acme, product: lamp, units: 5, opens: 2026-03-02 18:00, closes: 2026-03-02 20:00"
	for _, c := range []struct{ name, plan, want string }{
		{"as it should be", plan, ""},
		{"a draw", plan + ", mode: draw", ""},
		{"another mode", plan + ", mode: lottery", `drops.jug.mode: "lottery" is not one of queue, draw, invite, group`},
		{"whose", strings.Replace(plan, "acme", "acne", 1), `drops.jug.brand: there is no brand "acne", did you mean "acme"?`},
		{"of nothing", strings.Replace(plan, "units: 5, ", "", 1), "drops.jug: needs units, or variants with the units of each"},
		{"said twice", plan + ", variants: {Small: 2}", "drops.jug.units: is for a product with one variant"},
		{"closes first", strings.Replace(plan, "20:00", "17:00", 1), "drops.jug.closes: 2026-03-02 17:00 is not after opens"},
		{"no such day", strings.Replace(plan, "03-02 20", "02-31 20", 1), "is no day of the calendar"},
		{"told too late", plan + ", announce: 2026-03-02 18:00", "nobody would know of it in time"},
		{"a day to pay", plan + ", pay_within: 25h", "drops.jug.pay_within: 25h is not from 5m to 29m"},
		{"days to pay in a draw", plan + ", mode: draw, pay_within: 49h", "drops.jug.pay_within: 49h is not from 5m to 48h"},
		{"for some", plan + ", per_person: 2, who: [{community: moths, since: 2026-02-01, early: 30m}, {role: '123456789012345678', called: Potters}, {anybody: true}]", ""},
		{"of nobody", plan + ", who: [{since: 2026-02-01}]", "drops.jug.who[0]: needs one of follows, brand, community, role, tier, lost, anybody"},
		{"of two at once", plan + ", who: [{lost: true, anybody: true}]", "drops.jug.who[0]: needs one of"},
		{"of a stranger", plan + ", who: [{follows: nobody}]", `drops.jug.who[0].follows: there is no creator "nobody"`},
		{"since when", plan + ", who: [{lost: true, since: 2026-02-01}]", "drops.jug.who[0].since: is for follows, brand, community and tier"},
		{"for who asked a brand", plan + ", who: [{brand: acme, since: 2026-02-01}]", ""},
		{"for who asked no brand", plan + ", who: [{brand: acne}]", `drops.jug.who[0].brand: there is no brand "acne", did you mean "acme"?`},
		{"of a tier there is not", plan + ", who: [{tier: gold}]", `drops.jug.who[0].tier: there is no tier "gold"`},
		{"since after it opens", plan + ", who: [{brand: acme, since: 2026-03-02 18:00}]", "drops.jug.who[0].since: 2026-03-02 18:00 is not before opens"},
		{"first in a draw", plan + ", mode: draw, who: [{lost: true, first: true}, {anybody: true}]", ""},
		{"first in a queue", plan + ", who: [{lost: true, first: true}, {anybody: true}]", "drops.jug.who[0].first: is for a draw"},
		{"all of them first", plan + ", mode: draw, who: [{lost: true, first: true}]", "drops.jug.who: has everybody drawn first"},
		{"since no day", plan + ", who: [{community: moths, since: 2026-02-31}]", "is no day of the calendar"},
		{"a role without a name", plan + ", who: [{role: '123456789012345678'}]", "role and called go together"},
		{"early in a draw", plan + ", mode: draw, who: [{lost: true, early: 5m}]", "drops.jug.who[0].early: is for a queue"},
		{"early before it is told", plan + ", announce: 2026-03-02 17:00, who: [{lost: true, early: 1h}]", "drops.jug.who[0].early: 1h before opens is not after announce"},
		{"early at night", strings.Replace(plan, "18:00", "09:00", 1) + ", who: [{lost: true, early: 90m}]", "drops.jug.opens: 2026-03-02 07:30 is in the quiet hours"},
		{"invited", plan + ", mode: invite, pay_within: 12h, who: [{lost: true}]", ""},
		{"nobody invited", plan + ", mode: invite", "drops.jug: needs who: those are invited"},
		{"anybody invited", plan + ", mode: invite, who: [{anybody: true}]", "chooses nobody who could be invited"},
		{"several in a draw", plan + ", mode: draw, per_person: 2", "drops.jug.per_person: is for a queue"},
		{"allotted", plan + ", allotments: {moths: 3}, spills: 30m", ""},
		{"invited to variants", strings.Replace(plan, "units: 5", "variants: {Small: 5, Large: 2}", 1) + ", mode: invite, who: [{follows: mira}]", ""},
		{"allotted of variants", strings.Replace(plan, "units: 5", "variants: {Small: 5, Large / Red: 2}", 1) + ", allotments: {moths: 'small 3, Large / Red 2'}", ""},
		{"allotted of other variants", strings.Replace(plan, "units: 5", "variants: {Small: 5}", 1) + ", allotments: {moths: Smal 3}", `drops.jug.allotments.moths: the drop has no variant "Smal", did you mean "Small"?`},
		{"allotted of no variant", strings.Replace(plan, "units: 5", "variants: {Small: 5}", 1) + ", allotments: {moths: 3}", "drops.jug.allotments.moths: needs the units of each variant, as Small 3, Large 2"},
		{"allotted of a variant twice", strings.Replace(plan, "units: 5", "variants: {Small: 5}", 1) + ", allotments: {moths: 'Small 1, Small 2'}", `drops.jug.allotments.moths: "Small 1, Small 2" is not units of variants`},
		{"allotted of what has none", plan + ", allotments: {moths: Small 3}", "drops.jug.allotments.moths: names variants"},
		{"allotted of nothing", plan + ", allotments: {moths: some}", `drops.jug.allotments.moths: "some" is not units as 5, or of variants as Small 3, Large 2`},
		{"more of a variant allotted", strings.Replace(plan, "units: 5", "variants: {Small: 5, Large: 9}", 1) + ", allotments: {moths: 'Small 6, Large 1'}", "drops.jug.allotments: 6 units of Small are kept for communities, of 5"},
		{"allotted in a draw", plan + ", mode: draw, allotments: {moths: 3}", "drops.jug.allotments: are for a queue"},
		{"more allotted than there are", plan + ", allotments: {moths: 6}", "drops.jug.allotments: 6 units are kept for communities, of 5"},
		{"allotted to nobody", plan + ", allotments: {mots: 3}", `drops.jug.allotments.mots: there is no community "mots", did you mean "moths"?`},
		{"spills nothing", plan + ", spills: 30m", "drops.jug.spills: needs allotments"},
		{"spills too late", plan + ", allotments: {moths: 3}, spills: 2h", "drops.jug.spills: 2h after opens is not before closes"},
		{"no time to pay", plan + ", pay_within: 4m", "drops.jug.pay_within: 4m is not from 5m to 29m"},
		{"a line in a draw", plan + ", mode: draw, line: 5", "drops.jug.line: is for a queue"},
		{"a group price", plan + ", mode: group, steps: [{joined: 2, price: 30}, {joined: 5, price: 25}]", ""},
		{"no steps", plan + ", mode: group", "drops.jug: needs steps: a group price falls as members join"},
		{"steps of a queue", plan + ", steps: [{joined: 2, price: 30}]", "drops.jug.steps: are for mode group"},
		{"two prices", plan + ", mode: group, price: 30, steps: [{joined: 2, price: 30}]", "drops.jug.price: stands in the steps"},
		{"a price that does not fall", plan + ", mode: group, steps: [{joined: 2, price: 30}, {joined: 3, price: 30}]", "drops.jug.steps[1].price: 30 is not less than the step before"},
		{"a step back", plan + ", mode: group, steps: [{joined: 2, price: 30}, {joined: 2, price: 25}]", "drops.jug.steps[1].joined: 2 is not more than the step before"},
		{"never reached", plan + ", mode: group, steps: [{joined: 2, price: 30}, {joined: 6, price: 25}]", "drops.jug.steps[1].joined: 6 is more than there are units"},
		{"longer than a card is held", strings.Replace(plan, "2026-03-02 20:00", "2026-03-08 18:01", 1) + ", mode: group, steps: [{joined: 2, price: 30}]", "is more than 6 days after opens"},
		{"told at night", plan + ", announce: 2026-03-02 07:00", "drops.jug.announce: 2026-03-02 07:00 is in the quiet hours, when nothing is posted: they end at 08:00"},
		{"at night", strings.NewReplacer("18:00", "23:00", "2026-03-02 20:00", "2026-03-03").Replace(plan), "is in the quiet hours, when many are not there: they end at 08:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(good(t), "policies:", "drops:\n  jug: {"+c.plan+"}\npolicies:", 1)
			_, err := Load(filepath.Join(write(t, map[string]string{"c.yaml": text}), "c.yaml"), getenv)
			switch {
			case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("have %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestReadDrop types drops in a chat: the rules are those of the YAML.
func TestReadDrop(t *testing.T) {
	cfg, err := Load(filepath.Join(write(t, map[string]string{"c.yaml": good(t)}), "c.yaml"), getenv)
	if err != nil {
		t.Fatal(err)
	}
	plan := map[string]string{"title": "Jug", "product": "lamp", "units": "5", "opens": "2026-03-02 18:00", "closes": "2026-03-02 20:00"}
	for _, c := range []struct {
		name  string
		brand string
		typed map[string]string
		want  string // the problems
		check func(Drop) bool
	}{
		{"as it should be", "acme", nil, "", func(d Drop) bool {
			return d.Brand == "acme" && d.Units == "5" && d.Mode == "queue" && d.PayWithin.D().Minutes() == 10
		}},
		{"variants", "acme", map[string]string{"units": "Small / Red 10, Large: 5"}, "", func(d Drop) bool {
			return d.Units == "" && d.Variants["Small / Red"] == "10" && d.Variants["Large"] == "5"
		}},
		{"a variant twice", "acme", map[string]string{"units": "Small 10, Small 5"}, "units: \"Small 10, Small 5\" is not a whole number from 1", nil},
		{"steps", "acme", map[string]string{"mode": "group", "steps": "2: 39.00, 4 = 35"}, "", func(d Drop) bool {
			return len(d.Steps) == 2 && d.Steps[0] == DropStep{"2", "39.00"} && d.Steps[1] == DropStep{"4", "35"}
		}},
		{"steps of no meaning", "acme", map[string]string{"mode": "group", "steps": "39.00 from two on"}, "steps: needs how many join and the price then, as 10: 39.00, 25: 35.00", nil},
		{"steps with a comma", "acme", map[string]string{"mode": "group", "steps": "2: 39,00"}, "steps: needs how many join", nil},
		{"a step of nobody", "acme", map[string]string{"mode": "group", "steps": "0: 39.00"}, `steps[0].joined: "0" is not a whole number from 1`, nil},
		{"a step up", "acme", map[string]string{"mode": "group", "steps": "2: 39.00, 4: 40.00"}, "steps[1].price: 40.00 is not less than the step before", nil},
		{"allotted", "acme", map[string]string{"allotments": "moths: 3", "spills": "30m"}, "", func(d Drop) bool { return d.Allotments["moths"].N() == 3 }},
		{"allotted of variants", "acme", map[string]string{"units": "Small 5, Large 3", "allotments": "moths: Small 3, Large: 1"}, "", func(d Drop) bool {
			each := d.Allotments["moths"].Variants()
			return len(each) == 2 && each["Small"] == "3" && each["Large"] == "1"
		}},
		{"allotted to one twice", "acme", map[string]string{"allotments": "moths: 3\nmoths: 1"}, "allotments: needs a community and its units on each line", nil},
		{"more", "acme", map[string]string{"more": "line: 7\ncommunities: []"}, "", func(d Drop) bool { return d.Line == "7" }},
		{"more of no meaning", "acme", map[string]string{"more": "please hurry"}, "more: needs a key and its value on each line", nil},
		{"another's brand", "acme", map[string]string{"more": "brand: other"}, "brand: is given twice, first at the form", nil},
		{"a key that is none", "acme", map[string]string{"more": "lines: 7"}, `lines: is not a key here, did you mean "line"?`, nil},
		{"a variable", "acme", map[string]string{"title": "${STRIPE_KEY}"}, "title: the variable STRIPE_KEY is not set", nil},
		{"an amount", "acme", map[string]string{"price": "39,90"}, `price: "39,90" is not an amount as 4.90, did you mean "39.90"?`, nil},
		{"without an end", "acme", map[string]string{"closes": ""}, "closes: is missing", nil},
		{"closes first", "acme", map[string]string{"closes": "2026-03-02 17:00"}, "closes: 2026-03-02 17:00 is not after opens", nil},
		{"at night", "acme", map[string]string{"opens": "2026-03-02 23:00", "closes": "2026-03-03"}, "opens: 2026-03-02 23:00 is in the quiet hours", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			typed := maps.Clone(plan)
			maps.Copy(typed, c.typed)
			d, problems := cfg.ReadDrop(c.brand, typed)
			if have := problems.Error(); c.want == "" && have != "" || !strings.Contains(have, c.want) || c.check != nil && !c.check(d) {
				t.Errorf("have %+v\n%s\nwant %s", d, have, c.want)
			}
		})
	}
}

// TestVariantTwice says a variant of a drop twice, in other letters: commerce would
// know one of them.
func TestVariantTwice(t *testing.T) {
	_, problems := (&Config{}).ReadDrop("", map[string]string{"units": "Small 3, small 2"})
	if !slices.ContainsFunc(problems, func(p Problem) bool { return p.Path == "variants.small" && strings.Contains(p.Message, `"Small"`) }) {
		t.Errorf("of a drop: %v", problems)
	}
	if a := Allotment("Small 3, small 2").Variants(); a != nil {
		t.Errorf("of a community: %v", a)
	}
}

// TestSizesInNumbers reads variants that are called by numbers alone.
func TestSizesInNumbers(t *testing.T) {
	for typed, want := range map[string]map[string]Count{
		"42: 10, 43 = 5": {"42": "10", "43": "5"}, "42 1/2: 3": {"42 1/2": "3"}, "EU 42 10": {"EU 42": "10"},
		"42 10": nil, "10": nil, "1 000": nil, "Small 10": {"Small": "10"}, "S: 10": {"S": "10"},
	} {
		if got := Allotment(typed).Variants(); !maps.Equal(got, want) {
			t.Errorf("%q: %v, want %v", typed, got, want)
		}
	}
}
