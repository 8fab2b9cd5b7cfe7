package rehearse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/soukchat/souk/bots/shop"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/sandbox/discord"
)

// This file is the people: who they are, how they press, what they are told
// and how they pay. The dice decide before anything happens, so that the same
// seed makes the same crowd.

// person is a member who comes to the drop.
type person struct {
	name     string
	platform string
	number   int64 // on Telegram
	account  string
	chat     *chat
	follows  bool // is told in private too
	presses  int
	wants    int           // units, where one person may have several
	variant  string        // they want, where there are several
	comes    time.Duration // after it has opened
	pays     manner
	past
	standing

	told     time.Time     // when they could know of it
	rank     int           // in the order in which members were told
	arrived  time.Time     // when their first press came to the shop, by the machine's clock
	hurt     bool          // the crash cut them off
	answered time.Duration // zero: not at all
	done     time.Time     // when they had the answer, by the machine's clock
	kind     string        // what the answer said, as kinds has it
	saw      string
	problem  string
	orders   bool // they have an order that waits to be paid: there is one at a time
	yours    int  // units that they read are theirs
	bought   int  // units for which Stripe has their money, or keeps it for us
}

// manner is how somebody deals with a unit they have won.
type manner int

const (
	prompt manner = iota
	slow          // pays when it is nearly too late
	leaves        // orders, and does not pay
	absent        // does nothing
	// Of a group price:
	again   // has a card that is declined, and pays with another
	refused // has a card that is declined, and gives up
	regrets // joins, and leaves again
	loses   // joins, and the bank takes the authorisation back
)

// crowd makes the members of a plan and deals them out to its chats: n who come,
// and behind them in the list followers who are told and do not come, where
// there are more of those.
func crowd(dice *rand.Rand, n, followers int, chats []*chat, over time.Duration) (list []*person) {
	for i := range max(n, followers) {
		c := chats[dice.IntN(len(chats))]
		p := &person{name: fmt.Sprintf("M%d", i+1), platform: c.platform, chat: c, follows: i < followers, presses: 1}
		if p.number = int64(1_000_001 + i); c.platform == "discord" {
			p.account = strconv.FormatInt(100000000000000001+int64(i), 10)
		} else {
			p.account = strconv.FormatInt(p.number, 10)
		}
		// Most come when it opens, the rest within a few seconds.
		late := dice.Float64()
		p.comes = time.Duration(late * math.Sqrt(late) * float64(over))
		switch d := dice.IntN(100); {
		case d < 70:
		case d < 82:
			p.pays = slow
		case d < 90:
			p.pays = leaves
		default:
			p.pays = absent
		}
		c.members = append(c.members, p)
		list = append(list, p)
	}
	for range min(max(2, n/100), 20) {
		list[dice.IntN(n)].presses = 100
	}
	return list
}

// kinds are what an answer can say, each by the words it begins with.
type kinds map[string][]string

const (
	saidYours = "yours"
	saidLine  = "line"
	saidLate  = "late"
	saidIn    = "in"
	saidJoin  = "join"
	saidNot   = "not"
	saidSoon  = "soon"
	saidBusy  = "busy"
)

func kindsOf(words *shop.Words) kinds {
	lead := func(s string) string {
		if at := strings.IndexFunc(s, unicode.IsDigit); at > 0 {
			s = s[:at]
		}
		return s
	}
	return kinds{
		saidYours: {lead(words.Say("drop.yours", "Minutes", time.Minute, "Time", "0")), lead(words.Say("drop.pay", "Time", "0"))},
		saidLine:  {lead(words.Count("drop.inline", 2, "Place", "0", "Left", "0")), lead(words.Count("drop.nextinline", 2)), lead(words.Count("drop.nextinline", 1))},
		saidLate:  {words.Say("drop.toolate")},
		saidIn:    {lead(words.Say("drop.youarein", "Time", "0"))},
		saidJoin:  {lead(words.Say("drop.groupyours", "Time", "0"))},
		saidNot:   {lead(words.Say("drop.notforyou", "Who", "0"))},
		saidSoon:  {lead(words.Say("drop.notyetyou", "Time", "0"))},
		saidBusy:  {words.Say("error.busy"), words.Say("error.internal"), words.Say("error.fast")},
	}
}

