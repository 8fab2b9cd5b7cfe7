package drops

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/notices"
)

// Claim takes part in a drop: a unit is theirs at once where one is left, else
// they wait in line. Doing it again returns the entry they have; who gave up
// their place, or let a unit lapse, comes again at the end of the line. It
// returns ErrNone, ErrNotYet, ErrPaused, ErrClosed or ErrTooLate.
//
// The gate in Redis says who was there first, and turns away those for whom
// nothing can be left. Without Redis the database alone decides.
func (d *Drops) Claim(ctx context.Context, id commerce.DropID, m commerce.MemberID, v commerce.VariantID, at Where) (e Entry, err error) {
	said, err := d.ask(ctx, id, m, v)
	if err != nil {
		return e, err
	}
	at.Who = strings.Join(strings.Fields(at.Who), " ")
	err = d.claims.Write(ctx, func(tx *database.Tx) error {
		e, err = d.claim(tx, id, m, v, at, said)
		return err
	})
	if commerce.KindOf(err) == commerce.Conflict && said.Verdict == live.In {
		// The database knows better: what the gate gave them is free again.
		d.leave(ctx, id, m, said.Seq)
	}
	return e, err
}

func (d *Drops) claim(tx *database.Tx, id commerce.DropID, m commerce.MemberID, v commerce.VariantID, at Where, said live.Answer) (Entry, error) {
	// They may have linked their accounts a moment ago, in another process.
	m, err := members.Current(tx, m)
	if err != nil {
		return Entry{}, err
	}
	have, err := entry(tx, `drop_id = $1 AND member_id = $2 ORDER BY seat LIMIT 1`, id, m)
	if err != nil && !errors.Is(err, ErrNone) {
		return Entry{}, err
	}
	if err == nil && have.State != Lapsed && have.State != Left {
		return have, nil
	}
	again := err == nil
	drop, err := terms(tx, id)
	if err != nil {
		return Entry{}, err
	}
	now := d.Clock.Now()
	if err := drop.shut(now); err != nil {
		return Entry{}, err
	}
	e := Entry{ID: commerce.EntryID(d.IDs.ID()), Drop: id, Member: m, Variant: v, State: Waits, At: now}
	if drop.Mode == Queue {
		if drop, err = load(tx, id); err != nil {
			return Entry{}, err
		}
		if err := d.first(tx, drop, &e, said); err != nil {
			return Entry{}, err
		}
	}
	if err := tx.Row(`UPDATE drops SET let_in = CASE WHEN let_in < $2 THEN $2 ELSE let_in + CASE WHEN $2 > 0 THEN 0 ELSE 1 END END, changes = changes + 1
		WHERE id = $1 RETURNING let_in`, id, said.Seq).Scan(&e.Place); err != nil {
		return Entry{}, err
	}
	if said.Verdict == live.In {
		e.Place = said.Seq
	}
	if again {
		e.ID = have.ID
		_, err = tx.Exec(`UPDATE drop_entries SET variant_id = $2, place = $3, state = $4, won_until = $5, order_id = '', bot = $6, chat = $7, created_at = $8, ended_at = 0
			WHERE id = $1`, e.ID, v, e.Place, e.State, commerce.Micros(e.Until), at.Bot, at.Chat, commerce.Micros(now))
	} else {
		_, err = tx.Exec(`INSERT INTO drop_entries (id, drop_id, member_id, variant_id, place, state, won_until, bot, chat, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, e.ID, id, m, v, e.Place, e.State, commerce.Micros(e.Until), at.Bot, at.Chat, commerce.Micros(now))
	}
	if err == nil && drop.Mode == Draws {
		err = d.enter(tx, drop, e, at)
	}
	return e, err
}

// first gives who comes to a queue a unit, or a place in line.
func (d *Drops) first(tx *database.Tx, drop Drop, e *Entry, said live.Answer) error {
	stand, ok := drop.stand(e.Variant)
	if !ok {
		return ErrNone
	}
	won, err := mayTake(tx, drop.ID, stand, said)
	if err == nil && won {
		won, err = take(tx, drop.ID, e.Variant)
	}
	switch {
	case err != nil:
		return err
	case won:
		e.State, e.Until = Won, e.At.Add(drop.PayWithin)
		return nil
	case stand.Waiting >= drop.Line || stand.Sold == stand.Units:
		return ErrTooLate
	}
	e.Ahead = stand.Waiting
	return nil
}

// mayTake reports whether a unit that is left is the claimer's: nobody waits
// for it who was there before them, or is still on the way here. Those are
// looked for where there are not units for all of them; the unit that is kept
// for one who never arrives is handed on by the next Step.
func mayTake(tx *database.Tx, id commerce.DropID, s Stand, said live.Answer) (bool, error) {
	switch {
	case s.Units == s.Sold+s.Claimed:
		return false, nil
	case said.Verdict != live.In:
		return s.Waiting == 0, nil
	}
	var here, waiting int64
	err := tx.Row(`SELECT COUNT(*), COALESCE(SUM(CASE WHEN state = 'waits' THEN 1 ELSE 0 END), 0) FROM drop_entries
		WHERE drop_id = $1 AND variant_id = $2 AND state IN ('waits', 'won', 'sold') AND place < $3`, id, s.Variant, said.Seq).Scan(&here, &waiting)
	return waiting == 0 && (said.Ahead < s.Units || here >= said.Ahead), err
}

func (d Drop) stand(v commerce.VariantID) (Stand, bool) {
	for _, s := range d.Stands {
		if s.Variant == v {
			return s, true
		}
	}
	return Stand{}, false
}

// Leave gives a member's place, or the unit they have won, up. One that is being
// paid stays theirs: ErrPaying.
func (d *Drops) Leave(ctx context.Context, id commerce.DropID, m commerce.MemberID) error {
	return d.DB.Write(ctx, func(tx *database.Tx) error {
		e, err := entry(tx, `drop_id = $1 AND member_id = $2 ORDER BY seat LIMIT 1`, id, m)
		if err != nil {
			return err
		}
		switch {
		case e.State == Won && e.Order != "":
			return ErrPaying
		case e.State == Won:
			return d.free(tx, e, Left)
		case e.State == Waits:
			d.leaves(tx, e)
			_, err = put(tx, e, Left, time.Time{}, d.Clock.Now())
		}
		return err
	})
}

// ErrPaying: an order that can be paid was placed on the unit.
var ErrPaying = &commerce.Error{Kind: commerce.Conflict, Message: "drop.paying"}

// free ends a won entry that was not paid, and hands its unit to the next.
func (d *Drops) free(tx *database.Tx, e Entry, to EntryState) error {
	ok, err := put(tx, e, to, time.Time{}, d.Clock.Now())
	if err != nil || !ok {
		return err
	}
	d.leaves(tx, e)
	if err := giveUp(tx, e.Drop, e.Variant); err != nil {
		return err
	}
	if to == Lapsed {
		if err := d.tell(tx, notices.DropLapsed, e); err != nil {
			return err
		}
	}
	return d.next(tx, e.Drop, e.Variant)
}

// next hands what is free of a variant to those who wait, in their order, and
// tells them.
func (d *Drops) next(tx *database.Tx, id commerce.DropID, v commerce.VariantID) error {
	drop, err := load(tx, id)
	if err != nil || drop.State != Open && drop.State != Closed || drop.Paused || !drop.Drawn() {
		return err
	}
	stand, _ := drop.stand(v)
	waiting, err := entries(tx, `drop_id = $1 AND variant_id = $2 AND state = 'waits' ORDER BY place LIMIT $3`, id, v, stand.Units-stand.Claimed-stand.Sold)
	if err != nil {
		return err
	}
	now := d.Clock.Now()
	for _, e := range waiting {
		ok, err := take(tx, id, v)
		if err != nil || !ok {
			return err
		}
		if _, err := put(tx, e, Won, now.Add(drop.PayWithin), now); err != nil {
			return err
		}
		e.Until = now.Add(drop.PayWithin)
		if err := d.tell(tx, notices.DropYours, e); err != nil {
			return err
		}
	}
	return nil
}

// sendHome ends the line of a variant of which nothing is left.
func (d *Drops) sendHome(tx *database.Tx, id commerce.DropID, v commerce.VariantID) error {
	waiting, err := entries(tx, `drop_id = $1 AND variant_id = $2 AND state = 'waits' ORDER BY place`, id, v)
	for _, e := range waiting {
		if err != nil {
			return err
		}
		if _, err = put(tx, e, Lost, time.Time{}, d.Clock.Now()); err == nil {
			err = d.tell(tx, notices.DropLost, e)
		}
	}
	return err
}

// tell writes a notice about an entry to its member, once for each place they
// had.
func (d *Drops) tell(tx *database.Tx, kind string, e Entry) error {
	_, err := notices.Add(tx, d.IDs, d.Clock.Now(), notices.Notice{Kind: kind, Member: e.Member,
		Args: map[string]string{"entry": string(e.ID), "drop": string(e.Drop)}, Once: kind + ":" + string(e.ID) + ":" + place(e)})
	return err
}
