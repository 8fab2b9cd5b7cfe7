package shop

// This file is how a creator posts: words and photos, the products they are
// about, where and when. The rules are in commerce/creators:
//   - everything is one draft, which is shown with what is still missing. It is
//     kept until it is published or discarded.
//   - what is shown before is what will be posted.

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/media"
	"github.com/soukchat/souk/commerce/moderation"
)

const (
	maxPostTitle  = 80
	maxPostPhotos = 3 // with title and words they fit a form
)

// asCreator is the creator the member is. A member who is none is told how to become
// one by the screen.
func (s *Shop) asCreator(v *visit) (of creators.Creator, stop *bots.Screen, err error) {
	of, err = s.Creators.Of(v.ctx, v.member.ID)
	if errors.Is(err, creators.ErrUnknownCreator) || err == nil && of.Archived {
		screen, err := s.becoming(v)
		return of, &screen, err
	}
	return of, nil, err
}

// draft reads a creator's own draft.
func (s *Shop) draft(v *visit, id string) (of creators.Creator, p creators.Post, stop *bots.Screen, err error) {
	if of, stop, err = s.asCreator(v); err == nil && stop == nil {
		p, err = s.Creators.Draft(v.ctx, of.ID, commerce.DraftID(id))
	}
	return of, p, stop, err
}

// postNew begins a post, and asks for its words.
func (s *Shop) postNew(v *visit, _ []string) (bots.Screen, error) { return s.postBegin(v, "") }

// postEdit takes a published post up again: "post edit <pick>".
func (s *Shop) postEdit(v *visit, args []string) (bots.Screen, error) { return s.postBegin(v, args[0]) }

