package catalog

import (
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
)

// Brand sells products.
type Brand struct {
	ID   commerce.BrandID
	Name string
}

// Product is something a brand sells, in one or more variants. It belongs to a
// Snapshot and must not be changed.
type Product struct {
	ID        commerce.ProductID
	Brand     commerce.BrandID
	BrandName string
	Handle    string // the feed's own name for it
	Title     string
	Body      string // plain text; paragraphs are separated by an empty line
	Vendor    string
	Category  string // "" for none
	Tags      []string
	Options   []string  // names of the options, as Size and Color; at most 3
	Digital   bool      // no variant of it is shipped
	Hidden    bool      // not for sale (any more): in no list, found only by id
	Variants  []Variant // those for sale, in the order of the feed
	Pictures  []Picture
	Added     time.Time

	gone []Variant // those that were for sale once
}

// ProductID is the id of a product by its brand and the feed's handle.
func ProductID(brand commerce.BrandID, handle string) commerce.ProductID {
	return commerce.ProductID(commerce.PublicID("product", string(brand), handle))
}

// Variant is what a member buys: a product with its options chosen.
type Variant struct {
	ID        commerce.VariantID
	Product   commerce.ProductID
	SKU       string   // the brand's own number, "" for none
	Values    []string // one for each of the product's Options
	Price     commerce.Money
	CompareAt commerce.Money // an earlier, higher price; zero for none
	Shipped   bool           // needs an address
	Taxable   bool
	Picture   string // source of its own picture, "" for the product's
	Hidden    bool   // not for sale (any more)
}

// Picture names where a picture comes from.
type Picture struct {
	Source string // https address, or a file beside the configuration
	Alt    string
}

// Label names the variant among its product's: "Small / Red", "" for the only
// one of a product without options.
func (v Variant) Label() string { return label(v.Values) }

func label(values []string) string {
	var said []string
	for _, v := range values {
		if v != "" {
			said = append(said, v)
		}
	}
	return strings.Join(said, " / ")
}

// PictureOf returns the source of the picture that shows the variant best: its
// own or the product's first, "" where there is none.
func (p *Product) PictureOf(v *Variant) string {
	if v != nil && v.Picture != "" {
		return v.Picture
	}
	if len(p.Pictures) > 0 {
		return p.Pictures[0].Source
	}
	return ""
}

// Prices returns the lowest and the highest price among the variants for sale,
// the zero Money where there is none.
func (p *Product) Prices() (low, high commerce.Money) {
	for i, v := range p.Variants {
		if i == 0 || v.Price.Amount < low.Amount {
			low = v.Price
		}
		if i == 0 || v.Price.Amount > high.Amount {
			high = v.Price
		}
	}
	return low, high
}
