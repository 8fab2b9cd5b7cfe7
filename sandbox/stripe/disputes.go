package stripe

import (
	"fmt"
	"strings"
	"time"
)

// This file keeps disputes (docs.stripe.com/disputes): the cardholder's bank
// takes the money and a fee at once, or asks first, which takes nothing; evidence
// can be sent once, within a week; then the bank decides, which tests do by
// Decide.

// dispute is a cardholder's claim against a charge.
type dispute struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Amount        int64             `json:"amount"`
	Charge        string            `json:"charge"`
	Created       int64             `json:"created"`
	Currency      string            `json:"currency"`
	Evidence      map[string]string `json:"evidence"`
	Details       evidenceDetails   `json:"evidence_details"`
	Refundable    bool              `json:"is_charge_refundable"`
	Livemode      bool              `json:"livemode"`
	Metadata      map[string]string `json:"metadata"`
	PaymentIntent *string           `json:"payment_intent"`
	Reason        string            `json:"reason"`
	Status        string            `json:"status"`
}

type evidenceDetails struct {
	DueBy       int64 `json:"due_by"`
	HasEvidence bool  `json:"has_evidence"`
	PastDue     bool  `json:"past_due"`
	Submissions int64 `json:"submission_count"`
}

const (
	disputeFee  = 2000
	disputeTime = 7 * 24 * time.Hour
)

func (d *dispute) id() string { return d.ID }

func (s *Server) dispute(ch *charge, amount int64, inquiry bool) {
	d := &dispute{ID: newID("dp_"), Object: "dispute", Amount: amount, Charge: ch.ID, Created: s.now().Unix(), Currency: ch.Currency,
		Evidence: map[string]string{}, Details: evidenceDetails{DueBy: s.now().Add(disputeTime).Unix()},
		Metadata: map[string]string{}, PaymentIntent: ch.PaymentIntent, Reason: "fraudulent", Status: "needs_response"}
	s.disputes.add(d)
	ch.Disputed = true
	if inquiry {
		d.Status = "warning_needs_response"
		s.emit("charge.dispute.created", d)
		return
	}
	s.emit("charge.dispute.created", d)
	s.withdraw(d)
}

// withdraw takes what is disputed, and the fee.
func (s *Server) withdraw(d *dispute) {
	s.book(movement{typ: "adjustment", category: "dispute", amount: -d.Amount, fee: disputeFee, currency: d.Currency, source: d})
	s.emit("charge.dispute.funds_withdrawn", d)
}

// Claim has the cardholder of an order that was paid dispute a part of it.
func (s *Server) Claim(order string, amount int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ch := range s.charges.all {
		if ch.Metadata["order"] == order && ch.AmountCaptured-ch.AmountRefunded >= amount {
			s.dispute(ch, amount, false)
			return true
		}
	}
	return false
}

func (s *Server) getDispute(c *call) (any, *apiError) {
	d, ok := s.disputes.get(c.path("dispute"))
	if !ok {
		return nil, missing("dispute", "dispute", c.path("dispute"))
	}
	return d, nil
}

func (s *Server) updateDispute(c *call) (any, *apiError) {
	d, ok := s.disputes.get(c.path("dispute"))
	if !ok {
		return nil, missing("dispute", "dispute", c.path("dispute"))
	}
	under := map[string]string{"needs_response": "under_review", "warning_needs_response": "warning_under_review"}[d.Status]
	if under == "" {
		return nil, &apiError{Status: 400, Message: fmt.Sprintf("This dispute is %s: evidence can not be sent any more.", d.Status)}
	}
	for name, text := range c.object("evidence") {
		d.Evidence[name] = text
	}
	d.Details.HasEvidence = len(d.Evidence) > 0
	if c.form["submit"] != "false" {
		d.Details.Submissions++
		d.Status = under
	}
	s.emit("charge.dispute.updated", d)
	return d, nil
}

// Decide ends every dispute of an order as its bank decides, and returns what
// had been said in them. An inquiry that is lost becomes a dispute.
func (s *Server) Decide(order string, won bool) (evidence []map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.disputes.all {
		ch, ok := s.charges.get(d.Charge)
		if !ok || order != "" && ch.Metadata["order"] != order || d.Status == "won" || d.Status == "lost" || d.Status == "warning_closed" {
			continue
		}
		evidence = append(evidence, d.Evidence)
		if strings.HasPrefix(d.Status, "warning_") {
			d.Status = "needs_response"
			if won {
				d.Status = "warning_closed"
				s.emit("charge.dispute.closed", d)
				continue
			}
			d.Evidence = map[string]string{}
			d.Details.DueBy = s.now().Add(disputeTime).Unix()
			s.emit("charge.dispute.updated", d)
			s.withdraw(d)
			continue
		}
		d.Status = "lost"
		if won {
			d.Status = "won"
			s.book(movement{typ: "adjustment", category: "dispute_reversal", amount: d.Amount, currency: d.Currency, source: d})
			s.emit("charge.dispute.funds_reinstated", d)
		}
		s.emit("charge.dispute.closed", d)
	}
	return evidence
}

// claimed reports that the money of a charge is with the cardholder's bank.
func (s *Server) claimed(charge string) bool {
	for _, d := range s.disputes.all {
		if d.Charge == charge && d.Status != "won" && !strings.HasPrefix(d.Status, "warning_") {
			return true
		}
	}
	return false
}
