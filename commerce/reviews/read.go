package reviews

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// One returns a review, also one that is hidden, or ErrNone.
func (r *Reviews) One(ctx context.Context, id commerce.ReviewID) (w Review, err error) {
	err = r.DB.Read(ctx, func(tx *database.Tx) (err error) {
		w, err = one(tx, `id = $1`, id)
		return err
	})
	return w, err
}

// Of returns a member's review of a product, or ErrNone.
func (r *Reviews) Of(ctx context.Context, m commerce.MemberID, p commerce.ProductID) (w Review, err error) {
	err = r.DB.Read(ctx, func(tx *database.Tx) (err error) {
		w, err = one(tx, `member_id = $1 AND member_id <> '' AND product_id = $2`, m, p)
		return err
	})
	return w, err
}

// Order is how reviews are listed.
type Order int

const (
	Newest  Order = iota
	Helpful       // what most found helpful is first
)

// List returns a page of at most n reviews of a product that are shown. The
// cursor is "" for the first page.
func (r *Reviews) List(ctx context.Context, p commerce.ProductID, by Order, cursor string, n int) (page commerce.Page[Review], err error) {
	keys, order := `written_at, id`, `written_at DESC, id DESC`
	if by == Helpful {
		keys, order = `helpful, written_at, id`, `helpful DESC, written_at DESC, id DESC`
	}
	where, args := `product_id = $1 AND hidden = 0`, []any{p, n + 1}
	if cursor != "" {
		where += fmt.Sprintf(` AND (%s) < (SELECT %s FROM reviews WHERE id = $3)`, keys, keys)
		args = append(args, cursor)
	}
	return r.page(ctx, where+` ORDER BY `+order+` LIMIT $2`, n, args...)
}

// Waiting returns a page of at most n reviews of brands, nil for all, that wait
// for an answer, the newest first.
func (r *Reviews) Waiting(ctx context.Context, of []commerce.BrandID, cursor string, n int) (page commerce.Page[Review], err error) {
	where, args := `answered_at = 0 AND hidden = 0`, []any{n + 1}
	if of != nil {
		var marks []string
		for _, b := range of {
			args = append(args, b)
			marks = append(marks, fmt.Sprintf("$%d", len(args)))
		}
		where += ` AND brand_id IN (` + strings.Join(marks, ", ") + `)`
	}
	if cursor != "" {
		args = append(args, cursor)
		where += fmt.Sprintf(` AND (written_at, id) < (SELECT written_at, id FROM reviews WHERE id = $%d)`, len(args))
	}
	return r.page(ctx, where+` ORDER BY written_at DESC, id DESC LIMIT $1`, n, args...)
}

func (r *Reviews) page(ctx context.Context, where string, n int, args ...any) (page commerce.Page[Review], err error) {
	err = r.DB.Read(ctx, func(tx *database.Tx) (err error) {
		page = commerce.Page[Review]{}
		page.Items, err = several(tx, where, args...)
		if len(page.Items) > n {
			page.Items = page.Items[:n]
			page.Next = string(page.Items[n-1].ID)
		}
		return err
	})
	return page, err
}

func several(tx *database.Tx, where string, args ...any) (list []Review, err error) {
	err = tx.Rows(`SELECT id, member_id, product_id, brand_id, described, quality, service, body, photos, written_at, edits, helpful, hidden, answer, answer_hidden, answered_by, counted, sample FROM reviews WHERE `+where,
		args, func(scan func(...any) error) error {
			var w Review
			var photos string
			var at, edits, hidden, answerHidden, counted, sample int64
			err := scan(&w.ID, &w.Member, &w.Product, &w.Brand, &w.Stars[0], &w.Stars[1], &w.Stars[2], &w.Words, &photos, &at, &edits, &w.Helpful, &hidden, &w.Answer, &answerHidden, &w.answeredBy, &counted, &sample)
			w.AnswerHidden, w.counted = answerHidden > 0, starsOf(counted)
			w.Photos, w.WrittenAt, w.Edited, w.Hidden = strings.Fields(photos), commerce.FromMicros(at), edits > 0, hidden > 0
			w.Sample = sample > 0
			list = append(list, w)
			return err
		})
	return list, err
}

func one(tx *database.Tx, where string, args ...any) (Review, error) {
	list, err := several(tx, where, args...)
	if err == nil && len(list) == 0 {
		err = ErrNone
	}
	if err != nil {
		return Review{}, err
	}
	return list[0], nil
}

func among(brands []commerce.BrandID, b commerce.BrandID) bool {
	return brands == nil || slices.Contains(brands, b)
}

// AskedWith lists what came in the same parcel as a product and its member has
// not reviewed.
func (r *Reviews) AskedWith(ctx context.Context, m commerce.MemberID, p commerce.ProductID) ([]commerce.ProductID, error) {
	parcel := ""
	err := r.DB.Read(ctx, func(tx *database.Tx) error {
		err := tx.Row(`SELECT parcel_id FROM received WHERE member_id = $1 AND product_id = $2`, m, p).Scan(&parcel)
		if err == database.ErrNone {
			err = nil
		}
		return err
	})
	if err != nil || parcel == "" {
		return nil, err
	}
	return r.Asked(ctx, m, parcel)
}
