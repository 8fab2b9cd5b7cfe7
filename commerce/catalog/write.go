package catalog

import (
	"fmt"
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/media"
)

// chunk is how many rows travel in one statement. More would save PostgreSQL
// trips, but to SQLite $1 is a name that it looks for among all others: with
// 200 rows an import took four times as long.
const chunk = 32

// write carries the difference out. What is neither new nor changed is only
// marked as held by this import, by two statements for all of it.
func (d *difference) write(tx *database.Tx, counter Counter) error {
	if d.last != "" {
		for _, table := range []string{"products", "variants"} {
			if _, err := tx.Exec("UPDATE "+table+" SET import_id = $1 WHERE import_id = $2", d.this, d.last); err != nil {
				return err
			}
		}
	}
	if err := d.hide(tx); err != nil {
		return err
	}
	if err := d.writeProducts(tx); err != nil {
		return err
	}
	if err := d.writeVariants(tx); err != nil {
		return err
	}
	if err := d.writePictures(tx); err != nil {
		return err
	}
	for _, v := range d.counted {
		var err error
		if v.uncount {
			err = counter.Uncount(tx, v.variant)
		} else {
			err = counter.SetImported(tx, v.variant, v.quantity, v.backorder)
		}
		if err != nil {
			return fmt.Errorf("stock of %s: %w", v.variant, err)
		}
		d.wrote(1)
	}
	return nil
}

func (d *difference) hide(tx *database.Tx) error {
	return each(d.removed, func(ids []commerce.ProductID) error {
		args := []any{d.last}
		for _, id := range ids {
			args = append(args, id)
		}
		in := "(" + placeholders(2, len(ids)) + ")"
		if _, err := tx.Exec("UPDATE products SET hidden = 1, import_id = $1 WHERE id IN "+in, args...); err != nil {
			return err
		}
		args = append(args, d.this)
		_, err := tx.Exec("UPDATE variants SET import_id = $1 WHERE product_id IN "+in+" AND import_id = $"+fmt.Sprint(len(args)), args...)
		return err
	})
}

func (d *difference) writeProducts(tx *database.Tx) error {
	return each(d.products, func(rows []*productRow) error {
		var args []any
		for _, r := range rows {
			args = append(args, r.id, r.brand, r.handle, r.title, r.body, r.vendor, r.category, r.tags,
				r.options[0], r.options[1], r.options[2], flag(r.digital), flag(r.hidden), r.importID, r.position, r.createdAt, r.updatedAt)
		}
		_, err := tx.Exec(`INSERT INTO products (id, brand_id, handle, title, body, vendor, category, tags, option1, option2, option3,
				digital, hidden, import_id, position, created_at, updated_at) VALUES `+tuples(len(rows), len(args))+`
			ON CONFLICT (id) DO UPDATE SET handle = excluded.handle, title = excluded.title, body = excluded.body, vendor = excluded.vendor,
				category = excluded.category, tags = excluded.tags, option1 = excluded.option1, option2 = excluded.option2,
				option3 = excluded.option3, digital = excluded.digital, hidden = excluded.hidden, import_id = excluded.import_id,
				position = excluded.position, updated_at = excluded.updated_at`, args...)
		d.wrote(len(rows))
		return err
	})
}

func (d *difference) writeVariants(tx *database.Tx) error {
	return each(d.variants, func(rows []variantRow) error {
		var args []any
		for _, v := range rows {
			args = append(args, v.id, v.product, v.sku, v.values[0], v.values[1], v.values[2], v.price, v.compareAt, v.currency,
				flag(v.shipped), flag(v.taxable), v.picture, flag(v.hidden), v.importID, v.position)
		}
		_, err := tx.Exec(`INSERT INTO variants (id, product_id, sku, value1, value2, value3, price, compare_at, currency,
				shipped, taxable, picture, hidden, import_id, position) VALUES `+tuples(len(rows), len(args))+`
			ON CONFLICT (id) DO UPDATE SET sku = excluded.sku, value1 = excluded.value1, value2 = excluded.value2, value3 = excluded.value3,
				price = excluded.price, compare_at = excluded.compare_at, currency = excluded.currency, shipped = excluded.shipped,
				taxable = excluded.taxable, picture = excluded.picture, hidden = excluded.hidden, import_id = excluded.import_id,
				position = excluded.position`, args...)
		d.wrote(len(rows))
		return err
	})
}

// writePictures replaces the pictures of products that have others now, and
// asks for all that are new.
func (d *difference) writePictures(tx *database.Tx) error {
	err := each(d.pictures, func(rows []*productRow) error {
		var ids []any
		for _, r := range rows {
			ids = append(ids, r.id)
		}
		if _, err := tx.Exec("DELETE FROM product_pictures WHERE product_id IN ("+placeholders(1, len(ids))+")", ids...); err != nil {
			return err
		}
		type placed struct {
			product  commerce.ProductID
			position int
			Picture
		}
		var all []placed
		for _, r := range rows {
			for i, p := range r.pictures {
				all = append(all, placed{r.id, i + 1, p})
			}
		}
		return each(all, func(rows []placed) error {
			var args []any
			for _, p := range rows {
				args = append(args, p.product, p.position, p.Source, p.Alt)
			}
			_, err := tx.Exec("INSERT INTO product_pictures (product_id, position, source, alt) VALUES "+tuples(len(rows), len(args)), args...)
			return err
		})
	})
	if err != nil {
		return err
	}
	var sources []string
	for _, r := range d.pictures {
		for _, p := range r.pictures {
			sources = append(sources, p.Source)
		}
	}
	for _, v := range d.variants {
		if v.picture != "" && !v.hidden {
			sources = append(sources, v.picture)
		}
	}
	return media.Want(tx, sources)
}

// wrote tells of progress: so many rows more.
func (d *difference) wrote(n int) {
	d.done += n
	if d.in.Progress != nil {
		d.in.Progress(d.done, len(d.products)+len(d.variants)+len(d.counted))
	}
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// each calls fn with at most chunk of the rows at a time.
func each[T any](rows []T, fn func([]T) error) error {
	for len(rows) > 0 {
		n := min(len(rows), chunk)
		if err := fn(rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// placeholders writes "$2, $3" for (2, 2).
func placeholders(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "$%d", from+i)
	}
	return b.String()
}

// tuples writes the placeholders of args arguments in so many rows:
// "($1, $2), ($3, $4)" for (2, 4).
func tuples(rows, args int) string {
	var b strings.Builder
	width := args / rows
	for i := range rows {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + placeholders(1+i*width, width) + ")")
	}
	return b.String()
}
