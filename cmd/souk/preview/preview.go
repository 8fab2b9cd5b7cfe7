// Package preview starts the whole program with no token and no server: the
// real App on SQLite and an in-process Redis, with stand-ins for Telegram,
// Discord and Stripe in front of it, on one address.
//
// `souk preview` serves it to a browser; the chat scripts and the bench drive
// it directly. It knows no rule of the shop, and nothing in the App knows that
// the other side is a stand-in. Start at Start.
package preview

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/config"
	"github.com/soukchat/souk/sandbox/discord"
	page "github.com/soukchat/souk/sandbox/preview"
	"github.com/soukchat/souk/sandbox/stripe"
	"github.com/soukchat/souk/sandbox/telegram"
)

// Options say what is previewed.
type Options struct {
	Config   *config.Config // loaded by config.LoadPreview
	Listen   string         // "127.0.0.1:0" for any free port
	Dir      string         // where the database and pictures go
	Products string         // a feed to sell instead of the configuration's, "" for those
	Clock    commerce.Clock // nil for the system's
	Log      *slog.Logger

	// Database and Redis are addresses of real servers instead of the embedded
	// engines, "" for those.
	Database, Redis string
	// Guests are members beside Ann, Ben and Sam, by name.
	Guests []string
	// Manual runs no worker; Rest does their work. For tests that move the clock.
	Manual bool
}

// World is a running preview.
type World struct {
	App      *app.App
	Telegram *telegram.Server // nil where the configuration has no bot there
	Discord  *discord.Server  // nil likewise
	Stripe   *stripe.Server
	URL      string // address of the page
	People   []page.Person
	// TelegramGroup and DiscordChannel are the group chats on the page.
	TelegramGroup  int64
	DiscordChannel string

	options Options
	drops   map[string]config.Drop // of the configuration
	server  *http.Server
	page    *page.Page
	close   []func() error
}

// Start starts it and returns once the page is served, both bots are
// registered and the first picks are posted.
func Start(ctx context.Context, opts Options) (_ *World, err error) {
	if opts.Clock == nil {
		opts.Clock = commerce.SystemClock{}
	}
	w := &World{options: opts}
	defer func() {
		if err != nil {
			w.Close()
		}
	}()
	socket, err := net.Listen("tcp", opts.Listen)
	if err != nil {
		return nil, err
	}
	w.close = append(w.close, func() error { socket.Close(); return nil })
	w.URL = "http://" + socket.Addr().String()
	cfg, err := w.stage(opts.Config)
	if err != nil {
		return nil, err
	}
	front := &lateHandler{ready: make(chan struct{})}
	w.server = &http.Server{Handler: front, ReadHeaderTimeout: 10 * time.Second}
	go w.server.Serve(socket)
	redis, err := w.redis(ctx)
	if err != nil {
		return nil, err
	}
	if w.App, err = app.New(ctx, app.Options{
		Config: cfg, Clock: opts.Clock, Log: opts.Log, Listen: "127.0.0.1:0", Redis: redis,
		Telegram: w.URL, Discord: w.URL, Stripe: w.URL, Offline: true, Manual: opts.Manual,
	}); err != nil {
		return nil, err
	}
	w.close = append(w.close, w.App.Close)
	if err := w.App.Serve(ctx); err != nil {
		return nil, err
	}
	front.use(w.routes(cfg))
	return w, w.open(ctx, cfg)
}

// open registers the bots, posts the first picks, and has the first drop begin.
func (w *World) open(ctx context.Context, cfg *config.Config) error {
	for name := range cfg.Bots {
		if err := w.App.RegisterBot(ctx, name); err != nil {
			return fmt.Errorf("register %s with its stand-in: %w", name, err)
		}
	}
	w.Stripe.SetWebhook(w.URL+"/stripe", webhookSecret)
	if err := w.App.PostPicks(ctx, 3); err != nil || len(w.drops) == 0 {
		return err
	}
	with := *cfg
	if w.options.Manual {
		return w.beginDrop(ctx, with)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	w.close = append(w.close, func() error { stop(); <-done; return nil })
	go func() {
		defer close(done)
		w.awaitPosts(ctx) // its card is the last thing in the chats
		if err := w.beginDrop(ctx, with); err != nil && ctx.Err() == nil {
			w.options.Log.Error("no drop is shown", "err", err)
		}
	}()
	return nil
}

func (w *World) beginDrop(ctx context.Context, cfg config.Config) error {
	cfg.Drops = opening(w.drops, cfg.Policies.Zone(), w.options.Clock.Now())
	return w.App.Reload(ctx, &cfg)
}

// awaitPosts returns when nothing waits to be posted, or the context ends.
func (w *World) awaitPosts(ctx context.Context) {
	for left := 1; left > 0 && ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
		if err := w.App.DB.Read(ctx, func(tx *database.Tx) error {
			return tx.Row(`SELECT COUNT(*) FROM notices WHERE state IN ('due', 'sending')`).Scan(&left)
		}); err != nil {
			return
		}
	}
}

