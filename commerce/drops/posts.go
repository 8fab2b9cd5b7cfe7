package drops

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Post is the live card of a drop in a chat.
type Post struct {
	Drop              commerce.DropID
	Bot, Chat, Thread string
	Message           string // the platform's id
	Changes           int64  // how often what it shows may have changed by now
	Shown             int64  // what of that it shows
	Digest            string // of what it shows
}

// Posted records the platform's id of a card that was sent.
func Posted(tx *database.Tx, id commerce.DropID, bot, chat, thread, message string) error {
	_, err := tx.Exec(`UPDATE drop_posts SET message = $5 WHERE drop_id = $1 AND bot = $2 AND chat = $3 AND thread = $4`, id, bot, chat, thread, message)
	return err
}

// Stale lists the cards that may show what is not so any more.
func (d *Drops) Stale(ctx context.Context) (list []Post, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT p.drop_id, p.bot, p.chat, p.thread, p.message, d.changes, p.shown, p.digest FROM drop_posts p JOIN drops d ON d.id = p.drop_id
			WHERE p.message <> '' AND p.shown < d.changes`, nil, func(scan func(...any) error) error {
			var p Post
			err := scan(&p.Drop, &p.Bot, &p.Chat, &p.Thread, &p.Message, &p.Changes, &p.Shown, &p.Digest)
			list = append(list, p)
			return err
		})
	})
	return list, err
}

// Showed records what a card shows now.
func (d *Drops) Showed(ctx context.Context, p Post) error {
	return d.DB.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE drop_posts SET shown = $5, digest = $6 WHERE drop_id = $1 AND bot = $2 AND chat = $3 AND thread = $4 AND shown < $5`,
			p.Drop, p.Bot, p.Chat, p.Thread, p.Changes, p.Digest)
		return err
	})
}
