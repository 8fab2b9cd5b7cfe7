package telegram

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Fault makes calls of a method fail.
type Fault struct {
	Method     string // "" for any
	Times      int    // how many calls; 0 for one
	Code       int    // HTTP status; 0 with Drop
	Text       string // description; "" for the usual one
	RetryAfter int    // seconds, with 429
	Drop       bool   // carry the call out, then close the connection
}

// Fail makes the next calls of a method fail, after the faults asked for
// earlier.
func (s *Server) Fail(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults = append(s.faults, f)
}

// Refusal is a call of the bot that was refused.
type Refusal struct {
	Method    string
	Code      int
	Text      string
	Arguments map[string]string
	InReply   bool // in the response to an update, where Telegram does not tell the bot
}

// Refusals returns the calls refused so far, at most the last 1000.
func (s *Server) Refusals() []Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Refusal(nil), s.refused...)
}

func (s *Server) refuse(c *call, err error) {
	r := Refusal{Method: c.method, Arguments: c.args, InReply: c.reply, Text: err.Error()}
	if f, ok := err.(*failure); ok {
		r.Code, r.Text = f.code, f.text
	}
	if len(s.refused) >= 1000 {
		s.refused = s.refused[1:]
	}
	s.refused = append(s.refused, r)
	s.log.Warn("telegram stand-in refused a call", "method", r.Method, "code", r.Code, "description", r.Text, "in_reply", r.InReply)
}

var magic = regexp.MustCompile(`sandbox:(429|500|502|drop)(?::(\d+))?`)

// fail answers a call by the faults asked for, by magic inputs in its text,
// and by the rates.
func (s *Server) fail(c *call) (drop bool, err error) {
	for i := range s.faults {
		f := &s.faults[i]
		if f.Method != "" && f.Method != c.method {
			continue
		}
		hit := *f
		if f.Times--; f.Times == 0 {
			s.faults = append(s.faults[:i], s.faults[i+1:]...)
		}
		if hit.Drop {
			return true, nil
		}
		return false, fault(hit.Code, hit.RetryAfter, hit.Text)
	}
	if m := magic.FindStringSubmatch(c.args["text"] + c.args["caption"]); m != nil {
		if m[1] == "drop" {
			return true, nil
		}
		code, _ := strconv.Atoi(m[1])
		after, _ := strconv.Atoi(m[2])
		return false, fault(code, max(after, 1), "")
	}
	if strings.HasPrefix(c.method, "send") && c.method != "sendChatAction" {
		if after := s.rates.take(c.args["chat_id"], s.now()); after > 0 {
			return false, fault(429, after, "")
		}
	}
	return false, nil
}

func fault(code, after int, text string) *failure {
	f := &failure{code: code, text: text}
	usual := map[int]string{401: "Unauthorized", 429: "Too Many Requests: retry after " + strconv.Itoa(after), 500: "Internal Server Error", 502: "Bad Gateway"}
	if text == "" {
		f.text = usual[code]
	}
	if code == 429 {
		f.retryAfter = after
	}
	return f
}

// rates are the published ones: one message a second in a chat, 20 a minute in
// a group, 30 a second in all. Off until Limit.
type rates struct {
	on   bool
	sent map[string][]time.Time // by chat; "" for all
}

// Limit switches the published rates on or off. They count sent messages, by
// the clock.
func (s *Server) Limit(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rates = rates{on: on, sent: map[string][]time.Time{}}
}

// take counts a message, or returns after how many seconds it may be sent.
func (r *rates) take(chat string, now time.Time) int {
	if !r.on {
		return 0
	}
	type window struct {
		key   string
		long  time.Duration
		count int
	}
	windows := []window{{chat, time.Second, 1}, {"", time.Second, 30}}
	if strings.HasPrefix(chat, "-") {
		windows = append(windows, window{chat, time.Minute, 20})
	}
	for key, times := range r.sent {
		for len(times) > 0 && now.Sub(times[0]) >= time.Minute {
			times = times[1:]
		}
		r.sent[key] = times
		if len(times) == 0 {
			delete(r.sent, key)
		}
	}
	after := 0
	for _, w := range windows {
		times := r.sent[w.key]
		if len(times) < w.count {
			continue
		}
		if wait := w.long - now.Sub(times[len(times)-w.count]); wait > 0 {
			after = max(after, int((wait+time.Second-1)/time.Second))
		}
	}
	if after == 0 {
		r.sent[chat] = append(r.sent[chat], now)
		r.sent[""] = append(r.sent[""], now)
	}
	return after
}
