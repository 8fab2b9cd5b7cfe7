// Package orderlist writes orders for people outside the chats: as a table for
// a terminal, and as CSV for a spreadsheet; and it reads the lists of shipments
// that come back from there.
//
// What buyers typed stands in both, so neither trusts it: a terminal gets no
// control characters, a spreadsheet no formulas. What is to be changed
// commerce/checkout does. Start at Table, CSV and Import.
package orderlist

import (
	"fmt"
	"io"
	"slices"
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

// Of is what of an order is some brands', or all of it where none is named: of one
// that other brands share it is their goods, parcels and tax, with what came off
// these, and the total is what they come to.
func Of(o orders.Order, brands ...commerce.BrandID) orders.Order {
	if !Shared(o, brands...) {
		return o
	}
	all := o.Lines
	o.Lines, o.Total.Amount = nil, 0
	for _, l := range all {
		if l.Kind == pricing.KindDiscount || l.Brand == "" || !among(l.Brand, brands) {
			continue
		}
		l.Amount.Amount -= l.Discount.Amount
		l.Discount.Amount = 0
		o.Lines, o.Total.Amount = append(o.Lines, l), o.Total.Amount+l.Amount.Amount
	}
	return o
}

// Shared reports whether an order also holds goods of brands that are not named.
func Shared(o orders.Order, brands ...commerce.BrandID) bool {
	return slices.ContainsFunc(o.Lines, func(l orders.Line) bool { return l.Kind == pricing.KindItem && !among(l.Brand, brands) })
}

// Table writes one line an order, in columns: of each what is the brands', as Of
// says. Times are in zone.
func Table(w io.Writer, list []orders.Order, zone *time.Location, brands ...commerce.BrandID) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "ORDER\tPLACED\tSTATE\tTOTAL\tTO\tGOODS")
	for _, o := range list {
		o = Of(o, brands...)
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
			fmt.Fprintf(t, "%s\t%s\n", name, Plain(value))
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

// Plain takes out what would move a terminal's cursor or hide text in it.
func Plain(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '�'
		}
		return r
	}, s)
}

func cut(s string, max int) string {
	if r := []rune(Plain(s)); len(r) > max {
		return string(r[:max-1]) + "…"
	}
	return Plain(s)
}
