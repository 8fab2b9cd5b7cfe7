package staff

import (
	"context"
	"errors"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/reviews"
)

// Reviews is where reviews are read and answered. Nobody here changes stars.
type Reviews interface {
	Waiting(ctx context.Context, of []commerce.BrandID, cursor string, n int) (commerce.Page[reviews.Review], error)
	One(ctx context.Context, id commerce.ReviewID) (reviews.Review, error)
	Answer(ctx context.Context, actor string, of []commerce.BrandID, id commerce.ReviewID, words string) error
	Brand(ctx context.Context, id commerce.BrandID) (reviews.Score, error)
}

const (
	reviewsPage     = 8
	maxReviewAnswer = 300 // characters
)

func stars(n int64) string { return strings.Repeat("★", int(n)) + strings.Repeat("☆", int(5-n)) }

// mean writes thousandths of a star.
func (v *visit) mean(n int64) string {
	n = (n + 50) / 100
	return v.Say("review.mean", "Whole", n/10, "Tenth", n%10)
}

// reviews lists what waits for an answer: "staff reviews [<cursor>]".
func (s *Staff) reviews(v *visit, cursor, notice string) (bots.Screen, error) {
	page, err := s.Reviews.Waiting(v.ctx, v.role.brands(), cursor, reviewsPage)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "staff reviews", Notice: notice, Text: bots.Text{{Text: v.Say("staff.reviews"), Look: bots.Bold}}}
	for _, b := range v.role.brands() {
		score, err := s.Reviews.Brand(v.ctx, b)
		if err != nil {
			return bots.Screen{}, err
		}
		if score.N == 0 {
			continue
		}
		said := []string{v.Count("review.score", score.N, "Stars", v.mean(score.Mean()))}
		for i, f := range reviews.Factors {
			said = append(said, v.Say("review.factor."+f)+" "+v.mean(score.Factor(i)))
		}
		screen.Text = screen.Text.Line(bots.Span{Text: strings.Join(said, " · ")})
	}
	var row []bots.Button
	if cursor != "" {
		row = append(row, v.button("button.newest", "reviews"))
	}
	if page.Next != "" {
		row = append(row, v.button("button.older", "reviews", page.Next))
	}
	screen.Rows = [][]bots.Button{append(row, v.button("staff.button.open"))}
	if len(page.Items) == 0 {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.noreviews")})
		return screen, nil
	}
	screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.reviewswait")})
	screen.Menu = &bots.Menu{Hint: v.Say("staff.choosereview")}
	for _, w := range page.Items {
		label := stars((w.Stars.Mean()+500)/1000) + " " + s.product(v, w.Product)
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(label, bots.MaxChoice),
			Description: bots.Clip(v.Date(w.WrittenAt)+" · "+strings.Join(strings.Fields(w.Words), " "), bots.MaxChoice), Action: bots.Path("staff", "review", string(w.ID))})
	}
	return screen, nil
}

// review answers what is about one of them.
func (s *Staff) review(v *visit, topic string, id commerce.ReviewID, word string) (bots.Screen, error) {
	w, err := s.Reviews.One(v.ctx, id)
	if err == nil && (w.Hidden || !v.role.speaksFor(w.Brand)) {
		err = reviews.ErrNone
	}
	if err != nil {
		return bots.Screen{}, err
	}
	if topic == "review" {
		return s.showReview(v, w, word, "")
	}
	if v.ev.Kind != bots.Fill {
		return s.askReviewAnswer(v, w), nil
	}
	done := "staff.reviewdone"
	if err := s.Reviews.Answer(v.ctx, v.actor, v.role.brands(), id, bots.Clip(strings.TrimSpace(v.ev.Values["answer"]), maxReviewAnswer)); errors.Is(err, reviews.ErrHidden) {
		done = "review.ishidden"
	} else if err != nil {
		return bots.Screen{}, err
	}
	if w, err = s.Reviews.One(v.ctx, id); err != nil {
		return bots.Screen{}, err
	}
	if w.AnswerHidden && done == "staff.reviewdone" {
		done = "held.waits"
	}
	return s.showReview(v, w, "", v.Say(done))
}

// showReview is one of them; word is the number of the photo that is handed over.
func (s *Staff) showReview(v *visit, w reviews.Review, word, notice string) (bots.Screen, error) {
	id := string(w.ID)
	text := bots.Text{{Text: s.product(v, w.Product), Look: bots.Bold}}
	for i, n := range w.Stars {
		text = text.Line(bots.Span{Text: stars(n) + " " + v.Say("review.factor."+reviews.Factors[i])})
	}
	if w.Words != "" {
		text = text.Line().Line(bots.Span{Text: bots.Clip(w.Words, 1000)})
	}
	if w.Answer != "" {
		text = text.Line().Line(bots.Span{Text: v.Say("staff.reviewanswer") + " ", Look: bots.Bold}, bots.Span{Text: w.Answer})
	}
	if w.AnswerHidden {
		said, err := s.whyHidden(v, moderation.Ref{Kind: moderation.Answer, ID: id}, true)
		if err != nil {
			return bots.Screen{}, err
		}
		text = text.Line(bots.Span{Text: said, Look: bots.Italic})
	}
	screen := bots.Screen{Path: bots.Path("staff", "review", id), Text: text, Notice: notice}
	photos := s.photoButtons(v, w.Photos, "review", id)
	if len(photos) > 0 {
		screen.Rows = append(screen.Rows, photos)
	}
	answer := v.button("staff.button.answerreview", "answerreview", id)
	if w.Answer != "" {
		answer = v.button("staff.button.changeanswer", "answerreview", id)
	} else {
		answer.Style = bots.Primary
	}
	screen.Rows = append(screen.Rows, []bots.Button{answer, v.button("staff.button.reviews", "reviews")})
	err := s.handPhoto(v, &screen, w.Photos, word)
	return screen, err
}

// whyHidden says why something the staff wrote is not shown: it waits for a
// moderator, or one decided so. Again says that it may be written anew meanwhile.
func (s *Staff) whyHidden(v *visit, about moderation.Ref, again bool) (string, error) {
	m, err := s.Moderation.HiddenBy(v.ctx, about)
	if err == nil {
		return v.Say("held.hidden") + " " + v.Say("rule."+string(m.Reason)), nil
	}
	if !errors.Is(err, moderation.ErrUnknown) {
		return "", err
	}
	word, err := s.Moderation.HeldFor(v.ctx, about)
	said := v.Say("held.waits") + " " + v.Say("held.why", "Word", bots.Clip(word, 60))
	if again {
		said += " " + v.Say("held.again")
	}
	return said, err
}

// askReviewAnswer asks what the brand answers.
func (s *Staff) askReviewAnswer(v *visit, w reviews.Review) bots.Screen {
	return bots.Screen{Path: bots.Path("staff", "review", string(w.ID)), Text: bots.T(v.Say("staff.review.ask")),
		Form: &bots.Form{Action: bots.Path("staff", "answerreview", string(w.ID)), Title: bots.Clip(v.Say("staff.button.answerreview"), bots.MaxFormTitle),
			Fields: []bots.Field{{Key: "answer", Label: bots.Clip(v.Say("staff.review.label"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("staff.review.hint"), bots.MaxFieldHint),
				Long: true, Max: maxReviewAnswer, Value: w.Answer}},
			Cancel: v.button("button.cancel", "review", string(w.ID))}}
}
