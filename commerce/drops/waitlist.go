package drops

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/stock"
)

// This file keeps the waitlist of each variant. The rules are:
//   - Who asks for a variant that is sold out is on its list, once, in the order
//     of asking.
//   - A unit that is free while somebody waits is nobody else's: stock.Take
//     leaves as many units as members wait, however they came back.
//   - The next on the list has an allotment of one unit, for them alone, until a
//     time that they are told. Until then nobody takes it from them. Where they
//     have quiet hours, they are told at their end, and the time counts from then.
//   - What they do not pay goes to the next in the transaction that takes it
//     from them, and to everybody where nobody waits.

// PlaceState is what became of a member who waits for a variant.
type PlaceState string

const (
	Listed  PlaceState = "waits"  // on the list
	Kept    PlaceState = "kept"   // a unit is set aside for them alone until Until
	Bought  PlaceState = "sold"   // they bought it
	Missed  PlaceState = "lapsed" // they did not pay in time
	OffList PlaceState = "left"   // they left the list, or gave the unit up
	Back    PlaceState = "told"   // anybody can have it again, and they were told
)

// Place is a member's place on the waitlist of a variant.
type Place struct {
	ID      commerce.PlaceID
	Variant commerce.VariantID
	Member  commerce.MemberID
	State   PlaceState
	Until   time.Time        // of a unit that is kept
	Order   commerce.OrderID // placed on it
	At      time.Time
	Ahead   int64 // members before them, where they wait
	place   int64
}

// Claim names the place to checkout, and the unit that is kept in stock.
func (p Place) Claim() string { return waitPrefix + string(p.ID) }

const waitPrefix = "wait:"

// The conditions a caller branches on.
var (
	ErrNoPlace = &commerce.Error{Kind: commerce.NotFound, Message: "wait.none"}
	ErrThere   = &commerce.Error{Kind: commerce.Conflict, Message: "wait.there"}  // it can be had now
	ErrMissed  = &commerce.Error{Kind: commerce.Conflict, Message: "wait.missed"} // the unit is not kept for them any more
)

// WaitlistConfig is what a Waitlist is connected to.
type WaitlistConfig struct {
	DB     *database.DB
	Clock  commerce.Clock
	IDs    commerce.IDSource
	Window func() time.Duration // how long a unit is kept for the next on the list
}

// Waitlist keeps who waits for which variant. Its methods may be called from
// many goroutines.
type Waitlist struct{ WaitlistConfig }

// NewWaitlist makes a Waitlist.
func NewWaitlist(cfg WaitlistConfig) *Waitlist { return &Waitlist{cfg} }

// Join puts a member on the list of a variant. Who is on it, or has a unit kept,
// stays where they are. It returns ErrThere where it can be had now.
func (w *Waitlist) Join(ctx context.Context, v commerce.VariantID, m commerce.MemberID) (p Place, err error) {
	err = w.DB.Write(ctx, func(tx *database.Tx) error {
		// They may have linked their accounts a moment ago, in another process.
		who, err := members.Current(tx, m)
		if err != nil {
			return err
		}
		if p, err = mineOn(tx, v, who); err == nil || !errors.Is(err, ErrNoPlace) {
			return err
		}
		switch free, err := stock.FreeOf(tx, v); {
		case err != nil:
			return err
		case free.Has(1):
			return ErrThere
		}
		p = Place{ID: commerce.PlaceID(w.IDs.ID()), Variant: v, Member: who, State: Listed, At: w.Clock.Now()}
		if _, err := tx.Exec(`INSERT INTO waitlist (id, variant_id, member_id, place, state, created_at)
			SELECT $1, $2, $3, COALESCE(MAX(place), 0) + 1, 'waits', $4 FROM waitlist WHERE variant_id = $2`, p.ID, v, who, commerce.Micros(p.At)); err != nil {
			return err
		}
		p, err = place1(tx, `id = $1`, p.ID)
		return err
	})
	return p, err
}

