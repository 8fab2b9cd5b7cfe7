package discord

import (
	"slices"

	"github.com/bwmarrin/discordgo"

	"github.com/soukchat/souk/bots"
)

// message is a message as it is sent. Empty lists are sent too, so that an
// edit takes away what the message showed before.
type message struct {
	Content      string      `json:"content"`
	Embeds       []embed     `json:"embeds"`
	Components   []component `json:"components"`
	Mentions     mentions    `json:"allowed_mentions"`
	Flags        int         `json:"flags,omitempty"`
	Nonce        string      `json:"nonce,omitempty"`
	EnforceNonce bool        `json:"enforce_nonce,omitempty"`
	Attachments  []upload    `json:"attachments,omitempty"`
}

// mentions lets a text notify nobody, whatever it says.
type mentions struct {
	Parse []string `json:"parse"`
}

type upload struct {
	ID       string `json:"id"` // the number of the uploaded file
	Filename string `json:"filename"`
}

type embed struct {
	Description string `json:"description,omitempty"`
	Image       *image `json:"image,omitempty"`
}

type image struct {
	URL         string `json:"url"`
	Description string `json:"description,omitempty"`
}

type component struct {
	Type        discordgo.ComponentType `json:"type"`
	CustomID    string                  `json:"custom_id,omitempty"`
	Label       string                  `json:"label,omitempty"`
	Style       int                     `json:"style,omitempty"`
	URL         string                  `json:"url,omitempty"`
	Placeholder string                  `json:"placeholder,omitempty"`
	Options     []choice                `json:"options,omitempty"`
	Components  []component             `json:"components,omitempty"`

	// Of a label, which holds one other.
	Description string     `json:"description,omitempty"`
	Component   *component `json:"component,omitempty"`

	// Of a text input, or an upload.
	Value     string `json:"value,omitempty"`
	Required  *bool  `json:"required,omitempty"`
	MaxLength int    `json:"max_length,omitempty"`
	MinValues *int   `json:"min_values,omitempty"`
	MaxValues *int   `json:"max_values,omitempty"`
}

// Kinds of components that the library does not know
// (discord.com/developers/docs/components/reference).
const (
	labelComponent  discordgo.ComponentType = 18
	uploadComponent discordgo.ComponentType = 19
)

type choice struct {
	Label       string `json:"label"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
	Default     bool   `json:"default,omitempty"`
}

const (
	maxContent     = 2000 // Discord: content
	maxDescription = 4096 // Discord: description of an embed
	ephemeral      = int(discordgo.MessageFlagsEphemeral)
)

// draw makes the message that shows a screen: the notice as its first line,
// the text, the picture as an embed, the menu as a select, the rows. A form is
// drawn as a message with a button that opens it, for where no modal can be.
func draw(s bots.Screen) message {
	if s.Form != nil {
		s = unopened(s)
	}
	m := message{Embeds: []embed{}, Components: []component{}, Mentions: mentions{Parse: []string{}}}
	var card embed
	m.Content, card.Description = texts(s)
	if s.Picture != nil {
		card.Image = &image{URL: s.Picture.URL, Description: s.Picture.Alt}
	}
	if card != (embed{}) {
		m.Embeds = append(m.Embeds, card)
	}
	if s.Menu != nil {
		m.Components = append(m.Components, row(menu(s)))
	}
	seen := map[string]bool{}
	for _, buttons := range s.Rows {
		var drawn []component
		for _, b := range buttons {
			c := button(b)
			if c.CustomID == "" || !seen[c.CustomID] {
				drawn = append(drawn, c)
			}
			seen[c.CustomID] = true
		}
		if len(drawn) > 0 {
			m.Components = append(m.Components, row(drawn...))
		}
	}
	return m
}

// texts returns what a screen says, as content where it fits, else with the
// text as the description of an embed, which takes twice as much: every
// character of the text may need a backslash.
func texts(s bots.Screen) (content, description string) {
	content = markdown(s.Text)
	notice := escaped(s.Notice)
	switch {
	case content == "":
		return notice, ""
	case notice == "" && bots.Width(content) <= maxContent:
		return content, ""
	case notice != "" && bots.Width(notice)+2+bots.Width(content) <= maxContent:
		return notice + "\n\n" + content, ""
	case bots.Width(content) > maxDescription:
		content = escaped(bots.Clip(s.Text.String(), bots.MaxText))
	}
	return notice, content
}

func row(list ...component) component {
	return component{Type: discordgo.ActionsRowComponent, Components: list}
}

func button(b bots.Button) component {
	c := component{Type: discordgo.ButtonComponent, Label: b.Label}
	switch {
	case b.Link != "":
		c.URL, c.Style = b.Link, int(discordgo.LinkButton)
		return c
	case b.Style == bots.Primary:
		c.Style = int(discordgo.PrimaryButton)
	case b.Style == bots.Danger:
		c.Style = int(discordgo.DangerButton)
	default:
		c.Style = int(discordgo.SecondaryButton)
	}
	c.CustomID = string(b.Action)
	if b.Keep {
		c.CustomID = keepID + c.CustomID
	}
	return c
}

func menu(s bots.Screen) component {
	c := component{Type: discordgo.SelectMenuComponent, CustomID: menuID + string(s.Path), Placeholder: s.Menu.Hint}
	marked := false
	for _, o := range s.Menu.Choices {
		c.Options = append(c.Options, choice{Label: o.Label, Value: string(o.Action), Description: o.Description, Default: o.Chosen && !marked})
		marked = marked || o.Chosen
	}
	return c
}

// form is the data of a modal.
type form struct {
	CustomID   string      `json:"custom_id"`
	Title      string      `json:"title"`
	Components []component `json:"components"`
}

// modal makes the modal that asks for a form's fields, all at once. Rows of one
// text input each are the older way, which every client and library reads. Only
// labels hold an upload; then all fields have one.
func modal(f *bots.Form) form {
	m := form{CustomID: formID + string(f.Action), Title: f.Title}
	labels := slices.ContainsFunc(f.Fields, func(d bots.Field) bool { return d.Upload() })
	for _, d := range f.Fields {
		required := !d.Optional
		if d.Upload() {
			least, most := 0, 1
			if required {
				least = 1
			}
			m.Components = append(m.Components, component{Type: labelComponent, Label: d.Label, Description: d.Hint,
				Component: &component{Type: uploadComponent, CustomID: d.Key, Required: &required, MinValues: &least, MaxValues: &most}})
			continue
		}
		c := component{Type: discordgo.TextInputComponent, CustomID: d.Key, Label: d.Label, Style: int(discordgo.TextInputShort),
			Placeholder: d.Hint, Value: d.Value, Required: &required, MaxLength: d.Limit()}
		if d.Long {
			c.Style = int(discordgo.TextInputParagraph)
		}
		if labels {
			c.Label = ""
			m.Components = append(m.Components, component{Type: labelComponent, Label: d.Label, Component: &c})
			continue
		}
		m.Components = append(m.Components, row(c))
	}
	return m
}

// unopened turns a form into a screen that leads to it.
func unopened(s bots.Screen) bots.Screen {
	f := s.Form
	open := s.Path
	if open == "" {
		open = f.Action
	}
	if len(s.Text) == 0 {
		s.Text = bots.Text{{Text: f.Title, Look: bots.Bold}}
	}
	s.Form = nil
	s.Rows = [][]bots.Button{{{Label: f.Title, Action: open, Style: bots.Primary}}}
	if f.Cancel.Label != "" {
		s.Rows[0] = append(s.Rows[0], f.Cancel)
	}
	return s
}
