package stock_test

import (
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// seed writes a member, and variants with no product story: "a", "b", ….
func seed(t *testing.T, db *database.DB, variants ...commerce.VariantID) {
	t.Helper()
	write(t, db, func(tx *database.Tx) error {
		for _, q := range []string{
			`INSERT INTO members (id, name, locale, created_at) VALUES ('ann', 'Ann', 'en', 1)`,
			`INSERT INTO brands (id, name) VALUES ('acme', 'Acme')`,
			`INSERT INTO products (id, brand_id, handle, title, body, vendor, category, tags, option1, option2, option3, position, created_at, updated_at)
			 VALUES ('p', 'acme', 'p', 'P', '', '', '', '', '', '', '', 1, 1, 1)`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		for i, v := range variants {
			if _, err := tx.Exec(`INSERT INTO variants (id, product_id, sku, value1, value2, value3, price, currency, position)
				VALUES ($1, 'p', '', '', '', '', 100, 'EUR', $2)`, v, i); err != nil {
				return err
			}
		}
		return nil
	})
}

func write(t *testing.T, db *database.DB, fn func(tx *database.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// row is one line of the stock table.
type row struct{ OnHand, Free, Held, Sold int64 }

func rowOf(t *testing.T, db *database.DB, v commerce.VariantID) (r row) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *database.Tx) error {
		return tx.Row(`SELECT on_hand, free, held, sold FROM stock WHERE variant_id = $1`, v).Scan(&r.OnHand, &r.Free, &r.Held, &r.Sold)
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
