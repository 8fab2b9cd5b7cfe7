package payments

// This file pays brands, and creators, by Stripe Connect: separate charges and transfers
// (docs.stripe.com/connect/separate-charges-and-transfers). One payment of the
// shop may be shared by transfers to the accounts of several brands, and each
// is taken back by reversals as its sale is refunded.
//
// The rules are those of refunds: the key is stored before the call, and a
// second try first asks Stripe what the earlier one did, since keys are
// forgotten after a day. So a key never makes two transfers.

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/account"
	"github.com/stripe/stripe-go/v76/transfer"
	"github.com/stripe/stripe-go/v76/transferreversal"

	"github.com/soukchat/souk/commerce"
)

// ErrGoneFrom is in the chain where a transfer cannot be taken back since the
// account it went to has not as much any more.
var ErrGoneFrom = errors.New("the connected account has not as much any more")

// Transfer is money of a payment for a connected account, or of the balance.
type Transfer struct {
	Order   commerce.OrderID // the group of the payment's transfers
	Group   string           // of a transfer that is of no order
	Intent  string           // the payment it comes from: pi_… or ch_…; "" for the balance
	Account string           // acct_…
	Amount  commerce.Money
	Key     string // idempotency key, stored before the call
	Tries   int64  // how often it was tried before
}

// Reversal is a part of a transfer, or all of it, that is taken back.
type Reversal struct {
	Transfer string // tr_…
	Amount   commerce.Money
	Key      string // idempotency key, stored before the call
	Tries    int64  // how often it was tried before
}

// Transferred is a transfer or a reversal as Stripe described it last.
type Transferred struct {
	ID     string // tr_… or trr_…
	Key    string // of the Transfer or Reversal that asked for it, empty where it was not ours
	Amount commerce.Money
}

// Payee is a connected account.
type Payee struct {
	ID    string
	Ready bool // money can be transferred to it
}

// Payee asks Stripe about a connected account. It returns ErrUnknown where the
// key's account is not connected to it.
func (s *Stripe) Payee(ctx context.Context, id string) (Payee, error) {
	ctx, call := begin(ctx, "GET /v1/accounts/{account}")
	got, err := account.Client{B: s.backend, Key: s.key}.GetByID(id, &stripe.AccountParams{Params: params(ctx, "")})
	if err = mapped(call, err); code(err) == string(stripe.ErrorCodeAccountInvalid) {
		return Payee{}, ErrUnknown // a 403, and yet the key is right
	}
	if err != nil {
		return Payee{}, err
	}
	return Payee{ID: got.ID, Ready: got.Capabilities != nil && got.Capabilities.Transfers == stripe.AccountCapabilityStatusActive}, nil
}

// Transfer sends a brand its share of a payment, or returns the transfer that
// an earlier call with the same Key made. From the second try on, by t.Tries,
// Stripe is first asked what the earlier ones did.
func (s *Stripe) Transfer(ctx context.Context, t Transfer) (Transferred, error) {
	amount, err := ToStripe(t.Amount)
	if err != nil {
		return Transferred{}, err
	}
	group, metadata := string(t.Order), map[string]string{"order": string(t.Order), "key": t.Key}
	var charge *string
	if t.Intent == "" {
		group, metadata = t.Group, map[string]string{"key": t.Key}
	} else {
		id, err := s.chargeOf(ctx, t.Intent)
		if err != nil {
			return Transferred{}, err
		}
		charge = &id
	}
	return once(t.Key, t.Tries, func() ([]Transferred, error) { return s.transfersOf(ctx, group, t.Account) }, func(key string) (Transferred, error) {
		ctx, call := begin(ctx, "POST /v1/transfers")
		got, err := s.transfers().New(&stripe.TransferParams{
			Params:            params(ctx, key),
			Amount:            stripe.Int64(amount),
			Currency:          stripe.String(strings.ToLower(t.Amount.Currency)),
			Destination:       stripe.String(t.Account),
			SourceTransaction: charge,
			TransferGroup:     stripe.String(group),
			Metadata:          metadata,
		})
		if err != nil {
			return Transferred{}, mapped(call, err)
		}
		return readTransfer(call, got.ID, got.Metadata, got.Amount, got.Currency)
	})
}

// Transfers lists what an order's payment brought a connected account, newest
// first, whether or not it was taken back since.
func (s *Stripe) Transfers(ctx context.Context, order commerce.OrderID, account string) ([]Transferred, error) {
	return s.transfersOf(ctx, string(order), account)
}

