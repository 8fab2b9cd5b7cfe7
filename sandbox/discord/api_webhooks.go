package discord

import (
	"net/http"
	"time"
)

var (
	errNoWebhook     = refuse(http.StatusNotFound, 10015, "Unknown Webhook")
	errTokenExpired  = refuse(http.StatusUnauthorized, 50027, "Invalid Webhook Token")
	errNoInteraction = refuse(http.StatusNotFound, 10062, "Unknown interaction")
	errAcknowledged  = refuse(http.StatusBadRequest, 40060, "Interaction has already been acknowledged.")
)

// How long an interaction waits for its first answer, and how long its token
// takes more.
const (
	answerWithin = 3 * time.Second
	tokenLives   = 15 * time.Minute
)

func (s *Server) postCallback(_ http.ResponseWriter, r *http.Request) (any, error) {
	raw, files, err := readBody(r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.interactions[r.PathValue("token")]
	if i == nil || i.id != r.PathValue("interaction") {
		return nil, errNoInteraction
	}
	return nil, s.answer(i, raw, files)
}

// answered finds the interaction that a webhook call continues. Before the
// first answer there is no webhook yet (404, 10015); after 15 minutes its
// token is refused (401, 50027, as reported in discord-api-docs #6851).
func (s *Server) answered(r *http.Request) (*interaction, error) {
	i := s.interactions[r.PathValue("token")]
	switch {
	case i == nil || r.PathValue("application") != s.cfg.Application || i.response == 0:
		return nil, errNoWebhook
	case i.expired(s.cfg.Clock()):
		return nil, errTokenExpired
	}
	return i, nil
}

func (s *Server) postFollowup(_ http.ResponseWriter, r *http.Request) (any, error) {
	p, err := s.readMessage(r, "IncomingWebhookRequestPartial")
	if err != nil {
		return nil, err
	}
	if p.empty() {
		return nil, errEmpty
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := s.answered(r)
	if err != nil {
		return nil, err
	}
	if i.waiting() {
		// The first follow-up after a deferred answer becomes that answer, and
		// is ephemeral if that was.
		if err := s.change(i.original, p); err != nil {
			return nil, err
		}
		i.deferred = false
		return i.original.copy(), nil
	}
	m := &Message{ChannelID: i.channel, Author: *s.users[s.cfg.Application], Flags: p.Flags, ApplicationID: s.cfg.Application, WebhookID: s.cfg.Application}
	if p.Flags&FlagEphemeral != 0 {
		m.viewer = i.user
	}
	s.fill(m, p)
	s.add(m)
	i.followups = append(i.followups, m)
	return m.copy(), nil
}

// own finds the message a webhook call names: @original or a follow-up.
func (s *Server) own(r *http.Request) (*interaction, *Message, error) {
	i, err := s.answered(r)
	if err != nil {
		return nil, nil, err
	}
	id, m := r.PathValue("message"), i.original
	if id != "@original" && (m == nil || m.ID != id) {
		m = nil
		for _, f := range i.followups {
			if f.ID == id {
				m = f
			}
		}
	}
	if m == nil || s.message(m.ChannelID, m.ID) == nil {
		return nil, nil, errNoMessage
	}
	return i, m, nil
}

func (s *Server) getOwnMessage(_ http.ResponseWriter, r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, m, err := s.own(r)
	if err != nil {
		return nil, err
	}
	return m.copy(), nil
}

func (s *Server) patchOwnMessage(_ http.ResponseWriter, r *http.Request) (any, error) {
	p, err := s.readMessage(r, "IncomingWebhookUpdateRequestPartial")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i, m, err := s.own(r)
	if err != nil {
		return nil, err
	}
	if err := s.change(m, p); err != nil {
		return nil, err
	}
	if m == i.original {
		i.deferred = false
	}
	return m.copy(), nil
}

func (s *Server) deleteOwnMessage(_ http.ResponseWriter, r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, m, err := s.own(r)
	if err != nil {
		return nil, err
	}
	if m == i.original {
		i.deferred = false
	}
	s.remove(m)
	return nil, nil
}
