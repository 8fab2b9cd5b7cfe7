package staff

import (
	"context"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/receipts"
)

// This file hands over files: invoices, and what spreadsheets read and write.
// Everybody gets what is of their own brands.

// Papers is where invoices and credit notes are read.
type Papers interface {
	Of(ctx context.Context, o orders.Order) ([]receipts.Paper, error)
	Get(ctx context.Context, id string) (receipts.Paper, error)
}

// Sheets writes and reads what spreadsheets do; brands are whose goods it is
// about, nil for all.
type Sheets interface {
	Orders(ctx context.Context, list []orders.Order, brands []commerce.BrandID) ([]byte, error)
	PickList(ctx context.Context, list []orders.Order, brands []commerce.BrandID) ([]byte, error)
	// Drop writes what a drop brought.
	Drop(ctx context.Context, r drops.Report) ([]byte, error)
	// Ship marks as sent what a list of shipments names.
	Ship(ctx context.Context, actor string, brands []commerce.BrandID, text string) ([]Shipped, error)
}

// Shipped is what became of a row of a list of shipments.
type Shipped struct {
	Line    int
	Order   string
	Outcome string // the end of a text's id, import.sent
	Problem bool
}

const (
	mostInSheet  = 2000 // orders
	mostPapers   = 8
	mostOutcomes = 20
	maxPasted    = 3500 // characters: a message's length, less what surrounds it
)

// papers answers the topics of this file.
func (s *Staff) papers(v *visit, topic, id string) (bots.Screen, error) {
	switch topic {
	case "papers":
		o, err := s.get(v, commerce.OrderID(id))
		if err != nil {
			return bots.Screen{}, err
		}
		return s.listPapers(v, o)
	case "paper":
		return s.paper(v, id)
	case "csv":
		return s.sheet(v, "orders.csv", "staff.csv", s.Sheets.Orders)
	case "picklist":
		return s.sheet(v, "picklist.csv", "staff.picklist", s.Sheets.PickList)
	}
	if v.ev.Kind != bots.Fill {
		return v.askShipments(""), nil
	}
	return s.ship(v, v.ev.Values["rows"])
}

// listPapers offers the invoices and credit notes of an order.
func (s *Staff) listPapers(v *visit, o orders.Order) (bots.Screen, error) {
	list, err := s.Papers.Of(v.ctx, o)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{
		Path: bots.Path("staff", "papers", string(o.ID)),
		Text: bots.Text{{Text: v.Say("staff.papers", "Number", strconv.FormatInt(o.Number, 10)), Look: bots.Bold}},
	}
	for _, p := range list {
		if !v.role.All && !v.role.owns(orders.Line{Brand: p.Brand}) || len(screen.Rows) == mostPapers {
			continue
		}
		id := "button.invoicepaper"
		if p.Kind == receipts.KindCredit {
			id = "button.creditpaper"
		}
		screen.Rows = append(screen.Rows, []bots.Button{{Label: bots.Clip(v.Say(id, "Number", p.Number), bots.MaxLabel),
			Action: bots.Path("staff", "paper", p.ID), Keep: true}})
	}
	if len(screen.Rows) == 0 {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.nopapers")})
	}
	if o.Forgotten() {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.erased"), Look: bots.Italic})
	}
	screen.Rows = append(screen.Rows, []bots.Button{v.button("button.order", "order", string(o.ID))})
	return screen, nil
}

func (s *Staff) paper(v *visit, id string) (bots.Screen, error) {
	p, err := s.Papers.Get(v.ctx, id)
	if err == nil && !v.role.owns(orders.Line{Brand: p.Brand}) {
		err = receipts.ErrNone
	}
	if err != nil {
		return bots.Screen{}, err
	}
	o, err := s.get(v, p.Order)
	if err != nil {
		return bots.Screen{}, err
	}
	all, err := s.Papers.Of(v.ctx, o)
	if err != nil {
		return bots.Screen{}, err
	}
	d := receipts.DocumentOf(o, p, all)
	data, err := receipts.PDF(d, s.Voice(o.Locale))
	if err != nil {
		return bots.Screen{}, err
	}
	return bots.Screen{
		Path: bots.Path("staff", "papers", string(o.ID)), Text: bots.T(v.Say("receipt.file", "Number", strconv.FormatInt(o.Number, 10))),
		File: &bots.File{Name: receipts.Name(d) + ".pdf", Data: data},
		Rows: [][]bots.Button{{v.button("button.order", "order", string(o.ID))}},
	}, nil
}

