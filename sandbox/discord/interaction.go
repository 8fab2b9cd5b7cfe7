package discord

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Interaction types.
const (
	typePing         = 1
	typeCommand      = 2
	typeComponent    = 3
	typeAutocomplete = 4
	typeModal        = 5
)

// interaction is one thing a person did, with what has come back for it.
type interaction struct {
	id, token     string
	kind          int
	user, channel string
	command       string
	message       *Message // the one whose component was used, or the modal's
	created       time.Time

	response  int      // the type of the first answer, 0 while there is none
	dead      bool     // it came too late
	original  *Message // what @original names
	deferred  bool     // @original still says that the bot is thinking
	followups []*Message
	choices   []Choice
}

func (i *interaction) expired(now time.Time) bool { return now.Sub(i.created) > tokenLives }

// waiting reports whether an answer that was put off has not arrived.
func (i *interaction) waiting() bool { return i.deferred }

// open makes an interaction and the JSON that tells the application of it. The
// caller holds the lock.
func (s *Server) open(kind int, user string, c *Channel, data map[string]any, on *Message) (*interaction, []byte) {
	now := s.cfg.Clock()
	for token, old := range s.interactions {
		if now.Sub(old.created) > 4*tokenLives {
			delete(s.interactions, token)
		}
	}
	i := &interaction{id: s.snowflake(), token: "aW50ZXJhY3Rpb246" + rand.Text() + rand.Text(), kind: kind, user: user, channel: c.ID, message: on, created: now}
	s.interactions[i.token] = i

	u := *s.users[user]
	v := map[string]any{
		"id": i.id, "application_id": s.cfg.Application, "type": kind, "token": i.token, "version": 1,
		"channel_id": c.ID, "channel": s.channelJSON(c), "data": data, "locale": s.locale(user),
		"app_permissions": "562949953863680", "entitlements": []any{}, "attachment_size_limit": 10 << 20,
	}
	if c.Type == DM {
		v["user"], v["context"] = u, 1
		v["authorizing_integration_owners"] = map[string]string{"0": "0"}
	} else {
		g := s.guild(c.Guild)
		locale := g.Locale
		if locale == "" {
			locale = "en-US"
		}
		joined := u.Joined
		if joined.IsZero() {
			joined = time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)
		}
		v["member"] = map[string]any{"user": u, "nick": nil, "roles": slices.Concat([]string{}, u.Roles), "joined_at": joined.UTC(), "permissions": "2248473465835073",
			"deaf": false, "mute": false, "pending": false, "flags": 0, "avatar": nil, "premium_since": nil, "communication_disabled_until": nil}
		v["guild_id"], v["guild_locale"], v["context"] = g.ID, locale, 0
		v["guild"] = map[string]any{"id": g.ID, "locale": locale, "features": []string{}}
		v["authorizing_integration_owners"] = map[string]string{"0": g.ID}
	}
	if on != nil {
		v["message"] = on.copy()
	}
	body, _ := json.Marshal(v)
	return i, body
}

// deliver sends an interaction to the application and carries out its answer.
// The error says why the person saw "This interaction failed".
func (s *Server) deliver(i *interaction, body []byte) error {
	s.mu.Lock()
	url := s.endpoint
	s.busy++
	s.mu.Unlock()
	status, kind, answer, err := s.post(url, body, false)

	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy--
	s.changed(Change{})
	switch {
	case err != nil:
	case status == http.StatusAccepted && len(bytes.TrimSpace(answer)) == 0:
		if i.response == 0 {
			err = errors.New("202 without a body, and no answer by the callback either")
		}
	case status != http.StatusOK:
		err = fmt.Errorf("status %d", status)
	case !strings.HasPrefix(kind, "application/json"):
		err = fmt.Errorf("content type %q: an answer is JSON", kind)
	default:
		err = s.answer(i, answer, nil)
	}
	if err != nil {
		f := Failure{User: i.user, Channel: i.channel, Problem: err.Error()}
		s.failures = append(s.failures, f)
		s.cfg.Log.Warn("interaction failed", "type", i.kind, "problem", f.Problem)
		s.changed(Change{Kind: "failed", User: i.user, Channel: i.channel, Text: f.Problem})
		return fmt.Errorf("this interaction failed: %w", err)
	}
	return nil
}

// post sends a signed body; spoilt makes the signature wrong.
func (s *Server) post(url string, body []byte, spoilt bool) (status int, kind string, answer []byte, err error) {
	if url == "" {
		return 0, "", nil, errors.New("the application has no interactions address")
	}
	stamp := strconv.FormatInt(s.cfg.Clock().Unix(), 10)
	sig := ed25519.Sign(s.key, append([]byte(stamp), body...))
	if spoilt {
		sig[0] ^= 1
	}
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, "", nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Discord-Interactions/1.0 (+https://discord.com)")
	req.Header.Set("X-Signature-Ed25519", hex.EncodeToString(sig))
	req.Header.Set("X-Signature-Timestamp", stamp)
	resp, err := s.cfg.HTTP.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, resp.Header.Get("Content-Type"), answer, err
}

// SetInteractionsURL takes the address that interactions go to, once it has
// shown that it answers a PING and that it refuses a wrong signature with 401.
func (s *Server) SetInteractionsURL(url string) error {
	body := []byte(fmt.Sprintf(`{"id":"1","application_id":%q,"type":%d,"token":"ping","version":1}`, s.cfg.Application, typePing))
	status, kind, answer, err := s.post(url, body, false)
	if err != nil {
		return err
	}
	var pong struct{ Type int }
	if status != http.StatusOK || !strings.HasPrefix(kind, "application/json") || json.Unmarshal(answer, &pong) != nil || pong.Type != 1 {
		return fmt.Errorf("PING was answered with status %d, content type %q and %.60q, not with {\"type\":1}", status, kind, answer)
	}
	status, _, _, err = s.post(url, body, true)
	if err != nil {
		return err
	}
	if status != http.StatusUnauthorized {
		return fmt.Errorf("a wrong signature was answered with status %d, not with 401", status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endpoint = url
	return nil
}
