package shop

import (
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce/catalog"
)

// perPage is how many entries of a list a screen shows: few enough to read in
// a chat on a phone.
const perPage = 8

// number reads a page number or an index out of an action; what is none of
// ours is 0.
func number(word string) int {
	n, err := strconv.Atoi(word)
	if err != nil || n < 0 || n > 1_000_000 {
		return 0
	}
	return n
}

// cut returns the entries of one page, and the page there really is.
func cut[T any](list []T, page, size int) ([]T, int) {
	if page*size >= len(list) {
		page = max(0, (len(list)-1)/size)
	}
	return list[page*size : min(len(list), (page+1)*size)], page
}

// turn makes the buttons that turn pages; path is the list's without the page.
func (v *visit) turn(path []string, page, size, all int) []bots.Button {
	at := func(n int) []string { return append(append([]string(nil), path...), strconv.Itoa(n)) }
	var r []bots.Button
	if page > 0 {
		r = append(r, v.button("button.previous", at(page-1)...))
	}
	if (page+1)*size < all {
		r = append(r, v.button("button.next", at(page+1)...))
	}
	return r
}

// productList shows products of a list, one of which can be opened.
func (s *Shop) productList(v *visit, title bots.Text, list []*catalog.Product, path []string, page int) bots.Screen {
	shown, page := cut(list, page, perPage)
	menu := &bots.Menu{Hint: v.Say("list.choose")}
	text := title
	for _, p := range shown {
		price := v.priceRange(p)
		text = text.Line(regular("• "+bots.Clip(p.Title, 80)+" — "), bold(price))
		menu.Choices = append(menu.Choices, bots.Choice{
			Label: bots.Clip(p.Title, bots.MaxChoice), Description: price, Action: bots.Path("p", string(p.ID)),
		})
	}
	if len(list) > perPage {
		text = text.Line().Line(italic(v.Say("list.page", "Page", page+1, "Pages", (len(list)+perPage-1)/perPage)))
	}
	return bots.Screen{
		Path: bots.Path(append(append([]string(nil), path...), strconv.Itoa(page))...), Text: text, Menu: menu,
		Rows: rows(v.turn(path, page, perPage, len(list)),
			row(v.button("button.search", "search"), v.cartButton(), v.button("button.home", "start"))),
	}
}

// priceRange writes what a product costs: one price, or from the lowest.
func (v *visit) priceRange(p *catalog.Product) string {
	low, high := p.Prices()
	if low == high {
		return v.Money(low)
	}
	return v.Say("product.from", "Price", low)
}

// categories lists what kinds of goods there are.
func (s *Shop) categories(v *visit, args []string) (bots.Screen, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	list := v.scope.categories(goods)
	if len(list) < 2 { // nothing to choose from: straight to the goods
		return s.everything(v, args)
	}
	page := 0
	if len(args) > 0 {
		page = number(args[0])
	}
	const size = 20
	shown, page := cut(list, page, size)
	menu := &bots.Menu{Hint: v.Say("categories.choose")}
	for _, c := range shown {
		menu.Choices = append(menu.Choices, bots.Choice{
			Label: bots.Clip(c.Name, bots.MaxChoice), Description: v.Count("categories.count", int64(c.Count)),
			Action: bots.Path("category", c.ID, "0"),
		})
	}
	return bots.Screen{
		Path: bots.Path("categories", strconv.Itoa(page)),
		Text: bots.Text{bold(v.Say("categories.title"))}.Line(regular(v.Say("categories.choose"))), Menu: menu,
		Rows: rows(v.turn([]string{"categories"}, page, size, len(list)),
			row(v.button("button.all", "all", "0"), v.button("button.search", "search"), v.button("button.home", "start")), row(s.ageButton(v, goods))),
	}, nil
}

// category lists the products of one category.
func (s *Shop) category(v *visit, args []string) (bots.Screen, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	c, ok := goods.Category(args[0])
	list := v.scope.offered(goods.InCategory(args[0], v.scope.brands))
	if !ok || len(list) == 0 {
		screen, err := s.categories(v, nil)
		screen.Notice = v.Say("categories.gone")
		return screen, err
	}
	screen := s.productList(v, bots.Text{bold(bots.Clip(c.Name, 100))}, s.ranked(v, list), []string{"category", c.ID}, number(args[1]))
	return screen, nil
}

// everything lists all products.
func (s *Shop) everything(v *visit, args []string) (bots.Screen, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	list := v.scope.offered(goods.Products(v.scope.brands))
	if len(list) == 0 {
		return bots.Screen{
			Path: "all 0", Text: bots.T(v.Say("all.empty")),
			Rows: rows(row(v.button("button.creators", "creators"), v.button("button.home", "start")), row(s.ageButton(v, goods))),
		}, nil
	}
	page := 0
	if len(args) > 0 {
		page = number(args[0])
	}
	screen := s.productList(v, bots.Text{bold(v.Say("all.title"))}, s.ranked(v, list), []string{"all"}, page)
	screen.Rows = append(screen.Rows, rows(row(s.ageButton(v, goods)))...)
	return screen, nil
}
