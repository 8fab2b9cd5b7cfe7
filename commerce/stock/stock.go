// Package stock counts units: on hand = free + held + sold. A hold takes units
// out of what is free until a deadline that somebody above decides about. An
// allotment sets units aside for something, as a drop; they count as held, and
// a hold can take them out of it.
//
// Oversell is refused by one conditional UPDATE with a CHECK behind it,
// whatever any cache says. A unit that is free while somebody waits for the
// variant is theirs: Take leaves as many as the table waitlist has waiting, which
// commerce/drops keeps. A variant without a row is not counted and always
// there; one that takes backorders may go below zero. It knows no order and no
// price. Start at Take.
package stock

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// ErrSoldOut is returned by Take where not enough units are free; its
// arguments "variant" and "free" say of what, and how many are.
var ErrSoldOut = &commerce.Error{Kind: commerce.Conflict, Message: "stock.soldout"}

// Line is a number of units of one variant.
type Line struct {
	Variant  commerce.VariantID
	Quantity int64
	From     string // the allotment they are taken from, "" for what is free
}

// Hold keeps units for a member.
type Hold struct {
	ID      commerce.HoldID
	Member  commerce.MemberID
	Lines   []Line
	Expires time.Time
}

// Take makes a hold of all its lines, or of none: ErrSoldOut.
func Take(tx *database.Tx, now time.Time, h Hold) error {
	if _, err := tx.Exec(`INSERT INTO holds (id, member_id, state, expires_at, created_at) VALUES ($1, $2, 'held', $3, $4)`,
		h.ID, h.Member, commerce.Micros(h.Expires), commerce.Micros(now)); err != nil {
		return fmt.Errorf("take hold: %w", err)
	}
	// In one order everywhere, so that two carts never wait for each other.
	lines := slices.Clone(h.Lines)
	slices.SortFunc(lines, func(a, b Line) int { return compare(a.Variant, b.Variant) })
	for _, l := range lines {
		counted, err := move(tx, l)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO hold_lines (hold_id, variant_id, quantity, counted, allotment) VALUES ($1, $2, $3, $4, $5)`,
			h.ID, l.Variant, l.Quantity, counted, l.From); err != nil {
			return fmt.Errorf("take hold: %w", err)
		}
	}
	return nil
}

// move takes units from free to held, or from an allotment, which holds them
// already, and returns 1 where they are counted.
func move(tx *database.Tx, l Line) (counted int64, err error) {
	if l.From != "" {
		return 1, fromAllotment(tx, l)
	}
	n, err := tx.Exec(`UPDATE stock SET free = free - $2, held = held + $2
		WHERE variant_id = $1 AND (free - (`+awaited+`) >= $2 OR backorder = 1)`, l.Variant, l.Quantity)
	if err != nil || n == 1 {
		return n, err
	}
	level, err := FreeOf(tx, l.Variant)
	if err != nil || !level.Counted {
		return 0, err
	}
	return 0, ErrSoldOut.With("variant", l.Variant).With("free", level.Free)
}

// awaited counts the members who wait for a row's variant.
const awaited = `SELECT COUNT(*) FROM waitlist w WHERE w.variant_id = stock.variant_id AND w.state = 'waits'`

// Release gives the units of a hold back, once: those of an allotment to it. A
// hold that is not held any more is left as it is.
func Release(tx *database.Tx, id commerce.HoldID) error {
	if err := backToAllotments(tx, id); err != nil {
		return err
	}
	return end(tx, id, "held", "released", `UPDATE stock SET held = held - $2, free = free + $2 WHERE variant_id = $1`)
}

// Sell turns the units of a hold into sold ones, once.
func Sell(tx *database.Tx, id commerce.HoldID) error {
	return end(tx, id, "held", "sold", `UPDATE stock SET held = held - $2, sold = sold + $2 WHERE variant_id = $1`)
}

// Return puts the sold units of a hold back on the shelf, once; those that
// Restock has put there are not counted again.
func Return(tx *database.Tx, id commerce.HoldID) error {
	return end(tx, id, "sold", "returned", `UPDATE stock SET sold = sold - $2, free = free + $2 WHERE variant_id = $1`)
}

// ErrRestock is returned where more units would come back than were sold.
var ErrRestock = &commerce.Error{Kind: commerce.Conflict, Message: "order.state"}

// Restock puts some of the sold units of a hold back on the shelf, and never
// more of them than it sold: ErrRestock.
func Restock(tx *database.Tx, id commerce.HoldID, l Line) error {
	n, err := tx.Exec(`UPDATE hold_lines SET returned = returned + $3 WHERE hold_id = $1 AND variant_id = $2 AND returned + $3 <= quantity
		AND EXISTS (SELECT 1 FROM holds h WHERE h.id = hold_lines.hold_id AND h.state = 'sold')`, id, l.Variant, l.Quantity)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrRestock
	}
	_, err = tx.Exec(`UPDATE stock SET sold = sold - $2, free = free + $2 WHERE variant_id = $1
		AND EXISTS (SELECT 1 FROM hold_lines l WHERE l.hold_id = $3 AND l.variant_id = $1 AND l.counted = 1)`, l.Variant, l.Quantity, id)
	return err
}

// Retake holds the units of a released hold again, for money that came late:
// all of them or ErrSoldOut. They are taken from what is free, or from an
// allotment that is named.
func Retake(tx *database.Tx, id commerce.HoldID, from string) error {
	n, err := tx.Exec(`UPDATE holds SET state = 'held' WHERE id = $1 AND state = 'released'`, id)
	if err != nil || n == 0 {
		return err
	}
	lines, err := linesOf(tx, id)
	if err != nil {
		return err
	}
	for _, l := range lines {
		l.From = from
		counted, err := move(tx, l)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE hold_lines SET counted = $3, allotment = $4 WHERE hold_id = $1 AND variant_id = $2`, id, l.Variant, counted, from); err != nil {
			return err
		}
	}
	return nil
}

func end(tx *database.Tx, id commerce.HoldID, from, to, update string) error {
	n, err := tx.Exec(`UPDATE holds SET state = $3 WHERE id = $1 AND state = $2`, id, from, to)
	if err != nil || n == 0 {
		return err
	}
	lines, err := linesOf(tx, id, "AND counted = 1")
	if err != nil {
		return err
	}
	for _, l := range lines {
		if _, err := tx.Exec(update, l.Variant, l.Quantity); err != nil {
			return fmt.Errorf("hold %s to %s: %w", id, to, err)
		}
	}
	return nil
}

func linesOf(tx *database.Tx, id commerce.HoldID, where ...string) (lines []Line, err error) {
	q := `SELECT variant_id, quantity - returned FROM hold_lines WHERE hold_id = $1`
	for _, w := range where {
		q += " " + w
	}
	err = tx.Rows(q+` ORDER BY variant_id`, []any{id}, func(scan func(...any) error) error {
		var l Line
		err := scan(&l.Variant, &l.Quantity)
		lines = append(lines, l)
		return err
	})
	return lines, err
}

func compare(a, b commerce.VariantID) int {
	if a < b {
		return -1
	} else if a > b {
		return 1
	}
	return 0
}

// Stock reads levels for screens. What it says may be a second old; Take alone
// decides.
type Stock struct {
	db    *database.DB
	clock commerce.Clock

	mu     sync.Mutex
	levels map[commerce.VariantID]Level
	at     time.Time
}

// New makes a Stock on a database.
func New(db *database.DB, clock commerce.Clock) *Stock { return &Stock{db: db, clock: clock} }
