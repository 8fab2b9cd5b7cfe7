package staff

import (
	"errors"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/payments"
)

const mostDisputes = 20

// disputes lists payments that their cardholders dispute, of the orders the
// person may see, the most urgent first.
func (s *Staff) disputes(v *visit) (bots.Screen, error) {
	list, err := s.Checkout.Disputes(v.ctx, 10*mostDisputes) // others' brands among them
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "staff disputes", Text: bots.Text{{Text: v.Say("staff.disputes"), Look: bots.Bold}},
		Rows: [][]bots.Button{{v.button("staff.button.open"), v.button("staff.button.past", "past")}}}
	menu := &bots.Menu{Hint: v.Say("staff.choosedispute")}
	for _, d := range list {
		o, err := s.get(v, d.Order)
		if err != nil {
			continue // another brand's
		}
		if len(menu.Choices) == mostDisputes {
			break
		}
		label := v.Say("order.number", "Number", strconv.FormatInt(o.Number, 10))
		if v.role.acts(o) { // else it is other brands' money too
			label += " · " + v.Money(d.Amount)
		}
		about := s.disputeState(v, d)
		screen.Text = screen.Text.Line(bots.Span{Text: "• " + label + " — " + about})
		menu.Choices = append(menu.Choices, bots.Choice{Label: label, Description: bots.Clip(about, bots.MaxChoice), Action: bots.Path("staff", "dispute", string(o.ID))})
	}
	if len(menu.Choices) == 0 {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.nodisputes")})
		return screen, nil
	}
	screen.Menu = menu
	return screen, nil
}

func (s *Staff) disputeState(v *visit, d payments.Dispute) string {
	switch {
	case d.State == payments.DisputeWon:
		return v.Say("staff.dispute.won")
	case d.State == payments.DisputeLost:
		return v.Say("staff.dispute.lost")
	case d.Over():
		return v.Say("staff.dispute.closed")
	case d.InReview():
		return v.Say("staff.dispute.review")
	}
	return v.Say("staff.dispute.open", "Date", v.Date(d.DueAt))
}

// dispute shows one: what is claimed, until when it can be answered, and what
// would be said.
func (s *Staff) dispute(v *visit, order commerce.OrderID, notice string) (bots.Screen, error) {
	o, err := s.get(v, order)
	if err != nil {
		return bots.Screen{}, err
	}
	d, err := s.Checkout.DisputeOf(v.ctx, order)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{{Text: v.Say("staff.dispute.title", "Number", strconv.FormatInt(o.Number, 10)), Look: bots.Bold}}
	claim := v.reason(d.Reason)
	if v.role.acts(o) {
		claim = v.Money(d.Amount) + " · " + claim
	}
	text = text.Line(bots.Span{Text: claim}).Line(bots.Span{Text: s.disputeState(v, d)})
	screen := bots.Screen{Path: bots.Path("staff", "dispute", string(order)), Notice: notice}
	if !d.Over() && !d.InReview() && v.role.acts(o) {
		e, err := s.Checkout.Evidence(v.ctx, d)
		if err != nil {
			return bots.Screen{}, err
		}
		text = text.Line().Line(bots.Span{Text: v.Say("staff.dispute.evidence"), Look: bots.Bold})
		for _, part := range []string{e.Product, e.Address, e.Story} {
			for _, line := range strings.Split(part, "\n") {
				if line != "" {
					text = text.Line(bots.Span{Text: bots.Clip(line, 200)})
				}
			}
		}
		text = text.Line().Line(bots.Span{Text: v.Say("staff.dispute.how"), Look: bots.Italic})
		send := v.button("staff.button.answer", "answer", string(order))
		send.Style = bots.Primary
		screen.Rows = append(screen.Rows, []bots.Button{send})
	}
	screen.Text = text
	screen.Rows = append(screen.Rows, []bots.Button{v.button("staff.button.order", "order", string(o.ID)), v.button("staff.button.disputes", "disputes"), v.button("staff.button.open")})
	return screen, nil
}

// reason says in a few words what the cardholder claims.
func (v *visit) reason(code string) string {
	switch code {
	case "fraudulent", "unrecognized", "product_not_received", "product_unacceptable", "duplicate", "subscription_canceled", "credit_not_processed":
		return v.Say("staff.dispute.reason." + code)
	}
	return v.Say("staff.dispute.reason.general")
}

// answer sends the evidence, once.
func (s *Staff) answer(v *visit, order commerce.OrderID) (bots.Screen, error) {
	o, err := s.get(v, order)
	if err != nil {
		return bots.Screen{}, err
	}
	d, err := s.Checkout.DisputeOf(v.ctx, order)
	if err != nil {
		return bots.Screen{}, err
	}
	if !v.role.acts(o) {
		return s.dispute(v, order, v.Say("staff.shared"))
	}
	switch err := s.Checkout.Answer(v.ctx, v.actor, d.ID); {
	case err == nil:
		return s.dispute(v, order, v.Say("staff.dispute.sent"))
	case errors.Is(err, checkout.ErrState):
		return s.dispute(v, order, v.Say("staff.dispute.already"))
	case commerce.KindOf(err) == commerce.Unavailable:
		return s.dispute(v, order, v.Say("staff.dispute.busy"))
	default:
		return bots.Screen{}, err
	}
}