func (s *Stripe) transfersOf(ctx context.Context, group, account string) (all []Transferred, err error) {
	ctx, call := begin(ctx, "GET /v1/transfers")
	p := &stripe.TransferListParams{TransferGroup: stripe.String(group), Destination: stripe.String(account)}
	p.Context = ctx
	p.Limit = stripe.Int64(100)
	it := s.transfers().List(p)
	for it.Next() {
		got := it.Transfer()
		one, err := readTransfer(call, got.ID, got.Metadata, got.Amount, got.Currency)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, mapped(call, it.Err())
}

// Reverse takes a transfer back, or a part of it, or returns the reversal that
// an earlier call with the same Key made. ErrGoneFrom is in the chain where
// the brand's balance does not cover it.
func (s *Stripe) Reverse(ctx context.Context, r Reversal) (Transferred, error) {
	amount, err := ToStripe(r.Amount)
	if err != nil {
		return Transferred{}, err
	}
	return once(r.Key, r.Tries, func() ([]Transferred, error) { return s.Reversals(ctx, r.Transfer) }, func(key string) (Transferred, error) {
		ctx, call := begin(ctx, "POST /v1/transfers/{id}/reversals")
		got, err := s.reversals().New(&stripe.TransferReversalParams{
			Params:   params(ctx, key),
			ID:       stripe.String(r.Transfer),
			Amount:   stripe.Int64(amount),
			Metadata: map[string]string{"key": r.Key},
		})
		if err = mapped(call, err); code(err) == string(stripe.ErrorCodeBalanceInsufficient) {
			return Transferred{}, &commerce.Error{Kind: commerce.Declined, Message: "payment.failed", Err: errors.Join(ErrGoneFrom, err)}
		}
		if err != nil {
			return Transferred{}, err
		}
		return readTransfer(call, got.ID, got.Metadata, got.Amount, got.Currency)
	})
}

// Reversals lists what was taken back of a transfer, newest first.
func (s *Stripe) Reversals(ctx context.Context, transfer string) (all []Transferred, err error) {
	ctx, call := begin(ctx, "GET /v1/transfers/{id}/reversals")
	p := &stripe.TransferReversalListParams{ID: stripe.String(transfer)}
	p.Context = ctx
	p.Limit = stripe.Int64(100)
	it := s.reversals().List(p)
	for it.Next() {
		got := it.TransferReversal()
		one, err := readTransfer(call, got.ID, got.Metadata, got.Amount, got.Currency)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, mapped(call, it.Err())
}

// once makes a call under a key that is stored. Before each but the first try
// it looks for what an earlier one made; what is kept under the key and no use
// is stepped over with the next in a fixed row, as in Refund.
func once(key string, tries int64, made func() ([]Transferred, error), call func(key string) (Transferred, error)) (Transferred, error) {
	for try := 0; ; try++ {
		next := key
		if try > 0 || tries > 0 {
			all, err := made()
			if err != nil {
				return Transferred{}, err
			}
			for _, one := range all {
				if one.Key == key {
					return one, nil
				}
			}
		}
		if try > 0 {
			next = fmt.Sprintf("%s/%d", key, try)
		}
		done, err := call(next)
		if err == nil || !spent(err) || try == 9 {
			return done, err
		}
	}
}

// chargeOf returns the charge that took a payment's money: what a transfer can
// draw on before the money is available.
func (s *Stripe) chargeOf(ctx context.Context, intent string) (string, error) {
	if isCharge(intent) {
		return intent, nil
	}
	if !strings.HasPrefix(intent, "pi_") {
		return "", commerce.Errorf(commerce.Declined, "payment.failed", "a transfer of money that was not taken at Stripe")
	}
	ctx, call := begin(ctx, "GET /v1/payment_intents/{intent}")
	got, err := s.intents().Get(intent, &stripe.PaymentIntentParams{Params: params(ctx, "")})
	if err != nil {
		return "", mapped(call, err)
	}
	if got.LatestCharge == nil || got.Status != stripe.PaymentIntentStatusSucceeded {
		return "", commerce.Errorf(commerce.Declined, "payment.failed", "payment %s has taken nothing that could be transferred", intent)
	}
	return got.LatestCharge.ID, nil
}

func (s *Stripe) transfers() transfer.Client { return transfer.Client{B: s.backend, Key: s.key} }

func (s *Stripe) reversals() transferreversal.Client {
	return transferreversal.Client{B: s.backend, Key: s.key}
}

func readTransfer(c *call, id string, metadata map[string]string, amount int64, currency stripe.Currency) (Transferred, error) {
	m, err := FromStripe(amount, string(currency))
	if id == "" || err != nil {
		return Transferred{}, unanswered(&fault{call: c.name, status: c.status, request: c.request}, c, err)
	}
	return Transferred{ID: id, Key: metadata["key"], Amount: m}, nil
}
