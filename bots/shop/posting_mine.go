package shop

// This file is what a creator has posted: a list, and what can be done with one.

import (
	"errors"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
)

const postsPage = 8

// posts lists a creator's drafts and what they have published: "posts [<cursor>]".
func (s *Shop) posts(v *visit, args []string) (bots.Screen, error) {
	of, stop, err := s.asCreator(v)
	if err != nil || stop != nil {
		return deref(stop), err
	}
	cursor := ""
	if len(args) > 0 {
		cursor = args[0]
	}
	list, err := s.Creators.PicksOf(v.ctx, of.ID, func(p *creators.Pick) bool { return p.Made }, cursor, postsPage)
	if err != nil {
		return bots.Screen{}, err
	}
	var drafts []creators.Post
	if cursor == "" {
		if drafts, err = s.Creators.Drafts(v.ctx, of.ID); err != nil {
			return bots.Screen{}, err
		}
	}
	screen := bots.Screen{Path: "posts", Text: bots.Text{bold(v.Say("posts.title"))},
		Rows: rows(row(v.primary("button.newpost", "post", "new")), v.onward([]string{"posts"}, cursor, list.Next), row(v.button("button.creatordesk", "creator"), v.button("button.home", "start")))}
	if len(list.Items)+len(drafts) == 0 {
		screen.Text = screen.Text.Line(regular(v.Say("posts.none")))
		return screen, nil
	}
	screen.Menu = &bots.Menu{Hint: v.Say("posts.choose")}
	for _, p := range drafts {
		title, about := p.Title, v.Say("post.draft")
		if title == "" {
			title = v.Say("post.untitled")
		}
		if !p.At.IsZero() {
			about = v.Moment(p.At)
		}
		screen.Text = screen.Text.Line(regular("• "+bots.Clip(title, 80)+" "), italic(about))
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(title, bots.MaxChoice), Description: about, Action: bots.Path("post", string(p.ID))})
	}
	for _, p := range list.Items {
		about := v.Date(p.CreatedAt)
		if p.Pinned {
			about += " · " + v.Say("post.pinned")
		}
		screen.Text = screen.Text.Line(regular("• "+bots.Clip(p.Title, 80)+" "), italic(about))
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(p.Title, bots.MaxChoice), Description: about, Action: bots.Path("post", "mine", string(p.ID))})
	}
	return screen, nil
}

// postsNotice is the list, with what was done.
func (s *Shop) postsNotice(v *visit, notice string) (bots.Screen, error) {
	screen, err := s.posts(v, nil)
	screen.Notice = notice
	return screen, err
}

