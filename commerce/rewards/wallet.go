package rewards

// This file is a member's wallet: what is given to them, and what they read of
// it. The rules are:
//   - A grant is a posting with a reason; the same grant again changes nothing.
//   - Two members who become one have one wallet: a posting moves what the one
//     had, with what an open order of theirs holds.
//   - Who is erased loses it. The books keep the account, which nobody can
//     spend any more.

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Granted is credit or points that are given to a member.
type Granted struct {
	ID     string // its cause: the posting is grant:<id>
	Member commerce.MemberID
	Amount commerce.Money // in PointsCurrency for points
	Reason string         // the member reads it
	Actor  string
	At     time.Time
}

func (g Granted) points() bool { return g.Amount.Currency == PointsCurrency }

func (g Granted) account() Account {
	if g.points() {
		return Points(g.Member)
	}
	return Credit(g.Member)
}

// ErrGrant is returned for a grant of nothing, or of more than anybody means.
var ErrGrant = &commerce.Error{Kind: commerce.Invalid, Message: "grant.amount"}

// mostGranted is the most that is given at once, in minor units or points: what
// is more is a slip of the hand.
const mostGranted = 10_000_000

// Grant gives credit or points and reports whether it is new. It returns
// ErrGrant.
func Grant(tx *database.Tx, g Granted) (bool, error) {
	if g.Amount.Amount <= 0 || g.Amount.Amount > mostGranted {
		return false, ErrGrant
	}
	from := Goodwill
	if g.points() {
		from = PointsIssued
	}
	isNew, err := Post(tx, g.At, Posting{ID: "grant:" + g.ID, Memo: "grant", Entries: []Entry{
		{Account: from, Amount: g.Amount},
		{Account: g.account(), Amount: commerce.Money{Amount: -g.Amount.Amount, Currency: g.Amount.Currency}},
	}})
	if err != nil || !isNew {
		return false, err
	}
	_, err = tx.Exec(`INSERT INTO grants (id, member_id, account, amount, currency, reason, actor, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		g.ID, g.Member, g.account(), g.Amount.Amount, g.Amount.Currency, g.Reason, g.Actor, commerce.Micros(g.At))
	return true, err
}

// GrantOf returns what was given by its id; database.ErrNone where nothing was.
func GrantOf(ctx context.Context, db *database.DB, id string) (g Granted, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		var at int64
		err := tx.Row(`SELECT id, member_id, amount, currency, reason, actor, created_at FROM grants WHERE id = $1`, id).
			Scan(&g.ID, &g.Member, &g.Amount.Amount, &g.Amount.Currency, &g.Reason, &g.Actor, &at)
		g.At = commerce.FromMicros(at)
		return err
	})
	return g, err
}

// Wallet is what a member has beside gift cards.
type Wallet struct {
	Points   int64
	Credit   commerce.Money // in the currency asked for
	Spending bool           // they want to spend their points
}

// WalletOf returns a member's wallet. What an open order of theirs holds
// counts: placing another one gives it back first.
func WalletOf(tx *database.Tx, m commerce.MemberID, currency string) (w Wallet, err error) {
	w.Credit.Currency = currency
	if w.Credit.Amount, err = Has(tx, Credit(m), currency); err != nil {
		return w, err
	}
	if w.Points, err = Has(tx, Points(m), PointsCurrency); err != nil {
		return w, err
	}
	var on int64
	err = tx.Row(`SELECT points FROM wallets WHERE member_id = $1`, m).Scan(&on)
	if err == database.ErrNone {
		err = nil
	}
	w.Spending = on == 1
	return w, err
}

// Has returns what is on an account, held or not.
func Has(tx *database.Tx, a Account, currency string) (n int64, err error) {
	err = tx.Row(`SELECT free + held FROM balances WHERE account = $1 AND currency = $2`, a, currency).Scan(&n)
	if err == database.ErrNone {
		err = nil
	}
	return n, err
}

// Spend keeps whether a member wants to spend their points.
func Spend(ctx context.Context, db *database.DB, m commerce.MemberID, points bool) error {
	on := 0
	if points {
		on = 1
	}
	return db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`INSERT INTO wallets (member_id, points) VALUES ($1, $2) ON CONFLICT (member_id) DO UPDATE SET points = excluded.points`, m, on)
		return err
	})
}

// Moved is one movement in a member's wallet.
type Moved struct {
	At     time.Time
	Memo   string // of the posting: sale, grant, link, or why something went back
	Reason string // of a grant
	Order  commerce.OrderID
	Amount commerce.Money // more is positive
}

// History returns what moved in the wallet of a member last, the newest first.
func History(ctx context.Context, db *database.DB, m commerce.MemberID, n int) (list []Moved, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		list, err = moved(tx, []commerce.MemberID{m}, n)
		return err
	})
	return list, err
}

// moved returns what moved last in the wallets of members taken as one: what
// went from the one to the other did not move.
func moved(tx *database.Tx, of []commerce.MemberID, n int) (list []Moved, err error) {
	args, in := []any{n}, make([]string, 0, 2*len(of))
	for _, m := range of {
		for _, a := range []Account{Credit(m), Points(m)} {
			args = append(args, a)
			in = append(in, fmt.Sprintf("$%d", len(args)))
		}
	}
	err = tx.Rows(`SELECT p.at, p.memo, COALESCE(g.reason, ''), p.order_id, e.currency, -SUM(e.amount)
		FROM entries e JOIN postings p ON p.id = e.posting_id LEFT JOIN grants g ON p.id LIKE 'grant:%' AND g.id = SUBSTR(p.id, 7)
		WHERE e.account IN (`+strings.Join(in, ", ")+`) GROUP BY p.id, p.at, p.memo, g.reason, p.order_id, e.currency
		HAVING SUM(e.amount) <> 0 ORDER BY p.at DESC, p.id LIMIT $1`, args,
		func(scan func(...any) error) error {
			var x Moved
			var at int64
			err := scan(&at, &x.Memo, &x.Reason, &x.Order, &x.Amount.Currency, &x.Amount.Amount)
			x.At = commerce.FromMicros(at)
			list = append(list, x)
			return err
		})
	return list, err
}

// Link gives the wallet of one member to another: they are one person.
func Link(tx *database.Tx, now time.Time, keep, gone commerce.MemberID) error {
	for _, x := range []struct{ from, to Account }{{Credit(gone), Credit(keep)}, {Points(gone), Points(keep)}, {Commission(gone), Commission(keep)}, {Income(gone), Income(keep)}} {
		if err := merge(tx, now, x.from, x.to); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE grants SET member_id = $1 WHERE member_id = $2`, keep, gone); err != nil {
		return err
	}
	_, err := tx.Exec(`INSERT INTO wallets (member_id, moved_to) VALUES ($1, $2) ON CONFLICT (member_id) DO UPDATE SET moved_to = excluded.moved_to`, gone, keep)
	return err
}

