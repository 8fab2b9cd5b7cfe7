package drops

// This file is what checkout asks and tells of orders that are placed on a unit
// of a waitlist, and what becomes of the places of people.

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
)

// Claims stands behind orders on a unit of a drop or of a waitlist. It
// implements checkout.Claims: what it does not know is the drops'.
type Claims struct {
	*Drops
	Waitlist *Waitlist
}

var _ checkout.Claims = Claims{}

func waits(claim string) bool { return strings.HasPrefix(claim, waitPrefix) }

func placeOf(claim string) string { return strings.TrimPrefix(claim, waitPrefix) }

// Priced returns the price of a claim's unit. One of a waitlist costs what it
// costs anybody.
func (c Claims) Priced(ctx context.Context, claim string) (commerce.Money, bool, error) {
	if waits(claim) {
		return commerce.Money{}, false, nil
	}
	return c.Drops.Priced(ctx, claim)
}

// Ordered binds the unit to the order that is being placed on it.
func (c Claims) Ordered(tx *database.Tx, o orders.Order) (string, time.Time, error) {
	if waits(o.Claim) {
		return c.Waitlist.ordered(tx, o)
	}
	return c.Drops.Ordered(tx, o)
}

// Sold makes the unit sold.
func (c Claims) Sold(tx *database.Tx, o orders.Order) error {
	if waits(o.Claim) {
		return c.Waitlist.sold(tx, o)
	}
	return c.Drops.Sold(tx, o)
}

// Released takes an order that lapsed off its unit.
func (c Claims) Released(tx *database.Tx, o orders.Order) error {
	if waits(o.Claim) {
		return c.Waitlist.released(tx, o)
	}
	return c.Drops.Released(tx, o)
}

// Late finds a unit for an order that was paid after it had lapsed.
func (c Claims) Late(tx *database.Tx, o orders.Order) (string, error) {
	if waits(o.Claim) {
		return c.Waitlist.late(tx, o)
	}
	return c.Drops.Late(tx, o)
}

// ordered returns ErrMissed where the unit is not the member's any more, and
// where the order is for something else.
func (w *Waitlist) ordered(tx *database.Tx, o orders.Order) (string, time.Time, error) {
	p, err := place1(tx, `id = $1`, placeOf(o.Claim))
	if err != nil {
		return "", time.Time{}, err
	}
	if p.Member != o.Member || !w.Clock.Now().Before(p.Until) || !oneOf(o, p.Variant) {
		return "", time.Time{}, ErrMissed
	}
	n, err := tx.Exec(`UPDATE waitlist SET order_id = $2 WHERE id = $1 AND state = 'kept' AND order_id = ''`, p.ID, o.ID)
	if err == nil && n == 0 {
		err = ErrMissed
	}
	until := p.Until
	if last := w.Clock.Now().Add(longestHold); until.After(last) {
		until = last // ordered in their quiet hours: the unit stays theirs when the order lapses
	}
	return p.Claim(), until, err
}

// oneOf reports whether an order is for one unit of a variant and nothing else.
func oneOf(o orders.Order, v commerce.VariantID) bool {
	units := int64(0)
	for _, l := range o.Lines {
		switch l.Variant {
		case v:
			units += l.Quantity
		case "":
		default:
			return false
		}
	}
	return units == 1
}

func (w *Waitlist) sold(tx *database.Tx, o orders.Order) error {
	p, err := w.bound(tx, o)
	if err != nil || p.ID == "" {
		return err
	}
	return w.end(tx, p, Bought)
}

// bound finds the place whose unit an order has; the zero Place where it has
// none of it any more.
func (w *Waitlist) bound(tx *database.Tx, o orders.Order) (Place, error) {
	p, err := place1(tx, `id = $1`, placeOf(o.Claim))
	if errors.Is(err, ErrNoPlace) || err == nil && (p.State != Kept || p.Order != o.ID) {
		return Place{}, nil
	}
	return p, err
}

// released leaves the unit to its member within their time, and hands it to the
// next after it.
func (w *Waitlist) released(tx *database.Tx, o orders.Order) error {
	p, err := w.bound(tx, o)
	if err != nil || p.ID == "" {
		return err
	}
	if _, err := tx.Exec(`UPDATE waitlist SET order_id = '' WHERE id = $1`, p.ID); err != nil {
		return err
	}
	if w.Clock.Now().Before(p.Until) {
		return nil
	}
	return w.end(tx, p, Missed)
}

// late gives the unit back to an order where it is still kept for its member,
// else one that is free and that nobody waits for.
func (w *Waitlist) late(tx *database.Tx, o orders.Order) (string, error) {
	n, err := tx.Exec(`UPDATE waitlist SET order_id = $2 WHERE id = $1 AND state = 'kept' AND order_id = ''`, placeOf(o.Claim), o.ID)
	if err != nil || n == 0 {
		return "", err
	}
	return o.Claim, nil
}

// Link makes the places of two members one person's. What either was told is
// theirs stays so; of two places on a list the better one stays.
func (w *Waitlist) Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	if _, err := tx.Exec(`UPDATE waitlist SET state = 'left', ended_at = $3 WHERE state = 'waits' AND member_id IN ($1, $2) AND EXISTS (
		SELECT 1 FROM waitlist o WHERE o.variant_id = waitlist.variant_id AND o.member_id IN ($1, $2) AND o.id <> waitlist.id
		AND (o.state = 'kept' OR o.state = 'waits' AND o.place < waitlist.place))`, keep, gone, commerce.Micros(w.Clock.Now())); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE waitlist SET member_id = $1 WHERE member_id = $2`, keep, gone)
	return err
}

// Erase removes the places of a member who is forgotten. A unit whose order
// waits to be paid is freed with the order.
func (w *Waitlist) Erase(tx *database.Tx, m commerce.MemberID) error {
	kept, err := places(tx, `member_id = $1 AND state = 'kept' AND order_id = '' ORDER BY id`, m)
	for _, p := range kept {
		if err != nil {
			return err
		}
		err = w.end(tx, p, OffList)
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(`DELETE FROM waitlist WHERE member_id = $1 AND state <> 'kept'`, m)
	return err
}

// ExportedPlace is a place on a waitlist as its member takes it along.
type ExportedPlace struct {
	Variant commerce.VariantID `json:"variant"`
	Product string             `json:"product"`
	State   PlaceState         `json:"state"`
	At      time.Time          `json:"at"`
}

// Export returns the waitlists a member was or is on.
func (w *Waitlist) Export(ctx context.Context, m commerce.MemberID) (out []ExportedPlace, err error) {
	err = w.DB.Read(ctx, func(tx *database.Tx) error {
		out = []ExportedPlace{}
		return tx.Rows(`SELECT w.variant_id, p.title, w.state, w.created_at FROM waitlist w JOIN variants v ON v.id = w.variant_id JOIN products p ON p.id = v.product_id
			WHERE w.member_id = $1 ORDER BY w.created_at, w.variant_id, w.place`, []any{m}, func(scan func(...any) error) error {
			var e ExportedPlace
			var at int64
			err := scan(&e.Variant, &e.Product, &e.State, &at)
			e.At = commerce.FromMicros(at)
			out = append(out, e)
			return err
		})
	})
	return out, err
}
