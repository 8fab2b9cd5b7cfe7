package shop

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/live"
)

// fewLeft is from where on it is told how many are left.
const fewLeft = 10

// errProductGone is returned for a product that is no longer sold.
var errProductGone = &commerce.Error{Kind: commerce.NotFound, Message: "product.gone"}

// at is a product, opened from a pick or by itself.
type at struct {
	pick    *creators.Pick // nil for none
	product *catalog.Product
}

// path makes the action that shows something of the product, remembering the pick.
func (a at) path(what string, words ...string) bots.Action {
	list := []string{what, string(a.product.ID)}
	if a.pick != nil {
		list = []string{"p" + what, string(a.pick.ID), string(a.product.ID)}
	}
	return bots.Path(append(list, words...)...)
}

// add makes the action that puts a variant into the cart.
func (a at) add(v commerce.VariantID) bots.Action {
	if a.pick != nil {
		return bots.Path("cart", "add", string(a.pick.ID), string(v))
	}
	return bots.Path("cart", "add", string(v))
}

// opened finds the product, and the pick it is opened from; a pick that is no
// longer there takes nothing away from the product.
func (s *Shop) opened(v *visit, pick, product string) (at, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return at{}, err
	}
	p, ok := goods.Product(commerce.ProductID(product))
	if !ok || p.Hidden {
		return at{}, errProductGone
	}
	if err := v.scope.offer(p); err != nil {
		return at{}, err
	}
	found := at{product: p}
	if pick != "" {
		k, err := s.Creators.Pick(v.ctx, commerce.PickID(pick))
		if err != nil && !errors.Is(err, creators.ErrUnknownPick) {
			return at{}, err
		}
		if err == nil && !k.Archived && slices.ContainsFunc(k.Items, func(i creators.Item) bool { return i.Product == p.ID }) {
			found.pick = &k
		}
	}
	return found, nil
}

// p shows a product, with a variant chosen or not: "p <product> [<variant>]".
func (s *Shop) p(v *visit, args []string) (bots.Screen, error) {
	return s.openProduct(v, "", args)
}

// pp is p for a product opened from a pick.
func (s *Shop) pp(v *visit, args []string) (bots.Screen, error) {
	return s.openProduct(v, args[0], args[1:])
}

