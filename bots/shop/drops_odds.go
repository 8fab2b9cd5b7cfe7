package shop

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
)

// why says how it stands for a member in the drop they came to last, or in one
// that has opened since and is not for them: "why".
func (s *Shop) why(v *visit, _ []string) (bots.Screen, error) {
	id, err := s.Drops.Latest(v.ctx, v.member.ID)
	if err != nil && !errors.Is(err, drops.ErrNone) {
		return bots.Screen{}, err
	}
	if other, err := s.keptOut(v, id); err != nil {
		return bots.Screen{}, err
	} else if other != "" {
		id = other
	}
	if id != "" {
		screen, err := s.dropWhy(v, []string{string(id)})
		if !errors.Is(err, drops.ErrNone) {
			return screen, err
		}
	}
	return bots.Screen{Path: "why", Text: bots.T(v.Say("drop.whynone")), Rows: rows(row(v.primary("button.drops", "drops"), v.button("button.home", "start")))}, nil
}

// keptOut finds the newest drop that is open and not for a member, opened after
// the one they came to last; "" for none.
func (s *Shop) keptOut(v *visit, last commerce.DropID) (id commerce.DropID, err error) {
	var since time.Time
	if last != "" {
		e, err := s.Drops.Mine(v.ctx, last, v.member.ID)
		if err != nil {
			return "", err
		}
		since = e.At
	}
	list, err := s.Drops.Current(v.ctx)
	for _, d := range list {
		if err != nil {
			return "", err
		}
		if d.State != drops.Open || v.unseenRoles(d) || d.ID == last || !v.scope.shows(d.Brand) || d.OpenedAt.Before(since) {
			continue
		}
		if _, by := s.Drops.By(v.ctx, d, v.member.ID, drops.Where{Roles: v.ev.From.Roles}); errors.Is(by, drops.ErrNotFor) {
			id, since = d.ID, d.OpenedAt
		} else {
			err = by
		}
	}
	return id, err
}

