package creators

// What a creator writes becomes a pick. The rules:
//   - it is published once, whoever presses twice and whatever dies: the draft
//     goes in the same transaction.
//   - a creator publishes at most so many in a day; what is planned waits until
//     it may. Groups are posted in as PlanPosts says, so that none is flooded.
//   - a pick that is changed keeps its place, and the posts of it are brought up
//     to date where they stand; one that is withdrawn says so there.

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/media"
	"github.com/soukchat/souk/commerce/moderation"
)

// Publishing is where a draft goes, and how much a creator may publish.
type Publishing struct {
	Communities []commerce.CommunityID         // all there are: a draft names some of them, or none for all
	Most        int                            // of a creator in a day; 0 is no limit
	Times       map[commerce.CommunityID]Times // when each takes posts; always where it is not in it
}

// ErrToday says that a creator has published as much as they may in a day; its
// argument "at" is when they can again, a time.Time.
var ErrToday = &commerce.Error{Kind: commerce.Conflict, Message: "draft.today"}

const day = 24 * time.Hour

// Publish makes a pick of a draft, or changes the one it is for. It returns
// ErrNoDraft where that has been done, and ErrToday.
func (c *Creators) Publish(ctx context.Context, of commerce.CreatorID, id commerce.DraftID, to Publishing) (pick Pick, err error) {
	draft, err := c.Draft(ctx, of, id)
	if err != nil {
		return pick, err
	}
	for _, hash := range shownBy(draft.Photos, draft.Video) {
		if c.Expose != nil {
			if err := c.Expose(hash); err != nil {
				return pick, err
			}
		}
	}
	by, err := c.Creator(ctx, of)
	if err != nil {
		return pick, err
	}
	var words moderation.Words
	if c.Words != nil {
		if words, err = c.Words(ctx, by.Member); err != nil {
			return pick, err
		}
	}
	now := commerce.FromMicros(commerce.Micros(c.clock.Now()))
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		if err := moderation.May(tx, by.Member, now); err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE drafts SET changed_at = $3 WHERE id = $1 AND creator_id = $2`, id, of, commerce.Micros(now))
		if err == nil && n == 0 {
			err = ErrNoDraft
		}
		if err != nil {
			return err
		}
		p, err := draftWhere(tx, `id = $1`, id)
		if err != nil {
			return err
		}
		pick = Pick{ID: p.Pick, Creator: of, CreatedAt: now, Made: true}
		if p.Pick != "" {
			if pick, err = pickOf(tx, p.Pick); err != nil {
				return err
			}
			if err := mayChange(tx, pick); err != nil {
				return err
			}
		} else {
			if err := mayPublish(tx, of, to.Most, now); err != nil {
				return err
			}
			pick.ID = commerce.PickID(c.ids.ID())
			if pick.Seq, err = nextSeq(tx); err != nil {
				return err
			}
		}
		pick.Title, pick.Body, pick.Photos, pick.Video, pick.Items, pick.Communities, pick.Picture = p.Title, p.Words, p.Photos, p.Video, p.Items, p.Communities, ""
		if len(p.Photos) > 0 {
			pick.Picture = media.PhotoSource + p.Photos[0]
		}
		if err := savePick(tx, pick); err != nil {
			return err
		}
		if err := c.wrote(tx, &pick, by.Member); err != nil {
			return err
		}
		if err := c.publish(tx, pick, to, now); err != nil {
			return err
		}
		if err := c.hold(tx, &pick, by.Member, words); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM drafts WHERE id = $1`, id); err != nil {
			return err
		}
		if err := c.show(tx, pickKey(pick.ID), shownBy(pick.Photos, pick.Video)); err != nil {
			return err
		}
		return c.show(tx, draftKey(id), nil)
	})
	if err == nil {
		c.picks.Drop(pick.ID)
		c.clearLists()
	}
	return pick, err
}

