package staff

import (
	"errors"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
)

// giving lets somebody choose what goes back: all of it, items, or an amount.
func (s *Staff) giving(v *visit, o orders.Order, word string) (bots.Screen, error) {
	t, _, err := s.Checkout.Takings(v.ctx, o)
	if err != nil {
		return bots.Screen{}, err
	}
	f, err := s.Checkout.Fulfilment(v.ctx, o)
	if err != nil {
		return bots.Screen{}, err
	}
	chosen, id := fulfilment.ReadUnits(word), string(o.ID)
	menu, said := v.pick(o, chosen, func(i int64) int64 {
		if l := o.Lines[i]; (l.Kind == pricing.KindItem || l.Kind == pricing.KindShipping) && v.role.owns(l) && l.Amount.Amount > l.Discount.Amount {
			return f.Lines[i].Bought - f.Lines[i].Refunded
		}
		return 0
	}, "staff", "give", id)
	number := strconv.FormatInt(o.Number, 10)
	ask := v.Say("staff.give.yours", "Number", number)
	if v.role.acts(o) {
		ask = v.Say("staff.give.ask", "Number", number, "Left", commerce.Money{Amount: t.Left(), Currency: o.Total.Currency})
	}
	screen := bots.Screen{Path: bots.Path("staff", "give", id), Menu: menu, Text: append(bots.T(ask), append(bots.T("\n"), said...)...)}
	if len(chosen) > 0 {
		seen := strconv.FormatInt(t.Back, 36)
		card := v.button("staff.button.giveitems", "back", id, chosen.String(), "card", seen)
		card.Style = bots.Danger
		screen.Rows = append(screen.Rows, []bots.Button{card, v.button("staff.button.giveitemscredit", "back", id, chosen.String(), "credit", seen)})
	} else if v.role.acts(o) {
		screen.Rows = append(screen.Rows, []bots.Button{v.button("staff.button.giveall", "refund", id), v.button("staff.button.giveamount", "amount", id)})
	}
	screen.Rows = append(screen.Rows, []bots.Button{v.button("staff.button.no", "order", id)})
	return screen, nil
}

// back gives chosen items back.
func (s *Staff) back(v *visit, o orders.Order, word, way, seen string) (bots.Screen, error) {
	g := checkout.Giving{Items: fulfilment.ReadUnits(word).Items(), Way: payments.Way(way), Brands: v.role.brands(), Seen: stamp(seen)}
	if len(g.Items) == 0 || g.Way != payments.WayCard && g.Way != payments.WayCredit {
		return s.show(v, o, v.Say("order.state"))
	}
	_, err := s.Checkout.RefundPart(v.ctx, v.actor, o.ID, g)
	if errors.Is(err, checkout.ErrTooMuch) && !v.role.acts(o) {
		err = fulfilment.ErrGone // how much is left of all of it is not theirs to know
	}
	return s.after(v, o.ID, "staff.refundedpart", err)
}

// amount asks for an amount, then which way it shall go.
func (s *Staff) amount(v *visit, o orders.Order, minor, way, seen string) (bots.Screen, error) {
	id := string(o.ID)
	t, _, err := s.Checkout.Takings(v.ctx, o)
	if err != nil {
		return bots.Screen{}, err
	}
	left := commerce.Money{Amount: t.Left(), Currency: o.Total.Currency}
	if minor != "" {
		n, err := strconv.ParseInt(minor, 10, 64)
		g := checkout.Giving{Amount: commerce.Money{Amount: n, Currency: o.Total.Currency}, Way: payments.Way(way), Seen: stamp(seen)}
		if err != nil || g.Way != payments.WayCard && g.Way != payments.WayCredit {
			return s.show(v, o, v.Say("order.state"))
		}
		_, err = s.Checkout.RefundPart(v.ctx, v.actor, o.ID, g)
		return s.after(v, o.ID, "staff.refundedpart", err)
	}
	notice := ""
	if v.ev.Kind == bots.Fill {
		m, err := commerce.ParseMoney(strings.ReplaceAll(strings.Trim(v.ev.Values["amount"], " €$£"), ",", "."), o.Total.Currency)
		switch {
		case err != nil || m.Amount <= 0:
			notice = v.Say("staff.amount.wrong")
		case m.Amount > t.Left():
			notice = v.Say("refund.toomuch", "left", left)
		default:
			word, now := strconv.FormatInt(m.Amount, 10), strconv.FormatInt(t.Back, 36)
			card := v.button("staff.button.givecard", "amount", id, word, "card", now)
			card.Style = bots.Danger
			return bots.Screen{Path: bots.Path("staff", "give", id),
				Text: bots.T(v.Say("staff.amount.confirm", "Number", strconv.FormatInt(o.Number, 10), "Total", m)),
				Rows: [][]bots.Button{{card, v.button("staff.button.givecredit", "amount", id, word, "credit", now)}, {v.button("staff.button.no", "order", id)}}}, nil
		}
	}
	action := bots.Path("staff", "amount", id)
	text := bots.T(v.Say("staff.amount.ask", "Number", strconv.FormatInt(o.Number, 10), "Left", left))
	if notice != "" {
		text = append(bots.T(notice+"\n\n"), text...)
	}
	return bots.Screen{Path: action, Text: text, Form: &bots.Form{
		Action: action, Title: bots.Clip(v.Say("staff.button.giveamount"), bots.MaxFormTitle),
		Fields: []bots.Field{{Key: "amount", Label: bots.Clip(v.Say("staff.amount.label"), bots.MaxFieldLabel), Hint: left.Decimal(), Max: 20}},
		Cancel: v.button("button.cancel", "order", id),
	}}, nil
}

// stamp reads what had gone back when a button was made.
func stamp(word string) int64 {
	n, err := strconv.ParseInt(word, 36, 64)
	if err != nil {
		return -2 // nothing has ever gone back so: nothing is done
	}
	return n
}
