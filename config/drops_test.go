package config

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestDropProblems declares drops that cannot be fair, or kept.
func TestDropProblems(t *testing.T) {
	const plan = "title: Jug, brand: acme, product: lamp, units: 5, opens: 2026-03-02 18:00, closes: 2026-03-02 20:00"
	for _, c := range []struct{ name, plan, want string }{
		{"as it should be", plan, ""},
		{"a draw", plan + ", mode: draw", ""},
		{"another mode", plan + ", mode: lottery", `drops.jug.mode: "lottery" is not one of queue, draw`},
		{"whose", strings.Replace(plan, "acme", "acne", 1), `drops.jug.brand: there is no brand "acne", did you mean "acme"?`},
		{"of nothing", strings.Replace(plan, "units: 5, ", "", 1), "drops.jug: needs units, or variants with the units of each"},
		{"said twice", plan + ", variants: {Small: 2}", "drops.jug.units: is for a product with one variant"},
		{"closes first", strings.Replace(plan, "20:00", "17:00", 1), "drops.jug.closes: 2026-03-02 17:00 is not after opens"},
		{"no such day", strings.Replace(plan, "03-02 20", "02-31 20", 1), "is no day of the calendar"},
		{"told too late", plan + ", announce: 2026-03-02 18:00", "nobody would know of it in time"},
		{"a day to pay", plan + ", pay_within: 25h", "drops.jug.pay_within: 25h is not from 5m to 29m"},
		{"no time to pay", plan + ", pay_within: 4m", "drops.jug.pay_within: 4m is not from 5m to 29m"},
		{"a line in a draw", plan + ", mode: draw, line: 5", "drops.jug.line: is for a queue"},
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
