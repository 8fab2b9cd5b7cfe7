package rehearse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/notices"
)

// This file lets members come in a crowd, in the time of clocks, and holds what
// they were told against what is.

// firstButton is the label of the first button of a group's card.
func (w *world) firstButton(c *chat) string {
	if c.platform == "discord" {
		for _, m := range w.discord.Messages(c.members[0].account, c.id) {
			if m.ID == c.message && len(m.Components) > 0 {
				return m.Components[0].Components[0].Label
			}
		}
		return ""
	}
	id, _ := strconv.ParseInt(c.id, 10, 64)
	for _, m := range w.telegram.Messages(c.members[0].number, id) {
		if strconv.FormatInt(m.MessageID, 10) == c.message && m.ReplyMarkup != nil && len(m.ReplyMarkup.Rows) > 0 {
			return m.ReplyMarkup.Rows[0][0].Text
		}
	}
	return ""
}

// groupCard is what everybody in a group reads there.
func (w *world) groupCard(c *chat) string {
	look := w.chatter(c.members[0], "group")
	if c.platform == "telegram" {
		look = w.telegram.Chatter(c.members[0].number, "group")
	}
	text, _, _ := strings.Cut(look.Screen(), "\n(") // what they alone were told
	return text
}

// rush lets everybody come when it opens for them, and kills the program's process
// in the middle of the largest crowd.
func (r *rehearsal) rush(ctx context.Context) error {
	shown := r.shownChat()
	r.report.Screens = append(r.report.Screens, Screen{"The card in " + shown.name + " when it opens", r.groupCard(shown)})
	if r.plan.Mode == drops.Group {
		return r.join(ctx)
	}
	drop, err := r.get(ctx)
	if err != nil {
		return err
	}
	waves := r.waves(drop.Opens)
	large := 0
	for i, w := range waves {
		if w.own > waves[large].own {
			large = i
		}
	}
	for i, w := range waves {
		if err := r.until(ctx, w.at); err != nil {
			return err
		}
		if drop, err = r.get(ctx); err != nil {
			return err
		}
		if drop.State != drops.Open {
			for _, w := range waves[i:] {
				r.report.NeverCame += w.own // all was sold before it opened for them
			}
			break
		}
		if err := r.come(ctx, w.come, i == large); err != nil {
			return err
		}
		r.spoilt("rushed")
		if err := r.answers(ctx, w.come, w.at); err != nil {
			return err
		}
	}
	r.report.Screens = append(r.report.Screens, Screen{"The card in " + shown.name + " after the rush", r.groupCard(shown)})
	return nil
}

// come lets people come, in the time of clocks, and may kill the program's
// process in the middle of it.
func (r *rehearsal) come(ctx context.Context, people []*person, kill bool) error {
	k := kindsOf(r.words)
	r.door.counts()
	opened := r.clock.Now()
	stand, err := r.runs(ctx, kill)
	if err != nil {
		return err
	}
	began := time.Now()
	var all sync.WaitGroup
	for _, p := range people {
		all.Go(func() {
			select {
			case <-time.After(p.comes):
			case <-ctx.Done():
				return
			}
			r.comeAndPress(ctx, p, k)
			if p.wants > 1 {
				r.further(ctx, p, k, r.words.Say("button.claimanother"))
			}
			if n := r.came.Add(1); n%20 == 0 && n <= int64(len(r.people)) {
				r.Progress(fmt.Sprintf("%d of %d members have come", n, len(r.people)), 0.3+0.3*float64(n)/float64(len(r.people)))
			}
		})
	}
	if kill {
		time.Sleep(r.dies(people))
		r.report.DiedAt = r.clock.Now().Sub(opened)
		r.report.Down, err = r.crash(ctx)
	}
	all.Wait()
	stand()
	r.door.counted(people)
	r.report.Rushed += time.Since(began)
	if err = errors.Join(err, ctx.Err()); err != nil {
		return fmt.Errorf("go on after the crash: %w", err)
	}
	if err := r.rest(ctx); err != nil {
		return err
	}
	return r.advance(ctx, r.clock.Now().Add(5*time.Second), time.Second) // the cards catch up
}

