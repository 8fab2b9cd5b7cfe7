package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Counter counts units for the import; commerce/stock is one.
type Counter interface {
	// SetImported takes over the quantity a feed tells: the stock moves by the
	// difference to the quantity told last, never below what is held.
	SetImported(tx *database.Tx, v commerce.VariantID, quantity int64, backorder bool) error
	// Uncount stops counting the variant.
	Uncount(tx *database.Tx, v commerce.VariantID) error
}

// Import is a feed to take over into a brand's catalogue.
type Import struct {
	Brand    commerce.BrandID
	File     string // name of the feed, for the record
	Feed     *Feed
	Digital  bool                  // the brand ships nothing, whatever the feed says
	DryRun   bool                  // find out what would change, and change nothing
	Progress func(done, total int) // told of rows written; may be nil
}

// Report says what an import did. Every product of the feed is added, changed
// or unchanged; removed are those of the brand's last import that are not in
// this one.
type Report struct {
	Products  int       `json:"products"` // in the feed
	Variants  int       `json:"variants"` // in the feed
	Added     int       `json:"added"`
	Changed   int       `json:"changed"`
	Unchanged int       `json:"unchanged"`
	Removed   int       `json:"removed"`
	Problems  []Problem `json:"problems"` // never nil

	Changes []Change `json:"-"` // one for each product added, changed or removed
}

var (
	// ErrNoBrand is returned by Import for a brand that was not declared.
	ErrNoBrand = &commerce.Error{Kind: commerce.NotFound, Message: "catalog.brand"}

	// ErrNothing is returned by Import for a feed without a product that can be
	// sold: it would hide everything, and is far more often a mistake.
	ErrNothing = &commerce.Error{Kind: commerce.Invalid, Message: "catalog.nothing", Err: errors.New("no product in the feed can be sold; nothing was changed")}
)

// errDry ends the transaction of a dry run.
var errDry = errors.New("dry run")

// Import takes a feed over in one transaction: all of it or, on an error,
// nothing. Two imports of a brand run one after the other. A product or
// variant that the feed no longer holds is hidden, never deleted, and shown
// again when it returns; its id stays the same.
func (c *Catalog) Import(ctx context.Context, in Import, counter Counter) (Report, error) {
	if len(in.Feed.Products) == 0 {
		return Report{Problems: in.Feed.problems()}, ErrNothing
	}
	var report Report
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		report = Report{Products: len(in.Feed.Products), Variants: in.Feed.variants(), Problems: in.Feed.problems()}
		if err := c.take(tx, in, counter, &report); err != nil {
			return err
		}
		if in.DryRun {
			return errDry
		}
		return nil
	})
	if err != nil && err != errDry {
		return Report{}, fmt.Errorf("import %s for %s: %w", in.File, in.Brand, err)
	}
	return report, nil
}

func (f *Feed) problems() []Problem { return append([]Problem{}, f.Problems...) }

func (c *Catalog) take(tx *database.Tx, in Import, counter Counter, report *Report) error {
	// Nobody buys while the stock moves, for about a second: see Tx.Lock. It
	// also makes imports wait for one another.
	if err := tx.Lock("stock"); err != nil {
		return err
	}
	var name string
	err := tx.Row("SELECT name FROM brands WHERE id = $1", in.Brand).Scan(&name)
	if err == database.ErrNone && in.DryRun { // as if it had been declared
		_, err = tx.Exec("INSERT INTO brands (id, name) VALUES ($1, $1)", in.Brand)
	}
	if err == database.ErrNone {
		err = ErrNoBrand.With("brand", in.Brand)
	}
	if err != nil {
		return err
	}
	now := c.clock.Now()
	last, this, err := importIDs(tx, in.Brand)
	if err != nil {
		return err
	}
	had, err := readRows(tx, in.Brand)
	if err != nil {
		return err
	}
	counts, err := readCounts(tx, in.Brand)
	if err != nil {
		return err
	}
	d := difference{in: in, last: last, this: this, now: now, counts: counts}
	d.compare(had)
	report.Added, report.Changed, report.Unchanged, report.Removed = d.added, d.changed, d.unchanged, len(d.removed)
	report.Changes = d.changes
	if err := d.write(tx, counter); err != nil {
		return err
	}
	text, err := json.Marshal(report)
	if err != nil {
		return err
	}
	if _, err := tx.Exec("INSERT INTO imports (id, brand_id, file, at, report) VALUES ($1, $2, $3, $4, $5)",
		this, in.Brand, in.File, commerce.Micros(now), string(text)); err != nil {
		return err
	}
	if d.added+d.changed+len(d.removed) == 0 && len(d.products) == 0 && len(d.variants) == 0 {
		return nil
	}
	return c.grow(tx)
}

// importIDs returns the id of the brand's last import, "" for none, and of
// this one. They are numbered under the lock.
func importIDs(tx *database.Tx, brand commerce.BrandID) (last, this string, err error) {
	var n int64
	if err := tx.Row("SELECT COUNT(*) FROM imports WHERE brand_id = $1", brand).Scan(&n); err != nil {
		return "", "", err
	}
	if n > 0 {
		last = fmt.Sprintf("%s-%d", brand, n)
	}
	return last, fmt.Sprintf("%s-%d", brand, n+1), nil
}

// count is what the last feed told of a variant's stock.
type count struct {
	imported  int64
	backorder bool
}

// readCounts reads which variants of a brand are counted. Only commerce/stock
// writes this table; here it is read to leave alone what has not changed.
func readCounts(tx *database.Tx, brand commerce.BrandID) (map[commerce.VariantID]count, error) {
	counts := map[commerce.VariantID]count{}
	err := tx.Rows(`SELECT s.variant_id, s.imported, s.backorder FROM stock s
		JOIN variants v ON v.id = s.variant_id JOIN products p ON p.id = v.product_id WHERE p.brand_id = $1`,
		[]any{brand}, func(scan func(...any) error) error {
			var id commerce.VariantID
			var n count
			var backorder int64
			err := scan(&id, &n.imported, &backorder)
			n.backorder = backorder != 0
			counts[id] = n
			return err
		})
	return counts, err
}
