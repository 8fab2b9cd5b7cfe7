package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/soukchat/souk/cmd/souk/orderlist"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payouts"
)

// allOf is more than there ever are of what is listed whole.
const allOf = 1 << 30

// payoutsCmd is `souk payouts`.
type payoutsCmd struct {
	Config   string `arg:"" help:"File or folder of the configuration." type:"path"`
	CSV      bool   `help:"Write all of them as CSV."`
	Brand    string `help:"List only those of this brand, by its name in the configuration."`
	State    string `default:"" enum:",held,sent,failed,void,reversed" placeholder:"STATE" help:"List only those that are held, sent, failed, void or reversed."`
	Creators bool   `help:"List what creators were paid in money, instead of brands."`
	Limit    int    `default:"50" help:"How many are listed of which nothing is to come, the newest first."`
}

// Help is the manual.
func (payoutsCmd) Help() string {
	return `Lists what brands with an account at Stripe get of their sales, one line for each
brand of an order, and in the end what each is owed:

  souk payouts shop.yaml
  souk payouts shop.yaml --brand acme --state failed
  souk payouts shop.yaml --csv > payouts.csv
  souk payouts shop.yaml --creators

  held      not transferred yet: held back, disputed, or just being sent
  sent      transferred
  failed    Stripe said no, to the transfer or to taking a part of it back: a person
            has to mend the account, or ask the brand
  void      all of it went back to the buyer before
  reversed  a part of the transfer was taken back, or has to be

What is owed is what the account payable of a brand holds in the books; below zero
the brand has more than its part. In the chat /staff has Stripe try again.

With --creators it lists what creators were paid where the programme pays in money
(due, sent, failed: Stripe said no and it is in their balance again), and how much
of what they earned can be paid out.`
}

// Run lists payouts.
func (c *payoutsCmd) Run(e *environment) error {
	at, brands, err := e.list(c.Config, c.Brand)
	if err != nil {
		return err
	}
	defer at.db.Close()
	if c.Creators {
		return c.creators(e.ctx, at.db, at.zone, e.stdout)
	}
	return c.run(e.ctx, at.db, brands, at.zone, e.stdout)
}

// part is a payout with what became of it.
type part struct {
	payouts.Payout
	number   int64          // of the order, 0 where it is forgotten
	reversed commerce.Money // taken back of the transfer
	waiting  commerce.Money // still to be taken back
	owed     commerce.Money
	refused  bool   // Stripe said no to the transfer or to taking it back
	why      string // what Stripe said
}

func (c *payoutsCmd) run(ctx context.Context, db *database.DB, brands []commerce.BrandID, zone *time.Location, out io.Writer) error {
	list, err := parts(ctx, db, brands)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(p part) bool { return c.State != "" && !p.is(c.State) })
	if c.CSV {
		return payoutsCSV(out, list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, "No payouts.")
		return err
	}
	var open, past []part
	for _, p := range list {
		if p.owed.IsZero() && p.waiting.IsZero() {
			past = append(past, p)
		} else {
			open = append(open, p)
		}
	}
	shown := past[:min(len(past), max(c.Limit, 0))]
	if err := inTwo(out, open, shown, func(t io.Writer, list []part) {
		fmt.Fprintln(t, "ORDER\tBRAND\tSOLD\tGETS\tLESS\tTAKEN BACK\tOWED\tSTATE\tWHY")
		for _, p := range list {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", cmp.Or(number(p.number), "forgotten"), p.Brand, clock(p.CreatedAt, zone),
				p.Amount, p.Less.Decimal(), p.reversed.Decimal(), p.owed.Decimal(), p.state(zone), orderlist.Plain(p.why))
		}
	}); err != nil {
		return err
	}
	if len(shown) < len(past) {
		fmt.Fprintln(out, "There are more earlier ones: --limit shows them, --csv writes all.")
	}
	return owedSums(out, list)
}

