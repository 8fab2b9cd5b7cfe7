package shop

import (
	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/media"
	"github.com/soukchat/souk/commerce/moderation"
)

// offer is what a pick leads to today.
type offer struct {
	pick    *creators.Pick
	by      *creators.Creator
	items   []at             // the products that are still sold
	variant *catalog.Variant // the one there is to buy, nil where there is a choice
	earns   bool             // its creator does, from what is bought here
}

// offer reads a pick against the catalogue.
func (s *Shop) offer(v *visit, p *creators.Pick) (offer, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return offer{}, err
	}
	by, err := s.Creators.Creator(v.ctx, p.Creator)
	if err != nil {
		return offer{}, err
	}
	o := offer{pick: p, by: &by, earns: s.earns(by)}
	for _, item := range p.Items {
		product, ok := goods.Product(item.Product)
		if !ok || !v.scope.offers(product) {
			continue
		}
		o.items = append(o.items, at{p, product})
		o.variant = nil
		if item.Variant != "" {
			if _, variant, ok := goods.Variant(item.Variant); ok && !variant.Hidden {
				o.variant = variant
			}
		} else if len(product.Variants) == 1 {
			o.variant = &product.Variants[0]
		}
	}
	if len(o.items) != 1 {
		o.variant = nil
	}
	return o, nil
}

// offerOf finds a pick by the id in an action.
func (s *Shop) offerOf(v *visit, id string) (offer, error) {
	p, err := s.Creators.Pick(v.ctx, commerce.PickID(id))
	if err == nil && (p.Archived || !v.scope.here(&p)) {
		err = creators.ErrUnknownPick
	}
	if err != nil {
		return offer{}, err
	}
	goods, err := s.snapshot(v)
	if err != nil {
		return offer{}, err
	}
	if err := v.scope.aged(v.scope.ageOf(goods, &p)); err != nil {
		return offer{}, err
	}
	o, err := s.offer(v, &p)
	if err == nil && len(o.items) == 0 {
		err = creators.ErrUnknownPick
	}
	return o, err
}

// price writes what a pick costs.
func (v *visit) price(o offer) string {
	switch {
	case o.variant != nil:
		return v.Money(o.variant.Price)
	case len(o.items) == 1:
		return v.priceRange(o.items[0].product)
	}
	var low commerce.Money
	for i, item := range o.items {
		if p, _ := item.product.Prices(); i == 0 || p.Amount < low.Amount {
			low = p
		}
	}
	return v.Say("product.from", "Price", low)
}

// pickChoice makes the entry of a pick in a menu.
func (s *Shop) pickChoice(v *visit, p *creators.Pick) (bots.Choice, error) {
	o, err := s.offer(v, p)
	if err != nil {
		return bots.Choice{}, err
	}
	c := bots.Choice{Label: bots.Clip(p.Title, bots.MaxChoice), Action: bots.Path("pick", string(p.ID))}
	if len(o.items) > 0 {
		c.Description = v.price(o)
	}
	return c, nil
}

