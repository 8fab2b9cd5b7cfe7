package drops

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// load reads a drop and how it stands.
func load(tx *database.Tx, id commerce.DropID) (Drop, error) {
	d, err := terms(tx, id)
	if err != nil {
		return d, err
	}
	if d.Mode == Draws {
		if d.Drawings, err = drawings(tx, id); err != nil {
			return d, err
		}
	}
	if d.Mode == Group {
		if err := joined(tx, &d); err != nil {
			return d, err
		}
	}
	return d, tx.Rows(`SELECT u.variant_id, u.community_id, u.units, u.claimed, u.sold, (SELECT COUNT(*) FROM drop_entries e
			WHERE e.drop_id = u.drop_id AND e.variant_id = u.variant_id AND e.state = 'waits')
		FROM drop_units u WHERE u.drop_id = $1 ORDER BY u.position, u.community_id`, []any{id}, func(scan func(...any) error) error {
		var s Stand
		var p Pool
		err := scan(&s.Variant, &p.Community, &p.Units, &p.Claimed, &p.Sold, &s.Waiting)
		if n := len(d.Stands); n == 0 || d.Stands[n-1].Variant != s.Variant {
			d.Stands = append(d.Stands, s)
		}
		last := &d.Stands[len(d.Stands)-1]
		last.Units, last.Claimed, last.Sold = last.Units+p.Units, last.Claimed+p.Claimed, last.Sold+p.Sold
		last.Pools = append(last.Pools, p)
		return err
	})
}

// terms reads a drop without how its units stand.
func terms(tx *database.Tx, id commerce.DropID) (d Drop, err error) {
	var terms string
	var paused, spilled, opens, closes, opened, ended int64
	err = tx.Row(`SELECT state, paused, spilled, terms, opens_at, closes_at, opened_at, ended_at FROM drops WHERE id = $1`, id).
		Scan(&d.State, &paused, &spilled, &terms, &opens, &closes, &opened, &ended)
	if err == database.ErrNone {
		return d, ErrNone
	}
	if err != nil {
		return d, fmt.Errorf("read drop: %w", err)
	}
	if err := json.Unmarshal([]byte(terms), &d.Plan); err != nil {
		return d, fmt.Errorf("terms of drop %s: %w", id, err)
	}
	d.Paused, d.Spilled = paused != 0, spilled != 0
	d.Opens, d.Closes = commerce.FromMicros(opens), commerce.FromMicros(closes)
	d.OpenedAt, d.EndedAt = commerce.FromMicros(opened), commerce.FromMicros(ended)
	return d, nil
}

