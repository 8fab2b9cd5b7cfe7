package telegram

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
)

// update holds what this package reads of an update, by types of our own: the
// library's do not know forum topics, and decode much that nobody asks for.
type update struct {
	ID       int64     `json:"update_id"`
	Message  *message  `json:"message"`
	Callback *callback `json:"callback_query"`
	Inline   *inline   `json:"inline_query"`
	Member   *member   `json:"my_chat_member"`
	Shipping *bill     `json:"shipping_query"`
	Checkout *bill     `json:"pre_checkout_query"`
}

type user struct {
	ID       int64  `json:"id"`
	Bot      bool   `json:"is_bot"`
	First    string `json:"first_name"`
	Last     string `json:"last_name"`
	Username string `json:"username"`
	Language string `json:"language_code"`
}

type chat struct {
	ID    int64  `json:"id"`
	Type  string `json:"type"`
	Title string `json:"title"`
}

type message struct {
	ID     int64           `json:"message_id"`
	Thread int64           `json:"message_thread_id"`
	Topic  bool            `json:"is_topic_message"`
	From   *user           `json:"from"`
	Date   int64           `json:"date"`
	Chat   chat            `json:"chat"`
	Via    *user           `json:"via_bot"`
	As     *chat           `json:"sender_chat"`
	Origin json.RawMessage `json:"forward_origin"`
	Text   string          `json:"text"`
	Photo  []photoSize     `json:"photo"`
	Video  *document       `json:"video"`
	File   *document       `json:"document"`
	About  string          `json:"caption"`
	Paid   *bill           `json:"successful_payment"`
}

// photoSize is a photo in one of its sizes; the largest is the last.
type photoSize struct {
	File string `json:"file_id"`
}

// document is a file that somebody sends.
type document struct {
	File string `json:"file_id"`
	Mime string `json:"mime_type"`
}

// video is the name of the video, sent as one or as a file, "" where there is none.
func (m *message) video() string {
	switch {
	case m.Video != nil:
		return m.Video.File
	case m.File != nil && strings.HasPrefix(m.File.Mime, "video/"):
		return m.File.File
	}
	return ""
}

// photo is the name of the photo in its largest size, "" where there is none.
func (m *message) photo() string {
	if len(m.Photo) == 0 {
		return ""
	}
	return m.Photo[len(m.Photo)-1].File
}

type callback struct {
	ID      string   `json:"id"`
	From    user     `json:"from"`
	Message *message `json:"message"`
	Shared  string   `json:"inline_message_id"`
	Data    string   `json:"data"`
}

type inline struct {
	ID    string `json:"id"`
	From  user   `json:"from"`
	Query string `json:"query"`
}

type member struct {
	Chat chat `json:"chat"`
	From user `json:"from"`
	Old  struct {
		Status string `json:"status"`
	} `json:"old_chat_member"`
	New struct {
		Status string `json:"status"`
	} `json:"new_chat_member"`
}

// malformed is an update that Telegram did not write. Sending it again cannot
// help.
func malformed(format string, args ...any) error {
	return commerce.Errorf(commerce.Invalid, "webhook.malformed", format, args...)
}

func decode(body []byte) (update, error) {
	var u update
	if err := json.Unmarshal(body, &u); err != nil {
		return u, malformed("update: %w", err)
	}
	if u.ID <= 0 {
		return u, malformed("update without update_id")
	}
	return u, nil
}

// event begins an Event with what every update tells. A private chat has the
// id of its person: an update in which they differ is not Telegram's.
func (b *Bot) event(u update, from user, c chat, thread int64) (bots.Event, error) {
	ev := bots.Event{
		ID:  strconv.FormatInt(u.ID, 10),
		Bot: b.id,
		From: bots.Person{
			Account:  bots.Account{Platform: Platform, ID: strconv.FormatInt(from.ID, 10)},
			Name:     strings.TrimSpace(clean(from.First) + " " + clean(from.Last)),
			Username: clean(from.Username),
			Locale:   clean(from.Language),
		},
	}
	if from.ID <= 0 {
		return ev, malformed("update from nobody")
	}
	if c == (chat{}) {
		return ev, nil
	}
	if c.ID == 0 || (c.Type == "private") != (c.ID == from.ID) {
		return ev, malformed("update of %q chat %d from %d", c.Type, c.ID, from.ID)
	}
	ev.Chat = bots.Chat{ID: strconv.FormatInt(c.ID, 10), Title: clean(c.Title), Private: c.Type == "private"}
	if thread != 0 {
		ev.Chat.Thread = strconv.FormatInt(thread, 10)
	}
	return ev, nil
}

