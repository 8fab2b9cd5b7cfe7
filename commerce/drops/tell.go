package drops

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
)

// This file tells of a drop before it opens. The rules are:
//   - The groups are told when it is announced, and reminded a day, an hour and
//     five minutes before the first can claim; none on the heels of the announcement.
//   - Members who asked for it are told too, and reminded a day and an hour
//     before: begun so early that the last of them is told by then.
//   - There may be very many of them: their notices are written a part at a
//     time, and a crash goes on where it stopped.
//   - Where it is cancelled, those who were told of it are told that too.
//   - It does not open before all of them were told of it, or never can be.

const (
	part   = 200 // members whose notices are written in one transaction
	atOnce = 10  // parts in one step
	topics = 20  // whose followers are told: the brand, and creators who recommend the product
)

// allTold is of a drop of which no member waits to be told. Whoever has quiet
// hours of their own counts as told when the notice waits for their end.
const allTold = `NOT EXISTS (SELECT 1 FROM drop_rounds r WHERE r.drop_id = drops.id AND r.before = 0 AND r.done = 0)
	AND NOT EXISTS (SELECT 1 FROM drop_tellings t JOIN notices n ON n.id = t.notice_id
		WHERE t.drop_id = drops.id AND n.state IN ('due', 'sending') AND n.problem <> '` + notices.Quiet + `')`

// waiting counts by bot who waits to be told of a drop: its groups and members.
const waiting = `SELECT p.bot, COUNT(*) FROM drop_posts p JOIN notices n ON n.id = p.notice_id
		WHERE p.drop_id = $1 AND n.state IN ('due', 'sending') GROUP BY p.bot
	UNION ALL SELECT t.bot, COUNT(*) FROM drop_tellings t JOIN notices n ON n.id = t.notice_id
		WHERE t.drop_id = $1 AND n.state IN ('due', 'sending') AND n.problem <> '` + notices.Quiet + `' GROUP BY t.bot`

// round is one thing to tell before a drop opens.
type round struct {
	drop   commerce.DropID
	before time.Duration // the opening; 0 is the announcement, off that it is cancelled
	who    string        // groups or members
	upto   string        // the last member whose notice is written
	plan   Plan
	late   bool // the next one is near: this is none any more
}

// off is the round of a drop that was cancelled.
const off = -time.Second

// tellOff has the members told of a drop learn that it is cancelled. Who takes
// part is told by themself.
func (d *Drops) tellOff(tx *database.Tx, id commerce.DropID) error {
	if _, err := tx.Exec(`UPDATE drop_rounds SET done = 1 WHERE drop_id = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO drop_rounds (drop_id, before, who) VALUES ($1, $2, 'members')`, id, int64(off.Seconds()))
	return err
}

