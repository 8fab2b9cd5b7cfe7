package shop

// This file is how a member becomes a creator, and what they find when they are
// one. The rules are in commerce/creators; here it is asked for:
//   - somebody chooses what they will write about, of what they bought or by a
//     search, and sends words and photos.
//   - what the house does not take is said at once, all of it, and nothing that
//     was typed is lost.

import (
	"errors"
	"slices"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

const (
	maxTask    = 3  // photos of a test task: with the words they fit a form
	mostBought = 10 // things bought that are offered to write about
)

// creatorDesk is what /creator shows: to a creator their own, to others how to
// become one.
func (s *Shop) creatorDesk(v *visit, _ []string) (bots.Screen, error) {
	brought, err := s.Creators.BroughtBy(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	c, err := s.Creators.Of(v.ctx, v.member.ID)
	if errors.Is(err, creators.ErrUnknownCreator) {
		screen, err := s.becoming(v)
		if err == nil {
			screen, err = s.withMeasures(v, screen)
		}
		if brought > 0 {
			screen.Text = screen.Text.Line().Line(regular(v.Count("creator.brought", brought)))
		}
		return screen, err
	}
	if err != nil {
		return bots.Screen{}, err
	}
	followers, err := s.Creators.Followers(v.ctx, c.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(v.Say("creator.badge", "Name", bots.Clip(c.Name, 80)))}
	if followers > 0 {
		text = text.Line(regular(v.Count("creator.followers", followers)))
	} else {
		text = text.Line(regular(v.Say("creator.nofollowers")))
	}
	if c.Code != "" && s.earns(c) {
		text = text.Line(regular(v.Say("creator.code")+" "), code(c.Code)).Line(italic(v.Say("creator.codewhat")))
	}
	if brought > 0 {
		text = text.Line(regular(v.Count("creator.brought", brought)))
	}
	screen := bots.Screen{Path: "creator", Text: text,
		Rows: rows(row(v.primary("button.newpost", "post", "new"), v.button("button.myposts", "posts"), v.button("button.earnings", "earnings"), v.button("button.invite", "invite")), row(v.button("button.mypage", "creator", string(c.ID)), v.button("button.digest", "digest"), v.button("button.exchange", "exchange"), v.button("button.guides", "guides"), v.button("button.home", "start")))}
	return s.withMeasures(v, screen)
}

// becoming says how far somebody has come, or what there is to do.
func (s *Shop) becoming(v *visit) (bots.Screen, error) {
	a, err := s.Creators.ApplicationOf(v.ctx, v.member.ID)
	guides, home := v.button("button.guides", "guides"), v.button("button.home", "start")
	switch {
	case errors.Is(err, creators.ErrNoApplication):
		return bots.Screen{Path: "creator", Text: bots.Text{bold(v.Say("apply.title"))}.Line(regular(v.Say("apply.what"))).Line().Line(regular(v.Say("apply.task", "Photos", s.house(v).Photos))),
			Rows: rows(row(v.primary("button.apply", "apply")), row(guides, home))}, nil
	case err != nil:
		return bots.Screen{}, err
	case a.State == creators.Advised:
		return bots.Screen{Path: "creator", Text: bots.Text{bold(v.Say("apply.advised"))}.Line(regular(bots.Clip(a.Advice, maxAdvice))).Line().Line(regular(v.Say("apply.advisednext"))),
			Rows: rows(row(v.primary("button.applyagain", "apply", "for", string(a.Product)), v.button("button.applyother", "apply")), row(guides, home))}, nil
	}
	return bots.Screen{Path: "creator", Text: bots.Text{bold(v.Say("apply.sent"))}.Line(regular(v.Say("apply.waits"))),
		Rows: rows(row(v.button("button.applyagain", "apply", "for", string(a.Product))), row(guides, home))}, nil
}

const maxAdvice = 800 // characters

// house is what posts are held to.
func (s *Shop) house(v *visit) creators.House { return v.set.House }

// apply lets somebody choose what to write about: what they bought is first.
func (s *Shop) apply(v *visit, _ []string) (bots.Screen, error) {
	list, err := s.bought(v)
	if err != nil {
		return bots.Screen{}, err
	}
	return s.chooseProduct(v, "creator", list, v.Say("apply.choose"), "apply find", "apply", "for"), nil
}

// applyFind searches for what to write about.
func (s *Shop) applyFind(v *visit, _ []string) (bots.Screen, error) {
	return s.findProduct(v, []string{"apply", "find"}, "creator", "apply", "for")
}

// bought lists what a member has bought and is still shown, the newest first.
func (s *Shop) bought(v *visit) (list []*catalog.Product, err error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return nil, err
	}
	page, err := s.Orders.OfMember(v.ctx, v.member.ID, "", mostBought)
	if err != nil {
		return nil, err
	}
	for _, o := range page.Items {
		for _, l := range o.Lines {
			p, ok := goods.Product(l.Product)
			if l.Kind == pricing.KindItem && ok && (o.State == orders.Paid || o.State == orders.Shipped) && v.scope.offers(p) && !slices.Contains(list, p) && len(list) < mostBought {
				list = append(list, p)
			}
		}
	}
	return list, nil
}

// chooseProduct is a menu of products, each of which leads to the words with its
// id at their end; find is where others are searched, back where it was left.
func (s *Shop) chooseProduct(v *visit, back bots.Action, list []*catalog.Product, say string, find bots.Action, words ...string) bots.Screen {
	screen := bots.Screen{Path: back, Text: bots.T(say),
		Rows: rows(row(v.button("button.searchagain", find.Words()...)), row(v.button("button.cancel", back.Words()...)))}
	if len(list) > 0 {
		screen.Menu = &bots.Menu{Hint: v.Say("apply.choosehint")}
		for _, p := range list[:min(len(list), bots.MaxChoices)] {
			screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(p.Title, bots.MaxChoice), Description: v.priceRange(p),
				Action: bots.Path(append(slices.Clone(words), string(p.ID))...)})
		}
	}
	return screen
}

