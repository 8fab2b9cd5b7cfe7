package shop

import (
	"errors"
	"slices"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/carts"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/gates"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/stock"
)

// quoteLines is how many lines of goods a quote shows in a chat.
const quoteLines = 15

func (v *visit) buyer() checkout.Buyer {
	return checkout.Buyer{
		Member: v.member.ID, Locale: v.locale, Community: string(v.scope.community),
		Platform: string(v.ev.From.Platform), Bot: v.ev.Bot,
	}
}

func (s *Shop) checkout(v *visit, _ []string) (bots.Screen, error) { return s.review(v, "") }

// review shows what is missing before the cart can be ordered, one thing after
// the other, and at last the quote.
func (s *Shop) review(v *visit, notice string) (bots.Screen, error) {
	cart, err := s.viewCart(v)
	if err != nil {
		return bots.Screen{}, err
	}
	if !cart.Ready() {
		if notice == "" && len(cart.Lines) > 0 {
			notice = v.Say("checkout.first")
		}
		return s.showCart(v, 0, notice)
	}
	r, err := s.Checkout.Review(v.ctx, v.buyer(), v.cart)
	switch {
	case errors.Is(err, gates.ErrAge):
		return bots.Screen{}, s.unpaidAge(v, v.cart, err)
	case errors.Is(err, pricing.ErrNoShipping), errors.Is(err, gates.ErrRegion):
		return bots.Screen{
			Path: "checkout", Text: bots.T(v.problem(err)),
			Rows: rows(row(v.primary("button.address", "checkout", "address"), v.button("button.tocart", "cart"))),
		}, nil
	case err != nil:
		return bots.Screen{}, err
	case r.Needs == "address":
		screen, err := s.address(v, "checkout address")
		screen.Path, screen.Notice = "checkout", notice
		return screen, err
	}
	return s.showReview(v, r, goods{}, notice), nil
}

// showReview shows the quote of the cart, or of goods bought past it, and the
// ways to go on with it.
func (s *Shop) showReview(v *visit, r checkout.Review, g goods, notice string) bots.Screen {
	text := bots.Text{bold(v.Say("checkout.title"))}
	hidden := 0
	for _, l := range r.Quote.Lines {
		if l.Kind == pricing.KindItem {
			if hidden > 0 || countItems(text) >= quoteLines {
				hidden++
				continue
			}
		} else if hidden > 0 {
			text, hidden = text.Line(italic(v.Count("checkout.hidden", int64(hidden)))), 0
		}
		text = v.quoteLine(text, orders.Line{Kind: l.Kind, Label: l.Label, Detail: l.Detail, Quantity: l.Quantity, Amount: l.Amount, Included: l.Included})
	}
	if hidden > 0 {
		text = text.Line(italic(v.Count("checkout.hidden", int64(hidden))))
	}
	text = text.Line(bold(v.Say("checkout.total", "Total", r.Quote.Total)))
	text, codes := v.codes(text, r)
	text, codes = s.codeUsed(v, text, codes)
	address, shipping := bots.Button{}, bots.Button{}
	if r.Address != nil {
		text = v.addressLines(text.Line(), *r.Address)
		address = v.button("button.address", "checkout", "address")
	}
	if len(r.Options) > 0 {
		shipping = v.button("button.shipping", "checkout", "shipping")
	}
	w, err := s.Checkout.Wallet(v.ctx, v.member.ID)
	if err != nil { // the first way to pay is there all the same
		s.Log.WarnContext(v.ctx, "kept cards were not read", "error", err)
	}
	card, kept := w.First(s.Clock.Now())
	kept = kept && !r.Quote.Total.IsZero()
	if g.direct() {
		return s.showDirect(v, text, r, g, card, kept, notice)
	}
	place := v.primary("button.place", "place", r.Quote.Digest())
	place.Label = bots.Clip(v.Say("button.place", "Total", r.Quote.Total), bots.MaxLabel)
	var pay bots.Button
	switch {
	case kept:
		pay, place.Label, place.Style = s.payWith(v, card, g, r.Quote), v.Say("button.payother"), bots.Plain
		text = text.Line().Line(regular(v.Say("buy.with", "Card", cardName(card))))
	case r.Quote.Total.IsZero():
		text = text.Line().Line(regular(v.Say("checkout.covered")))
	default:
		text = text.Line().Line(regular(v.Say("checkout.then")))
	}
	text, keep := v.consentLine(text, w, r.Quote.Total)
	return bots.Screen{
		Path: "checkout", Notice: notice, Text: text,
		Rows: rows(row(pay, place), row(address, shipping, keep), row(codes...), row(v.button("button.tocart", "cart"), v.pointsButton(r, g))),
	}
}

