package shop

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/stock"
)

// asked finds the ids of texts in the source: those that are certainly asked
// for, and all words that may be one or, ending in a dot, begin one.
func asked(t *testing.T) (ids, words map[string]bool) {
	ids, words = map[string]bool{}, map[string]bool{}
	for _, root := range []string{"..", "../../commerce", "../../webhooks", "../../cmd/souk"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.BasicLit:
					if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
						words[s] = true
					}
				case *ast.CallExpr:
					f, ok := n.Fun.(*ast.SelectorExpr)
					if ok && len(n.Args) > 0 && strings.HasPrefix(root, "..") && slices.Contains([]string{"Say", "Count", "button", "primary"}, f.Sel.Name) {
						if lit, ok := n.Args[0].(*ast.BasicLit); ok {
							if s, err := strconv.Unquote(lit.Value); err == nil {
								ids[s] = true
							}
						}
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return ids, words
}

// told lists the errors that reach members: each has its text.
var told = []error{
	live.ErrUnavailable, members.ErrUnknown, members.ErrSame, members.ErrName, members.ErrStreet, members.ErrCity, members.ErrPostcode,
	members.ErrCountry, creators.ErrUnknownCreator, creators.ErrCursor, pricing.ErrEmpty, pricing.ErrCurrencies, pricing.ErrNoShipping,
	stock.ErrSoldOut, orders.ErrNotFound, checkout.ErrQuoteChanged, checkout.ErrIncomplete, checkout.ErrClosing, checkout.ErrJustPaid,
	checkout.ErrState, errProductGone, creators.ErrUnknownPick,
}

func TestEveryTextIsThere(t *testing.T) {
	all, err := readMessages()
	if err != nil {
		t.Fatal(err)
	}
	ids, words := asked(t)
	for _, err := range told {
		ids[err.(*commerce.Error).Message] = true
	}
	en := all[language.English]
	for id := range ids {
		if _, ok := en[id]; !ok && !strings.HasSuffix(id, ".") {
			t.Errorf("text %q is used and not in the files", id)
		}
	}
	for id := range en {
		used := words[id] || ids[id]
		for w := range words {
			begins := strings.HasSuffix(w, ".") && strings.Contains(w, ".") && len(w) > 2 && strings.HasPrefix(id, w)
			used = used || begins || id == w+".title" || id == w+".text"
		}
		if !used {
			t.Errorf("text %q is in the files and not used", id)
		}
	}
	for tag, list := range all {
		for id, m := range en {
			other, ok := list[id]
			if !ok {
				t.Errorf("%s: text %q is missing", tag, id)
				continue
			}
			if (len(m) > 1) != (len(other) > 1) {
				t.Errorf("%s: text %q has other plural forms", tag, id)
			}
			if !reflect.DeepEqual(fields(m), fields(other)) {
				t.Errorf("%s: text %q asks for %v, in English for %v", tag, id, fields(other), fields(m))
			}
			for form, text := range other {
				if strings.TrimSpace(text) == "" || !slices.Contains([]string{"zero", "one", "two", "few", "many", "other"}, form) {
					t.Errorf("%s: text %q has form %q %q", tag, id, form, text)
				}
			}
		}
		for id := range list {
			if _, ok := en[id]; !ok {
				t.Errorf("%s: text %q is not in English", tag, id)
			}
		}
	}
}

func TestWords(t *testing.T) {
	texts, err := loadTexts("en", nil, map[string]map[string]string{
		"de": {"cart.title": "Dein Körbchen"}, "fr": {"cart.title": "Votre panier", "product.left": "reste {{.N}}"},
	})
	if err != nil {
		t.Fatal(err)
	}
	price := commerce.Money{Amount: 1250, Currency: "EUR"}
	at := time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC)
	for _, c := range []struct{ locale, title, price, date, left string }{
		{"en-GB", "Your cart", "€12.50", "March 1, 2026", "only 1 left"},
		{"de-AT", "Dein Körbchen", "€ 12,50", "1. März 2026", "nur noch 1 da"},
		{"fr", "Votre panier", "12,50 €", "March 1, 2026", "reste 1"},
		{"", "Your cart", "€12.50", "March 1, 2026", "only 1 left"},
		{"xx-nonsense-!", "Your cart", "€12.50", "March 1, 2026", "only 1 left"},
		{"ja", "Your cart", "€12.50", "March 1, 2026", "only 1 left"},
	} {
		w := texts.words(c.locale)
		got := []string{w.Say("cart.title"), strings.ReplaceAll(w.Money(price), "\u00a0", " "), w.Date(at), w.Count("product.left", 1)}
		if c.locale == "ja" {
			got[1] = c.price // however Japanese writes it
		}
		if want := []string{c.title, c.price, c.date, c.left}; !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", c.locale, got, want)
		}
	}
	if got := texts.words("en").Say("link.time", "Time", 15*time.Minute); !strings.Contains(got, "15 minutes") {
		t.Error(got)
	}
}

