package staff

import (
	"errors"
	"slices"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/stock"
)

// amendDrop changes the terms of a drop that was announced: says what that does,
// asks for them ("form"), and does it.
func (s *Staff) amendDrop(v *visit, d drops.Drop, what string) (bots.Screen, error) {
	id := string(d.ID)
	was, err := s.Planning.Terms(v.ctx, d)
	if err != nil {
		return bots.Screen{}, err
	}
	form := planForm{name: "amend"}
	for _, f := range []planField{
		{key: "opens", label: "staff.plan.opens.label", hint: "staff.plan.opens.hint", max: 20},
		{key: "closes", label: "staff.plan.closes.label", hint: "staff.plan.closes.hint", max: 20},
		{key: "units", label: "staff.plan.units.label", hint: "staff.plan.units.hint", max: 400},
		{key: "pay_within", label: "staff.plan.pay.label", hint: "staff.plan.pay.hint", max: 20},
	} {
		if was[f.key] != "" {
			form.fields = append(form.fields, f)
		}
	}
	ask := bots.Form{Action: bots.Path("staff", "drop", id, "amend", "form"), Title: bots.Clip(v.Say("staff.button.amend"), bots.MaxFormTitle), Cancel: v.button("staff.button.dropback", "drop", id)}
	switch {
	case what != "form":
		text := bots.Text{{Text: d.Title, Look: bots.Bold}}.Line(bots.Span{Text: v.Say("staff.amend.rules")})
		for _, f := range form.fields {
			text = text.Line(bots.Span{Text: "• " + v.Say(f.label) + ": "}, bots.Span{Text: was[f.key], Look: bots.Bold})
		}
		return bots.Screen{Path: bots.Path("staff", "drop", id), Text: text,
			Rows: [][]bots.Button{{v.button("staff.button.amend", "drop", id, "amend", "form"), v.button("staff.button.dropback", "drop", id)}}}, nil
	case v.ev.Kind != bots.Fill:
		return v.askTyped(was, ask, form, nil), nil
	}
	typed := v.typed(form)
	a, wrong, err := s.Planning.Amend(v.ctx, d, typed)
	if err == nil && len(wrong) == 0 {
		err = s.Drops.Amend(v.ctx, d.ID, a, v.actor)
		wrong, err = v.whyNotAmended(err)
	}
	if err != nil {
		return bots.Screen{}, err
	}
	if len(wrong) > 0 && slices.ContainsFunc(form.fields, func(f planField) bool { return f.key == wrong[0].Key }) {
		return v.askTyped(typed, ask, form, wrong), nil
	}
	screen, err := s.dropStep(v, id, "", "")
	if screen.Notice = v.Say("staff.amend.done"); len(wrong) > 0 {
		screen.Notice = wrong[0].Message
	}
	return screen, err
}

// whyNotAmended says why an amendment was refused, by the key it is about.
func (v *visit) whyNotAmended(err error) ([]Wrong, error) {
	var e *commerce.Error
	switch {
	case errors.Is(err, drops.ErrNotLater) && errors.As(err, &e):
		what, _ := e.Args["what"].(string)
		return []Wrong{{what, v.Say("drop.notlater")}}, nil
	case errors.Is(err, drops.ErrFewer):
		return []Wrong{{"units", v.Say("drop.fewer")}}, nil
	case errors.Is(err, drops.ErrShorter):
		return []Wrong{{"pay_within", v.Say("drop.shorter")}}, nil
	case errors.Is(err, stock.ErrSoldOut) && errors.As(err, &e):
		free, _ := e.Args["free"].(int64)
		return []Wrong{{"units", v.Say("staff.amend.short", "Free", strconv.FormatInt(free, 10))}}, nil
	case errors.Is(err, drops.ErrUnamended):
		return []Wrong{{"", v.Say("drop.unamended")}}, nil
	case errors.Is(err, drops.ErrAgreed):
		return []Wrong{{"", v.Say("drop.agreed")}}, nil
	case errors.Is(err, drops.ErrClosed):
		return []Wrong{{"", v.Say("drop.closed")}}, nil
	}
	return nil, err
}
