package discord

import (
	"fmt"
	"net/http"
	"slices"
)

// Modal is the form a person has open.
type Modal struct {
	CustomID   string      `json:"custom_id"`
	Title      string      `json:"title"`
	Components []Component `json:"components"`
	Channel    string      `json:"channel_id"`

	message *Message
}

// Inputs returns the modal's text inputs and uploads in their order, each with
// what is written above it.
func (m *Modal) Inputs() []Component {
	var list []Component
	for _, row := range m.Components {
		if row.Type == Label && row.Component != nil {
			c := *row.Component
			c.Label = row.Label
			list = append(list, c)
		}
		for _, c := range row.Components {
			if c.Type == TextInput {
				list = append(list, c)
			}
		}
	}
	return list
}

// Person is a user at their client. What the client would not let them do
// returns an error and sends nothing; what the application answers badly
// returns an error too, and is among Server.Failures.
type Person struct {
	server *Server
	user   string
}

// As returns what a user can do. The user must have been added.
func (s *Server) As(user string) *Person { return &Person{server: s, user: user} }

// Modal returns the form a user has open, nil for none.
func (s *Server) Modal(user string) *Modal {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.modals[user]
	if m == nil {
		return nil
	}
	shown := *m
	return &shown
}

// Write types a message that is no command. The application, without a
// gateway, is not told.
func (p *Person) Write(channel, text string) error {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := p.at(channel); err != nil {
		return err
	}
	s.add(&Message{ChannelID: channel, Author: *s.users[p.user], Content: text})
	return nil
}

// Speak changes the language of the person's client, as Discord's locale.
func (p *Person) Speak(locale string) error {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[p.user]
	if u == nil {
		return fmt.Errorf("there is no user %s", p.user)
	}
	changed := *u
	changed.Locale = locale
	s.users[p.user] = &changed
	return nil
}

// Command types a slash command, with the text of its option or "" for none.
func (p *Person) Command(channel, name, option string) error {
	i, body, err := p.typed(typeCommand, channel, name, option)
	if err != nil {
		return err
	}
	return p.server.deliver(i, body)
}

// Autocomplete types the beginning of a command's option and returns what the
// application proposes.
func (p *Person) Autocomplete(channel, name, text string) ([]Choice, error) {
	i, body, err := p.typed(typeAutocomplete, channel, name, text)
	if err != nil {
		return nil, err
	}
	err = p.server.deliver(i, body)
	return i.choices, err
}

func (p *Person) typed(kind int, channel, name, text string) (*interaction, []byte, error) {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := p.at(channel)
	if err != nil {
		return nil, nil, err
	}
	at := slices.IndexFunc(s.commands, func(c Command) bool { return c.Name == name })
	if at < 0 || !s.offered(s.commands[at], p.user, c) {
		return nil, nil, fmt.Errorf("there is no command /%s here", name)
	}
	command := s.commands[at]
	data := map[string]any{"id": command.ID, "name": command.Name, "type": 1}
	switch {
	case len(command.Options) == 0 && (text != "" || kind == typeAutocomplete):
		return nil, nil, fmt.Errorf("/%s takes no option", name)
	case len(command.Options) > 0 && text == "" && command.Options[0].Required && kind == typeCommand:
		return nil, nil, fmt.Errorf("/%s needs %s", name, command.Options[0].Name)
	case kind == typeAutocomplete && !command.Options[0].Autocomplete:
		return nil, nil, fmt.Errorf("/%s does not complete %s", name, command.Options[0].Name)
	case text != "" || kind == typeAutocomplete:
		option := map[string]any{"name": command.Options[0].Name, "type": 3, "value": text}
		if kind == typeAutocomplete {
			option["focused"] = true
		}
		data["options"] = []any{option}
	}
	i, body := s.open(kind, p.user, c, data, nil)
	i.command = command.Name
	return i, body, nil
}

// Press presses a button.
func (p *Person) Press(channel, message, customID string) error {
	return p.use(channel, message, customID, ButtonType, nil)
}

// Select chooses values from a select.
func (p *Person) Select(channel, message, customID string, values ...string) error {
	return p.use(channel, message, customID, StringSelect, values)
}

