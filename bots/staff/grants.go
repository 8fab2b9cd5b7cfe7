package staff

import (
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/rewards"
)

// grant gives store credit or points to who bought an order, with a reason that
// they read: kind is "points", or else credit. What is given costs the shop, so
// admins do it. It is named by its event: the same one gives once.
func (s *Staff) grant(v *visit, o orders.Order, kind string) (bots.Screen, error) {
	if !v.role.All || o.Forgotten() {
		return s.show(v, o, v.Say("staff.shared"))
	}
	currency, ask, label := o.Total.Currency, "staff.grant.ask", "staff.grant.amount"
	if kind == "points" {
		currency, ask, label = rewards.PointsCurrency, "staff.grant.askpoints", "staff.grant.points"
	}
	notice := ""
	if v.ev.Kind == bots.Fill {
		amount, err := granted(v.ev.Values["amount"], currency)
		reason := bots.Clip(strings.TrimSpace(v.ev.Values["reason"]), 200)
		if err == nil && reason != "" {
			err = s.Checkout.Grant(v.ctx, rewards.Granted{ID: v.ev.Bot + ":" + v.ev.ID, Member: o.Member, Amount: amount, Reason: reason, Actor: v.actor})
			if err == nil {
				return s.show(v, o, v.Say("staff.granted"))
			}
		}
		switch kind := commerce.KindOf(err); {
		case err != nil && kind != commerce.Invalid:
			return bots.Screen{}, err
		default:
			notice = v.Say("staff.grant.wrong")
		}
	}
	action := bots.Path("staff", "grant", string(o.ID), kind)
	text := bots.T(v.Say(ask, "Number", strconv.FormatInt(o.Number, 10)))
	if notice != "" {
		text = append(bots.T(notice+"\n\n"), text...)
	}
	return bots.Screen{Path: action, Text: text, Form: &bots.Form{
		Action: action, Title: bots.Clip(v.Say("staff.button.grant"), bots.MaxFormTitle),
		Fields: []bots.Field{{Key: "amount", Label: bots.Clip(v.Say(label), bots.MaxFieldLabel), Max: 20},
			{Key: "reason", Label: bots.Clip(v.Say("staff.grant.reason"), bots.MaxFieldLabel), Max: 200}},
		Cancel: v.button("button.cancel", "order", string(o.ID)),
	}}, nil
}

// granted reads an amount, or a number of points.
func granted(text, currency string) (commerce.Money, error) {
	text = strings.Trim(text, " €$£")
	m := commerce.Money{Currency: currency}
	var err error
	if currency == rewards.PointsCurrency {
		m.Amount, err = strconv.ParseInt(text, 10, 64)
	} else {
		m, err = commerce.ParseMoney(strings.ReplaceAll(text, ",", "."), currency)
	}
	if err != nil {
		return commerce.Money{}, rewards.ErrGrant
	}
	return m, nil
}
