// Package rehearse plays a planned drop from its announcement to its end: the
// real program, against stand-ins for Telegram, Discord and Stripe on this
// machine, with as many made-up members as are expected, and everything in it
// that goes wrong on such a day: bots that press a hundred times, winners who
// pay late or never, webhooks that are late or lost, a process that is killed in
// the middle of the rush.
//
// It changes nothing outside of its folder, knows no rule of the shop, and
// moves its own clock: a drop that opens next month takes a minute. Start at
// Run; what it found is a Report, which Text and Page write down.
package rehearse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukchat/souk/bots/shop"
	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/config"
	"github.com/soukchat/souk/sandbox/stripe"
)

// Options say what is rehearsed.
type Options struct {
	Config  *config.Config // loaded by config.LoadPreview
	Drop    string         // its name there
	Dir     string         // where the database goes
	Members int            // who come; 0 for what the plan expects
	Seed    uint64
	Log     *slog.Logger
	// Progress is told what is going on, and how much of all is done, from 0 to 1.
	Progress func(doing string, done float64)

	over  time.Duration // in which they come, 0 for as usual
	ahead time.Duration // how long before the opening a plan is read that is announced at once, 0 for a day
	grace time.Duration // how much later than planned it may open, 0 for as usual
	spoil func(w *world, at string)
}

// rehearsal is one under way.
type rehearsal struct {
	Options
	*world
	dice   *rand.Rand
	plan   drops.Plan
	drop   commerce.DropID
	people []*person
	of     map[commerce.MemberID]*person
	words  *shop.Words
	report *Report
	late   int // events of Stripe that came late or never

	opens   time.Time // for those for whom it opens last
	came    atomic.Int64
	acts    []act                          // what members will do
	decided map[commerce.EntryID]time.Time // until when a unit is kept that its winner has made up their mind about
	shown   map[string]bool                // of which a screen is in the report
	lost    bool                           // somebody loses their authorisation
}

// Run rehearses a drop. An error says that it could not be rehearsed; whether
// the plan would hold is in the report.
func Run(ctx context.Context, opts Options) (_ *Report, err error) {
	say, saying := opts.Progress, sync.Mutex{}
	opts.Progress = func(doing string, done float64) {
		saying.Lock()
		defer saying.Unlock()
		if say != nil {
			say(doing, done)
		}
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if err := Can(opts.Config, opts.Drop); err != nil {
		return nil, err
	}
	plan, zone := opts.Config.Drops[opts.Drop], opts.Config.Policies.Zone()
	opens := plan.Opens.Start(zone) // for the first
	early := time.Duration(0)
	for _, rule := range plan.Who {
		early = max(early, rule.Early.D())
	}
	opens = opens.Add(-early)
	if opts.ahead == 0 {
		opts.ahead = 24 * time.Hour
	}
	begin, start := opens.Add(-opts.ahead), opens.Add(-opts.ahead)
	if plan.Announce != "" {
		begin = plan.Announce.Start(zone)
		start = begin.Add(-time.Minute)
	}
	r := &rehearsal{Options: opts, dice: rand.New(rand.NewPCG(opts.Seed, 6)), drop: commerce.DropID(commerce.PublicID("drop", opts.Drop)), of: map[commerce.MemberID]*person{},
		decided: map[commerce.EntryID]time.Time{}, shown: map[string]bool{}}
	if r.world, err = open(opts, start); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.end()) }()
	r.report = &Report{Drop: opts.Drop, Title: plan.Title, Mode: plan.Mode, Seed: opts.Seed, Zone: zone, Planned: opens, Announced: begin, began: time.Now(),
		Ends: map[string]int{}, Examples: map[string]string{}}
	for _, step := range []struct {
		doing string
		done  float64
		do    func(context.Context) error
	}{
		{"the shop and its members are set up", 0, r.setUp}, {"the groups and followers are told", 0.1, r.tell}, {"everybody comes at once", 0.3, r.rush},
		{"winners pay, or do not", 0.6, r.aftermath}, {"it is all counted", 0.97, r.count},
	} {
		opts.Progress(step.doing, step.done)
		if err := step.do(ctx); err != nil {
			return nil, fmt.Errorf("while %s: %w", step.doing, err)
		}
		if r.report.Short { // there was nothing to go on with
			break
		}
	}
	r.report.judge(cmp.Or(opts.grace, Grace))
	r.report.Took = time.Since(r.report.began).Round(100 * time.Millisecond)
	return r.report, nil
}

// Can says why a drop cannot be rehearsed, nil where it can.
func Can(cfg *config.Config, name string) error {
	_, ok := cfg.Drops[name]
	switch {
	case !ok && len(cfg.Drops) == 0:
		return errors.New("this configuration plans no drop: add one under drops")
	case !ok:
		names := []string{}
		for n := range cfg.Drops {
			names = append(names, n)
		}
		slices.Sort(names)
		return fmt.Errorf("there is no drop %q in this configuration; there is %s", name, listed(names))
	}
	return nil
}

