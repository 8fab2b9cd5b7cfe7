package staff

import (
	"context"
	"errors"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/gates"
)

// Ages is where members ask for another year of birth.
type Ages interface {
	Wishes(ctx context.Context, n int) ([]gates.Wished, error)
	WishOf(ctx context.Context, m commerce.MemberID) (gates.Wished, error)
	Decide(ctx context.Context, by, m commerce.MemberID, seen int, yes bool) error
}

// ages lists who asks for another year, the longest first: "staff ages".
func (s *Staff) ages(v *visit, notice string) (bots.Screen, error) {
	list, err := s.Ages.Wishes(v.ctx, mostCases)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "staff ages", Notice: notice, Text: bots.Text{{Text: v.Say("staff.ages"), Look: bots.Bold}}, Rows: [][]bots.Button{{v.button("staff.button.reports", "reports")}}}
	if len(list) == 0 {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.noages")})
		return screen, nil
	}
	screen.Menu = &bots.Menu{Hint: v.Say("staff.chooseage")}
	for _, w := range list {
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(s.calls(v, w.Member), bots.MaxChoice), Description: bots.Clip(v.Say("staff.age.change", "Born", strconv.Itoa(w.Born), "Wish", strconv.Itoa(w.Now)), bots.MaxChoice),
			Action: bots.Path("staff", "age", string(w.Member))})
	}
	return screen, nil
}

// age is one of them, and decides it: "staff age <member> [yes|no <year>]".
func (s *Staff) age(v *visit, who commerce.MemberID, word, seen string) (bots.Screen, error) {
	if word != "" {
		year, _ := strconv.Atoi(seen)
		switch err := s.Ages.Decide(v.ctx, v.me(), who, year, word == "yes"); {
		case err == nil:
			return s.ages(v, v.Say("staff.mod.answered"))
		case errors.Is(err, gates.ErrNone):
			return s.ages(v, v.Say("gate.nowish"))
		case errors.Is(err, gates.ErrOwn):
			return s.ages(v, v.Say("gate.ownwish"))
		default:
			return bots.Screen{}, err
		}
	}
	w, err := s.Ages.WishOf(v.ctx, who)
	if errors.Is(err, gates.ErrNone) {
		return s.ages(v, v.Say("gate.nowish"))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	year := strconv.Itoa(w.Now)
	return bots.Screen{Path: bots.Path("staff", "age", string(who)),
		Text: bots.Text{{Text: s.calls(v, who), Look: bots.Bold}}.Line(bots.Span{Text: v.Say("staff.age.change", "Born", strconv.Itoa(w.Born), "Wish", strconv.Itoa(w.Now))}).Line(bots.Span{Text: v.Say("staff.age.care")}),
		Rows: [][]bots.Button{{v.button("staff.button.ageyes", "age", string(who), "yes", year), v.button("staff.button.ageno", "age", string(who), "no", year)}, {v.button("staff.button.ages", "ages")}}}, nil
}