func (p *Person) use(channel, message, customID string, kind int, values []string) error {
	s := p.server
	s.mu.Lock()
	c, err := p.at(channel)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	m := s.message(channel, message)
	if m == nil || m.viewer != "" && m.viewer != p.user {
		s.mu.Unlock()
		return errNoMessage
	}
	var found *Component
	for _, row := range m.Components {
		for at := range row.Components {
			if one := &row.Components[at]; one.Type == kind && one.CustomID == customID {
				found = one
			}
		}
	}
	if found == nil || found.Disabled {
		s.mu.Unlock()
		return fmt.Errorf("message %s has nothing to press with custom_id %q", message, customID)
	}
	data := map[string]any{"custom_id": customID, "component_type": kind, "id": found.ID}
	if kind == StringSelect {
		for _, v := range values {
			if !slices.ContainsFunc(found.Options, func(o Option) bool { return o.Value == v }) {
				s.mu.Unlock()
				return fmt.Errorf("the select %q has no option %q", customID, v)
			}
		}
		if lo, hi := deref(found.MinValues, 1), deref(found.MaxValues, 1); len(values) < lo || len(values) > hi {
			s.mu.Unlock()
			return fmt.Errorf("the select %q takes %d to %d values", customID, lo, hi)
		}
		data["values"] = values
	}
	i, body := s.open(typeComponent, p.user, c, data, m)
	s.mu.Unlock()
	return s.deliver(i, body)
}

// Submit sends the open modal with the values by custom_id. A field that is
// not named keeps what stands in it. Where the answer fails, the modal stays.
func (p *Person) Submit(values map[string]string) error { return p.SubmitFiles(values, nil) }

// SubmitFiles is Submit with a file for each upload that is named.
func (p *Person) SubmitFiles(values map[string]string, files map[string][]byte) error {
	s := p.server
	s.mu.Lock()
	m := s.modals[p.user]
	if m == nil {
		s.mu.Unlock()
		return fmt.Errorf("no modal is open")
	}
	rows, resolved := []any{}, map[string]any{}
	labels := slices.ContainsFunc(m.Components, func(c Component) bool { return c.Type == Label })
	for at, in := range m.Inputs() {
		if in.Type == FileUpload {
			ids := []string{}
			if data := files[in.CustomID]; data != nil {
				a := s.upload(data)
				ids, resolved[a.ID] = append(ids, a.ID), a
			} else if deref(in.MinValues, 1) > 0 {
				s.mu.Unlock()
				return fmt.Errorf("the client wants a file for %q", in.Label)
			}
			rows = append(rows, map[string]any{"type": Label, "id": 2*at + 1, "component": map[string]any{"type": FileUpload, "id": in.ID, "custom_id": in.CustomID, "values": ids}})
			continue
		}
		text, ok := values[in.CustomID]
		if !ok {
			text = in.Value
		}
		if n := width(text); n > deref(nonZero(in.MaxLength), 4000) || n < in.MinLength && n > 0 || n == 0 && (in.Required == nil || *in.Required) {
			s.mu.Unlock()
			return fmt.Errorf("the client does not take %d characters for %q", n, in.Label)
		}
		if labels {
			rows = append(rows, map[string]any{"type": Label, "id": 2*at + 1, "component": map[string]any{"type": TextInput, "id": in.ID, "custom_id": in.CustomID, "value": text}})
			continue
		}
		rows = append(rows, map[string]any{"type": ActionRow, "id": 2*at + 1, "components": []any{
			map[string]any{"type": TextInput, "id": in.ID, "custom_id": in.CustomID, "value": text}}})
	}
	data := map[string]any{"custom_id": m.CustomID, "components": rows}
	if len(resolved) > 0 {
		data["resolved"] = map[string]any{"attachments": resolved}
	}
	i, body := s.open(typeModal, p.user, s.channel(m.Channel), data, m.message)
	s.mu.Unlock()
	return s.deliver(i, body)
}

// upload keeps a file that goes with a modal. It is served where the handler
// serves all files, under the name Discord gives its own.
func (s *Server) upload(data []byte) Attachment {
	name, kind := "photo.jpg", http.DetectContentType(data)
	if kind == "video/mp4" {
		name = "video.mp4"
	}
	a := Attachment{ID: s.snowflake(), Filename: name, ContentType: kind, Size: len(data), data: data}
	a.URL = "https://cdn.discordapp.com/attachments/ephemeral/" + a.ID + "/" + a.Filename
	a.ProxyURL = a.URL
	s.uploads = append(s.uploads, a)
	return a
}

// Cancel closes the open modal. The application is not told.
func (p *Person) Cancel() {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.modals, p.user)
	s.changed(Change{Kind: "modal", User: p.user})
}

// at finds a channel the person sees. The caller holds the lock.
func (p *Person) at(channel string) (*Channel, error) {
	c := p.server.channel(channel)
	if c == nil || p.server.users[p.user] == nil || !p.server.sees(p.user, c) {
		return nil, errNoChannel
	}
	return c, nil
}

func deref(n *int, or int) int {
	if n == nil {
		return or
	}
	return *n
}

func nonZero(n int) *int {
	if n == 0 {
		return nil
	}
	return &n
}
