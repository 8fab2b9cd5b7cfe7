package earnings

// Who brought a member in (creators.Bring) gets points for that member's first
// order. The rules are:
//   - It is the first order that they paid for, and no sample, once for ever: what becomes of it
//     later changes what it brought, and no other takes its place.
//   - It is points, also where creators earn money: who brings somebody in needs
//     no account.
//   - Nobody brings themselves in. Accounts that are linked are one person, and
//     what waits of it then is taken back (Link).
//   - The receipt says whose rate it was and not what was bought: they may have
//     brought one member only.

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
)

// whole is the position of what is earned from all goods of an order.
const whole = -1

// Brings reports whether bringing somebody in brings points.
func (r Rules) Brings() bool { return r.Worth > 0 && (r.Bring > 0 || r.BringPoints > 0) }

// bringing returns what a first order brings whoever brought its member in.
func (r Rules) bringing(base commerce.Money) (commerce.Money, error) {
	all, err := r.points(base, 1_000_000)
	if err != nil || r.BringPoints == 0 {
		if err == nil {
			all, err = r.points(base, r.Bring)
		}
		return all, err
	}
	all.Amount = min(all.Amount, r.BringPoints) // never more than the order brought
	return all, nil
}

// mayBring reports whether the member who orders was brought in by somebody, and
// nothing came of it yet.
func mayBring(tx *database.Tx, m commerce.MemberID) (by commerce.MemberID, pick commerce.PickID, err error) {
	err = tx.Row(`SELECT by_id, pick_id FROM brought WHERE member_id = $1 AND order_id = ''`, m).Scan(&by, &pick)
	if err == database.ErrNone {
		err = nil
	}
	return by, pick, err
}

// soldToBrought credits whoever brought the buyer in, where this is their first
// order; from is the order of which it took the place, "" for none.
func (e *Earnings) soldToBrought(tx *database.Tx, o orders.Order, from commerce.OrderID, rules Rules, version string, net, worth map[int64]commerce.Money) error {
	by, pick, err := mayBring(tx, o.Member)
	if err != nil || by == "" || by == o.Member {
		return err
	}
	one := Earning{ID: e.IDs.ID(), Order: o.ID, Position: whole, Member: by, Pick: pick, Why: Brought, Version: version, PPM: rules.Bring, Unit: rewards.PointsCurrency, State: Pending, At: e.Clock.Now()}
	one.Due = one.At.Add(lookAgain)
	if rules.BringPoints > 0 {
		one.PPM = 0
	}
	for i, l := range o.Lines {
		if l.Kind != pricing.KindItem {
			continue
		}
		one.Base.Currency, one.worth.Currency = l.Amount.Currency, l.Amount.Currency
		one.Base.Amount += net[int64(i)].Amount
		one.worth.Amount += worth[int64(i)].Amount
	}
	if one.worth.Amount <= 0 {
		return nil // a gift card, or nothing that cost anything
	}
	var before int64
	if err := tx.Row(`SELECT COUNT(*) FROM orders WHERE member_id = $1 AND paid_at <> 0 AND once NOT LIKE 'sample:%' AND id <> $2 AND id <> $3`, o.Member, o.ID, from).Scan(&before); err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE brought SET order_id = $2 WHERE member_id = $1 AND order_id = ''`, o.Member, o.ID)
	if err != nil || n == 0 || before > 0 {
		return err
	}
	points, err := rules.bringing(one.Base)
	if err != nil || points.Amount <= 0 {
		return err
	}
	one.Points = points.Amount
	if err := e.add(tx, one); err != nil {
		return err
	}
	return e.tell(tx, by, one.At)
}

// Bringing is what came of bringing members in.
type Bringing struct {
	Members int64 // who came
	Bought  int64 // of them, as far as they brought points
	Points  int64 // less what went back
}

// BroughtBy returns what came of bringing members in.
func (e *Earnings) BroughtBy(ctx context.Context, m commerce.MemberID) (b Bringing, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		if err := tx.Row(`SELECT COUNT(*) FROM brought WHERE by_id = $1`, m).Scan(&b.Members); err != nil {
			return err
		}
		return tx.Row(`SELECT COUNT(*), COALESCE(SUM(points - back), 0) FROM earnings WHERE member_id = $1 AND why = 'brought'`, m).Scan(&b.Bought, &b.Points)
	})
	return b, err
}

// unbring takes back what waits of bringing somebody in who was a member before:
// two of their accounts have become one, and creators.Link has forgotten it.
func (e *Earnings) unbring(tx *database.Tx, m commerce.MemberID) error {
	list, err := where(tx, `why = 'brought' AND state = 'pending' AND order_id IN (SELECT id FROM orders WHERE member_id = $1)
		AND NOT EXISTS (SELECT 1 FROM brought b WHERE b.order_id = earnings.order_id AND b.order_id <> '') ORDER BY id`, m)
	for _, x := range list {
		if err == nil {
			err = e.takeBack(tx, x, "own", x.worth.Amount)
		}
	}
	return err
}
