package catalog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding/unicode"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
)

func euro(cents int64) commerce.Money { return commerce.Money{Amount: cents, Currency: "EUR"} }

// sameFeed compares feeds but for their lines.
var sameFeed = cmp.Options{
	cmpopts.IgnoreFields(catalog.FeedProduct{}, "Line"), cmpopts.IgnoreFields(catalog.FeedVariant{}, "Line"),
	cmpopts.IgnoreFields(catalog.Problem{}, "Line"), cmpopts.EquateEmpty(),
}

func TestBothHeaderGenerationsSayTheSame(t *testing.T) {
	old, now := read(t, fixture(t, "shopify-old.csv")), read(t, fixture(t, "shopify-new.csv"))
	if diff := cmp.Diff(old, now, sameFeed); diff != "" {
		t.Errorf("(-old +new):\n%s", diff)
	}
}

func TestGoogleFeeds(t *testing.T) {
	tee := catalog.FeedProduct{
		Handle: "tee", Title: "Field Tee", Body: "Soft cotton.", Vendor: "Leaf", Category: "Tees", Options: []string{"Color", "Size"},
		Pictures: []catalog.Picture{{Source: "https://example.com/tee-red.jpg"}, {Source: "https://example.com/a.jpg"},
			{Source: "https://example.com/b.jpg"}, {Source: "https://example.com/tee-blue.jpg"}},
		Variants: []catalog.FeedVariant{
			{SKU: "TEE-R-S", Values: []string{"Red", "S"}, Price: euro(1500), CompareAt: euro(2000), Shipped: true, Taxable: true,
				Picture: "https://example.com/tee-red.jpg", Stock: catalog.FeedStock{Counted: true, Quantity: 4}},
			{SKU: "TEE-R-M", Values: []string{"Red", "M"}, Price: euro(2000), Shipped: true, Taxable: true,
				Picture: "https://example.com/tee-red.jpg", Stock: catalog.FeedStock{Counted: true}},
			{SKU: "TEE-B-S", Values: []string{"Blue", "S"}, Price: euro(2000), Shipped: true, Taxable: true,
				Picture: "https://example.com/tee-blue.jpg", Stock: catalog.FeedStock{Counted: true, Backorder: true}},
		},
	}
	screen := catalog.FeedProduct{
		Handle: "SCREEN", Title: `"Best" 27" Screen`, Body: `A screen, "big".`, Vendor: "Leaf", Category: "Screens",
		Pictures: []catalog.Picture{{Source: "https://example.com/s.jpg"}},
		Variants: []catalog.FeedVariant{{SKU: "SCREEN", Price: euro(19900), Shipped: true, Taxable: true}},
	}
	for _, name := range []string{"google.tsv", "google.xml"} {
		f := read(t, fixture(t, name))
		if diff := cmp.Diff([]catalog.FeedProduct{tee, screen}, f.Products, sameFeed); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		lines := map[string][2]int{"google.tsv": {6, 7}, "google.xml": {37, 38}}[name]
		equal(t, name, f.Problems, []catalog.Problem{
			{Line: lines[0], Message: `DOLLAR: price: "9.00 USD" is not in the shop's currency, EUR; skipped`},
			{Line: lines[1], Message: "NOPRICE: no price; skipped"},
		})
	}
}

// TestLines says that a problem names the line on which its row begins.
func TestLines(t *testing.T) {
	for name, c := range map[string]struct {
		feed string
		want []int
	}{
		"plain":            {"Handle,Title,Variant Price\na,A,1\nb,B,\nc,C,x\n", []int{3, 4}},
		"no last newline":  {"Handle,Title,Variant Price\na,A,1\nb,B,", []int{3}},
		"CRLF":             {"Handle,Title,Variant Price\r\na,A,1\r\nb,B,\r\n", []int{3}},
		"old Mac":          {"Handle,Title,Variant Price\ra,A,1\rb,B,\r", []int{3}},
		"byte-order mark":  {"\xef\xbb\xbfHandle,Title,Variant Price\na,A,1\nb,B,\n", []int{3}},
		"empty lines":      {"\n\nHandle,Title,Variant Price\n\na,A,1\n\nb,B,\n", []int{7}},
		"quoted newlines":  {"Handle,Title,Body (HTML),Variant Price\na,A,\"x\ny\nz\",1\nb,\"B\nB\",,\nc,C,,\n", []int{5, 7}},
		"quoted CRLF":      {"Handle,Title,Body (HTML),Variant Price\r\na,A,\"x\r\ny\",1\r\nb,B,,\r\n", []int{4}},
		"newline in names": {"Handle,Title,\"Body\n(HTML)\",Variant Price\na,A,,1\nb,B,,\n", []int{4}},
		"semicolons":       {"Handle;Title;Variant Price\na;A;1,50\nb;B;\n", []int{3}},
		"bare quotes":      {"Handle,Title,Variant Price\na,27\" screen,1\nb,B,\n", []int{3}},
	} {
		f := read(t, c.feed)
		var got []int
		for _, p := range f.Problems {
			got = append(got, p.Line)
		}
		equal(t, name, got, c.want)
		if len(f.Products) != 1 {
			t.Errorf("%s: %d products, want 1", name, len(f.Products))
		}
	}
}

