package orderlist

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
)

func euro(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }

var one = orders.Order{
	Number: 12345678, State: orders.Paid, Total: euro(2500), Tracking: "",
	Address:   orders.Address{Name: "=cmd|' /C calc'!A0", Street: "1 Main St", City: "Berlin\x1b[2J", Postcode: "10115", Country: "DE"},
	CreatedAt: time.Date(2026, 5, 4, 22, 30, 0, 0, time.UTC), PaidAt: time.Date(2026, 5, 4, 22, 31, 0, 0, time.UTC),
	Lines: []orders.Line{
		{Kind: pricing.KindItem, Label: "Mug", Detail: "Blue, large", SKU: "-1", Brand: "b", Quantity: 2, Amount: euro(2000)},
		{Kind: pricing.KindItem, Label: "Tea \"fine\"", Brand: "c", Quantity: 1, Amount: euro(100)},
		{Kind: pricing.KindShipping, Label: "Post", Amount: euro(400)},
	},
}

// sold is the same order with all that can happen to one.
var sold = func() Sale {
	s := Sale{Order: one, Lines: map[int64]fulfilment.Line{0: {Position: 0, Bought: 2, Packed: 2, Shipped: 1, Refunded: 1}, 1: {Position: 1, Bought: 1}},
		Parcels: []fulfilment.Parcel{{Tracking: "T-1", Items: []fulfilment.Item{{Position: 0, Quantity: 1}}}, {Tracking: "'=T2", Items: []fulfilment.Item{{Position: 0, Quantity: 1}}}},
		Back:    []payments.Giveback{{Value: euro(1000), State: payments.RefundStateDone}, {Value: euro(700), State: payments.RefundStateFailed}}}
	s.Order.Lines = slices.Clone(one.Lines)
	s.Order.Lines[0].Discount, s.Order.Lines[2].Brand = euro(200), "b"
	s.Order.Lines = append(s.Order.Lines, orders.Line{Kind: pricing.KindTax, Brand: "b", Included: euro(319)}, orders.Line{Kind: pricing.KindGiftCard, Amount: euro(-500)})
	return s
}()

func TestTable(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := Table(&b, []orders.Order{one}, zone); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 2 || strings.Index(lines[0], "STATE") != strings.Index(lines[1], "to be sent") {
		t.Errorf("\n%s", b.String())
	}
	for _, want := range []string{"12345678", "2026-05-05 00:30", "25.00 EUR", "2 × Mug (Blue, large) [-1], 1 × Tea"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
	b.Reset()
	if err := Sheet(&b, one, zone); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Order     12345678", "To ", "10115 Berlin", "Germany", "Post  4.00 EUR", "Total"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "\x1b") {
		t.Error("a buyer writes to the terminal")
	}
}

func TestCSV(t *testing.T) {
	var b strings.Builder
	if err := CSV(&b, []Sale{sold}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v\n%s", err, b.String())
	}
	want := "12345678|paid|2026-05-04T22:30:00Z|2026-05-04T22:31:00Z||2|1|1|'-1|Mug|Blue, large|b|20.00|2.00|4.00|3.19|5.00|0.00|0.00|10.00|25.00|EUR|" +
		"'=cmd|' /C calc'!A0|1 Main St|10115|Berlin\x1b[2J|DE|T-1 '=T2"
	if got := strings.Join(rows[1], "|"); got != want {
		t.Errorf("\n%q\n%q", got, want)
	}
	b.Reset()
	if err := CSV(&b, []Sale{{Order: one}}, "c"); err != nil || strings.Contains(b.String(), "Mug") || !strings.Contains(b.String(), "Tea") {
		t.Errorf("%v\n%s", err, b.String())
	}
	// Who sees a part of an order sees nothing of all of it.
	if rows, _ := csv.NewReader(strings.NewReader(b.String())).ReadAll(); strings.Join(rows[1][16:21], "") != "" {
		t.Errorf("%q", rows[1])
	}
}

func TestPickList(t *testing.T) {
	late := one
	late.Number, late.State = 87654321, orders.Shipped
	var b strings.Builder
	if err := PickList(&b, []Sale{sold, {Order: one}, {Order: late}}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows[1:] {
		got = append(got, strings.Join(r, "|"))
	}
	// Of the first order the mugs are packed.
	want := []string{"b|'-1|Mug|Blue, large|2|12345678×2", "c||Tea \"fine\"||2|12345678×1 12345678×1"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Whatever a buyer types, no cell begins as a formula does, and what a terminal
// gets can be printed.
func TestNothingIsTrusted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := one
		typed := rapid.StringMatching(`[=+\-@\t\r\n' ＝＋a-z"]{0,8}`)
		o.Address = orders.Address{Name: typed.Draw(t, "name"), Street: typed.Draw(t, "street"), City: rapid.String().Draw(t, "city"), Country: "DE"}
		o.Tracking = typed.Draw(t, "tracking")
		o.Lines = []orders.Line{{Kind: pricing.KindItem, Label: typed.Draw(t, "label"), SKU: typed.Draw(t, "sku"), Quantity: 1, Amount: euro(1)}}
		var b strings.Builder
		if err := CSV(&b, []Sale{{Order: o}}); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range rows[1] {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") {
				t.Fatalf("cell %q", cell)
			}
		}
		b.Reset()
		if err := Table(&b, []orders.Order{o}, time.UTC); err != nil {
			t.Fatal(err)
		}
		for _, r := range strings.ReplaceAll(b.String(), "\n", "") {
			if !unicode.IsPrint(r) {
				t.Fatalf("%q in the table", r)
			}
		}
		if n := strings.Count(b.String(), "\n"); n != 2 {
			t.Fatalf("%d lines for one order", n)
		}
	})
}
