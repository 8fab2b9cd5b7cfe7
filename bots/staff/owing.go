package staff

import (
	"errors"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
)

const mostOwing = 20

// debt is a refund that failed, and its order.
type debt struct {
	payments.Refund
	order orders.Order
}

// debts lists the refunds that need a person and are the visitor's business: an
// admin's also those of orders that lapsed and are shown nowhere else.
func (s *Staff) debts(v *visit) (list []debt, err error) {
	all, err := s.Checkout.Owing(v.ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		o, err := s.Orders.Get(v.ctx, r.Order)
		if errors.Is(err, orders.ErrNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, err
		}
		if v.role.All || v.role.sees(o) {
			list = append(list, debt{r, o})
		}
	}
	return list, nil
}

// owingButton leads to the refunds that need a person, where there are any.
func (s *Staff) owingButton(v *visit) ([]bots.Button, error) {
	list, err := s.debts(v)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return []bots.Button{{Label: bots.Clip(v.Count("staff.button.owing", int64(len(list))), bots.MaxLabel), Action: "staff owing", Style: bots.Primary}}, nil
}

// owing lists them, with what to do.
func (s *Staff) owing(v *visit) (bots.Screen, error) {
	list, err := s.debts(v)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "staff owing", Text: bots.Text{{Text: v.Say("staff.owing"), Look: bots.Bold}},
		Rows: [][]bots.Button{{v.button("staff.button.open"), v.button("staff.button.past", "past")}}}
	if len(list) == 0 {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.noowing")})
		return screen, nil
	}
	screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.owingnext")})
	menu := &bots.Menu{Hint: v.Say("staff.choose")}
	seen := map[bots.Action]bool{}
	for _, d := range list[:min(len(list), mostOwing)] {
		label := v.Say("order.number", "Number", strconv.FormatInt(d.order.Number, 10))
		about := v.Date(d.CreatedAt)
		if v.role.acts(d.order) { // else it is other brands' money too
			about = v.Money(d.Amount) + " · " + about
		}
		screen.Text = screen.Text.Line(bots.Span{Text: "• " + label + " — " + about})
		if to := bots.Path("staff", "order", string(d.order.ID)); v.role.sees(d.order) && !seen[to] {
			seen[to] = true
			menu.Choices = append(menu.Choices, bots.Choice{Label: label, Description: bots.Clip(about, bots.MaxChoice), Action: to})
		}
	}
	if len(list) > mostOwing {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Count("staff.owingmore", int64(len(list)-mostOwing)), Look: bots.Italic})
	}
	if len(menu.Choices) > 0 {
		screen.Menu = menu
	}
	return screen, nil
}
