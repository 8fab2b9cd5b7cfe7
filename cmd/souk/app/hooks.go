package app

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/telegram"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/webhooks"
)

// hooks opens the door: what the platforms and Stripe call, the pay link and
// the pictures.
func (a *App) hooks() *webhooks.Server {
	// Bots only change with a restart: what proves a caller is made once.
	telegrams, discords := map[string]webhooks.Telegram{}, map[string]webhooks.Discord{}
	for name, b := range a.bots {
		receive := func(ctx context.Context, body []byte) (bots.Answer, error) { return b.Receive(ctx, body, a.Shop) }
		switch c := a.Config.Bots[name]; {
		case c.Telegram != nil:
			telegrams[name] = webhooks.Telegram{Secret: commerce.Secret(telegram.WebhookSecret(c.Telegram.Token)), Receive: receive}
		case c.Discord != nil:
			key, err := hex.DecodeString(c.Discord.PublicKey)
			if err == nil {
				discords[name] = webhooks.Discord{Key: ed25519.PublicKey(key), Receive: receive}
			}
		}
	}
	return webhooks.New(webhooks.Config{
		Telegram: func(name string) (webhooks.Telegram, bool) {
			t, ok := telegrams[name]
			return t, ok
		},
		Discord: func(name string) (webhooks.Discord, bool) {
			d, ok := discords[name]
			return d, ok
		},
		Stripe: &webhooks.Stripe{
			Secrets:  a.stripeSecrets,
			Livemode: a.Pay.Livemode,
			Inbox:    a.Checkout.Receive,
		},
		Pay: &webhooks.Pay{
			Enter: a.Checkout.Enter,
			Look:  a.look,
			Shop:  func() string { return a.config.Load().Shop.Name },
			Words: func(locale string) webhooks.Words { return a.Shop.Words(locale) },
			Chat:  a.chatOf,
			Link:  a.Checkout.PayLink,
		},
		Gifts: &webhooks.Gifts{Look: a.Checkout.GiftByCode, Open: a.openGift,
			Amounts: a.Checkout.Amounts, Shelf: a.Shop.GiftShelf, Buy: a.Shop.GiftOrder},
		Picks:    &webhooks.Picks{Look: a.pickPage, Link: a.pickLink, Collection: a.collectionPage, CollectionLink: a.collectionLink},
		Invites:  &webhooks.Invites{Look: a.invitePage, Link: a.inviteLink},
		Payouts:  a.payoutsLink,
		Pictures: &webhooks.Pictures{Picture: a.Media.Open, Video: a.Media.Video, Tile: a.tile, Drop: a.recap, Week: a.weekChart},
		Ready:    a.Ready,
		Metrics:  a.metrics.registry,
		Clock:    a.Clock,
		Log:      a.Log,
	})
}

func (a *App) stripeSecrets() []commerce.Secret {
	secrets, err := a.config.Load().WebhookSecrets()
	if err != nil {
		a.Log.Error("stripe.webhook_secret_file", "err", err)
	}
	return secrets
}

// How often the pages of unpaid orders may ask Stripe, all together: well below
// what it answers (100 reads a second, 25 in test mode), because anybody who has
// a pay link can load its page without end.
const (
	asksEach  = 10 // a second
	asksBurst = 20
)

// look reads the order of a pay link. A member who comes back from Stripe's
// page may be faster than its webhook: then Stripe is asked at once.
func (a *App) look(ctx context.Context, token string) (orders.Order, error) {
	o, err := a.Checkout.Orders().ByToken(ctx, token)
	if err != nil || o.State != orders.Pending || !a.asks.Allow() {
		return o, err
	}
	if err := a.Checkout.Ask(ctx, o.ID); err != nil {
		a.Log.Warn("stripe does not answer", "order", o.ID, "err", err)
		return o, nil
	}
	return a.Checkout.Orders().ByToken(ctx, token)
}

// chatOf leads from the pay page back to the chat the order came from.
func (a *App) chatOf(o orders.Order) string {
	if b := a.config.Load().Bots[o.Bot]; b.Telegram != nil {
		return "https://t.me/" + b.Telegram.Username
	}
	return ""
}

