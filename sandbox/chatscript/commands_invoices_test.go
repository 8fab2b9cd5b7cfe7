package chatscript

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/soukchat/souk/config"
	"github.com/soukchat/souk/sandbox/telegram"
)

// Paying in the chat, which is Telegram's alone: stories say [telegram] before
// these.
func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		chat := &payingInChat{story: s}
		return map[string]command{
			"send-to":        act(5, "send-to NAME STREET POSTCODE CITY COUNTRY: what the client fills into an invoice", chat.sendTo),
			"ways":           chat.ways,
			"pay-here":       chat.payHere,
			"begin-paying":   chat.begin,
			"finish-paying":  act(0, "finish-paying: the money is taken now", func([]string) error { return chat.finish() }),
			"refused":        s.look(func() string { return chat.refusal }),
			"forward":        act(0, "forward: the newest invoice to the group", func([]string) error { return chat.forward() }),
			"stays-home":     act(1, "stays-home BRAND: it sends nothing everywhere any more", chat.staysHome),
			"press-pay-copy": act(0, "press-pay-copy: on an invoice that was forwarded to the group", func([]string) error { return chat.copy() }),
		}
	})
}

type payingInChat struct {
	*story
	to      telegram.OrderInfo
	refusal string
	last    func() error
}

func (c *payingInChat) sendTo(args []string) error {
	c.to = telegram.OrderInfo{Name: args[0], Address: &telegram.Address{Line1: args[1], Postcode: args[2], City: args[3], Country: args[4]}}
	return nil
}

// invoice is the newest the person was sent.
func (c *payingInChat) invoice(chat int64) (m telegram.Message, err error) {
	list := c.world.Telegram.Messages(c.person().Telegram, chat)
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Invoice != nil {
			return list[i], nil
		}
	}
	return m, fmt.Errorf("%s has no invoice", c.who)
}

// ways [TEXT…] looks at how the invoice can be sent to the address; with ! the
// bot must refuse it, with the text.
func (c *payingInChat) ways(ts *testscript.TestScript, neg bool, args []string) {
	p := c.person().Telegram
	m, err := c.invoice(p)
	if err != nil {
		ts.Fatalf("%v", err)
	}
	list, err := c.world.Telegram.As(p).Options(p, m.MessageID, c.to.Address)
	seen := ""
	if err != nil {
		seen = err.Error()
	}
	for _, o := range list {
		seen += o.Title
		for _, price := range o.Prices {
			seen += fmt.Sprintf(" %s %d.%02d", price.Label, price.Amount/100, price.Amount%100)
		}
		seen += "\n"
	}
	for _, want := range args {
		if (err != nil) != neg || !strings.Contains(seen, want) {
			ts.Fatalf("ways to send it should show %q, but are:\n%s", want, seen)
		}
	}
}

// payHere WAY? pays the newest invoice; with ! the bot must refuse.
func (c *payingInChat) payHere(ts *testscript.TestScript, neg bool, args []string) {
	c.begin(ts, neg, args)
	if neg {
		return
	}
	if err := c.finish(); err != nil {
		ts.Fatalf("pay: %v", err)
	}
	c.rest()
}

// begin WAY? presses Pay: the bot is asked, the money is not taken yet.
func (c *payingInChat) begin(ts *testscript.TestScript, neg bool, args []string) {
	p := c.person().Telegram
	m, err := c.invoice(p)
	if err != nil {
		ts.Fatalf("%v", err)
	}
	c.clock.Wait(2 * time.Second)
	c.last, err = c.world.Telegram.As(p).BeginPay(p, m.MessageID, &c.to, strings.Join(args, " "))
	c.refusal = ""
	if err != nil {
		c.refusal = err.Error()
	}
	if (err != nil) != neg {
		ts.Fatalf("press Pay: %v\n%s sees:\n%s", err, c.who, c.me().Screen())
	}
}

func (c *payingInChat) finish() error {
	if c.last == nil {
		return fmt.Errorf("nobody has begun to pay")
	}
	return c.last()
}

func (c *payingInChat) forward() error {
	p := c.person().Telegram
	m, err := c.invoice(p)
	if err != nil {
		return err
	}
	return c.world.Telegram.As(p).Forward(p, m.MessageID, c.world.TelegramGroup)
}

// copy does what a client does with a forwarded invoice: it cannot be paid, its
// button leads to the bot.
func (c *payingInChat) copy() error {
	p := c.person().Telegram
	m, err := c.invoice(c.world.TelegramGroup)
	if err != nil {
		return err
	}
	who := c.world.Telegram.As(p)
	if _, err := who.BeginPay(c.world.TelegramGroup, m.MessageID, &c.to, ""); err == nil {
		return fmt.Errorf("a copy of the invoice could be paid")
	}
	defer c.me().Go("private")
	return who.Start(m.Invoice.Start)
}

// staysHome takes the ways that go everywhere out of a brand's configuration.
func (c *payingInChat) staysHome(args []string) error {
	cfg := *c.config
	cfg.Brands = maps.Clone(cfg.Brands)
	b := cfg.Brands[args[0]]
	b.Shipping = slices.DeleteFunc(slices.Clone(b.Shipping), func(s config.Shipping) bool { return len(s.To) == 0 })
	cfg.Brands[args[0]] = b
	return c.reload(&cfg)
}
