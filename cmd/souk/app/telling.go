package app

import (
	"context"
	"fmt"
	"time"

	"github.com/soukchat/souk/bots/outbox"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/media"
	"github.com/soukchat/souk/commerce/notices"
)

// This file connects what is told of drops with who knows the people, the
// platforms and the creators.

// recapBars is how many bars show how members came.
const recapBars = 40

// recommending lists the creators who recommend a product.
func (a *App) recommending(ctx context.Context, p commerce.ProductID) (list []commerce.CreatorID) {
	people, err := a.Creators.Recommending(ctx, p)
	if err != nil {
		a.Log.Warn("who recommends a drop's product is not known", "err", err)
	}
	for _, c := range people {
		list = append(list, c.ID)
	}
	return list
}

// pace is the time between two messages of a bot that go to many; of the
// slowest bot where none is named.
func (a *App) pace(bot string) (longest time.Duration) {
	if b, ok := a.bots[bot]; ok {
		return outbox.MassPace(b.Rates())
	}
	for _, b := range a.bots {
		longest = max(longest, outbox.MassPace(b.Rates()))
	}
	return longest
}

// quietUntil returns until when a notice waits for its member's own quiet hours:
// news of drops do, weeks of creators, and what asks for a review. What somebody waits for cannot.
func (a *App) quietUntil(ctx context.Context, n notices.Notice) (time.Time, error) {
	news := n.Kind == notices.CreatorDigest || n.Kind == notices.ReviewAsk || n.Kind == notices.QuestionAsk || n.Kind == notices.DropTell || n.Kind == notices.DropSoon || n.Kind == notices.DropOff && n.Args["entry"] == "" // who takes part waits for it
	if !news {
		return time.Time{}, nil
	}
	m, err := a.Members.Get(ctx, n.Member)
	if commerce.KindOf(err) == commerce.NotFound {
		return time.Time{}, nil // they are gone
	}
	until, _ := m.Quiet.Until(a.Clock.Now())
	return until, err
}

// recap draws how members came to a drop that is over.
func (a *App) recap(ctx context.Context, id commerce.DropID) ([]byte, string, error) {
	d, err := a.Drops.Look(ctx, id)
	if err == nil && d.State != drops.Over {
		err = drops.ErrNone
	}
	if err != nil {
		return nil, "", err
	}
	r, err := a.Drops.Rush(ctx, id, recapBars)
	if err != nil {
		return nil, "", err
	}
	layout, zone := "15:04", a.config.Load().Policies.Zone()
	switch span := r.To.Sub(r.From); {
	case span < 10*time.Minute:
		layout = "15:04:05"
	case span > 24*time.Hour:
		layout = "01-02 15:04"
	}
	sold := fmt.Sprintf("%d / %d", d.Total()-d.Left(), d.Total())
	return a.Media.Chart(media.Chart{Title: d.Title, Seed: string(d.Product), Bars: r.Bars, Note: sold,
		From: r.From.In(zone).Format(layout), To: r.To.In(zone).Format(layout)}), "image/png", nil
}

// exportSubscriptions lists whose drops a member is told of.
func (a *App) exportSubscriptions(ctx context.Context, m commerce.MemberID) (string, any, error) {
	list, err := a.Drops.ExportSubscriptions(ctx, m)
	if err != nil {
		return "", nil, err
	}
	goods, err := a.Catalog.Snapshot(ctx)
	if err != nil {
		return "", nil, err
	}
	names := map[string]string{}
	for _, b := range goods.Brands() {
		names[string(b.ID)] = b.Name
	}
	for i, of := range list {
		if name, ok := names[of]; ok {
			list[i] = name
		} else if c, err := a.Creators.Creator(ctx, commerce.CreatorID(of)); err == nil {
			list[i] = c.Name
		} else if commerce.KindOf(err) != commerce.NotFound {
			return "", nil, err
		}
	}
	return "dropnews", list, nil
}
