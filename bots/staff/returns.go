package staff

import (
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
)

const (
	mostReturns = 20
	maxAnswer   = 300 // characters of why a return is denied
)

// returns lists what members want to send back.
func (s *Staff) returns(v *visit) (bots.Screen, error) {
	list, err := s.Checkout.OpenReturns(v.ctx, v.role.brands(), mostReturns)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "staff returns", Text: bots.Text{{Text: v.Say("staff.returns"), Look: bots.Bold}},
		Rows: [][]bots.Button{{v.button("staff.button.open"), v.button("staff.button.past", "past")}}}
	if len(list) == 0 {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.noreturns")})
		return screen, nil
	}
	screen.Menu = &bots.Menu{Hint: v.Say("staff.choosereturn")}
	for _, r := range list {
		o, err := s.get(v, r.Order)
		if err != nil {
			continue // erased meanwhile
		}
		label := v.Say("order.number", "Number", strconv.FormatInt(o.Number, 10))
		about := v.Say("return.reason."+r.Reason) + " · " + v.Say("staff.return."+string(r.State))
		screen.Text = screen.Text.Line(bots.Span{Text: "• " + label + " — " + about})
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: label, Description: bots.Clip(about, bots.MaxChoice), Action: bots.Path("staff", "return", string(r.ID))})
	}
	if len(screen.Menu.Choices) == 0 {
		screen.Menu = nil
	}
	return screen, nil
}

// returnStep answers what is about one return: shows it, or takes its next step.
func (s *Staff) returnStep(v *visit, topic string, id fulfilment.ReturnID, word, extra string) (bots.Screen, error) {
	r, err := s.Checkout.Return(v.ctx, id)
	if err != nil {
		return bots.Screen{}, err
	}
	o, err := s.get(v, r.Order)
	if err != nil || !v.role.owns(orders.Line{Brand: r.Brand}) {
		return bots.Screen{}, fulfilment.ErrNoReturn
	}
	brands, notice := v.role.brands(), ""
	switch topic {
	case "return":
		return s.showReturn(v, o, r, word, "")
	case "photo":
		return s.showPhoto(v, o, r)
	case "approve":
		notice, err = "staff.return.didapprove", s.Checkout.ApproveReturn(v.ctx, v.actor, brands, id, word == "money")
	case "deny":
		if v.ev.Kind != bots.Fill {
			return s.askWhy(v, o, r), nil
		}
		notice, err = "staff.return.diddeny", s.Checkout.DenyReturn(v.ctx, v.actor, brands, id, bots.Clip(v.ev.Values["why"], maxAnswer))
	case "arrived":
		restock := map[int64]bool{}
		for position := range fulfilment.ReadUnits(word) {
			restock[position] = true
		}
		notice, err = "staff.return.didarrive", s.Checkout.ReturnArrived(v.ctx, v.actor, brands, id, restock)
	case "end":
		way := payments.WayCard
		if word == "credit" {
			way = payments.WayCredit
		}
		notice, err = "staff.return.didend", s.Checkout.EndReturn(v.ctx, v.actor, brands, id, way, extra == "parcel")
	}
	if notice, err = v.told(notice, err); err != nil {
		return bots.Screen{}, err
	}
	if r, err = s.Checkout.Return(v.ctx, id); err != nil {
		return bots.Screen{}, err
	}
	return s.showReturn(v, o, r, "", notice)
}