// TestDaysOfTheShop: a day is that of the shop's clock, wherever the program runs.
func TestDaysOfTheShop(t *testing.T) {
	late := time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)
	for zone, want := range map[string]string{"UTC": "December 31, 2026", "Europe/Berlin": "January 1, 2027", "America/New_York": "December 31, 2026"} {
		at, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		texts, err := loadTexts("en", at, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := texts.words("en").Date(late); got != want {
			t.Errorf("%s: %s, want %s", zone, got, want)
		}
	}
}

// The default language may be one the admin alone speaks: what it lacks is
// said in English.
func TestDefaultLanguageOfTheAdmin(t *testing.T) {
	texts, err := loadTexts("fr", nil, map[string]map[string]string{"fr": {"cart.title": "Votre panier"}})
	if err != nil {
		t.Fatal(err)
	}
	w := texts.words("pt")
	if got := []string{w.Say("cart.title"), w.Say("orders.title"), w.Count("product.left", 2), texts.words("de").Say("cart.title")}; !slices.Equal(got, []string{"Votre panier", "Your orders", "2 left", "Dein Warenkorb"}) {
		t.Error(got)
	}
}

func TestCheckTexts(t *testing.T) {
	got := CheckTexts(map[string]map[string]string{
		"en": {"cart.title": "Basket", "cart.titel": "x", "cart.total": "{{.Sum}}", "cart.empty": "{{", "home.what": " "},
		"!!": {"cart.title": "x"},
	})
	var ids []string
	for _, p := range got {
		ids = append(ids, p.Language+" "+p.ID)
	}
	if want := []string{"!! ", "en cart.empty", "en cart.titel", "en cart.total", "en home.what"}; !slices.Equal(ids, want) {
		t.Errorf("%+v", got)
	}
}

// TestCheckRoom holds the admin's texts to the places they are shown in, and
// our own to the same.
func TestCheckRoom(t *testing.T) {
	for id, most := range map[string]int{
		"command.cart": 100, "option.query": 100, "button.add": 64, "staff.button.ship": 64, "address.title": 45, "staff.ship.title": 45,
		"address.city.label": 45, "address.city.hint": 64, "list.choose": 150, "cart.change": 150,
	} {
		for n, problems := range map[int]int{most: 0, most + 1: 1} {
			if got := CheckTexts(map[string]map[string]string{"fr": {id: strings.Repeat("x", n)}}); len(got) != problems {
				t.Errorf("%s with %d characters: %v", id, n, got)
			}
		}
	}
	if got := CheckTexts(map[string]map[string]string{"en": {"button.place": strings.Repeat("x", 60) + "{{.Total}}"}}); len(got) != 0 {
		t.Errorf("what is filled in is counted: %v", got)
	}
	all, err := readMessages()
	if err != nil {
		t.Fatal(err)
	}
	for tag, list := range all {
		for id, m := range list {
			for _, text := range m {
				if err := checkRoom(id, text); err != nil {
					t.Errorf("%s %s: %v", tag, id, err)
				}
			}
		}
	}
}
