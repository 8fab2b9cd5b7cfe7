package checkout

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
)

// Earnings is told of orders for which somebody who recommended the goods may
// earn. Its methods are called inside the transaction that does what they are
// told of, but for Agreed.
type Earnings interface {
	// Agreed is asked about an order that is about to be placed. What it returns
	// is called in the transaction that places it; nil where there is nothing to do.
	Agreed(ctx context.Context, o orders.Order) (func(tx *database.Tx, o orders.Order) error, error)
	// Sold is told that the order is paid.
	Sold(tx *database.Tx, o orders.Order) error
	// Exchanged is told of a paid order that takes the place of a part of another.
	Exchanged(tx *database.Tx, from commerce.OrderID, o orders.Order) error
	// Returned is told that a part of a paid order went back.
	Returned(tx *database.Tx, o orders.Order, p Returned) error
}

// All tells several what one is told, one after the other.
type All []Earnings

// Agreed asks all of them.
func (a All) Agreed(ctx context.Context, o orders.Order) (func(*database.Tx, orders.Order) error, error) {
	var list []func(*database.Tx, orders.Order) error
	for _, e := range a {
		do, err := e.Agreed(ctx, o)
		if err != nil {
			return nil, err
		}
		if do != nil {
			list = append(list, do)
		}
	}
	return func(tx *database.Tx, o orders.Order) error {
		for _, do := range list {
			if err := do(tx, o); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// Sold tells all of them.
func (a All) Sold(tx *database.Tx, o orders.Order) error {
	return a.each(func(e Earnings) error { return e.Sold(tx, o) })
}

// Exchanged tells all of them.
func (a All) Exchanged(tx *database.Tx, from commerce.OrderID, o orders.Order) error {
	return a.each(func(e Earnings) error { return e.Exchanged(tx, from, o) })
}

// Returned tells all of them.
func (a All) Returned(tx *database.Tx, o orders.Order, p Returned) error {
	return a.each(func(e Earnings) error { return e.Returned(tx, o, p) })
}

func (a All) each(tell func(Earnings) error) error {
	for _, e := range a {
		if err := tell(e); err != nil {
			return err
		}
	}
	return nil
}

// Returned is what went back of an order.
type Returned struct {
	ID    string // of what caused it: each once
	Lines []payments.GivebackLine
	Value commerce.Money // of no line, where there are none
	All   bool           // nothing is left of the order
}

// agreed asks the earnings about an order that is about to be placed.
func (c *Checkout) agreed(ctx context.Context, o orders.Order) (do func(*database.Tx, orders.Order) error, err error) {
	if c.Earnings != nil {
		do, err = c.Earnings.Agreed(ctx, o)
	}
	if do == nil {
		do = func(*database.Tx, orders.Order) error { return nil }
	}
	return do, err
}

// unearned tells the earnings what went back, by a giveback or a lost dispute.
func (c *Checkout) unearned(tx *database.Tx, o orders.Order, p Returned) error {
	if c.Earnings == nil {
		return nil
	}
	return c.Earnings.Returned(tx, o, p)
}

// Worth returns what was paid for each line of goods and each parcel of an
// order, by position: less its discounts, with the tax that came on top. What
// goes back is counted in it.
func Worth(o orders.Order) (map[int64]commerce.Money, error) {
	worth, err := worthOf(o)
	list := map[int64]commerce.Money{}
	for i, n := range worth {
		list[i] = commerce.Money{Amount: n, Currency: o.Total.Currency}
	}
	return list, err
}

// Kept returns from when on nothing of an order is sent back any more: the end
// of the return window. It is zero where nobody knows yet: not all is sent, or
// a return, a refund or a dispute is open.
func (c *Checkout) Kept(tx *database.Tx, o orders.Order) (time.Time, error) {
	none := time.Time{}
	if o.State != orders.Shipped {
		return none, nil
	}
	returns, err := fulfilment.ReturnsOf(tx, o.ID)
	for _, r := range returns {
		if r.State != fulfilment.Denied && r.State != fulfilment.Done {
			return none, err
		}
	}
	if err != nil {
		return none, err
	}
	back, err := payments.GivebacksOf(tx, o.ID)
	for _, g := range back {
		if g.State == payments.RefundStateDue {
			return none, err
		}
	}
	if err != nil {
		return none, err
	}
	disputes, err := payments.DisputesOf(tx, o.ID)
	for _, d := range disputes {
		if !d.Over() && !d.Inquiry() {
			return none, err
		}
	}
	if err != nil {
		return none, err
	}
	parcels, err := fulfilment.Parcels(tx, o.ID)
	return c.Window(o, fulfilment.Fulfilment{Parcels: parcels}), err
}
