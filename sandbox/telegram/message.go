package telegram

import (
	"encoding/json"
	"strings"
)

// User is a person or the bot, as the Bot API shows them.
type User struct {
	ID       int64  `json:"id"`
	IsBot    bool   `json:"is_bot"`
	First    string `json:"first_name"`
	Last     string `json:"last_name,omitempty"`
	Username string `json:"username,omitempty"`
	Lang     string `json:"language_code,omitempty"`
}

// Chat is a private chat or a group.
type Chat struct {
	ID       int64  `json:"id"`
	Type     string `json:"type"` // private, group or supergroup
	Title    string `json:"title,omitempty"`
	Username string `json:"username,omitempty"`
	First    string `json:"first_name,omitempty"`
	Forum    bool   `json:"is_forum,omitempty"`
}

// Message is a message of the Bot API, and, in the fields after reply_markup,
// what a page that draws it needs besides. Updates carry the former only.
type Message struct {
	MessageID       int64       `json:"message_id"`
	ThreadID        int64       `json:"message_thread_id,omitempty"`
	From            *User       `json:"from,omitempty"`
	Date            int64       `json:"date"`
	Chat            Chat        `json:"chat"`
	ViaBot          *User       `json:"via_bot,omitempty"`
	EditDate        int64       `json:"edit_date,omitempty"`
	IsTopic         bool        `json:"is_topic_message,omitempty"`
	ReplyTo         *Message    `json:"reply_to_message,omitempty"`
	Text            string      `json:"text,omitempty"`
	Entities        []Entity    `json:"entities,omitempty"`
	Photo           []PhotoSize `json:"photo,omitempty"`
	Video           *Video      `json:"video,omitempty"`
	Document        *Document   `json:"document,omitempty"`
	Caption         string      `json:"caption,omitempty"`
	CaptionEntities []Entity    `json:"caption_entities,omitempty"`
	Invoice         *Invoice    `json:"invoice,omitempty"`
	Payment         *Payment    `json:"successful_payment,omitempty"`
	ReplyMarkup     *Keyboard   `json:"reply_markup,omitempty"`

	PhotoURL   string      `json:"photo_url,omitempty"`
	InlineID   string      `json:"inline_message_id,omitempty"`
	ForceReply *ForceReply `json:"force_reply,omitempty"`
	Changed    int64       `json:"changed,omitempty"` // grows with every message sent or edited

	payload string // of an invoice
	flex    bool   // an invoice that asks for shipping options
	address bool   // an invoice that asks for an address
	name    bool   // and for a name
	copied  bool   // it was forwarded
}

// Entity is a piece of a text that is set in a style. Offset and length count
// UTF-16 units.
type Entity struct {
	Type     string `json:"type"`
	Offset   int    `json:"offset"`
	Length   int    `json:"length"`
	URL      string `json:"url,omitempty"`
	Language string `json:"language,omitempty"`
}

// PhotoSize is one size of a picture; the stand-in knows one, and no pixels.
type PhotoSize struct {
	FileID   string `json:"file_id"`
	UniqueID string `json:"file_unique_id"`
	Width    int    `json:"width"`
	Height   int    `json:"height"`
}

// Document is a file in a message. Server.File returns its bytes.
type Document struct {
	FileID   string `json:"file_id"`
	UniqueID string `json:"file_unique_id"`
	Name     string `json:"file_name,omitempty"`
	Mime     string `json:"mime_type,omitempty"`
	Size     int    `json:"file_size,omitempty"`
}

// Video is a video somebody sent; the stand-in knows no frames.
type Video struct {
	Document
	Width    int `json:"width"`
	Height   int `json:"height"`
	Duration int `json:"duration"`
}

// Keyboard is the inline keyboard under a message.
type Keyboard struct {
	Rows [][]Button `json:"inline_keyboard"`
}

// Button is a button of an inline keyboard; exactly one of the fields after
// Style is set.
type Button struct {
	Text   string    `json:"text"`
	Style  string    `json:"style,omitempty"`
	URL    string    `json:"url,omitempty"`
	Data   string    `json:"callback_data,omitempty"`
	Switch *string   `json:"switch_inline_query,omitempty"`
	Here   *string   `json:"switch_inline_query_current_chat,omitempty"`
	Copy   *CopyText `json:"copy_text,omitempty"`
	Pay    bool      `json:"pay,omitempty"`
}

// CopyText is what a button copies to the clipboard.
type CopyText struct {
	Text string `json:"text"`
}

// ForceReply asks a client to open the answer to a message at once.
type ForceReply struct {
	Force       bool   `json:"force_reply"`
	Placeholder string `json:"input_field_placeholder,omitempty"`
	Selective   bool   `json:"selective,omitempty"`
}

// file is what somebody uploaded, or the address of a picture.
type file struct {
	name, mime, url string
	data            []byte
}

// body returns the text or the caption.
func (m *Message) body() string {
	if m.Text != "" {
		return m.Text
	}
	return m.Caption
}

// wire returns the message as an update or a result carries it.
func (m *Message) wire() *Message {
	w := *m
	w.PhotoURL, w.InlineID, w.ForceReply, w.Changed = "", "", nil, 0
	if w.Invoice != nil {
		i := *w.Invoice
		i.Prices, i.Asks, i.Paid = nil, false, false
		w.Invoice = &i
	}
	if w.ReplyTo != nil {
		w.ReplyTo = w.ReplyTo.wire()
		w.ReplyTo.ReplyTo = nil
	}
	return &w
}

// copy returns the message as it is now, for whoever draws it.
func (m *Message) copy() Message {
	c := *m
	if c.ReplyTo != nil {
		c.ReplyTo = c.ReplyTo.wire()
	}
	return c
}

// same reports whether an edit would leave the message as it is.
func (m *Message) same(n *Message) bool {
	part := func(m *Message) string {
		b, _ := json.Marshal([]any{m.Text, m.Entities, m.Caption, m.CaptionEntities, m.PhotoURL, m.ReplyMarkup})
		return string(b)
	}
	return part(m) == part(n)
}

// isCommand reports whether a text begins with a command, and which bot it is
// addressed to.
func isCommand(text string) (length int, to string, ok bool) {
	word, _, _ := strings.Cut(text, " ")
	word, _, _ = strings.Cut(word, "\n")
	name, to, _ := strings.Cut(strings.TrimPrefix(word, "/"), "@")
	if !strings.HasPrefix(word, "/") || name == "" || len(name) > 64 ||
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return 0, "", false
	}
	return len(word), to, true
}
