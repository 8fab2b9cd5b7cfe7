package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/cmd/souk/orderlist"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/config"
)

// dropsCmd is `souk drops`.
type dropsCmd struct {
	Config string `arg:"" help:"File or folder of the configuration." type:"path"`
	CSV    bool   `help:"Write all of it as CSV: by platform, chat, creator and variant, and the money."`
	Brand  string `help:"Only those of this brand, by its name in the configuration."`
	Limit  int    `default:"50" help:"How many are listed, the newest first."`
}

// Help is the manual.
func (dropsCmd) Help() string {
	return `Shows what drops brought, one line for each and its parts below it:

  souk drops shop.yaml
  souk drops shop.yaml --brand acme --csv > drops.csv

  told     groups that had the announcement, and members who had it in private
  looked   different members who opened the drop or pressed a button of it
  claimed  who took part
  paid     units that were paid
  kept     of them, those that were neither cancelled, refunded nor sent back
  no-show  who had a unit and did not pay in time

A community's line counts the units that were kept for its members. A creator's line counts their followers: who follows two counts for both. What is
left of the money is the goods without tax, less what went back, Stripe's fees as
far as its statement is read, and what the shop keeps of a brand's sales. It names
nobody. In the chat, /staff shows the same to the staff of the brand.`
}

// Run shows drops.
func (c *dropsCmd) Run(e *environment) error {
	at, brands, err := e.list(c.Config, c.Brand)
	if err != nil {
		return err
	}
	defer at.db.Close()
	return c.run(e.ctx, at.db, at.Config, brands, e.stdout)
}

func (c *dropsCmd) run(ctx context.Context, db *database.DB, cfg *config.Config, brands []commerce.BrandID, out io.Writer) error {
	d := drops.New(drops.Config{DB: db, Clock: commerce.SystemClock{}})
	list, err := d.Figures(ctx, brands, c.Limit)
	if err != nil {
		return err
	}
	var reports []drops.Report
	for _, f := range list {
		r, err := d.Report(ctx, f.Drop.ID, func(bot string) string { return app.PlatformOf(cfg, bot) })
		if err != nil {
			return err
		}
		reports = append(reports, r)
	}
	goods, err := catalog.New(db, commerce.SystemClock{}).Snapshot(ctx)
	if err != nil {
		return err
	}
	variant := func(v commerce.VariantID) string { return app.NameOfVariant(goods, v) }
	named := func(p drops.Part) string { return app.NameOfPart(cfg, p) }
	if c.CSV {
		return orderlist.DropsCSV(out, reports, named, variant)
	}
	if len(reports) == 0 {
		_, err := fmt.Fprintln(out, "No drop has been announced.")
		return err
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "DROP\tTOLD\tLOOKED\tCLAIMED\tPAID\tKEPT\tNO-SHOW\tLEFT")
	for _, r := range reports {
		left := ""
		for _, e := range r.Earned {
			left += e.Left().String() + " "
		}
		row := func(name string, f drops.Funnel, more string) {
			fmt.Fprintf(t, "%s\t%d+%d\t%d\t%d\t%d\t%d\t%s\n", orderlist.Plain(name), f.Groups, f.Members, f.Tap, f.Claim, f.Pay, f.Keep, more)
		}
		row(r.Drop.Title, r.Funnel, fmt.Sprintf("%d\t%s", r.NoShows, left))
		for _, p := range r.Parts {
			name := named(p)
			if p.Kind == "chat" && p.Chat == "" {
				name += ", in private"
			}
			row("  "+p.Kind+" "+name, p.Funnel, "\t")
		}
		for _, a := range r.Drop.Allotments() {
			fmt.Fprintf(t, "  kept for %s: %d of %d × %s sold\n", orderlist.Plain(named(drops.Part{Kind: "community", Name: string(a.Community)})), a.Sold, a.Units, orderlist.Plain(variant(a.Variant)))
		}
		for _, w := range r.Demand {
			if w.Asked+w.Waiting > 0 {
				fmt.Fprintf(t, "  waitlist %s: %d wait, %d asked since the announcement\n", orderlist.Plain(variant(w.Variant)), w.Waiting, w.Asked)
			}
		}
	}
	return t.Flush()
}
