// Package receipts makes the papers of a sale: a receipt for each order, and
// for each brand that sold something an invoice, with a credit note for all
// that is given back of it.
//
// The rules:
//   - A paper belongs to one posting of the books and one brand, and says what
//     stands there. What the lines of the order sum to and what the books say
//     must be the same, else there is no paper.
//   - Numbers have no gaps, per brand and year. A number is given in the
//     transaction that writes the paper.
//   - A paper is never changed. The seller is kept as they were, the lines are
//     those of the order; who bought is read from the order, so that somebody
//     who is forgotten is forgotten here too.
//   - Receipt, Invoice and Credit are pure: the same order and paper make the
//     same document, and a document the same bytes.
//
// It moves no money and sends nothing. Start at Issue, then Document.
package receipts

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
)

// Kind says what a paper is.
type Kind string

const (
	KindReceipt Kind = "receipt" // of an order, whoever sold
	KindInvoice Kind = "invoice" // of one brand's part of it
	KindCredit  Kind = "credit"  // of what is given back of an invoice
)

// Seller is who sells, as it stands on their papers.
type Seller struct {
	Prefix  string   `json:"prefix"` // of their numbers
	Name    string   `json:"name"`
	Address []string `json:"address,omitempty"`
	TaxID   string   `json:"tax_id,omitempty"`
	Footer  string   `json:"footer,omitempty"`
}

// Paper is an invoice or a credit note that was issued. Net and Tax are
// positive on both.
type Paper struct {
	ID       string
	Kind     Kind
	Brand    commerce.BrandID
	Number   string
	Order    commerce.OrderID
	Posting  string
	Net, Tax commerce.Money
	Seller   Seller
	IssuedAt time.Time
}

// Config is what a Receipts needs.
type Config struct {
	DB    *database.DB
	Clock commerce.Clock
	IDs   commerce.IDSource
	// Seller returns how a brand is written on its papers now; false where the
	// configuration has it no more. It must not need the database.
	Seller func(b commerce.BrandID) (Seller, bool)
	Zone   func() *time.Location // where a year of numbers begins; nil is UTC
}

// Receipts issues papers and reads them.
type Receipts struct{ Config }

// New makes a Receipts.
func New(c Config) *Receipts { return &Receipts{c} }

// ErrNone is returned where there is no such paper, or none yet.
var ErrNone = &commerce.Error{Kind: commerce.NotFound, Message: "paper.none"}

// Receipted reports whether an order has a receipt: it was paid, whatever
// became of it later.
func Receipted(o orders.Order) bool { return !o.PaidAt.IsZero() }

// Of returns the papers of an order, the oldest first, and issues those that
// are missing.
func (r *Receipts) Of(ctx context.Context, o orders.Order) (list []Paper, err error) {
	missing := false
	err = r.DB.Read(ctx, func(tx *database.Tx) error {
		sums, err := due(tx, o)
		if err != nil {
			return err
		}
		missing = len(sums) > 0
		list, err = papers(tx, "order_id = $1", o.ID)
		return err
	})
	if err != nil || !missing {
		return list, err
	}
	err = r.DB.Write(ctx, func(tx *database.Tx) error {
		if err := r.Issue(tx, o); err != nil {
			return err
		}
		list, err = papers(tx, "order_id = $1", o.ID)
		return err
	})
	return list, err
}

// Get returns a paper by its id, or ErrNone.
func (r *Receipts) Get(ctx context.Context, id string) (p Paper, err error) {
	err = r.DB.Read(ctx, func(tx *database.Tx) error {
		list, err := papers(tx, "id = $1", id)
		if err == nil && len(list) == 0 {
			err = ErrNone
		}
		if err == nil {
			p = list[0]
		}
		return err
	})
	return p, err
}

func papers(tx *database.Tx, where string, args ...any) (list []Paper, err error) {
	err = tx.Rows(`SELECT id, kind, brand_id, number, order_id, posting_id, currency, net, tax, seller, issued_at
		FROM papers WHERE `+where+` ORDER BY issued_at, brand_id, seq`, args, func(scan func(...any) error) error {
		var p Paper
		var seller string
		var issued int64
		if err := scan(&p.ID, &p.Kind, &p.Brand, &p.Number, &p.Order, &p.Posting, &p.Net.Currency, &p.Net.Amount, &p.Tax.Amount, &seller, &issued); err != nil {
			return err
		}
		p.Tax.Currency, p.IssuedAt = p.Net.Currency, commerce.FromMicros(issued)
		list = append(list, p)
		return json.Unmarshal([]byte(seller), &list[len(list)-1].Seller)
	})
	if err != nil {
		return nil, fmt.Errorf("read papers: %w", err)
	}
	return list, nil
}

// seller is who a brand is on its papers; one that is in the configuration no
// more keeps the name of the catalogue.
func (r *Receipts) seller(tx *database.Tx, b commerce.BrandID) (Seller, error) {
	if s, ok := r.Seller(b); ok {
		return s, nil
	}
	names := []string{}
	err := tx.Rows(`SELECT name FROM brands WHERE id = $1`, []any{b}, func(scan func(...any) error) error {
		names = append(names, "")
		return scan(&names[0])
	})
	if err != nil {
		return Seller{}, err
	}
	return Seller{Prefix: string(b), Name: cmp.Or(append(names, string(b))...)}, nil
}
