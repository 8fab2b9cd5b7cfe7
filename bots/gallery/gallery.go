// Package gallery is one list of named screens that show every concept of
// bots.Screen and sit at its limits: what a conversation can ask of an adapter.
// Each adapter draws all of them in its golden tests. It holds no rules and is
// used by tests only. Start at Screens.
package gallery

import (
	"fmt"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
)

// Entry is a screen under the name its golden file has.
type Entry struct {
	Name   string
	Screen bots.Screen
}

// Nasty is a text that means something to every markup there is, and must
// arrive as it is.
const Nasty = `*_<b>@everyone</b> & [x](https://evil.example) ` + "`code`" + ` ~~s~~ ||sp|| \ \* &amp; <a href="x"> <@123> <#4> #tag /start _*`

// nastyLines are marks that matter at the start of a line.
const nastyLines = "# heading\n> quote\n>>> all\n- list\n1. one\n-# small\n```\nfence"

// Screens returns the gallery. Every screen passes bots.Screen.Check.
func Screens() []Entry {
	return append(append(append(texts(), keys()...), others()...), invoices()...)
}

func texts() []Entry {
	return []Entry{
		{"text", bots.Screen{Path: "help", Text: bots.T("How this shop works.")}},
		{"looks", bots.Screen{Text: bots.Text{}.
			Add(bots.Bold, "Fern Mug").Line(bots.Span{Text: "£24.00", Look: bots.Struck}, bots.Span{Text: " £19.00"}).
			Line(bots.Span{Text: "thrown by hand", Look: bots.Italic}).Line(bots.Span{Text: "MUG-01", Look: bots.Code}).
			Line(bots.Span{Text: "the maker", Link: "https://maker.example/?a=1&b=\"2\""}).
			Line(bots.Span{Text: "bold and linked", Look: bots.Bold, Link: "https://maker.example/"})}},
		{"nasty", bots.Screen{
			Text:   bots.T(Nasty).Line(bots.Span{Text: Nasty, Look: bots.Bold}).Line(bots.Span{Text: Nasty, Look: bots.Code}).Line(bots.Span{Text: nastyLines}),
			Notice: "*_<b>@everyone & `x`",
			Rows:   [][]bots.Button{{{Label: "*_<b>@everyone & `x`", Action: "home"}}},
		}},
		{"nasty-picture", bots.Screen{
			Picture: &bots.Picture{URL: "https://shop.example/m/a?b=1&c=%22", Alt: Nasty},
			Text:    bots.T(Nasty),
			Menu:    &bots.Menu{Hint: "*_<b>@everyone", Choices: []bots.Choice{{Label: "*_<b>@everyone", Description: "`|| ~~ &amp;", Action: "size s"}}},
		}},
		{"scripts", bots.Screen{Text: bots.T("שלום مرحبا 你好 👩‍👩‍👧 𝒳 e\u0301 \u202Etxet").Line(bots.Span{Text: "Größe, naïve, ½", Look: bots.Bold})}},
		{"longest-text", bots.Screen{Text: bots.T(fill("Lorem <ipsum> & *dolor* 🏺 ", bots.MaxText))}},
		{"longest-caption", bots.Screen{Picture: picture(), Text: bots.T(fill("Lorem <ipsum> & *dolor* 🏺 ", bots.MaxCaption))}},
		{"notice-only", bots.Screen{Notice: "Added to your cart"}},
		{"notice-longest", bots.Screen{Notice: fill("Sold out <*> 🏺 ", bots.MaxNotice)}},
		{"notice-beside", bots.Screen{Path: "cart", Text: bots.T("Your cart"), Notice: "The price has changed"}},
		{"notice-beside-longest", bots.Screen{Path: "cart", Text: bots.T(fill("Lorem ", bots.MaxText)), Notice: fill("Changed ", bots.MaxNotice)}},
		{"nothing", bots.Screen{}},
	}
}

