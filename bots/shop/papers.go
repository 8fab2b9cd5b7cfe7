package shop

import (
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/receipts"
)

// mostPapers is how many invoices and credit notes a screen offers.
const mostPapers = 8

// receiptButton opens the papers of an order that was paid.
func (v *visit) receiptButton(o orders.Order) bots.Button {
	if !receipts.Receipted(o) || checkout.SampleOf(o) != "" {
		return bots.Button{}
	}
	return v.button("button.receipt", "receipt", string(o.ID))
}

// receipt shows the receipt of an order and offers its papers as files.
func (s *Shop) receipt(v *visit, args []string) (bots.Screen, error) {
	o, papers, err := s.papersOf(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	id := string(o.ID)
	d := receipts.Receipt(v.set.Name, o, papers)
	text := bots.Text{bold(v.Say("receipt.title", "Number", strconv.FormatInt(o.Number, 10))), regular(" · " + v.Date(o.PaidAt))}
	text = v.orderLines(text.Line(), o)
	if len(d.Others) > 0 {
		text = text.Line().Line(regular(v.Say("paper.invoices") + ": " + bots.Clip(strings.Join(d.Others, ", "), 200)))
	}
	text = text.Line(italic(v.Say("receipt.files")))
	pdf := v.primary("button.receiptpdf", "receipt", "pdf", id)
	list := [][]bots.Button{{keeping(pdf), keeping(v.button("button.receipttext", "receipt", "text", id))}}
	for i, p := range papers {
		if i < mostPapers {
			list = append(list, []bots.Button{keeping(v.paperButton(p))})
		}
	}
	return bots.Screen{
		Path: bots.Path("receipt", id), Text: clipText(text, bots.MaxText),
		Rows: append(list, row(v.button("button.order", "order", id), v.button("button.home", "start"))),
	}, nil
}

func (v *visit) paperButton(p receipts.Paper) bots.Button {
	id := "button.invoicepaper"
	if p.Kind == receipts.KindCredit {
		id = "button.creditpaper"
	}
	return bots.Button{Label: bots.Clip(v.Say(id, "Number", p.Number), bots.MaxLabel), Action: bots.Path("paper", p.ID)}
}

// papersOf returns an order of this member that was paid, with its papers.
func (s *Shop) papersOf(v *visit, id string) (orders.Order, []receipts.Paper, error) {
	o, err := s.mineOnly(v, id)
	if err != nil {
		return o, nil, err
	}
	if !receipts.Receipted(o) {
		return o, nil, receipts.ErrNone
	}
	papers, err := s.Receipts.Of(v.ctx, o)
	return o, papers, err
}

func (s *Shop) receiptPDF(v *visit, args []string) (bots.Screen, error) {
	return s.receiptFile(v, args[0], s.pdf)
}

func (s *Shop) receiptText(v *visit, args []string) (bots.Screen, error) {
	return s.receiptFile(v, args[0], s.plainText)
}

func (s *Shop) receiptFile(v *visit, id string, write func(receipts.Document, orders.Order) (*bots.File, error)) (bots.Screen, error) {
	o, papers, err := s.papersOf(v, id)
	if err != nil {
		return bots.Screen{}, err
	}
	file, err := write(receipts.Receipt(v.set.Name, o, papers), o)
	return s.handOver(v, o, file), err
}

// paper hands over one invoice or credit note of the member's own orders.
func (s *Shop) paper(v *visit, args []string) (bots.Screen, error) {
	p, err := s.Receipts.Get(v.ctx, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	o, papers, err := s.papersOf(v, string(p.Order))
	if commerce.KindOf(err) == commerce.NotFound {
		err = receipts.ErrNone // somebody else's
	}
	if err != nil {
		return bots.Screen{}, err
	}
	file, err := s.pdf(receipts.DocumentOf(o, p, papers), o)
	return s.handOver(v, o, file), err
}

// handOver is a screen with a file, in private; elsewhere it says where to go.
func (s *Shop) handOver(v *visit, o orders.Order, file *bots.File) bots.Screen {
	id := string(o.ID)
	screen := bots.Screen{
		Path: bots.Path("receipt", id), Text: bots.T(v.Say("receipt.file", "Number", strconv.FormatInt(o.Number, 10))), File: file,
		Rows: rows(row(v.button("button.receipt", "receipt", id), v.button("button.order", "order", id))),
	}
	if !v.ev.Chat.Private {
		screen.File, screen.Text = nil, bots.T(v.Say("receipt.inprivate"))
	}
	return screen
}

// A paper speaks as its order did, so that it is the same whoever opens it.

func (s *Shop) pdf(d receipts.Document, o orders.Order) (*bots.File, error) {
	data, err := receipts.PDF(d, s.Words(o.Locale))
	return &bots.File{Name: receipts.Name(d) + ".pdf", Data: data}, err
}

func (s *Shop) plainText(d receipts.Document, o orders.Order) (*bots.File, error) {
	return &bots.File{Name: receipts.Name(d) + ".txt", Data: receipts.Text(d, s.Words(o.Locale))}, nil
}
