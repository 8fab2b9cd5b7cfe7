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
func (e *Earnings) Agreed(ctx context.Context, o orders.Order) (func(*database.Tx, orders.Order) error, error) {
	rules := e.Rules()
	var list []credit
	if rules.Pay() {
		var err error
		if list, err = e.credits(ctx, o, rules); err != nil {
			return nil, err
		}
	}
	if len(list) == 0 && !rules.Brings() {
		return nil, nil
	}
	version := rules.Version()
	tiers, err := e.tiers(ctx, rules, o.Member, list)
	if err != nil {
		return nil, err
	}
	return func(tx *database.Tx, o orders.Order) error {
		found, err := typed(tx, o.Member, list)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			if by, _, err := mayBring(tx, o.Member); err != nil || by == "" || !rules.Brings() {
				return err
			}
		}
		if err := keep(tx, o, rules, version); err != nil {
			return err
		}
		if err := e.saveTiers(tx, rules, o.ID, found, tiers); err != nil {
			return err
		}
		return saveCredits(tx, o.ID, found)
	}, nil
}

// Sold is checkout.Earnings: what was recommended brings its creators points, and
// the first order whoever brought its member in.
func (e *Earnings) Sold(tx *database.Tx, o orders.Order) error { return e.sold(tx, o, "") }

