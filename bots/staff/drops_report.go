package staff

import (
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce/drops"
)

// mostChats is how many groups a report names: those first that were not told.
const mostChats = 20

// dropTold says who was told of a drop, and who was not: "staff drop <drop> told".
func (s *Staff) dropTold(v *visit, d drops.Drop) (bots.Screen, error) {
	t, err := s.Drops.Telling(v.ctx, d.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	n := func(n int64) string { return strconv.FormatInt(n, 10) }
	m := t.Members
	text := bots.Text{{Text: d.Title, Look: bots.Bold}}.
		Line(bots.Span{Text: v.Say("staff.toldmembers", "Told", n(m.Told), "Waiting", n(m.Waiting), "Quiet", n(m.Quiet), "Unread", n(m.Unread+m.Failed))})
	var failed, waits, told []bots.Span
	for _, c := range t.Chats {
		name := bots.Clip(string(c.Community)+" · "+c.Bot+" · "+c.ID, 90)
		if c.Community == "" {
			name = bots.Clip(c.Bot+" · "+c.ID, 90)
		}
		switch {
		case c.Failed:
			failed = append(failed, bots.Span{Text: name + ": " + v.Say("staff.toldfailed")})
		case c.At.IsZero():
			waits = append(waits, bots.Span{Text: name + ": " + v.Say("staff.toldwaits")})
		default:
			told = append(told, bots.Span{Text: name + ": " + v.Say("staff.toldat", "Time", v.Moment(c.At))})
		}
	}
	all := append(append(failed, waits...), told...)
	for i, line := range all {
		if i == mostChats {
			text = text.Line(bots.Span{Text: v.Say("staff.toldmore", "More", n(int64(len(all)-i)))})
			break
		}
		text = text.Line(bots.Span{Text: "• "}, line)
	}
	if len(failed) > 0 {
		text = text.Line(bots.Span{Text: v.Say("staff.toldfix"), Look: bots.Italic})
	}
	id := string(d.ID)
	return bots.Screen{Path: bots.Path("staff", "drop", id, "told"), Text: text,
		Rows: [][]bots.Button{{v.button("button.refresh", "drop", id, "told"), v.button("button.drop", "drop", id), v.button("staff.button.open")}}}, nil
}
