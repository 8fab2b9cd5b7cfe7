package shop

import (
	"slices"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
)

// creators lists who recommends things here.
func (s *Shop) creators(v *visit, args []string) (bots.Screen, error) {
	cursor := ""
	if len(args) > 0 && args[0] != "0" {
		cursor = args[0]
	}
	list, err := s.Creators.List(v.ctx, v.scope.brands, cursor, perPage)
	if err != nil {
		return bots.Screen{}, err
	}
	follows, err := s.Creators.Follows(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	if len(list.Items) == 0 {
		return bots.Screen{
			Path: "creators", Text: bots.T(v.Say("creators.none")),
			Rows: rows(v.discoverRow(), row(v.button("button.recommend", "creator"), v.button("button.categories", "categories"), v.button("button.home", "start"))),
		}, nil
	}
	text := bots.Text{bold(v.Say("creators.title"))}
	menu := &bots.Menu{Hint: v.Say("creators.choose")}
	for _, c := range list.Items {
		text = text.Line(regular("• "), bold(bots.Clip(c.Name, 60)))
		if c.Bio != "" {
			text = append(text, regular(" — "+bots.Clip(c.Bio, 100)))
		}
		choice := bots.Choice{
			Label: bots.Clip(c.Name, bots.MaxChoice), Action: bots.Path("creator", string(c.ID)),
			Description: v.Count("creators.picks", c.Picks),
		}
		if slices.Contains(follows, c.ID) {
			choice.Description += " · " + v.Say("creators.followed")
		}
		menu.Choices = append(menu.Choices, choice)
	}
	return bots.Screen{
		Path: "creators", Text: text, Menu: menu,
		Rows: rows(v.onward([]string{"creators"}, cursor, list.Next), v.discoverRow(),
			row(v.button("button.recommend", "creator"), v.button("button.feed", "feed"), v.button("button.home", "start"))),
	}, nil
}

// onward makes the buttons of a list that is read from its newest on.
func (v *visit) onward(path []string, cursor, next string) []bots.Button {
	var older, first bots.Button
	if next != "" {
		older = v.button("button.older", append(slices.Clone(path), next)...)
	}
	if cursor != "" {
		first = v.button("button.newest", path...)
	}
	return row(first, older)
}

// creator shows one, with what they recommend.
func (s *Shop) creator(v *visit, args []string) (bots.Screen, error) {
	cursor := ""
	if len(args) > 1 && args[1] != "0" { // as older buttons have it
		cursor = args[1]
	}
	return s.showCreator(v, commerce.CreatorID(args[0]), cursor)
}

func (s *Shop) showCreator(v *visit, id commerce.CreatorID, cursor string) (bots.Screen, error) {
	c, err := s.Creators.Creator(v.ctx, id)
	if err == nil && c.Archived {
		err = creators.ErrUnknownCreator
	}
	if err != nil {
		return bots.Screen{}, err
	}
	follows, err := s.Creators.Follows(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(bots.Clip(c.Name, 100))}
	if c.Bio != "" {
		text = text.Line(regular(bots.Clip(c.Bio, 400)))
	}
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	picks, err := s.Creators.PicksOf(v.ctx, id, v.scope.recommends(goods), cursor, 5)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: bots.Path("creator", string(id))}
	if c.Picture != "" {
		screen.Picture = s.picture(c.Picture, "", c.Name)
	}
	if len(picks.Items) > 0 {
		text = text.Line().Line(bold(v.Say("creator.picks")))
		screen.Menu = &bots.Menu{Hint: v.Say("feed.choose")}
		for i := range picks.Items {
			p := &picks.Items[i]
			text = text.Line(regular("• " + bots.Clip(p.Title, 80)))
			choice, err := s.pickChoice(v, p)
			if err != nil {
				return bots.Screen{}, err
			}
			screen.Menu.Choices = append(screen.Menu.Choices, choice)
		}
	} else {
		text = text.Line().Line(regular(v.Say("creator.nopicks")))
	}
	follow, tell := v.primary("button.follow", "follow", string(id)), bots.Button{}
	if slices.Contains(follows, id) {
		follow = v.button("button.unfollow", "unfollow", string(id))
		if tell, err = s.tellButton(v, string(id), []string{"tell", string(id)}, []string{"hush", string(id)}); err != nil {
			return bots.Screen{}, err
		}
	}
	looks := bots.Button{}
	if n, err := s.Creators.CountCollections(v.ctx, id); err != nil {
		return bots.Screen{}, err
	} else if n > 0 {
		looks = bots.Button{Label: v.Count("button.collections", n), Action: bots.Path("looks", string(id))}
	}
	screen.Text = text
	screen.Rows = rows(row(follow, tell, looks), v.onward([]string{"creator", string(id)}, cursor, picks.Next),
		row(v.button("button.creators", "creators"), v.button("button.feed", "feed"), v.button("button.home", "start")))
	return screen, nil
}

