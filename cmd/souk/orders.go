package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/cmd/souk/orderlist"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

// ordersCmd is `souk orders`.
type ordersCmd struct {
	Config   string `arg:"" help:"File or folder of the configuration." type:"path"`
	Do       string `arg:"" optional:"" default:"list" enum:"list,show,ship,cancel,refund,returns,approve,deny,picklist,import" help:"list, show, ship, cancel, refund, returns, approve, deny, picklist or import."`
	Order    string `arg:"" optional:"" help:"Number of the order, for all but list, returns and picklist; with import the file."`
	CSV      bool   `help:"Write all orders as CSV, one row for each of their goods."`
	Brand    string `help:"Only orders with goods of this brand, by its name in the configuration; of an order that it shares with others only its part."`
	DryRun   bool   `help:"With import: only say what would be done."`
	Limit    int    `default:"50" help:"How many earlier orders are listed, the newest first."`
	Tracking string `help:"With ship: number or link by which the parcel can be followed. The buyer is told."`

	Item   []string `sep:"none" placeholder:"SKU[=N]" help:"With ship and refund: these goods only, N of them or all that are left. May be said several times."`
	Amount string   `help:"With refund: this amount, as 5.00."`
	Credit bool     `help:"With refund: as store credit instead of to the card."`
	Money  bool     `help:"With approve: for the money, where an exchange was asked for."`
	Why    string   `help:"With deny: the reason, which the buyer reads."`
}

// Help is the manual.
func (ordersCmd) Help() string {
	return `Lists the orders that are open and the earlier ones:

  souk orders shop.yaml
  souk orders shop.yaml --csv > orders.csv

and does what the staff does in the chat:

  souk orders shop.yaml show 12345678
  souk orders shop.yaml ship 12345678 --tracking 00340434161094042557
  souk orders shop.yaml cancel 12345678    not sent yet: the goods are free again
  souk orders shop.yaml refund 12345678    the money goes back in full

also with a part of one, in parcels of their own, and each time it is said:

  souk orders shop.yaml ship 12345678 --item MUG-1=1 --tracking 00340434161094042557
  souk orders shop.yaml refund 12345678 --item MUG-1
  souk orders shop.yaml refund 12345678 --amount 5.00 --credit

decides about what buyers want to send back:

  souk orders shop.yaml returns
  souk orders shop.yaml approve 12345678
  souk orders shop.yaml deny 12345678 --why "It was worn."

and takes what comes from spreadsheets and parcel services: a CSV with the columns
order and tracking, and where only a part is sent sku and quantity. Every row is
answered, a bad one stops no other, and a file imported twice is done once:

  souk orders shop.yaml picklist > picklist.csv
  souk orders shop.yaml import shipments.csv --dry-run
  souk orders shop.yaml import shipments.csv

The buyer is told, and the money goes back, by the running ` + "`souk serve`" + `: it takes
a second there. But for parts, doing it twice does it once.`
}

// Run lists orders, or does something with one.
func (c *ordersCmd) Run(e *environment) error {
	at, err := e.open(c.Config)
	if err != nil {
		return err
	}
	defer at.db.Close()
	if _, err := at.only(c.Brand); err != nil {
		return err
	}
	return c.run(e.ctx, at.db, at.zone, e.stdout)
}

func (c *ordersCmd) run(ctx context.Context, db *database.DB, zone *time.Location, out io.Writer) error {
	desk := deskOf(db)
	if c.Do == "list" {
		if c.Order != "" {
			return fmt.Errorf("list takes no order; did you mean: souk orders %s show %s", c.Config, c.Order)
		}
		return c.list(ctx, db, desk.Orders(), zone, out)
	}
	switch c.Do {
	case "picklist":
		return c.writeCSV(ctx, db, desk.Orders(), c.brands(), []orders.State{orders.Paid}, orderlist.PickList, out)
	case "import":
		return c.importFile(ctx, desk, c.brands(), out)
	case "returns":
		return c.returns(ctx, desk, zone, out)
	}
	o, err := find(ctx, desk.Orders(), c.Order)
	if err != nil {
		return err
	}
	if err := c.theirs(o); err != nil {
		return err
	}
	done := ""
	switch c.Do {
	case "ship", "refund":
		if len(c.Item) > 0 || c.Amount != "" {
			return c.part(ctx, desk, o, out)
		}
	case "approve", "deny":
		return c.decide(ctx, desk, o, out)
	}
	switch c.Do {
	case "ship":
		done, err = "is marked as sent", desk.Send(ctx, "cli", o.ID, checkout.Sending{Brands: c.brands(), Tracking: strings.TrimSpace(c.Tracking)})
	case "cancel":
		done, err = "is cancelled, the money goes back", desk.CancelPaid(ctx, "cli", o.ID)
	case "refund":
		done, err = "is refunded, the money goes back", desk.Refund(ctx, "cli", o.ID)
	default:
		return orderlist.Sheet(out, orderlist.Of(o, c.brands()...), zone)
	}
	if errors.Is(err, checkout.ErrState) {
		return fmt.Errorf("order %d is %s: it cannot be %s", o.Number, o.State, map[string]string{"ship": "sent", "cancel": "cancelled", "refund": "refunded"}[c.Do])
	}
	if err != nil {
		return partly(o, err)
	}
	what := fmt.Sprintf("Order %d", o.Number)
	if c.Do == "ship" && orderlist.Shared(o, c.brands()...) {
		what = fmt.Sprintf("What %s has in order %d", c.Brand, o.Number)
	}
	_, err = fmt.Fprintf(out, "%s %s.\n", what, done)
	return err
}

