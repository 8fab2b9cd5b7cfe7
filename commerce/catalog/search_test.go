package catalog_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

const searched = "Handle,Title,Body (HTML),Vendor,Type,Tags,Option1 Name,Option1 Value,Variant SKU,Variant Price\n" +
	"regenjacke,Regenjacke,\"Hält trocken, auch im Sturm.\",Nord,Jacken,\"Herren, Outdoor\",Größe,M,RJ-100,80\n" +
	"regenjacke,,,,,,,L,RJ-101,80\n" +
	"denim,Denim Jacket,\"Blue cotton, with a warm collar.\",West,Jackets,women,,,DJ-7,60\n" +
	"tasche,Häkeltasche,\"Für den Strand. Passt zur Regenjacke.\",Süd,Taschen,,,,,20\n" +
	"kleid,Sommerkleid „Straße“,Leicht und luftig.,Süd,Kleider,,Farbe,Rot,,50\n" +
	"mug,Café Mug,\"For tea and coffee, holds 0.3 l.\",Clay & Co,Kitchen,gift,,,MUG-1,9\n" +
	"mug2,Travel Mug,Holds your drink for the road.,Clay & Co,Kitchen,gift,,,MUG-2,12\n" +
	"candle,Vanilla Candle,Scented. A gift for a mug lover.,Wick,Home,,,,,15\n"

func TestSearch(t *testing.T) {
	s := newShop(t, databasetest.Open(t, "sqlite"))
	s.imports(searched)
	for query, want := range map[string]string{
		"regenjacke":            "Regenjacke, Häkeltasche", // the title before the text
		"REGENJACKE":            "Regenjacke, Häkeltasche",
		"regen":                 "Regenjacke, Häkeltasche",               // unfinished
		"jacke":                 "Denim Jacket, Regenjacke, Häkeltasche", // a beginning before a part
		"regnejacke":            "Regenjacke, Häkeltasche",               // two letters swapped
		"regnejackke":           "Regenjacke, Häkeltasche",               // two errors in a long word
		"jaket":                 "Denim Jacket",                          // a letter missing
		"jackets":               "Denim Jacket",
		"denmi jacket":          "Denim Jacket",
		"hakeltasche":           "Häkeltasche", // accents
		"HÄKEL":                 "Häkeltasche",
		"haekeltasche":          "Häkeltasche",
		"strasse":               "Sommerkleid „Straße“",
		"straße":                "Sommerkleid „Straße“",
		"kleid":                 "Sommerkleid „Straße“",
		"kleider":               "Sommerkleid „Straße“",
		"cafe":                  "Café Mug",
		"café mug":              "Café Mug",
		"mug":                   "Café Mug, Travel Mug, Vanilla Candle",
		"mug gift":              "Café Mug, Travel Mug, Vanilla Candle",
		"mugs":                  "Café Mug, Travel Mug, Vanilla Candle",
		"a mug for coffee":      "Café Mug",
		"rot":                   "Sommerkleid „Straße“",
		"rj-101":                "Regenjacke",
		"MUG-2":                 "Travel Mug",
		"clay":                  "Café Mug, Travel Mug",
		"outdoor":               "Regenjacke",
		"warm blue":             "Denim Jacket",
		"travel mug with a lid": "Travel Mug",
		"xyzzy":                 "",
		"":                      "",
		" ,.!":                  "",
		"the":                   "Travel Mug", // nothing but a filler
		"tee":                   "",           // too short for an error: not tea
		"\x00\xff":              "",
	} {
		got := strings.Join(titles(s.now().Search(query, nil, 10)), ", ")
		if got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	if got := s.now().Search("mug", nil, 1); len(got) != 1 || got[0].Title != "Café Mug" {
		t.Errorf("one: %q", titles(got))
	}
	if got := s.now().Search("mug", []commerce.BrandID{"clay"}, 10); len(got) != 0 {
		t.Errorf("of another brand: %q", titles(got))
	}
	s.importsFor("clay", "Handle,Title,Variant Price\nm,Mug of clay,5\n")
	if got := titles(s.now().Search("mug", []commerce.BrandID{"clay"}, 10)); !slices.Equal(got, []string{"Mug of clay"}) {
		t.Errorf("of that brand: %q", got)
	}
	s.imports(strings.Replace(searched, "Vanilla", "Lemon", 1))
	if got := titles(s.now().Search("vanilla", nil, 10)); len(got) != 0 {
		t.Errorf("the old title is still found: %q", got)
	}
}

func FuzzSearch(f *testing.F) {
	s := newShop(f, databasetest.Open(f, "sqlite"))
	s.imports(searched)
	snap := s.now()
	for _, q := range []string{"regenjacke", "ẞ", "a", "\xff", "日本語", strings.Repeat("word ", 100), strings.Repeat("x", 1000)} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		got := snap.Search(query, nil, 3)
		if len(got) > 3 {
			t.Errorf("%d found", len(got))
		}
		if again := snap.Search(query, nil, 3); !slices.Equal(got, again) {
			t.Errorf("found %q, then %q", titles(got), titles(again))
		}
	})
}

// BenchmarkSearch is in a catalogue of 10,000 products with about 15,000
// different words.
func BenchmarkSearch(b *testing.B) {
	s := newShop(b, databasetest.Open(b, "sqlite"))
	r := rand.New(rand.NewPCG(1, 2))
	vocabulary := make([]string, 15_000)
	for i := range vocabulary {
		w := make([]byte, 3+r.IntN(10))
		for j := range w {
			w[j] = byte('a' + r.IntN(26))
		}
		vocabulary[i] = string(w)
	}
	some := func(n int) string {
		var list []string
		for range n {
			list = append(list, vocabulary[r.IntN(len(vocabulary))])
		}
		return strings.Join(list, " ")
	}
	var feed strings.Builder
	feed.WriteString("Handle,Title,Body (HTML),Type,Variant Price\n")
	for i := range 10_000 {
		fmt.Fprintf(&feed, "p-%d,%s,%s,%s,5\n", i, some(4), some(40), vocabulary[i%30])
	}
	s.imports(feed.String())
	snap := s.now()
	queries := []string{vocabulary[7], vocabulary[8][:3], vocabulary[9] + " " + vocabulary[10], "mistyqed", "nothinglikethis"}
	for _, q := range queries {
		b.Run(fmt.Sprintf("%d letters", len(q)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				snap.Search(q, nil, 20)
			}
		})
	}
}
