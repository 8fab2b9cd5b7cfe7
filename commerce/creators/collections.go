package creators

// What a creator groups their picks in. The rules:
//   - everybody sees it, on their page and by its link, unlike a member's boards,
//     which nobody else sees.
//   - it holds picks of theirs alone; one that is withdrawn or hidden is left out.
//   - its name is held to what posts are: no way past the chat, no word that is
//     held back.

import (
	"context"
	"slices"
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
)

// Collection is one, with how many picks it shows.
type Collection struct {
	ID      string
	Creator commerce.CreatorID
	Name    string
	Picks   int64
	Has     bool // the pick that was asked for
}

const (
	mostCollections = 24  // of a creator: they fit a menu
	mostCollected   = 200 // picks
)

// Errors of collections.
var (
	ErrNoCollection   = &commerce.Error{Kind: commerce.NotFound, Message: "collection.none"}
	ErrCollections    = &commerce.Error{Kind: commerce.Conflict, Message: "collection.many"}
	ErrCollected      = &commerce.Error{Kind: commerce.Conflict, Message: "collection.full"}
	ErrCollectionName = &commerce.Error{Kind: commerce.Invalid, Message: "collection.badname"}
)

const collectionColumns = `l.id, l.creator_id, l.name, (SELECT COUNT(*) FROM collection_picks k JOIN picks p ON p.id = k.pick_id WHERE k.collection_id = l.id AND p.archived = 0)`

