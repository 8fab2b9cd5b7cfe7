package chatscript

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/soukchat/souk/commerce/database"
	page "github.com/soukchat/souk/sandbox/preview"
)

// commands are what a script can say. Each acts for the person named last by
// `as`, and all that follows from an act has happened when it returns.
func (s *story) commands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	act := func(n int, usage string, do func(args []string) error) command {
		return func(ts *testscript.TestScript, neg bool, args []string) {
			if len(args) < n {
				ts.Fatalf("usage: %s", usage)
			}
			s.clock.Wait(2 * time.Second) // nobody taps faster than they look
			err := do(args)
			s.rest()
			if (err != nil) != neg {
				ts.Fatalf("%s: %v\n%s sees:\n%s", usage, err, s.who, s.me().Screen())
			}
		}
	}
	all := map[string]command{
		"as": act(1, "as PERSON [group|private|other]: who acts, where", s.as),
		"go": act(1, "go group|private", func(args []string) error { s.me().Go(args[0]); return nil }),

		"say":     act(1, "say TEXT", func(args []string) error { return s.me().Say(strings.Join(args, " ")) }),
		"tap":     act(1, "tap LABEL", func(args []string) error { return s.me().Tap(args[0]) }),
		"tap-on":  act(2, "tap-on TEXT LABEL: on the newest message with the text", func(args []string) error { return s.me().TapOn(args[0], args[1]) }),
		"fill":    act(1, "fill VALUE…: a form", func(args []string) error { return s.me().Fill(args) }),
		"stutter": act(1, "stutter N: what they do next reaches us N times more", s.stutter),
		"forge":   act(1, "forge ACTION: press what no button offers", s.forge),

		"speaks": act(1, "speaks LANGUAGE: what their app is set to", s.speaks),
		"pass":   act(1, "pass TITLE: show a pick in the group, from its screen", s.pass),
		"share":  act(1, "share QUERY: show a product in the group", s.share),

		"see":     s.look(func() string { return s.me().Screen() }),
		"see-all": s.look(func() string { return s.me().All() }),
		"page":    s.look(func() string { return s.page }),
		"file": s.look(func() string {
			name, data := s.me().File()
			return name + "\n" + string(data)
		}),
		"times": act(2, "times N TEXT: so often it stands in the chat", s.times),
		"keep":  s.keep,
		"find":  s.find,

		"credited": act(2, "credited PERSON CREATOR: whose pick their newest order came from", s.credited),

		"pay":           s.pay,
		"pay-and-close": s.payAndClose,
		"pay-page":      s.payPage,
		"open":          act(1, "open LABEL: the link of a button, or an address in a text", func(args []string) error { return s.open(s.me().Link(args[0])) }),
		"decided": act(1, "decided won|lost: the banks decide all open disputes", func(args []string) error {
			s.world.Stripe.Decide("", args[0] == "won")
			return nil
		}),
		"later":   act(1, "later DURATION: time goes by", s.later),
		"block":   act(0, "block: take no messages of the bot", func([]string) error { return s.closed(true) }),
		"open-up": act(0, "open-up: take them again", func([]string) error { return s.closed(false) }),

		"wipe":       act(0, "wipe: Redis forgets everything", func([]string) error { return s.memory.wipe() }),
		"recommends": act(3, "recommends CREATOR HANDLE TITLE: a new pick stands in the configuration", s.recommends),
		"price":      act(2, "price HANDLE AMOUNT: the brand changes a price", s.price),
		"stock":      act(2, "stock HANDLE N: so many are free", s.stock),
		"again":      act(1, "again N: Stripe sends all its events N times more", s.again),
		"units":      act(2, "units HANDLE free=N held=N sold=N: how the first variant stands", s.units),
		"money":      act(1, "money [CURRENCY] captured=AMOUNT refunded=AMOUNT: at Stripe", s.money),
		"silence":    act(0, "silence: Stripe's webhooks are lost from now on", s.silence),
	}
	for _, more := range topics {
		maps.Copy(all, more(s, act))
	}
	return all
}

