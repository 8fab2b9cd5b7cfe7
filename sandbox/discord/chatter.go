package discord

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Chatter is a person as a chat script directs them: they read their screen
// and name what they press by its label. They are in one chat at a time. Each
// of their acts waits until the bot has answered, also where it put that off.
type Chatter struct {
	person *Person
	server *Server
	user   string
	place  string
}

// Chatter returns the person with this id or name, in the group (the first
// guild channel they see) or in private.
func (s *Server) Chatter(user, place string) *Chatter {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.person(user); u != nil {
		user = u.ID
	}
	return &Chatter{person: s.As(user), server: s, user: user, place: place}
}

// Go moves the person to "group", "private", or the channel of a name.
func (c *Chatter) Go(place string) { c.place = place }

// Channel returns the id of the channel the person is in, "" where they have
// no such channel.
func (c *Chatter) Channel() string {
	if c.place == "private" {
		return c.server.DM(c.user).ID
	}
	for _, ch := range c.server.Channels(c.user) {
		if ch.Type == GuildText && c.place == "group" || ch.Name == c.place {
			return ch.ID
		}
	}
	return ""
}

// Say types a text. "/name words" is the command with its option; any other
// text stands in the channel and reaches nobody's bot. An open modal is closed
// first.
func (c *Chatter) Say(text string) error {
	if c.server.Modal(c.user) != nil {
		c.person.Cancel()
	}
	if command, ok := strings.CutPrefix(text, "/"); ok {
		name, option, _ := strings.Cut(command, " ")
		return c.rest(c.person.Command(c.Channel(), name, strings.TrimSpace(option)))
	}
	return c.person.Write(c.Channel(), text)
}

// Tap presses the newest button, or chooses the newest option, whose label
// contains the text.
func (c *Chatter) Tap(label string) error { return c.TapOn("", label) }

// TapOn does what Tap does, on the newest message that contains the first text.
//
// An open modal is closed first, as it covers the rest; "Cancel" does nothing
// more than that.
func (c *Chatter) TapOn(contains, label string) error {
	if c.server.Modal(c.user) != nil {
		c.person.Cancel()
		if strings.Contains("Cancel", label) {
			return nil
		}
	}
	for _, m := range c.newest() {
		if !strings.Contains(m.text(), contains) {
			continue
		}
		for _, one := range m.parts() {
			switch {
			case one.Type == ButtonType && one.CustomID != "" && !one.Disabled && strings.Contains(one.Label, label):
				return c.rest(c.person.Press(m.ChannelID, m.ID, one.CustomID))
			case one.Type == ButtonType && one.URL != "" && strings.Contains(one.Label, label):
				return fmt.Errorf("%q is a link to %s", one.Label, one.URL)
			}
			for _, o := range one.Options {
				if strings.Contains(o.Label, label) {
					return c.rest(c.person.Select(m.ChannelID, m.ID, one.CustomID, o.Value))
				}
			}
		}
	}
	return fmt.Errorf("nothing to tap with %q on a message with %q in:\n%s", label, contains, c.All())
}

// Fill submits the open modal with the values in the order of its fields. An
// upload takes a dash: no file.
func (c *Chatter) Fill(values []string) error { return c.FillPhoto(values, nil) }

// FillPhoto is Fill with a file for the uploads.
func (c *Chatter) FillPhoto(values []string, photo []byte) error {
	m := c.server.Modal(c.user)
	if m == nil {
		return fmt.Errorf("no modal is open in:\n%s", c.All())
	}
	in := m.Inputs()
	if len(values) > len(in) {
		return fmt.Errorf("the modal %q has %d fields, not %d", m.Title, len(in), len(values))
	}
	filled := map[string]string{}
	for i, v := range values {
		if in[i].Type == FileUpload && v != "-" {
			return fmt.Errorf("%q takes no text", in[i].Label)
		}
		filled[in[i].CustomID] = v
	}
	files := map[string][]byte{}
	for _, one := range in {
		if one.Type == FileUpload && photo != nil {
			files[one.CustomID] = photo
		}
	}
	if photo != nil && len(files) == 0 {
		return fmt.Errorf("the modal %q takes no file", m.Title)
	}
	return c.rest(c.person.SubmitFiles(filled, files))
}

// FillVideo submits the open modal with a video for its upload.
func (c *Chatter) FillVideo(video []byte) error { return c.FillPhoto(nil, video) }

