package app

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/receipts"
)

// papers gives receipts and invoices to whoever lacks them. Buying does not
// wait for it.
func (a *App) papers(ctx context.Context) error {
	_, err := a.Receipts.Step(ctx)
	return err
}

// statement books what only Stripe's statement tells: fees and payouts.
func (a *App) statement(ctx context.Context) error {
	for {
		if more, err := a.Statement.Step(ctx); err != nil || !more {
			return err
		}
	}
}

// seller is how a brand stands on its papers.
func (a *App) seller(b commerce.BrandID) (receipts.Seller, bool) {
	for name, brand := range a.config.Load().Brands {
		if BrandID(name) != b {
			continue
		}
		i := brand.Invoice
		s := receipts.Seller{Prefix: brand.InvoicePrefix(name), Name: i.LegalName, Address: i.Address, TaxID: i.TaxID, Footer: i.Footer}
		if s.Name == "" {
			s.Name = brand.Name
		}
		return s, true
	}
	return receipts.Seller{}, false
}

// exportedReceipt is a receipt as its member takes it along.
type exportedReceipt struct {
	Order  int64           `json:"order"`
	Text   string          `json:"text"`
	Papers []exportedPaper `json:"papers"`
}

type exportedPaper struct {
	Kind   receipts.Kind `json:"kind"`
	Number string        `json:"number"`
	Issued time.Time     `json:"issued"`
	Text   string        `json:"text"`
}

// exportReceipts are the receipts and invoices as their member takes them along.
func (a *App) exportReceipts(ctx context.Context, m commerce.MemberID) (string, any, error) {
	list := []exportedReceipt{}
	for cursor := ""; ; {
		page, err := a.Checkout.Orders().OfMember(ctx, m, cursor, 50)
		if err != nil {
			return "", nil, err
		}
		for _, o := range page.Items {
			if !receipts.Receipted(o) {
				continue
			}
			papers, err := a.Receipts.Of(ctx, o)
			if err != nil {
				return "", nil, err
			}
			words := a.Shop.Words(o.Locale)
			e := exportedReceipt{Order: o.Number, Text: string(receipts.Text(receipts.Receipt(a.config.Load().Shop.Name, o, papers), words)), Papers: []exportedPaper{}}
			for _, p := range papers {
				e.Papers = append(e.Papers, exportedPaper{p.Kind, p.Number, p.IssuedAt, string(receipts.Text(receipts.DocumentOf(o, p, papers), words))})
			}
			list = append(list, e)
		}
		if cursor = page.Next; cursor == "" {
			return "receipts", list, nil
		}
	}
}
