// Package expiry lets points expire that nobody has spent for long.
//
// The books and the days on which points came are those of package rewards; here
// is decided when they expire, and that their member is told before. Start at Step.
package expiry

// The rules are:
//   - Points expire at the end of the month in which their time is over, by the
//     shop's clock: so somebody is told once a month at most.
//   - Nothing expires that its member was not told of 30 days before, with the sum
//     and the date. What they were told is not made worse by rules that change.
//   - Rules that give longer count for what was told already, too.
//   - What an open order holds does not expire while it does.

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/rewards"
)

// Ahead is how long before they expire somebody is told.
const Ahead = 30 * 24 * time.Hour

const (
	slack = 24 * time.Hour // the worker may be that late
	again = time.Hour      // when an open order is looked at again
	batch = 100
)

// Rules say how long points are kept.
type Rules struct {
	After time.Duration // 0 for ever
	Zone  *time.Location
}

// month is the beginning of the month of a time.
func (r Rules) month(t time.Time) time.Time {
	zone := r.Zone
	if zone == nil {
		zone = time.UTC
	}
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, zone)
}

// next is the beginning of the month after that of a time.
func (r Rules) next(t time.Time) time.Time { return r.month(r.month(t).AddDate(0, 0, 32)) }

// due is when points expire that came on a day.
func (r Rules) due(day time.Time) time.Time { return r.next(day.Add(r.After)) }

// Config is what an Expiry is connected to.
type Config struct {
	DB    *database.DB
	Clock commerce.Clock
	IDs   commerce.IDSource
	Rules func() Rules // as they are now
}

// Expiry lets points expire.
type Expiry struct{ Config }

// New makes an Expiry.
func New(cfg Config) *Expiry { return &Expiry{cfg} }

// Step tells whose points expire in 30 days, takes out those whose time has come,
// and returns for how many members it did something. Several processes may run it
// at once.
func (e *Expiry) Step(ctx context.Context) (n int, err error) {
	rules := e.Rules()
	if rules.After <= 0 {
		return 0, e.forget(ctx)
	}
	now := e.Clock.Now()
	// Of what came before this, the time is over within 31 days.
	ripe := rules.month(now.Add(Ahead + slack)).Add(-rules.After)
	var untold, due []rewards.Day
	if err := e.DB.Read(ctx, func(tx *database.Tx) (err error) {
		if untold, err = rewards.Untold(tx, ripe, batch); err != nil {
			return err
		}
		due, err = rewards.Due(tx, now, batch)
		return err
	}); err != nil {
		return 0, err
	}
	told := map[commerce.MemberID]bool{}
	for _, d := range untold {
		if told[d.Member] {
			continue
		}
		told[d.Member] = true
		if one := e.DB.Write(ctx, func(tx *database.Tx) error { return e.tell(tx, rules, d.Member, ripe, now) }); one != nil {
			err = errors.Join(err, fmt.Errorf("points of %s: %w", d.Member, one))
			continue
		}
		n++
	}
	type wallet struct {
		member commerce.MemberID
		due    time.Time
	}
	done := map[wallet]bool{}
	for _, d := range due {
		w := wallet{d.Member, d.Due}
		if done[w] {
			continue
		}
		done[w] = true
		if one := e.DB.Write(ctx, func(tx *database.Tx) error { return e.expire(tx, rules, d.Member, d.Due, now) }); one != nil {
			err = errors.Join(err, fmt.Errorf("points of %s: %w", d.Member, one))
			continue
		}
		n++
	}
	return n, err
}

// tell fixes when the points of a member expire whose time is over soon, and tells
// them.
func (e *Expiry) tell(tx *database.Tx, r Rules, m commerce.MemberID, ripe, now time.Time) error {
	due := r.next(now.Add(Ahead))
	if n, err := rewards.SetDue(tx, m, ripe, due); err != nil || n == 0 {
		return err
	}
	at := strconv.FormatInt(commerce.Micros(due), 10)
	_, err := notices.Add(tx, e.IDs, now, notices.Notice{Kind: notices.PointsExpire, Member: m, Args: map[string]string{"due": at},
		Once: notices.PointsExpire + ":" + string(m) + ":" + at})
	return err
}

// expire takes out what expires now, unless the rules give it longer by now.
func (e *Expiry) expire(tx *database.Tx, r Rules, m commerce.MemberID, due, now time.Time) error {
	list, err := rewards.DaysOf(tx, m)
	if err != nil {
		return err
	}
	for _, d := range list {
		if d.Due.Equal(due) && r.due(d.Day).After(due) {
			if err := rewards.Undue(tx, d); err != nil {
				return err
			}
		}
	}
	_, err = rewards.Expire(tx, m, due, now, now.Add(again))
	return err
}

// forget takes back what was told, where nothing expires any more.
func (e *Expiry) forget(ctx context.Context) error {
	var list []rewards.Day
	err := e.DB.Read(ctx, func(tx *database.Tx) (err error) {
		list, err = rewards.Due(tx, e.Clock.Now().AddDate(100, 0, 0), 1)
		return err
	})
	if err != nil || len(list) == 0 {
		return err
	}
	return e.DB.Write(ctx, func(tx *database.Tx) error { return rewards.UndueAll(tx, batch) })
}

// Next is what expires next.
type Next struct {
	Points int64
	Due    time.Time
}

// Of returns which points of a member expire next, if they spend none; none where
// nothing does.
func (e *Expiry) Of(ctx context.Context, m commerce.MemberID) (next Next, err error) {
	rules := e.Rules()
	if rules.After <= 0 {
		return Next{}, nil
	}
	var list []rewards.Day
	err = e.DB.Read(ctx, func(tx *database.Tx) (err error) {
		list, err = rewards.DaysOf(tx, m)
		return err
	})
	earliest := rules.next(e.Clock.Now().Add(Ahead))
	for _, d := range list {
		due := rules.due(d.Day)
		if d.Due.IsZero() && due.Before(earliest) {
			due = earliest // they are told first
		}
		if !d.Due.IsZero() && due.Before(d.Due) {
			due = d.Due
		}
		switch {
		case next.Due.IsZero() || due.Before(next.Due):
			next = Next{d.Kept, due}
		case due.Equal(next.Due):
			next.Points += d.Kept
		}
	}
	return next, err
}

// Told returns how many points are left of those that a member was told expire at
// a time.
func (e *Expiry) Told(ctx context.Context, m commerce.MemberID, due time.Time) (n int64, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		n = 0
		list, err := rewards.DaysOf(tx, m)
		for _, d := range list {
			if d.Due.Equal(due) {
				n += d.Kept
			}
		}
		return err
	})
	return n, err
}
