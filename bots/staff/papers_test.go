package staff

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/receipts"
)

// cabinet is papers and sheets of its own making: an invoice of each brand,
// and files that say whose they are.
type cabinet struct{ shipped []string }

func (c *cabinet) Of(_ context.Context, o orders.Order) (list []receipts.Paper, err error) {
	for _, b := range []string{"b", "c"} {
		p, _ := c.Get(context.Background(), "p"+b)
		p.Order = o.ID
		list = append(list, p)
	}
	return list, nil
}

func (*cabinet) Get(_ context.Context, id string) (receipts.Paper, error) {
	b := strings.TrimPrefix(id, "p")
	return receipts.Paper{ID: id, Kind: receipts.KindInvoice, Brand: commerce.BrandID(b), Number: strings.ToUpper(b) + "-2026-00001", Order: "o1"}, nil
}

func (*cabinet) Orders(_ context.Context, list []orders.Order, brands []commerce.BrandID) ([]byte, error) {
	return fmt.Appendf(nil, "%d orders of %q", len(list), brands), nil
}

func (c *cabinet) PickList(ctx context.Context, list []orders.Order, brands []commerce.BrandID) ([]byte, error) {
	return c.Orders(ctx, list, brands)
}

func (c *cabinet) Drop(_ context.Context, r drops.Report) ([]byte, error) {
	return []byte("drop," + string(r.Drop.ID)), nil
}

func (c *cabinet) Ship(_ context.Context, actor string, brands []commerce.BrandID, text string) (list []Shipped, err error) {
	if text == "nonsense" {
		return nil, &commerce.Error{Kind: commerce.Invalid, Message: "import.unread"}
	}
	c.shipped = append(c.shipped, fmt.Sprintf("%s %q %s", actor, brands, text))
	for i := range 25 {
		list = append(list, Shipped{Line: i + 1, Order: "12345678", Outcome: "noorder", Problem: true})
	}
	return append(list, Shipped{Line: 26, Outcome: "sent"}, Shipped{Line: 27, Outcome: "already"}), nil
}

func TestFiles(t *testing.T) {
	d := openDesk(t, databasetest.Open(t, "sqlite"))
	c := &cabinet{}
	d.Papers, d.Sheets, d.Voice = c, c, func(string) Words { return d.words }
	d.sees("eve", "staff csv", "(Everything is sent", "!Here is")
	d.order("o1", true, "b", "c")
	d.order("o2", true, "c")
	file := func(who, action, name, data string) {
		t.Helper()
		s, err := d.do(who, action)
		must(t, err)
		if s.File == nil || s.File.Name != name || !strings.HasPrefix(string(s.File.Data), data) {
			t.Errorf("%s %s: %+v", who, action, s.File)
		}
		must(t, s.Check())
	}
	// Everybody gets their own brands', an admin all.
	file("eve", "staff csv", "orders.csv", `2 orders of []`)
	file("bea", "staff csv", "orders.csv", `1 orders of ["b"]`)
	file("bea", "staff picklist", "picklist.csv", `1 orders of ["b"]`)
	d.sees("eve", "staff papers o1", "staff paper pb", "staff paper pc")
	d.sees("bea", "staff papers o1", "staff paper pb", "!staff paper pc")
	file("bea", "staff paper pb", "invoice-B-2026-00001.pdf", "%PDF-")
	for who, action := range map[string]string{"bea": "staff paper pc", "mod": "staff csv", "ann": "staff paper pb"} {
		if s, err := d.do(who, action); commerce.KindOf(err) != commerce.NotFound || s.File != nil {
			t.Errorf("%s %s: %v", who, action, err)
		}
	}
	if _, err := d.do("bea", "staff papers o2"); commerce.KindOf(err) != commerce.NotFound {
		t.Error("an order of another brand is shown")
	}
	// In a group nothing is handed over.
	s, err := d.handle("eve", bots.Event{Kind: bots.Do, Action: "staff csv"})
	if err != nil || s.File != nil {
		t.Errorf("%+v, %v", s.File, err)
	}

	s, err = d.do("bea", "staff import")
	must(t, err)
	must(t, s.Check())
	paste := func(text string) bots.Screen {
		t.Helper()
		s, err := d.handle("bea", bots.Event{Kind: bots.Fill, Action: "staff import", Values: map[string]string{"rows": text}, Chat: bots.Chat{Private: true}})
		must(t, err)
		must(t, s.Check())
		return s
	}
	if s := paste("nonsense"); s.Form == nil || !strings.Contains(s.Text.String(), "could not read") {
		t.Errorf("%+v", s)
	}
	text := paste("12345678,T").Text.String()
	for _, want := range []string{"1 line marked as sent", "1 line was sent before", "25 lines need a look", "Line 20, order 12345678: there is no such order", "5 more"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "Line 21") || !slices.Equal(c.shipped, []string{`staff:bea ["b"] 12345678,T`}) {
		t.Errorf("%q\n%s", c.shipped, text)
	}
	// Whoever bought was erased: the staff reads it.
	must(t, d.db.Write(t.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE orders SET name = '', street = '', city = '', postcode = '' WHERE id = 'o1'`)
		return err
	}))
	d.sees("eve", "staff papers o1", "not kept any more")
}
