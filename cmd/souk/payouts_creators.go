package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/soukchat/souk/cmd/souk/orderlist"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creatorpay"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/rewards"
)

// creators lists what creators were paid in money, the newest first, and what all
// of them are owed.
func (c *payoutsCmd) creators(ctx context.Context, db *database.DB, zone *time.Location, out io.Writer) error {
	most := c.Limit
	if c.CSV {
		most = allOf
	}
	list, err := creatorpay.Newest(ctx, db, most)
	if err != nil {
		return err
	}
	if c.CSV {
		w := csv.NewWriter(out)
		w.Write([]string{"payout", "member", "account", "asked", "amount", "reversed", "currency", "state", "sent", "transfer", "why"})
		for _, p := range list {
			w.Write([]string{p.ID, string(p.Member), orderlist.Safe(p.Account), stamp(p.CreatedAt), p.Amount.Decimal(), commerce.Money{Amount: p.Reversed, Currency: p.Amount.Currency}.Decimal(),
				p.Amount.Currency, string(p.State), stamp(p.SentAt), orderlist.Safe(p.Transfer), orderlist.Safe(p.Problem)})
		}
		w.Flush()
		return w.Error()
	}
	if len(list) == 0 {
		_, err = fmt.Fprintln(out, "No payouts.")
	} else {
		t := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(t, "MEMBER\tACCOUNT\tASKED\tAMOUNT\tTAKEN BACK\tSTATE\tWHY")
		for _, p := range list {
			state := string(p.State)
			if p.State == creatorpay.Sent {
				state = "sent " + clock(p.SentAt, zone)
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", p.Member, orderlist.Plain(p.Account), clock(p.CreatedAt, zone), p.Amount, commerce.Money{Amount: p.Reversed, Currency: p.Amount.Currency}.Decimal(), state, orderlist.Plain(p.Problem))
		}
		err = t.Flush()
	}
	if err != nil {
		return err
	}
	sums, err := rewards.Sums(ctx, db, "earned:")
	if err != nil {
		return err
	}
	for _, sum := range sums {
		if _, err := fmt.Fprintf(out, "Can be paid out to creators: %s\n", sum); err != nil {
			return err
		}
	}
	return nil
}