func TestEncodings(t *testing.T) {
	const feed = "Handle,Title,Variant Price\nhut,Grüner Hut – 5 €,1\n"
	utf16 := func(order unicode.Endianness) string {
		s, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String(feed)
		must(t, err)
		return s
	}
	for name, s := range map[string]string{
		"UTF-8": feed, "UTF-8 with mark": "\ufeff" + feed,
		"UTF-16 little": utf16(unicode.LittleEndian), "UTF-16 big": utf16(unicode.BigEndian),
		"Windows-1252": strings.NewReplacer("ü", "\xfc", "–", "\x96", "€", "\x80").Replace(feed),
		"tabs":         strings.ReplaceAll(feed, ",", "\t"),
	} {
		f := read(t, s)
		if len(f.Products) != 1 || f.Products[0].Title != "Grüner Hut – 5 €" {
			t.Errorf("%s: %+v", name, f.Products)
		}
	}
	f := read(t, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><rss><channel><item><id>1</id><title>Gr\xfcn</title><price>1 EUR</price></item></channel></rss>")
	if len(f.Products) != 1 || f.Products[0].Title != "Grün" {
		t.Errorf("ISO-8859-1 in XML: %+v", f.Products)
	}
}

func TestShopifyRows(t *testing.T) {
	for name, c := range map[string]struct {
		feed     string
		titles   string // products with their variants' labels
		problems []string
	}{
		"default title is no option": {header + "a,A,Title,Default Title,,,,,1\n", "A()", nil},
		"rows out of order":          {header + "a,A,Size,S,,,,,1\nb,B,,,,,,,1\na,,,M,,,,,1\n", "A(S,M) B()", nil},
		"title further down":         {header + "a,,,S,,,,,1\na,A,Size,M,,,,,1\n", "A(S,M)", nil},
		"handle left out":            {header + "a,A,Size,S,,,,,1\n,,,M,,,,,1\n", "A(S,M)", nil},
		"handle of the title":        {header + ",Grüner Hut,,,,,,,1\n", "Grüner Hut()", nil},
		"nothing at all":             {header + ",,,,,,,,\na,A,,,,,,,1\n,,,,,,,,\n", "A()", nil},
		"no handle, no title":        {header + ",,,,X1,,,,1\na,A,,,,,,,1\n", "A()", []string{"2: no handle and no title; skipped"}},
		"no title":                   {header + "a,,,,,,,,1\nb,B,,,,,,,1\n", "B()", []string{"2: a: no title; skipped"}},
		"same options":               {header + "a,A,Size,S,S1,,,,1\na,,,M,,,,,1\na,,,s,S2,,,,1\n", "A(S,M)", []string{"4: a: the same options as line 2 (s); skipped"}},
		"same, no options":           {header + "a,A,,,S1,,,,1\na,,,,S2,,,,1\n", "A()", []string{"3: a: the same options as line 2 (no options); skipped"}},
		"option without a name":      {header + "a,A,,Red,,,,,1\na,,,Blue,,,,,1\n", "A(Red,Blue)", nil},
		"product row, then variants": {header + "a,A,Size,,,,,,\na,,,S,,,,,1\n", "A(S)", nil},
		"free":                       {header + "a,A,,,,,,,0\nb,B,,,,,,,0.00\n", "A() B()", nil},
		"prices": {header + "a,A,,,,,,,\"1,299.00\"\nb,B,,,,,,,\"12,50\"\nc,C,,,,,,,.99\nd,D,,,,,,, 7 \ne,E,,,,,,,1.005\nf,F,,,,,,,-1\ng,G,,,,,,,\"1,299\"\nh,H,,,,,,,99999999999999999999\n",
			"A() B() C() D()", []string{
				`6: e: price: "1.005" has more decimals than EUR takes (2); skipped`,
				`7: f: price: "-1" is less than nothing; skipped`,
				`8: g: price: "1,299" is not an amount, write it as 12.50; skipped`,
				`9: h: price: "99999999999999999999" is not an amount, write it as 12.50; skipped`,
			}},
		"quantities": {header + "a,A,,,,shopify,many,deny,1\nb,B,,,,shopify,3.0,deny,1\nc,C,,,,shopify,,deny,1\n", "A() B() C()",
			[]string{`2: a: quantity: "many" is not a number of units; taken as 0`}},
		"short rows":   {"Handle,Title,Variant Price,Vendor\na,A,1\nb,B\n", "A()", []string{"3: b: no price; skipped"}},
		"long rows":    {"Handle,Title,Variant Price\na,A,1,x,y\n", "A()", nil},
		"other words":  {"HANDLE, title ,Variant  price\na,A,1\n", "A()", nil},
		"extra column": {"Handle,Title,Variant Price,Price / International,Handle\na,A,1,999,zzz\n", "A()", nil},
	} {
		f := read(t, c.feed)
		var got []string
		for _, p := range f.Products {
			var labels []string
			for _, v := range p.Variants {
				labels = append(labels, strings.Join(v.Values, "/"))
			}
			got = append(got, p.Title+"("+strings.Join(labels, ",")+")")
		}
		equal(t, name, strings.Join(got, " "), c.titles)
		var problems []string
		for _, p := range f.Problems {
			problems = append(problems, fmt.Sprintf("%d: %s", p.Line, p.Message))
		}
		equal(t, name+": problems", problems, c.problems)
	}
}

func TestWhatIsNotForSale(t *testing.T) {
	f := read(t, "Handle,Title,Published,Status,Variant Price,Gift Card\n"+
		"a,A,true,active,1,false\nb,B,FALSE,active,1,\nc,C,TRUE,draft,1,\nd,D,TRUE,Archived,1,\ne,E,,,1,\nf,F,true,Active,1,true\n")
	got := ""
	for _, p := range f.Products {
		got += fmt.Sprintf("%s:%v ", p.Handle, p.Hidden)
	}
	equal(t, "hidden", got, "a:false b:true c:true d:true e:false ")
	equal(t, "problems", f.Problems, []catalog.Problem{{Line: 7, Message: "f: a gift card is not sold here; skipped"}})
}

func TestPicturesOfAFeed(t *testing.T) {
	const feed = "Handle,Title,Variant Price,Image Src,Image Position,Variant Image\n" +
		"a,A,1,https://example.com/2.jpg,2,\n" +
		"a,,,HTTPS://example.com/1.jpg,1,\n" +
		"a,,,https://example.com/2.jpg,3,\n" +
		"a,,,//cdn.example.com/3.jpg,3,\n" +
		"a,,,pictures/4.jpg,4,\n" +
		"a,,,../secret.jpg,5,\n" +
		"a,,,/etc/passwd,6,\n" +
		"a,,,file:///etc/passwd,7,\n" +
		"a,,,data:image/png;base64,8,\n"
	for name, want := range map[string][]string{
		"/shop/feed.csv": {"https://example.com/1.jpg", "https://example.com/2.jpg", "https://cdn.example.com/3.jpg", "/shop/pictures/4.jpg"},
		"https://leaf.example/export/feed.csv": {"https://example.com/1.jpg", "https://example.com/2.jpg", "https://cdn.example.com/3.jpg",
			"https://leaf.example/export/pictures/4.jpg", "https://leaf.example/secret.jpg", "https://leaf.example/etc/passwd"},
	} {
		f, err := catalog.ReadFeed(strings.NewReader(feed), name, "EUR")
		must(t, err)
		var got []string
		for _, p := range f.Products[0].Pictures {
			got = append(got, p.Source)
		}
		equal(t, name, got, want)
		if len(got)+len(f.Problems) != 8 {
			t.Errorf("%s: %d pictures and %d problems of 8: %v", name, len(got), len(f.Problems), f.Problems)
		}
	}
}

func TestFeedsThatCannotBeTrusted(t *testing.T) {
	for name, c := range map[string]struct{ feed, want string }{
		"empty":         {"", "the file is empty"},
		"blank":         {"\ufeff \r\n\n", "the file is empty"},
		"a text":        {"Hello\nworld\n", "neither a Shopify product CSV nor a Google Merchant feed"},
		"header only":   {header, "no rows below its first line"},
		"no prices":     {"Handle,Title\na,A\n", "no column Variant Price or Price"},
		"no titles":     {"Handle,Variant Price\na,1\n", "no column Title"},
		"open quote":    {"Handle,Title,Variant Price\na,A,1\nb,\"B,2\nc,C,3\n", "line 3: a quotation mark is opened and never closed"},
		"no xml feed":   {"<html><body>Not found</body></html>", "not a product feed"},
		"xml cut off":   {fixture(t, "google.xml")[:1500], "cut off or damaged"},
		"xml, no items": {"<rss><channel></channel></rss>", "no rows"},
		"binary":        {"PK\x03\x04\x00\x00", "neither"},
	} {
		_, err := catalog.ReadFeed(strings.NewReader(c.feed), "feed.csv", "EUR")
		if err == nil || !strings.Contains(err.Error(), c.want) || commerce.KindOf(err) != commerce.Invalid {
			t.Errorf("%s: err = %v, want %q", name, err, c.want)
		}
	}
	if _, err := catalog.ReadFeed(strings.NewReader(header+"a,A,,,,,,,1\n"), "feed.csv", "EURO"); err == nil {
		t.Error("a currency that is none")
	}
	yen, err := catalog.ReadFeed(strings.NewReader(header+"a,A,,,,,,,1200.00\n"), "feed.csv", "JPY")
	if err != nil || yen.Products[0].Variants[0].Price != (commerce.Money{Amount: 1200, Currency: "JPY"}) {
		t.Errorf("yen: %+v, %v", yen, err)
	}
}

func TestSaleForSomeDays(t *testing.T) {
	each(t, func(t *testing.T, s *shop) {
		feed := "id\ttitle\tprice\tsale_price\tsale_price_effective_date\n" +
			"a\tA\t20.00 EUR\t15.00 EUR\t2026-03-01T00:00+0100/2026-03-03T00:00+0100\n" +
			"b\tB\t20.00 EUR\t25.00 EUR\t\n" +
			"c\tC\tEUR 20\t15 EUR\tsoon\n"
		prices := func() (got []commerce.Money) {
			for _, p := range s.now().Products(nil) {
				got = append(got, p.Variants[0].Price, p.Variants[0].CompareAt)
			}
			return got
		}
		r := s.imports(feed)
		equal(t, "problems", r.Problems, []catalog.Problem{{Line: 4,
			Message: `c: sale price effective date: "soon" is not two times with a / between them; the sale is left out`}})
		none := commerce.Money{}
		equal(t, "during", prices(), []commerce.Money{euro(1500), euro(2000), euro(2000), none, euro(2000), none})
		s.clock.Wait(48 * time.Hour)
		if r := s.imports(feed); r.Changed != 1 {
			t.Errorf("afterwards: %+v", r)
		}
		equal(t, "afterwards", prices(), []commerce.Money{euro(2000), none, euro(2000), none, euro(2000), none})
	})
}

// TestRealFeeds reads two stores' exports as Shopify publishes them. They lie
// beside the repository of the project's founders, and are no part of it.
func TestRealFeeds(t *testing.T) {
	for name, want := range map[string][2]int{"apparel.csv": {20, 22}, "home-and-garden.csv": {20, 21}} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", name))
			if err != nil {
				t.Skipf("NOT RUN: %v", err)
			}
			f := read(t, string(data))
			variants := 0
			for _, p := range f.Products {
				variants += len(p.Variants)
			}
			if got := [2]int{len(f.Products), variants}; got != want || len(f.Problems) > 0 {
				t.Errorf("%d products and variants, want %d; problems %v", got, want, f.Problems)
			}
			for _, p := range f.Products {
				if p.Category == "" || p.Body == "" || len(p.Pictures) == 0 || p.Hidden || strings.Contains(p.Body, "<") {
					t.Errorf("%+v", p)
				}
			}
		})
	}
}
