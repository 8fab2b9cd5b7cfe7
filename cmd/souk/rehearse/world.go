package rehearse

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/config"
	"github.com/soukchat/souk/sandbox/discord"
	"github.com/soukchat/souk/sandbox/stripe"
	"github.com/soukchat/souk/sandbox/telegram"
)

// What the stand-ins are told apart by.
const (
	telegramToken = "110201543:rehearse-rehearse-rehearse-rehears"
	providerToken = "284685063:TEST:rehearse"
	discordToken  = "rehearse.rehearse.rehearse"
	application   = "300000000000000001"
	stripeKey     = "sk_test_rehearse"
	webhookSecret = "whsec_rehearse"
)

// clock is the rehearsal's time: it stands and is moved, or runs as clocks do.
type clock struct {
	mu    sync.Mutex
	at    time.Time
	since time.Time // when it began to run; zero while it stands
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.since.IsZero() {
		return c.at
	}
	return c.at.Add(time.Since(c.since))
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func (c *clock) run() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.since = time.Now()
}

func (c *clock) stand() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.since = c.at.Add(time.Since(c.since)), time.Time{}
}

// chat is a group of the plan, with what came of telling it.
type chat struct {
	platform, id, name string
	community          string
	members            []*person
	message            string // the card
	told               time.Time
	problem            string // why it could not be told
}

// world is the whole shop with the stand-ins around it.
type world struct {
	opts     Options
	clock    *clock
	cfg      *config.Config
	url      string
	mini     *miniredis.Miniredis
	redis    *redis.Client
	telegram *telegram.Server
	discord  *discord.Server
	stripe   *stripe.Server
	chats    []*chat
	bells    sync.Map // account → chan struct{}: something new is on their screen
	door     door

	mu    sync.Mutex
	app   *app.App
	close []func() error
}

