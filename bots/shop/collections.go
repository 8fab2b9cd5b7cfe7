package shop

// This file is collections of creators: what they group their picks in, on their
// page and by a link of its own. The rules are in commerce/creators.

import (
	"errors"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/moderation"
)

// collections lists those of a creator: "looks <creator>".
func (s *Shop) collections(v *visit, args []string) (bots.Screen, error) {
	of, err := s.Creators.Creator(v.ctx, commerce.CreatorID(args[0]))
	if err == nil && of.Archived {
		err = creators.ErrUnknownCreator
	}
	if err != nil {
		return bots.Screen{}, err
	}
	list, err := s.Creators.Collections(v.ctx, of.ID, "")
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: bots.Path("looks", args[0]), Text: bots.Text{bold(v.Say("collections.title", "Name", bots.Clip(of.Name, 60)))},
		Rows: rows(row(bots.Button{Label: bots.Clip(of.Name, 40), Action: bots.Path("creator", args[0])}, v.button("button.home", "start")))}
	if len(list) == 0 {
		screen.Text = screen.Text.Line(regular(v.Say("collections.none")))
		return screen, nil
	}
	screen.Menu = &bots.Menu{Hint: v.Say("collections.choose")}
	for _, one := range list {
		picks := v.Count("board.picks", one.Picks)
		screen.Text = screen.Text.Line(regular("• "), bold(one.Name), regular(" — "+picks))
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(one.Name, bots.MaxChoice), Description: picks, Action: bots.Path("look", one.ID)})
	}
	return screen, nil
}

// collection shows one: "look <collection> [<cursor>]".
func (s *Shop) collection(v *visit, args []string) (bots.Screen, error) {
	one, of, err := s.collectionOf(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	cursor := strings.Join(args[1:], "")
	list, err := s.Creators.Collected(v.ctx, one.ID, v.scope.recommends(goods), cursor, feedPage)
	if err != nil {
		return bots.Screen{}, err
	}
	var drop, link bots.Button
	if of.Member != "" && of.Member == v.member.ID && v.ev.Chat.Private {
		drop = v.button("button.dropcollection", "look", "drop", one.ID)
	}
	if s.CollectionLink != nil {
		link = bots.Button{Label: v.Say("button.picklink"), Link: s.CollectionLink(one.ID)}
	}
	screen := bots.Screen{Path: bots.Path("look", one.ID), Text: bots.Text{bold(one.Name)}.Line(italic(v.Say("pick.by", "Name", bots.Clip(of.Name, 60)))),
		Rows: rows(v.onward([]string{"look", one.ID}, cursor, list.Next), row(bots.Button{Label: bots.Clip(of.Name, 40), Action: bots.Path("creator", string(of.ID))}, link, drop), row(v.button("button.feed", "feed"), v.button("button.home", "start")))}
	if len(list.Items) == 0 {
		screen.Text = screen.Text.Line(regular(v.Say("collection.empty")))
		return screen, nil
	}
	return s.pickLines(v, screen, list.Items, nil)
}

func (s *Shop) collectionOf(v *visit, id string) (one creators.Collection, of creators.Creator, err error) {
	if one, err = s.Creators.Collection(v.ctx, id); err == nil {
		of, err = s.Creators.Creator(v.ctx, one.Creator)
	}
	if err == nil && of.Archived {
		err = creators.ErrNoCollection
	}
	return one, of, err
}

// collect shows in which of their collections a creator's post is, and puts it
// into one or takes it out: "collect <pick> [<collection>]".
func (s *Shop) collect(v *visit, args []string) (bots.Screen, error) {
	p, stop, err := s.minePick(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	list, err := s.Creators.Collections(v.ctx, p.Creator, p.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	notice := ""
	for i := range list {
		if len(args) < 2 || list[i].ID != args[1] {
			continue
		}
		err := s.Creators.Collect(v.ctx, p.Creator, args[1], p.ID, !list[i].Has)
		if errors.Is(err, creators.ErrCollected) {
			notice = v.problem(err)
			continue
		}
		if err != nil {
			return bots.Screen{}, err
		}
		list[i].Has = !list[i].Has
	}
	return s.showCollect(v, p, list, notice), nil
}

func (s *Shop) showCollect(v *visit, p creators.Pick, list []creators.Collection, notice string) bots.Screen {
	id := string(p.ID)
	screen := bots.Screen{Path: bots.Path("post", "mine", id), Notice: notice, Text: bots.Text{bold(v.Say("collect.title", "Title", bots.Clip(p.Title, 80)))}.Line(regular(v.Say("collect.what"))),
		Rows: rows(row(v.primary("button.newcollection", "collection", "new", id)), row(v.button("button.backtopost", "post", "mine", id), v.button("button.home", "start")))}
	if len(list) == 0 {
		return screen
	}
	screen.Menu = &bots.Menu{Hint: v.Say("collect.choose")}
	for _, one := range list {
		if one.Has {
			screen.Text = screen.Text.Line(regular("✓ " + one.Name))
		}
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(one.Name, bots.MaxChoice), Chosen: one.Has, Description: v.Count("board.picks", one.Picks), Action: bots.Path("collect", id, one.ID)})
	}
	return screen
}

// collectionNew asks for a name, and makes a collection with a post in it:
// "collection new <pick>".
func (s *Shop) collectionNew(v *visit, args []string) (bots.Screen, error) {
	p, stop, err := s.minePick(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	form := bots.Form{Action: bots.Path("collection", "new", args[0]), Title: bots.Clip(v.Say("button.newcollection"), bots.MaxFormTitle),
		Fields: []bots.Field{{Key: "name", Label: bots.Clip(v.Say("collection.name"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("collection.namehint"), bots.MaxFieldHint), Max: 40}}, Cancel: v.button("button.cancel", "post", "mine", args[0])}
	if !v.filled() {
		return v.ask(form, 0, ""), nil
	}
	one, err := s.Creators.MakeCollection(v.ctx, p.Creator, v.value("name"))
	switch {
	case errors.Is(err, creators.ErrCollectionName), errors.Is(err, creators.ErrCollections):
		return v.again(form, "name", v.problem(err)), nil
	case errors.Is(err, moderation.ErrFrozen), errors.Is(err, moderation.ErrBanned):
		return v.again(form, "name", v.mayNot(err)), nil
	case err != nil:
		return bots.Screen{}, err
	}
	if err := s.Creators.Collect(v.ctx, p.Creator, one.ID, p.ID, true); err != nil {
		return bots.Screen{}, err
	}
	list, err := s.Creators.Collections(v.ctx, p.Creator, p.ID)
	return s.showCollect(v, p, list, v.Say("collection.made")), err
}

// collectionDrop asks, then deletes a collection: "look drop <collection> [yes]".
func (s *Shop) collectionDrop(v *visit, args []string) (bots.Screen, error) {
	of, stop, err := s.asCreator(v)
	if err != nil || stop != nil {
		return deref(stop), err
	}
	if len(args) == 1 {
		yes := v.button("button.dropboardyes", "look", "drop", args[0], "yes")
		yes.Style = bots.Danger
		return bots.Screen{Path: bots.Path("look", args[0]), Text: bots.T(v.Say("collection.sure")), Rows: rows(row(yes, v.button("button.no", "look", args[0])))}, nil
	}
	if err := s.Creators.DropCollection(v.ctx, of.ID, args[0]); err != nil {
		return bots.Screen{}, err
	}
	screen, err := s.collections(v, []string{string(of.ID)})
	screen.Notice = v.Say("board.dropped")
	return screen, err
}
