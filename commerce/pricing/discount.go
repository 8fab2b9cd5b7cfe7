package pricing

// This file decides which discounts apply, and how much each takes off. The
// rules are:
//   - A discount fits by what it is for and by the value of those goods before
//     any discount: what else applies cannot take a minimum away again. Free
//     shipping from a value (ShippingOption.FreeFrom) is reckoned in the same
//     way, so that no discount makes a parcel dearer.
//   - An exclusive discount stands alone. Those that stack apply one after the
//     other, each to what the ones before it left: by Rank, then free goods,
//     percentages, fixed amounts, free shipping, then by ID.
//   - Of all combinations these rules allow the one with the lowest total
//     applies; where two are equal, the one with more discounts, then the one
//     that comes first in that order. So one discount more never makes
//     anything dearer, and the order in which they are given does not matter.
//   - No line goes below zero.

import (
	"cmp"
	"slices"

	"github.com/soukchat/souk/commerce"
)

// MaxDiscounts is how many discounts that stack are combined at most: those
// that come first in the order above. All combinations are tried.
const MaxDiscounts = 6

// Discount may take something off a request. Exactly one of Percent, Fixed,
// Shipping and Get says what.
type Discount struct {
	ID    string // becomes Line.Ref
	Label string
	Scope Scope

	Percent  int64          // off the goods in scope, in parts per million
	Fixed    commerce.Money // off the goods in scope together
	Shipping bool           // the parcels with goods in scope cost nothing
	Buy, Get int64          // of each Buy + Get units in scope, Get cost nothing: of all the cheapest

	Minimum   commerce.Money // value of the goods in scope; zero for none
	Cap       commerce.Money // the most it takes off; zero for no end
	Exclusive bool
	Rank      int64
}

// Scope is which goods a discount is for: those that any of its lists names,
// and all where there is no list.
type Scope struct {
	Brands     []commerce.BrandID
	Products   []commerce.ProductID
	Variants   []commerce.VariantID
	Categories []string // ids

	Within commerce.BrandID // and of this brand alone, "" for any
}

// Holds reports whether an item is in the scope.
func (s Scope) Holds(it Item) bool {
	if s.Within != "" && it.Brand != s.Within {
		return false
	}
	if len(s.Brands)+len(s.Products)+len(s.Variants)+len(s.Categories) == 0 {
		return true
	}
	return slices.Contains(s.Brands, it.Brand) || slices.Contains(s.Products, it.Product) ||
		slices.Contains(s.Variants, it.Variant) || it.Category != "" && slices.Contains(s.Categories, it.Category)
}

// Reason says why a discount did not apply.
type Reason string

const (
	ForOthers     Reason = "scope"    // nothing in its scope is bought
	BelowMinimum  Reason = "minimum"  // Missed.Short is what is missing
	NotTogether   Reason = "together" // Missed.With is what applied instead
	NothingToTake Reason = "nothing"  // what it would take off costs nothing already
	OtherCurrency Reason = "currency" // it is in another one
)

// Missed is a discount that did not apply.
type Missed struct {
	ID, Label string
	Reason    Reason
	Short     commerce.Money
	With      string // label
}

// rank is the order in which discounts that stack apply.
func rank(a, b Discount) int {
	kind := func(d Discount) int {
		switch {
		case d.Get > 0:
			return 0
		case d.Percent > 0:
			return 1
		case !d.Shipping:
			return 2
		}
		return 3
	}
	return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(kind(a), kind(b)), cmp.Compare(a.ID, b.ID))
}

