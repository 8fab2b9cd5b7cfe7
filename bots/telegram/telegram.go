// Package telegram is the adapter for Telegram: it turns an update into an
// Event, and the Screen that answers it into a call of the Bot API. The answer
// travels in the webhook's own response wherever Telegram allows it; what else
// has to be called leaves on its own connection and nobody waits for it.
//
// It knows no part of the shop and speaks no language of its own: every word a
// member reads comes with the Screen. It must not let a token into an error or
// a log line. Start at Bot.Receive for a tap's way, at draw for how a Screen
// looks.
package telegram

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
)

// Platform is the name of this platform.
const Platform bots.Platform = "telegram"

// Config is what a Bot is made of.
type Config struct {
	ID       string // in the configuration
	Token    commerce.Secret
	Provider commerce.Secret // token of the payment provider, as BotFather gives it; empty: no invoices
	Username string          // without @; Register and Probe learn it where it is empty
	Endpoint string          // of the Bot API, "" for Telegram's
	Webhook  string          // the public URL of the hook
	HTTP     *http.Client    // nil for one with timeouts
	Log      *slog.Logger    // nil for none
}

// Bot is one bot on Telegram. It is a bots.Sender, and answers webhooks with
// Receive. Its methods may be called from many goroutines.
type Bot struct {
	id       string
	token    commerce.Secret
	provider commerce.Secret
	username atomic.Pointer[string]
	endpoint string
	webhook  string
	http     *http.Client
	log      *slog.Logger
	errands  errands
}

var _ bots.Sender = (*Bot)(nil)

// New makes a Bot. It calls nobody.
func New(c Config) *Bot {
	b := &Bot{id: c.ID, token: c.Token, provider: c.Provider, endpoint: strings.TrimRight(c.Endpoint, "/"), webhook: c.Webhook, http: c.HTTP, log: c.Log}
	if b.endpoint == "" {
		b.endpoint = "https://api.telegram.org"
	}
	if b.http == nil {
		b.http = &http.Client{
			Timeout: 20 * time.Second,
			// The address holds the token: it follows nobody elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: maxErrands / 2, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true},
		}
	}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	b.log = b.log.With("bot", c.ID, "platform", "telegram")
	b.setUsername(c.Username)
	return b
}

// ID returns the bot's id in the configuration.
func (b *Bot) ID() string { return b.id }

// Platform returns "telegram".
func (b *Bot) Platform() bots.Platform { return Platform }

// Username returns the bot's name without @, "" if it is not known yet.
func (b *Bot) Username() string { return *b.username.Load() }

func (b *Bot) setUsername(name string) {
	name = strings.TrimPrefix(name, "@")
	b.username.Store(&name)
}

// Wait returns when the calls the bot has started in the background have
// ended. Call it on the way out, after the last Receive.
func (b *Bot) Wait() { b.errands.wait() }

// WebhookSecret returns what Telegram has to send with each update. It is
// derived from the token, so that every process agrees without being told, and
// tells nothing about it. 43 of A-Z a-z 0-9 _ -.
func WebhookSecret(token commerce.Secret) string {
	mac := hmac.New(sha256.New, []byte(token.Reveal()))
	mac.Write([]byte("souk telegram webhook v1"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Start returns the deep link that opens the private chat with the bot and
// does an action there, "" for none. An action too long for a link is left out.
func Start(username, action string) string {
	link := "https://t.me/" + url.PathEscape(username)
	param := bots.Action(action).Start()
	if param == "" || len(param) > bots.MaxStart {
		return link
	}
	return link + "?start=" + url.QueryEscape(param)
}

// errands are the calls nobody waits for. There are never more than maxErrands
// at once: when Telegram does not answer, what comes on top is dropped, so that
// a dead Telegram cannot fill the memory.
type errands struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n falls to 0
}

const maxErrands = 512

func (e *errands) start(f func()) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.n >= maxErrands {
		return false
	}
	if e.n++; e.n == 1 {
		e.idle = make(chan struct{})
	}
	go func() {
		defer e.done()
		f()
	}()
	return true
}

func (e *errands) done() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.n--; e.n == 0 {
		close(e.idle)
	}
}

func (e *errands) wait() {
	e.mu.Lock()
	n, idle := e.n, e.idle
	e.mu.Unlock()
	if n > 0 {
		<-idle
	}
}

// errand carries a call out in the background. What fails is logged, unless
// it is one of the failures that do not matter.
func (b *Bot) errand(c call) {
	ok := b.errands.start(func() {
		if _, err := b.do(context.Background(), c); err != nil && !harmless(err) {
			b.log.Warn("telegram refused a call", "method", c.Method, "error", err)
		}
	})
	if !ok {
		b.log.Warn("telegram call dropped, too many are under way", "method", c.Method)
	}
}
