package drops

import (
	"context"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// This file says when a drop can open. It does so when everybody was told of
// it; where that takes longer than was planned the opening moves, in whole five
// minutes and never into the quiet hours, and the window with it, so that
// everybody reads the new time instead of waiting.

const (
	grace = time.Minute // the telling may end later than the opening; it waits so long without a word
	strip = 5 * time.Minute
)

// Fault is something in a plan that cannot be kept, with the path to it.
type Fault struct{ Path, Message string }

// CheckTelling reports what of a plan cannot be kept because the telling takes
// its time: so many groups of each bot, and so many members in private, by the
// time a bot needs for each message. A plan without a time to be announced is
// announced now.
func CheckTelling(p Plan, groups map[string]int64, members int64, pace func(bot string) time.Duration, now time.Time) []Fault {
	from := p.Announced
	if from.Before(now) {
		from = now
	}
	if !now.Before(p.Opens) {
		return nil // it is under way or over
	}
	need, all := time.Duration(members)*pace(""), int64(0)
	for bot, n := range groups {
		need = max(need, time.Duration(n+members)*pace(bot))
		all += n
	}
	if have := p.Opens.Add(-p.Early()).Sub(from); need > have {
		at := "opens"
		if !p.Announced.IsZero() {
			at = "announce"
		}
		return []Fault{{at, fmt.Sprintf("telling %d groups and %d members takes %s at the rates of the platforms, and there are %s from the announcement to the opening",
			all, members, need.Round(time.Second), have.Round(time.Second))}}
	}
	return nil
}

// moveOpenings moves the openings that come before everybody can have been told.
func (d *Drops) moveOpenings(ctx context.Context) (n int, err error) {
	var list []Drop
	if err := d.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		ids, err := inState(tx, Announced)
		for _, id := range ids {
			if err != nil {
				return err
			}
			var drop Drop
			if drop, err = terms(tx, id); err == nil {
				list = append(list, drop)
			}
		}
		return err
	}); err != nil {
		return 0, err
	}
	for _, drop := range list {
		to, err := d.canOpen(ctx, drop)
		if err != nil || !to.After(drop.Opens) {
			if err != nil {
				return n, err
			}
			continue
		}
		err = d.DB.Write(ctx, func(tx *database.Tx) error {
			by := to.Sub(drop.Opens).Microseconds()
			ok, err := tx.Exec(`UPDATE drops SET opens_at = opens_at + $3, closes_at = closes_at + $3, changes = changes + 1
				WHERE id = $1 AND state = 'announced' AND opens_at = $2`, drop.ID, commerce.Micros(drop.Opens), by)
			if err != nil || ok == 0 {
				return err
			}
			return d.record(tx, drop.ID, "moved", "")
		})
		if err != nil {
			return n, err
		}
		d.seen.Drop(drop.ID)
		n++
		if d.Log != nil {
			d.Log.Warn("telling everybody of a drop takes longer than planned: its opening moves", "drop", drop.ID, "opens", to)
		}
	}
	return n, nil
}

// canOpen returns when a drop can open: as it is planned, or later where the
// telling will take longer.
func (d *Drops) canOpen(ctx context.Context, drop Drop) (time.Time, error) {
	each := map[string]int64{}
	err := d.DB.Read(ctx, func(tx *database.Tx) error {
		clear(each)
		return tx.Rows(waiting, []any{drop.ID}, func(scan func(...any) error) error {
			var bot string
			var n int64
			err := scan(&bot, &n)
			each[bot] += n
			return err
		})
	})
	if err != nil || len(each) == 0 {
		return drop.Opens, err
	}
	told := d.Clock.Now().Add(d.takes(each))
	early := drop.Early() // before it opens for all, for some
	if !told.After(drop.Opens.Add(grace - early)) {
		return drop.Opens, nil
	}
	to := told.Truncate(strip).Add(strip)
	if until, quiet := d.quiet(to); quiet {
		to = until
	}
	return to.Add(early), nil
}

// quiet reports whether nothing is posted in groups at a time, and until when.
func (d *Drops) quiet(at time.Time) (time.Time, bool) {
	if d.Quiet == nil {
		return time.Time{}, false
	}
	return d.Quiet(at)
}
