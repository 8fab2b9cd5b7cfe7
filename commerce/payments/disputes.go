package payments

// This file keeps disputes: what a cardholder's bank took back, what was said
// against it, and how it ended (docs.stripe.com/disputes).

import (
	"context"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/dispute"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// The states of a dispute that we name; Stripe has more for inquiries, which
// begin with warning_ and take no money.
const (
	DisputeOpen   = "needs_response"
	DisputeReview = "under_review"
	DisputeWon    = "won"
	DisputeLost   = "lost"
)

// Dispute is a payment whose cardholder wants the money back.
type Dispute struct {
	ID         string // dp_…
	Payment    commerce.PaymentID
	Order      commerce.OrderID
	State      string // Stripe's
	Reason     string // Stripe's
	Amount     commerce.Money
	DueAt      time.Time // until then evidence can be sent
	OpenedAt   time.Time
	AnsweredAt time.Time // zero where no evidence was sent
	ClosedAt   time.Time
}

// Inquiry reports that a bank only asks, and has taken nothing.
func (d Dispute) Inquiry() bool {
	return strings.HasPrefix(d.State, "warning_") || d.State == "charge_refunded"
}

// Over reports that nothing follows any more.
func (d Dispute) Over() bool {
	return d.State == DisputeWon || d.State == DisputeLost || d.State == "warning_closed" || d.State == "charge_refunded"
}

// InReview reports that evidence was sent, by us or on Stripe's pages, and the
// bank decides.
func (d Dispute) InReview() bool {
	return !d.Over() && (!d.AnsweredAt.IsZero() || d.State == DisputeReview || d.State == "warning_under_review")
}

// Answerable reports that evidence can be sent.
func (d Dispute) Answerable(now time.Time) bool {
	return (d.State == DisputeOpen || d.State == "warning_needs_response") && d.AnsweredAt.IsZero() && now.Before(d.DueAt)
}

// Evidence is what is said against a dispute. What is longer than Stripe takes
// is cut.
type Evidence struct {
	Name, Address, Product, Tracking, ShippedOn, Policy, Story string
}

// Dispute returns a dispute as it is now, or ErrUnknown. Payment and Order are
// not set.
func (s *Stripe) Dispute(ctx context.Context, id string) (Dispute, error) {
	ctx, call := begin(ctx, "GET /v1/disputes/{dispute}")
	got, err := dispute.Client{B: s.backend, Key: s.key}.Get(id, &stripe.DisputeParams{Params: params(ctx, "")})
	if err != nil {
		return Dispute{}, mapped(call, err)
	}
	return readDispute(call, got)
}

// Answer sends the evidence of a dispute. Stripe takes it once: after that it
// says no, so the call needs no key.
func (s *Stripe) Answer(ctx context.Context, id string, e Evidence) (Dispute, error) {
	ctx, call := begin(ctx, "POST /v1/disputes/{dispute}")
	text := func(s string, most int) *string {
		if s == "" {
			return nil
		}
		return stripe.String(cut(s, most))
	}
	const short, long = 5_000, 20_000
	got, err := dispute.Client{B: s.backend, Key: s.key}.Update(id, &stripe.DisputeParams{Params: params(ctx, ""), Submit: stripe.Bool(true),
		Evidence: &stripe.DisputeEvidenceParams{CustomerName: text(e.Name, short), ShippingAddress: text(e.Address, short), ProductDescription: text(e.Product, long),
			ShippingTrackingNumber: text(e.Tracking, short), ShippingDate: text(e.ShippedOn, short), RefundPolicyDisclosure: text(e.Policy, long), UncategorizedText: text(e.Story, long)}})
	if err != nil {
		return Dispute{}, mapped(call, err)
	}
	return readDispute(call, got)
}

func readDispute(c *call, got *stripe.Dispute) (Dispute, error) {
	amount, err := FromStripe(got.Amount, string(got.Currency))
	if got.ID == "" || err != nil {
		return Dispute{}, unanswered(&fault{call: c.name, status: c.status, request: c.request}, c, err)
	}
	d := Dispute{ID: got.ID, State: string(got.Status), Reason: string(got.Reason), Amount: amount, OpenedAt: time.Unix(got.Created, 0).UTC()}
	if e := got.EvidenceDetails; e != nil && e.DueBy > 0 {
		d.DueAt = time.Unix(e.DueBy, 0).UTC()
	}
	return d, nil
}

// KeepDispute writes down how a dispute is now, and returns how it was known
// before: the zero Dispute for a new one. What is over stays over, and what is
// answered is not open again, unless an inquiry became a dispute.
func KeepDispute(tx *database.Tx, d Dispute, now time.Time) (before Dispute, err error) {
	list, err := disputes(tx, "id = $1", d.ID)
	if err != nil {
		return before, err
	}
	closed := int64(0)
	if d.Over() {
		closed = commerce.Micros(now)
	}
	if len(list) == 0 {
		_, err = tx.Exec(`INSERT INTO disputes (id, payment_id, order_id, state, reason, amount, currency, due_at, opened_at, closed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, d.ID, d.Payment, d.Order, d.State, d.Reason, d.Amount.Amount, d.Amount.Currency,
			commerce.Micros(d.DueAt), commerce.Micros(d.OpenedAt), closed)
		return before, err
	}
	_, err = tx.Exec(`UPDATE disputes SET answered_at = CASE WHEN state LIKE 'warning%' AND $2 = 'needs_response' THEN 0 ELSE answered_at END,
		state = $2, due_at = $3, closed_at = $4 WHERE id = $1 AND closed_at = 0
		AND NOT (state = 'under_review' AND $2 = 'needs_response')`, d.ID, d.State, commerce.Micros(d.DueAt), closed)
	return list[0], err
}

// AnswerDispute writes down that evidence was sent, and by whom. It returns
// false where it was before.
func AnswerDispute(tx *database.Tx, id, actor string, now time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE disputes SET answered_at = $2, actor = $3 WHERE id = $1 AND answered_at = 0 AND closed_at = 0`, id, commerce.Micros(now), actor)
	return n == 1, err
}

// OneDispute returns a dispute, or ErrUnknown.
func OneDispute(tx *database.Tx, id string) (Dispute, error) {
	list, err := disputes(tx, "id = $1", id)
	if err == nil && len(list) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return Dispute{}, err
	}
	return list[0], nil
}

// DisputesOf lists the disputes of an order, the oldest first.
func DisputesOf(tx *database.Tx, o commerce.OrderID) ([]Dispute, error) {
	return disputes(tx, "order_id = $1 ORDER BY opened_at, id", o)
}

// Disputes lists up to n disputes: those that are open, the most urgent first,
// then the others, the newest first.
func Disputes(tx *database.Tx, n int) ([]Dispute, error) {
	open, err := disputes(tx, "closed_at = 0 ORDER BY due_at, id LIMIT $1", n)
	if err != nil {
		return nil, err
	}
	over, err := disputes(tx, "closed_at <> 0 ORDER BY opened_at DESC, id DESC LIMIT $1", n-len(open))
	return append(open, over...), err
}

// Unanswered lists up to n disputes that nobody has answered and whose time is
// over before a time, the most urgent first.
func Unanswered(tx *database.Tx, before time.Time, n int) ([]Dispute, error) {
	return disputes(tx, `state IN ('needs_response', 'warning_needs_response') AND answered_at = 0 AND due_at < $1 ORDER BY due_at, id LIMIT $2`,
		commerce.Micros(before), n)
}

func disputes(tx *database.Tx, where string, args ...any) (list []Dispute, err error) {
	err = tx.Rows(`SELECT id, payment_id, order_id, state, reason, amount, currency, due_at, opened_at, answered_at, closed_at FROM disputes WHERE `+where, args,
		func(scan func(...any) error) error {
			var d Dispute
			var due, opened, answered, closed int64
			err := scan(&d.ID, &d.Payment, &d.Order, &d.State, &d.Reason, &d.Amount.Amount, &d.Amount.Currency, &due, &opened, &answered, &closed)
			d.DueAt, d.OpenedAt, d.AnsweredAt, d.ClosedAt = commerce.FromMicros(due), commerce.FromMicros(opened), commerce.FromMicros(answered), commerce.FromMicros(closed)
			list = append(list, d)
			return err
		})
	return list, err
}
