package stripe

import (
	"strings"
	"time"
)

// This file keeps the account's balance: every movement of it is a balance
// transaction, and the balance is the sum of what they leave (their net).
// Fees are those of a European account: 1.5 % and 25 cents a charge, kept when
// it is given back, and 20 units for a dispute. What came in today is
// available in two days; the stand-in takes it for spendable at once.

// txn is a balance transaction.
type txn struct {
	ID          string           `json:"id"`
	Object      string           `json:"object"`
	Amount      int64            `json:"amount"`
	AvailableOn int64            `json:"available_on"`
	Created     int64            `json:"created"`
	Currency    string           `json:"currency"`
	Description *string          `json:"description"`
	Fee         int64            `json:"fee"`
	FeeDetails  []map[string]any `json:"fee_details"`
	Net         int64            `json:"net"`
	Category    string           `json:"reporting_category"`
	Source      any              `json:"source"` // its id, or with expand itself
	Status      string           `json:"status"`
	Type        string           `json:"type"`

	source interface{ id() string }
}

func (t *txn) id() string { return t.ID }

// movement is what moves the balance.
type movement struct {
	typ      string // as Stripe names it: charge, refund, adjustment, transfer …
	category string // its reporting category; empty is the type
	amount   int64  // in is positive
	fee      int64
	currency string
	source   interface{ id() string }
}

// book moves the balance and returns the id of the balance transaction. The
// lock is held.
func (s *Server) book(m movement) string {
	now := s.now()
	t := &txn{ID: newID("txn_"), Object: "balance_transaction", Amount: m.amount, AvailableOn: now.Add(48 * time.Hour).Unix(),
		Created: now.Unix(), Currency: m.currency, Fee: m.fee, FeeDetails: []map[string]any{}, Net: m.amount - m.fee,
		Category: m.category, Source: m.source.id(), Status: "pending", Type: m.typ, source: m.source}
	if m.category == "" {
		t.Category = m.typ
	}
	if m.fee != 0 {
		t.FeeDetails = append(t.FeeDetails, map[string]any{"amount": m.fee, "application": nil, "currency": m.currency,
			"description": "Stripe processing fees", "type": "stripe_fee"})
	}
	s.txns.add(t)
	return t.ID
}

// chargeFee is what Stripe keeps of a charge.
func chargeFee(amount int64, currency string) int64 {
	fixed := int64(25)
	if strings.Contains(wholes, " "+currency+" ") {
		fixed = 0
	}
	return (amount*15+500)/1000 + fixed
}

// Balance is what the account has, in the units of the API.
func (s *Server) Balance(currency string) (sum int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.balances()[currency]
}

func (s *Server) balances() map[string]int64 {
	sums := map[string]int64{}
	for _, t := range s.txns.all {
		sums[t.Currency] += t.Net
	}
	return sums
}

func (s *Server) getBalance(*call) (any, *apiError) {
	available := []map[string]any{}
	for cur, sum := range s.balances() {
		available = append(available, map[string]any{"amount": sum, "currency": cur, "source_types": map[string]int64{"card": sum}})
	}
	return map[string]any{"object": "balance", "livemode": false, "available": available, "pending": []any{}}, nil
}

func (s *Server) listTxns(c *call) (any, *apiError) {
	for _, what := range c.strings("expand") {
		if what != "data.source" {
			return nil, invalid("expand", "This stand-in expands data.source only, not %s", what)
		}
	}
	all := s.txns.all
	if len(c.strings("expand")) > 0 {
		all = make([]*txn, len(s.txns.all))
		for i, t := range s.txns.all {
			whole := *t
			whole.Source = t.source
			all[i] = &whole
		}
	}
	return list(c, "/v1/balance_transactions", all, func(t *txn) bool {
		id := t.source.id()
		return c.matches("source", &id) && c.matches("type", &t.Type) && c.matches("currency", &t.Currency) && c.inRange(t.Created)
	})
}

func (s *Server) getTxn(c *call) (any, *apiError) {
	t, ok := s.txns.get(c.path("id"))
	if !ok {
		return nil, missing("balance transaction", "id", c.path("id"))
	}
	return t, nil
}
