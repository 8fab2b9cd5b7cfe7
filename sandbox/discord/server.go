// Package discord stands in for Discord: the part of its REST API that an
// application without a gateway uses, and the people who type commands, press
// buttons, choose from selects and fill modals. Their interactions leave as
// signed HTTP requests to the application's interactions address, and what
// comes back is checked as Discord would check it.
//
// It must know nothing of bots or commerce: it only sees the wire. Start at
// Server for the API, at Person for what people do, at Chatter for chat
// scripts. State is kept in memory and time comes from Config.Clock; nothing
// sleeps.
//
// Stricter than Discord: an unknown field in a request is refused (Discord
// drops it), lengths count UTF-16 units.
//
// Not imitated: the gateway, OAuth2, permissions beyond "is a member", roles,
// voice, threads' own life, reactions, polls, stickers, premium buttons and
// entitlements, components V2 (flag 1<<15), guild commands, context menu
// commands, sub-commands, user-installed applications, fetching of pictures
// and link previews, the markdown of a client beyond Plain, mentions (they are
// recorded as sent), the spam filter, and Cloudflare.
//
// Inputs that fail on purpose, anywhere in the content of a message that the
// bot posts or edits in a channel:
//
//	souk-fail-500   answers 500 and does nothing
//	souk-fail-502   answers 502 and does nothing
//	souk-fail-429   answers 429 with retry_after 2 and does nothing
//	souk-fail-html  answers 429 with a page of HTML, as Cloudflare does
//	souk-fail-403   answers 403 with code 50013 (missing permissions)
//	souk-fail-drop  does it, then cuts the connection
//
// Server.Fail makes any call fail, Server.Limit turns the rate limits on.
package discord

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Config says what is stood in for. Empty fields have usable defaults.
type Config struct {
	Application string // application id, which is the bot's user id too
	Token       string // the bot's token
	Name        string // the bot's name, "Souk"
	Seed        []byte // 32 bytes, the seed of the key that signs interactions
	Clock       func() time.Time
	HTTP        *http.Client // delivers the interactions
	Log         *slog.Logger
}

// Server is the stand-in. Its methods may be called from any goroutine.
type Server struct {
	cfg Config
	key ed25519.PrivateKey

	mu           sync.Mutex
	sequence     uint64
	users        map[string]*User
	guilds       []*Guild
	channels     []*Channel
	messages     map[string][]*Message // by channel, oldest first
	nonces       map[string]string     // channel + nonce → message id
	interactions map[string]*interaction
	commands     []Command
	modals       map[string]*Modal // by user
	uploads      []Attachment      // that came with modals
	closed       map[string]bool   // users who take no direct messages
	endpoint     string
	failures     []Failure
	faults       []*Fault
	limits       limits
	watchers     map[int]func(Change)
	busy         int
	idle         chan struct{} // closed and replaced whenever something ends
}

