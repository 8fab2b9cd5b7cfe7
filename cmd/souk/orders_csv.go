package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/soukchat/souk/cmd/souk/orderlist"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
)

// This file is what `souk orders` does with files of spreadsheets.

// writeCSV writes orders in one of the ways of orderlist.
func (c *ordersCmd) writeCSV(ctx context.Context, db *database.DB, book *orders.Orders, brands []commerce.BrandID, states []orders.State,
	with func(io.Writer, []orderlist.Sale, ...commerce.BrandID) error, out io.Writer) error {
	list, _, err := collect(ctx, book, brands, states, -1)
	if err != nil {
		return err
	}
	sales, err := orderlist.Gather(ctx, db, list)
	if err != nil {
		return err
	}
	return with(out, sales, brands...)
}

// said is how the outcomes of an import read on a terminal.
var said = map[orderlist.Outcome]string{
	orderlist.Sent:        "sent, the buyer is told",
	orderlist.Would:       "would be sent",
	orderlist.Already:     "was sent before with this tracking",
	orderlist.Untracked:   "no tracking: left alone (write - where there is none)",
	orderlist.NoNumber:    "is no order's number",
	orderlist.Rounded:     "the tracking was rounded by a spreadsheet: make the column a text and enter it again",
	orderlist.TooLong:     "the tracking is too long",
	orderlist.BadQuantity: "the quantity is no whole number above 0",
	orderlist.NoOrder:     "there is no such order",
	orderlist.NotOpen:     "cannot be sent: it is not paid, was cancelled, or all of it was sent otherwise",
	orderlist.NoItem:      "the order has no such SKU",
	orderlist.Gone:        "not as many are left to send",
	orderlist.Failed:      "could not be done now: import the file again",
}

// importFile marks as sent what a list of shipments names, and says of every
// row what became of it. It returns an error where a row needs a person.
func (c *ordersCmd) importFile(ctx context.Context, desk *checkout.Checkout, brands []commerce.BrandID, out io.Writer) error {
	if c.Order == "" {
		return errors.New("which file? Give its name: souk orders shop.yaml import shipments.csv")
	}
	file, err := os.Open(c.Order)
	if err != nil {
		return err
	}
	defer file.Close()
	rows, err := orderlist.ReadShipments(file)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Order, err)
	}
	done := orderlist.Import{Desk: orderlist.NewDesk(desk), Actor: "cli", Brands: brands, Dry: c.DryRun}.Run(ctx, rows)
	problems := 0
	for _, d := range done {
		if d.Outcome.Problem() {
			problems++
		}
		what := fmt.Sprintf("order %s", orderlist.Plain(d.Order))
		if d.SKU != "" {
			what += ", " + orderlist.Plain(d.SKU)
		}
		if _, err := fmt.Fprintf(out, "line %d: %s: %s\n", d.Line, what, said[d.Outcome]); err != nil {
			return err
		}
	}
	if c.DryRun {
		fmt.Fprintln(out, "Nothing was changed: this was a dry run.")
	}
	if problems > 0 {
		return fmt.Errorf("%d of %d rows need a look", problems, len(done))
	}
	return nil
}
