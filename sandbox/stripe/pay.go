package stripe

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Outcome is what came of an attempt to pay.
type Outcome struct {
	Status  string // paid, declined or requires_action
	Code    string // with declined: Stripe's decline code
	Message string // with declined: what the person reads
	URL     string // with paid: where the page sends them
}

// ErrClosed is returned where nothing can be paid (any more).
var ErrClosed = errors.New("stripe stand-in: the session is not open")

// pending is an attempt that waits for authentication.
type pending struct {
	card        card
	month, year int
}

// Pay pays an open session with a card, as a person on its page does. It takes
// the session's id or the URL of its page, and a number of a test card. Where
// the card asks for authentication, Authenticate comes next.
func (s *Server) Pay(sessionID, number string) (Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	return s.pay(sessionID, number, 12, s.now().Year()+5)
}

func (s *Server) pay(sessionID, number string, month, year int) (Outcome, error) {
	x, err := s.open(sessionID)
	if err != nil {
		return Outcome{}, err
	}
	c, ok := cardOf(number)
	if !ok {
		return Outcome{Status: "declined", Code: "incorrect_number", Message: "Your card number is invalid."}, nil
	}
	if x.intent == nil {
		x.intent = s.newIntent(x.AmountTotal, x.Currency, x.intentData, deref(x.Customer))
		x.intent.order = deref(x.ClientReferenceID)
		x.PaymentIntent = &x.intent.ID
	}
	p := &pending{card: c, month: month, year: year}
	if c.code == "" && c.ask != askNever {
		x.pending = p
		x.intent.Status = "requires_action"
		s.emit("payment_intent.requires_action", x.intent)
		return Outcome{Status: "requires_action"}, nil
	}
	return s.finish(x, p)
}

// Authenticate answers the question of a card that asked for authentication.
func (s *Server) Authenticate(sessionID string, ok bool) (Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	return s.authenticate(sessionID, ok)
}

func (s *Server) authenticate(sessionID string, ok bool) (Outcome, error) {
	x, err := s.open(sessionID)
	if err != nil {
		return Outcome{}, err
	}
	p := x.pending
	if p == nil {
		return Outcome{}, fmt.Errorf("stripe stand-in: session %s does not wait for authentication", x.ID)
	}
	x.pending = nil
	if !ok {
		s.refuse(x.intent, s.newMethod(p.card, p.month, p.year), "payment_intent_authentication_failure", "",
			"We are unable to authenticate your payment method. Please choose a different payment method and try again.")
		return Outcome{Status: "declined", Code: "authentication_failure", Message: x.intent.LastError.Message}, nil
	}
	return s.finish(x, p)
}

// open finds a session that can be paid, by its id or its page.
func (s *Server) open(sessionID string) (*session, error) {
	if i := strings.LastIndex(sessionID, "/c/"); i >= 0 {
		sessionID = sessionID[i+3:]
	}
	x, ok := s.sessions.get(sessionID)
	if !ok {
		return nil, fmt.Errorf("stripe stand-in: no session %q", sessionID)
	}
	if x.Status != "open" {
		return nil, fmt.Errorf("%w: it is %s", ErrClosed, x.Status)
	}
	return x, nil
}

// finish charges the card of a session.
func (s *Server) finish(x *session, p *pending) (Outcome, error) {
	m := s.newMethod(p.card, p.month, p.year)
	if p.card.code != "" {
		s.refuse(x.intent, m, p.card.code, p.card.decline, reasons[p.card.decline])
		return Outcome{Status: "declined", Code: p.card.decline, Message: reasons[p.card.decline]}, nil
	}
	if x.Customer == nil && (x.CustomerCreation == "always" || x.intent.SetupFutureUsage != nil) {
		cus := s.newCustomer(deref(x.CustomerEmail))
		x.Customer, x.intent.Customer = &cus.ID, &cus.ID
	}
	x.CustomerDetails = map[string]any{"email": x.CustomerEmail, "name": nil, "phone": nil, "address": nil, "tax_exempt": "none", "tax_ids": []any{}}
	x.Status, x.PaymentStatus, x.URL = "complete", "paid", nil
	if x.intent.manual() {
		x.PaymentStatus = "unpaid"
	}
	s.capture(x.intent, m)
	s.emit("checkout.session.completed", x)
	return Outcome{Status: "paid", URL: strings.ReplaceAll(x.SuccessURL, "{CHECKOUT_SESSION_ID}", x.ID)}, nil
}

// refuse writes down that an intent's card was declined.
func (s *Server) refuse(i *intent, m *method, code, decline, message string) {
	e := &apiError{Status: 402, Type: "card_error", Code: code, DeclineCode: decline, Message: message}
	ch := s.newCharge(i, m)
	ch.Status, ch.FailureCode, ch.FailureMessage = "failed", &code, &message
	i.LastError, i.Status, i.LatestCharge, i.NextAction, i.PaymentMethod = e, "requires_payment_method", &ch.ID, nil, nil
	s.emit("charge.failed", ch)
	s.emit("payment_intent.payment_failed", i)
}

// capture takes the money of an intent, or only authorises its card.
func (s *Server) capture(i *intent, m *method) {
	if i.manual() {
		s.authorise(i, m)
		return
	}
	ch := s.newCharge(i, m)
	i.Status, i.AmountReceived, i.LatestCharge, i.LastError, i.NextAction = "succeeded", i.Amount, &ch.ID, nil, nil
	i.PaymentMethod = &m.ID
	if i.SetupFutureUsage != nil && i.Customer != nil {
		m.Customer, m.kept = i.Customer, true
	}
	s.take(ch)
	s.emit("payment_intent.succeeded", i)
	if m.card.disputed {
		s.dispute(ch, ch.Amount, m.card.inquiry)
	}
}

// Captured returns what has been captured for an order, in Stripe's units: the
// client_reference_id of a session or the metadata "order" of an intent. The
// empty order is all of them.
func (s *Server) Captured(order string) (sum int64) {
	return s.sum(order, func(c *charge) int64 { return c.AmountCaptured })
}

// Refunded returns what has been given back for an order, like Captured.
func (s *Server) Refunded(order string) (sum int64) {
	return s.sum(order, func(c *charge) int64 { return c.AmountRefunded })
}

// Taken returns what has been captured and given back in one currency.
func (s *Server) Taken(currency string) (captured, refunded int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.charges.all {
		if strings.EqualFold(c.Currency, currency) {
			captured, refunded = captured+c.AmountCaptured, refunded+c.AmountRefunded
		}
	}
	return captured, refunded
}

// Captures counts the charges of an order that took money.
func (s *Server) Captures(order string) int {
	return int(s.sum(order, func(c *charge) int64 {
		if c.Captured {
			return 1
		}
		return 0
	}))
}

func (s *Server) sum(order string, of func(*charge) int64) (sum int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	charges := s.byOrder[order]
	if order == "" {
		charges = s.charges.all
	}
	for _, c := range charges {
		sum += of(c)
	}
	return sum
}

// after lets something happen by itself later.
func (s *Server) after(d time.Duration, do func()) {
	s.later = append(s.later, later{s.now().Add(d), do})
}
