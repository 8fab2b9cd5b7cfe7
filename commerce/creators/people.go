package creators

// What becomes of a member's follows, their application and the creator they are
// when they link their accounts, have themselves erased, or take along what is
// known of them.

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

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
	if _, err := tx.Exec(`DELETE FROM follows WHERE member_id = $1`, gone); err != nil {
		return err
	}
	tx.After(func() { c.brandFollows.Drop(keep, gone) })
	if err := linkBrandFollows(tx, keep, gone); err != nil {
		return err
	}
	if err := linkBrought(tx, keep, gone); err != nil {
		return err
	}
	if err := linkBoards(tx, keep, gone); err != nil {
		return err
	}
	if err := c.linkApplication(tx, keep, gone); err != nil {
		return err
	}
	return c.linkCreator(tx, keep, gone)
}

// linkApplication keeps the application that has come further.
func (c *Creators) linkApplication(tx *database.Tx, keep, gone commerce.MemberID) error {
	theirs, err := applicationWhere(tx, `member_id = $1`, gone)
	if err == ErrNoApplication {
		return nil
	}
	if err != nil {
		return err
	}
	mine, err := applicationWhere(tx, `member_id = $1`, keep)
	if err == nil && (theirs.State != Approved || mine.State == Approved) {
		return c.dropApplication(tx, theirs)
	}
	if err == nil {
		err = c.dropApplication(tx, mine)
	}
	if err != nil && err != ErrNoApplication {
		return err
	}
	_, err = tx.Exec(`UPDATE applications SET member_id = $2 WHERE id = $1`, theirs.ID, keep)
	return err
}

func (c *Creators) dropApplication(tx *database.Tx, a Application) error {
	if _, err := tx.Exec(`DELETE FROM application_events WHERE application_id = $1`, a.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM applications WHERE id = $1`, a.ID); err != nil {
		return err
	}
	return c.show(tx, applicationKey(a.ID), nil)
}

// linkCreator makes one creator of two: the picks and followers of the one who
// goes are those of the one who stays.
func (c *Creators) linkCreator(tx *database.Tx, keep, gone commerce.MemberID) error {
	theirs, err := creatorBy(tx, gone)
	if err == ErrUnknownCreator {
		return nil
	}
	if err != nil {
		return err
	}
	tx.After(c.Refresh)
	mine, err := creatorBy(tx, keep)
	if err == ErrUnknownCreator {
		_, err = tx.Exec(`UPDATE creators SET member_id = $2 WHERE id = $1`, theirs.ID, keep)
		return err
	}
	if err != nil {
		return err
	}
	for _, do := range []string{
		`UPDATE picks SET creator_id = $1 WHERE creator_id = $2`,
		`UPDATE collections SET creator_id = $1 WHERE creator_id = $2`,
		`INSERT INTO follows (member_id, creator_id, created_at) SELECT member_id, $1, created_at FROM follows AS f WHERE f.creator_id = $2
			AND NOT EXISTS (SELECT 1 FROM follows AS k WHERE k.member_id = f.member_id AND k.creator_id = $1)`,
	} {
		if _, err := tx.Exec(do, mine.ID, theirs.ID); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`DELETE FROM follows WHERE creator_id = $1`, theirs.ID); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE creators SET member_id = '', archived = 1 WHERE id = $1`, theirs.ID)
	return err
}

