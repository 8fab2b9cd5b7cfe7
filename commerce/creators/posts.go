package creators

// The rules of posts in groups:
//   - A pick is posted at most once in a chat (and topic), whatever happens:
//     the row's key says so, not a clock.
//   - Between two posts in a chat lies at least Every, and in the quiet hours
//     of the shop's time zone there is none.
//   - What a creator has published in the chat goes first, in the order in
//     which they did. Then the newest pick that was not posted yet: a group reads
//     what is new, and what is old follows when there is nothing newer.

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
)

// Chat is a group in which picks are posted.
type Chat struct {
	Bot       string
	ID        string
	Thread    string
	Community commerce.CommunityID
	Creators  []commerce.CreatorID // whose picks are posted here, beside those marked featured

	// Sellable reports whether a pick can be bought here now. It is asked inside
	// a transaction and must not need the database. Nil posts any pick.
	Sellable func(*Pick) bool
}

// Policy says when a group may be posted in.
type Policy struct {
	Every time.Duration // the least time between two posts in a chat
	Quiet Quiet
}

// Quiet is a part of the day, in a time zone. The zero value is no time at all.
type Quiet struct {
	From, To time.Duration // since midnight by the clock on the wall; From > To spans midnight
	Zone     *time.Location
}

// ParseQuiet reads "22:00-08:00" and the name of a time zone, "" for UTC. An
// empty text is no quiet hours.
func ParseQuiet(hours, zone string) (Quiet, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return Quiet{}, fmt.Errorf("%q is not a time zone, write it as Europe/Berlin", zone)
	}
	if strings.TrimSpace(hours) == "" {
		return Quiet{Zone: loc}, nil
	}
	from, to, ok := strings.Cut(strings.ReplaceAll(hours, "–", "-"), "-")
	a, err1 := time.Parse("15:04", strings.TrimSpace(from))
	b, err2 := time.Parse("15:04", strings.TrimSpace(to))
	if !ok || err1 != nil || err2 != nil {
		return Quiet{}, fmt.Errorf("%q are not hours, write them as 22:00-08:00", hours)
	}
	return Quiet{From: wall(a), To: wall(b), Zone: loc}, nil
}

// Holds reports whether t is within the quiet hours.
func (q Quiet) Holds(t time.Time) bool {
	if q.Zone == nil || q.From == q.To {
		return false
	}
	now := wall(t.In(q.Zone))
	if q.From < q.To {
		return now >= q.From && now < q.To
	}
	return now >= q.From || now < q.To
}

// wall is what the clock on the wall shows, as a duration since midnight: not
// the time that has passed since, which differs when summer time begins.
func wall(t time.Time) time.Duration {
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
}

// PlanPosts decides what may be posted where now, at most one pick a chat, and
// writes each as a notice of kind notices.PickPost. It returns how many it
// wrote. Call it every minute or so; several processes may.
func (c *Creators) PlanPosts(ctx context.Context, chats []Chat, policy Policy) (posts int, err error) {
	now := c.clock.Now()
	if policy.Quiet.Holds(now) {
		return 0, nil
	}
	for _, chat := range chats {
		// A look first: most of the time there is nothing to write.
		var next *Pick
		err := c.db.Read(ctx, func(tx *database.Tx) (err error) {
			next, err = nextPost(tx, chat, policy, now)
			return err
		})
		if err != nil {
			return posts, err
		}
		if next == nil {
			continue
		}
		did := false
		err = c.db.Write(ctx, func(tx *database.Tx) (err error) {
			did = false
			next, err := nextPost(tx, chat, policy, now)
			if err != nil || next == nil {
				return err
			}
			did = true
			return c.post(tx, next, chat, now)
		})
		if err != nil {
			return posts, err
		}
		if did {
			posts++
		}
	}
	return posts, nil
}

func (c *Creators) post(tx *database.Tx, p *Pick, chat Chat, now time.Time) error {
	if _, err := tx.Exec(`INSERT INTO posts (pick_id, bot, chat, thread, created_at, shown_at) VALUES ($1, $2, $3, $4, $5, $5)`,
		p.ID, chat.Bot, chat.ID, chat.Thread, commerce.Micros(now)); err != nil {
		return err
	}
	_, err := notices.Add(tx, c.ids, now, notices.Notice{
		Kind: notices.PickPost, Bot: chat.Bot, Chat: chat.ID, Thread: chat.Thread,
		Args: map[string]string{"pick": string(p.ID)},
		Once: strings.Join([]string{notices.PickPost, string(p.ID), chat.Bot, chat.ID, chat.Thread}, ":"),
	})
	return err
}

