package drops

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/loyalty"
)

// This file says who may take part. The rules are:
//   - Who meets one of a plan's rules may; of several the one that opens first, or
//     is drawn first, counts, and is written down with what they have.
//   - Somebody is asked before they come to the gate, so that those a drop is not
//     for take nobody's place there. What they have already stays theirs.
//   - Those who are invited are chosen when the drop opens, once.

// Rule names some who may take part: of the first six fields one is set, or
// none for anybody.
type Rule struct {
	Follows   commerce.CreatorID   `json:",omitempty"`
	Brand     commerce.BrandID     `json:",omitempty"` // who asked to be told of its drops
	Community commerce.CommunityID `json:",omitempty"` // its members
	Role      string               `json:",omitempty"` // in the chat they claim from, by the platform's id
	Tier      string               `json:",omitempty"` // who has this tier of the shop, or a higher one: Sum counts within Within
	Lost      bool                 `json:",omitempty"` // those a drop of the brand had nothing left for, and who have bought in none since
	Since     time.Time            // they must have followed, asked, or been in the community, at that time; zero for now
	Early     time.Duration        `json:",omitempty"` // how long before the opening they may claim
	First     bool                 `json:",omitempty"` // they are drawn before the others
	Called    string               `json:",omitempty"` // what members read for it
	Names     map[string]string    `json:",omitempty"` // of a tier, in other languages
	Sum       commerce.Money       `json:",omitzero"`  // of a tier, as it was when the drop was planned: what must count for a member
	Within    time.Duration        `json:",omitempty"` // of a tier: for how long it counts
}

// Anybody reports whether a rule is met by everybody.
func (r Rule) Anybody() bool {
	return r.Follows == "" && r.Brand == "" && r.Community == "" && r.Role == "" && r.Tier == "" && !r.Lost
}

// Early is how long before the opening the first may claim.
func (p Plan) Early() (d time.Duration) {
	for _, r := range p.Who {
		d = max(d, r.Early)
	}
	return d
}

// first is when the first members can claim.
func (p Plan) first() time.Time { return p.Opens.Add(-p.Early()) }

// First reports whether some are drawn before the others.
func (p Plan) First() bool {
	return slices.ContainsFunc(p.Who, func(r Rule) bool { return r.First })
}

// tier is that of a ticket, of who takes part by a rule.
func (p Plan) tier(by int) int {
	if !p.First() || by >= 0 && p.Who[by].First {
		return 0
	}
	return 1
}

// asked is a member who may take part in a drop.
type asked struct {
	drop   commerce.DropID
	member commerce.MemberID
}

// opensFor returns from when a member may claim, and by which rule. It returns
// ErrNotFor.
func (d *Drops) opensFor(ctx context.Context, drop Drop, m commerce.MemberID, at Where) (time.Time, int, error) {
	if drop.Mode == Invite {
		return drop.Opens, -1, nil
	}
	by, err := d.may.Load(asked{drop.ID, m}, func() (int, error) { return d.By(ctx, drop, m, at) })
	if err != nil || by < 0 {
		return drop.Opens, by, err
	}
	return drop.Opens.Add(-drop.Who[by].Early), by, nil
}

// By returns the rule that lets a member take part: of several that they meet the
// one that opens first, or is drawn first; -1 where the drop has none. It returns
// ErrNotFor where they meet none.
func (d *Drops) By(ctx context.Context, drop Drop, m commerce.MemberID, at Where) (by int, err error) {
	if len(drop.Who) == 0 {
		return -1, nil
	}
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		by = -1
		for i, r := range drop.Who {
			ok, err := r.met(tx, drop, m, at, d.Clock.Now())
			if err != nil {
				return err
			}
			if ok && (by < 0 || r.Early > drop.Who[by].Early || r.First && !drop.Who[by].First) {
				by = i
			}
		}
		if by < 0 {
			return ErrNotFor
		}
		return nil
	})
	return by, err
}

// has is what counted for a member at a time, for the tier of a rule.
func (r Rule) has(tx *database.Tx, m commerce.MemberID, at time.Time) (commerce.Money, error) {
	return loyalty.Counted(tx, m, r.Sum.Currency, at.Add(-r.Within), at)
}

// sinceOf bounds a time in a query.
func sinceOf(t time.Time) int64 {
	if t.IsZero() {
		return math.MaxInt64
	}
	return commerce.Micros(t)
}

