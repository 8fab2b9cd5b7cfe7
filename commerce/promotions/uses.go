package promotions

// This file keeps what orders have used. Every limit is the WHERE of an UPDATE:
// of two devices that place at once, one wins.

import (
	"math"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

func most(limit int64) int64 {
	if limit == 0 {
		return math.MaxInt64
	}
	return limit
}

// Take takes for an order the uses that its discounts, named by their refs,
// cost. Late is true where the order had lapsed and was paid all the same: what
// was agreed then holds, whatever the clock says, but no limit is passed. It
// returns ErrEnded, ErrNotYet, ErrUsedUp or ErrYours.
func (p *Promotions) Take(tx *database.Tx, order commerce.OrderID, m commerce.MemberID, refs []string, now time.Time, late bool) error {
	for _, one := range refs {
		id, code := IDOf(one)
		r, known := p.Rule(id)
		if !known {
			r = Rule{ID: id}
		}
		if !late {
			if !known {
				return r.fail(ErrEnded)
			}
			if e := r.lapsed(now); e != nil {
				return r.fail(e)
			}
		}
		limit := r.Limit
		if r.Kind == Offer {
			limit = 0 // of claims
		}
		n, err := tx.Exec(`UPDATE promotions SET used = used + 1 WHERE id = $1 AND used < $2`, id, most(limit))
		if err != nil {
			return err
		}
		if n == 0 {
			return r.fail(ErrUsedUp)
		}
		if n, err = tx.Exec(`INSERT INTO promotion_members (promotion_id, member_id, used) VALUES ($1, $2, 1)
			ON CONFLICT (promotion_id, member_id) DO UPDATE SET used = promotion_members.used + 1 WHERE promotion_members.used < $3`,
			id, m, most(r.PerMember)); err != nil {
			return err
		}
		if n == 0 {
			return r.fail(ErrYours)
		}
		if code != "" {
			if n, err = tx.Exec(`UPDATE promotion_codes SET order_id = $2 WHERE code = $1 AND order_id = ''`, code, order); err != nil {
				return err
			}
			if n == 0 {
				return r.fail(ErrUsedUp)
			}
		}
		if _, err = tx.Exec(`INSERT INTO promotion_uses (order_id, promotion_id, member_id, code, state, created_at) VALUES ($1, $2, $3, $4, 'held', $5)
			ON CONFLICT (order_id, promotion_id) DO UPDATE SET state = 'held', member_id = excluded.member_id`,
			order, id, m, code, commerce.Micros(now)); err != nil {
			return err
		}
	}
	return nil
}

// Release gives back what an order that will not be paid has taken; again it
// does nothing.
func Release(tx *database.Tx, order commerce.OrderID) error {
	list, err := ofOrder(tx, order)
	if err != nil {
		return err
	}
	for _, u := range list {
		n, err := tx.Exec(`UPDATE promotion_uses SET state = 'back' WHERE order_id = $1 AND promotion_id = $2 AND state = 'held'`, order, u.id)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		for _, q := range []struct {
			text string
			args []any
		}{
			{`UPDATE promotions SET used = used - 1 WHERE id = $1`, []any{u.id}},
			{`UPDATE promotion_members SET used = used - 1 WHERE promotion_id = $1 AND member_id = $2`, []any{u.id, u.member}},
			{`UPDATE promotion_codes SET order_id = '' WHERE code = $1 AND order_id = $2`, []any{u.code, order}},
		} {
			if _, err := tx.Exec(q.text, q.args...); err != nil {
				return err
			}
		}
	}
	return nil
}

// Use makes what an order has taken used for good: it was paid.
func Use(tx *database.Tx, order commerce.OrderID) error {
	list, err := ofOrder(tx, order)
	if err != nil {
		return err
	}
	for _, u := range list {
		if _, err := tx.Exec(`UPDATE promotion_uses SET state = 'used' WHERE order_id = $1 AND promotion_id = $2 AND state = 'held'`, order, u.id); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE promotion_claims SET state = 'used' WHERE member_id = $1 AND promotion_id = $2 AND code = $3`, u.member, u.id, u.code); err != nil {
			return err
		}
	}
	return nil
}

type use struct {
	id, code string
	member   commerce.MemberID
}

func ofOrder(tx *database.Tx, order commerce.OrderID) (list []use, err error) {
	err = tx.Rows(`SELECT promotion_id, code, member_id FROM promotion_uses WHERE order_id = $1 AND state = 'held' ORDER BY promotion_id`, []any{order},
		func(scan func(...any) error) error {
			var u use
			err := scan(&u.id, &u.code, &u.member)
			list = append(list, u)
			return err
		})
	return list, err
}
