package drops

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/live"
)

// This file keeps the gate of a drop in Redis, which says who was there first
// and turns the crowd away. The rules are:
//   - It may be wiped, behind, or gone: the database decides, and the gate is
//     set from it again.
//   - A line of the gate is a variant. It has room for its units and for those
//     who may wait behind them; who has left makes room for another.

// ask asks the gate. The zero Answer says that it does not answer; ErrTooLate
// and the errors of a drop that is not open are the gate's.
func (d *Drops) ask(ctx context.Context, drop Drop, m commerce.MemberID, v commerce.VariantID, at Where) (live.Answer, error) {
	if d.Live == nil || drop.Mode != Queue {
		return live.Answer{}, nil // there is room for everybody
	}
	id := drop.ID
	stand, _ := drop.stand(v)
	from := stand.line(at.Community)
	who, line := entrant(m, at.Seat), drop.gateLine(v, from)
	gate := d.Live.Gate(string(id))
	said, err := gate.ClaimAt(ctx, at.Tapped, who, line)
	if err == nil && said.Verdict == live.Unknown {
		if err := d.known(ctx, id, who, line); err != nil {
			return said, err
		}
		said, err = gate.ClaimAt(ctx, at.Tapped, who, line)
	}
	if err == nil && said.Verdict == live.Full && d.stillRoom(ctx, id, v, from) {
		said, err = gate.ClaimAt(ctx, at.Tapped, who, line)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return said, err
	case err != nil: // Redis is away
		return live.Answer{}, nil
	case said.Verdict == live.Full:
		return said, ErrTooLate
	case said.Verdict == live.Shut:
		drop, err := d.Look(ctx, id)
		if err == nil {
			err = drop.shut(d.Clock.Now(), drop.Opens.Add(-drop.Early()))
		}
		return live.Answer{}, err // it has opened this very second: the database decides
	}
	return said, nil
}

// entrant names one of a member's seats at the gate.
func entrant(m commerce.MemberID, seat int64) commerce.MemberID {
	if seat == 0 {
		return m
	}
	return m + commerce.MemberID("/"+strconv.FormatInt(seat, 10))
}

// gateLine names the line in which members of a community wait.
func (d Drop) gateLine(v commerce.VariantID, c commerce.CommunityID) string {
	if c == "" || d.Spilled {
		return string(v)
	}
	return string(v) + "/" + string(c)
}

// known sets a gate that Redis has forgotten, once for all who come meanwhile.
func (d *Drops) known(ctx context.Context, id commerce.DropID, who commerce.MemberID, line string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	said, err := d.Live.Gate(string(id)).Claim(ctx, who, line)
	if err != nil || said.Verdict != live.Unknown {
		return nil
	}
	return d.setGate(ctx, id, false)
}

// doubted is how long a gate may count more than the database: so long at most
// is somebody who was let in on the way.
const doubted = 10 * time.Second

// doubt is a line at a gate that says full while the database does not.
type doubt struct {
	drop commerce.DropID
	line string
}

// stillRoom reports that a gate says full that has been wrong for too long,
// since a process died with those it had let in. It is set anew then.
func (d *Drops) stillRoom(ctx context.Context, id commerce.DropID, v commerce.VariantID, from commerce.CommunityID) bool {
	drop, err := d.Look(ctx, id)
	s, _ := drop.stand(v)
	now := d.Clock.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	line := drop.gateLine(v, from)
	since, doubts := d.doubt[doubt{id, line}]
	switch {
	case err != nil || s.For(from).free() <= 0 && s.Waiting >= drop.Line:
		delete(d.doubt, doubt{id, line})
		return false
	case !doubts:
		d.doubt[doubt{id, line}] = now
		return false
	case now.Sub(since) < doubted:
		return false
	}
	delete(d.doubt, doubt{id, line})
	return d.setGate(ctx, id, true) == nil
}

