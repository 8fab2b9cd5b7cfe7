package stock

import (
	"context"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Level says how many units of a variant can be had.
type Level struct {
	Counted   bool  // false: as many as one likes
	Free      int64 // that nobody waits for
	Awaited   int64 // free too, and kept for members who wait
	Backorder bool  // may be ordered though none is free
}

// Has reports whether n units can be had now.
func (l Level) Has(n int64) bool { return !l.Counted || l.Backorder || l.Free >= n }

// fresh is how old a level on a screen may be.
const fresh = time.Second

// Levels returns the level of every counted variant, at most a second old. A
// variant that is not in the map is not counted. The map must not be changed.
func (s *Stock) Levels(ctx context.Context) (map[commerce.VariantID]Level, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	if s.levels != nil && now.Sub(s.at) < fresh && !now.Before(s.at) {
		return s.levels, nil
	}
	var levels map[commerce.VariantID]Level
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		levels = make(map[commerce.VariantID]Level, len(s.levels))
		return tx.Rows(`SELECT s.variant_id, s.free, s.backorder, COALESCE(w.n, 0) FROM stock s
			LEFT JOIN (SELECT variant_id, COUNT(*) AS n FROM waitlist WHERE state = 'waits' GROUP BY variant_id) w ON w.variant_id = s.variant_id`,
			nil, func(scan func(...any) error) error {
				var v commerce.VariantID
				var free, backorder, waiting int64
				err := scan(&v, &free, &backorder, &waiting)
				levels[v] = levelOf(free, backorder, waiting)
				return err
			})
	})
	if err != nil {
		return nil, fmt.Errorf("read stock: %w", err)
	}
	s.levels, s.at = levels, now
	return levels, nil
}

func levelOf(free, backorder, waiting int64) Level {
	free = max(free, 0)
	waiting = min(waiting, free)
	return Level{Counted: true, Free: free - waiting, Awaited: waiting, Backorder: backorder == 1}
}

// FreeOf returns the level of a variant as it is in this transaction.
func FreeOf(tx *database.Tx, v commerce.VariantID) (Level, error) {
	var free, backorder, waiting int64
	switch err := tx.Row(`SELECT free, backorder, (`+awaited+`) FROM stock WHERE variant_id = $1`, v).Scan(&free, &backorder, &waiting); err {
	case database.ErrNone:
		return Level{}, nil
	case nil:
		return levelOf(free, backorder, waiting), nil
	default:
		return Level{}, fmt.Errorf("read stock: %w", err)
	}
}

// Forget drops the cached levels: after a sale of this process its own members
// see the new number at once.
func (s *Stock) Forget() {
	s.mu.Lock()
	s.levels = nil
	s.mu.Unlock()
}

// SetImported takes over the quantity a feed tells for a variant: the stock
// moves by the difference to the quantity the last feed told, so that what was
// sold in between stays sold, and never below what is held.
func (s *Stock) SetImported(tx *database.Tx, v commerce.VariantID, quantity int64, backorder bool) error {
	order := int64(0)
	if backorder {
		order = 1
	}
	var free, imported int64
	switch err := tx.Row(`SELECT free, imported FROM stock WHERE variant_id = $1`, v).Scan(&free, &imported); err {
	case database.ErrNone:
		// What is set aside of it stays so, where it was counted once before.
		var aside int64
		if err := tx.Row(`SELECT COALESCE(SUM(quantity), 0) FROM allotments WHERE variant_id = $1`, v).Scan(&aside); err != nil {
			return err
		}
		free := quantity - aside
		if !backorder {
			free = max(free, 0)
		}
		_, err := tx.Exec(`INSERT INTO stock (variant_id, on_hand, free, held, backorder, imported) VALUES ($1, $2, $3, $4, $5, $6)`,
			v, free+aside, free, aside, order, quantity)
		return err
	case nil:
		now := free + quantity - imported
		if !backorder {
			now = max(now, 0)
		}
		_, err := tx.Exec(`UPDATE stock SET free = $2, on_hand = on_hand - free + $2, backorder = $3, imported = $4 WHERE variant_id = $1`,
			v, now, order, quantity)
		tx.After(s.Forget)
		return err
	default:
		return err
	}
}

// Uncount stops counting a variant: its feed no longer does. Units held or
// sold stay so; from now on there is always one more.
func (s *Stock) Uncount(tx *database.Tx, v commerce.VariantID) error {
	if _, err := tx.Exec(`UPDATE hold_lines SET counted = 0 WHERE variant_id = $1`, v); err != nil {
		return err
	}
	tx.After(s.Forget)
	_, err := tx.Exec(`DELETE FROM stock WHERE variant_id = $1`, v)
	return err
}