func (s *Shop) postBegin(v *visit, pick string) (bots.Screen, error) {
	of, stop, err := s.asCreator(v)
	if err != nil || stop != nil {
		return deref(stop), err
	}
	p, err := s.Creators.Begin(v.ctx, of.ID, commerce.PickID(pick))
	if errors.Is(err, creators.ErrDrafts) {
		return s.postsNotice(v, v.problem(err))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	if pick != "" {
		return s.showDraft(v, p, "")
	}
	return v.ask(s.postForm(v, p), 0, ""), nil
}

// postForm asks for what is written and shown.
func (s *Shop) postForm(v *visit, p creators.Post) bots.Form {
	form := bots.Form{Action: bots.Path("post", "write", string(p.ID)), Title: bots.Clip(v.Say("post.title"), bots.MaxFormTitle), Cancel: v.button("button.cancel", "post", string(p.ID)),
		Fields: []bots.Field{{Key: "title", Label: bots.Clip(v.Say("post.headline"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("post.headlinehint"), bots.MaxFieldHint), Value: p.Title, Max: maxPostTitle},
			{Key: "words", Label: bots.Clip(v.Say("post.words"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("post.wordshint"), bots.MaxFieldHint), Value: p.Words, Long: true, Max: s.house(v).Long}}}
	for i := range maxPostPhotos {
		form.Fields = append(form.Fields, v.photoField(i, i > 0 || len(p.Photos) > 0))
	}
	return form
}

// postWrite takes words and photos: "post write <draft>". No photo leaves those
// it has.
func (s *Shop) postWrite(v *visit, args []string) (bots.Screen, error) {
	of, p, stop, err := s.draft(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	form := s.postForm(v, p)
	if !v.filled() {
		return v.ask(form, 0, ""), nil
	}
	photos, stop, err := s.takePhotos(v, form)
	if err != nil || stop != nil {
		return deref(stop), err
	}
	var hashes []string
	for _, photo := range photos {
		hashes = append(hashes, photo.Hash)
	}
	if p, err = s.Creators.Write(v.ctx, of.ID, p.ID, v.value("title"), v.value("words"), hashes); err != nil {
		return bots.Screen{}, errors.Join(err, s.dropPhotos(v, photos))
	}
	return s.showDraft(v, p, "")
}

// post shows a draft: "post <draft>".
func (s *Shop) post(v *visit, args []string) (bots.Screen, error) {
	_, p, stop, err := s.draft(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	return s.showDraft(v, p, "")
}

// showDraft is a draft with what is missing, and what can be done with it.
func (s *Shop) showDraft(v *visit, p creators.Post, notice string) (bots.Screen, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	id := string(p.ID)
	title := p.Title
	if title == "" {
		title = v.Say("post.untitled")
	}
	text := bots.Text{bold(bots.Clip(title, maxPostTitle)), regular(" "), italic(v.Say("post.draft"))}
	if p.Pick != "" {
		text = bots.Text{bold(bots.Clip(title, maxPostTitle)), regular(" "), italic(v.Say("post.change"))}
	}
	if p.Words != "" {
		text = text.Line(regular(bots.Clip(p.Words, 300)))
	}
	text = text.Line().Line(regular(v.Count("post.photos", int64(len(p.Photos)))))
	if p.Video != "" {
		text = append(text, regular(v.Say("post.withvideo")))
	}
	for _, item := range p.Items {
		if product, ok := goods.Product(item.Product); ok {
			text = text.Line(regular("• "+bots.Clip(product.Title, 80)+" — "), bold(v.itemPrice(product, item)))
		}
	}
	text = text.Line(regular(v.Say("post.where", "Where", v.where(p.Communities))))
	if !p.At.IsZero() {
		text = text.Line(regular(v.Say("post.planned", "Time", v.Moment(p.At))))
	}
	faults, err := s.draftFaults(v, p, goods)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: bots.Path("post", id), Notice: notice}
	var publish, later, look bots.Button
	if len(faults) > 0 {
		text = append(append(text, regular("\n\n")), v.faultLines(faults)...)
	} else {
		publish, look = v.primary("button.publish", "post", "publish", id), v.button("button.preview", "post", "look", id)
		if p.Pick == "" {
			later = v.button("button.later", "post", "later", id)
		}
	}
	screen.Text = text
	screen.Rows = rows(row(publish, later, look), row(v.button("button.write", "post", "write", id), v.button("button.tagproduct", "post", "find", id), v.whereButton(id)), v.filmRow(p),
		row(v.button("button.discard", "post", "discard", id), v.button("button.myposts", "posts")))
	return screen, nil
}

// draftFaults is all that keeps a draft from being published.
func (s *Shop) draftFaults(v *visit, p creators.Post, goods *catalog.Snapshot) ([]creators.Fault, error) {
	d := creators.Draft{Words: p.Words}
	for _, hash := range p.Photos {
		w, h, err := s.Photos.Size(v.ctx, hash)
		if commerce.KindOf(err) == commerce.NotFound && err != nil {
			continue // deleted by hand: it is asked for again
		}
		if err != nil {
			return nil, err
		}
		d.Photos = append(d.Photos, creators.Photo{Hash: hash, Width: w, Height: h})
	}
	for _, item := range p.Items {
		if product, ok := goods.Product(item.Product); ok && v.scope.offers(product) {
			d.Products = append(d.Products, product.ID)
			d.Listing += listingOf(product) + "\n"
		}
	}
	return s.house(v).Check(d), nil
}

// itemPrice is what a product of a post costs.
func (v *visit) itemPrice(p *catalog.Product, item creators.Item) string {
	for i := range p.Variants {
		if p.Variants[i].ID == item.Variant {
			return p.Variants[i].Label() + " " + v.Money(p.Variants[i].Price)
		}
	}
	return v.priceRange(p)
}

// postFind searches for a product to tag: "post find <draft>".
func (s *Shop) postFind(v *visit, args []string) (bots.Screen, error) {
	_, p, stop, err := s.draft(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	return s.findProduct(v, []string{"post", "find", string(p.ID)}, bots.Path("post", string(p.ID)), "post", "tag", string(p.ID))
}

// postTag adds a product, then lets them choose one variant of it: "post tag
// <draft> <product> [<variant>]". Pressed again it takes it out.
func (s *Shop) postTag(v *visit, args []string) (bots.Screen, error) {
	of, p, stop, err := s.draft(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	product, ok := goods.Product(commerce.ProductID(args[1]))
	if !ok || product.Hidden || !v.scope.offers(product) {
		return s.showDraft(v, p, v.problem(errProductGone))
	}
	item := creators.Item{Product: product.ID}
	if len(args) > 2 {
		if of, variant, ok := goods.Variant(commerce.VariantID(args[2])); ok && of.ID == product.ID && !variant.Hidden {
			item.Variant = variant.ID
		}
	}
	p, err = s.Creators.Tag(v.ctx, of.ID, p.ID, item)
	if errors.Is(err, creators.ErrTagged) {
		return s.showDraft(v, p, v.problem(err))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	if len(args) > 2 || len(product.Variants) < 2 || !slices.Contains(p.Items, item) {
		return s.showDraft(v, p, "")
	}
	screen := bots.Screen{Path: bots.Path("post", args[0]), Text: bots.T(v.Say("post.variant", "Product", bots.Clip(product.Title, 80))),
		Menu: &bots.Menu{Hint: v.Say("post.varianthint")}, Rows: rows(row(v.primary("button.anyvariant", "post", args[0])))}
	for i := range product.Variants[:min(len(product.Variants), bots.MaxChoices)] {
		one := &product.Variants[i]
		if !one.Hidden {
			screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(one.Label(), bots.MaxChoice), Description: v.Money(one.Price),
				Action: bots.Path("post", "tag", args[0], args[1], string(one.ID))})
		}
	}
	return screen, nil
}

// where writes the communities a post is for.
func (v *visit) where(list []commerce.CommunityID) string {
	names := ""
	for _, c := range v.set.Communities {
		if slices.Contains(list, c.ID) {
			if names != "" {
				names += ", "
			}
			names += bots.Clip(c.Name, 40)
		}
	}
	if names == "" {
		return v.Say("post.everywhere")
	}
	return names
}

// whereButton leads to the choice of communities, where there is one.
func (v *visit) whereButton(id string) bots.Button {
	if len(v.set.Communities) < 2 {
		return bots.Button{}
	}
	return v.button("button.where", "post", "where", id)
}

// communityWord names a community in an action.
func communityWord(c commerce.CommunityID) string { return commerce.PublicID("community", string(c)) }

// postWhere chooses where a post goes: "post where <draft> [<community>]".
func (s *Shop) postWhere(v *visit, args []string) (bots.Screen, error) {
	of, p, stop, err := s.draft(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	for _, c := range v.set.Communities {
		if len(args) > 1 && communityWord(c.ID) == args[1] {
			if p, err = s.Creators.Place(v.ctx, of.ID, p.ID, c.ID); err != nil {
				return bots.Screen{}, err
			}
		}
	}
	screen := bots.Screen{Path: bots.Path("post", "where", args[0]), Text: bots.Text{bold(v.Say("post.choosewhere"))}.Line(regular(v.Say("post.where", "Where", v.where(p.Communities)))),
		Menu: &bots.Menu{Hint: v.Say("post.choosewherehint")}, Rows: rows(row(v.primary("button.goon", "post", args[0])))}
	for _, c := range v.set.Communities[:min(len(v.set.Communities), bots.MaxChoices)] {
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(c.Name, bots.MaxChoice), Chosen: slices.Contains(p.Communities, c.ID),
			Action: bots.Path("post", "where", args[0], communityWord(c.ID))})
	}
	return screen, nil
}

// postLook shows a draft as groups will see it: "post look <draft>".
func (s *Shop) postLook(v *visit, args []string) (bots.Screen, error) {
	of, p, stop, err := s.draft(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	if p, err = s.withVideo(v, of, p); err != nil {
		return bots.Screen{}, err
	}
	shown := slices.Clone(p.Photos[:min(len(p.Photos), 1)])
	if p.Video != "" {
		shown = append(shown, p.Video)
	}
	for _, hash := range shown {
		if err := s.Creators.Expose(hash); err != nil {
			return bots.Screen{}, err
		}
	}
	o, err := s.offer(v, asPick(of, p))
	if err == nil && len(o.items) == 0 {
		return s.showDraft(v, p, "")
	}
	if err != nil {
		return bots.Screen{}, err
	}
	screen := s.pickPost(v, o)
	screen.Public, screen.Path = false, bots.Path("post", args[0])
	for _, r := range screen.Rows {
		for i := range r {
			if r[i].Link == "" {
				r[i].Action = bots.Path("post", "look", args[0]) // there is nothing to buy yet
			} else {
				r[i].Link = s.VideoLink(p.Video) // nor a page
			}
		}
	}
	screen.Rows = append(screen.Rows, row(v.primary("button.publish", "post", "publish", args[0]), v.button("button.backtodraft", "post", args[0])))
	return screen, nil
}

// asPick is a draft as it will be shown.
func asPick(of creators.Creator, p creators.Post) *creators.Pick {
	pick := &creators.Pick{ID: p.Pick, Creator: of.ID, Title: p.Title, Body: p.Words, Items: p.Items, Photos: p.Photos, Video: p.Video, Communities: p.Communities, Made: true}
	if len(p.Photos) > 0 {
		pick.Picture = media.PhotoSource + p.Photos[0]
	}
	return pick
}

// postPublish publishes a draft: "post publish <draft>".
func (s *Shop) postPublish(v *visit, args []string) (bots.Screen, error) {
	of, p, stop, err := s.draft(v, args[0])
	if errors.Is(err, creators.ErrNoDraft) {
		return s.postsNotice(v, v.Say("post.ispublished")) // pressed twice
	}
	if err != nil || stop != nil {
		return deref(stop), err
	}
	if p, err = s.withVideo(v, of, p); err != nil {
		return bots.Screen{}, err
	}
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	if faults, err := s.draftFaults(v, p, goods); err != nil || len(faults) > 0 {
		if err != nil {
			return bots.Screen{}, err
		}
		return s.showDraft(v, p, "")
	}
	pick, err := s.Creators.Publish(v.ctx, of.ID, p.ID, v.set.Publishing())
	if errors.Is(err, creators.ErrNoDraft) {
		return s.postsNotice(v, v.Say("post.ispublished"))
	}
	if errors.Is(err, creators.ErrToday) {
		return s.showDraft(v, p, v.today(err))
	}
	if errors.Is(err, moderation.ErrFrozen) || errors.Is(err, moderation.ErrBanned) || errors.Is(err, creators.ErrHidden) {
		return s.showDraft(v, p, v.mayNot(err))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	if pick.Hidden {
		return s.hiddenPick(v, pick)
	}
	screen, err := s.showMine(v, pick)
	screen.Notice = v.Say("post.published")
	if now := s.Clock.Now(); pick.CreatedAt.Add(time.Minute).After(now) { // not a change of what stands there
		if at := v.set.Publishing().Next(pick.Communities, now); at.After(now) {
			screen.Notice = v.Say("post.publishedlater", "Time", v.Moment(at))
		}
	}
	return screen, err
}

// toldWaits tells a creator that a planned post waits, and until when.
func (s *Shop) toldWaits(v *visit, draft string) (bots.Screen, error) {
	of, err := s.Creators.Of(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	p, err := s.Creators.Draft(v.ctx, of.ID, commerce.DraftID(draft))
	if err != nil || p.At.IsZero() {
		return bots.Screen{}, err
	}
	return bots.Screen{Path: bots.Path("post", draft), Text: bots.Text{bold(v.Say("told.waits", "Title", bots.Clip(p.Title, maxPostTitle)))}.Line(regular(v.Say("told.waitsnext", "Time", v.Moment(p.At)))),
		Rows: rows(row(keeping(v.primary("button.backtodraft", "post", draft))))}, nil
}

// today says when somebody can publish again.
func (v *visit) today(err error) string {
	var e *commerce.Error
	errors.As(err, &e)
	at, _ := e.Args["at"].(time.Time)
	return v.Say("draft.today", "at", v.Moment(at))
}

// laterTimes are when a post can be planned for: in an hour, and at these hours
// of today and tomorrow.
var laterHours = []int{9, 12, 18, 20}

// postLater plans when a draft is published: "post later <draft> [<minute>]", the
// minute in base 36 since 1970, 0 for never.
func (s *Shop) postLater(v *visit, args []string) (bots.Screen, error) {
	of, p, stop, err := s.draft(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	now := s.Clock.Now()
	if len(args) > 1 {
		minutes, err := strconv.ParseInt(args[1], 36, 64)
		at := time.Unix(minutes*60, 0).UTC()
		switch {
		case err != nil || minutes < 0 || at.After(now.AddDate(0, 1, 0)):
			return s.showDraft(v, p, "")
		case minutes == 0:
			at = time.Time{}
		case at.Before(now):
			at = now
		}
		if at.IsZero() {
			p, err = s.Creators.Plan(v.ctx, of.ID, p.ID, at)
		} else {
			p, err = s.Creators.PlanAt(v.ctx, of.ID, p.ID, at, v.set.Publishing())
		}
		if err != nil {
			return bots.Screen{}, err
		}
		moved := ""
		if !p.At.IsZero() && p.At.After(at.Add(time.Minute)) {
			moved = v.Say("post.moved", "Time", v.Moment(p.At))
		}
		return s.showDraft(v, p, moved)
	}
	screen := bots.Screen{Path: bots.Path("post", args[0]), Text: bots.T(v.Say("post.chooselater")), Menu: &bots.Menu{Hint: v.Say("post.chooselaterhint")},
		Rows: rows(row(v.button("button.backtodraft", "post", args[0])))}
	add := func(at time.Time, label string) {
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: label, Action: bots.Path("post", "later", args[0], strconv.FormatInt(at.Unix()/60, 36))})
	}
	add(now.Add(time.Hour), v.Say("post.inanhour"))
	local := now.In(s.zone(v))
	for d := range 3 {
		for _, hour := range laterHours {
			at := time.Date(local.Year(), local.Month(), local.Day()+d, hour, 0, 0, 0, local.Location())
			if at.After(now.Add(10 * time.Minute)) {
				add(at, v.Moment(at))
			}
		}
	}
	if !p.At.IsZero() {
		screen.Rows = append([][]bots.Button{row(v.button("button.notlater", "post", "later", args[0], "0"))}, screen.Rows...)
	}
	return screen, nil
}

// zone is where the shop's days begin and end.
func (s *Shop) zone(v *visit) *time.Location {
	if v.set.Zone != nil {
		return v.set.Zone
	}
	return time.UTC
}
