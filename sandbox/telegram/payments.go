package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Invoice is what a message with a pay button shows.
type Invoice struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Start       string `json:"start_parameter"`
	Currency    string `json:"currency"`
	Total       int64  `json:"total_amount"`

	// For a page that draws it.
	Prices []Price `json:"prices,omitempty"`
	Asks   bool    `json:"asks,omitempty"` // for an address
	Paid   bool    `json:"paid,omitempty"`
}

// Payment is the service message that a payment has succeeded.
type Payment struct {
	Currency   string     `json:"currency"`
	Total      int64      `json:"total_amount"`
	Payload    string     `json:"invoice_payload"`
	Option     string     `json:"shipping_option_id,omitempty"`
	Order      *OrderInfo `json:"order_info,omitempty"`
	TelegramID string     `json:"telegram_payment_charge_id"`
	ProviderID string     `json:"provider_payment_charge_id"`
}

// OrderInfo is what a person has given with a payment.
type OrderInfo struct {
	Name    string   `json:"name,omitempty"`
	Email   string   `json:"email,omitempty"`
	Address *Address `json:"shipping_address,omitempty"`
}

// Address is where something is shipped.
type Address struct {
	Country  string `json:"country_code"`
	State    string `json:"state"`
	City     string `json:"city"`
	Line1    string `json:"street_line1"`
	Line2    string `json:"street_line2"`
	Postcode string `json:"post_code"`
}

// ShippingOption is a way of shipping with its prices.
type ShippingOption struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Prices []Price `json:"prices"`
}

// Price is a labelled part of a total, in minor units.
type Price struct {
	Label  string `json:"label"`
	Amount int64  `json:"amount"`
}

func (s *Server) sendInvoice(c *call) (any, error) {
	ch, err := s.place(c)
	if err != nil {
		return nil, err
	}
	var prices []Price
	json.Unmarshal([]byte(c.args["prices"]), &prices)
	total := int64(0)
	for _, p := range prices {
		total += p.Amount
	}
	currency := c.args["currency"]
	switch {
	case currency == "XTR":
		return nil, badRequest("the stand-in does not imitate payments in Stars")
	case len(currency) != 3:
		return nil, badRequest("CURRENCY_INVALID")
	case c.args["provider_token"] == "", s.provider != "" && c.args["provider_token"] != s.provider:
		return nil, badRequest("PAYMENT_PROVIDER_INVALID")
	case total <= 0:
		return nil, badRequest("CURRENCY_TOTAL_AMOUNT_INVALID")
	}
	m := &Message{
		Invoice: &Invoice{Title: c.args["title"], Description: c.args["description"], Start: c.args["start_parameter"], Currency: currency, Total: total},
		payload: c.args["payload"],
		flex:    c.args["is_flexible"] == "true",
		address: c.args["need_shipping_address"] == "true",
		name:    c.args["need_name"] == "true",
	}
	if m.flex && !m.address {
		return nil, badRequest("SHIPPING_QUERY_INVALID")
	}
	m.Invoice.Prices, m.Invoice.Asks = prices, m.address
	k, _, err := c.markup()
	if err != nil {
		return nil, err
	}
	if k != nil && (len(k.Rows) == 0 || len(k.Rows[0]) == 0 || !k.Rows[0][0].Pay) {
		return nil, badRequest("REPLY_MARKUP_BUY_EMPTY")
	}
	return s.post(c, ch, m)
}

// decide carries out the bot's answer to a shipping or pre-checkout query.
func (s *Server) decide(kind, id string, c *call) (any, error) {
	q, err := s.open(kind, id)
	if err != nil {
		return nil, err
	}
	ok := c.args["ok"] == "true"
	if !ok && c.args["error_message"] == "" {
		return nil, badRequest("non-empty error message expected")
	}
	q.answered, q.ok, q.problem = true, ok, c.args["error_message"]
	return true, nil
}

func (s *Server) answerShippingQuery(c *call) (any, error) {
	var options []ShippingOption
	if c.args["ok"] == "true" {
		if json.Unmarshal([]byte(c.args["shipping_options"]), &options); len(options) == 0 {
			return nil, badRequest("SHIPPING_OPTIONS_INVALID")
		}
	}
	result, err := s.decide("shipping", c.args["shipping_query_id"], c)
	if err == nil {
		s.queries[c.args["shipping_query_id"]].options = options
	}
	return result, err
}

func (s *Server) answerPreCheckoutQuery(c *call) (any, error) {
	return s.decide("pre_checkout", c.args["pre_checkout_query_id"], c)
}

// Pay pays an invoice with an address, where it asks for one, and the first
// shipping option if option is empty. The error holds the bot's words where it
// refuses. The bot is told of the payment by a message.
func (p *Person) Pay(chat, message int64, to *OrderInfo, option string) error {
	finish, err := p.BeginPay(chat, message, to, option)
	if err != nil {
		return err
	}
	return finish()
}

