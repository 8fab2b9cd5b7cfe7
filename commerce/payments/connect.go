package payments

// This file connects the account of a creator, by Stripe's own pages
// (docs.stripe.com/connect/express-accounts): the shop makes an Express account,
// its owner gives Stripe what it asks for, and money can be transferred to it.

import (
	"context"
	"fmt"
	"net/url"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/account"
	"github.com/stripe/stripe-go/v76/accountlink"

	"github.com/soukchat/souk/commerce"
)

// MakePayee makes an account that money can be transferred to once its owner has
// been on the page of PayeePage. The same key makes one account, for a day.
func (s *Stripe) MakePayee(ctx context.Context, key string) (string, error) {
	ctx, call := begin(ctx, "POST /v1/accounts")
	for try := 0; ; try++ {
		next := key
		if try > 0 {
			next = fmt.Sprintf("%s/%d", key, try)
		}
		got, err := account.Client{B: s.backend, Key: s.key}.New(&stripe.AccountParams{Params: params(ctx, next), Type: stripe.String(string(stripe.AccountTypeExpress)),
			Capabilities: &stripe.AccountCapabilitiesParams{Transfers: &stripe.AccountCapabilitiesTransfersParams{Requested: stripe.Bool(true)}},
			Metadata:     map[string]string{"key": key}})
		if err == nil {
			return got.ID, nil
		}
		if err = mapped(call, err); !spent(err) || try == 9 {
			return "", err
		}
	}
}

// PayeePage returns the address of Stripe's page on which the owner of an account
// gives what is asked for, for a few minutes and one visit. It leads back to back,
// and to again where it is over.
func (s *Stripe) PayeePage(ctx context.Context, id, again, back string) (string, error) {
	ctx, call := begin(ctx, "POST /v1/account_links")
	got, err := accountlink.Client{B: s.backend, Key: s.key}.New(&stripe.AccountLinkParams{Params: params(ctx, ""), Account: stripe.String(id),
		RefreshURL: stripe.String(again), ReturnURL: stripe.String(back), Type: stripe.String(string(stripe.AccountLinkTypeAccountOnboarding))})
	if err != nil {
		return "", mapped(call, err)
	}
	if at, err := url.Parse(got.URL); err != nil || at.Host == "" {
		return "", commerce.Errorf(commerce.Unavailable, "payment.unavailable", "stripe answered without the address of a page")
	}
	return got.URL, nil
}

// TakenBack returns how much of a transfer was taken back, by whomever.
func (s *Stripe) TakenBack(ctx context.Context, transfer string) (commerce.Money, error) {
	ctx, call := begin(ctx, "GET /v1/transfers/{id}")
	got, err := s.transfers().Get(transfer, &stripe.TransferParams{Params: params(ctx, "")})
	if err != nil {
		return commerce.Money{}, mapped(call, err)
	}
	return FromStripe(got.AmountReversed, string(got.Currency))
}