// findProduct asks for a product, and shows what was found.
func (s *Shop) findProduct(v *visit, path []string, back bots.Action, words ...string) (bots.Screen, error) {
	form := bots.Form{Action: bots.Path(path...), Title: v.Say("search.title"),
		Fields: []bots.Field{{Key: "query", Label: v.Say("search.what"), Hint: v.Say("search.hint"), Max: 100}}, Cancel: v.button("button.cancel", back.Words()...)}
	if !v.filled() {
		return v.ask(form, 0, ""), nil
	}
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	query := v.value("query")
	list := v.scope.offered(goods.Search(query, v.scope.brands, bots.MaxChoices))
	if len(list) == 0 {
		return v.again(form, "query", v.Say("search.none", "Query", bots.Clip(query, 60))), nil
	}
	return s.chooseProduct(v, back, list, v.Say("apply.found", "Query", bots.Clip(query, 60)), bots.Path(path...), words...), nil
}

// applyFor asks for the test task, checks it and sends it: "apply for <product>".
func (s *Shop) applyFor(v *visit, args []string) (bots.Screen, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	p, ok := goods.Product(commerce.ProductID(args[0]))
	if !ok || p.Hidden || !v.scope.offers(p) {
		return bots.Screen{}, errProductGone
	}
	if _, err := s.Creators.Of(v.ctx, v.member.ID); !errors.Is(err, creators.ErrUnknownCreator) {
		if err == nil {
			return s.creatorDesk(v, nil)
		}
		return bots.Screen{}, err
	}
	form := s.taskForm(v, p)
	if !v.filled() {
		return v.ask(form, 0, ""), nil
	}
	photos, stop, err := s.takePhotos(v, form)
	if err != nil || stop != nil {
		return deref(stop), err
	}
	a := creators.Application{Member: v.member.ID, Product: p.ID, Words: v.value("words"), Bot: v.ev.Bot}
	for _, photo := range photos {
		a.Photos = append(a.Photos, photo.Hash)
	}
	faults := s.house(v).Check(creators.Draft{Words: a.Words, Photos: photos, Products: []commerce.ProductID{p.ID}, Listing: listingOf(p)})
	if len(faults) == 0 {
		err = s.Creators.Apply(v.ctx, a, s.Reviewers())
	} else {
		err = s.dropPhotos(v, photos)
	}
	if errors.Is(err, moderation.ErrFrozen) || errors.Is(err, moderation.ErrBanned) {
		return bots.Screen{Path: "creator", Text: bots.T(v.mayNot(err)), Rows: rows(row(v.button("button.measures", "measures"), v.button("button.home", "start")))}, s.dropPhotos(v, photos)
	}
	if err != nil {
		return bots.Screen{}, err
	}
	if len(faults) > 0 {
		v.wrong = true
		screen := v.ask(form, 0, "")
		screen.Text = v.faults(faults)
		return screen, nil
	}
	return s.becoming(v)
}

