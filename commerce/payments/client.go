package payments

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/checkout/session"
	"github.com/stripe/stripe-go/v76/refund"
	"github.com/stripe/stripe-go/v76/webhookendpoint"

	"github.com/soukchat/souk/commerce"
)

// timeout is how long one call may take. Stripe itself allows 80 seconds; a
// member does not wait that long, and what is cut off is Ambiguous, not lost.
const timeout = 20 * time.Second

// Config is what a client needs.
type Config struct {
	Key      commerce.Secret // sk_… or rk_…
	Endpoint string          // as http://127.0.0.1:12111; empty means Stripe's
	HTTP     *http.Client    // nil means one of our own
	Log      *slog.Logger    // nil means none
}

// Stripe is a client of one account. Its methods may be called from many
// goroutines, never try twice by themselves, and return a *commerce.Error.
type Stripe struct {
	backend stripe.Backend
	key     string
}

// New makes a client. It does not call out.
func New(cfg Config) *Stripe {
	hc := http.Client{}
	if cfg.HTTP != nil {
		hc = *cfg.HTTP
	}
	if hc.Timeout == 0 {
		hc.Timeout = timeout
	}
	next := hc.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	hc.Transport = &transport{next: next, log: log}
	// A redirect would carry the key to wherever it points.
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	bc := &stripe.BackendConfig{
		HTTPClient:        &hc,
		EnableTelemetry:   stripe.Bool(false),
		MaxNetworkRetries: stripe.Int64(0),
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull},
	}
	if cfg.Endpoint != "" {
		bc.URL = stripe.String(cfg.Endpoint)
	}
	return &Stripe{
		backend: stripe.GetBackendWithConfig(stripe.APIBackend, bc),
		key:     strings.TrimSpace(cfg.Key.Reveal()),
	}
}

// Livemode reports whether the key moves real money.
func (s *Stripe) Livemode() bool {
	return strings.HasPrefix(s.key, "sk_live_") || strings.HasPrefix(s.key, "rk_live_")
}

func (s *Stripe) sessions() session.Client {
	return session.Client{B: s.backend, Key: s.key}
}

func (s *Stripe) refunds() refund.Client {
	return refund.Client{B: s.backend, Key: s.key}
}

func (s *Stripe) endpoints() webhookendpoint.Client {
	return webhookendpoint.Client{B: s.backend, Key: s.key}
}

// call is what the transport learns of one call beside what stripe-go tells.
type call struct {
	name     string
	status   int
	request  string
	replayed bool
}

type callKey struct{}

// begin starts a call: the context to give to stripe-go carries where the
// transport writes what it learns.
func begin(ctx context.Context, name string) (context.Context, *call) {
	c := &call{name: name}
	return context.WithValue(ctx, callKey{}, c), c
}

// params are the parts that every call has. stripe-go makes up a key where
// none is given, which is right for calls that repeat harmlessly.
func params(ctx context.Context, key string) stripe.Params {
	p := stripe.Params{Context: ctx}
	if key != "" {
		p.IdempotencyKey = stripe.String(key)
	}
	return p
}

// transport notes the status of each answer, bounds its size and keeps the
// name of this machine, which stripe-go reads from uname, to ourselves.
type transport struct {
	next http.RoundTripper
	log  *slog.Logger
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Del("X-Stripe-Client-User-Agent")
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	request := resp.Header.Get("Request-Id")
	if c, ok := req.Context().Value(callKey{}).(*call); ok {
		c.status, c.request = resp.StatusCode, request
		c.replayed = resp.Header.Get("Idempotent-Replayed") == "true"
	}
	t.log.DebugContext(req.Context(), "stripe", "method", req.Method, "path", req.URL.Path,
		"status", resp.StatusCode, "request", request)
	resp.Body = &bounded{io.LimitReader(resp.Body, 8<<20), resp.Body}
	return resp, nil
}

type bounded struct {
	io.Reader
	io.Closer
}
