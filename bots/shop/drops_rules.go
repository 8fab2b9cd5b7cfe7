package shop

// This file says in a drop's conversation who may take part in it, what is kept
// for a community, and what a member has of it.

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/loyalty"
)

// forAll reports whether a drop makes no difference between members.
func (v *visit) forAll(d drops.Drop) bool {
	return len(d.Who) == 0 || len(d.Who) == 1 && d.Who[0].Anybody() && d.Who[0].Early == 0
}

// dropWho lists who may take part, nothing where that is everybody.
func (v *visit) dropWho(text bots.Text, d drops.Drop) bots.Text {
	if v.forAll(d) {
		return text
	}
	text = text.Line(regular(v.Say("drop.who")))
	for _, r := range d.Who {
		text = text.Line(regular("• " + v.dropRuleLine(d, r)))
	}
	return text
}

// dropRuleLine says who meets a rule of a drop, and what it gives them.
func (v *visit) dropRuleLine(d drops.Drop, r drops.Rule) string {
	line := v.Rule(r)
	if d.Early() > 0 {
		line += " " + v.Say("drop.whoearly", "Time", v.Moment(d.Opens.Add(-r.Early)))
	}
	if r.First {
		line += " " + v.Say("drop.whofirst")
	}
	return line
}

// Rule says who meets a rule of a drop.
func (w *Words) Rule(r drops.Rule) string {
	called := bots.Clip(r.Called, 48)
	switch {
	case r.Follows != "" && r.Since.IsZero():
		return w.Say("drop.whofollows", "Name", called)
	case r.Follows != "":
		return w.Say("drop.whofollowssince", "Name", called, "Time", w.Moment(r.Since))
	case r.Brand != "" && r.Since.IsZero():
		return w.Say("drop.whobrand", "Name", called)
	case r.Brand != "":
		return w.Say("drop.whobrandsince", "Name", called, "Time", w.Moment(r.Since))
	case r.Community != "" && r.Since.IsZero():
		return w.Say("drop.whomember", "Name", called)
	case r.Community != "":
		return w.Say("drop.whomembersince", "Name", called, "Time", w.Moment(r.Since))
	case r.Role != "":
		return w.Say("drop.whorole", "Name", called)
	case r.Tier != "":
		return w.tierRule(r)
	case r.Lost:
		return w.Say("drop.wholost")
	}
	return w.Say("drop.whoanybody")
}

// tierRule says what a tier of a drop asks for, as it was when the drop was told.
func (w *Words) tierRule(r drops.Rule) string {
	args := []any{"Name", bots.Clip(loyalty.Called(r.Called, r.Names, w.Language()), 48), "Sum", w.counted(r.Sum)}
	if !r.Since.IsZero() {
		return w.Say("drop.whotiersince", append(args, "Time", w.Moment(r.Since))...)
	}
	return w.Say("drop.whotier", args...)
}

// keptFor says how many units are kept for the members of the community whose
// chat this is, of several variants of each: numbers that only fall.
func (v *visit) keptFor(text bots.Text, d drops.Drop, goods *catalog.Snapshot) bots.Text {
	if d.Spilled || d.State != drops.Announced && d.State != drops.Open {
		return text
	}
	all, each := int64(0), []string{}
	for _, s := range d.Stands {
		kept := int64(0)
		for _, p := range s.Pools {
			if p.Community != "" && p.Community == v.scope.community {
				kept += p.Units - p.Sold
			}
		}
		if all += kept; kept == 0 || len(d.Stands) == 1 {
			continue
		}
		if _, variant, ok := goods.Variant(s.Variant); ok {
			each = append(each, bots.Clip(variant.Label(), 40)+" "+strconv.FormatInt(kept, 10))
		}
	}
	switch {
	case all == 0:
		return text
	case d.Spills == 0:
		text = text.Line(regular(v.Count("drop.kept", all)))
	default:
		text = text.Line(regular(v.Count("drop.keptuntil", all, "Time", v.Moment(d.Opens.Add(d.Spills)))))
	}
	if len(each) > 0 {
		text = append(text, regular(" ("+strings.Join(each, ", ")+")"))
	}
	return text
}

// cameFrom is the community whose units a member may have: that of the chat,
// or, where a private chat does not tell it, the one with units that they are
// longest in.
func (v *visit) cameFrom(d drops.Drop) (c commerce.CommunityID) {
	if v.scope.community != "" || !v.ev.Chat.Private {
		return v.scope.community
	}
	var since time.Time
	for _, s := range d.Stands {
		for _, p := range s.Pools {
			if at, in := v.member.In[p.Community]; in && (c == "" || at.Before(since)) {
				c, since = p.Community, at
			}
		}
	}
	return c
}

