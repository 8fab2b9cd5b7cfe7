package catalog_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// column is a column of Shopify's CSV in its old and its new name, and what
// stands in it for a variant; first says that only a product's first row has it.
type column struct {
	old, now string
	first    bool
	value    func(p *catalog.FeedProduct, v *catalog.FeedVariant, new bool) string
}

var columns = []column{
	{"Handle", "URL handle", false, func(p *catalog.FeedProduct, _ *catalog.FeedVariant, _ bool) string { return p.Handle }},
	{"Title", "Title", true, func(p *catalog.FeedProduct, _ *catalog.FeedVariant, _ bool) string { return p.Title }},
	{"Body (HTML)", "Description", true, func(p *catalog.FeedProduct, _ *catalog.FeedVariant, _ bool) string { return asHTML(p.Body) }},
	{"Vendor", "Vendor", true, func(p *catalog.FeedProduct, _ *catalog.FeedVariant, _ bool) string { return p.Vendor }},
	{"Type", "Type", true, func(p *catalog.FeedProduct, _ *catalog.FeedVariant, _ bool) string { return p.Category }},
	{"Tags", "Tags", true, func(p *catalog.FeedProduct, _ *catalog.FeedVariant, _ bool) string { return strings.Join(p.Tags, ", ") }},
	{"Published", "Published on online store", true, func(_ *catalog.FeedProduct, _ *catalog.FeedVariant, n bool) string { return boolean(true, n) }},
	{"Status", "Status", true, func(p *catalog.FeedProduct, _ *catalog.FeedVariant, n bool) string {
		return map[bool]string{true: "draft", false: "active"}[p.Hidden]
	}},
	{"Option1 Name", "Option1 name", true, optionName(0)}, {"Option1 Value", "Option1 value", false, optionValue(0)},
	{"Option2 Name", "Option2 name", true, optionName(1)}, {"Option2 Value", "Option2 value", false, optionValue(1)},
	{"Option3 Name", "Option3 name", true, optionName(2)}, {"Option3 Value", "Option3 value", false, optionValue(2)},
	{"Variant SKU", "SKU", false, func(_ *catalog.FeedProduct, v *catalog.FeedVariant, _ bool) string { return v.SKU }},
	{"Variant Inventory Tracker", "Inventory tracker", false, func(_ *catalog.FeedProduct, v *catalog.FeedVariant, _ bool) string {
		return map[bool]string{true: "shopify"}[v.Stock.Counted]
	}},
	{"Variant Inventory Qty", "Inventory quantity", false, func(_ *catalog.FeedProduct, v *catalog.FeedVariant, _ bool) string {
		return strconv.FormatInt(v.Stock.Quantity, 10)
	}},
	{"Variant Inventory Policy", "Continue selling when out of stock", false, func(_ *catalog.FeedProduct, v *catalog.FeedVariant, n bool) string {
		if n && v.Stock.Quantity%2 == 0 {
			return boolean(v.Stock.Backorder, n)
		}
		return map[bool]string{true: "continue", false: "deny"}[v.Stock.Backorder]
	}},
	{"Variant Price", "Price", false, func(_ *catalog.FeedProduct, v *catalog.FeedVariant, _ bool) string { return v.Price.Decimal() }},
	{"Variant Compare At Price", "Compare-at price", false, func(_ *catalog.FeedProduct, v *catalog.FeedVariant, _ bool) string {
		if v.CompareAt.IsZero() {
			return ""
		}
		return v.CompareAt.Decimal()
	}},
	{"Variant Requires Shipping", "Requires shipping", false, func(_ *catalog.FeedProduct, v *catalog.FeedVariant, n bool) string { return boolean(v.Shipped, n) }},
	{"Variant Taxable", "Charge tax", false, func(_ *catalog.FeedProduct, v *catalog.FeedVariant, n bool) string { return boolean(v.Taxable, n) }},
	{"Variant Image", "Variant image URL", false, func(_ *catalog.FeedProduct, v *catalog.FeedVariant, _ bool) string { return v.Picture }},
	{"Gift Card", "Gift card", true, func(_ *catalog.FeedProduct, _ *catalog.FeedVariant, n bool) string { return boolean(false, n) }},
}

