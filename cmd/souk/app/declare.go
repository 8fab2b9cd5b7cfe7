package app

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/bots/shop"
	"github.com/soukchat/souk/bots/staff"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/gates"
	"github.com/soukchat/souk/commerce/loyalty"
	"github.com/soukchat/souk/commerce/media"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/config"
)

// derived is what the parts need of the configuration, in their own words,
// swapped as a whole.
type derived struct {
	from   *config.Config
	rules  pricing.Rules
	points pricing.PointValue
	earn   earnings.Rules
	tiers  loyalty.Rules
	gifts  []commerce.Money
	staff  []staffMember
	chats  []creators.Chat
	quiet  creators.Quiet
	gates  gates.Rules
}

type staffMember struct {
	person int // of the configuration's list: their accounts have the same
	member commerce.MemberID
	role   string
	brand  commerce.BrandID
}

// take makes a configuration the shop's: all of it or, on an error, none.
func (a *App) take(ctx context.Context, cfg *config.Config) error {
	d, err := a.derive(ctx, cfg)
	if err != nil {
		return err
	}
	if err := a.Catalog.DeclareBrands(ctx, Brands(cfg)); err != nil {
		return err
	}
	if err := a.feeds(ctx, cfg); err != nil {
		return err
	}
	if err := a.declareCreators(ctx, cfg); err != nil {
		return err
	}
	if err := a.declarePromotions(ctx, cfg); err != nil {
		return err
	}
	if d.earn, err = a.earningRules(ctx, cfg, d.points); err != nil {
		return err
	}
	if err := a.declareDrops(ctx, cfg); err != nil {
		return err
	}
	if err := a.Shop.Configure(settings(cfg)); err != nil {
		return err
	}
	a.derived.Store(d)
	a.config.Store(cfg)
	return nil
}

func (a *App) derive(ctx context.Context, cfg *config.Config) (*derived, error) {
	d := &derived{from: cfg, rules: pricing.Rules{}, gates: gateRules(cfg)}
	for name, b := range cfg.Brands {
		rules, err := rulesOf(b, cfg.Shop.Currency)
		if err != nil {
			return nil, err
		}
		d.rules[BrandID(name)] = rules
	}
	var err error
	if d.points, err = pointValue(cfg); err != nil {
		return nil, err
	}
	if d.tiers, err = loyaltyRules(cfg); err != nil {
		return nil, err
	}
	for _, amount := range cfg.GiftCards.Amounts {
		m, err := amount.Money(cfg.Shop.Currency)
		if err != nil {
			return nil, err
		}
		d.gifts = append(d.gifts, m)
	}
	if d.staff, err = a.staffList(ctx, cfg); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Communities)) {
		c := cfg.Communities[name]
		for _, chat := range c.Chats {
			d.chats = append(d.chats, creators.Chat{Bot: chat.Bot, ID: chat.ID, Thread: chat.Thread, Community: commerce.CommunityID(name), Creators: creatorIDs(c.Featured)})
		}
	}
	d.quiet, err = creators.ParseQuiet(cfg.Policies.QuietHours, cfg.Policies.Timezone)
	return d, err
}

// staffList finds the members behind the accounts of the staff; who never
// spoke with us becomes a member here, so that they can be told.
func (a *App) staffList(ctx context.Context, cfg *config.Config) (list []staffMember, err error) {
	for person, s := range cfg.Staff {
		for platform, account := range map[string]string{"telegram": s.Telegram, "discord": s.Discord} {
			if account == "" {
				continue
			}
			m, err := a.meet(ctx, platform, account, s.Name)
			if err != nil {
				return nil, err
			}
			list = append(list, staffMember{person, m, s.Role, BrandID(s.Brand)})
		}
	}
	return list, nil
}

// meet finds the member behind an account that the configuration names. Who
// never spoke with us becomes a member here.
func (a *App) meet(ctx context.Context, platform, account, name string) (commerce.MemberID, error) {
	m, err := a.Members.Find(ctx, platform, account)
	if commerce.KindOf(err) == commerce.NotFound {
		m, err = a.Members.Meet(ctx, members.Seen{Platform: platform, Account: account, Name: name})
	}
	return m.ID, err
}

// restaff looks again who is behind the accounts of the staff: accounts that
// were linked are one member now. A configuration taken over meanwhile is not
// turned back.
func (a *App) restaff(ctx context.Context) error {
	for {
		now := a.derived.Load()
		list, err := a.staffList(ctx, now.from)
		if err != nil {
			return err
		}
		next := *now
		next.staff = list
		if a.derived.CompareAndSwap(now, &next) {
			return nil
		}
	}
}

