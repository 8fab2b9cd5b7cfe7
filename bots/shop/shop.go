// Package shop is the conversation members have: it takes an Event, and
// returns the Screen to show. One file a topic; routes.go lists every command
// and action; messages/ holds the texts.
//
// It knows no platform, no SQL and no payment provider. A screen says what is
// shown and never how; where a wish needs to know the platform, Screen lacks a
// concept. Carts, addresses, orders and amounts never go into a public Screen.
// Start at Shop.Handle, then routes.go.
package shop

import (
	"cmp"
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/cache"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/creatorpay"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/digests"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/exchange"
	"github.com/soukchat/souk/commerce/expiry"
	"github.com/soukchat/souk/commerce/gates"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/loyalty"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/promotions"
	"github.com/soukchat/souk/commerce/receipts"
	"github.com/soukchat/souk/commerce/reviews"
	"github.com/soukchat/souk/commerce/stock"
)

// Config is what a Shop needs. All but Staff, Recap, Week and Log must be there.
type Config struct {
	Settings   Settings
	Live       *live.Live
	Catalog    *catalog.Catalog
	Stock      *stock.Stock
	Members    *members.Members
	Creators   *creators.Creators
	Orders     *orders.Orders
	Checkout   *checkout.Checkout
	Notices    *notices.Notices
	Receipts   *receipts.Receipts
	Promotions *promotions.Promotions
	Reviews    *reviews.Reviews
	Exchange   *exchange.Exchange
	Drops      *drops.Drops
	Waitlist   *drops.Waitlist
	Earnings   *earnings.Earnings
	Loyalty    *loyalty.Loyalty
	Digests    *digests.Digests
	Expiry     *expiry.Expiry
	Payer      *creatorpay.Payer // nil where creators are not paid in money

	// Picture returns the absolute address at which a picture is served; a
	// source that cannot be had is served as a tile for the product.
	Picture func(source string, product commerce.ProductID) string

	// Recap returns the absolute address of the picture of how a drop went; nil
	// for none.
	Recap func(id commerce.DropID) string

	// Week returns the absolute address of the chart of a digest; nil for none.
	Week func(digest string) string

	// InviteLink is the address of a page with which a member invites others; nil for none.
	InviteLink func(m commerce.MemberID) string
	// PickLink is the address of a page about a pick, for others; nil for none.
	PickLink func(id commerce.PickID) string
	// VideoLink is the address of a video that everybody may see; nil for none.
	VideoLink func(hash string) string

	// CollectionLink is the address of a page that leads to a collection; nil for none.
	CollectionLink func(id string) string

	// Photos takes what members send.
	Photos Photos

	// Reviewers is who is told that somebody wants to become a creator.
	Reviewers func() []commerce.MemberID

	// Moderation takes reports and appeals; nil where nothing can be reported.
	Moderation *moderation.Moderation
	Ages       *gates.Ages // nil where nothing has an age

	// Staff answers the actions that start with "staff", nil for none. Its
	// errors become screens like all others.
	Staff func(ctx context.Context, ev bots.Event, who members.Member, w *Words) (bots.Screen, error)

	Clock commerce.Clock
	Log   *slog.Logger
}

// Photos keeps photos that members have sent, where nobody sees them but whom
// they are shown to.
type Photos interface {
	// Take stores a photo by the name it has at the platform of a bot, and
	// returns its hash. An error of kind Invalid says that it is none.
	Take(ctx context.Context, bot, name string) (hash string, err error)
	// TakeVideo does the same with a video.
	TakeVideo(ctx context.Context, bot, name string) (hash string, err error)
	// IsKept reports whether one is stored.
	IsKept(ctx context.Context, hash string) (bool, error)
	// Size is how large a stored photo is, in pixels.
	Size(ctx context.Context, hash string) (width, height int, err error)
	// Drop deletes one again, unless something shows it.
	Drop(ctx context.Context, hash string) error
}

// Settings is what an admin describes and may change while the shop runs.
type Settings struct {
	Name        string         // of the shop
	Language    string         // said where we do not speak the person's
	Zone        *time.Location // where days begin and end; nil is UTC
	Communities []Community
	Withheld    map[string][]commerce.BrandID // by bot: brands that may not be sold on its platform
	NoDigital   map[string]bool               // by bot: what is not shipped may not be sold on its platform, services excepted
	Services    map[commerce.BrandID][]string // handles and tags of products that are neither shipped nor digital
	Gates       gates.Rules
	Texts       map[string]map[string]string            // the admin's own, by language and id
	House       creators.House                          // what is asked of posts
	PostsADay   int                                     // of a creator, at most; 0 is no limit
	PostTimes   map[commerce.CommunityID]creators.Times // when each takes posts
	Invoices    map[string]bool                         // by bot: whether orders can be paid in its chats
}

// Community is a group of people in chats, and what they are shown.
type Community struct {
	ID       commerce.CommunityID
	Name     string
	Chats    []Chat
	Brands   []commerce.BrandID   // none means all
	Featured []commerce.CreatorID // whose picks everybody is shown
}

// Chat is a chat one of the bots is in.
type Chat struct{ Bot, ID string }

// Shop is the conversation. It implements bots.Handler.
type Shop struct {
	Config
	now    atomic.Pointer[setting]
	told   *cache.Cache[commerce.MemberID, bool] // whom nothing waits for
	routes router
}

// How long the shop believes that no notice waits for a member, and for how
// many members it remembers that.
const (
	toldTime = 20 * time.Second
	toldSize = 20_000
)

// New makes a Shop. It returns an error where a text cannot be read.
func New(c Config) (*Shop, error) {
	c.Log = cmp.Or(c.Log, slog.New(slog.DiscardHandler))
	s := &Shop{Config: c, told: cache.New[commerce.MemberID, bool](toldSize, toldTime, c.Clock), routes: newRouter(routes())}
	return s, s.Configure(c.Settings)
}

// Configure swaps the settings as a whole.
func (s *Shop) Configure(settings Settings) error {
	texts, err := loadTexts(cmp.Or(settings.Language, "en"), settings.Zone, settings.Texts)
	if err != nil {
		return err
	}
	s.now.Store(newSetting(settings, texts))
	return nil
}

// Waiting tells that a notice could not be delivered to a member: it heads
// their next screen.
func (s *Shop) Waiting(m commerce.MemberID) { s.told.Drop(m) }

// Words returns how the shop speaks to somebody with this locale.
func (s *Shop) Words(locale string) *Words { return s.now.Load().texts.words(locale) }
