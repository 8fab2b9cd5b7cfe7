package shop

import (
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/carts"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/orders"
)

// cartPage is how many lines of a cart a screen shows.
const cartPage = 10

// viewCart reads the member's cart as it is today. What their own unpaid order
// keeps for them counts as free: it is theirs to buy.
func (s *Shop) viewCart(v *visit) (carts.Cart, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return carts.Cart{}, err
	}
	if len(v.cart) == 0 {
		return carts.Cart{}, nil
	}
	if _, err := s.level(v, ""); err != nil {
		return carts.Cart{}, err
	}
	var mine map[commerce.VariantID]int64
	free := func(id commerce.VariantID) (int64, bool) {
		l := v.levels[id]
		return l.Free + mine[id], l.Counted && !l.Backorder
	}
	cart, err := carts.View(v.cart, goods, free)
	if err != nil {
		return carts.Cart{}, err
	}
	for _, l := range cart.Lines {
		if l.Problem == carts.SoldOut || l.Problem == carts.Short {
			if mine, err = s.mine(v); err != nil {
				return carts.Cart{}, err
			}
			if cart, err = carts.View(v.cart, goods, free); err != nil {
				return carts.Cart{}, err
			}
			break
		}
	}
	return cart.Only(v.scope.lets)
}

// mine counts the units that the member's own unpaid orders keep for them.
func (s *Shop) mine(v *visit) (map[commerce.VariantID]int64, error) {
	page, err := s.Orders.OfMember(v.ctx, v.member.ID, "", 5)
	if err != nil {
		return nil, err
	}
	held := map[commerce.VariantID]int64{}
	for _, o := range page.Items {
		if o.State == orders.Pending {
			for _, l := range o.Lines {
				held[l.Variant] += l.Quantity
			}
		}
	}
	return held, nil
}

// showCart draws the cart.
func (s *Shop) showCart(v *visit, page int, notice string) (bots.Screen, error) {
	cart, err := s.viewCart(v)
	if err != nil {
		return bots.Screen{}, err
	}
	if len(cart.Lines) == 0 {
		return bots.Screen{
			Path: "cart", Notice: notice, Text: bots.T(v.Say("cart.empty")),
			Rows: rows(row(v.primary("button.feed", "feed"), v.button("button.categories", "categories")),
				row(v.button("button.orders", "orders"), v.button("button.home", "start"))),
		}, nil
	}
	text := bots.Text{bold(v.Say("cart.title"))}
	menu := &bots.Menu{Hint: v.Say("cart.change")}
	shown, page := cut(cart.Lines, page, cartPage)
	problems := false
	for _, l := range cart.Lines {
		problems = problems || l.Problem != carts.None
	}
	for _, l := range shown {
		text = v.cartLine(text, l)
		menu.Choices = append(menu.Choices, bots.Choice{
			Label: bots.Clip(v.lineName(l), bots.MaxChoice), Description: v.lineWord(l), Action: bots.Path("cart", "line", string(l.Variant)),
		})
	}
	if len(cart.Lines) > cartPage {
		text = text.Line(italic(v.Say("list.page", "Page", page+1, "Pages", (len(cart.Lines)+cartPage-1)/cartPage)))
	}
	text = text.Line()
	if cart.Total.Currency != "" { // something of it can be had
		text = text.Line(bold(v.Say("cart.total", "Total", cart.Total)))
	}
	var next, buy bots.Button
	switch {
	case problems:
		text = text.Line(regular(v.Say("cart.mend")))
		next = v.primary("button.mend", "cart", "mend")
	case len(cart.Changed()) > 0:
		text = text.Line(regular(v.Say("cart.accept")))
		next = v.primary("button.accept", "cart", "accept", cart.Digest())
	default:
		text = text.Line(regular(v.Say("cart.later")))
		next = v.primary("button.checkout", "checkout")
		buy = s.buyButton(v)
	}
	return bots.Screen{
		Path: "cart", Notice: notice, Text: text, Menu: menu,
		Rows: rows(row(next, buy), v.turn([]string{"cart", "page"}, page, cartPage, len(cart.Lines)),
			row(v.button("button.more", "feed"), v.button("button.clear", "cart", "clear"), v.button("button.home", "start"))),
	}, nil
}

// lineName names what is in a line.
func (v *visit) lineName(l carts.Line) string {
	if l.Product == nil {
		return v.Say("cart.unknown")
	}
	name := bots.Clip(l.Product.Title, 70)
	if label := l.Item.Label(); label != "" {
		name += " (" + bots.Clip(label, 40) + ")"
	}
	return name
}

