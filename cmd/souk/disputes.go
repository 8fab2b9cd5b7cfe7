package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/cmd/souk/orderlist"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
)

// disputesCmd is `souk disputes`.
type disputesCmd struct {
	Config string `arg:"" help:"File or folder of the configuration." type:"path"`
	CSV    bool   `help:"Write all of them as CSV."`
	Brand  string `help:"List only those of orders with goods of this brand, by its name in the configuration."`
	State  string `default:"" enum:",open,review,won,lost,closed" placeholder:"STATE" help:"List only those that are open, in review, won, lost or closed."`
	Limit  int    `default:"50" help:"How many are listed that are over, the newest first."`
}

// Help is the manual.
func (disputesCmd) Help() string {
	return `Lists the payments that cardholders dispute with their banks: those that are open,
the most urgent first, then those that are over:

  souk disputes shop.yaml
  souk disputes shop.yaml --state open
  souk disputes shop.yaml --csv > disputes.csv

  open    evidence can be sent, until the time that stands there
  review  evidence was sent; the bank decides
  won     the money is back
  lost    the money stays with the cardholder
  closed  the bank only asked, and took nothing

Evidence is sent once: by the staff, with the order under /staff in the chat, else
by the running ` + "`souk serve`" + ` a day before its time is over.`
}

// Run lists disputes.
func (c *disputesCmd) Run(e *environment) error {
	at, brands, err := e.list(c.Config, c.Brand)
	if err != nil {
		return err
	}
	defer at.db.Close()
	return c.run(e.ctx, at.db, brands, at.zone, e.stdout)
}

// claim is a dispute with whose goods it is about.
type claim struct {
	payments.Dispute
	number int64 // of the order
	brands []string
}

func (c *disputesCmd) run(ctx context.Context, db *database.DB, brands []commerce.BrandID, zone *time.Location, out io.Writer) error {
	desk := deskOf(db)
	all, err := desk.Disputes(ctx, allOf)
	if err != nil {
		return err
	}
	var list, open, past []claim
	for _, d := range all {
		o, err := desk.Orders().Get(ctx, d.Order)
		if err != nil {
			return err
		}
		one := claim{Dispute: d, number: o.Number, brands: soldBy(o)}
		if c.State != "" && one.state() != c.State || len(brands) > 0 && !slices.Contains(one.brands, string(brands[0])) {
			continue
		}
		list = append(list, one)
		if d.Over() {
			past = append(past, one)
		} else {
			open = append(open, one)
		}
	}
	if c.CSV {
		return disputesCSV(out, list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, "No disputes.")
		return err
	}
	shown := past[:min(len(past), max(c.Limit, 0))]
	if err := inTwo(out, open, shown, func(t io.Writer, list []claim) {
		fmt.Fprintln(t, "ORDER\tBRANDS\tOPENED\tAMOUNT\tREASON\tSTATE\tEVIDENCE UNTIL\tEVIDENCE SENT")
		for _, d := range list {
			fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", d.number, strings.Join(d.brands, ", "), clock(d.OpenedAt, zone), d.Amount,
				orderlist.Plain(strings.ReplaceAll(d.Reason, "_", " ")), d.words(), clock(d.DueAt, zone), d.sent(zone))
		}
	}); err != nil {
		return err
	}
	if len(shown) < len(past) {
		fmt.Fprintln(out, "There are more earlier ones: --limit shows them, --csv writes all.")
	}
	return nil
}

// soldBy lists the brands of an order's goods.
func soldBy(o orders.Order) (list []string) {
	for _, l := range o.Lines {
		if b := string(l.Brand); b != "" && !slices.Contains(list, b) {
			list = append(list, b)
		}
	}
	return list
}

// state is where a dispute stands, as --state names it.
func (d claim) state() string {
	switch {
	case d.State == payments.DisputeWon, d.State == payments.DisputeLost:
		return d.State
	case d.Over():
		return "closed"
	case d.InReview():
		return "review"
	}
	return "open"
}

func (d claim) words() string {
	if d.Inquiry() && !d.Over() {
		return d.state() + ", the bank only asks"
	}
	return d.state()
}

// sent is when evidence was sent. Who does it on Stripe's pages leaves no time.
func (d claim) sent(zone *time.Location) string {
	if d.AnsweredAt.IsZero() && d.InReview() {
		return "on Stripe's pages"
	}
	return clock(d.AnsweredAt, zone)
}

func clock(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04")
}

// disputesCSV writes disputes for a spreadsheet, as payoutsCSV does payouts.
func disputesCSV(out io.Writer, list []claim) error {
	w := csv.NewWriter(out)
	w.Write([]string{"order", "dispute", "brands", "opened", "amount", "currency", "reason", "state", "at_stripe", "evidence_until", "evidence_sent", "closed"})
	for _, d := range list {
		w.Write([]string{number(d.number), orderlist.Safe(d.ID), orderlist.Safe(strings.Join(d.brands, " ")), stamp(d.OpenedAt), d.Amount.Decimal(), d.Amount.Currency,
			orderlist.Safe(d.Reason), d.state(), orderlist.Safe(d.State), stamp(d.DueAt), stamp(d.AnsweredAt), stamp(d.ClosedAt)})
	}
	w.Flush()
	return w.Error()
}
