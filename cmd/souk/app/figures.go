package app

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/soukchat/souk/cmd/souk/orderlist"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/config"
)

// Drop writes what a drop brought, as `souk drops --csv` does.
func (a sheets) Drop(ctx context.Context, r drops.Report) ([]byte, error) {
	var b bytes.Buffer
	cfg := a.config.Load()
	err := orderlist.DropsCSV(&b, []drops.Report{r}, func(p drops.Part) string { return NameOfPart(cfg, p) },
		func(v commerce.VariantID) string { return a.variantName(ctx, v) })
	return b.Bytes(), err
}

// platformOf names the platform of a bot.
func (a *App) platformOf(bot string) string { return PlatformOf(a.config.Load(), bot) }

// PlatformOf names the platform of a bot of a configuration, the bot itself
// where it is not there any more.
func PlatformOf(cfg *config.Config, bot string) string {
	if b, ok := cfg.Bots[bot]; ok {
		return string(b.Platform())
	}
	return bot
}

// NameOfPart names a part of a drop's figures as the configuration does.
func NameOfPart(cfg *config.Config, p drops.Part) string {
	switch p.Kind {
	case "creator":
		for name, c := range cfg.Creators {
			if string(CreatorID(name)) == p.Name {
				return c.Name
			}
		}
	case "community":
		if c, ok := cfg.Communities[p.Name]; ok {
			return c.Name
		}
	case "chat":
		for _, name := range slices.Sorted(maps.Keys(cfg.Communities)) {
			for _, c := range cfg.Communities[name].Chats {
				if c.Bot == p.Name && c.ID == p.Chat {
					return cfg.Communities[name].Name + " (" + PlatformOf(cfg, c.Bot) + ")"
				}
			}
		}
	}
	return p.Name
}