func (r *rehearsal) setUp(ctx context.Context) error {
	if err := r.start(ctx); err != nil {
		return err
	}
	a := r.program()
	r.words = a.Shop.Words("en")
	plan := r.Config.Drops[r.Drop]
	if r.report.Units = plan.Units.N(); len(plan.Variants) > 0 {
		for _, n := range plan.Variants {
			r.report.Units += n.N()
		}
	}
	r.report.PayWithin = plan.PayWithin.D()
	var told []*chat
	brand := plan.Brand
	for _, c := range r.chats {
		com := r.Config.Communities[c.community]
		if (len(plan.Communities) == 0 || slices.Contains(plan.Communities, c.community)) && (len(com.Brands) == 0 || slices.Contains(com.Brands, brand)) {
			told = append(told, c)
		}
	}
	if len(told) == 0 {
		return errors.New("no chat would be told of this drop: its communities have none, or do not show the brand")
	}
	n := r.Members
	if n == 0 {
		n = int(plan.Expects.N())
	}
	if n == 0 { // ten for each unit, where nobody says
		n = int(min(max(10*r.report.Units, 20), 10_000))
	}
	if r.over == 0 {
		r.over = max(8*time.Second, time.Duration(n)*time.Second/150)
	}
	followers := int(plan.Followers.N())
	if followers == 0 {
		followers = n / 2
	}
	all := crowd(r.dice, n, min(followers, 20_000), told, r.over)
	r.people, r.report.Members = all[:n], n
	if variants := slices.Sorted(maps.Keys(plan.Variants)); len(variants) > 1 {
		for _, p := range all {
			p.variant = variants[r.dice.IntN(len(variants))]
		}
	}
	r.report.Each = int(max(plan.PerPerson.N(), 1))
	if dice := rand.New(rand.NewPCG(r.Seed, 10)); r.report.Each > 1 {
		for i, p := range r.people {
			if i%3 == 0 || p.presses > 1 {
				p.wants = 2 + dice.IntN(r.report.Each-1)
			}
		}
	}
	r.pasts(all)
	r.fill(all)
	for name := range r.cfg.Bots {
		if err := a.RegisterBot(ctx, name); err != nil {
			return fmt.Errorf("register with a stand-in: %w", err)
		}
	}
	for i, p := range all {
		if p.follows && p.platform == "telegram" { // nobody can be written to who never wrote
			if err := r.telegram.As(p.number).Start(""); err != nil {
				return err
			}
			r.telegram.Rest(ctx)
		}
		bot := ""
		for name, b := range r.cfg.Bots {
			if (b.Telegram != nil) == (p.platform == "telegram") {
				bot = name
			}
		}
		seen := members.Seen{Platform: p.platform, Account: p.account, Name: p.name, Locale: "en", Bot: bot, Private: p.follows}
		if p.seen {
			seen.Community, seen.Joined = commerce.CommunityID(p.chat.community), p.joined
		}
		m, err := a.Members.Meet(ctx, seen)
		if err != nil {
			return err
		}
		r.of[m.ID] = p
		if p.follows {
			if err := a.Drops.Subscribe(ctx, m.ID, string(app.BrandID(brand))); err != nil {
				return err
			}
		}
		if i%50 == 0 {
			r.Progress("the shop and its members are set up", 0.1*float64(i)/float64(len(all)))
		}
	}
	if err := r.remember(ctx); err != nil {
		return err
	}
	r.stripe.Deliver(r.deliver())
	return r.rest(ctx)
}

// deliver makes some webhooks of Stripe late, some come twice, some never.
func (r *rehearsal) deliver() func(string, string) stripe.Delivery {
	dice := rand.New(rand.NewPCG(r.Seed, 7))
	return func(string, string) stripe.Delivery {
		switch d := dice.IntN(100); {
		case d < 5:
			r.late++
			return stripe.Delivery{}
		case d < 20:
			r.late++
			return stripe.Delivery{Copies: 1, Delay: time.Duration(1+dice.IntN(8)) * time.Minute}
		case d < 30:
			return stripe.Delivery{Copies: 2}
		}
		return stripe.Delivery{Copies: 1}
	}
}

// advance lets time pass, with the shop at work all the while.
func (r *rehearsal) advance(ctx context.Context, to time.Time, most time.Duration) error {
	for now := r.clock.Now(); now.Before(to); now = r.clock.Now() {
		step := min(most, to.Sub(now))
		next, err := r.program().Notices.Next(ctx)
		if err != nil {
			return err
		}
		if !next.IsZero() {
			step = min(step, max(next.Sub(now), 110*time.Millisecond))
		}
		r.clock.move(step)
		r.mini.FastForward(step)
		if err := r.rest(ctx); err != nil {
			return err
		}
	}
	return r.rest(ctx)
}

func (r *rehearsal) get(ctx context.Context) (drops.Drop, error) {
	return r.program().Drops.Get(ctx, r.drop)
}

func (r *rehearsal) spoilt(at string) {
	if r.spoil != nil {
		r.spoil(r.world, at)
	}
}
