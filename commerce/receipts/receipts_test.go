package receipts

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

// speaker says the texts of the message files, so that the tests see what
// people see.
type speaker struct {
	tongue string
	texts  map[string]any
}

func speaks(t *testing.T, tongue string) speaker {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "bots", "shop", "messages", "papers."+tongue+".json"))
	if err != nil {
		t.Fatal(err)
	}
	s := speaker{tongue: tongue}
	if err := json.Unmarshal(data, &s.texts); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s speaker) Say(id string, args ...any) string {
	text, _ := s.texts[id].(string)
	for i := 0; i+1 < len(args); i += 2 {
		text = strings.ReplaceAll(text, fmt.Sprintf("{{.%v}}", args[i]), fmt.Sprint(args[i+1]))
	}
	return text
}
func (s speaker) Money(m commerce.Money) string { return m.Format(s.tongue) }
func (s speaker) Date(t time.Time) string       { return t.UTC().Format("2006-01-02") }
func (s speaker) Language() string              { return s.tongue }

func eur(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }

var (
	day  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	kiln = Seller{Prefix: "KILN", Name: "Kiln & Co Keramik GmbH", Address: []string{"Ofenweg 3", "24103 Kiel", "Germany"}, TaxID: "DE123456789",
		Footer: "Kiln & Co Keramik GmbH, Amtsgericht Kiel HRB 1234. Questions: hello@kiln.example"}
	loom = Seller{Prefix: "LOOM", Name: "Atelier Métier à tisser", Address: []string{"12 rue du Fil", "69001 Lyon"}}
)

// sale is an order of two brands with all there is: a discount, tax included
// and on top, a gift card, points and a card.
func sale() orders.Order {
	o := orders.Order{ID: "o1", Number: 12345678, State: orders.Paid, Locale: "en", CreatedAt: day, PaidAt: day.Add(3 * time.Minute),
		Address: orders.Address{Name: "Łódź Ørsted", Street: "Weg 1", City: "Berlin", Postcode: "10115", Country: "DE"},
		Lines: []orders.Line{
			{Kind: pricing.KindItem, Label: "Morning mug", Detail: "Blue", SKU: "MUG", Brand: "kiln", Quantity: 2, Unit: eur(1800), Amount: eur(3600), Discount: eur(360)},
			{Kind: pricing.KindItem, Label: "Linen towel", Brand: "loom", Quantity: 1, Unit: eur(2400), Amount: eur(2400), Discount: eur(240)},
			{Kind: pricing.KindDiscount, Label: "SPRING", Amount: eur(-600), Ref: "SPRING"},
			{Kind: pricing.KindShipping, Label: "Parcel", Brand: "kiln", Amount: eur(490)},
			{Kind: pricing.KindTax, Label: "VAT 19 %", Brand: "kiln", Amount: eur(0), Included: eur(596)},
			{Kind: pricing.KindTax, Label: "Sales tax 8 %", Brand: "loom", Amount: eur(173), Included: eur(0)},
			{Kind: pricing.KindGiftCard, Label: "Gift card", Amount: eur(-1000), Ref: "g1"},
			{Kind: pricing.KindPoints, Label: "Points", Amount: eur(-200), Quantity: 200},
		}}
	o.Total = eur(0)
	for _, l := range o.Lines {
		o.Total.Amount += l.Amount.Amount
	}
	return o
}

func paperOf(o orders.Order, b commerce.BrandID, s Seller, number string) Paper {
	p := Paper{ID: "p-" + number, Kind: KindInvoice, Brand: b, Number: number, Order: o.ID, Posting: "capture:1", Seller: s, IssuedAt: o.PaidAt}
	d := Invoice(o, p)
	p.Net, p.Tax = d.Net, d.Tax()
	return p
}

