package webhooks

import (
	"context"
	"crypto/subtle"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// counters are the numbers of the door: by route as it is written here, never
// by what stands in its place, so that neither ids nor secrets become labels.
type counters struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	events   *prometheus.CounterVec
}

func newCounters(r *prometheus.Registry) counters {
	c := counters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "souk_http_requests_total", Help: "Requests answered, by route, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "souk_http_seconds", Help: "Time from the request's head to its answer, by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "souk_stripe_events_total", Help: "Events taken from Stripe, by whether they came for the first time.",
		}, []string{"first"}),
	}
	r.MustRegister(c.requests, c.seconds, c.events)
	return c
}

// of returns what counts the requests of a route.
func (c counters) of(pattern string) func(method string, status int, took time.Duration) {
	seconds := c.seconds.WithLabelValues(pattern)
	return func(method string, status int, took time.Duration) {
		switch method {
		case fiber.MethodGet, fiber.MethodHead, fiber.MethodPost:
		default:
			method = "other" // a caller may invent methods
		}
		c.requests.WithLabelValues(pattern, strings.Clone(method), strconv.Itoa(status)).Inc()
		seconds.Observe(took.Seconds())
	}
}

func (c counters) stripe(first bool) { c.events.WithLabelValues(strconv.FormatBool(first)).Inc() }

// healthz says that the process lives. It asks nobody: restarting it would not
// mend a database.
func (s *Server) healthz(c *fiber.Ctx) error { return plain(c, "ok\n") }

// readyz says whether the process can do its work now.
func (s *Server) readyz(c *fiber.Ctx) error {
	if s.stopping.Load() {
		return refuse(fiber.StatusServiceUnavailable, "")
	}
	if s.Ready != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := s.Ready(ctx); err != nil {
			return refuse(fiber.StatusServiceUnavailable, "not ready: "+err.Error())
		}
	}
	return plain(c, "ready\n")
}

func plain(c *fiber.Ctx, text string) error {
	guard(c)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
	return c.SendString(text)
}

// metrics shows the counters to whom they are for; to everybody else there is
// no such path.
func (s *Server) metrics(c *fiber.Ctx) error {
	if !s.mayMeasure(c) {
		return refuse(fiber.StatusNotFound, "")
	}
	return adaptor.HTTPHandler(promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{}))(c)
}

func (s *Server) mayMeasure(c *fiber.Ctx) bool {
	if token := s.MetricsToken.Reveal(); token != "" {
		return subtle.ConstantTimeCompare(c.Request().Header.Peek(fiber.HeaderAuthorization), []byte("Bearer "+token)) == 1
	}
	// A proxy in front of us is near, but who asks it is not.
	for _, h := range []string{fiber.HeaderXForwardedFor, fiber.HeaderForwarded, fiber.HeaderXForwardedHost, fiber.HeaderXForwardedProto, "X-Real-Ip", fiber.HeaderVia} {
		if len(c.Request().Header.Peek(h)) > 0 {
			return false
		}
	}
	ip, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	return ok && (ip.Unmap().IsLoopback() || ip.Unmap().IsPrivate())
}
