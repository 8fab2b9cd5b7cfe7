package stripe

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// retries is when a webhook that was not answered with 2xx is sent again, for
// three days in all.
var retries = []time.Duration{
	time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour, 12 * time.Hour,
}

// Event is an event as the API shows it and webhooks carry it.
type Event struct {
	ID              string    `json:"id"`
	Object          string    `json:"object"`
	APIVersion      string    `json:"api_version"`
	Created         int64     `json:"created"`
	Data            eventData `json:"data"`
	Livemode        bool      `json:"livemode"`
	PendingWebhooks int       `json:"pending_webhooks"`
	Request         struct {
		ID             *string `json:"id"`
		IdempotencyKey *string `json:"idempotency_key"`
	} `json:"request"`
	Type string `json:"type"`
}

type eventData struct {
	Object json.RawMessage `json:"object"` // as it was at that moment
}

func (e *Event) id() string { return e.ID }

// delivery is one webhook on its way.
type delivery struct {
	event *Event
	to    *endpoint
	due   time.Time
	tries int
}

// Sign returns the Stripe-Signature header of a body.
func Sign(body []byte, secret string, at time.Time) string {
	h := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(h, "%d.", at.Unix())
	h.Write(body)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(h.Sum(nil)))
}

// SetWebhook registers an endpoint that is sent every event, in place of any
// with the same URL. Without a secret it has the one of the Config.
func (s *Server) SetWebhook(url, secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if secret == "" {
		secret = s.cfg.WebhookSecret
	}
	s.endpoints = slices.DeleteFunc(s.endpoints, func(e *endpoint) bool { return e.URL == url })
	s.endpoints = append(s.endpoints, &endpoint{ID: newID("we_"), Object: "webhook_endpoint", URL: url,
		APIVersion: new(apiVersion), EnabledEvents: []string{"*"}, Status: "enabled",
		Metadata: map[string]string{}, Created: s.now().Unix(), secret: secret})
}

// Events lists all events, oldest first.
func (s *Server) Events() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Event, len(s.events.all))
	for i, e := range s.events.all {
		all[i] = *e
	}
	return all
}

// Resend sends an event again to every endpoint, as the button on Stripe's
// pages does. It reports whether there is such an event.
func (s *Server) Resend(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.events.get(id)
	if ok {
		s.post(e, 1, s.now())
		s.nudge()
	}
	return ok
}

// emit makes an event of what an object is now. The lock is held.
func (s *Server) emit(typ string, object interface{ id() string }) {
	body, err := json.Marshal(object)
	if err != nil {
		panic(err) // our own types
	}
	now := s.now()
	e := &Event{ID: newID("evt_"), Object: "event", APIVersion: apiVersion, Created: now.Unix(),
		Data: eventData{body}, Type: typ}
	s.events.add(e)
	d := Delivery{Copies: 1}
	if s.deliver != nil {
		d = s.deliver(typ, object.id())
	}
	s.post(e, d.Copies, now.Add(d.Delay))
	s.nudge()
}

func (s *Server) post(e *Event, copies int, due time.Time) {
	for _, to := range s.endpoints {
		if to.wants(e.Type) {
			e.PendingWebhooks++
			for range copies {
				s.queue = append(s.queue, &delivery{event: e, to: to, due: due})
			}
		}
	}
}

// pump sends what is due, at most 16 at a time. The lock is held.
func (s *Server) pump(now time.Time) {
	rest := s.queue[:0]
	for _, d := range s.queue {
		if d.due.After(now) || s.inflight >= 16 || s.closed {
			rest = append(rest, d)
			continue
		}
		s.inflight++
		body, secret := d.body(), d.to.secret
		s.stopped.Go(func() {
			ok := s.sendHook(d.to.URL, body, Sign(body, secret, now))
			s.mu.Lock()
			defer s.mu.Unlock()
			s.inflight--
			s.landed(d, ok)
			close(s.changed)
			s.changed = make(chan struct{})
			s.nudge()
		})
	}
	clear(s.queue[len(rest):])
	s.queue = rest
}

func (s *Server) landed(d *delivery, ok bool) {
	switch {
	case ok:
		d.event.PendingWebhooks = max(0, d.event.PendingWebhooks-1)
	case d.tries < len(retries) && slices.Contains(s.endpoints, d.to):
		d.due = s.now().Add(retries[d.tries])
		d.tries++
		s.queue = append(s.queue, d)
	}
}

func (d *delivery) body() []byte {
	e := *d.event
	if d.to.APIVersion != nil {
		e.APIVersion = *d.to.APIVersion
	}
	b, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		panic(err) // our own types
	}
	return b
}

func (s *Server) sendHook(url string, body []byte, signature string) bool {
	req, err := http.NewRequest("POST", url, bytes.NewReader(body))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	req.Header.Set("Stripe-Signature", signature)
	resp, err := s.cfg.HTTP.Do(req)
	if err != nil {
		s.cfg.Log.Debug("stripe stand-in: webhook", "url", url, "error", err)
		return false
	}
	io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	resp.Body.Close()
	return resp.StatusCode >= 200 && resp.StatusCode < 300
}

// nudge wakes who does what is due. The lock is held or not.
func (s *Server) nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Rest does what is due by the clock and returns when every webhook that is
// due has been answered; those to be sent again later are left.
func (s *Server) Rest(ctx context.Context) error {
	for {
		s.mu.Lock()
		s.catchUp()
		changed := s.changed
		resting := s.inflight == 0 && !slices.ContainsFunc(s.queue, func(d *delivery) bool { return !d.due.After(s.now()) })
		s.mu.Unlock()
		if resting {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}
