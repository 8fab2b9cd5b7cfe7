package telegram

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"
)

// Chatter is a person in front of one chat, for stories told in plain text.
// Each of its acts waits until the bot has answered.
type Chatter struct {
	s    *Server
	p    *Person
	user int64
	chat int64
}

// Chatter returns a person in a place: "private" for the chat with the bot,
// "group" for their first group, or a group's title.
func (s *Server) Chatter(user int64, place string) *Chatter {
	c := &Chatter{s: s, p: s.As(user), user: user}
	c.Go(place)
	return c
}

// Go changes the place. An unknown place leaves the person where they are.
func (c *Chatter) Go(place string) {
	for _, ch := range c.s.Chats(c.user) {
		if ch.Bot && place == "private" || !ch.Bot && (place == "group" || place == ch.Title) {
			c.chat = ch.ID
			return
		}
	}
}

// Say writes a text or a command.
func (c *Chatter) Say(text string) error { return c.rest(c.p.Say(c.chat, text)) }

// Fill writes the values one after another, as a form asks for them here.
func (c *Chatter) Fill(values []string) error {
	for _, v := range values {
		if err := c.Say(v); err != nil {
			return err
		}
	}
	return nil
}

// FillPhoto does what Fill does, then sends a photo.
func (c *Chatter) FillPhoto(values []string, photo []byte) error {
	if err := c.Fill(values); err != nil {
		return err
	}
	return c.rest(c.p.Photo(c.chat, photo, ""))
}

// FillVideo sends a video as the answer to a form.
func (c *Chatter) FillVideo(video []byte) error { return c.rest(c.p.Video(c.chat, video, false)) }

// Tap presses the newest button whose label is the text, or else contains it, and follows the
// link to the bot where that is what the button or its answer holds.
func (c *Chatter) Tap(label string) error { return c.TapOn("", label) }

// TapOn presses a button of the newest message that contains a text and has
// such a button.
func (c *Chatter) TapOn(contains, label string) error {
	m, row, col, ok := c.button(contains, label)
	if !ok {
		return fmt.Errorf("no button %q here:\n%s", label, c.All())
	}
	t, err := c.p.Tap(c.chat, m.MessageID, row, col)
	if err = c.rest(err); err != nil {
		return err
	}
	link := t.URL
	if a := c.s.LastAnswer(c.user); link == "" && a != nil {
		link = a.URL
	}
	if link == "" {
		return nil
	}
	toBot, err := c.p.Open(link)
	if toBot {
		c.Go("private")
	}
	return c.rest(err)
}

// Screen returns the newest message of the bot as text: what it says, its
// buttons as [label], a row a line, and what the last tap was answered as
// (notice).
func (c *Chatter) Screen() string {
	for _, m := range c.newest() {
		if m.fromBot(c.s.bot.ID) {
			return c.draw(m) + c.notice()
		}
	}
	return c.notice()
}

// All returns everything in the chat as text, the oldest first.
func (c *Chatter) All() string {
	var parts []string
	for _, m := range c.s.Messages(c.user, c.chat) {
		parts = append(parts, c.draw(m))
	}
	return strings.Join(parts, "\n---\n") + c.notice()
}

// Link returns the address of the newest link button with such a label, or of
// an address in a text that holds it, "" for none.
func (c *Chatter) Link(label string) string {
	for _, m := range c.newest() {
		for _, row := range m.rows() {
			for _, b := range row {
				if b.URL != "" && strings.Contains(b.Text, label) {
					return b.URL
				}
			}
		}
		for _, e := range m.Entities {
			if e.URL != "" && strings.Contains(e.URL, label) {
				return e.URL
			}
		}
	}
	return ""
}

// File returns the newest document, nothing if there is none.
func (c *Chatter) File() (name string, data []byte) {
	for _, m := range c.newest() {
		if m.Document != nil {
			name, data, _ = c.s.File(m.Document.FileID)
			return name, data
		}
	}
	return "", nil
}

// newest returns the messages, the one sent or edited last first.
func (c *Chatter) newest() []Message {
	list := c.s.Messages(c.user, c.chat)
	sort.SliceStable(list, func(a, b int) bool { return list[a].Changed > list[b].Changed })
	return list
}

func (c *Chatter) button(contains, label string) (m Message, row, col int, ok bool) {
	for _, m := range c.newest() {
		if !strings.Contains(m.body(), contains) {
			continue
		}
		for _, match := range []func(text, label string) bool{strings.EqualFold, strings.Contains} {
			for i, r := range m.rows() {
				for j, b := range r {
					if match(b.Text, label) {
						return m, i, j, true
					}
				}
			}
		}
	}
	return m, 0, 0, false
}

func (c *Chatter) draw(m Message) string {
	var b strings.Builder
	if !m.fromBot(c.s.bot.ID) && m.From != nil {
		b.WriteString(m.From.First + ": ")
	}
	b.WriteString(m.body())
	if i := m.Invoice; i != nil {
		b.WriteString(i.Title + "\n" + i.Description)
		for _, p := range i.Prices {
			b.WriteString(fmt.Sprintf("\n%s — %d.%02d %s", p.Label, p.Amount/100, p.Amount%100, i.Currency))
		}
		if i.Paid {
			b.WriteString("\n(paid)")
		}
	}
	if m.Payment != nil {
		b.WriteString(fmt.Sprintf("(paid %d.%02d %s)", m.Payment.Total/100, m.Payment.Total%100, m.Payment.Currency))
	}
	if m.Document != nil {
		b.WriteString("\n<" + m.Document.Name + ">")
	}
	for _, row := range m.rows() {
		b.WriteString("\n")
		for i, button := range row {
			if i > 0 {
				b.WriteString(" ")
			}
			b.WriteString("[" + button.Text + "]")
		}
	}
	return b.String()
}

func (c *Chatter) notice() string {
	if a := c.s.LastAnswer(c.user); a != nil && a.Text != "" {
		return "\n(" + a.Text + ")"
	}
	return ""
}

func (c *Chatter) rest(err error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c.s.Rest(ctx)
	if err == nil && ctx.Err() != nil {
		return fmt.Errorf("the bot has not come to rest within 30 seconds")
	}
	return err
}

func (m *Message) fromBot(bot int64) bool {
	return m.From != nil && m.From.ID == bot || m.ViaBot != nil && m.ViaBot.ID == bot
}

func (m *Message) rows() [][]Button {
	if m.ReplyMarkup == nil {
		return nil
	}
	return m.ReplyMarkup.Rows
}
