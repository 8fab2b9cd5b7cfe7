package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/cmd/souk/orderlist"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/commerce/statement"
)

// booksCmd is `souk books`.
type booksCmd struct {
	Config string `arg:"" help:"File or folder of the configuration." type:"path"`
	Do     string `arg:"" optional:"" default:"balances" enum:"balances,day,entries" help:"balances, day or entries."`
	Day    string `arg:"" optional:"" help:"With day and entries: which one, as 2026-11-25."`
	CSV    bool   `help:"With balances: write every account, also those of single members and gift cards, as CSV."`

	StripeAPI string `hidden:"" env:"SOUK_STRIPE_API"`
}

// Help is the manual.
func (booksCmd) Help() string {
	return `Shows the books. Every movement of money is a posting whose entries sum to zero;
debits are written plain, credits with a minus.

  souk books shop.yaml                    what each account holds, and whether it all sums to zero
  souk books shop.yaml day                yesterday, held against Stripe's statement
  souk books shop.yaml day 2026-11-25
  souk books shop.yaml entries > all.csv  every entry, for whoever keeps the books of the company
  souk books shop.yaml entries 2026-11-25

A day is one of policies.timezone. "day" asks Stripe for what moved the balance,
books its fees and payouts as the running shop does, and lists what only one of
the two knows. The exit code is 1 where something does not match.`
}

// Run shows the books.
func (c *booksCmd) Run(e *environment) error {
	at, err := e.open(c.Config)
	if err != nil {
		return err
	}
	defer at.db.Close()
	clock := commerce.SystemClock{}
	s := statement.New(statement.Config{DB: at.db, Clock: clock, Log: slog.New(slog.DiscardHandler),
		Stripe: payments.New(payments.Config{Key: at.Stripe.SecretKey, Endpoint: c.StripeAPI})})
	return c.run(e.ctx, at.db, s, clock.Now().In(at.zone), e.stdout)
}

func (c *booksCmd) run(ctx context.Context, db *database.DB, s *statement.Statement, now time.Time, out io.Writer) error {
	switch {
	case c.Do == "balances" && c.Day != "":
		return fmt.Errorf("balances are those of now; did you mean: souk books %s day %s", c.Config, c.Day)
	case c.Do == "balances":
		return c.balances(ctx, db, out)
	}
	from, before := time.Time{}, now
	if c.Do == "day" || c.Day != "" {
		var err error
		if from, before, err = day(c.Day, now); err != nil {
			return err
		}
	}
	if c.Do == "entries" {
		return journal(ctx, db, from, before, out)
	}
	return c.reconcile(ctx, s, from, before, out)
}