// Leave takes a member off the list of a variant; a unit that is kept for them
// goes to the next. One that is being paid stays theirs: ErrPaying.
func (w *Waitlist) Leave(ctx context.Context, v commerce.VariantID, m commerce.MemberID) error {
	return w.DB.Write(ctx, func(tx *database.Tx) error {
		p, err := mineOn(tx, v, m)
		switch {
		case errors.Is(err, ErrNoPlace):
			return nil
		case err != nil:
			return err
		case p.Order != "":
			return ErrPaying
		}
		return w.end(tx, p, OffList)
	})
}

// Mine returns the place that a member has on the list of a variant, or
// ErrNoPlace. One with a unit that is kept comes first.
func (w *Waitlist) Mine(ctx context.Context, v commerce.VariantID, m commerce.MemberID) (p Place, err error) {
	err = w.DB.Read(ctx, func(tx *database.Tx) error {
		p, err = mineOn(tx, v, m)
		return err
	})
	return p, err
}

// Get returns a place, whatever became of it, or ErrNoPlace.
func (w *Waitlist) Get(ctx context.Context, id commerce.PlaceID) (p Place, err error) {
	err = w.DB.Read(ctx, func(tx *database.Tx) error {
		p, err = place1(tx, `id = $1`, id)
		return err
	})
	return p, err
}

// Step does what is due by the clock, and returns how much that was: takes units
// from who did not pay, keeps what is free for those who wait. Several processes
// may call it.
func (w *Waitlist) Step(ctx context.Context) (n int, err error) {
	var due []Place
	var back []commerce.VariantID
	if err := w.DB.Read(ctx, func(tx *database.Tx) (err error) {
		if due, err = places(tx, `state = 'kept' AND kept_until <= $1 AND order_id = '' ORDER BY kept_until, id LIMIT 100`, commerce.Micros(w.Clock.Now())); err != nil {
			return err
		}
		back = nil
		return tx.Rows(`SELECT DISTINCT w.variant_id FROM waitlist w JOIN variants v ON v.id = w.variant_id JOIN products p ON p.id = v.product_id
			LEFT JOIN stock s ON s.variant_id = w.variant_id
			WHERE w.state = 'waits' AND v.hidden = 0 AND p.hidden = 0 AND (s.variant_id IS NULL OR s.free > 0 OR s.backorder = 1) ORDER BY w.variant_id`, nil,
			func(scan func(...any) error) error {
				var v commerce.VariantID
				err := scan(&v)
				back = append(back, v)
				return err
			})
	}); err != nil {
		return 0, err
	}
	for _, p := range due {
		if err := w.DB.Write(ctx, func(tx *database.Tx) error {
			now, err := place1(tx, `id = $1`, p.ID)
			if err != nil || now.State != Kept || now.Order != "" || w.Clock.Now().Before(now.Until) {
				return err
			}
			return w.end(tx, now, Missed)
		}); err != nil {
			return n, fmt.Errorf("waitlist place %s: %w", p.ID, err)
		}
		n++
	}
	for _, v := range back {
		kept := 0
		if err := w.DB.Write(ctx, func(tx *database.Tx) (err error) {
			kept, err = w.offer(tx, v)
			return err
		}); err != nil {
			return n, fmt.Errorf("waitlist of %s: %w", v, err)
		}
		n += kept
	}
	return n, nil
}

const (
	atATime      = 100            // units that are kept in one transaction
	longestNight = 12 * time.Hour // for which a unit is kept besides
)