func keys() []Entry {
	full := make([][]bots.Button, bots.MaxRows)
	for i := range full {
		for j := range bots.MaxRowButtons {
			full[i] = append(full[i], bots.Button{Label: fmt.Sprintf("B%d.%d", i, j), Action: bots.Path("b", fmt.Sprint(i), fmt.Sprint(j))})
		}
	}
	longest := bots.Action("cart add " + strings.Repeat("a", bots.MaxAction-len("cart add ")))
	entries := []Entry{
		{"buttons", bots.Screen{Path: "product mug", Text: bots.T("Fern Mug"), Rows: [][]bots.Button{
			{{Label: "Add to cart", Action: "cart add mug", Style: bots.Primary, Keep: true}},
			{{Label: "Share", Action: "share mug", Share: "mug"}, {Label: "The maker", Link: "https://maker.example/"}},
			{{Label: "Remove", Action: "cart remove mug", Style: bots.Danger}, {Label: "Cart", Action: "cart", Keep: true}},
		}}},
		{"buttons-full", bots.Screen{Text: bots.T("Every place taken"), Rows: full}},
		{"buttons-wide", bots.Screen{Text: bots.T("Wide labels"), Rows: [][]bots.Button{{
			{Label: fill("A very long label 🏺 ", bots.MaxLabel), Action: longest, Keep: true},
			{Label: "short", Action: bots.Action(strings.Repeat("z", bots.MaxAction))},
		}, {{Label: "Previous page", Action: "page 1"}, {Label: "Home", Action: "home"}, {Label: "Next page", Action: "page 3"}}}}},
	}
	menu := func(n int, label func(int) string, describe string) *bots.Menu {
		m := &bots.Menu{Hint: "Choose a size"}
		for i := range n {
			m.Choices = append(m.Choices, bots.Choice{Label: label(i), Description: describe, Action: bots.Path("size", fmt.Sprint(i)), Chosen: i == 1})
		}
		return m
	}
	short := func(i int) string { return fmt.Sprintf("Size %d", i) }
	long := func(i int) string {
		return bots.Clip(fmt.Sprintf("%d %s", i, fill("Large / <Terracotta> 🏺 ", 96)), bots.MaxChoice)
	}
	return append(entries,
		Entry{"menu", bots.Screen{Text: bots.T("Fern Mug"), Menu: menu(3, short, ""), Rows: [][]bots.Button{{{Label: "Back", Action: "home"}}}}},
		Entry{"menu-described", bots.Screen{Text: bots.T("Fern Mug"), Menu: menu(4, short, "£19.00, 3 left")}},
		Entry{"menu-25", bots.Screen{Text: bots.T("Twenty-five"), Menu: menu(bots.MaxChoices, short, ""), Rows: full}},
		Entry{"menu-longest", bots.Screen{Picture: picture(), Text: bots.T(fill("Lorem ", bots.MaxCaption)), Menu: menu(bots.MaxChoices, long, fill("a description ", bots.MaxChoice))}},
	)
}

func others() []Entry {
	cancel := bots.Button{Label: "Cancel", Action: "cart"}
	address := bots.Form{Action: "address", Title: "Where to?", Cancel: cancel, Fields: []bots.Field{
		{Key: "name", Label: "Name", Hint: "Ann Potter"},
		{Key: "street", Label: "Street", Hint: "1 Kiln Lane", Value: "2 Kiln Lane"},
		{Key: "city", Label: "City"},
		{Key: "postcode", Label: "Postcode", Max: 12},
		{Key: "note", Label: "Anything to add?", Optional: true, Long: true},
	}}
	step := func(i int) *bots.Form {
		f := address
		f.Step = i
		if f.Fields[i].Value != "" || f.Fields[i].Optional {
			f.Quick = bots.Button{Label: "Keep or skip", Action: bots.Path("quick", fmt.Sprint(i))}
		}
		return &f
	}
	widest := &bots.Form{Action: "review", Title: fill("Title <b> ", bots.MaxFormTitle), Cancel: bots.Button{Label: fill("Never mind ", bots.MaxLabel), Action: "home", Style: bots.Danger}, Fields: []bots.Field{
		{Key: "text", Label: fill("Label & ", bots.MaxFieldLabel), Hint: fill("Hint * ", bots.MaxFieldHint), Value: fill("Value _ 🏺 ", bots.MaxFieldText), Long: true},
	}}
	return []Entry{
		{"picture", bots.Screen{Path: "product mug", Picture: picture(), Text: bots.T("Fern Mug"), Rows: [][]bots.Button{{{Label: "Add to cart", Action: "cart add mug", Style: bots.Primary}}}}},
		{"form", bots.Screen{Form: step(0)}},
		{"form-step", bots.Screen{Form: step(1)}},
		{"form-last", bots.Screen{Form: step(4)}},
		{"form-one", bots.Screen{Text: bots.T("What are you looking for?"), Form: &bots.Form{Action: "search", Title: "Search", Cancel: bots.Button{Label: "Home", Action: "home"}, Fields: []bots.Field{{Key: "text", Label: "Search", Hint: "mug"}}}}},
		{"form-photo", bots.Screen{Form: &bots.Form{Action: "back", Title: "Send it back", Step: 1, Cancel: cancel, Fields: []bots.Field{
			{Key: "words", Label: "Anything we should know?", Hint: "The handle came off", Optional: true, Long: true, Max: 500},
			{Key: "photo", Label: "A photo of it?", Hint: "Send a photo, if that helps", Optional: true, Photo: true}}}}},
		{"form-problem", bots.Screen{Text: bots.Text{}.Add(bots.Bold, "That postcode is not right."), Notice: "Try again", Form: step(3)}},
		{"form-longest", bots.Screen{Text: bots.T(fill("Lorem ", bots.MaxText)), Form: widest}},
		{"public", bots.Screen{Path: "pick p1", Public: true, Picture: picture(), Text: bots.T("Ann picks this."), Rows: [][]bots.Button{{{Label: "Add to cart", Action: "cart add p1 v1", Style: bots.Primary}}}}},
		{"public-text", bots.Screen{Path: "drop d1", Public: true, Text: bots.T("3 of 10 joined"), Rows: [][]bots.Button{{{Label: "Join", Action: "drop join d1"}}}}},
		{"door", bots.Screen{Path: "cart", Text: bots.T("Your cart"), Door: &bots.Door{Text: "This is just for you: <go on> in our private chat.", Label: "Open the shop"}}},
		{"door-longest", bots.Screen{Path: bots.Action("p " + strings.Repeat("a", bots.MaxAction-2)), Text: bots.T("Here"), Door: &bots.Door{Text: fill("Just for you & ", 300), Label: fill("Open ", bots.MaxLabel)}}},
		{"file", bots.Screen{Path: "privacy", Text: bots.T("Everything we keep about you"), File: &bots.File{Name: "souk <export>.json", Data: []byte(`{"name":"Ann"}`)}}},
	}
}

