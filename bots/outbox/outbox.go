// Package outbox delivers notices: it leases what is due, renders it, waits
// for the platform's budget, sends, and records what became of it.
//
// A message is marked before and after it is sent: a crash may repeat one,
// never lose one. A member who cannot be reached by one way is tried by the
// next; where none is left the notice stays unread and heads their next
// screen. It decides nothing about what is told. Start at Step.
package outbox

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/notices"
)

// Sender is a bot that sends, and tells how fast its platform lets it.
type Sender interface {
	bots.Sender
	Rates() bots.Rates
}

// Way is one account by which a member can be told something, through a bot.
type Way struct {
	Bot      string
	Platform string
	Account  string
}

// Config is what an Outbox is connected to.
type Config struct {
	Notices *notices.Notices
	Live    *live.Live
	Clock   commerce.Clock
	Log     *slog.Logger
	Worker  string // names this process among those that share the database

	Sender func(bot string) (Sender, bool)
	// Ways returns how a member can be reached, the best way first.
	Ways func(ctx context.Context, m commerce.MemberID) ([]Way, error)
	// Closed is told of a way that does not take our messages.
	Closed func(ctx context.Context, w Way) error
	// Render makes the message. A screen with nothing in it means that there is
	// nothing to say any more.
	Render func(ctx context.Context, n notices.Notice) (bots.Screen, error)
	// Quiet returns until when a notice has to wait for its member's own quiet
	// hours, the zero time for not at all; nil for never.
	Quiet func(ctx context.Context, n notices.Notice) (time.Time, error)
	// Posted is told of a message in a chat, by its platform's id.
	Posted func(ctx context.Context, n notices.Notice, message string) error
	// Waiting is told of a member whom no way leads to: the notice heads their
	// next screen.
	Waiting func(m commerce.MemberID)
	// Turns gives those who wait for a bot's budget one turn each, so that
	// nobody is tried in vain again and again: for a clock that is moved. In the
	// time of clocks what is urgent could come behind what goes to many.
	Turns bool
}

// Outbox delivers notices.
type Outbox struct {
	Config
	wake chan struct{}

	mu    sync.Mutex
	turns map[string]time.Time // by budget: when the last of those who wait has their turn
}

// New makes an Outbox.
func New(cfg Config) *Outbox {
	return &Outbox{Config: cfg, wake: make(chan struct{}, 1), turns: map[string]time.Time{}}
}

const (
	batch    = 40
	parallel = 8
	lease    = time.Minute
	mostTry  = 60 // with the growing wait, about six hours

	finishing = 10 * time.Second // for what is being sent when the program is to stop
	patience  = 10 * time.Second // of what goes to many, for its turn
)

// What is sent beside each other: what goes to many has workers of its own, so
// that nobody who waits for something waits behind it.
var (
	soon = []notices.Rank{notices.Personal, notices.Posted}
	mass = []notices.Rank{notices.Mass}
)

// MassPace is the time between two messages that go to many: a tenth of what
// the platform takes, or more, is left for everything else.
func MassPace(r bots.Rates) time.Duration { return max(r.Mass, r.All*10/9) }

// Wake makes Run look at once: something has been written.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Run delivers until the context ends. Several processes may run it at once.
func (o *Outbox) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { o.run(ctx, soon, 0) })
	both.Go(func() { o.run(ctx, mass, patience) })
	both.Wait()
}