// lineWord says in few words how a line stands.
func (v *visit) lineWord(l carts.Line) string {
	switch l.Problem {
	case carts.Gone:
		return v.Say("cart.gone")
	case carts.SoldOut:
		return v.Say("product.soldout")
	case carts.Short:
		return v.Count("product.left", l.Left)
	case carts.Foreign:
		return v.Say("cart.foreign")
	case carts.Elsewhere:
		if p := l.Product; p != nil && v.scope.lawful(p) && !v.scope.old(v.scope.age(p)) {
			return v.Say("gate.from", "Age", v.scope.age(p))
		}
		return v.Say("cart.elsewhere")
	}
	return strconv.FormatInt(l.Quantity, 10) + " × " + v.Money(l.Unit)
}

func (v *visit) cartLine(text bots.Text, l carts.Line) bots.Text {
	text = text.Line(regular(strconv.FormatInt(l.Quantity, 10) + " × " + v.lineName(l)))
	switch l.Problem {
	case carts.Gone, carts.SoldOut, carts.Foreign, carts.Elsewhere:
		return append(text, regular(" — "), bold(v.lineWord(l)))
	case carts.Short:
		text = append(text, regular(" — "), bold(v.lineWord(l)))
	default:
		text = append(text, regular(" — "), bold(v.Money(l.Amount)))
	}
	if l.Changed() {
		text = text.Line(regular("   "), struck(v.Money(l.Was)), regular(" → "), bold(v.Money(l.Unit)), regular(" "+v.Say("cart.each")))
	}
	return text
}

func (s *Shop) cartShow(v *visit, args []string) (bots.Screen, error) {
	page := 0
	if len(args) > 0 {
		page = number(args[0])
	}
	return s.showCart(v, page, "")
}

// cartAdd puts one of a variant into the cart: "cart add [<pick>] <variant>".
func (s *Shop) cartAdd(v *visit, args []string) (bots.Screen, error) {
	pick := ""
	if len(args) == 2 {
		pick, args = args[0], args[1:]
	}
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	product, variant, ok := goods.Variant(commerce.VariantID(args[0]))
	if !ok || product.Hidden {
		return bots.Screen{}, errProductGone
	}
	a, err := s.opened(v, pick, string(product.ID))
	if err != nil {
		return bots.Screen{}, err
	}
	notice := v.Say("product.variantgone")
	if !variant.Hidden {
		line := live.CartLine{Variant: variant.ID, Quantity: 1, Seen: variant.Price}
		if a.pick != nil {
			line.Pick, line.Creator = a.pick.ID, a.pick.Creator
		}
		if notice, err = s.put(v, line); err != nil {
			return bots.Screen{}, err
		}
	}
	if v.aside() {
		return s.showCart(v, 0, notice)
	}
	chosen := variant
	if variant.Hidden {
		chosen = nil
	}
	screen, err := s.showProduct(v, a, chosen)
	screen.Notice = notice
	return screen, err
}

// cartPick puts what a pick recommends into the cart, or asks what of it.
func (s *Shop) cartPick(v *visit, args []string) (bots.Screen, error) {
	o, err := s.offerOf(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	if o.variant == nil {
		screen, err := s.showPick(v, o, 0)
		screen.Notice = v.Say("pick.choosefirst")
		return screen, err
	}
	line := live.CartLine{Variant: o.variant.ID, Quantity: 1, Seen: o.variant.Price, Pick: o.pick.ID, Creator: o.pick.Creator}
	notice, err := s.put(v, line)
	if err != nil {
		return bots.Screen{}, err
	}
	if v.aside() {
		return s.showCart(v, 0, notice)
	}
	screen, err := s.showPick(v, o, 0)
	screen.Notice = notice
	return screen, err
}

// put adds a line to the cart as far as there is stock and room, and returns
// what to say about it.
func (s *Shop) put(v *visit, line live.CartLine) (string, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return "", err
	}
	product, variant, _ := goods.Variant(line.Variant)
	level, err := s.level(v, line.Variant)
	if err != nil {
		return "", err
	}
	var have int64
	known := false
	for _, l := range v.cart {
		if l.Variant == line.Variant {
			have, known = l.Quantity, true
			line.Seen = l.Seen // a price that changed is shown in the cart, not swallowed here
			if line.Pick == "" {
				line.Pick, line.Creator = l.Pick, l.Creator
			}
		}
	}
	if v.made { // delivered again: what it was answered with before
		return v.Say("cart.added", "Product", bots.Clip(product.Title, 80), "Price", variant.Price), nil
	}
	room := carts.Limit(have+1, level.Free, level.Counted && !level.Backorder)
	switch {
	case !known && len(v.cart) >= live.MaxLines:
		return v.Say("cart.full"), nil
	case room <= have && have >= live.MaxQuantity:
		return v.Count("cart.most", live.MaxQuantity), nil
	case room <= have && have > 0:
		return v.Count("cart.allthere", have), nil
	case room <= have:
		return v.Say("cart.soldout", "Product", bots.Clip(product.Title, 80)), nil
	}
	if v.cart, err = s.Live.AddToCart(v.ctx, v.member.ID, v.request, line); err != nil {
		return "", err
	}
	return v.Say("cart.added", "Product", bots.Clip(product.Title, 80), "Price", variant.Price), nil
}
