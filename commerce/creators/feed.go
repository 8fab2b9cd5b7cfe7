package creators

// The rules of the feed: what is featured and what those a member follows
// recommend, newest first. A page continues below the last pick of the one
// before it, wherever new picks have appeared since: nothing twice, nothing
// left out.

import (
	"context"
	"slices"
	"strconv"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Errors of follows and pages.
var (
	ErrUnknownCreator = &commerce.Error{Kind: commerce.NotFound, Message: "creator.unknown"}
	ErrCursor         = &commerce.Error{Kind: commerce.Invalid, Message: "page.unknown"}
)

// Feed returns a page of at most n picks: those marked featured, those of the
// creators featured here, and those of the creators the member follows; of
// them those that are wanted, nil for all. The cursor is "" for the first page;
// ErrCursor says that it is none of ours.
func (c *Creators) Feed(ctx context.Context, m commerce.MemberID, featured []commerce.CreatorID, wanted func(*Pick) bool, cursor string, n int) (commerce.Page[Pick], error) {
	s, err := c.Snapshot(ctx)
	if err != nil {
		return commerce.Page[Pick]{}, err
	}
	c.follows.Drop(m) // they may have followed somebody by another process a moment ago
	follows, err := c.Follows(ctx, m)
	if err != nil {
		return commerce.Page[Pick]{}, err
	}
	show := make(map[commerce.CreatorID]bool, len(featured)+len(follows))
	for _, id := range featured {
		show[id] = true
	}
	for _, id := range follows {
		show[id] = true
	}
	return page(s.picks, cursor, n, func(p *Pick) bool {
		return (p.Featured || show[p.Creator]) && (wanted == nil || wanted(p))
	})
}

// PicksPage returns a page of one creator's picks, newest first.
func (s *Snapshot) PicksPage(id commerce.CreatorID, cursor string, n int) (commerce.Page[Pick], error) {
	return page(s.of[id], cursor, n, func(*Pick) bool { return true })
}

// page cuts a page out of picks, which are newest first. The cursor is the
// place of the last pick shown, in base 36.
func page(picks []*Pick, cursor string, n int, show func(*Pick) bool) (p commerce.Page[Pick], err error) {
	from := 0
	if cursor != "" {
		below, err := strconv.ParseInt(cursor, 36, 64)
		if err != nil || below < 0 {
			return p, ErrCursor
		}
		from, _ = slices.BinarySearchFunc(picks, below, func(p *Pick, below int64) int {
			if p.Seq >= below {
				return -1
			}
			return 1
		})
	}
	for _, pick := range picks[from:] {
		if !show(pick) {
			continue
		}
		if len(p.Items) == n {
			p.Next = strconv.FormatInt(p.Items[n-1].Seq, 36)
			break
		}
		p.Items = append(p.Items, *pick)
	}
	return p, nil
}

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
	s, err := c.Snapshot(ctx)
	if err != nil {
		return "", nil, err
	}
	follows, err := c.Follows(ctx, id)
	if err != nil {
		return "", nil, err
	}
	names := []string{}
	for _, id := range follows {
		if creator, ok := s.Creator(id); ok {
			names = append(names, creator.Name)
		}
	}
	return "follows", names, nil
}