// Screen returns the newest message they see as plain text, with an open modal
// instead of it. An answer that is only for them and has nothing but a text is
// a notice: it follows, in brackets, the message it was a reaction to.
func (c *Chatter) Screen() string {
	if m := c.server.Modal(c.user); m != nil {
		return m.text()
	}
	list := c.newest()
	if len(list) == 0 {
		return ""
	}
	last := list[0]
	if last.notice() {
		for _, m := range list[1:] {
			if !m.notice() {
				return m.text() + "\n(" + last.text() + ")"
			}
		}
	}
	return last.text()
}

// All returns everything visible in the chat.
func (c *Chatter) All() string {
	var b strings.Builder
	for _, m := range c.messages() {
		fmt.Fprintf(&b, "%s: %s\n\n", m.Author.GlobalName, m.text())
	}
	if m := c.server.Modal(c.user); m != nil {
		b.WriteString(m.text())
	}
	return b.String()
}

// Link returns the address of the newest link button whose label contains the
// text, or of an address in a message that does, "" for none.
func (c *Chatter) Link(label string) string {
	for _, m := range c.newest() {
		for _, one := range m.parts() {
			if one.URL != "" && strings.Contains(one.Label, label) {
				return one.URL
			}
		}
		for _, a := range addressOf.FindAllStringSubmatch(m.Content, -1) {
			if strings.Contains(a[1], label) {
				return a[1]
			}
		}
	}
	return ""
}

// addressOf finds an address in a text that can be pressed and shows no preview.
var addressOf = regexp.MustCompile(`<(https?://[^>\s]+)>`)

// File returns the newest file in the chat, nothing if there is none. A file
// follows the answer it belongs to by a call of its own: let that end first.
func (c *Chatter) File() (name string, data []byte) {
	for _, m := range c.newest() {
		if n := len(m.Attachments); n > 0 {
			return m.Attachments[n-1].Filename, m.Attachments[n-1].data
		}
	}
	return "", nil
}

func (c *Chatter) messages() []Message { return c.server.Messages(c.user, c.Channel()) }

// newest returns the bot's messages, the one sent or edited last first. An edit
// that nobody's press caused does not bring a message up: people look further
// down.
func (c *Chatter) newest() []Message {
	list := slices.DeleteFunc(c.messages(), func(m Message) bool { return !m.Author.Bot })
	slices.SortStableFunc(list, func(a, b Message) int { return cmp.Compare(b.touched, a.touched) })
	return list
}

func (c *Chatter) rest(err error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return errors.Join(err, c.server.Rest(ctx))
}

func (m *Message) notice() bool {
	return m.Flags&FlagEphemeral != 0 && m.Flags&FlagLoading == 0 && len(m.Components) == 0 && len(m.Embeds) == 0 && len(m.Attachments) == 0
}

// parts returns the buttons and selects of the message.
func (m *Message) parts() []Component {
	var list []Component
	for _, row := range m.Components {
		list = append(list, row.Components...)
	}
	return list
}

// text writes the message as plain text: what it says, then what can be
// pressed and chosen, and its files.
func (m *Message) text() string {
	if m.Flags&FlagLoading != 0 {
		return "…"
	}
	var lines []string
	add := func(s string) {
		if s != "" {
			lines = append(lines, Plain(s))
		}
	}
	add(m.Content)
	for _, e := range m.Embeds {
		add(e.Title)
		add(e.Description)
		for _, f := range e.Fields {
			add(f.Name)
			add(f.Value)
		}
		if e.Footer != nil {
			add(e.Footer.Text)
		}
	}
	for _, row := range m.Components {
		var labels []string
		for _, one := range row.Components {
			if one.Type == ButtonType {
				labels = append(labels, "["+one.Label+"]")
			}
			for _, o := range one.Options {
				labels = append(labels, "["+o.Label+"]")
			}
		}
		lines = append(lines, strings.Join(labels, " "))
	}
	for _, a := range m.Attachments {
		lines = append(lines, "<"+a.Filename+">")
	}
	return strings.Join(lines, "\n")
}

func (m *Modal) text() string {
	lines := []string{m.Title}
	for _, in := range m.Inputs() {
		lines = append(lines, strings.TrimRight(in.Label+": "+in.Value, " "))
	}
	return strings.Join(append(lines, "[Submit]"), "\n")
}