// offer keeps what is free of a variant for those who wait, in their order, and
// returns for how many. Where it can be had without end, they are told that it
// is back.
func (w *Waitlist) offer(tx *database.Tx, v commerce.VariantID) (int, error) {
	level, err := stock.FreeOf(tx, v)
	if err != nil {
		return 0, err
	}
	n, endless := int64(atATime), !level.Counted || level.Backorder
	if !endless {
		n = min(n, level.Free+level.Awaited)
	}
	next, err := places(tx, `variant_id = $1 AND state = 'waits' ORDER BY place LIMIT $2`, v, max(n, 0))
	if err != nil {
		return 0, err
	}
	for _, p := range next {
		told, err := members.Awake(tx, p.Member, w.Clock.Now())
		if err != nil {
			return 0, err
		}
		if told.After(w.Clock.Now().Add(longestNight)) {
			told = w.Clock.Now() // no unit is off sale for a day
		}
		to, kind, until := Kept, notices.WaitKept, told.Add(w.Window())
		if endless {
			to, kind, until = Back, notices.WaitBack, time.Time{}
		} else if err := stock.Allot(tx, p.Claim(), stock.Line{Variant: v, Quantity: 1}); err != nil {
			return 0, err
		}
		if err := w.put(tx, p, to, until); err != nil {
			return 0, err
		}
		if err := w.tell(tx, kind, p, told); err != nil {
			return 0, err
		}
	}
	return len(next), nil
}

// end takes a place off the list. A unit that was kept goes to the next.
func (w *Waitlist) end(tx *database.Tx, p Place, to PlaceState) error {
	if err := w.put(tx, p, to, p.Until); err != nil || p.State != Kept {
		return err
	}
	if err := stock.CloseAllotment(tx, p.Claim()); err != nil {
		return err
	}
	if to == Missed {
		if err := w.tell(tx, notices.WaitMissed, p, w.Clock.Now()); err != nil {
			return err
		}
	}
	_, err := w.offer(tx, p.Variant)
	return err
}

// put takes a place from the state it was read in to another.
func (w *Waitlist) put(tx *database.Tx, p Place, to PlaceState, until time.Time) error {
	ended := int64(0)
	if to != Kept {
		ended = commerce.Micros(w.Clock.Now())
	}
	n, err := tx.Exec(`UPDATE waitlist SET state = $3, kept_until = $4, ended_at = $5 WHERE id = $1 AND state = $2`, p.ID, p.State, to, commerce.Micros(until), ended)
	if err == nil && n == 0 {
		err = fmt.Errorf("waitlist place %s changed meanwhile", p.ID)
	}
	return err
}

func (w *Waitlist) tell(tx *database.Tx, kind string, p Place, due time.Time) error {
	_, err := notices.Add(tx, w.IDs, w.Clock.Now(), notices.Notice{Kind: kind, Member: p.Member, Due: due, Args: map[string]string{"place": string(p.ID)}, Once: kind + ":" + string(p.ID)})
	return err
}

const selectPlace = `SELECT id, variant_id, member_id, place, state, kept_until, order_id, created_at FROM waitlist WHERE `

func places(tx *database.Tx, tail string, args ...any) (list []Place, err error) {
	err = tx.Rows(selectPlace+tail, args, func(scan func(...any) error) error {
		var p Place
		var until, at int64
		err := scan(&p.ID, &p.Variant, &p.Member, &p.place, &p.State, &until, &p.Order, &at)
		p.Until, p.At = commerce.FromMicros(until), commerce.FromMicros(at)
		list = append(list, p)
		return err
	})
	return list, err
}

// place1 reads a place and how many are before it. It returns ErrNoPlace.
func place1(tx *database.Tx, where string, args ...any) (p Place, err error) {
	list, err := places(tx, where, args...)
	if err != nil {
		return p, fmt.Errorf("read waitlist: %w", err)
	}
	if len(list) == 0 {
		return p, ErrNoPlace
	}
	if p = list[0]; p.State == Listed {
		err = tx.Row(`SELECT COUNT(*) FROM waitlist WHERE variant_id = $1 AND state = 'waits' AND place < $2`, p.Variant, p.place).Scan(&p.Ahead)
	}
	return p, err
}

func mineOn(tx *database.Tx, v commerce.VariantID, m commerce.MemberID) (Place, error) {
	return place1(tx, `variant_id = $1 AND member_id = $2 AND state IN ('waits', 'kept') ORDER BY CASE state WHEN 'kept' THEN 0 ELSE 1 END, place LIMIT 1`, v, m)
}
