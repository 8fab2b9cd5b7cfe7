package staff

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
)

const (
	perPage     = 8   // orders on a screen
	mostLines   = 20  // lines of an order on a screen
	maxTracking = 100 // characters
)

var (
	open = []orders.State{orders.Paid}
	past = []orders.State{orders.Shipped, orders.Cancelled, orders.Refunded}
)

// list shows a page of orders, the newest first.
func (s *Staff) list(v *visit, isPast bool, cursor string) (bots.Screen, error) {
	states, title, none, other := open, "staff.open", "staff.noopen", v.button("staff.button.past", "past")
	word := "open"
	if isPast {
		states, title, none, other = past, "staff.past", "staff.nopast", v.button("staff.button.open")
		word = "past"
	}
	page, err := s.Orders.OfBrands(v.ctx, v.role.brands(), states, cursor, perPage)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: bots.Path("staff", word), Text: bots.Text{{Text: v.Say(title), Look: bots.Bold}}}
	task, err := s.owingButton(v)
	if err != nil {
		return bots.Screen{}, err
	}
	if len(page.Items) == 0 {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say(none)})
		screen.Rows = [][]bots.Button{
			append([]bots.Button{v.button("staff.button.returns", "returns"), v.button("staff.button.disputes", "disputes"), v.button("staff.button.payouts", "payouts")}, task...),
			append(append([]bots.Button{other}, s.offersButton(v)...), s.dropsButton(v)...)}
		screen.Rows = append(screen.Rows, s.communityRow(v)...)
		return screen, nil
	}
	screen.Menu = &bots.Menu{Hint: v.Say("staff.choose")}
	for _, o := range page.Items {
		label := v.Say("order.number", "Number", strconv.FormatInt(o.Number, 10))
		about := v.Date(o.PaidAt) + " · " + v.Count("staff.items", v.items(o)) + " · " + v.state(o)
		screen.Text = screen.Text.Line(bots.Span{Text: "• " + label + " — " + about})
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: label, Description: bots.Clip(about, bots.MaxChoice), Action: bots.Path("staff", "order", string(o.ID))})
	}
	row := []bots.Button{}
	if cursor != "" {
		row = append(row, v.button("button.newest", word))
	}
	if page.Next != "" {
		row = append(row, v.button("button.older", word, page.Next))
	}
	screen.Rows = [][]bots.Button{append(append(append(row, other), s.offersButton(v)...), s.dropsButton(v)...)}
	if !isPast {
		screen.Rows = append(screen.Rows, v.sheetButtons())
		screen.Rows = append([][]bots.Button{append([]bots.Button{v.button("staff.button.pick", "pick"), v.button("staff.button.returns", "returns"), v.button("staff.button.disputes", "disputes"), v.button("staff.button.payouts", "payouts")}, task...)}, screen.Rows...)
	}
	screen.Rows = append(screen.Rows, s.communityRow(v)...)
	return screen, nil
}

