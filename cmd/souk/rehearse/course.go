package rehearse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/notices"
)

// This file is what happens once a drop is open.

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

// rush lets everybody come, in the time of clocks, and kills the program in the
// middle of it.
func (r *rehearsal) rush(ctx context.Context) error {
	shown := r.shownChat()
	r.report.Screens = append(r.report.Screens, Screen{"The card in " + shown.name + " when it opens", r.groupCard(shown)})
	k := kindsOf(r.words)
	r.door.counts(true)
	r.clock.run()
	began := time.Now()
	working, stop := context.WithCancel(ctx)
	var work, all sync.WaitGroup
	toil := func() {
		for working.Err() == nil {
			r.program().Rest(working) // what fails is done again, as by the workers
			select {
			case <-working.Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	work.Go(toil)
	var came atomic.Int64
	for _, p := range r.people {
		all.Go(func() {
			select {
			case <-time.After(p.comes):
			case <-ctx.Done():
				return
			}
			r.comeAndPress(ctx, p, k)
			if n := came.Add(1); n%20 == 0 {
				r.Progress(fmt.Sprintf("%d of %d members have come", n, len(r.people)), 0.3+0.3*float64(n)/float64(len(r.people)))
			}
		})
	}
	time.Sleep(r.dies())
	r.report.DiedAt = r.clock.Now().Sub(r.report.Opened)
	buried := r.kill()
	stopped := time.Now()
	err := r.start(ctx)
	r.report.Down = time.Since(stopped)
	all.Wait()
	stop()
	work.Wait()
	buried()
	r.clock.stand()
	r.door.counts(false)
	r.report.Rushed = time.Since(began)
	if err = errors.Join(err, ctx.Err()); err != nil {
		return fmt.Errorf("start again after the crash: %w", err)
	}
	if err := r.rest(ctx); err != nil {
		return err
	}
	if err := r.advance(ctx, r.clock.Now().Add(5*time.Second), time.Second); err != nil { // the cards catch up
		return err
	}
	r.spoilt("rushed")
	return r.answers(ctx)
}

// dies is how long after the opening the program is killed: when half of those
// who can have a place in a queue have come, or a third of a draw.
func (r *rehearsal) dies() time.Duration {
	n := len(r.people) / 3
	if r.plan.Mode == drops.Queue {
		n = min(n, int(r.plan.Total()+r.plan.Line)/2)
	}
	comes := []time.Duration{}
	for _, p := range r.people {
		comes = append(comes, p.comes)
	}
	slices.Sort(comes)
	return comes[n]
}

func (r *rehearsal) shownChat() *chat {
	at := slices.IndexFunc(r.chats, func(c *chat) bool { return len(c.members) > 0 && c.message != "" })
	return r.chats[max(at, 0)]
}

// place is somebody's entry with whose it is.
type place struct {
	drops.Entry
	who *person
}

func (r *rehearsal) places(ctx context.Context) (list []place, err error) {
	err = r.program().DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT id, member_id, variant_id, state, place, won_until, order_id, created_at FROM drop_entries WHERE drop_id = $1 ORDER BY place`,
			[]any{r.drop}, func(scan func(...any) error) error {
				var p place
				var until, at int64
				err := scan(&p.ID, &p.Member, &p.Variant, &p.State, &p.Place, &until, &p.Order, &at)
				p.Drop, p.Until, p.At, p.who = r.drop, commerce.FromMicros(until), commerce.FromMicros(at), r.of[p.Member]
				list = append(list, p)
				return err
			})
	})
	return list, err
}

// handedOn is who was told that a unit has come back for them.
func (r *rehearsal) handedOn(ctx context.Context) (list map[*person]bool, err error) {
	list = map[*person]bool{}
	return list, r.program().DB.Read(ctx, func(tx *database.Tx) error {
		return tx.Rows(`SELECT member_id FROM notices WHERE kind = $1 AND state IN ('sent', 'unread', 'read')`, []any{notices.DropYours}, func(scan func(...any) error) error {
			var m commerce.MemberID
			err := scan(&m)
			list[r.of[m]] = true
			return err
		})
	})
}

// answers holds what everybody was told against what is.
func (r *rehearsal) answers(ctx context.Context) error {
	list, err := r.places(ctx)
	if err != nil {
		return err
	}
	n := r.report
	entry := map[*person]drops.EntryState{}
	later, err := r.handedOn(ctx)
	if err != nil {
		return err
	}
	var arrived, answered []time.Time // at the server, and by it, by place
	for _, p := range list {
		entry[p.who] = p.State
		if p.At.Before(n.LastTold) || n.Opened.Before(n.LastTold) {
			n.TooEarly++
		}
		if at, came := r.door.order[p.who.account]; came && !r.door.hurt[p.who.account] {
			arrived, answered = append(arrived, at), append(answered, p.who.done)
		}
		n.Claims = append(n.Claims, p.At.Sub(n.Opened).Seconds())
	}
	n.Hurt = len(r.door.hurt)
	if r.plan.Mode == drops.Queue {
		n.Tau, n.Overtaken = tau(arrived), overtaken(arrived, answered)
	}
	for _, p := range r.people {
		state := entry[p]
		if p.presses > 1 {
			n.Bots++
			if state == drops.Won {
				n.BotsWon++
			}
		}
		n.Presses += p.presses
		if p.answered == 0 {
			n.Unanswered++
			n.example("got no answer", p.platform+": "+p.problem)
			continue
		}
		if r.door.hurt[p.account] {
			n.HurtLongest = max(n.HurtLongest, p.answered)
		} else {
			n.Answers = append(n.Answers, p.answered)
		}
		want := map[drops.EntryState]string{drops.Won: saidYours, drops.Waits: saidLine, "": saidLate}[state]
		if r.plan.Mode == drops.Draws {
			want = map[drops.EntryState]string{drops.Waits: saidIn}[state]
		}
		if p.kind == saidLine && state == drops.Won && later[p] {
			n.HandedOn++ // a unit came back meanwhile, and they were told
			continue
		}
		if p.kind != want {
			n.Wrong++
			n.example("read something that is not so", p.saw)
		}
	}
	for _, one := range []struct{ kind, title string }{{saidYours, "Who had a unit at once"}, {saidLine, "Who came after them"}, {saidLate, "Who came too late"}, {saidIn, "Who entered the draw"}} {
		for _, p := range r.people {
			if p.kind == one.kind {
				n.Screens = append(n.Screens, Screen{one.title, p.saw})
				break
			}
		}
	}
	shown := r.shownChat()
	n.Screens = append(n.Screens, Screen{"The card in " + shown.name + " after the rush", r.groupCard(shown)})
	return nil
}

// act is what a winner does, at a time.
type act struct {
	at   time.Time
	who  *person
	link string // to pay; "" for ordering
}

// aftermath goes from the rush to the end: the window closes, a draw is made,
// winners pay or do not, what comes back goes to the next.
func (r *rehearsal) aftermath(ctx context.Context) error {
	decided := map[commerce.EntryID]time.Time{}
	var acts []act
	seen := false // what somebody read who won later
	give := r.plan.Closes.Add(max(3*time.Hour, 3*r.plan.PayWithin))
	for {
		drop, err := r.get(ctx)
		if err != nil {
			return err
		}
		now := r.clock.Now()
		if drop.State == drops.Over || drop.State == drops.Cancelled || now.After(give) {
			r.report.Ended = drop.State == drops.Over
			break
		}
		list, err := r.places(ctx)
		if err != nil {
			return err
		}
		next, most := now.Add(10*time.Minute), 10*time.Minute
		for _, p := range list {
			if p.State != drops.Won {
				continue
			}
			next, most = minTime(next, now.Add(30*time.Second)), 30*time.Second
			if decided[p.ID] != p.Until && p.Order == "" {
				decided[p.ID] = p.Until
				acts = r.decide(acts, p, now)
			}
		}
		if now.Before(r.plan.Closes) {
			next = minTime(next, r.plan.Closes)
		}
		slices.SortStableFunc(acts, func(a, b act) int { return a.at.Compare(b.at) })
		if len(acts) > 0 {
			next = minTime(next, acts[0].at)
		}
		if err := r.advance(ctx, next, most); err != nil {
			return err
		}
		for len(acts) > 0 && !acts[0].at.After(r.clock.Now()) {
			one := acts[0]
			if acts = acts[1:]; one.link != "" {
				r.paid(one)
				continue
			}
			if one.who.kind != saidYours && !seen {
				seen = true
				r.report.Screens = append(r.report.Screens, Screen{"Who got theirs later, in private", lastOf(r.chatter(one.who, "private").All())})
			}
			link, err := r.order(one.who, r.words, r.country(), one.who.kind != saidYours) // they look at it where they were told
			if err != nil {
				r.report.Stuck++
				r.report.example("had a unit and could not order it", err.Error())
				continue
			}
			switch one.who.pays {
			case prompt, slow:
				acts = append(acts, act{r.clock.Now().Add(20 * time.Second), one.who, link})
			}
		}
		r.Progress(fmt.Sprintf("%d of %d units are sold", drop.Total()-drop.Left(), drop.Total()), 0.6+0.35*(1-float64(drop.Left())/float64(drop.Total())))
	}
	return r.advance(ctx, r.clock.Now().Add(20*time.Minute), time.Minute) // what is late arrives
}

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// decide says when a winner does what they do.
func (r *rehearsal) decide(acts []act, p place, now time.Time) []act {
	left := p.Until.Sub(now)
	at := now.Add(time.Duration((0.02 + 0.6*r.dice.Float64()) * float64(left)))
	switch p.who.pays {
	case slow:
		at = p.Until.Add(-time.Duration(50+r.dice.IntN(40)) * time.Second)
		r.report.Slow++
	case absent:
		r.report.Absent++
		return acts
	case leaves:
		r.report.Absent++
	}
	return append(acts, act{at: at, who: p.who})
}

func (r *rehearsal) paid(one act) {
	switch err := r.pay(one.link); {
	case err == nil:
		one.who.bought = true
		r.report.Paid++
	case !errors.Is(err, errTooLate):
		r.report.Stuck++
		r.report.example("could not pay", err.Error())
	default:
		r.report.Stuck++
		r.report.example("could not pay", "the order was closed before the time to pay was over")
	}
}

// country is one the brand sends to.
func (r *rehearsal) country() string {
	for _, s := range r.Config.Brands[r.Config.Drops[r.Drop].Brand].Shipping {
		for _, c := range s.To {
			if members.Example(c) != "" {
				return c
			}
		}
	}
	return "DE"
}

// count holds the end against what must be.
func (r *rehearsal) count(ctx context.Context) error {
	r.spoilt("ended")
	n, a := r.report, r.program()
	drop, err := r.get(ctx)
	if err != nil {
		return err
	}
	n.Sold = drop.Total() - drop.Left()
	list, err := r.places(ctx)
	if err != nil {
		return err
	}
	byPlatform, of := map[string]*Share{}, map[string]int{}
	for _, p := range r.people {
		of[p.platform]++
		if byPlatform[p.platform] == nil {
			byPlatform[p.platform] = &Share{Name: platformName(p.platform)}
		}
		byPlatform[p.platform].Members++
	}
	n.Quarters = make([]Share, 4)
	for i := range n.Quarters {
		n.Quarters[i] = Share{Name: []string{"First quarter", "Second quarter", "Third quarter", "Last quarter"}[i]}
	}
	for _, p := range r.people {
		n.Quarters[p.rank*4/len(r.people)].Members++
	}
	sold := 0
	for _, p := range list {
		n.Ends[string(p.State)]++
		if p.State == drops.Sold {
			sold++
			byPlatform[p.who.platform].Units++
			n.Quarters[p.who.rank*4/len(r.people)].Units++
		}
		switch {
		case p.who.bought && p.State != drops.Sold:
			n.Broken++
			n.example("paid in time and has no unit", string(p.State))
		case p.who.kind == saidYours && p.State == drops.Lost, p.State == drops.Sold && !p.who.bought:
			n.Broken++
			n.example("was told one thing and got another", p.who.kind+" then "+string(p.State))
		case p.State == drops.Won, p.State == drops.Waits:
			n.Open++
		}
	}
	n.Entries = len(list)
	if int64(sold) != n.Sold {
		n.Broken++
		n.example("counted differently", fmt.Sprintf("%d units sold, %d buyers", n.Sold, sold))
	}
	for _, name := range []string{"telegram", "discord"} {
		if s := byPlatform[name]; s != nil {
			n.Platforms = append(n.Platforms, *s)
		}
	}
	broken, cash, err := checkout.Audit(ctx, a.DB)
	if err != nil {
		return err
	}
	for cur, amount := range cash {
		if captured, refunded := r.stripe.Taken(cur); amount != captured-refunded {
			broken = append(broken, fmt.Sprintf("the books have %d of the smallest unit of %s in cash, Stripe %d", amount, cur, captured-refunded))
		}
	}
	n.Audit, n.Late = broken, r.late
	if err := a.DB.Read(ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM notices WHERE member_id <> '' AND kind LIKE 'drop.%' AND state IN ('due', 'sending', 'dead')`).Scan(&n.Untold)
	}); err != nil {
		return err
	}
	shown := r.shownChat()
	n.Screens = append(n.Screens, Screen{"The group at the end", lastOf(r.groupAll(shown))})
	if r.plan.Mode == drops.Draws {
		return r.verify(ctx, list)
	}
	return nil
}

