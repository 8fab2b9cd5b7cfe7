package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// A call is a request as the Bot API reads it: whatever its encoding, every
// argument is a text, and one that is an object or a list is JSON.
type call struct {
	method string
	args   map[string]string
	files  map[string]file // multipart uploads by field
	reply  bool            // it came in the response to an update
}

// failure is an answer with "ok": false.
type failure struct {
	code       int
	text       string
	retryAfter int
	migrateTo  int64
}

func (f *failure) Error() string { return fmt.Sprintf("%d %s", f.code, f.text) }

func badRequest(format string, args ...any) *failure {
	return &failure{code: http.StatusBadRequest, text: "Bad Request: " + fmt.Sprintf(format, args...)}
}

func forbidden(text string) *failure {
	return &failure{code: http.StatusForbidden, text: "Forbidden: " + text}
}

// errDrop closes the connection after the call was carried out.
var errDrop = errors.New("drop")

// methods are what the stand-in imitates. Each is called with the lock held,
// after the request was checked against the published fields.
var methods map[string]func(*Server, *call) (any, error)

func init() {
	methods = map[string]func(*Server, *call) (any, error){
		"getMe":                  (*Server).getMe,
		"setWebhook":             (*Server).setWebhook,
		"deleteWebhook":          (*Server).deleteWebhook,
		"getWebhookInfo":         (*Server).getWebhookInfo,
		"setMyCommands":          (*Server).setMyCommands,
		"getMyCommands":          (*Server).getMyCommands,
		"deleteMyCommands":       (*Server).deleteMyCommands,
		"getChat":                (*Server).getChat,
		"sendMessage":            (*Server).sendMessage,
		"sendPhoto":              (*Server).sendPhoto,
		"sendDocument":           (*Server).sendDocument,
		"sendInvoice":            (*Server).sendInvoice,
		"getFile":                (*Server).getFile,
		"sendChatAction":         (*Server).sendChatAction,
		"editMessageText":        (*Server).editMessageText,
		"editMessageCaption":     (*Server).editMessageCaption,
		"editMessageMedia":       (*Server).editMessageMedia,
		"editMessageReplyMarkup": (*Server).editMessageReplyMarkup,
		"deleteMessage":          (*Server).deleteMessage,
		"answerCallbackQuery":    (*Server).answerCallbackQuery,
		"answerInlineQuery":      (*Server).answerInlineQuery,
		"answerShippingQuery":    (*Server).answerShippingQuery,
		"answerPreCheckoutQuery": (*Server).answerPreCheckoutQuery,
	}
}

// Handler serves the Bot API under /bot<token>/<method>.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.serving++
	s.next()
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.serving--
		s.stir()
		s.mu.Unlock()
	}()
	if strings.HasPrefix(r.URL.Path, "/file/bot") {
		s.serveFile(w, r)
		return
	}
	token, method, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/bot"), "/")
	if !ok || !strings.HasPrefix(r.URL.Path, "/bot") {
		write(w, nil, &failure{code: http.StatusNotFound, text: "Not Found"})
		return
	}
	if token != s.token {
		write(w, nil, &failure{code: http.StatusUnauthorized, text: "Unauthorized"})
		return
	}
	c, err := read(r)
	if err != nil {
		write(w, nil, badRequest("%v", err))
		return
	}
	c.method = method
	result, err := s.do(c)
	write(w, result, err)
}

// do carries a call out, whichever way it came.
func (s *Server) do(c *call) (result any, err error) {
	s.mu.Lock()
	defer s.unlock()
	defer func() {
		if err != nil && err != errDrop {
			s.refuse(c, err)
		}
	}()
	method, ok := methods[c.method]
	if !ok {
		if published.others[c.method] {
			return nil, badRequest("the stand-in does not imitate the method %s", c.method)
		}
		return nil, &failure{code: http.StatusNotFound, text: "Not Found"}
	}
	if err := published.check(c); err != nil {
		return nil, err
	}
	drop, err := s.fail(c)
	if err != nil {
		return nil, err
	}
	result, err = method(s, c)
	if err == nil && drop {
		return nil, errDrop
	}
	return result, err
}

// read takes a request apart: its query, and a form, a multipart form or JSON.
func read(r *http.Request) (*call, error) {
	c := &call{args: map[string]string{}, files: map[string]file{}}
	add := func(v url.Values) {
		for name, values := range v {
			c.args[name] = values[0]
		}
	}
	add(r.URL.Query())
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	switch kind {
	case "application/json":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		return c, c.readJSON(body)
	case "multipart/form-data":
		if err := r.ParseMultipartForm(50 << 20); err != nil {
			return nil, err
		}
		add(r.MultipartForm.Value)
		for field, parts := range r.MultipartForm.File {
			f, err := parts[0].Open()
			if err != nil {
				return nil, err
			}
			data, err := io.ReadAll(f)
			f.Close()
			if err != nil {
				return nil, err
			}
			c.files[field] = file{name: parts[0].Filename, mime: http.DetectContentType(data), data: data}
		}
	default:
		if err := r.ParseForm(); err != nil {
			return nil, err
		}
		add(r.PostForm)
	}
	return c, nil
}

// readJSON reads arguments from an object whose values may be of any type.
func (c *call) readJSON(body []byte) error {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(body, &values); err != nil {
		return errors.New("can't parse the request as a JSON object")
	}
	for name, raw := range values {
		var text string
		if json.Unmarshal(raw, &text) == nil && raw[0] == '"' {
			c.args[name] = text
		} else {
			c.args[name] = string(raw)
		}
	}
	return nil
}

func write(w http.ResponseWriter, result any, err error) {
	if errors.Is(err, errDrop) {
		panic(http.ErrAbortHandler)
	}
	answer := map[string]any{"ok": true, "result": result}
	status := http.StatusOK
	var f *failure
	if errors.As(err, &f) {
		if f.code == http.StatusBadGateway {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(f.code)
			io.WriteString(w, "<html><head><title>502 Bad Gateway</title></head></html>\n")
			return
		}
		status = f.code
		answer = map[string]any{"ok": false, "error_code": f.code, "description": f.text}
		parameters := map[string]any{}
		if f.retryAfter > 0 {
			parameters["retry_after"] = f.retryAfter
		}
		if f.migrateTo != 0 {
			parameters["migrate_to_chat_id"] = f.migrateTo
		}
		if len(parameters) > 0 {
			answer["parameters"] = parameters
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(answer)
}