// current is the account that takes what an account of a member would get: of
// whom they have become where their wallet has moved.
func current(tx *database.Tx, a Account) (Account, error) {
	kind, member, _ := strings.Cut(string(a), ":")
	if kind != "credit" && kind != "points" && kind != "commission" && kind != "earned" {
		return a, nil
	}
	for range 16 {
		var to string
		err := tx.Row(`SELECT moved_to FROM wallets WHERE member_id = $1`, member).Scan(&to)
		if err == database.ErrNone || err == nil && to == "" {
			break
		}
		if err != nil {
			return a, err
		}
		member = to
	}
	return Account(kind + ":" + member), nil
}

// merge moves all of an account to another, with what is held of it.
func merge(tx *database.Tx, now time.Time, from, to Account) error {
	var all, holds []Entry
	var of []commerce.OrderID
	if err := tx.Rows(`SELECT currency, free + held FROM balances WHERE account = $1 ORDER BY currency`, []any{from}, func(scan func(...any) error) error {
		var e Entry
		err := scan(&e.Amount.Currency, &e.Amount.Amount)
		all = append(all, e)
		return err
	}); err != nil {
		return err
	}
	if err := tx.Rows(`SELECT order_id, currency, amount FROM balance_holds WHERE account = $1 ORDER BY order_id, currency`, []any{from}, func(scan func(...any) error) error {
		var e Entry
		var o commerce.OrderID
		err := scan(&o, &e.Amount.Currency, &e.Amount.Amount)
		holds, of = append(holds, e), append(of, o)
		return err
	}); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM balance_holds WHERE account = $1`, from); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE balances SET free = free + held, held = 0 WHERE account = $1`, from); err != nil {
		return err
	}
	for _, e := range all {
		if e.Amount.Amount == 0 {
			continue
		}
		if _, err := Post(tx, now, Posting{ID: fmt.Sprintf("link:%s:%s", from, e.Amount.Currency), Memo: "link", asis: true, Entries: []Entry{
			{Account: from, Amount: e.Amount}, {Account: to, Amount: commerce.Money{Amount: -e.Amount.Amount, Currency: e.Amount.Currency}}}}); err != nil {
			return err
		}
	}
	if from.points() {
		if err := linkDays(tx, from, to); err != nil {
			return err
		}
	}
	for i, e := range holds {
		if err := Hold(tx, of[i], to, e.Amount); err != nil {
			return err
		}
	}
	return nil
}

