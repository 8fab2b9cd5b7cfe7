package stock_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/stock"
)

func TestTwentyBuyersThreeUnits(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		seed(t, db, "a")
		s := stock.New(db, &clock{start})
		write(t, db, func(tx *database.Tx) error { return s.SetImported(tx, "a", 3, false) })
		var won, lost atomic.Int64
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				err := db.Write(t.Context(), func(tx *database.Tx) error {
					return stock.Take(tx, start, stock.Hold{ID: commerce.HoldID(fmt.Sprint("h", i)), Member: "ann", Lines: []stock.Line{{Variant: "a", Quantity: 1}}, Expires: start.Add(time.Minute)})
				})
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, stock.ErrSoldOut):
					lost.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 3 || lost.Load() != 17 {
			t.Errorf("%d won, %d lost; want 3, 17", won.Load(), lost.Load())
		}
		if got, want := rowOf(t, db, "a"), (row{3, 0, 3, 0}); got != want {
			t.Errorf("stock %+v, want %+v", got, want)
		}
	})
}

func TestHoldIsAllOrNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		seed(t, db, "a", "b", "uncounted")
		s := stock.New(db, &clock{start})
		write(t, db, func(tx *database.Tx) error {
			return errors.Join(s.SetImported(tx, "a", 5, false), s.SetImported(tx, "b", 1, false))
		})
		err := db.Write(t.Context(), func(tx *database.Tx) error {
			return stock.Take(tx, start, stock.Hold{ID: "h", Member: "ann", Lines: []stock.Line{{Variant: "uncounted", Quantity: 7}, {Variant: "a", Quantity: 2}, {Variant: "b", Quantity: 2}}})
		})
		var e *commerce.Error
		if !errors.As(err, &e) || !errors.Is(err, stock.ErrSoldOut) || e.Args["variant"] != commerce.VariantID("b") || e.Args["free"] != int64(1) {
			t.Errorf("err = %v, args %v", err, e.Args)
		}
		if got, want := rowOf(t, db, "a"), (row{5, 5, 0, 0}); got != want {
			t.Errorf("a: %+v, want %+v", got, want)
		}
	})
}

func TestHoldEndsOnce(t *testing.T) {
	type step func(*database.Tx, commerce.HoldID) error
	for name, c := range map[string]struct {
		steps []step
		want  row
	}{
		"released twice":     {[]step{stock.Release, stock.Release}, row{5, 5, 0, 0}},
		"sold twice":         {[]step{stock.Sell, stock.Sell}, row{5, 3, 0, 2}},
		"sold, not released": {[]step{stock.Sell, stock.Release}, row{5, 3, 0, 2}},
		"released, not sold": {[]step{stock.Release, stock.Sell}, row{5, 5, 0, 0}},
		"returned twice":     {[]step{stock.Sell, stock.Return, stock.Return}, row{5, 5, 0, 0}},
		"taken again":        {[]step{stock.Release, retake, retake, stock.Sell}, row{5, 3, 0, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				seed(t, db, "a")
				s := stock.New(db, &clock{start})
				write(t, db, func(tx *database.Tx) error { return s.SetImported(tx, "a", 5, false) })
				write(t, db, func(tx *database.Tx) error {
					return stock.Take(tx, start, stock.Hold{ID: "h", Member: "ann", Lines: []stock.Line{{Variant: "a", Quantity: 2}}})
				})
				for _, step := range c.steps {
					write(t, db, func(tx *database.Tx) error { return step(tx, "h") })
				}
				if got := rowOf(t, db, "a"); got != c.want {
					t.Errorf("stock %+v, want %+v", got, c.want)
				}
			})
		})
	}
}

func TestImport(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		seed(t, db, "a", "order")
		s := stock.New(db, &clock{start})
		set := func(v commerce.VariantID, n int64, backorder bool) {
			write(t, db, func(tx *database.Tx) error { return s.SetImported(tx, v, n, backorder) })
		}
		set("a", 5, false)
		write(t, db, func(tx *database.Tx) error {
			if err := stock.Take(tx, start, stock.Hold{ID: "sold", Member: "ann", Lines: []stock.Line{{Variant: "a", Quantity: 2}}}); err != nil {
				return err
			}
			return stock.Sell(tx, "sold")
		})
		write(t, db, func(tx *database.Tx) error {
			return stock.Take(tx, start, stock.Hold{ID: "held", Member: "ann", Lines: []stock.Line{{Variant: "a", Quantity: 1}}})
		})
		for _, c := range []struct {
			feed int64
			want row
		}{
			{5, row{5, 2, 1, 2}}, // the same again changes nothing
			{8, row{8, 5, 1, 2}}, // three came in
			{7, row{7, 4, 1, 2}}, // one was lost
			{0, row{3, 0, 1, 2}}, // all gone: what is held stays held
			{10, row{13, 10, 1, 2}},
		} {
			set("a", c.feed, false)
			if got := rowOf(t, db, "a"); got != c.want {
				t.Errorf("feed says %d: %+v, want %+v", c.feed, got, c.want)
			}
		}
		set("order", 1, true)
		write(t, db, func(tx *database.Tx) error {
			return stock.Take(tx, start, stock.Hold{ID: "back", Member: "ann", Lines: []stock.Line{{Variant: "order", Quantity: 3}}})
		})
		if got, want := rowOf(t, db, "order"), (row{1, -2, 3, 0}); got != want {
			t.Errorf("backorder: %+v, want %+v", got, want)
		}
		levels, err := s.Levels(t.Context())
		if err != nil || levels["a"].Free != 10 || !levels["order"].Has(5) || !levels["nobody"].Has(5) || levels["a"].Has(11) {
			t.Errorf("levels %v, %v", levels, err)
		}
	})
}

// TestBooksOfUnits walks random ways through the life of holds: the CHECKs
// never fire, and what is on hand is always what came in.
func TestBooksOfUnits(t *testing.T) {
	databasetest.Embedded(t)
	db := databasetest.Open(t, "sqlite")
	seed(t, db, "a")
	s := stock.New(db, &clock{start})
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		write(t, db, func(tx *database.Tx) error { return s.Uncount(tx, "a") })
		came := rapid.Int64Range(0, 20).Draw(rt, "came")
		write(t, db, func(tx *database.Tx) error { return s.SetImported(tx, "a", came, false) })
		for i := range rapid.IntRange(0, 15).Draw(rt, "steps") {
			h := commerce.HoldID(fmt.Sprintf("%d-%d", round, rapid.IntRange(0, 3).Draw(rt, "hold")))
			err := db.Write(t.Context(), func(tx *database.Tx) error {
				switch rapid.IntRange(0, 4).Draw(rt, fmt.Sprint("step", i)) {
				case 0:
					return stock.Take(tx, start, stock.Hold{ID: h, Member: "ann", Lines: []stock.Line{{Variant: "a", Quantity: rapid.Int64Range(1, 9).Draw(rt, "n")}}})
				case 1:
					return stock.Release(tx, h)
				case 2:
					return stock.Sell(tx, h)
				case 3:
					return stock.Return(tx, h)
				default:
					return retake(tx, h)
				}
			})
			if err != nil && !errors.Is(err, stock.ErrSoldOut) && !database.IsDuplicate(err) {
				rt.Fatal(err)
			}
			if r := rowOf(t, db, "a"); r.OnHand != came || r.Free+r.Held+r.Sold != came || r.Free < 0 {
				rt.Fatalf("%+v of %d", r, came)
			}
		}
	})
}

func retake(tx *database.Tx, id commerce.HoldID) error { return stock.Retake(tx, id, "") }
