package fulfilment_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/stock"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// warehouse has one order, o1: three mugs, one tea of another brand, a parcel's
// price.
type warehouse struct {
	*testing.T
	db    *database.DB
	order orders.Order
}

func each(t *testing.T, run func(w *warehouse)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := &warehouse{T: t, db: db}
		w.write(func(tx *database.Tx) error {
			for _, q := range []string{
				`INSERT INTO members (id, name, locale, created_at) VALUES ('ann', 'Ann', '', 1), ('ben', 'Ben', '', 1)`,
				`INSERT INTO brands (id, name) VALUES ('acme', 'Acme'), ('tea', 'Tea')`,
				`INSERT INTO products (id, brand_id, handle, title, body, vendor, category, tags, option1, option2, option3, position, created_at, updated_at)
				 VALUES ('p', 'acme', '1', 'Mug', '', '', '', '', '', '', '', 1, 1, 1)`,
				`INSERT INTO variants (id, product_id, sku, value1, value2, value3, price, currency, position) VALUES ('mug', 'p', 'MUG', '', '', '', 100, 'EUR', 1), ('tea', 'p', 'TEA', '', '', '', 100, 'EUR', 2)`,
			} {
				if _, err := tx.Exec(q); err != nil {
					return err
				}
			}
			lines := []stock.Line{{Variant: "mug", Quantity: 3}, {Variant: "tea", Quantity: 1}}
			if err := stock.Take(tx, noon, stock.Hold{ID: "h1", Member: "ann", Expires: noon.Add(time.Hour), Lines: lines}); err != nil {
				return err
			}
			eur := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }
			w.order = orders.Order{ID: "o1", Number: 10_000_001, Member: "ann", State: orders.Pending, Hold: "h1", Token: "t1", CreatedAt: noon, ExpiresAt: noon.Add(time.Hour), Total: eur(450),
				Lines: []orders.Line{
					{Kind: pricing.KindItem, Label: "Mug", Brand: "acme", Variant: "mug", Quantity: 3, Amount: eur(300)},
					{Kind: pricing.KindItem, Label: "Tea", Brand: "tea", Variant: "tea", Quantity: 1, Amount: eur(100)},
					{Kind: pricing.KindShipping, Label: "Parcel", Brand: "acme", Amount: eur(50)},
				}}
			return orders.Create(tx, w.order, "member")
		})
		w.order.State = orders.Paid
		run(w)
	})
}

func (w *warehouse) write(do func(tx *database.Tx) error) {
	w.Helper()
	if err := w.try(do); err != nil {
		w.Fatal(err)
	}
}

func (w *warehouse) try(do func(tx *database.Tx) error) error { return w.db.Write(w.Context(), do) }

// line is how the mugs stand.
func (w *warehouse) line() (l fulfilment.Line) {
	w.Helper()
	w.write(func(tx *database.Tx) error {
		lines, err := fulfilment.Begin(tx, w.order)
		l = lines[0]
		return err
	})
	return l
}

func mugs(n int64) []fulfilment.Item { return []fulfilment.Item{{Position: 0, Quantity: n}} }

func (w *warehouse) pack(id string, n int64) error {
	return w.try(func(tx *database.Tx) error {
		return fulfilment.Pack(tx, fulfilment.Parcel{ID: fulfilment.ParcelID(id), Order: "o1", Brand: "acme", Items: mugs(n), PackedAt: noon})
	})
}

// once does a step twice and checks that it was taken the first time only.
func (w *warehouse) once(what string, step func(tx *database.Tx) (bool, error)) {
	w.Helper()
	for i := range 2 {
		w.write(func(tx *database.Tx) error {
			ok, err := step(tx)
			if ok != (i == 0) {
				w.Errorf("%s, time %d: %t", what, i+1, ok)
			}
			return err
		})
	}
}

// TestBegin: what is to be sent is written down once. An order that was sent
// before parcels were kept is all sent.
func TestBegin(t *testing.T) {
	each(t, func(w *warehouse) {
		want := map[int64]fulfilment.Line{0: {Position: 0, Bought: 3}, 1: {Position: 1, Bought: 1}, 2: {Position: 2, Bought: 1}}
		for range 2 {
			w.write(func(tx *database.Tx) error {
				got, err := fulfilment.Begin(tx, w.order)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				return err
			})
		}
		w.write(func(tx *database.Tx) error { _, err := tx.Exec(`DELETE FROM fulfilments`); return err })
		w.order.State = orders.Shipped
		if l := w.line(); l.Shipped != 3 || l.Packed != 3 || l.ToPack() != 0 {
			t.Errorf("of an order sent long ago: %+v", l)
		}
	})
}

