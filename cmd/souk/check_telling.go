package main

import (
	"maps"
	"slices"
	"time"

	"github.com/soukchat/souk/bots/outbox"
	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/config"
)

// checkTelling asks whether everybody can be told of a drop before it opens, at
// the rates of the platforms.
func checkTelling(cfg *config.Config) (problems config.Problems, err error) {
	made, err := app.MakeBots(cfg, app.Options{Config: cfg})
	if err != nil {
		return nil, nil // what is wrong with a bot is a problem of its own
	}
	pace := func(bot string) (longest time.Duration) {
		for name, b := range made {
			if name == bot || bot == "" {
				longest = max(longest, outbox.MassPace(b.Rates()))
			}
		}
		return longest
	}
	zone, now := cfg.Policies.Zone(), time.Now()
	for _, name := range slices.Sorted(maps.Keys(cfg.Drops)) {
		d := cfg.Drops[name]
		p := drops.Plan{Announced: d.Announce.Start(zone), Opens: d.Opens.Start(zone)}
		for _, r := range d.Who {
			p.Who = append(p.Who, drops.Rule{Early: r.Early.D()})
		}
		for _, f := range drops.CheckTelling(p, chatsOf(cfg, d), d.Followers.N(), pace, now) {
			problems = append(problems, cfg.Problem("drops."+name+"."+f.Path, "%s", f.Message))
		}
	}
	return problems, nil
}

// chatsOf counts by bot the groups that are told of a drop.
func chatsOf(cfg *config.Config, d config.Drop) map[string]int64 {
	each := map[string]int64{}
	for name, c := range cfg.Communities {
		if len(d.Communities) > 0 && !slices.Contains(d.Communities, name) || !slices.Contains(cfg.BrandsOf(name), d.Brand) {
			continue
		}
		for _, chat := range c.Chats {
			each[chat.Bot]++
		}
	}
	return each
}
