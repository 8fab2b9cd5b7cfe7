// Package orderlist writes orders for people outside the chats: as a table for
// a terminal, and as CSV for a spreadsheet.
//
// What buyers typed stands in both, so neither trusts it: a terminal gets no
// control characters, a spreadsheet no formulas. It reads and changes nothing.
// Start at Table and CSV.
package orderlist

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

// Table writes one line an order, in columns. Times are in zone.
func Table(w io.Writer, list []orders.Order, zone *time.Location) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "ORDER\tPLACED\tSTATE\tTOTAL\tTO\tGOODS")
	for _, o := range list {
		to := strings.TrimSpace(strings.Join([]string{o.Address.Name, o.Address.City, o.Address.Country}, " "))
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", o.Number, o.CreatedAt.In(zone).Format("2006-01-02 15:04"), state(o.State), o.Total, cut(to, 40), cut(goods(o), 60))
	}
	return t.Flush()
}

// Sheet writes all of one order, below one another.
func Sheet(w io.Writer, o orders.Order, zone *time.Location) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	say := func(name, value string) {
		if value != "" {
			fmt.Fprintf(t, "%s\t%s\n", name, plain(value))
		}
	}
	at := func(when time.Time) string {
		if when.IsZero() {
			return ""
		}
		return when.In(zone).Format("2006-01-02 15:04")
	}
	say("Order", strconv.FormatInt(o.Number, 10))
	say("State", state(o.State))
	say("Placed", at(o.CreatedAt))
	say("Paid", at(o.PaidAt))
	say("Sent", at(o.ShippedAt))
	say("Tracking", o.Tracking)
	for i, line := range members.Address(o.Address).Lines("en") {
		say([]string{"To", "", "", ""}[min(i, 3)], line)
	}
	for _, l := range o.Lines {
		switch {
		case l.Kind == pricing.KindItem:
			say("Goods", item(l)+"  "+l.Amount.String())
		case !l.Included.IsZero():
			say("Included", l.Label+"  "+l.Included.String())
		default:
			say(map[pricing.Kind]string{pricing.KindShipping: "Shipping", pricing.KindTax: "Tax"}[l.Kind], l.Label+"  "+l.Amount.String())
		}
	}
	say("Total", o.Total.String())
	return t.Flush()
}

// Columns of the CSV, one row for each of an order's goods. Amounts are plain
// decimal numbers, times RFC 3339 in UTC.
var columns = []string{"order", "state", "placed", "paid", "sent", "quantity", "sku", "product", "variant", "brand", "amount",
	"order_total", "currency", "name", "street", "postcode", "city", "country", "tracking"}

// CSV writes orders for a spreadsheet: RFC 4180, UTF-8. With brands only rows
// of their goods are written.
func CSV(w io.Writer, list []orders.Order, brands ...commerce.BrandID) error {
	c := csv.NewWriter(w)
	if err := c.Write(columns); err != nil {
		return err
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	for _, o := range list {
		for _, l := range o.Lines {
			if l.Kind != pricing.KindItem || !among(l.Brand, brands) {
				continue
			}
			row := []string{strconv.FormatInt(o.Number, 10), string(o.State), at(o.CreatedAt), at(o.PaidAt), at(o.ShippedAt),
				strconv.FormatInt(l.Quantity, 10), l.SKU, l.Label, l.Detail, string(l.Brand), l.Amount.Decimal(), o.Total.Decimal(), o.Total.Currency,
				o.Address.Name, o.Address.Street, o.Address.Postcode, o.Address.City, o.Address.Country, o.Tracking}
			for i := range row {
				row[i] = safe(row[i])
			}
			if err := c.Write(row); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}

// safe keeps a spreadsheet from taking a text for a formula, by the apostrophe
// that marks a text there (owasp.org/www-community/attacks/CSV_Injection).
func safe(s string) string {
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
	for _, one := range brands {
		if one == b {
			return true
		}
	}
	return len(brands) == 0
}

func goods(o orders.Order) string {
	var list []string
	for _, l := range o.Lines {
		if l.Kind == pricing.KindItem {
			list = append(list, item(l))
		}
	}
	return strings.Join(list, ", ")
}

func item(l orders.Line) string {
	text := fmt.Sprintf("%d × %s", l.Quantity, l.Label)
	if l.Detail != "" {
		text += " (" + l.Detail + ")"
	}
	if l.SKU != "" {
		text += " [" + l.SKU + "]"
	}
	return text
}

func state(s orders.State) string {
	switch s {
	case orders.Pending, orders.Closing:
		return "waiting for payment"
	case orders.Paid:
		return "to be sent"
	case orders.Shipped:
		return "sent"
	case orders.Lapsed:
		return "not paid"
	}
	return string(s)
}

// plain takes out what would move a terminal's cursor or hide text in it.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '�'
		}
		return r
	}, s)
}

func cut(s string, max int) string {
	if r := []rune(plain(s)); len(r) > max {
		return string(r[:max-1]) + "…"
	}
	return plain(s)
}
