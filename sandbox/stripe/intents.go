package stripe

import (
	"fmt"
	"strings"
)

// intent is a PaymentIntent.
type intent struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	Amount             int64             `json:"amount"`
	Capturable         int64             `json:"amount_capturable"`
	AmountReceived     int64             `json:"amount_received"`
	CanceledAt         *int64            `json:"canceled_at"`
	CancellationReason *string           `json:"cancellation_reason"`
	CaptureMethod      string            `json:"capture_method"`
	ClientSecret       string            `json:"client_secret"`
	ConfirmationMethod string            `json:"confirmation_method"`
	Created            int64             `json:"created"`
	Currency           string            `json:"currency"`
	Customer           *string           `json:"customer"`
	Description        *string           `json:"description"`
	LastError          *apiError         `json:"last_payment_error"`
	LatestCharge       *string           `json:"latest_charge"`
	Livemode           bool              `json:"livemode"`
	Metadata           map[string]string `json:"metadata"`
	NextAction         *nextAction       `json:"next_action"`
	PaymentMethod      *string           `json:"payment_method"`
	MethodTypes        []string          `json:"payment_method_types"`
	ReceiptEmail       *string           `json:"receipt_email"`
	SetupFutureUsage   *string           `json:"setup_future_usage"`
	Status             string            `json:"status"`

	order     string
	returnURL string
	method    *method // that waits for authentication
	held      *charge // that is authorised and not captured
}

type nextAction struct {
	Type     string            `json:"type"`
	Redirect map[string]string `json:"redirect_to_url"`
}

func (i *intent) id() string { return i.ID }

// newIntent makes an intent from the parameters that it has alone or within a
// session.
func (s *Server) newIntent(amount int64, cur string, f form, customer string) *intent {
	i := &intent{
		ID: newID("pi_"), Object: "payment_intent", Amount: amount, CaptureMethod: "automatic", ConfirmationMethod: "automatic",
		Created: s.now().Unix(), Currency: cur, Description: f.ptr("description"), Metadata: f.object("metadata"), MethodTypes: []string{"card"},
		ReceiptEmail: f.ptr("receipt_email"), SetupFutureUsage: f.ptr("setup_future_usage"), Status: "requires_payment_method",
	}
	if how := f["capture_method"]; how != "" {
		i.CaptureMethod = how
	}
	if customer != "" {
		i.Customer = &customer
	}
	i.ClientSecret = i.ID + newID("_secret_")
	i.order = i.Metadata["order"]
	s.intents.add(i)
	s.emit("payment_intent.created", i)
	return i
}

func (s *Server) createIntent(c *call) (any, *apiError) {
	cur := strings.ToLower(c.form["currency"])
	if !isCurrency(cur) {
		return nil, invalid("currency", "Invalid currency: %s", cur)
	}
	if err := checkAmount("amount", c.int("amount"), cur); err != nil {
		return nil, err
	}
	for _, t := range c.strings("payment_method_types") {
		if t != "card" {
			return nil, invalid("payment_method_types", "This stand-in imitates cards only, not %s", t)
		}
	}
	if id := c.form["customer"]; id != "" {
		if cus, ok := s.customers.get(id); !ok || cus.Deleted {
			return nil, missing("customer", "customer", id)
		}
	}
	var m *method
	if id := c.form["payment_method"]; id != "" {
		var err *apiError
		if m, err = s.methodFor(id, c.form["customer"]); err != nil {
			return nil, err
		}
	}
	confirm := c.form["confirm"] == "true"
	if c.has("off_session") && !confirm {
		return nil, invalid("off_session", "The parameter `off_session` cannot be passed when creating a PaymentIntent unless `confirm` is set to true.")
	}
	i := s.newIntent(c.int("amount"), cur, c.form, c.form["customer"])
	i.returnURL = c.form["return_url"]
	if m != nil {
		i.PaymentMethod, i.Status = &m.ID, "requires_confirmation"
	}
	if confirm {
		return s.confirm(c, i, m)
	}
	return i, nil
}

func (s *Server) getIntent(c *call) (any, *apiError) { return s.intent(c) }

func (s *Server) intent(c *call) (*intent, *apiError) {
	i, ok := s.intents.get(c.path("intent"))
	if !ok {
		return nil, missing("payment_intent", "intent", c.path("intent"))
	}
	return i, nil
}

func (s *Server) confirmIntent(c *call) (any, *apiError) {
	i, err := s.intent(c)
	if err != nil {
		return nil, err
	}
	id := deref(i.PaymentMethod)
	if c.form["payment_method"] != "" {
		id = c.form["payment_method"]
	}
	var m *method
	if id != "" {
		if m, err = s.methodFor(id, deref(i.Customer)); err != nil {
			return nil, err
		}
	}
	if r := c.form["return_url"]; r != "" {
		i.returnURL = r
	}
	if use := c.ptr("setup_future_usage"); use != nil {
		i.SetupFutureUsage = use
	}
	return s.confirm(c, i, m)
}

func (s *Server) confirm(c *call, i *intent, m *method) (any, *apiError) {
	switch {
	case i.Status == "succeeded" || i.Status == "canceled" || i.Status == "requires_action" || i.Status == "requires_capture":
		return nil, s.state(i, "confirm")
	case m == nil:
		return nil, s.state(i, "confirm without a payment method")
	}
	off := c.form["off_session"] != "" && c.form["off_session"] != "false"
	asks := m.card.ask == askAlways || m.card.ask == askOnce && !m.kept
	switch {
	case m.card.code != "":
		s.refuse(i, m, m.card.code, m.card.decline, reasons[m.card.decline])
	case asks && off:
		s.refuse(i, m, "authentication_required", "authentication_required", "Your card was declined. This transaction requires authentication.")
	case asks && !absolute(i.returnURL):
		return nil, invalid("return_url", "A `return_url` must be given when a card may ask for authentication")
	case asks:
		i.Status, i.method, i.PaymentMethod = "requires_action", m, &m.ID
		i.NextAction = &nextAction{Type: "redirect_to_url", Redirect: map[string]string{"url": c.base + "/a/" + i.ID, "return_url": i.returnURL}}
		s.emit("payment_intent.requires_action", i)
		s.offers(i.order, i.ID, func() bool { return i.Status == "requires_action" })
		return i, nil
	default:
		s.capture(i, m)
		return i, nil
	}
	e := *i.LastError
	e.Intent = i
	return nil, &e
}

func (s *Server) cancelIntent(c *call) (any, *apiError) {
	i, err := s.intent(c)
	if err != nil {
		return nil, err
	}
	for _, x := range s.sessions.all {
		if x.intent == i && x.Status == "open" {
			return nil, s.state(i, "cancel a session's intent, expire the session instead")
		}
	}
	if i.Status == "succeeded" || i.Status == "canceled" {
		return nil, s.state(i, "cancel")
	}
	s.cancel(i, c.form["cancellation_reason"])
	return i, nil
}

func (s *Server) cancel(i *intent, reason string) {
	i.Status, i.NextAction, i.method, i.CanceledAt, i.Capturable = "canceled", nil, nil, new(s.now().Unix()), 0
	if reason != "" {
		i.CancellationReason = &reason
	}
	s.emit("payment_intent.canceled", i)
}

func (s *Server) state(i *intent, what string) *apiError {
	return &apiError{Status: 400, Code: "payment_intent_unexpected_state", Param: "intent", Intent: i,
		Message: fmt.Sprintf("You cannot %s: this PaymentIntent has a status of %s.", what, i.Status)}
}