func (w *world) groupAll(c *chat) string {
	if c.platform == "discord" {
		return w.discord.Chatter(c.members[0].account, "group").All()
	}
	text := w.telegram.Chatter(c.members[0].number, "group").All()
	if at := strings.LastIndex(text, "]\n("); at > 0 {
		text = text[:at+1] // what they alone were told
	}
	return text
}

// lastOf is the last message of a chat.
func lastOf(all string) string {
	all = strings.TrimSpace(all)
	if i := strings.LastIndex(all, "\n---\n"); i >= 0 {
		return all[i+5:]
	}
	if i := strings.LastIndex(all, "\n\n"); i >= 0 {
		return strings.TrimSpace(all[i:])
	}
	return all
}

// verify checks the draw as its entrants can.
func (r *rehearsal) verify(ctx context.Context, entries []place) error {
	for _, i := range []int{0, len(entries) / 2, len(entries) - 1} {
		if i < 0 || i >= len(entries) {
			continue
		}
		e := entries[i]
		text, err := r.program().Drops.List(ctx, r.drop, e.Variant)
		if err != nil {
			return err
		}
		list, err := drops.ReadList(text)
		if err != nil {
			return err
		}
		proof, err := r.program().Drops.Prove(ctx, e.Entry)
		if err != nil {
			return err
		}
		r.report.Proofs++
		for _, f := range proof.Check(&list) {
			if f.Verdict == drops.Wrong {
				r.report.BadProofs++
				r.report.example("has a proof that does not hold", f.What+": "+f.Text)
			}
		}
	}
	return nil
}
