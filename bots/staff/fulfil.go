package staff

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

// pick makes a menu in which units of lines are tapped together, and the text
// of what is chosen.
func (v *visit) pick(o orders.Order, chosen fulfilment.Units, most func(i int64) int64, words ...string) (*bots.Menu, bots.Text) {
	menu := &bots.Menu{Hint: v.Say("staff.pickhint")}
	var text bots.Text
	for i, l := range o.Lines {
		at := int64(i)
		n := most(at)
		if n <= 0 || len(menu.Choices) == bots.MaxChoices {
			continue
		}
		label := v.name(l)
		if chosen[at] > 0 {
			text = text.Line(bots.Span{Text: "✓ " + strconv.FormatInt(chosen[at], 10) + " × " + label})
		}
		menu.Choices = append(menu.Choices, bots.Choice{
			Label: bots.Clip(label, bots.MaxChoice), Chosen: chosen[at] > 0,
			Description: bots.Clip(v.Say("staff.pickof", "N", chosen[at], "All", n), bots.MaxChoice),
			Action:      bots.Path(append(slices.Clone(words), chosen.More(at, n).String())...),
		})
	}
	if len(menu.Choices) == 0 {
		return nil, text
	}
	return menu, text
}

func (v *visit) name(l orders.Line) string {
	label := bots.Clip(l.Label, 60)
	if l.Detail != "" && l.Kind == pricing.KindItem {
		label += ", " + bots.Clip(l.Detail, 30)
	}
	return label
}

// part lets somebody choose what is packed or sent now.
func (s *Staff) part(v *visit, o orders.Order, word, do string) (bots.Screen, error) {
	f, err := s.Checkout.Fulfilment(v.ctx, o)
	if err != nil {
		return bots.Screen{}, err
	}
	chosen := fulfilment.ReadUnits(word)
	id := string(o.ID)
	switch {
	case do == "pack" && len(chosen) > 0:
		err := s.Checkout.Send(v.ctx, v.actor, o.ID, checkout.Sending{Brands: v.role.brands(), Items: chosen.Items(), Pack: true})
		return s.after(v, o.ID, "staff.packed", err)
	case do == "send" && len(chosen) > 0:
		return s.askTracking(v, o, bots.Path("staff", "send", id, chosen.String()), ""), nil
	}
	menu, said := v.pick(o, chosen, func(i int64) int64 {
		if l := o.Lines[i]; l.Kind == pricing.KindItem && v.role.owns(l) {
			return f.Lines[i].ToPack()
		}
		return 0
	}, "staff", "part", id)
	if menu == nil {
		return s.show(v, o, v.Say("fulfilment.gone"))
	}
	screen := bots.Screen{Path: bots.Path("staff", "part", id), Menu: menu,
		Text: append(bots.T(v.Say("staff.part.ask", "Number", strconv.FormatInt(o.Number, 10))), append(bots.T("\n"), said...)...)}
	if len(chosen) > 0 {
		send := v.button("staff.button.sendthese", "part", id, chosen.String(), "send")
		send.Style = bots.Primary
		screen.Rows = append(screen.Rows, []bots.Button{send, v.button("staff.button.packthese", "part", id, chosen.String(), "pack")})
	}
	screen.Rows = append(screen.Rows, []bots.Button{v.button("staff.button.no", "order", id)})
	return screen, nil
}

// parcel marks a parcel as sent or as arrived.
func (s *Staff) parcel(v *visit, id, do string) (bots.Screen, error) {
	o, p, err := s.parcelOf(v, id)
	if err != nil {
		return bots.Screen{}, err
	}
	switch {
	case do == "delivered":
		return s.after(v, o.ID, "staff.delivered", s.Checkout.Deliver(v.ctx, v.actor, v.role.brands(), p.ID))
	case v.ev.Kind == bots.Fill:
		return s.after(v, o.ID, "staff.shipped", s.Checkout.ShipParcel(v.ctx, v.actor, v.role.brands(), p.ID, tracking(v.ev.Values["tracking"])))
	}
	return s.askTracking(v, o, bots.Path("staff", "parcel", id, "ship"), p.Tracking), nil
}