// wrote notes whether something in a pick was got for free, and tells of it.
func (c *Creators) wrote(tx *database.Tx, p *Pick, by commerce.MemberID) (err error) {
	var of []commerce.ProductID
	for _, item := range p.Items {
		of = append(of, item.Product)
	}
	if c.Sampled != nil {
		if p.Sample, err = c.Sampled(tx, by, of); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE picks SET sample = $2 WHERE id = $1`, p.ID, number(p.Sample)); err != nil {
			return err
		}
	}
	if c.Wrote != nil {
		return c.Wrote(tx, by, of)
	}
	return nil
}

func pickKey(id commerce.PickID) string { return "pick:" + string(id) }

// mayPublish returns ErrToday where a creator has to wait.
func mayPublish(tx *database.Tx, of commerce.CreatorID, most int, now time.Time) error {
	if most == 0 {
		return nil
	}
	var times []int64
	if err := tx.Rows(`SELECT created_at FROM picks WHERE creator_id = $1 AND archived IN (0, 1, 2, 3) AND made = 1 AND created_at > $2
		AND seq > COALESCE((SELECT o.seq FROM picks o WHERE o.created_at <= $2 ORDER BY o.created_at DESC, o.seq DESC LIMIT 1), 0) ORDER BY seq DESC LIMIT $3`,
		[]any{of, commerce.Micros(now.Add(-day)), most}, func(scan func(...any) error) error {
			var at int64
			err := scan(&at)
			times = append(times, at)
			return err
		}); err != nil {
		return err
	}
	if len(times) < most {
		return nil
	}
	return ErrToday.With("at", commerce.FromMicros(slices.Min(times)).Add(day))
}

// publish notes where a pick is posted, under which hashtags it is found, and
// that posts of it are out of date.
func (c *Creators) publish(tx *database.Tx, p Pick, to Publishing, now time.Time) error {
	where := p.Communities
	if len(where) == 0 {
		where = to.Communities
	}
	for _, community := range where {
		if _, err := tx.Exec(`INSERT INTO publications (pick_id, community_id, due_at) VALUES ($1, $2, $3) ON CONFLICT (pick_id, community_id) DO NOTHING`,
			p.ID, community, commerce.Micros(now)); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE picks SET changed_at = $2 WHERE id = $1`, p.ID, commerce.Micros(now)); err != nil {
		return err
	}
	return tagPick(tx, p)
}

// tagPick files a pick under the hashtags of its words.
func tagPick(tx *database.Tx, p Pick) error {
	if _, err := tx.Exec(`DELETE FROM pick_tags WHERE pick_id = $1`, p.ID); err != nil || p.Archived {
		return err
	}
	for _, tag := range Tags(p.Title + "\n" + p.Body) {
		if _, err := tx.Exec(`INSERT INTO pick_tags (tag, seq, pick_id) VALUES ($1, $2, $3)`, tag, p.Seq, p.ID); err != nil {
			return err
		}
	}
	return nil
}

var hashtag = regexp.MustCompile(`(?:^|[^\p{L}\d_&/])#([\p{L}\d_]{2,30})`)

const mostTags = 8

// Tags returns the hashtags of a text, in small letters and each once.
func Tags(text string) (list []string) {
	for _, m := range hashtag.FindAllStringSubmatch(text, -1) {
		if tag := strings.ToLower(m[1]); !slices.Contains(list, tag) && len(list) < mostTags {
			list = append(list, tag)
		}
	}
	return list
}

// Tagged returns a page of the picks with a hashtag, newest first.
func (c *Creators) Tagged(ctx context.Context, tag string, wanted func(*Pick) bool, cursor string, n int) (page commerce.Page[Pick], err error) {
	below, err := below(cursor)
	if err != nil {
		return page, err
	}
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		page, err = walkFrom(tx, wanted, below, n, `pick_tags t JOIN picks p ON p.id = t.pick_id WHERE t.tag = $1 AND t.seq < $2`, strings.ToLower(tag))
		return err
	})
	return page, err
}

// publishAgain is when a planned draft is tried again that something failed for:
// the others go on.
const publishAgain = 10 * time.Minute