func (s *Shop) openProduct(v *visit, pick string, args []string) (bots.Screen, error) {
	a, err := s.opened(v, pick, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	if len(args) < 2 {
		return s.showProduct(v, a, nil)
	}
	for i := range a.product.Variants {
		if string(a.product.Variants[i].ID) == args[1] {
			return s.showProduct(v, a, &a.product.Variants[i])
		}
	}
	screen, err := s.showProduct(v, a, nil)
	screen.Notice = v.Say("product.variantgone")
	return screen, err
}

// pg turns the pages of the first option's values; pn shows the variants with
// one of those values.
func (s *Shop) pg(v *visit, args []string) (bots.Screen, error) {
	return s.openOptions(v, "", args[0], -1, args[1])
}

func (s *Shop) ppg(v *visit, args []string) (bots.Screen, error) {
	return s.openOptions(v, args[0], args[1], -1, args[2])
}

func (s *Shop) pn(v *visit, args []string) (bots.Screen, error) {
	return s.openOptions(v, "", args[0], number(args[1]), args[2])
}

func (s *Shop) ppn(v *visit, args []string) (bots.Screen, error) {
	return s.openOptions(v, args[0], args[1], number(args[2]), args[3])
}

func (s *Shop) openOptions(v *visit, pick, product string, value int, page string) (bots.Screen, error) {
	a, err := s.opened(v, pick, product)
	if err != nil {
		return bots.Screen{}, err
	}
	return s.draw(v, a, nil, value, number(page))
}

// showProduct draws a product; without a chosen variant its only one is.
func (s *Shop) showProduct(v *visit, a at, chosen *catalog.Variant) (bots.Screen, error) {
	if chosen == nil && len(a.product.Variants) == 1 {
		chosen = &a.product.Variants[0]
	}
	value := -1
	if chosen != nil && len(a.product.Variants) > manyVariants && len(chosen.Values) > 0 {
		value = slices.Index(firstValues(a.product), chosen.Values[0])
	}
	return s.draw(v, a, chosen, value, 0)
}

// draw draws a product. With many variants, value is which value of the first
// option is looked at, -1 for none yet, and page which page of the menu.
func (s *Shop) draw(v *visit, a at, chosen *catalog.Variant, value, page int) (bots.Screen, error) {
	p := a.product
	text := bots.Text{bold(bots.Clip(p.Title, 200))}
	if p.BrandName != "" {
		text = text.Line(italic(bots.Clip(p.BrandName, 60)))
	}
	score, read := s.scoreLine(v, p.ID)
	if score != "" {
		text = text.Line(regular(score))
	}
	text = v.regions(text, p)
	screen := bots.Screen{Path: a.path("p"), Picture: s.picture(p.PictureOf(chosen), p.ID, p.Title)}
	var add, buy bots.Button
	if chosen == nil {
		text = text.Line(bold(v.priceRange(p)))
	} else {
		level, err := s.level(v, chosen.ID)
		if err != nil {
			return bots.Screen{}, err
		}
		screen.Path = a.path("p", string(chosen.ID))
		text = text.Line(bold(v.Money(chosen.Price)))
		if chosen.CompareAt.Amount > chosen.Price.Amount {
			text = append(text, regular(" "), struck(v.Money(chosen.CompareAt)))
		}
		if label := chosen.Label(); label != "" {
			text = text.Line(regular(bots.Clip(label, 120)))
		}
		text = text.Line(regular(v.left(level.Counted, level.Free, level.Backorder)))
		if level.Has(1) {
			add = v.primary("button.add")
			add.Action = a.add(chosen.ID)
			buy = s.buyButton(v, a.buyWords(chosen.ID)...)
		} else if text, add, buy, err = s.waiting(v, text, chosen.ID); err != nil {
			return bots.Screen{}, err
		}
	}
	who, creator, err := s.recommended(v, a)
	if err != nil {
		return bots.Screen{}, err
	}
	if len(who) > 0 {
		text = append(text.Line(), who...)
	}
	if p.Body != "" {
		text = text.Line().Line(regular(bots.Clip(p.Body, 400)))
	}
	if len(p.Variants) > 1 {
		screen.Menu, screen.Rows, err = s.options(v, a, chosen, value, page)
		if err != nil {
			return bots.Screen{}, err
		}
		if chosen == nil {
			text = text.Line().Line(regular(screen.Menu.Hint))
		}
	}
	screen.Text = text
	share := v.button("button.share", "share", string(p.ID))
	share.Share, share.Keep = bots.Clip(p.Title, 60), true
	screen.Rows = append(rows(row(add, buy)), screen.Rows...)
	screen.Rows = append(screen.Rows, rows(row(v.cartButton(), share, read, v.button("button.questions", "questions", string(p.ID))), row(creator, brandButton(p), v.button("button.categories", "categories"), v.button("button.home", "start")))...)
	return screen, nil
}

// brandButton leads to a product's brand.
func brandButton(p *catalog.Product) bots.Button {
	if p.BrandName == "" {
		return bots.Button{}
	}
	return bots.Button{Label: bots.Clip(p.BrandName, 40), Action: bots.Path("brand", string(p.Brand))}
}

// left says how many there are.
func (v *visit) left(counted bool, free int64, backorder bool) string {
	switch {
	case counted && free <= 0 && backorder:
		return v.Say("product.backorder")
	case counted && free <= 0:
		return v.Say("product.soldout")
	case counted && free <= fewLeft:
		return v.Count("product.left", free)
	}
	return v.Say("product.there")
}

// recommended says who recommends the product, and leads to them.
func (s *Shop) recommended(v *visit, a at) (bots.Text, bots.Button, error) {
	var list []creators.Creator
	if a.pick != nil {
		c, err := s.Creators.Creator(v.ctx, a.pick.Creator)
		if err != nil {
			return nil, bots.Button{}, err
		}
		if !c.Archived {
			list = append(list, c)
		}
	} else {
		var err error
		if list, err = s.Creators.Recommending(v.ctx, a.product.ID); err != nil {
			return nil, bots.Button{}, err
		}
	}
	if len(list) == 0 {
		return nil, bots.Button{}, nil
	}
	var names []string
	for _, c := range list[:min(len(list), 3)] {
		names = append(names, bots.Clip(c.Name, 40))
	}
	text := bots.Text{}.Line(regular(v.Say("product.recommended", "Names", strings.Join(names, ", "))))
	b := bots.Button{Label: bots.Clip(list[0].Name, 40), Action: bots.Path("creator", string(list[0].ID))}
	return text, b, nil
}

// How often products are shared into one group: by everybody there together.
const (
	shareEvery = 20 * time.Second
	shareBurst = 3
)

// share posts a product into the group for everybody, where the platform has
// no way of its own. It is always a new message: a press that a changed program
// makes up must not put it in the place of another post.
func (s *Shop) share(v *visit, args []string) (bots.Screen, error) {
	a, err := s.opened(v, "", args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	if v.ev.Chat.Private {
		return bots.Screen{Notice: v.Say("share.where")}, nil
	}
	if v.ev.Chat.ID == "" || v.ev.On != nil && !v.ev.Keep {
		return s.showProduct(v, a, nil)
	}
	wait, err := s.Live.Spend(v.ctx, live.Budget{Name: "share:" + v.ev.Bot + ":" + v.ev.Chat.ID, Every: shareEvery, Burst: shareBurst}, v.request)
	if err != nil {
		return bots.Screen{}, err
	}
	if wait > 0 {
		return bots.Screen{Notice: v.Say("share.wait")}, nil
	}
	if age := v.scope.age(a.product); age > v.scope.marked {
		return bots.Screen{Notice: v.Say("gate.notingroup", "Age", age)}, nil
	}
	return s.publicProduct(v, a.product), nil
}
