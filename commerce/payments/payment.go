package payments

import (
	"errors"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// State is where a payment stands.
//
//	creating → Stripe is being asked for the page; nobody has its address
//	open     → somebody can pay
//	paid     → captured, and what the order was paid with
//	void     → nothing is expected of it any more
//
// Money that arrives on a void payment, or on a second one, does not make it
// paid again: Captured tells, and it has to go back.
type State string

const (
	StateCreating State = "creating"
	StateOpen     State = "open"
	StatePaid     State = "paid"
	StateVoid     State = "void"
)

// Kind is a way to pay.
type Kind string

const (
	KindSession Kind = "session" // Stripe's own page, behind the pay link
	KindCard    Kind = "card"    // a card that Stripe keeps for the member
	KindInvoice Kind = "invoice" // an invoice in a Telegram chat
)

// Payment is one attempt to take the money of one order.
type Payment struct {
	ID        commerce.PaymentID
	Order     commerce.OrderID
	Kind      Kind  // "" is KindSession
	Attempt   int64 // from 1
	State     State
	Key       string // idempotency key, at most 200 characters
	Amount    commerce.Money
	Session   string // cs_…
	Intent    string // what took the money: pi_…, of an invoice the provider's charge, ch_…
	URL       string // where the member has to go to pay
	Customer  string // cus_… whose card pays, or for whom the card shall be kept
	Method    string // pm_… that pays
	CreatedAt time.Time
	PaidAt    time.Time
	Capture   bool           // the card is authorised, and Amount shall be captured
	Refunded  commerce.Money // given back or due to be
}

// Left is what of a captured payment can still be given back.
func (p Payment) Left() commerce.Money {
	return commerce.Money{Amount: p.Amount.Amount - p.Refunded.Amount, Currency: p.Amount.Currency}
}

// Captured reports that money has been taken on this payment, whether or not
// it is the one the order was paid with.
func (p Payment) Captured() bool { return !p.PaidAt.IsZero() }

// Live reports that money may still arrive on it.
func (p Payment) Live() bool { return p.State == StateCreating || p.State == StateOpen }

// Start writes down that Stripe is about to be asked for p.Amount, with
// p.ID, p.Order, p.Kind, p.Amount and p.CreatedAt given. An order has at most
// one live payment: where there is one already that one is returned, of
// whatever kind, and its ID differs from p's. It returns ErrPaid where the
// order has been paid.
func Start(tx *database.Tx, p Payment) (Payment, error) {
	earlier, err := OfOrder(tx, p.Order)
	if err != nil {
		return Payment{}, err
	}
	if p.Kind == "" {
		p.Kind = KindSession
	}
	p.Attempt = 1
	for _, e := range earlier {
		switch {
		case e.State == StatePaid:
			return Payment{}, ErrPaid
		case e.Live():
			return e, nil
		}
		p.Attempt = max(p.Attempt, e.Attempt+1)
	}
	p.State = StateCreating
	return add(tx, p)
}

func add(tx *database.Tx, p Payment) (Payment, error) {
	p.Key = fmt.Sprintf("order:%s:pay:%d", p.Order, p.Attempt)
	_, err := tx.Exec(`INSERT INTO payments (id, order_id, attempt, state, key, amount, currency, created_at, kind, customer, method)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		p.ID, p.Order, p.Attempt, p.State, p.Key, p.Amount.Amount, p.Amount.Currency, commerce.Micros(p.CreatedAt), p.Kind, p.Customer, p.Method)
	return p, err
}

// Opened writes down the page Stripe made. It returns false where the payment
// has been given up meanwhile: the caller expires the session then.
func Opened(tx *database.Tx, id commerce.PaymentID, s Session) (bool, error) {
	if _, err := tx.Exec("UPDATE payments SET session = $2 WHERE id = $1 AND session = ''", id, s.ID); err != nil {
		return false, err
	}
	n, err := tx.Exec(`UPDATE payments SET state = 'open', url = $3
		WHERE id = $1 AND session = $2 AND state IN ('creating', 'open')`, id, s.ID, s.URL)
	return n == 1, err
}

// Prepared writes down the intent that Stripe made for a card payment. It
// returns false where the payment has been given up meanwhile: the caller
// cancels the intent then.
func Prepared(tx *database.Tx, id commerce.PaymentID, intent string) (bool, error) {
	if _, err := tx.Exec("UPDATE payments SET intent = $2 WHERE id = $1 AND intent = ''", id, intent); err != nil {
		return false, err
	}
	n, err := tx.Exec("UPDATE payments SET state = 'open' WHERE id = $1 AND intent = $2 AND state IN ('creating', 'open')", id, intent)
	return n == 1, err
}

// Learn writes down the intent of a payment whose card was authorised on a page.
func Learn(tx *database.Tx, id commerce.PaymentID, intent string) error {
	_, err := tx.Exec("UPDATE payments SET intent = $2 WHERE id = $1 AND intent = '' AND state = 'open'", id, intent)
	return err
}

// Fix says what shall be captured of what is authorised for an order.
func Fix(tx *database.Tx, order commerce.OrderID, amount commerce.Money) error {
	n, err := tx.Exec("UPDATE payments SET amount = $2, capture = 1 WHERE order_id = $1 AND state = 'open' AND amount >= $2", order, amount.Amount)
	if err == nil && n != 1 {
		err = fmt.Errorf("order %s has %d authorised payments", order, n)
	}
	return err
}

// Asks writes down where the cardholder has to prove who they are.
func Asks(tx *database.Tx, id commerce.PaymentID, url string) error {
	_, err := tx.Exec("UPDATE payments SET url = $2 WHERE id = $1 AND state = 'open'", id, url)
	return err
}

// MarkPaid writes down that the money of a payment was captured and returns
// true where the order is paid by that: once an order, whatever Stripe says
// and however often. Where it returns false for a payment that is Captured but
// not Paid, the money has to go back.
func MarkPaid(tx *database.Tx, id commerce.PaymentID, intent string, at time.Time) (bool, error) {
	// What was captured first stays: a repeat changes neither time nor intent.
	_, err := tx.Exec("UPDATE payments SET intent = $2, paid_at = $3 WHERE id = $1 AND paid_at = 0",
		id, intent, commerce.Micros(at))
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(`UPDATE payments SET state = 'paid' WHERE id = $1 AND state <> 'paid'
		AND NOT EXISTS (SELECT 1 FROM payments other
			WHERE other.order_id = payments.order_id AND other.state = 'paid')`, id)
	if err != nil || n == 1 {
		return n == 1, err
	}
	// Lost against another payment of the order: this one is over.
	_, err = Void(tx, id)
	return false, err
}

// Void gives up a live payment: it becomes void. It returns false where it was
// paid or void already.
func Void(tx *database.Tx, id commerce.PaymentID) (bool, error) {
	n, err := tx.Exec("UPDATE payments SET state = 'void' WHERE id = $1 AND state IN ('creating', 'open')", id)
	return n == 1, err
}

const columns = `id, order_id, attempt, state, key, amount, currency, session, intent, url, created_at, paid_at, kind, refunded, customer, method, capture`

// OfOrder lists an order's payments, oldest first.
func OfOrder(tx *database.Tx, order commerce.OrderID) ([]Payment, error) {
	return list(tx, "order_id = $1 ORDER BY attempt", order)
}

// Get returns a payment, or ErrUnknown.
func Get(tx *database.Tx, id commerce.PaymentID) (Payment, error) { return one(tx, "id = $1", id) }

// BySession returns the payment of a Checkout Session, or ErrUnknown.
func BySession(tx *database.Tx, session string) (Payment, error) {
	if session == "" {
		return Payment{}, ErrUnknown
	}
	return one(tx, "session = $1 AND session <> ''", session)
}

// ByIntent returns the payment captured by a PaymentIntent, or ErrUnknown.
func ByIntent(tx *database.Tx, intent string) (Payment, error) {
	if intent == "" {
		return Payment{}, ErrUnknown
	}
	return one(tx, "intent = $1 AND intent <> ''", intent)
}

func one(tx *database.Tx, where string, arg any) (Payment, error) {
	p, err := scan(tx.Row("SELECT "+columns+" FROM payments WHERE "+where, arg).Scan)
	if errors.Is(err, database.ErrNone) {
		return Payment{}, ErrUnknown
	}
	return p, err
}

func list(tx *database.Tx, where string, args ...any) (all []Payment, err error) {
	err = tx.Rows("SELECT "+columns+" FROM payments WHERE "+where, args, func(row func(...any) error) error {
		p, err := scan(row)
		all = append(all, p)
		return err
	})
	return all, err
}

func scan(row func(...any) error) (p Payment, err error) {
	var created, paid, capture int64
	err = row(&p.ID, &p.Order, &p.Attempt, &p.State, &p.Key, &p.Amount.Amount, &p.Amount.Currency,
		&p.Session, &p.Intent, &p.URL, &created, &paid, &p.Kind, &p.Refunded.Amount, &p.Customer, &p.Method, &capture)
	p.Capture = capture == 1
	p.Refunded.Currency = p.Amount.Currency
	p.CreatedAt, p.PaidAt = commerce.FromMicros(created), commerce.FromMicros(paid)
	return p, err
}

// Correct writes down that another amount was captured than was asked for:
// that is what has to go back.
func Correct(tx *database.Tx, id commerce.PaymentID, captured commerce.Money) error {
	_, err := tx.Exec("UPDATE payments SET amount = $2, currency = $3 WHERE id = $1", id, captured.Amount, captured.Currency)
	return err
}

// PaidBetween lists the payments whose money was taken in a span of time, the
// oldest first, captured twice or too late included.
func PaidBetween(tx *database.Tx, from, before time.Time) ([]Payment, error) {
	return list(tx, "paid_at >= $1 AND paid_at < $2 AND paid_at <> 0 ORDER BY paid_at, id", commerce.Micros(from), commerce.Micros(before))
}

// FirstAsked returns when money was first asked for, the zero time where it
// never was.
func FirstAsked(tx *database.Tx) (time.Time, error) {
	var at int64
	err := tx.Row(`SELECT COALESCE(MIN(created_at), 0) FROM payments`).Scan(&at)
	return commerce.FromMicros(at), err
}
