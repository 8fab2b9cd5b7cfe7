package drops_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/stock"
)

// shelf is a shop of one variant, of which as many are there as the feed says.
type shelf struct {
	*world
	list  *drops.Waitlist
	stock *stock.Stock
	feed  int64
}

func shop(t *testing.T, db *database.DB) *shelf {
	w := open(t, db, 0, 0)
	s := &shelf{world: w, stock: stock.New(db, w.clock), feed: 5,
		list: drops.NewWaitlist(drops.WaitlistConfig{DB: db, Clock: w.clock, IDs: commerce.RandomIDs{}, Window: func() time.Duration { return 20 * time.Minute }})}
	s.restock(-5)
	return s
}

// restock has the feed tell n units more.
func (s *shelf) restock(n int64) {
	s.Helper()
	s.feed += n
	s.write(func(tx *database.Tx) error { return s.stock.SetImported(tx, jug, s.feed, false) })
}

func (s *shelf) join(people ...int) {
	s.Helper()
	for _, i := range people {
		_, err := s.list.Join(s.ctx, jug, member(i))
		s.must(err)
	}
}

func (s *shelf) steps() {
	s.Helper()
	for range 20 {
		n, err := s.list.Step(s.ctx)
		s.must(err)
		if n == 0 {
			return
		}
	}
	s.Fatal("never comes to rest")
}

// how says how the places of some members stand.
func (s *shelf) how(people ...int) (list []string) {
	s.Helper()
	for _, i := range people {
		p, err := s.list.Mine(s.ctx, jug, member(i))
		switch {
		case errors.Is(err, drops.ErrNoPlace):
			list = append(list, "")
			continue
		case err != nil:
			s.Fatal(err)
		}
		list = append(list, string(p.State))
	}
	return list
}

func (s *shelf) are(want ...string) {
	s.Helper()
	var people []int
	for i := range want {
		people = append(people, i+1)
	}
	if diff := cmp.Diff(want, s.how(people...)); diff != "" {
		s.Fatalf("-want +have:\n%s", diff)
	}
	s.audit()
}

// take buys from the shelf what anybody can.
func (s *shelf) take(i int) error {
	s.holds++
	return s.db.Write(s.ctx, func(tx *database.Tx) error {
		return stock.Take(tx, s.clock.Now(), stock.Hold{ID: commerce.HoldID(fmt.Sprint("h", s.holds)), Member: member(i), Lines: []stock.Line{{Variant: jug, Quantity: 1}}})
	})
}

func (s *shelf) claims() checkout.Claims { return drops.Claims{Drops: s.drops, Waitlist: s.list} }

// order does what checkout does when an order is placed on a unit that is kept.
func (s *shelf) order(i int) (orders.Order, error) {
	s.Helper()
	p, err := s.list.Mine(s.ctx, jug, member(i))
	s.must(err)
	return s.orderOn(p, member(i))
}

func (s *shelf) orderOn(p drops.Place, m commerce.MemberID) (orders.Order, error) {
	s.holds++
	o := orders.Order{ID: commerce.OrderID(fmt.Sprint("o", s.holds)), Hold: commerce.HoldID(fmt.Sprint("h", s.holds)), Member: m, Claim: p.Claim(),
		Lines: []orders.Line{{Kind: pricing.KindItem, Variant: jug, Quantity: 1}}}
	return o, s.db.Write(s.ctx, func(tx *database.Tx) error {
		from, until, err := s.claims().Ordered(tx, o)
		if err != nil {
			return err
		}
		return stock.Take(tx, s.clock.Now(), stock.Hold{ID: o.Hold, Member: o.Member, Expires: until, Lines: []stock.Line{{Variant: jug, Quantity: 1, From: from}}})
	})
}

func (s *shelf) sell(o orders.Order) {
	s.Helper()
	s.write(func(tx *database.Tx) error { return errors.Join(stock.Sell(tx, o.Hold), s.claims().Sold(tx, o)) })
}

func (s *shelf) release(o orders.Order) {
	s.Helper()
	s.write(func(tx *database.Tx) error { return errors.Join(stock.Release(tx, o.Hold), s.claims().Released(tx, o)) })
}

