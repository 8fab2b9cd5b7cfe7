package staff

import (
	"context"
	"errors"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
)

// Drops is what the staff can see and do of drops; brands are whose, nil for all.
type Drops interface {
	Figures(ctx context.Context, brands []commerce.BrandID, n int) ([]drops.Figures, error)
	FiguresOf(ctx context.Context, brands []commerce.BrandID, id commerce.DropID) (drops.Figures, error)
	Telling(ctx context.Context, id commerce.DropID) (drops.Telling, error)
	Pause(ctx context.Context, id commerce.DropID, actor string, stop bool) error
	Cancel(ctx context.Context, id commerce.DropID, actor string) error
	Report(ctx context.Context, id commerce.DropID, platform func(bot string) string) (drops.Report, error)

	Drafts(ctx context.Context, brands []commerce.BrandID) ([]drops.Draft, error)
	Draft(ctx context.Context, brands []commerce.BrandID, id commerce.DropID) (drops.Draft, error)
	NewDraft(ctx context.Context, b commerce.BrandID, typed map[string]string, actor string) (drops.Draft, error)
	Retype(ctx context.Context, id commerce.DropID, typed map[string]string, actor string) (drops.Draft, error)
	Schedule(ctx context.Context, id commerce.DropID, version int64, p drops.Plan, actor string) error
	Entry(ctx context.Context, id commerce.EntryID) (drops.Entry, error)
	Flagged(ctx context.Context, brands []commerce.BrandID, id commerce.DropID) ([]drops.Flags, error)
	Clear(ctx context.Context, brands []commerce.BrandID, id commerce.EntryID, actor string) error
	TakeBack(ctx context.Context, brands []commerce.BrandID, id commerce.EntryID, actor string) error
	Amend(ctx context.Context, id commerce.DropID, a drops.Amendment, actor string) error
	Discard(ctx context.Context, id commerce.DropID, actor string) error
}

const mostDrops = 10

func (s *Staff) dropsButton(v *visit) []bots.Button {
	if s.Drops == nil {
		return nil
	}
	return []bots.Button{v.button("staff.drops", "drops")}
}

// drops lists the drops of the brands.
func (s *Staff) drops(v *visit) (bots.Screen, error) {
	list, err := s.Drops.Figures(v.ctx, v.role.brands(), mostDrops)
	if err != nil {
		return bots.Screen{}, err
	}
	choices, plans, err := s.planChoices(v)
	if err != nil {
		return bots.Screen{}, err
	}
	text := append(bots.Text{{Text: v.Say("staff.drops"), Look: bots.Bold}}, plans...)
	menu := &bots.Menu{Hint: v.Say("staff.choosedrop"), Choices: choices}
	for _, f := range list {
		menu.Choices = append(menu.Choices, bots.Choice{Label: bots.Clip(f.Drop.Title, bots.MaxChoice), Description: bots.Clip(v.dropWord(f), bots.MaxChoice),
			Action: bots.Path("staff", "drop", string(f.Drop.ID))})
		text = text.Line(bots.Span{Text: "• "}, bots.Span{Text: bots.Clip(f.Drop.Title, 64), Look: bots.Bold}, bots.Span{Text: " — " + v.dropWord(f)})
	}
	if len(menu.Choices) == 0 {
		text, menu = text.Line(bots.Span{Text: v.Say("staff.nodrops")}), nil
	}
	return bots.Screen{Path: "staff drops", Text: text, Menu: menu, Rows: [][]bots.Button{{v.button("staff.button.plan", "plan", "new"), v.button("staff.button.open")}}}, nil
}

// dropWord says in a line how a drop does.
func (v *visit) dropWord(f drops.Figures) string {
	var claimed int64
	for _, st := range f.Drop.Stands {
		claimed += st.Claimed
	}
	return v.Say("staff.drop", "Sold", strconv.FormatInt(f.Drop.Total()-f.Drop.Left(), 10), "Units", strconv.FormatInt(f.Drop.Total(), 10),
		"Claimed", strconv.FormatInt(claimed, 10), "Waiting", strconv.FormatInt(f.Drop.Waiting(), 10))
}

