package telegram

import (
	"encoding/json"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A query is a question of a client that the bot answers once, in time.
type query struct {
	id       string
	kind     string // callback, inline, shipping or pre_checkout
	user     int64
	chat     int64
	message  int64
	expires  time.Time
	answered bool

	results []Result         // of an inline query
	options []ShippingOption // of a shipping query
	ok      bool             // of a shipping or pre-checkout query
	problem string
}

// Answer is what the person who pressed a button is told.
type Answer struct {
	Text    string `json:"text,omitempty"`
	Alert   bool   `json:"show_alert,omitempty"`
	URL     string `json:"url,omitempty"` // their client opens it
	Chat    int64  `json:"chat"`
	Message int64  `json:"message_id"`
	Changed int64  `json:"changed"`
}

// How long a query can be answered. For callback queries Telegram does not
// say; people report 10 to 20 seconds.
var patience = map[string]time.Duration{
	"callback": 15 * time.Second, "inline": 15 * time.Second,
	"shipping": 10 * time.Second, "pre_checkout": 10 * time.Second,
}

// ask keeps a new query.
func (s *Server) ask(kind string, user int64) *query {
	now := s.now()
	if len(s.queries) > 4096 {
		maps.DeleteFunc(s.queries, func(_ string, q *query) bool { return now.After(q.expires) })
	}
	q := &query{id: strconv.FormatInt(user<<20|s.next(), 10), kind: kind, user: user, expires: now.Add(patience[kind])}
	s.queries[q.id] = q
	return q
}

// open finds a query that still waits for its answer.
func (s *Server) open(kind, id string) (*query, error) {
	q := s.queries[id]
	if q == nil || q.kind != kind || q.answered || s.now().After(q.expires) {
		return nil, badRequest("query is too old and response timeout expired or query ID is invalid")
	}
	return q, nil
}

func (s *Server) answerCallbackQuery(c *call) (any, error) {
	q, err := s.open("callback", c.args["callback_query_id"])
	if err != nil {
		return nil, err
	}
	if link := c.args["url"]; link != "" {
		if _, ok := s.deepLink(link); !ok {
			return nil, badRequest("URL_INVALID")
		}
	}
	q.answered = true
	u := s.users[q.user]
	u.answer = &Answer{Text: c.args["text"], Alert: c.args["show_alert"] == "true", URL: c.args["url"], Chat: q.chat, Message: q.message, Changed: s.next()}
	s.note(Change{Kind: "answer", User: q.user, Chat: q.chat, Message: q.message})
	return true, nil
}

// deepLink returns the start parameter of a link to the bot.
func (s *Server) deepLink(link string) (string, bool) {
	u, err := url.Parse(link)
	if err != nil || u.Host != "t.me" && u.Host != "telegram.me" || !strings.EqualFold(strings.Trim(u.Path, "/"), s.bot.Username) {
		return "", false
	}
	p := u.Query().Get("start")
	return p, len(p) <= 64 && strings.Trim(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

// Result is an inline result as a client lists it.
type Result struct {
	ID          string   `json:"id"`
	Type        string   `json:"type"` // article or photo
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	PhotoURL    string   `json:"photo_url,omitempty"`
	ThumbURL    string   `json:"thumbnail_url,omitempty"`
	Message     *Message `json:"message"` // what is sent when it is picked
}

func (s *Server) answerInlineQuery(c *call) (any, error) {
	q, err := s.open("inline", c.args["inline_query_id"])
	if err != nil {
		return nil, err
	}
	var raw []struct {
		Result
		Caption  string          `json:"caption"`
		Mode     string          `json:"parse_mode"`
		Markup   json.RawMessage `json:"reply_markup"`
		Content  json.RawMessage `json:"input_message_content"`
		Entities []Entity        `json:"caption_entities"`
	}
	if err := json.Unmarshal([]byte(c.args["results"]), &raw); err != nil {
		return nil, badRequest("can't parse inline query results")
	}
	if len(raw) > 50 {
		return nil, badRequest("RESULTS_TOO_MUCH")
	}
	if len(c.args["next_offset"]) > 64 {
		return nil, badRequest("NEXT_OFFSET_INVALID")
	}
	seen := map[string]bool{}
	var results []Result
	for _, r := range raw {
		if r.ID == "" || len(r.ID) > 64 {
			return nil, badRequest("RESULT_ID_INVALID")
		}
		if seen[r.ID] {
			return nil, badRequest("RESULT_ID_DUPLICATE")
		}
		seen[r.ID] = true
		m := &Message{}
		inner := &call{args: map[string]string{"reply_markup": string(r.Markup)}}
		if r.Content != nil {
			var content struct {
				Text string `json:"message_text"`
				Mode string `json:"parse_mode"`
			}
			json.Unmarshal(r.Content, &content)
			inner.args["text"], inner.args["parse_mode"] = content.Text, content.Mode
			if m.Text, m.Entities, err = inner.formatted("text"); err != nil {
				return nil, err
			}
		} else {
			inner.args["caption"], inner.args["parse_mode"] = r.Caption, r.Mode
			if m.Caption, m.CaptionEntities, err = inner.formatted("caption"); err != nil {
				return nil, err
			}
			if err := s.picture(m, r.PhotoURL, file{}); err != nil {
				return nil, err
			}
		}
		if m.ReplyMarkup, _, err = inner.markup(); err != nil {
			return nil, err
		}
		r.Result.Message = m
		results = append(results, r.Result)
	}
	q.answered, q.results = true, results
	s.note(Change{Kind: "inline", User: q.user})
	return true, nil
}