// Erase forgets whom a member follows, their application, and who they are as a
// creator: what they have posted is not shown any more. It is for
// members.OnErase.
func (c *Creators) Erase(tx *database.Tx, id commerce.MemberID) error {
	tx.After(func() { c.follows.Drop(id); c.brandFollows.Drop(id) })
	if _, err := tx.Exec(`DELETE FROM brand_follows WHERE member_id = $1`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM follows WHERE member_id = $1`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM brought WHERE member_id = $1 OR by_id = $1`, id); err != nil {
		return err
	}
	if err := dropBoards(tx, `member_id = $1`, id); err != nil {
		return err
	}
	a, err := applicationWhere(tx, `member_id = $1`, id)
	if err == nil {
		err = c.dropApplication(tx, a)
	}
	if err != nil && err != ErrNoApplication {
		return err
	}
	was, err := creatorBy(tx, id)
	if err == ErrUnknownCreator {
		return nil
	}
	if err != nil {
		return err
	}
	if err := dropCollections(tx, `creator_id = $1`, was.ID); err != nil {
		return err
	}
	tx.After(c.Refresh)
	if was.MadeAt.IsZero() { // the YAML has them
		_, err = tx.Exec(`UPDATE creators SET member_id = '' WHERE id = $1`, was.ID)
		return err
	}
	if err := c.dropShown(tx, was.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM drafts WHERE creator_id = $1`, was.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE picks SET archived = 1, title = '', body = '', picture = '', photos = '', video = '' WHERE creator_id = $1`, was.ID); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE creators SET member_id = '', archived = 1, name = '', bio = '', picture = '', code = '' WHERE id = $1`, was.ID)
	return err
}

// dropShown deletes the photos and videos of all that a creator has written.
func (c *Creators) dropShown(tx *database.Tx, of commerce.CreatorID) error {
	var keys []string
	for _, list := range []struct{ of, query string }{
		{"pick:", `SELECT id FROM picks WHERE creator_id = $1`}, {"draft:", `SELECT id FROM drafts WHERE creator_id = $1`},
	} {
		if err := tx.Rows(list.query, []any{of}, func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			keys = append(keys, list.of+id)
			return err
		}); err != nil {
			return err
		}
	}
	for _, key := range keys {
		if err := c.show(tx, key, nil); err != nil {
			return err
		}
	}
	return nil
}

// Exported is what a member takes along of an application.
type Exported struct {
	State  ApplicationState `json:"state"`
	Words  string           `json:"words"`
	Advice string           `json:"advice,omitempty"`
	Photos [][]byte         `json:"photos"`
	Sent   time.Time        `json:"sent"`
}

// ExportApplication returns a member's application, with the photos that photo
// has; none where they never applied.
func (c *Creators) ExportApplication(ctx context.Context, m commerce.MemberID, photo func(hash string) ([]byte, error)) ([]Exported, error) {
	a, err := c.ApplicationOf(ctx, m)
	if err == ErrNoApplication {
		return []Exported{}, nil
	}
	if err != nil {
		return nil, err
	}
	e := Exported{State: a.State, Words: a.Words, Advice: a.Advice, Sent: a.SentAt}
	for _, hash := range a.Photos {
		data, err := photo(hash)
		if err != nil && commerce.KindOf(err) != commerce.NotFound {
			return nil, err
		}
		e.Photos = append(e.Photos, data)
	}
	return []Exported{e}, nil
}

// ExportedPost is what a member takes along of a post; photos and video are where
// they are shown.
type ExportedPost struct {
	Title  string    `json:"title"`
	Words  string    `json:"words"`
	Photos []string  `json:"photos,omitempty"`
	Video  string    `json:"video,omitempty"`
	Posted time.Time `json:"posted"`
}

// ExportPosts returns what a member has posted in the chat and is shown, the
// newest first, with the addresses of its photos and its video.
func (c *Creators) ExportPosts(ctx context.Context, m commerce.MemberID, photo, video func(hash string) string) (list []ExportedPost, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		list = []ExportedPost{}
		of, err := creatorBy(tx, m)
		if err == ErrUnknownCreator {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.Rows(`SELECT `+pickColumns+` FROM picks p WHERE p.creator_id = $1 AND p.archived = 0 AND p.made = 1 ORDER BY p.seq DESC`, []any{of.ID}, func(scan func(...any) error) error {
			p, err := scanPick(scan)
			one := ExportedPost{Title: p.Title, Words: p.Body, Video: video(p.Video), Posted: p.CreatedAt}
			for _, hash := range p.Photos {
				one.Photos = append(one.Photos, photo(hash))
			}
			list = append(list, one)
			return err
		})
	})
	return list, err
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