// Erase forgets why a member was given something, when, and how they wanted to pay.
func Erase(tx *database.Tx, m commerce.MemberID) error {
	if _, err := tx.Exec(`DELETE FROM points_days WHERE account = $1`, Points(m)); err != nil {
		return err
	}
	for _, q := range []string{`UPDATE grants SET reason = '' WHERE member_id = $1`, `DELETE FROM wallets WHERE member_id = $1`} {
		if _, err := tx.Exec(q, m); err != nil {
			return err
		}
	}
	return nil
}

// Exported is a movement of a wallet as its member takes it along.
type Exported struct {
	At     time.Time `json:"at"`
	Why    string    `json:"why"`
	Amount string    `json:"amount"`
}

// Export returns all that moved in a member's wallet, and in those of whom they
// were before they were linked.
func Export(ctx context.Context, db *database.DB, m commerce.MemberID) (out []Exported, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		out = []Exported{}
		var all []commerce.MemberID
		if err := tx.Rows(`WITH RECURSIVE was (id) AS (SELECT CAST($1 AS TEXT)
			UNION SELECT w.member_id FROM wallets w JOIN was ON w.moved_to = was.id) SELECT id FROM was`, []any{m}, func(scan func(...any) error) error {
			var id commerce.MemberID
			err := scan(&id)
			all = append(all, id)
			return err
		}); err != nil {
			return err
		}
		list, err := moved(tx, all, 10_000)
		for _, x := range list {
			out = append(out, Exported{x.At, strings.TrimSpace(x.Memo + " " + x.Reason), x.Amount.String()})
		}
		return err
	})
	return out, err
}

// CreditOf returns a member's store credit in each currency they have any in.
func CreditOf(tx *database.Tx, m commerce.MemberID) (list []commerce.Money, err error) {
	return All(tx, Credit(m))
}

// All returns what is on an account, held or not, in each currency there is any in.
func All(tx *database.Tx, a Account) (list []commerce.Money, err error) {
	err = tx.Rows(`SELECT free + held, currency FROM balances WHERE account = $1 AND free + held > 0 ORDER BY currency`, []any{a},
		func(scan func(...any) error) error {
			var sum commerce.Money
			err := scan(&sum.Amount, &sum.Currency)
			list = append(list, sum)
			return err
		})
	return list, err
}