// follow and unfollow say how it now is, however often they are pressed.
func (s *Shop) follow(v *visit, args []string) (bots.Screen, error) {
	id := commerce.CreatorID(args[0])
	if _, err := s.Creators.Follow(v.ctx, v.member.ID, id); err != nil {
		return bots.Screen{}, err
	}
	return s.followed(v, id, "creator.nowfollowed")
}

func (s *Shop) unfollow(v *visit, args []string) (bots.Screen, error) {
	id := commerce.CreatorID(args[0])
	if _, err := s.Creators.Unfollow(v.ctx, v.member.ID, id); err != nil {
		return bots.Screen{}, err
	}
	if err := s.Drops.Unsubscribe(v.ctx, v.member.ID, string(id)); err != nil {
		return bots.Screen{}, err
	}
	return s.followed(v, id, "creator.nolonger")
}

func (s *Shop) followed(v *visit, id commerce.CreatorID, text string) (bots.Screen, error) {
	screen, err := s.showCreator(v, id, "")
	if err != nil {
		return bots.Screen{}, err
	}
	c, err := s.Creators.Creator(v.ctx, id)
	if err != nil {
		return bots.Screen{}, err
	}
	screen.Notice = v.Say(text, "Name", bots.Clip(c.Name, 60))
	if v.aside() {
		return bots.Screen{Notice: screen.Notice}, nil // a word is enough, under a post
	}
	return screen, nil
}

// feedPage is how many picks a page of the feed shows.
const feedPage = 6

// feed shows what is featured and what those recommend whom the member follows.
func (s *Shop) feed(v *visit, args []string) (bots.Screen, error) {
	cursor := ""
	if len(args) > 0 {
		cursor = args[0]
	}
	feed, err := s.feedOf(v)
	if err != nil {
		return bots.Screen{}, err
	}
	page, err := s.Creators.Feed(v.ctx, feed, cursor, feedPage)
	if err != nil {
		return bots.Screen{}, err
	}
	if len(page.Items) == 0 {
		return bots.Screen{
			Path: "feed", Text: bots.T(v.Say("feed.empty")),
			Rows: rows(row(v.primary("button.creators", "creators"), v.button("button.categories", "categories")), row(v.button("button.home", "start"))),
		}, nil
	}
	path := bots.Action("feed")
	if cursor != "" {
		path = bots.Path("feed", cursor)
	}
	screen := bots.Screen{Path: path, Text: bots.Text{bold(v.Say("feed.title"))}, Rows: rows(v.onward([]string{"feed"}, cursor, page.Next),
		row(v.button("button.creators", "creators"), v.cartButton(), v.button("button.home", "start")))}
	picks := make([]creators.Pick, len(page.Items))
	for i, one := range page.Items {
		picks[i] = one.Pick
	}
	return s.pickLines(v, screen, picks, nil)
}
