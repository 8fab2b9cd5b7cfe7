package orders

// This file keeps orders whose card is only authorised when they are placed.
// What they may come to cost was quoted then, step by step; which of it they
// cost is said once.

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Step is what an order costs at one of the prices that may be reached.
type Step struct {
	Unit  commerce.Money // of a unit of the goods
	Total commerce.Money
	Lines []Line
}

// Later reports that an order's card is only authorised, and charged later.
func (o Order) Later() bool { return len(o.Steps) > 0 }

// Held reports that the card of such an order is authorised.
func (o Order) Held() bool { return !o.HeldAt.IsZero() }

// Hold writes down that an order's card is authorised, and keeps it until then.
func Hold(tx *database.Tx, id commerce.OrderID, now, until time.Time) error {
	n, err := tx.Exec(`UPDATE orders SET held_at = $2 WHERE id = $1 AND state = 'pending' AND held_at = 0`, id, commerce.Micros(now))
	if err != nil || n == 0 {
		return err
	}
	if _, err := Keep(tx, id, until); err != nil {
		return err
	}
	return Record(tx, id, now, "authorised", "stripe")
}

// LetGo ends the hold of a pending order now: what closes orders whose hold is
// over releases it.
func LetGo(tx *database.Tx, id commerce.OrderID, now time.Time) error {
	_, err := tx.Exec(`UPDATE orders SET expires_at = $2 WHERE id = $1 AND state = 'pending' AND expires_at > $2`, id, commerce.Micros(now))
	return err
}

// Fix says what an order costs whose card is authorised, and keeps it until
// then. It reports false where it is not authorised any more.
func Fix(tx *database.Tx, o Order, s Step, now, until time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE orders SET total = $2, checked_at = 0 WHERE id = $1 AND state = 'pending' AND held_at > 0`, o.ID, s.Total.Amount)
	if err != nil || n == 0 {
		return false, err
	}
	if _, err := Keep(tx, o.ID, until); err != nil {
		return false, err
	}
	if _, err := tx.Exec(`DELETE FROM order_lines WHERE order_id = $1`, o.ID); err != nil {
		return false, err
	}
	o.Lines = s.Lines
	if err := writeLines(tx, o); err != nil {
		return false, fmt.Errorf("fix order: %w", err)
	}
	return true, Record(tx, o.ID, now, "fixed", "clock")
}

func writeSteps(list []Step) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	text, err := json.Marshal(list)
	return string(text), err
}

func readSteps(text string) (list []Step, err error) {
	if text == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(text), &list)
	return list, err
}