// dropStep shows a drop, or does the next thing with it: "staff drop <drop>
// [told|flags|figures|csv|pause|resume|amend [form]|cancel [yes]]".
func (s *Staff) dropStep(v *visit, id, what, sure string) (bots.Screen, error) {
	f, err := s.Drops.FiguresOf(v.ctx, v.role.brands(), commerce.DropID(id))
	if errors.Is(err, drops.ErrNone) {
		return s.drops(v)
	}
	if err != nil {
		return bots.Screen{}, err
	}
	notice := ""
	switch {
	case what == "told":
		return s.dropTold(v, f.Drop)
	case what == "flags":
		return s.flagged(v, f.Drop)
	case what == "figures", what == "csv":
		return s.dropFigures(v, commerce.DropID(id), what == "csv")
	case what == "amend":
		return s.amendDrop(v, f.Drop, sure)
	case what == "pause":
		notice, err = v.Say("staff.droppaused"), s.Drops.Pause(v.ctx, commerce.DropID(id), v.actor, true)
	case what == "resume":
		notice, err = v.Say("staff.dropresumed"), s.Drops.Pause(v.ctx, commerce.DropID(id), v.actor, false)
	case what == "cancel" && sure == "yes":
		notice, err = v.Say("staff.dropcancelled"), s.Drops.Cancel(v.ctx, commerce.DropID(id), v.actor)
	case what == "cancel":
		return bots.Screen{Path: bots.Path("staff", "drop", id), Text: bots.Text{{Text: f.Drop.Title, Look: bots.Bold}}.Line(bots.Span{Text: v.Say("staff.dropsure")}),
			Rows: [][]bots.Button{{danger(v.button("staff.button.dropcancel", "drop", id, "cancel", "yes")), v.button("staff.button.dropback", "drop", id)}}}, nil
	}
	if errors.Is(err, drops.ErrClosed) {
		notice, err = v.Say("drop.closed"), nil
	}
	if err != nil {
		return bots.Screen{}, err
	}
	if what != "" {
		screen, err := s.dropStep(v, id, "", "")
		screen.Notice = notice
		return screen, err
	}
	text := bots.Text{{Text: f.Drop.Title, Look: bots.Bold}}.Line(bots.Span{Text: v.dropWord(f)}).
		Line(bots.Span{Text: v.Say("staff.dropreach", "Told", strconv.FormatInt(f.Told, 10), "Untold", strconv.FormatInt(f.Untold, 10),
			"Entered", strconv.FormatInt(f.Entered, 10), "Lapsed", strconv.FormatInt(f.Lapsed, 10), "Lost", strconv.FormatInt(f.Lost, 10))})
	rows := [][]bots.Button{{v.button("staff.button.dropfigures", "drop", id, "figures")}}
	if f.Drop.State != drops.Over && f.Drop.State != drops.Cancelled {
		pause := v.button("staff.button.droppause", "drop", id, "pause")
		if f.Drop.Paused {
			pause = v.button("staff.button.dropresume", "drop", id, "resume")
		}
		if f.Drop.State != drops.Closed {
			rows[0] = append(rows[0], v.button("staff.button.amend", "drop", id, "amend"))
		}
		rows = append(rows, []bots.Button{pause, danger(v.button("staff.button.dropcancel", "drop", id, "cancel"))})
	}
	rows = append(rows, []bots.Button{v.button("staff.button.told", "drop", id, "told"), v.button("staff.button.flags", "drop", id, "flags")})
	return bots.Screen{Path: bots.Path("staff", "drop", id), Text: text, Rows: append(rows, []bots.Button{v.button("staff.drops", "drops"), v.button("staff.button.open")})}, nil
}
