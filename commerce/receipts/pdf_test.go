package receipts

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

// long is an order with sixty goods, some with names that take several rows.
func long() orders.Order {
	o := sale()
	o.Lines = nil
	o.Total = eur(0)
	for i := range 60 {
		l := orders.Line{Kind: pricing.KindItem, Label: fmt.Sprintf("Bowl no. %d", i+1), Brand: "kiln", SKU: fmt.Sprintf("BOWL-%03d", i+1), Quantity: int64(i%3 + 1), Unit: eur(int64(990 + i*10))}
		l.Amount = eur(l.Unit.Amount * l.Quantity)
		switch i {
		case 3:
			l.Label = "A very long name that tells everything about a hand-thrown stoneware bowl, its glaze, its maker, and the sea beside which it was fired"
		case 7:
			l.Label = strings.Repeat("Unbreakable", 14)
		case 9:
			l.Label, l.Detail = "*_<b>@everyone", "=1+1"
		}
		o.Lines, o.Total.Amount = append(o.Lines, l), o.Total.Amount+l.Amount.Amount
	}
	tax := orders.Line{Kind: pricing.KindTax, Label: "VAT 19 %", Brand: "kiln", Amount: eur(0), Included: eur(o.Total.Amount * 19 / 119)}
	o.Lines = append(o.Lines, tax)
	return o
}

// names are in letters of many scripts.
func names() orders.Order {
	o := sale()
	o.Address = orders.Address{Name: "李雷 Иван Łódź Ørsted", Street: "Ελλάδα 1 · 東京都千代田区", City: "한국 Þórshöfn", Postcode: "10115", Country: "DE"}
	o.Lines[0].Label, o.Lines[0].Detail = "Mug 🍵 for Ärger, façade, naïve", "שלום / مرحبا بالعالم"
	return o
}

func TestPDF(t *testing.T) {
	for _, c := range []struct {
		name, tongue string
		order        orders.Order
		kind         Kind
		pages        int
	}{
		{"receipt-en", "en", sale(), KindReceipt, 1},
		{"invoice-de", "de", sale(), KindInvoice, 1},
		{"credit-de", "de", sale(), KindCredit, 1},
		{"long-en", "en", long(), KindInvoice, 4},
		{"names-de", "de", names(), KindInvoice, 1},
	} {
		k := paperOf(c.order, "kiln", kiln, "KILN-2026-00007")
		d := Invoice(c.order, k)
		switch c.kind {
		case KindReceipt:
			d = Receipt("Corner Shop", c.order, []Paper{k, paperOf(c.order, "loom", loom, "LOOM-2026-00001")})
		case KindCredit:
			d = Credit(c.order, Paper{Kind: KindCredit, Number: "KILN-2026-00008", Net: k.Net, Tax: k.Tax, Seller: kiln, IssuedAt: day}, k)
		}
		exact(t, d)
		w := speaks(t, c.tongue)
		data, err := PDF(d, w)
		if err != nil {
			t.Fatal(err)
		}
		again, err := PDF(d, w)
		if err != nil || !bytes.Equal(data, again) {
			t.Errorf("%s: the same document has other bytes, %v", c.name, err)
		}
		if n := bytes.Count(data, []byte("/Type /Page\n")); n != c.pages || !bytes.HasPrefix(data, []byte("%PDF-")) {
			t.Errorf("%s: %d pages, want %d", c.name, n, c.pages)
		}
		if len(data) > 300_000 {
			t.Errorf("%s: %d bytes", c.name, len(data))
		}
		if dir := os.Getenv("SOUK_TEST_PAPERS"); dir != "" { // to look at
			if err := os.WriteFile(filepath.Join(dir, c.name+".pdf"), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// No letter of a name is lost: it is set in the Go fonts, drawn, or written by
// its number.
func TestNoLetterIsLost(t *testing.T) {
	for name, want := range map[string][2]string{ // what is set, what is drawn
		"Łódź":       {"Łódź", ""},
		"Ørsted":     {"Ørsted", ""},
		"Иван":       {"Иван", ""},
		"Αθήνα €":    {"Αθήνα €", ""},
		"李雷":         {"", "李雷"},
		"한국":         {"", "한국"},
		"Cafe\u0301": {"Café", ""},
		"Tea 🍵":      {"Tea [U+1F375]", ""},
	} {
		for _, face := range []*typeface{regular, bold} {
			var got [2]string
			for _, p := range face.pieces(name) {
				i := 0
				if p.drawn {
					i = 1
				}
				got[i] += p.text
				if p.wide <= 0 {
					t.Errorf("%q has no width", p.text)
				}
			}
			if got != want {
				t.Errorf("%q: set and drawn %q, want %q", name, got, want)
			}
		}
	}
	for _, s := range []string{"a b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa b", "李雷李雷李雷", " ", ""} {
		if got := strings.ReplaceAll(strings.Join(wrapped(s, 5, regular.measure), ""), " ", ""); got != strings.ReplaceAll(s, " ", "") {
			t.Errorf("%q became %q", s, got)
		}
	}
}