func inState(tx *database.Tx, states ...State) (ids []commerce.DropID, err error) {
	var in []string
	var args []any
	for i, s := range states {
		in, args = append(in, fmt.Sprintf("$%d", i+1)), append(args, s)
	}
	err = tx.Rows(`SELECT id FROM drops WHERE state IN (`+strings.Join(in, ", ")+`) ORDER BY opens_at, id`, args, func(scan func(...any) error) error {
		var id commerce.DropID
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// move takes a drop from one state to the next, once.
func move(tx *database.Tx, id commerce.DropID, from, to State, now time.Time) (bool, error) {
	stamp := map[State]string{Open: ", opened_at = $4", Over: ", ended_at = $4", Cancelled: ", ended_at = $4"}[to]
	args := []any{id, from, to}
	if stamp != "" {
		args = append(args, commerce.Micros(now))
	}
	n, err := tx.Exec(`UPDATE drops SET state = $3, changes = changes + 1`+stamp+` WHERE id = $1 AND state = $2`, args...)
	return n == 1, err
}

const selectEntry = `SELECT id, drop_id, member_id, variant_id, seat, community_id, pool, bot, place, state, won_until, order_id, created_at, rule, tier FROM drop_entries WHERE `

// entry reads one entry, with how many wait before it. It returns ErrNone.
func entry(tx *database.Tx, where string, args ...any) (e Entry, err error) {
	var until, at int64
	err = tx.Row(selectEntry+where, args...).Scan(e.fields(&until, &at)...)
	if err == database.ErrNone {
		return e, ErrNone
	}
	if err != nil {
		return e, fmt.Errorf("read entry: %w", err)
	}
	e.Until, e.At = commerce.FromMicros(until), commerce.FromMicros(at)
	if e.State == Waits {
		err = tx.Row(`SELECT COUNT(*) FROM drop_entries WHERE drop_id = $1 AND variant_id = $2 AND state = 'waits' AND place < $3`,
			e.Drop, e.Variant, e.Place).Scan(&e.Ahead)
	}
	return e, err
}

func entries(tx *database.Tx, tail string, args ...any) (list []Entry, err error) {
	err = tx.Rows(selectEntry+tail, args, func(scan func(...any) error) error {
		var e Entry
		var until, at int64
		err := scan(e.fields(&until, &at)...)
		e.Until, e.At = commerce.FromMicros(until), commerce.FromMicros(at)
		list = append(list, e)
		return err
	})
	return list, err
}

func (e *Entry) fields(until, at *int64) []any {
	return []any{&e.ID, &e.Drop, &e.Member, &e.Variant, &e.Seat, &e.From, &e.Pool, &e.Bot, &e.Place, &e.State, until, &e.Order, at, &e.Rule, &e.Tier}
}

// put takes an entry from one state to another, once.
func put(tx *database.Tx, e Entry, to EntryState, until, now time.Time) (bool, error) {
	ended := int64(0)
	if to != Waits && to != Won {
		ended = commerce.Micros(now)
	}
	n, err := tx.Exec(`UPDATE drop_entries SET state = $3, won_until = $4, ended_at = $5, pool = $6, variant_id = $7 WHERE id = $1 AND state = $2`,
		e.ID, e.State, to, commerce.Micros(until), ended, e.Pool, e.Variant)
	if err == nil && n == 1 {
		_, err = tx.Exec(`UPDATE drops SET changes = changes + 1 WHERE id = $1`, e.Drop)
	}
	return n == 1, err
}

// take takes a unit for somebody, where one is left that nobody has: of their
// community's first. It returns whose it was.
func take(tx *database.Tx, id commerce.DropID, s Stand, from commerce.CommunityID) (pool commerce.CommunityID, ok bool, err error) {
	for _, p := range s.pools(from) {
		n, err := tx.Exec(`UPDATE drop_units SET claimed = claimed + 1 WHERE drop_id = $1 AND variant_id = $2 AND community_id = $3 AND claimed + sold < units`,
			id, s.Variant, p.Community)
		if err != nil || n == 1 {
			return p.Community, n == 1, err
		}
	}
	return "", false, nil
}

// giveUp takes a unit from somebody who had won it.
func giveUp(tx *database.Tx, e Entry) error {
	_, err := tx.Exec(`UPDATE drop_units SET claimed = claimed - 1 WHERE drop_id = $1 AND variant_id = $2 AND community_id = $3`, e.Drop, e.Variant, e.Pool)
	if err == nil && e.Pool != "" {
		err = spill(tx, e.Drop)
	}
	return err
}

// spill makes what nobody has of the communities' units everybody's, where that
// time has come.
func spill(tx *database.Tx, id commerce.DropID) error {
	const due = ` AND EXISTS (SELECT 1 FROM drops d WHERE d.id = drop_units.drop_id AND d.spilled = 1)`
	if _, err := tx.Exec(`UPDATE drop_units SET units = units + (SELECT COALESCE(SUM(p.units - p.claimed - p.sold), 0) FROM drop_units p
		WHERE p.drop_id = drop_units.drop_id AND p.variant_id = drop_units.variant_id AND p.community_id <> '')
		WHERE drop_id = $1 AND community_id = ''`+due, id); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE drop_units SET units = claimed + sold WHERE drop_id = $1 AND community_id <> ''`+due, id)
	return err
}
