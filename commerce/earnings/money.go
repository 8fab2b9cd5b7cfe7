package earnings

// Where the programme pays in money, an earning is counted in the currency of
// what was bought. The rules are:
//   - It waits as points do, then it is in a balance that is no wallet: it can
//     be paid out (commerce/creatorpay), and not be held for an order.
//   - What goes back after it was paid out is owed, and met by what the creator
//     earns next, before they can have it. No balance is ever below zero.

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/rewards"
)

// issuer is the other side of what is earned in a unit.
func issuer(unit string) rewards.Account {
	if unit == rewards.PointsCurrency {
		return rewards.PointsIssued
	}
	return rewards.Creators
}

// purse is where what is earned in a unit goes once it is the creator's.
func purse(m commerce.MemberID, unit string) rewards.Account {
	if unit == rewards.PointsCurrency {
		return rewards.Points(m)
	}
	return rewards.Income(m)
}

// owe notes that money went back which a creator does not have any more.
func owe(tx *database.Tx, m commerce.MemberID, amount commerce.Money) error {
	_, err := tx.Exec(`INSERT INTO earning_debts (member_id, currency, owed) VALUES ($1, $2, $3)
		ON CONFLICT (member_id, currency) DO UPDATE SET owed = earning_debts.owed + excluded.owed`, m, amount.Currency, amount.Amount)
	return err
}

// Owed is what a creator owes in a currency.
func Owed(tx *database.Tx, m commerce.MemberID, currency string) (n int64, err error) {
	err = tx.Row(`SELECT owed FROM earning_debts WHERE member_id = $1 AND currency = $2`, m, currency).Scan(&n)
	if err == database.ErrNone {
		err = nil
	}
	return n, err
}

// Meet takes what a creator owes from what they can be paid, as far as it goes.
// The cause is what brought them the money.
func Meet(tx *database.Tx, now time.Time, cause string, m commerce.MemberID, currency string) error {
	owed, err := Owed(tx, m, currency)
	if err != nil || owed == 0 {
		return err
	}
	free, err := rewards.Free(tx, rewards.Income(m), currency)
	if err != nil {
		return err
	}
	amount := commerce.Money{Amount: min(owed, free.Amount), Currency: currency}
	if amount.Amount <= 0 {
		return nil
	}
	isNew, err := rewards.Post(tx, now, moved("earned:met:"+cause, "earned back", "", rewards.Income(m), rewards.Creators, amount))
	if err != nil || !isNew {
		return err
	}
	_, err = tx.Exec(`UPDATE earning_debts SET owed = owed - $3 WHERE member_id = $1 AND currency = $2`, m, currency, amount.Amount)
	return err
}

func linkDebts(tx *database.Tx, keep, gone commerce.MemberID) error {
	var list []commerce.Money
	if err := tx.Rows(`SELECT owed, currency FROM earning_debts WHERE member_id = $1`, []any{gone}, func(scan func(...any) error) error {
		var sum commerce.Money
		err := scan(&sum.Amount, &sum.Currency)
		list = append(list, sum)
		return err
	}); err != nil {
		return err
	}
	for _, sum := range list {
		if err := owe(tx, keep, sum); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`DELETE FROM earning_debts WHERE member_id = $1`, gone)
	return err
}

// Purse is what a creator has in one currency.
type Purse struct {
	Currency string
	Pending  int64 // waits until nothing can be sent back any more
	Free     int64 // can be paid out
	Owed     int64 // went back after it was paid out
}

// Money returns what a creator has earned in money, by currency.
func (e *Earnings) Money(ctx context.Context, m commerce.MemberID) (list []Purse, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		at := func(currency string) *Purse {
			for i := range list {
				if list[i].Currency == currency {
					return &list[i]
				}
			}
			list = append(list, Purse{Currency: currency})
			return &list[len(list)-1]
		}
		for _, a := range []rewards.Account{rewards.Commission(m), rewards.Income(m)} {
			all, err := rewards.All(tx, a)
			if err != nil {
				return err
			}
			for _, sum := range all {
				switch {
				case sum.Currency == rewards.PointsCurrency:
				case a == rewards.Income(m):
					at(sum.Currency).Free = sum.Amount
				default:
					at(sum.Currency).Pending = sum.Amount
				}
			}
		}
		return tx.Rows(`SELECT currency, owed FROM earning_debts WHERE member_id = $1 AND owed > 0`, []any{m}, func(scan func(...any) error) error {
			var currency string
			var owed int64
			err := scan(&currency, &owed)
			at(currency).Owed = owed
			return err
		})
	})
	return list, err
}

// PaidOut notes which payout takes along all a creator can be paid in a currency.
func PaidOut(tx *database.Tx, m commerce.MemberID, currency, payout string) error {
	_, err := tx.Exec(`UPDATE earnings SET payout = $3 WHERE member_id = $1 AND unit = $2 AND state = 'available' AND payout = ''`, m, currency, payout)
	return err
}

// NotPaidOut notes that a payout came back.
func NotPaidOut(tx *database.Tx, payout string) error {
	_, err := tx.Exec(`UPDATE earnings SET payout = '' WHERE payout = $1 AND payout <> ''`, payout)
	return err
}