func (e *Earnings) sold(tx *database.Tx, o orders.Order, from commerce.OrderID) error {
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
	credits, err := creditsOf(tx, o.ID)
	if err != nil {
		return err
	}
	if rules.Brings() {
		if err := e.soldToBrought(tx, o, from, rules, version, net, worth); err != nil {
			return err
		}
	}
	tiers, err := tiersOf(tx, o.ID)
	if err != nil {
		return err
	}
	now := e.Clock.Now()
	told := map[commerce.MemberID]bool{}
	for i, l := range o.Lines {
		of := credits[l.Variant]
		if l.Kind != pricing.KindItem || len(of) == 0 {
			continue
		}
		bases, err := even(net[int64(i)], len(of))
		if err != nil {
			return err
		}
		for k, c := range of {
			rate := rules.rate(l, tiers[c.creator])
			brings, err := rules.brings(net[int64(i)], rate)
			if err != nil {
				return err
			}
			parts, err := even(brings, len(of))
			if err != nil {
				return err
			}
			one := Earning{ID: e.IDs.ID(), Order: o.ID, Position: int64(i), Creator: c.creator, Pick: c.pick, Label: l.Label, Why: c.why, Version: version,
				Base: bases[k], PPM: rate, Points: parts[k].Amount, Unit: brings.Currency, State: Pending, At: now, Due: now.Add(lookAgain), worth: worth[int64(i)]}
			if one.Member, err = e.earner(tx, one, o.Member); err != nil {
				return err
			}
			if one.Member == "" {
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
		if of[0].why == ByCode {
			if err := e.forgetCode(tx, o.Member); err != nil {
				return err
			}
		}
	}
	return nil
}

// even shares an amount out evenly.
func even(m commerce.Money, n int) ([]commerce.Money, error) {
	weights := make([]int64, n)
	for i := range weights {
		weights[i] = 1
	}
	return m.Split(weights...)
}

// earner returns the member who gets what a creator is credited for, "" where
// there is nothing to get.
func (e *Earnings) earner(tx *database.Tx, x Earning, buyer commerce.MemberID) (commerce.MemberID, error) {
	if x.Points <= 0 || x.worth.Amount <= 0 {
		return "", nil
	}
	by, err := creators.Load(tx, x.Creator)
	if err == creators.ErrUnknownCreator {
		return "", nil
	}
	if by.Archived || by.Member == buyer {
		return "", err
	}
	return by.Member, err
}

// add writes a receipt and books it.
func (e *Earnings) add(tx *database.Tx, x Earning) error {
	if _, err := tx.Exec(`INSERT INTO earnings (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $19, 0, $15, $16, $17, $18, '', 0, 0, $19)`,
		x.ID, x.Order, x.Position, x.Creator, x.Member, x.Pick, x.Label, x.Why, x.Version, x.Base.Amount, x.Base.Currency, x.PPM, x.Points, x.worth.Amount,
		x.State, commerce.Micros(x.At), commerce.Micros(x.Due), x.Unit, x.returned.Amount); err != nil {
		return fmt.Errorf("earning of order %s: %w", x.Order, err)
	}
	if err := e.bring(tx, x, -1, x.returned.Amount); err != nil {
		return err
	}
	_, err := rewards.Post(tx, x.At, moved("earned:"+x.ID, "earned", x.Order, issuer(x.Unit), rewards.Commission(x.Member), x.of(x.Points)))
	return err
}

// moved is a posting of points or money from one account to another.
func moved(id, memo string, o commerce.OrderID, debit, credit rewards.Account, amount commerce.Money) rewards.Posting {
	return rewards.Posting{ID: id, Order: o, Memo: memo, Entries: []rewards.Entry{{Account: debit, Amount: amount},
		{Account: credit, Amount: commerce.Money{Amount: -amount.Amount, Currency: amount.Currency}}}}
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
	if _, err := tx.Exec(`INSERT INTO earning_tiers (order_id, creator_id, tier) SELECT CAST($1 AS TEXT), creator_id, tier FROM earning_tiers WHERE order_id = $2`, o.ID, from); err != nil {
		return err
	}
	for _, l := range o.Lines {
		if l.Kind != pricing.KindItem {
			continue
		}
		if _, err := tx.Exec(`INSERT INTO earning_credits (order_id, variant_id, n, creator_id, pick_id, why)
			SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), MIN(c.n), c.creator_id, MIN(c.pick_id), MIN(c.why) FROM earning_credits c JOIN order_lines l ON l.order_id = c.order_id AND l.variant_id = c.variant_id
			WHERE c.order_id = $3 AND l.product_id = $4 GROUP BY c.creator_id`, o.ID, l.Variant, from, l.Product); err != nil {
			return err
		}
	}
	// What went back was the first order: this is it now, for what it brought.
	if _, err := tx.Exec(`UPDATE brought SET order_id = '' WHERE order_id = $1 AND order_id <> ''`, from); err != nil {
		return err
	}
	return e.sold(tx, o, from)
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
			if l.Position == x.Position || x.Position == whole && o.Lines[l.Position].Kind == pricing.KindItem {
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
	all, err := x.of(x.Points-x.cutBack).Part(returned-x.cutReturned, x.worth.Amount-x.cutReturned)
	if err != nil {
		return err
	}
	all.Amount += x.cutBack
	take, from := all.Amount-x.Back, rewards.Commission(x.Member)
	owes := int64(0)
	if x.State == Available {
		from = purse(x.Member, x.Unit)
		free, err := rewards.Free(tx, from, x.Unit)
		if err != nil {
			return err
		}
		if x.Money() {
			owes = max(take-free.Amount, 0)
		}
		take = min(take, free.Amount)
	}
	if take > 0 {
		back := moved("earned:back:"+cause+":"+x.ID, "earned back", x.Order, from, issuer(x.Unit), x.of(take))
		back.Undoes = "earned:free:" + x.ID
		isNew, err := rewards.Post(tx, e.Clock.Now(), back)
		if err != nil || !isNew {
			return err
		}
	}
	if owes > 0 {
		if err := owe(tx, x.Member, x.of(owes)); err != nil {
			return err
		}
		take += owes
	}
	if err := e.bring(tx, x, x.returned.Amount, returned); err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE earnings SET returned = $2, back = back + $3, state = CASE WHEN back + $3 = points THEN 'back' ELSE state END WHERE id = $1`,
		x.ID, returned, max(take, 0))
	return err
}
