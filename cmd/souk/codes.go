package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/promotions"
)

// mostCodes is how many codes one call makes at most.
const mostCodes = 10_000

// codesCmd is `souk codes`.
type codesCmd struct {
	Config    string `arg:"" help:"File or folder of the configuration." type:"path"`
	Do        string `arg:"" enum:"make,list" help:"make or list."`
	Promotion string `arg:"" help:"The promotion, by its name in the configuration."`
	N         int    `arg:"" optional:"" default:"1" help:"With make: how many codes, at most 10000."`
}

// Help is the manual.
func (codesCmd) Help() string {
	return `Makes codes of a promotion that serve once each, and lists them as CSV:

  souk codes shop.yaml make welcome 500 > codes.csv
  souk codes shop.yaml list welcome

The promotion stands in the configuration without a code of its own. Who has a
code can use it: keep the list as you keep money.`
}

// Run makes or lists codes.
func (c *codesCmd) Run(e *environment) error {
	at, err := e.open(c.Config)
	if err != nil {
		return err
	}
	defer at.db.Close()
	p, ok := at.Promotions[c.Promotion]
	switch {
	case !ok:
		return fmt.Errorf("there is no promotion %q in %s", c.Promotion, c.Config)
	case p.Code != "":
		return fmt.Errorf("promotion %q has the code %s for everybody: take the key `code` out of it to have codes that serve once", c.Promotion, p.Code)
	case c.Do == "make" && (c.N < 1 || c.N > mostCodes):
		return fmt.Errorf("make 1 to %d codes at once, not %d", mostCodes, c.N)
	}
	return c.run(e.ctx, at.db, e.stdout)
}

func (c *codesCmd) run(ctx context.Context, db *database.DB, out io.Writer) error {
	rule := app.PromotionOf(c.Promotion)
	if c.Do == "make" {
		codes, err := promotions.Make(ctx, db, commerce.RandomIDs{}, time.Now(), rule, c.N)
		for _, code := range codes {
			fmt.Fprintln(out, code)
		}
		return err
	}
	list, err := promotions.Vouchers(ctx, db, rule.ID)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "code,made,used") // letters, digits, a dash and a time: nothing of it is a formula
	for _, v := range list {
		used := "no"
		if v.Used {
			used = "yes"
		}
		fmt.Fprintf(out, "%s,%s,%s\n", v.Code, v.Made.UTC().Format(time.RFC3339), used)
	}
	return nil
}
