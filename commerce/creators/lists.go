package creators

// Lists of creators and of picks. The rules:
//   - every list is read page by page, in the order of an index, however many
//     creators and picks there are.
//   - a page continues below the last entry of the one before it, wherever new
//     ones have appeared since: nothing twice, nothing left out.

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Listed is a creator in a list.
type Listed struct {
	Creator
	Picks int64 // that are shown today, whatever they lead to
}

// List returns a page of the creators of today, as the YAML has them and then
// those who became one here, the newest first. Where brands are named, those
// are left out whose picks are all of others.
func (c *Creators) List(ctx context.Context, brands []commerce.BrandID, cursor string, n int) (page commerce.Page[Listed], err error) {
	after, last := int64(-1), ""
	if cursor != "" {
		at, id, _ := strings.Cut(cursor, "x") // no digit of base 32
		if after, err = strconv.ParseInt(at, 32, 64); err != nil || after < 0 {
			return page, ErrCursor
		}
		last = id
	}
	args := []any{after, last, n + 1}
	where := ""
	if len(brands) > 0 {
		marks := make([]string, len(brands))
		for i, b := range brands {
			args = append(args, b)
			marks[i] = fmt.Sprintf("$%d", len(args))
		}
		where = ` AND (EXISTS (SELECT 1 FROM picks p JOIN pick_items i ON i.pick_id = p.id JOIN products g ON g.id = i.product_id
			WHERE p.creator_id = c.id AND p.archived = 0 AND g.brand_id IN (` + strings.Join(marks, ", ") + `))
			OR NOT EXISTS (SELECT 1 FROM picks p WHERE p.creator_id = c.id AND p.archived = 0))`
	}
	var positions []int64
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		page.Items, positions = nil, nil
		return tx.Rows(`SELECT `+creatorColumns+`, (SELECT COUNT(*) FROM picks p WHERE p.creator_id = c.id AND p.archived = 0)
			FROM creators c WHERE c.archived = 0 AND (c.position > $1 OR c.position = $1 AND c.id > $2)`+where+`
			ORDER BY c.position, c.id LIMIT $3`, args, func(scan func(...any) error) error {
			var picks int64
			one, err := scanCreator(func(dest ...any) error { return scan(append(dest, &picks)...) })
			page.Items, positions = append(page.Items, Listed{one.Creator, picks}), append(positions, one.position)
			return err
		})
	})
	if err == nil && len(page.Items) > n {
		page.Items = page.Items[:n]
		page.Next = strconv.FormatInt(positions[n-1], 32) + "x" + string(page.Items[n-1].ID)
	}
	return page, err
}

// PicksOf returns a page of one creator's picks, newest first, of those that
// are wanted; nil wants all. The first page begins with the one that is pinned,
// beside the n others.
func (c *Creators) PicksOf(ctx context.Context, id commerce.CreatorID, wanted func(*Pick) bool, cursor string, n int) (page commerce.Page[Pick], err error) {
	below, err := below(cursor)
	if err != nil {
		return page, err
	}
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		var pinned []Pick
		if cursor == "" {
			if pinned, err = picksWhere(tx, `p.creator_id = $1 AND p.pinned = 1 AND p.archived = 0`, id); err != nil {
				return err
			}
			pinned = slices.DeleteFunc(pinned, func(p Pick) bool { return wanted != nil && !wanted(&p) })
		}
		page, err = walk(tx, wanted, below, n, `p.creator_id = $1 AND p.pinned = 0 AND p.seq < $2`, id)
		page.Items = append(pinned, page.Items...)
		return err
	})
	return page, err
}

// walk returns a page of some picks, newest first. They are read in parts: $1 of
// the condition is arg, $2 below which they are read, $3 how many of them.
func walk(tx *database.Tx, wanted func(*Pick) bool, below int64, n int, where string, arg any) (page commerce.Page[Pick], err error) {
	return walkFrom(tx, wanted, below, n, `picks p WHERE `+where, arg)
}

// walkFrom is walk of picks, called p, that are found by another table.
func walkFrom(tx *database.Tx, wanted func(*Pick) bool, below int64, n int, from string, arg any) (page commerce.Page[Pick], err error) {
	for {
		some := 4 * (n + 1)
		list, err := picksFrom(tx, from+` AND p.archived = 0 ORDER BY p.seq DESC LIMIT $3`, arg, below, some)
		if err != nil {
			return page, err
		}
		for i := range list {
			switch p := &list[i]; {
			case wanted != nil && !wanted(p):
			case len(page.Items) == n:
				page.Next = strconv.FormatInt(page.Items[n-1].Seq, 36)
				return page, nil
			default:
				page.Items = append(page.Items, *p)
			}
		}
		if len(list) < some {
			return page, nil
		}
		below = list[len(list)-1].Seq
	}
}

