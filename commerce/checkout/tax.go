package checkout

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/cache"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
)

// Taxes is what is asked how much tax is due.
type Taxes interface {
	Tax(ctx context.Context, r payments.TaxRequest) (commerce.Money, error)
}

// How long a figure is used again for the same goods and address, and how many
// are remembered: a screen drawn again asks nobody.
const (
	taxTime = 10 * time.Minute
	taxSize = 5_000
)

func newTaxes(clock commerce.Clock) *cache.Cache[string, commerce.Money] {
	return cache.New[string, commerce.Money](taxSize, taxTime, clock)
}

// askTaxes puts the tax of the brands whose tax is asked elsewhere into the
// request. It returns pricing.ErrNoTax where it is not answered: nothing is
// sold untaxed.
func (c *Checkout) askTaxes(ctx context.Context, req *pricing.Request, rules pricing.Rules, to *members.Address) error {
	asked := false
	for _, it := range req.Items {
		asked = asked || rules[it.Brand].Tax.Asked
	}
	if !asked || to == nil {
		return nil
	}
	basis, err := pricing.Basis(*req, rules)
	if err != nil {
		return err
	}
	req.Taxes = map[commerce.BrandID]commerce.Money{}
	for brand, taxed := range basis {
		r := payments.TaxRequest{Country: to.Country, City: to.City, Postcode: to.Postcode, Street: to.Street, Parcel: taxed.Parcel, Included: taxed.Included}
		for _, g := range taxed.Goods {
			r.Goods = append(r.Goods, payments.TaxedGoods{Reference: string(g.Variant), Amount: g.Amount, Quantity: g.Quantity})
		}
		key, err := json.Marshal(r)
		if err != nil {
			return err
		}
		figure, err := c.taxes.Load(string(key), func() (commerce.Money, error) {
			if c.Taxes == nil {
				return commerce.Money{}, errors.New("nobody to ask how much tax is due")
			}
			return c.Taxes.Tax(ctx, r)
		})
		if err != nil {
			e := *pricing.ErrNoTax
			e.Err = err
			return &e
		}
		req.Taxes[brand] = figure
	}
	return nil
}

// taxAsked reports whether the tax of an order was asked elsewhere, for the
// address it has.
func (c *Checkout) taxAsked(o orders.Order) bool {
	rules := c.Rules()
	return slices.ContainsFunc(o.Lines, func(l orders.Line) bool { return rules[l.Brand].Tax.Asked })
}
