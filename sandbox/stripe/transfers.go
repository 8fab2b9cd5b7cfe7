package stripe

// This file keeps Connect's separate charges and transfers
// (docs.stripe.com/connect/separate-charges-and-transfers): money of the
// account goes to connected accounts, and back by reversals. A connected
// account's balance is what was transferred to it and not yet paid out to its
// bank; what is not there can not be reversed. It is made by the API and set up
// on a page (onboarding.go), or tests Connect it, and PayOut its balance.

import (
	"fmt"
	"strings"
)

// connected is an account that money can be transferred to.
type connected struct {
	ID           string            `json:"id"`
	Object       string            `json:"object"`
	Capabilities map[string]string `json:"capabilities"`
	Charges      bool              `json:"charges_enabled"`
	Country      string            `json:"country"`
	Currency     string            `json:"default_currency"`
	Details      bool              `json:"details_submitted"`
	Payouts      bool              `json:"payouts_enabled"`
	Type         string            `json:"type"`

	balance map[string]int64 // by currency
}

func (a *connected) id() string { return a.ID }

// Connect adds a connected account, or changes whether it is ready to be
// transferred to: whether its owner has given Stripe what it asked for.
func (s *Server) Connect(account string, ready bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.accounts.get(account)
	if !ok {
		a = &connected{ID: account, Object: "account", Country: "DE", Currency: "eur", Type: "express", balance: map[string]int64{}}
		s.accounts.add(a)
	}
	a.Charges, a.Details, a.Payouts, a.Capabilities = ready, ready, ready, map[string]string{"transfers": "inactive"}
	if ready {
		a.Capabilities["transfers"] = "active"
	}
}

// PayOut sends a connected account's balance to its bank and returns how much
// that was, in the units of the API.
func (s *Server) PayOut(account, currency string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.accounts.get(account)
	if !ok {
		return 0
	}
	sum := a.balance[currency]
	a.balance[currency] = 0
	return sum
}

// Connected is the balance of a connected account, in the units of the API.
func (s *Server) Connected(account, currency string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.accounts.get(account); ok {
		return a.balance[currency]
	}
	return 0
}

func (s *Server) getConnected(c *call) (any, *apiError) {
	a, ok := s.accounts.get(c.path("account"))
	if !ok {
		return nil, &apiError{Status: 403, Code: "account_invalid", Message: fmt.Sprintf("The provided key does not have access to account '%s' "+
			"(or that account does not exist). Application access may have been revoked.", c.path("account"))}
	}
	return a, nil
}

// transfer is money that went to a connected account.
type transfer struct {
	ID          string            `json:"id"`
	Object      string            `json:"object"`
	Amount      int64             `json:"amount"`
	Returned    int64             `json:"amount_reversed"`
	Txn         string            `json:"balance_transaction"`
	Created     int64             `json:"created"`
	Currency    string            `json:"currency"`
	Description *string           `json:"description"`
	Destination string            `json:"destination"`
	Livemode    bool              `json:"livemode"`
	Metadata    map[string]string `json:"metadata"`
	Reversed    bool              `json:"reversed"`
	Source      *string           `json:"source_transaction"`
	SourceType  string            `json:"source_type"`
	Group       *string           `json:"transfer_group"`
}

func (t *transfer) id() string { return t.ID }

func (s *Server) createTransfer(c *call) (any, *apiError) {
	amount, currency := c.int("amount"), strings.ToLower(c.form["currency"])
	if amount < 1 {
		return nil, invalid("amount", "Invalid positive integer")
	}
	if c.has("source_type") {
		return nil, invalid("source_type", "This stand-in transfers what cards brought only")
	}
	a, ok := s.accounts.get(c.form["destination"])
	if !ok {
		err := missing("destination", "destination", c.form["destination"])
		err.Status = 400
		return nil, err
	}
	if a.Capabilities["transfers"] != "active" {
		return nil, &apiError{Status: 400, Code: "insufficient_capabilities_for_transfer", Message: "Your destination account needs to have at least one " +
			"of the following capabilities enabled: transfers, crypto_transfers, legacy_payments"}
	}
	if err := s.coversTransfer(c, amount, currency); err != nil {
		return nil, err
	}
	t := &transfer{ID: newID("tr_"), Object: "transfer", Amount: amount, Created: s.now().Unix(), Currency: currency, Description: c.ptr("description"),
		Destination: a.ID, Metadata: c.object("metadata"), Source: c.ptr("source_transaction"), SourceType: "card", Group: c.ptr("transfer_group")}
	s.transfers.add(t)
	t.Txn = s.book(movement{typ: "transfer", amount: -amount, currency: currency, source: t})
	a.balance[currency] += amount
	s.emit("transfer.created", t)
	return t, nil
}