// Options asks the bot how the goods of an invoice can be sent to an address.
func (p *Person) Options(chat, message int64, to *Address) ([]ShippingOption, error) {
	m, err := p.invoice(chat, message)
	if err != nil || !m.flex {
		return nil, err
	}
	q, err := p.question("shipping", map[string]any{"invoice_payload": m.payload, "shipping_address": to})
	if err != nil {
		return nil, err
	}
	return q.options, nil
}

// invoice finds an invoice that this person can pay: one that was sent where
// they are, and a copy of it only where it has no start parameter.
func (p *Person) invoice(chat, message int64) (*Message, error) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	u, ch := p.s.users[p.id], p.s.chats[chat]
	var m *Message
	if u != nil && ch != nil && ch.members[p.id] {
		m = ch.find(message)
	}
	switch {
	case m == nil || m.Invoice == nil:
		return nil, fmt.Errorf("no invoice %d", message)
	case m.Invoice.Paid:
		return nil, fmt.Errorf("the invoice has been paid")
	case m.copied && m.Invoice.Start != "":
		return nil, fmt.Errorf("a forwarded invoice with a start parameter leads to the bot")
	}
	return m, nil
}

// BeginPay asks the bot whether the invoice may be paid; finish takes the
// money, whenever it is called.
func (p *Person) BeginPay(chat, message int64, to *OrderInfo, option string) (finish func() error, err error) {
	m, err := p.invoice(chat, message)
	if err != nil {
		return nil, err
	}
	if m.address && (to == nil || to.Address == nil) {
		return nil, fmt.Errorf("the invoice asks for an address")
	}
	total := m.Invoice.Total
	order := map[string]any{"currency": m.Invoice.Currency, "invoice_payload": m.payload}
	var info *OrderInfo
	if m.address {
		info = &OrderInfo{Address: to.Address}
		if m.name {
			info.Name = to.Name
		}
	}
	if m.flex {
		options, err := p.Options(chat, message, to.Address)
		if err != nil {
			return nil, err
		}
		found := false
		for i, o := range options {
			if found = o.ID == option || o.Title == option || option == "" && i == 0; found {
				option = o.ID
				for _, price := range o.Prices {
					total += price.Amount
				}
				break
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no shipping option %q", option)
		}
		order["shipping_option_id"] = option
	}
	order["total_amount"] = total
	if info != nil {
		order["order_info"] = info
	}
	if _, err := p.question("pre_checkout", order); err != nil {
		return nil, err
	}
	return func() error { return p.finishPay(chat, m, total, option, info) }, nil
}

func (p *Person) finishPay(chat int64, m *Message, total int64, option string, info *OrderInfo) error {
	charge := ""
	if p.s.charge != nil {
		var err error
		if charge, err = p.s.charge(m.Invoice.Currency, total); err != nil {
			return err
		}
	}
	return p.act(func(u *user) error {
		s, from := p.s, u.User
		id := strconv.FormatInt(s.next(), 10)
		if charge == "" {
			charge = "ch_" + id
		}
		m.Invoice.Paid = true
		m.Changed = s.next()
		s.note(Change{Kind: "edit", Chat: chat, Message: m.MessageID})
		paid := &Message{From: &from, Payment: &Payment{Currency: m.Invoice.Currency, Total: total, Payload: m.payload, Option: option, Order: info, TelegramID: "tg" + id, ProviderID: charge}}
		s.append(s.chats[chat], paid)
		s.send("message", "chat/"+strconv.FormatInt(chat, 10), keepUpdate, paid.wire())
		return nil
	})
}

// Forward shows an invoice in another chat, as people can.
func (p *Person) Forward(chat, message, to int64) error {
	return p.act(func(u *user) error {
		from, ch := p.s.chats[chat], p.s.chats[to]
		if from == nil || ch == nil || !from.members[u.ID] || !ch.members[u.ID] || from.find(message) == nil {
			return fmt.Errorf("no message %d to forward to %d", message, to)
		}
		m, who := *from.find(message), u.User
		m.From, m.copied = &who, true
		if m.Invoice != nil {
			i := *m.Invoice
			m.Invoice = &i
			m.ReplyMarkup = nil // the client draws its own pay button
		}
		p.s.append(ch, &m)
		return nil
	})
}

// question asks the bot and waits for its answer, at most ten seconds.
func (p *Person) question(kind string, payload map[string]any) (*query, error) {
	var q *query
	err := p.act(func(u *user) error {
		q = p.s.ask(kind, u.ID)
		payload["id"], payload["from"] = q.id, u.User
		p.s.send(kind+"_query", kind+"/"+strconv.FormatInt(u.ID, 10), keepQuery, payload)
		return nil
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	p.s.Rest(ctx)
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	switch {
	case !q.answered:
		return nil, fmt.Errorf("the bot has not answered the %s query", kind)
	case !q.ok:
		return nil, &refusal{q.problem}
	}
	return q, nil
}

// refusal is a no of the bot to a shipping or a pre-checkout query.
type refusal struct{ words string }

func (r *refusal) Error() string { return "the bot refuses: " + r.words }

// InTheBotsWords is what a client shows of an error of Pay and Options: the
// bot's own words where it has refused.
func InTheBotsWords(err error) string {
	var r *refusal
	if errors.As(err, &r) {
		return r.words
	}
	return err.Error()
}
