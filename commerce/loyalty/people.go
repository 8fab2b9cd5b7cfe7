package loyalty

// What becomes of a tier when a member links their accounts, is erased, or takes
// along what is known of them.

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
)

// Link counts what two members bought together: they are one person. The books
// are moved by rewards.Link, before. It is for members.OnLink.
func (l *Loyalty) Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	if err := orders.LinkSpent(tx, keep, gone); err != nil {
		return err
	}
	one, err := toldOf(tx, keep)
	if err != nil {
		return err
	}
	other, err := toldOf(tx, gone)
	if err != nil {
		return err
	}
	if r := l.Rules(); r.rank(other) > r.rank(one) { // what either was told of is known
		if err := setTold(tx, keep, other, l.Clock.Now()); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`DELETE FROM tiers_told WHERE member_id = $1`, gone); err != nil {
		return err
	}
	return l.look(tx, keep, "link:"+string(gone))
}

// Erase forgets what counted for a member. It is for members.OnErase.
func (l *Loyalty) Erase(tx *database.Tx, m commerce.MemberID) error {
	if _, err := tx.Exec(`DELETE FROM tiers_told WHERE member_id = $1`, m); err != nil {
		return err
	}
	return orders.EraseSpent(tx, m)
}

// Exported is what counted for a member, as they take it along.
type Exported struct {
	At     time.Time `json:"at"`
	Amount string    `json:"amount"`
}

// Export returns what a member's tier was counted from. It is for members.OnExport.
func (l *Loyalty) Export(ctx context.Context, m commerce.MemberID) (name string, data any, err error) {
	out := []Exported{}
	rules := l.Rules()
	if len(rules.Tiers) == 0 {
		return "tier", out, nil
	}
	currency := rules.Tiers[0].From.Currency
	err = l.DB.Read(ctx, func(tx *database.Tx) error {
		out = []Exported{}
		now := l.Clock.Now()
		return each(tx, m, currency, now.Add(-rules.Within), now, func(at time.Time, n int64) {
			out = append(out, Exported{at, commerce.Money{Amount: n, Currency: currency}.String()})
		})
	})
	return "tier", out, err
}
