package staff

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/moderation"
)

// Moderation is where reports are read and decided.
type Moderation interface {
	Queue(ctx context.Context, n int) ([]moderation.Case, int64, error)
	Look(ctx context.Context, r moderation.Ref) (moderation.Case, error)
	Decide(ctx context.Context, d moderation.Decision) (moderation.Measure, error)
	Fine(ctx context.Context, by commerce.MemberID, r moderation.Ref) error
	Lift(ctx context.Context, by commerce.MemberID, id string) error
	Measure(ctx context.Context, id string) (moderation.Measure, error)
	Subject(ctx context.Context, r moderation.Ref) (moderation.Subject, error)
	HiddenBy(ctx context.Context, r moderation.Ref) (moderation.Measure, error)
	HeldFor(ctx context.Context, r moderation.Ref) (string, error)
	Appeals(ctx context.Context, n int) ([]moderation.Measure, int64, error)
	Answer(ctx context.Context, by commerce.MemberID, id string, grant bool, words string) error
	MayAnswer(by commerce.MemberID, m moderation.Measure) error
}

const mostCases = 20

// freezes are for how many days somebody can be frozen.
var freezes = []int{1, 7, 30}

// moderation answers what is about reports and appeals.
func (s *Staff) moderation(v *visit, topic string, words []string) (bots.Screen, error) {
	about := moderation.Ref{Kind: moderation.Kind(words[0]), ID: words[1]}
	var err error
	notice := ""
	switch topic {
	case "reports":
		return s.reports(v, "")
	case "appeals":
		return s.appeals(v, "")
	case "ages", "age":
		if s.Ages == nil {
			return s.reports(v, "")
		}
		if topic == "ages" {
			return s.ages(v, "")
		}
		return s.age(v, commerce.MemberID(words[0]), words[1], words[2])
	case "report":
		return s.showCase(v, about, words[2], "")
	case "appeal":
		return s.showAppeal(v, words[0], "")
	case "fine":
		err, notice = s.Moderation.Fine(v.ctx, v.me(), about), v.Say("staff.mod.fined")
	case "lift":
		m, err := s.Moderation.Measure(v.ctx, words[0])
		if err == nil {
			err = s.Moderation.Lift(v.ctx, v.me(), words[0])
		}
		if err != nil {
			return s.undecided(v, m.About, err)
		}
		return s.showCase(v, m.About, "", v.Say("staff.mod.lifted"))
	case "decide":
		return s.decide(v, about, words[2], moderation.Reason(words[3]))
	case "grantappeal", "keepappeal":
		return s.answerAppeal(v, topic, words[0])
	}
	if err != nil {
		return s.undecided(v, about, err)
	}
	return s.reports(v, notice)
}

// undecided says why something was not decided.
func (s *Staff) undecided(v *visit, about moderation.Ref, err error) (bots.Screen, error) {
	for say, one := range map[string]error{"moderation.decided": moderation.ErrDecided, "moderation.own": moderation.ErrOwn, "moderation.other": moderation.ErrOther, "moderation.brand": moderation.ErrBrand} {
		if errors.Is(err, one) {
			return s.showCase(v, about, "", v.Say(say))
		}
	}
	if errors.Is(err, moderation.ErrUnknown) {
		return s.reports(v, v.Say("moderation.unknown"))
	}
	return bots.Screen{}, err
}

// me is who visits.
func (v *visit) me() commerce.MemberID {
	return commerce.MemberID(strings.TrimPrefix(v.actor, "staff:"))
}

// reports lists what waits, the worst first.
func (s *Staff) reports(v *visit, notice string) (bots.Screen, error) {
	list, all, err := s.Moderation.Queue(v.ctx, mostCases)
	if err != nil {
		return bots.Screen{}, err
	}
	_, asked, err := s.Moderation.Appeals(v.ctx, 0)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "staff reports", Notice: notice, Text: bots.Text{{Text: v.Say("staff.reports"), Look: bots.Bold}}}
	appeals := v.button("staff.button.appeals", "appeals")
	if asked > 0 {
		appeals.Label = bots.Clip(appeals.Label+" · "+strconv.FormatInt(asked, 10), bots.MaxLabel)
	}
	screen.Rows = [][]bots.Button{{appeals, v.button("staff.button.applications", "applications")}}
	if s.Ages != nil {
		wishes, err := s.Ages.Wishes(v.ctx, 1)
		if err != nil {
			return bots.Screen{}, err
		}
		if len(wishes) > 0 {
			screen.Rows = append(screen.Rows, []bots.Button{v.button("staff.button.ages", "ages")})
		}
	}
	if all == 0 {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.noreports")})
		return screen, nil
	}
	screen.Text = screen.Text.Line(bots.Span{Text: v.Count("staff.reportswait", all)})
	screen.Menu = &bots.Menu{Hint: v.Say("staff.choosereport")}
	for _, c := range list {
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(s.title(v, c.Subject), bots.MaxChoice), Description: bots.Clip(v.weight(c)+" · "+v.Say("report.kind."+string(c.Kind)), bots.MaxChoice),
			Action: bots.Path("staff", "report", string(c.Kind), c.ID)})
	}
	return screen, nil
}

