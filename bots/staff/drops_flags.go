package staff

import (
	"errors"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
)

// This file shows the staff what was noticed about who takes part in a drop. A
// place is named by its number, never by a person: what matters is said by the
// reason and the objection.

const mostFlags = 20

// flagged lists the flagged places of a drop.
func (s *Staff) flagged(v *visit, d drops.Drop) (bots.Screen, error) {
	list, err := s.Drops.Flagged(v.ctx, v.role.brands(), d.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{{Text: d.Title, Look: bots.Bold}}.Line(bots.Span{Text: v.Say("staff.flag.rules")})
	menu := &bots.Menu{Hint: bots.Clip(v.Say("staff.flag.choose"), bots.MaxHint)}
	for _, f := range list[:min(len(list), mostFlags)] {
		place, word := v.Say("staff.flag.place", "Place", strconv.FormatInt(f.Entry.Place, 10)), v.flagState(f)
		text = text.Line(bots.Span{Text: "• " + place, Look: bots.Bold}, bots.Span{Text: " — " + word + ": " + v.reasons(f, ", ")})
		menu.Choices = append(menu.Choices, bots.Choice{Label: bots.Clip(place, bots.MaxChoice), Description: bots.Clip(word, bots.MaxChoice), Action: bots.Path("staff", "flag", string(f.Entry.ID))})
	}
	if len(list) > mostFlags {
		text = text.Line(bots.Span{Text: v.Count("staff.flag.more", int64(len(list)-mostFlags)), Look: bots.Italic})
	}
	if len(list) == 0 {
		text, menu = bots.Text{{Text: d.Title, Look: bots.Bold}}.Line(bots.Span{Text: v.Say("staff.flag.none")}), nil
	}
	text = clipText(text)
	return bots.Screen{Path: bots.Path("staff", "drop", string(d.ID)), Text: text, Menu: menu, Rows: [][]bots.Button{{v.button("staff.button.dropback", "drop", string(d.ID))}}}, nil
}

// clipText leaves out the last lines of what is too long for a screen.
func clipText(text bots.Text) bots.Text {
	for len(text) > 1 && bots.Width(text.String()) > bots.MaxText-100 {
		text = text[:len(text)-1]
	}
	return text
}

func (v *visit) flagState(f drops.Flags) string {
	switch f.State {
	case drops.Objected:
		return v.Say("staff.flag.objected")
	case drops.Cleared:
		return v.Say("staff.flag.cleared")
	case drops.Upheld:
		return v.Say("staff.flag.upheld")
	}
	return v.Say("staff.flag.open")
}

// reasons are why a place is flagged, in words.
func (v *visit) reasons(f drops.Flags, between string) (text string) {
	for i, r := range f.Reasons {
		if i > 0 {
			text += between
		}
		switch r.Reason {
		case drops.Young:
			text += v.Say("flag.young")
		case drops.Newcomer:
			text += v.Say("flag.new")
		case drops.SameCard:
			text += v.Count("flag.card", r.Others)
		case drops.SameAddress:
			text += v.Count("flag.address", r.Others)
		}
	}
	return text
}

// flagStep shows a flagged place, or settles it: "staff flag <entry> [fine|take
// [yes]]".
func (s *Staff) flagStep(v *visit, id, what, sure string) (bots.Screen, error) {
	entry, err := s.Drops.Entry(v.ctx, commerce.EntryID(id))
	if errors.Is(err, drops.ErrNone) {
		return s.drops(v)
	}
	if err != nil {
		return bots.Screen{}, err
	}
	list, err := s.Drops.Flagged(v.ctx, v.role.brands(), entry.Drop)
	if errors.Is(err, drops.ErrNone) {
		return s.drops(v)
	}
	if err != nil {
		return bots.Screen{}, err
	}
	var f drops.Flags
	for _, one := range list {
		if one.Entry.ID == entry.ID {
			f = one
		}
	}
	if f.Entry.ID == "" {
		return s.drops(v)
	}
	place := v.Say("staff.flag.place", "Place", strconv.FormatInt(f.Entry.Place, 10))
	notice := ""
	switch {
	case what == "fine":
		notice, err = v.Say("staff.flag.didclear"), s.Drops.Clear(v.ctx, v.role.brands(), entry.ID, v.actor)
	case what == "take" && sure == "yes":
		notice, err = v.Say("staff.flag.didtake"), s.Drops.TakeBack(v.ctx, v.role.brands(), entry.ID, v.actor)
	case what == "take":
		return bots.Screen{Path: bots.Path("staff", "flag", id), Text: bots.Text{{Text: place, Look: bots.Bold}}.Line(bots.Span{Text: v.Say("staff.flag.sure")}),
			Rows: [][]bots.Button{{danger(v.button("staff.button.flagtake", "flag", id, "take", "yes")), v.button("staff.button.flagback", "flag", id)}}}, nil
	}
	if errors.Is(err, drops.ErrSettled) {
		notice, err = v.Say("drop.settled"), nil
	}
	if err != nil {
		return bots.Screen{}, err
	}
	if what != "" {
		screen, err := s.flagStep(v, id, "", "")
		screen.Notice = notice
		return screen, err
	}
	text := bots.Text{{Text: place, Look: bots.Bold}}.Line(bots.Span{Text: v.flagState(f), Look: bots.Italic}).Line(bots.Span{Text: "• " + v.reasons(f, "\n• ")})
	if f.Objection != "" {
		text = text.Line(bots.Span{Text: v.Say("staff.flag.said") + " ", Look: bots.Bold}, bots.Span{Text: "“" + bots.Clip(f.Objection, drops.MaxObjection) + "”"})
	}
	var act []bots.Button
	if f.State == drops.Flagged || f.State == drops.Objected {
		act = append(act, v.button("staff.button.flagfine", "flag", id, "fine"))
	}
	if f.State != drops.Upheld && f.Entry.Order == "" && (f.Entry.State == drops.Waits || f.Entry.State == drops.Won) {
		act = append(act, danger(v.button("staff.button.flagtake", "flag", id, "take")))
	}
	rows := [][]bots.Button{{v.button("staff.button.flags", "drop", string(entry.Drop), "flags")}}
	if len(act) > 0 {
		rows = append([][]bots.Button{act}, rows...)
	}
	return bots.Screen{Path: bots.Path("staff", "flag", id), Text: text, Rows: rows}, nil
}