// taskForm asks for words and photos.
func (s *Shop) taskForm(v *visit, p *catalog.Product) bots.Form {
	house := s.house(v)
	form := bots.Form{Action: bots.Path("apply", "for", string(p.ID)), Title: bots.Clip(p.Title, bots.MaxFormTitle), Cancel: v.button("button.cancel", "creator"),
		Fields: []bots.Field{{Key: "words", Label: bots.Clip(v.Say("post.words"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("post.wordshint"), bots.MaxFieldHint), Long: true, Max: house.Long}}}
	for i := range maxTask {
		form.Fields = append(form.Fields, v.photoField(i, i >= house.Photos))
	}
	return form
}

// photoField asks for a photo of a post.
func (v *visit) photoField(i int, optional bool) bots.Field {
	return bots.Field{Key: "photo" + strconv.Itoa(i+1), Label: bots.Clip(v.Say("post.photo", "N", i+1), bots.MaxFieldLabel),
		Hint: bots.Clip(v.Say("post.photohint"), bots.MaxFieldHint), Photo: true, Optional: optional}
}

// takePhotos stores the photos of a filled form; stop asks for one again that
// cannot be read.
func (s *Shop) takePhotos(v *visit, form bots.Form) (list []creators.Photo, stop *bots.Screen, err error) {
	for _, f := range form.Fields {
		name := v.ev.Values[f.Key]
		if !f.Photo || name == "" {
			continue
		}
		one := creators.Photo{}
		one.Hash, err = s.Photos.Take(v.ctx, v.ev.Bot, name)
		if err == nil {
			one.Width, one.Height, err = s.Photos.Size(v.ctx, one.Hash)
		}
		if commerce.KindOf(err) == commerce.Invalid && err != nil {
			screen := v.again(form, f.Key, v.Say("form.nophoto"))
			return nil, &screen, s.dropPhotos(v, list)
		}
		if err != nil {
			return nil, nil, errors.Join(err, s.dropPhotos(v, list))
		}
		if !slices.ContainsFunc(list, func(p creators.Photo) bool { return p.Hash == one.Hash }) { // the same twice is one
			list = append(list, one)
		}
	}
	return list, nil, nil
}

// dropPhotos deletes what was taken and is not shown.
func (s *Shop) dropPhotos(v *visit, list []creators.Photo) (err error) {
	for _, p := range list {
		err = errors.Join(err, s.Photos.Drop(v.ctx, p.Hash))
	}
	return err
}

// listingOf is what a product's own page says.
func listingOf(p *catalog.Product) string { return p.Title + "\n" + p.Body }

// faults says all that is not as the house wants it, and what to do about it.
func (v *visit) faults(list []creators.Fault) bots.Text {
	return v.faultLines(list).Line(regular(v.Say("house.next")))
}

func (v *visit) faultLines(list []creators.Fault) bots.Text {
	text := bots.Text{bold(v.Say("house.title"))}
	for _, f := range list {
		say := v.Say("house."+f.What, "N", f.N, "Word", bots.Clip(f.Word, 60))
		if f.What == creators.FewPhotos {
			say = v.Count("house.photos", f.N)
		}
		text = text.Line(regular("• " + say))
	}
	return text
}

// toldApplication is what an applicant is told when a person has decided.
func (s *Shop) toldApplication(v *visit, id string, approved bool) (bots.Screen, error) {
	a, err := s.Creators.Application(v.ctx, commerce.ApplicationID(id))
	if errors.Is(err, creators.ErrNoApplication) {
		return bots.Screen{}, nil // they are erased
	}
	if err != nil {
		return bots.Screen{}, err
	}
	if approved {
		return bots.Screen{Path: "creator", Text: bots.Text{bold(v.Say("apply.approved"))}.Line(regular(v.Say("apply.approvednext"))),
			Rows: rows(row(keeping(v.primary("button.creatordesk", "creator")), v.button("button.guides", "guides")))}, nil
	}
	return bots.Screen{Path: "creator", Text: bots.Text{bold(v.Say("apply.advised"))}.Line(regular(bots.Clip(a.Advice, maxAdvice))).Line().Line(regular(v.Say("apply.advisednext"))),
		Rows: rows(row(keeping(v.primary("button.applyagain", "apply", "for", string(a.Product))), v.button("button.guides", "guides")))}, nil
}

// staffApplication tells a reviewer that somebody wants to become a creator.
func (v *visit) staffApplication(id string) bots.Screen {
	return bots.Screen{Path: bots.Path("staff", "application", id), Text: bots.Text{bold(v.Say("told.application"))}.Line(regular(v.Say("told.applicationnext"))),
		Rows: rows(row(keeping(v.primary("button.application", "staff", "application", id))))}
}

// guides are how to do it well, page by page.
func (s *Shop) guides(v *visit, args []string) (bots.Screen, error) {
	page := 0
	if len(args) > 0 {
		page = min(max(number(args[0]), 0), guidePages-1)
	}
	n := strconv.Itoa(page + 1)
	next := bots.Button{}
	if page+1 < guidePages {
		next = v.primary("button.guidenext", "guides", strconv.Itoa(page+1))
	}
	back := bots.Button{}
	if page > 0 {
		back = v.button("button.guideback", "guides", strconv.Itoa(page-1))
	}
	house := s.house(v)
	return bots.Screen{Path: bots.Path("guides", strconv.Itoa(page)),
		Text: bots.Text{bold(v.Say("guide." + n + ".title"))}.Line(regular(v.Say("guide."+n+".text", "Photos", house.Photos, "Short", house.Short, "Long", house.Long))),
		Rows: rows(row(back, next), row(v.button("button.creatordesk", "creator"), v.button("button.home", "start")))}, nil
}

const guidePages = 4
