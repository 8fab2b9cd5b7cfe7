package payments

// This file keeps what of a sale goes back, by whatever way. The rules:
//   - An order's givebacks together are never more than it took, nor those of
//     what the card paid more than the card paid: one conditional UPDATE of its
//     takings, with CHECKs behind it.
//   - What was paid by card goes to the card or becomes credit; what was paid
//     otherwise goes back to where it was spent from.
//   - One that Stripe refuses before it was ever done counts no longer: the
//     same value can be given back another way.

import (
	"errors"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Way is where money goes back to.
type Way string

const (
	WayCard   Way = "card"
	WayCredit Way = "credit" // store credit of the member
)

// Giveback is a part of a sale, or all of it, that goes back. One to the card
// of which the card paid something has a Refund of the same id.
type Giveback struct {
	ID        commerce.RefundID
	Order     commerce.OrderID
	Value     commerce.Money // of the sale
	Card      commerce.Money // what of it had been paid by card
	Way       Way
	State     RefundState
	Reason    string // cancelled, staff, return or hand
	Return    string // the return it ends, "" for none
	Actor     string
	Lines     []GivebackLine // what it is for; none where it is for an amount
	CreatedAt time.Time
}

// GivebackLine is a line of the order a giveback is for.
type GivebackLine struct {
	Position int64 // of the order's line
	Quantity int64
	Value    commerce.Money
}

// Takings is what an order took and what of it goes back.
type Takings struct {
	Value, Card    int64 // taken, in minor units
	Back, BackCard int64
}

// Left is what of the value has not gone back.
func (t Takings) Left() int64 { return t.Value - t.Back }

// LeftCard is what of it the card had paid.
func (t Takings) LeftCard() int64 { return t.Card - t.BackCard }

// Take returns an order's takings, and begins them with what it took.
func Take(tx *database.Tx, order commerce.OrderID, value, card int64) (t Takings, err error) {
	if _, err = tx.Exec(`INSERT INTO takings (order_id, value, card) VALUES ($1, $2, $3) ON CONFLICT (order_id) DO NOTHING`, order, value, card); err != nil {
		return t, err
	}
	return t, tx.Row(`SELECT value, card, back, back_card FROM takings WHERE order_id = $1`, order).Scan(&t.Value, &t.Card, &t.Back, &t.BackCard)
}

// AddGiveback writes down a giveback of an order whose takings have begun. It
// returns false where not as much is left.
func AddGiveback(tx *database.Tx, g Giveback) (bool, error) {
	if ok, err := giveback(tx, g); err != nil || !ok {
		return false, err
	}
	if _, err := tx.Exec(`INSERT INTO givebacks (id, order_id, value, card, currency, way, state, reason, return_id, actor, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, g.ID, g.Order, g.Value.Amount, g.Card.Amount, g.Value.Currency, g.Way, g.State,
		g.Reason, g.Return, g.Actor, commerce.Micros(g.CreatedAt)); err != nil {
		return false, err
	}
	for _, l := range g.Lines {
		if _, err := tx.Exec(`INSERT INTO giveback_lines (giveback_id, position, quantity, value) VALUES ($1, $2, $3, $4)`,
			g.ID, l.Position, l.Quantity, l.Value.Amount); err != nil {
			return false, err
		}
	}
	return true, nil
}

func giveback(tx *database.Tx, g Giveback) (bool, error) {
	n, err := tx.Exec(`UPDATE takings SET back = back + $2, back_card = back_card + $3
		WHERE order_id = $1 AND back + $2 <= value AND back_card + $3 <= card`, g.Order, g.Value.Amount, g.Card.Amount)
	return n == 1, err
}

// GivebackTurned writes down that a giveback is done, or that it has failed and
// was never done, or that one which had failed was done after all. It returns
// false where it was so already, where there is none of that id, or where not
// as much is left any more.
func GivebackTurned(tx *database.Tx, id commerce.RefundID, to RefundState) (bool, error) {
	g, err := OneGiveback(tx, id)
	if errors.Is(err, ErrUnknown) || err == nil && g.State == to {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	switch {
	case g.State == RefundStateFailed:
		if ok, err := giveback(tx, g); err != nil || !ok {
			return false, err
		}
	case to == RefundStateFailed:
		if _, err := tx.Exec(`UPDATE takings SET back = back - $2, back_card = back_card - $3 WHERE order_id = $1`,
			g.Order, g.Value.Amount, g.Card.Amount); err != nil {
			return false, err
		}
	}
	n, err := tx.Exec(`UPDATE givebacks SET state = $3 WHERE id = $1 AND state = $2`, id, g.State, to)
	return n == 1, err
}

// OneGiveback returns a giveback, or ErrUnknown.
func OneGiveback(tx *database.Tx, id commerce.RefundID) (Giveback, error) {
	list, err := givebacks(tx, "id = $1", id)
	if err == nil && len(list) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return Giveback{}, err
	}
	return list[0], nil
}

// GivebacksOf lists what of an order went back, oldest first.
func GivebacksOf(tx *database.Tx, order commerce.OrderID) ([]Giveback, error) {
	return givebacks(tx, "order_id = $1", order)
}

func givebacks(tx *database.Tx, where string, arg any) (all []Giveback, err error) {
	err = tx.Rows(`SELECT id, order_id, value, card, currency, way, state, reason, return_id, actor, created_at FROM givebacks
		WHERE `+where+` ORDER BY created_at, id`, []any{arg}, func(row func(...any) error) error {
		var g Giveback
		var created int64
		err := row(&g.ID, &g.Order, &g.Value.Amount, &g.Card.Amount, &g.Value.Currency, &g.Way, &g.State, &g.Reason, &g.Return, &g.Actor, &created)
		g.Card.Currency, g.CreatedAt = g.Value.Currency, commerce.FromMicros(created)
		all = append(all, g)
		return err
	})
	for i, g := range all {
		if err != nil {
			break
		}
		err = tx.Rows(`SELECT position, quantity, value FROM giveback_lines WHERE giveback_id = $1 ORDER BY position`, []any{g.ID},
			func(row func(...any) error) error {
				l := GivebackLine{Value: commerce.Money{Currency: g.Value.Currency}}
				err := row(&l.Position, &l.Quantity, &l.Value.Amount)
				all[i].Lines = append(all[i].Lines, l)
				return err
			})
	}
	return all, err
}
