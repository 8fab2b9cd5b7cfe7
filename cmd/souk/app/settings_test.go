package app

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/config"
)

// TestDigitalBrandsAreWithheld from Telegram's bots, and from no others.
func TestDigitalBrandsAreWithheld(t *testing.T) {
	s := settings(&config.Config{
		Bots:   map[string]config.Bot{"tg": {Telegram: &config.Telegram{}}, "dc": {Discord: &config.Discord{}}},
		Brands: map[string]config.Brand{"patterns": {Digital: true}, "mugs": {}},
	})
	if diff := cmp.Diff(map[string][]commerce.BrandID{"tg": {BrandID("patterns")}}, s.Withheld); diff != "" {
		t.Error(diff)
	}
}
