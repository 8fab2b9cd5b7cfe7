package catalog_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/stock"
)

// shop is a catalogue on an engine, with the brands leaf and clay.
type shop struct {
	t     testing.TB
	db    *database.DB
	clock *clocktest.Clock
	*catalog.Catalog
	stock *stock.Stock
}

func newShop(t testing.TB, db *database.DB) *shop {
	c := clocktest.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	s := &shop{t, db, c, catalog.New(db, c), stock.New(db, c)}
	must(t, s.DeclareBrands(t.Context(), []catalog.Brand{{ID: "leaf", Name: "Leaf"}, {ID: "clay", Name: "Clay & Co"}}))
	return s
}

func each(t *testing.T, run func(t *testing.T, s *shop)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) { run(t, newShop(t, db)) })
}

func (s *shop) imports(feed string) catalog.Report {
	s.t.Helper()
	return s.importsFor("leaf", feed)
}

func (s *shop) importsFor(brand commerce.BrandID, feed string) catalog.Report {
	s.t.Helper()
	r, err := s.Import(s.t.Context(), catalog.Import{Brand: brand, File: "feed.csv", Feed: read(s.t, feed)}, s.stock)
	must(s.t, err)
	return r
}

func (s *shop) now() *catalog.Snapshot {
	s.t.Helper()
	snap, err := s.Snapshot(s.t.Context())
	must(s.t, err)
	return snap
}

// level is what SQL says of a variant's stock: on hand, free, held, sold.
func (s *shop) level(v commerce.VariantID) (n [4]int64, counted bool) {
	s.t.Helper()
	must(s.t, s.db.Read(s.t.Context(), func(tx *database.Tx) error {
		err := tx.Row("SELECT on_hand, free, held, sold FROM stock WHERE variant_id = $1", v).Scan(&n[0], &n[1], &n[2], &n[3])
		if err == database.ErrNone {
			return nil
		}
		counted = err == nil
		return err
	}))
	return n, counted
}

func read(t testing.TB, feed string) *catalog.Feed {
	t.Helper()
	f, err := catalog.ReadFeed(strings.NewReader(feed), "feed.csv", "EUR")
	must(t, err)
	return f
}

func fixture(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	must(t, err)
	return string(data)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(catalog.Report{}, "Changes")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func titles(products []*catalog.Product) []string {
	var out []string
	for _, p := range products {
		out = append(out, p.Title)
	}
	return out
}

func TestSnapshotOfAnImport(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		r := s.imports(fixture(t, "shopify-old.csv"))
		equal(t, "report", r, catalog.Report{Products: 4, Variants: 6, Added: 4, Problems: []catalog.Problem{
			{Line: 9, Message: "mug (Blue): no price; skipped"},
			{Line: 12, Message: "voucher: a gift card is not sold here; skipped"},
		}})
		snap := s.now()
		equal(t, "products", titles(snap.Products(nil)), []string{"Clay Plant Pot", "Mug", "Linen Napkin"})
		equal(t, "categories", snap.Categories(nil), []catalog.Category{
			{ID: commerce.PublicID("category", "kitchen"), Name: "Kitchen", Count: 2},
			{ID: commerce.PublicID("category", "outdoor"), Name: "Outdoor", Count: 1},
		})
		pot, ok := snap.ByHandle("leaf", "clay-plant-pot")
		if !ok {
			t.Fatal("no pot")
		}
		equal(t, "body", pot.Body, "Classic blown clay pot & saucer.\n\nFor plants:\n• big\n• small")
		equal(t, "tags", pot.Tags, []string{"Pot", "Plants"})
		equal(t, "options", pot.Options, []string{"Size", "Color"})
		equal(t, "pictures", pot.Pictures, []catalog.Picture{{Source: "https://example.com/pot.jpg", Alt: "A pot"}, {Source: "https://example.com/pot2.jpg"}})
		large := pot.Variants[1]
		equal(t, "label", large.Label(), "Large / Terracotta")
		equal(t, "price", []commerce.Money{large.Price, large.CompareAt}, []commerce.Money{{Amount: 1599, Currency: "EUR"}, {Amount: 1999, Currency: "EUR"}})
		p, v, ok := snap.Variant(large.ID)
		if !ok || p != pot || v.SKU != "POT-L" {
			t.Errorf("Variant(%s) = %v, %v, %v", large.ID, p, v, ok)
		}
		draft, ok := snap.Product(commerce.ProductID(commerce.PublicID("product", "leaf", "secret-vase")))
		if !ok || !draft.Hidden || !draft.Variants[0].Hidden {
			t.Errorf("the draft: %+v, %v", draft, ok)
		}
	})
}

