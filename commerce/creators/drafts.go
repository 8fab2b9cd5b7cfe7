package creators

// What a creator writes in the chat, before it is published. The rules:
//   - a draft is its creator's alone, and kept until they publish or discard it:
//     nothing that was typed or sent is lost.
//   - a draft of a pick that is published already changes it when it is
//     published again; until then everybody reads what was there.

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Post is what a creator writes.
type Post struct {
	ID          commerce.DraftID
	Creator     commerce.CreatorID
	Pick        commerce.PickID // that it changes, "" for a new one
	Title       string
	Words       string
	Photos      []string // hashes
	Video       string   // hash, "" for none
	Items       []Item
	Communities []commerce.CommunityID // where it is published, none is everywhere
	At          time.Time              // when it is published by itself, zero for never
}

const (
	mostDrafts = 10 // of a creator, at a time
	mostTagged = 10 // products of a post
)

// Errors of drafts.
var (
	ErrNoDraft = &commerce.Error{Kind: commerce.NotFound, Message: "draft.none"}
	ErrDrafts  = &commerce.Error{Kind: commerce.Conflict, Message: "draft.many"}
	ErrTagged  = &commerce.Error{Kind: commerce.Conflict, Message: "draft.tagged"}
)

// Begin makes an empty draft, or with a pick one that changes it. It returns
// ErrDrafts where there are too many already, and the one there is for a pick.
func (c *Creators) Begin(ctx context.Context, of commerce.CreatorID, pick commerce.PickID) (p Post, err error) {
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		p = Post{ID: commerce.DraftID(c.ids.ID()), Creator: of, Pick: pick}
		if pick != "" {
			was, err := pickOf(tx, pick)
			if err == nil && (was.Creator != of || !was.Made || was.Archived && !was.Hidden) {
				err = ErrUnknownPick
			}
			if err == nil {
				err = mayChange(tx, was)
			}
			if err != nil {
				return err
			}
			already, err := draftWhere(tx, `creator_id = $1 AND pick_id = $2`, of, pick)
			if err != ErrNoDraft {
				p = already
				return err
			}
			p.Title, p.Words, p.Photos, p.Video, p.Items, p.Communities = was.Title, was.Body, was.Photos, was.Video, was.Items, was.Communities
		}
		if err := mayDraft(tx, of); err != nil {
			return err
		}
		return c.saveDraft(tx, p)
	})
	return p, err
}

// Copy makes a draft of a new post with what a pick says. It returns ErrDrafts.
func (c *Creators) Copy(ctx context.Context, of commerce.CreatorID, pick commerce.PickID) (p Post, err error) {
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		was, err := c.own(tx, of, pick)
		if err == nil {
			err = mayDraft(tx, of)
		}
		if err != nil {
			return err
		}
		p = Post{ID: commerce.DraftID(c.ids.ID()), Creator: of, Title: was.Title, Words: was.Body, Photos: was.Photos, Video: was.Video, Items: was.Items, Communities: was.Communities}
		return c.saveDraft(tx, p)
	})
	return p, err
}

// mayDraft returns ErrDrafts where a creator has too many.
func mayDraft(tx *database.Tx, of commerce.CreatorID) error {
	n := 0
	err := tx.Row(`SELECT COUNT(*) FROM drafts WHERE creator_id = $1`, of).Scan(&n)
	if err == nil && n >= mostDrafts {
		err = ErrDrafts
	}
	return err
}

// Draft returns a creator's draft, or ErrNoDraft.
func (c *Creators) Draft(ctx context.Context, of commerce.CreatorID, id commerce.DraftID) (p Post, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) (err error) {
		p, err = draftWhere(tx, `id = $1 AND creator_id = $2`, id, of)
		return err
	})
	return p, err
}

