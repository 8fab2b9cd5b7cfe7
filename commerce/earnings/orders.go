package earnings

// What becomes of an order. The rules are:
//   - Who is credited is a member, still recommends, and is not the buyer.
//   - What is earned waits in an account of its own and is the wallet's once
//     nothing can come back any more (step.go).
//   - What goes back takes its part, by the value of the line: over all parts
//     that is all of the points, exactly. Points that are spent already stay
//     spent.
//   - A creator is told once a minute at most: what they read is the sum.

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
)

var _ checkout.Earnings = (*Earnings)(nil)

// Agreed is checkout.Earnings: the order keeps the rules as they are now.
func (e *Earnings) Agreed(_ context.Context, o orders.Order) (func(*database.Tx, orders.Order) error, error) {
	rules := e.Rules()
	if !rules.Pay() || !recommended(o) {
		return nil, nil
	}
	version := rules.Version()
	return func(tx *database.Tx, o orders.Order) error { return keep(tx, o, rules, version) }, nil
}

func recommended(o orders.Order) bool {
	for _, l := range o.Lines {
		if l.Kind == pricing.KindItem && l.Creator != "" {
			return true
		}
	}
	return false
}

// Sold is checkout.Earnings: what was recommended brings its creators points.
func (e *Earnings) Sold(tx *database.Tx, o orders.Order) error {
	rules, version, err := termsOf(tx, o.ID)
	if err != nil || version == "" {
		return err
	}
	net, err := brought(o)
	if err != nil {
		return err
	}
	worth, err := checkout.Worth(o)
	if err != nil {
		return err
	}
	now := e.Clock.Now()
	told := map[commerce.MemberID]bool{}
	for i, l := range o.Lines {
		if l.Kind != pricing.KindItem || l.Creator == "" {
			continue
		}
		one := Earning{ID: e.IDs.ID(), Order: o.ID, Position: int64(i), Creator: l.Creator, Pick: l.Pick, Label: l.Label, Why: LastTap, Version: version,
			Base: net[int64(i)], PPM: rules.rate(l), State: Pending, At: now, Due: now.Add(lookAgain), worth: worth[int64(i)]}
		if one.Pick == "" {
			one.Why = ByCode
		}
		if one.Points, err = rules.points(one.Base, one.PPM); err != nil {
			return err
		}
		by, err := creators.Load(tx, l.Creator)
		if err == creators.ErrUnknownCreator || one.Points <= 0 || one.worth.Amount <= 0 {
			continue
		}
		if err != nil {
			return err
		}
		one.Member = by.Member
		if by.Archived || by.Member == "" || by.Member == o.Member {
			continue
		}
		if err := e.add(tx, one); err != nil {
			return err
		}
		if !told[one.Member] {
			told[one.Member] = true
			if err := e.tell(tx, one.Member, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// add writes a receipt and books it.
func (e *Earnings) add(tx *database.Tx, x Earning) error {
	if _, err := tx.Exec(`INSERT INTO earnings (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, 0, $15, $16, $17)`,
		x.ID, x.Order, x.Position, x.Creator, x.Member, x.Pick, x.Label, x.Why, x.Version, x.Base.Amount, x.Base.Currency, x.PPM, x.Points, x.worth.Amount,
		x.State, commerce.Micros(x.At), commerce.Micros(x.Due)); err != nil {
		return fmt.Errorf("earning of order %s: %w", x.Order, err)
	}
	_, err := rewards.Post(tx, x.At, moved("earned:"+x.ID, "earned", x.Order, rewards.PointsIssued, rewards.Commission(x.Member), x.Points))
	return err
}

// moved is a posting of points from one account to another.
func moved(id, memo string, o commerce.OrderID, debit, credit rewards.Account, points int64) rewards.Posting {
	return rewards.Posting{ID: id, Order: o, Memo: memo, Entries: []rewards.Entry{
		{Account: debit, Amount: commerce.Money{Amount: points, Currency: rewards.PointsCurrency}},
		{Account: credit, Amount: commerce.Money{Amount: -points, Currency: rewards.PointsCurrency}}}}
}

// tell has a creator told what they earned from this minute on.
func (e *Earnings) tell(tx *database.Tx, m commerce.MemberID, now time.Time) error {
	from := strconv.FormatInt(commerce.Micros(now.Truncate(time.Minute)), 10)
	_, err := notices.Add(tx, e.IDs, now, notices.Notice{Kind: notices.CreatorEarned, Member: m, Args: map[string]string{"from": from},
		Once: notices.CreatorEarned + ":" + string(m) + ":" + from})
	return err
}

// Exchanged is checkout.Earnings: the order a return became goes on under the
// rules of the one it came from.
func (e *Earnings) Exchanged(tx *database.Tx, from commerce.OrderID, o orders.Order) error {
	if _, err := tx.Exec(`INSERT INTO earning_terms (order_id, version) SELECT $1, version FROM earning_terms WHERE order_id = $2`, o.ID, from); err != nil {
		return err
	}
	return e.Sold(tx, o)
}

// Returned is checkout.Earnings: a part of the order went back.
func (e *Earnings) Returned(tx *database.Tx, o orders.Order, p checkout.Returned) error {
	list, err := where(tx, `order_id = $1 AND state IN ('pending', 'available') ORDER BY position, creator_id`, o.ID)
	if err != nil || len(list) == 0 {
		return err
	}
	worth, err := checkout.Worth(o)
	if err != nil {
		return err
	}
	total := int64(0)
	for _, w := range worth {
		total += w.Amount
	}
	for _, x := range list {
		part := commerce.Money{Currency: x.worth.Currency}
		for _, l := range p.Lines {
			if l.Position == x.Position {
				part.Amount += l.Value.Amount
			}
		}
		if len(p.Lines) == 0 { // an amount of no line is of all of them
			if part, err = p.Value.Part(x.worth.Amount, max(total, 1)); err != nil {
				return err
			}
		}
		returned := min(x.worth.Amount, x.returned.Amount+part.Amount)
		if p.All {
			returned = x.worth.Amount
		}
		if err := e.takeBack(tx, x, p.ID, returned); err != nil {
			return err
		}
	}
	return nil
}

// takeBack brings an earning to what is left of its line.
func (e *Earnings) takeBack(tx *database.Tx, x Earning, cause string, returned int64) error {
	all, err := (commerce.Money{Amount: x.Points, Currency: rewards.PointsCurrency}).Part(returned, x.worth.Amount)
	if err != nil {
		return err
	}
	take, from := all.Amount-x.Back, rewards.Commission(x.Member)
	if x.State == Available {
		from = rewards.Points(x.Member)
		free, err := rewards.Free(tx, from, rewards.PointsCurrency)
		if err != nil {
			return err
		}
		take = min(take, free.Amount)
	}
	if take > 0 {
		isNew, err := rewards.Post(tx, e.Clock.Now(), moved("earned:back:"+cause+":"+x.ID, "earned back", x.Order, from, rewards.PointsIssued, take))
		if err != nil || !isNew {
			return err
		}
	}
	_, err = tx.Exec(`UPDATE earnings SET returned = $2, back = back + $3, state = CASE WHEN back + $3 = points THEN 'back' ELSE state END WHERE id = $1`,
		x.ID, returned, max(take, 0))
	return err
}
