package app

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/config"
)

// keepEvents is how long Stripe's events are known again: it repeats one for
// three days.
const keepEvents = 30 * 24 * time.Hour

// keepLapsed is how long an order nobody paid keeps its address: money that
// comes late all the same comes within hours.
const keepLapsed = 7 * 24 * time.Hour

// keepNotices is how long it is known who was told what: by then no order can
// be told of again.
const keepNotices = 180 * 24 * time.Hour

// work starts everything that runs beside the webhooks.
func (a *App) work(ctx context.Context) {
	a.workers.Go(func() { a.Checkout.Run(ctx) })
	a.workers.Go(func() { a.Outbox.Run(ctx) })
	a.every(ctx, time.Minute, "exchange", func(ctx context.Context) error {
		_, err := a.Exchange.Step(ctx)
		return err
	})
	a.every(ctx, 20*time.Second, "posts", a.posts)
	a.every(ctx, 20*time.Second, "offers", a.offers)
	a.every(ctx, time.Second, "drops", func(ctx context.Context) error {
		_, err := a.drops(ctx)
		return err
	})
	a.every(ctx, 10*time.Second, "flags", a.flags)
	a.every(ctx, time.Minute, "staff", a.restaff)
	a.every(ctx, time.Minute, "earnings", func(ctx context.Context) error {
		_, err := a.Earnings.Step(ctx)
		return err
	})
	a.every(ctx, 30*time.Second, "counts", a.Creators.Count)
	a.every(ctx, time.Minute, "brought in", a.Earnings.AddUp)
	a.every(ctx, time.Minute, "expiry", func(ctx context.Context) error {
		_, err := a.Expiry.Step(ctx)
		return err
	})
	a.every(ctx, time.Minute, "tiers", func(ctx context.Context) error {
		_, err := a.Loyalty.Step(ctx)
		return err
	})
	a.every(ctx, 10*time.Second, "digests", func(ctx context.Context) error {
		_, err := a.Digests.Step(ctx)
		return err
	})
	a.every(ctx, 5*time.Second, "creators' payouts", func(ctx context.Context) error {
		_, err := a.Payer.Step(ctx)
		return err
	})
	a.every(ctx, 10*time.Second, "papers", a.papers)
	a.every(ctx, 10*time.Minute, "statement", a.statement)
	if !a.Offline {
		a.every(ctx, 10*time.Second, "pictures", func(ctx context.Context) error {
			_, err := a.Media.Fetch(ctx, 20)
			return err
		})
	}
	a.every(ctx, time.Hour, "old orders", func(ctx context.Context) error {
		now := a.Clock.Now()
		_, err := orders.Forget(ctx, a.DB, now.Add(-a.config.Load().Policies.KeepOrders.D()), a.dropPhoto)
		a.Stock.Forget()
		return errors.Join(err, a.DB.Write(ctx, func(tx *database.Tx) error {
			if err := orders.ForgetLapsed(tx, now.Add(-keepLapsed)); err != nil {
				return err
			}
			_, err := payments.ForgetEvents(tx, now.Add(-keepEvents))
			if err == nil {
				_, err = notices.Forget(tx, now.Add(-keepNotices))
			}
			return err
		}))
	})
	a.every(ctx, time.Hour, "audit", a.audit)
}

