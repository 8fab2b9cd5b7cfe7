package shop

// This file is how reviews are read: the score at the product, the list, and one
// of them with its photos.

import (
	"errors"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/media"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/reviews"
)

const reviewsPage = 5

func photoSource(hash string) string { return media.PhotoSource + hash }

// scores are those of all products. Without them the shop goes on.
func (s *Shop) scores(v *visit) reviews.Scores {
	scores, err := s.Reviews.Products(v.ctx)
	if err != nil {
		s.Log.WarnContext(v.ctx, "scores were not read", "error", err)
	}
	return scores
}

// ranked orders a list of products by their scores, by halves of a star: within
// the same half they stay as they are.
func (s *Shop) ranked(v *visit, list []*catalog.Product) []*catalog.Product {
	scores := s.scores(v)
	if len(scores) == 0 {
		return list
	}
	const most = 10 // either way
	var by [2*most + 1][]*catalog.Product
	for _, p := range list {
		at := most - max(-most, min(most, scores[p.ID].Rank()))
		by[at] = append(by[at], p)
	}
	list = list[:0]
	for _, some := range by {
		list = append(list, some...)
	}
	return list
}

// scoreLine says how a product is rated, and leads to what was written.
func (s *Shop) scoreLine(v *visit, p commerce.ProductID) (string, bots.Button) {
	score := s.scores(v)[p]
	if score.N == 0 {
		return "", bots.Button{}
	}
	return v.score(score), v.button("button.reviews", "reviews", string(p), "new")
}

func (v *visit) score(s reviews.Score) string {
	return v.Count("review.score", s.N, "Stars", v.tenths(s.Mean()))
}

// reviews lists what was written of a product: "reviews <product> new|best [<cursor>]".
func (s *Shop) reviews(v *visit, args []string) (bots.Screen, error) {
	p, err := s.reviewable(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	by, word, other := reviews.Newest, "new", v.button("button.reviewsbest", "reviews", args[0], "best")
	if args[1] == "best" {
		by, word, other = reviews.Helpful, "best", v.button("button.reviewsnew", "reviews", args[0], "new")
	}
	cursor := ""
	if len(args) > 2 {
		cursor = args[2]
	}
	page, err := s.Reviews.List(v.ctx, p.ID, by, cursor, reviewsPage)
	if err != nil {
		return bots.Screen{}, err
	}
	path := []string{"reviews", string(p.ID), word}
	screen := bots.Screen{Path: bots.Path(path...), Text: bots.Text{bold(v.Say("review.title", "Product", bots.Clip(p.Title, 100)))}}
	if score := s.scores(v)[p.ID]; score.N > 0 {
		screen.Text = screen.Text.Line(regular(v.score(score)))
		var each []string
		for i, f := range reviews.Factors {
			each = append(each, v.Say("review.factor."+f)+" "+v.tenths(score.Factor(i)))
		}
		screen.Text = screen.Text.Line(italic(strings.Join(each, " · ")))
	}
	if len(page.Items) == 0 {
		screen.Text = screen.Text.Line().Line(regular(v.Say("review.none")))
		other = bots.Button{}
	} else {
		screen.Menu = &bots.Menu{Hint: v.Say("review.open")}
	}
	for _, w := range page.Items {
		head := s.reviewHead(v, w)
		screen.Text = screen.Text.Line().Line(bold(head))
		if w.Words != "" {
			screen.Text = screen.Text.Line(regular(bots.Clip(strings.Join(strings.Fields(w.Words), " "), 180)))
		}
		var about []string
		if n := int64(len(w.Photos)); n > 0 {
			about = append(about, v.Count("review.photos", n))
		}
		if w.Helpful > 0 {
			about = append(about, v.Count("review.helpful", w.Helpful))
		}
		if w.Answer != "" && !w.AnswerHidden {
			about = append(about, v.Say("review.answered"))
		}
		if len(about) > 0 {
			screen.Text = screen.Text.Line(italic(strings.Join(about, " · ")))
		}
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(head, bots.MaxChoice), Description: bots.Clip(strings.Join(strings.Fields(w.Words), " "), bots.MaxChoice),
			Action: bots.Path("review", string(w.ID))})
	}
	screen.Rows = rows(v.onward(path, cursor, page.Next), row(other, v.button("button.reviewproduct", "p", string(p.ID)), v.button("button.home", "start")))
	return screen, nil
}

