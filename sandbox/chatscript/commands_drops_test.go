package chatscript

import (
	"time"

	"github.com/soukchat/souk/config"
)

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"drops": act(1, "drops N: the brand declares a drop of N jugs that opens in an hour, for two hours", func(args []string) error { return s.drops(args[0]) }),
		}
	})
}

// drops adds to the configuration, which the program reloads.
func (s *story) drops(units string) error {
	cfg := *s.config
	at := func(d time.Duration) config.Moment {
		return config.Moment(s.clock.Now().UTC().Add(d).Format("2006-01-02 15:04"))
	}
	cfg.Drops = map[string]config.Drop{"jug": {Title: "The ash glaze jug", Text: "Fired once.", Brand: "kiln", Product: "milk-jug", Units: config.Count(units), Price: "30",
		Mode: "queue", Opens: at(time.Hour), Closes: at(3 * time.Hour), PayWithin: config.Duration(10 * time.Minute), Line: "2"}}
	return s.reload(&cfg)
}
