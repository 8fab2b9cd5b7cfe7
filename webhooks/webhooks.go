// Package webhooks is the door of the program: the Fiber app that Telegram,
// Discord and Stripe call, with the pay link's pages, the pictures and the
// health of the program.
//
// It proves who is calling before anything is read, hands the raw body on, and
// answers truthfully whether sending it again can help; it knows no command,
// no screen and no order. Everything it serves is one line in New, and every
// failure becomes a reply in one place, (*Server).fail. Start there.
package webhooks

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/payments"
)

// Limits of a request.
const (
	MaxBody      = 1 << 20           // bytes; the largest update or event is far below
	tolerance    = 300 * time.Second // how old or early a signed request may be
	answerTime   = 25 * time.Second  // how long a webhook may take before its work is stopped
	readTimeout  = 10 * time.Second
	writeTimeout = 30 * time.Second
	idleTimeout  = 75 * time.Second
	headerSize   = 8 << 10 // bytes of one request's head
)

// Receive takes the raw body of a verified request and returns what to answer.
// An error becomes a status: see (*Server).fail.
type Receive func(ctx context.Context, body []byte) (bots.Answer, error)

// Telegram is a bot whose updates are taken. A bot without a secret takes none.
type Telegram struct {
	Secret  commerce.Secret // as registered with setWebhook
	Receive Receive
}

// Discord is an application whose interactions are taken.
type Discord struct {
	Key     ed25519.PublicKey
	Receive Receive
}

// Stripe is what is needed to take Stripe's events.
type Stripe struct {
	Secrets  func() []commerce.Secret // several while one is being replaced
	Livemode func() bool              // the mode of our own key
	// Inbox commits an event, and reports whether it came for the first time.
	// Only then is it answered with 200.
	Inbox func(ctx context.Context, e payments.Event) (isNew bool, err error)
}

// Config is what a Server needs. A function that is nil is not served.
type Config struct {
	Telegram func(bot string) (Telegram, bool) // /telegram/<bot>
	Discord  func(bot string) (Discord, bool)  // /discord/<bot>
	Stripe   *Stripe                           // /stripe
	Pay      *Pay                              // /p/<token>
	Gifts    *Gifts                            // /g/<code>, /gifts/<code>, with Pay
	Picks    *Picks                            // /k/<pick>, with Pay
	Invites  *Invites                          // /i/<member>, with Pay
	Payouts  func() string                     // /connected, with Pay: a link to what a creator is paid, "" for none
	Pictures *Pictures                         // /m/<hash>, /m/v/<hash>, /m/t/<product>, /m/d/<drop>, /m/w/<digest>

	// Ready reports whether the program can do its work: SQL, Redis.
	Ready func(ctx context.Context) error

	// Metrics collects the counters of the program; nil makes a registry.
	Metrics *prometheus.Registry
	// MetricsToken is asked for as bearer at /metrics. Without one only callers
	// on this machine or a private network get an answer, and none through a
	// proxy.
	MetricsToken commerce.Secret

	Clock commerce.Clock // nil means the system's
	Log   *slog.Logger   // nil means none
}

// Server serves the routes.
type Server struct {
	Config
	app      *fiber.App
	counters counters
	logs     *rate.Limiter // of refusals: anybody can cause those
	boot     string
	requests atomic.Uint64
	stopping atomic.Bool
	listener atomic.Pointer[net.Listener]
}