// plan writes down what is to be told of a drop that is being announced.
func (d *Drops) plan(tx *database.Tx, p Plan) error {
	add := func(before time.Duration, who ...string) error {
		for _, w := range who {
			if _, err := tx.Exec(`INSERT INTO drop_rounds (drop_id, before, who) VALUES ($1, $2, $3)`, p.ID, int64(before.Seconds()), w); err != nil {
				return err
			}
		}
		return nil
	}
	if err := add(0, "members"); err != nil {
		return err
	}
	for _, before := range []time.Duration{24 * time.Hour, time.Hour, 5 * time.Minute} {
		who := []string{"groups", "members"}
		if before < time.Hour {
			who = who[:1]
		}
		if p.first().Add(-before).After(d.Clock.Now().Add(before / 2)) {
			if err := add(before, who...); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellRounds writes the notices of the rounds whose time has come.
func (d *Drops) tellRounds(ctx context.Context) (n int, err error) {
	var list []round
	var opens []time.Time
	if err := d.DB.Read(ctx, func(tx *database.Tx) error {
		list, opens = nil, nil
		return tx.Rows(`SELECT r.drop_id, r.before, r.who, r.upto, d.opens_at FROM drop_rounds r JOIN drops d ON d.id = r.drop_id
			WHERE r.done = 0 AND (d.state = 'announced' OR d.state = 'cancelled' AND r.before < 0) ORDER BY r.before, r.who, r.drop_id`, nil, func(scan func(...any) error) error {
			var r round
			var before, at int64
			err := scan(&r.drop, &before, &r.who, &r.upto, &at)
			r.before = time.Duration(before) * time.Second
			list, opens = append(list, r), append(opens, commerce.FromMicros(at))
			return err
		})
	}); err != nil {
		return 0, err
	}
	for i, r := range list {
		drop, err := d.Look(ctx, r.drop)
		if err != nil {
			return n, err
		}
		r.plan = drop.Plan
		first := opens[i].Add(-drop.Early())
		begin := first.Add(-r.before)
		if r.who == "members" && r.before > 0 {
			lasts, err := d.lasts(ctx, r.drop)
			if err != nil {
				return n, err
			}
			begin = begin.Add(-lasts)
		}
		now := d.Clock.Now()
		if r.before > 0 && now.Before(begin) {
			continue
		}
		if _, quiet := d.quiet(now); quiet && r.who == "groups" {
			continue // it is put off to their end
		}
		r.late = r.before > 0 && now.After(first.Add(-r.before/2))
		for range atOnce {
			did, done, err := d.tellPart(ctx, &r)
			n += did
			if err != nil {
				return n, fmt.Errorf("tell of drop %s: %w", r.drop, err)
			}
			if done {
				break
			}
		}
	}
	return n, nil
}

// tellPart writes the next notices of a round, and reports whether they were the last.
func (d *Drops) tellPart(ctx context.Context, r *round) (n int, done bool, err error) {
	var next string
	of := d.topics(ctx, r.plan)
	err = d.DB.Write(ctx, func(tx *database.Tx) error {
		n, done, next = 0, true, r.upto
		drop, err := terms(tx, r.drop)
		if err != nil || drop.State != Announced && r.before != off {
			return err
		}
		var members []reader
		if r.who == "members" && !r.late {
			if members, err = readersOf(tx, *r, of, part); err != nil {
				return err
			}
			if done = len(members) < part; len(members) > 0 {
				next = string(members[len(members)-1].member)
			}
		}
		// Another process may have written this part meanwhile.
		if ok, err := tx.Exec(`UPDATE drop_rounds SET upto = $5, done = $6 WHERE drop_id = $1 AND before = $2 AND who = $3 AND upto = $4 AND done = 0`,
			r.drop, int64(r.before.Seconds()), r.who, r.upto, next, flag(done)); err != nil || ok == 0 {
			done = true
			return err
		}
		if r.who == "groups" && !r.late {
			n++
			return d.tellGroups(tx, r.drop, r.before)
		}
		for _, m := range members {
			n++
			if err := d.tellMember(tx, *r, m); err != nil {
				return err
			}
		}
		return nil
	})
	r.upto = next
	return n, done, err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// reader is a member who is told of a drop, by a bot as far as is known.
type reader struct {
	member commerce.MemberID
	bot    string
}

// topics are whom one follows to be told of a drop.
func (d *Drops) topics(ctx context.Context, p Plan) []string {
	of := []string{string(p.Brand)}
	if d.Recommend != nil {
		for _, c := range d.Recommend(ctx, p.Product) {
			of = append(of, string(c))
		}
	}
	return of[:min(len(of), topics)]
}

// readers lists members who asked to be told of some topics, in an order of
// their ids, from one on.
func readers(tx *database.Tx, of []string, after string, n int) (list []reader, err error) {
	args, in := []any{after, n}, []string{}
	for _, one := range of {
		args = append(args, one)
		in = append(in, fmt.Sprintf("$%d", len(args)))
	}
	err = tx.Rows(`SELECT m.member_id, COALESCE((SELECT a.bot FROM accounts a WHERE a.member_id = m.member_id AND a.reach <> 'closed'
			ORDER BY a.seen_at DESC, a.created_at, a.platform, a.account LIMIT 1), '')
		FROM (SELECT DISTINCT s.member_id FROM drop_subscribers s WHERE s.member_id > $1 AND s.of_id IN (`+strings.Join(in, ", ")+`) ORDER BY s.member_id LIMIT $2) m
		ORDER BY m.member_id`, args, func(scan func(...any) error) error {
		var r reader
		err := scan(&r.member, &r.bot)
		list = append(list, r)
		return err
	})
	return list, err
}

// readersOf lists those to whom the next notices of a round go.
func readersOf(tx *database.Tx, r round, of []string, n int) (list []reader, err error) {
	if r.before != off {
		return readers(tx, of, r.upto, n)
	}
	err = tx.Rows(`SELECT t.member_id FROM drop_tellings t JOIN notices n ON n.id = t.notice_id AND n.state IN ('sending', 'sent', 'read')
		WHERE t.drop_id = $1 AND t.member_id > $2 AND NOT EXISTS (SELECT 1 FROM drop_entries e WHERE e.drop_id = t.drop_id AND e.member_id = t.member_id)
		ORDER BY t.member_id LIMIT $3`, []any{r.drop, r.upto, n}, func(scan func(...any) error) error {
		var r reader
		err := scan(&r.member)
		list = append(list, r)
		return err
	})
	return list, err
}

func (d *Drops) tellMember(tx *database.Tx, r round, to reader) error {
	id, kind, when := commerce.NoticeID(d.IDs.ID()), notices.DropTell, ""
	switch {
	case r.before > 0:
		kind, when = notices.DropSoon, r.before.String()
	case r.before == off:
		kind = notices.DropOff
	}
	_, err := notices.Add(tx, d.IDs, d.Clock.Now(), notices.Notice{ID: id, Kind: kind, Member: to.member, Args: map[string]string{"drop": string(r.drop), "before": when},
		Once: strings.Join([]string{kind, string(r.drop), string(to.member), when}, ":")})
	if err == nil && r.before == 0 {
		_, err = tx.Exec(`INSERT INTO drop_tellings (drop_id, member_id, bot, notice_id) VALUES ($1, $2, $3, $4)`, r.drop, to.member, to.bot, id)
	}
	return err
}

// tellGroups reminds the groups that were told of a drop.
func (d *Drops) tellGroups(tx *database.Tx, id commerce.DropID, before time.Duration) error {
	return d.tellChatsOf(tx, notices.DropSoon, id, before.String())
}

// lasts is how long it takes to tell all who asked.
func (d *Drops) lasts(ctx context.Context, id commerce.DropID) (time.Duration, error) {
	each := map[string]int64{}
	err := d.DB.Read(ctx, func(tx *database.Tx) error {
		clear(each)
		return tx.Rows(`SELECT bot, COUNT(*) FROM drop_tellings WHERE drop_id = $1 GROUP BY bot`, []any{id}, func(scan func(...any) error) error {
			var bot string
			var n int64
			err := scan(&bot, &n)
			each[bot] = n
			return err
		})
	})
	return d.takes(each), err
}

// takes is how long the bots need to send so many messages each, beside one another.
func (d *Drops) takes(each map[string]int64) (longest time.Duration) {
	if d.Pace == nil {
		return 0
	}
	for bot, n := range each {
		longest = max(longest, time.Duration(n)*d.Pace(bot))
	}
	return longest
}

// Subscribe lets a member be told of the drops of a brand, or of what a creator
// recommends; doing it twice does it once.
func (d *Drops) Subscribe(ctx context.Context, m commerce.MemberID, of string) error {
	return d.DB.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`INSERT INTO drop_subscribers (of_id, member_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (of_id, member_id) DO NOTHING`,
			of, m, commerce.Micros(d.Clock.Now()))
		return err
	})
}

// Unsubscribe undoes Subscribe. What is written already is still sent.
func (d *Drops) Unsubscribe(ctx context.Context, m commerce.MemberID, of string) error {
	return d.DB.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`DELETE FROM drop_subscribers WHERE of_id = $1 AND member_id = $2`, of, m)
		return err
	})
}