func boolean(b, upper bool) string {
	if upper {
		return strings.ToUpper(strconv.FormatBool(b))
	}
	return strconv.FormatBool(b)
}

func optionName(i int) func(*catalog.FeedProduct, *catalog.FeedVariant, bool) string {
	return func(p *catalog.FeedProduct, _ *catalog.FeedVariant, _ bool) string {
		if i < len(p.Options) {
			return p.Options[i]
		}
		if i == 0 {
			return "Title"
		}
		return ""
	}
}

func optionValue(i int) func(*catalog.FeedProduct, *catalog.FeedVariant, bool) string {
	return func(p *catalog.FeedProduct, v *catalog.FeedVariant, _ bool) string {
		if i < len(v.Values) {
			return v.Values[i]
		}
		if i == 0 && len(p.Options) == 0 {
			return "Default Title"
		}
		return ""
	}
}

// asHTML writes plain text as a shop's editor would.
func asHTML(text string) string {
	if text == "" {
		return ""
	}
	var b strings.Builder
	for _, paragraph := range strings.Split(text, "\n\n") {
		b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br />") + "</p>\n")
	}
	return b.String()
}

// shopifyCSV writes products as Shopify exports them. Pictures stand in the
// rows of the variants, and in rows of their own where there are more.
func shopifyCSV(products []catalog.FeedProduct, now, crlf, mark bool) string {
	var b bytes.Buffer
	if mark {
		b.WriteString("\ufeff")
	}
	w := csv.NewWriter(&b)
	w.UseCRLF = crlf
	head := []string{}
	for _, c := range columns {
		head = append(head, map[bool]string{false: c.old, true: c.now}[now])
	}
	pictures := [][3]string{{"Image Src", "Image Position", "Image Alt Text"}, {"Product image URL", "Image position", "Image alt text"}}
	w.Write(append(head, pictures[map[bool]int{true: 1}[now]][:]...))
	for _, p := range products {
		for i := range max(len(p.Variants), len(p.Pictures)) {
			var fields []string
			for n, c := range columns {
				if n == 0 || i < len(p.Variants) && (i == 0 || !c.first) {
					fields = append(fields, c.value(&p, &p.Variants[min(i, len(p.Variants)-1)], now))
				} else {
					fields = append(fields, "")
				}
			}
			if i < len(p.Pictures) {
				fields = append(fields, p.Pictures[i].Source, strconv.Itoa(i+1), p.Pictures[i].Alt)
			}
			w.Write(fields)
		}
	}
	w.Flush()
	return b.String()
}

// words are texts as they stand in a clean feed: one line, no blanks around it.
func wordsOf(t *rapid.T, name string, least int) string {
	letters := []rune("abcdefghij XYZ0123456789-_.,;:'\"&<>()/%äöüßéñ€–日本")
	s := rapid.StringOfN(rapid.SampledFrom(letters), least, 24, -1).Draw(t, name)
	s = strings.Join(strings.Fields(s), " ")
	if s == "" && least > 0 {
		return "x"
	}
	return s
}

