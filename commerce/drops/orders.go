package drops

// This file is what checkout asks and tells of orders that are placed on a
// claim. Its methods implement checkout.Claims.

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
)

// longestHold is how long an order can wait to be paid: a session of Stripe,
// which takes half an hour at least, must outlive it.
const longestHold = 29 * time.Minute

var _ checkout.Claims = (*Drops)(nil)

func place(e Entry) string { return strconv.FormatInt(e.Place, 10) }

// allotment names the units of a drop in stock.
func allotment(id commerce.DropID) string { return "drop:" + string(id) }

// Priced returns the price of a claim's unit; false where it is what anybody
// pays.
func (d *Drops) Priced(ctx context.Context, claim string) (commerce.Money, bool, error) {
	e, err := d.Entry(ctx, commerce.EntryID(claim))
	if err != nil {
		return commerce.Money{}, false, err
	}
	drop, err := d.Get(ctx, e.Drop)
	return drop.Price, drop.Price.Currency != "", err
}

// Ordered binds a won unit to the order that is being placed on it. It returns
// ErrLapsed where the unit is not the member's any more, and where the order
// is for something else, ErrPaused where their time goes on after a pause.
func (d *Drops) Ordered(tx *database.Tx, o orders.Order) (string, time.Time, error) {
	e, err := entry(tx, `id = $1`, o.Claim)
	if err != nil {
		return "", time.Time{}, err
	}
	drop, err := terms(tx, e.Drop)
	late := !d.Clock.Now().Before(e.Until)
	if err == nil && (e.Member != o.Member || late && !drop.Paused || !oneOf(o, e.Variant)) {
		err = ErrLapsed
	}
	if err == nil && late && e.State == Won {
		err = ErrPaused // it is theirs, for what is left of their time after the pause
	}
	if err == nil && drop.Mode == Group && drop.State != Open {
		err = ErrClosed
	}
	if err != nil {
		return "", time.Time{}, err
	}
	n, err := tx.Exec(`UPDATE drop_entries SET order_id = $2 WHERE id = $1 AND state = 'won' AND order_id = ''`, e.ID, o.ID)
	if err == nil && n == 0 {
		err = ErrLapsed
	}
	until := e.Until
	if last := d.Clock.Now().Add(longestHold); until.After(last) {
		until = last // the unit stays theirs when the order lapses
	}
	return allotment(e.Drop), until, err
}

// Sold makes a unit sold. Where it was the last of its variant, those who wait
// are told that it is over.
func (d *Drops) Sold(tx *database.Tx, o orders.Order) error {
	e, err := ordered(tx, o)
	if err != nil || e.ID == "" {
		return err
	}
	if ok, err := put(tx, e, Sold, e.Until, d.Clock.Now()); err != nil || !ok {
		return err
	}
	if _, err := tx.Exec(`UPDATE drop_units SET claimed = claimed - 1, sold = sold + 1 WHERE drop_id = $1 AND variant_id = $2 AND community_id = $3`,
		e.Drop, e.Variant, e.Pool); err != nil {
		return err
	}
	drop, err := load(tx, e.Drop)
	if err != nil {
		return err
	}
	if s, _ := drop.stand(e.Variant); s.Sold == s.Units && (!drop.anyOf() || drop.Left() == 0) {
		return d.sendHome(tx, e.Drop, drop.waitFor(e.Variant))
	}
	return nil
}

// ordered finds the won entry an order was placed on; the zero Entry where it
// is none of that order's any more.
func ordered(tx *database.Tx, o orders.Order) (Entry, error) {
	e, err := entry(tx, `id = $1`, o.Claim)
	if errors.Is(err, ErrNone) || err == nil && (e.State != Won || e.Order != o.ID) {
		return Entry{}, nil
	}
	return e, err
}

// Released takes an order that lapsed off its unit. Within the winner's time it
// stays theirs; after it, it is the next one's.
func (d *Drops) Released(tx *database.Tx, o orders.Order) error {
	e, err := ordered(tx, o)
	if err != nil || e.ID == "" {
		return err
	}
	if _, err := tx.Exec(`UPDATE drop_entries SET order_id = '' WHERE id = $1`, e.ID); err != nil {
		return err
	}
	e.Order = ""
	drop, err := terms(tx, e.Drop)
	if err != nil {
		return err
	}
	if drop.State == Cancelled {
		if err := d.free(tx, e, Lost); err != nil {
			return err
		}
		return d.tell(tx, notices.DropOff, e)
	}
	if gone, err := d.letGo(tx, drop, e, o); err != nil || gone {
		return err
	}
	if drop.Paused {
		return nil
	}
	if d.Clock.Now().Before(e.Until) {
		return nil
	}
	return d.free(tx, e, Lapsed)
}

// Late takes a unit that nobody has and nobody waits for, for an order that was
// paid after it had lapsed.
func (d *Drops) Late(tx *database.Tx, o orders.Order) (string, error) {
	e, err := entry(tx, `id = $1`, o.Claim)
	if err != nil || e.State != Lapsed && e.State != Left && !(e.State == Won && e.Order == "") {
		if errors.Is(err, ErrNone) {
			err = nil
		}
		return "", err
	}
	if !oneOf(o, e.Variant) {
		return "", nil // they have come for another variant since: their entry is for that one
	}
	drop, err := load(tx, e.Drop)
	if err != nil || drop.State != Open && drop.State != Closed || drop.Mode == Group {
		return "", err // what was left is back on the shelf
	}
	if e.State != Won {
		if !d.handsOut(drop) && drop.Waiting() > 0 {
			return "", nil // what is free goes to them, once it is handed out again
		}
		stand, _ := drop.stand(e.Variant)
		pool, ok, err := take(tx, e.Drop, stand, e.From)
		if err != nil || !ok {
			return "", err
		}
		e.Pool = pool
	}
	n, err := tx.Exec(`UPDATE drop_entries SET state = 'won', order_id = $2, won_until = $3, pool = $4 WHERE id = $1`, e.ID, o.ID, commerce.Micros(d.Clock.Now()), e.Pool)
	if err != nil || n == 0 {
		return "", err
	}
	return allotment(e.Drop), nil
}
