package stock_test

import (
	"errors"
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/stock"
)

// TestAllotment follows five units of which three are set aside.
func TestAllotment(t *testing.T) {
	type step = func(*database.Tx) error
	take := func(id commerce.HoldID, n int64, from string) step {
		return func(tx *database.Tx) error {
			return stock.Take(tx, start, stock.Hold{ID: id, Member: "ann", Lines: []stock.Line{{Variant: "a", Quantity: n, From: from}}})
		}
	}
	on := func(do func(*database.Tx, commerce.HoldID) error, id commerce.HoldID) step {
		return func(tx *database.Tx) error { return do(tx, id) }
	}
	closed := func(tx *database.Tx) error { return stock.CloseAllotment(tx, "drop") }
	more := func(n int64) step {
		return func(tx *database.Tx) error { return stock.AllotMore(tx, "drop", stock.Line{Variant: "a", Quantity: n}) }
	}
	again := func(from string) step {
		return func(tx *database.Tx) error { return stock.Retake(tx, "h", from) }
	}
	for name, c := range map[string]struct {
		steps []step
		want  row   // of stock: on hand, free, held, sold
		left  int64 // in the allotment
		err   error // of the last step
	}{
		"set aside":                  {nil, row{5, 2, 3, 0}, 3, nil},
		"set aside once":             {[]step{func(tx *database.Tx) error { return stock.Allot(tx, "drop", stock.Line{Variant: "a", Quantity: 3}) }}, row{5, 2, 3, 0}, 3, nil},
		"more":                       {[]step{more(2)}, row{5, 0, 5, 0}, 5, nil},
		"more than are free":         {[]step{more(3)}, row{5, 2, 3, 0}, 3, stock.ErrSoldOut},
		"more of what is closed":     {[]step{closed, more(1)}, row{5, 5, 0, 0}, 0, stock.ErrSoldOut},
		"the shop has the rest":      {[]step{take("h", 3, "")}, row{5, 2, 3, 0}, 3, stock.ErrSoldOut},
		"taken":                      {[]step{take("h", 1, "drop")}, row{5, 2, 3, 0}, 2, nil},
		"more than there are":        {[]step{take("h", 2, "drop"), take("i", 2, "drop")}, row{5, 2, 3, 0}, 1, stock.ErrSoldOut},
		"sold":                       {[]step{take("h", 1, "drop"), on(stock.Sell, "h")}, row{5, 2, 2, 1}, 2, nil},
		"released, twice":            {[]step{take("h", 1, "drop"), on(stock.Release, "h"), on(stock.Release, "h")}, row{5, 2, 3, 0}, 3, nil},
		"sold, not released":         {[]step{take("h", 1, "drop"), on(stock.Sell, "h"), on(stock.Release, "h")}, row{5, 2, 2, 1}, 2, nil},
		"late, from the rest":        {[]step{take("h", 1, "drop"), on(stock.Release, "h"), again("")}, row{5, 1, 4, 0}, 3, nil},
		"late, from the drop":        {[]step{take("h", 1, "drop"), on(stock.Release, "h"), again("drop"), on(stock.Sell, "h")}, row{5, 2, 2, 1}, 2, nil},
		"closed":                     {[]step{take("h", 1, "drop"), closed, closed}, row{5, 4, 1, 0}, 0, nil},
		"closed, then released":      {[]step{take("h", 1, "drop"), closed, on(stock.Release, "h")}, row{5, 5, 0, 0}, 0, nil},
		"released, then closed":      {[]step{take("h", 1, "drop"), on(stock.Release, "h"), closed}, row{5, 5, 0, 0}, 0, nil},
		"closed, then sold":          {[]step{take("h", 1, "drop"), closed, on(stock.Sell, "h"), on(stock.Return, "h")}, row{5, 5, 0, 0}, 0, nil},
		"nothing is taken of closed": {[]step{closed, take("h", 1, "drop")}, row{5, 5, 0, 0}, 0, stock.ErrSoldOut},
	} {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				seed(t, db, "a")
				s := stock.New(db, &clock{start})
				write(t, db, func(tx *database.Tx) error { return s.SetImported(tx, "a", 5, false) })
				write(t, db, func(tx *database.Tx) error { return stock.Allot(tx, "drop", stock.Line{Variant: "a", Quantity: 3}) })
				var err error
				for _, step := range c.steps {
					if err != nil {
						t.Fatal(err)
					}
					err = db.Write(t.Context(), step)
				}
				var left int64
				write(t, db, func(tx *database.Tx) error {
					return tx.Row(`SELECT quantity FROM allotments WHERE id = 'drop'`).Scan(&left)
				})
				if got := rowOf(t, db, "a"); got != c.want || left != c.left || !errors.Is(err, c.err) {
					t.Errorf("stock %+v, %d set aside, %v; want %+v, %d, %v", got, left, err, c.want, c.left, c.err)
				}
			})
		})
	}
}

