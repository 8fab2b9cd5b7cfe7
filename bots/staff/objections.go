package staff

// This file is where an admin reads what creators and buyers say is wrong with a
// receipt of an earning, with the very receipt, and decides. The rules are in
// commerce/earnings.

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/pricing"
)

// Earnings is where receipts are disputed.
type Earnings interface {
	Objections(ctx context.Context, n int) ([]earnings.Objection, int64, error)
	Case(ctx context.Context, id string) (earnings.Case, error)
	Decide(ctx context.Context, d earnings.Decision) error
}

// objectionsButton leads to them, for an admin.
func (s *Staff) objectionsButton(v *visit) []bots.Button {
	if s.Earnings == nil || !v.role.All {
		return nil
	}
	return []bots.Button{v.button("staff.button.objections", "objections")}
}

// objections lists what waits, the oldest first.
func (s *Staff) objections(v *visit, notice string) (bots.Screen, error) {
	list, all, err := s.Earnings.Objections(v.ctx, mostCases)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "staff objections", Notice: notice, Text: bots.Text{{Text: v.Say("staff.objections"), Look: bots.Bold}}, Rows: [][]bots.Button{{v.button("staff.button.open")}}}
	if all == 0 {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.noobjections")})
		return screen, nil
	}
	screen.Text = screen.Text.Line(bots.Span{Text: v.Count("staff.objectionswait", all)})
	screen.Menu = &bots.Menu{Hint: v.Say("staff.chooseobjection")}
	for _, o := range list {
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(o.Words, bots.MaxChoice), Description: v.Date(o.At), Action: bots.Path("staff", "objection", o.ID)})
	}
	return screen, nil
}

// objection is one, with all that is recorded of the receipt; what is "stands",
// "back" or "moved", and asks for the reason.
func (s *Staff) objection(v *visit, id, what, to string) (bots.Screen, error) {
	c, err := s.Earnings.Case(v.ctx, id)
	if errors.Is(err, earnings.ErrUnknown) {
		return s.objections(v, v.Say("earning.none"))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	switch ruling := earnings.Ruling(what); {
	case ruling != earnings.Stands && ruling != earnings.Taken && ruling != earnings.Moved:
		return s.showObjection(v, c, ""), nil
	case c.State != earnings.Open:
		return s.showObjection(v, c, v.Say("objection.decided")), nil
	case v.ev.Kind != bots.Fill:
		words := []string{"staff", "objection", id, what}
		if to != "" {
			words = append(words, to)
		}
		return s.askWords(v, bots.Path(words...), bots.Path("staff", "objection", id), "staff.objection.why", v.button("button.cancel", "objection", id), false), nil
	default:
		err := s.Earnings.Decide(v.ctx, earnings.Decision{By: v.me(), ID: id, Ruling: ruling, To: commerce.CreatorID(to), Reason: bots.Clip(strings.TrimSpace(v.ev.Values["words"]), earnings.MaxWords)})
		for say, one := range map[string]error{"objection.decided": earnings.ErrDecided, "objection.own": earnings.ErrMine, "objection.nothing": earnings.ErrNothing, "objection.notto": earnings.ErrNotTo} {
			if errors.Is(err, one) {
				return s.showObjection(v, c, v.Say(say)), nil
			}
		}
		if err != nil {
			return bots.Screen{}, err
		}
		return s.objections(v, v.Say("staff.objection.done"))
	}
}

func (s *Staff) showObjection(v *visit, c earnings.Case, notice string) bots.Screen {
	x := c.Receipt
	sum := func(n int64) string {
		if x.Money() {
			return v.Money(commerce.Money{Amount: n, Currency: x.Unit})
		}
		return v.Count("objection.points", n)
	}
	by := "staff.objection.earner"
	if c.Buyer {
		by = "staff.objection.buyer"
	}
	why := v.Say("staff.objection.by." + string(x.Why))
	if c.Title != "" {
		why += " · “" + bots.Clip(c.Title, 60) + "”"
	}
	text := bots.Text{{Text: v.Say(by), Look: bots.Bold}}.Line(bots.Span{Text: "“" + bots.Clip(c.Words, earnings.MaxWords) + "”"}).Line()
	for _, line := range []string{
		v.Say("order.number", "Number", strconv.FormatInt(c.Order.Number, 10)) + " · " + bots.Clip(x.Label, 80) + " · " + v.Date(x.At),
		v.Say("staff.objection.who", "Name", bots.Clip(c.By, 60), "Why", why),
		v.Say("staff.objection.sum", "Base", x.Base, "Percent", pricing.Percent(x.PPM), "Amount", sum(x.Points)),
		v.Say("staff.objection.left", "Back", sum(x.Back), "Left", sum(x.Left()), "State", v.Say("staff.objection.is."+string(x.State))),
	} {
		text = text.Line(bots.Span{Text: line})
	}
	text = text.Line(bots.Span{Text: v.Say("earning.rule", "Rule", x.Version, "Receipt", x.ID), Look: bots.Italic}).Line(bots.Span{Text: bots.Clip(c.Rules, 600), Look: bots.Code})
	id := c.ID
	screen := bots.Screen{Path: bots.Path("staff", "objection", id), Notice: notice}
	if c.State == earnings.Open {
		text = text.Line().Line(bots.Span{Text: v.Say("staff.objection.how"), Look: bots.Italic})
		screen.Rows = append(screen.Rows, []bots.Button{v.button("staff.button.stands", "objection", id, string(earnings.Stands)), v.button("staff.button.takeback", "objection", id, string(earnings.Taken))})
		for _, to := range c.To {
			b := v.button("staff.button.moveto", "objection", id, string(earnings.Moved), string(to.ID))
			b.Label = bots.Clip(v.Say("staff.button.moveto", "Name", bots.Clip(to.Name, 40)), bots.MaxLabel)
			if len(screen.Rows) < 3 {
				screen.Rows = append(screen.Rows, []bots.Button{b})
			}
		}
	} else {
		text = text.Line().Line(bots.Span{Text: v.Date(c.Decided) + ": " + v.Say("objection."+string(c.State)), Look: bots.Bold}).Line(bots.Span{Text: "“" + c.Reason + "”"})
	}
	screen.Text = clipText(text)
	screen.Rows = append(screen.Rows, []bots.Button{v.button("staff.button.order", "order", string(c.Order.ID)), v.button("staff.button.objections", "objections")})
	return screen
}
