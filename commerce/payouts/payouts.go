// Package payouts keeps what brands get of the payments the shop takes, by
// Stripe Connect: one payout for each brand of an order, held back for some
// days, then transferred; less as the sale is refunded.
//
// It calls nobody: the transfers are made by commerce/payments. Who sells
// writes them, and commerce/checkout has them made. The rules:
//   - A payout is transferred at most once. Its amount and its key are fixed
//     in Due, before Stripe is called, and stay the same for every try until
//     Stripe has said no: then Retry begins with another key.
//   - A refund before that makes the payout less. One after it is taken back
//     by a reversal of the transfer, which waits until the transfer is known.
//   - While a cardholder's bank has the money of the order no transfer begins.
//   - Refunds and lost disputes never take more than the payout.
//
// Start at Add.
package payouts

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// State is where a payout stands.
type State string

// States of a payout.
const (
	Held   State = "held"   // not transferred yet: held back, or being tried
	Sent   State = "sent"   // transferred
	Void   State = "void"   // refunded in full before it was transferred
	Failed State = "failed" // Stripe said no: a person has to mend the account, then Retry
)

// lease is how long whoever took a row has before another may take it: more
// than the calls to Stripe of one try take.
const lease = 2 * time.Minute

// ErrTooMuch is returned where refunds would take more than a payout is of.
var ErrTooMuch = errors.New("payouts: more would be taken back than the brand gets")

// Payout is what a brand gets of an order.
type Payout struct {
	ID        string
	Order     commerce.OrderID
	Payment   commerce.PaymentID
	Brand     commerce.BrandID
	Account   string         // acct_… of the brand
	Amount    commerce.Money // what it was due when it was sold
	Less      commerce.Money // what refunds took of it since
	Asked     commerce.Money // what the transfer is of, zero before it is tried
	State     State
	Disputed  bool   // a cardholder's bank has the money: it waits
	Key       string // idempotency key of the transfer
	Transfer  string // tr_…, once sent
	Problem   string // of the last try, for staff
	Tries     int64
	Due       time.Time // held back until then; later the next try
	CreatedAt time.Time
	SentAt    time.Time
}

// Share returns what a brand gets of what its lines brought, where the shop
// keeps so many millionths. The shop's part is rounded, the brand gets the rest.
func Share(brought commerce.Money, keep int64) (commerce.Money, error) {
	if keep < 0 || keep > 1_000_000 {
		return commerce.Money{}, fmt.Errorf("payouts: the shop cannot keep %d millionths", keep)
	}
	kept, err := brought.Part(keep, 1_000_000)
	if err != nil {
		return commerce.Money{}, err
	}
	return brought.Sub(kept)
}

// Add writes down what a brand gets, with p.ID, Order, Payment, Brand, Account,
// Amount, CreatedAt and Due given. It returns false where the brand has its
// payout of the order already.
func Add(tx *database.Tx, p Payout) (bool, error) {
	n, err := tx.Exec(`INSERT INTO payouts (id, order_id, payment_id, brand_id, account, currency, amount, state, key, due_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'held', $8, $9, $10) ON CONFLICT (order_id, brand_id) DO NOTHING`,
		p.ID, p.Order, p.Payment, p.Brand, p.Account, p.Amount.Currency, p.Amount.Amount, key(p, 1), commerce.Micros(p.Due), commerce.Micros(p.CreatedAt))
	return n == 1, err
}

func key(p Payout, attempt int64) string {
	return fmt.Sprintf("order:%s:transfer:%s:%d", p.Order, p.Brand, attempt)
}

// Due takes up to n payouts whose time has come, oldest first. What is asked
// for each is fixed by that, it is counted as tried, and not handed out again
// for two minutes. Tries is how often it was tried before. One that is disputed
// is handed out only where nobody knows what became of its last try.
func Due(tx *database.Tx, now time.Time, n int) ([]Payout, error) {
	list, err := read(tx, "state = 'held' AND due_at <= $1 AND (disputed = 0 OR asked > 0) ORDER BY due_at, id LIMIT $2", commerce.Micros(now), n)
	for i, p := range list {
		if err != nil {
			break
		}
		if p.Asked.Amount == 0 {
			list[i].Asked.Amount = p.Amount.Amount - p.Less.Amount
		}
		_, err = tx.Exec(`UPDATE payouts SET asked = $2, due_at = $3, tries = tries + 1 WHERE id = $1`,
			p.ID, list[i].Asked.Amount, commerce.Micros(now.Add(lease)))
	}
	return list, err
}

