package loyalty_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/loyalty"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
)

type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

const day = 24 * time.Hour

// world is a shop with the tiers silver, from 30.00, and gold, from 60.00 in a year.
type world struct {
	*testing.T
	ctx   context.Context
	db    *database.DB
	clock *clock
	rules loyalty.Rules
	tiers *loyalty.Loyalty
	n     int
}

func euros(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }

func points(n int64) commerce.Money {
	return commerce.Money{Amount: n, Currency: rewards.PointsCurrency}
}

func each(t *testing.T, run func(w *world)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := &world{T: t, ctx: t.Context(), db: db, clock: &clock{time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)},
			rules: loyalty.Rules{Within: 365 * day, Tiers: []loyalty.Tier{{ID: "silver", Name: "Silver", From: euros(3000)}, {ID: "gold", Name: "Gold", From: euros(6000)}}}}
		w.tiers = loyalty.New(loyalty.Config{DB: db, Clock: w.clock, IDs: commerce.RandomIDs{}, Rules: func() loyalty.Rules { return w.rules }})
		run(w)
	})
}

func (w *world) write(do func(tx *database.Tx) error) {
	w.Helper()
	if err := w.db.Write(w.ctx, do); err != nil {
		w.Fatal(err)
	}
}

// order is one of two things, with a parcel of 4.90 and a gift card of 25.00.
func (w *world) order(m commerce.MemberID, one, other int64) orders.Order {
	w.n++
	line := func(k pricing.Kind, n, off int64) orders.Line {
		return orders.Line{Kind: k, Brand: "acme", Amount: euros(n), Discount: euros(off), Included: euros(0)}
	}
	return orders.Order{ID: commerce.OrderID(fmt.Sprint("o", w.n)), Member: m, PaidAt: w.clock.now, Total: euros(one + other + 490 + 2500),
		Lines: []orders.Line{line(pricing.KindItem, one, 0), line(pricing.KindItem, other+100, 100), line(pricing.KindShipping, 490, 0), line(pricing.KindGift, 2500, 0)}}
}

func (w *world) sold(m commerce.MemberID, one, other int64) orders.Order {
	w.Helper()
	o := w.order(m, one, other)
	w.write(func(tx *database.Tx) error { return w.tiers.Sold(tx, o) })
	return o
}

func (w *world) back(o orders.Order, p checkout.Returned) {
	w.Helper()
	w.write(func(tx *database.Tx) error { return w.tiers.Returned(tx, o, p) })
}

func (w *world) has(m commerce.MemberID, tier string, n int64) {
	w.Helper()
	s, err := w.tiers.Of(w.ctx, m)
	if err != nil {
		w.Fatal(err)
	}
	id := ""
	if t := s.Tier(); t != nil {
		id = t.ID
	}
	if id != tier || s.Has.Amount != n {
		w.Errorf("%s has %q with %d, want %q with %d", m, id, s.Has.Amount, tier, n)
	}
}

// told is of which tiers a member was told, one after the other.
func (w *world) told(m commerce.MemberID, want string) {
	w.Helper()
	got := ""
	if err := w.db.Read(w.ctx, func(tx *database.Tx) error {
		got = ""
		return tx.Rows(`SELECT args FROM notices WHERE kind = $1 AND member_id = $2 ORDER BY created_at, id`, []any{notices.TierReached, m}, func(scan func(...any) error) error {
			var args string
			err := scan(&args)
			got += args
			return err
		})
	}); err != nil || got != want {
		w.Errorf("%s was told %s, want %s (%v)", m, got, want, err)
	}
}

const silver, gold = `{"tier":"silver"}`, `{"tier":"gold"}`

// TestRises counts goods, less what was taken off and what went back, for a year.
func TestRises(t *testing.T) {
	each(t, func(w *world) {
		first := w.sold("ann", 1000, 1999)
		w.has("ann", "", 2999)
		w.told("ann", "")
		w.clock.now = w.clock.now.Add(day)
		w.write(func(tx *database.Tx) error { // the same order again
			if err := w.tiers.Sold(tx, first); err != nil {
				return err
			}
			return w.tiers.Sold(tx, first)
		})
		w.has("ann", "", 2999)
		o := w.sold("ann", 1, 1000)
		w.has("ann", "silver", 4000)
		w.told("ann", silver)
		w.sold("ann", 500, 500)
		w.told("ann", silver) // once
		w.sold("ann", 1000, 0)
		w.has("ann", "gold", 6000)

		// The parcel of an order is no goods, a line is; an amount is of all of it.
		w.back(o, checkout.Returned{ID: "1", Lines: []payments.GivebackLine{{Position: 2, Value: euros(490)}}})
		w.has("ann", "gold", 6000)
		w.back(o, checkout.Returned{ID: "2", Lines: []payments.GivebackLine{{Position: 1, Value: euros(400)}}})
		w.has("ann", "silver", 5600)
		w.back(first, checkout.Returned{ID: "3", Value: euros(3489)}) // goods and parcel
		w.has("ann", "", 2601)
		w.back(first, checkout.Returned{ID: "4", Value: euros(3489)}) // never more than there was
		w.back(o, checkout.Returned{ID: "5", All: true})
		w.has("ann", "", 2000)

		// Who rises again is told again.
		w.sold("ann", 1000, 0)
		w.has("ann", "silver", 3000)
		s, err := w.tiers.Of(w.ctx, "ann")
		if err != nil || s.Missing != euros(3000) || s.Next().ID != "gold" || !s.Until.Equal(w.clock.now.Add(365*day)) {
			t.Errorf("%+v, %v", s, err)
		}
		w.clock.now = w.clock.now.Add(365*day - time.Second)
		w.has("ann", "silver", 3000)
		w.clock.now = w.clock.now.Add(time.Second)
		w.has("ann", "", 0)
	})
}

