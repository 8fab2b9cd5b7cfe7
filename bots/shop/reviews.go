package shop

// This file is how members say what they think of what they bought. The rules
// are in commerce/reviews; here they are asked:
//   - stars are three taps, one a factor; words and photos may come with them.
//   - what is sent stands at the product, with who wrote it by first name.
//   - "e" before the stars in an action says that they change what was sent.

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/reviews"
)

const (
	maxReview       = 600 // characters: with the brand's answer they fit below a photo
	maxReviewPhotos = 3
)

// rating is how far somebody has come with their stars.
type rating struct {
	edit  bool
	stars []int64
}

func readRating(word string) (r rating) {
	word, r.edit = strings.CutPrefix(word, "e")
	for _, c := range word {
		if c >= '1' && c <= '5' && len(r.stars) < len(reviews.Factors) {
			r.stars = append(r.stars, int64(c-'0'))
		}
	}
	return r
}

func (r rating) String() string {
	b := []byte{}
	if r.edit {
		b = append(b, 'e')
	}
	for _, n := range r.stars {
		b = append(b, byte('0'+n))
	}
	return string(b)
}

func (r rating) whole() bool { return len(r.stars) == len(reviews.Factors) }

func (r rating) all() reviews.Stars { return reviews.Stars(r.stars) }

// starred writes stars so that they are seen.
func starred(n int64) string {
	return strings.Repeat("★", int(n)) + strings.Repeat("☆", int(5-n))
}

// tenths writes thousandths of a star.
func (v *visit) tenths(mean int64) string {
	mean = (mean + 50) / 100
	return v.Say("review.mean", "Whole", mean/10, "Tenth", mean%10)
}

// reviewable finds a product, whether it is still sold or not: what was bought can
// be spoken of.
func (s *Shop) reviewable(v *visit, id string) (*catalog.Product, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return nil, err
	}
	p, ok := goods.Product(commerce.ProductID(id))
	if !ok {
		return nil, errProductGone
	}
	return p, v.scope.aged(v.scope.age(p))
}

