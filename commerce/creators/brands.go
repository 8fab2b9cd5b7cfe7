package creators

// Brands have followers and picks as creators do. The rules:
//   - who follows a brand has the newest picks of its goods in their feed, as
//     feed.go says; what is the same for all of them is kept for a moment.
//   - a member follows at most so many: the feed looks at all of them.

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

const (
	mostBrands  = 100    // that a member follows
	mostOfBrand = 40     // picks of a brand that are looked at for a feed
	mostCounted = 10_000 // followers: of more it is said that there are more
)

// Errors of following brands.
var (
	ErrUnknownBrand = &commerce.Error{Kind: commerce.NotFound, Message: "brand.unknown"}
	ErrBrands       = &commerce.Error{Kind: commerce.Conflict, Message: "brand.many"}
)

// FollowBrand makes a member follow a brand, and reports whether they did not
// before. It returns ErrUnknownBrand and ErrBrands.
func (c *Creators) FollowBrand(ctx context.Context, m commerce.MemberID, id commerce.BrandID) (isNew bool, err error) {
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		isNew = false
		n := 0
		if err := tx.Row(`SELECT COUNT(*) FROM brands WHERE id = $1`, id).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return ErrUnknownBrand
		}
		if err := tx.Row(`SELECT COUNT(*) FROM brand_follows WHERE member_id = $1 AND brand_id <> $2`, m, id).Scan(&n); err != nil {
			return err
		}
		if n >= mostBrands {
			return ErrBrands
		}
		rows, err := tx.Exec(`INSERT INTO brand_follows (member_id, brand_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (member_id, brand_id) DO NOTHING`,
			m, id, commerce.Micros(c.clock.Now()))
		isNew = rows == 1
		return err
	})
	c.brandFollows.Drop(m)
	c.brandFollowers.Drop(id)
	return isNew, err
}

// UnfollowBrand undoes FollowBrand, and reports whether there was something to undo.
func (c *Creators) UnfollowBrand(ctx context.Context, m commerce.MemberID, id commerce.BrandID) (did bool, err error) {
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`DELETE FROM brand_follows WHERE member_id = $1 AND brand_id = $2`, m, id)
		did = n == 1
		return err
	})
	c.brandFollows.Drop(m)
	c.brandFollowers.Drop(id)
	return did, err
}

// BrandsFollowed lists which brands a member follows, the newest first. It costs
// no SQL for half a minute after the first time.
func (c *Creators) BrandsFollowed(ctx context.Context, m commerce.MemberID) ([]commerce.BrandID, error) {
	if m == "" {
		return nil, nil
	}
	return c.brandFollows.Load(m, func() (list []commerce.BrandID, err error) {
		err = c.db.Read(ctx, func(tx *database.Tx) error {
			list = nil
			return tx.Rows(`SELECT brand_id FROM brand_follows WHERE member_id = $1 ORDER BY created_at DESC, brand_id`, []any{m}, func(scan func(...any) error) error {
				var id commerce.BrandID
				err := scan(&id)
				list = append(list, id)
				return err
			})
		})
		return list, err
	})
}

// BrandFollowers returns how many members follow a brand, and whether there are
// more than were counted. It costs no SQL where it was asked a moment ago.
func (c *Creators) BrandFollowers(ctx context.Context, id commerce.BrandID) (n int64, more bool, err error) {
	n, err = c.brandFollowers.Load(id, func() (n int64, err error) {
		err = c.db.Read(ctx, func(tx *database.Tx) error {
			return tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM brand_follows WHERE brand_id = $1 LIMIT $2) f`, id, mostCounted+1).Scan(&n)
		})
		return n, err
	})
	return min(n, mostCounted), n > mostCounted, err
}

// PicksWith returns a page of the picks that recommend goods of a brand, newest
// first, of those that are wanted; nil wants all.
func (c *Creators) PicksWith(ctx context.Context, brand commerce.BrandID, wanted func(*Pick) bool, cursor string, n int) (page commerce.Page[Pick], err error) {
	below, err := below(cursor)
	if err != nil {
		return page, err
	}
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		page, err = walkFrom(tx, wanted, below, n, `pick_brands b JOIN picks p ON p.id = b.pick_id WHERE b.brand_id = $1 AND b.seq < $2`, brand)
		return err
	})
	return page, err
}

// ofBrand reads the newest picks of a brand, as they may be in the feed of who
// follows it.
func (c *Creators) ofBrand(ctx context.Context, brand commerce.BrandID) ([]candidate, error) {
	return c.brandPools.Load(brand, func() (list []candidate, err error) {
		err = c.db.Read(ctx, func(tx *database.Tx) error {
			list, err = candidatesOf(tx, false, false, `pick_brands b JOIN picks p ON p.id = b.pick_id JOIN creators c ON c.id = p.creator_id
				WHERE b.brand_id = $1 AND p.archived = 0 AND c.archived = 0 ORDER BY b.seq DESC LIMIT $2`, brand, mostOfBrand)
			return err
		})
		for i := range list {
			list[i].brandFollowed = true
		}
		return list, err
	})
}

// saveBrands files a pick under the brands whose goods it recommends.
func saveBrands(tx *database.Tx, p Pick) error {
	if _, err := tx.Exec(`DELETE FROM pick_brands WHERE pick_id = $1`, p.ID); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO pick_brands (brand_id, seq, pick_id) SELECT DISTINCT g.brand_id, i.seq, i.pick_id FROM pick_items i JOIN products g ON g.id = i.product_id WHERE i.pick_id = $1`, p.ID)
	return err
}

// linkBrandFollows makes the follows of brands of one who goes those of the one
// who stays: of what both follow the earlier time counts.
func linkBrandFollows(tx *database.Tx, keep, gone commerce.MemberID) error {
	for _, do := range []string{
		`UPDATE brand_follows SET created_at = (SELECT f.created_at FROM brand_follows f WHERE f.member_id = $2 AND f.brand_id = brand_follows.brand_id)
			WHERE member_id = $1 AND EXISTS (SELECT 1 FROM brand_follows f WHERE f.member_id = $2 AND f.brand_id = brand_follows.brand_id AND f.created_at < brand_follows.created_at)`,
		`DELETE FROM brand_follows WHERE member_id = $2 AND EXISTS (SELECT 1 FROM brand_follows k WHERE k.member_id = $1 AND k.brand_id = brand_follows.brand_id)`,
		`UPDATE brand_follows SET member_id = $1 WHERE member_id = $2`,
	} {
		if _, err := tx.Exec(do, keep, gone); err != nil {
			return err
		}
	}
	return nil
}

// ExportBrands tells which brands a member follows. It is for members.OnExport.
func (c *Creators) ExportBrands(ctx context.Context, m commerce.MemberID) (name string, data any, err error) {
	names := []string{}
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		names = []string{}
		return tx.Rows(`SELECT b.name FROM brand_follows f JOIN brands b ON b.id = f.brand_id WHERE f.member_id = $1 ORDER BY f.created_at DESC, b.id`, []any{m}, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			names = append(names, name)
			return err
		})
	})
	return "brands", names, err
}