func invoices() []Entry {
	euro := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }
	invoice := bots.Invoice{Title: "Corner Shop", Description: "1 × Fern Mug", Payload: "pay1", Prices: []bots.Price{{Label: "1 × Fern Mug", Amount: euro(1800)}},
		Copy: "order o1", Pay: "Pay €18.00", Link: "https://shop.example/p/t1"}
	asks := invoice
	asks.Address, asks.Prices = true, []bots.Price{{Label: "1 × Fern Mug", Amount: euro(2000)}, {Label: "Discount <b>", Amount: euro(-200)}}
	longest := bots.Invoice{Title: fill("Shop <*> ", bots.MaxInvoiceTitle), Description: fill("Lorem <ipsum> & *dolor* ", bots.MaxInvoiceText),
		Payload: strings.Repeat("p", bots.MaxPayload), Address: true, Copy: bots.Action("order " + strings.Repeat("a", bots.MaxStart-6)), Pay: fill("Pay ", bots.MaxLabel),
		Link: "https://shop.example/" + strings.Repeat("p", bots.MaxLink-21)}
	for range bots.MaxPrices {
		longest.Prices = append(longest.Prices, bots.Price{Label: fill("Line & ", bots.MaxLabel), Amount: euro(1)})
	}
	return []Entry{
		{"invoice", bots.Screen{Path: "order o1", Text: bots.T("1 × Fern Mug — €18.00").Line(bots.Span{Text: "Total: €18.00", Look: bots.Bold}), Invoice: &invoice,
			Rows: [][]bots.Button{{{Label: "Pay another way", Action: "order o1"}}}}},
		{"invoice-address", bots.Screen{Path: "order o1", Text: bots.T("1 × Fern Mug — €18.00"), Invoice: &asks}},
		{"invoice-longest", bots.Screen{Path: "order o1", Text: bots.T(fill("Lorem ", bots.MaxText)), Invoice: &longest, Notice: fill("Changed ", bots.MaxNotice)}},
	}
}

func picture() *bots.Picture {
	return &bots.Picture{URL: "https://shop.example/m/3f2a.png", Alt: "A mug with ferns"}
}

// fill repeats s until it has exactly n UTF-16 units, and ends in no space.
func fill(s string, n int) string {
	var b strings.Builder
	width := 0
	for width < n {
		for _, r := range s {
			w := bots.Width(string(r))
			if width+w > n {
				r, w = '.', 1
			}
			if width == n {
				break
			}
			b.WriteRune(r)
			width += w
		}
	}
	return strings.TrimRight(b.String(), " ") + strings.Repeat(".", b.Len()-len(strings.TrimRight(b.String(), " ")))
}
