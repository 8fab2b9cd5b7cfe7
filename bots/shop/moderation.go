package shop

// This file is how a member reports what others wrote, and what they find when
// something was decided about what they wrote. The rules are in commerce/moderation:
//   - a report is asked for in private, with a reason and words for who likes to.
//   - whoever a decision is against reads why, which rule it was, and how to have
//     somebody else look at it. The rules are said there, not everywhere.

import (
	"cmp"
	"errors"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/exchange"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/notices"
)

const mostMeasures = 10

// reportButton leads to a report, not for who wrote it.
func (s *Shop) reportButton(v *visit, kind moderation.Kind, id string, author commerce.MemberID) bots.Button {
	if s.Moderation == nil || author == v.member.ID && author != "" {
		return bots.Button{}
	}
	return v.button("button.report", "report", string(kind), id)
}

// standsAt is where something is read: an answer with what it answers, what one
// side of the exchange says where the member reads it.
func (s *Shop) standsAt(v *visit, r moderation.Ref) ([]string, error) {
	switch r.Kind {
	case moderation.Answer:
		return []string{"review", r.ID}, nil
	case moderation.Reply:
		about, err := s.Moderation.Subject(v.ctx, r)
		return []string{"question", about.Under.ID}, err
	case moderation.ByBrand, moderation.ByCreator:
		if _, err := s.myBid(v, r.ID); errors.Is(err, exchange.ErrNoBid) {
			return []string{"staff", "bid", r.ID}, nil
		} else if err != nil {
			return nil, err
		}
		return []string{"bid", r.ID}, nil
	}
	return []string{string(r.Kind), r.ID}, nil
}

// report asks what is wrong: "report <kind> <subject>".
func (s *Shop) report(v *visit, args []string) (bots.Screen, error) {
	at, err := s.standsAt(v, moderation.Ref{Kind: moderation.Kind(args[0]), ID: args[1]})
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: bots.Path("report", args[0], args[1]), Text: bots.Text{bold(v.Say("report.title"))}.Line(regular(v.Say("report.what"))),
		Menu: &bots.Menu{Hint: v.Say("report.choose")}, Rows: rows(row(v.button("button.cancel", at...)))}
	for _, r := range moderation.Reasons {
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(v.Say("report.reason."+string(r)), bots.MaxChoice), Action: bots.Path("report", args[0], args[1], string(r))})
	}
	return screen, nil
}

// reportWords asks for words, and sends the report.
func (s *Shop) reportWords(v *visit, args []string) (bots.Screen, error) {
	if !v.filled() {
		at, err := s.standsAt(v, moderation.Ref{Kind: moderation.Kind(args[0]), ID: args[1]})
		if err != nil {
			return bots.Screen{}, err
		}
		return v.ask(v.wordsForm(bots.Path("report", args[0], args[1], args[2]), "report.", true, v.button("button.cancel", at...)), 0, ""), nil
	}
	if err := s.Moderation.Report(v.ctx, v.member.ID, moderation.Ref{Kind: moderation.Kind(args[0]), ID: args[1]}, moderation.Reason(args[2]), bots.Clip(v.value("words"), moderation.MaxWords)); err != nil {
		return bots.Screen{}, err
	}
	return bots.Screen{Path: "start", Text: bots.Text{bold(v.Say("report.thanks"))}.Line(regular(v.Say("report.thanksnext"))),
		Rows: rows(row(v.button("button.feed", "feed"), v.button("button.home", "start")))}, nil
}

// wordsForm asks for some words.
func (v *visit) wordsForm(action bots.Action, topic string, optional bool, cancel bots.Button) bots.Form {
	return bots.Form{Action: action, Title: bots.Clip(v.Say(topic+"title"), bots.MaxFormTitle), Cancel: cancel,
		Fields: []bots.Field{{Key: "words", Label: bots.Clip(v.Say(topic+"words"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say(topic+"wordshint"), bots.MaxFieldHint), Optional: optional, Long: true, Max: moderation.MaxWords}}}
}

// measures lists what was decided against a member.
func (s *Shop) measures(v *visit, _ []string) (bots.Screen, error) {
	list, err := s.Moderation.Against(v.ctx, v.member.ID, mostMeasures)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "measures", Text: bots.Text{bold(v.Say("measures.title"))}, Rows: rows(row(v.button("button.home", "start")))}
	if len(list) == 0 {
		screen.Text = screen.Text.Line(regular(v.Say("measures.none")))
		return screen, nil
	}
	screen.Menu = &bots.Menu{Hint: v.Say("measures.choose")}
	for _, m := range list {
		label := v.Say("measures." + m.Kind)
		if m.Kind == moderation.Hide && m.About.Kind != moderation.Pick {
			label = v.Say("measures.hide." + string(m.About.Kind))
		}
		screen.Text = screen.Text.Line(regular("• "+label+" — "), italic(v.Date(m.MadeAt)))
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(label, bots.MaxChoice), Description: v.Date(m.MadeAt), Action: bots.Path("measure", m.ID)})
	}
	return screen, nil
}