// weight is how much a case weighs, in words.
func (v *visit) weight(c moderation.Case) string {
	if c.Word != "" && c.Reports == 0 {
		return v.Say("staff.mod.heldfor", "Word", bots.Clip(c.Word, 40))
	}
	return v.Say("staff.mod.severity."+strconv.FormatInt(c.Severity, 10)) + " · " + v.Count("staff.mod.reports", c.Reports)
}

func (s *Staff) title(v *visit, about moderation.Subject) string {
	switch {
	case about.Title != "":
		return about.Title
	case about.Words != "":
		return about.Words
	}
	return v.Say("staff.mod.gone")
}

// showCase is what was reported, by how many and why, who wrote it and what
// there was before; word is the number of the photo that is handed over.
func (s *Staff) showCase(v *visit, about moderation.Ref, word, notice string) (bots.Screen, error) {
	c, err := s.Moderation.Look(v.ctx, about)
	if errors.Is(err, moderation.ErrUnknown) {
		return s.reports(v, v.Say("moderation.unknown"))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	kind, id := string(c.Kind), c.ID
	text := bots.Text{{Text: v.Say("report.kind."+string(c.Kind)) + ": ", Look: bots.Italic}, {Text: bots.Clip(s.title(v, c.Subject), 80), Look: bots.Bold}}
	state := v.weight(c)
	switch {
	case c.Gone:
		state = v.Say("staff.mod.withdrawn")
	case c.Hidden && (c.Word == "" || !c.Open):
		state = v.Say("staff.mod.hidden")
	case !c.Open:
		state = v.Say("staff.mod.closed")
	}
	text = text.Line(bots.Span{Text: state, Look: bots.Italic}).Line(bots.Span{Text: bots.Clip(c.Words, 600)})
	text = s.beside(v, text, c.Subject).Line()
	for _, said := range c.Said {
		text = text.Line(bots.Span{Text: "• " + v.Say("report.reason."+string(said.Reason)), Look: bots.Bold})
		if said.Words != "" {
			text = append(text, bots.Span{Text: " “" + bots.Clip(said.Words, 120) + "”"})
		}
	}
	by := c.By
	if by == "" {
		by = s.calls(v, c.Author)
	}
	text = text.Line().Line(bots.Span{Text: v.Say("staff.mod.by", "Name", bots.Clip(by, 60)), Look: bots.Bold}, bots.Span{Text: " — " + v.Count("staff.mod.others", c.Others)})
	if c.Author == "" {
		text = text.Line(bots.Span{Text: v.Say("staff.mod.nobody")})
	}
	for _, m := range c.Before {
		line := v.Date(m.MadeAt) + ": " + v.Say("staff.mod.did."+m.Kind) + ", " + v.Say("report.reason."+string(m.Reason))
		if !m.LiftedAt.IsZero() {
			line += " · " + v.Say("staff.mod.islifted")
		}
		text = text.Line(bots.Span{Text: "• " + line})
	}
	screen := bots.Screen{Path: bots.Path("staff", "report", kind, id), Text: clipText(text), Notice: notice}
	photos := s.photoButtons(v, c.Photos, "report", kind, id)
	if c.Video != "" && s.VideoLink != nil {
		photos = append(photos, bots.Button{Label: v.Say("button.watch"), Link: s.VideoLink(c.Video)})
	}
	if len(photos) > 0 {
		screen.Rows = append(screen.Rows, photos)
	}
	screen.Rows = append(screen.Rows, s.caseButtons(v, c)...)
	screen.Rows = append(screen.Rows, []bots.Button{v.button("staff.button.reports", "reports")})
	err = s.handPhoto(v, &screen, c.Photos, word)
	return screen, err
}

// beside is what something is read with, so that its sense is seen.
func (s *Staff) beside(v *visit, text bots.Text, about moderation.Subject) bots.Text {
	for _, one := range about.Beside {
		by := one.By
		if by == "" {
			by = s.calls(v, one.Author)
		}
		text = text.Line(bots.Span{Text: v.Say("staff.mod.beside."+string(one.Kind), "Name", bots.Clip(by, 60)) + " ", Look: bots.Italic}, bots.Span{Text: bots.Clip(one.Words, 250)})
	}
	return text
}

// caseButtons are what a moderator can decide about a case.
func (s *Staff) caseButtons(v *visit, c moderation.Case) (list [][]bots.Button) {
	stands := func(kind string) string {
		for _, m := range c.Before {
			if m.Kind == kind && m.About == c.Ref && m.LiftedAt.IsZero() {
				return m.ID
			}
		}
		return ""
	}
	var row []bots.Button
	if c.Open {
		row = append(row, v.button("staff.button.modfine", "fine", string(c.Kind), c.ID))
	}
	if !c.Gone && stands(moderation.Hide) == "" {
		row = append(row, danger(v.button("staff.button.modhide", "decide", string(c.Kind), c.ID, moderation.Hide)))
	}
	if len(row) > 0 {
		list = append(list, row)
	}
	if c.Author != "" {
		row = nil
		for _, kind := range []string{moderation.Warn, moderation.Freeze, moderation.Ban} {
			if stands(kind) == "" {
				row = append(row, v.button("staff.button.mod"+kind, "decide", string(c.Kind), c.ID, kind))
			}
		}
		if len(row) > 0 {
			list = append(list, row)
		}
	}
	row = nil
	for _, m := range c.Before {
		if m.LiftedAt.IsZero() && m.Appeal != moderation.Asked && m.Kind != moderation.Warn && len(row) < bots.MaxRowButtons {
			row = append(row, v.button("staff.button.modlift"+m.Kind, "lift", m.ID))
		}
	}
	if len(row) > 0 {
		list = append(list, row)
	}
	return list
}

// decide asks for what is missing of a decision — how long, why, words — and
// makes it: "staff decide <kind> <subject> <what> [<reason>]", what being hide,
// warn, ban, freeze or freeze7.
func (s *Staff) decide(v *visit, about moderation.Ref, what string, why moderation.Reason) (bots.Screen, error) {
	kind, days := what, 0
	if rest, ok := strings.CutPrefix(what, moderation.Freeze); ok && rest != "" {
		kind = moderation.Freeze
		days, _ = strconv.Atoi(rest)
	}
	if !slices.Contains([]string{moderation.Hide, moderation.Warn, moderation.Freeze, moderation.Ban}, kind) || kind == moderation.Freeze && days != 0 && !slices.Contains(freezes, days) {
		return s.showCase(v, about, "", "")
	}
	words := []string{"decide", string(about.Kind), about.ID}
	back := v.button("button.cancel", "report", string(about.Kind), about.ID)
	screen := bots.Screen{Path: bots.Path("staff", "report", string(about.Kind), about.ID), Rows: [][]bots.Button{{back}}}
	if kind == moderation.Freeze && days == 0 {
		screen.Text = bots.T(v.Say("staff.mod.howlong"))
		var row []bots.Button
		for _, n := range freezes {
			b := v.button("staff.button.modfreeze", append(words, moderation.Freeze+strconv.Itoa(n))...)
			b.Label = bots.Clip(v.Count("staff.mod.days", int64(n)), bots.MaxLabel)
			row = append(row, b)
		}
		screen.Rows = [][]bots.Button{row, {back}}
		return screen, nil
	}
	if why == "" {
		screen.Text, screen.Menu = bots.Text{{Text: v.Say("staff.mod.why." + kind), Look: bots.Bold}}.Line(bots.Span{Text: v.Say("staff.mod.told")}), &bots.Menu{Hint: v.Say("report.choose")}
		for _, r := range moderation.Reasons {
			screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(v.Say("report.reason."+string(r)), bots.MaxChoice), Action: bots.Path(append([]string{"staff"}, append(words, what, string(r))...)...)})
		}
		return screen, nil
	}
	if v.ev.Kind != bots.Fill {
		return s.askWords(v, bots.Path(append([]string{"staff"}, append(words, what, string(why))...)...), screen.Path, "staff.mod.words", back, true), nil
	}
	_, err := s.Moderation.Decide(v.ctx, moderation.Decision{By: v.me(), About: about, Kind: kind, For: time.Duration(days) * 24 * time.Hour, Reason: why,
		Words: bots.Clip(strings.TrimSpace(v.ev.Values["words"]), moderation.MaxWords)})
	if err != nil {
		return s.undecided(v, about, err)
	}
	return s.showCase(v, about, "", v.Say("staff.mod.done"))
}

