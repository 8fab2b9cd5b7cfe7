package discord

import (
	"fmt"
	"net/http"
)

var (
	errNoChannel = refuse(http.StatusNotFound, 10003, "Unknown Channel")
	errNoMessage = refuse(http.StatusNotFound, 10008, "Unknown Message")
	errNoUser    = refuse(http.StatusNotFound, 10013, "Unknown User")
	errNoAccess  = refuse(http.StatusForbidden, 50001, "Missing Access")
	errClosed    = refuse(http.StatusForbidden, 50007, "Cannot send messages to this user")
	errNotMine   = refuse(http.StatusForbidden, 50005, "Cannot edit a message authored by another user")
)

func (s *Server) getMe(http.ResponseWriter, *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.users[s.cfg.Application], nil
}

func (s *Server) openDM(_ http.ResponseWriter, r *http.Request) (any, error) {
	raw, _, err := readBody(r)
	if err != nil {
		return nil, err
	}
	var body struct {
		Recipient string `json:"recipient_id"`
	}
	if err := decode("CreatePrivateChannelRequest", raw, &body); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[body.Recipient]
	if u == nil || u.Bot {
		return nil, errNoUser
	}
	return s.channelJSON(s.dm(u.ID)), nil
}

func (s *Server) getChannel(_ http.ResponseWriter, r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(r.PathValue("channel"))
	if c == nil {
		return nil, errNoChannel
	}
	return s.channelJSON(c), nil
}

func (s *Server) channelJSON(c *Channel) map[string]any {
	v := map[string]any{"id": c.ID, "type": c.Type, "flags": 0}
	if c.Type == DM {
		v["recipients"] = []User{*s.users[c.With]}
		return v
	}
	v["name"], v["guild_id"] = c.Name, c.Guild
	if c.Parent != "" {
		v["parent_id"] = c.Parent
	}
	return v
}

func (s *Server) postMessage(_ http.ResponseWriter, r *http.Request) (any, error) {
	p, err := s.readMessage(r, "MessageCreateRequest")
	if err != nil {
		return nil, err
	}
	if p.empty() {
		return nil, errEmpty
	}
	if p.Flags&FlagEphemeral != 0 {
		return nil, formError("flags", "FLAGS_INVALID", "only an answer to an interaction can be ephemeral")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.reach(r.PathValue("channel"))
	if err != nil {
		return nil, err
	}
	key := c.ID + " " + fmt.Sprint(p.Nonce)
	if p.Nonce != nil && p.EnforceNonce {
		if m := s.message(c.ID, s.nonces[key]); m != nil {
			return m.copy(), nil
		}
	}
	if err := magic(p.Content); err != nil {
		return nil, err
	}
	m := &Message{ChannelID: c.ID, Author: *s.users[s.cfg.Application], Nonce: p.Nonce, Flags: p.Flags, TTS: p.TTS}
	s.fill(m, p)
	s.add(m)
	if p.Nonce != nil {
		s.nonces[key] = m.ID
	}
	return m.copy(), dropMagic(p.Content)
}

// reach finds a channel the bot can write to. The caller holds the lock.
func (s *Server) reach(id string) (*Channel, error) {
	c := s.channel(id)
	switch {
	case c == nil:
		return nil, errNoChannel
	case c.Type == DM && (s.closed[c.With] || !s.shares(c.With)):
		return nil, errClosed
	case c.Type != DM && s.guild(c.Guild) == nil:
		return nil, errNoAccess
	}
	return c, nil
}

func (s *Server) getMessage(_ http.ResponseWriter, r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.posted(r)
	if err != nil {
		return nil, err
	}
	return m.copy(), nil
}

func (s *Server) patchMessage(_ http.ResponseWriter, r *http.Request) (any, error) {
	p, err := s.readMessage(r, "MessageEditRequestPartial")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.posted(r)
	if err != nil {
		return nil, err
	}
	if m.Author.ID != s.cfg.Application {
		return nil, errNotMine
	}
	if err := magic(p.Content); err != nil {
		return nil, err
	}
	place := m.touched
	if err := s.change(m, p); err != nil {
		return nil, err
	}
	m.touched = place
	return m.copy(), dropMagic(p.Content)
}

func (s *Server) deleteMessage(_ http.ResponseWriter, r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.posted(r)
	if err != nil {
		return nil, err
	}
	if m.Author.ID != s.cfg.Application {
		return nil, refuse(http.StatusForbidden, 50013, "Missing Permissions")
	}
	s.remove(m)
	return nil, nil
}

// posted finds a message by the request's path. An ephemeral one is out of
// reach there. The caller holds the lock.
func (s *Server) posted(r *http.Request) (*Message, error) {
	c := s.channel(r.PathValue("channel"))
	if c == nil {
		return nil, errNoChannel
	}
	m := s.message(c.ID, r.PathValue("message"))
	if m == nil || m.viewer != "" {
		return nil, errNoMessage
	}
	return m, nil
}

// change edits a message, which must not become empty. The caller holds the lock.
func (s *Server) change(m *Message, p *payload) error {
	next := *m
	s.fill(&next, p)
	if next.Content == "" && len(next.Embeds) == 0 && len(next.Components) == 0 && len(next.Attachments) == 0 {
		return errEmpty
	}
	next.Flags &^= FlagLoading
	*m = next
	s.edited(m)
	return nil
}
