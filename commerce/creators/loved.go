package creators

// What members make of picks, and the list of the most loved. The rules:
//   - it is counted as it happens, by day: nobody adds up what millions did.
//   - a member who keeps a pick counts once for it, on however many boards it is:
//     for the first of them, while it is there. Its creator does not count.
//   - an order in which it was bought counts while not all of it went back.
//   - the list is of the last seven days: an order counts twice as much as a
//     member who keeps it. Looking at a pick counts for its creator to know, and
//     for nothing else.
//   - in the list is what was among the most loved on one of these days.

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

const (
	loveBought = 2   // what an order counts; a member who keeps it counts 1
	lovedDays  = 7   // that the list looks back
	lovedADay  = 100 // picks of a day that may be in it
	lovedTime  = time.Minute
	keptDays   = 35 // that are counted at all
	mostOpened = 20_000
)

// Loved is a pick with what made it one of the most loved of the week.
type Loved struct {
	Pick
	Saved, Bought int64
}

// Love is what orders the list.
func (l Loved) Love() int64 { return l.Saved + loveBought*l.Bought }

// Loved returns a page of the most loved picks of the last seven days.
func (c *Creators) Loved(ctx context.Context, wanted func(*Pick) bool, cursor string, n int) (page commerce.Page[Loved], err error) {
	below := Loved{Saved: 1 << 62, Pick: Pick{Seq: 1 << 62}}
	if cursor != "" {
		love, seq, _ := strings.Cut(cursor, "x") // no digit of base 32
		l, err1 := strconv.ParseInt(love, 32, 64)
		s, err2 := strconv.ParseInt(seq, 32, 64)
		if err1 != nil || err2 != nil {
			return page, ErrCursor
		}
		below.Saved, below.Seq = l, s
	}
	list, err := c.allLoved(ctx)
	if err != nil {
		return page, err
	}
	for i := range list {
		switch one := &list[i]; {
		case byLove(below, *one) >= 0 || wanted != nil && !wanted(&one.Pick):
		case len(page.Items) == n:
			last := page.Items[n-1]
			page.Next = strconv.FormatInt(last.Love(), 32) + "x" + strconv.FormatInt(last.Seq, 32)
			return page, nil
		default:
			page.Items = append(page.Items, *one)
		}
	}
	return page, nil
}

// LovedNow returns what a pick is loved for this week; nothing where it is not
// among the most loved.
func (c *Creators) LovedNow(ctx context.Context, id commerce.PickID) (Loved, error) {
	list, err := c.allLoved(ctx)
	if i := slices.IndexFunc(list, func(l Loved) bool { return l.ID == id }); err == nil && i >= 0 {
		return list[i], nil
	}
	return Loved{}, err
}

// byLove orders the list: the most loved first, the newer where it is the same.
func byLove(a, b Loved) int {
	return cmp.Or(cmp.Compare(b.Love(), a.Love()), cmp.Compare(b.Seq, a.Seq))
}

// allLoved reads the whole list, at most lovedADay of each day.
func (c *Creators) allLoved(ctx context.Context) ([]Loved, error) {
	return c.loved.Load("", func() (list []Loved, err error) {
		today := dayOf(c.clock.Now())
		err = c.db.Read(ctx, func(tx *database.Tx) error {
			list = nil
			found := map[commerce.PickID]bool{}
			var some []commerce.PickID
			for d := today - lovedDays + 1; d <= today; d++ {
				if err := tx.Rows(`SELECT pick_id FROM pick_days WHERE day = $1 AND love > 0 ORDER BY love DESC, pick_id DESC LIMIT $2`, []any{d, lovedADay}, func(scan func(...any) error) error {
					var id commerce.PickID
					err := scan(&id)
					if !found[id] {
						found[id], some = true, append(some, id)
					}
					return err
				}); err != nil {
					return err
				}
			}
			for part := range slices.Chunk(some, lovedADay) {
				more, err := lovedSince(tx, part, today-lovedDays+1)
				if err != nil {
					return err
				}
				list = append(list, more...)
			}
			slices.SortFunc(list, byLove)
			return nil
		})
		return list, err
	})
}

// lovedSince reads some picks that are shown, with what they are loved for since
// a day.
func lovedSince(tx *database.Tx, some []commerce.PickID, day int64) (list []Loved, err error) {
	in, args := marks(some, day)
	counts := map[commerce.PickID]Loved{}
	if err := tx.Rows(`SELECT pick_id, CAST(SUM(saved) AS BIGINT), CAST(SUM(bought) AS BIGINT) FROM pick_days WHERE day >= $1 AND pick_id IN (`+in+`) GROUP BY pick_id`, args, func(scan func(...any) error) error {
		var one Loved
		err := scan(&one.ID, &one.Saved, &one.Bought)
		counts[one.ID] = one
		return err
	}); err != nil {
		return nil, err
	}
	in, args = marks(some)
	picks, err := picksWhere(tx, `p.archived = 0 AND p.id IN (`+in+`)`, args...)
	for _, p := range picks {
		if one := counts[p.ID]; one.Love() > 0 {
			one.Pick = p
			list = append(list, one)
		}
	}
	return list, err
}

