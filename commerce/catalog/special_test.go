package catalog_test

import (
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// TestSpecialPrices: a price for a time and a community is seen by every way a
// product is found, and by nobody else.
func TestSpecialPrices(t *testing.T) {
	s := newShop(t, databasetest.Open(t, "sqlite"))
	s.imports(`Handle,Title,Type,Option1 Name,Option1 Value,Variant Price,Published
cup,Cup,Ware,Size,Small,10.00,true
cup,,,,Large,15.00,true
bowl,Bowl,Ware,,,20.00,true
`)
	now := s.clock.Now()
	eur := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }
	s.DeclarePrices([]catalog.Special{
		{Brand: "leaf", Product: "cup", Variant: "large", Price: eur(1200), Communities: []commerce.CommunityID{"den"}},
		{Brand: "leaf", Product: "cup", Price: eur(800), From: now.Add(time.Hour), Until: now.Add(2 * time.Hour)},
		{Brand: "leaf", Product: "bowl", Price: commerce.Money{Amount: 2500, Currency: "USD"}, Communities: []commerce.CommunityID{"states"}},
		{Brand: "leaf", Product: "nothing", Price: eur(1)},
	})
	prices := func(community commerce.CommunityID) (small, large, bowl, before commerce.Money) {
		t.Helper()
		snap, err := s.In(t.Context(), community)
		must(t, err)
		cup, _ := snap.ByHandle("leaf", "cup")
		dish, _ := snap.ByHandle("", "bowl")
		for _, list := range [][]*catalog.Product{snap.Products(nil), snap.Search("cup bowl", nil, 9), snap.InCategory(catalog.CategoryID("Ware"), nil)} {
			for _, p := range list {
				if p != cup && p != dish {
					t.Fatalf("%s is another product in a list", p.Handle)
				}
			}
		}
		byID, _ := snap.Product(cup.ID)
		p, v, _ := snap.Variant(cup.Variants[1].ID)
		if byID != cup || p != cup || v.Price != cup.Variants[1].Price {
			t.Fatal("found by id it is another")
		}
		return cup.Variants[0].Price, cup.Variants[1].Price, dish.Variants[0].Price, cup.Variants[1].CompareAt
	}
	want := func(community commerce.CommunityID, small, large, before int64, bowl commerce.Money) {
		t.Helper()
		a, b, c, d := prices(community)
		if a != eur(small) || b != eur(large) || c != bowl || d.Amount != before {
			t.Errorf("%q: small %v large %v (earlier %v) bowl %v", community, a, b, d, c)
		}
	}
	want("", 1000, 1500, 0, eur(2000))
	want("den", 1000, 1200, 1500, eur(2000))
	want("states", 1000, 1500, 0, commerce.Money{Amount: 2500, Currency: "USD"})
	s.clock.Wait(time.Hour)
	want("", 800, 800, 1500, eur(2000))
	want("den", 800, 1200, 1500, eur(2000))
	s.clock.Wait(time.Hour)
	want("", 1000, 1500, 0, eur(2000))
	want("den", 1000, 1200, 1500, eur(2000))
	s.DeclarePrices(nil)
	want("den", 1000, 1500, 0, eur(2000))
}
