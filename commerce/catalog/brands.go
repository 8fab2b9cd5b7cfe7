package catalog

import (
	"context"
	"fmt"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// DeclareBrands makes the brands those that the configuration names. A brand
// it no longer names is hidden with its products, never deleted: orders point
// at it. Declaring the same again changes nothing.
func (c *Catalog) DeclareBrands(ctx context.Context, brands []Brand) error {
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		type state struct {
			name   string
			hidden bool
		}
		had := map[commerce.BrandID]state{}
		err := tx.Rows("SELECT id, name, hidden FROM brands", nil, func(scan func(...any) error) error {
			var id commerce.BrandID
			var s state
			var hidden int64
			err := scan(&id, &s.name, &hidden)
			s.hidden = hidden != 0
			had[id] = s
			return err
		})
		if err != nil {
			return err
		}
		changed := false
		for _, b := range brands {
			if s, ok := had[b.ID]; !ok || s != (state{name: b.Name}) {
				changed = true
				if _, err := tx.Exec(`INSERT INTO brands (id, name) VALUES ($1, $2)
					ON CONFLICT (id) DO UPDATE SET name = excluded.name, hidden = 0`, b.ID, b.Name); err != nil {
					return err
				}
			}
			delete(had, b.ID)
		}
		for id, s := range had {
			if s.hidden {
				continue
			}
			changed = true
			if _, err := tx.Exec("UPDATE brands SET hidden = 1 WHERE id = $1", id); err != nil {
				return err
			}
		}
		if !changed {
			return nil
		}
		return c.grow(tx)
	})
	if err != nil {
		return fmt.Errorf("declare brands: %w", err)
	}
	return nil
}
