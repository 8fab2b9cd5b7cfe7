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
	Category string // id
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

	Discounts []Discount // those that may apply
	// Taxes are what a brand's tax was asked to be (Tax.Asked), for the amounts
	// that Basis returns.
	Taxes map[commerce.BrandID]commerce.Money

	Tender Tender // what is paid with beside the card
}

// Kind says what a line is for.
type Kind string

const (
	KindItem     Kind = "item"
	KindDiscount Kind = "discount" // negative; its shares stand in the lines it came off
	KindShipping Kind = "shipping"
	KindTax      Kind = "tax"
	KindGift     Kind = "gift" // a gift card that is bought: a voucher for anything, so no tax yet; Ref is the card's id

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
	Lines  []Line
	Total  commerce.Money
	Missed []Missed `json:"-"` // discounts that did not apply: no part of what is agreed to
}

// The conditions under which there is no quote.
var (
	ErrEmpty      = &commerce.Error{Kind: commerce.Invalid, Message: "cart.empty"}
	ErrCurrencies = &commerce.Error{Kind: commerce.Invalid, Message: "cart.currencies"}
	ErrNoShipping = &commerce.Error{Kind: commerce.Invalid, Message: "shipping.none"}   // "brand", "country"
	ErrNoTax      = &commerce.Error{Kind: commerce.Unavailable, Message: "tax.none"}    // it is asked elsewhere and has not been
	ErrNoChoice   = &commerce.Error{Kind: commerce.Invalid, Message: "shipping.choose"} // "brand": none chosen, or one not offered there
)

// Compute prices the request. Items keep their order; the discounts follow, then
// each brand's shipping and tax in the order in which the brands first appear.
// It returns ErrEmpty, ErrCurrencies, ErrNoShipping, ErrNoChoice, ErrNoTax or
// commerce.ErrMoney.
func Compute(r Request, rules Rules) (Quote, error) {
	best, slots, missed, err := choose(r, rules)
	if err != nil {
		return Quote{}, err
	}
	q, err := write(r, rules, slots, best, true)
	if err != nil {
		return Quote{}, err
	}
	q.Missed = missed
	r.Tender.spend(&q)
	return q, nil
}

// choose picks the discounts that apply, and says of the others why not. What
// tax is asked elsewhere (Tax.Asked) has no say in it: it is asked about the
// amounts that come of the choice.
func choose(r Request, rules Rules) (best []Discount, slots []slot, missed []Missed, err error) {
	if len(r.Items) == 0 {
		return nil, nil, nil, ErrEmpty
	}
	if slots, err = parts(r, rules); err != nil {
		return nil, nil, nil, err
	}
	fit, missed, err := fitting(r)
	if err != nil {
		return nil, nil, nil, err
	}
	var found Quote
	var applied map[string]bool
	for _, some := range combinations(fit) {
		var list []Discount
		for _, i := range some {
			list = append(list, fit[i])
		}
		q, err := write(r, rules, slots, list, false)
		if err != nil {
			return nil, nil, nil, err
		}
		refs := map[string]bool{}
		for _, l := range q.Lines {
			if l.Kind == KindDiscount {
				refs[l.Ref] = true
			}
		}
		if applied == nil || q.Total.Amount < found.Total.Amount || q.Total.Amount == found.Total.Amount && len(refs) > len(applied) {
			best, found, applied = list, q, refs
		}
	}
	best = slices.DeleteFunc(best, func(d Discount) bool { return !applied[d.ID] })
	for _, d := range fit {
		if applied[d.ID] {
			continue
		}
		m := Missed{ID: d.ID, Label: d.Label, Reason: NothingToTake}
		left := amounts(slots)
		for _, n := range d.off(slots, left) {
			if n > 0 && len(best) > 0 {
				m.Reason, m.With = NotTogether, best[0].Label
			}
		}
		missed = append(missed, m)
	}
	return best, slots, missed, nil
}

// slot is what a discount can take from: an item, or, without one, a parcel.
type slot struct {
	brand  commerce.BrandID
	item   *Item
	option ShippingOption
	amount int64
}

func amounts(slots []slot) []int64 {
	list := make([]int64, len(slots))
	for i, s := range slots {
		list[i] = s.amount
	}
	return list
}