// sheet hands over the orders to be sent, in one of two ways.
func (s *Staff) sheet(v *visit, name, text string, write func(context.Context, []orders.Order, []commerce.BrandID) ([]byte, error)) (bots.Screen, error) {
	var list []orders.Order
	more := false
	for cursor := ""; ; {
		page, err := s.Orders.OfBrands(v.ctx, v.role.brands(), open, cursor, 200)
		if err != nil {
			return bots.Screen{}, err
		}
		list = append(list, page.Items...)
		if cursor = page.Next; cursor == "" {
			break
		}
		if more = len(list) >= mostInSheet; more {
			break
		}
	}
	if len(list) == 0 {
		screen, err := s.list(v, false, "")
		screen.Notice = v.Say("staff.noopen")
		return screen, err
	}
	data, err := write(v.ctx, list, v.role.brands())
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{
		Path: "staff", Text: bots.T(v.Count(text, int64(len(list)))), File: &bots.File{Name: name, Data: data},
		Rows: [][]bots.Button{{v.button("staff.button.open")}},
	}
	if more {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.csvmore"), Look: bots.Italic})
	}
	return screen, nil
}

// askShipments asks for a list of shipments, with the reason where it is asked
// for again.
func (v *visit) askShipments(reason string) bots.Screen {
	action := bots.Path("staff", "import")
	text := v.Say("staff.import.ask")
	if reason != "" {
		text = reason + "\n" + text
	}
	return bots.Screen{Path: action, Text: bots.T(text), Form: &bots.Form{
		Action: action,
		Title:  bots.Clip(v.Say("staff.import.title"), bots.MaxFormTitle),
		Fields: []bots.Field{{
			Key: "rows", Label: bots.Clip(v.Say("staff.import.label"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("staff.import.hint"), bots.MaxFieldHint),
			Long: true, Max: maxPasted,
		}},
		Cancel: v.button("button.cancel"),
	}}
}

// ship takes a list of shipments and says what became of each row: of all that
// need somebody to look at them, and of the others how many there are.
func (s *Staff) ship(v *visit, pasted string) (bots.Screen, error) {
	done, err := s.Sheets.Ship(v.ctx, v.actor, v.role.brands(), pasted)
	if commerce.KindOf(err) == commerce.Invalid && err != nil {
		return v.askShipments(v.Say("import.unread")), nil
	}
	if err != nil {
		return bots.Screen{}, err
	}
	count, problems := map[string]int64{}, int64(0)
	for _, d := range done {
		if d.Problem {
			problems++
			continue
		}
		count[d.Outcome]++
	}
	text := bots.Text{{Text: v.Count("import.total", count["sent"]), Look: bots.Bold}}
	if n := count["already"]; n > 0 {
		text = text.Line(bots.Span{Text: v.Count("import.before", n)})
	}
	if n := count["untracked"]; n > 0 {
		text = text.Line(bots.Span{Text: v.Count("import.left", n)})
	}
	if problems > 0 {
		text = text.Line().Line(bots.Span{Text: v.Count("import.problems", problems), Look: bots.Bold})
	}
	shown := int64(0)
	for _, d := range done {
		if !d.Problem {
			continue
		}
		if shown++; shown > mostOutcomes {
			break
		}
		text = text.Line(bots.Span{Text: "• " + v.Say("import.line", "Line", d.Line, "Order", bots.Clip(d.Order, 20)) + " " + v.Say("import."+d.Outcome)})
	}
	if problems > mostOutcomes {
		text = text.Line(bots.Span{Text: v.Count("import.more", problems-mostOutcomes), Look: bots.Italic})
	}
	return bots.Screen{
		Path: "staff", Text: text,
		Rows: [][]bots.Button{{v.button("staff.button.open"), v.button("staff.button.import", "import")}},
	}, nil
}

// sheetButtons head what can be done with all open orders at once.
func (v *visit) sheetButtons() []bots.Button {
	list := []bots.Button{v.button("staff.button.csv", "csv"), v.button("staff.button.picklist", "picklist"), v.button("staff.button.import", "import")}
	for i := range list[:2] {
		list[i].Keep = true
	}
	return list
}