// show is one order: the address first, because that must never be cut off.
func (s *Staff) show(v *visit, o orders.Order, notice string) (bots.Screen, error) {
	f, err := s.Checkout.Fulfilment(v.ctx, o)
	if err != nil {
		return bots.Screen{}, err
	}
	taken, _, err := s.Checkout.Takings(v.ctx, o)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{{Text: v.Say("order.number", "Number", strconv.FormatInt(o.Number, 10)), Look: bots.Bold}}
	text = text.Line(bots.Span{Text: v.state(o) + " · " + v.Date(o.PaidAt)})
	if checkout.SampleOf(o) != "" {
		text = append(text, bots.Span{Text: " · " + v.Say("staff.sample"), Look: bots.Italic})
	}
	if o.Tracking != "" && len(f.Parcels) == 0 {
		text = text.Line(bots.Span{Text: v.Say("order.tracking") + " "}, bots.Span{Text: o.Tracking, Look: bots.Code})
	}
	text = text.Line()
	address := members.Address(o.Address)
	switch {
	case address.Name != "":
		text = text.Line(bots.Span{Text: v.Say("staff.to"), Look: bots.Bold})
		for _, line := range address.Lines(v.Language()) {
			text = text.Line(bots.Span{Text: line})
		}
	case address.Country != "": // the country stays for the books
		text = text.Line(bots.Span{Text: v.Say("staff.erased"), Look: bots.Italic})
	default:
		text = text.Line(bots.Span{Text: v.Say("staff.noaddress"), Look: bots.Italic})
	}
	text = text.Line()
	hidden := int64(0)
	shown := 0
	for _, l := range v.linesOf(o) {
		if shown++; shown > mostLines {
			hidden++
			continue
		}
		text = v.line(text, l)
	}
	if hidden > 0 {
		text = text.Line(bots.Span{Text: v.Count("checkout.hidden", hidden), Look: bots.Italic})
	}
	if v.role.acts(o) {
		text = text.Line(bots.Span{Text: v.Say("checkout.total", "Total", o.Total), Look: bots.Bold})
		if taken.Back > 0 {
			text = text.Line(bots.Span{Text: v.Say("staff.wentback", "Total", commerce.Money{Amount: taken.Back, Currency: o.Total.Currency})})
		}
	} else {
		text = text.Line().Line(bots.Span{Text: v.Say("staff.shared"), Look: bots.Italic})
	}
	var under []bots.Button
	if len(f.Parcels) > 0 {
		text, under = v.parcels(text.Line(), o, f)
	}
	for _, r := range f.Returns {
		if v.role.owns(orders.Line{Brand: r.Brand}) {
			text = text.Line(bots.Span{Text: v.Say("staff.hasreturn", "State", v.Say("staff.return."+string(r.State)))})
			under = append(under, v.button("staff.button.return", "return", string(r.ID)))
		}
	}
	id := string(o.ID)
	screen := bots.Screen{Path: bots.Path("staff", "order", id), Text: text, Notice: notice}
	add := func(list []bots.Button) {
		if len(list) > 0 {
			screen.Rows = append(screen.Rows, list[:min(len(list), bots.MaxRowButtons)])
		}
	}
	add(v.sending(o, f))
	add(v.undoing(o, f, taken, s.Points != nil && s.Points()))
	add(under)
	add([]bots.Button{v.button("staff.button.papers", "papers", id), v.button("staff.button.open"), v.button("staff.button.past", "past")})
	return screen, nil
}

// sending are the buttons with which an order leaves.
func (v *visit) sending(o orders.Order, f fulfilment.Fulfilment) (do []bots.Button) {
	var left, packed int64
	for i, l := range o.Lines {
		if l.Kind == pricing.KindItem && v.role.owns(l) {
			left += f.Lines[int64(i)].ToPack()
			packed += f.Lines[int64(i)].Packed - f.Lines[int64(i)].Shipped
		}
	}
	id := string(o.ID)
	switch {
	case o.State == orders.Paid && left+packed > 0:
		b := v.button("staff.button.ship", "ship", id)
		b.Style = bots.Primary
		if do = append(do, b); left > 0 {
			do = append(do, v.button("staff.button.part", "part", id, "none"))
		}
	case o.State == orders.Shipped && v.role.acts(o) && len(f.Parcels) < 2:
		do = append(do, v.button("staff.button.tracking", "ship", id))
	}
	return do
}

// undoing are the buttons with which money goes back, or a little more comes.
func (v *visit) undoing(o orders.Order, f fulfilment.Fulfilment, taken payments.Takings, points bool) (do []bots.Button) {
	sent := false
	for _, l := range f.Lines {
		sent = sent || l.Shipped > 0
	}
	id := string(o.ID)
	if v.role.acts(o) && able("cancel", o.State) && !sent {
		do = append(do, v.button("staff.button.cancel", "cancel", id))
	}
	if able("give", o.State) && taken.Left() > 0 {
		do = append(do, v.button("staff.button.refund", "give", id, "none"))
	}
	if v.role.All && !o.Forgotten() {
		do = append(do, v.button("staff.button.grant", "grant", id, "credit"))
		if points {
			do = append(do, v.button("staff.button.grantpoints", "grant", id, "points"))
		}
	}
	return do
}

// linesOf are the lines of an order that a person sees. Of one that is shared
// with other brands these are their own, with their part of what codes and
// offers took off; what else paid for it is between the buyer and the shop.
func (v *visit) linesOf(o orders.Order) (list []orders.Line) {
	off := orders.Line{Kind: pricing.KindDiscount, Label: v.Say("staff.discount"), Amount: commerce.Money{Currency: o.Total.Currency}}
	whole := v.role.acts(o)
	for _, l := range o.Lines {
		switch {
		case l.Kind == pricing.KindTax && l.Amount.IsZero():
		case whole, v.role.owns(l) && l.Kind != pricing.KindDiscount:
			list = append(list, l)
			off.Amount.Amount -= l.Discount.Amount
		}
	}
	if !whole && !off.Amount.IsZero() {
		list = append(list, off)
	}
	return list
}