// heard turns a message into an Event; ok is false for one that is not for
// the shop.
//
// Whoever writes for a chat, as anonymous admins and linked channels do, is
// nobody we could know: from then names an account that many share. What was
// forwarded somebody else wrote: in a group it is no command, and in private a
// command only shows, as by a link.
func (b *Bot) heard(u update) (ev bots.Event, ok bool, err error) {
	m := u.Message
	forwarded := len(m.Origin) > 0 && string(m.Origin) != "null"
	if m.From == nil || m.From.Bot || m.As != nil || m.Via != nil || m.Text == "" && (m.photo()+m.video() == "" || m.Chat.Type != "private") || forwarded && m.Chat.Type != "private" {
		return ev, false, nil
	}
	if m.Chat.Type != "private" && m.Chat.Type != "group" && m.Chat.Type != "supergroup" {
		return ev, false, nil
	}
	thread := int64(0)
	if m.Topic {
		thread = m.Thread
	}
	if ev, err = b.event(u, *m.From, m.Chat, thread); err != nil {
		return ev, false, err
	}
	name, to, rest, command := cutCommand(clean(m.Text))
	switch {
	case m.photo() != "":
		ev.Kind, ev.Text, ev.Photo = bots.Say, clean(m.About), m.photo()
	case m.video() != "":
		ev.Kind, ev.Text, ev.Video = bots.Say, clean(m.About), m.video()
	case command && to != "" && !strings.EqualFold(to, b.Username()):
		return ev, false, nil
	case command:
		ev.Kind, ev.Action, ev.Text, ev.Linked = bots.Do, bots.Action(name), rest, forwarded
		if name == "start" && rest != "" {
			ev.Action, ev.Text = "start", ""
			if a := bots.FromStart(rest); a.Check() == nil {
				ev.Action, ev.Linked = a, true
			}
		}
	case ev.Chat.Private:
		ev.Kind, ev.Text = bots.Say, clean(m.Text)
	default:
		return ev, false, nil
	}
	return ev, true, nil
}

// cutCommand takes "/name@bot rest" apart.
func cutCommand(text string) (name, to, rest string, ok bool) {
	word, rest := text, ""
	if i := strings.IndexAny(text, " \n\t"); i >= 0 {
		word, rest = text[:i], strings.TrimSpace(text[i:])
	}
	name, ok = strings.CutPrefix(word, "/")
	name, to, _ = strings.Cut(name, "@")
	name = strings.ToLower(name)
	if !ok || name == "" || len(name) > bots.MaxCommandName || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return "", "", "", false
	}
	return name, to, rest, true
}

// pressed turns a callback query into an Event.
func (b *Bot) pressed(u update) (bots.Event, error) {
	q := u.Callback
	if q.ID == "" || q.Message == nil && q.Shared == "" {
		return bots.Event{}, malformed("callback query without id or message")
	}
	var c chat
	thread := int64(0)
	on := &bots.Message{Shared: clean(q.Shared)}
	if m := q.Message; m != nil && q.Shared == "" {
		c = m.Chat
		on.ID, on.Picture = strconv.FormatInt(m.ID, 10), len(m.Photo) > 0
		if m.Topic {
			thread = m.Thread
		}
		if m.ID <= 0 || c.ID == 0 {
			return bots.Event{}, malformed("callback query on no message")
		}
	}
	ev, err := b.event(u, q.From, c, thread)
	if err != nil {
		return ev, err
	}
	ev.Kind, ev.On = bots.Do, on
	ev.Action, ev.Keep = action(q.Data)
	return ev, nil
}

// joined turns a change of the bot's own membership into an Event.
func (b *Bot) joined(u update) (ev bots.Event, ok bool, err error) {
	m := u.Member
	if m.Chat.Type == "channel" {
		return ev, false, nil
	}
	if ev, err = b.event(u, m.From, m.Chat, 0); err != nil {
		return ev, false, err
	}
	in := func(status string) bool {
		return status == "member" || status == "administrator" || status == "restricted" || status == "creator"
	}
	if m.From.Bot { // an anonymous admin
		ev.From = bots.Person{}
	}
	was, is := in(m.Old.Status), in(m.New.Status)
	ev.Kind = bots.Enter
	if !is {
		ev.Kind = bots.Leave
	}
	return ev, was != is, nil
}

// clean takes out what no store and no other platform can hold.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}
