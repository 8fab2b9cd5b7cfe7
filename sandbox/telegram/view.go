package telegram

import (
	"context"
	"sort"
)

// Change says that something looks different now.
type Change struct {
	// Kind is "message", "edit", "delete", "typing", "answer" (to a button),
	// "inline" (results), "commands", "member" or "chat".
	Kind    string `json:"kind"`
	Chat    int64  `json:"chat,omitempty"`
	Message int64  `json:"message_id,omitempty"`
	User    int64  `json:"user,omitempty"`
}

// Changes calls f after each change, in their order, until cancel is called.
// f must not block for long.
func (s *Server) Changes(f func(Change)) (cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := int(s.next())
	s.watchers[id] = f
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, id)
	}
}

// note keeps a change until the lock is given back.
func (s *Server) note(c Change) { s.notes = append(s.notes, c) }

// ChatView is a chat in a person's list.
type ChatView struct {
	Chat
	Bot     bool     `json:"bot"`               // the private chat with the bot
	Started bool     `json:"started,omitempty"` // whether the person has written there
	Blocked bool     `json:"blocked,omitempty"` // whether the person has blocked the bot
	Members int      `json:"members"`
	Last    *Message `json:"last,omitempty"`
	Topics  []Topic  `json:"topics,omitempty"`
}

// Topic is a topic of a forum.
type Topic struct {
	ID   int64  `json:"message_thread_id"`
	Name string `json:"name"`
}

// Users returns the people, by id.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []User
	for _, u := range s.users {
		list = append(list, u.User)
	}
	sort.Slice(list, func(a, b int) bool { return list[a].ID < list[b].ID })
	return list
}

// Bot returns the bot.
func (s *Server) Bot() User { return s.bot }

// Chats returns the chats of a person in the order they were added: the one
// with the bot, under the bot's name, and their groups.
func (s *Server) Chats(viewer int64) []ChatView {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []ChatView
	for _, id := range s.order {
		ch := s.chats[id]
		if !ch.members[viewer] || ch.movedTo != 0 {
			continue
		}
		v := ChatView{Chat: ch.Chat, Members: len(ch.members)}
		if ch.Type == "private" {
			u := s.users[viewer]
			v.Bot, v.Started, v.Blocked, v.Title = true, u.started, u.blocked, s.bot.First
		}
		if n := len(ch.messages); n > 0 {
			last := ch.messages[n-1].copy()
			v.Last = &last
		}
		for id, name := range ch.topics {
			v.Topics = append(v.Topics, Topic{ID: id, Name: name})
		}
		sort.Slice(v.Topics, func(a, b int) bool { return v.Topics[a].ID < v.Topics[b].ID })
		list = append(list, v)
	}
	return list
}

// Messages returns a chat as a person sees it, the oldest first; nothing where
// they are not a member.
func (s *Server) Messages(viewer, chat int64) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := s.chats[chat]
	if ch == nil || !ch.members[viewer] {
		return nil
	}
	list := make([]Message, 0, len(ch.messages))
	for _, m := range ch.messages {
		list = append(list, m.copy())
	}
	return list
}

// LastAnswer returns the answer to the button a person pressed last, nil
// before it has come and after they have done something else.
func (s *Server) LastAnswer(viewer int64) *Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.users[viewer]; u != nil && u.answer != nil {
		a := *u.answer
		return &a
	}
	return nil
}

// Await waits until the bot has answered a callback query, or until the context
// ends. The answer may come on a connection of its own, after all else rests.
func (s *Server) Await(ctx context.Context, callback string) {
	for {
		s.mu.Lock()
		q, news := s.queries[callback], s.news
		waits := q != nil && !q.answered
		s.mu.Unlock()
		if !waits {
			return
		}
		select {
		case <-news:
		case <-ctx.Done():
			return
		}
	}
}

// Asking returns how a client should open its input field in a chat: the
// newest message's force_reply, nil if it has none.
func (s *Server) Asking(viewer, chat int64) *ForceReply {
	list := s.Messages(viewer, chat)
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1].ForceReply
}
