package app

import (
	"testing"

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
