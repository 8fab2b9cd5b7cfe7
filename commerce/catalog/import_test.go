package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/stock"
)

const header = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price\n"

func TestSameFeedAgainChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		for _, name := range []string{"shopify-old.csv", "shopify-new.csv", "google.tsv", "google.xml"} {
			feed := fixture(t, name)
			first := s.imports(feed)
			before := s.now()
			again := s.imports(feed)
			want := first
			want.Changes = nil
			want.Added, want.Changed, want.Removed, want.Unchanged = 0, 0, 0, first.Products
			equal(t, name, again, want)
			if s.now() != before {
				t.Errorf("%s: the catalogue was read anew", name)
			}
		}
	})
}

func TestImportByDifference(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		a := "a,Apple,,,A1,shopify,5,deny,1.00\n"
		b := "b,Bread,,,B1,shopify,5,deny,2.00\n"
		c := "c,Cake,,,C1,shopify,5,deny,3.00\n"
		counts := func(step, feed string, added, changed, unchanged, removed int) {
			t.Helper()
			r := s.imports(header + feed)
			equal(t, step, [4]int{r.Added, r.Changed, r.Unchanged, r.Removed}, [4]int{added, changed, unchanged, removed})
		}
		counts("first", a+b, 2, 0, 0, 0)
		bread, _ := s.now().ByHandle("leaf", "b")
		loaf := bread.Variants[0].ID
		counts("another price", a+strings.Replace(b, "2.00", "2.50", 1), 0, 1, 1, 0)
		counts("another quantity", a+strings.Replace(b, "5,deny,2.00", "6,deny,2.50", 1), 0, 1, 1, 0)
		counts("another order and a new one in front", c+b+a, 1, 1, 1, 0)
		equal(t, "order", titles(s.now().Products(nil)), []string{"Cake", "Bread", "Apple"})
		counts("one leaves", c+a, 0, 0, 2, 1)
		if p, ok := s.now().Product(bread.ID); !ok || !p.Hidden || !p.Variants[0].Hidden {
			t.Errorf("what left is not hidden: %+v", p)
		}
		counts("it is told once", c+a, 0, 0, 2, 0)
		counts("it returns", c+a+b, 1, 0, 2, 0)
		back, ok := s.now().ByHandle("leaf", "b")
		if !ok || back.ID != bread.ID || back.Variants[0].ID != loaf {
			t.Errorf("it came back as another: %+v", back)
		}
		if n, _ := s.level(loaf); n != [4]int64{5, 5, 0, 0} {
			t.Errorf("stock %v", n)
		}
	})
}

func TestStockMovesByTheDifference(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		feed := func(quantity int, policy string) {
			s.imports(fmt.Sprintf("%sa,Apple,,,A1,shopify,%d,%s,1.00\n", header, quantity, policy))
		}
		feed(5, "deny")
		p, _ := s.now().ByHandle("leaf", "a")
		v := p.Variants[0].ID
		s.sell(v, "sold", 2, true)
		s.sell(v, "held", 1, false)
		for _, step := range []struct {
			quantity int
			policy   string
			want     [4]int64 // on hand, free, held, sold
		}{
			{5, "deny", [4]int64{5, 2, 1, 2}},
			{9, "deny", [4]int64{9, 6, 1, 2}},
			{0, "deny", [4]int64{3, 0, 1, 2}},
			{-4, "deny", [4]int64{3, 0, 1, 2}},
			{2, "deny", [4]int64{5, 2, 1, 2}},
			{-3, "continue", [4]int64{0, -3, 1, 2}},
			{4, "deny", [4]int64{7, 4, 1, 2}},
		} {
			feed(step.quantity, step.policy)
			got, counted := s.level(v)
			if got != step.want || !counted {
				t.Errorf("feed says %d, %s: stock %v, want %v", step.quantity, step.policy, got, step.want)
			}
		}
		s.imports(header + "a,Apple,,,A1,,7,deny,1.00\n")
		if _, counted := s.level(v); counted {
			t.Error("without a tracker it is still counted")
		}
	})
}

func TestQuantityThatIsNotTold(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.imports(header + "a,Apple,,,A1,shopify,5,deny,1.00\n")
		r := s.imports("Handle,Title,Variant SKU,Variant Inventory Tracker,Variant Price\na,Apple,A1,shopify,1.00\nb,Bread,B1,shopify,2\n")
		if len(r.Problems) != 1 || r.Problems[0].Line != 1 || r.Unchanged != 1 {
			t.Errorf("report %+v", r)
		}
		for handle, want := range map[string][4]int64{"a": {5, 5, 0, 0}, "b": {}} {
			p, _ := s.now().ByHandle("leaf", handle)
			if n, counted := s.level(p.Variants[0].ID); n != want || !counted {
				t.Errorf("%s: %v, %v; want %v", handle, n, counted, want)
			}
		}
	})
}

