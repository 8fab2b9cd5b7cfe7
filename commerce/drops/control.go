package drops

import (
	"context"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/stock"
)

// This file is what the staff can do with a drop that is announced. The rules
// are:
//   - While it is paused nobody claims, nothing is handed on and no winner's
//     time runs out: it is longer by the pause.
//   - Cancelled, it is over for everybody who has not paid, and all of them are
//     told. What was paid stays sold; what is being paid is closed, or turns out
//     to be paid.
//   - Who did what is written down.

// Pause stops a drop, or lets it go on. Doing it twice does it once. It returns
// ErrNone, and ErrClosed where it is over.
func (d *Drops) Pause(ctx context.Context, id commerce.DropID, actor string, stop bool) error {
	return d.change(ctx, id, func(tx *database.Tx, drop Drop) error {
		now := d.Clock.Now()
		if drop.Paused == stop {
			return nil
		}
		if stop {
			if _, err := tx.Exec(`UPDATE drops SET paused = $2, changes = changes + 1 WHERE id = $1`, id, commerce.Micros(now)); err != nil {
				return err
			}
			return d.record(tx, id, "paused", actor)
		}
		if _, err := tx.Exec(`UPDATE drop_entries SET won_until = won_until + $2 - (SELECT paused FROM drops WHERE id = $1)
			WHERE drop_id = $1 AND state = 'won' AND order_id = ''`, id, commerce.Micros(now)); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE drops SET paused = 0, changes = changes + 1 WHERE id = $1`, id); err != nil {
			return err
		}
		for _, s := range drop.Stands {
			if err := d.next(tx, id, s.Variant); err != nil {
				return err
			}
		}
		return d.record(tx, id, "resumed", actor)
	})
}

// Cancel ends a drop. Doing it twice does it once. It returns ErrNone, and
// ErrClosed where it is over.
func (d *Drops) Cancel(ctx context.Context, id commerce.DropID, actor string) error {
	var paying []Entry
	err := d.change(ctx, id, func(tx *database.Tx, drop Drop) error {
		paying = nil
		if ok, err := move(tx, id, drop.State, Cancelled, d.Clock.Now()); err != nil || !ok {
			return err
		}
		list, err := entries(tx, `drop_id = $1 AND state IN ('waits', 'won') ORDER BY place`, id)
		if err != nil {
			return err
		}
		for _, e := range list {
			switch {
			case e.Order != "":
				paying = append(paying, e)
				continue
			case e.State == Won:
				err = d.free(tx, e, Lost)
			default:
				_, err = put(tx, e, Lost, time.Time{}, d.Clock.Now())
			}
			if err == nil && (e.State == Won || e.asked()) {
				err = d.tell(tx, notices.DropOff, e)
			}
			if err != nil {
				return err
			}
		}
		if drop.Mode == Group { // whatever happens to this process, they are released
			if err := d.orders(tx, drop, func(o commerce.OrderID, _ bool) error { return orders.LetGo(tx, o, d.Clock.Now()) }); err != nil {
				return err
			}
		}
		if err := stock.CloseAllotment(tx, allotment(id)); err != nil {
			return err
		}
		if err := d.tellChats(tx, notices.DropOff, id); err != nil {
			return err
		}
		if err := d.tellOff(tx, id); err != nil {
			return err
		}
		return d.record(tx, id, "cancelled", actor)
	})
	for _, e := range paying {
		if d.GiveUp == nil {
			break
		}
		// Where Stripe does not answer now, checkout goes on with closing it.
		if err := d.GiveUp(ctx, e.Member, e.Order); err != nil && d.Log != nil {
			d.Log.Warn("an order of a cancelled drop is not closed yet", "drop", id, "order", e.Order, "err", err)
		}
	}
	return err
}

// change does something with a drop that is not over.
func (d *Drops) change(ctx context.Context, id commerce.DropID, do func(tx *database.Tx, drop Drop) error) error {
	err := d.DB.Write(ctx, func(tx *database.Tx) error {
		drop, err := load(tx, id)
		if err != nil {
			return err
		}
		if !slices.Contains([]State{Announced, Open, Closed}, drop.State) {
			return ErrClosed
		}
		return do(tx, drop)
	})
	d.seen.Drop(id)
	if err == nil {
		_, err = d.openGates(ctx)
	}
	return err
}

func (d *Drops) record(tx *database.Tx, id commerce.DropID, event, actor string) error {
	return d.recordAt(tx, id, event, actor, "", d.Clock.Now())
}

// Figures are how a drop does, counted.
type Figures struct {
	Drop    Drop
	Told    int64 // groups
	Untold  int64 // that take no message
	Entered int64 // members who ever took part
	Lapsed  int64 // who did not pay in time
	Lost    int64 // for whom nothing was left
}

// Figures returns how the drops of some brands do, nil for all, the newest
// first, n at most.
func (d *Drops) Figures(ctx context.Context, brands []commerce.BrandID, n int) (list []Figures, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		var ids []commerce.DropID
		if err := tx.Rows(`SELECT id, brand_id FROM drops ORDER BY created_at DESC, id`, nil, func(scan func(...any) error) error {
			var id commerce.DropID
			var b commerce.BrandID
			err := scan(&id, &b)
			if len(ids) < n && (brands == nil || slices.Contains(brands, b)) {
				ids = append(ids, id)
			}
			return err
		}); err != nil {
			return err
		}
		for _, id := range ids {
			f, err := figures(tx, id)
			if err != nil {
				return err
			}
			list = append(list, f)
		}
		return nil
	})
	return list, err
}

// FiguresOf returns one drop of these brands, nil for all of them, or ErrNone.
func (d *Drops) FiguresOf(ctx context.Context, brands []commerce.BrandID, id commerce.DropID) (f Figures, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) (err error) {
		f, err = figures(tx, id)
		if err == nil && brands != nil && !slices.Contains(brands, f.Drop.Brand) {
			f, err = Figures{}, ErrNone
		}
		return err
	})
	return f, err
}

func figures(tx *database.Tx, id commerce.DropID) (f Figures, err error) {
	if f.Drop, err = load(tx, id); err != nil {
		return f, err
	}
	if err := tx.Rows(`SELECT state, COUNT(*) FROM drop_entries WHERE drop_id = $1 GROUP BY state`, []any{id}, func(scan func(...any) error) error {
		var s EntryState
		var n int64
		err := scan(&s, &n)
		f.Entered += n
		switch s {
		case Lapsed:
			f.Lapsed = n
		case Lost:
			f.Lost = n
		}
		return err
	}); err != nil {
		return f, err
	}
	err = tx.Row(`SELECT COALESCE(SUM(CASE WHEN n.state = 'sent' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN n.state = 'dead' THEN 1 ELSE 0 END), 0)
				FROM drop_posts p JOIN notices n ON n.id = p.notice_id WHERE p.drop_id = $1`, id).Scan(&f.Told, &f.Untold)
	return f, err
}
