package earnings

// Who is credited for what somebody buys. The rules are:
//   - What counts is the picks of the product that they opened within the window,
//     recorded by the server (live.Tapped), and the pick that the line in the
//     cart came from. Their own picks do not count.
//   - By "last" it is the pick that it was put into the cart from, else the one
//     opened last; by "first" the one opened first; by "split" all share it.
//   - Where no pick led there, it is the creator whose code was used.
//   - It is fixed with the order, whatever they open until they have paid.

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

// How a programme credits several who recommended the same.
const (
	CreditLast  = "last"
	CreditFirst = "first"
	CreditSplit = "split"
)

// mostShare is among how many something is split: those opened last.
const mostShare = 5

type credit struct {
	variant commerce.VariantID
	creator commerce.CreatorID
	pick    commerce.PickID
	why     Why
}

// opened is a pick that a member opened.
type opened struct {
	pick        creators.Pick
	first, last time.Time
}

// credits works out who is credited for the lines of an order. Those that nobody
// recommended, of a creator without a name, are for whose code was typed.
func (e *Earnings) credits(ctx context.Context, o orders.Order, r Rules) (list []credit, err error) {
	var taps []live.Tapped
	if e.Taps != nil {
		if taps, err = e.Taps(ctx, o.Member); err != nil { // buying goes on: the cart remembers the pick
			taps = nil
		}
	}
	now := e.Clock.Now()
	picks := map[commerce.PickID]opened{}
	for _, t := range taps {
		if r.Window > 0 && t.Last.Before(now.Add(-r.Window)) {
			continue
		}
		if err := e.open(ctx, picks, o.Member, t.Pick, t.First, t.Last); err != nil {
			return nil, err
		}
	}
	for _, l := range o.Lines {
		if l.Kind != pricing.KindItem {
			continue
		}
		if l.Pick != "" && picks[l.Pick].pick.ID == "" {
			if err := e.open(ctx, picks, o.Member, l.Pick, now, now); err != nil {
				return nil, err
			}
		}
		var of []opened
		for _, p := range picks {
			if p.pick.ID == l.Pick || slices.ContainsFunc(p.pick.Items, func(i creators.Item) bool { return i.Product == l.Product }) {
				of = append(of, p)
			}
		}
		found := choose(r.Credit, l, of)
		if len(found) == 0 && l.Pick == "" {
			found = []credit{{creator: l.Creator, why: ByCode}} // of a code that took something off, or none
		}
		for _, c := range found {
			c.variant = l.Variant
			list = append(list, c)
		}
	}
	return list, nil
}

// open notes that a member opened a pick, unless it is gone or their own.
func (e *Earnings) open(ctx context.Context, picks map[commerce.PickID]opened, m commerce.MemberID, id commerce.PickID, first, last time.Time) error {
	p, err := e.Creators.Pick(ctx, id)
	if errors.Is(err, creators.ErrUnknownPick) {
		return nil
	}
	if err != nil {
		return err
	}
	by, err := e.Creators.Creator(ctx, p.Creator)
	if errors.Is(err, creators.ErrUnknownCreator) || err == nil && by.Member == m {
		return nil
	}
	picks[id] = opened{p, first, last}
	return err
}

// choose says who of those whose picks were opened is credited for a line.
func choose(how string, l orders.Line, of []opened) (list []credit) {
	if len(of) == 0 {
		return nil
	}
	at := func(p opened) time.Time { return p.last }
	if how == CreditFirst {
		at = func(p opened) time.Time { return p.first }
	}
	slices.SortFunc(of, func(a, b opened) int { // the one put into the cart is the last of all
		if c := at(b).Compare(at(a)); c != 0 {
			return c
		}
		return cmp.Compare(a.pick.ID, b.pick.ID)
	})
	if how != CreditFirst && l.Pick != "" {
		slices.SortStableFunc(of, func(a, b opened) int {
			if a.pick.ID == l.Pick {
				return -1
			}
			if b.pick.ID == l.Pick {
				return 1
			}
			return 0
		})
	}
	switch how {
	case CreditFirst:
		p := of[len(of)-1].pick
		return []credit{{creator: p.Creator, pick: p.ID, why: FirstTap}}
	case CreditSplit:
		for _, p := range of {
			if len(list) < mostShare && !slices.ContainsFunc(list, func(c credit) bool { return c.creator == p.pick.Creator }) {
				list = append(list, credit{creator: p.pick.Creator, pick: p.pick.ID, why: Shared})
			}
		}
		return list
	}
	why := LastTap
	if of[0].pick.ID != l.Pick {
		why = LastSeen
	}
	return []credit{{creator: of[0].pick.Creator, pick: of[0].pick.ID, why: why}}
}

// typed fills in whose code a member has typed, and leaves out what is nobody's.
func typed(tx *database.Tx, m commerce.MemberID, list []credit) ([]credit, error) {
	by := func(c credit) bool { return c.creator == "" }
	if !slices.ContainsFunc(list, by) {
		return list, nil
	}
	code, err := codeOf(tx, m)
	if err != nil {
		return nil, err
	}
	list = slices.Clone(list)
	if code == none {
		return slices.DeleteFunc(list, by), nil
	}
	for i := range list {
		if list[i].creator == "" {
			list[i].creator = code
		}
	}
	return list, nil
}

// saveCredits fixes who is credited for an order.
func saveCredits(tx *database.Tx, id commerce.OrderID, list []credit) error {
	for n, c := range list {
		if _, err := tx.Exec(`INSERT INTO earning_credits (order_id, variant_id, n, creator_id, pick_id, why) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (order_id, variant_id, creator_id) DO NOTHING`, id, c.variant, n, c.creator, c.pick, c.why); err != nil {
			return err
		}
	}
	return nil
}

// creditsOf reads who is credited for an order, by variant.
func creditsOf(tx *database.Tx, id commerce.OrderID) (map[commerce.VariantID][]credit, error) {
	of := map[commerce.VariantID][]credit{}
	err := tx.Rows(`SELECT variant_id, creator_id, pick_id, why FROM earning_credits WHERE order_id = $1 ORDER BY n`, []any{id}, func(scan func(...any) error) error {
		var c credit
		err := scan(&c.variant, &c.creator, &c.pick, &c.why)
		of[c.variant] = append(of[c.variant], c)
		return err
	})
	return of, err
}
