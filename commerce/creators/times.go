package creators

// When a community takes posts. The rules:
//   - it may name days of the week, and hours of a day, by the clock on the wall
//     where it is; in the shop's quiet hours it takes none either way.
//   - hours that end before they begin go over midnight, and are of the day on
//     which they begin.
//   - a post that is planned for another time waits for the next at which one of
//     its communities takes it. What is published by hand is found at once, and
//     posted in each group when that takes it.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
)

// Times is when a community takes posts. The zero value is always.
type Times struct {
	Days     []time.Weekday // none is every day
	From, To time.Duration  // since midnight; the same is the whole day
	Zone     *time.Location // nil is UTC
	Quiet    Quiet          // when nobody takes any
}

// Weekdays are the days of the week as they are written, Sunday first.
var Weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseTimes reads days as mon, hours as 09:00-21:00 or "" for all, and the name
// of a time zone, "" for UTC.
func ParseTimes(days []string, hours, zone string) (t Times, err error) {
	q, err := ParseQuiet(hours, zone)
	if err != nil {
		return t, err
	}
	t = Times{From: q.From, To: q.To, Zone: q.Zone}
	for _, day := range days {
		i := slices.Index(Weekdays, day)
		if i < 0 {
			return t, fmt.Errorf("%q is no day, write one of %s", day, strings.Join(Weekdays, ", "))
		}
		t.Days = append(t.Days, time.Weekday(i))
	}
	return t, nil
}

// Limited reports whether there is a time that is not for posts, beside the
// shop's quiet hours.
func (t Times) Limited() bool { return len(t.Days) > 0 || t.From != t.To }

// Allows reports whether a community takes posts at a time.
func (t Times) Allows(at time.Time) bool {
	if t.Quiet.Holds(at) {
		return false
	}
	local := at.UTC()
	if t.Zone != nil {
		local = at.In(t.Zone)
	}
	now, of := wall(local), local.Weekday()
	switch {
	case t.From < t.To && (now < t.From || now >= t.To):
		return false
	case t.From > t.To && now >= t.To && now < t.From:
		return false
	case t.From > t.To && now < t.To:
		of = (of + 6) % 7 // of the evening before
	}
	return len(t.Days) == 0 || slices.Contains(t.Days, of)
}

// Next returns the first time from one on at which a community takes posts;
// where there is none within eight days, that one.
func (t Times) Next(from time.Time) time.Time {
	if t.Allows(from) {
		return from
	}
	for at := from.Truncate(time.Minute); at.Before(from.Add(8 * day)); at = at.Add(time.Minute) {
		if at.After(from) && t.Allows(at) {
			return at
		}
	}
	return from
}

// Next returns the first time from one on at which one of some communities takes
// posts, none for all there are.
func (to Publishing) Next(where []commerce.CommunityID, from time.Time) time.Time {
	return to.next(where, from, func(t Times) Times { return t })
}

// planned is Next where the shop's quiet hours alone keep nothing waiting.
func (to Publishing) planned(where []commerce.CommunityID, from time.Time) time.Time {
	return to.next(where, from, func(t Times) Times {
		if !t.Limited() {
			return Times{}
		}
		return t
	})
}

func (to Publishing) next(where []commerce.CommunityID, from time.Time, of func(Times) Times) (first time.Time) {
	if len(where) == 0 {
		where = to.Communities
	}
	for _, c := range where {
		if at := of(to.Times[c]).Next(from); first.IsZero() || at.Before(first) {
			first = at
		}
	}
	if first.IsZero() {
		return from
	}
	return first
}

// PlanAt is Plan for a time at which a community takes posts: that one or the
// next, which is kept.
func (c *Creators) PlanAt(ctx context.Context, of commerce.CreatorID, id commerce.DraftID, at time.Time, to Publishing) (Post, error) {
	return c.change(ctx, of, id, func(p *Post) error {
		p.At = to.planned(p.Communities, at)
		return nil
	})
}

// waitsUntil is when a draft that is due can be published, zero for now.
func (c *Creators) waitsUntil(ctx context.Context, of commerce.CreatorID, id commerce.DraftID, to Publishing) (time.Time, error) {
	p, err := c.Draft(ctx, of, id)
	if err != nil {
		return time.Time{}, err
	}
	now := c.clock.Now()
	if at := to.planned(p.Communities, now); at.After(now) {
		return at, nil
	}
	return time.Time{}, nil
}

// wait has a draft that is due wait for another time, and tells its creator when.
// What they have planned otherwise meanwhile stays so.
func (c *Creators) wait(ctx context.Context, of commerce.CreatorID, id commerce.DraftID, at time.Time) error {
	now := c.clock.Now()
	return c.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`UPDATE drafts SET publish_at = $2 WHERE id = $1 AND publish_at > 0 AND publish_at <= $3`, id, commerce.Micros(at), commerce.Micros(now))
		if err != nil || n == 0 {
			return err
		}
		by, err := creatorOf(tx, of)
		if err != nil || by.Member == "" {
			return err
		}
		_, err = notices.Add(tx, c.ids, now, notices.Notice{Kind: notices.CreatorWaits, Member: by.Member, Args: map[string]string{"draft": string(id)},
			Once: fmt.Sprintf("%s:%s:%d", notices.CreatorWaits, id, commerce.Micros(at))})
		return err
	})
}
