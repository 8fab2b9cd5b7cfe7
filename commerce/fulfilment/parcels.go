package fulfilment

import (
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// ParcelState is where a parcel stands: packed, shipped, delivered. Each comes
// after the one before it, once.
type ParcelState string

const (
	Packed    ParcelState = "packed"
	Shipped   ParcelState = "shipped"
	Delivered ParcelState = "delivered"
)

// ParcelID is the id of a parcel.
type ParcelID string

// Parcel is what one brand sends of one order at once.
type Parcel struct {
	ID          ParcelID
	Order       commerce.OrderID
	Number      int64 // within the order, from 1
	Brand       commerce.BrandID
	State       ParcelState
	Tracking    string // how it can be followed
	Items       []Item
	PackedAt    time.Time
	ShippedAt   time.Time
	DeliveredAt time.Time
}

// Pack puts units of an order in a new parcel, with p.ID, p.Order, p.Brand,
// p.Items and p.PackedAt given. It returns ErrGone where a line has not as many
// units to pack.
func Pack(tx *database.Tx, p Parcel) error {
	if _, err := tx.Exec(`INSERT INTO parcels (id, order_id, number, brand_id, state, packed_at)
		SELECT $1, $2, COALESCE(MAX(number), 0) + 1, $3, 'packed', $4 FROM parcels WHERE order_id = $2`,
		p.ID, p.Order, p.Brand, commerce.Micros(p.PackedAt)); err != nil {
		return err
	}
	for _, it := range p.Items {
		if err := moved(tx.Exec(`UPDATE fulfilments SET packed = packed + $3 WHERE order_id = $1 AND position = $2
			AND packed + dropped + $3 <= bought`, p.Order, it.Position, it.Quantity)); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO parcel_lines (parcel_id, position, quantity) VALUES ($1, $2, $3)`, p.ID, it.Position, it.Quantity); err != nil {
			return err
		}
	}
	return nil
}

// Ship marks a packed parcel as sent and reports whether it did: false where
// it was sent before, or unpacked.
func Ship(tx *database.Tx, p Parcel, tracking string, at time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE parcels SET state = 'shipped', tracking = $2, shipped_at = $3 WHERE id = $1 AND state = 'packed'`,
		p.ID, strings.TrimSpace(tracking), commerce.Micros(at))
	if err != nil || n == 0 {
		return false, err
	}
	for _, it := range p.Items {
		if err := moved(tx.Exec(`UPDATE fulfilments SET shipped = shipped + $3 WHERE order_id = $1 AND position = $2
			AND shipped + $3 <= packed`, p.Order, it.Position, it.Quantity)); err != nil {
			return false, err
		}
	}
	return true, nil
}

// Track notes how a parcel can be followed.
func Track(tx *database.Tx, id ParcelID, tracking string) error {
	_, err := tx.Exec(`UPDATE parcels SET tracking = $2 WHERE id = $1`, id, strings.TrimSpace(tracking))
	return err
}

// Deliver marks a parcel that was sent as delivered and reports whether it did.
func Deliver(tx *database.Tx, id ParcelID, at time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE parcels SET state = 'delivered', delivered_at = $2 WHERE id = $1 AND state = 'shipped'`, id, commerce.Micros(at))
	return n == 1, err
}

// Unpack takes apart the parcels of an order that were not sent.
func Unpack(tx *database.Tx, order commerce.OrderID) error {
	list, err := Parcels(tx, order)
	for _, p := range list {
		if err != nil || p.State != Packed {
			continue
		}
		for _, it := range p.Items {
			if _, err = tx.Exec(`UPDATE fulfilments SET packed = packed - $3 WHERE order_id = $1 AND position = $2`, order, it.Position, it.Quantity); err != nil {
				return err
			}
		}
		if _, err = tx.Exec(`DELETE FROM parcel_lines WHERE parcel_id = $1`, p.ID); err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM parcels WHERE id = $1`, p.ID)
	}
	return err
}

// Overdue returns up to n parcels that were sent before the time and of which
// nobody has said that they arrived.
func Overdue(tx *database.Tx, before time.Time, n int) (ids []ParcelID, err error) {
	err = tx.Rows(`SELECT id FROM parcels WHERE state = 'shipped' AND shipped_at <= $1 ORDER BY shipped_at LIMIT $2`,
		[]any{commerce.Micros(before), n}, func(scan func(...any) error) error {
			var id ParcelID
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
	return ids, err
}

// Parcels returns an order's parcels, the first first.
func Parcels(tx *database.Tx, order commerce.OrderID) ([]Parcel, error) {
	return parcels(tx, "order_id = $1", order)
}

// OneParcel returns a parcel, or ErrGone.
func OneParcel(tx *database.Tx, id ParcelID) (Parcel, error) {
	list, err := parcels(tx, "id = $1", id)
	if err == nil && len(list) == 0 {
		err = ErrGone
	}
	if err != nil {
		return Parcel{}, err
	}
	return list[0], nil
}

func parcels(tx *database.Tx, where string, arg any) (list []Parcel, err error) {
	err = tx.Rows(`SELECT id, order_id, number, brand_id, state, tracking, packed_at, shipped_at, delivered_at FROM parcels
		WHERE `+where+` ORDER BY number`, []any{arg}, func(scan func(...any) error) error {
		var p Parcel
		var packed, shipped, delivered int64
		err := scan(&p.ID, &p.Order, &p.Number, &p.Brand, &p.State, &p.Tracking, &packed, &shipped, &delivered)
		p.PackedAt, p.ShippedAt, p.DeliveredAt = commerce.FromMicros(packed), commerce.FromMicros(shipped), commerce.FromMicros(delivered)
		list = append(list, p)
		return err
	})
	for i := range list {
		if err != nil {
			break
		}
		list[i].Items, err = items(tx, `SELECT position, quantity FROM parcel_lines WHERE parcel_id = $1 ORDER BY position`, list[i].ID)
	}
	return list, err
}

func items(tx *database.Tx, query string, arg any) (list []Item, err error) {
	err = tx.Rows(query, []any{arg}, func(scan func(...any) error) error {
		var it Item
		err := scan(&it.Position, &it.Quantity)
		list = append(list, it)
		return err
	})
	return list, err
}