// dropWhy says to who asks why it stands for them as it does: "drop why <drop>".
func (s *Shop) dropWhy(v *visit, args []string) (bots.Screen, error) {
	d, err := s.dropOf(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(d.Title)}
	switch {
	case d.Mode == drops.Draws && d.First():
		text = text.Line(regular(v.Say("drop.whydrawfirst")))
	case d.Mode == drops.Draws:
		text = text.Line(regular(v.Say("drop.whydraw")))
	case d.Mode == drops.Group:
		text = text.Line(regular(v.groupRule(d)))
	case d.Mode == drops.Invite:
		text = text.Line(regular(v.Say("drop.whyinvite", "Span", v.span(d.PayWithin))))
	default:
		text = text.Line(regular(v.Say("drop.whyrule", "Minutes", d.PayWithin)))
	}
	e, err := s.Drops.Mine(v.ctx, d.ID, v.member.ID)
	switch {
	case errors.Is(err, drops.ErrNone):
		text, err = s.whyNotIn(v, text, d)
	case err == nil:
		if e.Rule >= 0 && !v.forAll(d) {
			text = text.Line(regular(v.Say("drop.whyby", "Rule", v.dropRuleLine(d, d.Who[e.Rule]))))
		}
		text = v.odds(text, d, e)
		if d.Mode == drops.Draws && d.Drawn() {
			text = text.Line(regular(v.Say("drop.whyplaced", "Place", strconv.FormatInt(e.Place, 10))))
		}
		text = text.Line(bold(v.myPlace(s, d, e)))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.withFlags(v, d, bots.Screen{Path: bots.Path("drop", "why", args[0]), Text: text,
		Rows: rows(row(v.primary("button.drop", "drop", args[0]), v.button("button.home", "start")))})
}

// unseenRoles reports that a drop is for some roles, and that those somebody has
// are told in the server only.
func (v *visit) unseenRoles(d drops.Drop) bool {
	return len(v.ev.From.Roles) == 0 && slices.ContainsFunc(d.Who, func(r drops.Rule) bool { return r.Role != "" })
}

// whyNotIn says to who takes no part whether they can, and by which rule.
func (s *Shop) whyNotIn(v *visit, text bots.Text, d drops.Drop) (bots.Text, error) {
	by, err := s.Drops.By(v.ctx, d, v.member.ID, drops.Where{Roles: v.ev.From.Roles})
	switch {
	case errors.Is(err, drops.ErrNotFor) && v.unseenRoles(d):
		return v.dropWho(text.Line(regular(v.Say("drop.whynot"))), d), nil
	case errors.Is(err, drops.ErrNotFor):
		text = v.dropWho(text.Line(bold(v.Say("drop.whyout"))), d)
		if next := s.nextTime(v, d); next != "" {
			text = text.Line(regular(next))
		}
		return text, nil
	case err != nil:
		return text, err
	case d.Mode == drops.Invite && d.State != drops.Announced:
		return v.dropWho(text.Line(regular(v.Say("drop.whyuninvited"))), d), nil
	}
	text = text.Line(regular(v.Say("drop.whynot")))
	if by < 0 || v.forAll(d) {
		return text, nil
	}
	return v.dropWho(text.Line(regular(v.Say("drop.whymay", "Rule", v.dropRuleLine(d, d.Who[by])))), d), nil
}

// odds says what a member may hope for, in numbers.
func (v *visit) odds(text bots.Text, d drops.Drop, e drops.Entry) bots.Text {
	var stand drops.Stand
	for _, s := range d.Stands {
		if s.Variant == e.Variant {
			stand = s
		}
	}
	if d.Mode == drops.Draws {
		return v.drawOdds(text, d, e, stand)
	}
	text = text.Line(regular(v.Count("drop.whyplace", e.Place, "Units", strconv.FormatInt(d.Total(), 10), "Sold", strconv.FormatInt(d.Total()-d.Left(), 10))))
	if e.State != drops.Waits || d.State != drops.Open && d.State != drops.Closed {
		return text
	}
	theirs := d.For(e)
	have := theirs.Claimed
	need := e.Ahead + 1 - (theirs.Units - theirs.Sold - have)
	switch {
	case need <= 0:
		return text
	case need > have:
		return text.Line(regular(v.Count("drop.whyhopeless", have, "Ahead", strconv.FormatInt(e.Ahead, 10))))
	}
	return text.Line(regular(v.Count("drop.whyneeds", need, "Claimed", strconv.FormatInt(have, 10), "Ahead", strconv.FormatInt(e.Ahead, 10))))
}

// drawOdds is the chance in a draw: each variant is a draw of its own, and those
// who are drawn first come before the others.
func (v *visit) drawOdds(text bots.Text, d drops.Drop, e drops.Entry, stand drops.Stand) bots.Text {
	units, entries, first, fixed := stand.Units, stand.Waiting, int64(0), false
	for _, w := range d.Drawings {
		if w.Variant != e.Variant {
			continue
		}
		if first = w.First; w.ListHash != "" {
			entries, fixed = w.Entries, true
		}
	}
	if e.State == drops.Left && !fixed || entries == 0 {
		return text
	}
	if d.First() {
		text = text.Line(regular(v.Count("drop.whyfirst", first, "Entries", strconv.FormatInt(entries, 10))))
		if e.Tier == 0 {
			entries = first
		} else {
			units, entries = max(units-first, 0), entries-first
		}
	}
	args := []any{"Entries", strconv.FormatInt(entries, 10)}
	switch {
	case entries == 0: // who left before the close
		return text
	case units == 0:
		text = text.Line(regular(v.Say("drop.whyafter")))
	case units >= entries:
		text = text.Line(regular(v.Count("drop.whyall", units, args...)))
	default:
		text = text.Line(regular(v.Count("drop.whyodds", units, append(args, "Percent", chance(units, entries), "In", oneIn(units, entries))...)))
	}
	if fixed {
		return text.Line(regular(v.Say("drop.whyfixed")))
	}
	return text.Line(regular(v.Say("drop.whyopen", "Time", v.Moment(d.Closes))))
}

// chance is so many of so many in percent.
func chance(units, entries int64) string {
	switch percent := (units*200/entries + 1) / 2; {
	case percent == 0:
		return "< 1"
	case percent >= 100 && units < entries:
		return "> 99"
	default:
		return strconv.FormatInt(percent, 10)
	}
}

// oneIn is about how many entries there are for each unit.
func oneIn(units, entries int64) string { return strconv.FormatInt((entries*2/units+1)/2, 10) }
