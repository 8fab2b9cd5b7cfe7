package chatscript

import (
	"time"

	"github.com/soukchat/souk/config"
)

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"tiers":         act(3, "tiers spent|points N N: the shop has the tiers Silver and Gold, from so much within a year", s.tiers),
			"expires":       act(1, "expires N: points expire after N days", s.expires),
			"creator-tiers": act(0, "creator-tiers: creators who brought in €20 have the tier Star, and earn 20 % instead of 10 %", func([]string) error { return s.creatorTiers() }),
			"early":         act(2, "early TIER N: the brand declares a drop of N jugs that opens in an hour, half an hour earlier for a tier", s.early),
		}
	})
}

// tiers adds to the configuration, which the program reloads.
func (s *story) tiers(args []string) error {
	cfg := *s.config
	tier := func(name, german, from string) config.LoyaltyTier {
		t := config.LoyaltyTier{Name: name, Names: map[string]string{"de": german}}
		if args[0] == "points" {
			t.Points = config.Amount(from)
		} else {
			t.Spent = config.Amount(from)
		}
		return t
	}
	cfg.Loyalty = config.Loyalty{Days: "365", Tiers: map[string]config.LoyaltyTier{"silver": tier("Silver", "Silber", args[1]), "gold": tier("Gold", "Gold", args[2])}}
	return s.reload(&cfg)
}

// early is for who has a tier first, then for everybody.
func (s *story) early(args []string) error {
	cfg := *s.config
	at := func(d time.Duration) config.Moment {
		return config.Moment(s.clock.Now().UTC().Add(d).Format("2006-01-02 15:04"))
	}
	cfg.Drops = map[string]config.Drop{"jug": {Title: "The ash glaze jug", Brand: "kiln", Product: "milk-jug", Units: config.Count(args[1]), Price: "30", Mode: "queue",
		Opens: at(time.Hour), Closes: at(3 * time.Hour), PayWithin: config.Duration(10 * time.Minute), Line: "2", PerPerson: "1",
		Who: []config.DropRule{{Tier: args[0], Early: config.Duration(30 * time.Minute)}}}}
	return s.reload(&cfg)
}

// expires says how long points are kept.
func (s *story) expires(args []string) error {
	cfg := *s.config
	cfg.Points.Expire = config.Count(args[0])
	return s.reload(&cfg)
}

// creatorTiers adds to the configuration, which the program reloads.
func (s *story) creatorTiers() error {
	cfg := *s.config
	cfg.Earnings.TierDays = "90"
	cfg.Earnings.Tiers = map[string]config.EarningTier{"star": {Name: "Star", Names: map[string]string{"de": "Stern"}, Brought: "20"}}
	cfg.Earnings.Rates = []config.EarningRate{{Tier: "star", Percent: "20"}}
	return s.reload(&cfg)
}
