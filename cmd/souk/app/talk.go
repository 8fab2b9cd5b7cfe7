package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/discord"
	"github.com/soukchat/souk/bots/outbox"
	"github.com/soukchat/souk/bots/shop"
	"github.com/soukchat/souk/bots/telegram"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creatorpay"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/digests"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/promotions"
	"github.com/soukchat/souk/config"
)

// Bot is one account on one platform, whichever it is.
type Bot interface {
	outbox.Sender
	bots.Photos
	Receive(ctx context.Context, body []byte, h bots.Handler) (bots.Answer, error)
	Register(ctx context.Context, commands []bots.Command, scope bots.Scope) error
	Probe(ctx context.Context) error
	Platform() bots.Platform
	Wait()
}

// MakeBots makes an adapter for each bot of the configuration. It calls no
// platform.
func MakeBots(cfg *config.Config, o Options) (map[string]Bot, error) {
	made := map[string]Bot{}
	for name, b := range cfg.Bots {
		hook := strings.TrimRight(cfg.Shop.URL, "/") + "/" + string(b.Platform()) + "/" + name
		switch {
		case b.Telegram != nil:
			made[name] = telegram.New(telegram.Config{ID: name, Token: b.Telegram.Token, Provider: b.Telegram.ProviderToken, Username: b.Telegram.Username,
				Endpoint: o.Telegram, Webhook: hook, HTTP: o.HTTP, Log: o.Log})
		case b.Discord != nil:
			d, err := discord.New(discord.Config{ID: name, Application: b.Discord.Application, PublicKey: b.Discord.PublicKey,
				Token: b.Discord.Token, Endpoint: o.Discord, Webhook: hook, HTTP: o.HTTP, Clock: o.Clock, Log: o.Log})
			if err != nil {
				return nil, fmt.Errorf("bots.%s: %w", name, err)
			}
			made[name] = d
		}
	}
	return made, nil
}

// people connects what belongs to a person: when two members become one, when
// one is forgotten, when one takes along what we keep.
func (a *App) people() {
	a.Members.OnLink(a.Creators.Link)
	a.Members.OnLink(orders.Link)
	a.Members.OnLink(payments.Link)
	a.Members.OnLink(fulfilment.Link)
	a.Members.OnLink(notices.Link)
	a.Members.OnLink(promotions.Link)
	a.Members.OnLink(func(tx *database.Tx, keep, gone commerce.MemberID) error {
		tx.After(func() {
			if err := a.restaff(context.WithoutCancel(tx.Context())); err != nil {
				a.Log.Error("staff after a link", "err", err)
			}
		})
		return nil
	})
	a.Members.OnLink(a.Drops.Link)
	a.Members.OnLink(a.Waitlist.Link)
	a.wallets()
	a.Members.OnLink(a.Earnings.Link) // after the wallets
	a.peopleOfLoyalty()
	a.Members.OnLink(creatorpay.Link)
	a.Members.OnErase(a.Earnings.Erase)
	a.Members.OnErase(creatorpay.Erase)
	a.Members.OnExport(a.Payer.Export)
	a.Members.OnExport(a.Earnings.Export)
	a.Members.OnExport(a.Earnings.ExportObjections)
	a.peopleOfReviews()
	a.Members.OnLink(a.Exchange.Link) // after the creators
	a.Members.OnErase(a.Exchange.Erase)
	a.Members.OnExport(a.Exchange.Export)
	a.Members.OnExport(func(ctx context.Context, m commerce.MemberID) (string, any, error) {
		list, err := a.Live.Tapped(ctx, m)
		return "opened", list, err
	})
	a.Members.OnErase(digests.Erase) // before the creators: they forget who is one
	a.Members.OnExport(a.Digests.Export)
	a.Members.OnErase(a.Creators.Erase)
	a.Members.OnErase(orders.Erase)
	a.Members.OnErase(func(tx *database.Tx, m commerce.MemberID) error { return payments.Erase(tx, m, a.Clock.Now()) })
	a.Members.OnErase(a.eraseReturns)
	a.Members.OnErase(notices.Erase)
	a.Members.OnErase(promotions.Erase)
	a.Members.OnErase(a.Drops.Erase)
	a.Members.OnErase(a.Waitlist.Erase)
	a.Members.OnExport(func(ctx context.Context, m commerce.MemberID) (string, any, error) {
		list, err := a.Waitlist.Export(ctx, m)
		return "waitlist", list, err
	})
	a.Members.OnExport(func(ctx context.Context, m commerce.MemberID) (string, any, error) {
		list, err := a.Drops.Export(ctx, m)
		return "drops", list, err
	})
	a.Members.OnExport(a.exportSubscriptions)
	a.Members.OnExport(a.Creators.Export)
	a.Members.OnExport(a.Creators.ExportBoards)
	a.Members.OnExport(func(ctx context.Context, m commerce.MemberID) (string, any, error) {
		list, err := a.Creators.ExportPosts(ctx, m, func(hash string) string { return a.url() + "/m/" + hash }, a.videoLink)
		return "posts", list, err
	})
	a.Members.OnExport(a.Creators.ExportCollections)
	a.Members.OnExport(a.Creators.ExportBrands)
	a.Members.OnExport(a.exportCart)
	a.Members.OnExport(func(ctx context.Context, m commerce.MemberID) (string, any, error) {
		list, err := a.Promotions.Export(ctx, m)
		return "offers", list, err
	})
	a.Members.OnExport(func(ctx context.Context, m commerce.MemberID) (string, any, error) {
		w, err := payments.ExportWallet(ctx, a.DB, m)
		return "cards", w, err
	})
	a.Members.OnExport(func(ctx context.Context, m commerce.MemberID) (string, any, error) {
		list, err := a.Checkout.Orders().Export(ctx, m)
		return "orders", list, err
	})
	a.Members.OnExport(a.exportReceipts)
	a.Members.OnExport(func(ctx context.Context, m commerce.MemberID) (string, any, error) {
		list, err := a.Creators.ExportApplication(ctx, m, a.Media.Photo)
		return "application", list, err
	})
	a.Members.OnExport(func(ctx context.Context, m commerce.MemberID) (string, any, error) {
		list, err := fulfilment.Export(ctx, a.DB, m, a.Media.Photo)
		return "returns", list, err
	})
}

