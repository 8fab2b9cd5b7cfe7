package chatscript

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/sandbox/stripe"
)

// commands are what a script can say. Each acts for the person named last by
// `as`, and all that follows from an act has happened when it returns.
func (s *story) commands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	type command = func(ts *testscript.TestScript, neg bool, args []string)
	act := func(n int, usage string, do func(args []string) error) command {
		return func(ts *testscript.TestScript, neg bool, args []string) {
			if len(args) < n {
				ts.Fatalf("usage: %s", usage)
			}
			err := do(args)
			s.rest()
			if (err != nil) != neg {
				ts.Fatalf("%s: %v\n%s sees:\n%s", usage, err, s.who, s.me().Screen())
			}
		}
	}
	return map[string]command{
		"as": act(1, "as PERSON [group|private|other]: who acts, where", s.as),
		"go": act(1, "go group|private", func(args []string) error { s.me().Go(args[0]); return nil }),

		"say":    act(1, "say TEXT", func(args []string) error { return s.me().Say(strings.Join(args, " ")) }),
		"tap":    act(1, "tap LABEL", func(args []string) error { return s.me().Tap(args[0]) }),
		"tap-on": act(2, "tap-on TEXT LABEL: on the newest message with the text", func(args []string) error { return s.me().TapOn(args[0], args[1]) }),
		"fill":   act(1, "fill VALUE…: a form", func(args []string) error { return s.me().Fill(args) }),
		"forge":  act(1, "forge ACTION: press what no button offers", s.forge),

		"see":     s.look(func() string { return s.me().Screen() }),
		"see-all": s.look(func() string { return s.me().All() }),
		"page":    s.look(func() string { return s.page }),
		"file": s.look(func() string {
			name, data := s.me().File()
			return name + "\n" + string(data)
		}),
		"keep": s.keep,

		"pay":     s.pay,
		"open":    act(1, "open LABEL: the link of a button", func(args []string) error { return s.open(s.me().Link(args[0])) }),
		"wait":    act(1, "wait DURATION", s.waitFor),
		"block":   act(0, "block: take no messages of the bot", func([]string) error { return s.closed(true) }),
		"open-up": act(0, "open-up: take them again", func([]string) error { return s.closed(false) }),

		"price":   act(2, "price HANDLE AMOUNT: the brand changes a price", s.price),
		"stock":   act(2, "stock HANDLE N: so many are free", s.stock),
		"again":   act(1, "again N: Stripe sends all its events N times more", s.again),
		"silence": act(0, "silence: Stripe's webhooks are lost from now on", s.silence),
	}
}

func (s *story) as(args []string) error {
	s.who, s.platform = args[0], s.main
	for _, where := range args[1:] {
		if where == "other" {
			s.platform = map[string]string{"telegram": "discord", "discord": "telegram"}[s.main]
			continue
		}
		s.me().Go(where)
	}
	return nil
}

// look checks that each text is there, or with ! that none is.
func (s *story) look(at func() string) func(ts *testscript.TestScript, neg bool, args []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		seen := at()
		for _, want := range args {
			if strings.Contains(seen, want) == neg {
				not := ""
				if neg {
					not = "not "
				}
				ts.Fatalf("%s should %ssee %q, but sees:\n%s", s.who, not, want, seen)
			}
		}
		if len(args) == 0 {
			ts.Logf("%s sees:\n%s", s.who, seen)
		}
	}
}

// keep VARIABLE PATTERN takes what the pattern's group matches on the screen.
func (s *story) keep(ts *testscript.TestScript, neg bool, args []string) {
	m := regexp.MustCompile(args[1]).FindStringSubmatch(s.me().Screen())
	if m == nil {
		ts.Fatalf("no %s in:\n%s", args[1], s.me().Screen())
	}
	ts.Setenv(args[0], m[len(m)-1])
}

// open follows a link as a browser does.
func (s *story) open(link string) error {
	if link == "" {
		return fmt.Errorf("there is no such link")
	}
	client := &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.Path, "/c/") {
			s.page = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}}
	resp, err := client.Get(link)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSeeOther {
		return nil // on Stripe's page now
	}
	body, err := io.ReadAll(resp.Body)
	s.page = string(body)
	return err
}

