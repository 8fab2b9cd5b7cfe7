package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/soukchat/souk/config"
)

// checkDrops looks up what the drops are of.
func checkDrops(cfg *config.Config, sold map[string]map[string][]string, elsewhere map[string]bool) (problems config.Problems) {
	for _, name := range slices.Sorted(maps.Keys(cfg.Drops)) {
		d, path := cfg.Drops[name], "drops."+name
		item := config.PickItem{Brand: d.Brand, Product: d.Product}
		if message := lookUp(item, sold, elsewhere); message != "" {
			problems = append(problems, cfg.Problem(path+".product", "%s", message))
			continue
		}
		variants := sold[d.Brand][d.Product]
		if d.Units != "" && len(variants) > 1 {
			problems = append(problems, cfg.Problem(path+".units", "%q has %d variants: say the units of each in variants", d.Product, len(variants)))
		}
		for _, v := range slices.Sorted(maps.Keys(d.Variants)) {
			item.Variant = v
			if message := lookUp(item, sold, elsewhere); message != "" {
				problems = append(problems, cfg.Problem(fmt.Sprintf("%s.variants.%s", path, v), "%s", message))
			}
		}
	}
	return problems
}
