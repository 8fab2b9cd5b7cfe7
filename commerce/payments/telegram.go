package payments

// This file owns the rules of invoices in a Telegram chat, whose provider is
// Stripe (core.telegram.org/bots/payments):
//   - An invoice that was shown can be neither expired nor asked about. It can
//     be paid only after Telegram has asked whether it may (the pre-checkout
//     query, answered within ten seconds), so that answer is where we decide.
//   - A yes pins the order for ten minutes: it is kept, and every other way to
//     pay says no. A second yes meanwhile would be a second way to pay, so
//     another question about the same invoice gets a no.
//   - A question is answered once. Asked again it gets the same answer, and
//     decides nothing anew: its ten seconds may be over.
//   - Giving up an invoice only means that no question about it is answered
//     with yes any more. Money that arrives on it all the same was taken.
//   - Money is credited only by successful_payment, once for each of its ids.
//     A second payment of one invoice is a payment of its own, which goes back.

import (
	"errors"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

const (
	// PinTime is how long an order is kept for somebody who was told that they
	// may pay. Telegram names no limit; its form is long closed by then.
	PinTime = 10 * time.Minute
	// AnswerTime is how long Telegram waits for the answer to a pre-checkout
	// query (core.telegram.org/bots/api#precheckoutquery).
	AnswerTime = 10 * time.Second
)

// Invoice is a payment by an invoice in a chat.
type Invoice struct {
	Payment
	Asks        bool // its prices are the goods alone: Telegram asks where to send them
	PinnedUntil time.Time
	Receipt     string // Telegram's id of the payment
}

// Pinned reports that the order may be paid by this invoice alone.
func (i Invoice) Pinned(now time.Time) bool { return now.Before(i.PinnedUntil) }

// Issue writes down that an invoice is being shown for a payment that was
// begun for it. Doing it again changes nothing.
func Issue(tx *database.Tx, id commerce.PaymentID, asks bool) error {
	if _, err := tx.Exec("UPDATE payments SET state = 'open' WHERE id = $1 AND state = 'creating' AND kind = 'invoice'", id); err != nil {
		return err
	}
	_, err := tx.Exec("INSERT INTO invoices (payment_id, asks) VALUES ($1, $2) ON CONFLICT DO NOTHING", id, bit(asks))
	return err
}

// InvoiceOf returns the invoice of a payment, or ErrUnknown.
func InvoiceOf(tx *database.Tx, id commerce.PaymentID) (i Invoice, err error) {
	if i.Payment, err = Get(tx, id); err != nil {
		return Invoice{}, err
	}
	var asks, pinned int64
	err = tx.Row("SELECT asks, pinned_until, receipt FROM invoices WHERE payment_id = $1", id).Scan(&asks, &pinned, &i.Receipt)
	if errors.Is(err, database.ErrNone) {
		return Invoice{}, ErrUnknown
	}
	i.Asks, i.PinnedUntil = asks != 0, commerce.FromMicros(pinned)
	return i, err
}

// PinnedUntil returns until when an order can be paid by an invoice alone; the
// zero time where it is not pinned now.
func PinnedUntil(tx *database.Tx, order commerce.OrderID, now time.Time) (time.Time, error) {
	var until int64
	err := tx.Row(`SELECT COALESCE(MAX(i.pinned_until), 0) FROM invoices i JOIN payments p ON p.id = i.payment_id
		WHERE p.order_id = $1 AND p.state = 'open'`, order).Scan(&until)
	if err != nil || until <= commerce.Micros(now) {
		return time.Time{}, err
	}
	return commerce.FromMicros(until), nil
}

// Pin pins an invoice for whoever may pay amount for it now. It returns false,
// and changes nothing, where it is pinned already, or cannot be paid any more.
func Pin(tx *database.Tx, id commerce.PaymentID, amount commerce.Money, now time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE invoices SET pinned_until = $2 WHERE payment_id = $1 AND pinned_until <= $3 AND receipt = ''
		AND EXISTS (SELECT 1 FROM payments p WHERE p.id = $1 AND p.state = 'open' AND p.kind = 'invoice' AND p.currency = $4)`,
		id, commerce.Micros(now.Add(PinTime)), commerce.Micros(now), amount.Currency)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Exec("UPDATE payments SET amount = $2 WHERE id = $1", id, amount.Amount)
	return err == nil, err
}

// VoidInvoice gives up an invoice. It returns false where it is pinned, and
// may be paid at this moment.
func VoidInvoice(tx *database.Tx, id commerce.PaymentID, now time.Time) (bool, error) {
	_, err := tx.Exec(`UPDATE payments SET state = 'void' WHERE id = $1 AND state IN ('creating', 'open')
		AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.payment_id = payments.id AND i.pinned_until > $2)`, id, commerce.Micros(now))
	if err != nil {
		return false, err
	}
	p, err := Get(tx, id)
	return err == nil && !p.Live(), err
}

// Question is a pre-checkout query that was answered.
type Question struct {
	ID      string
	Payment commerce.PaymentID
	AskedAt time.Time
	Yes     bool
}

// Answered returns the answer that a question got, false where it got none.
func Answered(tx *database.Tx, id string) (q Question, ok bool, err error) {
	var at, yes int64
	err = tx.Row("SELECT payment_id, asked_at, yes FROM invoice_questions WHERE question = $1", id).Scan(&q.Payment, &at, &yes)
	if errors.Is(err, database.ErrNone) {
		return Question{}, false, nil
	}
	q.ID, q.AskedAt, q.Yes = id, commerce.FromMicros(at), yes != 0
	return q, err == nil, err
}

// Answer writes down the answer to a question.
func Answer(tx *database.Tx, q Question) error {
	_, err := tx.Exec("INSERT INTO invoice_questions (question, payment_id, asked_at, yes) VALUES ($1, $2, $3, $4)",
		q.ID, q.Payment, commerce.Micros(q.AskedAt), bit(q.Yes))
	return err
}

// Receipt is a successful payment, as Telegram told of it.
type Receipt struct {
	ID      string             // telegram_payment_charge_id
	Charge  string             // provider_payment_charge_id
	Payment commerce.PaymentID // from the payload
	Amount  commerce.Money
}

// Credit finds the payment that a receipt belongs to and writes the receipt
// down there. Where the invoice was paid by another receipt before, it makes
// a void payment of its own for the money, with the id spare. It returns
// ErrUnknown for an invoice that is not ours.
func Credit(tx *database.Tx, r Receipt, spare commerce.PaymentID, now time.Time) (Payment, error) {
	var id commerce.PaymentID
	err := tx.Row("SELECT payment_id FROM invoices WHERE (receipt = $1 AND receipt <> '') OR (charge = $2 AND charge <> '')", r.ID, r.Charge).Scan(&id)
	if err == nil {
		return Get(tx, id)
	}
	if !errors.Is(err, database.ErrNone) {
		return Payment{}, err
	}
	i, err := InvoiceOf(tx, r.Payment)
	if err != nil {
		return Payment{}, err
	}
	n, err := tx.Exec("UPDATE invoices SET receipt = $2, charge = $3 WHERE payment_id = $1 AND receipt = ''", r.Payment, r.ID, r.Charge)
	if err != nil || n == 1 {
		return i.Payment, err
	}
	all, err := OfOrder(tx, i.Order)
	if err != nil {
		return Payment{}, err
	}
	p := Payment{ID: spare, Order: i.Order, Kind: KindInvoice, Attempt: all[len(all)-1].Attempt + 1, State: StateVoid, Amount: r.Amount, CreatedAt: now}
	if p, err = add(tx, p); err != nil {
		return Payment{}, err
	}
	_, err = tx.Exec("INSERT INTO invoices (payment_id, asks, receipt, charge) VALUES ($1, 0, $2, $3)", p.ID, r.ID, r.Charge)
	return p, err
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
