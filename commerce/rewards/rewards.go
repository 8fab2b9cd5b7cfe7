// Package rewards is the books: a double-entry ledger, append only. Every
// movement of money is one posting whose entries sum to zero in each currency.
//
// It decides nothing: who moves money posts it, in the same transaction. A
// posting's id is its cause, so that the same cause is never posted twice.
// Start at Post.
package rewards

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Account names an account of the books.
type Account string

// Cash is the money that Stripe holds for us, before its fees.
const Cash Account = "cash:stripe"

// Revenue is what a brand's goods were sold for, without tax.
func Revenue(b commerce.BrandID) Account { return Account("revenue:" + string(b)) }

// Shipping is what members paid for a brand's parcels, without tax.
func Shipping(b commerce.BrandID) Account { return Account("shipping:" + string(b)) }

// Tax is what the state gets of a brand's sales.
func Tax(b commerce.BrandID) Account { return Account("tax:" + string(b)) }

// Entry is one line of a posting: debits are positive, credits negative. Cash
// in is a debit of Cash and a credit of Revenue.
type Entry struct {
	Account Account
	Amount  commerce.Money
}

// Posting is one movement of money.
type Posting struct {
	ID      string // its cause, as capture:<payment>
	Order   commerce.OrderID
	Memo    string
	Entries []Entry

	// Undoes is the posting by which points were earned that are taken back; ""
	// for none.
	Undoes string

	asis bool // the caller moves the days of points
}

// ErrUnbalanced is returned for a posting whose entries do not sum to zero.
var ErrUnbalanced = errors.New("rewards: a posting that does not sum to zero")

// Post writes a posting and reports whether it is new: the same cause posted
// again changes nothing. Entries of the same account are not merged; entries
// of zero are left out. It returns ErrShort where an account that can be spent
// would hold less than nothing.
func Post(tx *database.Tx, at time.Time, p Posting) (bool, error) { return post(tx, at, p, "") }

func post(tx *database.Tx, at time.Time, p Posting, reverses string) (bool, error) {
	sums := map[string]commerce.Money{}
	for _, e := range p.Entries {
		sum, err := sums[e.Amount.Currency].Add(e.Amount)
		if err != nil {
			return false, err
		}
		sums[e.Amount.Currency] = sum
	}
	for _, sum := range sums {
		if sum.Amount != 0 {
			return false, fmt.Errorf("%w: %s is off by %s", ErrUnbalanced, p.ID, sum)
		}
	}
	n, err := tx.Exec(`INSERT INTO postings (id, at, order_id, memo, reverses) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING`,
		p.ID, commerce.Micros(at), p.Order, p.Memo, reverses)
	if err != nil || n == 0 {
		return false, err
	}
	for i, e := range p.Entries {
		if e.Amount.Amount == 0 {
			continue
		}
		if e.Amount.Amount < 0 {
			if e.Account, err = current(tx, e.Account); err != nil {
				return false, err
			}
		}
		if _, err := tx.Exec(`INSERT INTO entries (posting_id, line, account, amount, currency) VALUES ($1, $2, $3, $4, $5)`,
			p.ID, i, e.Account, e.Amount.Amount, e.Amount.Currency); err != nil {
			return false, err
		}
		if e.Account.Spendable() {
			if err := move(tx, e); err != nil {
				return false, err
			}
			if e.Account.points() && !p.asis {
				if err := moveDays(tx, at, p, e, reverses); err != nil {
					return false, err
				}
			}
		}
	}
	return true, nil
}

// Reverse posts the opposite of an earlier posting, in full.
func Reverse(tx *database.Tx, at time.Time, id, of, memo string) (bool, error) {
	p := Posting{ID: id, Memo: memo}
	if err := tx.Row(`SELECT order_id FROM postings WHERE id = $1`, of).Scan(&p.Order); err != nil {
		return false, fmt.Errorf("reverse %s: %w", of, err)
	}
	err := tx.Rows(`SELECT account, amount, currency FROM entries WHERE posting_id = $1 ORDER BY line`, []any{of},
		func(scan func(...any) error) error {
			var e Entry
			if err := scan(&e.Account, &e.Amount.Amount, &e.Amount.Currency); err != nil {
				return err
			}
			e.Amount.Amount = -e.Amount.Amount
			p.Entries = append(p.Entries, e)
			return nil
		})
	if err != nil {
		return false, err
	}
	return post(tx, at, p, of)
}

// OfOrder returns what the postings of an order moved on an account in one
// currency, and how many postings there are: the number has changed where
// anything was posted since.
func OfOrder(tx *database.Tx, order commerce.OrderID, a Account, currency string) (sum commerce.Money, postings int64, err error) {
	sum.Currency = currency
	if err = tx.Row(`SELECT COUNT(*) FROM postings WHERE order_id = $1 AND order_id <> ''`, order).Scan(&postings); err != nil {
		return sum, 0, err
	}
	err = tx.Row(`SELECT COALESCE(SUM(e.amount), 0) FROM entries e JOIN postings p ON p.id = e.posting_id
		WHERE p.order_id = $1 AND p.order_id <> '' AND e.account = $2 AND e.currency = $3`, order, a, currency).Scan(&sum.Amount)
	return sum, postings, err
}

// Balance is what an account holds in one currency.
type Balance struct {
	Account Account
	Amount  commerce.Money
}

// Balances returns every account's balance, by name. Over all accounts they
// sum to zero in each currency.
func Balances(ctx context.Context, db *database.DB) (list []Balance, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT account, currency, SUM(amount) FROM entries GROUP BY account, currency ORDER BY account, currency`, nil,
			func(scan func(...any) error) error {
				var b Balance
				err := scan(&b.Account, &b.Amount.Currency, &b.Amount.Amount)
				list = append(list, b)
				return err
			})
	})
	return list, err
}

// Check proves that the books are right: every posting sums to zero. It
// returns the ids of those that do not.
func Check(ctx context.Context, db *database.DB) (wrong []string, err error) {
	bad := map[string]bool{}
	err = db.Read(ctx, func(tx *database.Tx) error {
		return tx.Rows(`SELECT posting_id FROM entries GROUP BY posting_id, currency HAVING SUM(amount) <> 0`, nil,
			func(scan func(...any) error) error {
				var id string
				err := scan(&id)
				bad[id] = true
				return err
			})
	})
	return slices.Sorted(maps.Keys(bad)), err
}

// Line is an entry with the posting it belongs to.
type Line struct {
	Posting string
	At      time.Time
	Order   commerce.OrderID
	Memo    string
	Entry
}

// Journal calls each with the entries of a span of time, the oldest first.
func Journal(ctx context.Context, db *database.DB, from, before time.Time, each func(Line) error) error {
	return db.Read(ctx, func(tx *database.Tx) error {
		return tx.Rows(`SELECT p.id, p.at, p.order_id, p.memo, e.account, e.amount, e.currency FROM postings p JOIN entries e ON e.posting_id = p.id
			WHERE p.at >= $1 AND p.at < $2 ORDER BY p.at, p.id, e.line`, []any{commerce.Micros(from), commerce.Micros(before)},
			func(scan func(...any) error) error {
				var l Line
				var at int64
				if err := scan(&l.Posting, &at, &l.Order, &l.Memo, &l.Account, &l.Amount.Amount, &l.Amount.Currency); err != nil {
					return err
				}
				l.At = commerce.FromMicros(at)
				return each(l)
			})
	})
}