func (v *visit) line(text bots.Text, l orders.Line) bots.Text {
	label, amount := bots.Clip(l.Label, 100), v.Money(l.Amount)
	switch l.Kind {
	case pricing.KindItem:
		label = strconv.FormatInt(l.Quantity, 10) + " × " + label
	case pricing.KindPoints:
		label = v.Say("wallet.points", "N", l.Quantity)
	case pricing.KindCredit:
		label = v.Say("wallet.credit")
	case pricing.KindGiftCard:
		label = v.Say("wallet.giftcard", "Code", label)
	case pricing.KindGift:
		label = v.Say("gift.line")
	case pricing.KindShipping:
		if l.Amount.IsZero() {
			amount = v.Say("shipping.free")
		}
	}
	switch {
	case l.Detail != "" && l.Kind == pricing.KindShipping:
		label += ", " + v.Say("shipping.days", "Days", bots.Clip(l.Detail, 60))
	case l.Detail != "":
		label += ", " + bots.Clip(l.Detail, 60)
	}
	spans := []bots.Span{{Text: "• " + label}}
	if l.SKU != "" {
		spans = append(spans, bots.Span{Text: " "}, bots.Span{Text: bots.Clip(l.SKU, 40), Look: bots.Code})
	}
	return text.Line(append(spans, bots.Span{Text: " — " + amount})...)
}

// askTracking asks how a parcel can be followed, before it is marked as sent.
func (s *Staff) askTracking(v *visit, o orders.Order, action bots.Action, known string) bots.Screen {
	return bots.Screen{Path: action, Text: bots.T(v.Say("staff.ship.ask", "Number", strconv.FormatInt(o.Number, 10))), Form: &bots.Form{
		Action: action,
		Title:  bots.Clip(v.Say("staff.ship.title"), bots.MaxFormTitle),
		Fields: []bots.Field{{
			Key: "tracking", Label: bots.Clip(v.Say("staff.ship.label"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("staff.ship.hint"), bots.MaxFieldHint),
			Value: known, Optional: true, Max: maxTracking,
		}},
		Cancel: v.button("button.cancel", "order", string(o.ID)),
	}}
}

// confirm asks before what cannot be undone.
func (s *Staff) confirm(v *visit, topic string, o orders.Order) (bots.Screen, error) {
	taken, _, err := s.Checkout.Takings(v.ctx, o)
	if err != nil {
		return bots.Screen{}, err
	}
	id := string(o.ID)
	yes := v.button("staff.button."+topic+"yes", topic, id, "yes")
	yes.Style = bots.Danger
	return bots.Screen{
		Path: bots.Path("staff", topic, id),
		Text: bots.T(v.Say("staff."+topic+".ask", "Number", strconv.FormatInt(o.Number, 10), "Total", commerce.Money{Amount: taken.Left(), Currency: o.Total.Currency})),
		Rows: [][]bots.Button{{yes, v.button("staff.button.no", "order", id)}},
	}, nil
}

func (v *visit) button(id string, words ...string) bots.Button {
	return bots.Button{Label: bots.Clip(v.Say(id), bots.MaxLabel), Action: bots.Path(append([]string{"staff"}, words...)...)}
}

func danger(b bots.Button) bots.Button {
	b.Style = bots.Danger
	return b
}

func (v *visit) state(o orders.Order) string { return v.Say("staff.state." + string(o.State)) }

// items counts the goods of an order that are the person's to send.
func (v *visit) items(o orders.Order) (n int64) {
	for _, l := range o.Lines {
		if l.Kind == pricing.KindItem && v.role.owns(l) {
			n += l.Quantity
		}
	}
	return n
}

// tracking is what was typed, in one line.
func tracking(typed string) string {
	one := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, typed)
	one = strings.Join(strings.Fields(one), " ")
	if one == "-" { // as people write that there is none
		return ""
	}
	return bots.Clip(one, maxTracking)
}