func rulesOf(b config.Brand, currency string) (pricing.BrandRules, error) {
	r := pricing.BrandRules{Name: b.Name, Tax: pricing.Tax{Name: b.Tax.Name, Included: b.Tax.Included, Asked: b.Tax.Stripe}}
	for _, s := range b.Shipping {
		o := pricing.ShippingOption{ID: commerce.PublicID("shipping", s.Name), Name: s.Name, Days: s.Days, To: b.Countries(s.To)}
		var err error
		if o.Price, err = s.Price.Money(currency); err != nil {
			return r, err
		}
		if s.FreeFrom != "" {
			if o.FreeFrom, err = s.FreeFrom.Money(currency); err != nil {
				return r, err
			}
		}
		for cur, price := range s.Prices {
			abroad, err := price.Money(cur)
			if err != nil {
				return r, err
			}
			if o.Abroad == nil {
				o.Abroad = map[string]int64{}
			}
			o.Abroad[cur] = abroad.Amount
		}
		r.Shipping = append(r.Shipping, o)
	}
	for _, t := range b.Tax.Rates {
		ppm, err := t.Percent.PPM()
		if err != nil {
			return r, err
		}
		r.Tax.Rates = append(r.Tax.Rates, pricing.Rate{To: b.Countries(t.To), PPM: ppm})
	}
	return r, nil
}

func (a *App) declareCreators(ctx context.Context, cfg *config.Config) error {
	snap, err := a.Catalog.Snapshot(ctx)
	if err != nil {
		return err
	}
	var list []creators.Creator
	for _, name := range slices.Sorted(maps.Keys(cfg.Creators)) {
		c := cfg.Creators[name]
		creator := creators.Creator{ID: CreatorID(name), Name: c.Name, Bio: c.Bio, Picture: c.Picture}
		if creator.Member, err = a.creatorMember(ctx, name, c); err != nil {
			return err
		}
		for _, p := range c.Picks {
			pick := creators.Pick{ID: commerce.PickID(commerce.PublicID("pick", name, p.ID)), Creator: creator.ID,
				Title: p.Title, Body: p.Text, Picture: p.Picture, Featured: p.Featured}
			for _, it := range p.Products {
				item, ok := find(snap, cfg, it)
				if !ok {
					a.Log.Warn("a pick names a product no feed holds", "creator", name, "pick", p.ID, "product", it.Product, "variant", it.Variant)
					continue
				}
				pick.Items = append(pick.Items, item)
			}
			creator.Picks = append(creator.Picks, pick)
		}
		list = append(list, creator)
	}
	if _, err := a.Creators.Declare(ctx, list); err != nil {
		return err
	}
	if err := a.DB.Write(ctx, func(tx *database.Tx) error { return media.Want(tx, pictures(list)) }); err != nil {
		return err
	}
	return a.Media.TakeFiles(ctx)
}

// pictures lists the sources of the creators' and picks' own pictures.
func pictures(list []creators.Creator) (sources []string) {
	for _, c := range list {
		if c.Picture != "" {
			sources = append(sources, c.Picture)
		}
		for _, p := range c.Picks {
			if p.Picture != "" {
				sources = append(sources, p.Picture)
			}
		}
	}
	return sources
}

// find looks a pick's product up by its handle, and its variant by its label.
func find(snap *catalog.Snapshot, cfg *config.Config, it config.PickItem) (creators.Item, bool) {
	for _, name := range slices.Sorted(maps.Keys(cfg.Brands)) {
		if it.Brand != "" && it.Brand != name {
			continue
		}
		p, ok := snap.ByHandle(BrandID(name), it.Product)
		if !ok {
			continue
		}
		if it.Variant == "" {
			if len(p.Variants) == 1 {
				return creators.Item{Product: p.ID, Variant: p.Variants[0].ID}, true
			}
			return creators.Item{Product: p.ID}, true
		}
		for _, v := range p.Variants {
			if strings.EqualFold(v.Label(), it.Variant) {
				return creators.Item{Product: p.ID, Variant: v.ID}, true
			}
		}
	}
	return creators.Item{}, false
}

func house(p config.Posts) creators.House {
	return creators.House{Photos: int(p.Photos.N()), Side: int(p.Side.N()), Short: int(p.Short.N()), Long: int(p.Long.N()), Promises: p.Promises}
}

