package payments

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/soukchat/souk/commerce"
)

// Open makes a hosted payment page, or returns the one that an earlier call
// with the same Key made. Only cards and their wallets are offered, which
// answer at once.
//
// It returns ErrAmount where the amount is nothing Stripe takes, and an Ambiguous error where the page may exist: nobody has its
// address then, so it cannot be paid until a repeat returns it.
func (s *Stripe) Open(ctx context.Context, c Checkout) (Session, error) {
	p, err := checkoutParams(c)
	if err != nil {
		return Session{}, err
	}
	// Stripe keeps even a 5xx under the key and repeats it for 24 hours, and
	// refuses a key that was used otherwise. Where it does, the page is looked for and, if there is none, asked for with the
	// next key in a fixed row, so that a crash here repeats the same row.
	for try := 0; ; try++ {
		key := c.Key
		if try > 0 {
			if open, ok, err := s.opened(ctx, c); ok || err != nil {
				return open, err
			}
			key = fmt.Sprintf("%s/%d", c.Key, try)
		}
		open, err := s.open(ctx, c, p, key)
		if err == nil || !spent(err) || try == 9 {
			return open, err
		}
	}
}

func (s *Stripe) open(ctx context.Context, c Checkout, p *stripe.CheckoutSessionParams, key string) (Session, error) {
	ctx, call := begin(ctx, "POST /v1/checkout/sessions")
	p.Params = params(ctx, key)
	got, err := s.sessions().New(p)
	if err != nil {
		return Session{}, mapped(call, err)
	}
	open, err := read(call, got)
	if err == nil && open.Amount != c.Total {
		err = commerce.Errorf(commerce.Internal, "payment.failed",
			"order %s: Stripe asks for %s instead of %s", c.Order, open.Amount, c.Total)
	}
	return open, err
}

// opened looks for an open page of this payment among those of the last day.
func (s *Stripe) opened(ctx context.Context, c Checkout) (Session, bool, error) {
	ctx, call := begin(ctx, "GET /v1/checkout/sessions")
	p := &stripe.CheckoutSessionListParams{CreatedRange: &stripe.RangeQueryParams{
		GreaterThanOrEqual: c.Expires.Add(-25 * time.Hour).Unix(),
	}}
	p.Context = ctx
	p.Limit = stripe.Int64(100)
	it := s.sessions().List(p)
	for it.Next() {
		got := it.CheckoutSession()
		if got.Status != SessionOpen || got.ClientReferenceID != string(c.Order) ||
			got.Metadata["payment"] != string(c.Payment) {
			continue
		}
		open, err := read(call, got)
		if err == nil && open.Amount != c.Total {
			return Session{}, false, commerce.Errorf(commerce.Internal, "payment.failed", "order %s: Stripe has a page of another amount", c.Order)
		}
		return open, err == nil, err
	}
	return Session{}, false, mapped(call, it.Err())
}

// Find returns the page as it is now. It returns ErrUnknown where there is none.
func (s *Stripe) Find(ctx context.Context, id string) (Session, error) {
	ctx, call := begin(ctx, "GET /v1/checkout/sessions/{session}")
	p := &stripe.CheckoutSessionParams{Params: params(ctx, "")}
	if id == "" {
		return Session{}, ErrUnknown
	}
	got, err := s.sessions().Get(id, p)
	if err != nil {
		return Session{}, mapped(call, err)
	}
	return read(call, got)
}

// Expire closes the page, so that nobody can pay on it any more. A page that
// is complete or expired already is no error: it is returned as it is, so look
// at its Status. After an Ambiguous error it may still be payable.
func (s *Stripe) Expire(ctx context.Context, id string) (Session, error) {
	outer := ctx
	ctx, call := begin(ctx, "POST /v1/checkout/sessions/{session}/expire")
	if id == "" {
		return Session{}, ErrUnknown
	}
	got, err := s.sessions().Expire(id, &stripe.CheckoutSessionExpireParams{Params: params(ctx, "")})
	if err == nil {
		return read(call, got)
	}
	err = mapped(call, err)
	if call.status != 400 {
		return Session{}, err
	}
	now, findErr := s.Find(outer, id)
	if findErr != nil {
		return Session{}, findErr
	}
	if now.Status == SessionOpen {
		return now, err
	}
	return now, nil
}