// New makes a Server with the application's bot as its only user.
func New(cfg Config) *Server {
	if cfg.Application == "" {
		cfg.Application = "100000000000000001"
	}
	if cfg.Name == "" {
		cfg.Name = "Souk"
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.HTTP == nil {
		cfg.HTTP = &http.Client{Timeout: time.Minute}
	}
	if len(cfg.Seed) != ed25519.SeedSize {
		cfg.Seed = make([]byte, ed25519.SeedSize)
	}
	return &Server{
		cfg: cfg, key: ed25519.NewKeyFromSeed(cfg.Seed),
		users: map[string]*User{cfg.Application: {ID: cfg.Application, Username: strings.ToLower(cfg.Name), GlobalName: cfg.Name, Bot: true}},

		messages: map[string][]*Message{}, nonces: map[string]string{}, interactions: map[string]*interaction{},
		modals: map[string]*Modal{}, closed: map[string]bool{}, watchers: map[int]func(Change){},
		limits: limits{routes: map[string]*window{}}, idle: make(chan struct{}),
	}
}

// PublicKey returns the key that interactions are signed with, as the
// developer portal shows it: 64 hexadecimal digits.
func (s *Server) PublicKey() string {
	return hex.EncodeToString(s.key.Public().(ed25519.PublicKey))
}

// Handler serves the REST API under /api/v9 and /api/v10, and uploaded files
// under /attachments.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	type call = func(http.ResponseWriter, *http.Request) (any, error)
	api := func(pattern string, withToken bool, h call) {
		method, path, _ := strings.Cut(pattern, " ")
		for _, version := range []string{"/api/v9", "/api/v10"} {
			mux.HandleFunc(method+" "+version+path, func(w http.ResponseWriter, r *http.Request) {
				s.serve(w, r, pattern, withToken, h)
			})
		}
	}
	api("GET /users/@me", true, s.getMe)
	api("POST /users/@me/channels", true, s.openDM)
	api("GET /applications/@me", true, s.getApplication)
	api("PATCH /applications/@me", true, s.patchApplication)
	api("GET /applications/{application}/commands", true, s.getCommands)
	api("PUT /applications/{application}/commands", true, s.putCommands)
	api("GET /channels/{channel}", true, s.getChannel)
	api("POST /channels/{channel}/messages", true, s.postMessage)
	api("GET /channels/{channel}/messages/{message}", true, s.getMessage)
	api("PATCH /channels/{channel}/messages/{message}", true, s.patchMessage)
	api("DELETE /channels/{channel}/messages/{message}", true, s.deleteMessage)
	api("POST /interactions/{interaction}/{token}/callback", false, s.postCallback)
	api("POST /webhooks/{application}/{token}", false, s.postFollowup)
	api("GET /webhooks/{application}/{token}/messages/{message}", false, s.getOwnMessage)
	api("PATCH /webhooks/{application}/{token}/messages/{message}", false, s.patchOwnMessage)
	api("DELETE /webhooks/{application}/{token}/messages/{message}", false, s.deleteOwnMessage)
	mux.HandleFunc("GET /attachments/{channel}/{attachment}/{name}", s.serveAttachment)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, &apiError{Status: http.StatusNotFound, Message: "404: Not Found"})
	})
	return mux
}

// serve authorizes a call, counts it against the limits and writes its answer.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, pattern string, withToken bool, h func(http.ResponseWriter, *http.Request) (any, error)) {
	if withToken && r.Header.Get("Authorization") != "Bot "+s.cfg.Token {
		writeError(w, &apiError{Status: http.StatusUnauthorized, Message: "401: Unauthorized"})
		return
	}
	if !strings.HasPrefix(r.Header.Get("User-Agent"), "DiscordBot (") {
		writeError(w, &apiError{Status: http.StatusForbidden, Message: "a User-Agent of the form DiscordBot (url, version) is required"})
		return
	}
	if err := s.limits.take(w.Header(), s.cfg.Clock(), pattern, r, withToken); err != nil {
		writeError(w, err)
		return
	}
	if s.fault(w, r) {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 25<<20)
	answer, err := h(w, r)
	var dropped errDropped
	switch {
	case errors.As(err, &dropped):
		cut(w)
	case err != nil:
		writeError(w, err)
	case answer == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		writeJSON(w, http.StatusOK, answer)
	}
}

// apiError is an error as Discord words it.
type apiError struct {
	Status     int            `json:"-"`
	Code       int            `json:"code"`
	Message    string         `json:"message"`
	Errors     map[string]any `json:"errors,omitempty"`
	RetryAfter float64        `json:"retry_after,omitempty"`
	Global     *bool          `json:"global,omitempty"`
	HTML       bool           `json:"-"`
}

func (e *apiError) Error() string {
	text := strconv.Itoa(e.Code) + " " + e.Message
	if len(e.Errors) > 0 {
		detail, _ := json.Marshal(e.Errors)
		text += " " + string(detail)
	}
	return text
}

func refuse(status, code int, message string) *apiError {
	return &apiError{Status: status, Code: code, Message: message}
}

func writeError(w http.ResponseWriter, err error) {
	var e *apiError
	if !errors.As(err, &e) {
		e = refuse(http.StatusInternalServerError, 0, "500: Internal Server Error")
	}
	if e.HTML {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(e.Status)
		_, _ = io.WriteString(w, "<!DOCTYPE html><title>Access denied</title>")
		return
	}
	writeJSON(w, e.Status, e)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// snowflake makes an id that grows. The caller holds the lock.
func (s *Server) snowflake() string {
	const epoch = 1420070400000 // Discord's, in milliseconds
	s.sequence++
	return strconv.FormatUint(uint64(s.cfg.Clock().UnixMilli()-epoch)<<22|s.sequence&(1<<22-1), 10)
}
