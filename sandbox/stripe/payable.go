package stripe

// A shop must never let a person pay for one order in two places. The stand-in
// sees it at the moment it comes about: whenever something of an order becomes
// payable, nothing else of it may be. Payable is what a person alone can pay:
// an open session, an intent that waits for their authentication.

import (
	"fmt"
	"slices"
)

// offer is something of an order that a person may be able to pay.
type offer struct {
	id   string
	open func() bool
}

// offers notes that something of an order can be paid from now on. The lock is
// held.
func (s *Server) offers(order, id string, open func() bool) {
	if order == "" {
		return
	}
	list := slices.DeleteFunc(s.payable[order], func(o offer) bool { return o.id == id || !o.open() })
	for _, o := range list {
		s.twice = append(s.twice, fmt.Sprintf("order %s could be paid by %s and %s", order, o.id, id))
	}
	s.payable[order] = append(list, offer{id, open})
}

// Twice lists the moments at which an order could be paid in two places.
func (s *Server) Twice() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.twice)
}

// Payable reports whether a person could pay for the order now.
func (s *Server) Payable(order string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	return slices.ContainsFunc(s.payable[order], func(o offer) bool { return o.open() })
}