type (
	command = func(ts *testscript.TestScript, neg bool, args []string)
	acting  = func(n int, usage string, do func(args []string) error) command
)

// topics are the commands of one topic each; a file of its own appends here.
var topics []func(s *story, act acting) map[string]command

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
		seen := strings.ReplaceAll(at(), "\u00a0", " ") // CHF 4.90 is held together by one
		for _, want := range args {
			want = strings.ReplaceAll(want, "|", "\n") // the one line below the other
			if strings.Contains(seen, want) == neg {
				not := ""
				if neg {
					not = "not "
				}
				ts.Fatalf("%s should %ssee %q, but sees:\n%s", s.who, not, want, seen)
			}
		}
		if !neg {
			ts.Logf("%s sees:\n%s", s.who, seen) // with -v a story is a transcript
		}
	}
}

// times N TEXT: neither once less nor once more.
func (s *story) times(args []string) error {
	all := s.me().All()
	if n := strings.Count(all, args[1]); strconv.Itoa(n) != args[0] {
		return fmt.Errorf("%q stands there %d times in:\n%s", args[1], n, all)
	}
	return nil
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

// cards are Stripe's test cards, by what becomes of them.
var cards = map[string]string{"good": "4242424242424242", "declined": "4000000000000002", "asks": "4000002760003184", "disputed": "4000000000000259", "mastercard": "5555555555554444"}

// pay [LABEL] CARD pays behind the newest button with the label, "Pay" where
// none is given, and comes back as the page sends people back.
func (s *story) pay(ts *testscript.TestScript, neg bool, args []string) {
	back := s.payBehind(ts, neg, args)
	if back != "" {
		if err := s.open(back); err != nil {
			ts.Fatalf("come back from the payment: %v", err)
		}
	}
	s.rest()
}

// pay-and-close [LABEL] CARD pays and never comes back.
func (s *story) payAndClose(ts *testscript.TestScript, neg bool, args []string) {
	s.payBehind(ts, neg, args)
	s.rest()
}

func (s *story) payBehind(ts *testscript.TestScript, neg bool, args []string) (back string) {
	label := "Pay"
	if len(args) == 2 {
		label, args = args[0], args[1:]
	}
	if err := s.open(s.me().Link(label)); err != nil {
		ts.Fatalf("open the pay link: %v\n%s sees:\n%s", err, s.who, s.me().Screen())
	}
	if !strings.HasPrefix(s.page, "http") {
		ts.Fatalf("the link does not lead to a payment:\n%s", s.page)
	}
	return s.card(ts, neg, args[0])
}

// pay-page CARD types a card into the payment page that is open.
func (s *story) payPage(ts *testscript.TestScript, neg bool, args []string) {
	s.card(ts, neg, args[0])
	s.rest()
}

func (s *story) card(ts *testscript.TestScript, neg bool, card string) (back string) {
	s.clock.Wait(2 * time.Second)
	out, err := s.world.Stripe.Pay(s.page, cards[card])
	if err == nil && out.Status == "requires_action" {
		session := s.page[strings.LastIndex(s.page, "/")+1:]
		out, err = s.world.Stripe.Authenticate(session, true)
	}
	if (err != nil || out.Status != "paid") != neg {
		ts.Fatalf("pay: %+v, %v", out, err)
	}
	return out.URL
}

func (s *story) later(args []string) error {
	d, err := time.ParseDuration(args[0])
	if err == nil {
		s.wait(d)
	}
	return err
}

// forge presses an action that no button of theirs offers, as a changed client
// could on Telegram.
func (s *story) forge(args []string) error {
	p := s.person()
	list := s.world.Telegram.Messages(p.Telegram, p.Telegram)
	if len(list) == 0 {
		return fmt.Errorf("%s has no private chat", s.who)
	}
	return s.world.Telegram.As(p.Telegram).Press(p.Telegram, list[len(list)-1].MessageID, args[0])
}

// find VARIABLE order PERSON, or product HANDLE, takes an id that no screen
// shows: of the person's newest order, of the product.
func (s *story) find(ts *testscript.TestScript, neg bool, args []string) {
	query := map[string]string{
		"order": `SELECT o.id FROM orders o JOIN accounts a ON a.member_id = o.member_id WHERE a.username = $1
			ORDER BY o.created_at DESC LIMIT 1`,
		"product": `SELECT id FROM products WHERE handle = $1`,
	}[args[1]]
	var id string
	if err := s.world.App.DB.Read(s.ctx, func(tx *database.Tx) error { return tx.Row(query, args[2]).Scan(&id) }); err != nil {
		ts.Fatalf("there is no %s %s: %v", args[1], args[2], err)
	}
	ts.Setenv(args[0], id)
}

// credited checks which creator is remembered with what somebody ordered last.
func (s *story) credited(args []string) error {
	var name string
	err := s.world.App.DB.Read(s.ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT c.name FROM orders o JOIN accounts a ON a.member_id = o.member_id
			JOIN order_lines l ON l.order_id = o.id JOIN creators c ON c.id = l.creator_id
			WHERE a.username = $1 AND l.kind = 'item' ORDER BY o.created_at DESC, l.position LIMIT 1`, args[0]).Scan(&name)
	})
	if err != nil || name != args[1] {
		return fmt.Errorf("the order is credited to %q: %w", name, err)
	}
	return nil
}

// person is who acts, as the cast knows them.
func (s *story) person() (p page.Person) {
	for _, p = range s.world.People {
		if p.ID == s.who {
			return p
		}
	}
	s.Fatalf("nobody is called %q", s.who)
	return p
}

// stutter is Telegram's: Discord sends nothing twice.
func (s *story) stutter(args []string) error {
	n, err := strconv.Atoi(args[0])
	if err == nil {
		s.world.Telegram.Duplicate(n)
	}
	return err
}

func (s *story) speaks(args []string) error {
	if s.platform == "discord" {
		return s.world.Discord.As(s.person().Discord).Speak(args[0])
	}
	return s.world.Telegram.As(s.person().Telegram).Speak(args[0])
}

// share shows a product in the group as each platform lets people: by the
// bot's name and a search on Telegram, by the product's own button on Discord.
func (s *story) share(args []string) error {
	if s.platform == "discord" {
		if err := s.me().Say("/search " + args[0]); err != nil {
			return err
		}
		return s.me().Tap("Share")
	}
	who := s.world.Telegram.As(s.person().Telegram)
	list, err := who.Inline(args[0])
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fmt.Errorf("nothing is found for %q", args[0])
	}
	return who.PickInline(s.world.TelegramGroup, list[0])
}

// pass shows a pick in the group as its button does.
func (s *story) pass(args []string) error {
	if s.platform == "discord" {
		return s.me().Tap("Share")
	}
	id := ""
	if err := s.world.App.DB.Read(context.Background(), func(tx *database.Tx) error {
		return tx.Row(`SELECT id FROM picks WHERE title = $1`, args[0]).Scan(&id)
	}); err != nil {
		return err
	}
	who := s.world.Telegram.As(s.person().Telegram)
	list, err := who.Inline("pick:" + id + " " + args[0])
	if err != nil {
		return err
	}
	if len(list) != 1 {
		return fmt.Errorf("%d cards of the pick", len(list))
	}
	return who.PickInline(s.world.TelegramGroup, list[0])
}

func (s *story) closed(yes bool) error {
	p := s.person()
	switch {
	case s.platform == "discord":
		s.world.Discord.CloseDMs(p.Discord, yes)
		return nil
	case yes:
		return s.world.Telegram.As(p.Telegram).Block()
	}
	return s.world.Telegram.As(p.Telegram).Unblock()
}
