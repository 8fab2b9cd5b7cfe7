package shop

// This file is how members ask about a product, and those who bought it answer.
// The rules are in commerce/reviews.

import (
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/reviews"
)

const (
	questionsPage = 5
	mostReplies   = 5
	maxQuestion   = 250 // characters
)

// questions lists what was asked about a product: "questions <product> [<cursor>]".
func (s *Shop) questions(v *visit, args []string) (bots.Screen, error) {
	p, err := s.reviewable(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	cursor := ""
	if len(args) > 1 {
		cursor = args[1]
	}
	page, err := s.Reviews.Questions(v.ctx, p.ID, cursor, questionsPage)
	if err != nil {
		return bots.Screen{}, err
	}
	path := []string{"questions", string(p.ID)}
	screen := bots.Screen{Path: bots.Path(path...), Text: bots.Text{bold(v.Say("question.title", "Product", bots.Clip(p.Title, 100)))},
		Rows: rows(row(v.primary("button.ask", "ask", string(p.ID))), v.onward(path, cursor, page.Next), row(v.button("button.reviewproduct", "p", string(p.ID)), v.button("button.home", "start")))}
	if len(page.Items) == 0 {
		screen.Text = screen.Text.Line(regular(v.Say("question.none")))
		return screen, nil
	}
	screen.Menu = &bots.Menu{Hint: v.Say("question.open")}
	for _, q := range page.Items {
		words := strings.Join(strings.Fields(q.Words), " ")
		screen.Text = screen.Text.Line().Line(bold(bots.Clip(words, 200))).Line(italic(v.answers(q.Answers)))
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(words, bots.MaxChoice), Description: v.answers(q.Answers), Action: bots.Path("question", string(q.ID))})
	}
	return screen, nil
}

func (v *visit) answers(n int64) string {
	if n == 0 {
		return v.Say("question.unanswered")
	}
	return v.Count("question.answers", n)
}

// question shows one with its answers: "question <question>".
func (s *Shop) question(v *visit, args []string) (bots.Screen, error) {
	q, err := s.Reviews.Question(v.ctx, v.member.ID, commerce.QuestionID(args[0]))
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showQuestion(v, q)
}

func (s *Shop) showQuestion(v *visit, q reviews.Question) (bots.Screen, error) {
	p, err := s.reviewable(v, string(q.Product))
	if err != nil {
		return bots.Screen{}, err
	}
	list, err := s.Reviews.Replies(v.ctx, v.member.ID, q.ID, mostReplies)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{italic(bots.Clip(p.Title, 100))}.Line(bold(q.Words)).Line(regular(v.Say("question.by", "Name", s.firstName(v, q.Member), "Date", q.AskedAt)))
	answered, rewrite, why := false, false, bots.Button{}
	for _, a := range list {
		text = text.Line().Line(regular(a.Words)).Line(italic(v.Say("review.by", "Name", s.firstName(v, a.Member), "Date", a.AnsweredAt)))
		answered = answered || a.Member == v.member.ID
		if a.Hidden {
			if text, why, err = s.ownHidden(v, text, moderation.Ref{Kind: moderation.Reply, ID: a.ID}, true); err != nil {
				return bots.Screen{}, err
			}
			rewrite = why == bots.Button{}
		}
	}
	switch {
	case q.Hidden:
		if text, why, err = s.ownHidden(v, text, moderation.Ref{Kind: moderation.Question, ID: string(q.ID)}, false); err != nil {
			return bots.Screen{}, err
		}
	case len(list) == 0:
		text = text.Line().Line(regular(v.Say("question.waits")))
	}
	answer, report := bots.Button{}, v.button("button.report", "wrong", string(q.ID))
	if len(list) == 0 || q.Hidden || s.Moderation == nil {
		report = s.reportButton(v, moderation.Question, string(q.ID), q.Member)
	}
	if q.Member != v.member.ID && (!answered || rewrite) {
		yes, err := s.Reviews.Bought(v.ctx, v.member.ID, q.Product)
		if err != nil {
			return bots.Screen{}, err
		}
		if yes && !q.Hidden {
			answer = v.primary("button.answerquestion", "question", "answer", string(q.ID))
		}
	}
	return bots.Screen{Path: bots.Path("question", string(q.ID)), Text: text,
		Rows: rows(row(answer, why, v.button("button.questions", "questions", string(p.ID)), report), row(v.button("button.reviewproduct", "p", string(p.ID)), v.button("button.home", "start")))}, nil
}

