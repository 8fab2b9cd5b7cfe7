package stock

import (
	"fmt"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// This file sets units aside. The rules are:
//   - An allotment takes its units out of what is free, as a hold does, so that
//     nothing else sells them.
//   - A hold that takes its units from an allotment gives them back to it, and
//     to what is free once the allotment is closed.
//   - Only counted variants can be set aside: of the others there is no end.

// ErrUncounted is returned by Allot for a variant whose units are not counted.
var ErrUncounted = &commerce.Error{Kind: commerce.Conflict, Message: "stock.uncounted"}

// Allot sets units aside under an id. A second call for the same variant does
// nothing. It returns ErrSoldOut where not so many are free, with the arguments
// of Take, and ErrUncounted.
func Allot(tx *database.Tx, id string, l Line) error {
	n, err := tx.Exec(`INSERT INTO allotments (id, variant_id, quantity) VALUES ($1, $2, $3) ON CONFLICT (id, variant_id) DO NOTHING`, id, l.Variant, l.Quantity)
	if err != nil || n == 0 {
		return err
	}
	return setAside(tx, l)
}

// AllotMore sets more units aside under an id that has some of the variant. It
// returns what Allot does, and ErrSoldOut too for one that is closed.
func AllotMore(tx *database.Tx, id string, l Line) error {
	n, err := tx.Exec(`UPDATE allotments SET quantity = quantity + $3 WHERE id = $1 AND variant_id = $2 AND closed = 0`, id, l.Variant, l.Quantity)
	if err == nil && n == 0 {
		err = ErrSoldOut.With("variant", l.Variant).With("free", int64(0))
	}
	if err != nil {
		return err
	}
	return setAside(tx, l)
}

// AllotLess frees units that were set aside and nobody has taken. It returns
// ErrSoldOut where so many are not there.
func AllotLess(tx *database.Tx, id string, l Line) error {
	l.From = id
	if err := fromAllotment(tx, l); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE stock SET held = held - $2, free = free + $2 WHERE variant_id = $1`, l.Variant, l.Quantity)
	return err
}

// setAside takes units out of what is free.
func setAside(tx *database.Tx, l Line) error {
	n, err := tx.Exec(`UPDATE stock SET free = free - $2, held = held + $2 WHERE variant_id = $1 AND free >= $2`, l.Variant, l.Quantity)
	if err != nil || n == 1 {
		return err
	}
	var free int64
	switch err := tx.Row(`SELECT free FROM stock WHERE variant_id = $1`, l.Variant).Scan(&free); err {
	case database.ErrNone:
		return ErrUncounted.With("variant", l.Variant)
	case nil:
		return ErrSoldOut.With("variant", l.Variant).With("free", max(free, 0))
	default:
		return err
	}
}

// CloseAllotment frees the units that nobody has taken, once; those a hold
// still has are free when it is released.
func CloseAllotment(tx *database.Tx, id string) error {
	if _, err := tx.Exec(`UPDATE stock SET held = held - (SELECT a.quantity FROM allotments a WHERE a.id = $1 AND a.variant_id = stock.variant_id),
		free = free + (SELECT a.quantity FROM allotments a WHERE a.id = $1 AND a.variant_id = stock.variant_id)
		WHERE variant_id IN (SELECT variant_id FROM allotments WHERE id = $1)`, id); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE allotments SET quantity = 0, closed = 1 WHERE id = $1`, id)
	return err
}

func fromAllotment(tx *database.Tx, l Line) error {
	n, err := tx.Exec(`UPDATE allotments SET quantity = quantity - $3 WHERE id = $1 AND variant_id = $2 AND quantity >= $3`, l.From, l.Variant, l.Quantity)
	if err != nil {
		return fmt.Errorf("take from allotment: %w", err)
	}
	if n == 0 {
		return ErrSoldOut.With("variant", l.Variant).With("free", int64(0))
	}
	return nil
}

// uncounted is how many units of a held hold go back to an open allotment of a
// row's variant and are not counted.
const uncounted = `(SELECT COALESCE(SUM(l.quantity), 0) FROM hold_lines l JOIN holds h ON h.id = l.hold_id JOIN allotments a ON a.id = l.allotment AND a.variant_id = l.variant_id
	WHERE h.id = $1 AND h.state = 'held' AND l.variant_id = stock.variant_id AND l.counted = 0 AND a.closed = 0)`

// backToAllotments gives the lines of a held hold back to the open allotments
// they came from: they hold nothing then that Release would free.
func backToAllotments(tx *database.Tx, id commerce.HoldID) error {
	// Of a variant that was not counted for a while they are held by nothing: what
	// is set aside is, out of what is free as far as that goes.
	if _, err := tx.Exec(`UPDATE stock SET held = held + `+uncounted+`, free = CASE WHEN backorder = 1 OR free >= `+uncounted+` THEN free - `+uncounted+` ELSE 0 END,
		on_hand = held + `+uncounted+` + sold + CASE WHEN backorder = 1 OR free >= `+uncounted+` THEN free - `+uncounted+` ELSE 0 END
		WHERE variant_id IN (SELECT l.variant_id FROM hold_lines l WHERE l.hold_id = $1) AND `+uncounted+` > 0`, id); err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE allotments SET quantity = quantity + (SELECT l.quantity FROM hold_lines l
			WHERE l.hold_id = $1 AND l.variant_id = allotments.variant_id)
		WHERE closed = 0 AND (id, variant_id) IN (SELECT l.allotment, l.variant_id FROM hold_lines l JOIN holds h ON h.id = l.hold_id
			WHERE h.id = $1 AND h.state = 'held' AND l.allotment <> '')`, id)
	if err != nil || n == 0 {
		return err
	}
	_, err = tx.Exec(`UPDATE hold_lines SET counted = 0 WHERE hold_id = $1 AND (allotment, variant_id) IN (
		SELECT a.id, a.variant_id FROM allotments a WHERE a.closed = 0 AND a.id = hold_lines.allotment)`, id)
	return err
}
