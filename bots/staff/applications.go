package staff

import (
	"context"
	"errors"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
)

// Creators is where applications are read and decided.
type Creators interface {
	Applications(ctx context.Context, n int) ([]creators.Application, int64, error)
	Application(ctx context.Context, id commerce.ApplicationID) (creators.Application, error)
	Approve(ctx context.Context, actor string, id commerce.ApplicationID, name string) (creators.Creator, error)
	Advise(ctx context.Context, actor string, id commerce.ApplicationID, advice string) error
}

const (
	mostApplications = 20
	maxAdvice        = 800 // characters
)

// applications lists who wants to become a creator, the one who waits longest
// first.
func (s *Staff) applications(v *visit, notice string) (bots.Screen, error) {
	list, all, err := s.Creators.Applications(v.ctx, mostApplications)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "staff applications", Notice: notice, Text: bots.Text{{Text: v.Say("staff.applications"), Look: bots.Bold}}}
	if v.role.orders() {
		screen.Rows = [][]bots.Button{{v.button("staff.button.open")}}
	}
	if more := s.reportsButton(v); more != nil {
		screen.Rows = append(screen.Rows, more)
	}
	if all == 0 {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.noapplications")})
		return screen, nil
	}
	screen.Text = screen.Text.Line(bots.Span{Text: v.Count("staff.applicationswait", all)})
	screen.Menu = &bots.Menu{Hint: v.Say("staff.chooseapplication")}
	for _, a := range list {
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(s.calls(v, a.Member), bots.MaxChoice),
			Description: bots.Clip(v.Moment(a.SentAt)+" · "+s.product(v, a.Product), bots.MaxChoice), Action: bots.Path("staff", "application", string(a.ID))})
	}
	return screen, nil
}

// communityRow leads to what members write, and to what moderators do for those
// who do that too.
func (s *Staff) communityRow(v *visit) [][]bots.Button {
	var row []bots.Button
	if s.Reviews != nil {
		row = append(row, v.button("staff.button.reviews", "reviews"))
	}
	if s.Exchange != nil && v.role.orders() {
		row = append(row, v.button("staff.button.exchange", "exchange"))
	}
	if v.role.moderates() && s.Creators != nil {
		row = append(append(row, v.button("staff.button.applications", "applications")), s.reportsButton(v)...)
	}
	if row = append(row, s.objectionsButton(v)...); len(row) == 0 {
		return nil
	}
	return [][]bots.Button{row}
}

// reportsButton leads to what members report.
func (s *Staff) reportsButton(v *visit) []bots.Button {
	if s.Moderation == nil {
		return nil
	}
	return []bots.Button{v.button("staff.button.reports", "reports")}
}

// application answers what is about one of them.
func (s *Staff) application(v *visit, topic string, id commerce.ApplicationID, word string) (bots.Screen, error) {
	if topic == "applications" {
		return s.applications(v, "")
	}
	a, err := s.Creators.Application(v.ctx, id)
	if err != nil {
		return bots.Screen{}, err
	}
	switch {
	case topic == "application":
		return s.showApplication(v, a, word, "")
	case a.State != creators.Sent:
		return s.showApplication(v, a, "", v.Say("application.decided"))
	case topic == "advise" && v.ev.Kind != bots.Fill:
		return s.askAdvice(v, a), nil
	case topic == "advise":
		err = s.Creators.Advise(v.ctx, v.actor, id, bots.Clip(strings.TrimSpace(v.ev.Values["advice"]), maxAdvice))
	default:
		_, err = s.Creators.Approve(v.ctx, v.actor, id, bots.Clip(s.calls(v, a.Member), 60))
	}
	if errors.Is(err, creators.ErrDecided) {
		return s.applications(v, v.Say("application.decided"))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.applications(v, v.Say("staff.applicationdone"))
}

// showApplication is one of them, with its words and photos; word is the number
// of the photo that is handed over.
func (s *Staff) showApplication(v *visit, a creators.Application, word, notice string) (bots.Screen, error) {
	id := string(a.ID)
	text := bots.Text{{Text: v.Say("staff.application", "Name", bots.Clip(s.calls(v, a.Member), 60)), Look: bots.Bold}}
	text = text.Line(bots.Span{Text: v.Say("staff.application."+string(a.State)) + " · " + v.Count("staff.applicationtry", a.Tries), Look: bots.Italic})
	text = text.Line(bots.Span{Text: s.product(v, a.Product), Look: bots.Bold})
	text = text.Line(bots.Span{Text: bots.Clip(a.Words, 1000)})
	if a.Advice != "" {
		text = text.Line().Line(bots.Span{Text: v.Say("staff.applicationadvice") + " ", Look: bots.Bold}, bots.Span{Text: bots.Clip(a.Advice, 300)})
	}
	screen := bots.Screen{Path: bots.Path("staff", "application", id), Text: text, Notice: notice}
	photos := s.photoButtons(v, a.Photos, "application", id)
	if len(photos) > 0 {
		screen.Rows = append(screen.Rows, photos)
	}
	if a.State == creators.Sent {
		yes := v.button("staff.button.approveapp", "approveapp", id)
		yes.Style = bots.Primary
		screen.Rows = append(screen.Rows, []bots.Button{yes, v.button("staff.button.advise", "advise", id)})
	}
	screen.Rows = append(screen.Rows, []bots.Button{v.button("staff.button.applications", "applications")})
	err := s.handPhoto(v, &screen, a.Photos, word)
	return screen, err
}

// askAdvice asks what the member is told to do better.
func (s *Staff) askAdvice(v *visit, a creators.Application) bots.Screen {
	action := bots.Path("staff", "advise", string(a.ID))
	return bots.Screen{Path: bots.Path("staff", "application", string(a.ID)), Text: bots.T(v.Say("staff.advise.ask", "Name", bots.Clip(s.calls(v, a.Member), 60))),
		Form: &bots.Form{Action: action, Title: bots.Clip(v.Say("staff.button.advise"), bots.MaxFormTitle),
			Fields: []bots.Field{{Key: "advice", Label: bots.Clip(v.Say("staff.advise.label"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("staff.advise.hint"), bots.MaxFieldHint), Long: true, Max: maxAdvice}},
			Cancel: v.button("button.cancel", "application", string(a.ID))}}
}

// calls is what somebody calls themselves.
func (s *Staff) calls(v *visit, m commerce.MemberID) string {
	if who, err := s.Member(v.ctx, m); err == nil && who.Name != "" {
		return who.Name
	}
	return v.Say("staff.noname")
}

func (s *Staff) product(v *visit, p commerce.ProductID) string {
	if name := s.Product(v.ctx, p); name != "" {
		return name
	}
	return string(p)
}
