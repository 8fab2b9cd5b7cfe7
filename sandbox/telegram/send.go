package telegram

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// place finds the chat a call names and whether the bot may write there.
func (s *Server) place(c *call) (*chat, error) {
	id, err := strconv.ParseInt(c.args["chat_id"], 10, 64)
	if err != nil {
		return nil, badRequest("chat not found")
	}
	ch := s.chats[id]
	if ch == nil {
		return nil, badRequest("chat not found")
	}
	if ch.movedTo != 0 {
		f := badRequest("group chat was upgraded to a supergroup chat")
		f.migrateTo = ch.movedTo
		return nil, f
	}
	if ch.Type == "private" {
		u := s.users[id]
		switch {
		case u.blocked:
			return nil, forbidden("bot was blocked by the user")
		case !u.started:
			return nil, forbidden("bot can't initiate conversation with a user")
		}
		return ch, nil
	}
	switch ch.absent {
	case "left":
		return nil, forbidden("bot is not a member of the " + ch.Type + " chat")
	case "kicked":
		return nil, forbidden("bot was kicked from the " + ch.Type + " chat")
	}
	return ch, nil
}

// post appends a message of the bot to a chat.
func (s *Server) post(c *call, ch *chat, m *Message) (any, error) {
	if thread := c.args["message_thread_id"]; thread != "" {
		m.ThreadID, _ = strconv.ParseInt(thread, 10, 64)
		if _, ok := ch.topics[m.ThreadID]; !ok {
			return nil, badRequest("message thread not found")
		}
		m.IsTopic = true
	}
	var reply struct {
		MessageID int64 `json:"message_id"`
		Anyway    bool  `json:"allow_sending_without_reply"`
	}
	if text := c.args["reply_parameters"]; text != "" {
		json.Unmarshal([]byte(text), &reply)
		if m.ReplyTo = ch.find(reply.MessageID); m.ReplyTo == nil && !reply.Anyway {
			return nil, badRequest("message to be replied not found")
		}
	}
	var err error
	if m.ReplyMarkup, m.ForceReply, err = c.markup(); err != nil {
		return nil, err
	}
	bot := s.bot
	m.From = &bot
	s.append(ch, m)
	return m.wire(), nil
}

// append gives a message its number and its date and shows it.
func (s *Server) append(ch *chat, m *Message) {
	ch.lastID++
	m.MessageID = ch.lastID
	m.Date = s.now().Unix()
	m.Chat = ch.Chat
	m.Changed = s.next()
	ch.messages = append(ch.messages, m)
	s.note(Change{Kind: "message", Chat: ch.ID, Message: m.MessageID})
}

func (ch *chat) find(id int64) *Message {
	for i := len(ch.messages) - 1; i >= 0; i-- {
		if ch.messages[i].MessageID == id {
			return ch.messages[i]
		}
	}
	return nil
}

func (s *Server) sendMessage(c *call) (any, error) {
	text, entities, err := c.formatted("text")
	if err != nil {
		return nil, err
	}
	ch, err := s.place(c)
	if err != nil {
		return nil, err
	}
	return s.post(c, ch, &Message{Text: text, Entities: entities})
}

func (s *Server) sendPhoto(c *call) (any, error) {
	ch, err := s.place(c)
	if err != nil {
		return nil, err
	}
	m := &Message{}
	if m.Caption, m.CaptionEntities, err = c.formatted("caption"); err != nil {
		return nil, err
	}
	if err := s.picture(m, c.args["photo"], c.files["photo"]); err != nil {
		return nil, err
	}
	return s.post(c, ch, m)
}

// picture puts a picture into a message: an address, a file_id, an upload.
func (s *Server) picture(m *Message, ref string, up file) error {
	id := ref
	switch known, ok := s.files[ref]; {
	case up.data != nil:
		id = s.keep("photo", up)
		m.PhotoURL = "data:" + up.mime + ";base64," + encode(up.data)
	case ok:
		m.PhotoURL = known.url
	default:
		u, err := url.Parse(ref)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return badRequest("wrong remote file identifier specified: can't unserialize it. Wrong last symbol")
		}
		if strings.Contains(ref, "unfetchable") {
			return badRequest("failed to get HTTP URL content")
		}
		id = s.keep("photo", file{url: ref})
		m.PhotoURL = ref
	}
	m.Photo = []PhotoSize{{FileID: id, UniqueID: "u" + id, Width: 800, Height: 800}}
	return nil
}