// Done writes down that Stripe has made the transfer. It returns true once.
func Done(tx *database.Tx, id, transfer string, at time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE payouts SET state = 'sent', transfer = $2, sent_at = $3, problem = '' WHERE id = $1 AND state = 'held' AND asked > 0`,
		id, transfer, commerce.Micros(at))
	return n == 1, err
}

// Again writes down why a try failed and when the next is due, which is the
// same call with the same key.
func Again(tx *database.Tx, id, problem string, due time.Time) error {
	_, err := tx.Exec(`UPDATE payouts SET problem = $2, due_at = $3 WHERE id = $1 AND state = 'held'`, id, problem, commerce.Micros(due))
	return err
}

// Refused writes down that Stripe has said no, so that nothing was transferred
// under the key of p. What refunds would have taken back has not gone out. It
// returns false where the payout is not any more as p was read.
func Refused(tx *database.Tx, p Payout, problem string) (bool, error) {
	var attempt int64
	if err := tx.Row(`SELECT attempt FROM payouts WHERE id = $1`, p.ID).Scan(&attempt); err != nil {
		return false, err
	}
	n, err := tx.Exec(`UPDATE payouts SET state = CASE WHEN less = amount THEN 'void' ELSE 'failed' END, problem = $3, asked = 0, tries = 0,
		attempt = attempt + 1, key = $4 WHERE id = $1 AND key = $2 AND state = 'held'`, p.ID, p.Key, problem, key(p, attempt+1))
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Exec(`DELETE FROM payout_reversals WHERE payout_id = $1 AND state = 'due'`, p.ID)
	return err == nil, err
}

// Retry has a payout that Stripe refused tried again. It returns false where
// it is in another state.
func Retry(tx *database.Tx, id string, now time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE payouts SET state = 'held', due_at = $2 WHERE id = $1 AND state = 'failed'`, id, commerce.Micros(now))
	return n == 1, err
}

// Disputed writes down whether the money of an order is with a cardholder's
// bank.
func Disputed(tx *database.Tx, order commerce.OrderID, is bool) error {
	n := 0
	if is {
		n = 1
	}
	_, err := tx.Exec(`UPDATE payouts SET disputed = $2 WHERE order_id = $1`, order, n)
	return err
}

// One returns a payout; database.ErrNone where there is none.
func One(tx *database.Tx, id string) (Payout, error) {
	list, err := read(tx, "id = $1", id)
	if err == nil && len(list) == 0 {
		err = database.ErrNone
	}
	if err != nil {
		return Payout{}, err
	}
	return list[0], nil
}

// OfOrder lists the payouts of an order, by brand.
func OfOrder(tx *database.Tx, order commerce.OrderID) ([]Payout, error) {
	return read(tx, "order_id = $1 ORDER BY brand_id", order)
}

// OfBrand lists up to n payouts of a brand: those that Stripe refused, then the
// newest.
func OfBrand(tx *database.Tx, brand commerce.BrandID, n int) ([]Payout, error) {
	return read(tx, "brand_id = $1 ORDER BY CASE WHEN state = 'failed' THEN 0 ELSE 1 END, created_at DESC, id LIMIT $2", brand, n)
}

// Newest lists up to n payouts of brands, nil for all: those that Stripe refused,
// then the newest.
func Newest(tx *database.Tx, brands []commerce.BrandID, n int) (all []Payout, err error) {
	if brands == nil {
		all, err := read(tx, "state = 'failed' ORDER BY created_at DESC, id DESC LIMIT $1", n)
		if err != nil {
			return nil, err
		}
		rest, err := read(tx, "state <> 'failed' ORDER BY created_at DESC, id DESC LIMIT $1", n-len(all))
		return append(all, rest...), err
	}
	for _, b := range brands {
		list, err := OfBrand(tx, b, n)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, func(a, b Payout) int {
		if failed := a.State == Failed; failed != (b.State == Failed) {
			if failed {
				return -1
			}
			return 1
		}
		return b.CreatedAt.Compare(a.CreatedAt)
	})
	return all[:min(len(all), n)], nil
}

func read(tx *database.Tx, where string, args ...any) (list []Payout, err error) {
	err = tx.Rows(`SELECT id, order_id, payment_id, brand_id, account, currency, amount, less, asked, state, disputed, key, transfer, problem, tries, due_at, created_at, sent_at
		FROM payouts WHERE `+where, args, func(scan func(...any) error) error {
		var p Payout
		var disputed, due, created, sent int64
		err := scan(&p.ID, &p.Order, &p.Payment, &p.Brand, &p.Account, &p.Amount.Currency, &p.Amount.Amount, &p.Less.Amount, &p.Asked.Amount,
			&p.State, &disputed, &p.Key, &p.Transfer, &p.Problem, &p.Tries, &due, &created, &sent)
		p.Disputed = disputed != 0
		p.Less.Currency, p.Asked.Currency = p.Amount.Currency, p.Amount.Currency
		p.Due, p.CreatedAt, p.SentAt = commerce.FromMicros(due), commerce.FromMicros(created), commerce.FromMicros(sent)
		list = append(list, p)
		return err
	})
	return list, err
}
