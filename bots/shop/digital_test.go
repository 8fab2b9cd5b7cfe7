package shop_test

import (
	"strings"
	"testing"

	"github.com/soukchat/souk/bots/shop"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
)

// TestNoDigital: where digital goods may not be sold, what is not shipped is
// not offered, unless its brand calls it a service; a product of which only one
// variant is not shipped is not offered either.
func TestNoDigital(t *testing.T) {
	each(t, func(w *world) {
		w.must(w.catalog.DeclareBrands(w.ctx, []catalog.Brand{{ID: "acme", Name: "Acme"}, {ID: "press", Name: "Press"}}))
		f, err := catalog.ReadFeed(strings.NewReader(header+
			"print,Atlas print,,Press,Title,Default Title,,,P,,0,deny,9.00,,true,true,true\n"+
			"pdf,Atlas file,,Press,Title,Default Title,,,F,,0,deny,5.00,,false,true,true\n"+
			"tour,Atlas tour,,Press,Title,Default Title,,,T,,0,deny,15.00,,false,true,true\n"+
			"both,Atlas set,,Press,Form,Print,,,B1,,0,deny,19.00,,true,true,true\n"+
			"both,,,,,File,,,B2,,0,deny,12.00,,false,true,\n"), "press.csv", "EUR")
		w.must(err)
		_, err = w.catalog.Import(w.ctx, catalog.Import{Brand: "press", File: "press.csv", Feed: f}, w.stock)
		w.must(err)
		ann := w.person("ann")
		ann.do("search", "atlas")
		ann.sees("Atlas print", "Atlas file", "Atlas tour", "Atlas set")
		w.configure(shop.Settings{NoDigital: map[string]bool{"bot": true}, Services: map[commerce.BrandID][]string{"press": {"tour"}}})
		ann.do("search", "atlas")
		ann.sees("Atlas print", "Atlas tour")
		ann.misses("Atlas file")
		ann.misses("Atlas set")
		goods, err := w.catalog.Snapshot(w.ctx)
		w.must(err)
		pdf, _ := goods.ByHandle("press", "pdf")
		ann.do("cart add " + string(pdf.Variants[0].ID))
		ann.do("cart")
		ann.misses("Atlas file —")
	})
}