// withMeasures adds the way to what was decided against a member, if anything was.
func (s *Shop) withMeasures(v *visit, screen bots.Screen) (bots.Screen, error) {
	if s.Moderation == nil {
		return screen, nil
	}
	list, err := s.Moderation.Against(v.ctx, v.member.ID, 1)
	if len(list) > 0 {
		screen.Rows = append(screen.Rows, row(v.button("button.measures", "measures")))
	}
	return screen, err
}

// ownMeasure reads a measure against the member.
func (s *Shop) ownMeasure(v *visit, id string) (moderation.Measure, error) {
	m, err := s.Moderation.Measure(v.ctx, id)
	if err == nil && m.Member != v.member.ID {
		err = moderation.ErrUnknown
	}
	return m, err
}

// measure shows one: "measure <measure>".
func (s *Shop) measure(v *visit, args []string) (bots.Screen, error) {
	m, err := s.ownMeasure(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showMeasure(v, m)
}

func (s *Shop) showMeasure(v *visit, m moderation.Measure) (bots.Screen, error) {
	title, err := s.titleOf(v, m.About)
	if err != nil {
		return bots.Screen{}, err
	}
	what := "measure." + m.Kind
	if m.Kind == moderation.Hide && m.About.Kind != moderation.Pick {
		what += "." + string(m.About.Kind)
	}
	text := bots.Text{bold(v.Say(what, "Title", title, "Time", v.Moment(m.Until)))}
	text = text.Line(regular(v.Say("measure.rule") + " " + v.Say("rule."+string(m.Reason))))
	if m.Words != "" {
		text = text.Line(regular("“" + bots.Clip(m.Words, moderation.MaxWords) + "”"))
	}
	screen := bots.Screen{Path: bots.Path("measure", m.ID)}
	appeal := bots.Button{}
	switch {
	case m.Appeal == moderation.Granted:
		text = text.Line().Line(regular(v.Say(s.answered(m, "granted"))))
	case m.Appeal == moderation.Kept:
		text = text.Line().Line(regular(v.Say(s.answered(m, "kept"))))
	case !m.LiftedAt.IsZero():
		text = text.Line().Line(regular(v.Say("measure.lifted")))
	case m.Appeal == moderation.Asked && s.Moderation.Alone(m):
		text = text.Line().Line(regular(v.Say("measure.askedalone")))
	case m.Appeal == moderation.Asked:
		text = text.Line().Line(regular(v.Say("measure.asked")))
	case !m.Stands(s.Clock.Now()):
		text = text.Line().Line(regular(v.Say("measure.over")))
	default:
		what := "measure.appeal"
		if s.Moderation.Alone(m) {
			what = "measure.appealalone"
		}
		text = text.Line().Line(regular(v.Say(what)))
		appeal = keeping(v.primary("button.appeal", "appeal", m.ID))
	}
	if m.Answer != "" {
		text = text.Line(regular("“" + bots.Clip(m.Answer, moderation.MaxWords) + "”"))
	}
	withdraw := bots.Button{}
	if m.Kind == moderation.Hide && m.About.Kind == moderation.Pick && m.LiftedAt.IsZero() && title != "" {
		withdraw = keeping(v.button("button.withdrawpost", "post", "withdraw", m.About.ID))
	}
	screen.Text, screen.Rows = text, rows(row(appeal, withdraw, keeping(v.button("button.home", "start"))))
	return screen, nil
}

// answered is what is said of an answer: by somebody else, or honestly not.
func (s *Shop) answered(m moderation.Measure, how string) string {
	if !s.Moderation.Elsewhere(m) {
		how += "alone"
	}
	return "measure." + how
}

// titleOf is what something is called, "" where it is gone.
func (s *Shop) titleOf(v *visit, r moderation.Ref) (string, error) {
	about, err := s.Moderation.Subject(v.ctx, r)
	if errors.Is(err, moderation.ErrUnknown) {
		return "", nil
	}
	return bots.Clip(cmp.Or(about.Title, about.Words), maxPostTitle), err
}

// appeal asks why, and has somebody else look at it: "appeal <measure>".
func (s *Shop) appeal(v *visit, args []string) (bots.Screen, error) {
	m, err := s.ownMeasure(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	if m.Appeal != "" || !m.LiftedAt.IsZero() {
		return s.showMeasure(v, m)
	}
	if !v.filled() {
		return v.ask(v.wordsForm(bots.Path("appeal", m.ID), "appeal.", false, v.button("button.cancel", "measure", m.ID)), 0, ""), nil
	}
	if _, err := s.Moderation.Appeal(v.ctx, v.member.ID, m.ID, bots.Clip(v.value("words"), moderation.MaxWords)); err != nil && !errors.Is(err, moderation.ErrDecided) {
		return bots.Screen{}, err
	}
	return s.measure(v, args)
}

// moderationNotice tells of what was reported or decided.
func (s *Shop) moderationNotice(v *visit, n notices.Notice) (bots.Screen, error) {
	switch n.Kind {
	case notices.StaffReport:
		words := []string{"staff", "report", n.Args["kind"], n.Args["id"]}
		return bots.Screen{Path: bots.Path(words...), Text: bots.Text{bold(v.Say("told.report"))}.Line(regular(v.Say("told.reportnext"))), Rows: rows(row(keeping(v.primary("button.showreport", words...))))}, nil
	case notices.StaffAppeal:
		words := []string{"staff", "appeal", n.Args["measure"]}
		return bots.Screen{Path: bots.Path(words...), Text: bots.Text{bold(v.Say("told.appeal"))}.Line(regular(v.Say("told.appealnext"))), Rows: rows(row(keeping(v.primary("button.showappeal", words...))))}, nil
	case notices.ModerationShown:
		about := moderation.Ref{Kind: moderation.Kind(n.Args["kind"]), ID: n.Args["id"]}
		title, err := s.titleOf(v, about)
		if err != nil {
			return bots.Screen{}, err
		}
		at, err := s.standsAt(v, about)
		return bots.Screen{Path: bots.Path(at...), Text: bots.T(v.Say("told.shown", "Title", title)), Rows: rows(row(keeping(v.button("button.showpick", at...))))}, err
	}
	m, err := s.ownMeasure(v, n.Args["measure"])
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showMeasure(v, m)
}

// hiddenPick tells a creator why a post of theirs is not shown.
func (s *Shop) hiddenPick(v *visit, p creators.Pick) (bots.Screen, error) {
	id := string(p.ID)
	m, err := s.Moderation.HiddenBy(v.ctx, moderation.Ref{Kind: moderation.Pick, ID: id})
	if err == nil {
		return s.showMeasure(v, m)
	}
	if !errors.Is(err, moderation.ErrUnknown) {
		return bots.Screen{}, err
	}
	word, err := s.Moderation.HeldFor(v.ctx, moderation.Ref{Kind: moderation.Pick, ID: id})
	if err != nil {
		return bots.Screen{}, err
	}
	return bots.Screen{Path: bots.Path("post", "mine", id), Text: bots.Text{bold(v.Say("pick.held", "Title", bots.Clip(p.Title, maxPostTitle)))}.Line(regular(v.Say("pick.heldnext", "Word", bots.Clip(word, 60)))),
		Rows: rows(row(v.primary("button.edit", "post", "edit", id), v.button("button.withdrawpost", "post", "withdraw", id)), row(v.button("button.myposts", "posts"), v.button("button.home", "start")))}, nil
}

// heldText says to its author that a moderator looks at something first, and why;
// again says that they may write it anew meanwhile.
func (s *Shop) heldText(v *visit, text bots.Text, about moderation.Ref, again bool) (bots.Text, error) {
	word, err := s.Moderation.HeldFor(v.ctx, about)
	text = text.Line().Line(bold(v.Say("held.waits"))).Line(regular(v.Say("held.why", "Word", bots.Clip(word, 60))))
	if again {
		text = append(text, regular(" "+v.Say("held.again")))
	}
	return text, err
}

// ownHidden says to its author why something of theirs is not shown: it waits for
// a moderator, or one decided so, and then it can be appealed against.
func (s *Shop) ownHidden(v *visit, text bots.Text, about moderation.Ref, again bool) (bots.Text, bots.Button, error) {
	m, err := s.Moderation.HiddenBy(v.ctx, about)
	if errors.Is(err, moderation.ErrUnknown) {
		text, err = s.heldText(v, text, about, again)
		return text, bots.Button{}, err
	}
	text = text.Line().Line(italic(v.Say("held.hidden") + " " + v.Say("rule."+string(m.Reason))))
	return text, v.button("button.whyhidden", "measure", m.ID), err
}

// whyHidden is what stands in a group in place of a post: the rule, where one
// was broken.
func (s *Shop) whyHidden(v *visit, p creators.Pick) (string, error) {
	m, err := s.Moderation.HiddenBy(v.ctx, moderation.Ref{Kind: moderation.Pick, ID: string(p.ID)})
	if errors.Is(err, moderation.ErrUnknown) {
		return v.Say("pick.heldpost"), nil
	}
	return v.Say("pick.hiddenpost") + " " + v.Say("rule."+string(m.Reason)), err
}

// mayNot says why somebody cannot post.
func (v *visit) mayNot(err error) string {
	var e *commerce.Error
	if errors.Is(err, moderation.ErrFrozen) && errors.As(err, &e) {
		at, _ := e.Args["at"].(time.Time)
		return v.Say("moderation.frozen", "at", v.Moment(at))
	}
	return v.problem(err)
}
