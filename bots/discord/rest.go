package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/soukchat/souk/bots"
)

const api = "/api/v10"

// call makes one call to Discord's API and reads its answer into out, if that
// is not nil. It never waits and never tries twice: the error, a
// *bots.SendError without any token, says when to.
func (b *Bot) call(ctx context.Context, method, route string, in any, file *bots.File, out any) error {
	told := strings.ReplaceAll(route, b.cfg.Token.Reveal(), "…")
	if rest, ok := strings.CutPrefix(route, "/webhooks/"+b.cfg.Application+"/"); ok {
		_, tail, _ := strings.Cut(rest, "/")
		told = path.Join("/webhooks", b.cfg.Application, "…", tail)
	}
	problem := func(outcome bots.Outcome, after time.Duration, format string, args ...any) error {
		return &bots.SendError{Outcome: outcome, RetryAfter: after, Err: fmt.Errorf("discord: "+method+" "+told+": "+format, args...)}
	}
	key := method + " " + route
	if wait := b.pauses.left(key, b.cfg.Clock.Now()); wait > 0 {
		return problem(bots.TooFast, wait, "still to wait")
	}
	kind, body, err := encoded(in, file)
	if err != nil {
		return problem(bots.Malformed, 0, "encode: %v", err)
	}
	// A limiter for each call: discordgo's sleeps where it should say so, and
	// keeps a bucket for every route for ever.
	seen := &answer{}
	raw, err := b.session.RequestWithLockedBucket(method, b.cfg.Endpoint+api+route, kind, body, discordgo.NewRatelimiter().LockBucket(""), 0,
		discordgo.WithContext(context.WithValue(ctx, answer{}, seen)), discordgo.WithRetryOnRatelimit(false), discordgo.WithRestRetries(0))
	b.pauses.note(key, b.cfg.Clock.Now(), seen)
	if err == nil {
		if out != nil {
			if err := json.Unmarshal(raw, out); err != nil {
				return problem(bots.Unreachable, 0, "an answer that is no JSON")
			}
		}
		return nil
	}
	var rest *discordgo.RESTError
	code, text := 0, ""
	if errors.As(err, &rest) && rest.Message != nil {
		code, text = rest.Message.Code, bots.Clip(rest.Message.Message, 200)
	}
	switch status := seen.status; {
	case status == 0:
		return problem(bots.Unreachable, 0, "%s", unaddressed(err))
	case status == http.StatusTooManyRequests:
		return problem(bots.TooFast, seen.wait, "too many requests")
	case text == "" || status >= 500:
		return problem(bots.Unreachable, 0, "status %d", status)
	case code == discordgo.ErrCodeCannotSendMessagesToThisUser || status == http.StatusForbidden:
		return problem(bots.Refused, 0, "%d: %d %s", status, code, text)
	case status == http.StatusNotFound || code == discordgo.ErrCodeInvalidWebhookTokenProvided:
		return problem(bots.Gone, 0, "%d: %d %s", status, code, text)
	case status == http.StatusUnauthorized:
		return problem(bots.Unreachable, 0, "the bot's token is not accepted")
	default:
		return problem(bots.Malformed, 0, "%d: %d %s %s", status, code, text, details(rest.ResponseBody))
	}
}

func encoded(in any, file *bots.File) (kind string, body []byte, err error) {
	if in == nil {
		return "", nil, nil
	}
	if file == nil {
		body, err = encode(in)
		return "application/json", body, err
	}
	if m, ok := in.(message); ok {
		m.Attachments = []upload{{ID: "0", Filename: file.Name}}
		in = m
	}
	return discordgo.MultipartBodyWithJSON(in, []*discordgo.File{{
		Name: file.Name, ContentType: mime.TypeByExtension(path.Ext(file.Name)), Reader: bytes.NewReader(file.Data),
	}})
}

// encode writes JSON, and < as < and not as six characters.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// details returns the part of an error's body that names the wrong fields.
func details(body []byte) string {
	var b struct {
		Errors json.RawMessage `json:"errors"`
	}
	_ = json.Unmarshal(body, &b)
	return bots.Clip(string(b.Errors), 400)
}

// unaddressed returns the text of a transport's error without the address,
// which holds the interaction's token.
func unaddressed(err error) string {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	return err.Error()
}

// answer is what the transport saw of an answer; its type is its key in the
// context.
type answer struct {
	status int
	wait   time.Duration // until the route, or all of them, take the next call
	all    bool
}

// transport notes status and limits of every answer, and makes sure that
// discordgo can read it: a 429 of Cloudflare is a page of HTML.
type transport struct{ next http.RoundTripper }

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	seen, _ := req.Context().Value(answer{}).(*answer)
	if seen == nil {
		return resp, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 8<<20))
	resp.Body.Close()
	if err != nil {
		return nil, err
	}
	seen.status = resp.StatusCode
	seconds := 0.0
	if resp.StatusCode == http.StatusTooManyRequests {
		var limited struct {
			RetryAfter float64 `json:"retry_after"`
			Global     bool    `json:"global"`
		}
		if json.Unmarshal(body, &limited) != nil || limited.RetryAfter <= 0 {
			limited.RetryAfter, limited.Global = 60, true
			if n, err := strconv.ParseFloat(resp.Header.Get("Retry-After"), 64); err == nil && n > 0 {
				limited.RetryAfter = n
			}
		}
		seconds, seen.all = limited.RetryAfter, limited.Global
		body, _ = json.Marshal(map[string]any{"message": "limited", "retry_after": seconds})
	} else if resp.Header.Get("X-RateLimit-Remaining") == "0" {
		seconds, _ = strconv.ParseFloat(resp.Header.Get("X-RateLimit-Reset-After"), 64)
	}
	seen.wait = time.Duration(min(max(seconds, 0), 3600) * float64(time.Second))
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// client wraps the given client, or one with a time limit.
func client(c *http.Client) *http.Client {
	wrapped := http.Client{Timeout: 20 * time.Second}
	if c != nil {
		wrapped = *c
	}
	next := wrapped.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	wrapped.Transport = transport{next}
	wrapped.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &wrapped
}
