package main

// This file is what `souk orders` does with a part of an order: some of its
// goods are sent or refunded, or come back.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/soukchat/souk/cmd/souk/orderlist"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/stock"
)

// mostReturns is how many returns are listed.
const mostReturns = 1000

// part sends or refunds a part of an order.
func (c *ordersCmd) part(ctx context.Context, desk *checkout.Checkout, o orders.Order, out io.Writer) error {
	if c.Amount != "" && (c.Do == "ship" || len(c.Item) > 0) {
		return errors.New("--amount is for refund, and without --item")
	}
	items, err := c.items(ctx, desk, o)
	if err != nil {
		return err
	}
	if c.Do == "ship" {
		err := desk.Send(ctx, "cli", o.ID, checkout.Sending{Brands: c.brands(), Items: items, Tracking: strings.TrimSpace(c.Tracking)})
		if err != nil {
			return partly(o, err)
		}
		_, err = fmt.Fprintf(out, "Of order %d these are marked as sent: %s.\n", o.Number, named(o, items))
		return err
	}
	g := checkout.Giving{Items: items, Brands: c.brands(), Way: payments.WayCard, Seen: -1}
	if c.Credit {
		g.Way = payments.WayCredit
	}
	if c.Amount != "" {
		if g.Amount, err = commerce.ParseMoney(c.Amount, o.Total.Currency); err != nil || g.Amount.Amount <= 0 {
			return fmt.Errorf("%q is no amount; write it as 5.00", c.Amount)
		}
		if c.Brand != "" {
			return errors.New("an amount is of the whole order; name goods with --item instead, or leave --brand out")
		}
	}
	back, err := desk.RefundPart(ctx, "cli", o.ID, g)
	if err != nil {
		return partly(o, err)
	}
	_, err = fmt.Fprintf(out, "Of order %d %s goes back.\n", o.Number, back.Value)
	return err
}

// items reads which goods are meant.
func (c *ordersCmd) items(ctx context.Context, desk *checkout.Checkout, o orders.Order) (list []fulfilment.Item, err error) {
	f, err := desk.Fulfilment(ctx, o)
	if err != nil {
		return nil, err
	}
	units := fulfilment.Units{}
	for _, word := range c.Item {
		sku, count, counted := cutLast(word)
		at := int64(-1)
		var known []string
		for i, l := range o.Lines {
			if l.Kind != pricing.KindItem || c.Brand != "" && l.Brand != c.brands()[0] {
				continue
			}
			known = append(known, l.SKU)
			if l.SKU == sku && at < 0 {
				at = int64(i)
			}
		}
		if at < 0 {
			return nil, fmt.Errorf("order %d has no goods with the SKU %q; it has %s", o.Number, sku, strings.Join(known, ", "))
		}
		line := f.Lines[at]
		n := line.ToPack()
		if c.Do == "refund" {
			n = line.Bought - line.Refunded
		}
		if counted {
			n = count
		}
		if n <= 0 {
			return nil, fmt.Errorf("nothing is left of %s in order %d", sku, o.Number)
		}
		units[at] += n
	}
	return units.Items(), nil
}

// cutLast takes "SKU=2" apart; what does not end in a number is all SKU.
func cutLast(word string) (sku string, n int64, counted bool) {
	if i := strings.LastIndexByte(word, '='); i > 0 {
		if n, err := strconv.ParseInt(word[i+1:], 10, 32); err == nil {
			return word[:i], n, true
		}
	}
	return word, 0, false
}

// decide approves or denies what of an order shall be sent back.
func (c *ordersCmd) decide(ctx context.Context, desk *checkout.Checkout, o orders.Order, out io.Writer) error {
	why := strings.TrimSpace(c.Why)
	if c.Do == "deny" && why == "" {
		return errors.New("why? Give the reason with --why: the buyer reads it")
	}
	f, err := desk.Fulfilment(ctx, o)
	if err != nil {
		return err
	}
	var open []fulfilment.Return
	for _, r := range f.Returns {
		if c.Brand != "" && r.Brand != c.brands()[0] {
			continue
		}
		if r.State == fulfilment.Asked || r.State == fulfilment.Approved && c.Do == "deny" {
			open = append(open, r)
		}
	}
	if len(open) == 0 {
		return fmt.Errorf("of order %d no return waits to be decided", o.Number)
	}
	for _, r := range open {
		done := "approved"
		if c.Do == "deny" {
			done, err = "denied", desk.DenyReturn(ctx, "cli", c.brands(), r.ID, why)
		} else {
			err = desk.ApproveReturn(ctx, "cli", c.brands(), r.ID, c.Money)
		}
		if errors.Is(err, stock.ErrSoldOut) {
			return fmt.Errorf("what they want instead is sold out by now: --money approves it for the money")
		}
		if err != nil {
			return partly(o, err)
		}
		if _, err := fmt.Fprintf(out, "The return of %s of order %d is %s.\n", named(o, r.Items), o.Number, done); err != nil {
			return err
		}
	}
	return nil
}

// returns lists what buyers want to send back.
func (c *ordersCmd) returns(ctx context.Context, desk *checkout.Checkout, zone *time.Location, out io.Writer) error {
	list, err := desk.OpenReturns(ctx, c.brands(), mostReturns)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, "Nobody wants to send anything back.")
		return err
	}
	t := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "ORDER\tASKED\tSTATE\tREASON\tGOODS\tWORDS")
	for _, r := range list {
		o, err := desk.Orders().Get(ctx, r.Order)
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", o.Number, r.AskedAt.In(zone).Format("2006-01-02 15:04"), r.State, r.Reason, named(o, r.Items), orderlist.Plain(r.Words))
	}
	return t.Flush()
}

// named lists goods of an order in words.
func named(o orders.Order, items []fulfilment.Item) string {
	var list []string
	for _, it := range items {
		list = append(list, orderlist.Plain(fmt.Sprintf("%d × %s", it.Quantity, o.Lines[it.Position].Label)))
	}
	return strings.Join(list, ", ")
}

// partly says in words why a part of an order could not be done.
func partly(o orders.Order, err error) error {
	var e *commerce.Error
	switch {
	case errors.Is(err, checkout.ErrTooMuch) && errors.As(err, &e):
		return fmt.Errorf("of order %d only %s is left", o.Number, e.Args["left"])
	case errors.Is(err, fulfilment.ErrGone):
		return fmt.Errorf("order %d has not as many of these left", o.Number)
	case errors.Is(err, checkout.ErrState):
		return fmt.Errorf("order %d is %s: this cannot be done", o.Number, o.State)
	}
	return err
}
