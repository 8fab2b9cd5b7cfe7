package earnings_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/fulfilment"
)

// missing checks the tier of mira, and what is missing to the next.
func (w *world) missing(tier string, n int64) {
	w.Helper()
	s, err := w.earnings.TierOf(w.ctx, "mira")
	w.must(err)
	id := ""
	if t := s.Tier(); t != nil {
		id = t.ID
	}
	if id != tier || s.Missing != n {
		w.Errorf("tier %q and %d missing, want %q and %d", id, s.Missing, tier, n)
	}
}

// rates checks the rate of an order's only receipt, and by which tier it is.
func (w *world) rates(o commerce.OrderID, ppm, points int64, tier string) {
	w.Helper()
	list, err := w.earnings.OfOrder(w.ctx, o)
	w.must(err)
	if len(list) != 1 || list[0].PPM != ppm || list[0].Points != points {
		w.Fatalf("receipts %+v, want %d of %d", list, points, ppm)
	}
	by, err := w.earnings.ByTier(w.ctx, list[0])
	w.must(err)
	name := ""
	if by != nil {
		name = by.Name
	}
	if name != tier {
		w.Errorf("by the tier %q, want %q", name, tier)
	}
}

// TestTierBrought: what a creator brought in, less what went back, decides the rate
// of an order when it is placed, whatever comes after.
func TestTierBrought(t *testing.T) {
	each(t, func(w *world) {
		w.rules.Tiers = []earnings.Tier{{ID: "star", Name: "Star", Brought: 2000}, {ID: "sun", Name: "Sun", Brought: 90_000}}
		w.rules.Within = 90 * 24 * time.Hour
		w.rules.Rates = []earnings.Rate{{Tier: "sun", PPM: 500_000}, {Tier: "star", PPM: 200_000}}
		ann := w.buyer("ann")
		w.missing("", 2000)
		first := w.buy(ann, w.line("cup", 2, "p1", "mira"))
		w.rates(first.ID, 100_000, 200, "")
		w.missing("star", 88_000)
		w.must(w.earnings.AddUp(w.ctx))
		w.must(w.earnings.AddUp(w.ctx))
		w.missing("star", 88_000)
		placed := w.place(ann, w.line("cup", 1, "p1", "mira"))
		w.back(first, checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}})
		w.missing("", 1000)
		w.must(w.earnings.AddUp(w.ctx))
		w.missing("", 1000)
		// She was a star when it was ordered; names that change do not change it.
		w.rules.Tiers = []earnings.Tier{{ID: "star", Name: "Comet", Brought: 2000}}
		w.pay(placed)
		w.rates(placed.ID, 200_000, 200, "Star")
		w.missing("star", 0)
		w.clock.Wait(91 * 24 * time.Hour)
		w.missing("", 2000)
		w.rates(w.buy(ann, w.line("cup", 1, "p1", "mira")).ID, 100_000, 100, "")
	})
}

// TestTierFollowers: or it is how many follow them.
func TestTierFollowers(t *testing.T) {
	each(t, func(w *world) {
		w.rules.Tiers = []earnings.Tier{{ID: "star", Name: "Star", Followers: 2}}
		w.rules.Rates = []earnings.Rate{{Tier: "star", Brands: []commerce.BrandID{"acme"}, PPM: 200_000}}
		follow := func(i int) {
			m := w.buyer(fmt.Sprint("fan", i)).Member
			w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
				_, err := tx.Exec(`INSERT INTO follows (member_id, creator_id, created_at) VALUES ($1, 'mira', 1)`, m)
				return err
			}))
		}
		follow(1)
		w.missing("", 1)
		follow(2)
		follow(3)
		w.missing("star", 0)
		w.rates(w.buy(w.buyer("ann"), w.line("cup", 1, "", "mira")).ID, 200_000, 200, "Star") // by a code
	})
}

// TestTierAddedOnce: several processes add up at once.
func TestTierAddedOnce(t *testing.T) {
	each(t, func(w *world) {
		w.rules.Tiers, w.rules.Within = []earnings.Tier{{ID: "star", Name: "Star", Brought: 9000}}, 90*24*time.Hour
		for range 3 {
			w.buy(w.buyer("ann"), w.line("cup", 1, "p1", "mira"))
		}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := w.earnings.AddUp(w.ctx); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.missing("", 6000)
	})
}

// TestTierOnePerson: what two creators brought in who are one is one's.
func TestTierOnePerson(t *testing.T) {
	each(t, func(w *world) {
		w.rules.Tiers = []earnings.Tier{{ID: "star", Name: "Star", Brought: 3000}}
		w.rules.Within = 90 * 24 * time.Hour
		ann := w.buyer("ann")
		w.buy(ann, w.line("cup", 1, "p1", "mira"))
		w.buy(ann, w.line("cup", 1, "p3", "omar"))
		w.must(w.earnings.AddUp(w.ctx))
		w.buy(ann, w.line("cup", 1, "p1", "mira"))
		w.missing("", 1000)
		w.must(w.people.Link(w.ctx, w.omar, w.mira))
		if s, err := w.earnings.TierOf(w.ctx, "omar"); err != nil || s.Rank != 1 {
			t.Errorf("omar, who is mira: %+v, %v", s, err)
		}
		w.must(w.earnings.AddUp(w.ctx))
		if s, err := w.earnings.TierOf(w.ctx, "omar"); err != nil || s.Rank != 1 {
			t.Errorf("added up: %+v, %v", s, err)
		}
	})
}
