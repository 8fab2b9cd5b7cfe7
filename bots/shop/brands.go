package shop

// This file is pages of brands: how they are rated, what they sell, and who
// recommends it. Members follow brands as they follow creators; whether they are
// told of drops is another question, asked on the same page.

import (
	"slices"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/reviews"
)

// brandPicks is how many picks a page of a brand shows.
const brandPicks = 5

// shownBrands lists the brands that sell something here, by name.
func (s *Shop) shownBrands(v *visit) (list []catalog.Brand, goods *catalog.Snapshot, err error) {
	if goods, err = s.snapshot(v); err != nil {
		return nil, nil, err
	}
	for _, b := range goods.Brands() {
		if v.scope.shows(b.ID) && len(goodsOf(v, goods, b.ID)) > 0 {
			list = append(list, b)
		}
	}
	slices.SortStableFunc(list, func(a, b catalog.Brand) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return list, goods, nil
}

// goodsOf lists what of a brand is for sale here.
func goodsOf(v *visit, goods *catalog.Snapshot, id commerce.BrandID) []*catalog.Product {
	return slices.DeleteFunc(goods.Products([]commerce.BrandID{id}), func(p *catalog.Product) bool { return !v.scope.offers(p) })
}

// brands lists them: "brands [<page>]".
func (s *Shop) brands(v *visit, args []string) (bots.Screen, error) {
	list, goods, err := s.shownBrands(v)
	if err != nil {
		return bots.Screen{}, err
	}
	follows, err := s.Creators.BrandsFollowed(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	shown, page := cut(list, number(strings.Join(args, "")), perPage)
	screen := bots.Screen{Path: "brands", Text: bots.Text{bold(v.Say("brands.title"))},
		Rows: rows(v.turn([]string{"brands"}, page, perPage, len(list)), row(v.button("button.creators", "creators"), v.button("button.categories", "categories"), v.button("button.home", "start")))}
	if len(list) == 0 {
		screen.Text = screen.Text.Line(regular(v.Say("brands.none")))
		return screen, nil
	}
	screen.Menu = &bots.Menu{Hint: v.Say("brands.choose")}
	for _, b := range shown {
		about := v.Count("brands.products", int64(len(goodsOf(v, goods, b.ID))))
		if slices.Contains(follows, b.ID) {
			about += " · " + v.Say("creators.followed")
		}
		screen.Text = screen.Text.Line(regular("• "), bold(bots.Clip(b.Name, 60)), regular(" — "+about))
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(b.Name, bots.MaxChoice), Description: about, Action: bots.Path("brand", string(b.ID))})
	}
	return screen, nil
}

// brandOf finds a brand that is shown here.
func (s *Shop) brandOf(v *visit, id string) (b catalog.Brand, products []*catalog.Product, goods *catalog.Snapshot, err error) {
	if goods, err = s.snapshot(v); err != nil {
		return b, nil, nil, err
	}
	list := goods.Brands()
	i := slices.IndexFunc(list, func(b catalog.Brand) bool { return string(b.ID) == id })
	if i < 0 || !v.scope.shows(list[i].ID) {
		return b, nil, nil, creators.ErrUnknownBrand
	}
	return list[i], goodsOf(v, goods, list[i].ID), goods, nil
}

