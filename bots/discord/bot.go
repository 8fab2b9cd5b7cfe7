// Package discord is the adapter for Discord: it turns signed HTTP interactions
// into bots.Events, and Screens into messages, modals and choices. It holds no
// gateway connection.
//
// It knows no part of the shop, reads no message (an application without a
// gateway is sent none) and keeps nothing that a restart may lose. Whoever
// serves the interactions address has verified the signature before Receive is
// called. Start at Receive for what comes in, at Send for what leaves unasked,
// at draw for how a Screen looks.
package discord

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
)

// Platform is this platform's name.
const Platform bots.Platform = "discord"

// Config describes one application. Empty fields after Token have defaults.
type Config struct {
	ID          string // the bot's id in the configuration
	Application string // application id
	PublicKey   string // 64 hexadecimal digits
	Token       commerce.Secret
	Endpoint    string // "https://discord.com"
	Webhook     string // public address of the interactions; Register sets it and Probe compares it where it is given
	HTTP        *http.Client
	Clock       commerce.Clock
	Log         *slog.Logger

	// After tells when a time has passed, as time.After does. Tests give their
	// own.
	After func(time.Duration) <-chan time.Time
}

// Bot is one application. Its methods may be called from any goroutine.
type Bot struct {
	cfg     Config
	key     ed25519.PublicKey
	session *discordgo.Session
	running tally
	pauses  pauses
	private privateChats
}

// New makes a Bot. It calls nobody; the error says which field is wrong.
func New(cfg Config) (*Bot, error) {
	key, err := hex.DecodeString(cfg.PublicKey)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("discord: the public key of bot %q is not 64 hexadecimal digits", cfg.ID)
	}
	if !isSnowflake(cfg.Application) {
		return nil, fmt.Errorf("discord: the application id of bot %q is not a number", cfg.ID)
	}
	if cfg.Endpoint == "" {
		cfg.Endpoint = "https://discord.com"
	}
	cfg.Endpoint = strings.TrimRight(cfg.Endpoint, "/")
	if cfg.Clock == nil {
		cfg.Clock = commerce.SystemClock{}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.After == nil {
		cfg.After = time.After
	}
	session, err := discordgo.New("Bot " + cfg.Token.Reveal())
	if err != nil {
		return nil, fmt.Errorf("discord: bot %q: no session", cfg.ID)
	}
	session.Client = client(cfg.HTTP)
	session.UserAgent = "DiscordBot (https://github.com/soukchat/souk, 1)"
	return &Bot{cfg: cfg, key: key, session: session}, nil
}

// ID returns the bot's id in the configuration.
func (b *Bot) ID() string { return b.cfg.ID }

// Platform returns "discord".
func (b *Bot) Platform() bots.Platform { return Platform }

// Key returns the public key that interactions are signed for.
func (b *Bot) Key() ed25519.PublicKey { return b.key }

// Wait returns when everything that Receive put off has been sent.
func (b *Bot) Wait() { b.running.wait() }

func isSnowflake(s string) bool {
	return s != "" && len(s) <= 20 && strings.Trim(s, "0123456789") == ""
}
