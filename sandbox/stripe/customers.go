package stripe

import (
	"encoding/json"
	"strings"
)

// customer is somebody whose cards are kept.
type customer struct {
	ID          string            `json:"id"`
	Object      string            `json:"object"`
	Created     int64             `json:"created"`
	Description *string           `json:"description"`
	Email       *string           `json:"email"`
	Livemode    bool              `json:"livemode"`
	Metadata    map[string]string `json:"metadata"`
	Name        *string           `json:"name"`
	Deleted     bool              `json:"-"`
}

func (c *customer) id() string { return c.ID }

// MarshalJSON shows of a deleted customer only that it is deleted.
func (c *customer) MarshalJSON() ([]byte, error) {
	if c.Deleted {
		return json.Marshal(map[string]any{"id": c.ID, "object": "customer", "deleted": true})
	}
	type plain customer
	return json.Marshal((*plain)(c))
}

func (s *Server) newCustomer(email string) *customer {
	c := &customer{ID: newID("cus_"), Object: "customer", Created: s.now().Unix(), Metadata: map[string]string{}}
	if email != "" {
		c.Email = &email
	}
	s.customers.add(c)
	s.emit("customer.created", c)
	return c
}

func (s *Server) createCustomer(c *call) (any, *apiError) {
	if c.has("payment_method") {
		return nil, invalid("payment_method", "This stand-in keeps cards by setup_future_usage only")
	}
	if e := c.form["email"]; e != "" && !strings.Contains(e, "@") {
		return nil, invalid("email", "Invalid email address: %s", e)
	}
	cus := s.newCustomer(c.form["email"])
	s.fill(cus, c)
	return cus, nil
}

func (s *Server) fill(cus *customer, c *call) {
	for name, field := range map[string]**string{"email": &cus.Email, "name": &cus.Name, "description": &cus.Description} {
		if v := c.ptr(name); v != nil {
			*field = v
		}
	}
	for k, v := range c.object("metadata") {
		cus.Metadata[k] = v
	}
}

func (s *Server) customer(c *call) (*customer, *apiError) {
	cus, ok := s.customers.get(c.path("customer"))
	if !ok {
		return nil, missing("customer", "customer", c.path("customer"))
	}
	return cus, nil
}

func (s *Server) getCustomer(c *call) (any, *apiError) { return s.customer(c) }

func (s *Server) updateCustomer(c *call) (any, *apiError) {
	cus, err := s.customer(c)
	if err != nil {
		return nil, err
	}
	if cus.Deleted {
		return nil, missing("customer", "customer", cus.ID)
	}
	s.fill(cus, c)
	s.emit("customer.updated", cus)
	return cus, nil
}

func (s *Server) deleteCustomer(c *call) (any, *apiError) {
	cus, err := s.customer(c)
	if err != nil {
		return nil, err
	}
	for _, m := range s.methods.all {
		if deref(m.Customer) == cus.ID {
			m.Customer = nil
		}
	}
	s.emit("customer.deleted", cus)
	cus.Deleted = true
	return cus, nil
}

// method is a PaymentMethod: a card, as much of it as may be kept.
type method struct {
	ID       string            `json:"id"`
	Object   string            `json:"object"`
	Billing  map[string]any    `json:"billing_details"`
	Card     map[string]any    `json:"card"`
	Created  int64             `json:"created"`
	Customer *string           `json:"customer"`
	Livemode bool              `json:"livemode"`
	Metadata map[string]string `json:"metadata"`
	Type     string            `json:"type"`

	card card
	kept bool // set up for later use, with whatever authentication that took
}

func (m *method) id() string { return m.ID }

func (s *Server) newMethod(c card, month, year int) *method {
	m := &method{ID: newID("pm_"), Object: "payment_method", Billing: map[string]any{}, Created: s.now().Unix(), Metadata: map[string]string{},
		Type: "card", card: c, Card: map[string]any{"brand": c.Brand(), "last4": c.last4(), "exp_month": month, "exp_year": year,
			"country": "US", "funding": "credit", "fingerprint": "standin" + c.last4()}}
	s.methods.add(m)
	return m
}

// Block makes every kept card with these last four digits be declined from now
// on, as a bank does that has been told something: with a code of the test
// cards, as insufficient_funds. "" lets them pay again.
func (s *Server) Block(last4, decline string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.methods.all {
		if m.card.last4() != last4 {
			continue
		}
		m.card.code, m.card.decline = "", ""
		for _, c := range cards {
			if c.decline == decline && decline != "" {
				m.card.code, m.card.decline = c.code, decline
			}
		}
	}
}

// Attached counts the cards that are kept for customers.
func (s *Server) Attached() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.methods.all {
		if m.Customer != nil {
			n++
		}
	}
	return n
}

// methodFor finds a payment method that a customer, or nobody, may pay with.
func (s *Server) methodFor(id, customer string) (*method, *apiError) {
	if c, ok := magicCard(id); ok {
		return s.newMethod(c, 12, s.now().Year()+5), nil
	}
	m, ok := s.methods.get(id)
	switch {
	case !ok:
		return nil, missing("PaymentMethod", "payment_method", id)
	case deref(m.Customer) != customer:
		return nil, &apiError{Status: 400, Param: "payment_method",
			Message: "The payment method belongs to another customer, or to none and was used before. Attach it to the customer first."}
	}
	return m, nil
}

func (s *Server) listMethods(c *call) (any, *apiError) {
	cus, err := s.customer(c)
	if err != nil {
		return nil, err
	}
	return list(c, "/v1/customers/"+cus.ID+"/payment_methods", s.methods.all, func(m *method) bool { return deref(m.Customer) == cus.ID })
}

func (s *Server) getMethod(c *call) (any, *apiError) {
	m, ok := s.methods.get(c.path("payment_method"))
	if !ok {
		return nil, missing("PaymentMethod", "payment_method", c.path("payment_method"))
	}
	return m, nil
}

func (s *Server) detachMethod(c *call) (any, *apiError) {
	m, ok := s.methods.get(c.path("payment_method"))
	switch {
	case !ok:
		return nil, missing("PaymentMethod", "payment_method", c.path("payment_method"))
	case m.Customer == nil:
		return nil, invalid("payment_method", "The payment method you provided is not attached to a customer so detachment is impossible.")
	}
	m.Customer = nil
	return m, nil
}
