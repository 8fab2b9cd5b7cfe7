package app

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"reflect"
	"time"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/config"
)

// ErrRestart is returned by Reload where something changed that the running
// program cannot take over.
var ErrRestart = errors.New("bots, shop.url, database, redis, media.dir, listen or stripe.secret_key changed: restart the program for that")

// Reload takes over another configuration while the program runs: all of it or
// nothing. Where it changes what the platforms were told they are told again,
// until the context ends: it must live as long as the program.
func (a *App) Reload(ctx context.Context, next *config.Config) error {
	now := a.config.Load()
	same := reflect.DeepEqual(now.Bots, next.Bots) && now.Shop.URL == next.Shop.URL && now.Database == next.Database &&
		now.Redis == next.Redis && now.Media == next.Media && now.Listen == next.Listen && now.Stripe.SecretKey == next.Stripe.SecretKey
	if !same {
		return ErrRestart
	}
	commands := a.Shop.Commands()
	if err := a.take(ctx, next); err != nil {
		return err
	}
	a.metrics.config.Set(1)
	a.Log.Info("configuration taken over")
	if !reflect.DeepEqual(commands, a.Shop.Commands()) || !reflect.DeepEqual(now.Staff, next.Staff) {
		a.Register(ctx)
	}
	return nil
}

// Refused says in the log that a changed configuration is not taken over and
// why, and tells the admins that it is so: what is wrong may be long, and is
// not for a chat.
func (a *App) Refused(ctx context.Context, problem error) {
	a.metrics.config.Set(0)
	a.Log.Error("the configuration is not taken over, the last good one stays", "err", problem)
	why := "wrong"
	if errors.Is(problem, ErrRestart) {
		why = "restart"
	}
	// Every process of the shop says it; they are told once.
	once := fmt.Sprintf("config:%s:%08x", a.Clock.Now().UTC().Format("2006-01-02T15:04"), crc32.ChecksumIEEE([]byte(problem.Error())))
	err := a.DB.Write(ctx, func(tx *database.Tx) error {
		for _, s := range a.derived.Load().staff {
			if s.role != "admin" {
				continue
			}
			if _, err := notices.Add(tx, a.IDs, a.Clock.Now(), notices.Notice{Kind: notices.ConfigRefused, Member: s.member,
				Args: map[string]string{"why": why}, Once: once + ":" + string(s.member)}); err != nil {
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
	a.workers.Go(func() { a.checkStripe(ctx) })
}

func (a *App) checkStripe(ctx context.Context) {
	pause := growing(5 * time.Minute)
	for ctx.Err() == nil {
		try, cancel := context.WithTimeout(ctx, 30*time.Second)
		state, err := a.Pay.Endpoint(try, a.url()+"/stripe")
		cancel()
		switch {
		case ctx.Err() != nil:
		case err != nil:
			a.Log.Warn("stripe does not answer", "err", err)
		case state.ID == "":
			a.Log.Error("stripe has no webhook endpoint for this shop: run souk doctor --fix", "url", a.url()+"/stripe")
		case !state.Good():
			a.Log.Error("stripe's webhook endpoint is not as it must be: run souk doctor", "enabled", state.Enabled,
				"api_version", state.APIVersion, "want", payments.APIVersion, "missing", state.Missing)
		default:
			a.Log.Info("stripe's webhook endpoint is in place")
			a.metrics.endpoint.Set(1)
			return
		}
		wait := pause.NextBackOff()
		if err == nil {
			wait = max(wait, time.Minute) // a person has to mend it
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}
