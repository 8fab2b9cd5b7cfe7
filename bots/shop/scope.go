package shop

// What is shown where. The rules:
//   - a chat shows the brands of its community; a private chat, of which the
//     platform does not tell from which community somebody came, shows those of
//     all communities of its bot.
//   - that holds for lists, the feed and picks as well as for what a link, an
//     old button or a shared message leads to.
//   - what may not be sold on a bot's platform is not offered there, and what a
//     cart holds of it waits for another app.
//   - whether what is not shipped is a download or a ticket, no feed tells: where
//     digital goods may not be sold, nothing unshipped is, unless the brand
//     calls it a service. One unshipped variant is enough.
//   - what has an age is shown to who is known to be old enough, and to a chat that
//     is marked for it; gates.go asks who is not known.
//   - a cart is its member's own: what they put into it elsewhere stays in it.

import (
	"context"
	"slices"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/gates"
)

// errElsewhere is returned for a product that is not offered in this chat.
var errElsewhere = &commerce.Error{Kind: commerce.NotFound, Message: "product.elsewhere"}

// setting is Settings, ready for use.
type setting struct {
	Settings
	texts *texts
	chats map[Chat]*scope
	bots  map[string]*scope
	all   *scope
}

// scope is what people of one chat are shown.
type scope struct {
	community commerce.CommunityID   // "" where it is not certain
	all       []commerce.CommunityID // that it may be
	brands    []commerce.BrandID     // none means all
	featured  []commerce.CreatorID
	withheld  []commerce.BrandID // may not be sold here, whatever the brands
	noDigital bool               // nor may what is not shipped
	services  map[commerce.BrandID][]string
	gates     gates.Rules
	marked    int  // the age up to which this chat may be shown anything
	born      int  // the year the member was born in, 0 while it is not known
	year      int  // now
	free      bool // nothing has an age: what they deal with already is told
}

func newSetting(settings Settings, texts *texts) *setting {
	set := &setting{Settings: settings, texts: texts, chats: map[Chat]*scope{}, bots: map[string]*scope{}}
	members := map[string][]*Community{}
	everyone := []*Community{}
	for i := range settings.Communities {
		c := &settings.Communities[i]
		everyone = append(everyone, c)
		for _, chat := range c.Chats {
			set.chats[chat] = set.scopeOf(chat.Bot, c)
			if !slices.Contains(members[chat.Bot], c) {
				members[chat.Bot] = append(members[chat.Bot], c)
			}
		}
	}
	for bot := range settings.Withheld {
		set.bots[bot] = set.scopeOf(bot, everyone...)
	}
	for bot := range settings.NoDigital {
		set.bots[bot] = set.scopeOf(bot, everyone...)
	}
	for bot, list := range members {
		set.bots[bot] = set.scopeOf(bot, list...)
	}
	set.all = set.scopeOf("", everyone...)
	return set
}

// scopeOf is what somebody is shown who may belong to any of the communities.
func (set *setting) scopeOf(bot string, list ...*Community) *scope {
	s := &scope{withheld: set.Withheld[bot], noDigital: set.NoDigital[bot], services: set.Services, gates: set.Gates}
	if len(list) == 1 {
		s.community = list[0].ID
	}
	all := false
	for _, c := range list {
		s.all = append(s.all, c.ID)
		all = all || len(c.Brands) == 0
		s.brands = append(s.brands, c.Brands...)
		s.featured = append(s.featured, c.Featured...)
	}
	if all {
		s.brands = nil
	}
	slices.Sort(s.brands)
	s.brands = slices.Compact(s.brands)
	return s
}

// Publishing is where creators publish, and how much.
func (s Settings) Publishing() creators.Publishing {
	to := creators.Publishing{Most: s.PostsADay, Times: s.PostTimes}
	for _, c := range s.Communities {
		to.Communities = append(to.Communities, c.ID)
	}
	return to
}

// scope returns what is shown in a chat of a bot.
func (set *setting) scope(bot, chat string) *scope {
	if s := set.chats[Chat{bot, chat}]; s != nil {
		marked := *s
		marked.marked = s.gates.Of(s.community)
		return &marked
	}
	if s := set.bots[bot]; s != nil {
		return s
	}
	return set.all
}