// runs lets the clock run with the shop at work, until stand is called: in a
// process of its own, where it is apart, until that is killed.
func (r *rehearsal) runs(ctx context.Context, apart bool) (stand func(), err error) {
	r.clock.run()
	if apart {
		if err := r.startProcess(ctx); err != nil {
			return nil, err
		}
	}
	working, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() {
		for working.Err() == nil {
			if a := r.program(); a != nil {
				a.Rest(working) // what fails is done again, as by the workers
			}
			select {
			case <-working.Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	})
	return func() {
		stop()
		work.Wait()
		r.clock.stand()
	}, nil
}

// crash kills the program's process, and has the one here take over.
func (r *rehearsal) crash(ctx context.Context) (down time.Duration, err error) {
	began := time.Now()
	if err := r.killProcess(); err != nil {
		return 0, err
	}
	r.report.Killed++
	err = r.start(ctx)
	return time.Since(began), err
}

// dies is how long after they begin to come the process is killed: when half of
// those who can have a place in a queue have come, else a third of all.
func (r *rehearsal) dies(people []*person) time.Duration {
	n := len(people) / 3
	if r.plan.Mode == drops.Queue {
		n = min(n, int(r.plan.Total()+r.plan.Line)/2)
	}
	comes := []time.Duration{}
	for _, p := range people {
		comes = append(comes, p.comes)
	}
	slices.Sort(comes)
	if len(comes) == 0 {
		return 0
	}
	return comes[n]
}

func (r *rehearsal) shownChat() *chat {
	at := slices.IndexFunc(r.chats, func(c *chat) bool { return len(c.members) > 0 && c.message != "" })
	return r.chats[max(at, 0)]
}

func (r *rehearsal) places(ctx context.Context) (list []place, err error) {
	err = r.program().DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT id, member_id, variant_id, seat, state, place, won_until, order_id, created_at, pool FROM drop_entries WHERE drop_id = $1 ORDER BY place`,
			[]any{r.drop}, func(scan func(...any) error) error {
				var p place
				var until, at int64
				err := scan(&p.ID, &p.Member, &p.Variant, &p.Seat, &p.State, &p.Place, &until, &p.Order, &at, &p.Pool)
				p.Drop, p.Until, p.At, p.who = r.drop, commerce.FromMicros(until), commerce.FromMicros(at), r.of[p.Member]
				list = append(list, p)
				return err
			})
	})
	return list, err
}

// handedOn is who was told that a unit has come back for them, or is being told
// again, where the process was killed meanwhile.
func (r *rehearsal) handedOn(ctx context.Context) (list map[*person]bool, err error) {
	list = map[*person]bool{}
	return list, r.program().DB.Read(ctx, func(tx *database.Tx) error {
		return tx.Rows(`SELECT member_id FROM notices WHERE kind = $1 AND state IN ('sending', 'sent', 'unread', 'read')`, []any{notices.DropYours}, func(scan func(...any) error) error {
			var m commerce.MemberID
			err := scan(&m)
			list[r.of[m]] = true
			return err
		})
	})
}

// answers holds what people were told, who came when it opened for some of them,
// against what is.
func (r *rehearsal) answers(ctx context.Context, people []*person, opened time.Time) error {
	list, err := r.places(ctx)
	if err != nil {
		return err
	}
	n, k := r.report, kindsOf(r.words)
	entry, has := map[*person]drops.EntryState{}, map[*person]map[drops.EntryState]int{}
	later, err := r.handedOn(ctx)
	if err != nil {
		return err
	}
	came := map[*person]bool{}
	for _, p := range people {
		came[p] = true
	}
	var arrived, answered []time.Time // at the server, and by it, by place
	for _, p := range list {
		if !came[p.who] {
			continue
		}
		if has[p.who] == nil {
			has[p.who] = map[drops.EntryState]int{}
		}
		has[p.who][p.State]++
		if best := entry[p.who]; best != drops.Won && (best != drops.Waits || p.State == drops.Won) {
			entry[p.who] = p.State
		}
		if p.At.Before(n.LastTold) || n.Opened.Before(n.LastTold) {
			n.TooEarly++
		}
		if p.Seat == 0 && !p.who.arrived.IsZero() && !p.who.hurt {
			arrived, answered = append(arrived, p.who.arrived), append(answered, p.who.done)
		}
		n.Claims = append(n.Claims, p.At.Sub(opened).Seconds())
	}
	if r.plan.Mode == drops.Queue { // whoever comes later is behind all of those
		right, wrong := pairs(arrived)
		n.right, n.wrong = n.right+right, n.wrong+wrong
		n.Tau = tau(n.right, n.wrong)
		n.Overtaken += overtaken(arrived, answered)
	}
	for _, p := range people {
		r.several(p, has[p], k, later[p])
		r.answered(p, entry[p], r.opens.Add(-p.early).After(opened), later[p])
	}
	for _, one := range []struct{ kind, title string }{{saidYours, "Who had a unit at once"}, {saidJoin, "Who wants to join"}, {saidLine, "Who came after them"}, {saidLate, "Who came too late"},
		{saidIn, "Who entered the draw"}, {saidNot, "Whom it is not for"}, {saidSoon, "For whom it opens later"}} {
		if at := slices.IndexFunc(people, func(p *person) bool { return p.kind == one.kind }); at >= 0 && !r.shown[one.kind] {
			r.shown[one.kind] = true
			n.Screens = append(n.Screens, Screen{one.title, people[at].saw})
		}
	}
	return nil
}

// several holds the units and places that somebody reads they have against
// those that they have.
func (r *rehearsal) several(p *person, has map[drops.EntryState]int, k kinds, later bool) {
	n := r.report
	p.yours = k.count(p.saw, saidYours)
	if p.wants < 2 || p.kind != saidYours && p.kind != saidLine {
		return
	}
	n.Further++
	told := p.yours == has[drops.Won] && k.count(p.saw, saidLine) == has[drops.Waits]
	if !told && !(later && p.yours <= has[drops.Won]) { // some came back meanwhile, and they were told
		n.Wrong++
		n.example("read of more or fewer units than they have", p.saw)
	}
}

// answered holds what one was told against their place. soon says that it had
// not opened for them, later that a unit came back for them.
func (r *rehearsal) answered(p *person, state drops.EntryState, soon, later bool) {
	n := r.report
	if p.hurt {
		n.Hurt++
	}
	if p.presses > 1 && !soon {
		n.Bots++
		if state == drops.Won {
			n.BotsWon++
		}
	}
	n.Presses += p.presses
	if p.answered == 0 {
		n.Unanswered++
		n.example("got no answer", p.platform+": "+p.problem)
		return
	}
	if p.hurt {
		n.HurtLongest = max(n.HurtLongest, p.answered)
	} else {
		n.Answers = append(n.Answers, p.answered)
	}
	want := map[drops.EntryState]string{drops.Won: saidYours, drops.Waits: saidLine, "": saidLate}[state]
	switch {
	case !p.may():
		if want = saidNot; p.kind == saidNot && !r.namesRules(p.saw) {
			n.Wrong++
			n.example("was refused and not told for whom it is", p.saw)
			return
		}
		n.Refused++
	case soon:
		want = saidSoon
		n.Soon++
	case r.plan.Mode == drops.Draws:
		want = map[drops.EntryState]string{drops.Waits: saidIn}[state]
	case r.plan.Mode == drops.Group:
		want = map[drops.EntryState]string{drops.Won: saidJoin, "": saidLate}[state]
	case p.kind == saidLine && state == drops.Won && later:
		n.HandedOn++ // a unit came back meanwhile, and they were told
		return
	}
	if p.kind != want {
		n.Wrong++
		n.example("read something that is not so", p.saw)
	}
}
