// Package carts holds the rules of a cart: what the lines that commerce/live
// stores mean against today's catalogue and stock.
//
// It is pure: it stores nothing, reads no clock and asks nobody. Prices come
// from the catalogue, never from the cart; what the cart remembers of a price
// is only what the member was shown. Start at View.
package carts

import (
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/live"
)

// Problem says why a line cannot be bought as it stands.
type Problem int

const (
	None      Problem = iota
	Gone              // no longer sold
	SoldOut           // none left
	Short             // fewer left than wanted: Line.Left
	Foreign           // of another currency than the lines before it
	Elsewhere         // not sold where the member is now
)

// Line is one variant in a cart, as it is today.
type Line struct {
	live.CartLine
	Product *catalog.Product // nil where it was never known here
	Item    *catalog.Variant // nil with Product
	Unit    commerce.Money   // today's price of one
	Amount  commerce.Money   // of those that can be bought
	Was     commerce.Money   // the price the member was shown, where it is another today
	Left    int64            // how many there are, with Short
	Problem Problem
}

// Changed reports whether the price is not the one the member was shown.
func (l Line) Changed() bool { return l.Was != commerce.Money{} }

// Cart is what a member wants, as it is today.
type Cart struct {
	Lines []Line
	Total commerce.Money // of the goods that can be bought
	Count int64          // units, of all lines
}

// Free tells how many units of a variant a member could buy now; counted is
// false where there is no end to them.
type Free func(v commerce.VariantID) (free int64, counted bool)

// View reads the stored lines against a catalogue and a stock. It returns
// commerce.ErrMoney where the sum is absurd.
func View(stored []live.CartLine, goods *catalog.Snapshot, free Free) (Cart, error) {
	var c Cart
	for _, s := range stored {
		l, err := view(s, goods, free)
		if err != nil {
			return Cart{}, err
		}
		if cur := c.Total.Currency; cur != "" && l.Amount.Currency != "" && l.Amount.Currency != cur {
			l.Problem, l.Left, l.Amount, l.Was = Foreign, 0, commerce.Money{}, commerce.Money{}
		}
		if c.Total, err = c.Total.Add(l.Amount); err != nil {
			return Cart{}, err
		}
		c.Count += s.Quantity
		c.Lines = append(c.Lines, l)
	}
	return c, nil
}

func view(s live.CartLine, goods *catalog.Snapshot, free Free) (l Line, err error) {
	l = Line{CartLine: s}
	product, item, ok := goods.Variant(s.Variant)
	if !ok {
		l.Problem = Gone
		return l, nil
	}
	l.Product, l.Item, l.Unit = product, item, item.Price
	if item.Hidden || product.Hidden {
		l.Problem = Gone
		return l, nil
	}
	if s.Seen != (commerce.Money{}) && s.Seen != item.Price {
		l.Was = s.Seen
	}
	if n, counted := free(s.Variant); counted && n < s.Quantity {
		if n <= 0 {
			l.Problem = SoldOut
			return l, nil
		}
		l.Problem, l.Left = Short, n
		l.Amount, err = item.Price.Times(n)
		return l, err
	}
	l.Amount, err = item.Price.Times(s.Quantity)
	return l, err
}

// Only returns the cart as it can be bought where not everything may be sold:
// the other lines stay in it, with a problem.
func (c Cart) Only(may func(*catalog.Product) bool) (Cart, error) {
	now := Cart{Count: c.Count}
	for _, l := range c.Lines {
		if l.Product != nil && l.Problem != Gone && !may(l.Product) {
			l.Problem, l.Left, l.Amount, l.Was = Elsewhere, 0, commerce.Money{}, commerce.Money{}
		}
		var err error
		if now.Total, err = now.Total.Add(l.Amount); err != nil {
			return Cart{}, err
		}
		now.Lines = append(now.Lines, l)
	}
	return now, nil
}

// Ready reports whether the cart can be bought as it stands: there is
// something in it, all of it can be had, and no price waits to be accepted.
func (c Cart) Ready() bool {
	for _, l := range c.Lines {
		if l.Problem != None || l.Changed() {
			return false
		}
	}
	return len(c.Lines) > 0
}

// Changed returns the prices that wait to be accepted, by variant.
func (c Cart) Changed() map[commerce.VariantID]commerce.Money {
	changed := map[commerce.VariantID]commerce.Money{}
	for _, l := range c.Lines {
		if l.Changed() && l.Problem != Gone {
			changed[l.Variant] = l.Unit
		}
	}
	return changed
}

// Line finds the line of a variant.
func (c Cart) Line(v commerce.VariantID) (Line, bool) {
	for _, l := range c.Lines {
		if l.Variant == v {
			return l, true
		}
	}
	return Line{}, false
}

// Limit cuts a wanted number of units to what may be in a cart: what can be
// had, and never more than live.MaxQuantity. It is 0 where none can be had.
func Limit(wanted, free int64, counted bool) int64 {
	most := int64(live.MaxQuantity)
	if counted {
		most = min(most, free)
	}
	return max(0, min(wanted, most))
}

// Digest names the prices that wait to be accepted, in at most 10 letters and
// digits, so that a button accepts what the member saw and nothing newer.
func (c Cart) Digest() string {
	parts := []string{"prices", ""}
	for _, l := range c.Lines {
		if l.Changed() && l.Problem != Gone {
			parts = append(parts, string(l.Variant), l.Unit.String())
		}
	}
	return commerce.PublicID(parts...)
}
