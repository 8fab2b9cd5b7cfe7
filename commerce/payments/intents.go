package payments

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/paymentintent"

	"github.com/soukchat/souk/commerce"
)

// Statuses of an Intent, as Stripe names them.
const (
	IntentOpen      = "requires_confirmation"   // nothing happens until we confirm it
	IntentAsks      = "requires_action"         // the cardholder has to prove who they are
	IntentDeclined  = "requires_payment_method" // the last card was not taken
	IntentHeld      = "requires_capture"        // authorised: the money is kept on the card, and not taken
	IntentRunning   = "processing"
	IntentSucceeded = "succeeded"
	IntentCanceled  = "canceled"
)

// Charge is what a kept card shall pay. All of it goes into requests that are
// repeated under the same keys: build it from what is stored.
type Charge struct {
	Order    commerce.OrderID
	Number   int64
	Payment  commerce.PaymentID
	Key      string // idempotency key, stored before the call
	Customer string // cus_…
	Method   string // pm_…
	Amount   commerce.Money
	Later    bool   // only authorise: Capture takes the money
	Return   string // where the cardholder comes back to from an authentication
}

// Intent is a PaymentIntent as Stripe described it last.
type Intent struct {
	ID      string
	Status  string
	Order   commerce.OrderID
	Payment commerce.PaymentID
	Amount  commerce.Money // received where it succeeded, else asked for
	Method  string         // pm_…
	URL     string         // with IntentAsks: where the cardholder has to go
	Decline string         // with IntentDeclined: Stripe's code of why
}

// Prepare makes an intent that takes no money until it is confirmed, or
// returns the one that an earlier call with the same Key made. Made twice, once
// more than 24 hours later, it harms nobody.
func (s *Stripe) Prepare(ctx context.Context, c Charge) (Intent, error) {
	amount, err := ToStripe(c.Amount)
	if err != nil {
		return Intent{}, err
	}
	p := &stripe.PaymentIntentParams{
		Amount: stripe.Int64(amount), Currency: stripe.String(strings.ToLower(c.Amount.Currency)),
		Customer: stripe.String(c.Customer), PaymentMethod: stripe.String(c.Method),
		PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
		Metadata:           map[string]string{"order": string(c.Order), "payment": string(c.Payment)},
	}
	if c.Later {
		p.CaptureMethod = stripe.String("manual")
	}
	if c.Number != 0 {
		p.Description = stripe.String(fmt.Sprintf("Order %d", c.Number))
	}
	return s.stepped(c.Key, func(key string) (Intent, error) {
		ctx, call := begin(ctx, "POST /v1/payment_intents")
		p.Params = params(ctx, key)
		got, err := s.intents().New(p)
		if err != nil {
			return Intent{}, mapped(call, err)
		}
		return readIntent(call, got)
	})
}

// Confirm takes the money of an intent, while its member is there. An intent
// succeeds once, whatever is repeated. Look at its Status: a card that is
// declined, and one that asks for authentication, are answers and no errors.
func (s *Stripe) Confirm(ctx context.Context, id string, c Charge) (Intent, error) {
	outer := ctx
	return s.stepped(c.Key+":confirm", func(key string) (Intent, error) {
		ctx, call := begin(ctx, "POST /v1/payment_intents/{intent}/confirm")
		got, err := s.intents().Confirm(id, &stripe.PaymentIntentConfirmParams{
			Params: params(ctx, key), PaymentMethod: stripe.String(c.Method), ReturnURL: stripe.String(c.Return),
		})
		if err == nil {
			return readIntent(call, got)
		}
		err = mapped(call, err)
		if kind := commerce.KindOf(err); kind != commerce.Declined && call.status != 400 {
			return Intent{}, err
		}
		// Declined, or in a state in which it cannot be confirmed: what state?
		return s.refused(outer, id, err, IntentOpen)
	})
}

