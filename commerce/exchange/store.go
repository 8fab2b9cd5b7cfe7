package exchange

import (
	"context"
	"fmt"
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

func briefs(tx *database.Tx, where string, args ...any) (list []Brief, err error) {
	err = tx.Rows(`SELECT id, brand_id, product_id, variant_id, words, asks, days, lasts, followers, units, taken, waits, counted, state, made_at, opened_at, closes_at FROM briefs WHERE `+where,
		args, func(scan func(...any) error) error {
			var b Brief
			var counted, made, opened, closes int64
			err := scan(&b.ID, &b.Brand, &b.Product, &b.Variant, &b.Words, &b.Asks, &b.Days, &b.Lasts, &b.Followers, &b.Units, &b.Taken, &b.Waits, &counted, &b.State, &made, &opened, &closes)
			b.counted, b.MadeAt, b.OpenedAt, b.ClosesAt = counted != 0, commerce.FromMicros(made), commerce.FromMicros(opened), commerce.FromMicros(closes)
			list = append(list, b)
			return err
		})
	return list, err
}

func brief(tx *database.Tx, where string, args ...any) (Brief, error) {
	list, err := briefs(tx, where, args...)
	if err == nil && len(list) == 0 {
		err = ErrNoBrief
	}
	if err != nil {
		return Brief{}, err
	}
	return list[0], nil
}

func bids(tx *database.Tx, where string, args ...any) (list []Bid, err error) {
	err = tx.Rows(`SELECT id, brief_id, brand_id, product_id, creator_id, member_id, words, followers, state, given, at, chosen_at, order_id, review_by, reminded, late, done_at, rate_until, shown_at, due_at FROM bids WHERE `+where,
		args, func(scan func(...any) error) error {
			var b Bid
			var given, at, chosen, by, reminded, late, done, rate, shown, due int64
			err := scan(&b.ID, &b.Brief, &b.Brand, &b.Product, &b.Creator, &b.Member, &b.Words, &b.Followers, &b.State, &given, &at, &chosen, &b.Order, &by, &reminded, &late, &done, &rate, &shown, &due)
			b.Given, b.reminded, b.Late = given != 0, reminded != 0, late != 0
			b.At, b.ChosenAt, b.ReviewBy, b.DoneAt = commerce.FromMicros(at), commerce.FromMicros(chosen), commerce.FromMicros(by), commerce.FromMicros(done)
			b.RateUntil, b.ShownAt, b.due = commerce.FromMicros(rate), commerce.FromMicros(shown), commerce.FromMicros(due)
			list = append(list, b)
			return err
		})
	return list, err
}

func bid(tx *database.Tx, where string, args ...any) (Bid, error) {
	list, err := bids(tx, where, args...)
	if err == nil && len(list) == 0 {
		err = ErrNoBid
	}
	if err != nil {
		return Bid{}, err
	}
	return list[0], nil
}

// among writes a condition on brands, "" for all of them, with its arguments from
// $n on.
func among(brands []commerce.BrandID, n int) (where string, args []any) {
	if brands == nil {
		return "", nil
	}
	var marks []string
	for i, b := range brands {
		args = append(args, b)
		marks = append(marks, fmt.Sprintf("$%d", n+i))
	}
	return ` AND brand_id IN (` + strings.Join(marks, ", ") + `)`, args
}

// partsRead is how many parts of a list are read for a page of what is wanted of
// it: where little is, the page is short and leads on.
const partsRead = 5

// Offers returns a page of at most n briefs that creators can apply for, the
// newest first, of those that are wanted; nil wants all.
func (e *Exchange) Offers(ctx context.Context, wanted func(Brief) bool, cursor string, n int) (page commerce.Page[Brief], err error) {
	now := e.Clock.Now()
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		page = commerce.Page[Brief]{}
		last := cursor
		for range partsRead {
			where, args, some := `state = 'open'`, []any{4 * (n + 1)}, 4*(n+1)
			if last != "" {
				where += ` AND (opened_at, id) < (SELECT opened_at, id FROM briefs WHERE id = $2)`
				args = append(args, last)
			}
			list, err := briefs(tx, where+` ORDER BY opened_at DESC, id DESC LIMIT $1`, args...)
			if err != nil {
				return err
			}
			for _, b := range list {
				if !now.Before(b.ClosesAt) || wanted != nil && !wanted(b) {
					continue
				}
				if len(page.Items) == n {
					page.Next = string(page.Items[n-1].ID)
					return nil
				}
				page.Items = append(page.Items, b)
			}
			if len(list) < some {
				return nil
			}
			last = string(list[len(list)-1].ID)
		}
		page.Next = last
		return nil
	})
	return page, err
}

// OfBrands returns a page of at most n briefs of brands, nil for all, the newest
// first.
func (e *Exchange) OfBrands(ctx context.Context, of []commerce.BrandID, cursor string, n int) (page commerce.Page[Brief], err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		more, args := among(of, 3)
		args = append([]any{n + 1, cursor}, args...)
		after := ` AND $2 = ''`
		if cursor != "" {
			after = ` AND (made_at, id) < (SELECT made_at, id FROM briefs WHERE id = $2)`
		}
		page = commerce.Page[Brief]{}
		page.Items, err = briefs(tx, `made_at > 0`+after+more+` ORDER BY made_at DESC, id DESC LIMIT $1`, args...)
		if len(page.Items) > n {
			page.Items = page.Items[:n]
			page.Next = string(page.Items[n-1].ID)
		}
		return err
	})
	return page, err
}

// Bids returns a page of at most n applications for a brief in a state, the first
// first.
func (e *Exchange) Bids(ctx context.Context, of commerce.BriefID, state BidState, cursor string, n int) (page commerce.Page[Bid], err error) {
	where, args := `brief_id = $1 AND state = $2`, []any{of, state, n + 1}
	if cursor != "" {
		where += ` AND (at, id) > (SELECT at, id FROM bids WHERE id = $4)`
		args = append(args, cursor)
	}
	return e.page(ctx, where+` ORDER BY at, id LIMIT $3`, n, args...)
}

// Given returns at most n applications for a brief to whom a sample was promised,
// the first first.
func (e *Exchange) Given(ctx context.Context, of commerce.BriefID, n int) ([]Bid, error) {
	page, err := e.page(ctx, `brief_id = $1 AND given = 1 AND state IN ('chosen', 'sent', 'arrived', 'done') ORDER BY chosen_at, id LIMIT $2`, n, of, n)
	return page.Items, err
}

// OfMember returns a page of at most n of a member's applications, the newest
// first.
func (e *Exchange) OfMember(ctx context.Context, m commerce.MemberID, cursor string, n int) (page commerce.Page[Bid], err error) {
	where, args := `member_id = $1 AND member_id <> ''`, []any{m, n + 1}
	if cursor != "" {
		where += ` AND (at, id) < (SELECT at, id FROM bids WHERE id = $3)`
		args = append(args, cursor)
	}
	return e.page(ctx, where+` ORDER BY at DESC, id DESC LIMIT $2`, n, args...)
}

func (e *Exchange) page(ctx context.Context, where string, n int, args ...any) (page commerce.Page[Bid], err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		page = commerce.Page[Bid]{}
		page.Items, err = bids(tx, where, args...)
		if len(page.Items) > n {
			page.Items = page.Items[:n]
			page.Next = string(page.Items[n-1].ID)
		}
		return err
	})
	return page, err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