func (k kinds) of(text string) string {
	for _, kind := range []string{saidYours, saidLine, saidLate, saidIn, saidJoin, saidNot, saidSoon, saidBusy} {
		for _, lead := range k[kind] {
			if strings.Contains(text, lead) {
				return kind
			}
		}
	}
	return ""
}

// count returns how many units or places a screen shows.
func (k kinds) count(text, kind string) (n int) {
	for _, lead := range slices.Compact(slices.Clone(k[kind])) {
		n += strings.Count(text, lead)
	}
	return n
}

// patience is how long somebody waits for an answer.
const patience = 30 * time.Second

// comeAndPress is what a person does when it opens: press, wait for the answer,
// and as a bot press on. Who is cut off presses again, as people do.
func (w *world) comeAndPress(ctx context.Context, p *person, k kinds) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	began := time.Now()
	p.answered, p.kind, p.saw = 0, "", ""
	for try := 0; ; try++ {
		saw, err := w.press(ctx, p)
		if err == nil && p.variant != "" && k.of(saw) == "" {
			saw, err = w.choose(ctx, p, k)
		}
		if err == nil {
			if p.kind = k.of(saw); p.kind != saidBusy || try > 5 {
				p.saw, p.answered, p.done = saw, time.Since(began), time.Now()
				break
			}
		} else if p.problem = err.Error(); ctx.Err() != nil || try > 5 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
	for range p.presses - 1 {
		if ctx.Err() != nil {
			return
		}
		saw, err := w.press(ctx, p)
		if kind := k.of(saw); err == nil && kind != "" && kind != saidBusy {
			p.kind, p.saw = kind, saw // what they were told last
		}
	}
}

// press presses the card's first button and returns what the person is shown.
func (w *world) press(ctx context.Context, p *person) (string, error) {
	if p.platform == "discord" {
		return w.pressDiscord(ctx, p)
	}
	group, _ := strconv.ParseInt(p.chat.id, 10, 64)
	message, _ := strconv.ParseInt(p.chat.message, 10, 64)
	me := w.telegram.As(p.number)
	if _, err := me.Tap(group, message, 0, 0); err != nil {
		return "", err
	}
	if err := w.await(ctx, p, func() bool { return w.telegram.LastAnswer(p.number) != nil }); err != nil {
		return "", err
	}
	a := w.telegram.LastAnswer(p.number)
	if a == nil || a.URL == "" {
		if a == nil || a.Text == "" {
			return w.telegram.Chatter(p.number, "private").Screen(), nil
		}
		return a.Text, nil
	}
	if _, err := me.Open(a.URL); err != nil {
		return "", err
	}
	bot := w.telegram.Bot().ID
	err := w.await(ctx, p, func() bool {
		list := w.telegram.Messages(p.number, p.number)
		return len(list) > 0 && list[len(list)-1].From != nil && list[len(list)-1].From.ID == bot
	})
	return w.telegram.Chatter(p.number, "private").Screen(), err
}

func (w *world) pressDiscord(ctx context.Context, p *person) (string, error) {
	button := ""
	for _, m := range w.discord.Messages(p.account, p.chat.id) {
		if m.ID == p.chat.message && len(m.Components) > 0 {
			button = m.Components[0].Components[0].CustomID
		}
	}
	if err := w.discord.As(p.account).Press(p.chat.id, p.chat.message, button); err != nil {
		return "", err
	}
	err := w.await(ctx, p, func() bool {
		list := w.discord.Messages(p.account, p.chat.id)
		last := list[len(list)-1]
		return last.Flags&discord.FlagEphemeral != 0 && last.Flags&discord.FlagLoading == 0
	})
	if err == nil {
		list := w.discord.Messages(p.account, p.chat.id)
		if last := list[len(list)-1]; len(last.Components) == 0 && last.Content != "" {
			return discord.Plain(last.Content), nil
		}
	}
	return w.discord.Chatter(p.account, "group").Screen(), err
}

