package creators

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Follow makes a member follow a creator, and reports whether they did not
// before. It returns ErrUnknownCreator where there is no such creator today.
func (c *Creators) Follow(ctx context.Context, m commerce.MemberID, id commerce.CreatorID) (isNew bool, err error) {
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		isNew = false
		var archived int64
		err := tx.Row(`SELECT archived FROM creators WHERE id = $1`, id).Scan(&archived)
		if err == database.ErrNone || err == nil && archived != 0 {
			return ErrUnknownCreator
		}
		if err != nil {
			return err
		}
		n, err := tx.Exec(`INSERT INTO follows (member_id, creator_id, created_at) VALUES ($1, $2, $3)
			ON CONFLICT (member_id, creator_id) DO NOTHING`, m, id, commerce.Micros(c.clock.Now()))
		isNew = n == 1
		return err
	})
	c.follows.Drop(m)
	return isNew, err
}

// Unfollow undoes Follow, and reports whether there was something to undo.
func (c *Creators) Unfollow(ctx context.Context, m commerce.MemberID, id commerce.CreatorID) (did bool, err error) {
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`DELETE FROM follows WHERE member_id = $1 AND creator_id = $2`, m, id)
		did = n == 1
		return err
	})
	c.follows.Drop(m)
	return did, err
}

// Follows lists whom a member follows, the newest first, archived creators
// included. It costs no SQL for half a minute after the first time.
func (c *Creators) Follows(ctx context.Context, m commerce.MemberID) ([]commerce.CreatorID, error) {
	if m == "" {
		return nil, nil
	}
	return c.follows.Load(m, func() (list []commerce.CreatorID, err error) {
		err = c.db.Read(ctx, func(tx *database.Tx) error {
			list = nil
			return tx.Rows(`SELECT creator_id FROM follows WHERE member_id = $1 ORDER BY created_at DESC, creator_id`, []any{m},
				func(scan func(dest ...any) error) error {
					var id commerce.CreatorID
					err := scan(&id)
					list = append(list, id)
					return err
				})
		})
		return list, err
	})
}

// Followers returns how many members follow a creator.
func (c *Creators) Followers(ctx context.Context, id commerce.CreatorID) (n int64, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM follows WHERE creator_id = $1`, id).Scan(&n)
	})
	return n, err
}