// open starts everything but the program.
func open(opts Options, at time.Time) (_ *world, err error) {
	w := &world{opts: opts, clock: &clock{at: at}}
	w.door.counts()
	w.door.count = false
	defer func() {
		if err != nil {
			w.end()
		}
	}()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w.url = "http://" + socket.Addr().String()
	w.mini = miniredis.NewMiniRedis()
	if err := w.mini.Start(); err != nil {
		socket.Close()
		return nil, err
	}
	w.close = append(w.close, func() error { w.mini.Close(); return nil })
	w.redis = redis.NewClient(&redis.Options{Addr: w.mini.Addr(), ContextTimeoutEnabled: true})
	w.close = append(w.close, w.redis.Close)
	if err := w.stage(); err != nil {
		socket.Close()
		return nil, err
	}
	server := &http.Server{Handler: w, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go server.Serve(socket)
	w.close = append(w.close, server.Close)
	return w, nil
}

// start starts the program, anew after a kill.
func (w *world) start(ctx context.Context) error {
	a, err := app.New(ctx, app.Options{Config: w.cfg, Clock: w.clock, Log: w.opts.Log, Listen: "127.0.0.1:0", Redis: w.redis,
		Telegram: w.url, Discord: w.url, Stripe: w.url, Offline: true, Manual: true})
	if err != nil {
		return err
	}
	if err := a.Serve(ctx); err != nil {
		a.Close()
		return err
	}
	w.mu.Lock()
	w.app = a
	w.mu.Unlock()
	w.door.lead(a.Addr())
	return nil
}

// kill ends the program as a crash does: who waits for an answer has none, its
// database is gone in the middle of whatever it was doing.
func (w *world) kill() (over func()) {
	a := w.program()
	w.door.shut()
	a.DB.Close()
	done := make(chan struct{})
	go func() { a.Close(); close(done) }()
	return func() { <-done }
}

func (w *world) program() *app.App {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.app
}

// end closes everything.
func (w *world) end() error {
	var errs []error
	if a := w.program(); a != nil {
		errs = append(errs, a.Close())
	}
	for i := len(w.close) - 1; i >= 0; i-- {
		errs = append(errs, w.close[i]())
	}
	return errors.Join(errs...)
}

// rest waits until nothing is on its way and all that is due is done.
func (w *world) rest(ctx context.Context) error {
	for {
		if w.telegram != nil {
			w.telegram.Rest(ctx)
		}
		if w.discord != nil {
			if err := w.discord.Rest(ctx); err != nil {
				return err
			}
		}
		if err := w.stripe.Rest(ctx); err != nil {
			return err
		}
		if worked, err := w.program().Rest(ctx); err != nil || !worked {
			return errors.Join(err, ctx.Err())
		}
	}
}

// stage makes the stand-ins with the plan's chats, and points a copy of the
// configuration at them: one bot a platform, which all chats are with.
func (w *world) stage() error {
	cfg := *w.opts.Config
	cfg.Shop.URL = w.url
	cfg.Database.URL = commerce.Secret("sqlite:" + filepath.Join(w.opts.Dir, "souk.db"))
	cfg.Media.Dir = filepath.Join(w.opts.Dir, "media")
	cfg.Stripe = config.Stripe{SecretKey: stripeKey, WebhookSecret: webhookSecret}
	cfg.Drops = map[string]config.Drop{w.opts.Drop: w.opts.Config.Drops[w.opts.Drop]}
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 128, MaxConnsPerHost: 128}}
	w.close = append(w.close, func() error { client.CloseIdleConnections(); return nil })
	w.stripe = stripe.New(stripe.Config{Clock: w.clock.Now, Key: stripeKey, WebhookSecret: webhookSecret, Base: w.url})
	w.close = append(w.close, func() error { w.stripe.Close(); return nil })
	w.stripe.SetWebhook(w.url+"/stripe", webhookSecret)
	for _, b := range cfg.Brands {
		if b.Payout.Account != "" {
			w.stripe.Connect(b.Payout.Account, true)
		}
	}
	bots, of := map[string]config.Bot{}, map[string]string{}
	var tg, dc string
	for _, name := range slices.Sorted(maps.Keys(cfg.Bots)) {
		switch b := cfg.Bots[name]; {
		case b.Telegram != nil:
			if tg == "" {
				tg = name
				bots[tg] = config.Bot{Telegram: &config.Telegram{Token: telegramToken, Username: b.Telegram.Username}}
				w.telegram = telegram.New(telegram.Config{Token: telegramToken, Username: b.Telegram.Username, Name: cfg.Shop.Name, BotID: 110201543,
					Clock: w.clock.Now, HTTP: client, Provider: providerToken, Charge: func(currency string, amount int64) (string, error) {
						units, err := payments.ToStripe(commerce.Money{Amount: amount, Currency: currency})
						return w.stripe.Charge(units, currency), err
					}})
				w.close = append(w.close, func() error { w.telegram.Close(); return nil })
				w.telegram.Changes(func(c telegram.Change) { w.ring(strconv.FormatInt(max(c.User, c.Chat), 10)) })
			}
			of[name] = tg
		case b.Discord != nil:
			if dc == "" {
				dc = name
				w.discord = discord.New(discord.Config{Application: application, Token: discordToken, Name: cfg.Shop.Name, Clock: w.clock.Now, HTTP: client})
				bots[dc] = config.Bot{Discord: &config.Discord{Application: application, PublicKey: w.discord.PublicKey(), Token: discordToken}}
				w.discord.Changes(func(c discord.Change) { w.ring(c.User) })
			}
			of[name] = dc
		}
	}
	communities := map[string]config.Community{}
	for _, name := range slices.Sorted(maps.Keys(cfg.Communities)) {
		c := cfg.Communities[name]
		chats := c.Chats
		c.Chats = nil
		for _, declared := range chats {
			bot := of[declared.Bot]
			one := chat{platform: "telegram", id: strconv.Itoa(-1001000000001 - len(w.chats)), name: c.Name, community: name}
			if w.opts.Config.Bots[declared.Bot].Discord != nil {
				one.platform, one.id = "discord", strconv.Itoa(200000000000000001+len(w.chats))
			}
			c.Chats = append(c.Chats, config.Chat{Bot: bot, ID: one.id})
			w.chats = append(w.chats, &one)
		}
		communities[name] = c
	}
	cfg.Bots, cfg.Communities = bots, communities
	if len(w.chats) == 0 {
		return errors.New("the configuration names no chat that could be told: add one to a community")
	}
	w.cfg = &cfg
	return nil
}