// choose takes the variant a person wants from the screen they have in front of
// them, and returns what that says.
func (w *world) choose(ctx context.Context, p *person, k kinds) (string, error) {
	screen := func() string { return w.chatter(p, "group").Screen() }
	answered := func() bool { return k.of(screen()) != "" }
	if p.platform == "discord" {
		list := w.discord.Messages(p.account, p.chat.id)
		last := list[len(list)-1]
		for _, row := range last.Components {
			for _, c := range row.Components {
				for _, o := range c.Options {
					if o.Label == p.variant {
						if err := w.discord.As(p.account).Select(p.chat.id, last.ID, c.CustomID, o.Value); err != nil {
							return "", err
						}
						err := w.await(ctx, p, answered)
						return screen(), err
					}
				}
			}
		}
		return "", fmt.Errorf("there is no %s to choose on:\n%s", p.variant, screen())
	}
	list := w.telegram.Messages(p.number, p.number)
	last := list[len(list)-1]
	if last.ReplyMarkup != nil {
		for i, row := range last.ReplyMarkup.Rows {
			for j, b := range row {
				if strings.HasPrefix(b.Text, p.variant) {
					if _, err := w.telegram.As(p.number).Tap(p.number, last.MessageID, i, j); err != nil {
						return "", err
					}
					err := w.await(ctx, p, answered)
					return screen(), err
				}
			}
		}
	}
	return "", fmt.Errorf("there is no %s to choose on:\n%s", p.variant, screen())
}

