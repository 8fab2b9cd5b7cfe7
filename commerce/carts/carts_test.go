package carts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/carts"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/stock"
)

type clock struct{}

func (clock) Now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

const header = "Handle,Title,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Published\n"

// goods is a catalogue of a cup and a hat; a bag was sold once.
func goods(t testing.TB) (*catalog.Snapshot, func(handle string) commerce.VariantID) {
	db := databasetest.Open(t, "sqlite")
	c, shelf := catalog.New(db, clock{}), stock.New(db, clock{})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(c.DeclareBrands(t.Context(), []catalog.Brand{{ID: "acme", Name: "Acme"}}))
	ids := map[string]commerce.VariantID{}
	for _, feed := range []string{
		"cup,Cup,C,,0,deny,10.00,true\nhat,Hat,H,,0,deny,25.50,true\nbag,Bag,B,,0,deny,5.00,true\n",
		"cup,Cup,C,,0,deny,10.00,true\nhat,Hat,H,,0,deny,25.50,true\n",
	} {
		f, err := catalog.ReadFeed(strings.NewReader(header+feed), "feed.csv", "EUR")
		must(err)
		_, err = c.Import(t.Context(), catalog.Import{Brand: "acme", File: "feed.csv", Feed: f}, shelf)
		must(err)
		s, err := c.Snapshot(t.Context())
		must(err)
		for _, handle := range []string{"cup", "hat", "bag"} {
			if p, ok := s.ByHandle("acme", handle); ok {
				ids[handle] = p.Variants[0].ID
			}
		}
	}
	s, err := c.Snapshot(t.Context())
	must(err)
	return s, func(handle string) commerce.VariantID { return ids[handle] }
}

func eur(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }

func TestView(t *testing.T) {
	s, id := goods(t)
	type line struct {
		Amount, Was commerce.Money
		Left        int64
		Problem     carts.Problem
	}
	none := commerce.Money{}
	for _, c := range []struct {
		name    string
		stored  live.CartLine
		free    int64 // -1 for not counted
		want    line
		ready   bool
		changed bool
	}{
		{"as shown", live.CartLine{Variant: id("cup"), Quantity: 2, Seen: eur(1000)}, -1, line{Amount: eur(2000)}, true, false},
		{"enough", live.CartLine{Variant: id("cup"), Quantity: 2, Seen: eur(1000)}, 2, line{Amount: eur(2000)}, true, false},
		{"never shown a price", live.CartLine{Variant: id("cup"), Quantity: 1}, -1, line{Amount: eur(1000)}, true, false},
		{"dearer", live.CartLine{Variant: id("cup"), Quantity: 1, Seen: eur(900)}, -1, line{Amount: eur(1000), Was: eur(900)}, false, true},
		{"cheaper", live.CartLine{Variant: id("cup"), Quantity: 1, Seen: eur(1100)}, -1, line{Amount: eur(1000), Was: eur(1100)}, false, true},
		{"only one left", live.CartLine{Variant: id("cup"), Quantity: 2, Seen: eur(1000)}, 1, line{eur(1000), none, 1, carts.Short}, false, false},
		{"none left", live.CartLine{Variant: id("cup"), Quantity: 2, Seen: eur(900)}, 0, line{none, eur(900), 0, carts.SoldOut}, false, true},
		{"no longer sold", live.CartLine{Variant: id("bag"), Quantity: 2, Seen: eur(400)}, -1, line{none, none, 0, carts.Gone}, false, false},
		{"never sold", live.CartLine{Variant: "nothing", Quantity: 2, Seen: eur(400)}, -1, line{none, none, 0, carts.Gone}, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			cart, err := carts.View([]live.CartLine{c.stored}, s, func(commerce.VariantID) (int64, bool) { return c.free, c.free >= 0 })
			if err != nil {
				t.Fatal(err)
			}
			l := cart.Lines[0]
			if diff := cmp.Diff(c.want, line{l.Amount, l.Was, l.Left, l.Problem}); diff != "" {
				t.Error(diff)
			}
			if cart.Total.Amount != c.want.Amount.Amount || cart.Ready() != c.ready || len(cart.Changed()) > 0 != c.changed {
				t.Errorf("total %v, ready %v, changed %v", cart.Total, cart.Ready(), cart.Changed())
			}
		})
	}
	if cart, err := carts.View(nil, s, nil); err != nil || cart.Ready() || len(cart.Lines) != 0 {
		t.Errorf("an empty cart: %+v %v", cart, err)
	}
	if _, err := carts.View([]live.CartLine{{Variant: id("cup"), Quantity: 1 << 62}}, s, func(commerce.VariantID) (int64, bool) { return 0, false }); err != commerce.ErrMoney {
		t.Errorf("an absurd quantity: %v", err)
	}
}

// The total is what the lines come to, and a digest stands for the prices that
// wait to be accepted and for nothing else.
func TestTotalAndDigest(t *testing.T) {
	s, id := goods(t)
	rapid.Check(t, func(t *rapid.T) {
		var stored []live.CartLine
		for _, handle := range []string{"cup", "hat", "bag"} {
			stored = append(stored, live.CartLine{Variant: id(handle), Quantity: rapid.Int64Range(1, 99).Draw(t, "n"), Seen: eur(rapid.Int64Range(0, 3000).Draw(t, "seen"))})
		}
		left := rapid.Int64Range(-1, 50).Draw(t, "left")
		free := func(commerce.VariantID) (int64, bool) { return left, left >= 0 }
		cart, err := carts.View(stored, s, free)
		if err != nil {
			t.Fatal(err)
		}
		var total, count int64
		for _, l := range cart.Lines {
			total += l.Amount.Amount
			count += l.Quantity
			if l.Problem == carts.None && l.Amount.Amount != l.Unit.Amount*l.Quantity {
				t.Fatalf("%+v", l)
			}
		}
		if cart.Total.Amount != total || cart.Count != count {
			t.Fatalf("%v, %d: want %d, %d", cart.Total, cart.Count, total, count)
		}
		if !commerce.IsPublicID(cart.Digest()) {
			t.Fatal(cart.Digest())
		}
		before := cart.Digest()
		for i := range stored {
			if unit, ok := cart.Changed()[stored[i].Variant]; ok {
				stored[i].Seen = unit
			}
		}
		after, err := carts.View(stored, s, free)
		if err != nil || len(after.Changed()) != 0 || len(cart.Changed()) > 0 && after.Digest() == before {
			t.Fatalf("%v %v", after.Changed(), err)
		}
	})
}

func TestLimit(t *testing.T) {
	for _, c := range []struct {
		wanted, free int64
		counted      bool
		want         int64
	}{
		{1, 0, false, 1}, {100, 0, false, 99}, {3, 5, true, 3}, {7, 5, true, 5}, {7, 0, true, 0}, {7, -3, true, 0}, {-1, 5, true, 0},
	} {
		if got := carts.Limit(c.wanted, c.free, c.counted); got != c.want {
			t.Errorf("Limit(%d, %d, %v) = %d, want %d", c.wanted, c.free, c.counted, got, c.want)
		}
	}
}