// askWords asks what the member is told.
func (s *Staff) askWords(v *visit, action, path bots.Action, say string, cancel bots.Button, optional bool) bots.Screen {
	return bots.Screen{Path: path, Text: bots.T(v.Say(say)), Form: &bots.Form{Action: action, Title: bots.Clip(v.Say("staff.mod.title"), bots.MaxFormTitle), Cancel: cancel,
		Fields: []bots.Field{{Key: "words", Label: bots.Clip(v.Say("staff.mod.label"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("staff.mod.hint"), bots.MaxFieldHint), Optional: optional, Long: true, Max: moderation.MaxWords}}}}
}

// appeals lists what members want somebody else to look at.
func (s *Staff) appeals(v *visit, notice string) (bots.Screen, error) {
	list, all, err := s.Moderation.Appeals(v.ctx, mostCases)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "staff appeals", Notice: notice, Text: bots.Text{{Text: v.Say("staff.appeals"), Look: bots.Bold}}, Rows: [][]bots.Button{{v.button("staff.button.reports", "reports")}}}
	if all == 0 {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.noappeals")})
		return screen, nil
	}
	screen.Text = screen.Text.Line(bots.Span{Text: v.Count("staff.appealswait", all)})
	screen.Menu = &bots.Menu{Hint: v.Say("staff.chooseappeal")}
	for _, m := range list {
		label := v.Say("staff.mod.did."+m.Kind) + ", " + v.Say("report.reason."+string(m.Reason))
		about := v.Moment(m.AskedAt)
		if s.Moderation.MayAnswer(v.me(), m) != nil {
			about += " · " + v.Say("staff.mod.notyou")
		}
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(label, bots.MaxChoice), Description: bots.Clip(about, bots.MaxChoice), Action: bots.Path("staff", "appeal", m.ID)})
	}
	return screen, nil
}

