package drops

// This file is the group price: it falls in steps as members join. The rules
// are:
//   - Who joins has their card authorised for the highest price, and holds a
//     unit from then on. Nothing is taken before the close.
//   - The close counts who has joined and writes down the price that is reached,
//     with what each of them pays, in one transaction. What happens afterwards
//     to one of them changes nothing for the others.
//   - Where fewer joined than the first step needs, all of them are let go.
//   - Who joins after the close, leaves, is forgotten, or whose authorisation is
//     lost, is let go, and told that nothing was charged. From that moment on
//     they do not count.

import (
	"context"
	"errors"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
)

// Step is a price, and how many must have joined for it. The first one's number
// is the least that must join at all, and its price what cards are authorised
// for.
type Step struct {
	Joined int64
	Price  commerce.Money
}

// missed stands for a price where too few joined.
const missed = -1

// keptAfter is how long an authorised order is kept after the close, which
// moves it on. One that ends before has been let go.
const keptAfter = 24 * time.Hour

// At returns the price that so many members reach, and the step after it; false
// where they are too few or there is none.
func (p Plan) At(joined int64) (now Step, reached bool, next Step, more bool) {
	for _, s := range p.Steps {
		if joined < s.Joined {
			return now, reached, s, true
		}
		now, reached = s, true
	}
	return now, reached, next, false
}

// Missed reports that too few joined.
func (d Drop) Missed() bool { return d.Reached == missed }

// joined counts who has joined, and reads what that came to.
func joined(tx *database.Tx, d *Drop) error {
	if err := tx.Row(`SELECT reached FROM drops WHERE id = $1`, d.ID).Scan(&d.Reached); err != nil {
		return err
	}
	return tx.Row(`SELECT COUNT(*) FROM drop_entries e JOIN orders o ON o.id = e.order_id
		WHERE e.drop_id = $1 AND (e.state = 'sold' OR e.state = 'won' AND o.state = 'pending' AND o.held_at > 0 AND o.expires_at >= $2)`,
		d.ID, commerce.Micros(d.Closes.Add(keptAfter))).Scan(&d.Joined)
}

// Steps returns the prices that may be reached; none where a unit is paid at
// once.
func (d *Drops) Steps(ctx context.Context, claim string) (list []commerce.Money, err error) {
	e, err := d.Entry(ctx, commerce.EntryID(claim))
	if err != nil {
		return nil, err
	}
	drop, err := d.Get(ctx, e.Drop)
	for _, s := range drop.Steps {
		list = append(list, s.Price)
	}
	return list, err
}

// Steps of a waitlist there are none.
func (c Claims) Steps(ctx context.Context, claim string) ([]commerce.Money, error) {
	if waits(claim) {
		return nil, nil
	}
	return c.Drops.Steps(ctx, claim)
}

// Authorised makes who has an order on a unit one of those who joined. It
// returns ErrClosed after the close, ErrLapsed where the unit is not theirs.
func (d *Drops) Authorised(tx *database.Tx, o orders.Order) (until time.Time, err error) {
	e, err := ordered(tx, o)
	if err == nil && e.ID == "" {
		err = ErrLapsed
	}
	if err == nil {
		if _, err = members.Current(tx, o.Member); errors.Is(err, members.ErrUnknown) {
			err = ErrLapsed // forgotten while they authorised their card
		}
	}
	if err != nil {
		return until, err
	}
	// The row is locked by that: the close counts before this, or with it.
	n, err := tx.Exec(`UPDATE drops SET changes = changes + 1 WHERE id = $1 AND state = 'open'`, e.Drop)
	if err == nil && n == 0 {
		err = ErrClosed
	}
	if err != nil {
		return until, err
	}
	drop, err := terms(tx, e.Drop)
	if err != nil {
		return until, err
	}
	until = drop.Closes.Add(keptAfter)
	if _, err := tx.Exec(`UPDATE drop_entries SET won_until = $2 WHERE id = $1`, e.ID, commerce.Micros(until)); err != nil {
		return until, err
	}
	e.Until = until
	return until, d.tell(tx, notices.DropJoined, e)
}

// reach ends a group price whose drop has just been closed: it fixes what is
// captured of everybody, or lets them all go.
func (d *Drops) reach(tx *database.Tx, id commerce.DropID) error {
	drop, err := load(tx, id)
	if err != nil || drop.Mode != Group {
		return err
	}
	step, reached, _, _ := drop.At(drop.Joined)
	price := int64(missed)
	if reached {
		price = step.Price.Amount
	}
	if _, err := tx.Exec(`UPDATE drops SET reached = $2 WHERE id = $1`, id, price); err != nil {
		return err
	}
	return d.orders(tx, drop, func(o commerce.OrderID, held bool) error {
		if held && reached {
			return checkout.Fix(tx, o, step.Price, d.Clock.Now())
		}
		return orders.LetGo(tx, o, d.Clock.Now())
	})
}

// orders does something with every order on a unit of a drop that is not paid,
// and says whether it is one that joined.
func (d *Drops) orders(tx *database.Tx, drop Drop, do func(o commerce.OrderID, held bool) error) error {
	type one struct {
		id         commerce.OrderID
		held, ends int64
	}
	var list []one
	if err := tx.Rows(`SELECT o.id, o.held_at, o.expires_at FROM drop_entries e JOIN orders o ON o.id = e.order_id
		WHERE e.drop_id = $1 AND e.state = 'won' AND o.state = 'pending' ORDER BY e.place, e.id`, []any{drop.ID}, func(scan func(...any) error) error {
		var o one
		err := scan(&o.id, &o.held, &o.ends)
		list = append(list, o)
		return err
	}); err != nil {
		return err
	}
	for _, o := range list {
		if err := do(o.id, o.held > 0 && o.ends >= commerce.Micros(drop.Closes.Add(keptAfter))); err != nil {
			return err
		}
	}
	return nil
}

// letGo frees the unit of an order of a group price that is over, and says why.
// It reports whether it was one that had joined.
func (d *Drops) letGo(tx *database.Tx, drop Drop, e Entry, o orders.Order) (bool, error) {
	if drop.Mode != Group || !o.Held() && drop.State == Open {
		return false, nil
	}
	to := Left
	switch {
	case !o.Held():
		return true, d.free(tx, e, Lapsed) // which tells that it was too late
	case drop.State != Open:
		to = Lost
	}
	if err := d.free(tx, e, to); err != nil {
		return true, err
	}
	return true, d.tell(tx, notices.DropReleased, e)
}

// eraseJoined lets the order of a member who is forgotten go, where the price is
// not fixed yet: what the close has written down is captured.
func (d *Drops) eraseJoined(tx *database.Tx, e Entry) error {
	drop, err := terms(tx, e.Drop)
	if err != nil || drop.Mode != Group || drop.State != Open {
		return err
	}
	return orders.LetGo(tx, e.Order, d.Clock.Now())
}

// leaveGroup gives up an order that is authorised, or waits for it.
func (d *Drops) leaveGroup(ctx context.Context, id commerce.DropID, m commerce.MemberID) error {
	drop, err := d.Get(ctx, id)
	if err != nil || drop.Mode != Group || drop.State != Open || d.GiveUp == nil {
		if err == nil {
			err = ErrPaying
		}
		return err
	}
	mine, err := d.Own(ctx, id, m)
	for _, e := range mine {
		if err == nil && e.State == Won && e.Order != "" {
			err = d.GiveUp(ctx, m, e.Order)
		}
	}
	return err
}