// keep stores a file and returns its file_id.
func (s *Server) keep(kind string, f file) string {
	id := kind + strconv.FormatInt(s.next(), 10)
	s.files[id] = f
	return id
}

func (s *Server) sendDocument(c *call) (any, error) {
	ch, err := s.place(c)
	if err != nil {
		return nil, err
	}
	up, ok := c.files["document"]
	id := c.args["document"]
	if ok {
		if len(up.data) == 0 {
			return nil, badRequest("file must be non-empty")
		}
		if len(up.data) > 50<<20 {
			return nil, &failure{code: 413, text: "Request Entity Too Large"}
		}
		id = s.keep("document", up)
	} else if up, ok = s.files[id]; !ok {
		return nil, badRequest("wrong remote file identifier specified: can't unserialize it. Wrong last symbol")
	}
	m := &Message{Document: &Document{FileID: id, UniqueID: "u" + id, Name: up.name, Mime: up.mime, Size: len(up.data)}}
	if m.Caption, m.CaptionEntities, err = c.formatted("caption"); err != nil {
		return nil, err
	}
	return s.post(c, ch, m)
}

// File returns a file that was sent, by its file_id.
func (s *Server) File(id string) (name string, data []byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.files[id]
	return f.name, f.data, ok && f.url == ""
}

func (s *Server) sendChatAction(c *call) (any, error) {
	ch, err := s.place(c)
	if err != nil {
		return nil, err
	}
	s.note(Change{Kind: "typing", Chat: ch.ID})
	return true, nil
}

// markup reads reply_markup: an inline keyboard, or a request to answer.
func (c *call) markup() (*Keyboard, *ForceReply, error) {
	text := c.args["reply_markup"]
	if text == "" {
		return nil, nil, nil
	}
	var raw struct {
		Keyboard
		ForceReply
		Other  json.RawMessage `json:"keyboard"`
		Remove bool            `json:"remove_keyboard"`
	}
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, nil, badRequest("can't parse reply keyboard markup JSON object")
	}
	if raw.Other != nil {
		return nil, nil, badRequest("the stand-in does not imitate reply keyboards")
	}
	if raw.Force {
		return nil, &raw.ForceReply, nil
	}
	if raw.Remove || len(raw.Rows) == 0 {
		return nil, nil, nil
	}
	return &raw.Keyboard, nil, raw.Keyboard.check()
}

// check keeps Telegram's rules for inline keyboards: 100 buttons, 8 in a row
// (https://limits.tginfo.me), one action each.
func (k *Keyboard) check() error {
	total := 0
	for _, row := range k.Rows {
		total += len(row)
		if len(row) > 8 {
			return badRequest("a row of %d buttons, 8 fit", len(row))
		}
		for _, b := range row {
			if err := b.check(); err != nil {
				return err
			}
		}
	}
	if total > 100 {
		return badRequest("reply markup is too long")
	}
	return nil
}

func (b Button) check() error {
	actions := 0
	for _, set := range []bool{b.URL != "", b.Data != "", b.Switch != nil, b.Here != nil, b.Copy != nil, b.Pay} {
		if set {
			actions++
		}
	}
	switch {
	case strings.TrimSpace(b.Text) == "":
		return badRequest("inline keyboard button text must be non-empty")
	case actions == 0:
		return badRequest("Text buttons are unallowed in the inline keyboard")
	case actions > 1:
		return badRequest("an inline keyboard button with %d actions, exactly one fits", actions)
	case len(b.Data) > 64:
		return badRequest("BUTTON_DATA_INVALID")
	case b.Style != "" && b.Style != "danger" && b.Style != "success" && b.Style != "primary":
		return badRequest("button style must be one of danger, success, primary")
	}
	if b.URL != "" {
		u, err := url.Parse(b.URL)
		if err != nil || u.Host == "" || u.Scheme == "http" && !strings.Contains(u.Host, ".") || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "tg" {
			return badRequest("inline keyboard button URL '%s' is invalid: Wrong HTTP URL", b.URL)
		}
	}
	return nil
}