// nextPost returns what may be posted in a chat now, nil for nothing.
func nextPost(tx *database.Tx, chat Chat, policy Policy, now time.Time) (next *Pick, err error) {
	var last int64
	// Offers are posted in the same chats: both keep the same distance.
	if err := tx.Row(`SELECT COALESCE(MAX(at), 0) FROM (SELECT MAX(created_at) AS at FROM posts WHERE bot = $1 AND chat = $2 AND thread = $3
		UNION ALL SELECT MAX(created_at) FROM offer_posts WHERE bot = $1 AND chat = $2 AND thread = $3) o`, chat.Bot, chat.ID, chat.Thread).Scan(&last); err != nil {
		return nil, err
	}
	if last != 0 && now.Before(commerce.FromMicros(last).Add(policy.Every)) {
		return nil, nil
	}
	if next, err = published(tx, chat, now); err != nil || next != nil {
		return next, err
	}
	if next, err = unposted(tx, chat, `p.featured = 1`); err != nil || len(chat.Creators) == 0 {
		return next, err
	}
	marks, args := marks(chat.Creators, chat.Bot, chat.ID, chat.Thread)
	own, err := unposted(tx, chat, `p.creator_id IN (`+marks+`)`, args[3:]...)
	if next == nil || own != nil && own.Seq > next.Seq {
		next = own
	}
	return next, err
}

// stale is how long a pick waits for its turn in a group: what there was no room
// for in a week is found in the shop, and is no news any more.
const stale = 7 * day

// published finds what a creator has published in a chat's community first of
// what can be bought there.
func published(tx *database.Tx, chat Chat, now time.Time) (*Pick, error) {
	const some = 50
	list, err := picksWhere(tx, `p.id IN (SELECT u.pick_id FROM publications u JOIN picks k ON k.id = u.pick_id WHERE u.community_id = $4 AND u.due_at <= $5 AND u.due_at > $6 AND k.archived = 0
			AND NOT EXISTS (SELECT 1 FROM posts o WHERE o.pick_id = u.pick_id AND o.bot = $1 AND o.chat = $2 AND o.thread = $3) ORDER BY u.due_at, u.pick_id LIMIT $7)
		AND p.archived = 0 ORDER BY p.seq`, chat.Bot, chat.ID, chat.Thread, chat.Community, commerce.Micros(now), commerce.Micros(now.Add(-stale)), some)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if chat.Sellable == nil || chat.Sellable(&list[i]) {
			return &list[i], nil
		}
	}
	return nil, nil
}

// unposted finds the newest of some picks that was not posted in a chat yet and
// can be bought there. What it is called with comes behind the chat's own.
func unposted(tx *database.Tx, chat Chat, which string, args ...any) (*Pick, error) {
	const some = 20
	for below := int64(1 << 62); ; {
		list, err := picksWhere(tx, which+` AND p.archived = 0 AND p.made = 0 AND p.seq < `+strconv.FormatInt(below, 10)+`
			AND NOT EXISTS (SELECT 1 FROM posts o WHERE o.pick_id = p.id AND o.bot = $1 AND o.chat = $2 AND o.thread = $3)
			ORDER BY p.seq DESC LIMIT `+strconv.Itoa(some), append([]any{chat.Bot, chat.ID, chat.Thread}, args...)...)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if chat.Sellable == nil || chat.Sellable(&list[i]) {
				return &list[i], nil
			}
		}
		if len(list) < some {
			return nil, nil
		}
		below = list[some-1].Seq
	}
}

// Posted records the platform's id of a post that was sent.
func (c *Creators) Posted(tx *database.Tx, pick commerce.PickID, chat Chat, message string) error {
	_, err := tx.Exec(`UPDATE posts SET message = $5 WHERE pick_id = $1 AND bot = $2 AND chat = $3 AND thread = $4`,
		pick, chat.Bot, chat.ID, chat.Thread, message)
	return err
}

// Old is a post that does not show its pick as it is now.
type Old struct {
	Pick    commerce.PickID
	Chat    Chat
	Message string
	Changed time.Time
}

// OldPosts lists at most n posts of picks that have changed since they were
// sent, or were withdrawn. What cannot be edited any more is given up after a day.
func (c *Creators) OldPosts(ctx context.Context, n int) (list []Old, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT o.pick_id, o.bot, o.chat, o.thread, o.message, p.changed_at FROM picks p CROSS JOIN posts o
			WHERE p.changed_at > 0 AND p.changed_at > $1 AND o.pick_id = p.id AND p.changed_at > o.shown_at AND o.message <> '' ORDER BY p.changed_at LIMIT $2`,
			[]any{commerce.Micros(c.clock.Now().Add(-day)), n}, func(scan func(...any) error) error {
				var o Old
				var changed int64
				err := scan(&o.Pick, &o.Chat.Bot, &o.Chat.ID, &o.Chat.Thread, &o.Message, &changed)
				o.Changed = commerce.FromMicros(changed)
				list = append(list, o)
				return err
			})
	})
	return list, err
}

// Showed records that a post shows its pick as it was changed.
func (c *Creators) Showed(ctx context.Context, o Old) error {
	return c.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE posts SET shown_at = $5 WHERE pick_id = $1 AND bot = $2 AND chat = $3 AND thread = $4`,
			o.Pick, o.Chat.Bot, o.Chat.ID, o.Chat.Thread, commerce.Micros(o.Changed))
		return err
	})
}
