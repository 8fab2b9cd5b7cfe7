package creators

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
)

func TestHouse(t *testing.T) {
	h := House{Photos: 2, Side: 400, Short: 20, Long: 60, Promises: []string{"guaranteed", "never breaks", "100% natural"}}
	photos := []Photo{{"a", 800, 600}, {"b", 400, 400}}
	jug := []commerce.ProductID{"jug"}
	const fine = "It pours without a drip, every day."
	for _, c := range []struct {
		name  string
		draft Draft
		want  []Fault
	}{
		{"all is well", Draft{Words: fine, Photos: photos, Products: jug}, nil},
		{"one photo", Draft{Words: fine, Photos: photos[:1], Products: jug}, []Fault{{What: FewPhotos, N: 2}}},
		{"a small photo", Draft{Words: fine, Photos: []Photo{photos[0], {"c", 399, 900}}, Products: jug}, []Fault{{What: SmallPhoto, N: 400}}},
		{"short", Draft{Words: "   Lovely, all of it    ", Photos: photos, Products: jug}, []Fault{{What: Short, N: 20}}},
		{"letters, not bytes", Draft{Words: "Größer schöner würzig", Photos: photos, Products: jug}, nil},
		{"long", Draft{Words: fine + fine, Photos: photos, Products: jug}, []Fault{{What: Long, N: 60}}},
		{"no product", Draft{Words: fine, Photos: photos}, []Fault{{What: NoProduct}}},
		{"a promise", Draft{Words: "It never  breaks, GUARANTEED. I threw it.", Photos: photos, Products: jug}, []Fault{{What: Promise, Word: "guaranteed"}, {What: Promise, Word: "never breaks"}}},
		{"that the listing makes", Draft{Words: "100% natural, and it smells of that.", Photos: photos, Products: jug, Listing: "Wool, 100% natural."}, nil},
		{"a part of another word", Draft{Words: "Nothing is unguaranteed here, I think.", Photos: photos, Products: jug}, nil},
		{"all at once", Draft{Words: "me@x.com"}, []Fault{{What: FewPhotos, N: 2}, {What: Short, N: 20}, {What: NoProduct}, {What: Contact, Word: "me@x.com"}}},
	} {
		if got := h.Check(c.draft); !cmp.Equal(got, c.want) {
			t.Errorf("%s: %s", c.name, cmp.Diff(c.want, got))
		}
	}
	if got := (House{}).Check(Draft{Products: jug}); got != nil {
		t.Errorf("nothing is asked for: %v", got)
	}
}

func TestContact(t *testing.T) {
	for text, want := range map[string]string{
		"Write to ann.b+c@mail.example.com please": "ann.b+c@mail.example.com",
		"ann (at) example.com":                     "ann (at) example.com",
		"see https://cheap.example/x?y=1 there":    "https://cheap.example/x?y=1",
		"on www.cheap.example":                     "www.cheap.example",
		"my shop is cheapjugs.com, really":         "cheapjugs.com",
		"t.me/cheapjugs":                           "t.me/cheapjugs",
		"ask @cheap_jugs":                          "@cheap_jugs",
		"call +49 170 1234567 now":                 "+49 170 1234567",
		"call 0170/1234567":                        "0170/1234567",
		"Telegram me, it is cheaper":               "Telegram me",
		"whatsapp: 5":                              "whatsapp:",
		// What is none.
		"It holds 0,5 l and costs 18.00.":         "",
		"Since 2019 I have had 12 of them.":       "",
		"Order 1203 4411 came in 3 days":          "",
		"I saw it on Telegram.":                   "",
		"Made in St.Gallen, by hand. Well done.":  "",
		"It is 20x30x10 cm @ home":                "",
		"Size 38/40, 100 % wool, 30 °C, no dryer": "",
	} {
		if got := contact(text); got != want {
			t.Errorf("%s: %q; want %q", text, got, want)
		}
	}
}
