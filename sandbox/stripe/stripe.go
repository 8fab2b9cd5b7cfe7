// Package stripe stands in for Stripe: the part of its API that a shop needs,
// the page on which people pay, and webhooks, all in memory. Start at Server.
//
// It is strict. A parameter it does not know, a value of the wrong type, a
// session that expires too soon, a refund of more than was taken, an
// idempotency key used for two different calls: all are refused as Stripe
// refuses them. The parameters stand in params.txt.
//
// It fails on purpose, when told (Fail, Deliver) and for these cards, which
// are Stripe's own test cards:
//
//	4242 4242 4242 4242  pays
//	4000 0000 0000 0002  is declined
//	4000 0000 0000 9995  has insufficient funds
//	4000 0000 0000 9987  was lost
//	4000 0000 0000 0069  has expired
//	4000 0000 0000 0127  has another security code
//	4000 0000 0000 0119  meets a processing error
//	4000 0025 0000 3155  asks for authentication, not again once it is kept
//	4000 0027 6000 3184  asks for authentication every time
//	4000 0000 0000 0259  pays and is disputed
//	4000 0000 0000 1976  pays, and the bank asks about it
//	4000 0000 0000 5126  pays, and its refunds fail a minute later
//
// The page on which a connected account is set up asks nothing: one press and the
// account is ready.
//
// What it does not imitate: expand, search, modes other than payment, prices
// and products as objects, discounts, tax, shipping options,
// ways to pay other than cards, what a connected account does by itself, live mode, payouts to a
// bank, rate limits that were not asked for, and API versions other than
// 2023-10-16 (an endpoint of another version is sent its events
// with that version's name and the same bodies).
package stripe

import (
	"context"
	"crypto/rand"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"sync"
	"time"
)

// apiVersion is the version imitated.
const apiVersion = "2023-10-16"

// Config is what a stand-in is made of. All of it may be left empty.
type Config struct {
	Clock         func() time.Time // nil means the real time
	Key           string           // the API key it takes; empty means sk_test_standin
	WebhookSecret string           // of the endpoint that SetWebhook registers without one
	Base          string           // URL its pages are reached at; empty means by the host of each request
	HTTP          *http.Client     // delivers webhooks; nil means one of its own
	Log           *slog.Logger
}

// Server is one stand-in: an account in test mode. Close it when done.
type Server struct {
	cfg     Config
	mux     *http.ServeMux
	stop    context.CancelFunc
	stopped sync.WaitGroup
	wake    chan struct{}

	mu        sync.Mutex
	sessions  shelf[*session]
	intents   shelf[*intent]
	charges   shelf[*charge]
	refunds   shelf[*refund]
	disputes  shelf[*dispute]
	txns      shelf[*txn]
	accounts  shelf[*connected]
	setups    map[string]*setup // pages on which accounts are set up, by what stands in their address
	transfers shelf[*transfer]
	reversals shelf[*reversal]
	customers shelf[*customer]
	methods   shelf[*method]
	events    shelf[*Event]
	endpoints []*endpoint
	byOrder   map[string][]*charge
	payable   map[string][]offer // by order
	twice     []string           // orders that could be paid in two places
	nextEnd   int64              // when the next session may end, in seconds
	kept      map[string]*kept
	faults    []Fault
	faultWhen func(method, path string) (Fault, bool)
	deliver   func(typ, object string) Delivery
	queue     []*delivery
	inflight  int
	closed    bool
	later     []later
	changed   chan struct{} // closed and made anew whenever a delivery ends
}

// later is something that happens by itself at a time.
type later struct {
	at time.Time
	do func()
}

// New makes a stand-in. It works through what is due by its clock a few times
// a second; Rest does so at once.
func New(cfg Config) *Server {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Key == "" {
		cfg.Key = "sk_test_standin"
	}
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{Timeout: 10 * time.Second}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{cfg: cfg, stop: stop, wake: make(chan struct{}, 1),
		kept: map[string]*kept{}, setups: map[string]*setup{}, byOrder: map[string][]*charge{}, payable: map[string][]offer{}, changed: make(chan struct{})}
	s.mux = http.NewServeMux()
	s.addAPI()
	s.addPages()
	s.stopped.Go(func() { s.run(ctx) })
	return s
}

// Handler serves the API under /v1, the payment pages under /c and the
// authentication pages of PaymentIntents under /a.
func (s *Server) Handler() http.Handler { return s.mux }

// Close ends what the stand-in does by itself. Deliveries under way are
// finished.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.stopped.Wait()
}

func (s *Server) run(ctx context.Context) {
	tick := time.NewTicker(150 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.wake:
		}
		s.mu.Lock()
		s.catchUp()
		s.mu.Unlock()
	}
}

// catchUp does what is due by the clock: sessions end, refunds fail, webhooks
// leave. The lock is held.
func (s *Server) catchUp() {
	now := s.now()
	if now.Unix() >= s.nextEnd {
		s.nextEnd = math.MaxInt64
		for _, x := range s.sessions.all {
			switch {
			case x.Status != "open":
			case now.Unix() >= x.ExpiresAt:
				s.end(x)
			default:
				s.nextEnd = min(s.nextEnd, x.ExpiresAt)
			}
		}
	}
	waiting := s.later
	s.later = nil
	for _, l := range waiting {
		if l.at.After(now) {
			s.later = append(s.later, l)
		} else {
			l.do()
		}
	}
	s.pump(now)
}

func (s *Server) now() time.Time { return s.cfg.Clock() }

// newID makes an id as Stripe's look: a prefix and 24 letters and digits.
func newID(prefix string) string { return prefix + strings.ToLower(rand.Text()[:24]) }

// shelf keeps the objects of one kind, oldest first.
type shelf[T interface{ id() string }] struct {
	all  []T
	byID map[string]T
}

func (s *shelf[T]) add(x T) {
	if s.byID == nil {
		s.byID = map[string]T{}
	}
	s.all = append(s.all, x)
	s.byID[x.id()] = x
}

func (s *shelf[T]) get(id string) (T, bool) {
	x, ok := s.byID[id]
	return x, ok
}
