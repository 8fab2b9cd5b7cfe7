package payments

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/stripe/stripe-go/v76"

	"github.com/soukchat/souk/commerce"
)

// Sentinels that callers branch on.
var (
	// ErrKey is in the chain where Stripe refuses the API key: nothing works
	// until an admin mends it. Its Kind is Unavailable all the same.
	ErrKey = errors.New("stripe refuses the API key")
	// ErrReused is in the chain where an idempotency key, and those after it in
	// its row, were used before with other parameters: a fault of ours. Void that
	// attempt and begin another.
	ErrReused = errors.New("the idempotency key was used with other parameters")
	// ErrUnknown is returned where Stripe does not know the object.
	ErrUnknown = &commerce.Error{Kind: commerce.NotFound, Message: "payment.unknown"}
	// ErrCard is returned where Stripe does not keep a card any more.
	ErrCard = &commerce.Error{Kind: commerce.NotFound, Message: "buy.cardgone"}
	// ErrAmount is returned where Stripe does not take the amount: too small,
	// too large, or not to be written in the currency's units.
	ErrAmount = &commerce.Error{Kind: commerce.Invalid, Message: "payment.amount"}
	// ErrPaid is returned where an order that has been paid would be paid again.
	ErrPaid = &commerce.Error{Kind: commerce.Conflict, Message: "payment.paid"}
)

// Ambiguous reports that nobody can tell from this error whether the call, or
// an earlier one with the same key, happened: no answer, a 5xx, an answer that
// cannot be read, or one of 401, 403, 409 and 429, which say nothing about
// what an earlier try did. Repeat the call with the same key.
func Ambiguous(err error) bool {
	var a *fault
	return errors.As(err, &a) && a.ambiguous
}

// Reason is why a call failed, in a few words for staff: what Stripe said, or its
// code.
func Reason(err error) string {
	var f *fault
	switch {
	case !errors.As(err, &f):
		return err.Error()
	case f.detail != "":
		return f.detail
	case f.code != "":
		return f.code
	}
	return f.Error()
}

// fault is the cause inside the *commerce.Error that calls return. Its text
// holds no secret: Stripe's own message only where it speaks of parameters.
type fault struct {
	call      string // as POST /v1/refunds
	status    int    // 0 without an answer
	code      string // Stripe's error code, or its type
	param     string
	request   string // Stripe's Request-Id, for its support and its log
	detail    string
	replayed  bool // the stored answer of an earlier call with the same key
	ambiguous bool
	err       error // a sentinel, or the context's error
}

func (f *fault) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "stripe %s:", f.call)
	if f.status != 0 {
		fmt.Fprintf(&b, " status %d", f.status)
	}
	for _, p := range []struct{ name, value string }{
		{"", f.code}, {"param ", f.param}, {"", f.detail}, {"request ", f.request},
	} {
		if p.value != "" {
			b.WriteString(" " + p.name + p.value)
		}
	}
	if f.err != nil {
		b.WriteString(": " + f.err.Error())
	}
	return b.String()
}

func (f *fault) Unwrap() error { return f.err }

// mapped turns what stripe-go returned into the shop's error.
func mapped(c *call, err error) error {
	if err == nil {
		return nil
	}
	f := &fault{call: c.name, status: c.status, request: c.request, replayed: c.replayed}
	var s *stripe.Error
	if !errors.As(err, &s) {
		return unanswered(f, c, err)
	}
	f.status, f.code, f.param = s.HTTPStatusCode, string(s.Code), s.Param
	if f.code == "" {
		f.code = string(s.Type)
	}
	e := &commerce.Error{Kind: commerce.Internal, Message: "payment.failed", Err: f}
	switch {
	case s.Type == stripe.ErrorTypeIdempotency && s.HTTPStatusCode != 409:
		e.Kind, e.Message, f.err = commerce.Conflict, "payment.changed", ErrReused
	case s.HTTPStatusCode == 401 || s.HTTPStatusCode == 403:
		e.Kind, e.Message, f.err, f.ambiguous = commerce.Unavailable, "payment.unavailable", ErrKey, true
	case s.HTTPStatusCode >= 500 || s.HTTPStatusCode == 409 || s.HTTPStatusCode == 429:
		e.Kind, e.Message, f.ambiguous = commerce.Unavailable, "payment.unavailable", true
	case s.Type == stripe.ErrorTypeCard || s.HTTPStatusCode == 402:
		e.Kind, e.Message = commerce.Declined, "payment.declined"
		if s.DeclineCode != "" {
			f.code = string(s.DeclineCode)
		}
		e.Args = map[string]any{"Reason": f.code}
	case s.HTTPStatusCode == 404:
		e.Kind, e.Message = ErrUnknown.Kind, ErrUnknown.Message
	case s.Code == stripe.ErrorCodeAmountTooSmall || s.Code == stripe.ErrorCodeAmountTooLarge:
		e.Kind, e.Message = ErrAmount.Kind, ErrAmount.Message
	case s.Param == "payment_method":
		e.Kind, e.Message = ErrCard.Kind, ErrCard.Message
	default:
		f.detail = clean(s.Msg) // a parameter we sent is wrong
	}
	return e
}

// unanswered is the error of a call without an answer that can be read. What
// stripe-go says of an unreadable body repeats the body, so it is left out.
func unanswered(f *fault, c *call, err error) error {
	f.ambiguous = true
	var u *url.Error
	switch {
	case errors.Is(err, context.Canceled):
		f.err = context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		f.err = context.DeadlineExceeded
	case errors.As(err, &u):
		f.detail = clean(u.Err.Error())
	case c.status != 0:
		f.detail = "the answer cannot be read"
	default:
		f.detail = "no answer"
	}
	return &commerce.Error{Kind: commerce.Unavailable, Message: "payment.unavailable", Err: f}
}

// clean shortens a foreign text to one line and takes out what looks like a
// key: Stripe repeats the last digits of the one it refuses.
func clean(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		for _, secret := range []string{"sk_", "rk_", "pk_", "whsec_", "_secret_"} {
			if strings.Contains(w, secret) {
				words[i] = "[redacted]"
			}
		}
	}
	s = strings.Join(words, " ")
	if len(s) > 300 {
		s = s[:300]
	}
	return strings.ToValidUTF8(s, "")
}

func isReplayed(err error) bool {
	var f *fault
	return errors.As(err, &f) && f.replayed && f.status >= 500
}

// spent reports that nothing can be learned or done under a key any more:
// Stripe keeps a failure under it, or another call.
func spent(err error) bool { return isReplayed(err) || errors.Is(err, ErrReused) }

func code(err error) string {
	var f *fault
	if errors.As(err, &f) {
		return f.code
	}
	return ""
}
