package drops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/stock"
)

// Step does what is due by the clock, and returns how much that was: announces
// what is planned, opens what everybody has been told of, takes units from
// winners who did not pay, ends what is over. Several processes may call it.
func (d *Drops) Step(ctx context.Context) (n int, err error) {
	for _, part := range []func(context.Context) (int, error){d.announce, d.tellRounds, d.moveOpenings, d.open, d.spills, d.lapse, d.handOn, d.end, d.draw, d.over, d.openGates} {
		did, fault := part(ctx)
		n, err = n+did, errors.Join(err, fault) // what fails for one drop must not stop the others
		if ctx.Err() != nil {
			break
		}
	}
	return n, err
}

// announce sets the units of a plan aside and tells the groups. Where not so
// many units are free, the staff is told, and it is tried again.
func (d *Drops) announce(ctx context.Context) (n int, err error) {
	now := d.Clock.Now()
	if _, quiet := d.quiet(now); quiet {
		return 0, nil // nothing is posted now
	}
	plans, err := d.planned(ctx, now)
	if err != nil {
		return 0, err
	}
	var failed error
	for _, p := range plans {
		if now.Before(p.Announced) || !now.Before(p.Closes) {
			continue
		}
		known := false
		if err := d.DB.Read(ctx, func(tx *database.Tx) error {
			switch _, err := load(tx, p.ID); {
			case errors.Is(err, ErrNone):
				return nil
			case err != nil:
				return err
			}
			known = true
			return nil
		}); err != nil {
			return n, err
		}
		if known {
			continue
		}
		err := d.DB.Write(ctx, func(tx *database.Tx) error { return d.begin(tx, p) })
		switch {
		case err == nil:
			n++
		case errors.Is(err, ErrChanged): // taken back a moment ago
		case commerce.KindOf(err) == commerce.Conflict:
			if err := d.tellStaff(ctx, p); err != nil {
				return n, err
			}
		case ctx.Err() != nil:
			return n, err
		case !database.IsDuplicate(err): // another process did it
			failed = errors.Join(failed, fmt.Errorf("announce drop %s: %w", p.ID, err))
		}
	}
	return n, failed
}

func (d *Drops) begin(tx *database.Tx, p Plan) error {
	now := d.Clock.Now()
	terms, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO drops (id, name, brand_id, state, mode, terms, opens_at, closes_at, early, spill, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		p.ID, p.Name, p.Brand, Announced, p.Mode, string(terms), commerce.Micros(p.Opens), commerce.Micros(p.Closes), p.Early().Microseconds(), p.Spills.Microseconds(), commerce.Micros(now)); err != nil {
		return err
	}
	if err := d.planTaken(tx, p); err != nil {
		return err
	}
	if p.Mode == Draws {
		if err := d.commit(tx, p); err != nil {
			return err
		}
	}
	for i, u := range p.Units {
		if err := stock.Allot(tx, allotment(p.ID), stock.Line{Variant: u.Variant, Quantity: u.Units}); err != nil {
			return err
		}
		if err := addUnits(tx, p.ID, i, u); err != nil {
			return err
		}
	}
	for _, c := range d.Chats() {
		if !p.ToldIn(c) {
			continue
		}
		id := commerce.NoticeID(d.IDs.ID())
		if _, err := tx.Exec(`INSERT INTO drop_posts (drop_id, bot, chat, thread, notice_id) VALUES ($1, $2, $3, $4, $5)`, p.ID, c.Bot, c.ID, c.Thread, id); err != nil {
			return err
		}
		if err := d.post(tx, notices.DropPost, p.ID, c, id, now, ""); err != nil {
			return err
		}
	}
	return d.plan(tx, p)
}

// post writes a notice to a group, once of each kind and moment.
func (d *Drops) post(tx *database.Tx, kind string, id commerce.DropID, c Chat, as commerce.NoticeID, due time.Time, when string) error {
	_, err := notices.Add(tx, d.IDs, d.Clock.Now(), notices.Notice{ID: as, Kind: kind, Bot: c.Bot, Chat: c.ID, Thread: c.Thread, Due: due,
		Args: map[string]string{"drop": string(id), "before": when}, Once: strings.Join([]string{kind, string(id), c.Bot, c.ID, c.Thread, when}, ":")})
	return err
}