// fill puts the people into the chats.
func (w *world) fill(people []*person) {
	for _, c := range w.chats {
		if c.platform == "telegram" {
			id, _ := strconv.ParseInt(c.id, 10, 64)
			g := telegram.Group{ID: id, Title: c.name}
			for _, p := range c.members {
				w.telegram.AddUser(telegram.User{ID: p.number, First: p.name, Username: strings.ToLower(p.name), Lang: "en"})
				g.Members = append(g.Members, p.number)
			}
			w.telegram.AddGroup(g)
			continue
		}
		g := discord.Guild{ID: "4" + c.id[1:], Name: c.name, Locale: "en-US"}
		for _, p := range c.members {
			w.discord.AddUser(discord.User{ID: p.account, Username: strings.ToLower(p.name), GlobalName: p.name, Locale: "en-US", Roles: p.roles, Joined: p.joined})
			g.Members = append(g.Members, p.account)
		}
		w.discord.AddGuild(g)
		w.discord.AddChannel(discord.Channel{ID: c.id, Guild: g.ID, Name: "market"})
	}
	for _, p := range people {
		w.bells.Store(p.account, make(chan struct{}, 1))
	}
}

func (w *world) ring(account string) {
	if bell, ok := w.bells.Load(account); ok {
		select {
		case bell.(chan struct{}) <- struct{}{}:
		default:
		}
	}
}

// ServeHTTP is the one address of the stand-ins and of the program.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case w.telegram != nil && (strings.HasPrefix(path, "/bot") || strings.HasPrefix(path, "/file/")):
		w.telegram.Handler().ServeHTTP(rw, r)
	case w.discord != nil && (strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/attachments/")):
		w.discord.Handler().ServeHTTP(rw, r)
	case strings.HasPrefix(path, "/v1/"), strings.HasPrefix(path, "/c/"), strings.HasPrefix(path, "/a/"):
		w.stripe.Handler().ServeHTTP(rw, r)
	default:
		w.door.ServeHTTP(rw, r)
	}
}

// door stands before the program: it writes down in which order people came,
// and cuts whoever waits when the program is killed.
type door struct {
	mu    sync.Mutex
	to    *httputil.ReverseProxy
	gone  context.Context
	cut   context.CancelFunc
	count bool
	order map[string]time.Time // by account: when their first request came
	hurt  map[string]bool      // who was cut off, and had to press again
}

func (d *door) lead(address string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to = httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
	d.to.Transport = &http.Transport{MaxIdleConnsPerHost: 128, MaxConnsPerHost: 256}
	d.to.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	d.to.ErrorHandler = func(rw http.ResponseWriter, _ *http.Request, _ error) { rw.WriteHeader(http.StatusBadGateway) }
	d.gone, d.cut = context.WithCancel(context.Background())
}

func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.to.Transport.(*http.Transport).CloseIdleConnections()
	d.to = nil
	d.cut()
}

// counts begins the writing down.
func (d *door) counts() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count, d.order, d.hurt = true, map[string]time.Time{}, map[string]bool{}
}

// counted ends it, and tells everybody of it.
func (d *door) counted(people []*person) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count = false
	for _, p := range people {
		p.arrived, p.hurt = d.order[p.account], d.hurt[p.account]
	}
}

var fromOf = regexp.MustCompile(`"from":\{"id":(\d+)|"user":\{"id":"(\d+)"`)

func (d *door) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	who := ""
	if m := fromOf.FindSubmatch(body); m != nil {
		who = string(m[1]) + string(m[2])
	}
	d.mu.Lock()
	to, gone := d.to, d.gone
	if _, been := d.order[who]; d.count && who != "" && !been {
		d.order[who] = time.Now()
	}
	if to == nil && who != "" {
		d.hurt[who] = true
	}
	d.mu.Unlock()
	if to == nil {
		rw.WriteHeader(http.StatusBadGateway)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(gone, cancel)()
	to.ServeHTTP(rw, r.WithContext(ctx))
	if gone.Err() != nil && who != "" {
		d.mu.Lock()
		d.hurt[who] = true
		d.mu.Unlock()
	}
}