func (o *Outbox) run(ctx context.Context, ranks []notices.Rank, patience time.Duration) {
	for ctx.Err() == nil {
		n, err := o.step(ctx, ranks, patience)
		if err != nil && ctx.Err() == nil {
			o.Log.Error("outbox", "err", err)
		}
		if n > 0 && err == nil {
			continue
		}
		wake := o.wake
		if patience > 0 {
			wake = nil
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// Step delivers what is due now and returns how many notices that was.
// Messages to the same person or chat keep their order.
func (o *Outbox) Step(ctx context.Context) (int, error) {
	n, err := o.step(ctx, soon, 0)
	if err != nil || ctx.Err() != nil {
		return n, err
	}
	m, err := o.step(ctx, mass, 0)
	return n + m, err
}

// step delivers what is due of some ranks. What has no budget waits for it as
// long as its patience lasts, and is given back then.
func (o *Outbox) step(ctx context.Context, ranks []notices.Rank, patience time.Duration) (int, error) {
	due, err := o.Notices.Lease(ctx, o.Worker, ranks, batch, lease)
	if err != nil {
		return 0, err
	}
	at := map[string]int{}
	var queues [][]notices.Notice // in the order in which they are due
	for _, n := range due {
		to := string(n.Member) + "/" + n.Bot + "/" + n.Chat
		if _, ok := at[to]; !ok {
			at[to], queues = len(queues), append(queues, nil)
		}
		queues[at[to]] = append(queues[at[to]], n)
	}
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		fault error
		slots = make(chan struct{}, parallel)
	)
	for _, queue := range queues {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := o.queue(ctx, queue, patience); err != nil {
				mu.Lock()
				fault = errors.Join(fault, err)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return len(due), fault
}

// queue delivers what goes to one person or chat. Where one has to wait, those
// behind it wait with it.
func (o *Outbox) queue(ctx context.Context, queue []notices.Notice, patience time.Duration) (fault error) {
	// When the program is to stop, what is being sent is sent to the end, or
	// nobody would know that it was; the rest is given back, so that it need not
	// wait for the lease to end.
	work, cancel := commerce.Linger(ctx, finishing)
	defer cancel()
	var until time.Time
	for _, n := range queue {
		var err error
		if until.IsZero() && ctx.Err() == nil {
			until, err = o.deliver(work, n, patience)
		} else {
			err = o.Notices.Later(work, o.Worker, n.ID, "behind another", until)
		}
		fault = errors.Join(fault, err)
	}
	return fault
}

// deliver tells one notice and records what became of it. It returns until
// when the notice has to wait, the zero time where it is done with.
func (o *Outbox) deliver(ctx context.Context, n notices.Notice, patience time.Duration) (time.Time, error) {
	if o.Quiet != nil && n.Member != "" {
		until, err := o.Quiet(ctx, n)
		if err != nil {
			return o.later(ctx, n, "quiet hours not known", wait(n.Tries))
		}
		if !until.IsZero() { // what is behind it need not wait too
			return time.Time{}, o.Notices.Later(ctx, o.Worker, n.ID, notices.Quiet, until)
		}
	}
	screen, err := o.Render(ctx, n)
	if err != nil {
		o.Log.Error("render notice", "notice", n.ID, "kind", n.Kind, "err", err)
		return o.later(ctx, n, "render", wait(n.Tries))
	}
	if screen.Empty() {
		return time.Time{}, o.Notices.Dead(ctx, o.Worker, n.ID, "nothing to say any more")
	}
	if n.Member == "" {
		return o.toChat(ctx, n, screen)
	}
	ways, err := o.Ways(ctx, n.Member)
	if err != nil {
		return o.later(ctx, n, "ways", wait(n.Tries))
	}
	for _, w := range ways {
		message, err := o.send(ctx, n, w.Bot, bots.To{Account: w.Account}, screen, patience)
		if err == nil {
			return time.Time{}, o.Notices.Sent(ctx, o.Worker, n.ID, message)
		}
		var refused *bots.SendError
		if !errors.As(err, &refused) || (refused.Outcome != bots.Refused && refused.Outcome != bots.Gone) {
			return o.failed(ctx, n, err)
		}
		if err := o.Closed(ctx, w); err != nil {
			return o.later(ctx, n, "ways", wait(n.Tries))
		}
	}
	return time.Time{}, o.unread(ctx, n, "no way leads there")
}

func (o *Outbox) unread(ctx context.Context, n notices.Notice, problem string) error {
	err := o.Notices.Unreachable(ctx, o.Worker, n.ID, problem)
	if err == nil && o.Waiting != nil {
		o.Waiting(n.Member)
	}
	return err
}

func (o *Outbox) toChat(ctx context.Context, n notices.Notice, screen bots.Screen) (time.Time, error) {
	to := bots.To{Chat: n.Chat, Thread: n.Thread}
	message, err := o.send(ctx, n, n.Bot, to, screen, 0)
	var e *bots.SendError
	if errors.As(err, &e) && e.Outcome == bots.Gone && e.MovedTo != "" {
		o.Log.Warn("a chat has another id now: change it in the configuration", "bot", n.Bot, "chat", n.Chat, "now", e.MovedTo)
		to.Chat = e.MovedTo
		message, err = o.send(ctx, n, n.Bot, to, screen, 0)
	}
	if errors.As(err, &e) && (e.Outcome == bots.Refused || e.Outcome == bots.Gone) {
		o.Log.Warn("a chat does not take our posts: is the bot still in it?", "bot", n.Bot, "chat", n.Chat, "err", err)
		return time.Time{}, o.Notices.Dead(ctx, o.Worker, n.ID, e.Error())
	}
	if err != nil {
		return o.failed(ctx, n, err)
	}
	if err := o.Notices.Sent(ctx, o.Worker, n.ID, message); err != nil || o.Posted == nil {
		return time.Time{}, err
	}
	return time.Time{}, o.Posted(ctx, n, message)
}

func (o *Outbox) send(ctx context.Context, n notices.Notice, bot string, to bots.To, screen bots.Screen, patience time.Duration) (string, error) {
	request := string(n.ID) + ":" + time.Duration(n.Tries).String()
	sender, err := o.sender(ctx, bot, to, n.Rank(), request)
	for end := time.Now().Add(patience); err != nil; { // by the clock on the wall: it is a pause, and decides nothing
		var e *bots.SendError
		if !errors.As(err, &e) || e.Outcome != bots.TooFast || time.Now().Add(e.RetryAfter).After(end) {
			return "", err
		}
		select {
		case <-ctx.Done():
			return "", err
		case <-time.After(max(e.RetryAfter, time.Millisecond)):
		}
		sender, err = o.sender(ctx, bot, to, n.Rank(), request)
	}
	return sender.Send(ctx, to, screen, string(n.ID))
}

// sender returns the bot, once it may send. It waits for no budget: where there
// is none left now, it says TooFast.
func (o *Outbox) sender(ctx context.Context, bot string, to bots.To, rank notices.Rank, request string) (Sender, error) {
	sender, ok := o.Sender(bot)
	if !ok {
		return nil, &bots.SendError{Outcome: bots.Refused, Err: errors.New("no such bot: " + bot)}
	}
	rates := sender.Rates()
	chat := live.Budget{Name: bot + ":" + to.Chat + to.Account, Every: rates.Private, Burst: 3}
	if to.Chat != "" {
		chat.Every, chat.Burst = rates.Group, 2
	}
	budgets := []live.Budget{{Name: bot, Every: rates.All, Burst: 5}, chat}
	if rank == notices.Mass {
		budgets = append([]live.Budget{{Name: bot + ":mass", Every: MassPace(rates), Burst: 3}}, budgets...)
	}
	for _, b := range budgets {
		// What was taken for a try that another budget refused is not lost: within
		// a minute the same request takes it without a wait.
		pause, err := o.Live.Spend(ctx, b, request)
		if err != nil {
			break // without Redis the platform's own answer is the limit
		}
		if pause > 0 && o.Turns && to.Account != "" && b.Name != chat.Name {
			pause = o.turn(b, pause)
		}
		if pause > 0 {
			return nil, &bots.SendError{Outcome: bots.TooFast, RetryAfter: pause, Err: errors.New("our own budget")}
		}
	}
	return sender, nil
}

// turn gives who has to wait for a budget a moment of their own, after all others
// who wait for it, and returns how long it is till then.
func (o *Outbox) turn(b live.Budget, pause time.Duration) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.Clock.Now()
	if after := o.turns[b.Name].Add(b.Every).Sub(now); after > pause {
		pause = after
	}
	o.turns[b.Name] = now.Add(pause)
	return pause
}

// Edit brings an earlier message in a chat up to date, within the same budgets
// as what is sent: an error with the outcome TooFast says that there is none
// left now, and the next edit will show all that has changed by then.
func (o *Outbox) Edit(ctx context.Context, bot string, to bots.To, message string, screen bots.Screen, request string) error {
	sender, err := o.sender(ctx, bot, to, notices.Posted, request)
	if err != nil {
		return err
	}
	return sender.Edit(ctx, to, message, screen)
}

// failed records a try that may be worth another.
func (o *Outbox) failed(ctx context.Context, n notices.Notice, err error) (time.Time, error) {
	var e *bots.SendError
	switch {
	case errors.As(err, &e) && e.Outcome == bots.TooFast:
		return o.later(ctx, n, "too fast", max(e.RetryAfter, 10*time.Millisecond))
	case errors.As(err, &e) && e.Outcome == bots.Malformed:
		o.Log.Error("the platform does not take a message", "notice", n.ID, "kind", n.Kind, "err", err)
	case n.Tries < mostTry:
		o.Log.Warn("notice is not delivered yet", "notice", n.ID, "kind", n.Kind, "err", err)
		return o.later(ctx, n, err.Error(), wait(n.Tries))
	}
	if n.Member != "" {
		return time.Time{}, o.unread(ctx, n, err.Error())
	}
	return time.Time{}, o.Notices.Dead(ctx, o.Worker, n.ID, err.Error())
}

func (o *Outbox) later(ctx context.Context, n notices.Notice, problem string, pause time.Duration) (time.Time, error) {
	until := o.Clock.Now().Add(pause)
	return until, o.Notices.Later(ctx, o.Worker, n.ID, problem, until)
}

// wait doubles from a second to ten minutes.
func wait(tries int) time.Duration { return min(10*time.Minute, time.Second<<min(tries, 10)) }
