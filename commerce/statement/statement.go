// Package statement holds the books against what Stripe says of itself: its
// balance transactions, as a bookkeeper holds them against a bank statement.
//
// The rules:
//   - Sales and refunds are booked where they are decided, not here. Here comes
//     in what only the statement tells: fees, conversions between currencies,
//     payouts to the bank, and whatever nobody expected.
//   - All accounts that begin with cash:stripe sum to the balance at Stripe.
//     rewards.Cash among them is what was captured less what was refunded.
//   - A movement is read until it was, and booked once, by its id.
//   - What does not match is listed, never mended here. A refund or dispute that
//     the books do not know goes into the inbox as an event would: it is a hint.
//
// Start at Step, then Day.
package statement

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/rewards"
)

// The accounts of this package. Fees and Bank are what became of the money;
// the others are what left or entered the balance at Stripe that way.
const (
	Fees      rewards.Account = "fees:stripe"
	Bank      rewards.Account = "bank"     // paid out
	Exchange  rewards.Account = "exchange" // one currency turned into another
	Unclear   rewards.Account = "suspense" // what a person has to look at
	cashFees  rewards.Account = rewards.Cash + ":fees"
	cashBank  rewards.Account = rewards.Cash + ":bank"
	cashTrade rewards.Account = rewards.Cash + ":exchange"
	cashOther rewards.Account = rewards.Cash + ":other"
)

// Stripe is what this package asks of the payment provider.
type Stripe interface {
	Movements(ctx context.Context, from, before time.Time, page func([]payments.Movement) error) error
	Balance(ctx context.Context) (map[string]commerce.Money, error)
}

// Config is what a Statement needs.
type Config struct {
	DB     *database.DB
	Clock  commerce.Clock
	Stripe Stripe
	Log    *slog.Logger
}

// Statement reads and books what Stripe says.
type Statement struct{ Config }

// New makes a Statement.
func New(c Config) *Statement { return &Statement{c} }

const (
	span    = 24 * time.Hour   // of the statement is read at most in one step
	overlap = 10 * time.Minute // is read again: what comes into the statement late is in it by then
)

// Step reads what is new in the statement, a day of it at most, and books it.
// It reports whether more of it is waiting. A step that was cut off is done
// again: what it had booked stays booked.
func (s *Statement) Step(ctx context.Context) (more bool, err error) {
	now := s.Clock.Now()
	from, err := s.from(ctx)
	if err != nil || from.IsZero() {
		return false, err
	}
	until := now.Add(time.Second) // what is created in this second too
	if from.Add(span).Before(now) {
		until, more = from.Add(span), true
	}
	if err := s.Stripe.Movements(ctx, from, until, func(some []payments.Movement) error {
		return s.DB.Write(ctx, func(tx *database.Tx) error {
			for _, m := range some {
				if err := s.book(tx, m); err != nil {
					return err
				}
			}
			return nil
		})
	}); err != nil {
		return false, err
	}
	if until.After(now) {
		until = now
	}
	return more, s.DB.Write(ctx, func(tx *database.Tx) error { return payments.SetReadUntil(tx, until) })
}

// from is where the next step begins to read: where the last one ended, and
// for the first when money was first asked for. Zero means there is none.
func (s *Statement) from(ctx context.Context) (from time.Time, err error) {
	err = s.DB.Read(ctx, func(tx *database.Tx) error {
		from, err = payments.ReadUntil(tx)
		if err == nil && from.IsZero() {
			from, err = payments.FirstAsked(tx)
		}
		return err
	})
	if err != nil || from.IsZero() {
		return from, err
	}
	return from.Add(-overlap).Truncate(time.Second), nil
}

// book writes a movement down, with what of it nobody else has booked.
func (s *Statement) book(tx *database.Tx, m payments.Movement) error {
	if isNew, err := payments.KeepMovement(tx, m); err != nil || !isNew {
		return err
	}
	p := rewards.Posting{ID: "stripe:" + m.ID, Memo: m.Type}
	move := func(from, to rewards.Account, amount commerce.Money) {
		p.Entries = append(p.Entries, rewards.Entry{Account: to, Amount: amount},
			rewards.Entry{Account: from, Amount: commerce.Money{Amount: -amount.Amount, Currency: amount.Currency}})
	}
	if m.Fee.Amount != 0 {
		move(cashFees, Fees, m.Fee)
	}
	what := kindOf(m)
	if what == giveback || what == dispute {
		if err := s.hint(tx, m); err != nil {
			return err
		}
	}
	switch what {
	case sale, giveback:
		if m.Charged.Currency != m.Amount.Currency {
			// The books have it in the currency of the charge, the balance does not.
			move(cashTrade, Exchange, m.Charged)
			move(Exchange, cashTrade, m.Amount)
		}
	case fee:
		move(Fees, cashFees, m.Amount)
	case payout:
		move(Bank, cashBank, m.Amount)
	case transfer, dispute: // booked by whoever decides them
	case other:
		move(Unclear, cashOther, m.Amount)
		tx.After(func() {
			s.Log.Error("the statement of Stripe has a movement that the books do not know", "movement", m.ID, "type", m.Type)
		})
	}
	if len(p.Entries) == 0 {
		return nil
	}
	_, err := rewards.Post(tx, m.Created, p)
	return err
}

// hint has Stripe asked about what the statement tells of a refund or dispute
// and the books do not: its event may never have come.
func (s *Statement) hint(tx *database.Tx, m payments.Movement) error {
	e := payments.Event{ID: "statement:" + m.ID, Type: "charge.dispute.created", Object: m.Source}
	if kindOf(m) == giveback {
		e.Type = "refund.updated"
		back, err := payments.RefundOf(tx, m.Source)
		if err == nil && (back.State == payments.RefundStateFailed) == failed(m) {
			return nil
		}
		if err != nil && !errors.Is(err, payments.ErrUnknown) {
			return err
		}
	}
	_, err := payments.Receive(tx, e, s.Clock.Now())
	return err
}

// failed reports that a refund came back into the balance.
func failed(m payments.Movement) bool { return strings.Contains(m.Type, "fail") }

// kind is what a movement is to the books.
type kind int

const (
	other kind = iota
	sale
	giveback
	fee
	payout
	transfer
	dispute
)

// kindOf sorts the types of balance transactions
// (docs.stripe.com/reports/balance-transaction-types).
func kindOf(m payments.Movement) kind {
	switch m.Type {
	case "charge", "payment":
		return sale
	case "refund", "payment_refund", "refund_failure", "payment_failure_refund", "payment_reversal":
		return giveback
	case "stripe_fee", "stripe_fx_fee", "tax_fee", "network_cost":
		return fee
	case "payout", "payout_cancel", "payout_failure":
		return payout
	case "transfer", "transfer_refund", "transfer_cancel", "transfer_failure":
		return transfer
	case "adjustment":
		if strings.HasPrefix(m.Source, "dp_") || strings.HasPrefix(m.Source, "du_") {
			return dispute
		}
	}
	return other
}
