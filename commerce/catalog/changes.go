package catalog

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/soukchat/souk/commerce"
)

// Change is what an import does to one product, in words for an admin.
type Change struct {
	Kind   ChangeKind
	Handle string
	Title  string
	What   []string // for a changed one: "price 8.00 EUR → 9.00 EUR", "text", …
}

// ChangeKind says what happens to a product.
type ChangeKind string

// The kinds of a Change.
const (
	Added   ChangeKind = "added"
	Changed ChangeKind = "changed"
	Removed ChangeKind = "removed"
)

// tell describes how a product differs from before. The variants are those to
// be written, as they will stand.
func (d *difference) tell(want, had *productRow, variants []variantRow, stock []counted) Change {
	c := Change{Kind: Changed, Handle: want.handle, Title: want.title}
	say := func(differs bool, format string, args ...any) {
		if differs {
			c.What = append(c.What, fmt.Sprintf(format, args...))
		}
	}
	say(want.title != had.title, "title %q → %q", had.title, want.title)
	say(want.hidden && !had.hidden, "hidden")
	say(had.hidden && !want.hidden, "shown")
	say(want.body != had.body, "text")
	say(want.vendor != had.vendor, "vendor %q → %q", had.vendor, want.vendor)
	say(want.category != had.category, "category %q → %q", had.category, want.category)
	say(want.tags != had.tags, "tags")
	say(want.options != had.options, "options")
	say(!slices.Equal(want.pictures, had.pictures), "pictures")
	for _, v := range variants {
		name := ""
		if l := label(v.values[:]); l != "" {
			name = l + ": "
		}
		i := slices.IndexFunc(had.variants, func(h variantRow) bool { return h.id == v.id })
		if i < 0 {
			say(true, "%snew variant, %s", name, commerce.Money{Amount: v.price, Currency: v.currency})
			continue
		}
		h := had.variants[i]
		say(v.hidden && !h.hidden, "%sno longer sold", name)
		say(h.hidden && !v.hidden, "%ssold again", name)
		say(v.price != h.price || v.currency != h.currency, "%sprice %s → %s", name,
			commerce.Money{Amount: h.price, Currency: h.currency}, commerce.Money{Amount: v.price, Currency: v.currency})
		say(v.compareAt != h.compareAt, "%scompare-at price", name)
		say(v.sku != h.sku, "%sSKU %q → %q", name, h.sku, v.sku)
		say(v.values != h.values, "%swas %s", name, label(h.values[:]))
		say(v.shipped != h.shipped, "%sshipping", name)
		say(v.taxable != h.taxable, "%stax", name)
		say(v.picture != h.picture, "%spicture", name)
	}
	for _, n := range stock {
		c.What = append(c.What, d.tellStock(n))
	}
	return c
}

func (d *difference) tellStock(n counted) string {
	had, known := d.counts[n.variant]
	name := ""
	if n.label != "" {
		name = n.label + ": "
	}
	switch {
	case n.uncount:
		return name + "stock no longer counted"
	case !known:
		return name + "stock counted: " + strconv.FormatInt(n.quantity, 10)
	case n.quantity != had.imported:
		return fmt.Sprintf("%sstock %d → %d", name, had.imported, n.quantity)
	case n.backorder:
		return name + "may be ordered when sold out"
	default:
		return name + "not to be ordered when sold out"
	}
}