// exact checks what must hold on every document.
func exact(t testing.TB, d Document) {
	t.Helper()
	lines, paid := int64(0), int64(0)
	for _, l := range d.Lines {
		lines += l.Amount.Amount
	}
	if lines != d.goods().Amount {
		t.Errorf("%s: the lines sum to %d, the goods are %d", d.Kind, lines, d.goods().Amount)
	}
	if d.Net.Amount+d.Tax().Amount != d.Gross.Amount {
		t.Errorf("%s: net %s and tax %s are not %s", d.Kind, d.Net, d.Tax(), d.Gross)
	}
	for _, p := range d.Payments {
		if p.Amount.Amount < 0 {
			t.Errorf("%s: a payment of %s", d.Kind, p.Amount)
		}
		paid += p.Amount.Amount
	}
	if d.Kind != KindCredit && paid != d.Gross.Amount {
		t.Errorf("%s: paid %d of %d", d.Kind, paid, d.Gross.Amount)
	}
}

func TestDocuments(t *testing.T) {
	o := sale()
	k, l := paperOf(o, "kiln", kiln, "KILN-2026-00007"), paperOf(o, "loom", loom, "LOOM-2026-00001")
	receipt, first, second := Receipt("Corner Shop", o, []Paper{k, l}), Invoice(o, k), Invoice(o, l)
	for _, d := range []Document{receipt, first, second} {
		exact(t, d)
	}
	// What the goods cost (36 + 24), less 6, the parcel 4.90, tax on top 1.73.
	if receipt.Gross != eur(6063) || receipt.Tax() != eur(769) || receipt.Net != eur(5294) {
		t.Errorf("receipt: %s, %s, %s", receipt.Gross, receipt.Tax(), receipt.Net)
	}
	if first.Gross != eur(3730) || first.Tax() != eur(596) || second.Gross != eur(2333) || second.Tax() != eur(173) {
		t.Errorf("invoices: %s %s, %s %s", first.Gross, first.Tax(), second.Gross, second.Tax())
	}
	// Each way to pay is shared out whole.
	for i, want := range []int64{1000, 200, o.Total.Amount} {
		if got := first.Payments[i].Amount.Amount + second.Payments[i].Amount.Amount; got != want || receipt.Payments[i].Amount.Amount != want {
			t.Errorf("payment %d: %d, on the receipt %s, want %d", i, got, receipt.Payments[i].Amount, want)
		}
	}
	whole := Credit(o, Paper{Kind: KindCredit, Number: "KILN-2026-00008", Net: k.Net, Tax: k.Tax, Seller: kiln}, k)
	exact(t, whole)
	if whole.Gross != eur(-3730) || len(whole.Lines) != len(first.Lines) || whole.Corrects != k.Number {
		t.Errorf("credit note: %+v", whole)
	}
	for _, p := range []Paper{k, l} {
		part := Credit(o, Paper{Kind: KindCredit, Number: "X", Net: eur(500), Tax: eur(95), Seller: p.Seller}, p)
		exact(t, part)
		if part.Gross != eur(-595) || part.Tax() != eur(-95) || len(part.Lines) != 1 {
			t.Errorf("part: %+v", part)
		}
	}
	o.Address = orders.Address{Country: "DE"}
	if d := Invoice(o, k); !d.Erased || !strings.Contains(string(Text(d, speaks(t, "en"))), "deleted at the buyer's request") {
		t.Error("who was erased stands on the invoice, or nothing does")
	}
}

func TestText(t *testing.T) {
	o := sale()
	k, l := paperOf(o, "kiln", kiln, "KILN-2026-00007"), paperOf(o, "loom", loom, "LOOM-2026-00001")
	got := string(Text(Receipt("Corner Shop", o, []Paper{k, l}), speaks(t, "de")))
	for _, want := range []string{"BELEG", "Łódź Ørsted", "12345678", "KILN-2026-00007, LOOM-2026-00001", "2 × Morning mug", "Rabatt: SPRING",
		"VAT 19 % (in den Preisen enthalten)", "Mit Gutschein bezahlt", "Mit 200 Punkten bezahlt", "60,63 €", "48,63 €", "Steuernummer: DE123456789"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	for _, row := range strings.Split(got, "\n") {
		if columnsOf(row) > textColumns {
			t.Errorf("%d columns: %q", columnsOf(row), row)
		}
	}
	if testing.Verbose() {
		t.Log("\n" + got)
	}
}
