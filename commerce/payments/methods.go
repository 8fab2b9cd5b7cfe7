package payments

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/customer"
	"github.com/stripe/stripe-go/v76/paymentmethod"
)

// MakeCustomer makes somebody whose cards Stripe keeps, or returns the one an
// earlier call with the key made. Nothing of the person is told but the key.
func (s *Stripe) MakeCustomer(ctx context.Context, key string) (string, error) {
	ctx, call := begin(ctx, "POST /v1/customers")
	for try := 0; ; try++ {
		next := key
		if try > 0 {
			next = fmt.Sprintf("%s/%d", key, try)
		}
		got, err := customer.Client{B: s.backend, Key: s.key}.New(&stripe.CustomerParams{
			Params: params(ctx, next), Metadata: map[string]string{"key": key}})
		if err == nil {
			return got.ID, nil
		}
		if err = mapped(call, err); !spent(err) || try == 9 {
			return "", err
		}
	}
}

// PaidWith returns the card that paid an intent, as far as it may be shown,
// and whether Stripe keeps it for a customer.
func (s *Stripe) PaidWith(ctx context.Context, intent string) (Card, error) {
	i, err := s.Intent(ctx, intent)
	if err != nil {
		return Card{}, err
	}
	if i.Method == "" {
		return Card{}, ErrUnknown
	}
	return s.method(ctx, i.Method)
}

func (s *Stripe) method(ctx context.Context, id string) (Card, error) {
	ctx, call := begin(ctx, "GET /v1/payment_methods/{payment_method}")
	got, err := s.methods().Get(id, &stripe.PaymentMethodParams{Params: params(ctx, "")})
	if err != nil {
		return Card{}, mapped(call, err)
	}
	c := Card{Method: got.ID}
	if got.Customer != nil {
		c.Customer = got.Customer.ID
	}
	if got.Card != nil {
		c.Fingerprint = got.Card.Fingerprint
		c.Brand, c.Last4 = brandName(string(got.Card.Brand)), got.Card.Last4
		c.Expires = fmt.Sprintf("%04d-%02d", got.Card.ExpYear, got.Card.ExpMonth)
	}
	return c, nil
}

// Forget takes a card (pm_…) from its customer, or deletes a customer (cus_…)
// with all their cards. What is gone already is no error.
func (s *Stripe) Forget(ctx context.Context, object string) error {
	name := "POST /v1/payment_methods/{payment_method}/detach"
	if strings.HasPrefix(object, "cus_") {
		name = "DELETE /v1/customers/{customer}"
	}
	outer := ctx
	ctx, call := begin(ctx, name)
	var err error
	if strings.HasPrefix(object, "cus_") {
		_, err = customer.Client{B: s.backend, Key: s.key}.Del(object, &stripe.CustomerParams{Params: params(ctx, "")})
	} else {
		_, err = s.methods().Detach(object, &stripe.PaymentMethodDetachParams{Params: params(ctx, "")})
	}
	err = mapped(call, err)
	switch {
	case errors.Is(err, ErrUnknown):
		return nil
	case err != nil && call.status == 400:
		// Not attached to anybody, perhaps: then nothing is left to forget.
		if c, findErr := s.method(outer, object); findErr == nil && c.Customer == "" {
			return nil
		}
	}
	return err
}

func (s *Stripe) methods() paymentmethod.Client {
	return paymentmethod.Client{B: s.backend, Key: s.key}
}

// brandName is how a brand of cards is written on the cards.
func brandName(brand string) string {
	names := map[string]string{"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover",
		"diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay", "cartes_bancaires": "Cartes Bancaires"}
	if n, ok := names[brand]; ok {
		return n
	}
	return "Card"
}