// day returns the bounds of a day in the zone of now, yesterday where none is
// named.
func day(text string, now time.Time) (from, before time.Time, err error) {
	if text == "" {
		text = now.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	from, err = time.ParseInLocation(time.DateOnly, text, now.Location())
	switch {
	case err != nil:
		return from, before, fmt.Errorf("write the day as 2026-11-25, not %q", text)
	case from.After(now):
		return from, before, fmt.Errorf("%s has not come yet", text)
	}
	return from, from.AddDate(0, 0, 1), nil
}

// balances writes what each account holds, and proves that it sums to zero.
func (c *booksCmd) balances(ctx context.Context, db *database.DB, out io.Writer) error {
	list, err := rewards.Balances(ctx, db)
	if err != nil {
		return err
	}
	wrong, err := rewards.Check(ctx, db)
	if err != nil {
		return err
	}
	sums := map[string]commerce.Money{}
	for _, b := range list {
		if sums[b.Amount.Currency], err = b.Amount.Add(sums[b.Amount.Currency]); err != nil {
			return err
		}
	}
	if c.CSV {
		w := csv.NewWriter(out)
		w.Write([]string{"account", "amount", "currency"})
		for _, b := range list {
			w.Write([]string{string(b.Account), b.Amount.Decimal(), b.Amount.Currency})
		}
		if w.Flush(); w.Error() != nil {
			return w.Error()
		}
	} else {
		for _, b := range together(list) {
			fmt.Fprintf(out, "%18s  %s\n", b.Amount, b.Account)
		}
	}
	off := false
	for _, cur := range slices.Sorted(maps.Keys(sums)) {
		if sums[cur].Amount != 0 {
			off = true
			fmt.Fprintf(out, "The accounts are off by %s.\n", sums[cur])
		}
	}
	for _, id := range wrong {
		fmt.Fprintf(out, "Posting %s does not sum to zero.\n", id)
	}
	if off || len(wrong) > 0 {
		return errUnwell
	}
	if !c.CSV {
		fmt.Fprintln(out, "Every posting sums to zero, and so do all accounts together.")
	}
	return nil
}

// together sums the accounts of single members and gift cards by their kind.
func together(list []rewards.Balance) (short []rewards.Balance) {
	at := map[string]int{}
	for _, b := range list {
		if !b.Account.Spendable() {
			short = append(short, b)
			continue
		}
		kind, _, _ := strings.Cut(string(b.Account), ":")
		key := kind + " " + b.Amount.Currency
		i, ok := at[key]
		if !ok {
			i = len(short)
			at[key], short = i, append(short, rewards.Balance{Account: rewards.Account(kind + " (all)"), Amount: commerce.Money{Currency: b.Amount.Currency}})
		}
		short[i].Amount.Amount += b.Amount.Amount
	}
	return short
}

// journal writes entries as CSV. No cell begins with what a spreadsheet takes
// for a formula, but amounts, which are numbers.
func journal(ctx context.Context, db *database.DB, from, before time.Time, out io.Writer) error {
	w := csv.NewWriter(out)
	w.Write([]string{"posting", "at", "order", "memo", "account", "amount", "currency"})
	if err := rewards.Journal(ctx, db, from, before, func(l rewards.Line) error {
		return w.Write([]string{l.Posting, l.At.In(before.Location()).Format(time.RFC3339), string(l.Order), orderlist.Safe(l.Memo),
			string(l.Account), l.Amount.Decimal(), l.Amount.Currency})
	}); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// reconcile holds a day against Stripe's statement.
func (c *booksCmd) reconcile(ctx context.Context, s *statement.Statement, from, before time.Time, out io.Writer) error {
	for more := true; more; {
		var err error
		if more, err = s.Step(ctx); err != nil {
			return fmt.Errorf("the statement of Stripe cannot be read: %w", err)
		}
	}
	r, err := s.Between(ctx, from, before)
	if err != nil {
		return err
	}
	held, err := s.Held(ctx)
	if err != nil {
		return fmt.Errorf("the balance at Stripe cannot be read: %w", err)
	}
	fmt.Fprintf(out, "%s to %s\n\n", from.Format("2006-01-02 15:04"), before.Format("2006-01-02 15:04 MST"))
	for _, sum := range r.Sums {
		fmt.Fprintf(out, "%6d  %-16s %18s  fees %s\n", sum.Count, sum.Type, sum.Amount, sum.Fee)
	}
	if len(r.Sums) == 0 {
		fmt.Fprintln(out, "Nothing moved the balance at Stripe.")
	}
	fmt.Fprintf(out, "\n%d match.", r.Matched)
	if r.Elsewhere > 0 {
		fmt.Fprintf(out, " %d were paid through another provider: see its statement.", r.Elsewhere)
	}
	fmt.Fprintln(out)
	for _, d := range r.Differences {
		order := ""
		if d.Order != 0 {
			order = ", order " + strconv.FormatInt(d.Order, 10)
		}
		fmt.Fprintf(out, "DIFFERS  %s  %s%s: %s; Stripe has %s, the books %s\n", d.At.In(from.Location()).Format("15:04:05"), d.Object, order, d.Problem, d.Stripe, d.Books)
	}
	apart := false
	for _, h := range held {
		fmt.Fprintf(out, "At Stripe now: %s, in the books: %s\n", h.Stripe, h.Books)
		apart = apart || h.Stripe != h.Books
	}
	if len(r.Differences) > 0 {
		return errUnwell
	}
	if apart {
		fmt.Fprintln(out, "These differ: money may have moved since the statement was read. Where it stays so, look at the days before.")
		return errUnwell
	}
	return nil
}
