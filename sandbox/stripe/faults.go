package stripe

import (
	"net/http"
	"strings"
	"time"
)

// Fault is one way to fail on purpose. Without Drop or Status the call is
// carried out and answered as usual, late where it stalls.
type Fault struct {
	On     string        // the start of method and path, as "POST /v1/refunds"; empty is every call
	Act    bool          // with Drop or Status: the call is carried out all the same
	Drop   bool          // the connection is closed without an answer
	Status int           // is answered instead: 409, 429, 500, 503 …
	Stall  time.Duration // the answer is held back so long, in real time
	Reused bool          // the key is taken for used before, with other parameters, where it is new
	Times  int           // how many calls it hits; 0 is one, -1 all
}

// Fail makes the next calls that fit the fault suffer it. Faults wait in the
// order they were told; a call suffers the first that fits.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults = append(s.faults, f)
}

// FailWhen asks the function about every call that no other fault hits; nil
// ends that. It may be called from several goroutines at a time, never under
// the stand-in's lock.
func (s *Server) FailWhen(f func(method, path string) (Fault, bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faultWhen = f
}

// Heal forgets all faults, of calls and of deliveries.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults, s.faultWhen, s.deliver = nil, nil, nil
}

func (s *Server) fault(method, path string) Fault {
	s.mu.Lock()
	when := s.faultWhen
	for i, f := range s.faults {
		if !strings.HasPrefix(method+" "+path, f.On) {
			continue
		}
		if f.Times > 0 {
			s.faults[i].Times--
		}
		if s.faults[i].Times == 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		s.mu.Unlock()
		return f
	}
	s.mu.Unlock()
	if when != nil {
		if f, ok := when(method, path); ok {
			return f
		}
	}
	return Fault{}
}

// hold keeps the answer back, or until the caller has gone.
func (f Fault) hold(r *http.Request) {
	if f.Stall <= 0 {
		return
	}
	select {
	case <-time.After(f.Stall):
	case <-r.Context().Done():
	}
}

func (f Fault) error() *apiError {
	e := &apiError{Status: f.Status, Message: "This stand-in was told to fail."}
	switch f.Status {
	case 429:
		e.Code = "rate_limit"
	case 409:
		e.Code = "lock_timeout"
	}
	return e
}

// Delivery says what becomes of one event's webhook.
type Delivery struct {
	Copies int           // how often it is sent: 0 never, 1 as usual
	Delay  time.Duration // by the clock, before it is first sent
}

// Deliver asks the function about every event from now on, by its type and the
// id of its object; nil delivers all once and at once. It is called under the
// stand-in's lock: it must not call back.
func (s *Server) Deliver(f func(typ, object string) Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deliver = f
}
