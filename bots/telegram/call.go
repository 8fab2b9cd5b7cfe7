package telegram

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
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/soukchat/souk/bots"
)

// call is one call of the Bot API with the arguments this package uses. As
// JSON it is the body of a webhook's response; do sends it as a request.
type call struct {
	Method string `json:"method,omitempty"`

	Chat    string `json:"chat_id,omitempty"`
	Thread  string `json:"message_thread_id,omitempty"`
	Message string `json:"message_id,omitempty"`
	Shared  string `json:"inline_message_id,omitempty"`

	Text      string     `json:"text,omitempty"`
	Photo     string     `json:"photo,omitempty"`
	Caption   string     `json:"caption,omitempty"`
	Media     *media     `json:"media,omitempty"`
	ParseMode string     `json:"parse_mode,omitempty"`
	Preview   *preview   `json:"link_preview_options,omitempty"`
	Reply     *replyTo   `json:"reply_parameters,omitempty"`
	Keyboard  *keyboard  `json:"reply_markup,omitempty"`
	Callback  string     `json:"callback_query_id,omitempty"`
	Alert     bool       `json:"show_alert,omitempty"`
	URL       string     `json:"url,omitempty"`
	Inline    string     `json:"inline_query_id,omitempty"`
	Results   *[]result  `json:"results,omitempty"`
	CacheTime *int       `json:"cache_time,omitempty"`
	Personal  bool       `json:"is_personal,omitempty"`
	Document  *bots.File `json:"-"`
	File      string     `json:"file_id,omitempty"`

	// Of an invoice and the questions about it. Without suggested tips, not
	// even an empty list: Telegram refuses null (the library writes one).
	Title       string    `json:"title,omitempty"`
	Description string    `json:"description,omitempty"`
	Payload     string    `json:"payload,omitempty"`
	Provider    string    `json:"provider_token,omitempty"`
	Currency    string    `json:"currency,omitempty"`
	Prices      []price   `json:"prices,omitempty"`
	Start       string    `json:"start_parameter,omitempty"`
	NeedName    bool      `json:"need_name,omitempty"`
	NeedAddress bool      `json:"need_shipping_address,omitempty"`
	Flexible    bool      `json:"is_flexible,omitempty"`
	ShippingID  string    `json:"shipping_query_id,omitempty"`
	CheckoutID  string    `json:"pre_checkout_query_id,omitempty"`
	OK          *bool     `json:"ok,omitempty"`
	Options     *[]option `json:"shipping_options,omitempty"`
	Problem     string    `json:"error_message,omitempty"`

	Secret      string                `json:"secret_token,omitempty"`
	Connections int                   `json:"max_connections,omitempty"`
	Allowed     []string              `json:"allowed_updates,omitempty"`
	Commands    []tgbotapi.BotCommand `json:"commands,omitempty"`
	Scope       *scope                `json:"scope,omitempty"`
	Language    string                `json:"language_code,omitempty"`
}

type media struct {
	Type      string `json:"type"`
	Media     string `json:"media"`
	Caption   string `json:"caption,omitempty"`
	ParseMode string `json:"parse_mode,omitempty"`
}

type preview struct {
	Disabled bool `json:"is_disabled"`
}

type replyTo struct {
	Message int64 `json:"message_id"`
	Anyway  bool  `json:"allow_sending_without_reply"`
}

// keyboard and button are types of our own: the library's lack the style.
type keyboard struct {
	Rows [][]button `json:"inline_keyboard"`
}

type button struct {
	Text   string `json:"text"`
	Style  string `json:"style,omitempty"`
	Data   string `json:"callback_data,omitempty"`
	URL    string `json:"url,omitempty"`
	Switch string `json:"switch_inline_query,omitempty"`
	Pay    bool   `json:"pay,omitempty"`
}

type result struct {
	Type        string    `json:"type"`
	ID          string    `json:"id"`
	Title       string    `json:"title,omitempty"`
	Description string    `json:"description,omitempty"`
	Content     *content  `json:"input_message_content,omitempty"`
	Photo       string    `json:"photo_url,omitempty"`
	Thumbnail   string    `json:"thumbnail_url,omitempty"`
	Caption     string    `json:"caption,omitempty"`
	ParseMode   string    `json:"parse_mode,omitempty"`
	Keyboard    *keyboard `json:"reply_markup,omitempty"`
}

type content struct {
	Text      string   `json:"message_text"`
	ParseMode string   `json:"parse_mode,omitempty"`
	Preview   *preview `json:"link_preview_options,omitempty"`
}

type scope struct {
	Type string `json:"type"`
	Chat string `json:"chat_id,omitempty"`
}

// body writes the call as the body of a webhook's response.
func (c call) body() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(c); err != nil {
		panic(err) // it holds nothing but strings, numbers and booleans
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// params writes the call as a form, where what is not a string is JSON.
func (c call) params() tgbotapi.Params {
	c.Method = ""
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(c.body(), &fields); err != nil {
		panic(err)
	}
	p := tgbotapi.Params{}
	for name, raw := range fields {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		p[name] = text
	}
	return p
}

// do sends a call and returns its result. The error is a *bots.SendError
// without the token.
func (b *Bot) do(ctx context.Context, c call) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, b.callTime())
	defer cancel()
	var resp *tgbotapi.APIResponse
	var err error
	if c.Document != nil {
		api := &tgbotapi.BotAPI{Token: b.token.Reveal(), Client: transport{ctx, b.http}}
		api.SetAPIEndpoint(strings.ReplaceAll(b.endpoint, "%", "%%") + "/bot%s/%s")
		file := tgbotapi.RequestFile{Name: "document", Data: tgbotapi.FileBytes{Name: c.Document.Name, Bytes: c.Document.Data}}
		resp, err = api.UploadFiles(c.Method, c.params(), []tgbotapi.RequestFile{file})
	} else {
		resp, err = b.post(ctx, c)
	}
	if err != nil {
		return nil, b.outcome(c.Method, err)
	}
	return resp.Result, nil
}

