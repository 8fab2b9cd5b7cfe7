package shop

import (
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/carts"
	"github.com/soukchat/souk/commerce/live"
)

// cartOne shows one line of the cart, to be changed.
func (s *Shop) cartOne(v *visit, args []string) (bots.Screen, error) {
	return s.showLine(v, commerce.VariantID(args[0]), "")
}

func (s *Shop) showLine(v *visit, id commerce.VariantID, notice string) (bots.Screen, error) {
	cart, err := s.viewCart(v)
	if err != nil {
		return bots.Screen{}, err
	}
	l, ok := cart.Line(id)
	if !ok {
		if notice == "" {
			notice = v.Say("cart.notthere")
		}
		return s.showCart(v, 0, notice)
	}
	text := v.cartLine(bots.Text{bold(v.Say("cart.changeone"))}.Line(), l)
	if l.Problem == carts.None && l.Quantity > 1 {
		text = text.Line(regular(v.Say("cart.unit", "Price", l.Unit)))
	}
	set := func(label string, n int64) bots.Button {
		return bots.Button{Label: label, Action: bots.Path("cart", "set", string(id), strconv.FormatInt(n, 10))}
	}
	var less, more, all bots.Button
	if l.Problem == carts.None || l.Problem == carts.Short {
		if l.Quantity > 1 {
			less = set("−1", l.Quantity-1)
		}
		if l.Problem == carts.None && l.Quantity < live.MaxQuantity {
			more = set("+1", l.Quantity+1)
		}
		if l.Problem == carts.Short && l.Left != l.Quantity-1 {
			all = set(v.Count("cart.takeleft", l.Left), l.Left)
		}
	}
	out := set(v.Say("button.remove"), 0)
	out.Style = bots.Danger
	open := bots.Button{}
	if l.Product != nil && !l.Product.Hidden {
		open = v.button("button.details", "p", string(l.Product.ID), string(id))
	}
	return bots.Screen{
		Path: bots.Path("cart", "line", string(id)), Notice: notice, Text: text,
		Rows: rows(row(less, more, all), row(out, open), row(v.primary("button.tocart", "cart"))),
	}, nil
}

// cartSet sets how many of a variant are in the cart: "cart set <variant> <n>".
// The number is the new one and not a step, so that a repeat changes nothing.
func (s *Shop) cartSet(v *visit, args []string) (bots.Screen, error) {
	id, want := commerce.VariantID(args[0]), int64(number(args[1]))
	cart, err := s.viewCart(v)
	if err != nil {
		return bots.Screen{}, err
	}
	l, ok := cart.Line(id)
	if !ok {
		return s.showCart(v, 0, v.Say("cart.notthere"))
	}
	notice, n := "", want
	if want > l.Quantity {
		level, err := s.level(v, id)
		if err != nil {
			return bots.Screen{}, err
		}
		mine := map[commerce.VariantID]int64{}
		if level.Counted && level.Free < want {
			if mine, err = s.mine(v); err != nil {
				return bots.Screen{}, err
			}
		}
		n = max(l.Quantity, carts.Limit(want, level.Free+mine[id], level.Counted && !level.Backorder))
		switch {
		case n < want && n >= live.MaxQuantity:
			notice = v.Count("cart.most", live.MaxQuantity)
		case n < want:
			notice = v.Count("cart.allthere", n)
		}
	}
	if n != l.Quantity {
		if v.cart, err = s.Live.SetQuantity(v.ctx, v.member.ID, v.request, id, n); err != nil {
			return bots.Screen{}, err
		}
	}
	if n == 0 {
		return s.showCart(v, 0, v.Say("cart.removed", "Product", bots.Clip(v.lineName(l), 100)))
	}
	return s.showLine(v, id, notice)
}

// cartMend takes out what cannot be had and cuts down to what is left.
func (s *Shop) cartMend(v *visit, _ []string) (bots.Screen, error) {
	cart, err := s.viewCart(v)
	if err != nil {
		return bots.Screen{}, err
	}
	for _, l := range cart.Lines {
		if l.Problem == carts.None {
			continue
		}
		v.cart, err = s.Live.SetQuantity(v.ctx, v.member.ID, v.request+":"+string(l.Variant), l.Variant, l.Left)
		if err != nil {
			return bots.Screen{}, err
		}
	}
	return s.showCart(v, 0, v.Say("cart.mended"))
}

// cartAccept accepts the prices the member has seen, named by their digest.
func (s *Shop) cartAccept(v *visit, args []string) (bots.Screen, error) {
	cart, err := s.viewCart(v)
	if err != nil {
		return bots.Screen{}, err
	}
	changed := cart.Changed()
	if len(changed) == 0 {
		return s.showCart(v, 0, "")
	}
	if args[0] != cart.Digest() {
		return s.showCart(v, 0, v.Say("cart.changedagain"))
	}
	if v.cart, err = s.Live.AcceptPrices(v.ctx, v.member.ID, v.request, changed); err != nil {
		return bots.Screen{}, err
	}
	return s.showCart(v, 0, v.Say("cart.accepted"))
}

// cartClear asks before it empties the cart.
func (s *Shop) cartClear(v *visit, _ []string) (bots.Screen, error) {
	if len(v.cart) == 0 {
		return s.showCart(v, 0, "")
	}
	empty := v.button("button.clearyes", "cart", "empty")
	empty.Style = bots.Danger
	return bots.Screen{
		Path: "cart", Text: bots.T(v.Say("cart.clearask")),
		Rows: rows(row(empty, v.button("button.tocart", "cart"))),
	}, nil
}

func (s *Shop) cartEmpty(v *visit, _ []string) (bots.Screen, error) {
	if err := s.Live.ClearCart(v.ctx, v.member.ID, v.request); err != nil {
		return bots.Screen{}, err
	}
	v.cart = nil
	return s.showCart(v, 0, v.Say("cart.cleared"))
}
