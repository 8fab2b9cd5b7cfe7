// Package app is the only wiring: it opens everything and connects it. What
// `souk serve` and `souk preview` run is an App; tests start one on port 0
// with a Clock of their own.
//
// It holds no rule of the shop. Start at New, which reads from top to bottom
// as the house is built: database, parts, conversation, bots, webhooks.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/outbox"
	"github.com/soukchat/souk/bots/shop"
	"github.com/soukchat/souk/bots/staff"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/creatorpay"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/digests"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/exchange"
	"github.com/soukchat/souk/commerce/expiry"
	"github.com/soukchat/souk/commerce/gates"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/loyalty"
	"github.com/soukchat/souk/commerce/media"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/promotions"
	"github.com/soukchat/souk/commerce/receipts"
	"github.com/soukchat/souk/commerce/reviews"
	"github.com/soukchat/souk/commerce/statement"
	"github.com/soukchat/souk/commerce/stock"
	"github.com/soukchat/souk/config"
	"github.com/soukchat/souk/webhooks"
)

// Options say what an App runs on. Only Config is needed.
type Options struct {
	Config *config.Config
	Clock  commerce.Clock
	IDs    commerce.IDSource
	Log    *slog.Logger

	// Listen is the address instead of the configuration's, "" for that one.
	Listen string
	// Redis is a client instead of one for the configuration's address.
	Redis redis.UniversalClient
	// Telegram, Discord and Stripe are addresses of stand-ins, "" for the real ones.
	Telegram, Discord, Stripe string
	// HTTP is the client for all of them, nil for one with time-outs.
	HTTP *http.Client
	// Offline fetches no feed and no picture from elsewhere.
	Offline bool
	// Manual runs no worker: Rest does their work. For tests with a Clock of their own.
	Manual bool
}

// App is the whole program.
type App struct {
	Options
	DB         *database.DB
	Live       *live.Live
	Catalog    *catalog.Catalog
	Stock      *stock.Stock
	Members    *members.Members
	Creators   *creators.Creators
	Moderation *moderation.Moderation
	Ages       *gates.Ages
	Checkout   *checkout.Checkout
	Notices    *notices.Notices
	Receipts   *receipts.Receipts
	Statement  *statement.Statement
	Exchange   *exchange.Exchange
	Media      *media.Media
	Shop       *shop.Shop
	Staff      *staff.Staff
	Outbox     *outbox.Outbox
	Pay        *payments.Stripe
	Promotions *promotions.Promotions
	Drops      *drops.Drops
	Waitlist   *drops.Waitlist
	Earnings   *earnings.Earnings
	Loyalty    *loyalty.Loyalty
	Digests    *digests.Digests
	Expiry     *expiry.Expiry
	Payer      *creatorpay.Payer
	Reviews    *reviews.Reviews

	config  atomic.Pointer[config.Config]
	derived atomic.Pointer[derived]
	bots    map[string]Bot
	order   []string // the bots' names, sorted
	server  *webhooks.Server
	metrics *metrics
	asks    *rate.Limiter // of Stripe, by pages
	videos  chan struct{} // one for each that is being taken
	socket  net.Listener
	redis   redis.UniversalClient
	stop    context.CancelFunc
	workers sync.WaitGroup
}

