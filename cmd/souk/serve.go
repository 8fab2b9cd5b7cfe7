package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/config"
)

// serveCmd is `souk serve`.
type serveCmd struct {
	Config string `arg:"" help:"File or folder of the configuration." type:"path"`
	Listen string `help:"Address to listen on instead of the configuration's."`
}

// Help is the manual.
func (serveCmd) Help() string {
	return `Runs the shop. It brings the database up to date, takes over the feeds, tells
Telegram and Discord where it is, and serves their webhooks, Stripe's, and the
pay link. It starts although a platform is down, says so, and keeps trying.

The configuration is read again when it changes and on SIGHUP: checked, swapped
as a whole; the last good one stays when the new one is wrong. SIGINT and
SIGTERM stop it: what was accepted is finished first. Logs are JSON lines on
standard error.

Several processes may serve one shop: give them the same PostgreSQL and Redis.`
}

// Run serves until the context ends.
func (c *serveCmd) Run(e *environment) error {
	cfg, err := config.Load(c.Config, e.getenv)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(e.stderr, nil))
	if secrets, err := cfg.WebhookSecrets(); err != nil || len(secrets) == 0 {
		return errors.Join(errors.New("stripe.webhook_secret is missing: without it nobody can be believed to have paid. `souk doctor --fix` makes the endpoint and writes its secret"), err)
	}
	a, err := app.New(e.ctx, app.Options{Config: cfg, Log: log, Listen: c.Listen})
	if err != nil {
		return err
	}
	if err := a.Live.Ping(e.ctx); err != nil {
		a.Close()
		return fmt.Errorf("redis does not answer, and serve needs it: %w", err)
	}
	if err := a.Serve(e.ctx); err != nil {
		a.Close()
		return err
	}
	a.Register(e.ctx)
	go a.CheckStripe(e.ctx)
	log.Info("serving", "address", a.Addr(), "url", cfg.Shop.URL, "database", a.DB.Engine(), "bots", len(cfg.Bots))
	watcher, err := config.Watch(e.ctx, cfg, func(next *config.Config) error { return a.Reload(e.ctx, next) }, func(err error) {
		log.Error("the configuration is not taken over, the last good one stays", "err", err)
		a.TellAdmins(context.WithoutCancel(e.ctx), err)
	})
	if err != nil {
		log.Warn("changes of the configuration are not noticed; send SIGHUP", "err", err)
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	for {
		select {
		case <-hup:
			ctx, cancel := context.WithTimeout(e.ctx, time.Minute)
			if err := watcher.Reload(ctx); err == nil {
				log.Info("configuration taken over")
			}
			cancel()
		case <-e.ctx.Done():
			log.Info("stopping")
			watcher.Wait()
			return a.Close()
		}
	}
}