func (d *Drops) tellStaff(ctx context.Context, p Plan) error {
	if d.Staff == nil {
		return nil
	}
	return d.DB.Write(ctx, func(tx *database.Tx) error {
		for _, m := range d.Staff(p.Brand) {
			if _, err := notices.Add(tx, d.IDs, d.Clock.Now(), notices.Notice{Kind: notices.StaffDrop, Member: m, Args: map[string]string{"name": p.Title},
				Once: notices.StaffDrop + ":" + string(p.ID) + ":" + string(m)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// open opens the drops whose time has come and of which everybody has been
// told, or can never be.
func (d *Drops) open(ctx context.Context) (n int, err error) {
	err = d.each(ctx, `state = 'announced' AND opens_at - early <= $1 AND `+allTold+` AND NOT EXISTS (SELECT 1 FROM drop_posts p JOIN notices n ON n.id = p.notice_id
		WHERE p.drop_id = drops.id AND n.state IN ('due', 'sending'))`, func(tx *database.Tx, id commerce.DropID, now time.Time) error {
		drop, err := terms(tx, id)
		if err == nil && drop.Mode == Invite {
			var chosen int
			if chosen, err = d.choose(tx, drop); err == nil && chosen == chosenAtOnce {
				n++ // there are more
				return nil
			}
		}
		if err != nil {
			return err
		}
		ok, err := move(tx, id, Announced, Open, now)
		if ok {
			n++
		}
		return err
	})
	return n, err
}

// addUnits writes the units of a variant down, each community's and everybody's.
func addUnits(tx *database.Tx, id commerce.DropID, position int, u Unit) error {
	rest := u.Units
	for _, c := range slices.Sorted(maps.Keys(u.Allotted)) {
		rest -= u.Allotted[c]
		if _, err := tx.Exec(`INSERT INTO drop_units (drop_id, variant_id, community_id, position, units) VALUES ($1, $2, $3, $4, $5)`,
			id, u.Variant, c, position, u.Allotted[c]); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`INSERT INTO drop_units (drop_id, variant_id, community_id, position, units) VALUES ($1, $2, '', $3, $4)`, id, u.Variant, position, rest)
	return err
}

// spills makes what is left of the communities' units everybody's, where the
// time for that has come.
func (d *Drops) spills(ctx context.Context) (n int, err error) {
	err = d.each(ctx, `state IN ('open', 'closed') AND spill > 0 AND spilled = 0 AND opens_at + spill <= $1`, func(tx *database.Tx, id commerce.DropID, _ time.Time) error {
		n++
		if _, err := tx.Exec(`UPDATE drops SET spilled = 1, changes = changes + 1 WHERE id = $1`, id); err != nil {
			return err
		}
		if err := spill(tx, id); err != nil {
			return err
		}
		drop, err := load(tx, id)
		for _, s := range drop.Stands {
			if err == nil {
				err = d.next(tx, id, s.Variant)
			}
		}
		return err
	})
	return n, err
}

// lapse takes units from winners whose time is over and who have no order that
// can still be paid.
func (d *Drops) lapse(ctx context.Context) (int, error) {
	var due []Entry
	err := d.DB.Read(ctx, func(tx *database.Tx) (err error) {
		due, err = entries(tx, `state = 'won' AND won_until <= $1 AND order_id = ''
			AND EXISTS (SELECT 1 FROM drops d WHERE d.id = drop_entries.drop_id AND d.paused = 0) ORDER BY won_until, id LIMIT 100`, commerce.Micros(d.Clock.Now()))
		return err
	})
	for _, e := range due {
		if err != nil {
			return 0, err
		}
		err = d.DB.Write(ctx, func(tx *database.Tx) error {
			now, err := entry(tx, `id = $1`, e.ID)
			if err != nil || now.State != Won || now.Order != "" || d.Clock.Now().Before(now.Until) {
				return err
			}
			drop, err := terms(tx, e.Drop)
			if err != nil || drop.Paused {
				return err
			}
			return d.free(tx, now, Lapsed)
		})
	}
	return len(due), err
}

// handOn hands units that nobody has to those who wait: where one who was there
// before them never came through.
func (d *Drops) handOn(ctx context.Context) (n int, err error) {
	err = d.each(ctx, `state IN ('open', 'closed') AND created_at <= $1 AND (EXISTS (SELECT 1 FROM drop_units u JOIN drop_entries e
		ON e.drop_id = u.drop_id AND e.variant_id = u.variant_id AND e.state = 'waits'
		WHERE u.drop_id = drops.id AND u.claimed + u.sold < u.units AND u.community_id IN ('', e.community_id))
		OR mode = 'invite' AND EXISTS (SELECT 1 FROM drop_units u WHERE u.drop_id = drops.id AND u.claimed + u.sold < u.units)
		AND EXISTS (SELECT 1 FROM drop_entries e WHERE e.drop_id = drops.id AND e.state = 'waits'))`, func(tx *database.Tx, id commerce.DropID, _ time.Time) error {
		drop, err := load(tx, id)
		if err != nil || !d.handsOut(drop) {
			return err
		}
		for _, s := range drop.Stands {
			if err := d.next(tx, id, s.Variant); err != nil {
				return err
			}
		}
		n++
		return nil
	})
	return n, err
}

// end closes what is past its window or sold.
func (d *Drops) end(ctx context.Context) (n int, err error) {
	err = d.each(ctx, `state = 'open' AND (closes_at <= $1 OR NOT EXISTS (SELECT 1 FROM drop_units u WHERE u.drop_id = drops.id AND u.sold < u.units))`,
		func(tx *database.Tx, id commerce.DropID, now time.Time) error {
			ok, err := move(tx, id, Open, Closed, now)
			if ok {
				n++
				err = d.reach(tx, id)
			}
			return err
		})
	return n, err
}

// over ends what nobody can pay any more: what is left goes back to the shelf,
// and the groups are told.
func (d *Drops) over(ctx context.Context) (n int, err error) {
	return n, d.each(ctx, `state = 'closed' AND ended_at <= $1 AND NOT EXISTS (SELECT 1 FROM drop_units u WHERE u.drop_id = drops.id AND u.claimed > 0)
		AND NOT EXISTS (SELECT 1 FROM drop_draws w WHERE w.drop_id = drops.id AND w.drawn_at = 0)`,
		func(tx *database.Tx, id commerce.DropID, now time.Time) error {
			ok, err := move(tx, id, Closed, Over, now)
			if err != nil || !ok {
				return err
			}
			n++
			return d.finish(tx, id, notices.DropRecap)
		})
}

// finish frees what is left, sends home who still waits, and tells the groups.
func (d *Drops) finish(tx *database.Tx, id commerce.DropID, kind string) error {
	drop, err := load(tx, id)
	if err != nil {
		return err
	}
	for _, s := range drop.Stands {
		if err := d.sendHome(tx, id, s.Variant); err != nil {
			return err
		}
	}
	if err := stock.CloseAllotment(tx, allotment(id)); err != nil {
		return err
	}
	return d.tellChats(tx, kind, id)
}

// tellChats writes a notice to every group that was told of a drop.
func (d *Drops) tellChats(tx *database.Tx, kind string, id commerce.DropID) error {
	return d.tellChatsOf(tx, kind, id, "")
}

func (d *Drops) tellChatsOf(tx *database.Tx, kind string, id commerce.DropID, when string) error {
	var chats []Chat
	if err := tx.Rows(`SELECT bot, chat, thread FROM drop_posts WHERE drop_id = $1`, []any{id}, func(scan func(...any) error) error {
		var c Chat
		err := scan(&c.Bot, &c.ID, &c.Thread)
		chats = append(chats, c)
		return err
	}); err != nil {
		return err
	}
	for _, c := range chats {
		if err := d.post(tx, kind, id, c, "", d.Clock.Now(), when); err != nil {
			return err
		}
	}
	return nil
}

// each does something to every drop that a condition on its row names, with $1
// for now, in a transaction of its own in which the condition still holds.
func (d *Drops) each(ctx context.Context, where string, do func(tx *database.Tx, id commerce.DropID, now time.Time) error) error {
	now := d.Clock.Now()
	var ids []commerce.DropID
	read := func(tx *database.Tx, more string, args ...any) error {
		ids = nil
		return tx.Rows(`SELECT id FROM drops WHERE `+where+more+` ORDER BY id`, append([]any{commerce.Micros(now)}, args...), func(scan func(...any) error) error {
			var id commerce.DropID
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
	}
	if err := d.DB.Read(ctx, func(tx *database.Tx) error { return read(tx, "") }); err != nil {
		return err
	}
	var failed error
	for _, id := range slices.Clone(ids) {
		if err := d.DB.Write(ctx, func(tx *database.Tx) error {
			if err := read(tx, ` AND id = $2`, id); err != nil || len(ids) == 0 {
				return err
			}
			return do(tx, id, now)
		}); err != nil {
			failed = errors.Join(failed, fmt.Errorf("drop %s: %w", id, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return failed
}