func (r Rule) met(tx *database.Tx, drop Drop, m commerce.MemberID, at Where, now time.Time) (bool, error) {
	var n int64
	var err error
	switch {
	case r.Tier != "":
		if !r.Since.IsZero() {
			now = r.Since
		}
		has, err := r.has(tx, m, now)
		return err == nil && has.Amount >= r.Sum.Amount, err
	case r.Role != "":
		return slices.Contains(at.Roles, r.Role), nil
	case r.Follows != "":
		err = tx.Row(`SELECT COUNT(*) FROM follows WHERE member_id = $1 AND creator_id = $2 AND created_at <= $3`, m, r.Follows, sinceOf(r.Since)).Scan(&n)
	case r.Brand != "":
		err = tx.Row(`SELECT COUNT(*) FROM drop_subscribers WHERE member_id = $1 AND of_id = $2 AND created_at <= $3`, m, r.Brand, sinceOf(r.Since)).Scan(&n)
	case r.Community != "":
		err = tx.Row(`SELECT COUNT(*) FROM member_communities WHERE member_id = $1 AND community_id = $2 AND since <= $3`, m, r.Community, sinceOf(r.Since)).Scan(&n)
	case r.Lost:
		err = tx.Row(`SELECT COUNT(*) FROM drop_entries e WHERE e.member_id = $3 AND `+lostBefore, drop.ID, drop.Brand, m).Scan(&n)
	default:
		n = 1
	}
	return n > 0, err
}

// lostBefore is met by entries in other drops ($1 is this one) of the brand $2: of
// those who came, not of who was only chosen to be invited.
const lostBefore = `e.state = 'lost' AND e.bot <> '' AND e.drop_id <> $1 AND e.drop_id IN (SELECT id FROM drops WHERE brand_id = $2)
	AND NOT EXISTS (SELECT 1 FROM drop_entries s WHERE s.member_id = e.member_id AND s.state = 'sold' AND s.created_at >= e.created_at
	AND s.drop_id IN (SELECT id FROM drops WHERE brand_id = $2))`

// chosenAtOnce is how many are put in line in one transaction.
const chosenAtOnce = 500

// choose puts the next of those who are chosen in line, and returns how many it
// were: fewer than chosenAtOnce are the last.
func (d *Drops) choose(tx *database.Tx, drop Drop) (n int, err error) {
	now := commerce.Micros(d.Clock.Now())
	for i, r := range drop.Who {
		query, args := `SELECT f.member_id FROM follows f WHERE f.creator_id = $2 AND f.created_at <= $3`, []any{drop.ID, r.Follows, sinceOf(r.Since)}
		order := ` ORDER BY f.created_at, f.member_id`
		switch {
		case r.Brand != "":
			query = `SELECT f.member_id FROM drop_subscribers f WHERE f.of_id = $2 AND f.created_at <= $3`
			args = []any{drop.ID, r.Brand, sinceOf(r.Since)}
		case r.Community != "":
			query = `SELECT f.member_id FROM member_communities f WHERE f.community_id = $2 AND f.since <= $3`
			args, order = []any{drop.ID, r.Community, sinceOf(r.Since)}, ` ORDER BY f.since, f.member_id`
		case r.Lost:
			query = `SELECT f.member_id FROM (SELECT e.member_id, MIN(e.created_at) AS since FROM drop_entries e WHERE ` + lostBefore + ` GROUP BY e.member_id) f WHERE 1 = 1`
			args, order = []any{drop.ID, drop.Brand}, ` ORDER BY f.since, f.member_id`
		}
		var who []commerce.MemberID
		if err := tx.Rows(query+` AND NOT EXISTS (SELECT 1 FROM drop_entries e WHERE e.drop_id = $1 AND e.member_id = f.member_id)
			AND EXISTS (SELECT 1 FROM members m WHERE m.id = f.member_id AND m.merged_into = '' AND m.erased_at = 0)`+order+` LIMIT 500`, args, func(scan func(...any) error) error {
			var m commerce.MemberID
			err := scan(&m)
			who = append(who, m)
			return err
		}); err != nil {
			return n, err
		}
		for _, m := range who[:min(len(who), chosenAtOnce-n)] {
			var place int64
			if err := tx.Row(`UPDATE drops SET let_in = let_in + 1 WHERE id = $1 RETURNING let_in`, drop.ID).Scan(&place); err != nil {
				return n, err
			}
			if _, err := tx.Exec(`INSERT INTO drop_entries (id, drop_id, member_id, variant_id, place, state, bot, chat, created_at, rule) VALUES ($1, $2, $3, $4, $5, 'waits', '', '', $6, $7)`,
				d.IDs.ID(), drop.ID, m, drop.Units[0].Variant, place, now, i); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}
