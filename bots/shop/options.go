package shop

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce/catalog"
)

// manyVariants is from where on the options are chosen one after the other.
const manyVariants = bots.MaxChoices

// options makes the menu in which a variant is chosen.
func (s *Shop) options(v *visit, a at, chosen *catalog.Variant, value, page int) (*bots.Menu, [][]bots.Button, error) {
	p := a.product
	name := strings.Join(p.Options, " / ")
	if len(p.Variants) <= manyVariants {
		menu, err := s.variantMenu(v, a, variantsOf(p, -1), chosen, name)
		return menu, nil, err
	}
	const size = 20
	if value < 0 {
		values := firstValues(p)
		shown, page := cut(values, page, size)
		menu := &bots.Menu{Hint: v.Say("product.choose", "Option", bots.Clip(p.Options[0], 40))}
		for i, label := range shown {
			c := bots.Choice{Label: label, Action: a.path("pn", strconv.Itoa(page*size+i), "0")}
			if of := variantsOf(p, page*size+i); len(of) == 1 {
				c.Action = a.path("p", string(of[0].ID))
			}
			menu.Choices = append(menu.Choices, c)
		}
		return menu, rows(v.turn(a.path("pg").Words(), page, size, len(values))), nil
	}
	list := variantsOf(p, value)
	if chosen != nil { // the page on which it stands
		page = max(0, slices.IndexFunc(list, func(o *catalog.Variant) bool { return o.ID == chosen.ID })) / size
	}
	shown, page := cut(list, page, size)
	if len(shown) == 0 {
		return s.options(v, a, chosen, -1, 0) // a value the feed no longer has
	}
	if len(p.Options) > 1 {
		name = strings.Join(p.Options[1:], " / ")
	}
	menu, err := s.variantMenu(v, a, shown, chosen, name)
	other := v.button("button.otheroption")
	other.Action = a.path("pg", "0")
	return menu, rows(append(v.turn(a.path("pn", strconv.Itoa(value)).Words(), page, size, len(list)), other)), err
}

func (s *Shop) variantMenu(v *visit, a at, list []*catalog.Variant, chosen *catalog.Variant, option string) (*bots.Menu, error) {
	menu := &bots.Menu{Hint: v.Say("product.choose", "Option", bots.Clip(option, 60))}
	for i, o := range list {
		level, err := s.level(v, o.ID)
		if err != nil {
			return nil, err
		}
		c := bots.Choice{
			Label: bots.Clip(o.Label(), bots.MaxChoice), Description: v.Money(o.Price),
			Action: a.path("p", string(o.ID)), Chosen: chosen != nil && chosen.ID == o.ID,
		}
		if c.Label == "" {
			c.Label = fmt.Sprint(i + 1)
		}
		if level.Counted && level.Free <= fewLeft && !level.Backorder {
			c.Description += " · " + v.left(true, level.Free, false)
		}
		menu.Choices = append(menu.Choices, c)
	}
	return menu, nil
}

// firstValues lists the values of the first option, in the feed's order.
func firstValues(p *catalog.Product) []string {
	var list []string
	for _, o := range p.Variants {
		if len(o.Values) > 0 && !slices.Contains(list, o.Values[0]) {
			list = append(list, o.Values[0])
		}
	}
	return list
}

// variantsOf lists the variants with one value of the first option, all for -1.
func variantsOf(p *catalog.Product, value int) []*catalog.Variant {
	values := firstValues(p)
	var list []*catalog.Variant
	for i := range p.Variants {
		o := &p.Variants[i]
		if value < 0 || value < len(values) && len(o.Values) > 0 && o.Values[0] == values[value] {
			list = append(list, o)
		}
	}
	return list
}