// reviewHead says who gave how many stars, and that they bought it, or got it for
// free.
func (s *Shop) reviewHead(v *visit, w reviews.Review) string {
	by := "review.by"
	if w.Sample {
		by = "review.bysample"
	}
	return starred((w.Stars.Mean()+500)/1000) + " " + v.Say(by, "Name", s.firstName(v, w.Member), "Date", w.WrittenAt)
}

// firstName is what somebody is called where others read it.
func (s *Shop) firstName(v *visit, m commerce.MemberID) string {
	if m != "" {
		if who, err := s.Members.Get(v.ctx, m); err == nil {
			if name, _, _ := strings.Cut(strings.TrimSpace(who.Name), " "); name != "" {
				return bots.Clip(name, 40)
			}
		}
	}
	return v.Say("review.somebody")
}

// reviewed shows one review, and its photos one by one: "review <review> [<photo>]".
func (s *Shop) reviewed(v *visit, args []string) (bots.Screen, error) {
	photo := 0
	if len(args) > 1 {
		photo = number(args[1])
	}
	return s.showReviewed(v, commerce.ReviewID(args[0]), photo, "")
}

func (s *Shop) showReviewed(v *visit, id commerce.ReviewID, photo int, notice string) (bots.Screen, error) {
	w, err := s.Reviews.One(v.ctx, id)
	if err == nil && w.Hidden {
		err = reviews.ErrNone
	}
	if err != nil {
		return bots.Screen{}, err
	}
	p, err := s.reviewable(v, string(w.Product))
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: bots.Path("review", string(id)), Notice: notice, Text: bots.Text{bold(bots.Clip(p.Title, 100))}.Line(regular(s.reviewHead(v, w)))}
	screen.Text = v.reviewStarLines(screen.Text, w)
	if w.Words != "" {
		screen.Text = screen.Text.Line().Line(regular(w.Words))
	}
	if w.Edited {
		screen.Text = screen.Text.Line(italic(v.Say("review.changed")))
	}
	screen.Text = s.reviewAnswer(v, screen.Text, p, w)
	if w.Helpful > 0 {
		screen.Text = screen.Text.Line(italic(v.Count("review.helpful", w.Helpful)))
	}
	var photos []bots.Button
	if len(w.Photos) > 0 {
		photo = min(photo, len(w.Photos)-1)
		screen.Picture = s.picture(photoSource(w.Photos[photo]), p.ID, p.Title)
	}
	for i := range w.Photos {
		if i != photo {
			b := v.button("button.reviewphoto", "review", string(id), strconv.Itoa(i))
			b.Label = v.Say("button.reviewphoto", "N", i+1)
			photos = append(photos, b)
		}
	}
	helpful, mine := v.button("button.helpful", "helpful", string(id)), bots.Button{}
	if w.Member == v.member.ID {
		helpful, mine = bots.Button{}, v.button("button.reviewmine", "rate", string(p.ID))
	}
	report, reportAnswer := bots.Button{}, bots.Button{}
	if w.Answer != "" && !w.AnswerHidden && s.Moderation != nil {
		reportAnswer = v.button("button.reportanswer", "report", string(moderation.Answer), string(id))
	}
	if w.Words != "" || len(w.Photos) > 0 {
		report = s.reportButton(v, moderation.Review, string(id), w.Member)
	}
	screen.Rows = rows(photos, row(helpful, mine, report, v.button("button.reviews", "reviews", string(p.ID), "new")),
		row(reportAnswer, v.button("button.reviewproduct", "p", string(p.ID)), v.button("button.home", "start")))
	return screen, nil
}

// helpful counts a vote: "helpful <review>".
func (s *Shop) helpful(v *visit, args []string) (bots.Screen, error) {
	notice, id := v.Say("review.voted"), commerce.ReviewID(args[0])
	err := s.Reviews.Helpful(v.ctx, v.member.ID, id)
	switch {
	case errors.Is(err, reviews.ErrOwn), errors.Is(err, reviews.ErrOwnBrand):
		notice = v.problem(err)
	case err != nil:
		return bots.Screen{}, err
	}
	return s.showReviewed(v, id, 0, notice)
}