// eraseReturns takes words and photos out of a member's returns. The files go
// once that is committed.
func (a *App) eraseReturns(tx *database.Tx, m commerce.MemberID) error {
	photos, err := fulfilment.Erase(tx, m)
	for _, hash := range photos {
		tx.After(func() { a.dropPhoto(hash) })
	}
	return err
}

// dropPhoto deletes a photo of a member that nothing shows any more.
func (a *App) dropPhoto(hash string) {
	if err := a.Media.Drop(hash); err != nil {
		a.Log.Error("a photo of a member was not deleted", "error", err)
	}
}

// exportCart is the cart as its member takes it along.
func (a *App) exportCart(ctx context.Context, m commerce.MemberID) (string, any, error) {
	lines, err := a.Live.Cart(ctx, m)
	if err != nil {
		return "", nil, err
	}
	goods, err := a.Catalog.Snapshot(ctx)
	if err != nil {
		return "", nil, err
	}
	list := []map[string]any{}
	for _, l := range lines {
		line := map[string]any{"variant": l.Variant, "quantity": l.Quantity, "added": time.UnixMilli(l.At).UTC()}
		if p, v, ok := goods.Variant(l.Variant); ok {
			line["label"], line["detail"] = p.Title, v.Label()
		}
		list = append(list, line)
	}
	return "cart", list, nil
}

// outgoing connects the outbox to the bots and to what renders.
func (a *App) outgoing() *outbox.Outbox {
	return outbox.New(outbox.Config{
		Notices: a.Notices, Live: a.Live, Clock: a.Clock, Log: a.Log, Worker: a.IDs.ID(),
		Sender: func(name string) (outbox.Sender, bool) {
			b, ok := a.bots[name]
			return b, ok
		},
		Ways: a.ways,
		Closed: func(ctx context.Context, w outbox.Way) error {
			return a.Members.Closed(ctx, w.Platform, w.Account)
		},
		Quiet:  a.quietUntil,
		Render: a.Shop.RenderNotice,
		Posted: func(ctx context.Context, n notices.Notice, message string) error {
			if n.Kind != notices.PickPost && n.Kind != notices.DropPost {
				return nil // it is never edited
			}
			return a.DB.Write(ctx, func(tx *database.Tx) error {
				if n.Kind == notices.DropPost {
					return drops.Posted(tx, commerce.DropID(n.Args["drop"]), n.Bot, n.Chat, n.Thread, message)
				}
				return a.Creators.Posted(tx, commerce.PickID(n.Args["pick"]), creators.Chat{Bot: n.Bot, ID: n.Chat, Thread: n.Thread}, message)
			})
		},
		Waiting: a.Shop.Waiting, Turns: a.Manual,
	})
}

// ways returns how a member can be reached: by the bot they spoke with, or by
// any bot of the platform where they never did.
func (a *App) ways(ctx context.Context, m commerce.MemberID) ([]outbox.Way, error) {
	accounts, err := a.Members.Ways(ctx, m)
	if commerce.KindOf(err) == commerce.NotFound {
		return nil, nil
	}
	var list []outbox.Way
	for _, acc := range accounts {
		name := acc.Bot
		for _, other := range a.order {
			if _, ok := a.bots[name]; !ok && string(a.bots[other].Platform()) == acc.Platform {
				name = other
			}
		}
		list = append(list, outbox.Way{Bot: name, Platform: acc.Platform, Account: acc.ID})
	}
	return list, err
}

var _ bots.Handler = (*shop.Shop)(nil)
