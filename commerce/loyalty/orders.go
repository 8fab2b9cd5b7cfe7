package loyalty

// What becomes of an order. The rules are:
//   - What counts is what was paid for the goods, by whatever means: less what was
//     taken off, with tax, without parcels and gift cards.
//   - It counts from when it was paid. What takes the place of goods that went
//     back counts from when those were.
//   - What goes back does not count any more, and never more than was counted.
//   - Who rises is told once, in the transaction that made them rise. Who falls is
//     not told: they see it where they see their tier, and are told again when
//     they rise again, also where one order makes up for a year.

import (
	"context"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
)

var _ checkout.Earnings = (*Loyalty)(nil)

// Agreed is checkout.Earnings: what is not paid does not count.
func (l *Loyalty) Agreed(context.Context, orders.Order) (func(*database.Tx, orders.Order) error, error) {
	return nil, nil
}

// Sold is checkout.Earnings.
func (l *Loyalty) Sold(tx *database.Tx, o orders.Order) error { return l.count(tx, o, o.PaidAt) }

// Exchanged is checkout.Earnings: it counts from when the goods that went back did.
func (l *Loyalty) Exchanged(tx *database.Tx, from commerce.OrderID, o orders.Order) error {
	at, err := orders.SpentAt(tx, from)
	if err != nil {
		return err
	}
	if at.IsZero() {
		at = o.PaidAt
	}
	return l.count(tx, o, at)
}

func (l *Loyalty) count(tx *database.Tx, o orders.Order, at time.Time) error {
	worth, err := checkout.Worth(o)
	if err != nil {
		return err
	}
	sum := commerce.Money{Currency: o.Total.Currency}
	for i, line := range o.Lines {
		if line.Kind == pricing.KindItem {
			sum.Amount += worth[int64(i)].Amount
		}
	}
	if sum.Amount <= 0 {
		return nil
	}
	if err := l.look(tx, o.Member, ""); err != nil { // they may have fallen since
		return err
	}
	if err := orders.AddSpent(tx, o, at, sum); err != nil {
		return err
	}
	return l.look(tx, o.Member, string(o.ID))
}

// Returned is checkout.Earnings.
func (l *Loyalty) Returned(tx *database.Tx, o orders.Order, p checkout.Returned) error {
	worth, err := checkout.Worth(o)
	if err != nil {
		return err
	}
	goods, all := int64(0), int64(0)
	for i, w := range worth {
		all += w.Amount
		if o.Lines[i].Kind == pricing.KindItem {
			goods += w.Amount
		}
	}
	back := commerce.Money{Currency: o.Total.Currency}
	switch {
	case p.All:
		back.Amount = goods
	case len(p.Lines) == 0: // an amount of no line is of all of them
		if back, err = p.Value.Part(goods, max(all, 1)); err != nil {
			return err
		}
	}
	for _, line := range p.Lines {
		if o.Lines[line.Position].Kind == pricing.KindItem && !p.All {
			back.Amount += line.Value.Amount
		}
	}
	if err := orders.SpentBack(tx, o.ID, back.Amount); err != nil {
		return err
	}
	return l.look(tx, o.Member, "")
}

// look tells a member who has risen, once for each cause.
func (l *Loyalty) look(tx *database.Tx, m commerce.MemberID, cause string) error {
	s, err := l.standing(tx, m)
	if err != nil || len(s.Rules.Tiers) == 0 {
		return err
	}
	told, err := toldOf(tx, m)
	if err != nil {
		return err
	}
	was, id := s.Rules.rank(told), ""
	if tier := s.Tier(); tier != nil {
		id = tier.ID
	}
	if id == told || cause == "" && s.Rank > was {
		return nil
	}
	now := l.Clock.Now()
	if err := setTold(tx, m, id, now); err != nil || s.Rank <= was {
		return err
	}
	_, err = notices.Add(tx, l.IDs, now, notices.Notice{Kind: notices.TierReached, Member: m, Args: map[string]string{"tier": id},
		Once: notices.TierReached + ":" + string(m) + ":" + id + ":" + cause})
	return err
}

func toldOf(tx *database.Tx, m commerce.MemberID) (tier string, err error) {
	if err = tx.Row(`SELECT tier FROM tiers_told WHERE member_id = $1`, m).Scan(&tier); err == database.ErrNone {
		err = nil
	}
	return tier, err
}

func setTold(tx *database.Tx, m commerce.MemberID, tier string, at time.Time) error {
	_, err := tx.Exec(`INSERT INTO tiers_told (member_id, tier, at) VALUES ($1, $2, $3)
		ON CONFLICT (member_id) DO UPDATE SET tier = excluded.tier, at = excluded.at`, m, tier, commerce.Micros(at))
	return err
}

// looks is at how many members' points one step looks.
const looks = 100

// Step looks at those who earned points since the last one, and returns at how many.
func (l *Loyalty) Step(ctx context.Context) (n int, err error) {
	any := false
	if err := l.DB.Read(ctx, func(tx *database.Tx) error {
		any, err = rewards.AnyFresh(tx)
		return err
	}); err != nil || !any {
		return 0, err
	}
	err = l.DB.Write(ctx, func(tx *database.Tx) error {
		list, err := rewards.Fresh(tx, looks)
		n = len(list)
		if err != nil || !l.Rules().Points() {
			return err
		}
		for _, m := range list {
			if err := l.look(tx, m, fmt.Sprintf("points:%d", commerce.Micros(l.Clock.Now()))); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
