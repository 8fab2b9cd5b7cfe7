package drops

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// This file counts who looked at a drop. The rules are:
//   - A tap costs an entry in a map, and nothing else: also of those who come too
//     late.
//   - Once a second they are counted in Redis, as a sketch that knows nobody, and
//     the number is kept in SQL. What a process has not counted when it dies is
//     lost. What Redis forgets stays as high as it was, and new members count
//     again once there are more of them than before.

// mostTaps are kept between two counts; what comes beyond is not counted.
const mostTaps = 100_000

// Tap is a member who looked at a drop, or pressed a button of it.
type Tap struct {
	Drop     commerce.DropID
	Member   commerce.MemberID
	Platform string
	Bot      string
	Chat     string // the group; "" in private
}

type taps struct {
	mu  sync.Mutex
	new map[Tap]bool
}

// Tapped takes note of a tap.
func (d *Drops) Tapped(t Tap) {
	if t.Member == "" {
		return
	}
	d.taps.mu.Lock()
	defer d.taps.mu.Unlock()
	if d.taps.new == nil {
		d.taps.new = map[Tap]bool{}
	}
	if len(d.taps.new) < mostTaps {
		d.taps.new[t] = true
	}
}

func platformScope(p string) string            { return "platform:" + p }
func chatScope(bot, chat string) string        { return "chat:" + bot + ":" + chat }
func creatorScope(c commerce.CreatorID) string { return "creator:" + string(c) }

// CountTaps counts the taps since the last time. Where Redis is away they wait.
func (d *Drops) CountTaps(ctx context.Context) error {
	d.taps.mu.Lock()
	list := d.taps.new
	d.taps.new = nil
	d.taps.mu.Unlock()
	by := map[commerce.DropID]map[string][]string{}
	for t := range list {
		if by[t.Drop] == nil {
			by[t.Drop] = map[string][]string{}
		}
		scopes := []string{"", platformScope(t.Platform)}
		if t.Chat != "" {
			scopes = append(scopes, chatScope(t.Bot, t.Chat))
		}
		for _, s := range scopes {
			by[t.Drop][s] = append(by[t.Drop][s], string(t.Member))
		}
	}
	for id, scopes := range by {
		if err := d.countTaps(ctx, id, scopes); err != nil {
			for t := range list {
				d.Tapped(t)
			}
			return err
		}
	}
	return nil
}

func (d *Drops) countTaps(ctx context.Context, id commerce.DropID, scopes map[string][]string) error {
	drop, err := d.Look(ctx, id)
	if commerce.KindOf(err) == commerce.NotFound {
		return nil // a button that somebody made up
	}
	if err != nil {
		return err
	}
	if d.Recommend != nil {
		if creators := d.Recommend(ctx, drop.Product); len(creators) > 0 {
			if err := d.followersAmong(ctx, creators, scopes[""], scopes); err != nil {
				return err
			}
		}
	}
	counts, err := d.Live.CountTaps(ctx, string(id), scopes)
	if err != nil {
		return err
	}
	return d.DB.Write(ctx, func(tx *database.Tx) error {
		for scope, n := range counts {
			if _, err := tx.Exec(`INSERT INTO drop_taps (drop_id, scope, taps) VALUES ($1, $2, $3)
				ON CONFLICT (drop_id, scope) DO UPDATE SET taps = excluded.taps WHERE excluded.taps > drop_taps.taps`, id, scope, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// followersAmong adds the scopes of the creators whom the members follow.
func (d *Drops) followersAmong(ctx context.Context, creators []commerce.CreatorID, members []string, scopes map[string][]string) error {
	return d.DB.Read(ctx, func(tx *database.Tx) error {
		for _, c := range creators {
			delete(scopes, creatorScope(c))
		}
		for some := range slices.Chunk(members, part) {
			var args []any
			var marks []string
			for _, m := range some {
				args = append(args, m)
				marks = append(marks, "$"+strconv.Itoa(len(args)))
			}
			if err := tx.Rows(`SELECT creator_id, member_id FROM follows WHERE member_id IN (`+strings.Join(marks, ", ")+`)`, args, func(scan func(...any) error) error {
				var c commerce.CreatorID
				var m string
				err := scan(&c, &m)
				if slices.Contains(creators, c) {
					scopes[creatorScope(c)] = append(scopes[creatorScope(c)], m)
				}
				return err
			}); err != nil {
				return err
			}
		}
		return nil
	})
}