// reviewOpen begins a review, or shows what the member has written: "rate <product>".
func (s *Shop) reviewOpen(v *visit, args []string) (bots.Screen, error) {
	p, err := s.reviewable(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	w, err := s.Reviews.Of(v.ctx, v.member.ID, p.ID)
	if errors.Is(err, reviews.ErrNone) {
		return s.askStars(v, p, rating{})
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.myReview(v, p, w, "")
}

// reviewStars asks for the next factor: "rate stars <product> <stars>".
func (s *Shop) reviewStars(v *visit, args []string) (bots.Screen, error) {
	p, err := s.reviewable(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	return s.askStars(v, p, readRating(args[1]))
}

// askStars asks for the next factor, or whether there is more to say.
func (s *Shop) askStars(v *visit, p *catalog.Product, r rating) (bots.Screen, error) {
	yes, err := s.Reviews.Bought(v.ctx, v.member.ID, p.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	if !yes {
		return bots.Screen{}, reviews.ErrNotYours
	}
	id := string(p.ID)
	screen := bots.Screen{Path: bots.Path("rate", id), Text: bots.Text{bold(bots.Clip(p.Title, 100))}}
	if len(r.stars) > 0 || r.edit {
		screen.Path = bots.Path("rate", "stars", id, r.String())
	}
	for i, n := range r.stars {
		screen.Text = screen.Text.Line(regular(starred(n) + " " + v.Say("review.factor."+reviews.Factors[i])))
	}
	back := bots.Button{}
	if len(r.stars) > 0 {
		back = v.button("button.reviewback", "rate", "stars", id, rating{r.edit, r.stars[:len(r.stars)-1]}.String())
		if len(r.stars) == 1 && !r.edit {
			back.Action = bots.Path("rate", id)
		}
	}
	if !r.whole() {
		screen.Text = screen.Text.Line().Line(regular(v.Say("review.ask." + reviews.Factors[len(r.stars)])))
		screen.Rows = rows(v.starButtons(p.ID, r), row(back, v.button("button.home", "start")))
		return screen, nil
	}
	screen.Text = screen.Text.Line().Line(regular(v.Say("review.more")))
	screen.Rows = rows(row(v.primary("button.reviewwrite", "rate", "write", id, r.String()), v.button("button.reviewsend", "rate", "send", id, r.String())),
		row(back, v.button("button.home", "start")))
	return screen, nil
}

// starButtons are the taps for the next factor.
func (v *visit) starButtons(p commerce.ProductID, r rating) []bots.Button {
	var list []bots.Button
	for n := int64(1); n <= 5; n++ {
		next := rating{r.edit, append(slices.Clone(r.stars), n)}
		list = append(list, bots.Button{Label: strconv.FormatInt(n, 10) + " ★", Action: bots.Path("rate", "stars", string(p), next.String())})
	}
	return list
}

// reviewSend sends the stars alone: "rate send <product> <stars>".
func (s *Shop) reviewSend(v *visit, args []string) (bots.Screen, error) {
	p, err := s.reviewable(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	r := readRating(args[1])
	if !r.whole() {
		return s.askStars(v, p, r)
	}
	w := reviews.Review{Stars: r.all()}
	if r.edit { // what else was said stays
		was, err := s.Reviews.Of(v.ctx, v.member.ID, p.ID)
		if err != nil {
			return bots.Screen{}, err
		}
		w.Words, w.Photos = was.Words, was.Photos
	}
	return s.keepReview(v, p, r, w)
}

// reviewWrite asks for words and photos, and sends them with the stars:
// "rate write <product> <stars>".
func (s *Shop) reviewWrite(v *visit, args []string) (bots.Screen, error) {
	p, err := s.reviewable(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	r := readRating(args[1])
	was, err := s.Reviews.Of(v.ctx, v.member.ID, p.ID)
	if err != nil && !errors.Is(err, reviews.ErrNone) {
		return bots.Screen{}, err
	}
	if !r.whole() {
		return s.askStars(v, p, r)
	}
	if (was.ID != "") != r.edit || was.Edited && !was.Hidden {
		return s.reviewOpen(v, args[:1]) // an old button
	}
	if yes, err := s.Reviews.Bought(v.ctx, v.member.ID, p.ID); err != nil || !yes {
		return bots.Screen{}, cmp.Or(err, error(reviews.ErrNotYours))
	}
	form := bots.Form{Action: bots.Path("rate", "write", string(p.ID), r.String()), Title: bots.Clip(p.Title, bots.MaxFormTitle),
		Fields: []bots.Field{{Key: "words", Label: bots.Clip(v.Say("review.words"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("review.wordshint"), bots.MaxFieldHint),
			Long: true, Max: maxReview, Optional: true, Value: was.Words}}, Cancel: v.button("button.cancel", "rate", "stars", string(p.ID), r.String())}
	for i := range maxReviewPhotos {
		form.Fields = append(form.Fields, v.photoField(i, true))
	}
	if !v.filled() {
		return v.ask(form, 0, ""), nil
	}
	photos, stop, err := s.takePhotos(v, form)
	if err != nil || stop != nil {
		return deref(stop), err
	}
	w := reviews.Review{Stars: r.all(), Words: v.value("words")}
	for _, photo := range photos {
		w.Photos = append(w.Photos, photo.Hash)
	}
	rules := creators.House{Long: maxReview}
	if faults := rules.Check(creators.Draft{Words: w.Words, Products: []commerce.ProductID{p.ID}}); len(faults) > 0 {
		v.wrong = true
		screen := v.ask(form, 0, "")
		screen.Text = v.faults(faults)
		return screen, s.dropPhotos(v, photos)
	}
	if len(w.Photos) == 0 {
		w.Photos = was.Photos // those that were sent before
	}
	screen, err := s.keepReview(v, p, r, w)
	return screen, errors.Join(err, s.dropPhotos(v, photos)) // those that nothing shows
}

// keepReview writes a review, or the change of one, and thanks for it.
func (s *Shop) keepReview(v *visit, p *catalog.Product, r rating, w reviews.Review) (screen bots.Screen, err error) {
	w.Member, w.Product = v.member.ID, p.ID
	notice := ""
	if r.edit {
		var was reviews.Review
		if was, err = s.Reviews.Of(v.ctx, v.member.ID, p.ID); err == nil {
			w.ID = was.ID
			err = s.Reviews.Edit(v.ctx, w)
		}
	} else {
		_, err = s.Reviews.Write(v.ctx, w)
	}
	switch {
	case errors.Is(err, reviews.ErrAlready), errors.Is(err, reviews.ErrEdited), errors.Is(err, reviews.ErrHidden):
		notice = v.problem(err)
	case err != nil:
		return bots.Screen{}, err
	}
	if w, err = s.Reviews.Of(v.ctx, v.member.ID, p.ID); err != nil {
		return bots.Screen{}, err
	}
	return s.myReview(v, p, w, notice)
}

// myReview shows a member what they have written, and what else there is to say
// something of.
func (s *Shop) myReview(v *visit, p *catalog.Product, w reviews.Review, notice string) (bots.Screen, error) {
	screen := bots.Screen{Path: bots.Path("rate", string(p.ID)), Notice: notice, Text: bots.Text{bold(v.Say("review.thanks", "Product", bots.Clip(p.Title, 100)))}}
	screen.Text = v.reviewStarLines(screen.Text, w)
	if w.Words != "" {
		screen.Text = screen.Text.Line(regular(w.Words))
	}
	screen.Text = s.reviewAnswer(v, screen.Text, p, w)
	if len(w.Photos) > 0 {
		screen.Picture = s.picture(photoSource(w.Photos[0]), p.ID, p.Title)
	}
	edit, why := bots.Button{}, bots.Button{}
	if w.Hidden && s.Moderation != nil {
		var err error
		if screen.Text, why, err = s.ownHidden(v, screen.Text, moderation.Ref{Kind: moderation.Review, ID: string(w.ID)}, true); err != nil {
			return bots.Screen{}, err
		}
		if (why == bots.Button{}) {
			edit = v.button("button.reviewedit", "rate", "stars", string(p.ID), "e")
		}
		counts := "review.starscount"
		if w.New() {
			counts = "review.starswait"
		}
		screen.Text = screen.Text.Line(italic(v.Say(counts)))
	} else if !w.Edited {
		edit = v.button("button.reviewedit", "rate", "stars", string(p.ID), "e")
		screen.Text = screen.Text.Line().Line(italic(v.Say("review.once")))
	}
	others, err := s.Reviews.AskedWith(v.ctx, v.member.ID, p.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	next, err := s.reviewMenu(v, others)
	if err != nil {
		return bots.Screen{}, err
	}
	screen.Menu = next
	screen.Rows = rows(row(edit, why, v.button("button.reviews", "reviews", string(p.ID), "new")), row(v.button("button.home", "start")))
	return screen, nil
}

// reviewMenu leads to reviews of products, nil for none.
func (s *Shop) reviewMenu(v *visit, list []commerce.ProductID) (*bots.Menu, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return nil, err
	}
	menu := &bots.Menu{Hint: v.Say("review.choose")}
	for _, id := range list[:min(len(list), bots.MaxChoices)] {
		if p, ok := goods.Product(id); ok {
			menu.Choices = append(menu.Choices, bots.Choice{Label: bots.Clip(p.Title, bots.MaxChoice), Action: bots.Path("rate", string(id))})
		}
	}
	if len(menu.Choices) == 0 {
		return nil, nil
	}
	return menu, nil
}

func (v *visit) reviewStarLines(text bots.Text, w reviews.Review) bots.Text {
	for i, n := range w.Stars {
		text = text.Line(regular(starred(n) + " " + v.Say("review.factor."+reviews.Factors[i])))
	}
	return text
}

func (s *Shop) reviewAnswer(v *visit, text bots.Text, p *catalog.Product, w reviews.Review) bots.Text {
	if w.Answer == "" || w.AnswerHidden {
		return text
	}
	return text.Line().Line(bold(v.Say("review.answer", "Brand", bots.Clip(p.BrandName, 60))+" "), regular(w.Answer))
}

// reviewNotice asks a member about what arrived, or tells them that the brand
// has answered.
func (s *Shop) reviewNotice(v *visit, n notices.Notice) (bots.Screen, error) {
	if n.Kind == notices.ReviewAnswered {
		w, err := s.Reviews.One(v.ctx, commerce.ReviewID(n.Args["review"]))
		if err != nil {
			return bots.Screen{}, err
		}
		p, err := s.reviewable(v, string(w.Product))
		if err != nil || w.Answer == "" || w.AnswerHidden || w.Member != n.Member {
			return bots.Screen{}, err
		}
		text := bots.Text{bold(v.Say("told.reviewanswered", "Product", bots.Clip(p.Title, 100)))}
		return bots.Screen{Path: bots.Path("rate", string(p.ID)), Text: s.reviewAnswer(v, text, p, w),
			Rows: rows(row(keeping(v.button("button.reviewmine", "rate", string(p.ID)))))}, nil
	}
	list, err := s.Reviews.Asked(v.ctx, n.Member, n.Args["parcel"])
	if err != nil {
		return bots.Screen{}, err
	}
	menu, err := s.reviewMenu(v, list)
	if err != nil || menu == nil {
		return bots.Screen{}, err // all of it is reviewed, or gone
	}
	if len(menu.Choices) > 1 {
		return bots.Screen{Path: menu.Choices[0].Action, Text: bots.Text{bold(v.Say("told.review"))}.Line(regular(v.Say("told.reviewwhich"))), Menu: menu}, nil
	}
	words := menu.Choices[0].Action.Words()
	p, err := s.reviewable(v, words[1])
	if err != nil {
		return bots.Screen{}, err
	}
	return bots.Screen{Path: menu.Choices[0].Action, Text: bots.Text{bold(v.Say("told.reviewone", "Product", bots.Clip(p.Title, 100)))}.Line(regular(v.Say("told.reviewnext"))).Line().Line(regular(v.Say("review.ask." + reviews.Factors[0]))),
		Rows: rows(v.starButtons(p.ID, rating{}))}, nil
}

// staffReviews tells a brand that complaints cluster, or that its stars fall.
func (s *Shop) staffReviews(v *visit, n notices.Notice) (bots.Screen, error) {
	of := v.Say("told.ofbrand")
	if id := n.Args["product"]; id != "" {
		p, err := s.reviewable(v, id)
		if err != nil {
			return bots.Screen{}, err
		}
		of = bots.Clip(p.Title, 100)
	}
	what := "told.complaints"
	if n.Args["why"] == reviews.Fell {
		what = "told.fell"
	}
	return bots.Screen{Path: "staff reviews", Text: bots.Text{bold(v.Say(what, "Product", of))}.Line(regular(v.Say("told.complaintsnext"))),
		Rows: rows(row(keeping(v.primary("staff.button.reviews", "staff", "reviews"))))}, nil
}
