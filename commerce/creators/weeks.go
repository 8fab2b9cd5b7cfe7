package creators

// What a week brought to a creator, for the digest that tells them.

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// PickWeek is a pick, with what became of it in some days.
type PickWeek struct {
	Pick
	Opened        []int64 // by day
	Saved, Bought int64
}

// Looks is how often others looked at it.
func (p PickWeek) Looks() (n int64) {
	for _, one := range p.Opened {
		n += one
	}
	return n
}

// WeekOf reads what became of a creator's picks in some days, of those that are
// shown; at most the n newest.
func WeekOf(tx *database.Tx, of commerce.CreatorID, from time.Time, days, n int) (list []PickWeek, err error) {
	picks, err := picksWhere(tx, `p.creator_id = $1 AND p.archived = 0 ORDER BY p.seq DESC LIMIT $2`, of, n)
	if err != nil {
		return nil, err
	}
	at := map[commerce.PickID]int{}
	for i, p := range picks {
		at[p.ID] = i
		list = append(list, PickWeek{Pick: p, Opened: make([]int64, days)})
	}
	first := dayOf(from)
	err = tx.Rows(`SELECT d.pick_id, d.day, d.opened, d.saved, d.bought FROM (SELECT id FROM picks WHERE creator_id = $1 AND archived = 0 ORDER BY seq DESC LIMIT $2) p
		JOIN pick_days d ON d.pick_id = p.id WHERE d.day >= $3 AND d.day < $4`, []any{of, n, first, first + int64(days)}, func(scan func(...any) error) error {
		var id commerce.PickID
		var day, opened, saved, bought int64
		err := scan(&id, &day, &opened, &saved, &bought)
		if i, ok := at[id]; ok {
			list[i].Opened[day-first] += opened
			list[i].Saved += saved
			list[i].Bought += bought
		}
		return err
	})
	return list, err
}

// NewFollowers counts who began to follow a creator in a time, and still does.
func NewFollowers(tx *database.Tx, of commerce.CreatorID, from, to time.Time) (n int64, err error) {
	err = tx.Row(`SELECT COUNT(*) FROM follows WHERE creator_id = $1 AND created_at >= $2 AND created_at < $3`, of, commerce.Micros(from), commerce.Micros(to)).Scan(&n)
	return n, err
}

// Wanting lists creators behind one, by their ids, who are members and want to be
// told of their weeks.
func Wanting(tx *database.Tx, after commerce.CreatorID, n int) (list []Creator, err error) {
	err = tx.Rows(`SELECT `+creatorColumns+` FROM creators c WHERE c.id > $1 AND c.archived = 0 AND c.member_id <> '' AND c.digest = 1 ORDER BY c.id LIMIT $2`, []any{after, n}, func(scan func(...any) error) error {
		c, err := scanCreator(scan)
		list = append(list, c.Creator)
		return err
	})
	return list, err
}

// WantDigest notes whether a creator wants to be told of their weeks.
func (c *Creators) WantDigest(ctx context.Context, of commerce.CreatorID, on bool) error {
	return c.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE creators SET digest = $2 WHERE id = $1`, of, number(on))
		return err
	})
}

// WantsDigest reports whether a creator does.
func (c *Creators) WantsDigest(ctx context.Context, of commerce.CreatorID) (on bool, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		n := 0
		err := tx.Row(`SELECT digest FROM creators WHERE id = $1`, of).Scan(&n)
		on = n > 0
		return err
	})
	return on, err
}
