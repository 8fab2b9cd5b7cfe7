package app

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/digests"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/media"
)

// digests connects what creators are told of their weeks.
func (a *App) digests() *digests.Digests {
	return digests.New(digests.Config{DB: a.DB, Clock: a.Clock, IDs: a.IDs,
		Zone:  func() *time.Location { return a.config.Load().Policies.Zone() },
		Quiet: func(at time.Time) (time.Time, bool) { return a.config.Load().Policies.Quiet(at) },
		Earned: func(tx *database.Tx, m commerce.MemberID, from, to time.Time) (int64, error) {
			return earnings.Between(tx, m, from, to)
		}})
}

// weekChart draws how often the picks of a creator were looked at in a week, in
// their language.
func (a *App) weekChart(ctx context.Context, id string) ([]byte, string, error) {
	d, err := a.Digests.One(ctx, id)
	if err != nil {
		return nil, "", err
	}
	of, err := a.Creators.Creator(ctx, d.Creator)
	if err != nil {
		return nil, "", err
	}
	m, err := a.Members.Get(ctx, of.Member)
	if err != nil {
		return nil, "", err
	}
	title, each := a.Shop.WeekChart(m.Locale, d)
	return a.Media.Chart(media.Chart{Title: title, Seed: string(d.Creator), Bars: d.Opened, Each: each}), "image/png", nil
}