// Drafts lists a creator's drafts, the one changed last first.
func (c *Creators) Drafts(ctx context.Context, of commerce.CreatorID) (list []Post, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT `+draftColumns+` FROM drafts WHERE creator_id = $1 ORDER BY changed_at DESC, id`, []any{of}, func(scan func(...any) error) error {
			p, err := scanDraft(scan)
			list = append(list, p)
			return err
		})
	})
	return list, err
}

// Write puts words and photos into a draft; photos none leaves those it has. It
// returns the draft as it is then.
func (c *Creators) Write(ctx context.Context, of commerce.CreatorID, id commerce.DraftID, title, words string, photos []string) (Post, error) {
	return c.change(ctx, of, id, func(p *Post) error {
		p.Title, p.Words = title, words
		if len(photos) > 0 {
			p.Photos = photos
		}
		return nil
	})
}

// Film puts a video into a draft, in the place of the one it has; "" takes that
// out. It returns the draft as it is then.
func (c *Creators) Film(ctx context.Context, of commerce.CreatorID, id commerce.DraftID, video string) (Post, error) {
	return c.change(ctx, of, id, func(p *Post) error {
		p.Video = video
		return nil
	})
}

// Tag adds a product to a draft, or with a variant that one of it; again it
// takes it out. It returns ErrTagged where there are too many.
func (c *Creators) Tag(ctx context.Context, of commerce.CreatorID, id commerce.DraftID, item Item) (Post, error) {
	return c.change(ctx, of, id, func(p *Post) error {
		at := slices.IndexFunc(p.Items, func(i Item) bool { return i.Product == item.Product })
		switch {
		case at >= 0 && p.Items[at] == item:
			p.Items = slices.Delete(p.Items, at, at+1)
		case at >= 0:
			p.Items[at] = item
		case len(p.Items) >= mostTagged:
			return ErrTagged
		default:
			p.Items = append(p.Items, item)
		}
		return nil
	})
}

// Place has a draft published in a community, or again not; none is everywhere.
func (c *Creators) Place(ctx context.Context, of commerce.CreatorID, id commerce.DraftID, where commerce.CommunityID) (Post, error) {
	return c.change(ctx, of, id, func(p *Post) error {
		if at := slices.Index(p.Communities, where); at >= 0 {
			p.Communities = slices.Delete(p.Communities, at, at+1)
		} else {
			p.Communities = append(p.Communities, where)
		}
		return nil
	})
}

// Plan has a draft published by itself at a time, zero for never.
func (c *Creators) Plan(ctx context.Context, of commerce.CreatorID, id commerce.DraftID, at time.Time) (Post, error) {
	return c.change(ctx, of, id, func(p *Post) error {
		p.At = at
		return nil
	})
}

// Discard deletes a draft; what it would have changed stays as it is.
func (c *Creators) Discard(ctx context.Context, of commerce.CreatorID, id commerce.DraftID) error {
	return c.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`DELETE FROM drafts WHERE id = $1 AND creator_id = $2`, id, of)
		if err == nil && n == 0 {
			err = ErrNoDraft
		}
		if err != nil {
			return err
		}
		return c.show(tx, draftKey(id), nil)
	})
}

func (c *Creators) change(ctx context.Context, of commerce.CreatorID, id commerce.DraftID, do func(p *Post) error) (p Post, err error) {
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		// The row is written first, so that two changes at once follow one another.
		n, err := tx.Exec(`UPDATE drafts SET changed_at = $3 WHERE id = $1 AND creator_id = $2`, id, of, commerce.Micros(c.clock.Now()))
		if err == nil && n == 0 {
			err = ErrNoDraft
		}
		if err != nil {
			return err
		}
		if p, err = draftWhere(tx, `id = $1`, id); err != nil {
			return err
		}
		if err := do(&p); err != nil {
			return err
		}
		return c.saveDraft(tx, p)
	})
	return p, err
}

func draftKey(id commerce.DraftID) string { return "draft:" + string(id) }

const draftColumns = `id, creator_id, pick_id, title, body, photos, items, communities, publish_at, video`

func scanDraft(scan func(...any) error) (p Post, err error) {
	var photos, items, communities string
	var at int64
	err = scan(&p.ID, &p.Creator, &p.Pick, &p.Title, &p.Words, &photos, &items, &communities, &at, &p.Video)
	p.At = commerce.FromMicros(at)
	p.Photos, p.Items, p.Communities = strings.Fields(photos), readItems(items), readCommunities(communities)
	return p, err
}

func draftWhere(tx *database.Tx, where string, args ...any) (Post, error) {
	p, err := scanDraft(tx.Row(`SELECT `+draftColumns+` FROM drafts WHERE `+where, args...).Scan)
	if err == database.ErrNone {
		err = ErrNoDraft
	}
	return p, err
}

func (c *Creators) saveDraft(tx *database.Tx, p Post) error {
	if err := c.show(tx, draftKey(p.ID), shownBy(p.Photos, p.Video)); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO drafts (id, creator_id, pick_id, title, body, photos, items, communities, publish_at, changed_at, video) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET title = excluded.title, body = excluded.body, photos = excluded.photos, items = excluded.items, communities = excluded.communities,
		publish_at = excluded.publish_at, changed_at = excluded.changed_at, video = excluded.video`,
		p.ID, p.Creator, p.Pick, p.Title, p.Words, strings.Join(p.Photos, " "), writeItems(p.Items), writeCommunities(p.Communities), commerce.Micros(p.At), commerce.Micros(c.clock.Now()), p.Video)
	return err
}

func readCommunities(text string) (list []commerce.CommunityID) {
	for one := range strings.FieldsSeq(text) {
		list = append(list, commerce.CommunityID(one))
	}
	return list
}

func writeCommunities(list []commerce.CommunityID) string {
	names := make([]string, len(list))
	for i, one := range list {
		names[i] = string(one)
	}
	return strings.Join(names, " ")
}
