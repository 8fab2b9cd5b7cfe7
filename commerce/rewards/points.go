package rewards

// This file knows the points of a wallet by the day on which they came. The
// rules are:
//   - What is kept of all days is what the wallet has, held or not: both are moved
//     by the same posting.
//   - What is spent is the oldest. What an order holds is not spent yet.
//   - What was spent and comes back is as new: it comes on the day of its return.
//   - Two members who become one keep the days of both.

import (
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// dayOf is the day of a time, by UTC.
func dayOf(t time.Time) int64 { return commerce.Micros(t.UTC().Truncate(24 * time.Hour)) }

// points reports whether an account is one of points that can be spent.
func (a Account) points() bool { return strings.HasPrefix(string(a), "points:") }

// moveDays brings the days of a wallet to what an entry makes of them.
func moveDays(tx *database.Tx, at time.Time, p Posting, e Entry, reverses string) error {
	if e.Amount.Amount < 0 {
		earned, fresh := -e.Amount.Amount, 1
		if reverses != "" {
			earned, fresh = 0, 0 // it comes back
		}
		_, err := tx.Exec(`INSERT INTO points_days (account, day, earned, kept, fresh) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (account, day) DO UPDATE SET earned = points_days.earned + excluded.earned, kept = points_days.kept + excluded.kept,
			due_at = 0, fresh = CASE WHEN excluded.fresh = 1 THEN 1 ELSE points_days.fresh END`, e.Account, dayOf(at), earned, -e.Amount.Amount, fresh)
		return err
	}
	if p.Undoes != "" {
		var was int64
		if err := tx.Row(`SELECT at FROM postings WHERE id = $1`, p.Undoes).Scan(&was); err != nil && err != database.ErrNone {
			return err
		}
		if _, err := tx.Exec(`UPDATE points_days SET earned = CASE WHEN earned > $3 THEN earned - $3 ELSE 0 END WHERE account = $1 AND day = $2`,
			e.Account, dayOf(commerce.FromMicros(was)), e.Amount.Amount); err != nil {
			return err
		}
	}
	return takeDays(tx, e.Account, e.Amount.Amount)
}

// takeDays takes so many points of the days of a wallet, the oldest first.
func takeDays(tx *database.Tx, a Account, n int64) error {
	type kept struct{ day, n int64 }
	var list []kept
	if err := tx.Rows(`SELECT day, kept FROM points_days WHERE account = $1 AND kept > 0 ORDER BY day`, []any{a}, func(scan func(...any) error) error {
		var k kept
		err := scan(&k.day, &k.n)
		list = append(list, k)
		return err
	}); err != nil {
		return err
	}
	for _, k := range list {
		part := min(k.n, n)
		if n -= part; part == 0 {
			break
		}
		if _, err := tx.Exec(`UPDATE points_days SET kept = kept - $3 WHERE account = $1 AND day = $2`, a, k.day, part); err != nil {
			return err
		}
	}
	return nil
}

// linkDays gives the days of one wallet to another. What one of them was not told
// of is told again, with what there is now.
func linkDays(tx *database.Tx, from, to Account) error {
	if _, err := tx.Exec(`INSERT INTO points_days (account, day, earned, kept, fresh, due_at, look_at, expired)
		SELECT CAST($2 AS TEXT), day, earned, kept, fresh, due_at, look_at, expired FROM points_days WHERE account = $1
		ON CONFLICT (account, day) DO UPDATE SET earned = points_days.earned + excluded.earned, kept = points_days.kept + excluded.kept,
		expired = points_days.expired + excluded.expired, fresh = CASE WHEN excluded.fresh = 1 THEN 1 ELSE points_days.fresh END,
		due_at = CASE WHEN points_days.due_at = excluded.due_at THEN points_days.due_at ELSE 0 END`, from, to); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM points_days WHERE account = $1`, from)
	return err
}

// Earned returns how many points came into a member's wallet within a time, by
// the day of each: what was given or earned, less what was taken back of it.
func Earned(tx *database.Tx, m commerce.MemberID, after, until time.Time, each func(day time.Time, n int64)) error {
	return tx.Rows(`SELECT day, earned FROM points_days WHERE account = $1 AND day > $2 AND day <= $3 ORDER BY day`,
		[]any{Points(m), commerce.Micros(after), commerce.Micros(until)}, func(scan func(...any) error) error {
			var day, n int64
			err := scan(&day, &n)
			if err == nil && n > 0 {
				each(commerce.FromMicros(day), n)
			}
			return err
		})
}

// AnyFresh reports whether somebody earned points since they were listed last.
func AnyFresh(tx *database.Tx) (bool, error) {
	var n int64
	err := tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM points_days WHERE fresh = 1 LIMIT 1) f`).Scan(&n)
	return n > 0, err
}

// Fresh lists members who earned points since they were listed last, at most n.
func Fresh(tx *database.Tx, n int) (list []commerce.MemberID, err error) {
	type row struct {
		account Account
		day     int64
	}
	var rows []row
	if err := tx.Rows(`SELECT account, day FROM points_days WHERE fresh = 1 ORDER BY day LIMIT $1`, []any{n}, func(scan func(...any) error) error {
		var r row
		err := scan(&r.account, &r.day)
		rows = append(rows, r)
		return err
	}); err != nil {
		return nil, err
	}
	for _, r := range rows {
		if _, err := tx.Exec(`UPDATE points_days SET fresh = 0 WHERE account = $1 AND day = $2`, r.account, r.day); err != nil {
			return nil, err
		}
		list = append(list, commerce.MemberID(strings.TrimPrefix(string(r.account), "points:")))
	}
	return list, nil
}
