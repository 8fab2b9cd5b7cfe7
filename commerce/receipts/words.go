package receipts

import (
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/pricing"
)

// Words is how a paper speaks: texts by id, amounts and dates as a locale
// writes them. It should be the locale of the order, so that a paper is the
// same whoever opens it.
type Words interface {
	Say(id string, args ...any) string
	Money(m commerce.Money) string
	Date(t time.Time) string
	Language() string
}

// spoken is a document in words, ready to be laid out.
type spoken struct {
	title    string
	seller   [][]string // each: the name, then what stands below it
	buyer    []string   // the first is the heading
	facts    [][2]string
	columns  [4]string // quantity, what, unit, amount
	lines    []spokenLine
	sums     [][2]string // the last is the total
	payments [][2]string
	footer   []string
}

type spokenLine struct {
	quantity, what, below, unit, amount string
}

func speak(d Document, w Words) spoken {
	s := spoken{
		title:   map[Kind]string{KindReceipt: w.Say("paper.receipt"), KindInvoice: w.Say("paper.invoice"), KindCredit: w.Say("paper.credit")}[d.Kind],
		columns: [4]string{w.Say("paper.quantity"), w.Say("paper.what"), w.Say("paper.unit"), w.Say("paper.amount")},
		buyer:   []string{w.Say("paper.buyer")},
	}
	for _, one := range d.Sellers {
		block := append([]string{one.Name}, one.Address...)
		if one.TaxID != "" {
			block = append(block, w.Say("paper.taxid", "ID", one.TaxID))
		}
		s.seller = append(s.seller, block)
		if one.Footer != "" {
			s.footer = append(s.footer, one.Footer)
		}
	}
	switch {
	case d.Erased:
		s.buyer = append(s.buyer, w.Say("paper.erased"))
	case d.Buyer.Zero():
		s.buyer = nil
	default:
		s.buyer = append(s.buyer, d.Buyer.Lines(w.Language())...)
	}
	fact := func(label, value string) {
		if value != "" {
			s.facts = append(s.facts, [2]string{label, value})
		}
	}
	date := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return w.Date(t)
	}
	fact(w.Say("paper.number"), d.Number)
	fact(w.Say("paper.corrects"), d.Corrects)
	if d.Kind != KindReceipt {
		fact(w.Say("paper.issued"), date(d.Issued))
	}
	fact(w.Say("paper.order"), strconv.FormatInt(d.Order, 10))
	fact(w.Say("paper.placed"), date(d.Placed))
	fact(w.Say("paper.paid"), date(d.Paid))
	fact(w.Say("paper.invoices"), strings.Join(d.Others, ", "))
	for _, l := range d.Lines {
		s.lines = append(s.lines, speakLine(l, w))
	}
	s.sums = append(s.sums, [2]string{w.Say("paper.net"), w.Money(d.Net)})
	for _, t := range d.Taxes {
		label := t.Label
		switch {
		case label == "":
			label = w.Say("paper.tax")
		case t.Included:
			label = w.Say("paper.included", "Tax", label)
		}
		s.sums = append(s.sums, [2]string{label, w.Money(t.Amount)})
	}
	total := w.Say("paper.total")
	if d.Kind == KindCredit {
		total = w.Say("paper.credited")
	}
	s.sums = append(s.sums, [2]string{total, w.Money(d.Gross)})
	for _, p := range d.Payments {
		s.payments = append(s.payments, [2]string{paidBy(p, w), w.Money(p.Amount)})
	}
	return s
}

func speakLine(l Line, w Words) spokenLine {
	out := spokenLine{what: l.Label, amount: w.Money(l.Amount)}
	switch l.Kind {
	case pricing.KindItem:
		out.quantity, out.unit = strconv.FormatInt(l.Quantity, 10), w.Money(l.Unit)
		below := []string{}
		for _, part := range []string{l.Detail, l.SKU} {
			if part != "" {
				below = append(below, part)
			}
		}
		out.below = strings.Join(below, " · ")
	case pricing.KindShipping:
		out.what = w.Say("paper.shipping", "Name", l.Label)
	case pricing.KindDiscount:
		out.what = w.Say("paper.discount")
		if l.Label != "" {
			out.what += ": " + l.Label
		}
	default:
		if out.what == "" {
			out.what = w.Say("paper.part")
		}
	}
	return out
}

func paidBy(p Payment, w Words) string {
	switch {
	case p.Kind == pricing.KindGiftCard:
		return w.Say("paper.bygiftcard")
	case p.Kind == pricing.KindCredit:
		return w.Say("paper.bycredit")
	case p.Kind == pricing.KindPoints && p.Points > 0:
		return w.Say("paper.bypointsn", "N", p.Points)
	case p.Kind == pricing.KindPoints:
		return w.Say("paper.bypoints")
	}
	return w.Say("paper.bycard")
}
