package preview

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/config"
	"github.com/soukchat/souk/sandbox/discord"
	page "github.com/soukchat/souk/sandbox/preview"
	"github.com/soukchat/souk/sandbox/stripe"
	"github.com/soukchat/souk/sandbox/telegram"
)

// What the stand-ins are told apart by.
const (
	telegramToken  = "110201543:preview-preview-preview-preview-pre"
	providerToken  = "284685063:TEST:preview"
	discordToken   = "preview.preview.preview"
	application    = "300000000000000001"
	stripeKey      = "sk_test_preview"
	webhookSecret  = "whsec_preview"
	telegramGroup  = -1001000000001
	discordChannel = "200000000000000001"
	discordGuild   = "400000000000000001"
)

// stage makes the stand-ins with their people and chats, and points a copy of
// the configuration at them: one bot a platform, in one group.
func (w *World) stage(given *config.Config) (*config.Config, error) {
	cfg := *given
	if err := makeDir(w.options.Dir); err != nil {
		return nil, err
	}
	cfg.Shop.URL = w.URL
	cfg.Database.URL = w.database()
	cfg.Media.Dir = filepath.Join(w.options.Dir, "media")
	cfg.Stripe = config.Stripe{SecretKey: stripeKey, WebhookSecret: webhookSecret}
	w.Stripe = stripe.New(stripe.Config{Clock: w.options.Clock.Now, Key: stripeKey, WebhookSecret: webhookSecret, Base: w.URL, Log: w.options.Log})
	w.close = append(w.close, func() error { w.Stripe.Close(); return nil })
	for _, b := range cfg.Brands {
		if b.Payout.Account != "" {
			w.Stripe.Connect(b.Payout.Account, true)
		}
	}
	w.cast(&cfg)
	if err := w.stageBots(&cfg); err != nil {
		return nil, err
	}
	w.drops, cfg.Drops = cfg.Drops, nil // begin once the picks are posted
	if w.options.Products != "" {
		w.drops = nil // they are of the example's products
		if err := sellInstead(&cfg, w.options.Products); err != nil {
			return nil, err
		}
	}
	return &cfg, nil
}

// opening has the first of the drops open while somebody looks, for as long as
// it was planned: it is announced at once, and opens on the last full minute, or
// on the next one where the telling would end too late after that.
func opening(planned map[string]config.Drop, zone *time.Location, now time.Time) map[string]config.Drop {
	all := maps.Clone(planned)
	first := ""
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if d := all[name]; d.Closes.End(zone).After(now) && (first == "" || d.Opens.Start(zone).Before(all[first].Opens.Start(zone))) {
			first = name
		}
	}
	if d, ok := all[first]; ok {
		opens := now.Add(20 * time.Second).Truncate(time.Minute)
		at := func(t time.Time) config.Moment { return config.Moment(t.In(zone).Format("2006-01-02 15:04")) }
		lasts := d.Closes.End(zone).Sub(d.Opens.Start(zone))
		d.Announce, d.Opens, d.Closes = "", at(opens), at(opens.Add(lasts))
		all[first] = d
	}
	return all
}

// cast says who is in the chats: two members, and an admin of the staff.
func (w *World) cast(cfg *config.Config) {
	w.People = []page.Person{
		{ID: "ann", Name: "Ann", Telegram: 1001, Discord: "100000000000000001"},
		{ID: "ben", Name: "Ben", Telegram: 1002, Discord: "100000000000000002"},
		{ID: "sam", Name: "Sam", Telegram: 1003, Discord: "100000000000000003", Staff: true},
	}
	for i, name := range w.options.Guests {
		w.People = append(w.People, page.Person{ID: strings.ToLower(name), Name: name, Telegram: 1101 + int64(i), Discord: strconv.FormatInt(100000000000000101+int64(i), 10)})
	}
	sam := &w.People[2]
	for _, s := range cfg.Staff {
		id, err := strconv.ParseInt(s.Telegram, 10, 64)
		if s.Role == "admin" && err == nil && s.Discord != "" {
			sam.Telegram, sam.Discord = id, s.Discord
			return
		}
	}
	cfg.Staff = append(slices.Clone(cfg.Staff), config.Staff{Name: "Sam", Role: "admin",
		Telegram: strconv.FormatInt(sam.Telegram, 10), Discord: sam.Discord})
}