// TestOtherCurrency: what was paid in another currency counts in that one only.
func TestOtherCurrency(t *testing.T) {
	each(t, func(w *world) {
		o := w.order("ann", 9000, 0)
		for i := range o.Lines {
			o.Lines[i].Amount.Currency, o.Lines[i].Discount.Currency = "CHF", "CHF"
		}
		o.Total.Currency = "CHF"
		w.write(func(tx *database.Tx) error { return w.tiers.Sold(tx, o) })
		w.has("ann", "", 0)
		w.told("ann", "")
	})
}

// TestExchange counts what takes the place of goods from when those were paid.
func TestExchange(t *testing.T) {
	each(t, func(w *world) {
		first := w.sold("ann", 3000, 0)
		bought := w.clock.now
		w.clock.now = w.clock.now.Add(200 * day)
		w.back(first, checkout.Returned{ID: "r", Lines: []payments.GivebackLine{{Position: 0, Value: euros(3000)}}})
		o := w.order("ann", 3000, 0)
		w.write(func(tx *database.Tx) error { return w.tiers.Exchanged(tx, first.ID, o) })
		w.has("ann", "silver", 3000)
		w.clock.now = bought.Add(365 * day)
		w.has("ann", "", 0)
	})
}

// TestLinked: two members who become one have bought together, and are told of what
// neither was told of.
func TestLinked(t *testing.T) {
	each(t, func(w *world) {
		w.sold("ann", 3000, 0)
		w.sold("other", 2000, 0)
		w.told("ann", silver)
		w.write(func(tx *database.Tx) error { return w.tiers.Link(tx, "ann", "other") })
		w.has("ann", "silver", 5000)
		w.has("other", "", 0)
		w.told("ann", silver)
		w.sold("new", 6000, 0)
		w.told("new", gold)
		w.write(func(tx *database.Tx) error { return w.tiers.Link(tx, "ann", "new") })
		w.has("ann", "gold", 11000)
		w.told("ann", silver) // of gold the other one was told
		w.write(func(tx *database.Tx) error { return w.tiers.Erase(tx, "ann") })
		w.has("ann", "", 0)
	})
}

// TestPoints counts what came into the wallet, spent or not.
func TestPoints(t *testing.T) {
	each(t, func(w *world) {
		w.rules.Tiers = []loyalty.Tier{{ID: "silver", From: points(100)}, {ID: "gold", From: points(300)}}
		grant := func(id string, n int64) {
			w.write(func(tx *database.Tx) error {
				_, err := rewards.Grant(tx, rewards.Granted{ID: id, Member: "ann", Amount: points(n), At: w.clock.now})
				return err
			})
		}
		post := func(p rewards.Posting, a, b rewards.Account, n int64) {
			p.Entries = []rewards.Entry{{Account: a, Amount: points(n)}, {Account: b, Amount: points(-n)}}
			w.write(func(tx *database.Tx) error {
				_, err := rewards.Post(tx, w.clock.now, p)
				return err
			})
		}
		step := func(want int) {
			if n, err := w.tiers.Step(w.ctx); err != nil || n != want {
				t.Errorf("looked at %d, %v; want %d", n, err, want)
			}
		}
		grant("1", 99)
		step(1)
		w.has("ann", "", 99)
		post(rewards.Posting{ID: "sale", Memo: "sale"}, rewards.Points("ann"), rewards.PointsIssued, 50)
		w.has("ann", "", 99)
		w.write(func(tx *database.Tx) error { // it comes back, and was not earned anew
			_, err := rewards.Reverse(tx, w.clock.now, "back", "sale", "back")
			return err
		})
		w.has("ann", "", 99)
		step(0)
		w.clock.now = w.clock.now.Add(10 * day)
		post(rewards.Posting{ID: "earned:x", Memo: "earned"}, rewards.PointsIssued, rewards.Commission("mira"), 250)
		post(rewards.Posting{ID: "earned:free:x", Memo: "earned"}, rewards.Commission("mira"), rewards.Points("ann"), 250)
		step(1)
		step(0)
		w.has("ann", "gold", 349)
		w.told("ann", gold)
		w.clock.now = w.clock.now.Add(day)
		post(rewards.Posting{ID: "earned:back:x", Memo: "earned back", Undoes: "earned:free:x"}, rewards.Points("ann"), rewards.PointsIssued, 50)
		w.has("ann", "silver", 299)
		if bad, err := rewards.Check(w.ctx, w.db); err != nil || len(bad) > 0 {
			t.Errorf("%v, %v", bad, err)
		}
	})
}

// TestRisesAgain: who has fallen since hears of it when one order makes up for all.
func TestRisesAgain(t *testing.T) {
	each(t, func(w *world) {
		w.sold("ann", 3000, 0)
		w.told("ann", silver)
		w.clock.now = w.clock.now.Add(364 * day)
		w.sold("ann", 3000, 0)
		w.told("ann", silver+gold)
		w.clock.now = w.clock.now.Add(366 * day)
		w.has("ann", "", 0)
		w.sold("ann", 3000, 0)
		w.told("ann", silver+gold+silver)
	})
}
