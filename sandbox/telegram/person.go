package telegram

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Person acts as one of the people. The methods return when the bot has been
// told, not when it has answered: call Server.Rest for that.
type Person struct {
	s  *Server
	id int64
}

// As returns a person by their id, who must have been added.
func (s *Server) As(user int64) *Person { return &Person{s, user} }

// act runs f with the lock held, after what the person saw before is over, and
// delivers the updates it causes.
func (p *Person) act(f func(u *user) error) error {
	p.s.mu.Lock()
	u := p.s.users[p.id]
	if u == nil {
		p.s.unlock()
		return fmt.Errorf("nobody has the id %d", p.id)
	}
	u.answer = nil
	err := f(u)
	p.s.unlock()
	p.s.pump()
	return err
}

// Say writes a text into a chat.
func (p *Person) Say(chat int64, text string) error { return p.SayIn(chat, 0, text) }

// SayIn writes a text into a topic of a forum, 0 for the general one.
func (p *Person) SayIn(chat, topic int64, text string) error {
	return p.act(func(u *user) error { return p.s.say(u, chat, topic, text, 0) })
}

// Reply answers a message with a text.
func (p *Person) Reply(chat, message int64, text string) error {
	return p.act(func(u *user) error { return p.s.say(u, chat, 0, text, message) })
}

func (s *Server) say(u *user, chat, topic int64, text string, replyTo int64) error {
	ch := s.chats[chat]
	if ch == nil || !ch.members[u.ID] {
		return fmt.Errorf("%s is not in the chat %d", u.First, chat)
	}
	text, _ = trim(text, nil)
	if text == "" || width(text) > 4096 {
		return fmt.Errorf("a message has 1 to 4096 characters")
	}
	if ch.Type == "private" {
		if u.blocked {
			return fmt.Errorf("%s has blocked the bot", u.First)
		}
		u.started = true
	}
	from := u.User
	m := &Message{From: &from, Text: text, ThreadID: topic, IsTopic: topic != 0}
	length, to, command := isCommand(text)
	if command {
		m.Entities = []Entity{{Type: "bot_command", Length: length}}
	}
	toBot := false
	if replyTo != 0 {
		m.ReplyTo = ch.find(replyTo)
		toBot = m.ReplyTo != nil && m.ReplyTo.From.ID == s.bot.ID
	}
	s.append(ch, m)
	// A bot in privacy mode, as every bot is at first, sees commands that are
	// not another bot's and answers to its own messages.
	if ch.Type == "private" || ch.absent == "" && (toBot || command && (to == "" || strings.EqualFold(to, s.bot.Username))) {
		s.send("message", "chat/"+strconv.FormatInt(chat, 10), keepUpdate, m.wire())
	}
	return nil
}

// Start follows a deep link into the private chat with the bot, or presses
// Start there if the parameter is empty. It takes back a block.
func (p *Person) Start(param string) error {
	return p.act(func(u *user) error {
		if u.blocked {
			p.s.block(u, false)
		}
		return p.s.say(u, u.ID, 0, strings.TrimSpace("/start "+param), 0)
	})
}

// Open follows a link. It reports whether the link led to the bot; any other
// is left to the caller.
func (p *Person) Open(link string) (toBot bool, err error) {
	param, ok := p.s.deepLink(link)
	if !ok {
		return false, nil
	}
	return true, p.Start(param)
}

// Tapped is what a client does by itself when a button is tapped.
type Tapped struct {
	Query  string // the callback query that the bot has been asked
	URL    string // a link to open
	Inline string // a text to search with the bot in a chat the person chooses
	Copied string
	Pay    bool
}

// Tap presses a button of a message, by its row and column from 0.
func (p *Person) Tap(chat, message int64, row, col int) (Tapped, error) {
	var t Tapped
	err := p.act(func(u *user) error {
		ch := p.s.chats[chat]
		if ch == nil || !ch.members[u.ID] {
			return fmt.Errorf("%s is not in the chat %d", u.First, chat)
		}
		m := ch.find(message)
		if m == nil {
			return fmt.Errorf("no message %d", message)
		}
		k := m.ReplyMarkup
		if k == nil || row < 0 || row >= len(k.Rows) || col < 0 || col >= len(k.Rows[row]) {
			return fmt.Errorf("message %d has no button at %d, %d", message, row, col)
		}
		switch b := k.Rows[row][col]; {
		case b.URL != "":
			t.URL = b.URL
		case b.Switch != nil:
			t.Inline = *b.Switch
		case b.Here != nil:
			t.Inline = *b.Here
		case b.Copy != nil:
			t.Copied = b.Copy.Text
		case b.Pay:
			t.Pay = true
		default:
			t.Query = p.s.press(u, m, b.Data)
		}
		return nil
	})
	return t, err
}

