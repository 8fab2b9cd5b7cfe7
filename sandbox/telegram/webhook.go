package telegram

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// webhook delivers updates, by the rules of the Bot API server
// (WebhookActor.cpp, Client.cpp in tdlib/telegram-bot-api):
//
//   - An answer that is not 2xx, or none, means the update comes again: the
//     first time at once, then after 2, 4, 8… up to 60 seconds, or after what
//     Retry-After says, up to an hour, until the update is too old: 24 hours
//     for messages, 150 seconds for callback, shipping and pre-checkout
//     queries, 30 seconds for inline queries.
//   - Updates wait in queues: messages and changes of membership in one for
//     their chat, queries in one for their person and kind. One that fails
//     holds back those behind it in its queue, and nobody else's.
//   - A webhook that answers 410 for 23 hours is removed.
//   - A method in the answer's body is carried out, except get…, setWebhook,
//     deleteWebhook, close and logOut; nobody is told how it went.
type webhook struct {
	url, secret string
	connections int
	allowed     []string // kinds, empty for all
	queues      map[string]*queue
	flying      int // deliveries under way
	lastID      int64
	duplicates  int
	firstGone   time.Time
	errorAt     time.Time
	lastError   string
	timer       *time.Timer
	closed      bool
}

type queue struct {
	updates []*update
	busy    bool
}

type update struct {
	id      int64
	body    []byte
	due     time.Time
	expires time.Time
	fails   int
	delay   time.Duration
	again   int // deliveries after a successful one
}

const (
	maxDelay   = time.Minute
	maxAfter   = time.Hour
	goneFor    = 23 * time.Hour
	keepUpdate = 24 * time.Hour
	keepQuery  = 150 * time.Second
	keepInline = 30 * time.Second
)

// send puts an update into its queue. The lock is held; whoever holds it calls
// pump afterwards.
func (s *Server) send(kind, key string, keep time.Duration, payload any) {
	if len(s.hook.allowed) > 0 && !slices.Contains(s.hook.allowed, kind) {
		return
	}
	s.hook.lastID++
	id := s.hook.lastID
	body, err := json.Marshal(map[string]any{"update_id": id, kind: payload})
	if err != nil {
		panic(err)
	}
	now := s.now()
	u := &update{id: id, body: body, due: now, expires: now.Add(keep), delay: time.Second, again: s.hook.duplicates}
	s.hook.duplicates = 0
	q := s.hook.queues[key]
	if q == nil {
		q = &queue{}
		s.hook.queues[key] = q
	}
	q.updates = append(q.updates, u)
	s.next()
}

// Duplicate makes the next update arrive so many times more than once, each
// with the same update_id.
func (s *Server) Duplicate(times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook.duplicates = times
}

// Pending returns how many updates have not been delivered.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, q := range s.hook.queues {
		n += len(q.updates)
	}
	return n
}

// Close ends deliveries that have not begun.
func (s *Server) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook.closed = true
	if s.hook.timer != nil {
		s.hook.timer.Stop()
	}
}

// pump starts a delivery for each queue whose first update is due.
func (s *Server) pump() {
	s.mu.Lock()
	defer s.unlock()
	if s.hook.url == "" || s.hook.closed {
		return
	}
	now := s.now()
	var soonest time.Time
	for key, q := range s.hook.queues {
		if q.busy {
			continue
		}
		for len(q.updates) > 0 && now.After(q.updates[0].expires) {
			q.updates = q.updates[1:]
		}
		if len(q.updates) == 0 {
			delete(s.hook.queues, key)
			continue
		}
		u := q.updates[0]
		if u.due.After(now) {
			if soonest.IsZero() || u.due.Before(soonest) {
				soonest = u.due
			}
			continue
		}
		if s.hook.flying >= s.hook.connections {
			break
		}
		q.busy = true
		s.hook.flying++
		go s.deliver(q, u, s.hook.url, s.hook.secret)
	}
	// The clock may be a test's, which somebody moves; then the timer only
	// looks again for nothing, and Rest finds what is due.
	if s.hook.timer != nil {
		s.hook.timer.Stop()
	}
	if !soonest.IsZero() {
		s.hook.timer = time.AfterFunc(max(soonest.Sub(now), 10*time.Millisecond), s.pump)
	}
}

// deliver sends an update once and carries out what the answer asks for.
func (s *Server) deliver(q *queue, u *update, address, secret string) {
	status, after, reply, err := s.exchange(u.body, address, secret)
	if err == nil && reply != nil {
		s.do(reply)
	}
	s.mu.Lock()
	now := s.now()
	s.hook.flying--
	q.busy = false
	s.next()
	if err == nil {
		s.hook.firstGone = time.Time{}
		if u.again--; u.again < 0 {
			q.drop(u)
		}
	} else {
		s.hook.errorAt, s.hook.lastError = now, err.Error()
		s.log.Warn("telegram stand-in: update not taken", "update", u.id, "error", err.Error())
		s.gone(status, now)
		wait := min(after, maxAfter)
		if after == 0 && u.fails > 0 {
			u.delay = min(2*u.delay, maxDelay)
			wait = u.delay
		}
		u.fails++
		if u.due = now.Add(wait); u.due.After(u.expires) {
			q.drop(u)
		}
	}
	s.stir()
	s.unlock()
	s.pump()
}

func (q *queue) drop(u *update) {
	if len(q.updates) > 0 && q.updates[0] == u {
		q.updates = q.updates[1:]
	}
}

// gone removes a webhook that has answered 410 for long enough.
func (s *Server) gone(status int, now time.Time) {
	if status != http.StatusGone {
		s.hook.firstGone = time.Time{}
	} else if s.hook.firstGone.IsZero() {
		s.hook.firstGone = now
	} else if now.Sub(s.hook.firstGone) > goneFor {
		s.hook.url = ""
	}
}

// exchange posts an update and reads the answer: nil error for 2xx, and the call
// in its body if there is one.
func (s *Server) exchange(body []byte, address, secret string) (status int, after time.Duration, reply *call, err error) {
	req, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return 0, 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return 0, 0, nil, inTelegramsWords("Connection refused or closed: %v", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return 0, 0, nil, inTelegramsWords("Webhook connection closed: %v", err)
	}
	if resp.StatusCode/100 != 2 {
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return resp.StatusCode, time.Duration(seconds) * time.Second, nil, inTelegramsWords("Wrong response from the webhook: %s", resp.Status)
	}
	return resp.StatusCode, 0, replyOf(resp.Header.Get("Content-Type"), answer), nil
}

// replyOf reads the call in an answer's body.
func replyOf(contentType string, body []byte) *call {
	c := &call{args: map[string]string{}, reply: true}
	kind, _, _ := strings.Cut(contentType, ";")
	switch kind {
	case "application/json":
		if c.readJSON(body) != nil {
			return nil
		}
	case "application/x-www-form-urlencoded":
		values, _ := url.ParseQuery(string(body))
		for name := range values {
			c.args[name] = values.Get(name)
		}
	}
	c.method = c.args["method"]
	lower := strings.ToLower(c.method)
	if lower == "" || strings.HasPrefix(lower, "get") || slices.Contains([]string{"setwebhook", "deletewebhook", "close", "logout"}, lower) {
		return nil
	}
	return c
}
