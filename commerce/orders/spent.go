package orders

// What members paid for goods, less what went back, kept with the order that did
// it: it is read by a member and a time, and no order is looked at for that.

import (
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// AddSpent notes what the goods of a paid order cost, once.
func AddSpent(tx *database.Tx, o Order, at time.Time, sum commerce.Money) error {
	_, err := tx.Exec(`INSERT INTO spent (order_id, member_id, currency, at, amount) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (order_id) DO NOTHING`,
		o.ID, o.Member, sum.Currency, commerce.Micros(at), sum.Amount)
	return err
}

// SpentBack notes that so much of it went back: never more than there was.
func SpentBack(tx *database.Tx, id commerce.OrderID, n int64) error {
	_, err := tx.Exec(`UPDATE spent SET back = CASE WHEN back + $2 < amount THEN back + $2 ELSE amount END WHERE order_id = $1`, id, n)
	return err
}

// SpentAt is from when on an order counts, the zero time where it does not.
func SpentAt(tx *database.Tx, id commerce.OrderID) (time.Time, error) {
	var at int64
	err := tx.Row(`SELECT at FROM spent WHERE order_id = $1`, id).Scan(&at)
	if err == database.ErrNone {
		return time.Time{}, nil
	}
	return commerce.FromMicros(at), err
}

// Spent calls each with what a member paid within a time, the oldest first.
func Spent(tx *database.Tx, m commerce.MemberID, currency string, after, until time.Time, each func(at time.Time, n int64)) error {
	return tx.Rows(`SELECT at, amount - back FROM spent WHERE member_id = $1 AND currency = $2 AND at > $3 AND at <= $4 ORDER BY at`,
		[]any{m, currency, commerce.Micros(after), commerce.Micros(until)}, func(scan func(...any) error) error {
			var at, n int64
			err := scan(&at, &n)
			if err == nil && n > 0 {
				each(commerce.FromMicros(at), n)
			}
			return err
		})
}

// LinkSpent gives what one member spent to another: they are one person.
func LinkSpent(tx *database.Tx, keep, gone commerce.MemberID) error {
	_, err := tx.Exec(`UPDATE spent SET member_id = $1 WHERE member_id = $2`, keep, gone)
	return err
}

// EraseSpent forgets what a member spent.
func EraseSpent(tx *database.Tx, m commerce.MemberID) error {
	_, err := tx.Exec(`DELETE FROM spent WHERE member_id = $1`, m)
	return err
}
