package receipts

import (
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

// Document is what stands on a paper, in no language yet. Its lines sum to
// Gross, Net and the Taxes do too, and the Payments.
type Document struct {
	Kind     Kind
	Number   string   // of the invoice or credit note
	Corrects string   // of a credit note: the invoice
	Others   []string // on a receipt: the numbers of its invoices
	Order    int64
	Placed   time.Time
	Paid     time.Time
	Issued   time.Time
	Shop     string   // on a receipt, which more than one may sell on
	Sellers  []Seller // one on all but a receipt
	Buyer    members.Address
	Erased   bool // the buyer was taken out of the order at their wish
	Lines    []Line
	Net      commerce.Money
	Taxes    []Tax
	Gross    commerce.Money
	Payments []Payment
}

// Line is one line of a paper. Included tax stands among the Taxes and adds
// nothing; tax on top is no line either.
type Line struct {
	Kind     pricing.Kind // item, discount, shipping
	Label    string
	Detail   string
	SKU      string
	Quantity int64
	Unit     commerce.Money
	Amount   commerce.Money
}

// Tax is what the state gets by one rate.
type Tax struct {
	Label    string // its name with the rate
	Included bool
	Amount   commerce.Money
}

// Payment is how a part of it was paid: by card where Kind is empty.
type Payment struct {
	Kind   pricing.Kind
	Points int64
	Amount commerce.Money
}

// Tax sums the taxes.
func (d Document) Tax() commerce.Money {
	sum := commerce.Money{Currency: d.Gross.Currency}
	for _, t := range d.Taxes {
		sum.Amount += t.Amount.Amount
	}
	return sum
}

// Receipt makes the receipt of an order, with the papers that were issued for
// it: all of it, as it was quoted and paid.
func Receipt(shop string, o orders.Order, papers []Paper) Document {
	d := document(KindReceipt, o)
	d.Shop, d.Issued = shop, o.PaidAt
	place := func(p Paper) int {
		return slices.IndexFunc(o.Lines, func(l orders.Line) bool { return l.Brand == p.Brand })
	}
	for _, p := range slices.SortedStableFunc(slices.Values(papers), func(a, b Paper) int { return place(a) - place(b) }) {
		if p.Kind == KindInvoice {
			d.Others = append(d.Others, p.Number)
			d.Sellers = append(d.Sellers, p.Seller)
		}
	}
	for _, l := range o.Lines {
		switch {
		case l.Kind.Tender(), l.Kind == pricing.KindTax:
		default:
			d.Lines = append(d.Lines, lineOf(l, l.Amount))
		}
	}
	d.sum(o.Lines)
	d.Payments = payments(o, d.Gross, nil)
	return d
}

// Invoice makes the document of a paper of that kind: the brand's lines, each
// with what came off it, and the brand's share of how the order was paid.
func Invoice(o orders.Order, p Paper) Document {
	d := document(KindInvoice, o)
	d.Number, d.Issued, d.Sellers = p.Number, p.IssuedAt, []Seller{p.Seller}
	mine := []orders.Line{}
	for _, l := range o.Lines {
		if l.Brand != p.Brand || l.Kind.Tender() || l.Kind == pricing.KindDiscount {
			continue // its discounts are in the lines they came off
		}
		mine = append(mine, l)
		if l.Kind == pricing.KindTax {
			continue
		}
		d.Lines = append(d.Lines, lineOf(l, l.Amount))
		if !l.Discount.IsZero() {
			d.Lines = append(d.Lines, Line{Kind: pricing.KindDiscount, Amount: negative(l.Discount)})
		}
	}
	d.sum(mine)
	d.Payments = payments(o, d.Gross, brandShare(o, p.Brand))
	return d
}

// Credit makes the document of a credit note on an invoice of the same order.
// All of it back is the invoice's lines turned round; a part is told in sums.
func Credit(o orders.Order, p, invoice Paper) Document {
	d := document(KindCredit, o)
	d.Number, d.Corrects, d.Issued, d.Sellers = p.Number, invoice.Number, p.IssuedAt, []Seller{p.Seller}
	d.Net, d.Gross = negative(p.Net), negative(commerce.Money{Amount: p.Net.Amount + p.Tax.Amount, Currency: p.Net.Currency})
	whole := Invoice(o, invoice)
	if p.Net == invoice.Net && p.Tax == invoice.Tax {
		for _, l := range whole.Lines {
			l.Unit, l.Amount = negative(l.Unit), negative(l.Amount)
			d.Lines = append(d.Lines, l)
		}
		for _, t := range whole.Taxes {
			t.Amount = negative(t.Amount)
			d.Taxes = append(d.Taxes, t)
		}
		return d
	}
	d.Lines = []Line{{Amount: d.Gross}}
	if p.Tax.IsZero() {
		return d
	}
	weights := []int64{}
	for _, t := range whole.Taxes {
		weights = append(weights, t.Amount.Amount)
	}
	parts, err := p.Tax.Split(weights...)
	if err != nil { // a tax in the books and none on the invoice: it is said as it is
		d.Taxes = []Tax{{Amount: negative(p.Tax)}}
		return d
	}
	included := true
	for i, t := range whole.Taxes {
		if parts[i].IsZero() {
			continue
		}
		included = included && t.Included
		d.Taxes = append(d.Taxes, Tax{Label: t.Label, Included: t.Included, Amount: negative(parts[i])})
	}
	if !included {
		d.Lines = []Line{{Amount: d.goods()}}
	}
	return d
}

func document(k Kind, o orders.Order) Document {
	return Document{Kind: k, Order: o.Number, Placed: o.CreatedAt, Paid: o.PaidAt, Buyer: members.Address(o.Address), Erased: o.Forgotten(),
		Net: commerce.Money{Currency: o.Total.Currency}, Gross: commerce.Money{Currency: o.Total.Currency}}
}

func lineOf(l orders.Line, amount commerce.Money) Line {
	return Line{Kind: l.Kind, Label: l.Label, Detail: l.Detail, SKU: l.SKU, Quantity: l.Quantity, Unit: l.Unit, Amount: amount}
}

// sum adds up the lines that are on the document already, and the taxes.
func (d *Document) sum(lines []orders.Line) {
	for _, l := range d.Lines {
		d.Gross.Amount += l.Amount.Amount
	}
	d.Net = d.Gross
	for _, l := range lines {
		if l.Kind != pricing.KindTax {
			continue
		}
		for _, t := range []Tax{{l.Label, true, l.Included}, {l.Label, false, l.Amount}} {
			if t.Amount.IsZero() {
				continue
			}
			if t.Included {
				d.Net.Amount -= t.Amount.Amount
			} else {
				d.Gross.Amount += t.Amount.Amount
			}
			i := slices.IndexFunc(d.Taxes, func(u Tax) bool { return u.Label == t.Label && u.Included == t.Included })
			if i < 0 {
				d.Taxes = append(d.Taxes, t)
				continue
			}
			d.Taxes[i].Amount.Amount += t.Amount.Amount // two brands with the same rate
		}
	}
}

// goods is what the lines sum to: the gross less the taxes on top.
func (d Document) goods() commerce.Money {
	sum := d.Gross
	for _, t := range d.Taxes {
		if !t.Included {
			sum.Amount -= t.Amount.Amount
		}
	}
	return sum
}

// payments says how an order was paid: by its tenders, and the rest by card.
// With a share only what falls on it, so that it sums to gross.
func payments(o orders.Order, gross commerce.Money, share func(commerce.Money) commerce.Money) (list []Payment) {
	left := gross
	for _, l := range o.Lines {
		if !l.Kind.Tender() {
			continue
		}
		p := Payment{Kind: l.Kind, Points: l.Quantity, Amount: negative(l.Amount)}
		if share != nil {
			p.Amount = share(p.Amount)
			if p.Amount.Amount+l.Amount.Amount != 0 {
				p.Points = 0 // a share of them is no number of points
			}
		}
		if p.Amount.IsZero() {
			continue
		}
		left.Amount -= p.Amount.Amount
		list = append(list, p)
	}
	if !left.IsZero() {
		list = append(list, Payment{Amount: left})
	}
	return list
}

// brandShare shares tenders out among the brands of an order, one after
// another, each by what of the brands is not paid yet. So no brand is paid
// more than it gets, and every tender is shared out whole.
func brandShare(o orders.Order, b commerce.BrandID) func(commerce.Money) commerce.Money {
	brands, due := []commerce.BrandID{}, []int64{}
	for _, l := range o.Lines {
		if l.Kind.Tender() || l.Kind == pricing.KindDiscount {
			continue
		}
		i := slices.Index(brands, l.Brand)
		if i < 0 {
			i, brands, due = len(brands), append(brands, l.Brand), append(due, 0)
		}
		due[i] += l.Amount.Amount - l.Discount.Amount
	}
	return func(m commerce.Money) commerce.Money {
		mine := commerce.Money{Currency: m.Currency}
		parts, err := m.Split(due...)
		if err != nil {
			return mine // nothing is due
		}
		for i, part := range parts {
			due[i] -= part.Amount
			if brands[i] == b {
				mine = part
			}
		}
		return mine
	}
}

func negative(m commerce.Money) commerce.Money {
	m.Amount = -m.Amount
	return m
}

// DocumentOf makes the document of a paper; all are those of its order.
func DocumentOf(o orders.Order, p Paper, all []Paper) Document {
	if p.Kind != KindCredit {
		return Invoice(o, p)
	}
	for _, other := range all {
		if other.Kind == KindInvoice && other.Brand == p.Brand {
			return Credit(o, p, other)
		}
	}
	return Credit(o, p, Paper{Brand: p.Brand})
}