// brand shows one: "brand <brand> [<cursor>]".
func (s *Shop) brand(v *visit, args []string) (bots.Screen, error) {
	b, products, goods, err := s.brandOf(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	cursor := strings.Join(args[1:], "")
	picks, err := s.Creators.PicksWith(v.ctx, b.ID, v.scope.recommends(goods), cursor, brandPicks)
	if err != nil {
		return bots.Screen{}, err
	}
	text, err := s.aboutBrand(v, b)
	if err != nil {
		return bots.Screen{}, err
	}
	follows, err := s.Creators.BrandsFollowed(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	id := string(b.ID)
	follow := v.primary("button.follow", "brandfan", id)
	if slices.Contains(follows, b.ID) {
		follow = v.button("button.unfollow", "brandnofan", id)
	}
	tell, err := s.tellButton(v, id, []string{"brandtell", id}, []string{"brandhush", id})
	if err != nil {
		return bots.Screen{}, err
	}
	sells := bots.Button{}
	if n := int64(len(products)); n > 0 {
		sells = v.button("button.brandgoods", "goods", id, "0")
		sells.Label = bots.Clip(v.Count("button.brandgoods", n), bots.MaxLabel)
	}
	screen := bots.Screen{Path: bots.Path("brand", id), Text: text,
		Rows: rows(row(follow, tell), row(sells), v.onward([]string{"brand", id}, cursor, picks.Next), row(v.button("button.brands", "brands"), v.button("button.feed", "feed"), v.button("button.home", "start")))}
	if len(picks.Items) == 0 {
		screen.Text = screen.Text.Line().Line(regular(v.Say("brand.nopicks")))
		return screen, nil
	}
	screen.Text = screen.Text.Line().Line(bold(v.Say("brand.picks")))
	return s.pickLines(v, screen, picks.Items, nil)
}

// aboutBrand says how a brand is rated, and how many follow it.
func (s *Shop) aboutBrand(v *visit, b catalog.Brand) (bots.Text, error) {
	text := bots.Text{bold(bots.Clip(b.Name, 100))}
	score, err := s.Reviews.Brand(v.ctx, b.ID)
	if err != nil {
		return nil, err
	}
	if score.N > 0 {
		var each []string
		for i, f := range reviews.Factors {
			each = append(each, v.Say("review.factor."+f)+" "+v.tenths(score.Factor(i)))
		}
		text = text.Line(regular(v.score(score))).Line(italic(strings.Join(each, " · ")))
	} else {
		text = text.Line(regular(v.Say("brand.noscore")))
	}
	n, more, err := s.Creators.BrandFollowers(v.ctx, b.ID)
	if err != nil {
		return nil, err
	}
	switch {
	case more:
		text = text.Line(regular(v.Count("brand.manyfollowers", n)))
	case n > 0:
		text = text.Line(regular(v.Count("brand.followers", n)))
	}
	return text, nil
}

// brandGoods lists what a brand sells: "goods <brand> <page>".
func (s *Shop) brandGoods(v *visit, args []string) (bots.Screen, error) {
	b, products, _, err := s.brandOf(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	scores := s.scores(v)
	slices.SortStableFunc(products, func(a, b *catalog.Product) int { return scores.Compare(a.ID, b.ID) })
	if len(products) == 0 {
		return s.brand(v, args[:1])
	}
	screen := s.productList(v, bots.Text{bold(v.Say("brand.goods", "Name", bots.Clip(b.Name, 100)))}, products, []string{"goods", args[0]}, number(args[1]))
	last := len(screen.Rows) - 1
	screen.Rows[last] = append(row(bots.Button{Label: bots.Clip(b.Name, 40), Action: bots.Path("brand", args[0])}), screen.Rows[last]...)
	return screen, nil
}

// brandFan and brandNoFan say how it now is, however often they are pressed.
func (s *Shop) brandFan(v *visit, args []string) (bots.Screen, error) {
	b, _, _, err := s.brandOf(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	if _, err := s.Creators.FollowBrand(v.ctx, v.member.ID, b.ID); err != nil {
		return bots.Screen{}, err
	}
	return s.brandSays(v, b, v.Say("brand.nowfollowed", "Name", bots.Clip(b.Name, 60)))
}

func (s *Shop) brandNoFan(v *visit, args []string) (bots.Screen, error) {
	b, _, _, err := s.brandOf(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	if _, err := s.Creators.UnfollowBrand(v.ctx, v.member.ID, b.ID); err != nil {
		return bots.Screen{}, err
	}
	return s.brandSays(v, b, v.Say("creator.nolonger", "Name", bots.Clip(b.Name, 60)))
}

// brandTell asks to be told of a brand's drops, brandHush ends it.
func (s *Shop) brandTell(v *visit, args []string) (bots.Screen, error) {
	return s.brandNews(v, args[0], true)
}
func (s *Shop) brandHush(v *visit, args []string) (bots.Screen, error) {
	return s.brandNews(v, args[0], false)
}

func (s *Shop) brandNews(v *visit, id string, tell bool) (bots.Screen, error) {
	b, _, _, err := s.brandOf(v, id)
	if err != nil {
		return bots.Screen{}, err
	}
	notice, err := s.news(v, id, b.Name, tell)
	if err != nil {
		return bots.Screen{}, err
	}
	return s.brandSays(v, b, notice)
}

func (s *Shop) brandSays(v *visit, b catalog.Brand, notice string) (bots.Screen, error) {
	if v.aside() {
		return bots.Screen{Notice: notice}, nil
	}
	screen, err := s.brand(v, []string{string(b.ID)})
	screen.Notice = notice
	return screen, err
}
