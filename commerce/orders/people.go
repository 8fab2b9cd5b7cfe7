package orders

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/stock"
)

// Link gives the orders of one member to another: they are one person.
func Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	for _, q := range []string{
		`UPDATE orders SET member_id = $1 WHERE member_id = $2`,
		`UPDATE holds SET member_id = $1 WHERE member_id = $2`,
	} {
		if _, err := tx.Exec(q, keep, gone); err != nil {
			return err
		}
	}
	return nil
}

// Erase takes name and address out of a member's orders. An order that is
// still to be sent keeps them until it is: forgetErased.
func Erase(tx *database.Tx, m commerce.MemberID) error {
	_, err := tx.Exec(`UPDATE orders SET name = '', street = '', city = '', postcode = ''
		WHERE member_id = $1 AND state NOT IN ('pending', 'closing', 'paid')`, m)
	return err
}

// Forgotten reports whether the order had an address that was taken out of it:
// the country stays, for the books.
func (o Order) Forgotten() bool { return o.Address.Name == "" && o.Address.Country != "" }

func forgetErased(tx *database.Tx, id commerce.OrderID) error {
	_, err := tx.Exec(`UPDATE orders SET name = '', street = '', city = '', postcode = ''
		WHERE id = $1 AND EXISTS (SELECT 1 FROM members m WHERE m.id = orders.member_id AND m.erased_at <> 0)`, id)
	return err
}

// ForgetLapsed takes name and address out of orders that lapsed unpaid before
// the time: nothing will be sent, and no law wants them kept.
func ForgetLapsed(tx *database.Tx, before time.Time) error {
	_, err := tx.Exec(`UPDATE orders SET name = '', street = '', city = '', postcode = ''
		WHERE state = 'lapsed' AND closed_at < $1 AND name <> ''`, commerce.Micros(before))
	return err
}

// forgotten is how many orders are deleted in one transaction: nobody waits
// long behind it.
const forgotten = 200

// Forget deletes orders that ended before the time, and all that belongs to
// them but the books, when the law no longer wants them kept; what was paid to
// brands stays with the books. One whose money has yet to go back stays until it
// has, as does one of which goods came back that nobody has settled, that a bank
// still disputes, or of which a brand has yet to get its part. What an exchange kept that never was is free again.
// Drop is told of the photos of returns that nothing shows any more, once that
// is committed.
func Forget(ctx context.Context, db *database.DB, before time.Time, drop func(photo string)) (n int64, err error) {
	for {
		did, err := forget(ctx, db, before, drop)
		n += did
		if err != nil || did < forgotten {
			return n, err
		}
	}
}