// setGate sets a gate from the database: anew, or with those who are in and not
// in the database yet.
func (d *Drops) setGate(ctx context.Context, id commerce.DropID, anew bool) error {
	s := live.GateState{}
	var drop Drop
	err := d.DB.Read(ctx, func(tx *database.Tx) (err error) {
		s = live.GateState{Rebuild: anew}
		if drop, err = load(tx, id); err != nil {
			return err
		}
		if err := tx.Row(`SELECT changes, let_in FROM drops WHERE id = $1`, id).Scan(&s.Version, &s.Next); err != nil {
			return err
		}
		list, err := entries(tx, `drop_id = $1 AND state IN ('waits', 'won', 'sold')`, id)
		for _, e := range list {
			s.Members = append(s.Members, live.Entrant{Member: entrant(e.Member, e.Seat), Line: drop.gateLine(e.Variant, e.From), Seq: e.Place})
		}
		return err
	})
	if err != nil {
		return err
	}
	s.Next++
	s.Open = drop.State == Open && !drop.Paused
	for _, st := range drop.Stands {
		for _, p := range st.Pools {
			if room := st.For(p.Community).Units; !drop.Spilled {
				s.Lines = append(s.Lines, live.GateLine{Name: drop.gateLine(st.Variant, p.Community), Room: room + drop.Line})
			}
		}
		if drop.Spilled {
			s.Lines = append(s.Lines, live.GateLine{Name: string(st.Variant), Room: st.Units + drop.Line})
		}
	}
	return d.Live.Gate(string(id)).Open(ctx, s)
}

// openGates sets the gates of drops whose state has changed. Without Redis they
// stay as they are; nothing depends on them.
func (d *Drops) openGates(ctx context.Context) (int, error) {
	if d.Live == nil {
		return 0, nil
	}
	var list []Drop
	err := d.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		ids, err := inState(tx, Announced, Open, Closed)
		for _, id := range ids {
			if err != nil {
				return err
			}
			var one Drop
			one, err = load(tx, id)
			list = append(list, one)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.gates
	d.gates = map[commerce.DropID]string{}
	for _, drop := range list {
		state := fmt.Sprint(drop.State, drop.Paused, drop.Spilled, drop.Total())
		if was[drop.ID] != state {
			d.seen.Drop(drop.ID)
			anew := drop.Spilled && was[drop.ID] != state+behind // its lines are one then
			if err := d.setGate(ctx, drop.ID, anew); err != nil {
				if ctx.Err() != nil {
					return 0, err
				}
				continue // once Redis is back
			}
		}
		d.gates[drop.ID] = state
	}
	return 0, nil
}

// behind marks the state of a gate that lacks somebody.
const behind = " behind"

// behind has the next Step tell the gate of those whom the database let in
// without it: it would give their places to others who come later.
func (d *Drops) behind(id commerce.DropID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if state, set := d.gates[id]; set {
		d.gates[id] = strings.TrimSuffix(state, behind) + behind
	}
}

// shut says why a drop takes no claims of one for whom it opens at a time, nil
// where it does.
func (d Drop) shut(now, opens time.Time) error {
	switch {
	case d.State == Announced, d.State == Open && now.Before(opens):
		return ErrNotYet.With("opens", opens)
	case d.State != Open, !now.Before(d.Closes):
		return ErrClosed
	case d.Paused:
		return ErrPaused
	}
	return nil
}

// leaves takes a member out of the gate once it is committed that they have no
// place any more.
func (d *Drops) leaves(tx *database.Tx, e Entry) {
	if d.Live != nil {
		tx.After(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(tx.Context()), 2*time.Second)
			defer cancel()
			d.leave(ctx, e.Drop, entrant(e.Member, e.Seat), e.Place)
		})
	}
}

func (d *Drops) leave(ctx context.Context, id commerce.DropID, m commerce.MemberID, place int64) {
	if err := d.Live.Gate(string(id)).Leave(ctx, m, place); err != nil && d.Log != nil {
		d.Log.Warn("a place at a drop's gate was not freed", "drop", id, "err", err)
	}
}