// below reads the cursor of picks: the place of the last one shown, in base 36.
func below(cursor string) (int64, error) {
	if cursor == "" {
		return 1 << 62, nil
	}
	n, err := strconv.ParseInt(cursor, 36, 64)
	if err != nil || n < 0 {
		return 0, ErrCursor
	}
	return n, nil
}

const mostRecommending = 20

// Recommending lists some of the creators who recommend a product today, each
// once, the one with the newest pick first. It costs no SQL where it was asked
// a moment ago.
func (c *Creators) Recommending(ctx context.Context, product commerce.ProductID) ([]Creator, error) {
	return c.recommending.Load(product, func() (list []Creator, err error) {
		err = c.db.Read(ctx, func(tx *database.Tx) error {
			list = nil
			// Of a product that all recommend the newest are enough.
			return tx.Rows(`SELECT `+creatorColumns+` FROM (SELECT p.creator_id AS id, MAX(i.seq) AS seq FROM
				(SELECT pick_id, seq FROM pick_items WHERE product_id = $1 ORDER BY seq DESC LIMIT 50) i
				JOIN picks p ON p.id = i.pick_id WHERE p.archived = 0 GROUP BY p.creator_id) r
				JOIN creators c ON c.id = r.id WHERE c.archived = 0 ORDER BY r.seq DESC LIMIT $2`, []any{product, mostRecommending},
				func(scan func(...any) error) error {
					one, err := scanCreator(scan)
					list = append(list, one.Creator)
					return err
				})
		})
		return list, err
	})
}

// Newcomers returns a page of those who became creators here lately and have
// posted, the newest first, but those whom a member follows and themselves.
// Where brands are named, those are left out whose picks are all of others.
func (c *Creators) Newcomers(ctx context.Context, m commerce.MemberID, brands []commerce.BrandID, cursor string, n int) (page commerce.Page[Listed], err error) {
	since, before, last := commerce.Micros(c.clock.Now().Add(-newTime)), int64(1<<62), ""
	if cursor != "" {
		at, id, _ := strings.Cut(cursor, "x") // no digit of base 32
		if before, err = strconv.ParseInt(at, 32, 64); err != nil || before < 0 {
			return page, ErrCursor
		}
		last = id
	}
	posted := `picks p WHERE p.creator_id = c.id AND p.archived = 0`
	in, args := marks(brands, m, since, before, last, n+1)
	if len(brands) > 0 {
		posted = `picks p JOIN pick_brands b ON b.pick_id = p.id WHERE p.creator_id = c.id AND p.archived = 0 AND b.brand_id IN (` + in + `)`
	}
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		page.Items = nil
		return tx.Rows(`SELECT `+creatorColumns+`, (SELECT COUNT(*) FROM picks p WHERE p.creator_id = c.id AND p.archived = 0)
			FROM creators c WHERE c.made_at > 0 AND c.made_at > $2 AND (c.made_at < $3 OR c.made_at = $3 AND c.id < $4) AND c.archived = 0 AND c.member_id <> $1
			AND NOT EXISTS (SELECT 1 FROM follows f WHERE f.member_id = $1 AND f.creator_id = c.id) AND EXISTS (SELECT 1 FROM `+posted+`)
			ORDER BY c.made_at DESC, c.id DESC LIMIT $5`, args, func(scan func(...any) error) error {
			var picks int64
			one, err := scanCreator(func(dest ...any) error { return scan(append(dest, &picks)...) })
			page.Items = append(page.Items, Listed{one.Creator, picks})
			return err
		})
	})
	if err == nil && len(page.Items) > n {
		page.Items = page.Items[:n]
		page.Next = strconv.FormatInt(commerce.Micros(page.Items[n-1].MadeAt), 32) + "x" + string(page.Items[n-1].ID)
	}
	return page, err
}

// Featured returns a page of the picks that are featured where these creators
// are, the newest first: the same that the feed knows.
func (c *Creators) Featured(ctx context.Context, featured []commerce.CreatorID, wanted func(*Pick) bool, cursor string, n int) (page commerce.Page[Pick], err error) {
	below, err := below(cursor)
	if err != nil {
		return page, err
	}
	pool, err := c.pool(ctx, featured)
	if err != nil {
		return page, err
	}
	seen := map[commerce.PickID]bool{}
	var list []candidate
	for _, one := range pool {
		if one.featured && !seen[one.ID] && one.Seq < below && (wanted == nil || wanted(&one.Pick)) {
			seen[one.ID] = true
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b candidate) int { return cmp.Compare(b.Seq, a.Seq) })
	for _, one := range list {
		if len(page.Items) == n {
			page.Next = strconv.FormatInt(page.Items[n-1].Seq, 36)
			break
		}
		p, err := c.Pick(ctx, one.ID)
		if err != nil {
			return page, err
		}
		if !p.Archived {
			page.Items = append(page.Items, p)
		}
	}
	return page, nil
}
