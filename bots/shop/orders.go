package shop

import (
	"errors"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/carts"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

// ordersPage is how many orders a page of the list shows.
const ordersPage = 6

func (s *Shop) orders(v *visit, args []string) (bots.Screen, error) {
	cursor := ""
	if len(args) > 0 {
		cursor = args[0]
	}
	return s.showOrders(v, cursor)
}

// showOrders lists the member's orders, newest first.
func (s *Shop) showOrders(v *visit, cursor string) (bots.Screen, error) {
	page, err := s.Orders.OfMember(v.ctx, v.member.ID, cursor, ordersPage)
	if err != nil {
		return bots.Screen{}, err
	}
	if len(page.Items) == 0 {
		return bots.Screen{
			Path: "orders", Text: bots.T(v.Say("orders.none")),
			Rows: rows(row(v.primary("button.feed", "feed"), v.button("button.categories", "categories")), row(v.cartButton(), v.button("button.home", "start"))),
		}, nil
	}
	text := bots.Text{bold(v.Say("orders.title"))}
	menu := &bots.Menu{Hint: v.Say("orders.choose")}
	for _, o := range page.Items {
		label := v.Say("order.number", "Number", strconv.FormatInt(o.Number, 10)) + " · " + v.Money(o.Total)
		text = text.Line(regular("• "+label+" — "), bold(v.stateWord(s, o)))
		menu.Choices = append(menu.Choices, bots.Choice{Label: label, Description: v.Date(o.CreatedAt), Action: bots.Path("order", string(o.ID))})
	}
	older := bots.Button{}
	if page.Next != "" {
		older = v.button("button.older", "orders", page.Next)
	}
	return bots.Screen{Path: "orders", Text: text, Menu: menu,
		Rows: rows(row(older), row(v.cartButton(), v.button("button.home", "start")))}, nil
}

// payable reports whether the order can be paid now.
func (s *Shop) payable(o orders.Order) bool {
	return o.State == orders.Pending && !o.Held() && s.Clock.Now().Before(o.ExpiresAt)
}

// stateWord says in a word how an order stands.
func (v *visit) stateWord(s *Shop, o orders.Order) string {
	switch o.State {
	case orders.Pending:
		if s.payable(o) {
			return v.Say("state.pending")
		}
		if o.Held() {
			return v.Say("state.held")
		}
		return v.Say("state.closing")
	case orders.Closing:
		return v.Say("state.closing")
	case orders.Paid:
		return v.Say("state.paid")
	case orders.Shipped:
		return v.Say("state.shipped")
	case orders.Cancelled:
		return v.Say("state.cancelled")
	case orders.Refunded:
		return v.Say("state.refunded")
	}
	return v.Say("state.lapsed")
}

// mineOnly returns an order of this member: another's is not there for them.
func (s *Shop) mineOnly(v *visit, id string) (orders.Order, error) {
	o, err := s.Orders.Get(v.ctx, commerce.OrderID(id))
	if err == nil && o.Member != v.member.ID {
		return orders.Order{}, orders.ErrNotFound
	}
	return o, err
}

// order shows an order, or its receipt once it is paid.
func (s *Shop) order(v *visit, args []string) (bots.Screen, error) {
	o, err := s.mineOnly(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showOrder(v, o, ""), nil
}

func (s *Shop) showOrder(v *visit, o orders.Order, notice string) bots.Screen {
	number := strconv.FormatInt(o.Number, 10)
	text := bots.Text{bold(v.Say("order.number", "Number", number))}
	text = append(text, regular(" · "+v.Date(o.CreatedAt)))
	payable := s.payable(o)
	switch {
	case payable:
		text = text.Line(regular(v.Say("order.pending", "Time", o.ExpiresAt.Sub(s.Clock.Now()))))
	case o.State == orders.Pending && o.Held():
		text = text.Line(regular(v.Say("order.held", "Total", o.Total)))
	case o.State == orders.Pending || o.State == orders.Closing:
		text = text.Line(regular(v.Say("order.closing")))
	case o.State == orders.Shipped && o.Tracking != "":
		text = text.Line(bold(v.stateWord(s, o))).Line(regular(v.Say("order.tracking")+" "), code(bots.Clip(o.Tracking, 150)))
	default:
		text = text.Line(bold(v.stateWord(s, o)))
	}
	if checkout.SampleOf(o) != "" {
		text = text.Line(italic(v.Say("order.sample")))
	}
	text = v.orderLines(text.Line(), o)
	text, wrong := s.credited(v, o, text)
	if a := members.Address(o.Address); !a.Zero() {
		text = v.addressLines(text.Line(), a)
	}
	text, after := s.afterSale(v, o, text)
	id := string(o.ID)
	var here, card, pay, device, look, cancel, again bots.Button
	switch {
	case payable:
		pay = bots.Button{Label: bots.Clip(v.Say("button.pay", "Total", o.Total), bots.MaxLabel), Link: s.Checkout.PayLink(o), Style: bots.Primary}
		if v.set.Invoices[v.ev.Bot] && !checkout.IsGift(o) && !o.Later() {
			here, pay.Style = keeping(v.primary("button.payhere", "invoice", id)), bots.Plain
		}
		text, card, pay = s.withCard(v, text, o, pay)
		device = bots.Button{Label: bots.Clip(v.Say("button.device"), bots.MaxLabel), Link: s.Checkout.PayLink(o) + "/qr"}
		look = v.button("button.refresh", "order", id)
		cancel = v.button("button.cancelorder", "order", "cancel", id)
	case o.State == orders.Pending || o.State == orders.Closing:
		look = v.button("button.refresh", "order", id)
	case checkout.IsGift(o):
		if o.State == orders.Paid {
			again = v.primary("button.giftopen", "gift", id)
		}
	default:
		again = v.button("button.again", "again", id)
	}
	return bots.Screen{
		Path: bots.Path("order", id), Notice: notice, Text: text,
		Rows: rows(row(card, here), row(pay, device), after, row(look, cancel, again, v.receiptButton(o)), row(v.button("button.orders", "orders"), wrong, v.button("button.home", "start"))),
	}
}

// orderLines writes what an order is made of.
func (v *visit) orderLines(text bots.Text, o orders.Order) bots.Text {
	items := 0
	for _, l := range o.Lines {
		if l.Kind == pricing.KindItem {
			if items++; items > quoteLines {
				continue
			}
		} else if items > quoteLines {
			text, items = text.Line(italic(v.Count("checkout.hidden", int64(items-quoteLines)))), 0
		}
		text = v.quoteLine(text, l)
	}
	if items > quoteLines {
		text = text.Line(italic(v.Count("checkout.hidden", int64(items-quoteLines))))
	}
	return text.Line(bold(v.Say("checkout.total", "Total", o.Total)))
}

// orderCancel gives up an order that is not paid; the cart is as it was.
func (s *Shop) orderCancel(v *visit, args []string) (bots.Screen, error) {
	o, err := s.mineOnly(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	err = s.Checkout.CancelPending(v.ctx, v.member.ID, o.ID)
	switch {
	case errors.Is(err, checkout.ErrState), errors.Is(err, checkout.ErrJustPaid), errors.Is(err, checkout.ErrPinned):
		notice := v.problem(err)
		if o, err = s.mineOnly(v, args[0]); err != nil {
			return bots.Screen{}, err
		}
		return s.showOrder(v, o, notice), nil
	case err != nil:
		return bots.Screen{}, err
	}
	s.Stock.Forget()
	return s.showCart(v, 0, v.Say("order.cancelled"))
}

// again puts what an order held into the cart once more, as far as it is sold.
func (s *Shop) again(v *visit, args []string) (bots.Screen, error) {
	o, err := s.mineOnly(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	added, missing := int64(0), int64(0)
	for _, l := range o.Lines {
		if l.Kind != pricing.KindItem {
			continue
		}
		product, variant, ok := goods.Variant(l.Variant)
		if !ok || variant.Hidden || !v.scope.offers(product) {
			missing++
			continue
		}
		level, err := s.level(v, l.Variant)
		if err != nil {
			return bots.Screen{}, err
		}
		var have int64
		for _, c := range v.cart {
			if c.Variant == l.Variant {
				have = c.Quantity
			}
		}
		n := carts.Limit(have+l.Quantity, level.Free, level.Counted && !level.Backorder) - have
		if n <= 0 {
			missing++
			continue
		}
		line := live.CartLine{Variant: l.Variant, Quantity: n, Pick: l.Pick, Creator: l.Creator, Seen: variant.Price}
		if v.cart, err = s.Live.AddToCart(v.ctx, v.member.ID, v.request+":"+string(l.Variant), line); err != nil {
			return bots.Screen{}, err
		}
		added++
	}
	notice := v.Say("again.done")
	switch {
	case added == 0:
		notice = v.Say("again.nothing")
	case missing > 0:
		notice = v.Count("again.missing", missing)
	}
	return s.showCart(v, 0, notice)
}