// dayOf is the day of a time, since 1970 in UTC.
func dayOf(t time.Time) int64 { return t.Unix() / int64(day/time.Second) }

// count adds to what became of a pick on a day; less than nothing it never is.
func count(tx *database.Tx, pick commerce.PickID, day, opened, saved, bought int64) error {
	_, err := tx.Exec(`INSERT INTO pick_days (pick_id, day, opened, saved, bought, love)
		SELECT id, $2, $3, CASE WHEN $4 > 0 THEN $4 ELSE 0 END, CASE WHEN $5 > 0 THEN $5 ELSE 0 END, CASE WHEN $6 > 0 THEN $6 ELSE 0 END FROM picks WHERE id = $1
		ON CONFLICT (pick_id, day) DO UPDATE SET opened = pick_days.opened + $3,
		saved = CASE WHEN pick_days.saved + $4 > 0 THEN pick_days.saved + $4 ELSE 0 END, bought = CASE WHEN pick_days.bought + $5 > 0 THEN pick_days.bought + $5 ELSE 0 END,
		love = CASE WHEN pick_days.love + $6 > 0 THEN pick_days.love + $6 ELSE 0 END`, pick, day, opened, saved, bought, saved+loveBought*bought)
	return err
}

// keeps notes that a member keeps a pick from now on, and returns 1 where that
// counts: for the first of their boards, and where the pick is not their own.
func (c *Creators) keeps(tx *database.Tx, m commerce.MemberID, pick commerce.PickID) (counted int64, err error) {
	n := 0
	if err := tx.Row(`SELECT (SELECT COUNT(*) FROM board_picks k JOIN boards b ON b.id = k.board_id WHERE k.pick_id = $2 AND b.member_id = $1 AND k.counted = 1)
		+ (SELECT COUNT(*) FROM picks p JOIN creators c ON c.id = p.creator_id WHERE p.id = $2 AND c.member_id = $1)`, m, pick).Scan(&n); err != nil || n > 0 {
		return 0, err
	}
	return 1, count(tx, pick, dayOf(c.clock.Now()), 0, 1, 0)
}

// uncount takes what is about to be deleted of boards out of what was counted.
func uncount(tx *database.Tx, where string, args ...any) error {
	type counted struct {
		pick commerce.PickID
		at   int64
	}
	var list []counted
	if err := tx.Rows(`SELECT pick_id, created_at FROM board_picks WHERE counted = 1 AND `+where, args, func(scan func(...any) error) error {
		var one counted
		err := scan(&one.pick, &one.at)
		list = append(list, one)
		return err
	}); err != nil {
		return err
	}
	for _, one := range list {
		if err := count(tx, one.pick, dayOf(commerce.FromMicros(one.at)), 0, -1, 0); err != nil {
			return err
		}
	}
	return nil
}

// Sold notes that a paid order has something from picks in it, of a member; back
// that all of it went back. Each pick counts once for an order.
func (c *Creators) Sold(tx *database.Tx, m commerce.MemberID, picks []commerce.PickID, paid time.Time, back bool) error {
	n := int64(1)
	if back {
		n = -1
	}
	picks = slices.Compact(slices.Sorted(slices.Values(picks)))
	for _, id := range picks {
		own := 0
		if err := tx.Row(`SELECT COUNT(*) FROM picks p JOIN creators c ON c.id = p.creator_id WHERE p.id = $1 AND c.member_id = $2`, id, m).Scan(&own); err != nil {
			return err
		}
		if own > 0 {
			continue
		}
		if err := count(tx, id, dayOf(paid), 0, 0, n); err != nil {
			return err
		}
	}
	return nil
}

// Opened notes that somebody has looked at a pick. It is written by Count: what
// a process had not written when it died is lost.
func (c *Creators) Opened(id commerce.PickID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.opened == nil {
		c.opened = map[commerce.PickID]int64{}
	}
	if _, known := c.opened[id]; known || len(c.opened) < mostOpened {
		c.opened[id]++
	}
}

// Count writes what Opened has noted, and forgets old days.
func (c *Creators) Count(ctx context.Context) error {
	c.mu.Lock()
	opened := c.opened
	c.opened = nil
	c.mu.Unlock()
	today := dayOf(c.clock.Now())
	list := make([]commerce.PickID, 0, len(opened))
	for id := range opened {
		list = append(list, id)
	}
	slices.Sort(list) // all processes in one order
	for part := range slices.Chunk(list, 200) {
		if err := c.db.Write(ctx, func(tx *database.Tx) error {
			for _, id := range part {
				if err := count(tx, id, today, opened[id], 0, 0); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	old := 0
	if err := c.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM pick_days WHERE day < $1 LIMIT 1) o`, today-keptDays).Scan(&old)
	}); err != nil || old == 0 {
		return err
	}
	return c.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`DELETE FROM pick_days WHERE day < $1 AND pick_id IN (SELECT pick_id FROM pick_days WHERE day < $1 LIMIT 1000)`, today-keptDays)
		return err
	})
}
