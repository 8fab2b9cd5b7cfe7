package chatscript

import (
	"fmt"
	"slices"
	"strings"

	"github.com/soukchat/souk/config"
)

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"gate": act(1, "gate KEY=VALUE …: age, to, not, category, product, community of a gate more", func(args []string) error {
				g := config.Gate{}
				for _, arg := range args {
					key, value, _ := strings.Cut(arg, "=")
					switch key {
					case "age":
						g.Age = config.Count(value)
					case "to":
						g.SoldTo = append(g.SoldTo, value)
					case "not":
						g.NotSoldTo = append(g.NotSoldTo, value)
					case "category":
						g.Categories = append(g.Categories, value)
					case "product":
						g.Products = append(g.Products, config.PickItem{Product: value})
					case "community":
						g.Communities = append(g.Communities, value)
					default:
						return fmt.Errorf("gate: no %s", key)
					}
				}
				cfg := *s.config
				cfg.Policies.Gates = append(slices.Clone(cfg.Policies.Gates), g)
				return s.reload(&cfg)
			}),
		}
	})
}
