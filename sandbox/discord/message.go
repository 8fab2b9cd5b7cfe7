package discord

import (
	"encoding/json"
	"slices"
	"time"
)

// Message flags.
const (
	FlagEphemeral = 1 << 6 // only the person it answers sees it
	FlagLoading   = 1 << 7 // "… is thinking"
)

// Message is a message in the shape of Discord's JSON.
type Message struct {
	ID              string       `json:"id"`
	ChannelID       string       `json:"channel_id"`
	Type            int          `json:"type"` // 0 plain, 20 answer to a command, 19 reply
	Author          User         `json:"author"`
	Content         string       `json:"content"`
	Timestamp       time.Time    `json:"timestamp"`
	EditedTimestamp *time.Time   `json:"edited_timestamp"`
	TTS             bool         `json:"tts"`
	MentionEveryone bool         `json:"mention_everyone"`
	Mentions        []User       `json:"mentions"`
	MentionRoles    []string     `json:"mention_roles"`
	Attachments     []Attachment `json:"attachments"`
	Embeds          []Embed      `json:"embeds"`
	Components      []Component  `json:"components"`
	Pinned          bool         `json:"pinned"`
	Flags           int          `json:"flags"`
	ApplicationID   string       `json:"application_id,omitempty"`
	WebhookID       string       `json:"webhook_id,omitempty"`
	Nonce           any          `json:"nonce,omitempty"`
	Interaction     *Metadata    `json:"interaction_metadata,omitempty"`

	allowed json.RawMessage // allowed_mentions as sent
	viewer  string          // of an ephemeral message: who sees it
	touched uint64          // grows with what happens in the server: when it was sent or edited last
}

// Metadata tells which interaction a message answers.
type Metadata struct {
	ID   string `json:"id"`
	Type int    `json:"type"`
	User User   `json:"user"`
	Name string `json:"name,omitempty"` // of the command
}

// Embed is a card in a message.
type Embed struct {
	Type        string       `json:"type"`
	Title       string       `json:"title,omitempty"`
	Description string       `json:"description,omitempty"`
	URL         string       `json:"url,omitempty"`
	Timestamp   string       `json:"timestamp,omitempty"`
	Color       int          `json:"color,omitempty"`
	Image       *EmbedImage  `json:"image,omitempty"`
	Thumbnail   *EmbedImage  `json:"thumbnail,omitempty"`
	Author      *EmbedText   `json:"author,omitempty"`
	Footer      *EmbedText   `json:"footer,omitempty"`
	Fields      []EmbedField `json:"fields,omitempty"`
}

// EmbedImage is a picture in an embed.
type EmbedImage struct {
	URL         string `json:"url"`
	Description string `json:"description,omitempty"`
}

// EmbedText is the author or the footer of an embed.
type EmbedText struct {
	Name    string `json:"name,omitempty"`
	Text    string `json:"text,omitempty"`
	URL     string `json:"url,omitempty"`
	IconURL string `json:"icon_url,omitempty"`
}

// EmbedField is a field of an embed.
type EmbedField struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Inline bool   `json:"inline,omitempty"`
}

// Component types that are imitated.
const (
	ActionRow    = 1
	ButtonType   = 2
	StringSelect = 3
	TextInput    = 4
	Label        = 18
	FileUpload   = 19
)

// Component is a row, a button, a select, or a text input of a modal.
type Component struct {
	Type       int         `json:"type"`
	ID         int         `json:"id"`
	Components []Component `json:"components,omitempty"`

	Component   *Component `json:"component,omitempty"` // of a label
	Description string     `json:"description,omitempty"`

	CustomID string `json:"custom_id,omitempty"`
	Label    string `json:"label,omitempty"`
	Style    int    `json:"style,omitempty"`
	URL      string `json:"url,omitempty"`
	Emoji    any    `json:"emoji,omitempty"`
	Disabled bool   `json:"disabled,omitempty"`

	Placeholder string   `json:"placeholder,omitempty"`
	Options     []Option `json:"options,omitempty"`
	MinValues   *int     `json:"min_values,omitempty"`
	MaxValues   *int     `json:"max_values,omitempty"`

	Value     string `json:"value,omitempty"`
	Required  *bool  `json:"required,omitempty"`
	MinLength int    `json:"min_length,omitempty"`
	MaxLength int    `json:"max_length,omitempty"`
}

// Option is an entry of a select.
type Option struct {
	Label       string `json:"label"`
	Value       string `json:"value"`
	Description string `json:"description,omitempty"`
	Emoji       any    `json:"emoji,omitempty"`
	Default     bool   `json:"default,omitempty"`
}

// Attachment is an uploaded file. URL is a path of the stand-in's Handler.
type Attachment struct {
	ID          string `json:"id"`
	Filename    string `json:"filename"`
	Description string `json:"description,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	Size        int    `json:"size"`
	URL         string `json:"url"`
	ProxyURL    string `json:"proxy_url"`

	data []byte
}

// Messages returns what a person sees in a channel, oldest first: the
// messages of all, and those for them alone.
func (s *Server) Messages(viewer, channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(channel)
	if c == nil || !s.sees(viewer, c) {
		return nil
	}
	var list []Message
	for _, m := range s.messages[channel] {
		if m.viewer == "" || m.viewer == viewer {
			list = append(list, m.copy())
		}
	}
	return list
}

// Dismiss takes an ephemeral message away from the person who sees it.
func (p *Person) Dismiss(channel, message string) error {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.message(channel, message)
	if m == nil || m.viewer != p.user {
		return errNoMessage
	}
	s.remove(m)
	return nil
}

// copy returns the message as it is now: a later edit replaces its parts and
// never writes into them.
func (m *Message) copy() Message { return *m }

func (s *Server) message(channel, id string) *Message {
	for _, m := range s.messages[channel] {
		if m.ID == id {
			return m
		}
	}
	return nil
}

// add appends a message to its channel. The caller holds the lock.
func (s *Server) add(m *Message) {
	m.ID, m.Timestamp = s.snowflake(), s.cfg.Clock().UTC()
	m.touched = s.sequence
	if m.Mentions == nil {
		m.Mentions = []User{}
	}
	if m.MentionRoles == nil {
		m.MentionRoles = []string{}
	}
	m.Attachments, m.Embeds, m.Components = orEmpty(m.Attachments), orEmpty(m.Embeds), orEmpty(m.Components)
	s.messages[m.ChannelID] = append(s.messages[m.ChannelID], m)
	s.changed(Change{Kind: "message", Channel: m.ChannelID, Message: m.ID, User: m.viewer})
}

// edited marks a message as changed. The caller holds the lock.
func (s *Server) edited(m *Message) {
	now := s.cfg.Clock().UTC()
	s.sequence++
	m.EditedTimestamp, m.touched = &now, s.sequence
	m.Attachments, m.Embeds, m.Components = orEmpty(m.Attachments), orEmpty(m.Embeds), orEmpty(m.Components)
	s.changed(Change{Kind: "edit", Channel: m.ChannelID, Message: m.ID, User: m.viewer})
}

func (s *Server) remove(m *Message) {
	s.messages[m.ChannelID] = slices.DeleteFunc(s.messages[m.ChannelID], func(o *Message) bool { return o == m })
	s.changed(Change{Kind: "delete", Channel: m.ChannelID, Message: m.ID, User: m.viewer})
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
