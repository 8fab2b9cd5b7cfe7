package telegram

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
)

// target finds the message that a call edits.
func (s *Server) target(c *call) (*Message, error) {
	if id := c.args["inline_message_id"]; id != "" {
		if m := s.inline[id]; m != nil {
			return m, nil
		}
		return nil, badRequest("MESSAGE_ID_INVALID")
	}
	if c.args["chat_id"] == "" || c.args["message_id"] == "" {
		return nil, badRequest("message identifier is not specified")
	}
	ch, err := s.place(c)
	if err != nil {
		return nil, err
	}
	id, _ := strconv.ParseInt(c.args["message_id"], 10, 64)
	m := ch.find(id)
	if m == nil {
		return nil, badRequest("message to edit not found")
	}
	if m.From == nil || m.From.ID != s.bot.ID {
		return nil, badRequest("message can't be edited")
	}
	return m, nil
}

// edit replaces a message by what change makes of it.
func (s *Server) edit(c *call, change func(m *Message) error) (any, error) {
	old, err := s.target(c)
	if err != nil {
		return nil, err
	}
	m := *old
	if err := change(&m); err != nil {
		return nil, err
	}
	if m.ReplyMarkup, m.ForceReply, err = c.markup(); err != nil {
		return nil, err
	}
	if old.same(&m) {
		return nil, badRequest("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	m.EditDate = s.now().Unix()
	m.Changed = s.next()
	*old = m
	s.note(Change{Kind: "edit", Chat: m.Chat.ID, Message: m.MessageID})
	if m.InlineID != "" && c.args["inline_message_id"] != "" {
		return true, nil
	}
	return m.wire(), nil
}

func (s *Server) editMessageText(c *call) (any, error) {
	return s.edit(c, func(m *Message) (err error) {
		if m.Text == "" {
			return badRequest("there is no text in the message to edit")
		}
		if _, ok := c.args["text"]; !ok {
			return badRequest("message text is empty")
		}
		m.Text, m.Entities, err = c.formatted("text")
		return err
	})
}

func (s *Server) editMessageCaption(c *call) (any, error) {
	return s.edit(c, func(m *Message) (err error) {
		if m.Photo == nil && m.Document == nil {
			return badRequest("there is no caption in the message to edit")
		}
		m.Caption, m.CaptionEntities, err = c.formatted("caption")
		return err
	})
}

func (s *Server) editMessageReplyMarkup(c *call) (any, error) {
	return s.edit(c, func(*Message) error { return nil })
}

// editMessageMedia replaces a picture, or adds one to a text message.
func (s *Server) editMessageMedia(c *call) (any, error) {
	var media struct {
		Media   string `json:"media"`
		Caption string `json:"caption"`
		Mode    string `json:"parse_mode"`
	}
	json.Unmarshal([]byte(c.args["media"]), &media)
	inner := &call{args: map[string]string{"caption": media.Caption, "parse_mode": media.Mode}}
	return s.edit(c, func(m *Message) (err error) {
		if m.Invoice != nil {
			return badRequest("message media can't be edited")
		}
		before := *m
		if m.Caption, m.CaptionEntities, err = inner.formatted("caption"); err != nil {
			return err
		}
		m.Text, m.Entities, m.Document = "", nil, nil
		if media.Media == before.PhotoURL {
			return nil
		}
		return s.picture(m, media.Media, c.files[cutAttach(media.Media)])
	})
}

func cutAttach(media string) string {
	const attach = "attach://"
	if len(media) > len(attach) && media[:len(attach)] == attach {
		return media[len(attach):]
	}
	return ""
}

func (s *Server) deleteMessage(c *call) (any, error) {
	ch, err := s.place(c)
	if err != nil {
		return nil, err
	}
	id, _ := strconv.ParseInt(c.args["message_id"], 10, 64)
	m := ch.find(id)
	if m == nil {
		return nil, badRequest("message to delete not found")
	}
	if ch.Type != "private" && (m.From == nil || m.From.ID != s.bot.ID) {
		return nil, badRequest("message can't be deleted")
	}
	ch.messages = slices.DeleteFunc(ch.messages, func(x *Message) bool { return x == m })
	s.next()
	s.note(Change{Kind: "delete", Chat: ch.ID, Message: id})
	return true, nil
}

func encode(data []byte) string { return base64.StdEncoding.EncodeToString(data) }