func (s *shelf) late(o orders.Order) error {
	return s.db.Write(s.ctx, func(tx *database.Tx) error {
		from, err := s.claims().Late(tx, o)
		if err != nil {
			return err
		}
		if err := stock.Retake(tx, o.Hold, from); err != nil {
			return err
		}
		return errors.Join(stock.Sell(tx, o.Hold), s.claims().Sold(tx, o))
	})
}

func (s *shelf) told(kind string, i int) (n int) {
	s.Helper()
	s.must(s.db.Read(s.ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM notices WHERE kind = $1 AND member_id = $2`, kind, member(i)).Scan(&n)
	}))
	return n
}

func eachShop(t *testing.T, run func(s *shelf)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) { run(shop(t, db)) })
}

// TestWaitlist follows two units that come back to three who wait: one pays,
// what the other lets go is the third's.
func TestWaitlist(t *testing.T) {
	eachShop(t, func(s *shelf) {
		s.join(1, 2, 2, 3)
		s.steps()
		s.are("waits", "waits", "waits")
		s.restock(2)
		if err := s.take(9); !errors.Is(err, stock.ErrSoldOut) {
			s.Fatalf("who does not wait took what came back: %v", err)
		}
		s.steps()
		s.are("kept", "kept", "waits")
		if s.told("wait.kept", 1) != 1 || s.told("wait.kept", 2) != 1 || s.told("wait.kept", 3) != 0 {
			s.Fatal("others were told than are kept one")
		}
		o, err := s.order(1)
		s.must(err)
		s.clock.Wait(20*time.Minute - time.Second)
		s.steps()
		s.are("kept", "kept", "waits")
		s.sell(o)
		s.clock.Wait(time.Second)
		s.steps()
		s.are("", "", "kept")
		if s.told("wait.missed", 2) != 1 || s.told("wait.kept", 3) != 1 {
			s.Fatal("not told of the end of a window, or of the next")
		}
		s.clock.Wait(20 * time.Minute)
		s.steps()
		s.are("", "", "")
		s.must(s.take(9)) // the list is empty: it is everybody's
		if err := s.take(9); !errors.Is(err, stock.ErrSoldOut) {
			s.Fatalf("two units are three: %v", err)
		}
	})
}

// TestWaitlistLevels: what is kept for who waits is not shown as free.
func TestWaitlistLevels(t *testing.T) {
	eachShop(t, func(s *shelf) {
		s.join(1, 2)
		s.restock(3)
		levels, err := s.stock.Levels(s.ctx)
		s.must(err)
		if got, want := levels[jug], (stock.Level{Counted: true, Free: 1, Awaited: 2}); got != want {
			s.Errorf("%+v, want %+v", got, want)
		}
		if _, err := s.list.Join(s.ctx, jug, member(3)); !errors.Is(err, drops.ErrThere) {
			s.Errorf("waits for what can be had: %v", err)
		}
		s.must(s.take(3))
		s.join(3)
		s.steps()
		s.are("kept", "kept", "waits")
	})
}

// TestWaitlistOrders: an order is for the unit, its member and its time alone.
func TestWaitlistOrders(t *testing.T) {
	eachShop(t, func(s *shelf) {
		s.join(1, 2)
		s.restock(1)
		s.steps()
		p, err := s.list.Mine(s.ctx, jug, member(1))
		s.must(err)
		if _, err := s.orderOn(p, member(2)); !errors.Is(err, drops.ErrMissed) {
			s.Errorf("somebody else's: %v", err)
		}
		o, err := s.order(1)
		s.must(err)
		if _, err := s.order(1); !errors.Is(err, drops.ErrMissed) {
			s.Errorf("ordered twice: %v", err)
		}
		if err := s.list.Leave(s.ctx, jug, member(1)); !errors.Is(err, drops.ErrPaying) {
			s.Errorf("left what is being paid: %v", err)
		}
		s.release(o) // within the time it stays theirs
		s.are("kept", "waits")
		o, err = s.order(1)
		s.must(err)
		s.clock.Wait(time.Hour) // what can still be paid is nobody else's
		s.steps()
		s.are("kept", "waits")
		s.release(o)
		s.are("", "kept")
		if _, err := s.orderOn(p, member(1)); !errors.Is(err, drops.ErrMissed) {
			s.Errorf("ordered what is the next one's: %v", err)
		}
		if err := s.late(o); !errors.Is(err, stock.ErrSoldOut) {
			s.Errorf("late money took the next one's: %v", err)
		}
		s.must(s.list.Leave(s.ctx, jug, member(2)))
		s.are("", "")
		s.must(s.late(o))
		s.are("", "")
	})
}

// TestWaitlistOverdue: a unit whose time is over is not ordered, though nobody
// has taken it from its member yet.
func TestWaitlistOverdue(t *testing.T) {
	eachShop(t, func(s *shelf) {
		s.join(1)
		s.restock(1)
		s.steps()
		s.clock.Wait(20 * time.Minute)
		if _, err := s.order(1); !errors.Is(err, drops.ErrMissed) {
			s.Errorf("ordered after the time: %v", err)
		}
	})
}

// TestWaitlistLateMoney: money of an order that lapsed within its member's time
// gets the unit that is still kept for them.
func TestWaitlistLateMoney(t *testing.T) {
	eachShop(t, func(s *shelf) {
		s.join(1, 2)
		s.restock(1)
		s.steps()
		o, err := s.order(1)
		s.must(err)
		s.release(o)
		s.must(s.late(o))
		s.are("", "waits")
	})
}

// TestWaitlistEveryWayBack: a return, a refund's restock and a closed allotment
// bring units back to who waits, as the feed does.
func TestWaitlistEveryWayBack(t *testing.T) {
	sold := func(s *shelf, id commerce.HoldID) {
		s.restock(1)
		s.write(func(tx *database.Tx) error {
			return errors.Join(stock.Take(tx, s.clock.Now(), stock.Hold{ID: id, Member: member(8), Lines: []stock.Line{{Variant: jug, Quantity: 1}}}), stock.Sell(tx, id))
		})
	}
	for name, c := range map[string]struct {
		before func(s *shelf)
		back   func(tx *database.Tx) error
	}{
		"return":  {func(s *shelf) { sold(s, "x") }, func(tx *database.Tx) error { return stock.Return(tx, "x") }},
		"restock": {func(s *shelf) { sold(s, "x") }, func(tx *database.Tx) error { return stock.Restock(tx, "x", stock.Line{Variant: jug, Quantity: 1}) }},
		"release": {func(s *shelf) { s.restock(1); s.must(s.take(8)) }, func(tx *database.Tx) error { return stock.Release(tx, "h1") }},
		"a drop's end": {func(s *shelf) {
			s.restock(1)
			s.write(func(tx *database.Tx) error { return stock.Allot(tx, "drop:x", stock.Line{Variant: jug, Quantity: 1}) })
		}, func(tx *database.Tx) error { return stock.CloseAllotment(tx, "drop:x") }},
	} {
		t.Run(name, func(t *testing.T) {
			eachShop(t, func(s *shelf) {
				c.before(s)
				s.join(1, 2)
				s.write(c.back)
				if err := s.take(9); !errors.Is(err, stock.ErrSoldOut) {
					s.Errorf("who does not wait was faster: %v", err)
				}
				s.steps()
				s.are("kept", "waits")
			})
		})
	}
}

// TestWaitlistWithoutEnd: what can be had by everybody is not kept for anybody;
// who waits is told.
func TestWaitlistWithoutEnd(t *testing.T) {
	for name, back := range map[string]func(s *shelf, tx *database.Tx) error{
		"not counted any more": func(s *shelf, tx *database.Tx) error { return s.stock.Uncount(tx, jug) },
		"backorder":            func(s *shelf, tx *database.Tx) error { return s.stock.SetImported(tx, jug, 0, true) },
	} {
		t.Run(name, func(t *testing.T) {
			eachShop(t, func(s *shelf) {
				s.join(1, 2)
				s.write(func(tx *database.Tx) error { return back(s, tx) })
				s.steps()
				s.are("", "")
				if s.told("wait.back", 1) != 1 || s.told("wait.back", 2) != 1 {
					s.Error("not told")
				}
			})
		})
	}
}

// TestWaitlistOfHiddenGoods: what is not sold any more is kept for nobody.
func TestWaitlistOfHiddenGoods(t *testing.T) {
	eachShop(t, func(s *shelf) {
		s.join(1)
		hide := func(hidden int) {
			s.write(func(tx *database.Tx) error {
				_, err := tx.Exec(`UPDATE products SET hidden = $1`, hidden)
				return err
			})
		}
		hide(1)
		s.restock(1)
		s.steps()
		s.are("waits")
		hide(0)
		s.steps()
		s.are("kept")
	})
}

func TestWaitlistPeople(t *testing.T) {
	eachShop(t, func(s *shelf) {
		s.join(1, 2, 3, 4, 5)
		s.write(func(tx *database.Tx) error { return s.list.Link(tx, member(4), member(2)) }) // the better place stays
		s.are("waits", "", "waits", "waits", "waits")
		s.restock(2)
		s.steps()
		s.are("kept", "", "waits", "kept", "waits")
		s.write(func(tx *database.Tx) error { return s.list.Link(tx, member(3), member(1)) }) // what was told stays
		s.are("", "", "kept", "kept", "waits")
		out, err := s.list.Export(s.ctx, member(3))
		s.must(err)
		if len(out) != 2 || out[0].State != drops.Kept || out[0].Product != "Jug" || out[1].State != drops.OffList {
			s.Errorf("exported %+v", out)
		}
		s.write(func(tx *database.Tx) error { return s.list.Erase(tx, member(3)) }) // its unit is the next one's
		s.are("", "", "", "kept", "kept")
		o, err := s.order(4)
		s.must(err)
		s.write(func(tx *database.Tx) error { return s.list.Erase(tx, member(4)) })
		s.clock.Wait(time.Hour)
		s.release(o)
		s.are("", "", "", "", "kept")
		var left int
		s.must(s.db.Read(s.ctx, func(tx *database.Tx) error {
			return tx.Row(`SELECT COUNT(*) FROM waitlist WHERE member_id = $1`, member(3)).Scan(&left)
		}))
		if left != 0 {
			s.Errorf("%d places of somebody who is forgotten", left)
		}
	})
}

// TestWaitlistAtOnce: many join, take and step together; no unit is lost, sold
// twice or given to who did not wait.
func TestWaitlistAtOnce(t *testing.T) {
	eachShop(t, func(s *shelf) {
		var wg sync.WaitGroup
		for i := range 12 {
			for range 2 {
				wg.Go(func() {
					if _, err := s.list.Join(s.ctx, jug, member(i)); err != nil {
						s.Errorf("%v", err)
					}
				})
			}
		}
		wg.Wait()
		s.restock(5)
		for range 4 {
			wg.Go(func() {
				if _, err := s.list.Step(s.ctx); err != nil {
					s.Errorf("%v", err)
				}
			})
			wg.Go(func() {
				if err := s.stockTake(20); !errors.Is(err, stock.ErrSoldOut) {
					s.Errorf("%v", err)
				}
			})
		}
		wg.Wait()
		s.steps()
		var kept, waiting int
		s.must(s.db.Read(s.ctx, func(tx *database.Tx) error {
			return tx.Row(`SELECT COALESCE(SUM(CASE WHEN state = 'kept' AND place <= 5 THEN 1 ELSE 0 END), 0),
				COALESCE(SUM(CASE WHEN state = 'waits' AND place > 5 THEN 1 ELSE 0 END), 0) FROM waitlist`).Scan(&kept, &waiting)
		}))
		if kept != 5 || waiting != 7 {
			s.Errorf("%d of the first five have one, %d of the others wait", kept, waiting)
		}
		s.audit()
	})
}

func (s *shelf) stockTake(i int) error {
	return s.db.Write(s.ctx, func(tx *database.Tx) error {
		return stock.Take(tx, s.clock.Now(), stock.Hold{ID: commerce.HoldID(commerce.RandomIDs{}.ID()), Member: member(i), Lines: []stock.Line{{Variant: jug, Quantity: 1}}})
	})
}