// postMine shows a creator one of their posts: "post mine <pick>".
func (s *Shop) postMine(v *visit, args []string) (bots.Screen, error) {
	p, stop, err := s.minePick(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	return s.showMine(v, p)
}

// minePick reads a pick that the member has made; stop says that it is gone.
func (s *Shop) minePick(v *visit, id string) (p creators.Pick, stop *bots.Screen, err error) {
	of, stop, err := s.asCreator(v)
	if err != nil || stop != nil {
		return p, stop, err
	}
	p, err = s.Creators.Pick(v.ctx, commerce.PickID(id))
	if err == nil && (p.Creator != of.ID || !p.Made) {
		err = creators.ErrUnknownPick
	}
	if err == nil && p.Hidden {
		screen, err := s.hiddenPick(v, p)
		return p, &screen, err
	}
	if err == nil && p.Archived {
		screen, err := s.postsNotice(v, v.Say("post.withdrawn"))
		return p, &screen, err
	}
	return p, nil, err
}

func (s *Shop) showMine(v *visit, p creators.Pick) (bots.Screen, error) {
	id := string(p.ID)
	text := bots.Text{bold(bots.Clip(p.Title, maxPostTitle))}.Line(regular(bots.Clip(p.Body, 300)))
	text = text.Line().Line(regular(v.Say("post.where", "Where", v.where(p.Communities))))
	if len(creators.Tags(p.Title+"\n"+p.Body)) > 0 {
		text = text.Line(regular("#" + strings.Join(creators.Tags(p.Title+"\n"+p.Body), " #")))
	}
	pin := v.button("button.pin", "post", "pin", id, "on")
	if p.Pinned {
		text = text.Line(italic(v.Say("post.pinned")))
		pin = v.button("button.unpin", "post", "pin", id, "off")
	}
	link := bots.Button{}
	if s.PickLink != nil {
		link = bots.Button{Label: v.Say("button.picklink"), Link: s.PickLink(p.ID)}
	}
	return bots.Screen{Path: bots.Path("post", "mine", id), Text: text,
		Rows: rows(row(v.primary("button.showpick", "pick", id), v.button("button.edit", "post", "edit", id), link),
			row(pin, v.button("button.copypost", "post", "copy", id), v.button("button.withdrawpost", "post", "withdraw", id)), row(v.button("button.collect", "collect", id), v.button("button.myposts", "posts"), v.button("button.home", "start")))}, nil
}

// postPin has a post head its creator's page, or not: "post pin <pick> on|off".
func (s *Shop) postPin(v *visit, args []string) (bots.Screen, error) {
	p, stop, err := s.minePick(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	if err := s.Creators.Pin(v.ctx, p.Creator, p.ID, args[1] == "on"); err != nil {
		return bots.Screen{}, err
	}
	p.Pinned = args[1] == "on"
	return s.showMine(v, p)
}

// postCopy begins a draft with the same content, as for another language: "post
// copy <pick>".
func (s *Shop) postCopy(v *visit, args []string) (bots.Screen, error) {
	p, stop, err := s.minePick(v, args[0])
	if err != nil || stop != nil {
		return deref(stop), err
	}
	draft, err := s.Creators.Copy(v.ctx, p.Creator, p.ID)
	if commerce.KindOf(err) == commerce.Conflict && err != nil {
		return s.postsNotice(v, v.problem(err))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showDraft(v, draft, v.Say("post.copied"))
}

// postWithdraw asks, then withdraws a post: "post withdraw <pick> [yes]".
func (s *Shop) postWithdraw(v *visit, args []string) (bots.Screen, error) {
	p, stop, err := s.minePick(v, args[0])
	if err != nil || stop != nil && !p.Hidden {
		return deref(stop), err
	}
	if len(args) == 1 {
		yes := v.button("button.withdrawpostyes", "post", "withdraw", args[0], "yes")
		yes.Style = bots.Danger
		return bots.Screen{Path: bots.Path("post", "mine", args[0]), Text: bots.T(v.Say("post.withdraw", "Title", bots.Clip(p.Title, 80))), Rows: rows(row(yes, v.button("button.no", "post", "mine", args[0])))}, nil
	}
	if err := s.Creators.Withdraw(v.ctx, p.Creator, p.ID); err != nil {
		return bots.Screen{}, err
	}
	return s.postsNotice(v, v.Say("post.withdrawn"))
}

// tag lists the picks with a hashtag: "tag <tag> [<cursor>]", the tag as
// queryWord writes it.
func (s *Shop) tag(v *visit, args []string) (bots.Screen, error) {
	tag, cursor := readQuery(args[0]), ""
	if len(args) > 1 {
		cursor = args[1]
	}
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	list, err := s.Creators.Tagged(v.ctx, tag, v.scope.recommends(goods), cursor, feedPage)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold("#" + bots.Clip(tag, 40))}
	screen := bots.Screen{Path: bots.Path("tag", args[0]), Rows: rows(v.onward([]string{"tag", args[0]}, cursor, list.Next), row(v.button("button.feed", "feed"), v.button("button.home", "start")))}
	if len(list.Items) == 0 {
		screen.Text = text.Line(regular(v.Say("tag.none")))
		return screen, nil
	}
	screen.Text = text
	return s.pickLines(v, screen, list.Items, nil)
}

// pickPhoto shows a pick with another of its photos: "pick <pick> <photo>".
func (s *Shop) pickPhoto(v *visit, args []string) (bots.Screen, error) {
	o, err := s.offerOf(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showPick(v, o, number(args[1]))
}

// tagRow leads to the hashtags of a pick, photoButton to its next photo.
func (v *visit) tagRow(p *creators.Pick) []bots.Button {
	var list []bots.Button
	for _, tag := range creators.Tags(p.Title + "\n" + p.Body) {
		if word := queryWord(tag); len(list) < 3 && readQuery(word) == tag {
			list = append(list, bots.Button{Label: "#" + tag, Action: bots.Path("tag", word)})
		}
	}
	return list
}

func (v *visit) photoButton(p *creators.Pick, shown int) bots.Button {
	if len(p.Photos) < 2 {
		return bots.Button{}
	}
	next := (shown + 1) % len(p.Photos)
	b := v.button("button.nextphoto")
	b.Label = v.Say("button.nextphoto", "N", next+1, "All", len(p.Photos))
	b.Action = bots.Path("pick", string(p.ID), string(rune('0'+next)))
	return b
}

// withdrawnPost takes the place of a post in a group. It has a picture as the
// post had: Telegram makes no text of a photo.
func (s *Shop) withdrawnPost(v *visit, id string) (bots.Screen, error) {
	p, err := s.Creators.Pick(v.ctx, commerce.PickID(id))
	if err != nil || len(p.Items) == 0 {
		return bots.Screen{}, err
	}
	say := v.Say("pick.withdrawn")
	if p.Hidden {
		if say, err = s.whyHidden(v, p); err != nil {
			return bots.Screen{}, err
		}
	}
	return bots.Screen{Public: true, Picture: s.picture("", p.Items[0].Product, say), Text: bots.T(say)}, nil
}

// postDiscard asks, then deletes a draft: "post discard <draft> [yes]".
func (s *Shop) postDiscard(v *visit, args []string) (bots.Screen, error) {
	of, p, stop, err := s.draft(v, args[0])
	if errors.Is(err, creators.ErrNoDraft) {
		return s.posts(v, nil)
	}
	if err != nil || stop != nil {
		return deref(stop), err
	}
	if len(args) == 1 {
		yes := v.button("button.discardyes", "post", "discard", args[0], "yes")
		yes.Style = bots.Danger
		return bots.Screen{Path: bots.Path("post", args[0]), Text: bots.T(v.Say("post.discard")), Rows: rows(row(yes, v.button("button.no", "post", args[0])))}, nil
	}
	if err := s.Creators.Discard(v.ctx, of.ID, p.ID); err != nil && !errors.Is(err, creators.ErrNoDraft) {
		return bots.Screen{}, err
	}
	return s.postsNotice(v, v.Say("post.discarded"))
}
