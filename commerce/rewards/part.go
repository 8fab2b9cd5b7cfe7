package rewards

// This file takes a sale back in parts. The rules are:
//   - A part is shared out over what is left of each entry, by the largest
//     remainder. So no entry is ever taken back beyond its amount or the wrong
//     way round, any number of parts sum to the whole exactly, and one part of
//     everything is Reverse. (Shares of the sum so far, each rounded anew, would
//     now and then take a cent back that an earlier part had given.)
//   - What of it was paid by card is said by the caller: it is what Stripe is
//     asked for.

import (
	"errors"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Part is how much of an earlier posting is taken back.
type Part struct {
	ID    string // its cause, as refund:<id>
	Of    string // the posting of which it is a part
	Memo  string
	Value commerce.Money // of all of it; more than nothing
	Card  commerce.Money // what of the value had come in as cash; the rest goes back to where it was spent from
	To    Account        // where that cash goes: Cash, or a credit

	// For says which accounts that earned the value it is for, in minor units:
	// these are taken back first, as far as something is left of them. What
	// remains of the value is shared out over all of them.
	For map[Account]int64
}

// ErrBeyond is returned where more would be taken back than is left.
var ErrBeyond = errors.New("rewards: more than is left of the posting")

// ReversePart posts the opposite of a part of an earlier posting and reports
// whether it is new. It returns ErrBeyond.
func ReversePart(tx *database.Tx, at time.Time, p Part) (bool, error) {
	var order commerce.OrderID
	if err := tx.Row(`SELECT order_id FROM postings WHERE id = $1`, p.Of).Scan(&order); err != nil {
		return false, fmt.Errorf("reverse a part of %s: %w", p.Of, err)
	}
	if known, err := Posted(tx, p.ID); err != nil || known {
		return false, err
	}
	left, err := leftOf(tx, p.Of)
	if err != nil {
		return false, err
	}
	tenders, sources, points := []int{}, []int{}, int64(0)
	for i, e := range left {
		if e.Account == PointsRedeemed {
			points = e.Amount.Amount // before anything is taken
		}
		switch {
		case e.Amount.Currency != p.Value.Currency || e.Account == Cash || e.Amount.Amount == 0:
		case e.Amount.Amount > 0:
			tenders = append(tenders, i)
		default:
			sources = append(sources, i)
		}
	}
	back := make([]Entry, len(left), len(left)+1)
	for i, e := range left {
		back[i] = Entry{Account: e.Account, Amount: commerce.Money{Currency: e.Amount.Currency}}
	}
	value := p.Value
	for _, i := range sources {
		first := min(p.For[left[i].Account], -left[i].Amount.Amount, value.Amount)
		if first > 0 {
			back[i].Amount.Amount = first
			left[i].Amount.Amount += first
			value.Amount -= first
		}
	}
	if err := share(back, left, sources, value); err != nil {
		return false, fmt.Errorf("%w: %s of %s", err, p.ID, p.Of)
	}
	if err := share(back, left, tenders, commerce.Money{Amount: p.Value.Amount - p.Card.Amount, Currency: p.Value.Currency}); err != nil {
		return false, fmt.Errorf("%w: %s of %s", err, p.ID, p.Of)
	}
	// Points go back as the money goes back that they took off.
	for i, e := range left {
		if e.Account != PointsRedeemed || points == 0 {
			continue
		}
		for j, f := range left {
			if f.Amount.Currency == PointsCurrency {
				part, err := commerce.Money{Amount: f.Amount.Amount, Currency: PointsCurrency}.Part(-back[i].Amount.Amount, points)
				if err != nil {
					return false, err
				}
				back[j].Amount.Amount = -part.Amount
			}
		}
	}
	// The cash goes to the line it came from, or to a line of its own.
	cash := Entry{Account: p.To, Amount: commerce.Money{Amount: -p.Card.Amount, Currency: p.Value.Currency}}
	placed := false
	for i, e := range left {
		if e.Account == Cash && p.To == Cash && e.Amount.Currency == p.Value.Currency && !placed {
			back[i], placed = cash, true
		}
	}
	if !placed {
		back = append(back, cash)
	}
	return post(tx, at, Posting{ID: p.ID, Order: order, Memo: p.Memo, Entries: back}, p.Of)
}

// Posted reports whether a cause is in the books.
func Posted(tx *database.Tx, id string) (bool, error) {
	var n int64
	err := tx.Row(`SELECT COUNT(*) FROM postings WHERE id = $1`, id).Scan(&n)
	return n == 1, err
}

// EntriesOf returns the entries of a posting, none where there is no such.
func EntriesOf(tx *database.Tx, id string) (list []Entry, err error) {
	err = tx.Rows(`SELECT account, amount, currency FROM entries WHERE posting_id = $1 ORDER BY line`, []any{id}, func(scan func(...any) error) error {
		var e Entry
		err := scan(&e.Account, &e.Amount.Amount, &e.Amount.Currency)
		list = append(list, e)
		return err
	})
	return list, err
}

// share takes an amount back from some of the entries, by what is left of them.
func share(back, left []Entry, of []int, amount commerce.Money) error {
	if amount.Amount == 0 {
		return nil
	}
	sum, weights := int64(0), make([]int64, len(of))
	for k, i := range of {
		weights[k] = max(left[i].Amount.Amount, -left[i].Amount.Amount)
		sum += weights[k]
	}
	if amount.Amount < 0 || amount.Amount > sum {
		return ErrBeyond
	}
	parts, err := amount.Split(weights...)
	if err != nil {
		return err
	}
	for k, i := range of {
		if left[i].Amount.Amount < 0 {
			back[i].Amount.Amount += parts[k].Amount
		} else {
			back[i].Amount.Amount -= parts[k].Amount
		}
	}
	return nil
}

// leftOf returns the entries of a posting less what was taken back of them, at
// the place of their line; a line that had none is a zero entry.
func leftOf(tx *database.Tx, of string) (left []Entry, err error) {
	err = tx.Rows(`SELECT e.line, e.account, e.currency, e.amount + COALESCE((SELECT SUM(b.amount) FROM postings p JOIN entries b ON b.posting_id = p.id
		WHERE p.reverses = e.posting_id AND p.reverses <> '' AND b.line = e.line), 0) FROM entries e WHERE e.posting_id = $1 ORDER BY e.line`, []any{of},
		func(scan func(...any) error) error {
			var line int
			var e Entry
			if err := scan(&line, &e.Account, &e.Amount.Currency, &e.Amount.Amount); err != nil {
				return err
			}
			for len(left) < line {
				left = append(left, Entry{})
			}
			left = append(left, e)
			return nil
		})
	return left, err
}