// parts lists the items, then the parcels, of a request. Their sum fits Money.
func parts(r Request, rules Rules) (slots []slot, err error) {
	cur := r.Items[0].Unit.Currency
	sum := commerce.Money{Currency: cur}
	for i := range r.Items {
		it := &r.Items[i]
		if it.Unit.Currency != cur {
			return nil, ErrCurrencies
		}
		if it.Unit.Amount < 0 || it.Quantity < 0 {
			return nil, commerce.ErrMoney
		}
		amount, err := it.Unit.Times(it.Quantity)
		if err != nil {
			return nil, err
		}
		if sum, err = sum.Add(amount); err != nil {
			return nil, err
		}
		slots = append(slots, slot{brand: it.Brand, item: it, amount: amount.Amount})
	}
	options, err := Options(r, rules)
	if err != nil {
		return nil, err
	}
	for _, b := range brandsOf(r.Items) {
		offered, ships := options[b]
		if !ships {
			continue
		}
		i := slices.IndexFunc(offered, func(o ShippingOption) bool { return o.ID == r.Shipping[b] })
		if i < 0 {
			return nil, ErrNoChoice.With("brand", rules[b].Name)
		}
		if offered[i].Price.Currency != cur {
			return nil, ErrCurrencies // a brand's shipping in the shop's currency, its goods still in an earlier one
		}
		if sum, err = sum.Add(offered[i].Price); err != nil {
			return nil, err
		}
		slots = append(slots, slot{brand: b, option: offered[i], amount: offered[i].Price.Amount})
	}
	return slots, nil
}

// write makes the quote with these discounts, which are in their order. Without
// asked the tax that is asked elsewhere is left out.
func write(r Request, rules Rules, slots []slot, discounts []Discount, asked bool) (Quote, error) {
	cur := r.Items[0].Unit.Currency
	q := Quote{Total: commerce.Money{Currency: cur}}
	money := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: cur} }
	add := func(l Line) (err error) {
		q.Lines = append(q.Lines, l)
		q.Total, err = q.Total.Add(l.Amount)
		return err
	}
	left := amounts(slots)
	var off []Line
	for _, d := range discounts {
		var sum int64
		brand, several := commerce.BrandID(""), false
		for i, n := range d.off(slots, left) {
			if n == 0 {
				continue
			}
			left[i] -= n
			sum += n
			several = several || brand != "" && brand != slots[i].brand
			brand = slots[i].brand
		}
		if several {
			brand = ""
		}
		if sum > 0 {
			off = append(off, Line{Kind: KindDiscount, Brand: brand, Label: d.Label, Ref: d.ID, Amount: money(-sum)})
		}
	}
	taken := func(i int) commerce.Money {
		if left[i] == slots[i].amount {
			return commerce.Money{}
		}
		return money(slots[i].amount - left[i])
	}
	for i, s := range slots {
		if s.item == nil {
			continue
		}
		it := *s.item
		if err := add(Line{Kind: KindItem, Brand: it.Brand, Label: it.Title, Detail: it.Detail, Item: &it,
			Quantity: it.Quantity, Unit: it.Unit, Amount: money(s.amount), Discount: taken(i)}); err != nil {
			return Quote{}, err
		}
	}
	for _, l := range off {
		if err := add(l); err != nil {
			return Quote{}, err
		}
	}
	for _, b := range brandsOf(r.Items) {
		for i, s := range slots {
			if s.item != nil || s.brand != b {
				continue
			}
			if err := add(Line{Kind: KindShipping, Brand: b, Label: s.option.Name, Detail: s.option.Days, Amount: money(s.amount), Discount: taken(i)}); err != nil {
				return Quote{}, err
			}
		}
		if rules[b].Tax.Asked && !asked {
			continue
		}
		tax, ok, err := taxLine(r, b, rules[b].Tax, base(slots, left, b, cur))
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

// base is what of a brand is taxed: its taxable goods and its parcel, less what
// the discounts take. Parcels are taxed like the goods in them.
func base(slots []slot, left []int64, b commerce.BrandID, currency string) commerce.Money {
	sum := commerce.Money{Currency: currency}
	for i, s := range slots {
		if s.brand == b && (s.item == nil || s.item.Taxable) {
			sum.Amount += left[i]
		}
	}
	return sum
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