func (w *World) stageBots(cfg *config.Config) error {
	kept := map[string]config.Bot{}
	var tg, dc string
	for _, name := range slices.Sorted(maps.Keys(cfg.Bots)) {
		b := cfg.Bots[name]
		switch {
		case b.Telegram != nil && tg == "":
			tg = name
			kept[name] = config.Bot{Telegram: &config.Telegram{Token: telegramToken, Username: b.Telegram.Username}}
			if b.Telegram.ProviderToken != "" {
				kept[name].Telegram.ProviderToken = providerToken
			}
		case b.Discord != nil && dc == "":
			dc = name
		default:
			w.options.Log.Warn("the preview shows one bot a platform", "left out", name)
		}
	}
	group, channel := w.rooms(cfg, tg, dc)
	if tg != "" {
		w.Telegram = telegram.New(telegram.Config{Token: telegramToken, Username: kept[tg].Telegram.Username, Name: cfg.Shop.Name,
			BotID: 110201543, Clock: w.options.Clock.Now, Log: w.options.Log, Provider: providerToken,
			Charge: func(currency string, amount int64) (string, error) {
				units, err := payments.ToStripe(commerce.Money{Amount: amount, Currency: currency})
				return w.Stripe.Charge(units, currency), err
			}})
		g := telegram.Group{ID: w.TelegramGroup, Title: group}
		for _, p := range w.People {
			w.Telegram.AddUser(telegram.User{ID: p.Telegram, First: p.Name, Username: p.ID, Lang: "en"})
			g.Members = append(g.Members, p.Telegram)
		}
		w.Telegram.AddGroup(g)
	}
	if dc != "" {
		w.Discord = discord.New(discord.Config{Application: application, Token: discordToken, Name: cfg.Shop.Name,
			Clock: w.options.Clock.Now, Log: w.options.Log})
		g := discord.Guild{ID: discordGuild, Name: channel, Locale: "en-US"}
		for _, p := range w.People {
			w.Discord.AddUser(discord.User{ID: p.Discord, Username: p.ID, GlobalName: p.Name, Locale: "en-US"})
			g.Members = append(g.Members, p.Discord)
			if p.Staff {
				g.Admins = append(g.Admins, p.Discord)
			}
		}
		w.Discord.AddGuild(g)
		w.Discord.AddChannel(discord.Channel{ID: w.DiscordChannel, Guild: discordGuild, Name: "market"})
		kept[dc] = config.Bot{Discord: &config.Discord{Application: application, PublicKey: w.Discord.PublicKey(), Token: discordToken}}
	}
	cfg.Bots = kept
	if len(kept) == 0 {
		return fmt.Errorf("%s has no bot to preview", cfg.Shop.Name)
	}
	return nil
}

// rooms finds the first chat of each platform's bot among the communities, and
// leaves out chats that are not shown. Where there is none it makes one.
func (w *World) rooms(cfg *config.Config, tg, dc string) (group, channel string) {
	w.TelegramGroup, w.DiscordChannel = telegramGroup, discordChannel
	communities := map[string]config.Community{}
	for _, name := range slices.Sorted(maps.Keys(cfg.Communities)) {
		c := cfg.Communities[name]
		var chats []config.Chat
		for _, chat := range c.Chats {
			id, err := strconv.ParseInt(chat.ID, 10, 64)
			switch {
			case chat.Bot == tg && group == "" && err == nil:
				w.TelegramGroup, group = id, c.Name
				chats = append(chats, config.Chat{Bot: tg, ID: chat.ID})
			case chat.Bot == dc && channel == "":
				w.DiscordChannel, channel = chat.ID, c.Name
				chats = append(chats, chat)
			}
		}
		c.Chats = chats
		communities[name] = c
	}
	extra := config.Community{Name: cfg.Shop.Name}
	for name := range cfg.Creators {
		extra.Featured = append(extra.Featured, name)
	}
	if tg != "" && group == "" {
		group = cfg.Shop.Name
		extra.Chats = append(extra.Chats, config.Chat{Bot: tg, ID: strconv.Itoa(telegramGroup)})
	}
	if dc != "" && channel == "" {
		channel = cfg.Shop.Name
		extra.Chats = append(extra.Chats, config.Chat{Bot: dc, ID: discordChannel})
	}
	if len(extra.Chats) > 0 {
		communities["preview"] = extra
	}
	cfg.Communities = communities
	return group, channel
}

// sellInstead makes one brand of the configuration's first and sells the feed;
// the picks are made from its first products.
func sellInstead(cfg *config.Config, feed string) error {
	file, err := os.Open(feed)
	if err != nil {
		return err
	}
	defer file.Close()
	read, err := catalog.ReadFeed(file, feed, cfg.Shop.Currency)
	if err != nil {
		return err
	}
	if len(read.Products) == 0 {
		return fmt.Errorf("%s holds no product that can be sold", feed)
	}
	first := slices.Sorted(maps.Keys(cfg.Brands))[0]
	brand := cfg.Brands[first]
	brand.Feed = feed
	if vendor := read.Products[0].Vendor; vendor != "" {
		brand.Name = vendor
	}
	cfg.Brands = map[string]config.Brand{first: brand}
	staff := slices.Clone(cfg.Staff)
	for i := range staff {
		if staff[i].Brand != "" {
			staff[i].Brand = first
		}
	}
	cfg.Staff = staff
	creators, n := map[string]config.Creator{}, 0
	for _, name := range slices.Sorted(maps.Keys(cfg.Creators)) {
		c := cfg.Creators[name]
		var picks []config.Pick
		for _, p := range c.Picks {
			if n >= len(read.Products) {
				break
			}
			// The example's words speak of the example's products.
			product := read.Products[n]
			n++
			picks = append(picks, config.Pick{ID: p.ID, Title: product.Title, Featured: p.Featured,
				Text: "Chosen from " + brand.Name + ".", Products: []config.PickItem{{Product: product.Handle}}})
		}
		c.Picks = picks
		creators[name] = c
	}
	cfg.Creators = creators
	for name, c := range cfg.Communities {
		c.Brands = nil
		cfg.Communities[name] = c
	}
	return nil
}