// await waits until something is there, looking whenever a person's screen has
// changed.
func (w *world) await(ctx context.Context, p *person, there func() bool) error {
	bell, _ := w.bells.Load(p.account)
	for !there() {
		select {
		case <-bell.(chan struct{}):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// further presses twice for each further unit that a person wants, as long as
// there is a button for one.
func (w *world) further(ctx context.Context, p *person, k kinds, another string) {
	screen := func() string { return w.chatter(p, "group").Screen() }
	for range 2 * p.wants {
		if k.count(p.saw, saidYours)+k.count(p.saw, saidLine) >= p.wants {
			return
		}
		before := screen()
		waits, cancel := context.WithTimeout(ctx, 2*time.Second) // that none can be had changes nothing
		err := w.pressAnother(waits, p, k, another)
		if err == nil {
			err = w.await(waits, p, func() bool { return screen() != before })
		}
		cancel()
		if errors.Is(err, errNoButton) {
			return
		}
		if saw := screen(); k.of(saw) != "" && k.of(saw) != saidBusy {
			p.kind, p.saw = k.of(saw), saw
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// errNoButton: there is none to press.
var errNoButton = errors.New("there is no such button")

// pressAnother presses the newest button for a further unit, twice, as people do.
func (w *world) pressAnother(ctx context.Context, p *person, k kinds, another string) error {
	if p.variant != "" {
		if _, err := w.choose(ctx, p, k); err != nil {
			return errNoButton // none is left to choose
		}
		return nil
	}
	if p.platform == "discord" {
		list := w.discord.Messages(p.account, p.chat.id)
		for _, m := range slices.Backward(list) {
			for _, row := range m.Components {
				for _, c := range row.Components {
					if c.Label == another {
						me := w.discord.As(p.account)
						err := me.Press(p.chat.id, m.ID, c.CustomID)
						me.Press(p.chat.id, m.ID, c.CustomID)
						return err
					}
				}
			}
		}
		return errNoButton
	}
	list := w.telegram.Messages(p.number, p.number)
	for _, m := range slices.Backward(list) {
		if m.ReplyMarkup == nil {
			continue
		}
		for _, row := range m.ReplyMarkup.Rows {
			for _, b := range row {
				if b.Text == another {
					me := w.telegram.As(p.number)
					err := me.Press(p.number, m.MessageID, b.Data)
					me.Press(p.number, m.MessageID, b.Data)
					return err
				}
			}
		}
	}
	return errNoButton
}

// chatter is a person in front of a chat, as both stand-ins have it.
type chatter interface {
	Tap(label string) error
	Fill(values []string) error
	Screen() string
	All() string
	Link(label string) string
}

func (w *world) chatter(p *person, place string) chatter {
	if p.platform == "discord" {
		return w.discord.Chatter(p.account, place)
	}
	return w.telegram.Chatter(p.number, "private")
}

// order orders the unit a person has won, and returns the link to pay it.
// button is the label that orders, inPrivate says that they were told there.
func (w *world) order(p *person, words *shop.Words, button, country string, inPrivate bool) (string, error) {
	place := "group"
	if inPrivate {
		place = "private"
	}
	c := w.chatter(p, place)
	if err := c.Tap(words.Say("button.buynow")); err != nil {
		if err := c.Tap(words.Say("button.drop")); err != nil {
			return "", fmt.Errorf("no way to buy: %w", err)
		}
		if err := c.Tap(words.Say("button.buynow")); err != nil {
			return "", err
		}
	}
	placeLabel, _, _ := strings.Cut(words.Say(button, "Total", "\x00"), "\x00")
	if p.platform == "discord" && w.discord.Modal(p.account) != nil || !strings.Contains(c.Screen(), placeLabel) {
		if err := c.Fill([]string{"Member " + p.name, "Main Street " + p.name[1:], members.Example(country), "Old Town", members.CountryName(country, "en")}); err != nil {
			return "", err
		}
	}
	if err := c.Tap(placeLabel); err != nil {
		return "", err
	}
	payLabel, _, _ := strings.Cut(words.Say("button.pay", "Total", "\x00"), "\x00")
	link := c.Link(payLabel)
	if link == "" {
		return "", errors.New("there is no button to pay with on:\n" + c.Screen())
	}
	return link, nil
}

// look shows somebody, by the card, what they have. Nobody else presses meanwhile.
func (w *world) look(p *person) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := w.press(ctx, p); err != nil {
		return err
	}
	if p.platform == "discord" { // what they read before looks like an answer
		return w.discord.Rest(ctx)
	}
	w.telegram.Rest(ctx)
	return nil
}

// leave gives up what somebody has joined.
func (w *world) leave(p *person, words *shop.Words) error {
	if err := w.look(p); err != nil {
		return err
	}
	return w.chatter(p, "group").Tap(words.Say("button.leavegroup"))
}

// The cards people have.
const (
	goodCard = "4242424242424242"
	badCard  = "4000000000000002" // is declined
)

// pay pays behind a link, by card, and may go back to the shop's page, as a
// browser does: the shop asks Stripe then, where that has not told.
func (w *world) pay(link, card string, back bool) error {
	page := ""
	client := &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.Path, "/c/") {
			page = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}}
	resp, err := client.Get(link)
	if err != nil {
		return err
	}
	resp.Body.Close()
	defer client.CloseIdleConnections()
	if page == "" {
		return errTooLate
	}
	out, err := w.stripe.Pay(page, card)
	switch {
	case err == nil && out.Status == "declined":
		err = errDeclined
	case err == nil && out.Status != "paid":
		err = errors.New(out.Message)
	case err == nil && back:
		if resp, err = client.Get(out.URL); err == nil {
			resp.Body.Close()
		}
	}
	return err
}

// errDeclined: the card was.
var errDeclined = errors.New("the card was declined")

// errTooLate: the order cannot be paid any more.
var errTooLate = errors.New("it cannot be paid any more")
