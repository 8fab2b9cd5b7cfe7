package rewards

// This file keeps which points of a wallet expire, and takes them out. When they
// do is decided by package expiry.

import (
	"fmt"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// PointsExpired is the other side of points that expired.
const PointsExpired Account = "points-expired"

// Day is what a wallet has of the points that came on a day.
type Day struct {
	Member commerce.MemberID
	Day    time.Time
	Kept   int64
	Due    time.Time // when they expire, which the member was told; zero for not told
}

func days(tx *database.Tx, where string, args ...any) (list []Day, err error) {
	err = tx.Rows(`SELECT account, day, kept, due_at FROM points_days WHERE `+where, args, func(scan func(...any) error) error {
		var d Day
		var account string
		var day, due int64
		err := scan(&account, &day, &d.Kept, &due)
		d.Member = commerce.MemberID(strings.TrimPrefix(account, "points:"))
		d.Day, d.Due = commerce.FromMicros(day), commerce.FromMicros(due)
		list = append(list, d)
		return err
	})
	return list, err
}

// DaysOf lists what a wallet keeps, the oldest first.
func DaysOf(tx *database.Tx, m commerce.MemberID) ([]Day, error) {
	return days(tx, `account = $1 AND kept > 0 ORDER BY day`, Points(m))
}

// Untold lists what came before a time, of which nobody was told that it expires.
func Untold(tx *database.Tx, before time.Time, n int) ([]Day, error) {
	return days(tx, `kept > 0 AND due_at = 0 AND day < $1 ORDER BY day LIMIT $2`, commerce.Micros(before), n)
}

// Due lists what is to be looked at by now, of which members were told.
func Due(tx *database.Tx, now time.Time, n int) ([]Day, error) {
	return days(tx, `kept > 0 AND due_at > 0 AND look_at <= $1 ORDER BY look_at LIMIT $2`, commerce.Micros(now), n)
}

// SetDue says when what came to a wallet before a time expires, where that was not
// said already, and returns of how many days it is new.
func SetDue(tx *database.Tx, m commerce.MemberID, before, due time.Time) (int64, error) {
	return tx.Exec(`UPDATE points_days SET due_at = $3, look_at = $3 WHERE account = $1 AND day < $2 AND kept > 0 AND due_at = 0`,
		Points(m), commerce.Micros(before), commerce.Micros(due))
}

// Undue takes back that what came on a day expires.
func Undue(tx *database.Tx, d Day) error {
	_, err := tx.Exec(`UPDATE points_days SET due_at = 0, look_at = 0 WHERE account = $1 AND day = $2`, Points(d.Member), commerce.Micros(d.Day))
	return err
}

// UndueAll takes it back of up to n days, whoever has them.
func UndueAll(tx *database.Tx, n int) error {
	list, err := days(tx, `kept > 0 AND due_at > 0 ORDER BY look_at LIMIT $1`, n)
	for _, d := range list {
		if err == nil {
			err = Undue(tx, d)
		}
	}
	return err
}

// Expire takes out of a wallet what expires at a time, and returns how much. What
// an open order holds is of the oldest, as it will be when it is paid: so much
// stays, and is looked at again later.
func Expire(tx *database.Tx, m commerce.MemberID, due, now, later time.Time) (n int64, err error) {
	list, err := days(tx, `account = $1 AND kept > 0 AND due_at = $2 ORDER BY day`, Points(m), commerce.Micros(due))
	if err != nil {
		return 0, err
	}
	sum, before, held := int64(0), int64(0), int64(0)
	for _, d := range list {
		sum += d.Kept
	}
	if err := tx.Row(`SELECT COALESCE(SUM(expired), 0) FROM points_days WHERE account = $1`, Points(m)).Scan(&before); err != nil {
		return 0, err
	}
	err = tx.Row(`SELECT held FROM balances WHERE account = $1 AND currency = $2`, Points(m), PointsCurrency).Scan(&held)
	if err != nil && err != database.ErrNone {
		return 0, err
	}
	n = max(sum-held, 0)
	if n > 0 {
		isNew, err := Post(tx, now, Posting{ID: fmt.Sprintf("expired:%s:%d:%d", m, commerce.Micros(due), before), Memo: "expired", asis: true, Entries: []Entry{
			{Account: Points(m), Amount: commerce.Money{Amount: n, Currency: PointsCurrency}},
			{Account: PointsExpired, Amount: commerce.Money{Amount: -n, Currency: PointsCurrency}}}})
		if err != nil || !isNew {
			return 0, err
		}
	}
	left := n
	for i := len(list) - 1; i >= 0; i-- { // the oldest are those that an order holds
		part := min(list[i].Kept, left)
		left -= part
		if _, err := tx.Exec(`UPDATE points_days SET kept = kept - $3, expired = expired + $3, look_at = $4 WHERE account = $1 AND day = $2`,
			Points(m), commerce.Micros(list[i].Day), part, commerce.Micros(later)); err != nil {
			return 0, err
		}
	}
	return n, nil
}