func genProducts(t *rapid.T) []catalog.FeedProduct {
	var products []catalog.FeedProduct
	for i := range rapid.IntRange(1, 6).Draw(t, "products") {
		p := catalog.FeedProduct{
			Handle: fmt.Sprintf("p-%d", i), Title: wordsOf(t, "title", 1), Vendor: wordsOf(t, "vendor", 0),
			Hidden: rapid.Bool().Draw(t, "hidden"),
		}
		// A category's path is told by its last step, and a number is none.
		p.Category = strings.Join(strings.Fields("Kind "+strings.ReplaceAll(wordsOf(t, "category", 1), ">", "")), " ")
		for range rapid.IntRange(0, 3).Draw(t, "paragraphs") {
			p.Body += "\n\n" + wordsOf(t, "line", 1) + "\n" + wordsOf(t, "line", 1)
		}
		p.Body = strings.TrimPrefix(p.Body, "\n\n")
		for range rapid.IntRange(0, 3).Draw(t, "tags") {
			if tag := strings.Trim(strings.ReplaceAll(wordsOf(t, "tag", 1), ",", ""), " "); tag != "" && !slices.Contains(p.Tags, tag) {
				p.Tags = append(p.Tags, tag)
			}
		}
		options := rapid.IntRange(0, 3).Draw(t, "options")
		for n := range options {
			p.Options = append(p.Options, fmt.Sprintf("%s %d", wordsOf(t, "option", 1), n))
		}
		variants := 1
		if options > 0 {
			variants = rapid.IntRange(1, 5).Draw(t, "variants")
		}
		for n := range variants {
			v := catalog.FeedVariant{
				SKU: rapid.SampledFrom([]string{"", fmt.Sprintf("S-%d-%d", i, n), "same"}).Draw(t, "sku"), Price: euro(rapid.Int64Range(0, 1e9).Draw(t, "price")),
				Shipped: rapid.Bool().Draw(t, "shipped"), Taxable: rapid.Bool().Draw(t, "taxable"),
				Picture: rapid.SampledFrom([]string{"", "https://example.com/v.jpg"}).Draw(t, "own picture"),
			}
			if rapid.Bool().Draw(t, "reduced") {
				v.CompareAt = euro(v.Price.Amount + rapid.Int64Range(1, 1e6).Draw(t, "more"))
			}
			for o := range options {
				v.Values = append(v.Values, fmt.Sprintf("%s %d", wordsOf(t, "value", 1), n*10+o))
			}
			if rapid.Bool().Draw(t, "counted") {
				v.Stock = catalog.FeedStock{Counted: true, Backorder: rapid.Bool().Draw(t, "backorder"), Quantity: rapid.Int64Range(0, 1000).Draw(t, "quantity")}
				if v.Stock.Backorder {
					v.Stock.Quantity -= 500
				}
			}
			p.Variants = append(p.Variants, v)
		}
		for n := range rapid.IntRange(0, 4).Draw(t, "pictures") {
			p.Pictures = append(p.Pictures, catalog.Picture{Source: fmt.Sprintf("https://example.com/%d-%d.jpg?v=1,2", i, n), Alt: wordsOf(t, "alt", 0)})
		}
		products = append(products, p)
	}
	return products
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := genProducts(t)
		for _, now := range []bool{false, true} {
			text := shopifyCSV(want, now, rapid.Bool().Draw(t, "CRLF"), rapid.Bool().Draw(t, "mark"))
			f, err := catalog.ReadFeed(strings.NewReader(text), "feed.csv", "EUR")
			if err != nil {
				t.Fatalf("%v in:\n%s", err, text)
			}
			if diff := cmp.Diff(want, f.Products, sameFeed); diff != "" || len(f.Problems) > 0 {
				t.Fatalf("problems %v (-written +read):\n%s\nfrom:\n%s", f.Problems, diff, text)
			}
		}
	})
}

// TestImportsInAnyOrderEndAlike imports two feeds one after the other and
// holds the catalogue to the second: whatever the first was, what is for sale
// is what the second says, and the counts add up.
func TestImportsInAnyOrderEndAlike(t *testing.T) {
	for _, engine := range databasetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			s := newShop(t, databasetest.Open(t, engine))
			rapid.Check(t, func(rt *rapid.T) {
				first, second := genProducts(rt), genProducts(rt)
				a, err := s.Import(t.Context(), catalog.Import{Brand: "leaf", Feed: &catalog.Feed{Products: first}}, s.stock)
				if err != nil {
					rt.Fatal(err)
				}
				b, err := s.Import(t.Context(), catalog.Import{Brand: "leaf", Feed: &catalog.Feed{Products: second}}, s.stock)
				if err != nil {
					rt.Fatal(err)
				}
				for _, r := range []catalog.Report{a, b} {
					if r.Products != r.Added+r.Changed+r.Unchanged {
						rt.Fatalf("the counts do not add up: %+v", r)
					}
				}
				if want := max(0, len(first)-len(second)); b.Removed != want {
					rt.Fatalf("removed %d, want %d", b.Removed, want)
				}
				snap := s.now()
				var visible []catalog.FeedProduct
				for _, p := range second {
					if !p.Hidden {
						visible = append(visible, p)
					}
				}
				got := snap.Products([]commerce.BrandID{"leaf"})
				if len(got) != len(visible) {
					rt.Fatalf("%d products for sale, want %d", len(got), len(visible))
				}
				free := s.free()
				for i, p := range visible {
					holds(rt, free, got[i], p)
				}
				again, err := s.Import(t.Context(), catalog.Import{Brand: "leaf", Feed: &catalog.Feed{Products: second}}, s.stock)
				if err != nil || again.Unchanged != len(second) || again.Removed != 0 {
					rt.Fatalf("the same again: %+v, %v", again, err)
				}
			})
		})
	}
}

