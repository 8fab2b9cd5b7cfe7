package app

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/config"
)

// declareDrops takes over the drops. One whose goods no feed holds is left out:
// `souk check` says so.
func (a *App) declareDrops(ctx context.Context, cfg *config.Config) error {
	snap, err := a.Catalog.Snapshot(ctx)
	if err != nil {
		return err
	}
	var plans []drops.Plan
	for _, name := range slices.Sorted(maps.Keys(cfg.Drops)) {
		p, err := planOf(cfg, snap, commerce.DropID(commerce.PublicID("drop", name)), name, cfg.Drops[name])
		if err != nil {
			return err
		}
		if p.Units == nil {
			a.Log.Warn("a drop is of goods that no feed holds", "drop", name)
			continue
		}
		plans = append(plans, p)
	}
	a.Drops.Declare(plans)
	return nil
}

// planOf is a drop as commerce knows it; without units where no feed holds its
// goods.
func planOf(cfg *config.Config, snap *catalog.Snapshot, id commerce.DropID, name string, d config.Drop) (p drops.Plan, err error) {
	zone := cfg.Policies.Zone()
	p = drops.Plan{ID: id, Name: name, Title: d.Title, Text: d.Text, Brand: BrandID(d.Brand),
		Product: catalog.ProductID(BrandID(d.Brand), d.Product), Mode: drops.Mode(d.Mode), Announced: d.Announce.Start(zone),
		Opens: d.Opens.Start(zone), Closes: d.Closes.End(zone), PayWithin: d.PayWithin.D(), Line: d.Line.N(),
		PerPerson: d.PerPerson.N(), Spills: d.Spills.D()}
	tiers, err := loyaltyRules(cfg)
	if err != nil {
		return p, err
	}
	for _, r := range d.Who {
		rule := drops.Rule{Community: commerce.CommunityID(r.Community), Role: r.Role, Called: r.Called, Lost: r.Lost, First: r.First, Since: r.Since.Start(zone), Early: r.Early.D()}
		if r.Follows != "" {
			rule.Follows, rule.Called = CreatorID(r.Follows), cfg.Creators[r.Follows].Name
		}
		if r.Brand != "" {
			rule.Brand, rule.Called = BrandID(r.Brand), cfg.Brands[r.Brand].Name
		}
		for _, t := range tiers.Tiers {
			if t.ID == r.Tier {
				rule.Tier, rule.Called, rule.Names, rule.Sum, rule.Within = t.ID, t.Name, t.Names, t.From, tiers.Within
			}
		}
		if r.Community != "" {
			rule.Called = cfg.Communities[r.Community].Name
		}
		p.Who = append(p.Who, rule)
	}
	if d.Price != "" {
		if p.Price, err = d.Price.Money(cfg.Shop.Currency); err != nil {
			return p, err
		}
	}
	for _, s := range d.Steps {
		price, err := s.Price.Money(cfg.Shop.Currency)
		if err != nil {
			return p, err
		}
		p.Steps = append(p.Steps, drops.Step{Joined: s.Joined.N(), Price: price})
	}
	if len(p.Steps) > 0 {
		p.Price = p.Steps[0].Price
	}
	for _, c := range d.Communities {
		p.Communities = append(p.Communities, commerce.CommunityID(c))
	}
	if p.Units = unitsOf(snap, p.Product, d); p.Line == 0 && p.Mode != drops.Group {
		p.Line = p.Total()
	}
	for i, u := range p.Units {
		_, v, ok := snap.Variant(u.Variant)
		if !ok || len(d.Allotments) == 0 {
			continue
		}
		p.Units[i].Allotted = map[commerce.CommunityID]int64{}
		for c, a := range d.Allotments {
			if n := a.N(); n > 0 {
				p.Units[i].Allotted[commerce.CommunityID(c)] = n
			}
			for label, n := range a.Variants() {
				if strings.EqualFold(label, v.Label()) {
					p.Units[i].Allotted[commerce.CommunityID(c)] = n.N()
				}
			}
		}
	}
	return p, nil
}

// unitsOf finds the variants of a drop; nil where one of them is not there.
func unitsOf(snap *catalog.Snapshot, id commerce.ProductID, d config.Drop) (list []drops.Unit) {
	p, ok := snap.Product(id)
	if !ok {
		return nil
	}
	if d.Units != "" && len(p.Variants) == 1 {
		return []drops.Unit{{Variant: p.Variants[0].ID, Units: d.Units.N()}}
	}
	for _, v := range p.Variants {
		for label, n := range d.Variants {
			if strings.EqualFold(label, v.Label()) {
				list = append(list, drops.Unit{Variant: v.ID, Units: n.N()})
			}
		}
	}
	if len(list) < len(d.Variants) {
		return nil
	}
	return list
}

// dropChats lists the groups, each with what is sold there.
func (a *App) dropChats() (list []drops.Chat) {
	cfg := a.config.Load()
	for _, name := range slices.Sorted(maps.Keys(cfg.Communities)) {
		for _, c := range cfg.Communities[name].Chats {
			list = append(list, drops.Chat{Bot: c.Bot, ID: c.ID, Thread: c.Thread, Community: commerce.CommunityID(name), Sells: a.Shop.Shows(c.Bot, c.ID)})
		}
	}
	return list
}

// drops does what is due of the drops.
func (a *App) drops(ctx context.Context) (int, error) {
	n, err := a.Drops.Step(ctx)
	kept := 0
	if err == nil { // a drop that is due takes its units first
		kept, err = a.Waitlist.Step(ctx)
	}
	if kept > 0 {
		a.Stock.Forget()
	}
	if err := a.Drops.CountTaps(ctx); err != nil {
		a.Log.Warn("who looked at drops is not counted yet", "err", err)
	}
	if n += kept; n > 0 {
		a.Outbox.Wake()
	}
	if err != nil {
		return n, err
	}
	edited, err := a.cards(ctx)
	return n + edited, err
}

// cards brings the cards in the groups up to date, as fast as the platforms
// take it: what changes meanwhile is shown by the next edit.
func (a *App) cards(ctx context.Context) (n int, err error) {
	stale, err := a.Drops.Stale(ctx)
	if err != nil {
		return 0, err
	}
	for _, p := range stale {
		screen, err := a.Shop.RenderNotice(ctx, notices.Notice{Kind: notices.DropPost, Bot: p.Bot, Chat: p.Chat, Thread: p.Thread, Args: map[string]string{"drop": string(p.Drop)}})
		if err != nil {
			return n, err
		}
		data, err := json.Marshal(screen)
		if err != nil {
			return n, err
		}
		digest := fmt.Sprintf("%x", sha256.Sum256(data))
		if digest != p.Digest && !screen.Empty() {
			err := a.Outbox.Edit(ctx, p.Bot, bots.To{Chat: p.Chat, Thread: p.Thread}, p.Message, screen, fmt.Sprintf("card:%s:%d", p.Drop, p.Changes))
			var e *bots.SendError
			switch {
			case errors.As(err, &e) && (e.Outcome == bots.TooFast || e.Outcome == bots.Unreachable):
				continue // the next round shows it
			case err != nil:
				a.Log.Warn("a drop's card was not brought up to date", "bot", p.Bot, "chat", p.Chat, "err", err)
			}
			n++
		}
		p.Digest = digest
		if err := a.Drops.Showed(ctx, p); err != nil {
			return n, err
		}
	}
	return n, nil
}
