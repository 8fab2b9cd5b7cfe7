package staff

import (
	"slices"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

// Role is what somebody may see and do with orders. The rules:
//   - an admin sees and does everything; a brand's staff sees orders with the
//     brand's goods, and of them the brand's goods only; a moderator none.
//   - a moderator, and an admin, decides who becomes a creator and what is shown
//     of what members write.
//   - of an order that holds goods of other brands too, a brand's staff packs,
//     sends and refunds its own lines, and decides about returns of them. To
//     cancel it, to refund all of it or an amount of no line, counts for all of
//     it: an admin does that.
//   - a brand's staff, and an admin, answers reviews of the brand; nobody changes
//     their stars.
//   - what was never paid is nobody's business.
type Role struct {
	All       bool
	Brands    []commerce.BrandID
	Moderates bool
}

func (r Role) any() bool { return r.orders() || r.Moderates }

// orders reports whether they have to do with orders at all.
func (r Role) orders() bool { return r.All || len(r.Brands) > 0 }

// moderates reports whether they decide what is shown of what members write.
func (r Role) moderates() bool { return r.All || r.Moderates }

// brands is what orders are asked for: nil for all.
func (r Role) brands() []commerce.BrandID {
	if r.All {
		return nil
	}
	return r.Brands
}

// speaksFor reports whether they answer for a brand.
func (r Role) speaksFor(b commerce.BrandID) bool { return r.All || slices.Contains(r.Brands, b) }

// sees reports whether an order is shown.
func (r Role) sees(o orders.Order) bool {
	switch o.State {
	case orders.Paid, orders.Shipped, orders.Cancelled, orders.Refunded:
		return slices.ContainsFunc(o.Lines, func(l orders.Line) bool { return l.Kind == pricing.KindItem && r.owns(l) })
	}
	return false
}

// acts reports whether an order is all theirs.
func (r Role) acts(o orders.Order) bool {
	return !slices.ContainsFunc(o.Lines, func(l orders.Line) bool { return l.Kind == pricing.KindItem && !r.owns(l) })
}

func (r Role) owns(l orders.Line) bool { return r.All || slices.Contains(r.Brands, l.Brand) }