func TestStockAsShopifyMeansIt(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.imports(fixture(t, "shopify-old.csv"))
		for _, c := range []struct {
			handle    string
			variant   int
			counted   bool
			free      int64
			backorder bool
		}{
			{"clay-plant-pot", 0, true, 4, false},
			{"clay-plant-pot", 1, true, 0, true},
			{"mug", 0, false, 0, false},
			{"linen-napkin", 0, true, 0, false}, // below zero in Shopify
		} {
			p, _ := s.now().ByHandle("leaf", c.handle)
			levels, err := s.stock.Levels(t.Context())
			must(t, err)
			got := levels[p.Variants[c.variant].ID]
			equal(t, c.handle, got, stock.Level{Counted: c.counted, Free: c.free, Backorder: c.backorder})
		}
	})
}

func TestSnapshotSeesOtherProcesses(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		other := catalog.New(s.db, s.clock)
		s.imports(fixture(t, "shopify-old.csv"))
		first, err := other.Snapshot(t.Context())
		must(t, err)
		s.imports("Handle,Title,Variant Price\nmug,Better Mug,5\n")
		if got := titles(s.now().Products(nil)); !cmp.Equal(got, []string{"Better Mug"}) {
			t.Errorf("own change not seen at once: %q", got)
		}
		if now, err := other.Snapshot(t.Context()); err != nil || now != first {
			t.Errorf("asked again within a second: %v", err)
		}
		s.clock.Wait(time.Second)
		now, err := other.Snapshot(t.Context())
		must(t, err)
		equal(t, "products", titles(now.Products(nil)), []string{"Better Mug"})
		s.clock.Wait(time.Second)
		if again, _ := other.Snapshot(t.Context()); again != now {
			t.Error("read again though nothing changed")
		}
	})
}

func TestSnapshotOutlivesTheDatabase(t *testing.T) {
	s := newShop(t, databasetest.Open(t, "sqlite"))
	before := s.now()
	s.db.Close()
	s.clock.Wait(time.Minute)
	if now, err := s.Snapshot(t.Context()); err != nil || now != before {
		t.Errorf("snapshot %v, %v; want the last one", now, err)
	}
	if _, err := catalog.New(s.db, s.clock).Snapshot(t.Context()); err == nil {
		t.Error("a first snapshot without a database")
	}
}

func TestDeclareBrands(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.imports(fixture(t, "shopify-old.csv"))
		s.importsFor("clay", "Handle,Title,Variant Price\nmug,Clay Mug,5\n")
		equal(t, "brands", s.now().Brands(), []catalog.Brand{{ID: "clay", Name: "Clay & Co"}, {ID: "leaf", Name: "Leaf"}})
		equal(t, "one brand", titles(s.now().Products([]commerce.BrandID{"clay"})), []string{"Clay Mug"})
		if p, ok := s.now().ByHandle("", "mug"); !ok || p.Brand != "clay" || p.BrandName != "Clay & Co" {
			t.Errorf("mug of any brand: %+v", p)
		}
		must(t, s.DeclareBrands(t.Context(), []catalog.Brand{{ID: "clay", Name: "Clay"}}))
		equal(t, "brands", s.now().Brands(), []catalog.Brand{{ID: "clay", Name: "Clay"}})
		equal(t, "products", titles(s.now().Products(nil)), []string{"Clay Mug"})
		must(t, s.DeclareBrands(t.Context(), []catalog.Brand{{ID: "leaf", Name: "Leaf"}}))
		equal(t, "products", titles(s.now().Products(nil)), []string{"Clay Plant Pot", "Mug", "Linen Napkin"})
	})
}

func TestImportOfUnknownBrand(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		_, err := s.Import(t.Context(), catalog.Import{Brand: "nobody", Feed: read(t, "Handle,Title,Variant Price\na,A,1\n")}, s.stock)
		if !errors.Is(err, catalog.ErrNoBrand) {
			t.Errorf("err = %v", err)
		}
	})
}
