package app

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/config"
)

// ErrRestart is returned by Reload where something changed that the running
// program cannot take over.
var ErrRestart = errors.New("bots, database, redis, media.dir, listen or stripe.secret_key changed: restart the program for that")

// Reload takes over another configuration while the program runs: all of it or
// nothing.
func (a *App) Reload(ctx context.Context, next *config.Config) error {
	now := a.config.Load()
	same := reflect.DeepEqual(now.Bots, next.Bots) && now.Database == next.Database && now.Redis == next.Redis &&
		now.Media == next.Media && now.Listen == next.Listen && now.Stripe.SecretKey == next.Stripe.SecretKey
	if !same {
		return ErrRestart
	}
	if err := a.take(ctx, next); err != nil {
		return err
	}
	a.Log.Info("configuration taken over")
	return nil
}

// TellAdmins sends a notice about a configuration that was refused to the
// admins. What is wrong stands in the log: it may be long, and is not for a
// chat.
func (a *App) TellAdmins(ctx context.Context, problem error) {
	once := "config:" + a.Clock.Now().Format("2006-01-02T15:04")
	err := a.DB.Write(ctx, func(tx *database.Tx) error {
		for _, s := range a.derived.Load().staff {
			if s.role != "admin" {
				continue
			}
			if _, err := notices.Add(tx, a.IDs, a.Clock.Now(), notices.Notice{Kind: notices.ConfigRefused, Member: s.member,
				Args: map[string]string{}, Once: once + ":" + string(s.member)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		a.Log.Error("the admins are not told", "err", err)
		return
	}
	a.Outbox.Wake()
}

// CheckStripe looks whether our webhook endpoint is there as it must be, and
// says so in the log until it is.
func (a *App) CheckStripe(ctx context.Context) {
	for ctx.Err() == nil {
		state, err := a.Pay.Endpoint(ctx, a.url()+"/stripe")
		pause := 5 * time.Minute
		switch {
		case err != nil:
			a.Log.Warn("stripe does not answer", "err", err)
			pause = time.Minute
		case state.ID == "":
			a.Log.Error("stripe has no webhook endpoint for this shop: run souk doctor --fix", "url", a.url()+"/stripe")
		case !state.Good():
			a.Log.Error("stripe's webhook endpoint is not as it must be: run souk doctor", "enabled", state.Enabled,
				"api_version", state.APIVersion, "want", payments.APIVersion, "missing", state.Missing)
		default:
			a.Log.Info("stripe's webhook endpoint is in place")
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}