// refusedDrop says why somebody could not claim: where it is for others, for whom.
func (s *Shop) refusedDrop(v *visit, d drops.Drop, err error) string {
	if errors.Is(err, drops.ErrNotFor) {
		var who []string
		for _, r := range d.Who {
			who = append(who, v.Rule(r))
		}
		next := s.nextTime(v, d)
		return strings.TrimSpace(bots.Clip(v.Say("drop.notforyou", "Who", strings.Join(who, ", ")), bots.MaxNotice-bots.Width(next)-1) + " " + next)
	}
	var e *commerce.Error
	if errors.Is(err, drops.ErrNotYet) && errors.As(err, &e) {
		if opens, ok := e.Args["opens"].(time.Time); ok {
			return v.Say("drop.notyetyou", "Time", v.Moment(opens))
		}
	}
	return v.problem(err)
}

// nextTime says to somebody whom a drop is not for how to be among those of the
// next: "" where they can do nothing for it, or do it already.
func (s *Shop) nextTime(v *visit, d drops.Drop) string {
	for _, r := range d.Who {
		if r.Brand == d.Brand && r.Brand != "" {
			if is, err := s.Drops.Subscribed(v.ctx, v.member.ID, string(r.Brand)); err == nil && !is {
				return v.Say("drop.nextbrand", "Button", v.Say("button.tell"))
			}
		}
		if r.Tier != "" {
			if missing := s.missingTo(v, r.Tier); missing != "" {
				return v.Say("drop.nexttier", "Missing", missing)
			}
		}
		if r.Follows != "" {
			if list, err := s.Creators.Follows(v.ctx, v.member.ID); err == nil && !slices.Contains(list, r.Follows) {
				return v.Say("drop.nextfollow", "Name", bots.Clip(r.Called, 40))
			}
		}
	}
	return ""
}

// mineOf lists what a member has of a drop: what counts, else what became of it;
// and the seat that is free for another, -1 for none.
func (s *Shop) mineOf(v *visit, d drops.Drop) (mine []drops.Entry, free int64, err error) {
	own, err := s.Drops.Own(v.ctx, d.ID, v.member.ID)
	if err != nil {
		return nil, -1, err
	}
	taken := map[int64]bool{}
	for _, e := range own {
		switch e.State {
		case drops.Waits:
			if e, err = s.Drops.Entry(v.ctx, e.ID); err != nil { // with those ahead
				return nil, -1, err
			}
			fallthrough
		case drops.Won, drops.Sold:
			mine, taken[e.Seat] = append(mine, e), true
		case drops.Lost:
			taken[e.Seat] = true
		}
	}
	each := max(d.PerPerson, 1)
	for seat := each - 1; seat >= 0; seat-- {
		if !taken[seat] {
			free = seat + 1
		}
	}
	if int64(len(mine)) >= each {
		free = 0
	}
	if len(mine) == 0 && len(own) > 0 {
		mine = own[:1]
	}
	return mine, free - 1, nil
}

// dropActs are what a member can do with one thing they have of a drop.
func (v *visit) dropActs(s *Shop, d drops.Drop, e drops.Entry) []bots.Button {
	id := string(d.ID)
	joined := false
	if d.Mode == drops.Group {
		_, joined = s.joined(v, e)
	}
	switch {
	case e.State == drops.Won && e.Order != "" && joined && d.State == drops.Open:
		return row(v.primary("button.order", "order", string(e.Order)), v.button("button.leavegroup", "drop", "leave", id, string(e.ID)))
	case e.State == drops.Won && e.Order != "":
		return row(v.primary("button.order", "order", string(e.Order)))
	case e.State == drops.Won:
		return row(v.primary("button.buynow", "buy", claimWord, string(e.ID)), v.button("button.giveup", "drop", "leave", id, string(e.ID)))
	case e.State == drops.Waits && d.Mode == drops.Queue:
		return row(v.button("button.leaveline", "drop", "leave", id, string(e.ID), "line"))
	case e.State == drops.Waits:
		return row(v.button("button.giveup", "drop", "leave", id, string(e.ID), "line"))
	case e.State == drops.Sold:
		return row(v.primary("button.order", "order", string(e.Order)))
	}
	return nil
}

// claimSeat is the button that takes part, with the n-th of one's units.
func (v *visit) claimSeat(d drops.Drop, seat int64) bots.Button {
	if seat == 0 {
		return v.claimButton(d)
	}
	return v.primary("button.claimanother", "drop", "claim", string(d.ID), string(d.Units[0].Variant), strconv.FormatInt(seat, 10))
}

// atTime writes a time of today as a clock, another with its day.
func (v *visit) atTime(t, now time.Time) string {
	if t.Sub(now) < 12*time.Hour {
		return v.Clock(t)
	}
	return v.Moment(t)
}

// yours says until when a unit is kept for its winner.
func (v *visit) yours(d drops.Drop, e drops.Entry, now time.Time) string {
	if d.Paused {
		return v.Say("drop.yourspaused")
	}
	return v.Say("drop.yours", "Minutes", v.span(e.Until.Sub(now)), "Time", v.atTime(e.Until, now))
}

// span writes how long something takes: in minutes, from two hours on in hours.
func (v *visit) span(d time.Duration) any {
	if d < 2*time.Hour {
		return d
	}
	return v.Count("date.hours", int64((d+30*time.Minute)/time.Hour))
}