// New opens the database and Redis, brings the tables up to date, takes over
// what the configuration declares, and connects everything. It calls no
// platform.
func New(ctx context.Context, opts Options) (*App, error) {
	a := &App{Options: withDefaults(opts), asks: rate.NewLimiter(asksEach, asksBurst), videos: make(chan struct{}, videosAtOnce)}
	if err := a.open(ctx); err != nil {
		a.Close()
		return nil, err
	}
	if err := a.connect(); err != nil {
		a.Close()
		return nil, err
	}
	if err := a.take(ctx, a.Config); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func withDefaults(o Options) Options {
	if o.Clock == nil {
		o.Clock = commerce.SystemClock{}
	}
	if o.IDs == nil {
		o.IDs = commerce.RandomIDs{}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Listen == "" {
		o.Listen = o.Config.Listen
	}
	return o
}

// open opens what is outside of the process.
func (a *App) open(ctx context.Context) (err error) {
	a.config.Store(a.Config)
	if a.DB, err = database.Open(ctx, a.Config.Database.URL.Reveal()); err != nil {
		return err
	}
	if _, err = a.DB.Migrate(ctx); err != nil {
		return err
	}
	if a.redis = a.Redis; a.redis == nil {
		if a.redis, err = live.Dial(a.Config.Redis.URL); err != nil {
			return err
		}
	}
	a.Live = live.New(a.redis, a.Clock)
	if a.Media, err = media.New(a.Config.Media.Dir, a.DB, a.Clock); err != nil {
		return fmt.Errorf("media.dir: %w", err)
	}
	return nil
}

// connect builds the parts on one another, lowest first.
func (a *App) connect() (err error) {
	a.Catalog = catalog.New(a.DB, a.Clock)
	a.Members = members.New(a.DB, a.Clock, a.IDs)
	a.Stock = stock.New(a.DB, a.Clock)
	a.Creators = creators.New(a.DB, a.Clock, a.IDs)
	a.Notices = notices.New(a.DB, a.Clock)
	a.Pay = payments.New(payments.Config{Key: a.Config.Stripe.SecretKey, Endpoint: a.Stripe, HTTP: a.HTTP, Log: a.Log})
	a.Promotions = promotions.New(a.DB, a.Clock, a.IDs)
	a.Drops = drops.New(drops.Config{DB: a.DB, Live: a.Live, Clock: a.Clock, IDs: a.IDs, Log: a.Log, Chats: a.dropChats, Staff: a.staffOf, Recommend: a.recommending, Pace: a.pace,
		Quiet: func(at time.Time) (time.Time, bool) { return a.config.Load().Policies.Quiet(at) },
		Born:  born, Card: a.cardOf,
		GiveUp: func(ctx context.Context, m commerce.MemberID, o commerce.OrderID) error {
			return a.Checkout.CancelPending(ctx, m, o)
		}})
	a.Waitlist = drops.NewWaitlist(drops.WaitlistConfig{DB: a.DB, Clock: a.Clock, IDs: a.IDs, Window: a.window})
	a.Earnings = a.earnings()
	a.Loyalty, a.Expiry = a.loyalty(), a.expiry()
	a.Digests = a.digests()
	a.Payer = a.payer()
	a.openGates()
	a.Checkout = checkout.New(checkout.Config{
		Gates:    a.Ages,
		Earnings: checkout.All{credits{a.Earnings, a.Creators}, a.Loyalty}, Claims: drops.Claims{Drops: a.Drops, Waitlist: a.Waitlist},
		DB: a.DB, Clock: a.Clock, IDs: a.IDs, Catalog: a.Catalog, Members: a.Members, Stock: a.Stock, Stripe: a.Pay, Taxes: a.Pay, Promotions: a.Promotions, Log: a.Log, Reversed: a.Payer.Reversed,
		Points: func() pricing.PointValue { return a.derived.Load().points }, Gifts: a.gifts,
		URL: a.url, Rules: a.rules, Hold: a.hold, Staff: a.staffOf, Returns: a.returnPolicy, Payee: a.payee,
	})
	a.Statement = statement.New(statement.Config{DB: a.DB, Clock: a.Clock, Stripe: a.Pay, Log: a.Log})
	a.Receipts = receipts.New(receipts.Config{DB: a.DB, Clock: a.Clock, IDs: a.IDs, Seller: a.seller, Zone: func() *time.Location { return a.config.Load().Policies.Zone() }})
	a.Creators.Forget, a.Creators.Expose, a.Creators.Bought = a.forgetPhoto, a.Media.Expose, a.boughtLately
	a.openReviews()
	a.openExchange()
	a.moderate()
	a.peopleOfGates()
	a.people()
	a.Staff = staff.New(staff.Config{Orders: a.Checkout.Orders(), Checkout: a.Checkout, Promotions: a.Promotions, Drops: a.Drops, Papers: a.Receipts,
		Sheets: sheets{a}, Platform: a.platformOf, Named: func(_ context.Context, p drops.Part) string { return NameOfPart(a.config.Load(), p) }, Role: a.roleOf, Points: func() bool { return a.derived.Load().points.Worth > 0 }, Variant: a.variantName, Photo: a.Media.Photo, VideoLink: a.videoLink, Creators: a.Creators, Reviews: a.Reviews, Earnings: a.Earnings, Moderation: a.Moderation, Ages: a.Ages, Member: a.Members.Get, Product: a.productName, Voice: func(locale string) staff.Words { return a.Shop.Words(locale) }})
	a.Shop, err = shop.New(shop.Config{
		Settings: settings(a.Config), Live: a.Live, Catalog: a.Catalog, Stock: a.Stock, Members: a.Members, Creators: a.Creators,
		Orders: a.Checkout.Orders(), Checkout: a.Checkout, Promotions: a.Promotions, Drops: a.Drops, Waitlist: a.Waitlist, Reviews: a.Reviews, Earnings: a.Earnings, Loyalty: a.Loyalty, Payer: a.Payer, Expiry: a.Expiry, Digests: a.Digests, Notices: a.Notices, Receipts: a.Receipts, Clock: a.Clock, Log: a.Log,
		Staff: func(ctx context.Context, ev bots.Event, who members.Member, w *shop.Words) (bots.Screen, error) {
			return a.Staff.Handle(ctx, ev, who, w)
		},
		Photos: photos{a}, Reviewers: a.reviewers, PickLink: a.pickLink, VideoLink: a.videoLink, CollectionLink: a.collectionLink, InviteLink: a.inviteLink, Moderation: a.Moderation, Ages: a.Ages,
		Picture: func(source string, product commerce.ProductID) string {
			return a.Media.URL(a.url(), source, product)
		},
		Week:  func(digest string) string { return a.url() + "/m/w/" + digest },
		Recap: func(id commerce.DropID) string { return a.url() + "/m/d/" + string(id) },
	})
	if err != nil {
		return err
	}
	a.Staff.Planning = a.planning()
	a.showExchange()
	if a.bots, err = MakeBots(a.Config, a.Options); err != nil {
		return err
	}
	a.order = slices.Sorted(maps.Keys(a.bots))
	a.metrics = newMetrics(a)
	a.Outbox = a.outgoing()
	a.server = a.hooks()
	// Who has bought has an emptier cart.
	a.Checkout.AfterPaid(func(o orders.Order) { a.emptyCart(o) })
	return nil
}

// emptyCart takes what was bought out of the cart. A crash may skip it.
func (a *App) emptyCart(o orders.Order) {
	defer a.Outbox.Wake()
	if o.Direct {
		return // it did not come from there
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for _, l := range o.Lines {
		if l.Variant == "" {
			continue
		}
		if _, err := a.Live.TakeFromCart(ctx, o.Member, "bought:"+string(o.ID)+":"+string(l.Variant), l.Variant, l.Quantity); err != nil {
			a.Log.Warn("a cart still holds what was bought", "err", err)
		}
	}
}

// Serve listens and works until Close. It returns once the address is taken.
func (a *App) Serve(ctx context.Context) error {
	socket, err := net.Listen("tcp", a.Listen)
	if err != nil {
		return err
	}
	a.socket = socket
	ctx, a.stop = context.WithCancel(context.WithoutCancel(ctx))
	a.workers.Go(func() {
		if err := a.server.Serve(socket); err != nil && ctx.Err() == nil {
			a.Log.Error("serve", "err", err)
		}
	})
	if !a.Manual {
		a.work(ctx)
	}
	return nil
}

// Addr returns the address Serve took, as 127.0.0.1:8080.
func (a *App) Addr() string { return a.socket.Addr().String() }

// Close stops: what was accepted is finished, then the workers, then the
// connections are closed. It may be called on what New has only half built.
func (a *App) Close() error {
	var errs []error
	if a.socket != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		errs = append(errs, a.server.Shutdown(ctx))
	}
	if a.stop != nil {
		a.stop()
	}
	a.workers.Wait()
	for _, name := range a.order {
		a.bots[name].Wait()
	}
	if a.redis != nil && a.Redis == nil {
		errs = append(errs, a.redis.Close())
	}
	if a.DB != nil {
		errs = append(errs, a.DB.Close())
	}
	return errors.Join(errs...)
}
