package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/config"
)

// serveCmd is `souk serve`.
type serveCmd struct {
	Config string `arg:"" help:"File or folder of the configuration." type:"path"`
	Listen string `help:"Address to listen on instead of the configuration's; port 0 takes any free one."`

	standIns `embed:""`
}

// standIns are addresses in place of the real services, for tests.
type standIns struct {
	TelegramAPI string `hidden:"" env:"SOUK_TELEGRAM_API"`
	DiscordAPI  string `hidden:"" env:"SOUK_DISCORD_API"`
	StripeAPI   string `hidden:"" env:"SOUK_STRIPE_API"`
}

// Help is the manual.
func (serveCmd) Help() string {
	return `Runs the shop. It brings the database up to date, takes over the feeds, tells
Telegram and Discord where it is, and serves under the address of shop.url:

  /telegram/BOT  /discord/BOT  /stripe   what the platforms call
  /p/TOKEN  /g/CODE  /gifts/CODE         the pay link, a gift card, where they are sold
  /m/PICTURE                             the pictures
  /healthz  /readyz                      the process lives; it can do its work
  /metrics                               for Prometheus, from private networks only

The database and Redis must answer when it starts. It starts although Telegram,
Discord or Stripe is down, says so, and keeps trying; souk doctor looks at all
of them. Stripe's webhook endpoint must exist: souk doctor --fix makes it.

The configuration is read again when it changes and on SIGHUP: checked, swapped
as a whole; the last good one stays when the new one is wrong, the reason goes
into the log, and the admins are told in their chat. Changed bots, addresses,
databases and keys need a restart. Feeds are taken over at each reading.

SIGINT and SIGTERM stop it: what was accepted is finished first. A second one
ends it at once; nothing is lost by that either. The exit code is 0 where it was
stopped, 1 where it could not start. Logs are JSON lines on standard error; they
hold no secret, no cart and no address.

Several processes may serve one shop: give them the same PostgreSQL and Redis.`
}

// Run serves until the context ends.
func (c *serveCmd) Run(e *environment) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP) // from here on it no longer ends the process
	defer signal.Stop(hup)
	log := logAll(e.stderr)

	cfg, err := config.Load(c.Config, e.getenv)
	if err != nil {
		return err
	}
	if err := acceptable(cfg); err != nil {
		return err
	}
	if secrets, err := cfg.WebhookSecrets(); err != nil || len(secrets) == 0 {
		return errors.Join(errors.New("stripe.webhook_secret is missing: without it nobody can be believed to have paid. `souk doctor --fix` makes the endpoint and writes its secret"), err)
	}
	a, err := app.New(e.ctx, app.Options{Config: cfg, Log: log, Listen: c.Listen,
		Telegram: c.TelegramAPI, Discord: c.DiscordAPI, Stripe: c.StripeAPI})
	if err != nil {
		return err
	}
	if err := a.Live.Ping(e.ctx); err != nil {
		return errors.Join(fmt.Errorf("redis does not answer, and serve needs it: %w", err), a.Close())
	}
	if err := a.Serve(e.ctx); err != nil {
		return errors.Join(err, a.Close())
	}
	a.Register(e.ctx)
	a.CheckStripe(e.ctx)
	log.Info("serving", "address", a.Addr(), "url", cfg.Shop.URL, "database", a.DB.Engine(), "bots", len(cfg.Bots), "version", version())
	err = c.reload(e, a, cfg, hup, log)
	log.Info("stopping")
	err = errors.Join(err, a.Close())
	log.Info("stopped")
	return err
}

// reload takes over what changes in the configuration until the context ends.
func (c *serveCmd) reload(e *environment, a *app.App, cfg *config.Config, hup <-chan os.Signal, log *slog.Logger) error {
	watcher, err := config.Watch(e.ctx, cfg, func(next *config.Config) error {
		if err := acceptable(next); err != nil {
			return err
		}
		return a.Reload(e.ctx, next)
	}, func(err error) { a.Refused(context.WithoutCancel(e.ctx), err) })
	if err != nil {
		log.Warn("changes of the configuration are not noticed; send SIGHUP", "err", err)
	}
	defer watcher.Wait()
	for {
		select {
		case <-hup:
			log.Info("asked to read the configuration again")
			ctx, cancel := context.WithTimeout(e.ctx, time.Minute)
			// What it refuses it has told already.
			if err := watcher.Reload(ctx); errors.Is(err, context.DeadlineExceeded) {
				log.Warn("reading the configuration takes long", "err", err)
			}
			cancel()
		case <-e.ctx.Done():
			return nil
		}
	}
}

// acceptable says what in a configuration would be refused or said wrongly
// once it is used. Feeds are not looked at: a product that is not there yet
// keeps nothing else from being sold.
func acceptable(cfg *config.Config) error {
	var problems config.Problems
	for _, part := range []func(*config.Config) (config.Problems, error){checkTexts, checkCommands} {
		found, err := part(cfg)
		if err != nil {
			return err
		}
		problems = append(problems, found...)
	}
	if len(problems) > 0 {
		return problems.Sort()
	}
	return nil
}

// logAll makes the program's log, JSON lines, and leads into it what libraries
// would write to standard error in their own way.
func logAll(w io.Writer) *slog.Logger {
	log := slog.New(slog.NewJSONHandler(w, nil))
	slog.SetDefault(log) // the standard library's log goes there too
	redis.SetLogger(redisLog{log})
	return log
}

type redisLog struct{ log *slog.Logger }

// Printf is what the Redis client calls.
func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.log.WarnContext(ctx, "redis client", "message", fmt.Sprintf(format, v...))
}
