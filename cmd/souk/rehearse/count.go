package rehearse

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/notices"
)

// This file holds the end against what must be.

// count holds the end against what must be.
func (r *rehearsal) count(ctx context.Context) error {
	r.spoilt("ended")
	n, a := r.report, r.program()
	drop, err := r.get(ctx)
	if err != nil {
		return err
	}
	n.Sold, n.Closed, n.Over = drop.Total()-drop.Left(), drop.Closes, drop.EndedAt
	list, err := r.places(ctx)
	if err != nil {
		return err
	}
	if r.plan.Mode == drops.Group {
		if err := r.charged(ctx, drop, list); err != nil {
			return err
		}
	}
	sold := 0
	for _, p := range list {
		n.Ends[string(p.State)]++
		if p.State == drops.Sold {
			sold++
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
		switch {
		case !p.who.may():
			n.Intruders++
			n.example("may not take part and has a place", p.who.name)
		case p.At.Before(r.opens.Add(-p.who.early)):
			n.TooSoon++
		}
	}
	r.shares(list)
	n.Entries = len(list)
	if int64(sold) != n.Sold {
		n.Broken++
		n.example("counted differently", fmt.Sprintf("%d units sold, %d buyers", n.Sold, sold))
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
		return tx.Row(`SELECT COUNT(*) FROM notices WHERE member_id <> '' AND kind LIKE 'drop.%' AND kind <> $1 AND state IN ('due', 'sending', 'dead')`, notices.DropSoon).Scan(&n.Untold)
	}); err != nil {
		return err
	}
	shown := r.shownChat()
	n.Screens = append(n.Screens, Screen{"The group at the end", lastOf(r.groupAll(shown))})
	switch r.plan.Mode {
	case drops.Draws:
		return r.verify(ctx, list)
	case drops.Invite:
		return r.invited(ctx, list)
	}
	return nil
}

// shares counts the units of parts of the members: of each quarter of the list,
// each platform, each rule. What a part may expect is its share of those for
// whom it opened at the same time.
func (r *rehearsal) shares(list []place) {
	n := r.report
	quarter := func(p *person) int { return p.rank * 4 / len(r.people) }
	platform := func(p *person) int { return map[string]int{"telegram": 0, "discord": 1}[p.platform] }
	units, of := map[turn]float64{}, map[turn]float64{}
	sold := map[*person]int{}
	for _, p := range list {
		if p.State == drops.Sold && p.who.may() {
			units[p.who.turn]++
			sold[p.who]++
		}
	}
	for _, p := range r.people {
		if p.may() {
			of[p.turn]++
		}
	}
	parts := func(names []string, part func(*person) int) (shares []Share) {
		has := make([]map[turn]float64, len(names))
		for i, name := range names {
			shares, has[i] = append(shares, Share{Name: name}), map[turn]float64{}
		}
		for _, p := range r.people {
			if s := &shares[part(p)]; p.may() {
				s.Members++
				s.Units += sold[p]
				has[part(p)][p.turn]++
			}
		}
		for i := range shares {
			for t, members := range has[i] {
				chance := members / of[t]
				shares[i].Even += chance * units[t]
				shares[i].Varies += chance * (1 - chance) * units[t]
			}
		}
		return shares
	}
	n.Quarters = parts([]string{"First quarter", "Second quarter", "Third quarter", "Last quarter"}, quarter)
	n.Platforms = slices.DeleteFunc(parts([]string{"Telegram", "Discord"}, platform), func(s Share) bool { return s.Members == 0 })
	for _, p := range r.people {
		if len(n.Rules) > 0 && p.may() {
			n.Rules[p.by].In++
			n.Rules[p.by].Units += sold[p]
		}
	}
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