// showAppeal is what was decided, what it is about and what the member says.
func (s *Staff) showAppeal(v *visit, id, notice string) (bots.Screen, error) {
	m, err := s.Moderation.Measure(v.ctx, id)
	if errors.Is(err, moderation.ErrUnknown) {
		return s.appeals(v, v.Say("moderation.unknown"))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	about, err := s.Moderation.Subject(v.ctx, m.About)
	if err != nil && !errors.Is(err, moderation.ErrUnknown) {
		return bots.Screen{}, err
	}
	text := bots.Text{{Text: bots.Clip(s.title(v, about), 80), Look: bots.Bold}}.Line(bots.Span{Text: bots.Clip(about.Words, 600)})
	text = s.beside(v, text, about).Line()
	text = text.Line(bots.Span{Text: v.Say("staff.mod.did."+m.Kind) + ", " + v.Say("report.reason."+string(m.Reason)), Look: bots.Bold}, bots.Span{Text: " — " + v.Moment(m.MadeAt)})
	if m.Words != "" {
		text = text.Line(bots.Span{Text: "“" + m.Words + "”"})
	}
	text = text.Line().Line(bots.Span{Text: v.Say("staff.mod.plea") + " ", Look: bots.Bold}, bots.Span{Text: "“" + m.Plea + "”"})
	screen := bots.Screen{Path: bots.Path("staff", "appeal", id), Notice: notice}
	switch why := s.Moderation.MayAnswer(v.me(), m); {
	case m.Appeal != moderation.Asked:
		text = text.Line().Line(bots.Span{Text: v.Say("moderation.decided")})
	case errors.Is(why, moderation.ErrOwn):
		text = text.Line().Line(bots.Span{Text: v.Say("moderation.own")})
	case why != nil:
		text = text.Line().Line(bots.Span{Text: v.Say("moderation.other")})
	default:
		yes := v.button("staff.button.modgrant", "grantappeal", id)
		yes.Style = bots.Primary
		screen.Rows = [][]bots.Button{{yes, v.button("staff.button.modkeep", "keepappeal", id)}}
	}
	screen.Text = clipText(text)
	screen.Rows = append(screen.Rows, []bots.Button{v.button("staff.button.modcase", "report", string(m.About.Kind), m.About.ID), v.button("staff.button.appeals", "appeals")})
	return screen, nil
}

// answerAppeal asks for words, and answers: to keep something needs them.
func (s *Staff) answerAppeal(v *visit, topic, id string) (bots.Screen, error) {
	m, err := s.Moderation.Measure(v.ctx, id)
	if err == nil && (m.Appeal != moderation.Asked || s.Moderation.MayAnswer(v.me(), m) != nil) {
		return s.showAppeal(v, id, "")
	}
	if err != nil {
		return bots.Screen{}, err
	}
	if v.ev.Kind != bots.Fill {
		return s.askWords(v, bots.Path("staff", topic, id), bots.Path("staff", "appeal", id), "staff.mod.words."+topic, v.button("button.cancel", "appeal", id), topic == "grantappeal"), nil
	}
	err = s.Moderation.Answer(v.ctx, v.me(), id, topic == "grantappeal", bots.Clip(strings.TrimSpace(v.ev.Values["words"]), moderation.MaxWords))
	if errors.Is(err, moderation.ErrDecided) || errors.Is(err, moderation.ErrOther) || errors.Is(err, moderation.ErrOwn) {
		return s.showAppeal(v, id, "")
	}
	if errors.Is(err, moderation.ErrBrand) {
		return s.showAppeal(v, id, v.Say("moderation.brand"))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.appeals(v, v.Say("staff.mod.answered"))
}
