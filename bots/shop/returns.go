package shop

// This file is what a member does with an order after it is paid: take it back,
// say that it arrived, ask to send something back. The rules of all that are in
// commerce/checkout; here it is asked for.

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
)

const (
	mostBack   = 4   // lines sent back at once: their units must fit an action
	maxBackSay = 500 // characters of why
)

// withdrawing is what is said of an order that is taken back; a sample cost nothing.
func (v *visit) withdrawing(o orders.Order, text string) string {
	if checkout.SampleOf(o) != "" {
		return map[string]string{"withdraw.ask": "withdraw.samplesask", "withdraw.done": "withdraw.samplesdone"}[text]
	}
	return text
}

// withdraw asks, then takes back an order of which nothing is packed.
func (s *Shop) withdraw(v *visit, args []string) (bots.Screen, error) {
	o, err := s.mineOnly(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	if len(args) == 1 {
		yes := v.button("button.withdrawyes", "withdraw", args[0], "yes")
		yes.Style = bots.Danger
		return bots.Screen{Path: bots.Path("withdraw", args[0]),
			Text: bots.T(v.Say(v.withdrawing(o, "withdraw.ask"), "Number", strconv.FormatInt(o.Number, 10))),
			Rows: rows(row(yes, v.button("button.no", "order", args[0])))}, nil
	}
	notice := v.Say(v.withdrawing(o, "withdraw.done"))
	if err := s.Checkout.CancelMine(v.ctx, v.member.ID, o.ID); errors.Is(err, checkout.ErrState) {
		notice = v.Say("withdraw.late")
	} else if err != nil {
		return bots.Screen{}, err
	}
	return s.orderAgain(v, args[0], notice)
}

// parcelsArrived notes that all parcels that are under way have arrived.
func (s *Shop) parcelsArrived(v *visit, args []string) (bots.Screen, error) {
	if err := s.Checkout.Arrived(v.ctx, v.member.ID, commerce.OrderID(args[0])); err != nil {
		return bots.Screen{}, err
	}
	return s.orderAgain(v, args[0], v.Say("arrived.done"))
}

// orderAgain shows an order as it is now.
func (s *Shop) orderAgain(v *visit, id, notice string) (bots.Screen, error) {
	o, err := s.mineOnly(v, id)
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showOrder(v, o, notice), nil
}

// afterSale writes how the goods of a paid order stand, and the buttons for what
// the member can do about them.
func (s *Shop) afterSale(v *visit, o orders.Order, text bots.Text) (bots.Text, []bots.Button) {
	if o.State != orders.Paid && o.State != orders.Shipped && o.State != orders.Refunded {
		return text, nil
	}
	f, err := s.Checkout.Fulfilment(v.ctx, o)
	if err != nil { // what was ordered is shown all the same
		s.Log.WarnContext(v.ctx, "how the goods of an order stand was not read", "order", o.ID, "error", err)
		return text, nil
	}
	var do []bots.Button
	id, underway, returnable := string(o.ID), false, false
	if len(f.Parcels) > 0 {
		text = text.Line()
	}
	for _, p := range f.Parcels {
		text = text.Line(regular(v.Say("parcel.line", "Number", strconv.FormatInt(p.Number, 10), "State", v.Say("parcel."+string(p.State)))))
		if p.Tracking != "" && (len(f.Parcels) > 1 || o.State != orders.Shipped || p.Tracking != o.Tracking) { // it stands above already
			text = append(text, regular(" "), code(bots.Clip(p.Tracking, 100)))
		}
		if len(f.Parcels) > 1 || o.State == orders.Paid {
			text = v.units(text, o, p.Items)
		}
		underway = underway || p.State == fulfilment.Shipped
	}
	for _, l := range f.Lines {
		returnable = returnable || l.Returnable() > 0 && o.Lines[l.Position].Kind == pricing.KindItem
	}
	for _, r := range f.Returns {
		text = text.Line(bold(v.Say("return.line")+" "), regular(v.Say("return.state."+string(r.State))))
	}
	if underway {
		do = append(do, v.button("button.arrived", "arrived", id))
	}
	if o.State == orders.Paid && len(f.Parcels) == 0 {
		do = append(do, v.button("button.withdraw", "withdraw", id))
	}
	if returnable && o.State != orders.Refunded && checkout.SampleOf(o) == "" {
		do = append(do, v.button("button.back", "back", id, "none"))
	}
	return text, do
}

// sendBack lets a member choose what to send back.
func (s *Shop) sendBack(v *visit, args []string) (bots.Screen, error) {
	o, f, stop, err := s.backOf(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	chosen := fulfilment.ReadUnits(args[1])
	menu := &bots.Menu{Hint: v.Say("return.pickhint")}
	text := bots.Text{bold(v.Say("return.pick"))}
	for i, l := range o.Lines {
		at := int64(i)
		most := f.Lines[at].Returnable()
		if l.Kind != pricing.KindItem || most <= 0 || len(menu.Choices) == bots.MaxChoices || len(chosen) >= mostBack && chosen[at] == 0 {
			continue
		}
		label := bots.Clip(l.Label, 60)
		if l.Detail != "" {
			label += ", " + bots.Clip(l.Detail, 30)
		}
		if chosen[at] > 0 {
			text = text.Line(regular("✓ " + strconv.FormatInt(chosen[at], 10) + " × " + label))
		}
		menu.Choices = append(menu.Choices, bots.Choice{Label: bots.Clip(label, bots.MaxChoice), Chosen: chosen[at] > 0,
			Description: v.Say("return.pickof", "N", chosen[at], "All", most), Action: bots.Path("back", args[0], chosen.More(at, min(most, 99)).String())})
	}
	if len(menu.Choices) == 0 {
		return s.showOrder(v, o, v.Say("return.nothing")), nil
	}
	next := bots.Button{}
	if len(chosen) > 0 {
		next = v.primary("button.goon", "backwhy", args[0], chosen.String())
	}
	return bots.Screen{Path: bots.Path("back", args[0], "none"), Text: text, Menu: menu, Rows: rows(row(next, v.button("button.no", "order", args[0])))}, nil
}

// backOf reads an order something of which shall be sent back; where nothing
// can be, the screen that says so.
func (s *Shop) backOf(v *visit, id string) (o orders.Order, f fulfilment.Fulfilment, stop *bots.Screen, err error) {
	if o, err = s.mineOnly(v, id); err != nil {
		return o, f, nil, err
	}
	if f, err = s.Checkout.Fulfilment(v.ctx, o); err != nil {
		return o, f, nil, err
	}
	notice := ""
	until := s.Checkout.Window(o, f)
	switch {
	case o.State != orders.Paid && o.State != orders.Shipped:
		notice = v.Say("order.state")
	case until.IsZero():
		notice = v.Say("return.nothing")
	case !s.Clock.Now().Before(until):
		notice = v.Say("return.late", "until", v.Date(until))
	default:
		return o, f, nil, nil
	}
	screen := s.showOrder(v, o, notice)
	return o, f, &screen, nil
}

func deref(s *bots.Screen) bots.Screen {
	if s == nil {
		return bots.Screen{}
	}
	return *s
}

// backWhy asks for the reason.
func (s *Shop) backWhy(v *visit, args []string) (bots.Screen, error) {
	_, _, stop, err := s.backOf(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	menu := &bots.Menu{Hint: v.Say("return.whyhint")}
	for _, reason := range fulfilment.Reasons {
		menu.Choices = append(menu.Choices, bots.Choice{Label: v.Say("return.reason." + reason), Action: bots.Path("backwish", args[0], args[1], reason)})
	}
	return bots.Screen{Path: bots.Path("backwhy", args[0], args[1]), Text: bots.T(v.Say("return.why")), Menu: menu,
		Rows: rows(row(v.button("button.no", "order", args[0])))}, nil
}

// backWish asks whether they want the money or another variant, where there is
// one at the price.
func (s *Shop) backWish(v *visit, args []string) (bots.Screen, error) {
	o, f, stop, err := s.backOf(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	items := fulfilment.ReadUnits(args[1]).Items()
	seen := strconv.Itoa(len(f.Returns))
	ask := func(wish string) []string { return []string{args[0], args[1], args[2], wish, seen} }
	if len(items) != 1 {
		return s.backAsk(v, ask("money"))
	}
	others, err := s.Checkout.Exchanges(v.ctx, o, items[0].Position)
	if err != nil {
		return bots.Screen{}, err
	}
	menu := &bots.Menu{Hint: v.Say("return.wishhint")}
	menu.Choices = append(menu.Choices, bots.Choice{Label: v.Say("return.money"), Action: bots.Path(append([]string{"backask"}, ask("money")...)...)})
	for _, other := range others {
		level, err := s.level(v, other.ID)
		if err != nil {
			return bots.Screen{}, err
		}
		if level.Counted && !level.Backorder && level.Free < items[0].Quantity || len(menu.Choices) == bots.MaxChoices {
			continue
		}
		menu.Choices = append(menu.Choices, bots.Choice{Label: bots.Clip(v.Say("return.instead", "What", other.Label()), bots.MaxChoice),
			Action: bots.Path(append([]string{"backask"}, ask(string(other.ID))...)...)})
	}
	if len(menu.Choices) == 1 {
		return s.backAsk(v, ask("money"))
	}
	return bots.Screen{Path: bots.Path("backwish", args[0], args[1], args[2]), Text: bots.T(v.Say("return.wish")), Menu: menu,
		Rows: rows(row(v.button("button.no", "order", args[0])))}, nil
}

// backAsk asks for words and a photo, then tells the staff.
func (s *Shop) backAsk(v *visit, args []string) (bots.Screen, error) {
	o, _, stop, err := s.backOf(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	form := bots.Form{Action: bots.Path(append([]string{"backask"}, args...)...), Title: bots.Clip(v.Say("return.title"), bots.MaxFormTitle),
		Fields: []bots.Field{{Key: "words", Label: bots.Clip(v.Say("return.words"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("return.wordshint"), bots.MaxFieldHint),
			Optional: true, Long: true, Max: maxBackSay},
			{Key: "photo", Label: bots.Clip(v.Say("return.photo"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("return.photohint"), bots.MaxFieldHint), Optional: true, Photo: true}},
		Cancel: v.button("button.cancel", "order", args[0])}
	if !v.filled() {
		return v.ask(form, 0, ""), nil
	}
	a := checkout.Asking{Items: fulfilment.ReadUnits(args[1]).Items(), Reason: args[2], Words: v.value("words"), Seen: int(number64(args[4]))}
	if args[3] != "money" {
		a.Exchange = commerce.VariantID(args[3])
	}
	if name := v.ev.Values["photo"]; name != "" {
		if a.Photo, err = s.Photos.Take(v.ctx, v.ev.Bot, name); commerce.KindOf(err) == commerce.Invalid {
			return v.again(form, "photo", v.Say("form.nophoto")), nil
		} else if err != nil {
			return bots.Screen{}, err
		}
	}
	notice := v.Say("return.asked")
	err = s.Checkout.AskReturn(v.ctx, v.member.ID, o.ID, a)
	if err != nil && a.Photo != "" {
		if err := s.Photos.Drop(v.ctx, a.Photo); err != nil {
			s.Log.WarnContext(v.ctx, "a photo that no return shows was not deleted", "error", err)
		}
	}
	if kind := commerce.KindOf(err); err != nil && (kind == commerce.Conflict || kind == commerce.Invalid) {
		notice = v.problem(err)
	} else if err != nil {
		return bots.Screen{}, err
	}
	return s.orderAgain(v, args[0], notice)
}

func number64(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// returnNotice tells of a step of a return.
func (s *Shop) returnNotice(v *visit, kind, id string, o orders.Order) (bots.Text, error) {
	r, err := s.Checkout.Return(v.ctx, fulfilment.ReturnID(id))
	if err != nil {
		return nil, err
	}
	what := map[string]string{notices.ReturnApproved: "told.approved", notices.ReturnDenied: "told.denied",
		notices.ReturnArrived: "told.returned", notices.ReturnDone: "told.returndone"}[kind]
	text := v.units(bots.Text{bold(v.Say(what, "Number", strconv.FormatInt(o.Number, 10)))}, o, r.Items)
	switch {
	case kind == notices.ReturnApproved:
		text = text.Line(regular(cmp.Or(bots.Clip(s.Checkout.Instructions(), 800), v.Say("told.approvednext"))))
	case kind == notices.ReturnDenied && r.Answer != "":
		text = text.Line(regular(bots.Clip(r.Answer, 400)))
	case kind == notices.ReturnDone && r.Exchanged != "":
		made, err := s.Orders.Get(v.ctx, r.Exchanged)
		if err != nil {
			return nil, err
		}
		text = text.Line(regular(v.Say("told.exchanged", "Number", strconv.FormatInt(made.Number, 10))))
	case kind == notices.ReturnDone:
		_, list, err := s.Checkout.Takings(v.ctx, o)
		at := slices.IndexFunc(list, func(g payments.Giveback) bool { return g.Return == id })
		if err != nil || at < 0 {
			return text, err
		}
		return s.moneyBack(v, text, string(list[at].ID), o)
	}
	return text, nil
}

// staffReturn tells a brand's staff that a member wants to send something back.
func (v *visit) staffReturn(id string, o orders.Order) bots.Screen {
	return bots.Screen{
		Path: bots.Path("staff", "return", id),
		Text: bots.Text{bold(v.Say("told.staffreturn", "Number", strconv.FormatInt(o.Number, 10)))}.Line(regular(v.Say("told.staffreturnnext"))),
		Rows: [][]bots.Button{{keeping(v.primary("button.staffreturn", "staff", "return", id))}},
	}
}
