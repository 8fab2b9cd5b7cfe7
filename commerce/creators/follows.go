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

// Link moves the follows of a member who has become another. It is for
// members.OnLink.
func (c *Creators) Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	// Of whom both follow the earlier time counts.
	if _, err := tx.Exec(`UPDATE follows SET created_at = (SELECT f.created_at FROM follows f WHERE f.member_id = $2 AND f.creator_id = follows.creator_id)
		WHERE member_id = $1 AND EXISTS (SELECT 1 FROM follows f WHERE f.member_id = $2 AND f.creator_id = follows.creator_id AND f.created_at < follows.created_at)`, keep, gone); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO follows (member_id, creator_id, created_at)
		SELECT $1, creator_id, created_at FROM follows AS f WHERE f.member_id = $2
		AND NOT EXISTS (SELECT 1 FROM follows AS k WHERE k.member_id = $1 AND k.creator_id = f.creator_id)`, keep, gone); err != nil {
		return err
	}
	tx.After(func() { c.follows.Drop(keep, gone) })
	_, err := tx.Exec(`DELETE FROM follows WHERE member_id = $1`, gone)
	return err
}

// Erase forgets whom a member follows. It is for members.OnErase.
func (c *Creators) Erase(tx *database.Tx, id commerce.MemberID) error {
	tx.After(func() { c.follows.Drop(id) })
	_, err := tx.Exec(`DELETE FROM follows WHERE member_id = $1`, id)
	return err
}

// Export tells whom a member follows. It is for members.OnExport.
func (c *Creators) Export(ctx context.Context, id commerce.MemberID) (name string, data any, err error) {
	names := []string{}
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		names = []string{}
		return tx.Rows(`SELECT c.name FROM follows f JOIN creators c ON c.id = f.creator_id WHERE f.member_id = $1 ORDER BY f.created_at DESC, c.id`, []any{id},
			func(scan func(dest ...any) error) error {
				var name string
				err := scan(&name)
				names = append(names, name)
				return err
			})
	})
	return "follows", names, err
}