func settings(cfg *config.Config) shop.Settings {
	s := shop.Settings{Name: cfg.Shop.Name, Language: cfg.Shop.Language, Zone: cfg.Policies.Zone(), Texts: cfg.Texts, Withheld: map[string][]commerce.BrandID{},
		Invoices: map[string]bool{}, House: house(cfg.Policies.Posts), PostsADay: int(cfg.Policies.Posts.PerDay.N())}
	s.Gates = gateRules(cfg)
	s.NoDigital, s.Services = map[string]bool{}, map[commerce.BrandID][]string{}
	for name, b := range cfg.Brands {
		s.Services[BrandID(name)] = b.Services
	}
	for bot, b := range cfg.Bots {
		if b.Telegram != nil {
			s.NoDigital[bot] = true
		}
		s.Invoices[bot] = b.Telegram != nil && b.Telegram.ProviderToken != ""
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Brands)) {
		for bot, b := range cfg.Bots {
			if cfg.Brands[name].Digital && b.Telegram != nil { // which lets that be sold for its Stars only
				s.Withheld[bot] = append(s.Withheld[bot], BrandID(name))
			}
		}
	}
	s.PostTimes = map[commerce.CommunityID]creators.Times{}
	for _, name := range slices.Sorted(maps.Keys(cfg.Communities)) {
		c := cfg.Communities[name]
		s.PostTimes[commerce.CommunityID(name)] = postTimes(cfg, c)
		community := shop.Community{ID: commerce.CommunityID(name), Name: c.Name, Featured: creatorIDs(c.Featured)}
		for _, chat := range c.Chats {
			community.Chats = append(community.Chats, shop.Chat{Bot: chat.Bot, ID: chat.ID})
		}
		for _, b := range c.Brands {
			community.Brands = append(community.Brands, BrandID(b))
		}
		s.Communities = append(s.Communities, community)
	}
	return s
}

// postTimes is when a community takes posts. The configuration was checked.
func postTimes(cfg *config.Config, c config.Community) creators.Times {
	zone := c.Timezone
	if zone == "" {
		zone = cfg.Policies.Timezone
	}
	t, err := creators.ParseTimes(c.PostDays, c.PostHours, zone)
	if err != nil {
		return creators.Times{}
	}
	t.Quiet, _ = creators.ParseQuiet(cfg.Policies.QuietHours, cfg.Policies.Timezone)
	return t
}

// roleOf answers bots/staff: what a member may see and do.
func (a *App) roleOf(m commerce.MemberID) staff.Role {
	r := staff.Role{}
	for _, s := range a.derived.Load().staff {
		if s.member != m {
			continue
		}
		switch s.role {
		case "admin":
			r.All = true
		case "brand":
			r.Brands = append(r.Brands, s.brand)
		case "moderator":
			r.Moderates = true
		}
	}
	return r
}

// reviewers returns who is told that somebody wants to become a creator.
func (a *App) reviewers() (list []commerce.MemberID) {
	for _, s := range a.derived.Load().staff {
		if (s.role == "admin" || s.role == "moderator") && !slices.Contains(list, s.member) {
			list = append(list, s.member)
		}
	}
	return list
}

// staffOf returns who is told about orders with goods of a brand.
func (a *App) staffOf(b commerce.BrandID) (list []commerce.MemberID) {
	for _, s := range a.derived.Load().staff {
		if (s.role == "admin" || s.role == "brand" && s.brand == b) && !slices.Contains(list, s.member) {
			list = append(list, s.member)
		}
	}
	return list
}

func (a *App) url() string           { return strings.TrimRight(a.config.Load().Shop.URL, "/") }
func (a *App) rules() pricing.Rules  { return a.derived.Load().rules }
func (a *App) hold() time.Duration   { return a.config.Load().Policies.Hold.D() }
func (a *App) window() time.Duration { return a.config.Load().Policies.WaitlistWindow.D() }

// Brands are the brands of a configuration, by name.
func Brands(cfg *config.Config) []catalog.Brand {
	brands := make([]catalog.Brand, 0, len(cfg.Brands))
	for _, name := range slices.Sorted(maps.Keys(cfg.Brands)) {
		brands = append(brands, catalog.Brand{ID: BrandID(name), Name: cfg.Brands[name].Name})
	}
	return brands
}

// BrandID is the id of a brand by its name in the configuration.
func BrandID(name string) commerce.BrandID {
	if name == "" {
		return ""
	}
	return commerce.BrandID(commerce.PublicID(name))
}

// CreatorID is the id of a creator by their name in the configuration.
func CreatorID(name string) commerce.CreatorID { return commerce.CreatorID(commerce.PublicID(name)) }

func creatorIDs(names []string) (list []commerce.CreatorID) {
	for _, n := range names {
		list = append(list, CreatorID(n))
	}
	return list
}
