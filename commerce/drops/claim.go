package drops

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
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
// returns ErrNone, ErrNotYet, ErrPaused, ErrClosed or ErrTooLate; what somebody
// has, where they come too late for another, with ErrTooLate.
//
// The gate in Redis says who was there first, and turns away those for whom
// nothing can be left. Without Redis the database alone decides.
func (d *Drops) Claim(ctx context.Context, id commerce.DropID, m commerce.MemberID, v commerce.VariantID, at Where) (e Entry, err error) {
	drop, err := d.Look(ctx, id)
	if err != nil {
		return e, err
	}
	at.Who = strings.Join(strings.Fields(at.Who), " ")
	at.Seat = min(max(at.Seat, 0), max(drop.PerPerson, 1)-1)
	opens, by, err := d.opensFor(ctx, drop, m, at)
	if err == nil && at.tapped(d.Clock.Now()).Before(opens) {
		err = ErrNotYet.With("opens", opens)
	}
	if commerce.KindOf(err) == commerce.Conflict && err != nil {
		if e, has := d.has(ctx, id, m); has { // pressed again
			return e, nil
		}
	}
	if err != nil {
		return e, err
	}
	said, err := d.ask(ctx, drop, m, v, at)
	if errors.Is(err, ErrTooLate) && !at.New { // not those whose answer was lost, with its process or on the way
		return d.tooLate(ctx, drop, m, at.Seat)
	}
	if err != nil {
		return e, err
	}
	if at.May != nil {
		if err = at.May(); err != nil { // who is in stays in, at the gate as well
			mine, fault := d.Own(ctx, id, m)
			if i := slices.IndexFunc(mine, func(e Entry) bool { return e.live() && e.Place == said.Seq }); fault == nil && i >= 0 {
				return mine[i], nil
			}
		}
	}
	if err == nil {
		err = d.claims.Write(ctx, func(tx *database.Tx) error {
			e, err = d.claim(tx, id, m, v, at, opens, by, said)
			return err
		})
	}
	if said.Verdict == live.In && (commerce.KindOf(err) == commerce.Conflict || err == nil && e.Place != said.Seq) {
		// The database knows better: what the gate gave them is free again.
		d.leave(ctx, id, entrant(m, at.Seat), said.Seq)
	}
	if err == nil && (said.Verdict != live.In || e.Place != said.Seq) && drop.Mode == Queue && d.Live != nil {
		d.behind(id)
	}
	if errors.Is(err, ErrTooLate) {
		return d.tooLate(ctx, drop, m, at.Seat)
	}
	return e, err
}

// tooLate answers who comes when nothing can be had any more: with what they have,
// where they came for it again or may have no more than that, and with ErrTooLate
// as well, where they came for another.
func (d *Drops) tooLate(ctx context.Context, drop Drop, m commerce.MemberID, seat int64) (e Entry, err error) {
	mine, err := d.Own(ctx, drop.ID, m)
	if err != nil {
		return e, ErrTooLate
	}
	mine = slices.DeleteFunc(mine, func(e Entry) bool { return !e.live() })
	if i := slices.IndexFunc(mine, func(e Entry) bool { return e.Seat == seat }); i >= 0 {
		return mine[i], nil
	}
	if len(mine) > 0 {
		e = mine[0]
	}
	if int64(len(mine)) >= max(drop.PerPerson, 1) {
		return e, nil
	}
	return e, ErrTooLate
}

// tapped is when somebody came: who did before the opening gains nothing by
// being answered after it.
func (at Where) tapped(now time.Time) time.Time {
	if at.Tapped.IsZero() || now.Before(at.Tapped) {
		return now
	}
	return at.Tapped
}

// has returns the first of what a member has in a drop.
func (d *Drops) has(ctx context.Context, id commerce.DropID, m commerce.MemberID) (Entry, bool) {
	list, err := d.Own(ctx, id, m)
	for _, e := range list {
		if err == nil && e.live() {
			return e, true
		}
	}
	return Entry{}, false
}

// live reports whether an entry is a place in line or a unit.
func (e Entry) live() bool { return e.State == Waits || e.State == Won || e.State == Sold }

