package shop

// This file is how picks are found and passed on: why one stands where it does,
// and what a member keeps for later.

import (
	"errors"
	"math"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/live"
)

// feedOf is a member's feed, here.
func (s *Shop) feedOf(v *visit) (creators.Feed, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return creators.Feed{}, err
	}
	scores := s.scores(v)
	return creators.Feed{Member: v.member.ID, Rank: func(id commerce.ProductID) int { return scores[id].Rank() }, Featured: v.scope.featured, Wanted: v.scope.recommends(goods), Brand: func(id commerce.ProductID) commerce.BrandID {
		if p, ok := goods.Product(id); ok {
			return p.Brand
		}
		return ""
	}}, nil
}

// pickWhy says why a pick stands where it does in the member's feed: "why pick
// <pick>".
func (s *Shop) pickWhy(v *visit, args []string) (bots.Screen, error) {
	o, err := s.offerOf(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	feed, err := s.feedOf(v)
	if err != nil {
		return bots.Screen{}, err
	}
	why, err := s.Creators.Explain(v.ctx, feed, o.pick.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	name := bots.Clip(o.by.Name, 60)
	text := bots.Text{bold(v.Say("whypick.title", "Title", bots.Clip(o.pick.Title, 80)))}
	line := func(points float64, id string, args ...any) {
		if n := int(math.Round(points)); n != 0 {
			text = text.Line(regular("• "+v.Say(id, args...)+" "), italic(v.Count("whypick.points", int64(n))))
		}
	}
	age := "whypick.fresh"
	if math.Round(why.Fresh) == 0 {
		text = text.Line(regular("• " + v.Say("whypick.old")))
	}
	line(why.Fresh, age)
	line(why.Followed, "whypick.followed", "Name", name)
	line(why.Brand, "whypick.brand")
	line(why.Featured, "whypick.featured")
	line(why.Bought, "whypick.bought")
	if why.Rated > 0 {
		line(why.Rated, "whypick.rated")
	} else {
		line(why.Rated, "whypick.worse")
	}
	line(why.New, "whypick.new", "Name", name)
	if why.Followed+why.Brand+why.Featured+why.New == 0 {
		text = text.Line(regular(v.Say("whypick.notthere", "Name", name)))
	}
	loved, err := s.Creators.LovedNow(v.ctx, o.pick.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	if loved.Love() > 0 {
		text = text.Line(regular(v.Say("whypick.loved", "For", v.lovedFor(loved))))
	}
	text = text.Line().Line(regular(v.Say("whypick.rule")))
	return bots.Screen{Path: bots.Path("why", "pick", args[0]), Text: text,
		Rows: rows(row(v.primary("button.showthis", "pick", args[0])), row(v.button("button.feed", "feed"), v.button("button.home", "start")))}, nil
}

// save keeps a pick: on the board it is, where there is one; else it asks on
// which: "save <pick>".
func (s *Shop) save(v *visit, args []string) (bots.Screen, error) {
	boards, err := s.Creators.Boards(v.ctx, v.member.ID, commerce.PickID(args[0]))
	if err != nil {
		return bots.Screen{}, err
	}
	if len(boards) > 1 {
		return s.chooseBoard(v, args[0], boards), nil
	}
	has := len(boards) == 1 && boards[0].Has
	return s.keepOn(v, args[0], "", !has)
}

// saveOn keeps a pick on a board, or takes it off: "save <pick> <board>".
func (s *Shop) saveOn(v *visit, args []string) (bots.Screen, error) {
	boards, err := s.Creators.Boards(v.ctx, v.member.ID, commerce.PickID(args[0]))
	if err != nil {
		return bots.Screen{}, err
	}
	for i := range boards {
		if string(boards[i].ID) != args[1] {
			continue
		}
		if err := s.Creators.Keep(v.ctx, v.member.ID, boards[i].ID, commerce.PickID(args[0]), !boards[i].Has); err != nil {
			return bots.Screen{}, err
		}
		boards[i].Has = !boards[i].Has
		return s.chooseBoard(v, args[0], boards), nil
	}
	return bots.Screen{}, creators.ErrNoBoard
}

func (s *Shop) keepOn(v *visit, pick string, board commerce.BoardID, on bool) (bots.Screen, error) {
	if err := s.Creators.Keep(v.ctx, v.member.ID, board, commerce.PickID(pick), on); err != nil {
		return bots.Screen{}, err
	}
	notice := v.Say("board.kept")
	if !on {
		notice = v.Say("board.off")
	}
	if v.aside() {
		return bots.Screen{Notice: notice}, nil
	}
	o, err := s.offerOf(v, pick)
	if errors.Is(err, creators.ErrUnknownPick) {
		return s.saved(v, nil)
	}
	if err != nil {
		return bots.Screen{}, err
	}
	screen, err := s.showPick(v, o, 0)
	screen.Notice = notice
	return screen, err
}

// chooseBoard shows on which boards a pick is.
func (s *Shop) chooseBoard(v *visit, pick string, boards []creators.Board) bots.Screen {
	menu := &bots.Menu{Hint: v.Say("board.choosehint")}
	for _, b := range boards {
		menu.Choices = append(menu.Choices, bots.Choice{Label: bots.Clip(v.boardName(b), bots.MaxChoice), Chosen: b.Has, Description: v.Count("board.picks", b.Picks), Action: bots.Path("save", pick, string(b.ID))})
	}
	return bots.Screen{Path: bots.Path("pick", pick), Text: bots.T(v.Say("board.choose")), Menu: menu,
		Rows: rows(row(v.button("button.newboard", "board", "new", pick)), row(v.primary("button.showthis", "pick", pick), v.button("button.saved", "saved")))}
}

func (v *visit) boardName(b creators.Board) string {
	if b.Name == "" {
		return v.Say("board.first")
	}
	return b.Name
}

// boardNew asks for a name, and makes a board with a pick on it: "board new <pick>".
func (s *Shop) boardNew(v *visit, args []string) (bots.Screen, error) {
	form := bots.Form{Action: bots.Path("board", "new", args[0]), Title: bots.Clip(v.Say("button.newboard"), bots.MaxFormTitle),
		Fields: []bots.Field{{Key: "name", Label: bots.Clip(v.Say("board.name"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("board.namehint"), bots.MaxFieldHint), Max: 40}}, Cancel: v.button("button.cancel", "pick", args[0])}
	if !v.filled() {
		return v.ask(form, 0, ""), nil
	}
	name := v.value("name")
	if name == "" {
		return v.again(form, "name", v.Say("form.empty")), nil
	}
	if _, err := s.Creators.MakeBoard(v.ctx, v.member.ID, ""); err != nil { // the one that everybody has comes first
		return bots.Screen{}, err
	}
	b, err := s.Creators.MakeBoard(v.ctx, v.member.ID, name)
	if errors.Is(err, creators.ErrBoards) {
		return v.again(form, "name", v.problem(err)), nil
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.keepOn(v, args[0], b.ID, true)
}

// saved lists what a member keeps: "saved [<board> [<cursor>]]".
func (s *Shop) saved(v *visit, args []string) (bots.Screen, error) {
	boards, err := s.Creators.Boards(v.ctx, v.member.ID, "")
	if err != nil {
		return bots.Screen{}, err
	}
	here, cursor := creators.Board{}, ""
	if len(boards) > 0 {
		here = boards[0]
	}
	for _, b := range boards {
		if len(args) > 0 && string(b.ID) == args[0] {
			here = b
		}
	}
	if len(args) > 1 {
		cursor = args[1]
	}
	screen := bots.Screen{Path: "saved", Text: bots.Text{bold(v.Say("saved.title", "Name", v.boardName(here)))}}
	var list commerce.Page[creators.Pick]
	if here.ID != "" {
		screen.Path = bots.Path("saved", string(here.ID))
		if list, err = s.Creators.Kept(v.ctx, v.member.ID, here.ID, cursor, feedPage); err != nil {
			return bots.Screen{}, err
		}
	}
	var others []bots.Button
	for _, b := range boards {
		if b.ID != here.ID && len(others) < bots.MaxRowButtons {
			others = append(others, bots.Button{Label: bots.Clip(v.boardName(b), 20), Action: bots.Path("saved", string(b.ID))})
		}
	}
	var drop bots.Button
	if here.Name != "" {
		drop = v.button("button.dropboard", "board", "drop", string(here.ID))
	}
	if len(list.Items) == 0 {
		screen.Text = screen.Text.Line(regular(v.Say("saved.none")))
	} else {
		screen.Menu = &bots.Menu{Hint: v.Say("feed.choose")}
	}
	for i := range list.Items {
		choice, err := s.pickChoice(v, &list.Items[i])
		if err != nil {
			return bots.Screen{}, err
		}
		screen.Text = screen.Text.Line(regular("• "), bold(bots.Clip(list.Items[i].Title, 80)))
		screen.Menu.Choices = append(screen.Menu.Choices, choice)
	}
	screen.Rows = rows(v.onward([]string{"saved", string(here.ID)}, cursor, list.Next), others, row(drop, v.button("button.feed", "feed"), v.button("button.home", "start")))
	return screen, nil
}

// boardDrop asks, then deletes a board: "board drop <board> [yes]".
func (s *Shop) boardDrop(v *visit, args []string) (bots.Screen, error) {
	if len(args) == 1 {
		yes := v.button("button.dropboardyes", "board", "drop", args[0], "yes")
		yes.Style = bots.Danger
		return bots.Screen{Path: bots.Path("saved", args[0]), Text: bots.T(v.Say("board.sure")), Rows: rows(row(yes, v.button("button.no", "saved", args[0])))}, nil
	}
	if err := s.Creators.DropBoard(v.ctx, v.member.ID, commerce.BoardID(args[0])); err != nil {
		return bots.Screen{}, err
	}
	screen, err := s.saved(v, nil)
	screen.Notice = v.Say("board.dropped")
	return screen, err
}

// passButton lets a member show a pick in another chat, with their name on it for
// the shop alone: whoever comes in by it was brought by them.
func (v *visit) passButton(p *creators.Pick) bots.Button {
	b := v.button("button.share", "pass", string(p.ID))
	b.Share, b.Keep = passed+string(p.ID)+" "+bots.Clip(p.Title, 40), true
	return b
}

// passed begins the search text that shares a pick.
const passed = "pick:"

// passedPick is the card of a pick for a chat in which a member shows it.
func (s *Shop) passedPick(v *visit, text string) (bots.Suggestion, bool) {
	word, _, _ := strings.Cut(strings.TrimPrefix(text, passed), " ")
	o, err := s.offerOf(v, word)
	if err != nil {
		return bots.Suggestion{}, false
	}
	by := ""
	if m, err := s.Members.Find(v.ctx, string(v.ev.From.Platform), v.ev.From.ID); err == nil {
		by = string(m.ID)
	}
	title := bots.Clip(o.pick.Title, bots.MaxSuggestion)
	return bots.Suggestion{Value: title, Title: title, Description: v.Say("pick.by", "Name", bots.Clip(o.by.Name, 60)), Screen: s.passCard(v, o, by)}, true
}

// passCard is a pick for a chat: its buttons say who passed it on.
func (s *Shop) passCard(v *visit, o offer, by string) bots.Screen {
	screen := s.pickPost(v, o)
	open := bots.Path("pick", string(o.pick.ID))
	if by != "" {
		open = bots.Path("s", string(o.pick.ID), by)
	}
	b := v.primary("button.details", "start")
	b.Action = open
	screen.Path, screen.Rows = open, rows(row(b))
	return clean(screen)
}

// pass posts a pick into the group, where the platform has no way of its own:
// "pass <pick>".
func (s *Shop) pass(v *visit, args []string) (bots.Screen, error) {
	o, err := s.offerOf(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	if v.ev.Chat.Private {
		return bots.Screen{Notice: v.Say("share.where")}, nil
	}
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	if age := v.scope.ageOf(goods, o.pick); age > v.scope.marked {
		return bots.Screen{Notice: v.Say("gate.notingroup", "Age", age)}, nil
	}
	wait, err := s.Live.Spend(v.ctx, live.Budget{Name: "share:" + v.ev.Bot + ":" + v.ev.Chat.ID, Every: shareEvery, Burst: shareBurst}, v.request)
	if err != nil {
		return bots.Screen{}, err
	}
	if wait > 0 {
		return bots.Screen{Notice: v.Say("share.wait")}, nil
	}
	return s.passCard(v, o, string(v.member.ID)), nil
}

// shared shows a pick that somebody has passed on, and notes who brought whom
// in: "s <pick> <member>".
func (s *Shop) shared(v *visit, args []string) (bots.Screen, error) {
	screen, err := s.pick(v, args[:1])
	if err == nil && v.member.New {
		_, err = s.Creators.Bring(v.ctx, v.member.ID, commerce.MemberID(args[1]), commerce.PickID(args[0]))
	}
	return screen, err
}