// pick shows a pick, to be bought with one tap where there is nothing to choose.
func (s *Shop) pick(v *visit, args []string) (bots.Screen, error) {
	o, err := s.offerOf(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	if o.by.Member != v.member.ID {
		s.Creators.Opened(o.pick.ID)
	}
	return s.showPick(v, o, 0)
}

func (s *Shop) showPick(v *visit, o offer, photo int) (bots.Screen, error) {
	screen := bots.Screen{
		Path: bots.Path("pick", string(o.pick.ID)), Picture: s.pickPicture(o), Text: v.pickText(o),
	}
	if photo > 0 && photo < len(o.pick.Photos) {
		screen.Picture = s.picture(media.PhotoSource+o.pick.Photos[photo], o.items[0].product.ID, o.pick.Title)
	}
	var add, buy, details bots.Button
	if o.variant != nil {
		level, err := s.level(v, o.variant.ID)
		if err != nil {
			return bots.Screen{}, err
		}
		screen.Text = screen.Text.Line(regular(v.left(level.Counted, level.Free, level.Backorder)))
		if level.Has(1) {
			add = v.primary("button.add", "cart", "pick", string(o.pick.ID))
			buy = s.buyButton(v, o.items[0].buyWords(o.variant.ID)...)
		}
		details = v.button("button.details")
		details.Action = o.items[0].path("p", string(o.variant.ID))
	} else if len(o.items) == 1 {
		product := o.items[0].product
		if len(product.Variants) <= manyVariants {
			menu, err := s.variantMenu(v, o.items[0], variantsOf(product, -1), nil, optionNames(product))
			if err != nil {
				return bots.Screen{}, err
			}
			screen.Menu = menu
		} else {
			add = v.primary("button.choose")
			add.Action = o.items[0].path("p")
		}
	} else {
		screen.Menu = &bots.Menu{Hint: v.Say("pick.choose")}
		for _, item := range o.items[:min(len(o.items), bots.MaxChoices)] {
			screen.Text = screen.Text.Line(regular("• "+bots.Clip(item.product.Title, 80)+" — "), bold(v.priceRange(item.product)))
			screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{
				Label: bots.Clip(item.product.Title, bots.MaxChoice), Description: v.priceRange(item.product), Action: item.path("p"),
			})
		}
	}
	creator := bots.Button{}
	if !o.by.Archived {
		creator = bots.Button{Label: bots.Clip(o.by.Name, 40), Action: bots.Path("creator", string(o.by.ID))}
	}
	screen.Rows = rows(row(add, buy, details), row(append([]bots.Button{s.watchButton(v, o)}, v.tagRow(o.pick)...)...), row(creator, v.photoButton(o.pick, photo), v.button("button.why", "why", "pick", string(o.pick.ID)), v.cartButton()), row(v.button("button.save", "save", string(o.pick.ID)), v.passButton(o.pick), v.button("button.feed", "feed"), v.button("button.home", "start"), s.reportButton(v, moderation.Pick, string(o.pick.ID), o.by.Member)))
	return screen, nil
}

func optionNames(p *catalog.Product) string {
	name := ""
	for i, o := range p.Options {
		if i > 0 {
			name += " / "
		}
		name += o
	}
	return name
}

// pickText is what a pick says, to everybody.
func (v *visit) pickText(o offer) bots.Text {
	text := bots.Text{bold(bots.Clip(o.pick.Title, 150))}
	text = text.Line(italic(v.Say("pick.by", "Name", bots.Clip(o.by.Name, 60))))
	if o.pick.Sample {
		text = text.Line(italic(v.Say("pick.sample", "Name", bots.Clip(o.by.Name, 60))))
	}
	if o.earns {
		text = text.Line(italic(v.Say("pick.earns", "Name", bots.Clip(o.by.Name, 60))))
	}
	if o.pick.Body != "" {
		text = text.Line().Line(regular(bots.Clip(o.pick.Body, 450)))
	}
	if len(o.items) == 1 {
		text = text.Line().Line(regular(bots.Clip(o.items[0].product.Title, 120)))
	}
	text = text.Line()
	if o.variant != nil && o.variant.Label() != "" {
		text = append(text, regular(bots.Clip(o.variant.Label(), 80)+" "))
	}
	text = append(text, bold(v.price(o)))
	if o.variant != nil && o.variant.CompareAt.Amount > o.variant.Price.Amount {
		text = append(text, regular(" "), struck(v.Money(o.variant.CompareAt)))
	}
	return text
}

func (s *Shop) pickPicture(o offer) *bots.Picture {
	if o.pick.Picture != "" {
		return s.picture(o.pick.Picture, o.items[0].product.ID, o.pick.Title)
	}
	return s.picture(o.items[0].product.PictureOf(o.variant), o.items[0].product.ID, o.pick.Title)
}

// pickPost is a pick for everybody in a chat: its buttons act for whoever
// presses them, and it shows nothing of anybody.
func (s *Shop) pickPost(v *visit, o offer) bots.Screen {
	creator := bots.Button{}
	if !o.by.Archived {
		creator = bots.Button{Label: v.Say("button.moreby", "Name", bots.Clip(o.by.Name, 40)), Action: bots.Path("creator", string(o.by.ID))}
	}
	return bots.Screen{
		Path: bots.Path("pick", string(o.pick.ID)), Public: true, Picture: s.pickPicture(o), Text: v.pickText(o),
		Rows: rows(row(v.primary("button.add", "cart", "pick", string(o.pick.ID)), v.button("button.details", "pick", string(o.pick.ID))), row(s.watchButton(v, o), creator)),
	}
}
