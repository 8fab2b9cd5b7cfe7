package shop

import (
	"slices"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
)

// creators lists who recommends things here.
func (s *Shop) creators(v *visit, args []string) (bots.Screen, error) {
	people, err := s.Creators.Snapshot(v.ctx)
	if err != nil {
		return bots.Screen{}, err
	}
	follows, err := s.Creators.Follows(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	var list []*creators.Creator
	recommends, shown := v.scope.recommends(goods), map[commerce.CreatorID]int{}
	for _, c := range people.Creators() {
		picks := people.PicksOf(c.ID)
		for _, p := range picks {
			if recommends(p) {
				shown[c.ID]++
			}
		}
		if len(picks) == 0 || shown[c.ID] > 0 {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return bots.Screen{
			Path: "creators", Text: bots.T(v.Say("creators.none")),
			Rows: rows(row(v.button("button.categories", "categories"), v.button("button.home", "start"))),
		}, nil
	}
	page := 0
	if len(args) > 0 {
		page = number(args[0])
	}
	here, page := cut(list, page, perPage)
	text := bots.Text{bold(v.Say("creators.title"))}
	menu := &bots.Menu{Hint: v.Say("creators.choose")}
	for _, c := range here {
		text = text.Line(regular("• "), bold(bots.Clip(c.Name, 60)))
		if c.Bio != "" {
			text = append(text, regular(" — "+bots.Clip(c.Bio, 100)))
		}
		choice := bots.Choice{
			Label: bots.Clip(c.Name, bots.MaxChoice), Action: bots.Path("creator", string(c.ID), "0"),
			Description: v.Count("creators.picks", int64(shown[c.ID])),
		}
		if slices.Contains(follows, c.ID) {
			choice.Description += " · " + v.Say("creators.followed")
		}
		menu.Choices = append(menu.Choices, choice)
	}
	return bots.Screen{
		Path: "creators", Text: text, Menu: menu,
		Rows: rows(v.turn([]string{"creators"}, page, perPage, len(list)),
			row(v.button("button.feed", "feed"), v.button("button.home", "start"))),
	}, nil
}

// creator shows one, with what they recommend.
func (s *Shop) creator(v *visit, args []string) (bots.Screen, error) {
	page := "0"
	if len(args) > 1 {
		page = args[1]
	}
	return s.showCreator(v, commerce.CreatorID(args[0]), number(page))
}

func (s *Shop) showCreator(v *visit, id commerce.CreatorID, page int) (bots.Screen, error) {
	people, err := s.Creators.Snapshot(v.ctx)
	if err != nil {
		return bots.Screen{}, err
	}
	c, ok := people.Creator(id)
	if !ok || c.Archived {
		return bots.Screen{}, creators.ErrUnknownCreator
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
	recommends := v.scope.recommends(goods)
	picks := slices.DeleteFunc(slices.Clone(people.PicksOf(id)), func(p *creators.Pick) bool { return !recommends(p) })
	shown, page := cut(picks, page, 5)
	screen := bots.Screen{Path: bots.Path("creator", string(id), "0")}
	if c.Picture != "" {
		screen.Picture = s.picture(c.Picture, "", c.Name)
	}
	if len(shown) > 0 {
		text = text.Line().Line(bold(v.Say("creator.picks")))
		screen.Menu = &bots.Menu{Hint: v.Say("feed.choose")}
		for _, p := range shown {
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
	screen.Text = text
	screen.Rows = rows(row(follow, tell), v.turn([]string{"creator", string(id)}, page, 5, len(picks)),
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
	screen, err := s.showCreator(v, id, 0)
	if err != nil {
		return bots.Screen{}, err
	}
	people, err := s.Creators.Snapshot(v.ctx)
	if err != nil {
		return bots.Screen{}, err
	}
	c, _ := people.Creator(id)
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
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	page, err := s.Creators.Feed(v.ctx, v.member.ID, v.scope.featured, v.scope.recommends(goods), cursor, feedPage)
	if err != nil {
		return bots.Screen{}, err
	}
	if len(page.Items) == 0 {
		return bots.Screen{
			Path: "feed", Text: bots.T(v.Say("feed.empty")),
			Rows: rows(row(v.primary("button.creators", "creators"), v.button("button.categories", "categories")), row(v.button("button.home", "start"))),
		}, nil
	}
	people, err := s.Creators.Snapshot(v.ctx)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(v.Say("feed.title"))}
	menu := &bots.Menu{Hint: v.Say("feed.choose")}
	for i := range page.Items {
		p := &page.Items[i]
		choice, err := s.pickChoice(v, p)
		if err != nil {
			return bots.Screen{}, err
		}
		text = text.Line(regular("• "), bold(bots.Clip(p.Title, 80)))
		if c, ok := people.Creator(p.Creator); ok {
			text = append(text, regular(" — "+bots.Clip(c.Name, 40)))
		}
		menu.Choices = append(menu.Choices, choice)
	}
	next := bots.Button{}
	if page.Next != "" {
		next = v.button("button.older", "feed", page.Next)
	}
	newest := bots.Button{}
	if cursor != "" {
		newest = v.button("button.newest", "feed")
	}
	path := bots.Action("feed")
	if cursor != "" {
		path = bots.Path("feed", cursor)
	}
	return bots.Screen{Path: path, Text: text, Menu: menu, Rows: rows(row(newest, next),
		row(v.button("button.creators", "creators"), v.cartButton(), v.button("button.home", "start")))}, nil
}