// showPhoto hands the photo of a return over.
func (s *Staff) showPhoto(v *visit, o orders.Order, r fulfilment.Return) (bots.Screen, error) {
	if r.Photo == "" || s.Photo == nil { // erased meanwhile
		return s.showReturn(v, o, r, "", v.Say("staff.return.nophoto"))
	}
	file, err := s.photoFile(r.Photo, "return-"+strconv.FormatInt(o.Number, 10))
	if commerce.KindOf(err) == commerce.NotFound && err != nil {
		return s.showReturn(v, o, r, "", v.Say("staff.return.nophoto"))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	screen, err := s.showReturn(v, o, r, "", "")
	screen.File = file
	return screen, err
}

// showReturn is one return, with what can be done about it.
func (s *Staff) showReturn(v *visit, o orders.Order, r fulfilment.Return, word, notice string) (bots.Screen, error) {
	id := string(r.ID)
	text := bots.Text{{Text: v.Say("staff.return.title", "Number", strconv.FormatInt(o.Number, 10)), Look: bots.Bold}}
	text = text.Line(bots.Span{Text: v.Say("staff.return." + string(r.State)), Look: bots.Italic})
	for _, it := range r.Items {
		text = text.Line(bots.Span{Text: "• " + strconv.FormatInt(it.Quantity, 10) + " × " + v.name(o.Lines[it.Position]) + " — " + v.Money(o.Lines[it.Position].Amount)})
	}
	text = text.Line(bots.Span{Text: v.Say("staff.return.why") + " ", Look: bots.Bold}, bots.Span{Text: v.Say("return.reason." + r.Reason)})
	if r.Words != "" {
		text = text.Line(bots.Span{Text: "“" + bots.Clip(r.Words, 300) + "”"})
	}
	if a := members.Address(o.Address); a.Name != "" {
		text = text.Line(bots.Span{Text: v.Say("staff.return.from") + " ", Look: bots.Bold}, bots.Span{Text: a.Name})
	}
	if r.Exchange != "" {
		text = text.Line(bots.Span{Text: v.Say("staff.return.exchange") + " ", Look: bots.Bold}, bots.Span{Text: s.variant(v, r)})
	}
	if r.Answer != "" {
		text = text.Line(bots.Span{Text: v.Say("staff.return.answer") + " ", Look: bots.Bold}, bots.Span{Text: bots.Clip(r.Answer, maxAnswer)})
	}
	screen := bots.Screen{Path: bots.Path("staff", "return", id), Text: text, Notice: notice}
	if r.Photo != "" && s.Photo != nil {
		screen.Rows = append(screen.Rows, []bots.Button{v.button("staff.button.photo", "photo", id)})
	}
	add := func(list ...bots.Button) { screen.Rows = append(screen.Rows, list) }
	switch r.State {
	case fulfilment.Asked:
		yes := v.button("staff.button.approve", "approve", id)
		yes.Style = bots.Primary
		add(yes, v.button("staff.button.deny", "deny", id))
		if r.Exchange != "" {
			add(v.button("staff.button.approvemoney", "approve", id, "money"))
		}
	case fulfilment.Approved:
		chosen := fulfilment.ReadUnits(word)
		all := fulfilment.Units{}
		for _, it := range r.Items {
			all[it.Position] = 1
		}
		if len(r.Items) > 1 {
			menu, said := v.pick(o, chosen, func(i int64) int64 { return all[i] }, "staff", "return", id)
			menu.Hint = v.Say("staff.return.shelf")
			screen.Menu, screen.Text = menu, append(append(screen.Text, bots.Span{Text: "\n"}), said...)
		}
		if len(chosen) > 0 {
			add(v.button("staff.button.arrivedthese", "arrived", id, chosen.String()))
		}
		shelf := v.button("staff.button.arrivedshelf", "arrived", id, all.String())
		shelf.Style = bots.Primary
		add(shelf, v.button("staff.button.arrived", "arrived", id, "none"))
		add(v.button("staff.button.nevercame", "deny", id), v.button("staff.button.returns", "returns"))
		return screen, nil
	case fulfilment.Arrived:
		if r.Exchange != "" {
			yes := v.button("staff.button.endexchange", "end", id)
			yes.Style = bots.Primary
			add(yes)
			break
		}
		yes := v.button("staff.button.endcard", "end", id, "card")
		yes.Style = bots.Primary
		add(yes, v.button("staff.button.endcredit", "end", id, "credit"))
		add(v.button("staff.button.endparcel", "end", id, "card", "parcel"))
	}
	add(v.button("staff.button.order", "order", string(o.ID)), v.button("staff.button.returns", "returns"))
	return screen, nil
}

// variant names what a member gets instead.
func (s *Staff) variant(v *visit, r fulfilment.Return) string {
	if s.Variant != nil {
		return s.Variant(v.ctx, r.Exchange)
	}
	return string(r.Exchange)
}

// askWhy asks what the member is told when it is denied.
func (s *Staff) askWhy(v *visit, o orders.Order, r fulfilment.Return) bots.Screen {
	action := bots.Path("staff", "deny", string(r.ID))
	return bots.Screen{Path: bots.Path("staff", "return", string(r.ID)),
		Text: bots.T(v.Say("staff.deny.ask", "Number", strconv.FormatInt(o.Number, 10))), Form: &bots.Form{
			Action: action, Title: bots.Clip(v.Say("staff.button.deny"), bots.MaxFormTitle),
			Fields: []bots.Field{{Key: "why", Label: bots.Clip(v.Say("staff.deny.label"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("staff.deny.hint"), bots.MaxFieldHint), Long: true, Max: maxAnswer}},
			Cancel: v.button("button.cancel", "return", string(r.ID)),
		}}
}