// post sends a call as JSON, as it would travel in a webhook's answer. The
// library knows forms only, which cost several times as much, and most presses
// need such a call.
func (b *Bot) post(ctx context.Context, c call) (*tgbotapi.APIResponse, error) {
	address := b.endpoint + "/bot" + b.token.Reveal() + "/" + c.Method
	c.Method = ""
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(c.body()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	// No client around the transport: it would look for redirects, which we do
	// not follow, and cookies, which there are none of.
	answer, err := b.carrier().RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); kind != "application/json" {
		return nil, statusError(answer.StatusCode)
	}
	var resp tgbotapi.APIResponse
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(&resp); err != nil {
		return nil, err
	}
	// Read to its end, so that the connection serves the next call.
	_, _ = io.CopyN(io.Discard, answer.Body, 1)
	if !resp.Ok {
		e := &tgbotapi.Error{Code: resp.ErrorCode, Message: resp.Description}
		if resp.Parameters != nil {
			e.ResponseParameters = *resp.Parameters
		}
		return nil, e
	}
	return &resp, nil
}

// callTime is how long one call may take.
func (b *Bot) callTime() time.Duration {
	if b.http.Timeout > 0 {
		return b.http.Timeout
	}
	return 20 * time.Second
}

func (b *Bot) carrier() http.RoundTripper {
	if b.http.Transport != nil {
		return b.http.Transport
	}
	return http.DefaultTransport
}

// transport gives the library what it lacks: a context, and the HTTP status
// of an answer that is not JSON.
type transport struct {
	ctx  context.Context
	http *http.Client
}

type statusError int

func (e statusError) Error() string {
	return fmt.Sprintf("HTTP status %d %s", int(e), http.StatusText(int(e)))
}

const maxAnswer = 4 << 20 // bytes

func (t transport) Do(req *http.Request) (*http.Response, error) {
	resp, err := t.http.Do(req.WithContext(t.ctx))
	if err != nil {
		return nil, err
	}
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind != "application/json" {
		resp.Body.Close()
		return nil, statusError(resp.StatusCode)
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}

// outcome says what an error of a call means to whoever sends. Descriptions
// are Telegram's; on uploads the library loses the error's code, so the text
// decides.
func (b *Bot) outcome(method string, err error) *bots.SendError {
	e := &bots.SendError{Outcome: bots.Unreachable, Err: b.redact(method, err)}
	var api *tgbotapi.Error
	if !errors.As(err, &api) {
		return e
	}
	text := strings.ToLower(api.Message)
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(text, p) {
				return true
			}
		}
		return false
	}
	switch {
	case api.MigrateToChatID != 0:
		e.Outcome, e.MovedTo = bots.Gone, fmt.Sprint(api.MigrateToChatID)
	case api.Code == 429 || api.RetryAfter > 0:
		e.Outcome, e.RetryAfter = bots.TooFast, max(time.Duration(api.RetryAfter), 1)*time.Second
	case api.Code == 401 || api.Code == 404 || api.Code >= 500 || has("unauthorized", "internal server error", "bad gateway"):
		// A wrong token says nothing about the message: keep it and try again.
	case has("bot was kicked", "bot is not a member", "chat was deleted", "group chat was deactivated", "message thread not found", "topic_deleted",
		"message to edit not found", "message can't be edited", "message_id_invalid", "chat not found"):
		e.Outcome = bots.Gone
	case api.Code == 403 || has("forbidden", "not enough rights", "have no rights", "chat_write_forbidden", "topic_closed", "user is deactivated", "peer_id_invalid"):
		e.Outcome = bots.Refused
	default:
		e.Outcome = bots.Malformed
	}
	return e
}

// redact returns an error that names the method and holds no token. The
// errors of net/http carry the whole address, token included.
func (b *Bot) redact(method string, err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	text := err.Error()
	token := b.token.Reveal()
	if token == "" || !strings.Contains(text, token) && !strings.Contains(text, url.QueryEscape(token)) {
		return fmt.Errorf("%s: %w", method, err)
	}
	text = strings.ReplaceAll(text, token, "[redacted]")
	return fmt.Errorf("%s: %s", method, strings.ReplaceAll(text, url.QueryEscape(token), "[redacted]"))
}

// harmless reports a failure that leaves everything as it should be: the
// message shows that already, the press was answered or is too old, what was
// to be deleted is gone.
func harmless(err error) bool {
	for _, s := range []string{"message is not modified", "query is too old", "query ID is invalid", "message to delete not found", "message can't be deleted"} {
		if strings.Contains(err.Error(), s) {
			return true
		}
	}
	return false
}

// noPicture reports that Telegram could not get the picture of a message, and
// nothing else was wrong with it.
func noPicture(err error) bool {
	text := strings.ToLower(err.Error())
	for _, s := range []string{"failed to get http url content", "wrong file identifier", "wrong remote file identifier", "wrong type of the web page content",
		"webpage_curl_failed", "webpage_media_empty", "photo_invalid_dimensions", "image_process_failed", "photo_save_file_invalid", "wrong http url"} {
		if strings.Contains(text, s) {
			return true
		}
	}
	return false
}
