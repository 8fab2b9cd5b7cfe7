// Package fulfilment keeps what happens to the goods of an order after the
// sale: what of each line is packed, sent, claimed by a return, refunded.
//
// An order's money has its states in commerce/orders; this is a dimension of
// its own beside them. It moves no money, no stock and tells nobody, that is
// commerce/checkout. Each count moves by a conditional UPDATE with a CHECK
// behind it, so of two who pack the last unit one does. Start at Begin, then
// parcels.go and returns.go.
package fulfilment

import (
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

// Line is how a line of an order stands, in units. The line of a parcel's price
// has one unit, which can only be refunded.
type Line struct {
	Position int64 // of the order's line: its index in orders.Order.Lines
	Bought   int64
	Dropped  int64 // refunded before they were packed: not to be sent any more
	Packed   int64 // in parcels, sent or not
	Shipped  int64
	Claimed  int64 // in returns that were not denied
	Refunded int64
}

// ToPack is what has still to be put in a parcel.
func (l Line) ToPack() int64 { return l.Bought - l.Dropped - l.Packed }

// Returnable is what the member can ask to send back.
func (l Line) Returnable() int64 {
	return max(min(l.Shipped-l.Claimed, l.Bought-l.Dropped-l.Refunded), 0)
}

// Item names units of a line.
type Item struct {
	Position int64
	Quantity int64
}

// ErrGone is returned where a line has not as many units left for what shall
// be done with them: somebody was faster.
var ErrGone = &commerce.Error{Kind: commerce.Conflict, Message: "fulfilment.gone"}

// Begin returns how the lines of a paid order stand, by position, and writes
// them down the first time. An order that was sent before parcels were kept is
// all sent.
func Begin(tx *database.Tx, o orders.Order) (map[int64]Line, error) {
	lines, err := Lines(tx, o.ID)
	if err != nil || len(lines) > 0 {
		return lines, err
	}
	for _, l := range first(o) {
		if _, err := tx.Exec(`INSERT INTO fulfilments (order_id, position, bought, packed, shipped) VALUES ($1, $2, $3, $4, $4)
			ON CONFLICT DO NOTHING`, o.ID, l.Position, l.Bought, l.Shipped); err != nil {
			return nil, err
		}
	}
	return Lines(tx, o.ID)
}

// first is how the lines of an order stand before anything was done.
func first(o orders.Order) map[int64]Line {
	lines := map[int64]Line{}
	for i, l := range o.Lines {
		at := Line{Position: int64(i), Bought: l.Quantity}
		switch {
		case l.Kind == pricing.KindShipping:
			at.Bought = 1
		case l.Kind != pricing.KindItem || l.Variant == "":
			continue
		case o.State == orders.Shipped:
			at.Packed, at.Shipped = at.Bought, at.Bought
		}
		lines[at.Position] = at
	}
	return lines
}

// Lines returns how the lines of an order stand; none before Begin.
func Lines(tx *database.Tx, order commerce.OrderID) (map[int64]Line, error) {
	lines := map[int64]Line{}
	err := tx.Rows(`SELECT position, bought, dropped, packed, shipped, claimed, refunded FROM fulfilments WHERE order_id = $1`, []any{order},
		func(scan func(...any) error) error {
			var l Line
			err := scan(&l.Position, &l.Bought, &l.Dropped, &l.Packed, &l.Shipped, &l.Claimed, &l.Refunded)
			lines[l.Position] = l
			return err
		})
	return lines, err
}

// Drop takes units off what has to be sent. It returns ErrGone where not as
// many are unpacked.
func Drop(tx *database.Tx, order commerce.OrderID, it Item) error {
	return moved(tx.Exec(`UPDATE fulfilments SET dropped = dropped + $3 WHERE order_id = $1 AND position = $2
		AND packed + dropped + $3 <= bought`, order, it.Position, it.Quantity))
}

// Refund counts units as refunded, or with a quantity below zero as not
// refunded after all. It returns ErrGone where more would be than were bought.
func Refund(tx *database.Tx, order commerce.OrderID, it Item) error {
	return moved(tx.Exec(`UPDATE fulfilments SET refunded = refunded + $3 WHERE order_id = $1 AND position = $2
		AND refunded + $3 <= bought AND refunded + $3 >= 0`, order, it.Position, it.Quantity))
}

func moved(n int64, err error) error {
	if err == nil && n == 0 {
		err = ErrGone
	}
	return err
}
