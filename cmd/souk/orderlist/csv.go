package orderlist

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
)

// Sale is an order with what became of its goods and its money.
type Sale struct {
	orders.Order
	Lines   map[int64]fulfilment.Line // by position, none before anything was done
	Parcels []fulfilment.Parcel
	Back    []payments.Giveback
}

// Gather reads what became of orders, in one transaction.
func Gather(ctx context.Context, db *database.DB, list []orders.Order) (sales []Sale, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		sales = make([]Sale, 0, len(list))
		for _, o := range list {
			s := Sale{Order: o}
			var err error
			if s.Lines, err = fulfilment.Lines(tx, o.ID); err != nil {
				return err
			}
			if s.Parcels, err = fulfilment.Parcels(tx, o.ID); err != nil {
				return err
			}
			if s.Back, err = payments.GivebacksOf(tx, o.ID); err != nil {
				return err
			}
			sales = append(sales, s)
		}
		return nil
	})
	return sales, err
}

// Columns of the CSV, one row for each of an order's goods. Amounts are plain
// decimal numbers of the currency, times RFC 3339 in UTC. What begins with
// brand_ is of all goods of the brand in the order, what begins with order_ of
// all the order: it stands in each of its rows, and is empty where the reader
// sees a part of the order only.
var columns = []string{"order", "state", "placed", "paid", "sent", "quantity", "shipped", "refunded", "sku", "product", "variant", "brand",
	"amount", "discount", "brand_shipping", "brand_tax", "order_giftcard", "order_credit", "order_points", "order_refunded", "order_total", "currency",
	"name", "street", "postcode", "city", "country", "tracking"}

// CSV writes orders for a spreadsheet: RFC 4180, UTF-8. With brands only rows
// of their goods are written.
func CSV(w io.Writer, list []Sale, brands ...commerce.BrandID) error {
	c := csv.NewWriter(w)
	if err := c.Write(columns); err != nil {
		return err
	}
	for _, s := range list {
		for i, l := range s.Order.Lines {
			if l.Kind != pricing.KindItem || !among(l.Brand, brands) {
				continue
			}
			if err := c.Write(s.row(int64(i), l, brands)); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

func (s Sale) row(i int64, l orders.Line, brands []commerce.BrandID) []string {
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	money := func(n int64) string { return commerce.Money{Amount: n, Currency: s.Total.Currency}.Decimal() }
	shipped := s.Lines[i].Shipped
	if s.Lines[i].Bought == 0 && s.State == orders.Shipped { // sent before parcels were kept
		shipped = l.Quantity
	}
	var parcel, tax int64
	whole := true
	paid := map[pricing.Kind]int64{}
	for _, m := range s.Order.Lines {
		switch {
		case m.Kind.Tender():
			paid[m.Kind] -= m.Amount.Amount
		case m.Kind == pricing.KindItem && !among(m.Brand, brands):
			whole = false
		case m.Brand != l.Brand:
		case m.Kind == pricing.KindShipping:
			parcel += m.Amount.Amount - m.Discount.Amount
		case m.Kind == pricing.KindTax:
			tax += m.Amount.Amount + m.Included.Amount
		}
	}
	back := int64(0)
	for _, g := range s.Back {
		if g.State != payments.RefundStateFailed {
			back += g.Value.Amount
		}
	}
	row := []string{strconv.FormatInt(s.Number, 10), string(s.State), at(s.CreatedAt), at(s.PaidAt), at(s.ShippedAt),
		strconv.FormatInt(l.Quantity, 10), strconv.FormatInt(shipped, 10), strconv.FormatInt(s.Lines[i].Refunded, 10),
		l.SKU, l.Label, l.Detail, string(l.Brand), l.Amount.Decimal(), l.Discount.Decimal(), money(parcel), money(tax)}
	for _, n := range []int64{paid[pricing.KindGiftCard], paid[pricing.KindCredit], paid[pricing.KindPoints], back, s.Total.Amount} {
		text := ""
		if whole {
			text = money(n)
		}
		row = append(row, text)
	}
	row = append(row, s.Total.Currency, s.Address.Name, s.Address.Street, s.Address.Postcode, s.Address.City, s.Address.Country, s.tracking(i))
	for i := range row {
		row[i] = Safe(row[i])
	}
	return row
}

// tracking is how a line's parcels can be followed.
func (s Sale) tracking(i int64) string {
	var list []string
	for _, p := range s.Parcels {
		if p.Tracking != "" && slices.ContainsFunc(p.Items, func(it fulfilment.Item) bool { return it.Position == i }) {
			list = append(list, p.Tracking)
		}
	}
	if len(s.Parcels) == 0 && s.Tracking != "" {
		list = []string{s.Tracking}
	}
	return strings.Join(list, " ")
}

// PickList writes what has to be taken from the shelves for the paid orders in
// the list: one row for each variant, with the orders it goes to.
func PickList(w io.Writer, list []Sale, brands ...commerce.BrandID) error {
	type pick struct {
		brand, sku, product, variant string
		quantity                     int64
		orders                       []string
	}
	picks, byVariant := []*pick{}, map[string]*pick{}
	for _, s := range list {
		if s.State != orders.Paid {
			continue
		}
		for i, l := range s.Order.Lines {
			n := l.Quantity
			if at, ok := s.Lines[int64(i)]; ok {
				n = at.ToPack()
			}
			if l.Kind != pricing.KindItem || !among(l.Brand, brands) || n <= 0 {
				continue
			}
			key := strings.Join([]string{string(l.Brand), string(l.Variant), l.SKU, l.Label, l.Detail}, "\x00")
			p := byVariant[key]
			if p == nil {
				p = &pick{brand: string(l.Brand), sku: l.SKU, product: l.Label, variant: l.Detail}
				byVariant[key], picks = p, append(picks, p)
			}
			p.quantity += n
			p.orders = append(p.orders, strconv.FormatInt(s.Number, 10)+"×"+strconv.FormatInt(n, 10))
		}
	}
	slices.SortStableFunc(picks, func(a, b *pick) int {
		return cmp.Or(strings.Compare(a.brand, b.brand), strings.Compare(a.sku, b.sku), strings.Compare(a.product, b.product), strings.Compare(a.variant, b.variant))
	})
	c := csv.NewWriter(w)
	if err := c.Write([]string{"brand", "sku", "product", "variant", "quantity", "orders"}); err != nil {
		return err
	}
	for _, p := range picks {
		row := []string{p.brand, p.sku, p.product, p.variant, strconv.FormatInt(p.quantity, 10), strings.Join(p.orders, " ")}
		for i := range row {
			row[i] = Safe(row[i])
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// Safe keeps a spreadsheet from taking a text for a formula, by the apostrophe
// that marks a text there (owasp.org/www-community/attacks/CSV_Injection).
func Safe(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r\n") {
		return "'" + s
	}
	// The wide forms of the same signs, and signs behind spaces.
	if strings.HasPrefix(strings.TrimLeft(s, " \u00a0"), "=") || strings.IndexAny(s, "＝＋－＠") == 0 {
		return "'" + s
	}
	return s
}

func among(b commerce.BrandID, brands []commerce.BrandID) bool {
	return len(brands) == 0 || slices.Contains(brands, b)
}