// TestAllotmentCountedAgain follows a feed that stops counting a variant and
// counts it again, while units of it are set aside.
func TestAllotmentCountedAgain(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		seed(t, db, "a")
		s := stock.New(db, &clock{start})
		take := func(tx *database.Tx, id commerce.HoldID) error {
			return stock.Take(tx, start, stock.Hold{ID: id, Member: "ann", Lines: []stock.Line{{Variant: "a", Quantity: 1, From: "drop"}}})
		}
		for _, step := range []struct {
			do   func(*database.Tx) error
			want row
		}{
			{func(tx *database.Tx) error { return s.SetImported(tx, "a", 5, false) }, row{5, 5, 0, 0}},
			{func(tx *database.Tx) error { return stock.Allot(tx, "drop", stock.Line{Variant: "a", Quantity: 3}) }, row{5, 2, 3, 0}},
			{func(tx *database.Tx) error { return errors.Join(s.Uncount(tx, "a"), s.SetImported(tx, "a", 5, false)) }, row{5, 2, 3, 0}},
			{func(tx *database.Tx) error { return errors.Join(s.Uncount(tx, "a"), s.SetImported(tx, "a", 2, false)) }, row{3, 0, 3, 0}},
			{func(tx *database.Tx) error { return take(tx, "h1") }, row{3, 0, 3, 0}},
			{func(tx *database.Tx) error { return errors.Join(s.Uncount(tx, "a"), s.SetImported(tx, "a", 3, false)) }, row{3, 1, 2, 0}},
			{func(tx *database.Tx) error { return stock.Release(tx, "h1") }, row{3, 0, 3, 0}}, // out of what is free
			{func(tx *database.Tx) error { return take(tx, "h2") }, row{3, 0, 3, 0}},
			{func(tx *database.Tx) error { return errors.Join(s.Uncount(tx, "a"), s.SetImported(tx, "a", 1, false)) }, row{2, 0, 2, 0}},
			{func(tx *database.Tx) error { return stock.Release(tx, "h2") }, row{3, 0, 3, 0}}, // of which nothing is free
			{func(tx *database.Tx) error { return stock.Release(tx, "h2") }, row{3, 0, 3, 0}},
			{func(tx *database.Tx) error { return stock.CloseAllotment(tx, "drop") }, row{3, 3, 0, 0}},
		} {
			write(t, db, step.do)
			if got := rowOf(t, db, "a"); got != step.want {
				t.Errorf("stock %+v, want %+v", got, step.want)
			}
		}
	})
}

func TestAllotmentOfWhatIsNotThere(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		seed(t, db, "a", "uncounted")
		s := stock.New(db, &clock{start})
		write(t, db, func(tx *database.Tx) error { return s.SetImported(tx, "a", 2, true) })
		for v, want := range map[commerce.VariantID]error{"a": stock.ErrSoldOut, "uncounted": stock.ErrUncounted} {
			err := db.Write(t.Context(), func(tx *database.Tx) error { return stock.Allot(tx, "drop", stock.Line{Variant: v, Quantity: 3}) })
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", v, err, want)
			}
		}
		if got, want := rowOf(t, db, "a"), (row{2, 2, 0, 0}); got != want {
			t.Errorf("stock %+v, want %+v", got, want)
		}
	})
}