// sell holds units and, if wanted, sells them.
func (s *shop) sell(v commerce.VariantID, hold commerce.HoldID, n int64, sold bool) {
	s.t.Helper()
	must(s.t, s.db.Write(s.t.Context(), func(tx *database.Tx) error {
		if _, err := tx.Exec("INSERT INTO members (id, name, locale, created_at) VALUES ('ann', 'Ann', 'en', 0) ON CONFLICT DO NOTHING"); err != nil {
			return err
		}
		err := stock.Take(tx, s.clock.Now(), stock.Hold{ID: hold, Member: "ann", Lines: []stock.Line{{Variant: v, Quantity: n}}, Expires: s.clock.Now().Add(time.Hour)})
		if err != nil || !sold {
			return err
		}
		return stock.Sell(tx, hold)
	}))
}

func TestVariantsKeepTheirIDs(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.imports(header +
			"t,Tee,Size,Small,TS,shopify,1,deny,10\n" +
			"t,,,Medium,,shopify,2,deny,10\n" +
			"t,,,Large,TL,shopify,3,deny,10\n" +
			"t,,,Huge,TX,shopify,4,deny,10\n" +
			"t,,,Giant,TX,shopify,5,deny,10\n")
		was := idsByLabel(t, s)
		if len(was) != 5 {
			t.Fatalf("variants %v", was)
		}
		r := s.imports(header + // other order, other words for one size, a SKU more, one gone, one new
			"t,Tee,Size,L,TL,shopify,3,deny,10\n" +
			"t,,,Medium,TM,shopify,2,deny,10\n" +
			"t,,,Giant,TX,shopify,5,deny,10\n" +
			"t,,,Small,TS,shopify,1,deny,10\n" +
			"t,,,Tiny,TT,shopify,1,deny,10\n")
		equal(t, "changed", [2]int{r.Changed, r.Variants}, [2]int{1, 5})
		now := idsByLabel(t, s)
		for label, old := range map[string]string{"L": "Large", "Medium": "Medium", "Giant": "Giant", "Small": "Small"} {
			if now[label] != was[old] {
				t.Errorf("%s is another variant than %s was", label, old)
			}
		}
		if _, v, ok := s.now().Variant(was["Huge"]); !ok || !v.Hidden || v.Label() != "Huge" {
			t.Errorf("the one that left: %+v, %v", v, ok)
		}
		r = s.imports(header + "t,Tee,Size,Huge,TX,shopify,4,deny,10\n")
		if got := idsByLabel(t, s)["Huge"]; got != was["Huge"] && got != was["Giant"] {
			t.Errorf("the one that returned is new: %s", got)
		}
	})
}

func idsByLabel(t *testing.T, s *shop) map[string]commerce.VariantID {
	t.Helper()
	m := map[string]commerce.VariantID{}
	p, ok := s.now().ByHandle("leaf", "t")
	if !ok {
		t.Fatal("no product t")
	}
	for _, v := range p.Variants {
		m[v.Label()] = v.ID
	}
	return m
}

func TestDryRun(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.imports(fixture(t, "shopify-old.csv"))
		before := s.now()
		in := catalog.Import{Brand: "leaf", File: "new.csv", DryRun: true, Feed: read(t, header+"mug,Mug,,,,shopify,7,deny,9\nnew,New,,,,,,,1\n")}
		r, err := s.Import(t.Context(), in, s.stock)
		must(t, err)
		equal(t, "report", r, catalog.Report{Products: 2, Variants: 2, Added: 1, Changed: 1, Removed: 3, Problems: []catalog.Problem{}})
		s.clock.Wait(time.Hour)
		if s.now() != before {
			t.Error("a dry run changed the catalogue")
		}
		in.DryRun = false
		again, err := s.Import(t.Context(), in, s.stock)
		must(t, err)
		equal(t, "for real", again, r)
	})
}

func TestFeedWithNothingToSell(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.imports(fixture(t, "shopify-old.csv"))
		in := catalog.Import{Brand: "leaf", Feed: read(t, header+"mug,Mug,,,,,,,\n")}
		r, err := s.Import(t.Context(), in, s.stock)
		if !errors.Is(err, catalog.ErrNothing) || len(r.Problems) != 1 {
			t.Errorf("report %+v, err %v", r, err)
		}
		if n := len(s.now().Products(nil)); n != 3 {
			t.Errorf("%d products are left, want 3", n)
		}
	})
}

// failing is a Counter that fails after so many calls.
type failing struct {
	catalog.Counter
	left int
}

func (f *failing) SetImported(tx *database.Tx, v commerce.VariantID, n int64, backorder bool) error {
	if f.left--; f.left < 0 {
		return errors.New("the lights went out")
	}
	return f.Counter.SetImported(tx, v, n, backorder)
}

func TestImportIsAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.imports(header + "a,Apple,,,A1,shopify,5,deny,1.00\n")
		before := s.now()
		_, err := s.Import(t.Context(), catalog.Import{Brand: "leaf", Feed: read(t, many(500))}, &failing{s.stock, 300})
		if err == nil {
			t.Fatal("no error")
		}
		s.clock.Wait(time.Hour)
		if s.now() != before {
			t.Error("half an import is seen")
		}
		ctx, cancel := context.WithCancel(t.Context())
		in := catalog.Import{Brand: "leaf", Feed: read(t, many(500)), Progress: func(done, _ int) {
			if done > 600 {
				cancel()
			}
		}}
		if _, err := s.Import(ctx, in, s.stock); err == nil {
			t.Error("no error though the context ended")
		}
		r := s.imports(many(500))
		equal(t, "afterwards", [4]int{r.Added, r.Changed, r.Unchanged, r.Removed}, [4]int{500, 0, 0, 1})
	})
}

func TestImportsAtTheSameTime(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		var wg sync.WaitGroup
		for i := range 6 {
			for _, brand := range []commerce.BrandID{"leaf", "clay"} {
				wg.Go(func() {
					feed := read(t, many(60+i))
					if _, err := s.Import(t.Context(), catalog.Import{Brand: brand, File: fmt.Sprint(i), Feed: feed}, s.stock); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		for _, brand := range []commerce.BrandID{"leaf", "clay"} {
			want := s.importsFor(brand, many(50))
			if want.Products != 50 || want.Unchanged != 50 || want.Removed < 10 || want.Removed > 15 {
				t.Errorf("%s: %+v", brand, want)
			}
			if n := len(s.now().Products([]commerce.BrandID{brand})); n != 50 {
				t.Errorf("%s sells %d products, want 50", brand, n)
			}
		}
	})
}

// many makes a feed of so many products with a counted variant each.
func many(n int) string {
	var b strings.Builder
	b.WriteString(header)
	for i := range n {
		fmt.Fprintf(&b, "p-%d,Product %d,,,SKU-%d,shopify,%d,deny,%d.50\n", i, i, i, i%7, i%90+1)
	}
	return b.String()
}

func TestTenThousandProducts(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		feed := many(10_000)
		start := time.Now()
		r := s.imports(feed)
		first := time.Since(start)
		equal(t, "first", r, catalog.Report{Products: 10_000, Variants: 10_000, Added: 10_000, Problems: []catalog.Problem{}})
		start = time.Now()
		r = s.imports(feed)
		second := time.Since(start)
		equal(t, "again", r, catalog.Report{Products: 10_000, Variants: 10_000, Unchanged: 10_000, Problems: []catalog.Problem{}})
		start = time.Now()
		snap := s.now()
		t.Logf("first import %v, the same again %v, snapshot %v", first, second, time.Since(start))
		if n := len(snap.Products(nil)); n != 10_000 {
			t.Errorf("%d products for sale", n)
		}
		start = time.Now()
		found := snap.Search("Prodct 7777", nil, 5)
		t.Logf("search %v", time.Since(start))
		if len(found) == 0 || found[0].Title != "Product 7777" {
			t.Errorf("found %q", titles(found))
		}
	})
}

// TestImportWhileMembersBuy runs imports that change every quantity beside
// buyers who hold, release and buy the same goods: neither stops the other,
// and no unit is lost.
func TestImportWhileMembersBuy(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		const products, feeds = 120, 8
		feed := func(quantity int) string {
			var b strings.Builder
			b.WriteString(header)
			for i := range products {
				fmt.Fprintf(&b, "p-%d,Product %d,,,,shopify,%d,deny,5\n", i, i, quantity)
			}
			return b.String()
		}
		s.imports(feed(1000))
		list := s.now().Products(nil)
		s.sell(list[0].Variants[0].ID, "first", 1, false) // makes the member
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var sold [4]int64
		for buyer := range sold {
			wg.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					id := commerce.HoldID(fmt.Sprintf("h-%d-%d", buyer, n))
					v := list[(n*7+buyer)%products].Variants[0].ID
					err := s.db.Write(t.Context(), func(tx *database.Tx) error {
						hold := stock.Hold{ID: id, Member: "ann", Lines: []stock.Line{{Variant: v, Quantity: 1}}, Expires: s.clock.Now().Add(time.Hour)}
						if err := stock.Take(tx, s.clock.Now(), hold); err != nil {
							return err
						}
						if n%2 == 0 {
							return stock.Release(tx, id)
						}
						return stock.Sell(tx, id)
					})
					if err != nil {
						t.Error(err)
						return
					}
					sold[buyer] += int64(n % 2)
				}
			})
		}
		for n := range feeds {
			s.imports(feed(1000 + 10*n))
		}
		stop()
		wg.Wait()
		var onHand, free, held, got int64
		must(t, s.db.Read(t.Context(), func(tx *database.Tx) error {
			return tx.Row("SELECT SUM(on_hand), SUM(free), SUM(held), SUM(sold) FROM stock").Scan(&onHand, &free, &held, &got)
		}))
		want := sold[0] + sold[1] + sold[2] + sold[3]
		if onHand != products*(1000+10*(feeds-1)) || got != want || held != 1 || free != onHand-held-got {
			t.Errorf("on hand %d, free %d, held %d, sold %d; want sold %d", onHand, free, held, got, want)
		}
		t.Logf("%d sold during %d imports", want, feeds)
	})
}
