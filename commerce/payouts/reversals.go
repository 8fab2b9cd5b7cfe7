package payouts

import (
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Reversal is a part of a transfer that has to be taken back.
type Reversal struct {
	ID       string
	Payout   string
	Transfer string // tr_… of the payout
	Amount   commerce.Money
	Key      string // idempotency key
	Tries    int64
	Done     bool   // Stripe has taken it back
	Refused  bool   // Stripe said no: the brand owes it
	Problem  string // of the last try, for staff
}

// ReversalsOf lists what has to be taken back of a payout and what was, the
// oldest first.
func ReversalsOf(tx *database.Tx, p Payout) (list []Reversal, err error) {
	err = tx.Rows(`SELECT id, amount, key, tries, state, problem FROM payout_reversals WHERE payout_id = $1 ORDER BY created_at, id`, []any{p.ID},
		func(scan func(...any) error) error {
			r, state := Reversal{Payout: p.ID, Transfer: p.Transfer, Amount: p.Amount}, ""
			err := scan(&r.ID, &r.Amount.Amount, &r.Key, &r.Tries, &state, &r.Problem)
			r.Done, r.Refused = state == "done", state == "failed"
			list = append(list, r)
			return err
		})
	return list, err
}

// Owed is what a brand still gets of a payout, with its reversals; below zero
// it is what the brand has and shall not keep.
func (p Payout) Owed(back []Reversal) commerce.Money {
	owed := commerce.Money{Amount: p.Amount.Amount - p.Less.Amount, Currency: p.Amount.Currency}
	if p.State == Sent {
		owed.Amount -= p.Asked.Amount
	}
	for _, r := range back {
		if r.Done {
			owed.Amount += r.Amount.Amount
		}
	}
	return owed
}

// Reduce takes of a payout what a refund, or a dispute that was lost, takes of
// its sale: the payout is less, or, where its transfer was asked for already, so
// much of that is taken back. It returns false where that one was counted
// already, and ErrTooMuch.
func Reduce(tx *database.Tx, p Payout, by string, amount commerce.Money, now time.Time) (bool, error) {
	if amount.Currency != p.Amount.Currency || amount.Amount <= 0 {
		return false, fmt.Errorf("payouts: a refund of %s on a payout of %s", amount, p.Amount)
	}
	id := fmt.Sprintf("%s:%s", by, p.ID)
	var known int64
	if err := tx.Row(`SELECT COUNT(*) FROM payout_refunds WHERE id = $1`, id).Scan(&known); err != nil || known > 0 {
		return false, err
	}
	if _, err := tx.Exec(`INSERT INTO payout_refunds (id, payout_id, amount) VALUES ($1, $2, $3)`, id, p.ID, amount.Amount); err != nil {
		return false, err
	}
	n, err := tx.Exec(`UPDATE payouts SET less = less + $2, state = CASE WHEN asked = 0 AND less + $2 = amount THEN 'void' ELSE state END
		WHERE id = $1 AND less + $2 <= amount`, p.ID, amount.Amount)
	if err == nil && n == 0 {
		err = ErrTooMuch
	}
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(`INSERT INTO payout_reversals (id, payout_id, amount, state, key, due_at, created_at)
		SELECT $1, id, $3, 'due', $4, $5, $5 FROM payouts WHERE id = $2 AND asked > 0`,
		id, p.ID, amount.Amount, "reversal:"+id, commerce.Micros(now))
	return err == nil, err
}

// DueReversals takes up to n reversals that are due, oldest first, of payouts
// that were sent. Each is counted as tried and not handed out again for two
// minutes. Tries is how often it was tried before.
func DueReversals(tx *database.Tx, now time.Time, n int) (list []Reversal, err error) {
	err = tx.Rows(`SELECT r.id, r.payout_id, p.transfer, r.amount, p.currency, r.key, r.tries FROM payout_reversals r JOIN payouts p ON p.id = r.payout_id
		WHERE r.state = 'due' AND r.due_at <= $1 AND p.state = 'sent' ORDER BY r.due_at, r.id LIMIT $2`, []any{commerce.Micros(now), n},
		func(scan func(...any) error) error {
			var r Reversal
			err := scan(&r.ID, &r.Payout, &r.Transfer, &r.Amount.Amount, &r.Amount.Currency, &r.Key, &r.Tries)
			list = append(list, r)
			return err
		})
	for _, r := range list {
		if err == nil {
			_, err = tx.Exec(`UPDATE payout_reversals SET due_at = $2, tries = tries + 1 WHERE id = $1`, r.ID, commerce.Micros(now.Add(lease)))
		}
	}
	return list, err
}

// Reversed writes down that Stripe has taken a part of a transfer back. It
// returns true once.
func Reversed(tx *database.Tx, id, stripeID string) (bool, error) {
	n, err := tx.Exec(`UPDATE payout_reversals SET state = 'done', stripe_id = $2, problem = '' WHERE id = $1 AND state = 'due'`, id, stripeID)
	return n == 1, err
}

// ReversalFailed writes down why a try failed and when the next is due; with
// the zero time there is none: the brand owes it, and a person has to ask.
func ReversalFailed(tx *database.Tx, id, problem string, due time.Time) (bool, error) {
	state := "due"
	if due.IsZero() {
		state = "failed"
	}
	n, err := tx.Exec(`UPDATE payout_reversals SET state = $2, problem = $3, due_at = $4 WHERE id = $1 AND state = 'due'`,
		id, state, problem, commerce.Micros(due))
	return n == 1, err
}