// openGift leads from the page of a gift card into the first bot of Telegram.
func (a *App) openGift(code commerce.Secret) string { return a.deepLink(bots.Path("g", code.Reveal())) }

// deepLink leads to a screen in the chat of Telegram, "" where there is none.
func (a *App) deepLink(path bots.Action) string {
	all := a.config.Load().Bots
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if t := all[name].Telegram; t != nil {
			return "https://t.me/" + t.Username + "?start=" + path.Start()
		}
	}
	return ""
}

// pickLink is the address of the page of a pick.
func (a *App) pickLink(id commerce.PickID) string { return a.url() + "/k/" + string(id) }

// inviteLink is the address of the page with which a member invites others.
func (a *App) inviteLink(m commerce.MemberID) string { return a.url() + "/i/" + string(m) }

// invitePage is who invites, and the way into the chat that remembers it.
func (a *App) invitePage(ctx context.Context, id commerce.MemberID) (name, open string, err error) {
	m, err := a.Members.Get(ctx, id)
	return m.Name, a.deepLink(bots.Path("i", string(id))), err
}

// collectionLink is the address of the page of a collection.
func (a *App) collectionLink(id string) string { return a.url() + "/l/" + id }

// collectionPage is what the page of a collection shows.
func (a *App) collectionPage(ctx context.Context, id string) (webhooks.Pick, error) {
	one, err := a.Creators.Collection(ctx, id)
	if err != nil {
		return webhooks.Pick{}, err
	}
	by, err := a.Creators.Creator(ctx, one.Creator)
	if err == nil && by.Archived {
		err = creators.ErrNoCollection
	}
	if err != nil {
		return webhooks.Pick{}, err
	}
	page, err := a.Creators.Collected(ctx, id, nil, "", 10)
	if err != nil {
		return webhooks.Pick{}, err
	}
	words := ""
	for _, p := range page.Items {
		words += "• " + p.Title + "\n"
	}
	return webhooks.Pick{Title: one.Name, By: by.Name, Earns: a.Earnings.Pay(by), Words: words, Typed: "/creators", Open: a.deepLink(bots.Path("look", id))}, nil
}

// pickPage is what the page of a pick shows. Who comes in by it was brought by
// its creator.
func (a *App) pickPage(ctx context.Context, id commerce.PickID) (webhooks.Pick, error) {
	p, err := a.Creators.Pick(ctx, id)
	if err == nil && (p.Archived || len(p.Items) == 0) {
		err = creators.ErrUnknownPick
	}
	if err != nil {
		return webhooks.Pick{}, err
	}
	by, err := a.Creators.Creator(ctx, p.Creator)
	if err != nil {
		return webhooks.Pick{}, err
	}
	page := webhooks.Pick{Title: p.Title, By: by.Name, Sample: p.Sample, Earns: a.Earnings.Pay(by), Words: p.Body, Product: a.productName(ctx, p.Items[0].Product), Open: a.deepLink(bots.Path("pick", string(id)))}
	if p.Video != "" {
		page.Video, page.Poster = a.videoLink(p.Video), a.Media.URL(a.url(), p.Picture, "")
	}
	snap, err := a.Catalog.Snapshot(ctx)
	if err != nil {
		return webhooks.Pick{}, err
	}
	for _, i := range p.Items {
		if product, ok := snap.Product(i.Product); ok && a.derived.Load().gates.Age(product) > 0 {
			page.Words, page.Video = "", "" // who opens this page is not known
		}
	}
	if by.Member != "" {
		page.Open = a.deepLink(bots.Path("s", string(id), string(by.Member)))
	}
	return page, nil
}

func (a *App) tile(ctx context.Context, id commerce.ProductID) ([]byte, string, error) {
	snap, err := a.Catalog.Snapshot(ctx)
	if err != nil {
		return nil, "", err
	}
	p, ok := snap.Product(id)
	if !ok {
		return nil, "", &commerce.Error{Kind: commerce.NotFound, Message: "product.none"}
	}
	return a.Media.Tile(p.Title, string(p.ID)), "image/png", nil
}

// Ready reports whether the program can do its work.
func (a *App) Ready(ctx context.Context) error {
	if err := a.DB.Ping(ctx); err != nil {
		return err
	}
	return a.Live.Ping(ctx)
}