// group is the community whose chat this is, "" in a private one.
func (v *visit) group() commerce.CommunityID {
	if s := v.set.chats[Chat{v.ev.Bot, v.ev.Chat.ID}]; s != nil && !v.ev.Chat.Private {
		return s.community
	}
	return ""
}

// offers reports whether a product is for sale here.
func (s *scope) offers(p *catalog.Product) bool {
	return !p.Hidden && s.lets(p) && (len(s.brands) == 0 || slices.Contains(s.brands, p.Brand))
}

// shows reports whether a brand's goods are for sale here.
func (s *scope) shows(b commerce.BrandID) bool {
	return !slices.Contains(s.withheld, b) && (len(s.brands) == 0 || slices.Contains(s.brands, b))
}

// lets reports whether a product may be sold here at all, whoever offers it.
func (s *scope) lets(p *catalog.Product) bool {
	return s.lawful(p) && s.old(s.age(p))
}

// lawful reports whether a product may be sold here at all, to any age.
func (s *scope) lawful(p *catalog.Product) bool {
	return !slices.Contains(s.withheld, p.Brand) && (!s.noDigital || !unshipped(p) || service(p, s.services[p.Brand]))
}

// unshipped reports whether anything of a product is not sent as a parcel.
func unshipped(p *catalog.Product) bool {
	return p.Digital || slices.ContainsFunc(p.Variants, func(v catalog.Variant) bool { return !v.Hidden && !v.Shipped })
}

// service reports whether a product is one of those a brand calls services, by
// its handle or a tag.
func service(p *catalog.Product, services []string) bool {
	return slices.ContainsFunc(services, func(name string) bool { return name == p.Handle || slices.Contains(p.Tags, name) })
}

// everything reports whether all may be sold here.
func (s *scope) everything() bool { return len(s.withheld) == 0 && !s.noDigital && !s.gates.Aged() }

// offered leaves of a list what is for sale here. The list is the caller's own.
func (s *scope) offered(list []*catalog.Product) []*catalog.Product {
	if s.everything() {
		return list // the brands were asked for
	}
	return slices.DeleteFunc(list, func(p *catalog.Product) bool { return !s.offers(p) })
}

// categories lists the categories in which something is for sale here.
func (s *scope) categories(goods *catalog.Snapshot) []catalog.Category {
	list := goods.Categories(s.brands)
	if s.everything() {
		return list
	}
	for i := range list {
		list[i].Count = len(s.offered(goods.InCategory(list[i].ID, s.brands)))
	}
	return slices.DeleteFunc(list, func(c catalog.Category) bool { return c.Count == 0 })
}

// here reports whether a pick is shown here, whatever it leads to.
func (s *scope) here(p *creators.Pick) bool {
	return len(p.Communities) == 0 || slices.ContainsFunc(p.Communities, func(c commerce.CommunityID) bool { return slices.Contains(s.all, c) })
}

// recommends returns a test whether a pick is shown here and leads to anything
// that is for sale here.
func (s *scope) recommends(goods *catalog.Snapshot) func(*creators.Pick) bool {
	return func(p *creators.Pick) bool {
		return s.here(p) && s.old(s.ageOf(goods, p)) && slices.ContainsFunc(p.Items, func(i creators.Item) bool {
			product, ok := goods.Product(i.Product)
			return ok && s.offers(product)
		})
	}
}

// Sells returns a test whether a pick leads to anything that can be bought in a
// chat now. It holds for a moment, and asks nobody.
func (s *Shop) Sells(ctx context.Context, bot, chat string) (func(*creators.Pick) bool, error) {
	scope := s.now.Load().scope(bot, chat)
	goods, err := s.Catalog.In(ctx, scope.community)
	if err != nil {
		return nil, err
	}
	levels, err := s.Stock.Levels(ctx)
	if err != nil {
		return nil, err
	}
	return func(p *creators.Pick) bool {
		return scope.here(p) && scope.old(scope.ageOf(goods, p)) && slices.ContainsFunc(p.Items, func(i creators.Item) bool {
			product, ok := goods.Product(i.Product)
			return ok && scope.offers(product) && slices.ContainsFunc(product.Variants, func(v catalog.Variant) bool {
				return (i.Variant == "" || i.Variant == v.ID) && levels[v.ID].Has(1)
			})
		})
	}, nil
}