// parts reads the payouts of brands, nil for all, the newest first, with what
// became of each.
func parts(ctx context.Context, db *database.DB, brands []commerce.BrandID) ([]part, error) {
	desk := deskOf(db)
	all, err := desk.Payouts(ctx, brands, allOf)
	if err != nil {
		return nil, err
	}
	list := make([]part, 0, len(all))
	for _, paid := range all {
		p := part{Payout: paid, why: paid.Problem, refused: paid.State == payouts.Failed}
		p.reversed.Currency, p.waiting.Currency = paid.Amount.Currency, paid.Amount.Currency
		var back []payouts.Reversal
		if paid.Asked.Amount > 0 && paid.Less.Amount > 0 {
			if back, err = desk.Reversals(ctx, paid); err != nil {
				return nil, err
			}
		}
		for _, r := range back {
			if r.Done {
				p.reversed.Amount += r.Amount.Amount
				continue
			}
			p.waiting.Amount += r.Amount.Amount
			p.refused = p.refused || r.Refused
			p.why = cmp.Or(r.Problem, p.why)
		}
		p.owed = paid.Owed(back)
		if p.number, err = numberOf(ctx, desk.Orders(), paid.Order); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// numberOf is the number of an order, 0 where it was forgotten.
func numberOf(ctx context.Context, book *orders.Orders, id commerce.OrderID) (int64, error) {
	o, err := book.Get(ctx, id)
	if errors.Is(err, orders.ErrNotFound) {
		return 0, nil
	}
	return o.Number, err
}

// is reports whether a payout is among those of --state.
func (p part) is(state string) bool {
	switch state {
	case "failed":
		return p.refused
	case "reversed":
		return p.State == payouts.Sent && p.reversed.Amount+p.waiting.Amount > 0
	}
	return string(p.State) == state
}

// state says how a payout stands.
func (p part) state(zone *time.Location) string {
	switch {
	case p.State == payouts.Sent && !p.waiting.IsZero():
		return fmt.Sprintf("sent %s, %s to be taken back", clock(p.SentAt, zone), p.waiting)
	case p.State == payouts.Sent:
		return "sent " + clock(p.SentAt, zone)
	case p.State == payouts.Held && p.Asked.Amount > 0:
		return "being sent"
	case p.State == payouts.Held && p.Disputed:
		return "held while it is disputed"
	case p.State == payouts.Held:
		return "held until " + clock(p.Due, zone)
	}
	return string(p.State)
}

// owedSums writes what each brand is owed of the payouts in a list.
func owedSums(out io.Writer, list []part) error {
	type key struct {
		brand    commerce.BrandID
		currency string
	}
	sums, order := map[key]commerce.Money{}, []key{}
	for _, p := range list {
		k := key{p.Brand, p.owed.Currency}
		sum, known := sums[k]
		if !known {
			sum.Currency, order = k.currency, append(order, k)
		}
		var err error
		if sums[k], err = sum.Add(p.owed); err != nil {
			return err
		}
	}
	slices.SortFunc(order, func(a, b key) int { return cmp.Or(cmp.Compare(a.brand, b.brand), cmp.Compare(a.currency, b.currency)) })
	for _, k := range order {
		if _, err := fmt.Fprintf(out, "Owed to %s: %s\n", k.brand, sums[k]); err != nil {
			return err
		}
	}
	return nil
}

// payoutsCSV writes payouts for a spreadsheet. Amounts are plain decimal
// numbers, times RFC 3339 in UTC; no other cell begins as a formula does.
func payoutsCSV(out io.Writer, list []part) error {
	w := csv.NewWriter(out)
	w.Write([]string{"order", "brand", "account", "sold", "gets", "less", "transferred", "taken_back", "to_take_back", "owed", "currency",
		"state", "disputed", "held_until", "sent", "transfer", "why"})
	for _, p := range list {
		state, until, sent := string(p.State), "", commerce.Money{Currency: p.Amount.Currency}
		switch p.State {
		case payouts.Held:
			until = stamp(p.Due)
		case payouts.Sent:
			sent = p.Asked
		}
		w.Write([]string{number(p.number), orderlist.Safe(string(p.Brand)), orderlist.Safe(p.Account), stamp(p.CreatedAt), p.Amount.Decimal(), p.Less.Decimal(),
			sent.Decimal(), p.reversed.Decimal(), p.waiting.Decimal(), p.owed.Decimal(), p.Amount.Currency,
			state, yes(p.Disputed), until, stamp(p.SentAt), orderlist.Safe(p.Transfer), orderlist.Safe(p.why)})
	}
	w.Flush()
	return w.Error()
}

// inTwo writes what is open and what was before, each as a table.
func inTwo[T any](out io.Writer, open, past []T, table func(io.Writer, []T)) error {
	for _, half := range []struct {
		title string
		list  []T
	}{{"Open", open}, {"Earlier", past}} {
		fmt.Fprintf(out, "%s: %d\n", half.title, len(half.list))
		if len(half.list) > 0 {
			t := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
			table(t, half.list)
			if err := t.Flush(); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintln(out); err != nil {
			return err
		}
	}
	return nil
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
