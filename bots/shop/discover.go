package shop

// This file is lists of what there is to discover, one tap from the creators:
// who is new, what is loved, what is featured. None of them can be paid for.

import (
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
)

// discoverRow leads from the creators to what else there is to discover.
func (v *visit) discoverRow() []bots.Button {
	return row(v.button("button.newcomers", "newcomers"), v.button("button.loved", "loved"), v.button("button.featured", "featured"), v.button("button.brands", "brands"))
}

// newcomers lists new creators whom the member does not follow: "newcomers [<cursor>]".
func (s *Shop) newcomers(v *visit, args []string) (bots.Screen, error) {
	cursor := strings.Join(args, "")
	list, err := s.Creators.Newcomers(v.ctx, v.member.ID, v.scope.brands, cursor, perPage)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "newcomers", Text: bots.Text{bold(v.Say("newcomers.title"))},
		Rows: rows(v.onward([]string{"newcomers"}, cursor, list.Next), row(v.button("button.creators", "creators"), v.button("button.feed", "feed"), v.button("button.home", "start")))}
	if len(list.Items) == 0 {
		screen.Text = screen.Text.Line(regular(v.Say("newcomers.none")))
		return screen, nil
	}
	screen.Text = screen.Text.Line(regular(v.Say("newcomers.what")))
	screen.Menu = &bots.Menu{Hint: v.Say("creators.choose")}
	for _, c := range list.Items {
		picks := v.Count("creators.picks", c.Picks)
		screen.Text = screen.Text.Line(regular("• "), bold(bots.Clip(c.Name, 60)), regular(" — "+v.Say("newcomers.since", "Date", v.Date(c.MadeAt), "Picks", picks)))
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(c.Name, bots.MaxChoice), Description: picks, Action: bots.Path("creator", string(c.ID))})
	}
	return screen, nil
}

// loved lists what members loved most this week: "loved [<cursor>]".
func (s *Shop) loved(v *visit, args []string) (bots.Screen, error) {
	cursor := strings.Join(args, "")
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	list, err := s.Creators.Loved(v.ctx, v.scope.recommends(goods), cursor, feedPage)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "loved", Text: bots.Text{bold(v.Say("loved.title"))}.Line(regular(v.Say("loved.what"))),
		Rows: rows(v.onward([]string{"loved"}, cursor, list.Next), row(v.button("button.creators", "creators"), v.button("button.feed", "feed"), v.button("button.home", "start")))}
	if len(list.Items) == 0 {
		screen.Text = screen.Text.Line(regular(v.Say("loved.none")))
		return screen, nil
	}
	var picks []creators.Pick
	for _, l := range list.Items {
		picks = append(picks, l.Pick)
	}
	return s.pickLines(v, screen, picks, func(i int) string { return v.lovedFor(list.Items[i]) })
}

// lovedFor says how many love a pick.
func (v *visit) lovedFor(l creators.Loved) string {
	var list []string
	if l.Saved > 0 {
		list = append(list, v.Count("loved.saved", l.Saved))
	}
	if l.Bought > 0 {
		list = append(list, v.Count("loved.bought", l.Bought))
	}
	return strings.Join(list, ", ")
}

// featured lists what the community features: "featured [<cursor>]".
func (s *Shop) featured(v *visit, args []string) (bots.Screen, error) {
	cursor := strings.Join(args, "")
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	list, err := s.Creators.Featured(v.ctx, v.scope.featured, v.scope.recommends(goods), cursor, feedPage)
	if err != nil {
		return bots.Screen{}, err
	}
	var who []bots.Button
	some := v.scope.featured[:min(len(v.scope.featured), bots.MaxRowButtons)]
	people, err := s.Creators.People(v.ctx, some)
	if err != nil {
		return bots.Screen{}, err
	}
	for _, id := range some {
		if c, ok := people[id]; ok && !c.Archived {
			who = append(who, bots.Button{Label: bots.Clip(c.Name, 20), Action: bots.Path("creator", string(id))})
		}
	}
	screen := bots.Screen{Path: "featured", Text: bots.Text{bold(v.Say("featured.title"))},
		Rows: rows(v.onward([]string{"featured"}, cursor, list.Next), who, row(v.button("button.creators", "creators"), v.button("button.feed", "feed"), v.button("button.home", "start")))}
	if len(list.Items) == 0 {
		screen.Text = screen.Text.Line(regular(v.Say("featured.none")))
		return screen, nil
	}
	return s.pickLines(v, screen, list.Items, nil)
}

// pickLines adds a line and a choice for each pick, with what note says of it.
func (s *Shop) pickLines(v *visit, screen bots.Screen, picks []creators.Pick, note func(i int) string) (bots.Screen, error) {
	ids := make([]commerce.CreatorID, len(picks))
	for i, p := range picks {
		ids[i] = p.Creator
	}
	people, err := s.Creators.People(v.ctx, ids)
	if err != nil {
		return bots.Screen{}, err
	}
	screen.Menu = &bots.Menu{Hint: v.Say("feed.choose")}
	for i := range picks {
		p := &picks[i]
		choice, err := s.pickChoice(v, p)
		if err != nil {
			return bots.Screen{}, err
		}
		screen.Text = screen.Text.Line(regular("• "), bold(bots.Clip(p.Title, 80)), regular(" — "+bots.Clip(people[p.Creator].Name, 40)))
		if note != nil {
			screen.Text = append(screen.Text, italic(" · "+note(i)))
		}
		screen.Menu.Choices = append(screen.Menu.Choices, choice)
	}
	return screen, nil
}
