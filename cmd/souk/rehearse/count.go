package rehearse

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/soukchat/souk/commerce"
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
	sold, has := 0, map[*person]map[drops.EntryState]int{}
	for _, p := range list {
		n.Ends[string(p.State)]++
		if has[p.who] == nil {
			has[p.who] = map[drops.EntryState]int{}
		}
		has[p.who][p.State]++
		if p.State == drops.Sold {
			sold++
		}
		if p.State == drops.Won || p.State == drops.Waits {
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
	for who, of := range has {
		all := 0
		for _, many := range of {
			all += many
		}
		switch {
		case who.bought > of[drops.Sold]:
			n.Broken++
			n.example("paid in time and has no unit", fmt.Sprintf("%d paid: %v", who.bought, of))
		case who.kind == saidYours && of[drops.Lost] > max(0, all-who.yours), of[drops.Sold] > who.bought:
			n.Broken++
			n.example("was told one thing and got another", fmt.Sprintf("%s, %d paid, then %v", who.kind, who.bought, of))
		}
		if all > n.Each {
			n.TooMany++
			n.example("has more units than one person may", who.name)
		}
		if of[drops.Sold] > 1 {
			n.Several++
		}
	}
	r.shares(list)
	n.Entries = len(has)
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

// lot is units that some members had the same chance to have: those of a turn,
// of one community where the unit was kept for it.
type lot struct {
	turn
	pool commerce.CommunityID
}

func (l lot) is(p *person) bool {
	return p.may() && p.turn == l.turn && (l.pool == "" || l.pool == commerce.CommunityID(p.chat.community))
}

// shares counts the units of parts of the members: of each quarter of the list,
// each platform, each rule. What a part may expect is its share of each lot.
func (r *rehearsal) shares(list []place) {
	n := r.report
	units, sold := map[lot]float64{}, map[*person]int{}
	each := float64(max(n.Each, 1))
	for _, p := range list {
		if p.State == drops.Sold && p.who.may() {
			units[lot{p.who.turn, p.Pool}]++
			sold[p.who]++
		}
	}
	parts := func(names []string, part func(*person) int) (shares []Share) {
		for _, name := range names {
			shares = append(shares, Share{Name: name})
		}
		for _, p := range r.people {
			if s := &shares[part(p)]; p.may() {
				s.Members++
				s.Units += sold[p]
			}
		}
		for l, n := range units {
			has, of := make([]float64, len(names)), 0.0
			for _, p := range r.people {
				if l.is(p) {
					has[part(p)]++
					of++
				}
			}
			for i := range shares {
				if of == 0 {
					continue // it was kept for those who are not here
				}
				chance := has[i] / of
				shares[i].Even += chance * n
				shares[i].Varies += chance * (1 - chance) * n * each // they come together
			}
		}
		return shares
	}
	n.Quarters = parts([]string{"First quarter", "Second quarter", "Third quarter", "Last quarter"}, func(p *person) int { return p.rank * 4 / len(r.people) })
	n.Platforms = slices.DeleteFunc(parts([]string{"Telegram", "Discord"}, func(p *person) int { return map[string]int{"telegram": 0, "discord": 1}[p.platform] }),
		func(s Share) bool { return s.Members == 0 })
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
