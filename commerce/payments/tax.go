package payments

import (
	"context"
	"strings"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/tax/calculation"

	"github.com/soukchat/souk/commerce"
)

// TaxRequest is what a tax is asked of: goods and a parcel, less all discounts,
// and where they go.
type TaxRequest struct {
	Country, City, Postcode, Street string

	Goods    []TaxedGoods
	Parcel   commerce.Money // zero for none
	Included bool           // the amounts hold the tax already
}

// TaxedGoods is one line of it.
type TaxedGoods struct {
	Reference string // unique among the lines
	Amount    commerce.Money
	Quantity  int64
}

// Tax asks Stripe Tax how much is due: within the amounts where they hold it
// already, else on top of them. It only calculates: nothing is recorded there
// (docs.stripe.com/tax/custom). Address and goods leave for Stripe, which gets
// them with the payment anyway.
func (s *Stripe) Tax(ctx context.Context, r TaxRequest) (commerce.Money, error) {
	ctx, call := begin(ctx, "POST /v1/tax/calculations")
	behavior := string(stripe.TaxCalculationShippingCostTaxBehaviorExclusive)
	if r.Included {
		behavior = string(stripe.TaxCalculationShippingCostTaxBehaviorInclusive)
	}
	p := &stripe.TaxCalculationParams{
		Params: params(ctx, ""),
		CustomerDetails: &stripe.TaxCalculationCustomerDetailsParams{
			AddressSource: stripe.String("shipping"),
			Address:       &stripe.AddressParams{Country: stripe.String(r.Country)},
		},
	}
	for field, value := range map[**string]string{
		&p.CustomerDetails.Address.City: r.City, &p.CustomerDetails.Address.PostalCode: r.Postcode, &p.CustomerDetails.Address.Line1: r.Street,
	} {
		if value != "" {
			*field = stripe.String(value)
		}
	}
	currency := r.Parcel.Currency
	for _, g := range r.Goods {
		amount, err := ToStripe(g.Amount)
		if err != nil {
			return commerce.Money{}, err
		}
		currency = g.Amount.Currency
		p.LineItems = append(p.LineItems, &stripe.TaxCalculationLineItemParams{Amount: stripe.Int64(amount), Quantity: stripe.Int64(max(g.Quantity, 1)),
			Reference: stripe.String(g.Reference), TaxBehavior: stripe.String(behavior)})
	}
	if !r.Parcel.IsZero() {
		amount, err := ToStripe(r.Parcel)
		if err != nil {
			return commerce.Money{}, err
		}
		if len(p.LineItems) == 0 { // of which there must be one; the code is that of shipping (docs.stripe.com/tax/tax-codes)
			p.LineItems = []*stripe.TaxCalculationLineItemParams{{Amount: stripe.Int64(amount), Reference: stripe.String("parcel"),
				TaxBehavior: stripe.String(behavior), TaxCode: stripe.String("txcd_92010001")}}
			amount = 0
		}
		p.ShippingCost = &stripe.TaxCalculationShippingCostParams{Amount: stripe.Int64(amount), TaxBehavior: stripe.String(behavior)}
	}
	p.Currency = stripe.String(strings.ToLower(currency))
	got, err := calculation.Client{B: s.backend, Key: s.key}.New(p)
	if err != nil {
		return commerce.Money{}, mapped(call, err)
	}
	figure := got.TaxAmountExclusive
	if r.Included {
		figure = got.TaxAmountInclusive
	}
	return FromStripe(figure, currency)
}