// list writes the open orders, then the earlier ones.
func (c *ordersCmd) list(ctx context.Context, db *database.DB, book *orders.Orders, zone *time.Location, out io.Writer) error {
	brands := c.brands()
	open := []orders.State{orders.Pending, orders.Closing, orders.Paid}
	past := []orders.State{orders.Shipped, orders.Cancelled, orders.Refunded}
	if c.CSV {
		return c.writeCSV(ctx, db, book, brands, slices.Concat(open, past), orderlist.CSV, out)
	}
	now, _, err := collect(ctx, book, brands, open, -1)
	if err != nil {
		return err
	}
	earlier, more, err := collect(ctx, book, brands, past, max(c.Limit, 0))
	if err != nil {
		return err
	}
	if len(now)+len(earlier) == 0 {
		_, err := fmt.Fprintln(out, "No orders yet.")
		return err
	}
	for _, part := range []struct {
		title string
		list  []orders.Order
	}{{"Open", now}, {"Earlier", earlier}} {
		fmt.Fprintf(out, "%s: %d\n", part.title, len(part.list))
		if len(part.list) > 0 {
			if err := orderlist.Table(out, part.list, zone, brands...); err != nil {
				return err
			}
		}
		fmt.Fprintln(out)
	}
	if more {
		fmt.Fprintf(out, "There are more earlier ones: --limit shows them, --csv writes all.\n")
	}
	return nil
}

// theirs says where an order is none of the brand's that was named, or is not
// its alone and the whole of it is meant.
func (c *ordersCmd) theirs(o orders.Order) error {
	brands := c.brands()
	switch {
	case brands == nil:
	case !slices.ContainsFunc(o.Lines, func(l orders.Line) bool { return l.Kind == pricing.KindItem && slices.Contains(brands, l.Brand) }):
		return fmt.Errorf("order %d has no goods of %s", o.Number, c.Brand)
	case orderlist.Shared(o, brands...) && (c.Do == "cancel" || c.Do == "refund" && len(c.Item) == 0 && c.Amount == ""):
		return fmt.Errorf("order %d also holds goods of another brand; name goods with --item, or leave --brand out", o.Number)
	}
	return nil
}

// brands is whose orders are asked for, nil for all.
func (c *ordersCmd) brands() []commerce.BrandID {
	if c.Brand == "" {
		return nil
	}
	return []commerce.BrandID{app.BrandID(c.Brand)}
}

// collect reads orders page by page: at most limit, all where that is negative.
func collect(ctx context.Context, book *orders.Orders, brands []commerce.BrandID, states []orders.State, limit int) (list []orders.Order, more bool, err error) {
	const size = 200
	for cursor := ""; ; {
		page, err := book.OfBrands(ctx, brands, states, cursor, size)
		if err != nil {
			return nil, false, err
		}
		list = append(list, page.Items...)
		if limit >= 0 && (len(list) > limit || len(list) == limit && page.Next != "") {
			return list[:limit], true, nil
		}
		if cursor = page.Next; cursor == "" {
			return list, false, nil
		}
	}
}

// find reads the order people call by a number, or by its id.
func find(ctx context.Context, book *orders.Orders, name string) (o orders.Order, err error) {
	if name == "" {
		return o, errors.New("which order? Give its number")
	}
	if number, err := strconv.ParseInt(strings.TrimPrefix(name, "#"), 10, 64); err == nil {
		if o, err = book.ByNumber(ctx, number); !errors.Is(err, orders.ErrNotFound) {
			return o, err
		}
	}
	o, err = book.Get(ctx, commerce.OrderID(name))
	if errors.Is(err, orders.ErrNotFound) {
		return o, fmt.Errorf("there is no order %s", name)
	}
	return o, err
}
