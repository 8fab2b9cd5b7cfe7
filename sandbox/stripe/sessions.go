package stripe

import (
	"fmt"
	"maps"
	"net/url"
	"strings"
	"time"
)

// session is a Checkout Session.
type session struct {
	ID                string            `json:"id"`
	Object            string            `json:"object"`
	AmountSubtotal    int64             `json:"amount_subtotal"`
	AmountTotal       int64             `json:"amount_total"`
	AutomaticTax      map[string]any    `json:"automatic_tax"`
	CancelURL         *string           `json:"cancel_url"`
	ClientReferenceID *string           `json:"client_reference_id"`
	Created           int64             `json:"created"`
	Currency          string            `json:"currency"`
	CustomFields      []any             `json:"custom_fields"`
	CustomText        map[string]any    `json:"custom_text"`
	Customer          *string           `json:"customer"`
	CustomerCreation  string            `json:"customer_creation"`
	CustomerDetails   map[string]any    `json:"customer_details"`
	CustomerEmail     *string           `json:"customer_email"`
	ExpiresAt         int64             `json:"expires_at"`
	Livemode          bool              `json:"livemode"`
	Locale            *string           `json:"locale"`
	Metadata          map[string]string `json:"metadata"`
	Mode              string            `json:"mode"`
	PaymentIntent     *string           `json:"payment_intent"`
	MethodTypes       []string          `json:"payment_method_types"`
	PaymentStatus     string            `json:"payment_status"`
	ShippingOptions   []any             `json:"shipping_options"`
	Status            string            `json:"status"`
	SuccessURL        string            `json:"success_url"`
	TotalDetails      map[string]int64  `json:"total_details"`
	URL               *string           `json:"url"`

	lines      []line
	intent     *intent
	intentData form
	pending    *pending // an attempt that waits for authentication
}

type line struct {
	Name, Description string
	Unit, Quantity    int64
}

func (l line) Amount() int64 { return l.Unit * l.Quantity }

func (x *session) id() string { return x.ID }