// PublishDue publishes at most n drafts whose time has come. Which wait for
// their creator's limit keep waiting; which cannot be published are tried again,
// and their errors are returned.
func (c *Creators) PublishDue(ctx context.Context, to Publishing, n int) (done int, err error) {
	var list []Post
	if err := c.db.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT id, creator_id FROM drafts WHERE publish_at > 0 AND publish_at <= $1 ORDER BY publish_at, id LIMIT $2`,
			[]any{commerce.Micros(c.clock.Now()), n}, func(scan func(...any) error) error {
				var d Post
				err := scan(&d.ID, &d.Creator)
				list = append(list, d)
				return err
			})
	}); err != nil {
		return 0, err
	}
	for _, d := range list {
		did, one := c.publishDue(ctx, to, d)
		if did {
			done++
		}
		if one == nil || one == ErrNoDraft {
			continue
		}
		err = errors.Join(err, fmt.Errorf("draft %s: %w", d.ID, one))
		if again := c.db.Write(ctx, func(tx *database.Tx) error {
			now := c.clock.Now()
			_, err := tx.Exec(`UPDATE drafts SET publish_at = $2 WHERE id = $1 AND publish_at > 0 AND publish_at <= $3`, d.ID, commerce.Micros(now.Add(publishAgain)), commerce.Micros(now))
			return err
		}); again != nil {
			return done, errors.Join(err, again)
		}
	}
	return done, err
}

// publishDue publishes a draft whose time has come, or says what it waits for.
func (c *Creators) publishDue(ctx context.Context, to Publishing, d Post) (done bool, err error) {
	at, err := c.waitsUntil(ctx, d.Creator, d.ID, to)
	if err != nil {
		return false, err
	}
	if !at.IsZero() {
		return false, c.wait(ctx, d.Creator, d.ID, at)
	}
	_, err = c.Publish(ctx, d.Creator, d.ID, to)
	switch e, known := err.(*commerce.Error); {
	case err == nil:
		return true, nil
	case known && e.Message == ErrToday.Message:
		at, _ := e.Args["at"].(time.Time)
		return false, c.wait(ctx, d.Creator, d.ID, at)
	case known && e.Message == moderation.ErrFrozen.Message:
		at, _ := e.Args["at"].(time.Time)
		_, err = c.Plan(ctx, d.Creator, d.ID, at)
	case err == moderation.ErrBanned || err == ErrHidden: // the draft stays, and waits for nothing
		_, err = c.Plan(ctx, d.Creator, d.ID, time.Time{})
	case err == ErrUnknownPick: // withdrawn meanwhile
		err = nil
	}
	return false, err
}

// Withdraw takes a creator's own pick out of every list; its posts say so. Again
// it does nothing.
func (c *Creators) Withdraw(ctx context.Context, of commerce.CreatorID, id commerce.PickID) error {
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		p, err := c.own(tx, of, id)
		if err != nil || p.Archived && !p.Hidden {
			return err
		}
		p.Archived = true
		if _, err := tx.Exec(`UPDATE picks SET archived = archived | 1, pinned = 0, changed_at = $2 WHERE id = $1`, id, commerce.Micros(c.clock.Now())); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM publications WHERE pick_id = $1`, id); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM drafts WHERE pick_id = $1 AND pick_id <> ''`, id); err != nil {
			return err
		}
		if err := c.show(tx, pickKey(id), nil); err != nil {
			return err
		}
		return tagPick(tx, p)
	})
	if err == nil {
		c.picks.Drop(id)
		c.clearLists()
	}
	return err
}

// Pin has a pick head its creator's page, in the place of the one that did; off
// lets it go.
func (c *Creators) Pin(ctx context.Context, of commerce.CreatorID, id commerce.PickID, on bool) error {
	err := c.db.Write(ctx, func(tx *database.Tx) error {
		p, err := c.own(tx, of, id)
		if err == nil && p.Archived {
			err = ErrUnknownPick
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE picks SET pinned = 0 WHERE creator_id = $1 AND pinned = 1`, of); err != nil || !on {
			return err
		}
		_, err = tx.Exec(`UPDATE picks SET pinned = 1 WHERE id = $1`, id)
		return err
	})
	c.picks.Drop(id)
	return err
}

// own reads a pick that a creator has made in the chat.
func (c *Creators) own(tx *database.Tx, of commerce.CreatorID, id commerce.PickID) (Pick, error) {
	p, err := pickOf(tx, id)
	if err == nil && (p.Creator != of || !p.Made) {
		err = ErrUnknownPick
	}
	return p, err
}