// Collections lists a creator's, the oldest first, and whether a pick is in each;
// "" asks for none.
func (c *Creators) Collections(ctx context.Context, of commerce.CreatorID, pick commerce.PickID) (list []Collection, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT `+collectionColumns+`, (SELECT COUNT(*) FROM collection_picks k WHERE k.collection_id = l.id AND k.pick_id = $2)
			FROM collections l WHERE l.creator_id = $1 ORDER BY l.created_at, l.id`, []any{of, pick}, func(scan func(...any) error) error {
			var one Collection
			has := 0
			err := scan(&one.ID, &one.Creator, &one.Name, &one.Picks, &has)
			one.Has = has > 0
			list = append(list, one)
			return err
		})
	})
	return list, err
}

// CountCollections returns how many a creator has. It costs no SQL where it was
// asked a moment ago.
func (c *Creators) CountCollections(ctx context.Context, of commerce.CreatorID) (int64, error) {
	return c.collections.Load(of, func() (n int64, err error) {
		err = c.db.Read(ctx, func(tx *database.Tx) error {
			return tx.Row(`SELECT COUNT(*) FROM collections WHERE creator_id = $1`, of).Scan(&n)
		})
		return n, err
	})
}

// Collection returns one, or ErrNoCollection.
func (c *Creators) Collection(ctx context.Context, id string) (one Collection, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		err := tx.Row(`SELECT `+collectionColumns+` FROM collections l WHERE l.id = $1`, id).Scan(&one.ID, &one.Creator, &one.Name, &one.Picks)
		if err == database.ErrNone {
			err = ErrNoCollection
		}
		return err
	})
	return one, err
}

// Collected returns a page of the picks in a collection, newest first, of those
// that are wanted.
func (c *Creators) Collected(ctx context.Context, id string, wanted func(*Pick) bool, cursor string, n int) (page commerce.Page[Pick], err error) {
	below, err := below(cursor)
	if err != nil {
		return page, err
	}
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		page, err = walkFrom(tx, wanted, below, n, `collection_picks k JOIN picks p ON p.id = k.pick_id WHERE k.collection_id = $1 AND k.seq < $2`, id)
		return err
	})
	return page, err
}

// MakeCollection makes one, or returns the one of that name. It returns
// ErrCollectionName and ErrCollections.
func (c *Creators) MakeCollection(ctx context.Context, of commerce.CreatorID, name string) (one Collection, err error) {
	name = strings.Join(strings.Fields(name), " ")
	if r := []rune(name); len(r) > mostName {
		name = string(r[:mostName])
	}
	by, err := c.Creator(ctx, of)
	if err != nil {
		return one, err
	}
	var words moderation.Words
	if c.Words != nil {
		if words, err = c.Words(ctx, by.Member); err != nil {
			return one, err
		}
	}
	if name == "" || contact(name) != "" || words.Find(name) != "" {
		return one, ErrCollectionName
	}
	now := c.clock.Now()
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		if err := moderation.May(tx, by.Member, now); err != nil {
			return err
		}
		// The row is written first, so that two at once follow one another.
		if _, err := tx.Exec(`UPDATE creators SET archived = archived WHERE id = $1`, of); err != nil {
			return err
		}
		one = Collection{Creator: of, Name: name}
		err := tx.Row(`SELECT id FROM collections WHERE creator_id = $1 AND name = $2`, of, name).Scan(&one.ID)
		if err != database.ErrNone {
			return err
		}
		n := 0
		if err := tx.Row(`SELECT COUNT(*) FROM collections WHERE creator_id = $1`, of).Scan(&n); err != nil {
			return err
		}
		if n >= mostCollections {
			return ErrCollections
		}
		one.ID = c.ids.ID()
		_, err = tx.Exec(`INSERT INTO collections (id, creator_id, name, created_at) VALUES ($1, $2, $3, $4)`, one.ID, of, name, commerce.Micros(now))
		return err
	})
	c.collections.Drop(of)
	return one, err
}

// Collect puts a creator's own pick into a collection of theirs, or takes it out.
// It returns ErrNoCollection, ErrUnknownPick and ErrCollected.
func (c *Creators) Collect(ctx context.Context, of commerce.CreatorID, id string, pick commerce.PickID, on bool) error {
	return c.db.Write(ctx, func(tx *database.Tx) error {
		n := 0
		if err := tx.Row(`SELECT COUNT(*) FROM collections WHERE id = $1 AND creator_id = $2`, id, of).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return ErrNoCollection
		}
		if !on {
			_, err := tx.Exec(`DELETE FROM collection_picks WHERE collection_id = $1 AND pick_id = $2`, id, pick)
			return err
		}
		p, err := pickOf(tx, pick)
		if err != nil {
			return err
		}
		if p.Creator != of || p.Archived {
			return ErrUnknownPick
		}
		if err := tx.Row(`SELECT COUNT(*) FROM collection_picks WHERE collection_id = $1`, id).Scan(&n); err != nil {
			return err
		}
		if n >= mostCollected {
			return ErrCollected
		}
		_, err = tx.Exec(`INSERT INTO collection_picks (collection_id, pick_id, seq) VALUES ($1, $2, $3) ON CONFLICT (collection_id, pick_id) DO NOTHING`, id, pick, p.Seq)
		return err
	})
}

// DropCollection deletes a creator's collection; the picks stay.
func (c *Creators) DropCollection(ctx context.Context, of commerce.CreatorID, id string) error {
	defer c.collections.Drop(of)
	return c.db.Write(ctx, func(tx *database.Tx) error { return dropCollections(tx, `id = $1 AND creator_id = $2`, id, of) })
}

func dropCollections(tx *database.Tx, where string, args ...any) error {
	if _, err := tx.Exec(`DELETE FROM collection_picks WHERE collection_id IN (SELECT id FROM collections WHERE `+where+`)`, args...); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM collections WHERE `+where, args...)
	return err
}

// ExportCollections tells what a member groups as a creator: names with titles.
func (c *Creators) ExportCollections(ctx context.Context, m commerce.MemberID) (name string, data any, err error) {
	type exported struct {
		Name  string
		Picks []string
	}
	list := []exported{}
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		list = []exported{}
		return tx.Rows(`SELECT l.name, COALESCE(p.title, '') FROM creators c JOIN collections l ON l.creator_id = c.id LEFT JOIN collection_picks k ON k.collection_id = l.id LEFT JOIN picks p ON p.id = k.pick_id
			WHERE c.member_id = $1 AND c.member_id <> '' ORDER BY l.created_at, l.id, k.seq`, []any{m}, func(scan func(...any) error) error {
			var name, title string
			err := scan(&name, &title)
			i := slices.IndexFunc(list, func(e exported) bool { return e.Name == name })
			if i < 0 {
				i, list = len(list), append(list, exported{Name: name, Picks: []string{}})
			}
			if title != "" {
				list[i].Picks = append(list[i].Picks, title)
			}
			return err
		})
	})
	return "collections", list, err
}