func checkoutParams(c Checkout) (*stripe.CheckoutSessionParams, error) {
	p := &stripe.CheckoutSessionParams{
		Mode:               stripe.String(string(stripe.CheckoutSessionModePayment)),
		PaymentMethodTypes: stripe.StringSlice([]string{"card"}),
		ClientReferenceID:  stripe.String(string(c.Order)),
		Metadata:           metadata(c),
		PaymentIntentData: &stripe.CheckoutSessionPaymentIntentDataParams{
			Metadata: metadata(c), // Stripe does not copy the session's
		},
		SuccessURL: stripe.String(c.Success),
		CancelURL:  stripe.String(c.Cancel),
		ExpiresAt:  stripe.Int64(c.Expires.Unix()),
		Locale:     stripe.String(pageLocale(c.Locale)),
	}
	if c.Later {
		p.PaymentIntentData.CaptureMethod = stripe.String("manual")
	}
	if c.Number != 0 {
		p.PaymentIntentData.Description = stripe.String(fmt.Sprintf("Order %d", c.Number))
	}
	if c.Customer != "" {
		p.Customer = stripe.String(c.Customer)
		p.PaymentIntentData.SetupFutureUsage = stripe.String("on_session")
	}
	if c.Email != "" {
		p.CustomerEmail = stripe.String(c.Email)
	}
	var sum commerce.Money
	for _, l := range c.Lines {
		item, err := lineItem(l)
		if err != nil {
			return nil, err
		}
		if sum, err = sum.Add(l.Amount); err != nil {
			return nil, err
		}
		p.LineItems = append(p.LineItems, item)
	}
	if sum != c.Total || len(c.Lines) == 0 || len(c.Lines) > 100 {
		return nil, commerce.Errorf(commerce.Internal, "payment.failed",
			"order %s: %d lines sum to %s, not to %s", c.Order, len(c.Lines), sum, c.Total)
	}
	if _, err := ToStripe(c.Total); err != nil {
		return nil, err
	}
	return p, nil
}

// lineItem writes a line as unit times quantity where that is exact, else as
// one piece whose name tells how many it is.
func lineItem(l Line) (*stripe.CheckoutSessionLineItemParams, error) {
	n, name := max(l.Quantity, 1), l.Name
	if l.Amount.Amount%n != 0 {
		name, n = fmt.Sprintf("%d × %s", n, name), 1
	}
	unit, err := ToStripe(commerce.Money{Amount: l.Amount.Amount / n, Currency: l.Amount.Currency})
	if err != nil && n > 1 {
		return lineItem(Line{Name: fmt.Sprintf("%d × %s", n, name), Detail: l.Detail, Amount: l.Amount})
	}
	if err != nil {
		return nil, err
	}
	data := &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String(cut(name, 250))}
	if l.Detail != "" {
		data.Description = stripe.String(cut(l.Detail, 500))
	}
	return &stripe.CheckoutSessionLineItemParams{
		Quantity: stripe.Int64(n),
		PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{
			Currency:    stripe.String(strings.ToLower(l.Amount.Currency)),
			UnitAmount:  stripe.Int64(unit),
			ProductData: data,
		},
	}, nil
}

func metadata(c Checkout) map[string]string {
	m := map[string]string{"order": string(c.Order)}
	if c.Payment != "" {
		m["payment"] = string(c.Payment)
	}
	return m
}

func read(c *call, got *stripe.CheckoutSession) (Session, error) {
	amount, err := FromStripe(got.AmountTotal, string(got.Currency))
	if got.ID == "" || err != nil {
		return Session{}, unanswered(&fault{call: c.name, status: c.status, request: c.request}, c, err)
	}
	s := Session{
		ID: got.ID, URL: got.URL, Status: string(got.Status), PaymentStatus: string(got.PaymentStatus),
		Order: commerce.OrderID(got.ClientReferenceID), Payment: commerce.PaymentID(got.Metadata["payment"]),
		Amount: amount, Livemode: got.Livemode, ExpiresAt: time.Unix(got.ExpiresAt, 0).UTC(),
	}
	if got.PaymentIntent != nil {
		s.Intent = got.PaymentIntent.ID
	}
	return s, nil
}

// pageLocales are the languages of Stripe's page.
var pageLocales = set("bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl " +
	"pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW")

func pageLocale(tag string) string {
	language, _, _ := strings.Cut(tag, "-")
	for _, l := range []string{tag, language} {
		if pageLocales[l] {
			return l
		}
	}
	return "auto"
}

// cut shortens a text to at most n characters.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