// TestParcel packs, sends and delivers, each once and never more than there is.
func TestParcel(t *testing.T) {
	each(t, func(w *warehouse) {
		w.line()
		if err := w.pack("p1", 4); !errors.Is(err, fulfilment.ErrGone) {
			t.Errorf("four of three: %v", err)
		}
		if err := w.pack("p1", 2); err != nil {
			t.Fatal(err)
		}
		if err := w.pack("p2", 2); !errors.Is(err, fulfilment.ErrGone) {
			t.Errorf("two of the one left: %v", err)
		}
		if err := w.try(func(tx *database.Tx) error { return fulfilment.Drop(tx, "o1", fulfilment.Item{Quantity: 2}) }); !errors.Is(err, fulfilment.ErrGone) {
			t.Errorf("two are dropped of the one that is not packed: %v", err)
		}
		w.write(func(tx *database.Tx) error { return fulfilment.Drop(tx, "o1", fulfilment.Item{Quantity: 1}) })
		if err := w.pack("p2", 1); !errors.Is(err, fulfilment.ErrGone) {
			t.Errorf("one that was dropped: %v", err)
		}
		p := fulfilment.Parcel{ID: "p1", Order: "o1", Items: mugs(2)}
		w.write(func(tx *database.Tx) error {
			if ok, err := fulfilment.Deliver(tx, "p1", noon); ok || err != nil {
				t.Errorf("delivered before it was sent: %v", err)
			}
			return nil
		})
		more := p
		more.Items = mugs(3)
		if err := w.try(func(tx *database.Tx) error { _, err := fulfilment.Ship(tx, more, "", noon); return err }); !errors.Is(err, fulfilment.ErrGone) {
			t.Errorf("three are sent of the two that are packed: %v", err)
		}
		w.once("ship", func(tx *database.Tx) (bool, error) { return fulfilment.Ship(tx, p, " T1 ", noon.Add(time.Hour)) })
		w.write(func(tx *database.Tx) error {
			for before, want := range map[time.Time]int{noon: 0, noon.Add(time.Hour): 1} {
				if ids, err := fulfilment.Overdue(tx, before, 5); err != nil || len(ids) != want {
					t.Errorf("before %s %v are overdue, %v", before, ids, err)
				}
			}
			return fulfilment.Unpack(tx, "o1") // what was sent stays
		})
		w.once("deliver", func(tx *database.Tx) (bool, error) { return fulfilment.Deliver(tx, "p1", noon.Add(2*time.Hour)) })
		w.write(func(tx *database.Tx) error {
			got, err := fulfilment.OneParcel(tx, "p1")
			want := fulfilment.Parcel{ID: "p1", Order: "o1", Number: 1, Brand: "acme", State: fulfilment.Delivered, Tracking: "T1", Items: mugs(2),
				PackedAt: noon, ShippedAt: noon.Add(time.Hour), DeliveredAt: noon.Add(2 * time.Hour)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			return err
		})
		if l := w.line(); l.Packed != 2 || l.Shipped != 2 || l.Dropped != 1 || l.Returnable() != 2 {
			t.Errorf("%+v", l)
		}
		if err := w.try(func(tx *database.Tx) error { _, err := fulfilment.OneParcel(tx, "p9"); return err }); !errors.Is(err, fulfilment.ErrGone) {
			t.Errorf("a parcel nobody packed: %v", err)
		}
	})
}

// TestUnpack: what is not sent can be packed again.
func TestUnpack(t *testing.T) {
	each(t, func(w *warehouse) {
		w.line()
		for range 2 {
			if err := w.pack("p1", 3); err != nil {
				t.Fatal(err)
			}
			w.write(func(tx *database.Tx) error { return fulfilment.Unpack(tx, "o1") })
			if l := w.line(); l.Packed != 0 || l.ToPack() != 3 {
				t.Errorf("%+v", l)
			}
		}
	})
}

// TestRefundUnits: no more units are refunded than were bought, and none twice.
func TestRefundUnits(t *testing.T) {
	each(t, func(w *warehouse) {
		w.line()
		for _, step := range []struct {
			n    int64
			want error
		}{{2, nil}, {2, fulfilment.ErrGone}, {1, nil}, {1, fulfilment.ErrGone}, {-3, nil}, {-1, fulfilment.ErrGone}} {
			err := w.try(func(tx *database.Tx) error { return fulfilment.Refund(tx, "o1", fulfilment.Item{Quantity: step.n}) })
			if !errors.Is(err, step.want) {
				t.Errorf("%d: %v, want %v", step.n, err, step.want)
			}
		}
	})
}

// TestReturnSteps: only what was sent is claimed, once; a denied return lets it
// be claimed again; each step comes once and in its turn.
func TestReturnSteps(t *testing.T) {
	each(t, func(w *warehouse) {
		w.line()
		ask := func(id string, n int64) error {
			return w.try(func(tx *database.Tx) error {
				return fulfilment.Ask(tx, fulfilment.Return{ID: fulfilment.ReturnID(id), Order: "o1", Brand: "acme", Member: "ann", Reason: "mind", Items: mugs(n), AskedAt: noon})
			})
		}
		if err := ask("r1", 1); !errors.Is(err, fulfilment.ErrGone) {
			t.Errorf("before it was sent: %v", err)
		}
		if err := w.pack("p1", 2); err != nil {
			t.Fatal(err)
		}
		w.write(func(tx *database.Tx) error {
			_, err := fulfilment.Ship(tx, fulfilment.Parcel{ID: "p1", Order: "o1", Items: mugs(2)}, "", noon)
			return err
		})
		if err := ask("r1", 2); err != nil {
			t.Fatal(err)
		}
		if err := ask("r2", 1); !errors.Is(err, fulfilment.ErrGone) {
			t.Errorf("what is claimed already: %v", err)
		}
		r := fulfilment.Return{ID: "r1", Order: "o1", Items: mugs(2)}
		w.once("deny", func(tx *database.Tx) (bool, error) { return fulfilment.Deny(tx, r, "worn", noon) })
		if l := w.line(); l.Claimed != 0 {
			t.Errorf("after it was denied %d are claimed", l.Claimed)
		}
		if err := ask("r3", 1); err != nil {
			t.Fatal(err)
		}
		r = fulfilment.Return{ID: "r3", Order: "o1", Items: mugs(1)}
		arrive := func(tx *database.Tx) (bool, error) { return fulfilment.Arrive(tx, r, map[int64]bool{0: true}, noon) }
		finish := func(tx *database.Tx) (bool, error) { return fulfilment.Finish(tx, r, "credit", "", noon) }
		for what, early := range map[string]func(*database.Tx) (bool, error){"arrive": arrive, "finish": finish} {
			w.write(func(tx *database.Tx) error {
				ok, err := early(tx)
				if ok {
					t.Errorf("%s before it was approved", what)
				}
				return err
			})
		}
		w.once("approve", func(tx *database.Tx) (bool, error) { return fulfilment.Approve(tx, r, "", noon) })
		w.once("arrive", arrive)
		w.write(func(tx *database.Tx) error {
			if ok, err := fulfilment.Deny(tx, r, "late", noon); ok || err != nil {
				t.Errorf("denied after it arrived: %v", err)
			}
			for brand, want := range map[commerce.BrandID]int{"acme": 1, "tea": 0} {
				if list, err := fulfilment.OpenReturns(tx, []commerce.BrandID{brand}, 5); err != nil || len(list) != want {
					t.Errorf("%d returns of %s are open, %v", len(list), brand, err)
				}
			}
			return nil
		})
		w.once("finish", finish)
		w.write(func(tx *database.Tx) error {
			list, err := fulfilment.OpenReturns(tx, nil, 5)
			if len(list) != 0 {
				t.Errorf("open after the end: %+v", list)
			}
			var restocked int
			if err := tx.Row(`SELECT restocked FROM return_lines WHERE return_id = 'r3'`).Scan(&restocked); err != nil || restocked != 1 {
				t.Errorf("restocked %d, %v", restocked, err)
			}
			return err
		})
	})
}

// TestReturnOfRefunded: what was paid back already is not claimed.
func TestReturnOfRefunded(t *testing.T) {
	each(t, func(w *warehouse) {
		w.line()
		if err := w.pack("p1", 3); err != nil {
			t.Fatal(err)
		}
		w.write(func(tx *database.Tx) error {
			if _, err := fulfilment.Ship(tx, fulfilment.Parcel{ID: "p1", Order: "o1", Items: mugs(3)}, "", noon); err != nil {
				return err
			}
			return fulfilment.Refund(tx, "o1", fulfilment.Item{Quantity: 2})
		})
		for n, want := range map[int64]error{2: fulfilment.ErrGone, 1: nil} {
			err := w.try(func(tx *database.Tx) error {
				return fulfilment.Ask(tx, fulfilment.Return{ID: fulfilment.ReturnID(strconv.FormatInt(n, 10)), Order: "o1", Brand: "acme", Member: "ann", Reason: "mind", Items: mugs(n), AskedAt: noon})
			})
			if !errors.Is(err, want) {
				t.Errorf("%d of one that is not refunded: %v", n, err)
			}
		}
	})
}

// TestUnits: a choice of units survives the word it is written as, and more
// taps than there are units come back to none.
func TestUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := fulfilment.Units(rapid.MapOf(rapid.Int64Range(0, 99), rapid.Int64Range(1, 99)).Draw(t, "units"))
		if got := fulfilment.ReadUnits(u.String()); !cmp.Equal(got, u) {
			t.Fatalf("%v became %v", u, got)
		}
		fulfilment.ReadUnits(rapid.String().Draw(t, "word")) // must not panic
	})
	u := fulfilment.Units{}
	for _, want := range []string{"0n1", "0n2", "none", "0n1"} {
		if u = u.More(0, 2); u.String() != want {
			t.Errorf("%s, want %s", u, want)
		}
	}
	if got := fulfilment.ReadUnits("0n0x-1n2x1n-3xx2n1xan1"); got.String() != "2n1" {
		t.Errorf("of what makes no sense %s was read", got)
	}
}
