package rehearse

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"

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

// ahead is how far it runs before the system's.
func (c *clock) ahead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at.Sub(c.since)
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
	stage    stage
	cfg      *config.Config
	mini     *miniredis.Miniredis
	telegram *telegram.Server
	discord  *discord.Server
	stripe   *stripe.Server
	chats    []*chat
	bells    sync.Map // account → chan struct{}: something new is on their screen
	door     door

	mu      sync.Mutex
	app     *app.App // nil while the program is a process of its own
	process *process
	charges chan struct{} // where it is there: closed by the first card that is charged or released
	close   []func() error
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
	w.mini = miniredis.NewMiniRedis()
	if err := w.mini.Start(); err != nil {
		socket.Close()
		return nil, err
	}
	w.close = append(w.close, func() error { w.mini.Close(); return nil })
	w.stage = stage{Config: opts.Config.Path(), Drop: opts.Drop, Dir: opts.Dir, URL: "http://" + socket.Addr().String(), Redis: "redis://" + w.mini.Addr()}
	if err := w.standIns(); err != nil {
		socket.Close()
		return nil, err
	}
	server := &http.Server{Handler: w, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go server.Serve(socket)
	w.close = append(w.close, server.Close)
	return w, nil
}

// start starts the program in this process.
func (w *world) start(ctx context.Context) error {
	a, err := w.stage.run(ctx, app.Options{Config: w.cfg, Clock: w.clock, Log: w.opts.Log, Manual: true})
	if err != nil {
		return err
	}
	w.mu.Lock()
	w.app = a
	w.mu.Unlock()
	w.door.lead(a.Addr())
	return nil
}

func (w *world) program() *app.App {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.app
}

// end closes everything.
func (w *world) end() error {
	var errs []error
	if w.process != nil {
		errs = append(errs, w.process.kill())
	}
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

// standIns makes the stand-ins, and the configuration that points at them.
func (w *world) standIns() error {
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 128, MaxConnsPerHost: 128}}
	w.close = append(w.close, func() error { client.CloseIdleConnections(); return nil })
	w.stripe = stripe.New(stripe.Config{Clock: w.clock.Now, Key: stripeKey, WebhookSecret: webhookSecret, Base: w.stage.URL})
	w.close = append(w.close, func() error { w.stripe.Close(); return nil })
	w.stripe.SetWebhook(w.stage.URL+"/stripe", webhookSecret)
	for _, b := range w.opts.Config.Brands {
		if b.Payout.Account != "" {
			w.stripe.Connect(b.Payout.Account, true)
		}
	}
	w.cfg, w.chats = w.stage.configuration(w.opts.Config)
	if len(w.chats) == 0 {
		return errors.New("the configuration names no chat that could be told: add one to a community")
	}
	for _, b := range w.cfg.Bots {
		if b.Discord != nil {
			w.discord = discord.New(discord.Config{Application: application, Token: discordToken, Name: w.cfg.Shop.Name, Clock: w.clock.Now, HTTP: client})
			w.discord.Changes(func(c discord.Change) { w.ring(c.User) })
			w.stage.DiscordKey = w.discord.PublicKey()
			b.Discord.PublicKey = w.stage.DiscordKey
			continue
		}
		w.telegram = telegram.New(telegram.Config{Token: telegramToken, Username: b.Telegram.Username, Name: w.cfg.Shop.Name, BotID: 110201543,
			Clock: w.clock.Now, HTTP: client, Provider: providerToken, Charge: func(currency string, amount int64) (string, error) {
				units, err := payments.ToStripe(commerce.Money{Amount: amount, Currency: currency})
				return w.stripe.Charge(units, currency), err
			}})
		w.close = append(w.close, func() error { w.telegram.Close(); return nil })
		w.telegram.Changes(func(c telegram.Change) { w.ring(strconv.FormatInt(max(c.User, c.Chat), 10)) })
	}
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
		if strings.HasSuffix(path, "/capture") || strings.HasSuffix(path, "/cancel") {
			w.charged(r.Context())
		}
	default:
		w.door.ServeHTTP(rw, r)
	}
}

// chargesOnce returns what is closed by the first card that is charged or
// released from now on. Who asked for it never has the answer.
func (w *world) chargesOnce() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.charges = make(chan struct{})
	return w.charges
}

func (w *world) charged(asked context.Context) {
	w.mu.Lock()
	first := w.charges
	w.charges = nil
	w.mu.Unlock()
	if first != nil {
		close(first)
		<-asked.Done()
	}
}

// door stands before the program: it writes down in which order people came,
// and who waited when the program was killed.
type door struct {
	mu    sync.Mutex
	to    *httputil.ReverseProxy
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
}

func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.to != nil {
		d.to.Transport.(*http.Transport).CloseIdleConnections()
	}
	d.to = nil
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
	to := d.to
	if _, been := d.order[who]; d.count && who != "" && !been {
		d.order[who] = time.Now()
	}
	d.mu.Unlock()
	answered := to != nil
	defer func() {
		if !answered && who != "" {
			d.mu.Lock()
			d.hurt[who] = true
			d.mu.Unlock()
		}
	}()
	if to == nil {
		rw.WriteHeader(http.StatusBadGateway)
		return
	}
	one := *to
	one.ErrorHandler = func(rw http.ResponseWriter, _ *http.Request, _ error) {
		answered = false
		rw.WriteHeader(http.StatusBadGateway)
	}
	one.ServeHTTP(rw, r)
}
