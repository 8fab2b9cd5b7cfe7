// Package rehearse plays a planned drop from its announcement to its end: the
// real program, against stand-ins for Telegram, Discord and Stripe on this
// machine, with as many made-up members as are expected, and everything in it
// that goes wrong on such a day: bots that press a hundred times, winners who
// pay late or never, webhooks that are late or lost, a program that dies in the
// middle of the rush.
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
	"time"

	"github.com/soukchat/souk/bots/shop"
	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database"
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
	opens := plan.Opens.Start(zone)
	if opts.ahead == 0 {
		opts.ahead = 24 * time.Hour
	}
	begin, start := opens.Add(-opts.ahead), opens.Add(-opts.ahead)
	if plan.Announce != "" {
		begin = plan.Announce.Start(zone)
		start = begin.Add(-time.Minute)
	}
	r := &rehearsal{Options: opts, dice: rand.New(rand.NewPCG(opts.Seed, 6)), drop: commerce.DropID(commerce.PublicID("drop", opts.Drop)), of: map[commerce.MemberID]*person{}}
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
	d, ok := cfg.Drops[name]
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
	case d.Mode != string(drops.Queue) && d.Mode != string(drops.Draws):
		return fmt.Errorf("a drop of the mode %q cannot be rehearsed yet: only queue and draw can", d.Mode)
	case len(d.Who) > 0:
		return errors.New("a drop that is for some members only (who) cannot be rehearsed yet: take `who` out of a copy of the plan to rehearse the rest of it")
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
		m, err := a.Members.Meet(ctx, members.Seen{Platform: p.platform, Account: p.account, Name: p.name, Locale: "en", Bot: bot, Private: p.follows})
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

// tell goes from the announcement to the opening.
func (r *rehearsal) tell(ctx context.Context) error {
	if err := r.advance(ctx, r.report.Announced.Add(time.Second), time.Minute); err != nil {
		return err
	}
	drop, err := r.get(ctx)
	if errors.Is(err, drops.ErrNone) {
		return r.unannounced(ctx)
	}
	if r.plan = drop.Plan; err != nil {
		return err
	}
	r.spoilt("announced")
	for i := 0; ; i++ {
		drop, err := r.get(ctx)
		if err != nil {
			return err
		}
		now := r.clock.Now()
		r.Progress("the groups and followers are told", 0.1+0.2*min(1, float64(now.Sub(r.report.Announced))/float64(r.plan.Opens.Sub(r.report.Announced))))
		if drop.State == drops.Open {
			r.report.Opened = drop.OpenedAt
			break
		}
		if now.Sub(r.report.Planned) > 12*time.Hour || drop.State != drops.Announced {
			r.report.Short = true // it never opens: judge says so
			break
		}
		next := now.Add(time.Second)
		for _, before := range []time.Duration{25 * time.Hour, 24 * time.Hour, 2 * time.Hour, time.Hour, 10 * time.Minute, 5 * time.Minute, 0} {
			if at := drop.Opens.Add(-before); at.After(now) { // what is due then, and so early that it can end by then
				next = at
				break
			}
		}
		if err := r.advance(ctx, next, 30*time.Minute); err != nil {
			return err
		}
	}
	if err := r.told(ctx); err != nil || r.report.Short {
		return err
	}
	return r.cards(ctx)
}

// unannounced says why a drop was not announced.
func (r *rehearsal) unannounced(ctx context.Context) error {
	r.report.Short = true
	plan := r.Config.Drops[r.Drop]
	snap, err := r.program().Catalog.Snapshot(ctx)
	if err != nil {
		return err
	}
	p, ok := snap.Product(catalog.ProductID(app.BrandID(plan.Brand), plan.Product))
	if !ok {
		return errors.New("no feed holds the goods of this drop: `souk check` says what is missing")
	}
	for _, v := range p.Variants {
		if err := r.program().DB.Read(ctx, func(tx *database.Tx) error {
			var free int64
			err := tx.Row(`SELECT free FROM stock WHERE variant_id = $1`, v.ID).Scan(&free)
			r.report.Free += free
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// cards lets the groups' cards show that it is open.
func (r *rehearsal) cards(ctx context.Context) error {
	claim := r.words.Say("button.claimdrop")
	if r.plan.Mode == drops.Draws {
		claim = r.words.Say("button.enterdraw")
	}
	for range 600 {
		ready := true
		for _, c := range r.chats {
			ready = ready && (c.message == "" || len(c.members) == 0 || r.firstButton(c) == claim)
		}
		if ready {
			return nil
		}
		if err := r.advance(ctx, r.clock.Now().Add(500*time.Millisecond), time.Second); err != nil {
			return err
		}
	}
	return errors.New("the cards in the groups do not show that it is open")
}

// told reads who was told when.
func (r *rehearsal) told(ctx context.Context) error {
	cards, notes := map[string]*chat{}, r.report
	for _, c := range r.chats {
		cards[c.id] = c
	}
	at := map[commerce.MemberID]time.Time{}
	err := r.program().DB.Read(ctx, func(tx *database.Tx) error {
		if err := tx.Rows(`SELECT p.chat, p.message, n.state, n.problem, n.sent_at FROM drop_posts p JOIN notices n ON n.id = p.notice_id WHERE p.drop_id = $1`,
			[]any{r.drop}, func(scan func(...any) error) error {
				var chat, message, state, problem string
				var sent int64
				err := scan(&chat, &message, &state, &problem, &sent)
				if c := cards[chat]; c != nil {
					if c.message = message; state == "sent" {
						c.told = commerce.FromMicros(sent)
					} else {
						c.problem = state + " " + problem
					}
				}
				return err
			}); err != nil {
			return err
		}
		return tx.Rows(`SELECT t.member_id, n.state, n.problem, n.sent_at FROM drop_tellings t JOIN notices n ON n.id = t.notice_id WHERE t.drop_id = $1`,
			[]any{r.drop}, func(scan func(...any) error) error {
				var m commerce.MemberID
				var state, problem string
				var sent int64
				err := scan(&m, &state, &problem, &sent)
				if state == "sent" {
					at[m] = commerce.FromMicros(sent)
				}
				return err
			})
	})
	if err != nil {
		return err
	}
	for m, p := range r.of {
		p.told = p.chat.told
		if sent, ok := at[m]; ok {
			p.told = sent
			notes.FollowersTold++
			notes.LastTold = later(notes.LastTold, sent)
		} else if p.follows {
			notes.FollowersFailed++
		}
	}
	for _, c := range r.chats {
		if len(c.members) == 0 {
			continue
		}
		notes.Chats = append(notes.Chats, ChatTold{Name: c.name, Platform: platformName(c.platform), Members: len(c.members), Told: c.told, Problem: c.problem})
		notes.LastTold = later(notes.LastTold, c.told)
	}
	// The list in which members were told, those of one moment in any order.
	list := slices.Clone(r.people)
	r.dice.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	slices.SortStableFunc(list, func(a, b *person) int { return a.told.Compare(b.told) })
	for i, p := range list {
		p.rank = i
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (r *rehearsal) spoilt(at string) {
	if r.spoil != nil {
		r.spoil(r.world, at)
	}
}
