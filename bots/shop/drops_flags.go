package shop

import (
	"slices"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/notices"
)

// withFlags adds to a member's screen of a drop what was noticed about their
// places. Where one was taken back, that is all they see.
func (s *Shop) withFlags(v *visit, d drops.Drop, screen bots.Screen) (bots.Screen, error) {
	list, err := s.Drops.FlagsFor(v.ctx, d.ID, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	said, asked := map[string]bool{}, false
	say := func(line string) { // of several places once
		if !said[line] {
			screen.Text = screen.Text.Line().Line(italic(line))
		}
		said[line] = true
	}
	for _, f := range list {
		reasons := v.reasons(f)
		switch f.State {
		case drops.Upheld:
			card, err := s.dropCard(v, d)
			card.Text = append(bots.Text{bold(v.Say("flag.upheld", "Reasons", reasons)), regular("\n\n")}, card.Text...)
			card.Rows = rows(row(v.button("button.home", "start")))
			return card, err
		case drops.Cleared:
			say(v.Say("flag.cleared", "Reasons", reasons))
		case drops.Objected:
			say(v.Say("flag.noticed", "Reasons", reasons) + " " + v.Say("flag.objected"))
		default:
			say(v.Say("flag.noticed", "Reasons", reasons))
			if object := v.button("button.object", "drop", "object", string(f.Entry.ID)); !asked { // one after the other
				screen.Rows = beside(screen.Rows, object)
			}
			asked = true
		}
	}
	return screen, nil
}

// beside puts a button behind the first row, as what one came for stays first: in
// a row of its own where there is room for one.
func beside(rows [][]bots.Button, b bots.Button) [][]bots.Button {
	if len(rows) < bots.MaxRows {
		return slices.Insert(rows, min(1, len(rows)), []bots.Button{b})
	}
	for i := 1; i < len(rows); i++ {
		if len(rows[i]) < bots.MaxRowButtons {
			rows[i] = append([]bots.Button{b}, rows[i]...)
			break
		}
	}
	return rows
}

// reasons are what was noticed, in words.
func (v *visit) reasons(f drops.Flags) string {
	var list []string
	for _, r := range f.Reasons {
		switch r.Reason {
		case drops.Young:
			list = append(list, v.Say("flag.young"))
		case drops.Newcomer:
			list = append(list, v.Say("flag.new"))
		case drops.SameCard:
			list = append(list, v.Count("flag.card", r.Others))
		case drops.SameAddress:
			list = append(list, v.Count("flag.address", r.Others))
		}
	}
	return strings.Join(list, "; ")
}

// dropObject asks what a member says to what was noticed, which they may leave
// out, and tells the staff: "drop object <entry>".
func (s *Shop) dropObject(v *visit, args []string) (bots.Screen, error) {
	e, err := s.Drops.Entry(v.ctx, commerce.EntryID(args[0]))
	if err == nil && e.Member != v.member.ID {
		err = drops.ErrNone
	}
	if err != nil {
		return bots.Screen{}, err
	}
	if !v.filled() {
		return v.ask(bots.Form{Action: bots.Path("drop", "object", args[0]), Title: v.Say("flag.title"), Cancel: v.button("button.drop", "drop", string(e.Drop)),
			Fields: []bots.Field{{Key: "words", Label: v.Say("flag.words.label"), Optional: true, Long: true, Max: drops.MaxObjection}}}, 0, ""), nil
	}
	if err := s.Drops.Object(v.ctx, v.member.ID, e.ID, bots.Clip(strings.TrimSpace(v.ev.Values["words"]), drops.MaxObjection)); err != nil {
		return bots.Screen{}, err
	}
	screen, err := s.showDrop(v, string(e.Drop), "")
	screen.Notice = v.Say("flag.told")
	return screen, err
}

// flagNotice tells a member how what was noticed was settled.
func (s *Shop) flagNotice(v *visit, n notices.Notice, title bots.Text) (bots.Text, error) {
	f, err := s.Drops.FlagsOf(v.ctx, commerce.EntryID(n.Args["entry"]))
	if err != nil {
		return nil, err
	}
	if n.Kind == notices.DropTaken {
		return title.Line(regular(v.Say("flag.upheld", "Reasons", v.reasons(f)))), nil
	}
	return title.Line(regular(v.Say("flag.cleared", "Reasons", v.reasons(f)))), nil
}

// staffFlag tells the staff of an objection.
func (v *visit) staffFlag(n notices.Notice) bots.Screen {
	return bots.Screen{Path: bots.Path("staff", "flag", n.Args["entry"]), Text: bots.Text{bold(v.Say("told.flag", "Title", n.Args["name"]))}.Line(regular(v.Say("told.flagnext"))),
		Rows: rows(row(keeping(v.primary("button.flag", "staff", "flag", n.Args["entry"]))))}
}