// showDirect is the confirmation of one thing bought past the cart.
func (s *Shop) showDirect(v *visit, text bots.Text, r checkout.Review, g goods, card payments.Card, kept bool, notice string) bots.Screen {
	var pay, address bots.Button
	add := v.primary("button.add", append([]string{"cart", "add"}, g.words...)...)
	if g.claim != "" {
		_, until := g.kept()
		word := "drop"
		if g.place.ID != "" {
			word = waitWord
		}
		add = v.primary("button.place", word, "order", g.words[1], r.Quote.Digest())
		add.Label = bots.Clip(v.Say("button.place", "Total", r.Quote.Total), bots.MaxLabel)
		if r.Later() {
			add.Label = bots.Clip(v.Say("button.placejoin", "Total", r.Quote.Total), bots.MaxLabel)
			text = text.Line().Line(bold(v.Say("drop.groupthen", "Total", r.Quote.Total)))
		} else {
			text = text.Line().Line(bold(v.Say("drop.yours", "Minutes", until.Sub(s.Clock.Now()), "Time", v.Clock(until))))
		}
	}
	if kept {
		if pay, add.Style = s.payWith(v, card, g, r.Quote), bots.Plain; g.claim != "" {
			add.Label = v.Say("button.payother")
		}
		if r.Later() {
			pay.Label = bots.Clip(v.Say("button.joinwith", "Total", r.Quote.Total, "Card", cardName(card)), bots.MaxLabel)
		}
		text = text.Line().Line(regular(v.Say("buy.with", "Card", cardName(card))))
	}
	if r.Address != nil {
		address = v.button("button.address", append([]string{"buy", "address"}, g.words...)...)
	}
	return bots.Screen{
		Path: bots.Path(append([]string{"buy"}, g.words...)...), Notice: notice, Text: text,
		Rows: rows(row(pay), row(add, address, v.pointsButton(r, g)), row(v.cartButton(), v.button("button.home", "start"))),
	}
}

// countItems counts the lines a text has after its title.
func countItems(t bots.Text) int {
	n := 0
	for _, span := range t {
		if span.Text == "\n" {
			n++
		}
	}
	return n
}

// quoteLine writes one labelled line of a quote or an order.
func (v *visit) quoteLine(text bots.Text, l orders.Line) bots.Text {
	label := bots.Clip(l.Label, 60)
	switch l.Kind {
	case pricing.KindItem:
		label = strconv.FormatInt(l.Quantity, 10) + " × " + label
		if l.Detail != "" {
			label += " (" + bots.Clip(l.Detail, 30) + ")"
		}
	case pricing.KindPoints:
		label = v.Say("wallet.points", "N", l.Quantity)
	case pricing.KindGift:
		label = v.Say("gift.line")
	case pricing.KindCredit:
		label = v.Say("wallet.credit")
	case pricing.KindGiftCard:
		label = v.Say("wallet.giftcard", "Code", label)
	case pricing.KindShipping:
		label = v.Say("checkout.shipping", "Name", label)
		if l.Detail != "" {
			label += " (" + v.Say("shipping.days", "Days", bots.Clip(l.Detail, 20)) + ")"
		}
		if l.Amount.IsZero() {
			return text.Line(regular(label+" — "), bold(v.Say("shipping.free")))
		}
	case pricing.KindTax:
		if l.Amount.IsZero() {
			return text.Line(italic(v.Say("checkout.included", "Tax", label, "Amount", l.Included)))
		}
	}
	return text.Line(regular(label+" — "), bold(v.Money(l.Amount)))
}

func (v *visit) addressLines(text bots.Text, a members.Address) bots.Text {
	text = text.Line(regular(v.Say("checkout.to")))
	for _, line := range a.Lines(v.locale) {
		text = text.Line(regular(bots.Clip(line, 120)))
	}
	return text
}

