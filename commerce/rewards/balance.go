package rewards

// This file keeps what somebody may spend: store credit, gift cards, points.
// The rules are:
//   - The books are the truth. Post moves the balance of such an account with
//     every entry, in the same statement order, so that free + held is always
//     what we owe by the account.
//   - What an order wants to spend is held first, as units of stock are: one
//     conditional UPDATE with a CHECK behind it. Two devices cannot spend the
//     same cent.
//   - A hold ends once: Unhold makes it free again, and whoever sells posts the
//     spending in the same transaction.

import (
	"context"
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// PointsCurrency is the unit points are counted in. It is no money: a posting
// in it balances by itself.
const PointsCurrency = "PTS"

// Credit is the store credit of a member.
func Credit(m commerce.MemberID) Account { return Account("credit:" + string(m)) }

// Points are the points of a member, in PointsCurrency.
func Points(m commerce.MemberID) Account { return Account("points:" + string(m)) }

// Commission is what a member has earned and cannot spend yet, in PointsCurrency.
func Commission(m commerce.MemberID) Account { return Account("commission:" + string(m)) }

// Income is what a creator has earned in money and can be paid.
func Income(m commerce.MemberID) Account { return Account("earned:" + string(m)) }

// GiftCard is what is left on a gift card.
func GiftCard(id string) Account { return Account("giftcard:" + id) }

// The other sides of the accounts that can be spent.
const (
	// PointsIssued is the other side of all points, in PointsCurrency.
	PointsIssued Account = "points-issued"
	// PointsRedeemed is what spent points took off prices, in money.
	PointsRedeemed Account = "points-redeemed"
	// Creators is what creators earn in money: what they cost the shop.
	Creators Account = "creators"
	// Goodwill is what credit cost that was given and not paid for.
	Goodwill Account = "goodwill"
)

// Spendable reports whether an account has a balance that can be held. A
// commission has one, to be read, and nobody holds it.
func (a Account) Spendable() bool {
	kind, _, _ := strings.Cut(string(a), ":")
	return kind == "credit" || kind == "points" || kind == "giftcard" || kind == "commission" || kind == "earned"
}

// ErrShort is returned where an account has not as much as would be spent; its
// argument "free" is what it has.
var ErrShort = &commerce.Error{Kind: commerce.Conflict, Message: "balance.short"}

// Free returns what an account can spend now.
func Free(tx *database.Tx, a Account, currency string) (m commerce.Money, err error) {
	m.Currency = currency
	err = tx.Row(`SELECT free FROM balances WHERE account = $1 AND currency = $2`, a, currency).Scan(&m.Amount)
	if err == database.ErrNone {
		err = nil
	}
	return m, err
}

// FreeOf is Free in a transaction of its own.
func FreeOf(ctx context.Context, db *database.DB, a Account, currency string) (m commerce.Money, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		m, err = Free(tx, a, currency)
		return err
	})
	return m, err
}

// Sums returns what accounts that begin so have to spend together, by currency.
func Sums(ctx context.Context, db *database.DB, prefix string) (list []commerce.Money, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT SUM(free + held), currency FROM balances WHERE account >= $1 AND account < $2 GROUP BY currency ORDER BY currency`, []any{prefix, prefix + "\U0010ffff"},
			func(scan func(...any) error) error {
				var sum commerce.Money
				err := scan(&sum.Amount, &sum.Currency)
				list = append(list, sum)
				return err
			})
	})
	return list, err
}

// Hold keeps an amount of an account for an order, which it names once for
// each account. It returns ErrShort.
func Hold(tx *database.Tx, order commerce.OrderID, a Account, amount commerce.Money) error {
	n, err := tx.Exec(`UPDATE balances SET free = free - $3, held = held + $3
		WHERE account = $1 AND currency = $2 AND free >= $3`, a, amount.Currency, amount.Amount)
	if err != nil {
		return err
	}
	if n == 0 {
		free, err := Free(tx, a, amount.Currency)
		if err != nil {
			return err
		}
		return ErrShort.With("free", free)
	}
	_, err = tx.Exec(`INSERT INTO balance_holds (order_id, account, currency, amount) VALUES ($1, $2, $3, $4)`,
		order, a, amount.Currency, amount.Amount)
	return err
}

// Unhold makes free again what is held for an order; again it does nothing.
func Unhold(tx *database.Tx, order commerce.OrderID) error {
	var list []Entry
	if err := tx.Rows(`SELECT account, currency, amount FROM balance_holds WHERE order_id = $1 ORDER BY account, currency`, []any{order},
		func(scan func(...any) error) error {
			var e Entry
			err := scan(&e.Account, &e.Amount.Currency, &e.Amount.Amount)
			list = append(list, e)
			return err
		}); err != nil {
		return err
	}
	for _, e := range list {
		n, err := tx.Exec(`DELETE FROM balance_holds WHERE order_id = $1 AND account = $2 AND currency = $3`, order, e.Account, e.Amount.Currency)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if _, err := tx.Exec(`UPDATE balances SET free = free + $3, held = held - $3 WHERE account = $1 AND currency = $2`,
			e.Account, e.Amount.Currency, e.Amount.Amount); err != nil {
			return err
		}
	}
	return nil
}

// move brings the balance of a spendable account to what an entry makes of it.
// A credit (negative) is more to spend, a debit less, and never less than none.
func move(tx *database.Tx, e Entry) error {
	if e.Amount.Amount < 0 {
		_, err := tx.Exec(`INSERT INTO balances (account, currency, free) VALUES ($1, $2, $3)
			ON CONFLICT (account, currency) DO UPDATE SET free = balances.free + excluded.free`, e.Account, e.Amount.Currency, -e.Amount.Amount)
		return err
	}
	n, err := tx.Exec(`UPDATE balances SET free = free - $3 WHERE account = $1 AND currency = $2 AND free >= $3`,
		e.Account, e.Amount.Currency, e.Amount.Amount)
	if err != nil || n == 1 {
		return err
	}
	free, err := Free(tx, e.Account, e.Amount.Currency)
	if err != nil {
		return err
	}
	return ErrShort.With("free", free)
}