// free is what SQL says is free of each counted variant.
func (s *shop) free() map[commerce.VariantID]int64 {
	free := map[commerce.VariantID]int64{}
	must(s.t, s.db.Read(s.t.Context(), func(tx *database.Tx) error {
		return tx.Rows("SELECT variant_id, free FROM stock", nil, func(scan func(...any) error) error {
			var v commerce.VariantID
			var n int64
			err := scan(&v, &n)
			free[v] = n
			return err
		})
	}))
	return free
}

// holds compares a product of the catalogue with that of a feed.
func holds(t *rapid.T, free map[commerce.VariantID]int64, got *catalog.Product, want catalog.FeedProduct) {
	if got.Handle != want.Handle || got.Title != want.Title || got.Body != want.Body || got.Category != want.Category ||
		len(got.Variants) != len(want.Variants) || !slices.Equal(got.Pictures, want.Pictures) || !slices.Equal(got.Options, want.Options) {
		t.Fatalf("got %+v\nwant %+v", got, want)
	}
	for i, v := range want.Variants {
		g := got.Variants[i]
		if g.SKU != v.SKU || g.Price != v.Price || g.CompareAt != v.CompareAt || g.Shipped != v.Shipped || !slices.Equal(g.Values, v.Values) || g.Hidden {
			t.Fatalf("got %+v\nwant %+v", g, v)
		}
		n, counted := free[g.ID]
		if counted != v.Stock.Counted || n != v.Stock.Quantity {
			t.Fatalf("%s %s: stock %v, %v; want %+v", got.Handle, g.Label(), n, counted, v.Stock)
		}
	}
}

func FuzzReadFeed(f *testing.F) {
	for _, name := range []string{"shopify-old.csv", "shopify-new.csv", "google.tsv", "google.xml"} {
		f.Add(fixture(f, name))
	}
	f.Add("Handle,Title,Variant Price\r\na,\"A\r\n\",1\r\n")
	f.Add("\xff\xfeH\x00a\x00")
	f.Add("id\ttitle\tprice\n1\t\"x\t1\n")
	f.Fuzz(func(t *testing.T, text string) {
		feed, err := catalog.ReadFeed(strings.NewReader(text), "feed", "EUR")
		if err != nil {
			if commerce.KindOf(err) != commerce.Invalid {
				t.Errorf("kind of %v", err)
			}
			return
		}
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 1
		handles := map[string]bool{}
		for _, p := range feed.Products {
			if p.Handle == "" || p.Title == "" || len(p.Variants) == 0 || len(p.Options) > 3 || handles[p.Handle] || strings.ContainsAny(p.Title+p.Handle, "\x00\n\r\t") {
				t.Errorf("product %+v", p)
			}
			handles[p.Handle] = true
			labels := map[string]bool{}
			for _, v := range p.Variants {
				label := strings.Join(v.Values, "\x00")
				if v.Price.Amount < 0 || v.Price.Currency != "EUR" || len(v.Values) != len(p.Options) || labels[label] || v.Line < 1 || v.Line > lines {
					t.Errorf("variant %+v of %+v", v, p)
				}
				labels[label] = true
			}
		}
		for _, p := range feed.Problems {
			if p.Line < 1 || p.Line > lines || p.Message == "" {
				t.Errorf("problem %+v of %d lines", p, lines)
			}
		}
	})
}
