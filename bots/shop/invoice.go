package shop

// This file lets an order be paid in the chat, where the bot takes invoices.
// What the platform asks about one is answered past the router: it needs no
// conversation, and it must be answered while Redis is away, because money
// depends on it. What repeats is known by commerce/checkout.

import (
	"errors"
	"log/slog"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
)

// invoice shows an order's invoice: "invoice <order>".
func (s *Shop) invoice(v *visit, args []string) (bots.Screen, error) {
	o, err := s.mineOnly(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	if !v.set.Invoices[v.ev.Bot] || checkout.IsGift(o) {
		return s.showOrder(v, o, ""), nil
	}
	i, err := s.Checkout.Invoice(v.ctx, o)
	switch {
	case errors.Is(err, checkout.ErrState), errors.Is(err, checkout.ErrPinned), errors.Is(err, payments.ErrPaid):
		notice := v.problem(err)
		if o, err = s.mineOnly(v, args[0]); err != nil {
			return bots.Screen{}, err
		}
		return s.showOrder(v, o, notice), nil
	case err != nil:
		return bots.Screen{}, err
	}
	id := string(o.ID)
	shown := &bots.Invoice{
		Title: bots.Clip(v.set.Name, bots.MaxInvoiceTitle), Description: bots.Clip(itemsOf(o), bots.MaxInvoiceText), Payload: string(i.Payment),
		Prices: v.prices(i.Lines), Address: i.Asks, Copy: bots.Path("order", id), Link: s.Checkout.PayLink(o),
	}
	if plus := v.Say("invoice.plus"); i.Asks {
		shown.Description = bots.Clip(itemsOf(o), bots.MaxInvoiceText-bots.Width(plus)-1) + "\n" + bots.Clip(plus, bots.MaxInvoiceText/2)
	}
	due := commerce.Money{Currency: o.Total.Currency}
	for _, p := range shown.Prices {
		due.Amount += p.Amount.Amount
	}
	shown.Pay = bots.Clip(v.Say("button.pay", "Total", due), bots.MaxLabel)
	return bots.Screen{
		Path: bots.Path("order", id), Text: v.orderLines(bots.Text{bold(v.Say("order.number", "Number", strconv.FormatInt(o.Number, 10)))}.Line(), o),
		Invoice: shown, Rows: rows(row(keeping(v.button("button.otherway", "order", id)))),
	}, nil
}

// itemsOf names what an order holds in one line.
func itemsOf(o orders.Order) string {
	var list []string
	for _, l := range o.Lines {
		if l.Kind == pricing.KindItem {
			list = append(list, strconv.FormatInt(l.Quantity, 10)+" × "+l.Label)
		}
	}
	return strings.Join(list, ", ")
}

// prices labels what is due; in one line where there are more than fit.
func (v *visit) prices(lines []payments.Line) (list []bots.Price) {
	var sum commerce.Money
	for _, l := range lines {
		label := l.Name
		if l.Quantity > 1 {
			label = strconv.FormatInt(l.Quantity, 10) + " × " + label
		}
		if label == "" {
			label = v.Say("invoice.goods")
		}
		list = append(list, bots.Price{Label: bots.Clip(label, bots.MaxLabel), Amount: l.Amount})
		sum.Amount, sum.Currency = sum.Amount+l.Amount.Amount, l.Amount.Currency
	}
	if len(list) > bots.MaxPrices {
		list = []bots.Price{{Label: bots.Clip(v.Say("invoice.goods"), bots.MaxLabel), Amount: sum}}
	}
	return list
}

// billed answers what the platform asks or tells about an invoice. No verdict
// means that it could not be dealt with, and has to come again.
func (s *Shop) billed(v *visit) bots.Screen {
	verdict, err := s.verdict(v)
	if err == nil {
		return bots.Screen{Verdict: &verdict}
	}
	switch kind := commerce.KindOf(err); {
	case v.ev.Kind == bots.Paid, kind == commerce.Internal, kind == commerce.Unavailable:
		s.Log.Log(v.ctx, slog.LevelError, "an event of a payment was not dealt with", "bot", v.ev.Bot, "event", v.ev.ID, "error", err)
		return bots.Screen{}
	}
	return bots.Screen{Verdict: &bots.Verdict{Why: bots.Clip(v.problem(err), bots.MaxRefusal)}}
}

func (s *Shop) verdict(v *visit) (bots.Verdict, error) {
	b := v.ev.Bill
	payment := commerce.PaymentID(b.Payload)
	if v.ev.Kind == bots.Paid {
		return bots.Verdict{Yes: true}, s.Checkout.InvoicePaid(v.ctx, payments.Receipt{ID: b.Receipt, Charge: b.Charge, Payment: payment, Amount: b.Total})
	}
	m, err := s.Members.Meet(v.ctx, members.Seen{
		Platform: string(v.ev.From.Platform), Account: v.ev.From.ID, Name: v.ev.From.Name, Username: v.ev.From.Username,
		Locale: v.ev.From.Locale, Bot: v.ev.Bot,
	})
	if err != nil {
		return bots.Verdict{}, err
	}
	if v.member = m; v.ev.From.Locale == "" {
		v.Words = v.set.texts.words(m.Locale)
	}
	if v.ev.Kind == bots.Approve {
		a := checkout.Approval{Question: b.Question, Payment: payment, Member: m.ID, Total: b.Total, Way: b.Way, Locale: v.locale}
		if d := b.Address; d != nil {
			a.Address = &members.Address{Name: d.Name, Street: d.Street, City: d.City, Postcode: d.Postcode, Country: d.Country}
			if d.Region != "" && d.Region != d.City {
				a.Address.City += ", " + d.Region
			}
		}
		return bots.Verdict{Yes: true}, s.Checkout.Approve(v.ctx, a)
	}
	country := ""
	if b.Address != nil {
		country = b.Address.Country
	}
	ways, err := s.Checkout.Ways(v.ctx, m.ID, payment, country)
	verdict := bots.Verdict{Yes: true}
	for _, w := range ways {
		verdict.Ways = append(verdict.Ways, bots.Way{ID: w.ID, Title: bots.Clip(strings.Join(w.Names, " + "), bots.MaxLabel), Prices: v.prices(w.Lines)})
	}
	return verdict, err
}