// Press sends a callback query with any data, as a modified client could.
func (p *Person) Press(chat, message int64, data string) error {
	return p.act(func(u *user) error {
		ch := p.s.chats[chat]
		if ch == nil || ch.find(message) == nil {
			return fmt.Errorf("no message %d", message)
		}
		p.s.press(u, ch.find(message), data)
		return nil
	})
}

func (s *Server) press(u *user, m *Message, data string) string {
	q := s.ask("callback", u.ID)
	q.chat, q.message = m.Chat.ID, m.MessageID
	payload := map[string]any{"id": q.id, "from": u.User, "chat_instance": strconv.FormatInt(m.Chat.ID^0x5f5f5f, 10), "data": data}
	if m.InlineID != "" {
		payload["inline_message_id"] = m.InlineID
	} else {
		payload["message"] = m.wire()
	}
	s.send("callback_query", "callback/"+strconv.FormatInt(u.ID, 10), keepQuery, payload)
	return q.id
}

// Speak changes the language of the person's app, as an IETF tag.
func (p *Person) Speak(language string) error {
	return p.act(func(u *user) error { u.Lang = language; return nil })
}

// Block blocks the bot.
func (p *Person) Block() error {
	return p.act(func(u *user) error { p.s.block(u, true); return nil })
}

// Unblock takes a block back.
func (p *Person) Unblock() error {
	return p.act(func(u *user) error { p.s.block(u, false); return nil })
}

func (s *Server) block(u *user, blocked bool) {
	if u.blocked == blocked {
		return
	}
	u.blocked = blocked
	before, after := "member", "kicked"
	if !blocked {
		before, after = after, before
	}
	s.memberChange(s.chats[u.ID], u.User, before, after)
}

// AddBot makes the person add the bot to a group.
func (p *Person) AddBot(group int64) error { return p.botIn(group, "") }

// RemoveBot makes the person throw the bot out of a group.
func (p *Person) RemoveBot(group int64) error { return p.botIn(group, "kicked") }

func (p *Person) botIn(group int64, absent string) error {
	return p.act(func(u *user) error {
		ch := p.s.chats[group]
		if ch == nil || ch.Type == "private" {
			return fmt.Errorf("no group %d", group)
		}
		status := func(absent string) string {
			if absent == "" {
				return "member"
			}
			return absent
		}
		before := status(ch.absent)
		ch.absent = absent
		p.s.memberChange(ch, u.User, before, status(absent))
		return nil
	})
}

func (s *Server) memberChange(ch *chat, by User, before, after string) {
	member := func(status string) map[string]any {
		m := map[string]any{"status": status, "user": s.bot}
		if status == "kicked" {
			m["until_date"] = 0
		}
		return m
	}
	s.note(Change{Kind: "member", Chat: ch.ID, User: by.ID})
	s.send("my_chat_member", "chat/"+strconv.FormatInt(ch.ID, 10), keepUpdate, map[string]any{
		"chat": ch.Chat, "from": by, "date": s.now().Unix(), "old_chat_member": member(before), "new_chat_member": member(after),
	})
}

// Migrate turns a group into a supergroup with another id, as Telegram does
// when a group grows.
func (s *Server) Migrate(group, to int64) {
	s.mu.Lock()
	defer s.unlock()
	old := s.chats[group]
	fresh := *old
	fresh.ID, fresh.Type, fresh.messages, fresh.lastID = to, "supergroup", nil, 0
	s.chats[to] = &fresh
	s.order = append(s.order, to)
	old.movedTo = to
	s.note(Change{Kind: "chat", Chat: group})
}

// Inline types a query after the bot's name and waits for the results, at most
// ten seconds.
func (p *Person) Inline(text string) ([]Result, error) {
	var q *query
	err := p.act(func(u *user) error {
		q = p.s.ask("inline", u.ID)
		p.s.send("inline_query", "inline/"+strconv.FormatInt(u.ID, 10), keepInline, map[string]any{
			"id": q.id, "from": u.User, "query": text, "offset": "", "chat_type": "group",
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	p.s.Rest(ctx)
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if !q.answered {
		return nil, fmt.Errorf("the bot has not answered the inline query")
	}
	return q.results, nil
}

// PickInline sends an inline result into a chat, which need not have the bot.
func (p *Person) PickInline(chat int64, r Result) error {
	return p.act(func(u *user) error {
		ch := p.s.chats[chat]
		if ch == nil || !ch.members[u.ID] {
			return fmt.Errorf("%s is not in the chat %d", u.First, chat)
		}
		m, from, bot := *r.Message, u.User, p.s.bot
		m.From, m.ViaBot = &from, &bot
		m.InlineID = "inline" + strconv.FormatInt(p.s.next(), 10)
		p.s.append(ch, &m)
		p.s.inline[m.InlineID] = &m
		if ch.Type == "private" || ch.absent == "" {
			p.s.send("message", "chat/"+strconv.FormatInt(chat, 10), keepUpdate, m.wire())
		}
		return nil
	})
}
