package shop

// This file is the conversation of a waitlist. The rules are:
//   - What is sold out offers to tell when it is back; one press puts the member
//     on the list, another takes them off it.
//   - When it is their turn they are told privately until when a unit is kept
//     for them alone, with the button that buys it.

import (
	"errors"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/notices"
)

// waitWord stands before a place in the actions that buy: "buy wait <place>".
// No pick has it as its id: those are digests.
const waitWord = "wait"

// wait puts the member on the list of a variant: "wait <variant>".
func (s *Shop) wait(v *visit, args []string) (bots.Screen, error) {
	a, err := s.soldHere(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	notice := ""
	_, err = s.Waitlist.Join(v.ctx, commerce.VariantID(args[0]), v.member.ID)
	if errors.Is(err, drops.ErrThere) {
		notice, err = v.problem(err), nil
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.afterWaiting(v, a, args[0], notice)
}

// waitOff takes the member off it: "wait off <variant>".
func (s *Shop) waitOff(v *visit, args []string) (bots.Screen, error) {
	a, err := s.soldHere(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	notice := v.Say("wait.off")
	err = s.Waitlist.Leave(v.ctx, commerce.VariantID(args[0]), v.member.ID)
	if errors.Is(err, drops.ErrPaying) {
		notice, err = v.problem(err), nil
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.afterWaiting(v, a, args[0], notice)
}

// waitOrder orders a unit that is kept without a kept card, as a confirmation
// showed it: "wait order <place> <quote>".
func (s *Shop) waitOrder(v *visit, args []string) (bots.Screen, error) {
	return s.orderClaim(v, []string{waitWord, args[0]}, args[1])
}

// afterWaiting shows a product with what has changed on its list.
func (s *Shop) afterWaiting(v *visit, a at, variant, notice string) (bots.Screen, error) {
	s.Stock.Forget()
	v.levels = nil
	for i := range a.product.Variants {
		if string(a.product.Variants[i].ID) == variant {
			screen, err := s.showProduct(v, a, &a.product.Variants[i])
			screen.Notice = notice
			return screen, err
		}
	}
	return bots.Screen{}, errProductGone
}

// soldHere finds the product of a variant that is sold where the member is.
func (s *Shop) soldHere(v *visit, variant string) (at, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return at{}, err
	}
	p, of, ok := goods.Variant(commerce.VariantID(variant))
	if !ok || of.Hidden {
		return at{}, errProductGone
	}
	return s.opened(v, "", string(p.ID))
}

// waiting adds to a product that is sold out how the member stands on its list,
// and returns the buttons that go with it.
func (s *Shop) waiting(v *visit, text bots.Text, variant commerce.VariantID) (bots.Text, bots.Button, bots.Button, error) {
	ask := v.primary("button.wait", waitWord, string(variant))
	if v.member.ID == "" {
		return text, ask, bots.Button{}, nil
	}
	p, err := s.Waitlist.Mine(v.ctx, variant, v.member.ID)
	switch {
	case errors.Is(err, drops.ErrNoPlace):
		return text, ask, bots.Button{}, nil
	case err != nil:
		return text, bots.Button{}, bots.Button{}, err
	case p.State == drops.Listed:
		return text.Line(bold(v.Count("wait.listed", p.Ahead+1))), v.button("button.waitoff", waitWord, "off", string(variant)), bots.Button{}, nil
	case p.Order != "":
		return text.Line(bold(v.Say("drop.pay", "Time", v.Clock(p.Until)))), v.primary("button.order", "order", string(p.Order)), bots.Button{}, nil
	}
	return text.Line(bold(v.Say("drop.yours", "Minutes", p.Until.Sub(s.Clock.Now()), "Time", v.Clock(p.Until)))),
		v.primary("button.buynow", "buy", waitWord, string(p.ID)), v.button("button.giveup", waitWord, "off", string(variant)), nil
}

// waitButton offers the list of a variant that is sold out, else nothing.
func (s *Shop) waitButton(v *visit, variant commerce.VariantID) (bots.Button, error) {
	level, err := s.level(v, variant)
	if err != nil || level.Has(1) {
		return bots.Button{}, err
	}
	return v.button("button.wait", waitWord, string(variant)), nil
}

// wantedPlace reads a unit that is kept for the member.
func (s *Shop) wantedPlace(v *visit, id string) (goods, error) {
	p, err := s.Waitlist.Get(v.ctx, commerce.PlaceID(id))
	if err == nil && p.Member != v.member.ID {
		err = drops.ErrNoPlace
	}
	if err != nil {
		return goods{}, err
	}
	if _, err := s.soldHere(v, string(p.Variant)); err != nil {
		return goods{}, err
	}
	return goods{words: []string{waitWord, id}, lines: []live.CartLine{{Variant: p.Variant, Quantity: 1}}, claim: p.Claim(), place: p}, nil
}

// kept returns the order that was placed on a claim's unit, else until when the
// unit is the member's; neither where it is not any more.
func (g goods) kept() (commerce.OrderID, time.Time) {
	switch {
	case g.place.State == drops.Kept:
		return g.place.Order, g.place.Until
	case g.place.ID == "" && g.entry.State == drops.Won:
		return g.entry.Order, g.entry.Until
	}
	return "", time.Time{}
}

// lapsedClaim leads back from a unit that is not the member's any more.
func (s *Shop) lapsedClaim(v *visit, g goods) (bots.Screen, error) {
	if g.place.ID == "" {
		return s.showDrop(v, string(g.drop), v.problem(drops.ErrLapsed))
	}
	return s.gone(v, g, v.problem(drops.ErrMissed))
}

// waitNotice tells a member how it goes on the list.
func (s *Shop) waitNotice(v *visit, n notices.Notice) (bots.Screen, error) {
	p, err := s.Waitlist.Get(v.ctx, commerce.PlaceID(n.Args["place"]))
	if err != nil {
		return bots.Screen{}, err
	}
	a, err := s.soldHere(v, string(p.Variant))
	if err != nil {
		return bots.Screen{}, err
	}
	open := v.primary("button.details", "p", string(a.product.ID), string(p.Variant))
	text, again := bots.Text{bold(bots.Clip(a.product.Title, 120))}, bots.Button{}
	switch n.Kind {
	case notices.WaitKept:
		left := p.Until.Sub(s.Clock.Now())
		if p.State != drops.Kept || p.Order != "" || left <= 0 {
			return bots.Screen{}, nil // what came of it is told
		}
		open = v.primary("button.buynow", "buy", waitWord, string(p.ID))
		again = v.button("button.giveup", waitWord, "off", string(p.Variant))
		text = text.Line(bold(v.Say("wait.kept", "Minutes", left, "Time", v.Clock(p.Until))))
	case notices.WaitMissed:
		if again, err = s.waitButton(v, p.Variant); err != nil {
			return bots.Screen{}, err
		}
		text = text.Line(regular(v.Say("wait.youmissed")))
	default:
		text = text.Line(regular(v.Say("wait.back")))
	}
	return bots.Screen{Path: a.path("p", string(p.Variant)), Text: text, Rows: rows(row(keeping(open), keeping(again)))}, nil
}
