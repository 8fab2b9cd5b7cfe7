package discord

import "context"

// Change tells that something a person can see is different.
type Change struct {
	// Kind is "message", "edit", "delete", "modal" (opened or closed),
	// "commands" or "failed" (an interaction got no proper answer).
	Kind    string `json:"kind"`
	Channel string `json:"channel,omitempty"`
	Message string `json:"message,omitempty"`
	User    string `json:"user,omitempty"` // who alone can see it, "" for everyone
	Text    string `json:"text,omitempty"` // with "failed": why
}

// Failure is an interaction that the application did not answer properly: the
// person saw "This interaction failed".
type Failure struct {
	User    string `json:"user"`
	Channel string `json:"channel"`
	Problem string `json:"problem"`
}

// Changes calls fn for every change from now on, until cancel is called. fn
// must return at once and must not call the Server.
func (s *Server) Changes(fn func(Change)) (cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := len(s.watchers)
	for s.watchers[id] != nil {
		id++
	}
	s.watchers[id] = fn
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, id)
	}
}

// Failures returns every interaction so far that got no proper answer.
func (s *Server) Failures() []Failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Failure(nil), s.failures...)
}

// Delivered waits until no interaction is without its first answer. It returns
// the context's error if that ends first.
func (s *Server) Delivered(ctx context.Context) error {
	return s.until(ctx, func() bool { return s.busy == 0 })
}

// Rest waits until every interaction is answered and every answer that was put
// off has arrived. It returns the context's error if that ends first.
func (s *Server) Rest(ctx context.Context) error {
	return s.until(ctx, func() bool {
		for _, i := range s.interactions {
			if i.waiting() && !i.expired(s.cfg.Clock()) {
				return false
			}
		}
		return s.busy == 0
	})
}

// until waits for a condition, which is called with the lock held.
func (s *Server) until(ctx context.Context, reached func() bool) error {
	for {
		s.mu.Lock()
		ready, idle := reached(), s.idle
		s.mu.Unlock()
		if ready {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-idle:
		}
	}
}

// changed tells the watchers, and wakes those in Rest. The caller holds the lock.
func (s *Server) changed(c Change) {
	for _, fn := range s.watchers {
		fn(c)
	}
	close(s.idle)
	s.idle = make(chan struct{})
}
