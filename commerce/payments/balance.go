package payments

// This file reads what moved the balance that Stripe keeps for us, in Stripe's
// own words: balance transactions (docs.stripe.com/api/balance_transactions).
// Who books them is commerce/statement.

import (
	"context"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/balance"
	"github.com/stripe/stripe-go/v76/balancetransaction"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Movement is a balance transaction: something that moved the balance.
type Movement struct {
	ID      string         // txn_…
	Type    string         // as Stripe names it: charge, refund, adjustment, payout …
	Source  string         // what caused it: ch_…, re_…, po_…
	Payment string         // the pi_… or ch_… a charge or refund belongs to, else ""
	Amount  commerce.Money // into the balance is positive
	Fee     commerce.Money // what Stripe kept of it, in the same currency
	Charged commerce.Money // Amount in the currency of the charge or refund: another where Stripe converted it
	Created time.Time
}

// Net is what is left of a movement in the balance.
func (m Movement) Net() commerce.Money {
	return commerce.Money{Amount: m.Amount.Amount - m.Fee.Amount, Currency: m.Amount.Currency}
}

// Movements calls page with what moved the balance from a time on and before
// another, the newest first, up to a hundred at a time.
func (s *Stripe) Movements(ctx context.Context, from, before time.Time, page func([]Movement) error) error {
	ctx, call := begin(ctx, "GET /v1/balance_transactions")
	p := &stripe.BalanceTransactionListParams{CreatedRange: &stripe.RangeQueryParams{
		GreaterThanOrEqual: from.Unix(), LesserThan: before.Unix(),
	}}
	p.AddExpand("data.source") // only the charge itself names its PaymentIntent
	p.Context = ctx
	p.Limit = stripe.Int64(100)
	var some []Movement
	it := balancetransaction.Client{B: s.backend, Key: s.key}.List(p)
	for it.Next() {
		m, err := readMovement(call, it.BalanceTransaction())
		if err != nil {
			return err
		}
		if some = append(some, m); len(some) == 100 {
			if err := page(some); err != nil {
				return err
			}
			some = nil
		}
	}
	if err := it.Err(); err != nil {
		return mapped(call, err)
	}
	return page(some)
}

// Balance returns what Stripe keeps for us in each currency, whether it can be
// paid out already or not.
func (s *Stripe) Balance(ctx context.Context) (map[string]commerce.Money, error) {
	ctx, call := begin(ctx, "GET /v1/balance")
	got, err := balance.Client{B: s.backend, Key: s.key}.Get(&stripe.BalanceParams{Params: params(ctx, "")})
	if err != nil {
		return nil, mapped(call, err)
	}
	sums := map[string]commerce.Money{}
	for _, a := range append(got.Available, got.Pending...) {
		m, err := FromStripe(a.Amount, string(a.Currency))
		if err == nil {
			m, err = m.Add(sums[m.Currency])
		}
		if err != nil {
			return nil, unanswered(&fault{call: call.name, status: call.status, request: call.request}, call, err)
		}
		sums[m.Currency] = m
	}
	return sums, nil
}

func readMovement(c *call, got *stripe.BalanceTransaction) (m Movement, err error) {
	m = Movement{ID: got.ID, Type: string(got.Type), Created: time.Unix(got.Created, 0).UTC()}
	m.Amount, err = FromStripe(got.Amount, string(got.Currency))
	if err == nil {
		m.Fee, err = FromStripe(got.Fee, string(got.Currency))
	}
	m.Charged = m.Amount
	if src := got.Source; src != nil && err == nil {
		m.Source = src.ID
		switch {
		case src.Charge != nil:
			m.Payment = src.Charge.ID
			if src.Charge.PaymentIntent != nil {
				m.Payment = src.Charge.PaymentIntent.ID
			}
			m.Charged, err = FromStripe(got.Amount, string(got.Currency))
			if cur := string(src.Charge.Currency); cur != string(got.Currency) {
				m.Charged, err = FromStripe(src.Charge.AmountCaptured, cur)
			}
		case src.Refund != nil:
			if src.Refund.Charge != nil {
				m.Payment = src.Refund.Charge.ID
			}
			if src.Refund.PaymentIntent != nil {
				m.Payment = src.Refund.PaymentIntent.ID
			}
			if cur := string(src.Refund.Currency); cur != string(got.Currency) {
				m.Charged, err = FromStripe(-src.Refund.Amount, cur)
				if got.Amount > 0 { // it failed, and came back
					m.Charged.Amount = -m.Charged.Amount
				}
			}
		}
	}
	if err != nil || m.ID == "" {
		return m, unanswered(&fault{call: c.name, status: c.status, request: c.request}, c, err)
	}
	return m, nil
}

// KeepMovement writes a movement down and returns true where it is new.
func KeepMovement(tx *database.Tx, m Movement) (bool, error) {
	n, err := tx.Exec(`INSERT INTO stripe_txns (id, type, source, payment, amount, fee, currency, source_amount, source_currency, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
		m.ID, m.Type, m.Source, m.Payment, m.Amount.Amount, m.Fee.Amount, m.Amount.Currency, m.Charged.Amount, m.Charged.Currency, commerce.Micros(m.Created))
	return n == 1, err
}

// ReadUntil returns up to when all movements have been written down, the zero
// time where none have.
func ReadUntil(tx *database.Tx) (time.Time, error) {
	var at int64
	err := tx.Row(`SELECT at FROM stripe_txn_progress WHERE id = 1`).Scan(&at)
	return commerce.FromMicros(at), err
}

// SetReadUntil writes down that all movements before a time are written down.
// It never goes back.
func SetReadUntil(tx *database.Tx, at time.Time) error {
	_, err := tx.Exec(`UPDATE stripe_txn_progress SET at = $1 WHERE id = 1 AND at < $1`, commerce.Micros(at))
	return err
}

// KeptMovements returns what was written down of a span of time, the oldest first.
func KeptMovements(tx *database.Tx, from, before time.Time) (list []Movement, err error) {
	err = tx.Rows(`SELECT id, type, source, payment, amount, fee, currency, source_amount, source_currency, created_at FROM stripe_txns
		WHERE created_at >= $1 AND created_at < $2 ORDER BY created_at, id`, []any{commerce.Micros(from), commerce.Micros(before)},
		func(scan func(...any) error) error {
			var m Movement
			var created int64
			err := scan(&m.ID, &m.Type, &m.Source, &m.Payment, &m.Amount.Amount, &m.Fee.Amount, &m.Amount.Currency, &m.Charged.Amount, &m.Charged.Currency, &created)
			m.Fee.Currency, m.Created = m.Amount.Currency, commerce.FromMicros(created)
			list = append(list, m)
			return err
		})
	return list, err
}

// Stated reports whether a charge, refund or PaymentIntent is in the statement.
func Stated(tx *database.Tx, object string) (bool, error) {
	var n int64
	err := tx.Row(`SELECT COUNT(*) FROM stripe_txns WHERE source = $1 OR payment = $1`, object).Scan(&n)
	return n > 0, err
}

// AtStripe reports that Stripe took the money of a payment, so that it stands
// in Stripe's statement: another provider may have, in a Telegram chat.
func (p Payment) AtStripe() bool { return strings.HasPrefix(p.Intent, "pi_") || isCharge(p.Intent) }
