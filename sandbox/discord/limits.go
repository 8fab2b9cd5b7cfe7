package discord

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limits counts calls against windows of 5 in 5 seconds for each route and
// channel, and 50 a second for all routes but those of interactions. They are
// told in every answer and enforced while on.
type limits struct {
	mu     sync.Mutex
	on     bool
	routes map[string]*window
	global window
}

type window struct {
	used  int
	until time.Time
}

const (
	routeCalls  = 5
	routeWindow = 5 * time.Second
	globalCalls = 50
)

// Limit turns the rate limits on or off. They are off at first.
func (s *Server) Limit(on bool) {
	s.limits.mu.Lock()
	defer s.limits.mu.Unlock()
	s.limits.on = on
}

func (w *window) take(now time.Time, length time.Duration) {
	if !now.Before(w.until) {
		w.used, w.until = 0, now.Add(length)
	}
	w.used++
}

// take counts one call and writes the headers that tell of it. It returns a
// 429 where it is one too many.
func (l *limits) take(h http.Header, now time.Time, pattern string, r *http.Request, withToken bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := pattern + " " + r.PathValue("channel") + r.PathValue("token")
	for k, w := range l.routes {
		if now.Sub(w.until) > time.Minute {
			delete(l.routes, k)
		}
	}
	route := l.routes[key]
	if route == nil {
		route = &window{}
		l.routes[key] = route
	}
	if !l.on {
		route.used = 0
	}
	route.take(now, routeWindow)
	if withToken {
		l.global.take(now, time.Second)
	}
	wait := route.until.Sub(now).Seconds()
	h.Set("X-RateLimit-Limit", strconv.Itoa(routeCalls))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, routeCalls-route.used)))
	h.Set("X-RateLimit-Reset", fmt.Sprintf("%.3f", float64(route.until.UnixMilli())/1000))
	h.Set("X-RateLimit-Reset-After", fmt.Sprintf("%.3f", wait))
	h.Set("X-RateLimit-Bucket", fmt.Sprintf("%x", pattern))
	switch {
	case !l.on:
		return nil
	case withToken && l.global.used > globalCalls:
		return tooMany(h, l.global.until.Sub(now).Seconds(), true)
	case route.used > routeCalls:
		return tooMany(h, wait, false)
	}
	return nil
}

func tooMany(h http.Header, wait float64, global bool) error {
	h.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait))))
	h.Set("X-RateLimit-Scope", "user")
	if global {
		h.Set("X-RateLimit-Global", "true")
		h.Set("X-RateLimit-Scope", "global")
	}
	return &apiError{Status: http.StatusTooManyRequests, Message: "You are being rate limited.", RetryAfter: wait, Global: &global}
}
