// Package staff is the conversation the staff have: which orders are to be
// sent, where to, and what was done about them.
//
// Like bots/shop it takes an Event and returns a Screen, and knows neither a
// platform nor SQL. What it shows holds addresses: it is shown in private
// only, and to those whose role says so. The rules of the roles stand in
// role.go; start at Staff.Handle.
package staff

import (
	"context"
	"errors"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
)

// Orders is where orders are read.
type Orders interface {
	Get(ctx context.Context, id commerce.OrderID) (orders.Order, error)
	OfBrands(ctx context.Context, brands []commerce.BrandID, states []orders.State, cursor string, n int) (commerce.Page[orders.Order], error)
}

// Checkout is what the staff can do with an order. Doing it twice does it once.
type Checkout interface {
	Ship(ctx context.Context, actor string, id commerce.OrderID, tracking string) error
	CancelPaid(ctx context.Context, actor string, id commerce.OrderID) error
	Refund(ctx context.Context, actor string, id commerce.OrderID) error
}

// Words is how the staff is spoken to: texts by id, in the person's language.
type Words interface {
	Say(id string, args ...any) string
	Count(id string, n int64, args ...any) string
	Money(m commerce.Money) string
	Date(t time.Time) string
	Language() string
}

// Config is what a Staff needs.
type Config struct {
	Orders     Orders
	Checkout   Checkout
	Promotions Promotions // nil where nobody counts offers
	// Role returns what a member may see and do now.
	Role func(m commerce.MemberID) Role
	// Papers and Sheets are what is handed over as files; Voice speaks in the
	// locale of an order.
	Papers Papers
	Sheets Sheets
	Voice  func(locale string) Words
}

// Staff is the conversation.
type Staff struct{ Config }

// New makes a Staff.
func New(c Config) *Staff { return &Staff{c} }

// ErrNotStaff is returned to whoever has no role with orders.
var ErrNotStaff = &commerce.Error{Kind: commerce.NotFound, Message: "staff.none"}

// visit is one event being answered.
type visit struct {
	Words
	ctx   context.Context
	ev    bots.Event
	actor string
	role  Role
}

// Handle answers an action that begins with "staff":
//
//	staff                       the orders to be sent
//	staff open <cursor>         more of them
//	staff past [<cursor>]       those that were sent, cancelled or refunded
//	staff order <order>         one order, with its address
//	staff ship <order>          asks for the tracking, then marks it as sent
//	staff cancel <order> [yes]  asks, then cancels and gives the money back
//	staff offers                how the offers of the brand do
//	staff refund <order> [yes]  asks, then gives the money back
//	staff papers <order>        its invoices and credit notes
//	staff paper <paper>         one of them as PDF
//	staff csv, staff picklist   the orders to be sent, as files
//	staff import                asks for a list of shipments, then sends them
func (s *Staff) Handle(ctx context.Context, ev bots.Event, who members.Member, w Words) (bots.Screen, error) {
	v := &visit{Words: w, ctx: ctx, ev: ev, actor: "staff:" + string(who.ID), role: s.Role(who.ID)}
	if !v.role.any() {
		return bots.Screen{}, ErrNotStaff
	}
	if !ev.Chat.Private {
		return bots.Screen{Path: "staff", Text: bots.T(v.Say("staff.private"))}, nil
	}
	words := append(ev.Action.Words(), "", "", "", "")[1:]
	topic, id, yes := words[0], words[1], words[2] == "yes"
	switch topic {
	case "past":
		return s.list(v, true, id)
	case "order", "ship", "cancel", "refund":
		return s.one(v, topic, commerce.OrderID(id), yes)
	case "offers":
		if s.Promotions != nil {
			return s.offers(v)
		}
	case "open":
		return s.list(v, false, id)
	case "papers", "paper", "csv", "picklist", "import":
		return s.papers(v, topic, id)
	}
	return s.list(v, false, "") // "staff", and what an older program's button says
}

// one answers what is about one order.
func (s *Staff) one(v *visit, topic string, id commerce.OrderID, yes bool) (bots.Screen, error) {
	o, err := s.get(v, id)
	if err != nil {
		return bots.Screen{}, err
	}
	if topic != "order" && !v.role.acts(o) {
		return s.show(v, o, v.Say("staff.shared")), nil
	}
	if topic != "order" && !able(topic, o.State) {
		return s.show(v, o, v.Say("order.state")), nil // an old button
	}
	notice := ""
	switch {
	case topic == "order":
		return s.show(v, o, ""), nil
	case topic == "ship" && v.ev.Kind != bots.Fill:
		return s.askTracking(v, o), nil
	case topic == "ship":
		notice, err = "staff.shipped", s.Checkout.Ship(v.ctx, v.actor, id, tracking(v.ev.Values["tracking"]))
	case !yes:
		return s.confirm(v, topic, o), nil
	case topic == "cancel":
		notice, err = "staff.cancelled", s.Checkout.CancelPaid(v.ctx, v.actor, id)
	default:
		notice, err = "staff.refunded", s.Checkout.Refund(v.ctx, v.actor, id)
	}
	if errors.Is(err, checkout.ErrState) {
		notice = "order.state" // somebody else was faster
	} else if err != nil {
		return bots.Screen{}, err
	}
	if o, err = s.get(v, id); err != nil {
		return bots.Screen{}, err
	}
	return s.show(v, o, v.Say(notice)), nil
}

// get reads an order the person may see.
func (s *Staff) get(v *visit, id commerce.OrderID) (orders.Order, error) {
	o, err := s.Orders.Get(v.ctx, id)
	if err != nil {
		return orders.Order{}, err
	}
	if !v.role.sees(o) {
		return orders.Order{}, orders.ErrNotFound
	}
	return o, nil
}

// able reports whether something can be done with an order in this state.
func able(topic string, state orders.State) bool {
	switch topic {
	case "ship", "refund":
		return state == orders.Paid || state == orders.Shipped
	case "cancel":
		return state == orders.Paid
	}
	return false
}