// redis is the in-process one, whose keys expire by a ticker, or a real one.
func (w *World) redis(ctx context.Context) (redis.UniversalClient, error) {
	address := w.options.Redis
	if address == "" {
		mini := miniredis.NewMiniRedis()
		if err := mini.Start(); err != nil {
			return nil, err
		}
		tick := time.NewTicker(time.Second)
		done := make(chan struct{})
		go func() {
			for {
				select {
				case <-tick.C:
					mini.FastForward(time.Second)
				case <-done:
					return
				}
			}
		}()
		w.close = append(w.close, func() error { tick.Stop(); close(done); mini.Close(); return nil })
		address = "redis://" + mini.Addr()
	}
	opts, err := redis.ParseURL(address)
	if err != nil {
		return nil, errors.New("preview: the redis address cannot be read")
	}
	opts.ContextTimeoutEnabled = true
	client := redis.NewClient(opts)
	w.close = append(w.close, client.Close)
	return client, nil
}

// routes puts the stand-ins, the page and the program on one address, as they
// stand on several in the world.
func (w *World) routes(cfg *config.Config) http.Handler {
	mux := http.NewServeMux()
	behind := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: w.App.Addr()})
	// Connections that wait unused would hold up the program's shutdown.
	kept := &http.Transport{MaxIdleConnsPerHost: 16}
	behind.Transport = kept
	w.close = append(w.close, func() error { kept.CloseIdleConnections(); return nil })
	behind.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	for _, path := range []string{"/p/", "/g/", "/gifts/", "/k/", "/m/", "/telegram/", "/discord/", "/stripe", "/healthz", "/readyz"} {
		mux.Handle(path, behind)
	}
	mux.Handle("/v1/", w.Stripe.Handler())
	mux.Handle("/c/", w.Stripe.Handler())
	mux.Handle("/a/", w.Stripe.Handler())
	if w.Discord != nil {
		mux.Handle("/api/", w.Discord.Handler())
		mux.Handle("/attachments/", w.Discord.Handler())
	}
	w.page = page.New(page.Config{Shop: cfg.Shop.Name, People: w.People, Telegram: w.Telegram, Discord: w.Discord})
	w.close = append(w.close, func() error { w.page.Close(); return nil })
	mux.Handle("/", w.page)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		// "/bot<token>/sendMessage" has no slash that a pattern could end with.
		if w.Telegram != nil && (strings.HasPrefix(r.URL.Path, "/bot") || strings.HasPrefix(r.URL.Path, "/file/")) {
			w.Telegram.Handler().ServeHTTP(rw, r)
			return
		}
		mux.ServeHTTP(rw, r)
	})
}

// Rest waits until nothing is on its way any more: what people did has been
// delivered and answered, what is due by the clock has been done.
func (w *World) Rest(ctx context.Context) error {
	for { // what one side does may set off the other
		if w.Telegram != nil {
			w.Telegram.Rest(ctx)
		}
		if w.Discord != nil {
			if err := w.Discord.Rest(ctx); err != nil {
				return err
			}
		}
		if err := w.Stripe.Rest(ctx); err != nil {
			return err
		}
		if worked, err := w.App.Rest(ctx); err != nil || !worked {
			return err
		}
	}
}

// Close stops everything, the page first.
func (w *World) Close() error {
	var errs []error
	if w.page != nil {
		w.page.Close()
	}
	if w.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if w.server.Shutdown(ctx) != nil {
			w.server.Close()
		}
	}
	for i := len(w.close) - 1; i >= 0; i-- {
		errs = append(errs, w.close[i]())
	}
	return errors.Join(errs...)
}

// lateHandler answers as soon as there is something to answer with: the
// address has to be known before the program behind it can start.
type lateHandler struct {
	ready   chan struct{}
	handler http.Handler
}

func (h *lateHandler) use(handler http.Handler) {
	h.handler = handler
	close(h.ready)
}

func (h *lateHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case <-h.ready:
		h.handler.ServeHTTP(w, r)
	case <-r.Context().Done():
	}
}

// database is where the preview keeps its truth.
func (w *World) database() commerce.Secret {
	if w.options.Database != "" {
		return commerce.Secret(w.options.Database)
	}
	return commerce.Secret("sqlite:" + filepath.Join(w.options.Dir, "souk.db"))
}

func makeDir(dir string) error { return os.MkdirAll(dir, 0o700) }