// shipping shows the ways to ship to choose from.
func (s *Shop) shipping(v *visit, _ []string) (bots.Screen, error) {
	r, err := s.Checkout.Review(v.ctx, v.buyer(), v.cart)
	if errors.Is(err, pricing.ErrNoShipping) || errors.Is(err, pricing.ErrEmpty) || err == nil && len(r.Options) == 0 {
		return s.review(v, "")
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.chooseShipping(v, r, ""), nil
}

// chooseShipping asks for one brand's way to ship, or for any brand's.
func (s *Shop) chooseShipping(v *visit, r checkout.Review, brand commerce.BrandID) bots.Screen {
	names := map[commerce.BrandID]string{}
	if goods, err := s.snapshot(v); err == nil {
		for _, b := range goods.Brands() {
			names[b.ID] = b.Name
		}
	}
	text := bots.Text{bold(v.Say("shipping.title"))}
	menu := &bots.Menu{Hint: v.Say("shipping.choose")}
	seen := map[commerce.BrandID]bool{}
	for _, l := range r.Quote.Lines {
		if l.Kind != pricing.KindItem || seen[l.Brand] || brand != "" && l.Brand != brand {
			continue
		}
		seen[l.Brand] = true
		for _, o := range r.Options[l.Brand] {
			price := v.Money(o.Price)
			if o.Price.IsZero() {
				price = v.Say("shipping.free")
			}
			c := bots.Choice{
				Label: bots.Clip(o.Name, 50) + " — " + price, Action: bots.Path("ship", string(l.Brand), o.ID),
				Chosen: r.Chosen[l.Brand] == o.ID,
			}
			if o.Days != "" {
				c.Description = v.Say("shipping.days", "Days", bots.Clip(o.Days, 30))
			}
			if len(r.Options) > 1 {
				c.Label = bots.Clip(names[l.Brand], 40) + ": " + c.Label
			}
			if len(menu.Choices) < bots.MaxChoices {
				menu.Choices = append(menu.Choices, c)
				line := bots.Span{Text: "• " + c.Label}
				if c.Description != "" {
					line.Text += ", " + c.Description
				}
				text = text.Line(line)
			}
		}
	}
	return bots.Screen{
		Path: "checkout", Text: text, Menu: menu,
		Rows: rows(row(v.button("button.address", "checkout", "address"), v.button("button.tocart", "cart"))),
	}
}

// ship keeps a way to ship: "ship <brand> <option>", of those that are offered.
func (s *Shop) ship(v *visit, args []string) (bots.Screen, error) {
	r, err := s.Checkout.Review(v.ctx, v.buyer(), v.cart)
	if err != nil || !slices.ContainsFunc(r.Options[commerce.BrandID(args[0])], func(o pricing.ShippingOption) bool { return o.ID == args[1] }) {
		return s.review(v, v.Say("checkout.changed"))
	}
	if err := s.Members.SaveShipping(v.ctx, v.member.ID, commerce.BrandID(args[0]), args[1]); err != nil {
		return bots.Screen{}, err
	}
	return s.review(v, v.Say("shipping.kept"))
}

// place orders what the member has agreed to, named by the quote's digest.
func (s *Shop) place(v *visit, args []string) (bots.Screen, error) {
	cart, err := s.viewCart(v)
	if err != nil {
		return bots.Screen{}, err
	}
	if !cart.Ready() {
		return s.review(v, v.unready(cart))
	}
	o, err := s.Checkout.Place(v.ctx, v.buyer(), v.cart, args[0])
	if err != nil {
		return s.notPlaced(v, err)
	}
	s.told.Drop(v.member.ID)
	return s.showOrder(v, o, ""), nil
}

// notPlaced says why the cart was not ordered, where it can be mended.
func (s *Shop) notPlaced(v *visit, err error) (bots.Screen, error) {
	switch {
	case errors.Is(err, checkout.ErrQuoteChanged), lapsed(err):
		return s.placeAgain(v, err)
	case errors.Is(err, checkout.ErrIncomplete):
		return s.review(v, v.problem(err))
	case errors.Is(err, stock.ErrSoldOut):
		s.Stock.Forget()
		v.levels = nil
		return s.showCart(v, 0, v.Say("checkout.soldout"))
	case errors.Is(err, checkout.ErrJustPaid):
		screen, err2 := s.showOrders(v, "")
		screen.Notice = v.problem(err)
		return screen, err2
	}
	return bots.Screen{}, err
}

// unready says why a cart that was ready when it was looked at is not any more.
func (v *visit) unready(cart carts.Cart) string {
	for _, l := range cart.Lines {
		if l.Problem == carts.SoldOut || l.Problem == carts.Short {
			return v.Say("checkout.soldout")
		}
	}
	if len(cart.Lines) == 0 {
		return ""
	}
	return v.Say("checkout.changed")
}
