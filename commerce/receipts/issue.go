package receipts

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
)

// sum is what one posting moved for one brand, as the books have it: negative
// is what was sold.
type sum struct {
	posting string
	at      int64
	brand   commerce.BrandID
	net     int64
	tax     int64
}

// caused says which postings want papers: sales, and what is given back of them.
const caused = `(p.memo = 'sale' OR p.id LIKE 'refund:%')`

// due returns what of an order's postings has no paper yet, in their order.
func due(tx *database.Tx, o orders.Order) ([]sum, error) {
	if !Receipted(o) {
		return nil, nil
	}
	var list []sum
	err := tx.Rows(`SELECT p.id, p.at, e.account, SUM(e.amount) FROM postings p JOIN entries e ON e.posting_id = p.id
		WHERE p.order_id = $1 AND p.order_id <> '' AND e.currency = $2 AND `+caused+`
		AND (e.account LIKE 'revenue:%' OR e.account LIKE 'shipping:%' OR e.account LIKE 'tax:%')
		GROUP BY p.id, p.at, e.account`, []any{o.ID, o.Total.Currency}, func(scan func(...any) error) error {
		var s sum
		var account string
		var amount int64
		if err := scan(&s.posting, &s.at, &account, &amount); err != nil {
			return err
		}
		kind, brand, _ := strings.Cut(account, ":")
		s.brand = commerce.BrandID(brand)
		i := slices.IndexFunc(list, func(t sum) bool { return t.posting == s.posting && t.brand == s.brand })
		if i < 0 {
			i, list = len(list), append(list, s)
		}
		if kind == "tax" {
			list[i].tax += amount
		} else {
			list[i].net += amount
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("what needs a paper: %w", err)
	}
	list = slices.DeleteFunc(list, func(s sum) bool { return s.net == 0 && s.tax == 0 })
	have, err := papers(tx, "order_id = $1", o.ID)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(s sum) bool {
		return slices.ContainsFunc(have, func(p Paper) bool { return p.Posting == s.posting && p.Brand == s.brand })
	})
	// The sale first, then what was given back, each in the order of the lines.
	place := func(b commerce.BrandID) int {
		return slices.IndexFunc(o.Lines, func(l orders.Line) bool { return l.Brand == b })
	}
	slices.SortFunc(list, func(a, b sum) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.posting, b.posting), cmp.Compare(place(a.brand), place(b.brand)))
	})
	return list, nil
}

// Issue writes the papers an order lacks, each with the next number of its
// brand's year. Again, or by two at once, it writes them once.
func (r *Receipts) Issue(tx *database.Tx, o orders.Order) error {
	sums, err := due(tx, o)
	if err != nil {
		return err
	}
	now := r.Clock.Now().UTC()
	if r.Zone != nil {
		now = now.In(r.Zone())
	}
	for _, s := range sums {
		p := Paper{ID: r.IDs.ID(), Kind: KindInvoice, Brand: s.brand, Order: o.ID, Posting: s.posting, IssuedAt: now,
			Net: commerce.Money{Amount: -s.net, Currency: o.Total.Currency}, Tax: commerce.Money{Amount: -s.tax, Currency: o.Total.Currency}}
		if s.net+s.tax > 0 {
			p.Kind, p.Net.Amount, p.Tax.Amount = KindCredit, s.net, s.tax
		}
		if p.Kind == KindInvoice {
			if d := Invoice(o, p); d.Net != p.Net || d.Tax() != p.Tax {
				return fmt.Errorf("order %s: the lines of brand %s sum to another amount than its sale in the books", o.ID, s.brand)
			}
		}
		if p.Seller, err = r.seller(tx, s.brand); err != nil {
			return err
		}
		if err := write(tx, p); err != nil {
			return fmt.Errorf("order %s: issue a paper: %w", o.ID, err)
		}
	}
	return nil
}

func write(tx *database.Tx, p Paper) error {
	year := int64(p.IssuedAt.Year())
	if _, err := tx.Exec(`INSERT INTO paper_series (brand_id, year, last) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING`, p.Brand, year); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE paper_series SET last = last + 1 WHERE brand_id = $1 AND year = $2`, p.Brand, year); err != nil {
		return err
	}
	var seq int64
	if err := tx.Row(`SELECT last FROM paper_series WHERE brand_id = $1 AND year = $2`, p.Brand, year).Scan(&seq); err != nil {
		return err
	}
	p.Number = fmt.Sprintf("%s-%d-%05d", p.Seller.Prefix, year, seq)
	seller, err := json.Marshal(p.Seller)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO papers (id, kind, brand_id, year, seq, number, order_id, posting_id, currency, net, tax, seller, issued_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, p.ID, p.Kind, p.Brand, year, seq, p.Number, p.Order, p.Posting,
		p.Net.Currency, p.Net.Amount, p.Tax.Amount, string(seller), commerce.Micros(p.IssuedAt))
	return err
}

const (
	sweep = 50            // orders that are given papers in one transaction
	grace = 1 * time.Hour // how long after its time a posting may still be committed
)

// Step gives papers to orders that lack them, oldest first, and returns how
// many orders got theirs. It may be called at any time; what it cannot do for
// one order keeps no other waiting.
func (r *Receipts) Step(ctx context.Context) (n int, err error) {
	now := r.Clock.Now()
	var failed error
	for skip := 0; ; {
		list, err := r.lacking(ctx, skip)
		if err != nil {
			return n, errors.Join(failed, err)
		}
		for _, id := range list {
			err := r.DB.Write(ctx, func(tx *database.Tx) error {
				o, err := orders.Load(tx, "id = $1", id)
				if err != nil {
					return err
				}
				return r.Issue(tx, o)
			})
			if err != nil {
				failed = errors.Join(failed, err)
				skip++
				continue
			}
			n++
		}
		if len(list) < sweep {
			break
		}
	}
	return n, errors.Join(failed, r.looked(ctx, now.Add(-grace)))
}

// looked notes up to when the books have been looked through, now and then.
func (r *Receipts) looked(ctx context.Context, upto time.Time) error {
	var at int64
	err := r.DB.Read(ctx, func(tx *database.Tx) error { return tx.Row(`SELECT at FROM paper_progress WHERE id = 1`).Scan(&at) })
	if err != nil || upto.Sub(commerce.FromMicros(at)) < 5*time.Minute {
		return err
	}
	return r.DB.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE paper_progress SET at = $1 WHERE id = 1 AND at < $1`, commerce.Micros(upto))
		return err
	})
}

// lacking lists orders that lack papers, but for the first few.
func (r *Receipts) lacking(ctx context.Context, skip int) (list []commerce.OrderID, err error) {
	err = r.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT p.order_id, MIN(p.at) FROM postings p JOIN orders o ON o.id = p.order_id
			WHERE p.at >= (SELECT at FROM paper_progress WHERE id = 1) AND `+caused+` AND o.paid_at <> 0
			AND NOT EXISTS (SELECT 1 FROM papers x WHERE x.posting_id = p.id)
			AND EXISTS (SELECT 1 FROM entries e WHERE e.posting_id = p.id AND (e.account LIKE 'revenue:%' OR e.account LIKE 'shipping:%' OR e.account LIKE 'tax:%'))
			GROUP BY p.order_id ORDER BY MIN(p.at), p.order_id LIMIT $1 OFFSET $2`, []any{sweep, skip}, func(scan func(...any) error) error {
			var id commerce.OrderID
			var at int64
			err := scan(&id, &at)
			list = append(list, id)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("what needs a paper: %w", err)
	}
	return list, nil
}
