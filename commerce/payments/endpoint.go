package payments

import (
	"context"
	"slices"
	"strings"

	"github.com/stripe/stripe-go/v76"

	"github.com/soukchat/souk/commerce"
)

// EventTypes are the events the shop acts on, and all that its endpoint is
// sent. The asynchronous ones come only from delayed ways to pay, which our
// pages do not offer; they are there in case an account adds one.
func EventTypes() []string {
	return []string{
		"payment_intent.succeeded",
		"payment_intent.payment_failed",
		"payment_intent.canceled",
		"payment_intent.amount_capturable_updated",
		"checkout.session.completed",
		"checkout.session.expired",
		"checkout.session.async_payment_succeeded",
		"checkout.session.async_payment_failed",
		"charge.refunded",
		"charge.refund.updated", // a refund of a card, whichever way it was made, that fails later
		"refund.updated",
		"charge.dispute.created",
		"charge.dispute.updated",
		"charge.dispute.funds_withdrawn",
		"charge.dispute.funds_reinstated",
		"charge.dispute.closed",
		"transfer.reversed",
	}
}

// EndpointState is how our webhook endpoint stands at Stripe.
type EndpointState struct {
	ID         string // empty: there is none with our URL
	Enabled    bool
	APIVersion string   // empty: the account's default
	Missing    []string // events of EventTypes it is not sent
}

// Good reports that the endpoint needs no mending.
func (e EndpointState) Good() bool {
	return e.ID != "" && e.Enabled && e.APIVersion == APIVersion && len(e.Missing) == 0
}

// Endpoint finds the webhook endpoint with our URL. Where there are several,
// the best of them is returned.
func (s *Stripe) Endpoint(ctx context.Context, url string) (EndpointState, error) {
	ctx, call := begin(ctx, "GET /v1/webhook_endpoints")
	p := &stripe.WebhookEndpointListParams{}
	p.Context = ctx
	p.Limit = stripe.Int64(100)
	var best EndpointState
	it := s.endpoints().List(p)
	for it.Next() {
		got := it.WebhookEndpoint()
		if got.URL != url {
			continue
		}
		state := EndpointState{ID: got.ID, Enabled: got.Status == "enabled", APIVersion: got.APIVersion}
		for _, t := range EventTypes() {
			if !slices.Contains(got.EnabledEvents, t) && !slices.Contains(got.EnabledEvents, "*") {
				state.Missing = append(state.Missing, t)
			}
		}
		if best.ID == "" || state.Good() {
			best = state
		}
	}
	return best, mapped(call, it.Err())
}

// CreateEndpoint makes the webhook endpoint and returns its signing secret,
// which Stripe tells this once only. It does not look whether there is one.
func (s *Stripe) CreateEndpoint(ctx context.Context, url string) (commerce.Secret, error) {
	ctx, call := begin(ctx, "POST /v1/webhook_endpoints")
	got, err := s.endpoints().New(&stripe.WebhookEndpointParams{
		Params:        params(ctx, ""),
		URL:           stripe.String(url),
		APIVersion:    stripe.String(APIVersion),
		EnabledEvents: stripe.StringSlice(EventTypes()),
		Description:   stripe.String("Souk"),
	})
	if err != nil {
		return "", mapped(call, err)
	}
	if got.Secret == "" {
		return "", commerce.Errorf(commerce.Internal, "payment.failed", "stripe: endpoint %s came without a secret", got.ID)
	}
	return commerce.Secret(got.Secret), nil
}

// RemoveEndpoint deletes a webhook endpoint: one that is of another API
// version or whose secret is lost cannot be mended, only replaced.
func (s *Stripe) RemoveEndpoint(ctx context.Context, id string) error {
	ctx, call := begin(ctx, "DELETE /v1/webhook_endpoints/{webhook_endpoint}")
	_, err := s.endpoints().Del(id, &stripe.WebhookEndpointParams{Params: params(ctx, "")})
	return mapped(call, err)
}

// Account is who the key belongs to.
type Account struct {
	ID       string
	Country  string // ISO 3166-1 alpha-2
	Currency string // default currency, ISO 4217
	Charges  bool   // may take payments
}

// Account asks Stripe whose key this is: the cheapest call that shows that
// Stripe answers and takes the key.
func (s *Stripe) Account(ctx context.Context) (Account, error) {
	ctx, call := begin(ctx, "GET /v1/account")
	p, got := params(ctx, ""), &stripe.Account{}
	if err := s.backend.Call("GET", "/v1/account", s.key, &p, got); err != nil {
		return Account{}, mapped(call, err)
	}
	return Account{ID: got.ID, Country: got.Country, Currency: strings.ToUpper(string(got.DefaultCurrency)), Charges: got.ChargesEnabled}, nil
}
