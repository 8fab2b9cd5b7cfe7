package shop

import (
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
)

// parcelNotice tells of one parcel of an order.
func (s *Shop) parcelNotice(v *visit, kind, id string, o orders.Order) (bots.Text, error) {
	f, err := s.Checkout.Fulfilment(v.ctx, o)
	if err != nil {
		return nil, err
	}
	what := map[string]string{notices.ParcelPacked: "told.packed", notices.ParcelShipped: "told.parcel", notices.ParcelDelivered: "told.delivered"}[kind]
	text := bots.Text{bold(v.Say(what, "Number", strconv.FormatInt(o.Number, 10)))}
	for _, p := range f.Parcels {
		if string(p.ID) != id {
			continue
		}
		text = v.units(text, o, p.Items)
		if p.Tracking != "" && kind == notices.ParcelShipped {
			text = text.Line(regular(v.Say("order.tracking")+" "), code(bots.Clip(p.Tracking, 150)))
		}
	}
	if kind == notices.ParcelShipped && o.State == orders.Paid {
		text = text.Line(regular(v.Say("told.parcelrest")))
	}
	return text, nil
}

// units lists units of an order's lines.
func (v *visit) units(text bots.Text, o orders.Order, items []fulfilment.Item) bots.Text {
	for _, it := range items {
		if it.Position < 0 || it.Position >= int64(len(o.Lines)) {
			continue
		}
		l := o.Lines[it.Position]
		label := strconv.FormatInt(it.Quantity, 10) + " × " + bots.Clip(l.Label, 100)
		if l.Detail != "" {
			label += ", " + bots.Clip(l.Detail, 60)
		}
		text = text.Line(regular("• " + label))
	}
	return text
}

// moneyBack says how much went back, and where to.
func (s *Shop) moneyBack(v *visit, text bots.Text, id string, o orders.Order) (bots.Text, error) {
	g, err := s.Checkout.Giveback(v.ctx, commerce.RefundID(id))
	if err != nil {
		return nil, err
	}
	if g.ID == "" {
		if o.Total.Amount == 0 {
			return text, nil
		}
		return text.Line(regular(v.Say("told.moneyback", "Total", o.Total))), nil
	}
	if g.Card.Amount > 0 && g.Way == payments.WayCard {
		text = text.Line(regular(v.Say("told.moneyback", "Total", g.Card)))
	}
	if g.Card.Amount > 0 && g.Way == payments.WayCredit {
		text = text.Line(regular(v.Say("told.tocredit", "Total", g.Card)))
	}
	if rest, err := g.Value.Sub(g.Card); err == nil && rest.Amount > 0 {
		text = text.Line(regular(v.Say("told.totender", "Total", rest)))
	}
	return text, nil
}
