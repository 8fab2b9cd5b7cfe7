package chatscript

import (
	"slices"
	"time"

	"github.com/soukchat/souk/config"
)

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"promotes":  act(0, "promotes: the shop declares codes, an offer and a price for tomorrow", func([]string) error { return s.promotes() }),
			"in-francs": act(0, "in-francs: the community pays for a mug and its parcel in Swiss francs", func([]string) error { return s.inFrancs() }),
		}
	})
}

// inFrancs gives one product a price in another currency.
func (s *story) inFrancs() error {
	cfg := *s.config
	b := cfg.Brands["kiln"]
	b.Prices = []config.Price{{Product: "morning-mug", Price: "19.00", Currency: "CHF", Communities: []string{"corner"}}}
	b.Shipping = slices.Clone(b.Shipping)
	b.Shipping[2].Prices = map[string]config.Amount{"CHF": "12.00"}
	cfg.Brands = map[string]config.Brand{"kiln": b}
	return s.reload(&cfg)
}

// promotes adds to the configuration, which the program reloads.
func (s *story) promotes() error {
	cfg := *s.config
	today := s.clock.Now().UTC()
	day := func(n int) config.Moment {
		return config.Moment(today.Add(time.Duration(n) * 24 * time.Hour).Format("2006-01-02 15:04"))
	}
	cfg.Promotions = map[string]config.Promotion{
		"spring": {Label: "Spring", Code: "SPRING-10", Gives: config.Gives{Percent: "10"}, Minimum: "20", PerMember: "1", Until: day(1)},
		"mugs":   {Label: "Mug week", Code: "MUGWEEK", Gives: config.Gives{Percent: "10"}, For: config.Goods{Products: []config.PickItem{{Product: "morning-mug"}}}, Stacks: true},
		"three":  {Label: "3 for 2", Code: "TRIO", Gives: config.Gives{Buy: "2", Get: "1"}, For: config.Goods{Categories: []string{"Cups"}}},
	}
	cfg.Offers = map[string]config.Offer{
		"jug": {Label: "Five off a jug", Text: "This week.", Brand: "kiln", Gives: config.Gives{Fixed: "5"}, For: config.Goods{Products: []config.PickItem{{Product: "milk-jug"}}}, Limit: "1", Stacks: true},
	}
	b := cfg.Brands["kiln"]
	b.Prices = []config.Price{{Product: "morning-mug", Price: "15.00", From: day(2), Until: day(3)}}
	cfg.Brands = map[string]config.Brand{"kiln": b}
	return s.reload(&cfg)
}