// Subscribed reports whether a member is told of the drops of a brand or creator.
func (d *Drops) Subscribed(ctx context.Context, m commerce.MemberID, of string) (is bool, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		var n int64
		err := tx.Row(`SELECT COUNT(*) FROM drop_subscribers WHERE of_id = $1 AND member_id = $2`, of, m).Scan(&n)
		is = n > 0
		return err
	})
	return is, err
}

// Subscribers counts who is told of the drops of a brand, or of one of a product.
func (d *Drops) Subscribers(ctx context.Context, p Plan) (each map[string]int64, err error) {
	each = map[string]int64{}
	of := d.topics(ctx, p)
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		clear(each)
		for after := ""; ; {
			list, err := readers(tx, of, after, 1000)
			if err != nil || len(list) == 0 {
				return err
			}
			for _, r := range list {
				each[r.bot]++
			}
			after = string(list[len(list)-1].member)
		}
	})
	return each, err
}

// linkSubscriptions moves whose drops a member wants to be told of.
func linkSubscriptions(tx *database.Tx, keep, gone commerce.MemberID) error {
	// Of what both have asked for the earlier time counts.
	if _, err := tx.Exec(`UPDATE drop_subscribers SET created_at = (SELECT s.created_at FROM drop_subscribers s WHERE s.member_id = $2 AND s.of_id = drop_subscribers.of_id)
		WHERE member_id = $1 AND EXISTS (SELECT 1 FROM drop_subscribers s WHERE s.member_id = $2 AND s.of_id = drop_subscribers.of_id AND s.created_at < drop_subscribers.created_at)`, keep, gone); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO drop_subscribers (of_id, member_id, created_at) SELECT of_id, $1, created_at FROM drop_subscribers AS s
		WHERE s.member_id = $2 AND NOT EXISTS (SELECT 1 FROM drop_subscribers AS k WHERE k.member_id = $1 AND k.of_id = s.of_id)`, keep, gone); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM drop_subscribers WHERE member_id = $1`, gone)
	return err
}

// ExportSubscriptions returns the brands and creators whose drops a member
// wants to be told of, by their ids.
func (d *Drops) ExportSubscriptions(ctx context.Context, m commerce.MemberID) (list []string, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		list = []string{}
		return tx.Rows(`SELECT of_id FROM drop_subscribers WHERE member_id = $1 ORDER BY of_id`, []any{m}, func(scan func(...any) error) error {
			var of string
			err := scan(&of)
			list = append(list, of)
			return err
		})
	})
	return list, err
}