// stepped makes a call with a key. What Stripe keeps under it and is no use is stepped
// over with the next key in a fixed row, as Open does.
func (s *Stripe) stepped(key string, call func(key string) (Intent, error)) (Intent, error) {
	for try := 0; ; try++ {
		next := key
		if try > 0 {
			next = fmt.Sprintf("%s/%d", key, try)
		}
		i, err := call(next)
		if err == nil || !spent(err) || try == 9 {
			return i, err
		}
	}
}

// Intent returns an intent as it is now, or ErrUnknown.
func (s *Stripe) Intent(ctx context.Context, id string) (Intent, error) {
	if id == "" {
		return Intent{}, ErrUnknown
	}
	ctx, call := begin(ctx, "GET /v1/payment_intents/{intent}")
	got, err := s.intents().Get(id, &stripe.PaymentIntentParams{Params: params(ctx, "")})
	if err != nil {
		return Intent{}, mapped(call, err)
	}
	return readIntent(call, got)
}

// Cancel makes sure that an intent takes no money any more. One that has, or
// was canceled before, is no error: look at its Status.
func (s *Stripe) Cancel(ctx context.Context, id string) (Intent, error) {
	outer := ctx
	ctx, call := begin(ctx, "POST /v1/payment_intents/{intent}/cancel")
	got, err := s.intents().Cancel(id, &stripe.PaymentIntentCancelParams{Params: params(ctx, "")})
	if err == nil {
		return readIntent(call, got)
	}
	err = mapped(call, err)
	if call.status != 400 {
		return Intent{}, err
	}
	return s.refused(outer, id, err, IntentOpen, IntentAsks, IntentDeclined, IntentHeld, IntentRunning)
}

// refused reads an intent that Stripe will not change. The refusal stays an
// error where it still stands as before.
func (s *Stripe) refused(ctx context.Context, id string, err error, before ...string) (Intent, error) {
	now, findErr := s.Intent(ctx, id)
	if findErr != nil {
		return Intent{}, findErr
	}
	if slices.Contains(before, now.Status) {
		return now, err
	}
	return now, nil
}

// Capture takes so much of what is authorised, and releases the rest. An intent
// is captured once, whatever is repeated. Look at its Status: one that was
// captured before, and one whose authorisation is lost, are no errors.
func (s *Stripe) Capture(ctx context.Context, id, key string, amount commerce.Money) (Intent, error) {
	cents, err := ToStripe(amount)
	if err != nil {
		return Intent{}, err
	}
	outer := ctx
	return s.stepped(key, func(key string) (Intent, error) {
		ctx, call := begin(ctx, "POST /v1/payment_intents/{intent}/capture")
		got, err := s.intents().Capture(id, &stripe.PaymentIntentCaptureParams{Params: params(ctx, key), AmountToCapture: stripe.Int64(cents)})
		if err == nil {
			return readIntent(call, got)
		}
		err = mapped(call, err)
		if call.status != 400 {
			return Intent{}, err
		}
		return s.refused(outer, id, err, IntentHeld)
	})
}

func (s *Stripe) intents() paymentintent.Client {
	return paymentintent.Client{B: s.backend, Key: s.key}
}

func readIntent(c *call, got *stripe.PaymentIntent) (Intent, error) {
	cents := got.Amount
	if got.Status == IntentSucceeded {
		cents = got.AmountReceived
	}
	amount, err := FromStripe(cents, string(got.Currency))
	if got.ID == "" || err != nil {
		return Intent{}, unanswered(&fault{call: c.name, status: c.status, request: c.request}, c, err)
	}
	i := Intent{ID: got.ID, Status: string(got.Status), Amount: amount,
		Order: commerce.OrderID(got.Metadata["order"]), Payment: commerce.PaymentID(got.Metadata["payment"])}
	if got.PaymentMethod != nil {
		i.Method = got.PaymentMethod.ID
	}
	if next := got.NextAction; next != nil && next.RedirectToURL != nil {
		i.URL = next.RedirectToURL.URL
	}
	if e := got.LastPaymentError; e != nil {
		if i.Decline = string(e.DeclineCode); i.Decline == "" {
			i.Decline = string(e.Code)
		}
	}
	return i, nil
}
