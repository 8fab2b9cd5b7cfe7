package payments

import (
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// RefundState is where a refund stands: due (Stripe has not confirmed it yet),
// done, or failed (Stripe will not do it: a person has to).
type RefundState string

const (
	RefundStateDue    RefundState = "due"
	RefundStateDone   RefundState = "done"
	RefundStateFailed RefundState = "failed"
)

// lease is how long whoever took a row has before another may take it: more
// than one call to Stripe takes, retries within it included.
const lease = 2 * time.Minute

// Refund is money that has to go back. It is written in the transaction that
// decides so, and carried out later by Stripe.Refund; each payment has one.
type Refund struct {
	ID        commerce.RefundID
	Order     commerce.OrderID
	Payment   commerce.PaymentID
	State     RefundState
	Reason    string // late, cancelled, staff or mismatch
	Key       string // idempotency key
	Amount    commerce.Money
	Intent    string // of the payment, read from there
	StripeID  string // re_…, once done
	Problem   string // of the last try, for staff
	Tries     int64
	DueAt     time.Time
	CreatedAt time.Time
	DoneAt    time.Time
}

// AddRefund writes down that money has to go back, with r.ID, r.Payment,
// r.Reason and r.CreatedAt given; Order is the payment's, Amount all of it
// where none is given, Key its own. It returns false where the payment has a
// refund already.
func AddRefund(tx *database.Tx, r Refund) (bool, error) {
	p, err := Get(tx, r.Payment)
	if err != nil {
		return false, err
	}
	if r.Amount.IsZero() {
		r.Amount = p.Amount
	}
	if r.Amount.Currency != p.Amount.Currency || r.Amount.Amount > p.Amount.Amount || !p.Captured() {
		return false, commerce.Errorf(commerce.Internal, "payment.failed",
			"refund of %s on payment %s of %s, captured: %t", r.Amount, p.ID, p.Amount, p.Captured())
	}
	n, err := tx.Exec(`INSERT INTO refunds (id, order_id, payment_id, state, reason, key, amount, currency, due_at, created_at)
		VALUES ($1, $2, $3, 'due', $4, $5, $6, $7, $8, $8) ON CONFLICT DO NOTHING`,
		r.ID, p.Order, p.ID, r.Reason, fmt.Sprintf("order:%s:refund:%d", p.Order, p.Attempt),
		r.Amount.Amount, r.Amount.Currency, commerce.Micros(r.CreatedAt))
	return n == 1, err
}

// DueRefunds takes up to n refunds that are due, oldest first. Each is counted
// as tried and is not handed out again for two minutes, so that a crash before
// RefundDone or RefundFailed only delays it.
func DueRefunds(tx *database.Tx, now time.Time, n int) ([]Refund, error) {
	due, err := refunds(tx, "r.state = 'due' AND r.due_at <= $1 ORDER BY r.due_at, r.id LIMIT $2", commerce.Micros(now), n)
	for _, r := range due {
		if err == nil {
			_, err = tx.Exec("UPDATE refunds SET due_at = $2, tries = tries + 1 WHERE id = $1",
				r.ID, commerce.Micros(now.Add(lease)))
		}
	}
	return due, err
}

// RefundDone writes down that Stripe has given the money back. It returns true
// once, to whom the books are written by, and never for a refund that was
// given up meanwhile: the answer is older than what Stripe has told since.
func RefundDone(tx *database.Tx, id commerce.RefundID, stripeID string, at time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE refunds SET state = 'done', stripe_id = $2, done_at = $3, problem = '', due_at = $4
		WHERE id = $1 AND state = 'due'`, id, stripeID, commerce.Micros(at), commerce.Micros(at.Add(lookAgain)))
	return n == 1, err
}

// How a refund that is done is watched: a bank may send it back for weeks, and
// the event that says so may be lost.
const (
	lookAgain = 24 * time.Hour      // the first look, then after twice as long
	lookUntil = 32 * 24 * time.Hour // no look after that
)

// DoneRefunds takes up to n refunds that were done some time ago and at which
// it is time to look again, and sets when the next look is due.
func DoneRefunds(tx *database.Tx, now time.Time, n int) ([]Refund, error) {
	list, err := refunds(tx, "r.state = 'done' AND r.due_at > 0 AND r.due_at <= $1 ORDER BY r.due_at, r.id LIMIT $2", commerce.Micros(now), n)
	for _, r := range list {
		next, age := time.Time{}, now.Sub(r.DoneAt)
		if age < lookUntil {
			next = now.Add(max(age, lookAgain))
		}
		if err == nil {
			_, err = tx.Exec("UPDATE refunds SET due_at = $2 WHERE id = $1", r.ID, commerce.Micros(next))
		}
	}
	return list, err
}

// RefundTurned writes down what Stripe says of a refund later: that one which
// was done failed after all, or that one which had failed was made by hand. It
// returns false where the refund is not any more as r was read.
func RefundTurned(tx *database.Tx, r Refund, to RefundState, stripeID, problem string, at time.Time) (bool, error) {
	due, done := time.Time{}, time.Time{}
	if to == RefundStateDone {
		due, done = at.Add(lookAgain), at
	}
	n, err := tx.Exec(`UPDATE refunds SET state = $4, stripe_id = $5, problem = $6, due_at = $7, done_at = $8, tries = tries + 1
		WHERE id = $1 AND state = $2 AND tries = $3`, r.ID, r.State, r.Tries, to, stripeID, problem, commerce.Micros(due), commerce.Micros(done))
	return n == 1, err
}

// RefundFailed writes down why a try failed and when the next is due; with the
// zero time there is none, and the refund is left to a person. It returns
// false where the refund is done or given up already.
func RefundFailed(tx *database.Tx, id commerce.RefundID, problem string, due time.Time) (bool, error) {
	state := RefundStateDue
	if due.IsZero() {
		state = RefundStateFailed
	}
	n, err := tx.Exec("UPDATE refunds SET state = $2, problem = $3, due_at = $4 WHERE id = $1 AND state = 'due'",
		id, state, problem, commerce.Micros(due))
	return n == 1, err
}

// RefundsOf lists an order's refunds, oldest first.
func RefundsOf(tx *database.Tx, order commerce.OrderID) ([]Refund, error) {
	return refunds(tx, "r.order_id = $1 ORDER BY r.created_at, r.id", order)
}

func refunds(tx *database.Tx, where string, args ...any) (all []Refund, err error) {
	err = tx.Rows(`SELECT r.id, r.order_id, r.payment_id, r.state, r.reason, r.key, r.amount, r.currency, p.intent,
		r.stripe_id, r.problem, r.tries, r.due_at, r.created_at, r.done_at
		FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE `+where, args, func(row func(...any) error) error {
		var r Refund
		var due, created, done int64
		err := row(&r.ID, &r.Order, &r.Payment, &r.State, &r.Reason, &r.Key, &r.Amount.Amount, &r.Amount.Currency,
			&r.Intent, &r.StripeID, &r.Problem, &r.Tries, &due, &created, &done)
		r.DueAt, r.CreatedAt, r.DoneAt = commerce.FromMicros(due), commerce.FromMicros(created), commerce.FromMicros(done)
		all = append(all, r)
		return err
	})
	return all, err
}
