package payments

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/stripe/stripe-go/v76"

	"github.com/soukchat/souk/commerce"
)

// isCharge tells a charge from a PaymentIntent: what was paid in a Telegram
// chat is known by its charge.
func isCharge(id string) bool { return strings.HasPrefix(id, "ch_") || strings.HasPrefix(id, "py_") }

// Refund gives money back by r.Intent, r.Amount and r.Key, or returns the
// refund that an earlier call with the same Key made. Where the payment was
// given back in full some other way, by hand on Stripe's pages, that refund is
// returned: its Key is empty then. Look at its Status: it may have failed.
//
// Set r.Tries to how often it was tried before: from the second try on Stripe
// is first asked what the earlier ones did.
func (s *Stripe) Refund(ctx context.Context, r Refund) (Refunded, error) {
	amount, err := ToStripe(r.Amount)
	if err != nil {
		return Refunded{}, err
	}
	if !strings.HasPrefix(r.Intent, "pi_") && !isCharge(r.Intent) {
		return Refunded{}, commerce.Errorf(commerce.Declined, "payment.failed", "refund %s: the money was not taken at Stripe", r.ID)
	}
	// As in Open: what is kept under the key and no use is stepped over, after a look at
	// what it has done.
	for try := 0; ; try++ {
		key := r.Key
		if try > 0 || r.Tries > 0 {
			if done, ok, err := s.refunded(ctx, r); ok || err != nil {
				return done, err
			}
		}
		if try > 0 {
			key = fmt.Sprintf("%s/%d", r.Key, try)
		}
		done, err := s.refund(ctx, r, amount, key)
		if code(err) == string(stripe.ErrorCodeChargeAlreadyRefunded) {
			if done, ok, lookErr := s.refunded(ctx, r); ok || lookErr != nil {
				return done, lookErr
			}
		}
		if err == nil || !spent(err) || try == 9 {
			return done, err
		}
	}
}

func (s *Stripe) refund(ctx context.Context, r Refund, amount int64, key string) (Refunded, error) {
	ctx, call := begin(ctx, "POST /v1/refunds")
	p := &stripe.RefundParams{
		Params:   params(ctx, key),
		Amount:   stripe.Int64(amount),
		Metadata: map[string]string{"order": string(r.Order), "key": r.Key},
	}
	if isCharge(r.Intent) {
		p.Charge = stripe.String(r.Intent)
	} else {
		p.PaymentIntent = stripe.String(r.Intent)
	}
	got, err := s.refunds().New(p)
	if err != nil {
		return Refunded{}, mapped(call, err)
	}
	return readRefund(call, got)
}

// Refunds lists what has been given back of a payment, newest first.
func (s *Stripe) Refunds(ctx context.Context, intent string) ([]Refunded, error) {
	ctx, call := begin(ctx, "GET /v1/refunds")
	p := &stripe.RefundListParams{}
	switch {
	case isCharge(intent):
		p.Charge = stripe.String(intent)
	case strings.HasPrefix(intent, "pi_"):
		p.PaymentIntent = stripe.String(intent)
	default:
		return nil, nil // of another provider: Stripe knows nothing about it
	}
	p.Context = ctx
	p.Limit = stripe.Int64(100)
	var all []Refunded
	it := s.refunds().List(p)
	for it.Next() {
		one, err := readRefund(call, it.Refund())
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, mapped(call, it.Err())
}

// refunded looks for what r asks for among the refunds of its payment: one
// with its key, or others that together gave back as much. One with its key
// that has failed since is returned as such: asked for again under the key,
// Stripe would repeat the answer of the day it was made, and call it done.
func (s *Stripe) refunded(ctx context.Context, r Refund) (Refunded, bool, error) {
	all, err := s.Refunds(ctx, r.Intent)
	if err != nil {
		return Refunded{}, false, err
	}
	var others int64
	var last, failed Refunded
	byHand := maps.Clone(r.Others) // what is booked and has no refund of its own key
	for _, one := range all {
		if one.Sent() {
			delete(byHand, one.Key)
		}
	}
	for _, amount := range byHand {
		others -= amount
	}
	for _, one := range all {
		if one.Key == r.Key && !one.Sent() && failed.ID == "" {
			failed = one
		}
		if !one.Sent() {
			continue
		}
		if one.Key == r.Key {
			return one, true, nil
		}
		if one.Key == "" {
			others += one.Amount.Amount
			if last.ID == "" {
				last = one
			}
		}
	}
	if last.ID != "" && others >= r.Amount.Amount {
		return last, true, nil
	}
	return failed, failed.ID != "", nil
}

func readRefund(c *call, got *stripe.Refund) (Refunded, error) {
	amount, err := FromStripe(got.Amount, string(got.Currency))
	if got.ID == "" || err != nil {
		return Refunded{}, unanswered(&fault{call: c.name, status: c.status, request: c.request}, c, err)
	}
	r := Refunded{ID: got.ID, Status: string(got.Status), Key: got.Metadata["key"], Amount: amount}
	if got.PaymentIntent != nil {
		r.Intent = got.PaymentIntent.ID
	} else if got.Charge != nil {
		r.Intent = got.Charge.ID
	}
	return r, nil
}

// IntentOf returns the PaymentIntent that the object of an event belongs to, or
// the charge where there is none: a session, charge, refund, dispute or the
// intent itself, told apart by the prefix of the id. It is empty for a session that nobody has paid, and
// ErrUnknown is returned for other objects.
func (s *Stripe) IntentOf(ctx context.Context, object string) (string, error) {
	var of struct {
		stripe.APIResource
		PaymentIntent *stripe.PaymentIntent `json:"payment_intent"`
		Charge        *stripe.Charge        `json:"charge"`
	}
	prefix, _, _ := strings.Cut(object, "_")
	path, ok := map[string]string{
		"cs": "/v1/checkout/sessions/", "ch": "/v1/charges/", "py": "/v1/charges/",
		"re": "/v1/refunds/", "pyr": "/v1/refunds/", "dp": "/v1/disputes/", "du": "/v1/disputes/",
	}[prefix]
	switch {
	case prefix == "pi":
		return object, nil
	case !ok:
		return "", ErrUnknown
	}
	ctx, call := begin(ctx, "GET "+path)
	p := params(ctx, "")
	if err := s.backend.Call("GET", stripe.FormatURLPath(path+"%s", object), s.key, &p, &of); err != nil {
		return "", mapped(call, err)
	}
	switch {
	case of.PaymentIntent != nil && of.PaymentIntent.ID != "":
		return of.PaymentIntent.ID, nil
	case isCharge(object):
		return object, nil
	case of.Charge != nil:
		return of.Charge.ID, nil
	}
	return "", nil
}
