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
// decides so, and carried out later by Stripe.Refund; a payment may have many,
// which together never are more than was captured.
type Refund struct {
	ID        commerce.RefundID
	Order     commerce.OrderID
	Payment   commerce.PaymentID
	State     RefundState
	Reason    string // late, early, mismatch, cancelled, staff, return or hand
	Key       string // idempotency key
	Amount    commerce.Money
	Value     commerce.Money // of the sale: more than Amount where other tenders paid a part
	Intent    string         // of the payment, read from there
	StripeID  string         // re_…, once done
	Problem   string         // of the last try, for staff
	Tries     int64
	DueAt     time.Time
	CreatedAt time.Time
	DoneAt    time.Time

	// Others are the payment's other refunds that are done, by their keys: what
	// was made by hand for them is not taken for this one.
	Others map[string]int64
}

// AddRefund writes down that money has to go back, with r.ID, r.Payment,
// r.Reason and r.CreatedAt given; Order is the payment's, Amount all that is
// left of it where none is given, Key its own. With r.State Done and a StripeID
// it was made already, by hand. It returns false where the payment has not as
// much left: of two who take the last of it, one does.
func AddRefund(tx *database.Tx, r Refund) (bool, error) {
	p, err := Get(tx, r.Payment)
	if err != nil {
		return false, err
	}
	if r.Amount.IsZero() {
		if r.Amount = p.Left(); r.Amount.IsZero() && p.Captured() {
			return false, nil
		}
	}
	if r.Amount.Currency != p.Amount.Currency || r.Amount.Amount <= 0 || r.Amount.Amount > p.Amount.Amount || !p.Captured() {
		return false, commerce.Errorf(commerce.Internal, "payment.failed",
			"refund of %s on payment %s of %s, captured: %t", r.Amount, p.ID, p.Amount, p.Captured())
	}
	if ok, err := take(tx, p.ID, r.Amount.Amount); err != nil || !ok {
		return false, err
	}
	var before int64
	if err := tx.Row(`SELECT COUNT(*) FROM refunds WHERE payment_id = $1`, p.ID).Scan(&before); err != nil {
		return false, err
	}
	if r.State == "" {
		r.State = RefundStateDue
	}
	due, done := r.CreatedAt, time.Time{}
	if r.State == RefundStateDone {
		due, done = r.CreatedAt.Add(lookAgain), r.CreatedAt
	}
	_, err = tx.Exec(`INSERT INTO refunds (id, order_id, payment_id, state, reason, key, amount, currency, due_at, created_at, value, stripe_id, done_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		r.ID, p.Order, p.ID, r.State, r.Reason, fmt.Sprintf("order:%s:refund:%d:%d", p.Order, p.Attempt, before+1),
		r.Amount.Amount, r.Amount.Currency, commerce.Micros(due), commerce.Micros(r.CreatedAt), r.Value.Amount, r.StripeID, commerce.Micros(done))
	return err == nil, err
}

// take counts an amount as refunded, where as much is left of the payment.
func take(tx *database.Tx, p commerce.PaymentID, amount int64) (bool, error) {
	n, err := tx.Exec(`UPDATE payments SET refunded = refunded + $2 WHERE id = $1 AND paid_at <> 0 AND refunded + $2 <= amount`, p, amount)
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
	for i, r := range due {
		if err != nil {
			break
		}
		due[i].Others = map[string]int64{}
		err = tx.Rows(`SELECT key, amount FROM refunds WHERE payment_id = $1 AND id <> $2 AND state = 'done'`, []any{r.Payment, r.ID},
			func(row func(...any) error) error {
				var key string
				var amount int64
				err := row(&key, &amount)
				due[i].Others[key] = amount
				return err
			})
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
// returns false where the refund is not any more as r was read, or where its
// payment has not as much left.
func RefundTurned(tx *database.Tx, r Refund, to RefundState, stripeID, problem string, at time.Time) (bool, error) {
	due, done := time.Time{}, time.Time{}
	if to == RefundStateDone {
		due, done = at.Add(lookAgain), at
		if ok, err := take(tx, r.Payment, r.Amount.Amount); err != nil || !ok {
			return false, err
		}
	}
	n, err := tx.Exec(`UPDATE refunds SET state = $4, stripe_id = $5, problem = $6, due_at = $7, done_at = $8, tries = tries + 1
		WHERE id = $1 AND state = $2 AND tries = $3`, r.ID, r.State, r.Tries, to, stripeID, problem, commerce.Micros(due), commerce.Micros(done))
	if err != nil {
		return false, err
	}
	if (n == 1) != (to == RefundStateDone) { // not turned after all, or given up: nothing is taken by it
		err = untake(tx, r)
	}
	return n == 1, err
}

func untake(tx *database.Tx, r Refund) error {
	_, err := tx.Exec(`UPDATE payments SET refunded = refunded - $2 WHERE id = $1`, r.Payment, r.Amount.Amount)
	return err
}

// RefundFailed writes down why a try failed and when the next is due; with the
// zero time there is none, and the refund is left to a person: what it asked
// for can be given back another way. It returns false where the refund is done
// or given up already.
func RefundFailed(tx *database.Tx, r Refund, problem string, due time.Time) (bool, error) {
	state := RefundStateDue
	if due.IsZero() {
		state = RefundStateFailed
	}
	n, err := tx.Exec("UPDATE refunds SET state = $2, problem = $3, due_at = $4 WHERE id = $1 AND state = 'due'",
		r.ID, state, problem, commerce.Micros(due))
	if err == nil && n == 1 && state == RefundStateFailed {
		err = untake(tx, r)
	}
	return n == 1, err
}

// RefundsOf lists an order's refunds, oldest first.
func RefundsOf(tx *database.Tx, order commerce.OrderID) ([]Refund, error) {
	return refunds(tx, "r.order_id = $1 ORDER BY r.created_at, r.id", order)
}

func refunds(tx *database.Tx, where string, args ...any) (all []Refund, err error) {
	err = tx.Rows(`SELECT r.id, r.order_id, r.payment_id, r.state, r.reason, r.key, r.amount, r.currency, r.value, p.intent,
		r.stripe_id, r.problem, r.tries, r.due_at, r.created_at, r.done_at
		FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE `+where, args, func(row func(...any) error) error {
		var r Refund
		var due, created, done int64
		err := row(&r.ID, &r.Order, &r.Payment, &r.State, &r.Reason, &r.Key, &r.Amount.Amount, &r.Amount.Currency,
			&r.Value.Amount, &r.Intent, &r.StripeID, &r.Problem, &r.Tries, &due, &created, &done)
		r.DueAt, r.CreatedAt, r.DoneAt = commerce.FromMicros(due), commerce.FromMicros(created), commerce.FromMicros(done)
		if r.Value.Currency = r.Amount.Currency; r.Value.Amount == 0 {
			r.Value = r.Amount
		}
		all = append(all, r)
		return err
	})
	return all, err
}

// RefundsBetween lists the refunds that were done in a span of time and stand,
// the oldest first.
func RefundsBetween(tx *database.Tx, from, before time.Time) ([]Refund, error) {
	return refunds(tx, "r.state = 'done' AND r.done_at >= $1 AND r.done_at < $2 ORDER BY r.done_at, r.id", commerce.Micros(from), commerce.Micros(before))
}

// RefundOf returns the refund that Stripe knows by an id, or ErrUnknown.
func RefundOf(tx *database.Tx, stripeID string) (Refund, error) {
	all, err := refunds(tx, "r.stripe_id = $1", stripeID)
	if err == nil && len(all) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return Refund{}, err
	}
	return all[0], nil
}
