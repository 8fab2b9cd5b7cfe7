package orderlist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

func TestReadShipments(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		want []string
	}{
		"plain":             {"order,tracking\n12345678,T1\n", []string{"2 12345678 T1  0 "}},
		"semicolons":        {"Bestellnummer;Sendungsnummer\r\n12345678;T1,5\r\n", []string{"2 12345678 T1,5  0 "}},
		"tabs":              {"Order number\tTracking no.\n12345678\tT1\n", []string{"2 12345678 T1  0 "}},
		"a mark":            {"\ufefforder;tracking\n12345678;T1\n", []string{"2 12345678 T1  0 "}},
		"UTF-16":            {"\xff\xfeo\x00r\x00d\x00e\x00r\x00;\x00t\x00r\x00a\x00c\x00k\x00i\x00n\x00g\x00\n\x001\x00;\x00T\x00\n\x00", []string{"2 1 T  0 "}},
		"told by Excel":     {"sep=;\norder;tracking\n12345678;T1\n", []string{"3 12345678 T1  0 "}},
		"apostrophes":       {"order,tracking\n'12345678,'0034\n\"=\"\"12345678\"\"\",\"=\"\"0035\"\"\"\n", []string{"2 12345678 0034  0 ", "3 12345678 0035  0 "}},
		"no heading":        {"#12345678, T1\n12345679,T2,MUG,2\n", []string{"1 12345678 T1  0 ", "2 12345679 T2 MUG 2 "}},
		"other columns":     {"name,Tracking,x,Order,Menge,SKU\nAnn,T1,,12345678,2,MUG\n", []string{"2 12345678 T1 MUG 2 "}},
		"old Mac":           {"order,tracking\r12345678,T1\r", []string{"2 12345678 T1  0 "}},
		"none and a dash":   {"order,tracking\n12345678,\n12345678,-\n", []string{"2 12345678   0 untracked", "3 12345678   0 "}},
		"what is wrong":     {"order,tracking,sku,quantity\nabc,T1\n12345678,3.40434E+17\n12345678,T1,MUG,none\n12345678,T1,MUG,-1\n\n,,,\n12345678," + strings.Repeat("x", 101) + "\n", []string{"2 abc T1  0 nonumber", "3 12345678 3.40434E+17  0 rounded", "4 12345678 T1 MUG 0 quantity", "5 12345678 T1 MUG -1 quantity", "8 12345678 " + strings.Repeat("x", 101) + "  0 toolong"}},
		"what is no letter": {"order,tracking\n12345678,\"T\x1b[2J\x001\n2\"\n", []string{"2 12345678 T[2J1 2  0 "}},
	} {
		rows, err := ReadShipments(strings.NewReader(c.file))
		var got []string
		for _, r := range rows {
			got = append(got, fmt.Sprint(r.Line, " ", r.Order, " ", r.Tracking, " ", r.SKU, " ", r.Quantity, " ", r.Problem))
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
	for file, want := range map[string]error{"": ErrNoRows, "\n\n": ErrNoRows, "order,tracking\n": ErrNoRows, "name,city\nAnn,Berlin\n": ErrColumns} {
		if _, err := ReadShipments(strings.NewReader(file)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", file, err, want)
		}
	}
}

func FuzzReadShipments(f *testing.F) {
	f.Add("order;tracking\n12345678;T1\n")
	f.Add("\ufeff'1,\"=\"\"x\"\"\",a,9\n")
	f.Fuzz(func(t *testing.T, file string) {
		rows, err := ReadShipments(strings.NewReader(file))
		for _, r := range rows {
			if r.Problem == "" && (len([]rune(r.Tracking)) > maxTracking || strings.ContainsAny(r.Tracking+r.SKU, "\n\r\x1b")) {
				t.Fatalf("%+v", r)
			}
		}
		if err == nil && len(rows) == 0 {
			t.Fatal("neither rows nor an error")
		}
	})
}

// shelf is a Desk of three orders, which counts what is sent.
type shelf struct {
	orders map[int64]*shelved
	fails  bool
}

type shelved struct {
	o orders.Order
	f fulfilment.Fulfilment
}

func newShelf() *shelf {
	s := &shelf{orders: map[int64]*shelved{}}
	for n, state := range map[int64]orders.State{1: orders.Paid, 2: orders.Paid, 3: orders.Cancelled} {
		o := one
		o.Number, o.ID, o.State = n, commerce.OrderID(fmt.Sprint(n)), state
		o.Lines = []orders.Line{{Kind: pricing.KindItem, SKU: "MUG", Brand: "b", Quantity: 3}, {Kind: pricing.KindItem, SKU: "TEA", Brand: "c", Quantity: 1}}
		s.orders[n] = &shelved{o, fulfilment.Fulfilment{Lines: map[int64]fulfilment.Line{0: {Position: 0, Bought: 3}, 1: {Position: 1, Bought: 1}}}}
	}
	return s
}

func (s *shelf) ByNumber(_ context.Context, n int64) (orders.Order, error) {
	if o, ok := s.orders[n]; ok {
		return o.o, nil
	}
	return orders.Order{}, orders.ErrNotFound
}

func (s *shelf) Fulfilment(_ context.Context, o orders.Order) (fulfilment.Fulfilment, error) {
	return s.orders[o.Number].f, nil
}

func (s *shelf) Send(_ context.Context, _ string, id commerce.OrderID, send checkout.Sending) error {
	if s.fails {
		return errors.New("away")
	}
	o := s.orders[int64(id[0]-'0')]
	if checkout.SentBefore(o.f.Parcels, send) {
		return checkout.ErrSentBefore
	}
	items := send.Items
	if items == nil {
		for i, l := range o.f.Lines {
			if (send.Brands == nil || slices.Contains(send.Brands, o.o.Lines[i].Brand)) && l.ToPack() > 0 {
				items = append(items, fulfilment.Item{Position: i, Quantity: l.ToPack()})
			}
		}
	}
	for _, it := range items {
		l := o.f.Lines[it.Position]
		l.Packed, l.Shipped = l.Packed+it.Quantity, l.Shipped+it.Quantity
		o.f.Lines[it.Position] = l
		o.f.Parcels = append(o.f.Parcels, fulfilment.Parcel{Brand: o.o.Lines[it.Position].Brand, State: fulfilment.Shipped, Tracking: send.Tracking, Items: []fulfilment.Item{it}})
	}
	return nil
}

func (s *shelf) shipped(n int64) string {
	return fmt.Sprint(s.orders[n].f.Lines[0].Shipped, " ", s.orders[n].f.Lines[1].Shipped)
}

func outcomes(done []Done) (list []string) {
	for _, d := range done {
		list = append(list, string(d.Outcome))
	}
	return list
}

func TestImport(t *testing.T) {
	rows, err := ReadShipments(strings.NewReader("order,tracking,sku,quantity\n1,T1,MUG,2\n9,T\n3,T\n1,T1,TEA\n1,T2,CUP\n2,T3\nx,T\n2,\n1,T4,MUG,2\n"))
	if err != nil {
		t.Fatal(err)
	}
	desk := newShelf()
	im := Import{Desk: desk, Actor: "cli", Dry: true}
	want := []string{"would", "noorder", "notopen", "would", "noitem", "would", "nonumber", "untracked", "gone"}
	if got := outcomes(im.Run(t.Context(), rows)); !slices.Equal(got, want) || desk.shipped(1) != "0 0" {
		t.Errorf("dry: %q, shipped %s", got, desk.shipped(1))
	}
	im.Dry = false
	want = []string{"sent", "noorder", "notopen", "sent", "noitem", "sent", "nonumber", "untracked", "gone"}
	if got := outcomes(im.Run(t.Context(), rows)); !slices.Equal(got, want) || desk.shipped(1) != "2 1" || desk.shipped(2) != "3 1" {
		t.Errorf("%q, shipped %s and %s", got, desk.shipped(1), desk.shipped(2))
	}
	want[0], want[3], want[5] = "already", "already", "already"
	if got := outcomes(im.Run(t.Context(), rows)); !slices.Equal(got, want) || desk.shipped(1) != "2 1" {
		t.Errorf("again: %q, shipped %s", got, desk.shipped(1))
	}
	// A brand sends its own, and sees no other's.
	desk = newShelf()
	im = Import{Desk: desk, Actor: "staff:bea", Brands: []commerce.BrandID{"c"}}
	rows, _ = ReadShipments(strings.NewReader("1,T1,MUG\n2,T2\n"))
	if got := outcomes(im.Run(t.Context(), rows)); !slices.Equal(got, []string{"noitem", "sent"}) || desk.shipped(2) != "0 1" {
		t.Errorf("a brand: %q, shipped %s", got, desk.shipped(2))
	}
	im.Brands = []commerce.BrandID{"z"}
	if got := outcomes(im.Run(t.Context(), rows)); !slices.Equal(got, []string{"noorder", "noorder"}) {
		t.Errorf("another brand: %q", got)
	}
	desk.fails, im.Brands = true, nil
	if got := outcomes(im.Run(t.Context(), rows[:1])); !slices.Equal(got, []string{"failed"}) {
		t.Errorf("%q", got)
	}
}