func (d *Drops) claim(tx *database.Tx, id commerce.DropID, m commerce.MemberID, v commerce.VariantID, at Where, opens time.Time, by int, said live.Answer) (Entry, error) {
	// They may have linked their accounts a moment ago, in another process.
	m, err := members.Current(tx, m)
	if err != nil {
		return Entry{}, err
	}
	mine, err := entries(tx, `drop_id = $1 AND member_id = $2 ORDER BY seat`, id, m)
	if err != nil {
		return Entry{}, err
	}
	drop, err := terms(tx, id)
	if err != nil {
		return Entry{}, err
	}
	var have *Entry // at that seat
	has := int64(0)
	for i := range mine {
		if mine[i].live() {
			has++
		}
		if mine[i].Seat == at.Seat {
			have = &mine[i]
		}
	}
	if have != nil && have.live() || has > 0 && has >= drop.PerPerson {
		if have == nil || !have.live() {
			have = &mine[slices.IndexFunc(mine, Entry.live)]
		}
		return entry(tx, `id = $1`, have.ID)
	}
	for _, e := range mine {
		back, err := takenBack(tx, e.ID)
		if err == nil && back {
			err = ErrTaken
		}
		if err != nil {
			return Entry{}, err
		}
	}
	now := d.Clock.Now()
	if err := drop.shut(now, opens); err != nil {
		return Entry{}, err
	}
	if drop.Mode == Invite && have == nil {
		return Entry{}, ErrNotFor
	}
	// A place that they have had: the gate has not heard yet that it is over.
	if have != nil && said.Verdict == live.In && said.Seq <= have.Place {
		said = live.Answer{}
	}
	e := Entry{ID: commerce.EntryID(d.IDs.ID()), Drop: id, Member: m, Variant: v, Seat: at.Seat, State: Waits, At: now, Rule: by, Tier: drop.tier(by)}
	if drop.Mode != Draws {
		if drop, err = load(tx, id); err != nil {
			return Entry{}, err
		}
		if err := d.first(tx, drop, &e, at, said); err != nil {
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
	if have != nil {
		if e.ID = have.ID; drop.Mode == Invite {
			e.Rule = have.Rule // by which they were chosen
		}
		_, err = tx.Exec(`UPDATE drop_entries SET variant_id = $2, place = $3, state = $4, won_until = $5, order_id = '', bot = $6, chat = $7, created_at = $8, ended_at = 0,
			community_id = $9, pool = $10, rule = $11, tier = $12 WHERE id = $1`, e.ID, e.Variant, e.Place, e.State, commerce.Micros(e.Until), at.Bot, at.Chat, commerce.Micros(now), e.From, e.Pool, e.Rule, e.Tier)
	} else {
		_, err = tx.Exec(`INSERT INTO drop_entries (id, drop_id, member_id, variant_id, seat, place, state, won_until, bot, chat, created_at, community_id, pool, rule, tier)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
			e.ID, id, m, e.Variant, e.Seat, e.Place, e.State, commerce.Micros(e.Until), at.Bot, at.Chat, commerce.Micros(now), e.From, e.Pool, e.Rule, e.Tier)
	}
	if err == nil && drop.Mode == Draws {
		err = d.enter(tx, drop, e, at)
	}
	return e, err
}

// first gives who comes to a queue a unit, or a place in line.
func (d *Drops) first(tx *database.Tx, drop Drop, e *Entry, at Where, said live.Answer) error {
	stand, ok := drop.stand(e.Variant)
	if !ok {
		return ErrNone
	}
	if drop.anyOf() {
		return d.firstOfAny(tx, drop, e, stand)
	}
	e.From = stand.line(at.Community)
	won, err := mayTake(tx, drop, stand, e.From, said)
	if err == nil && won {
		e.Pool, won, err = take(tx, drop.ID, stand, e.From)
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

// line is the community whose units a member may have beside everybody's.
func (s Stand) line(c commerce.CommunityID) commerce.CommunityID {
	for _, p := range s.Pools {
		if p.Community == c {
			return c
		}
	}
	return ""
}

// mayTake reports whether a unit that is left is the claimer's: nobody waits
// for it who was there before them, or is still on the way here. Those are
// looked for where there are not units for all of them; the unit that is kept
// for one who never arrives is handed on by the next Step.
func mayTake(tx *database.Tx, drop Drop, s Stand, from commerce.CommunityID, said live.Answer) (bool, error) {
	pools := s.pools(from)
	if s.For(from).free() == 0 {
		return false, nil
	}
	// For a unit of their own community only its members wait. Until the spill
	// each community is a line of its own at the gate.
	waiting, line, args := ` AND state = 'waits'`, ``, []any{drop.ID, s.Variant}
	if len(s.Pools) > 1 && !drop.Spilled {
		line, args = ` AND community_id = $3`, append(args, from)
		if own := pools[0]; own.Community != "" && own.free() > 0 {
			waiting += line
		}
	}
	count := func(more string) (n int64, err error) {
		with := args
		if !strings.Contains(more, "$3") {
			with = args[:2]
		}
		if said.Verdict == live.In {
			with = append(slices.Clone(with), said.Seq)
			more += fmt.Sprintf(` AND place < $%d`, len(with))
		}
		err = tx.Row(`SELECT COUNT(*) FROM drop_entries WHERE drop_id = $1 AND variant_id = $2`+more, with...).Scan(&n)
		return n, err
	}
	n, err := count(waiting)
	if err != nil || n > 0 || said.Verdict != live.In || said.Ahead < pools[0].Units {
		return err == nil && n == 0, err
	}
	here, err := count(` AND state IN ('waits', 'won', 'sold')` + line)
	return here >= said.Ahead, err
}

func (d Drop) stand(v commerce.VariantID) (Stand, bool) {
	for _, s := range d.Stands {
		if s.Variant == v {
			return s, true
		}
	}
	return Stand{}, false
}

// Leave gives a member's place, or a unit they have won, up: of several the last
// place in line, else the last unit. One that is being
// paid stays theirs: ErrPaying.
func (d *Drops) Leave(ctx context.Context, id commerce.DropID, m commerce.MemberID) error {
	err := d.leave1(ctx, id, m)
	if err != ErrPaying {
		return err
	}
	if err := d.leaveGroup(ctx, id, m); err != nil {
		return err
	}
	return d.leave1(ctx, id, m) // one that was not authorised yet
}

func (d *Drops) leave1(ctx context.Context, id commerce.DropID, m commerce.MemberID) error {
	return d.DB.Write(ctx, func(tx *database.Tx) error {
		mine, err := entries(tx, `drop_id = $1 AND member_id = $2 ORDER BY CASE WHEN state = 'waits' THEN 0 WHEN state = 'won' AND order_id = '' THEN 1
			WHEN state = 'won' THEN 2 ELSE 3 END, seat DESC LIMIT 1`, id, m)
		if err == nil && len(mine) == 0 {
			err = ErrNone
		}
		if err != nil {
			return err
		}
		return d.giveBack(tx, mine[0])
	})
}

// giveBack ends a place in line, or a won unit, as its member wishes.
func (d *Drops) giveBack(tx *database.Tx, e Entry) (err error) {
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
}

// LeaveOne is Leave of one place, and returns what became of it. Who leaves the
// line keeps what they have won meanwhile.
func (d *Drops) LeaveOne(ctx context.Context, id commerce.EntryID, m commerce.MemberID, line bool) (e Entry, err error) {
	leave := func() error {
		return d.DB.Write(ctx, func(tx *database.Tx) error {
			e, err = entry(tx, `id = $1`, id)
			if err == nil && e.Member != m {
				err = ErrNone
			}
			if err != nil || line && e.State != Waits {
				return err
			}
			return d.giveBack(tx, e)
		})
	}
	if err = leave(); err == ErrPaying {
		if err = d.leaveGroup(ctx, e.Drop, m); err == nil {
			err = leave() // one that was not authorised yet
		}
	}
	if err == nil {
		e, err = d.Entry(ctx, id)
	}
	return e, err
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
	if err := giveUp(tx, e); err != nil {
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
	if err != nil || !d.handsOut(drop) {
		return err
	}
	if drop.anyOf() {
		return d.nextOfAny(tx, drop)
	}
	stand, _ := drop.stand(v)
	free := stand.Units - stand.Claimed - stand.Sold
	most := free
	if len(stand.Pools) > 1 {
		most = math.MaxInt32 // the first may come from communities whose units are gone
	}
	if free == 0 {
		return nil
	}
	waiting, err := entries(tx, `drop_id = $1 AND variant_id = $2 AND state = 'waits' ORDER BY place LIMIT $3`, id, v, most)
	if err != nil {
		return err
	}
	now := d.Clock.Now()
	for _, e := range waiting {
		pool, ok, err := take(tx, id, stand, e.From)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if e.Pool, free = pool, free-1; free < 0 {
			return nil
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

// handsOut reports whether units that nobody has go to those who wait now.
func (d *Drops) handsOut(drop Drop) bool {
	if _, quiet := d.quiet(d.Clock.Now()); quiet && drop.Mode == Invite {
		return false // their time would run while they sleep
	}
	return (drop.State == Open || drop.State == Closed) && !drop.Paused && drop.Drawn()
}

// sendHome ends the line of a variant of which nothing is left.
func (d *Drops) sendHome(tx *database.Tx, id commerce.DropID, v commerce.VariantID) error {
	waiting, err := entries(tx, `drop_id = $1 AND variant_id = $2 AND state = 'waits' ORDER BY place`, id, v)
	for _, e := range waiting {
		if err != nil {
			return err
		}
		if _, err = put(tx, e, Lost, time.Time{}, d.Clock.Now()); err == nil && e.asked() {
			err = d.tell(tx, notices.DropLost, e)
		}
	}
	return err
}

// asked reports whether a member has said that they take part: who was only
// chosen to be invited, and never was, knows nothing of it.
func (e Entry) asked() bool { return e.Bot != "" }

// tell writes a notice about an entry to its member, once for each place they
// had.
func (d *Drops) tell(tx *database.Tx, kind string, e Entry) error {
	_, err := notices.Add(tx, d.IDs, d.Clock.Now(), notices.Notice{Kind: kind, Member: e.Member,
		Args: map[string]string{"entry": string(e.ID), "drop": string(e.Drop)}, Once: kind + ":" + string(e.ID) + ":" + place(e)})
	return err
}
