package drops

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
)

// This file notices what may be unfair. The rules are:
//   - A flag refuses nothing, and changes no place: the staff and the member see
//     it with its reason, the member can object, a person decides.
//   - It is worked out after the claim, by a worker of its own.
//   - Of a card or an address only a digest is kept, with a key of the drop that
//     is thrown away a week after its end.

// Reason is what was noticed.
type Reason string

const (
	Young       Reason = "young"   // the account was made shortly before the announcement
	Newcomer    Reason = "new"     // first seen by the shop, or in the community, shortly before it
	SameCard    Reason = "card"    // other accounts in the drop have the same card
	SameAddress Reason = "address" // other accounts in the drop have the same address
)

const (
	youngFor  = 7 * 24 * time.Hour // before the announcement an account must have been there
	newFor    = 24 * time.Hour     // and a member must have been seen
	settled   = 30 * time.Second   // after a claim nobody looks at it, so that the crowd goes first
	lookAt    = 200                // entries in one transaction
	lookTimes = 5                  // such parts at once
	cardsOnce = 10                 // questions to the payment provider at once
	keepMarks = 7 * 24 * time.Hour // after the end of a drop
)

// Flag looks at who takes part, and returns how much it has noticed. It does
// nothing that the drop waits for; several processes may call it.
func (d *Drops) Flag(ctx context.Context) (n int, err error) {
	for _, part := range []func(context.Context) (int, error){d.lookAtMembers, d.lookAtAddresses, d.lookAtCards, d.compare, d.forgetMarks} {
		did, err := part(ctx)
		n += did
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// looked is an entry that nobody has looked at, and what there is to notice.
type looked struct {
	entry            commerce.EntryID
	drop             commerce.DropID
	member           commerce.MemberID
	bot, chat        string
	since, announced time.Time // first seen by the shop; the drop
	reasons          []Reason
	cards            []string // that they have kept
}

// current lists the drops whose entries are looked at.
func (d *Drops) current(tx *database.Tx) (ids []commerce.DropID, err error) {
	err = tx.Rows(`SELECT id FROM drops WHERE state IN ('open', 'closed') OR ended_at > $1 ORDER BY id`, []any{commerce.Micros(d.Clock.Now().Add(-time.Hour))},
		func(scan func(...any) error) error {
			var id commerce.DropID
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
	return ids, err
}

func (d *Drops) lookAtMembers(ctx context.Context) (n int, err error) {
	for range lookTimes {
		now, list := d.Clock.Now(), []looked(nil)
		err := d.DB.Read(ctx, func(tx *database.Tx) error {
			list = nil
			ids, err := d.current(tx)
			for _, id := range ids {
				if err == nil && len(list) < lookAt {
					err = tx.Rows(`SELECT e.id, e.drop_id, e.member_id, e.bot, e.chat, m.created_at, d.created_at FROM drop_entries e
						JOIN drops d ON d.id = e.drop_id JOIN members m ON m.id = e.member_id
						WHERE e.drop_id = $1 AND e.created_at <= $2 AND e.bot <> '' AND NOT EXISTS (SELECT 1 FROM drop_checked c WHERE c.id = 'entry:' || e.id)
						LIMIT $3`, []any{id, commerce.Micros(now.Add(-settled)), lookAt - len(list)}, func(scan func(...any) error) error {
						var l looked
						var since, announced int64
						err := scan(&l.entry, &l.drop, &l.member, &l.bot, &l.chat, &since, &announced)
						l.since, l.announced = commerce.FromMicros(since), commerce.FromMicros(announced)
						list = append(list, l)
						return err
					})
				}
			}
			if err != nil {
				return err
			}
			for i := range list {
				if err := d.look(tx, &list[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(list) == 0 {
			return n, err
		}
		if err := d.DB.Write(ctx, func(tx *database.Tx) error {
			for _, l := range list {
				if err := d.looked(tx, l, now); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return n, err
		}
		for _, l := range list {
			n += len(l.reasons)
		}
		if len(list) < lookAt {
			break
		}
	}
	return n, nil
}

// looked writes down what there was to notice of an entry, once.
func (d *Drops) looked(tx *database.Tx, l looked, now time.Time) error {
	if new, err := checked(tx, "entry:"+string(l.entry)); err != nil || !new {
		return err
	}
	for _, r := range l.reasons {
		if err := raise(tx, l.entry, r, 0, now); err != nil {
			return err
		}
	}
	for _, c := range l.cards {
		if err := d.mark(tx, l.drop, l.entry, SameCard, c); err != nil {
			return err
		}
	}
	return nil
}

// look finds what there is to notice of a member.
func (d *Drops) look(tx *database.Tx, l *looked) error {
	var born time.Time // of their oldest account, as far as is known
	if err := tx.Rows(`SELECT platform, account FROM accounts WHERE member_id = $1`, []any{l.member}, func(scan func(...any) error) error {
		var platform, account string
		err := scan(&platform, &account)
		if d.Born != nil {
			if at, ok := d.Born(platform, account); ok && (born.IsZero() || at.Before(born)) {
				born = at
			}
		}
		return err
	}); err != nil {
		return err
	}
	if born.After(l.announced.Add(-youngFor)) {
		l.reasons = append(l.reasons, Young)
	}
	joined := l.since
	for _, c := range d.Chats() {
		if c.Bot == l.bot && c.ID == l.chat {
			var at int64
			err := tx.Row(`SELECT since FROM member_communities WHERE member_id = $1 AND community_id = $2`, l.member, c.Community).Scan(&at)
			if err != nil && err != database.ErrNone {
				return err
			}
			if when := commerce.FromMicros(at); err == nil && when.After(joined) {
				joined = when
			}
		}
	}
	if joined.After(l.announced.Add(-newFor)) {
		l.reasons = append(l.reasons, Newcomer)
	}
	return tx.Rows(`SELECT fingerprint FROM cards WHERE member_id = $1 AND fingerprint <> ''`, []any{l.member}, func(scan func(...any) error) error {
		var c string
		err := scan(&c)
		l.cards = append(l.cards, c)
		return err
	})
}

// lookAtAddresses marks where the orders that are placed on entries go.
func (d *Drops) lookAtAddresses(ctx context.Context) (n int, err error) {
	err = d.unchecked(ctx, "order", `e.order_id <> ''`, lookAt, func(drop commerce.DropID, e commerce.EntryID, id commerce.OrderID) error {
		return d.DB.Write(ctx, func(tx *database.Tx) error {
			if new, err := checked(tx, "order:"+string(id)); err != nil || !new {
				return err
			}
			o, err := orders.Load(tx, "id = $1", id)
			if err != nil || o.Address.Street == "" {
				return err
			}
			n++
			return d.mark(tx, drop, e, SameAddress, address(o.Address))
		})
	})
	return n, err
}

// lookAtCards asks with which cards units were paid.
func (d *Drops) lookAtCards(ctx context.Context) (n int, err error) {
	if d.Card == nil {
		return 0, nil
	}
	err = d.unchecked(ctx, "card", `e.state = 'sold' AND e.order_id <> ''`, cardsOnce, func(drop commerce.DropID, e commerce.EntryID, id commerce.OrderID) error {
		print, err := d.Card(ctx, id)
		if err != nil { // it is asked again
			if d.Log != nil && ctx.Err() == nil {
				d.Log.Warn("it is not known yet with which card a unit was paid", "drop", drop, "err", err)
			}
			return ctx.Err()
		}
		return d.DB.Write(ctx, func(tx *database.Tx) error {
			if new, err := checked(tx, "card:"+string(id)); err != nil || !new || print == "" {
				return err
			}
			n++
			return d.mark(tx, drop, e, SameCard, print)
		})
	})
	return n, err
}

// unchecked does something with orders of entries that were not looked at.
func (d *Drops) unchecked(ctx context.Context, what, where string, most int, do func(commerce.DropID, commerce.EntryID, commerce.OrderID) error) error {
	type one struct {
		drop  commerce.DropID
		entry commerce.EntryID
		order commerce.OrderID
	}
	var list []one
	if err := d.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		ids, err := d.current(tx)
		for _, id := range ids {
			if err == nil && len(list) < most {
				err = tx.Rows(`SELECT e.drop_id, e.id, e.order_id FROM drop_entries e WHERE e.drop_id = $1 AND `+where+`
					AND NOT EXISTS (SELECT 1 FROM drop_checked c WHERE c.id = $2 || e.order_id) LIMIT $3`, []any{id, what + ":", most - len(list)}, func(scan func(...any) error) error {
					var o one
					err := scan(&o.drop, &o.entry, &o.order)
					list = append(list, o)
					return err
				})
			}
		}
		return err
	}); err != nil {
		return err
	}
	for _, o := range list {
		if err := do(o.drop, o.entry, o.order); err != nil {
			return err
		}
	}
	return nil
}

// compare flags the entries of different members with the same card or address.
func (d *Drops) compare(ctx context.Context) (int, error) {
	type same struct {
		entry  commerce.EntryID
		reason Reason
		others int64
	}
	var list []same
	if err := d.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		// Of several cards the one that most have counts.
		return tx.Rows(`SELECT m.entry_id, m.kind, MAX(s.n) - 1 FROM drop_marks m
			JOIN (SELECT o.drop_id, o.kind, o.mark, COUNT(DISTINCT e.member_id) AS n FROM drop_marks o JOIN drop_entries e ON e.id = o.entry_id
				GROUP BY o.drop_id, o.kind, o.mark HAVING COUNT(DISTINCT e.member_id) > 1) s ON s.drop_id = m.drop_id AND s.kind = m.kind AND s.mark = m.mark
			GROUP BY m.entry_id, m.kind
			HAVING MAX(s.n) - 1 > COALESCE((SELECT f.others FROM drop_flags f WHERE f.entry_id = m.entry_id AND f.reason = m.kind), 0)
			ORDER BY m.entry_id, m.kind`, nil, func(scan func(...any) error) error {
			var s same
			err := scan(&s.entry, &s.reason, &s.others)
			list = append(list, s)
			return err
		})
	}); err != nil || len(list) == 0 {
		return 0, err
	}
	return len(list), d.DB.Write(ctx, func(tx *database.Tx) error {
		for _, s := range list {
			if err := raise(tx, s.entry, s.reason, s.others, d.Clock.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// forgetMarks throws away what cards and addresses are known again by.
func (d *Drops) forgetMarks(ctx context.Context) (n int, err error) {
	const over = ` WHERE drop_id IN (SELECT d.id FROM drops d WHERE d.ended_at > 0 AND d.ended_at <= $1)`
	until := commerce.Micros(d.Clock.Now().Add(-keepMarks))
	if err := d.DB.Read(ctx, func(tx *database.Tx) error { return tx.Row(`SELECT COUNT(*) FROM drop_keys`+over, until).Scan(&n) }); err != nil || n == 0 {
		return 0, err
	}
	return n, d.DB.Write(ctx, func(tx *database.Tx) error {
		for _, table := range []string{"drop_marks", "drop_keys"} {
			if _, err := tx.Exec(`DELETE FROM `+table+over, until); err != nil {
				return err
			}
		}
		return nil
	})
}

// checked writes down that something was looked at; false where it was before.
func checked(tx *database.Tx, id string) (bool, error) {
	n, err := tx.Exec(`INSERT INTO drop_checked (id) VALUES ($1) ON CONFLICT (id) DO NOTHING`, id)
	return n == 1, err
}

// raise flags an entry, once for each reason.
func raise(tx *database.Tx, e commerce.EntryID, r Reason, others int64, now time.Time) error {
	_, err := tx.Exec(`INSERT INTO drop_flags (entry_id, reason, others, created_at, changed_at) VALUES ($1, $2, $3, $4, $4)
		ON CONFLICT (entry_id, reason) DO UPDATE SET others = excluded.others`, e, r, others, commerce.Micros(now))
	return err
}

// mark keeps what a card or an address is known again by in its drop.
func (d *Drops) mark(tx *database.Tx, id commerce.DropID, e commerce.EntryID, kind Reason, text string) error {
	if _, err := tx.Exec(`INSERT INTO drop_keys (drop_id, key) VALUES ($1, $2) ON CONFLICT (drop_id) DO NOTHING`, id, d.IDs.Token()); err != nil {
		return err
	}
	var key commerce.Secret
	if err := tx.Row(`SELECT key FROM drop_keys WHERE drop_id = $1`, id).Scan((*string)(&key)); err != nil {
		return err
	}
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	mac.Write([]byte(string(kind) + "\n" + text))
	_, err := tx.Exec(`INSERT INTO drop_marks (drop_id, entry_id, kind, mark) VALUES ($1, $2, $3, $4) ON CONFLICT (entry_id, kind, mark) DO NOTHING`,
		id, e, kind, hex.EncodeToString(mac.Sum(nil)))
	return err
}

// address is where an order goes, without whom it is for, so that the same place
// reads the same however it is typed.
func address(a orders.Address) string {
	text := strings.ToLower(strings.Join([]string{a.Country, a.Postcode, a.City, a.Street}, "\n"))
	text = strings.NewReplacer("ß", "ss", "ä", "ae", "ö", "oe", "ü", "ue").Replace(text)
	text = strings.NewReplacer("strasse", "str", "street", "st", "avenue", "ave", "road", "rd").Replace(text)
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || r == '\n' {
			return r
		}
		return -1
	}, text)
}