func (s *Staff) parcelOf(v *visit, id string) (orders.Order, fulfilment.Parcel, error) {
	p, err := s.Checkout.Parcel(v.ctx, fulfilment.ParcelID(id))
	if err != nil {
		return orders.Order{}, p, err
	}
	o, err := s.get(v, p.Order)
	return o, p, err
}

// parcels writes what was packed and sent of the person's goods, and the
// buttons for the parcels that are under way.
func (v *visit) parcels(text bots.Text, o orders.Order, f fulfilment.Fulfilment) (bots.Text, []bots.Button) {
	var do []bots.Button
	for _, p := range f.Parcels {
		if !v.role.All && !slices.Contains(v.role.Brands, p.Brand) {
			continue
		}
		number := strconv.FormatInt(p.Number, 10)
		spans := []bots.Span{{Text: v.Say("staff.parcel", "Number", number, "State", v.Say("staff.parcel."+string(p.State)))}}
		if p.Tracking != "" {
			spans = append(spans, bots.Span{Text: " "}, bots.Span{Text: bots.Clip(p.Tracking, 60), Look: bots.Code})
		}
		if text = text.Line(spans...); len(f.Parcels) > 1 {
			for _, it := range p.Items {
				text = text.Line(bots.Span{Text: "   " + strconv.FormatInt(it.Quantity, 10) + " × " + v.name(o.Lines[it.Position])})
			}
		}
		if len(do) == bots.MaxRowButtons-1 {
			continue
		}
		b := bots.Button{Label: bots.Clip(v.Say("staff.button.parcel"+string(p.State), "Number", number), bots.MaxLabel)}
		switch p.State {
		case fulfilment.Packed:
			b.Action = bots.Path("staff", "parcel", string(p.ID), "ship")
		case fulfilment.Shipped:
			b.Action = bots.Path("staff", "parcel", string(p.ID), "delivered")
		default:
			continue
		}
		do = append(do, b)
	}
	return text, do
}

// picking lists everything that is to be packed, over all orders.
func (s *Staff) picking(v *visit) (bots.Screen, error) {
	type bin struct {
		name, sku string
		units     int64
		orders    int64
	}
	bins, order := map[commerce.VariantID]*bin{}, []commerce.VariantID{}
	cursor := ""
	for range 10 { // some five hundred orders: more than one person packs in a day
		page, err := s.Orders.OfBrands(v.ctx, v.role.brands(), open, cursor, 50)
		if err != nil {
			return bots.Screen{}, err
		}
		for _, o := range page.Items {
			f, err := s.Checkout.Fulfilment(v.ctx, o)
			if err != nil {
				return bots.Screen{}, err
			}
			for i, l := range o.Lines {
				n := f.Lines[int64(i)].ToPack()
				if l.Kind != pricing.KindItem || !v.role.owns(l) || n <= 0 {
					continue
				}
				b := bins[l.Variant]
				if b == nil {
					b = &bin{name: v.name(l), sku: l.SKU}
					bins[l.Variant], order = b, append(order, l.Variant)
				}
				b.units += n
				b.orders++
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	text := bots.Text{{Text: v.Say("staff.picking"), Look: bots.Bold}}
	slices.SortStableFunc(order, func(a, b commerce.VariantID) int { return cmp.Compare(bins[a].name, bins[b].name) })
	for i, id := range order {
		if i == 30 {
			text = text.Line(bots.Span{Text: v.Count("checkout.hidden", int64(len(order)-i)), Look: bots.Italic})
			break
		}
		b := bins[id]
		spans := []bots.Span{{Text: strconv.FormatInt(b.units, 10) + " × ", Look: bots.Bold}, {Text: b.name}}
		if b.sku != "" {
			spans = append(spans, bots.Span{Text: " "}, bots.Span{Text: bots.Clip(b.sku, 40), Look: bots.Code})
		}
		text = text.Line(append(spans, bots.Span{Text: " — " + v.Count("staff.bins", b.orders)})...)
	}
	if len(order) == 0 {
		text = text.Line(bots.Span{Text: v.Say("staff.nopicking")})
	}
	return bots.Screen{Path: "staff pick", Text: text, Rows: [][]bots.Button{{v.button("staff.button.open"), v.button("staff.button.returns", "returns")}}}, nil
}