// fitting sorts the discounts and leaves out those that do not fit, or are
// there already.
func fitting(r Request) (fit []Discount, missed []Missed, err error) {
	cur := r.Items[0].Unit.Currency
	list := slices.Clone(r.Discounts)
	slices.SortStableFunc(list, rank)
	seen := map[string]bool{}
	for _, d := range list {
		if seen[d.ID] {
			continue
		}
		seen[d.ID] = true
		var value commerce.Money
		held := false
		for _, it := range r.Items {
			if !d.Scope.Holds(it) {
				continue
			}
			held = true
			amount, err := it.Unit.Times(it.Quantity)
			if err != nil {
				return nil, nil, err
			}
			if value, err = value.Add(amount); err != nil {
				return nil, nil, err
			}
		}
		m := Missed{ID: d.ID, Label: d.Label}
		switch foreign := func(m commerce.Money) bool { return m.Amount != 0 && m.Currency != cur }; {
		case !held:
			m.Reason = ForOthers
		case foreign(d.Fixed) || foreign(d.Minimum) || foreign(d.Cap):
			m.Reason = OtherCurrency
		case value.Amount < d.Minimum.Amount:
			m.Reason, m.Short = BelowMinimum, commerce.Money{Amount: d.Minimum.Amount - value.Amount, Currency: cur}
		default:
			fit = append(fit, d)
			continue
		}
		missed = append(missed, m)
	}
	return fit, missed, nil
}

// combinations lists what may apply together, as positions in fit: the one
// that is preferred where totals are equal comes first.
func combinations(fit []Discount) (list [][]int) {
	var stack []int
	for i, d := range fit {
		switch {
		case d.Exclusive:
			list = append(list, []int{i})
		case len(stack) < MaxDiscounts:
			stack = append(stack, i)
		}
	}
	for set := range 1 << len(stack) {
		var some []int
		for k, i := range stack {
			if set&(1<<k) != 0 {
				some = append(some, i)
			}
		}
		list = append(list, some)
	}
	slices.SortFunc(list, func(a, b []int) int { return cmp.Or(cmp.Compare(len(b), len(a)), slices.Compare(a, b)) })
	return list
}

// off works out what a discount takes of each slot, given what is left of it.
func (d Discount) off(slots []slot, left []int64) []int64 {
	most := make([]int64, len(slots)) // what it can take of each
	var all int64
	switch {
	case d.Get > 0:
		free := d.free(slots)
		for i, s := range slots {
			if s.item != nil {
				most[i] = min(left[i], free[i]*s.item.Unit.Amount)
			}
		}
	case d.Shipping:
		for i, s := range slots {
			if s.item == nil && slices.ContainsFunc(slots, func(o slot) bool { return o.item != nil && o.brand == s.brand && d.Scope.Holds(*o.item) }) {
				most[i] = left[i]
			}
		}
	case d.Percent > 0 || d.Fixed.Amount > 0:
		for i, s := range slots {
			if s.item != nil && d.Scope.Holds(*s.item) {
				most[i] = left[i]
			}
		}
	}
	for _, n := range most {
		all += n
	}
	currency := slots[0].item.Unit.Currency
	amount, step := commerce.Money{Amount: all, Currency: currency}, stepOf(currency)
	switch {
	case d.Percent > 0:
		part, err := amount.Part(min(d.Percent, 1_000_000), 1_000_000*step)
		if err != nil {
			return make([]int64, len(slots)) // a part is never more than the whole
		}
		amount.Amount = part.Amount * step
	case d.Fixed.Amount > 0:
		amount.Amount = d.Fixed.Amount
	}
	if d.Cap.Amount > 0 {
		amount.Amount = min(amount.Amount, d.Cap.Amount)
	}
	if amount.Amount >= all {
		return most
	}
	share := make([]int64, len(slots))
	amount.Amount /= step
	parts, err := amount.Split(most...)
	if err != nil || amount.Amount <= 0 {
		return share
	}
	for i, p := range parts {
		share[i] = min(p.Amount*step, most[i])
	}
	return share
}

// free counts the units of each slot that cost nothing: of all units in scope
// the cheapest.
func (d Discount) free(slots []slot) []int64 {
	var order []int
	var units int64
	for i, s := range slots {
		if s.item != nil && d.Scope.Holds(*s.item) {
			order = append(order, i)
			units += s.item.Quantity
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(slots[a].item.Unit.Amount, slots[b].item.Unit.Amount) })
	left := units / (max(d.Buy, 0) + d.Get) * d.Get
	free := make([]int64, len(slots))
	for _, i := range order {
		free[i] = min(left, slots[i].item.Quantity)
		left -= free[i]
	}
	return free
}

// stepOf is the least amount a card can be charged, in minor units: currencies
// of three decimals are charged to two (docs.stripe.com/currencies).
func stepOf(currency string) int64 {
	if commerce.Digits(currency) == 3 {
		return 10
	}
	return 1
}
