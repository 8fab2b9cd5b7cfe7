package drops

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
)

// Telling is who was told of a drop before it opened, and who was not.
type Telling struct {
	Chats   []ChatTold
	Members MembersTold
}

// ChatTold is how a group was told. Neither At nor Failed: it still waits.
type ChatTold struct {
	Chat
	At     time.Time
	Failed bool // it takes no messages: for good
	Tries  int64
}

// MembersTold counts the members who asked to be told.
type MembersTold struct {
	Told    int64
	Waiting int64 // for their turn
	Quiet   int64 // for the end of their own quiet hours
	Unread  int64 // no way leads there: it heads their next screen
	Failed  int64 // they are gone
}

// Telling returns who was told of a drop, each group with its community
// where it is declared now. It returns ErrNone.
func (d *Drops) Telling(ctx context.Context, id commerce.DropID) (t Telling, err error) {
	chats := map[[3]string]Chat{}
	for _, c := range d.Chats() {
		chats[[3]string{c.Bot, c.ID, c.Thread}] = c
	}
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		t = Telling{}
		if _, err := terms(tx, id); err != nil {
			return err
		}
		if err := tx.Rows(`SELECT p.bot, p.chat, p.thread, p.message, COALESCE(n.state, ''), COALESCE(n.sent_at, 0), COALESCE(n.tries, 0)
			FROM drop_posts p LEFT JOIN notices n ON n.id = p.notice_id WHERE p.drop_id = $1 ORDER BY p.bot, p.chat, p.thread`, []any{id}, func(scan func(...any) error) error {
			var c ChatTold
			var message, state string
			var at int64
			err := scan(&c.Bot, &c.ID, &c.Thread, &message, &state, &at, &c.Tries)
			if known, ok := chats[[3]string{c.Bot, c.ID, c.Thread}]; ok {
				c.Chat = known
			}
			c.At = commerce.FromMicros(at)
			c.Failed = state == "dead" || state == "" && message == "" // forgotten since, and never sent
			t.Chats = append(t.Chats, c)
			return err
		}); err != nil {
			return err
		}
		return tx.Rows(`SELECT n.state, n.problem = '`+notices.Quiet+`', COUNT(*) FROM drop_tellings t JOIN notices n ON n.id = t.notice_id
			WHERE t.drop_id = $1 GROUP BY 1, 2`, []any{id}, func(scan func(...any) error) error {
			var state string
			var quiet bool
			var n int64
			err := scan(&state, &quiet, &n)
			m := &t.Members
			switch {
			case state == "sent" || state == "read":
				m.Told += n
			case state == "unread":
				m.Unread += n
			case state == "dead":
				m.Failed += n
			case quiet:
				m.Quiet += n
			default:
				m.Waiting += n
			}
			return err
		})
	})
	return t, err
}
