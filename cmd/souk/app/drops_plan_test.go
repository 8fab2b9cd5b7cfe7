package app

import (
	"slices"
	"strings"
	"testing"

	"github.com/soukchat/souk/bots/staff"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/config"
)

// TestUnitsOfLabel writes the units of variants, and reads them again.
func TestUnitsOfLabel(t *testing.T) {
	for _, label := range []string{"Small", "42", "EU 42", "Small / Red", "42 1/2"} {
		if got := config.Allotment(unitsOfLabel(label, "10")).Variants(); len(got) != 1 || got[label] != "10" {
			t.Errorf("%q: %v", label, got)
		}
	}
}

// TestPlanOfAnotherBrand: who plans in the chat for one brand does not invite the
// members of another.
func TestPlanOfAnotherBrand(t *testing.T) {
	a, _ := tripApp(t)
	for brand, refused := range map[string]bool{"leaf": false, "other": true} {
		_, wrong, err := a.readPlan(t.Context(), drops.Draft{ID: "d", Brand: BrandID("leaf"), Typed: map[string]string{config.More: "who: [{brand: " + brand + "}]"}})
		said := slices.ContainsFunc(wrong, func(w staff.Wrong) bool { return strings.Contains(w.Message, "another brand than the drop's own") })
		if err != nil || said != refused {
			t.Errorf("%s: %v, %v", brand, wrong, err)
		}
	}
}
