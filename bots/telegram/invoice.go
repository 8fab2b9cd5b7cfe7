package telegram

// This file is Telegram's way to take money in a chat
// (core.telegram.org/bots/payments). The rules:
//   - an invoice is a message of its own: no other message can become one, and
//     its first button pays.
//   - start_parameter is always set: a forwarded copy is then a link to the bot
//     and nothing others could pay.
//   - a shipping or a pre-checkout query is answered within ten seconds, in the
//     response: it is asked again where that does not reach Telegram, and the
//     conversation then gives the answer it gave before.
//   - what the conversation did not deal with is not answered with 200, so that
//     Telegram delivers it again: a payment is never lost.

import (
	"context"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
)

// bill is what a shipping query, a pre-checkout query and a successful payment
// tell, which share most of their fields.
type bill struct {
	ID       string  `json:"id"` // of a query
	From     user    `json:"from"`
	Payload  string  `json:"invoice_payload"`
	Currency string  `json:"currency"`
	Total    int64   `json:"total_amount"`
	Option   string  `json:"shipping_option_id"`
	Address  *street `json:"shipping_address"`
	Order    *struct {
		Name    string  `json:"name"`
		Address *street `json:"shipping_address"`
	} `json:"order_info"`
	Receipt string `json:"telegram_payment_charge_id"`
	Charge  string `json:"provider_payment_charge_id"`
}

type street struct {
	Country  string `json:"country_code"`
	State    string `json:"state"`
	City     string `json:"city"`
	Line1    string `json:"street_line1"`
	Line2    string `json:"street_line2"`
	Postcode string `json:"post_code"`
}

type price struct {
	Label  string `json:"label"`
	Amount int64  `json:"amount"`
}

type option struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Prices []price `json:"prices"`
}

// draw is draw for a bot that may take money: an invoice becomes one, or, where
// no provider is configured, a text with the link.
func (b *Bot) draw(s bots.Screen, notice string) view {
	if s.Invoice == nil {
		return draw(s, notice)
	}
	i := s.Invoice
	if b.provider == "" {
		s.Rows = append([][]bots.Button{{{Label: i.Pay, Link: i.Link, Style: bots.Primary}}}, s.Rows...)
		return draw(s, notice)
	}
	v := view{keyboard: keys(bots.Screen{Rows: s.Rows}), invoice: &call{
		Method: "sendInvoice", Title: oneLine(i.Title), Description: i.Description, Payload: i.Payload,
		Provider: b.provider.Reveal(), Prices: prices(i.Prices), Start: i.Copy.Start(),
		NeedName: i.Address, NeedAddress: i.Address, Flexible: i.Address,
	}}
	if len(i.Prices) > 0 {
		v.invoice.Currency = i.Prices[0].Amount.Currency
	}
	if v.keyboard == nil {
		v.keyboard = &keyboard{}
	}
	v.keyboard.Rows = append([][]button{{{Text: oneLine(i.Pay), Style: "primary", Pay: true}}}, v.keyboard.Rows...)
	return v
}

func prices(list []bots.Price) (out []price) {
	for _, p := range list {
		out = append(out, price{oneLine(p.Label), p.Amount.Amount})
	}
	return out
}

// asked answers what Telegram asks or tells about an invoice.
func (b *Bot) asked(ctx context.Context, u update, h bots.Handler) (bots.Answer, error) {
	ev, err := b.billed(u)
	if err != nil {
		return bots.Answer{}, err
	}
	verdict := h.Handle(ctx, ev).Verdict
	if verdict == nil {
		return bots.Answer{}, commerce.Errorf(commerce.Unavailable, "error.busy", "an event of a payment was not dealt with")
	}
	c := call{OK: &verdict.Yes, Problem: verdict.Why}
	switch ev.Kind {
	case bots.Ways:
		c.Method, c.ShippingID = "answerShippingQuery", u.Shipping.ID
		if verdict.Yes {
			options := []option{}
			for _, w := range verdict.Ways {
				options = append(options, option{w.ID, oneLine(w.Title), prices(w.Prices)})
			}
			c.Options = &options
		}
	case bots.Approve:
		c.Method, c.CheckoutID = "answerPreCheckoutQuery", u.Checkout.ID
	default:
		return nothing, nil
	}
	return reply(c), nil
}

// billed makes an event of a payment.
func (b *Bot) billed(u update) (ev bots.Event, err error) {
	var from user
	var c chat
	q, kind := u.Shipping, bots.Ways
	switch {
	case q != nil:
		from = q.From
	case u.Checkout != nil:
		q, kind = u.Checkout, bots.Approve
		from = q.From
	default:
		q, kind, c = u.Message.Paid, bots.Paid, u.Message.Chat
		if u.Message.From == nil {
			return ev, malformed("a payment of nobody")
		}
		from = *u.Message.From
	}
	switch {
	case kind != bots.Paid && q.ID == "":
		return ev, malformed("a query about an invoice without id")
	case q.Payload == "":
		return ev, malformed("an invoice without payload")
	case kind == bots.Paid && q.Receipt == "":
		return ev, malformed("a payment without id")
	}
	if ev, err = b.event(u, from, c, 0); err != nil {
		return ev, err
	}
	ev.Kind = kind
	ev.Bill = &bots.Bill{Payload: clean(q.Payload), Total: commerce.Money{Amount: q.Total, Currency: clean(q.Currency)}, Way: clean(q.Option),
		Address: q.Address.destination(""), Question: clean(q.ID), Receipt: clean(q.Receipt), Charge: clean(q.Charge)}
	if q.Order != nil {
		ev.Bill.Address = q.Order.Address.destination(clean(q.Order.Name))
	}
	return ev, nil
}

func (a *street) destination(name string) *bots.Destination {
	if a == nil {
		return nil
	}
	line := clean(a.Line1)
	if a.Line2 != "" {
		line += "\n" + clean(a.Line2)
	}
	return &bots.Destination{Name: name, Street: line, City: clean(a.City), Region: clean(a.State), Postcode: clean(a.Postcode), Country: clean(a.Country)}
}
