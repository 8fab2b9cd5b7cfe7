package catalog_test

import (
	"testing"

	"github.com/soukchat/souk/commerce/catalog"
)

func TestChangesAreTold(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		s.imports(header +
			"tee,Tee,Size,S,TS,shopify,3,deny,10\n" +
			"tee,,,M,TM,shopify,3,deny,10\n" +
			"tee,,,L,TL,,,deny,10\n" +
			"mug,Mug,,,,,,,8\n" +
			"pot,Pot,,,,,,,9\n")
		r := s.imports(header +
			"tee,Best Tee,Size,Small,TS,shopify,5,deny,10\n" +
			"tee,,,M,TM,shopify,3,continue,12.5\n" +
			"tee,,,XL,TX,,,deny,11\n" +
			"pot,Pot,,,,,,,9\n" +
			"cup,Cup,,,,,,,4\n")
		equal(t, "changes", r.Changes, []catalog.Change{
			{Kind: catalog.Changed, Handle: "tee", Title: "Best Tee", What: []string{
				`title "Tee" → "Best Tee"`,
				"Small: was S",
				"M: price 10.00 EUR → 12.50 EUR",
				"XL: new variant, 11.00 EUR",
				"L: no longer sold",
				"Small: stock 3 → 5",
				"M: may be ordered when sold out",
			}},
			{Kind: catalog.Added, Handle: "cup", Title: "Cup"},
			{Kind: catalog.Removed, Handle: "mug", Title: "Mug"},
		})
	})
}

func TestDryRunOfAFirstImport(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		in := catalog.Import{Brand: "new", DryRun: true, Feed: read(t, many(3))}
		r, err := s.Import(t.Context(), in, s.stock)
		if err != nil || r.Added != 3 || len(r.Changes) != 3 {
			t.Errorf("report %+v, %v", r, err)
		}
		in.DryRun = false
		if _, err := s.Import(t.Context(), in, s.stock); err == nil {
			t.Error("the dry run left its brand behind")
		}
	})
}
