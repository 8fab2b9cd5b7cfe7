package exchange

// What a brand does with its offers.

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/stock"
)

func allotment(id commerce.BriefID) string { return "brief:" + string(id) }

func speaksFor(of []commerce.BrandID, b commerce.BrandID) bool {
	return of == nil || slices.Contains(of, b)
}

// Begin writes a draft: all but its id, state and times are given.
func (e *Exchange) Begin(ctx context.Context, actor string, b Brief) (Brief, error) {
	b.ID, b.State, b.MadeAt = commerce.BriefID(e.IDs.ID()), Draft, commerce.FromMicros(commerce.Micros(e.Clock.Now()))
	if b.Asks == "" {
		b.Asks = AskAny
	}
	return b, e.DB.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`INSERT INTO briefs (id, brand_id, product_id, variant_id, words, asks, days, lasts, followers, units, state, made_at, made_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'draft', $11, $12)`,
			b.ID, b.Brand, b.Product, b.Variant, b.Words, b.Asks, b.Days, b.Lasts, b.Followers, b.Units, commerce.Micros(b.MadeAt), actor)
		return err
	})
}

// Change writes what a draft of one of the brands says. It returns ErrNoBrief,
// and ErrDecided where it is no draft any more.
func (e *Exchange) Change(ctx context.Context, of []commerce.BrandID, b Brief) error {
	return e.DB.Write(ctx, func(tx *database.Tx) error {
		if _, err := ofBrands(tx, of, b.ID); err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE briefs SET words = $2, asks = $3, days = $4, lasts = $5, followers = $6, units = $7 WHERE id = $1 AND state = 'draft'`,
			b.ID, b.Words, b.Asks, b.Days, b.Lasts, b.Followers, b.Units)
		if err == nil && n == 0 {
			err = ErrDecided
		}
		return err
	})
}

// Discard deletes a draft of one of the brands. Again it does nothing.
func (e *Exchange) Discard(ctx context.Context, of []commerce.BrandID, id commerce.BriefID) error {
	return e.DB.Write(ctx, func(tx *database.Tx) error {
		if _, err := ofBrands(tx, of, id); err != nil {
			if errors.Is(err, ErrNoBrief) {
				err = nil
			}
			return err
		}
		_, err := tx.Exec(`DELETE FROM briefs WHERE id = $1 AND state = 'draft'`, id)
		return err
	})
}

func ofBrands(tx *database.Tx, of []commerce.BrandID, id commerce.BriefID) (Brief, error) {
	b, err := brief(tx, `id = $1`, id)
	if err == nil && !speaksFor(of, b.Brand) {
		err = ErrNoBrief
	}
	return b, err
}

// Open lets creators see a draft of one of the brands, and sets its units aside.
// Again it does nothing. It returns ErrNoBrief, stock.ErrSoldOut where not so
// many are free, and checkout.ErrNoParcel for what is not sent.
func (e *Exchange) Open(ctx context.Context, of []commerce.BrandID, id commerce.BriefID) error {
	b, err := e.Brief(ctx, id)
	if err != nil {
		return err
	}
	if _, err := e.Checkout.Samples(ctx, b.Variant, ""); err != nil {
		return err
	}
	return e.DB.Write(ctx, func(tx *database.Tx) error {
		b, err := ofBrands(tx, of, id)
		if err != nil || b.State != Draft {
			return err
		}
		now := e.Clock.Now()
		b.counted = true
		if err = stock.Allot(tx, allotment(id), stock.Line{Variant: b.Variant, Quantity: b.Units}); errors.Is(err, stock.ErrUncounted) {
			// Of what nobody counts there is always enough.
			b.counted = false
			_, err = tx.Exec(`DELETE FROM allotments WHERE id = $1`, allotment(id))
		}
		if err != nil {
			return err
		}
		tx.After(e.Checkout.Stock.Forget)
		_, err = tx.Exec(`UPDATE briefs SET state = 'open', counted = $2, opened_at = $3, closes_at = $4, due_at = $4 WHERE id = $1 AND state = 'draft'`,
			id, flag(b.counted), commerce.Micros(now), commerce.Micros(now.Add(time.Duration(b.Lasts)*24*time.Hour)))
		return err
	})
}

// Close ends a brief of one of the brands: nobody applies any more, those who wait
// are told, what is left is back on the shelf. What was promised is kept. Again
// it does nothing.
func (e *Exchange) Close(ctx context.Context, of []commerce.BrandID, id commerce.BriefID) error {
	return e.DB.Write(ctx, func(tx *database.Tx) error {
		b, err := ofBrands(tx, of, id)
		if err != nil || b.State != Open {
			return err
		}
		return e.end(tx, b, Closed)
	})
}

// end takes an open brief out of the list.
func (e *Exchange) end(tx *database.Tx, b Brief, to BriefState) error {
	n, err := tx.Exec(`UPDATE briefs SET state = $2, telling = 1 WHERE id = $1 AND state = 'open'`, b.ID, to)
	if err != nil || n == 0 || !b.counted || b.Left() == 0 {
		return err
	}
	tx.After(e.Checkout.Stock.Forget)
	return stock.AllotLess(tx, allotment(b.ID), stock.Line{Variant: b.Variant, Quantity: b.Left()})
}
