package chatscript

import (
	"maps"
	"strings"

	"github.com/soukchat/souk/config"
)

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"second-brand": act(0, "second-brand: Glaze sells tiles here too, with tax on top, as now is Kiln's", func([]string) error { return s.secondBrand() }),
		}
	})
}

// secondBrand adds to the configuration, which the program reloads with its
// feeds.
func (s *story) secondBrand() error {
	cfg := *s.config
	cfg.Brands = maps.Clone(cfg.Brands)
	kiln := cfg.Brands["kiln"]
	kiln.Tax.Included = false
	cfg.Brands["kiln"] = kiln
	cfg.Brands["glaze"] = config.Brand{Name: "Glaze", Feed: strings.Replace(kiln.Feed, "kiln.csv", "glaze.csv", 1),
		Shipping: []config.Shipping{{Name: "Pallet", Price: "3.33"}, {Name: "Van", Price: "11.11", To: []string{"DE"}}},
		Tax:      config.Tax{Name: "Tax", Rates: []config.TaxRate{{Percent: "8.375"}}}}
	return s.reload(&cfg)
}
