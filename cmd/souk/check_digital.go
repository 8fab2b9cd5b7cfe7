package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/config"
)

// checkServices looks the services of each brand up in the feed that lies
// beside the file: a slip there would sell a download on Telegram, or no ticket.
func checkServices(cfg *config.Config) (problems config.Problems, err error) {
	for _, name := range slices.Sorted(maps.Keys(cfg.Brands)) {
		feed, ok := localFeed(cfg, name)
		if !ok {
			continue
		}
		var known []string
		for _, p := range feed.Products {
			known = append(append(known, p.Handle), p.Tags...)
		}
		for i, s := range cfg.Brands[name].Services {
			if !slices.Contains(known, s) {
				problems = append(problems, cfg.Problem(fmt.Sprintf("brands.%s.services[%d]", name, i), "no product has the handle or tag %q%s", s, config.DidYouMean(s, known)))
			}
		}
	}
	return problems, nil
}

// digitalNotes says where digital goods meet the platforms' rules: what is not
// offered on Telegram, and what Discord asks of apps that sell them. Nothing of
// it is wrong, so it fails no check.
func digitalNotes(cfg *config.Config) (notes config.Problems) {
	telegram, discord := false, false
	for _, b := range cfg.Bots {
		telegram, discord = telegram || b.Telegram != nil, discord || b.Discord != nil
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Brands)) {
		b, path := cfg.Brands[name], "brands."+name
		var unshipped []string
		if feed, ok := localFeed(cfg, name); ok {
			for _, p := range feed.Products {
				service := slices.Contains(b.Services, p.Handle) || slices.ContainsFunc(p.Tags, func(t string) bool { return slices.Contains(b.Services, t) })
				if !service && (b.Digital || slices.ContainsFunc(p.Variants, func(v catalog.FeedVariant) bool { return !v.Shipped })) {
					unshipped = append(unshipped, p.Handle)
				}
			}
		}
		if !b.Digital && len(unshipped) == 0 {
			continue
		}
		what := "sells digital goods"
		if !b.Digital {
			what = "has products that are not shipped (" + some(unshipped) + ")"
		}
		if telegram {
			notes = append(notes, cfg.Problem(path, "%s: they are not offered on Telegram, which lets digital goods be sold for its Stars only; name those that are services, as tickets, in services", what))
		}
		if discord {
			notes = append(notes, cfg.Problem(path, "%s: Discord wants what an app sells as paid features offered through its Premium Apps too, at no higher price (since 7 October 2024); ask a lawyer whether that means you", what))
		}
	}
	return notes
}

// some names the first few of a list.
func some(list []string) string {
	if len(list) > 3 {
		return strings.Join(list[:3], ", ") + fmt.Sprintf(" and %d more", len(list)-3)
	}
	return strings.Join(list, ", ")
}

// localFeed reads a brand's feed, where it lies beside the file.
func localFeed(cfg *config.Config, brand string) (*catalog.Feed, bool) {
	file := cfg.Brands[brand].Feed
	if file == "" || strings.Contains(file, "://") {
		return nil, false
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	feed, err := catalog.ReadFeed(f, file, cfg.Shop.Currency)
	return feed, err == nil
}