// New makes a Server. It listens to nothing yet.
func New(cfg Config) *Server {
	if cfg.Clock == nil {
		cfg.Clock = commerce.SystemClock{}
	}
	cfg.Log = cmp.Or(cfg.Log, slog.New(slog.DiscardHandler))
	cfg.Metrics = cmp.Or(cfg.Metrics, prometheus.NewRegistry())
	s := &Server{
		Config:   cfg,
		counters: newCounters(cfg.Metrics),
		logs:     rate.NewLimiter(1, 20),
		boot:     commerce.RandomIDs{}.ID()[:6],
	}
	s.app = fiber.New(fiber.Config{
		BodyLimit:    MaxBody,
		ReadTimeout:  readTimeout,
		WriteTimeout: writeTimeout,
		IdleTimeout:  idleTimeout,

		ReadBufferSize:        headerSize,
		StrictRouting:         true,
		CaseSensitive:         true,
		DisableStartupMessage: true,
		// A form is a body like any other: what is signed is the bytes as sent.
		DisablePreParseMultipartForm: true,
		DisableDefaultContentType:    true,
		// What fasthttp itself refuses: too large, too slow, no HTTP.
		ErrorHandler: func(c *fiber.Ctx, err error) error { return s.fail(c, "none", s.requestID(), err) },
	})
	if cfg.Telegram != nil {
		s.route(fiber.MethodPost, "/telegram/:bot", s.telegram)
	}
	if cfg.Discord != nil {
		s.route(fiber.MethodPost, "/discord/:bot", s.discord)
	}
	if cfg.Stripe != nil {
		s.route(fiber.MethodPost, "/stripe", s.stripe)
	}
	if cfg.Pay != nil {
		s.route(fiber.MethodGet, "/p/:token", s.pay)
		s.route(fiber.MethodGet, "/p/:token/done", s.paid)
		s.route(fiber.MethodGet, "/p/:token/back", s.back)
		s.route(fiber.MethodGet, "/p/:token/qr", s.qr)
	}
	if cfg.Gifts != nil {
		s.route(fiber.MethodGet, "/g/:code", s.gift)
		s.route(fiber.MethodGet, "/gifts/:code", s.shelf)
		s.route(fiber.MethodPost, "/gifts/:code/buy", s.buyGift)
	}
	if cfg.Picks != nil {
		s.route(fiber.MethodGet, "/k/:pick", s.pick)
		s.route(fiber.MethodGet, "/l/:collection", s.collection)
	}
	if cfg.Invites != nil {
		s.route(fiber.MethodGet, "/i/:member", s.invite)
	}
	if cfg.Payouts != nil {
		s.route(fiber.MethodGet, "/connected", s.connected)
	}
	if cfg.Pictures != nil {
		s.route(fiber.MethodGet, "/m/t/:product", s.tile)
		s.route(fiber.MethodGet, "/m/v/:hash", s.video)
		s.route(fiber.MethodGet, "/m/d/:drop", s.recap)
		s.route(fiber.MethodGet, "/m/w/:digest", s.week)
		s.route(fiber.MethodGet, "/m/:hash", s.picture)
	}
	s.route(fiber.MethodGet, "/healthz", s.healthz)
	s.route(fiber.MethodGet, "/readyz", s.readyz)
	s.route(fiber.MethodGet, "/metrics", s.metrics)
	s.app.Use(s.serve("", "none", func(*fiber.Ctx) error { return refuse(fiber.StatusNotFound, "no such path") }))
	return s
}

// Serve answers what comes in at the listener until Shutdown, which may have
// come first.
func (s *Server) Serve(l net.Listener) error {
	s.listener.Store(&l)
	if s.stopping.Load() {
		l.Close() // or Shutdown has
		return nil
	}
	if err := s.app.Listener(l); err != nil && !s.stopping.Load() {
		return err
	}
	return nil
}

// Handler serves the routes from another server of this process.
func (s *Server) Handler() http.Handler { return adaptor.FiberApp(s.app) }

// Shutdown stops listening, finishes what was accepted, and returns; or
// returns the context's error where that takes too long.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stopping.Store(true)
	err := s.app.ShutdownWithContext(ctx)
	// A server that is only about to begin is not stopped by that: without its
	// listener it ends too.
	if l := s.listener.Load(); l != nil {
		(*l).Close()
	}
	return err
}

func (s *Server) route(method, pattern string, h fiber.Handler) {
	s.app.All(pattern, s.serve(method, pattern, h))
}

// requestID names a request in the log and in the reply.
func (s *Server) requestID() string {
	return s.boot + "-" + strconv.FormatUint(s.requests.Add(1), 36)
}
