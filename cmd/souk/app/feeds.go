package app

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/config"
)

// feeds takes over the feed of every brand. One that cannot be had leaves what
// the catalogue holds of its brand as it is, and says so; the shop opens all
// the same, unless there is nothing at all to sell.
func (a *App) feeds(ctx context.Context, cfg *config.Config) error {
	for _, name := range slices.Sorted(maps.Keys(cfg.Brands)) {
		b := cfg.Brands[name]
		if b.Feed == "" {
			continue
		}
		report, err := a.feed(ctx, name, b, cfg.Shop.Currency)
		if err != nil {
			a.Log.Error("a feed is not taken over", "brand", name, "feed", b.Feed, "err", err)
			continue
		}
		for _, p := range report.Problems {
			a.Log.Warn("feed", "brand", name, "line", p.Line, "problem", p.Message)
		}
		if report.Added+report.Changed+report.Removed > 0 {
			a.Log.Info("feed taken over", "brand", name, "products", report.Products, "added", report.Added,
				"changed", report.Changed, "removed", report.Removed)
		}
	}
	snap, err := a.Catalog.Snapshot(ctx)
	if err != nil {
		return err
	}
	if len(snap.Products(nil)) == 0 {
		a.Log.Warn("the shop has nothing to sell: give its brands a feed, or run souk import")
	}
	return nil
}

func (a *App) feed(ctx context.Context, name string, b config.Brand, currency string) (catalog.Report, error) {
	if a.Offline && strings.Contains(b.Feed, "://") {
		return catalog.Report{}, errors.New("it is elsewhere, and nothing is fetched here")
	}
	r, err := catalog.OpenFeed(ctx, b.Feed)
	if err != nil {
		return catalog.Report{}, err
	}
	defer r.Close()
	feed, err := catalog.ReadFeed(r, b.Feed, currency)
	if err != nil {
		return catalog.Report{}, err
	}
	return a.Catalog.Import(ctx, catalog.Import{Brand: BrandID(name), File: b.Feed, Feed: feed, Digital: b.Digital}, a.Stock)
}
