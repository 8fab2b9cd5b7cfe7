package stripe

import (
	"fmt"
	"strings"
	"time"
)

// charge is one attempt to charge a card.
type charge struct {
	ID             string            `json:"id"`
	Object         string            `json:"object"`
	Amount         int64             `json:"amount"`
	AmountCaptured int64             `json:"amount_captured"`
	AmountRefunded int64             `json:"amount_refunded"`
	Txn            *string           `json:"balance_transaction"`
	Billing        map[string]any    `json:"billing_details"`
	Captured       bool              `json:"captured"`
	Created        int64             `json:"created"`
	Currency       string            `json:"currency"`
	Customer       *string           `json:"customer"`
	Disputed       bool              `json:"disputed"`
	FailureCode    *string           `json:"failure_code"`
	FailureMessage *string           `json:"failure_message"`
	Livemode       bool              `json:"livemode"`
	Metadata       map[string]string `json:"metadata"`
	Paid           bool              `json:"paid"`
	PaymentIntent  *string           `json:"payment_intent"`
	PaymentMethod  string            `json:"payment_method"`
	Details        map[string]any    `json:"payment_method_details"`
	Refunded       bool              `json:"refunded"`
	Status         string            `json:"status"`

	order string
	card  card
}

func (c *charge) id() string { return c.ID }

func (s *Server) newCharge(i *intent, m *method) *charge {
	ch := &charge{
		ID: newID("ch_"), Object: "charge", Amount: i.Amount, Billing: map[string]any{}, Created: s.now().Unix(), Currency: i.Currency,
		Customer: i.Customer, Metadata: i.Metadata, PaymentMethod: m.ID,
		Details: map[string]any{"type": "card", "card": m.Card}, order: i.order, card: m.card,
	}
	if i.ID != "" {
		ch.PaymentIntent = &i.ID
	}
	s.charges.add(ch)
	s.byOrder[ch.order] = append(s.byOrder[ch.order], ch)
	return ch
}

// Charge takes money as Telegram's payments do for an account: a charge without
// a PaymentIntent. It returns the charge's id. Amount is in Stripe's units.
func (s *Server) Charge(amount int64, currency string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, _ := cardOf("4242424242424242")
	m := s.newMethod(c, 12, s.now().Year()+5)
	ch := s.newCharge(&intent{Amount: amount, Currency: strings.ToLower(currency), Metadata: map[string]string{}}, m)
	s.take(ch)
	return ch.ID
}

// take captures a charge.
func (s *Server) take(ch *charge) {
	ch.Status, ch.Paid, ch.Captured, ch.AmountCaptured = "succeeded", true, true, ch.Amount
	ch.Txn = new(s.book(movement{typ: "charge", amount: ch.Amount, fee: chargeFee(ch.Amount, ch.Currency), currency: ch.Currency, source: ch}))
	s.emit("charge.succeeded", ch)
}

func (s *Server) getCharge(c *call) (any, *apiError) {
	ch, ok := s.charges.get(c.path("charge"))
	if !ok {
		return nil, missing("charge", "charge", c.path("charge"))
	}
	return ch, nil
}

// refund gives a charge back, or a part of it.
type refund struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Amount        int64             `json:"amount"`
	Txn           *string           `json:"balance_transaction"`
	Charge        string            `json:"charge"`
	Created       int64             `json:"created"`
	Currency      string            `json:"currency"`
	FailureReason string            `json:"failure_reason,omitempty"`
	Metadata      map[string]string `json:"metadata"`
	PaymentIntent *string           `json:"payment_intent"`
	Reason        *string           `json:"reason"`
	Status        string            `json:"status"`
}

func (r *refund) id() string { return r.ID }

func (s *Server) createRefund(c *call) (any, *apiError) {
	if c.has("payment_intent") == c.has("charge") {
		return nil, invalid("payment_intent", "One of payment_intent and charge is needed, not both")
	}
	if c.has("customer") || c.has("currency") {
		return nil, invalid("customer", "This stand-in refunds charges only, not customers' balances")
	}
	ch, err := s.refundable(c)
	if err != nil {
		return nil, err
	}
	left := ch.AmountCaptured - ch.AmountRefunded
	amount := left
	if c.has("amount") {
		amount = c.int("amount")
	}
	switch {
	case ch.Disputed && s.claimed(ch.ID):
		return nil, &apiError{Status: 400, Code: "charge_disputed", Message: fmt.Sprintf("Charge %s has been charged back, and can not be refunded now.", ch.ID)}
	case left == 0:
		return nil, &apiError{Status: 400, Code: "charge_already_refunded", Message: fmt.Sprintf("Charge %s has already been refunded.", ch.ID)}
	case amount < 1:
		return nil, invalid("amount", "Invalid positive integer")
	case amount > left:
		return nil, &apiError{Status: 400, Param: "amount", Message: fmt.Sprintf("Refund amount (%s) is greater than unrefunded amount on charge (%s)",
			format(amount, ch.Currency, "en"), format(left, ch.Currency, "en"))}
	}
	r := &refund{ID: newID("re_"), Object: "refund", Amount: amount, Charge: ch.ID, Created: s.now().Unix(), Currency: ch.Currency,
		Metadata: c.object("metadata"), PaymentIntent: ch.PaymentIntent, Reason: c.ptr("reason"), Status: "succeeded"}
	s.refunds.add(r)
	r.Txn = new(s.book(movement{typ: "refund", amount: -amount, currency: r.Currency, source: r}))
	ch.AmountRefunded += amount
	ch.Refunded = ch.AmountRefunded == ch.AmountCaptured
	s.emit("charge.refunded", ch)
	if ch.card.badRefund {
		s.after(time.Minute, func() {
			r.Status, r.FailureReason = "failed", "expired_or_canceled_card"
			ch.AmountRefunded -= r.Amount
			ch.Refunded = false
			s.book(movement{typ: "refund_failure", amount: r.Amount, currency: r.Currency, source: r})
			s.emit("charge.refund.updated", r)
		})
	}
	return r, nil
}

// refundable finds the charge that a refund speaks of.
func (s *Server) refundable(c *call) (*charge, *apiError) {
	id := c.form["charge"]
	if pi := c.form["payment_intent"]; pi != "" {
		i, ok := s.intents.get(pi)
		if !ok {
			return nil, missing("payment_intent", "payment_intent", pi)
		}
		if i.Status != "succeeded" {
			return nil, &apiError{Status: 400, Param: "payment_intent", Message: "This PaymentIntent does not have a successful charge to refund."}
		}
		id = deref(i.LatestCharge)
	}
	ch, ok := s.charges.get(id)
	if !ok {
		return nil, missing("charge", "charge", id)
	}
	if !ch.Captured {
		return nil, &apiError{Status: 400, Param: "charge", Message: "This charge was not captured."}
	}
	return ch, nil
}

func (s *Server) getRefund(c *call) (any, *apiError) {
	r, ok := s.refunds.get(c.path("refund"))
	if !ok {
		return nil, missing("refund", "refund", c.path("refund"))
	}
	return r, nil
}

func (s *Server) listRefunds(c *call) (any, *apiError) {
	return list(c, "/v1/refunds", s.refunds.all, func(r *refund) bool {
		return c.matches("payment_intent", r.PaymentIntent) && c.matches("charge", &r.Charge) && c.inRange(r.Created)
	})
}