// every runs a task now and then until the context ends.
func (a *App) every(ctx context.Context, pause time.Duration, name string, task func(context.Context) error) {
	a.workers.Go(func() {
		for {
			if err := task(ctx); err != nil && ctx.Err() == nil {
				a.Log.Error(name, "err", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
		}
	})
}

// duePosts is how many planned posts are published, and how many of those that
// stand in groups are brought up to date, in one step.
const duePosts = 50

// posts publishes what is planned, and plans which pick is posted where.
func (a *App) posts(ctx context.Context) error {
	d, cfg := a.derived.Load(), a.config.Load()
	_, failed := a.Creators.PublishDue(ctx, settings(cfg).Publishing(), duePosts) // the others go on
	chats, err := a.chats(ctx)
	if err != nil {
		return errors.Join(failed, err)
	}
	n, err := a.Creators.PlanPosts(ctx, chats, creators.Policy{Every: cfg.Policies.PostEvery.D(), Quiet: d.quiet})
	if n > 0 {
		a.Outbox.Wake()
	}
	if err != nil {
		return errors.Join(failed, err)
	}
	return errors.Join(failed, a.oldPosts(ctx))
}

// oldPosts brings posts up to date whose picks have changed, within the rates of
// their platforms.
func (a *App) oldPosts(ctx context.Context) error {
	list, err := a.Creators.OldPosts(ctx, duePosts)
	if err != nil {
		return err
	}
	for _, o := range list {
		screen, err := a.Shop.RenderNotice(ctx, notices.Notice{Kind: notices.PickPost, Bot: o.Chat.Bot, Chat: o.Chat.ID, Thread: o.Chat.Thread, Args: map[string]string{"pick": string(o.Pick), "edit": "1"}})
		if err != nil {
			return err
		}
		if !screen.Empty() {
			err := a.Outbox.Edit(ctx, o.Chat.Bot, bots.To{Chat: o.Chat.ID, Thread: o.Chat.Thread}, o.Message, screen, "post:"+string(o.Pick)+":"+o.Changed.String())
			var e *bots.SendError
			switch {
			case errors.As(err, &e) && (e.Outcome == bots.TooFast || e.Outcome == bots.Unreachable):
				continue // the next round shows it
			case err != nil:
				a.Log.Warn("a post was not brought up to date", "bot", o.Chat.Bot, "chat", o.Chat.ID, "err", err)
			}
		}
		if err := a.Creators.Showed(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// chats lists the groups in which picks are posted, each with what can be
// bought there now.
func (a *App) chats(ctx context.Context) ([]creators.Chat, error) {
	list := a.taking(a.derived.Load().chats)
	for i := range list {
		sells, err := a.Shop.Sells(ctx, list[i].Bot, list[i].ID)
		if err != nil {
			return nil, err
		}
		list[i].Sellable = sells
	}
	return list, nil
}

// taking leaves of some chats those whose community takes posts now.
func (a *App) taking(chats []creators.Chat) (list []creators.Chat) {
	cfg := a.config.Load()
	for _, chat := range chats {
		if a.takes(cfg, string(chat.Community)) {
			list = append(list, chat)
		}
	}
	return list
}

// takes reports whether a community takes posts now, but for the quiet hours:
// whoever plans posts asks for those.
func (a *App) takes(cfg *config.Config, community string) bool {
	t := postTimes(cfg, cfg.Communities[community])
	t.Quiet = creators.Quiet{}
	return t.Allows(a.Clock.Now())
}

// Rest does everything that is due by the clock, until nothing is, and reports
// whether there was anything: for tests that move the clock themselves.
func (a *App) Rest(ctx context.Context) (worked bool, err error) {
	if err := errors.Join(a.posts(ctx), a.offers(ctx), a.flags(ctx), a.Creators.Count(ctx), a.Earnings.AddUp(ctx)); err != nil {
		return false, err
	}
	for {
		swaps, err := a.Exchange.Step(ctx)
		if err != nil {
			return worked, err
		}
		if swaps > 0 {
			worked = true
			continue
		}
		n, err := a.Checkout.Step(ctx)
		if err != nil {
			return worked, err
		}
		if err := a.papers(ctx); err != nil {
			return worked, err
		}
		d, err := a.drops(ctx)
		if err != nil {
			return worked, err
		}
		e, err := a.Earnings.Step(ctx)
		if err != nil {
			return worked, err
		}
		l, err := a.Loyalty.Step(ctx)
		if err != nil {
			return worked, err
		}
		w, err := a.Digests.Step(ctx)
		if err != nil {
			return worked, err
		}
		x, err := a.Expiry.Step(ctx)
		if err != nil {
			return worked, err
		}
		p, err := a.Payer.Step(ctx)
		if err != nil {
			return worked, err
		}
		m, err := a.Outbox.Step(ctx)
		if err != nil {
			return worked, err
		}
		for _, name := range a.order {
			a.bots[name].Wait()
		}
		if n+d+e+l+w+x+p+m == 0 {
			return worked, nil
		}
		worked = true
	}
}

// Register tells every platform where we are and what members can type. It
// returns at once, and keeps trying until the context ends where one does not
// answer: one that is down stops no other.
func (a *App) Register(ctx context.Context) {
	for _, name := range a.order {
		a.metrics.registered.WithLabelValues(name, string(a.bots[name].Platform())).Set(0)
		a.workers.Go(func() { a.register(ctx, name) })
	}
}

func (a *App) register(ctx context.Context, name string) {
	pause := growing(2 * time.Minute)
	for ctx.Err() == nil {
		try, cancel := context.WithTimeout(ctx, 30*time.Second)
		err := a.RegisterBot(try, name)
		cancel()
		if err == nil {
			a.metrics.registered.WithLabelValues(name, string(a.bots[name].Platform())).Set(1)
			a.Log.Info("registered", "bot", name, "platform", a.bots[name].Platform())
			return
		}
		a.Log.Warn("not registered yet, trying again", "bot", name, "platform", a.bots[name].Platform(), "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause.NextBackOff()):
		}
	}
}

// growing is how long to wait for somebody who does not answer: half a second
// at first, for what is back at once, then longer and longer up to the limit.
func growing(limit time.Duration) *backoff.ExponentialBackOff {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 500*time.Millisecond, limit
	return pause
}

// RegisterBot registers one bot once.
func (a *App) RegisterBot(ctx context.Context, name string) error {
	b := a.bots[name]
	scope := bots.Scope{}
	for _, s := range a.config.Load().Staff {
		if id := map[bots.Platform]string{"telegram": s.Telegram, "discord": s.Discord}[b.Platform()]; id != "" {
			scope.Staff = append(scope.Staff, id)
		}
	}
	return b.Register(ctx, a.Shop.Commands(), scope)
}

// PostPicks posts up to n picks in every chat at once, whatever the time of
// day: how a preview begins.
func (a *App) PostPicks(ctx context.Context, n int) error {
	for range n {
		chats, err := a.chats(ctx)
		if err != nil {
			return err
		}
		if _, err := a.Creators.PlanPosts(ctx, chats, creators.Policy{}); err != nil {
			return err
		}
	}
	a.Outbox.Wake()
	return nil
}