// pay [LABEL] CARD pays behind the newest button with the label, "Pay" where
// none is given: 4242 pays, 0002 is declined, 3184 asks for confirmation.
func (s *story) pay(ts *testscript.TestScript, neg bool, args []string) {
	cards := map[string]string{"good": "4242424242424242", "declined": "4000000000000002", "asks": "4000002760003184"}
	label := "Pay"
	if len(args) == 2 {
		label, args = args[0], args[1:]
	}
	if err := s.open(s.me().Link(label)); err != nil {
		ts.Fatalf("open the pay link: %v\n%s sees:\n%s", err, s.who, s.me().Screen())
	}
	if !strings.HasPrefix(s.page, "http") {
		if neg {
			return
		}
		ts.Fatalf("the link does not lead to a payment:\n%s", s.page)
	}
	out, err := s.world.Stripe.Pay(s.page, cards[args[0]])
	if err == nil && out.Status == "requires_action" {
		session := s.page[strings.LastIndex(s.page, "/")+1:]
		out, err = s.world.Stripe.Authenticate(session, true)
	}
	if (err != nil || out.Status != "paid") != neg {
		ts.Fatalf("pay: %+v, %v", out, err)
	}
	if out.URL != "" {
		if err := s.open(out.URL); err != nil {
			ts.Fatalf("come back from the payment: %v", err)
		}
	}
	s.rest()
}

func (s *story) waitFor(args []string) error {
	d, err := time.ParseDuration(args[0])
	if err == nil {
		s.wait(d)
	}
	return err
}

// forge presses an action that no button of theirs offers, as a changed client
// could on Telegram.
func (s *story) forge(args []string) error {
	for _, p := range s.world.People {
		if p.ID != s.who {
			continue
		}
		list := s.world.Telegram.Messages(p.Telegram, p.Telegram)
		if len(list) == 0 {
			return fmt.Errorf("%s has no private chat", s.who)
		}
		if err := s.world.Telegram.As(p.Telegram).Press(p.Telegram, list[len(list)-1].MessageID, args[0]); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) closed(yes bool) error {
	for _, p := range s.world.People {
		switch {
		case p.ID != s.who:
		case s.platform == "discord":
			s.world.Discord.CloseDMs(p.Discord, yes)
		case yes:
			return s.world.Telegram.As(p.Telegram).Block()
		default:
			return s.world.Telegram.As(p.Telegram).Unblock()
		}
	}
	return nil
}

// price changes what the first variant of a product costs.
func (s *story) price(args []string) error {
	amount, err := commerce.ParseMoney(args[1], "EUR")
	if err != nil {
		return err
	}
	return s.change(args[0], `UPDATE variants SET price = $2 WHERE id = $1`, amount.Amount)
}

// stock sets how many of the first variant are free.
func (s *story) stock(args []string) error {
	n, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return err
	}
	return s.change(args[0], `UPDATE stock SET on_hand = on_hand - free + $2, free = $2 WHERE variant_id = $1`, n)
}

func (s *story) change(handle, query string, value int64) error {
	err := s.world.App.DB.Write(s.ctx, func(tx *database.Tx) error {
		var v string
		if err := tx.Row(`SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.handle = $1 AND v.hidden = 0
			ORDER BY v.position LIMIT 1`, handle).Scan(&v); err != nil {
			return fmt.Errorf("product %s: %w", handle, err)
		}
		if n, err := tx.Exec(query, v, value); err != nil || n != 1 {
			return fmt.Errorf("%d rows changed: %w", n, err)
		}
		_, err := tx.Exec(`UPDATE versions SET n = n + 1 WHERE name = 'catalog'`)
		return err
	})
	s.world.App.Catalog.Refresh()
	s.world.App.Stock.Forget()
	return err
}

// silence loses every webhook of Stripe from now on.
func (s *story) silence([]string) error {
	s.world.Stripe.Deliver(func(string, string) stripe.Delivery { return stripe.Delivery{} })
	return nil
}

// again sends every event of Stripe again, the newest first.
func (s *story) again(args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	events := s.world.Stripe.Events()
	slices.Reverse(events)
	for range n {
		for _, e := range events {
			s.world.Stripe.Resend(e.ID)
		}
		if err := s.world.Stripe.Rest(context.Background()); err != nil {
			return err
		}
	}
	return nil
}