func forget(ctx context.Context, db *database.DB, before time.Time, drop func(photo string)) (n int64, err error) {
	type old struct{ order, hold string }
	err = db.Write(ctx, func(tx *database.Tx) error {
		var list []old
		err := tx.Rows(`SELECT id, hold_id FROM orders WHERE created_at < $1 AND state IN ('lapsed', 'shipped', 'cancelled', 'refunded')
			AND NOT EXISTS (SELECT 1 FROM payments p JOIN refunds r ON r.payment_id = p.id WHERE p.order_id = orders.id AND r.state <> 'done')
			AND NOT EXISTS (SELECT 1 FROM returns b WHERE b.order_id = orders.id AND b.state = 'arrived')
			AND NOT EXISTS (SELECT 1 FROM disputes d WHERE d.order_id = orders.id AND d.closed_at = 0)
			AND NOT EXISTS (SELECT 1 FROM payouts b WHERE b.order_id = orders.id AND b.state IN ('held', 'failed'))
			AND NOT EXISTS (SELECT 1 FROM earnings e WHERE e.order_id = orders.id AND e.state = 'pending')
			ORDER BY created_at LIMIT $2`, []any{commerce.Micros(before), forgotten}, func(scan func(...any) error) error {
			var o old
			err := scan(&o.order, &o.hold)
			list = append(list, o)
			return err
		})
		if err != nil {
			return err
		}
		for _, o := range list {
			if err := forgetReturns(tx, o.order, drop); err != nil {
				return err
			}
			for _, q := range []string{
				`DELETE FROM giveback_lines WHERE giveback_id IN (SELECT id FROM givebacks WHERE order_id = $1)`,
				`DELETE FROM givebacks WHERE order_id = $1`,
				`DELETE FROM takings WHERE order_id = $1`,
				`DELETE FROM parcel_lines WHERE parcel_id IN (SELECT id FROM parcels WHERE order_id = $1)`,
				`DELETE FROM parcels WHERE order_id = $1`,
				`DELETE FROM fulfilments WHERE order_id = $1`,
				`DELETE FROM disputes WHERE order_id = $1`,
				`DELETE FROM refunds WHERE payment_id IN (SELECT id FROM payments WHERE order_id = $1)`,
				`DELETE FROM invoice_questions WHERE payment_id IN (SELECT id FROM payments WHERE order_id = $1)`,
				`DELETE FROM invoices WHERE payment_id IN (SELECT id FROM payments WHERE order_id = $1)`,
				`DELETE FROM payments WHERE order_id = $1`,
				`DELETE FROM promotion_uses WHERE order_id = $1`,
				`DELETE FROM earnings WHERE order_id = $1`,
				`DELETE FROM earning_tiers WHERE order_id = $1`,
				`DELETE FROM earning_credits WHERE order_id = $1`,
				`DELETE FROM earning_terms WHERE order_id = $1`,
				`DELETE FROM spent WHERE order_id = $1`,
				`DELETE FROM order_events WHERE order_id = $1`,
				`DELETE FROM order_lines WHERE order_id = $1`,
				`DELETE FROM orders WHERE id = $1`,
			} {
				if _, err := tx.Exec(q, o.order); err != nil {
					return err
				}
			}
			if err := forgetHold(tx, o.hold); err != nil {
				return err
			}
		}
		n = int64(len(list))
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// forgetReturns deletes an order's returns, with what they kept of the stock. The
// hold of an exchange that became an order is that order's.
func forgetReturns(tx *database.Tx, order string, drop func(photo string)) error {
	var holds, photos []string
	if err := tx.Rows(`SELECT CASE exchange_id WHEN '' THEN hold_id ELSE '' END, photo FROM returns WHERE order_id = $1`, []any{order}, func(scan func(...any) error) error {
		var hold, photo string
		err := scan(&hold, &photo)
		holds, photos = append(holds, hold), append(photos, photo)
		return err
	}); err != nil {
		return err
	}
	for _, q := range []string{
		`DELETE FROM return_lines WHERE return_id IN (SELECT id FROM returns WHERE order_id = $1)`,
		`DELETE FROM returns WHERE order_id = $1`,
	} {
		if _, err := tx.Exec(q, order); err != nil {
			return err
		}
	}
	for _, hold := range holds {
		if hold == "" {
			continue
		}
		if err := stock.Release(tx, commerce.HoldID(hold)); err != nil {
			return err
		}
		if err := forgetHold(tx, hold); err != nil {
			return err
		}
	}
	for _, photo := range photos {
		var shown int
		if photo == "" {
			continue
		}
		if err := tx.Row(`SELECT COUNT(*) FROM returns WHERE photo = $1`, photo).Scan(&shown); err != nil {
			return err
		}
		if shown == 0 {
			tx.After(func() { drop(photo) })
		}
	}
	return nil
}

func forgetHold(tx *database.Tx, hold string) error {
	for _, q := range []string{`DELETE FROM hold_lines WHERE hold_id = $1`, `DELETE FROM holds WHERE id = $1`} {
		if _, err := tx.Exec(q, hold); err != nil {
			return err
		}
	}
	return nil
}

// Exported is an order as its member takes it along.
type Exported struct {
	Number   int64          `json:"number"`
	State    State          `json:"state"`
	Total    string         `json:"total"`
	Placed   time.Time      `json:"placed"`
	Address  Address        `json:"address"`
	Tracking string         `json:"tracking,omitempty"`
	Lines    []ExportedLine `json:"lines"`
}

// ExportedLine is a line of it.
type ExportedLine struct {
	Label    string `json:"label"`
	Detail   string `json:"detail,omitempty"`
	Quantity int64  `json:"quantity,omitempty"`
	Amount   string `json:"amount"`
}

// Export returns all orders of a member, for them to take along.
func (s *Orders) Export(ctx context.Context, m commerce.MemberID) (out []Exported, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		list, err := load(tx, ` WHERE member_id = $1 ORDER BY created_at`, m)
		out = make([]Exported, 0, len(list))
		for _, o := range list {
			e := Exported{Number: o.Number, State: o.State, Total: o.Total.String(), Placed: o.CreatedAt, Address: o.Address, Tracking: o.Tracking}
			for _, l := range o.Lines {
				e.Lines = append(e.Lines, ExportedLine{l.Label, l.Detail, l.Quantity, l.Amount.String()})
			}
			out = append(out, e)
		}
		return err
	})
	return out, err
}