// coversTransfer checks that there is the money: of the charge it comes from,
// whose transfers together are at most the charge, else of the balance.
func (s *Server) coversTransfer(c *call, amount int64, currency string) *apiError {
	if !c.has("source_transaction") {
		if amount > s.balances()[currency] {
			return &apiError{Status: 400, Code: "balance_insufficient", Message: "You have insufficient available funds in your Stripe account."}
		}
		return nil
	}
	ch, ok := s.charges.get(c.form["source_transaction"])
	switch {
	case !ok:
		err := missing("charge", "source_transaction", c.form["source_transaction"])
		err.Status = 400
		return err
	case !ch.Captured:
		return &apiError{Status: 400, Param: "source_transaction", Message: "The charge was not captured."}
	case ch.Currency != currency:
		return &apiError{Status: 400, Param: "currency", Message: fmt.Sprintf("The currency of source_transaction's balance transaction (%s) must be the same as the transfer currency (%s)", ch.Currency, currency)}
	}
	left := ch.Amount
	for _, t := range s.transfers.all {
		if deref(t.Source) == ch.ID {
			left -= t.Amount
		}
	}
	if amount > left {
		return &apiError{Status: 400, Param: "amount", Message: fmt.Sprintf("Transfers using this transaction as a source must not exceed the source amount of %s (there is %s left)",
			format(ch.Amount, currency, "en"), format(left, currency, "en"))}
	}
	return nil
}

func (s *Server) getTransfer(c *call) (any, *apiError) {
	t, err := s.transferOf(c.path("transfer"))
	if err != nil {
		return nil, err
	}
	return t, nil
}

func (s *Server) transferOf(id string) (*transfer, *apiError) {
	t, ok := s.transfers.get(id)
	if !ok {
		return nil, missing("transfer", "transfer", id)
	}
	return t, nil
}

func (s *Server) listTransfers(c *call) (any, *apiError) {
	return list(c, "/v1/transfers", s.transfers.all, func(t *transfer) bool {
		return c.matches("destination", &t.Destination) && c.matches("transfer_group", t.Group) && c.inRange(t.Created)
	})
}

// reversal takes a transfer back, or a part of it.
type reversal struct {
	ID       string            `json:"id"`
	Object   string            `json:"object"`
	Amount   int64             `json:"amount"`
	Txn      string            `json:"balance_transaction"`
	Created  int64             `json:"created"`
	Currency string            `json:"currency"`
	Metadata map[string]string `json:"metadata"`
	Transfer string            `json:"transfer"`
}

func (r *reversal) id() string { return r.ID }

func (s *Server) createReversal(c *call) (any, *apiError) {
	t, err := s.transferOf(c.path("id"))
	if err != nil {
		return nil, err
	}
	left := t.Amount - t.Returned
	amount := left
	if c.has("amount") {
		amount = c.int("amount")
	}
	a, _ := s.accounts.get(t.Destination)
	switch {
	case left == 0:
		return nil, &apiError{Status: 400, Message: fmt.Sprintf("Transfer %s is already fully reversed.", t.ID)}
	case amount < 1:
		return nil, invalid("amount", "Invalid positive integer")
	case amount > left:
		return nil, &apiError{Status: 400, Param: "amount", Message: fmt.Sprintf("Reversal amount (%s) is greater than unreversed amount on transfer (%s)",
			format(amount, t.Currency, "en"), format(left, t.Currency, "en"))}
	case amount > a.balance[t.Currency]:
		return nil, &apiError{Status: 400, Code: "balance_insufficient", Message: "The recipient's account has insufficient funds to reverse this transfer."}
	}
	r := &reversal{ID: newID("trr_"), Object: "transfer_reversal", Amount: amount, Created: s.now().Unix(), Currency: t.Currency,
		Metadata: c.object("metadata"), Transfer: t.ID}
	s.reversals.add(r)
	r.Txn = s.book(movement{typ: "transfer_refund", category: "transfer_reversal", amount: amount, currency: t.Currency, source: r})
	a.balance[t.Currency] -= amount
	t.Returned += amount
	t.Reversed = t.Returned == t.Amount
	s.emit("transfer.reversed", t)
	return r, nil
}

func (s *Server) listReversals(c *call) (any, *apiError) {
	t, err := s.transferOf(c.path("id"))
	if err != nil {
		return nil, err
	}
	return list(c, "/v1/transfers/"+t.ID+"/reversals", s.reversals.all, func(r *reversal) bool { return r.Transfer == t.ID })
}