// questionWrong asks which of a question and its answers is reported: "wrong <question>".
func (s *Shop) questionWrong(v *visit, args []string) (bots.Screen, error) {
	q, err := s.Reviews.Question(v.ctx, v.member.ID, commerce.QuestionID(args[0]))
	if err != nil {
		return bots.Screen{}, err
	}
	list, err := s.Reviews.Replies(v.ctx, v.member.ID, q.ID, mostReplies)
	if err != nil {
		return bots.Screen{}, err
	}
	menu := &bots.Menu{Hint: v.Say("report.which")}
	add := func(kind moderation.Kind, id string, by commerce.MemberID, words string) {
		if by != v.member.ID {
			menu.Choices = append(menu.Choices, bots.Choice{Label: bots.Clip(strings.Join(strings.Fields(words), " "), bots.MaxChoice), Description: v.Say("report.kind." + string(kind)),
				Action: bots.Path("report", string(kind), id)})
		}
	}
	add(moderation.Question, string(q.ID), q.Member, q.Words)
	for _, a := range list {
		add(moderation.Reply, a.ID, a.Member, a.Words)
	}
	screen := bots.Screen{Path: bots.Path("wrong", args[0]), Text: bots.Text{bold(v.Say("report.title"))}.Line(regular(v.Say("report.which"))), Rows: rows(row(v.button("button.cancel", "question", args[0])))}
	if len(menu.Choices) > 0 {
		screen.Menu = menu
	}
	return screen, nil
}

// ask asks what somebody wants to know: "ask <product>".
func (s *Shop) ask(v *visit, args []string) (bots.Screen, error) {
	p, err := s.reviewable(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	words, screen := s.spoken(v, bots.Path("ask", args[0]), p.Title, "question.ask", v.button("button.cancel", "questions", args[0]))
	if words == "" {
		return screen, nil
	}
	q, err := s.Reviews.Ask(v.ctx, reviews.Question{Member: v.member.ID, Product: p.ID, Words: words})
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showQuestion(v, q)
}

// questionAnswer asks for an answer: "question answer <question>".
func (s *Shop) questionAnswer(v *visit, args []string) (bots.Screen, error) {
	q, err := s.Reviews.Question(v.ctx, v.member.ID, commerce.QuestionID(args[0]))
	if err != nil {
		return bots.Screen{}, err
	}
	words, screen := s.spoken(v, bots.Path("question", "answer", args[0]), q.Words, "question.answer", v.button("button.cancel", "question", args[0]))
	if words == "" {
		return screen, nil
	}
	if err := s.Reviews.Reply(v.ctx, v.member.ID, q.ID, words); err != nil {
		return bots.Screen{}, err
	}
	return s.question(v, args)
}

// spoken asks for words that others read, by the rules of the house; "" with the
// screen that asks.
func (s *Shop) spoken(v *visit, action bots.Action, title, say string, cancel bots.Button) (string, bots.Screen) {
	form := bots.Form{Action: action, Title: bots.Clip(title, bots.MaxFormTitle), Cancel: cancel,
		Fields: []bots.Field{{Key: "words", Label: bots.Clip(v.Say(say), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("question.hint"), bots.MaxFieldHint), Long: true, Max: maxQuestion}}}
	if !v.filled() {
		return "", v.ask(form, 0, "")
	}
	words := v.value("words")
	if words == "" {
		return "", v.again(form, "words", v.Say("form.empty"))
	}
	rules := creators.House{Long: maxQuestion}
	if faults := rules.Check(creators.Draft{Words: words, Products: []commerce.ProductID{"it"}}); len(faults) > 0 {
		v.wrong = true
		screen := v.ask(form, 0, "")
		screen.Text = v.faults(faults)
		return "", screen
	}
	return words, bots.Screen{}
}

// questionNotice tells who bought a product what somebody asks, and who asked
// that there is an answer.
func (s *Shop) questionNotice(v *visit, n notices.Notice) (bots.Screen, error) {
	q, err := s.Reviews.Question(v.ctx, "", commerce.QuestionID(n.Args["question"]))
	if err != nil {
		return bots.Screen{}, err
	}
	p, err := s.reviewable(v, string(q.Product))
	if err != nil {
		return bots.Screen{}, err
	}
	if n.Kind == notices.QuestionAnswered {
		return bots.Screen{Path: bots.Path("question", string(q.ID)), Text: bots.Text{bold(v.Say("told.questionanswered", "Product", bots.Clip(p.Title, 100)))}.Line(regular(q.Words)),
			Rows: rows(row(keeping(v.primary("button.question", "question", string(q.ID)))))}, nil
	}
	return bots.Screen{Path: bots.Path("question", string(q.ID)), Text: bots.Text{bold(v.Say("told.question", "Product", bots.Clip(p.Title, 100)))}.Line(regular(q.Words)).Line().Line(italic(v.Say("told.questionnext"))),
		Rows: rows(row(keeping(v.primary("button.answerquestion", "question", "answer", string(q.ID))), keeping(v.button("button.question", "question", string(q.ID)))))}, nil
}
