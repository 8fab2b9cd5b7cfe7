// Package pricing turns what is wanted and the brands' rules into a quote:
// labelled lines that sum to the total.
//
// Compute is a pure function: no clock, no database, no rounding that depends
// on order. Amounts are int64 minor units throughout. Start at Compute.
package pricing

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"slices"
	"strings"

	"github.com/soukchat/souk/commerce"
)

// Item is a number of units of one variant, at the shop's price.
type Item struct {
	Variant  commerce.VariantID
	Product  commerce.ProductID
	Brand    commerce.BrandID
	Title    string
	Detail   string // the variant's values, as "Small / Red"
	SKU      string
	Pick     commerce.PickID    // who recommended it
	Creator  commerce.CreatorID //
	Quantity int64
	Unit     commerce.Money
	Shipped  bool // needs a parcel
	Taxable  bool
}

// Request is what shall be priced.
type Request struct {
	Items    []Item
	Country  string                      // ISO 3166-1 alpha-2, "" before it is known
	Shipping map[commerce.BrandID]string // the id of the option chosen, by brand
}

// Kind says what a line is for.
type Kind string

const (
	KindItem     Kind = "item"
	KindDiscount Kind = "discount" // negative; its shares stand in the lines it came off
	KindShipping Kind = "shipping"
	KindTax      Kind = "tax"

	// What is paid with beside the card: negative, after all that is owed. Tax
	// and revenue are those of the whole price.
	KindPoints   Kind = "points" // Quantity is how many
	KindCredit   Kind = "credit"
	KindGiftCard Kind = "giftcard" // Ref is the card's id
)

// Tender reports whether a line is something that is paid with.
func (k Kind) Tender() bool { return k == KindPoints || k == KindCredit || k == KindGiftCard }

// Line is one labelled part of a quote.
type Line struct {
	Kind     Kind
	Brand    commerce.BrandID
	Label    string // product title, name of the shipping option, name of the tax with its rate
	Detail   string
	Ref      string // public id of the code, offer or gift card a discount or tender comes from
	Item     *Item  // with KindItem
	Quantity int64
	Unit     commerce.Money
	Amount   commerce.Money // what it adds to the total
	Included commerce.Money // tax that other lines hold already; such a line adds nothing
	Discount commerce.Money // what of the discounts falls on this item or parcel, not negative
}

// Quote is a priced request. The amounts of its lines sum to the total, which
// is what is due by card. The Discounts of the lines sum to what the discount
// lines take off.
type Quote struct {
	Lines []Line
	Total commerce.Money
}

// The conditions under which there is no quote.
var (
	ErrEmpty      = &commerce.Error{Kind: commerce.Invalid, Message: "cart.empty"}
	ErrCurrencies = &commerce.Error{Kind: commerce.Invalid, Message: "cart.currencies"}
	ErrNoShipping = &commerce.Error{Kind: commerce.Invalid, Message: "shipping.none"}   // "brand", "country"
	ErrNoChoice   = &commerce.Error{Kind: commerce.Invalid, Message: "shipping.choose"} // "brand": none chosen, or one not offered there
)

// Compute prices the request. Items keep their order; each brand's shipping and
// tax follow in the order in which the brands first appear. It returns
// ErrEmpty, ErrCurrencies, ErrNoShipping, ErrNoChoice or commerce.ErrMoney.
func Compute(r Request, rules Rules) (Quote, error) {
	if len(r.Items) == 0 {
		return Quote{}, ErrEmpty
	}
	cur := r.Items[0].Unit.Currency
	q := Quote{Total: commerce.Money{Currency: cur}}
	add := func(l Line) (err error) {
		if l.Amount.Currency != cur {
			return ErrCurrencies // a brand's shipping in the shop's currency, its goods still in an earlier one
		}
		q.Lines = append(q.Lines, l)
		q.Total, err = q.Total.Add(l.Amount)
		return err
	}
	for _, it := range r.Items {
		if it.Unit.Currency != cur {
			return Quote{}, ErrCurrencies
		}
		amount, err := it.Unit.Times(it.Quantity)
		if err != nil {
			return Quote{}, err
		}
		if err := add(Line{Kind: KindItem, Brand: it.Brand, Label: it.Title, Detail: it.Detail, Item: &it,
			Quantity: it.Quantity, Unit: it.Unit, Amount: amount}); err != nil {
			return Quote{}, err
		}
	}
	options, err := Options(r, rules)
	if err != nil {
		return Quote{}, err
	}
	for _, b := range brandsOf(r.Items) {
		var parcel commerce.Money
		if offered, ships := options[b]; ships {
			i := slices.IndexFunc(offered, func(o ShippingOption) bool { return o.ID == r.Shipping[b] })
			if i < 0 {
				return Quote{}, ErrNoChoice.With("brand", rules[b].Name)
			}
			o := offered[i]
			parcel = o.Price
			if err := add(Line{Kind: KindShipping, Brand: b, Label: o.Name, Detail: o.Days, Amount: o.Price}); err != nil {
				return Quote{}, err
			}
		}
		tax, ok, err := taxLine(r, b, rules[b].Tax, parcel)
		if err != nil {
			return Quote{}, err
		}
		if ok {
			if err := add(tax); err != nil {
				return Quote{}, err
			}
		}
	}
	return q, nil
}

// NeedsAddress reports whether anything has to be sent.
func (r Request) NeedsAddress() bool {
	return slices.ContainsFunc(r.Items, func(it Item) bool { return it.Shipped })
}

// Digest names the quote by its content, in 10 letters and digits: what a
// member agreed to. Any other price, quantity or line has another digest.
func (q Quote) Digest() string {
	data, err := json.Marshal(q)
	if err != nil {
		panic(err) // strings and numbers only
	}
	sum := sha256.Sum256(data)
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:10])
}

func brandsOf(items []Item) (list []commerce.BrandID) {
	for _, it := range items {
		if !slices.Contains(list, it.Brand) {
			list = append(list, it.Brand)
		}
	}
	return list
}
