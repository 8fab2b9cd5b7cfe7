package shop

import (
	"errors"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce/members"
)

// This file is a member's own quiet hours: news of drops wait until they end.
// What somebody waits for, as a unit that is theirs, is told at once.

// quiet shows the hours, or takes those that were typed: "/quiet 22-8".
func (s *Shop) quiet(v *visit, _ []string) (bots.Screen, error) {
	switch typed := strings.TrimSpace(v.ev.Text); {
	case typed == "":
		return v.showQuiet(), nil
	case strings.EqualFold(typed, v.Say("quiet.off")) || strings.EqualFold(typed, "off"):
		return s.quietOff(v, nil)
	default:
		return s.quietSave(v, typed)
	}
}

// quietSet takes hours by a button: "quiet 2200 0800".
func (s *Shop) quietSet(v *visit, args []string) (bots.Screen, error) {
	return s.quietSave(v, args[0]+"-"+args[1])
}

func (s *Shop) quietOff(v *visit, _ []string) (bots.Screen, error) {
	err := s.Members.SaveQuiet(v.ctx, v.member.ID, members.Quiet{})
	v.member.Quiet = members.Quiet{}
	return v.showQuiet(), err
}

// quietOther asks for other hours, or takes those that were filled in.
func (s *Shop) quietOther(v *visit, _ []string) (bots.Screen, error) {
	if !v.filled() {
		return v.askQuiet(), nil
	}
	return s.quietSave(v, v.value("hours"))
}

func (v *visit) askQuiet() bots.Screen {
	return bots.Screen{Path: "quiet other", Form: &bots.Form{
		Action: "quiet other", Title: v.Say("quiet.title"), Cancel: v.button("button.cancel", "quiet"),
		Fields: []bots.Field{{Key: "hours", Label: v.Say("quiet.hours"), Hint: "22:30-07:00", Max: 20}},
	}}
}

func (s *Shop) quietSave(v *visit, typed string) (bots.Screen, error) {
	hours, err := members.ParseHours(typed)
	if errors.Is(err, members.ErrHours) && v.filled() {
		return v.again(*v.askQuiet().Form, "hours", v.problem(err)), nil
	}
	if err != nil {
		return bots.Screen{}, err
	}
	q := members.Quiet{Hours: hours, Zone: "UTC"}
	if v.set.Zone != nil {
		q.Zone = v.set.Zone.String()
	}
	if err := s.Members.SaveQuiet(v.ctx, v.member.ID, q); err != nil {
		return bots.Screen{}, err
	}
	v.member.Quiet = q
	return v.showQuiet(), nil
}

func (v *visit) showQuiet() bots.Screen {
	text := bots.Text{bold(v.Say("quiet.title"))}
	off := bots.Button{}
	if from, to, ok := strings.Cut(v.member.Quiet.Hours, "-"); ok {
		off = v.button("button.quietoff", "quiet", "off")
		text = text.Line(regular(v.Say("quiet.now", "From", from, "To", to, "Zone", v.member.Quiet.Zone)))
	} else {
		text = text.Line(regular(v.Say("quiet.none")))
	}
	preset := func(from, to string) bots.Button {
		b := v.button("button.quiet", "quiet", from, to)
		b.Label = from[:2] + ":00–" + to[:2] + ":00"
		return b
	}
	return bots.Screen{Path: "quiet", Text: text.Line(regular(v.Say("quiet.what"))),
		Rows: rows(row(preset("2200", "0800"), preset("2300", "0700")), row(v.button("button.quietother", "quiet", "other"), off), row(v.button("button.home", "start")))}
}