func (s *Server) createSession(c *call) (any, *apiError) {
	now := s.now()
	x := &session{
		ID: newID("cs_test_") + newID(""), Object: "checkout.session", AutomaticTax: map[string]any{"enabled": false, "liability": nil, "status": nil},
		Created: now.Unix(), CustomFields: []any{}, CustomText: map[string]any{"after_submit": nil, "shipping_address": nil, "submit": nil, "terms_of_service_acceptance": nil},
		CustomerCreation: "if_required", ExpiresAt: now.Add(24 * time.Hour).Unix(), Metadata: c.object("metadata"), Mode: c.form["mode"],
		MethodTypes: []string{"card"}, PaymentStatus: "unpaid", ShippingOptions: []any{}, Status: "open", SuccessURL: c.form["success_url"],
		CancelURL: c.ptr("cancel_url"), ClientReferenceID: c.ptr("client_reference_id"), Customer: c.ptr("customer"),
		CustomerEmail: c.ptr("customer_email"), Locale: c.ptr("locale"), TotalDetails: map[string]int64{"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
		intentData: form{},
	}
	for k, v := range c.form {
		if name, ok := strings.CutPrefix(k, "payment_intent_data."); ok {
			x.intentData[name] = v
		}
	}
	if how := c.form["customer_creation"]; how != "" {
		x.CustomerCreation = how
	}
	if err := s.checkSession(c, x, now); err != nil {
		return nil, err
	}
	if err := x.addLines(c); err != nil {
		return nil, err
	}
	address := c.base + "/c/" + x.ID
	x.URL = &address
	s.sessions.add(x)
	s.nextEnd = min(s.nextEnd, x.ExpiresAt)
	s.offers(deref(x.ClientReferenceID), x.ID, func() bool { return x.Status == "open" })
	return x, nil
}

func (s *Server) checkSession(c *call, x *session, now time.Time) *apiError {
	switch {
	case x.Mode == "":
		return invalid("mode", "Missing required param: mode.")
	case x.Mode != "payment":
		return invalid("mode", "This stand-in imitates mode payment only, not %s", x.Mode)
	case !absolute(x.SuccessURL):
		return invalid("success_url", "Not a valid URL: a session needs an absolute success_url")
	case x.CancelURL != nil && !absolute(*x.CancelURL):
		return invalid("cancel_url", "Not a valid URL")
	case x.CustomerEmail != nil && (x.Customer != nil || !strings.Contains(*x.CustomerEmail, "@")):
		return invalid("customer_email", "Invalid email address, or one beside a customer")
	case len(x.Metadata) > 50:
		return invalid("metadata", "Metadata has at most 50 keys")
	}
	for _, t := range c.strings("payment_method_types") {
		if t != "card" {
			return invalid("payment_method_types", "This stand-in imitates cards only, not %s", t)
		}
	}
	if c.has("expires_at") {
		x.ExpiresAt = c.int("expires_at")
		if in := time.Unix(x.ExpiresAt, 0).Sub(now.Truncate(time.Second)); in < 30*time.Minute {
			return invalid("expires_at", "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.")
		} else if in > 24*time.Hour {
			return invalid("expires_at", "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.")
		}
	}
	if x.Customer != nil {
		if cus, ok := s.customers.get(*x.Customer); !ok || cus.Deleted {
			return missing("customer", "customer", *x.Customer)
		}
	}
	return nil
}

func (x *session) addLines(c *call) *apiError {
	for i := 0; ; i++ {
		at := fmt.Sprintf("line_items.%d", i)
		if !c.has(at) {
			break
		}
		name := func(p string) string { return bracket(at + "." + p) }
		cur := strings.ToLower(c.form[at+".price_data.currency"])
		switch {
		case !c.has(at + ".price_data"):
			return invalid(name("price_data"), "This stand-in imitates price_data only, not prices made before")
		case !isCurrency(cur):
			return invalid(name("price_data.currency"), "Invalid currency: %s", cur)
		case x.Currency != "" && x.Currency != cur:
			return invalid(name("price_data.currency"), "All line items need the same currency")
		case !c.has(at + ".price_data.product_data"):
			return invalid(name("price_data.product_data"), "You must specify either `product` or `product_data` when creating a price.")
		case !c.has(at+".price_data.unit_amount") || c.int(at+".price_data.unit_amount") < 0:
			return invalid(name("price_data.unit_amount"), "Invalid non-negative integer")
		case c.int(at+".quantity") < 1 || c.int(at+".quantity") > 999_999:
			return invalid(name("quantity"), "Quantity is required and at least 1")
		}
		l := line{Name: c.form[at+".price_data.product_data.name"], Description: c.form[at+".price_data.product_data.description"],
			Unit: c.int(at + ".price_data.unit_amount"), Quantity: c.int(at + ".quantity")}
		if l.Unit > largest || l.Amount() > largest {
			return checkAmount(name("price_data.unit_amount"), largest+1, cur)
		}
		x.Currency = cur
		x.lines = append(x.lines, l)
		x.AmountTotal += l.Amount()
	}
	x.AmountSubtotal = x.AmountTotal
	switch {
	case len(x.lines) == 0:
		return invalid("line_items", "You must specify at least one line item.")
	case len(x.lines) > 100:
		return invalid("line_items", "A session has at most 100 line items.")
	case c.form["currency"] != "" && strings.ToLower(c.form["currency"]) != x.Currency:
		return invalid("currency", "The currency is not that of the line items")
	}
	return checkAmount("line_items", x.AmountTotal, x.Currency)
}

func (s *Server) getSession(c *call) (any, *apiError) {
	x, ok := s.sessions.get(c.path("session"))
	if !ok {
		return nil, missing("checkout.session", "session", c.path("session"))
	}
	return x, nil
}

func (s *Server) listSessions(c *call) (any, *apiError) {
	return list(c, "/v1/checkout/sessions", s.sessions.all, func(x *session) bool {
		return c.matches("status", &x.Status) && c.matches("payment_intent", x.PaymentIntent) &&
			c.matches("customer", x.Customer) && c.inRange(x.Created)
	})
}

func (s *Server) expireSession(c *call) (any, *apiError) {
	x, ok := s.sessions.get(c.path("session"))
	switch {
	case !ok:
		return nil, missing("checkout.session", "session", c.path("session"))
	case x.Status != "open":
		return nil, &apiError{Status: 400, Param: "session", Message: fmt.Sprintf(
			"Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of %s.", x.Status)}
	}
	s.end(x)
	return x, nil
}

// end expires an open session: nothing can be paid on it any more.
func (s *Server) end(x *session) {
	x.Status, x.URL, x.pending = "expired", nil, nil
	if x.intent != nil && x.intent.Status != "succeeded" {
		s.cancel(x.intent, "automatic")
	}
	s.emit("checkout.session.expired", x)
}

// Open lists the sessions of an order, by client_reference_id, that can still
// be paid; of all orders where it is empty.
func (s *Server) Open(order string) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	for _, x := range s.sessions.all {
		if x.Status == "open" && (order == "" || deref(x.ClientReferenceID) == order) {
			ids = append(ids, x.ID)
		}
	}
	return ids
}

// Metadata returns what was attached to a session; nil where there is none.
func (s *Server) Metadata(sessionID string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.sessions.get(sessionID)
	if !ok {
		return nil
	}
	return maps.Clone(x.Metadata)
}

func absolute(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// ptr returns a parameter as an optional field: nil where it is not given.
func (f form) ptr(path string) *string {
	if v, ok := f[path]; ok {
		return &v
	}
	return nil
}

// matches reports whether a field is what a list is narrowed to, if it is.
func (f form) matches(name string, value *string) bool {
	return f[name] == "" || deref(value) == f[name]
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
