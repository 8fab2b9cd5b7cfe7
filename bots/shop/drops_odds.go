package shop

import (
	"errors"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce/drops"
)

// why says how it stands for a member in the drop they came to last: "why".
func (s *Shop) why(v *visit, _ []string) (bots.Screen, error) {
	id, err := s.Drops.Latest(v.ctx, v.member.ID)
	if err == nil {
		var screen bots.Screen
		if screen, err = s.dropWhy(v, []string{string(id)}); err == nil {
			return screen, nil
		}
	}
	if !errors.Is(err, drops.ErrNone) {
		return bots.Screen{}, err
	}
	return bots.Screen{Path: "why", Text: bots.T(v.Say("drop.whynone")), Rows: rows(row(v.primary("button.drops", "drops"), v.button("button.home", "start")))}, nil
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
	theirs := stand.For(e.From)
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

// drawOdds is the chance in a draw: each variant is a draw of its own.
func (v *visit) drawOdds(text bots.Text, d drops.Drop, e drops.Entry, stand drops.Stand) bots.Text {
	entries, fixed := stand.Waiting, false
	for _, w := range d.Drawings {
		if w.Variant == e.Variant && w.ListHash != "" {
			entries, fixed = w.Entries, true
		}
	}
	if e.State == drops.Left && !fixed || entries == 0 {
		return text
	}
	args := []any{"Entries", strconv.FormatInt(entries, 10), "Percent", chance(stand.Units, entries), "In", oneIn(stand.Units, entries)}
	switch {
	case stand.Units >= entries:
		text = text.Line(regular(v.Count("drop.whyall", stand.Units, args...)))
	default:
		text = text.Line(regular(v.Count("drop.whyodds", stand.Units, args...)))
	}
	if fixed {
		return text.Line(regular(v.Say("drop.whyfixed")))
	}
	return text.Line(regular(v.Say("drop.whyopen", "Time", v.Moment(d.Closes))))
}

// chance is so many of so many in percent.
func chance(units, entries int64) string {
	if percent := (units*200/entries + 1) / 2; percent > 0 {
		return strconv.FormatInt(percent, 10)
	}
	return "< 1"
}

// oneIn is about how many entries there are for each unit.
func oneIn(units, entries int64) string { return strconv.FormatInt((entries*2/units+1)/2, 10) }
