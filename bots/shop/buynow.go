package shop

// This file buys with a card that Stripe keeps, without leaving the chat. The
// rules are:
//   - Two taps: one shows what is bought, where it goes, what it costs and which
//     card pays; the second pays just that. A confirmation older than a quarter
//     of an hour, or of a price that has changed, is shown anew.
//   - It buys the cart, or one variant past the cart, which stays as it is.
//   - Whatever the card says, the hold stays, and there is another way to pay.

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/gates"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/stock"
)

// confirmTime is how long a confirmation can be paid with.
const confirmTime = 15 * time.Minute

// goods is what a confirmation is about: words name it in an action, none the cart.
type goods struct {
	words []string // [<pick>] <variant>, claim <entry> or wait <place>
	lines []live.CartLine
	claim string // of a drop or a waitlist
	drop  commerce.DropID
	entry drops.Entry
	place drops.Place // on a waitlist
}

func (g goods) direct() bool { return len(g.words) > 0 }

// wanted reads the goods that an action names.
func (s *Shop) wanted(v *visit, words []string) (goods, error) {
	if len(words) == 0 {
		return goods{lines: v.cart}, nil
	}
	if words[0] == claimWord && len(words) == 2 {
		return s.wantedClaim(v, words[1])
	}
	if words[0] == waitWord && len(words) == 2 {
		return s.wantedPlace(v, words[1])
	}
	all, err := s.snapshot(v)
	if err != nil {
		return goods{}, err
	}
	product, variant, ok := all.Variant(commerce.VariantID(words[len(words)-1]))
	if !ok || product.Hidden || variant.Hidden {
		return goods{}, errProductGone
	}
	pick := ""
	if len(words) == 2 {
		pick = words[0]
	}
	a, err := s.opened(v, pick, string(product.ID))
	if err != nil {
		return goods{}, err
	}
	line := live.CartLine{Variant: variant.ID, Quantity: 1, Seen: variant.Price}
	if a.pick != nil {
		line.Pick, line.Creator = a.pick.ID, a.pick.Creator
	}
	return goods{words: words, lines: []live.CartLine{line}}, nil
}

// kept returns the card that pays with one tap, false where there is none.
func (s *Shop) kept(v *visit) (payments.Card, bool) {
	w, err := s.Checkout.Wallet(v.ctx, v.member.ID)
	if err != nil {
		s.Log.WarnContext(v.ctx, "kept cards were not read", "error", err)
	}
	return w.First(s.Clock.Now())
}

// buyButton offers to buy with two taps, to those who can and see it alone.
func (s *Shop) buyButton(v *visit, words ...string) bots.Button {
	if !v.alone() || v.member.ID == "" {
		return bots.Button{}
	}
	if _, ok := s.kept(v); !ok {
		return bots.Button{}
	}
	return v.button("button.buynow", append([]string{"buy"}, words...)...)
}

// buyWords name a variant in the action of a buy button.
func (a at) buyWords(v commerce.VariantID) []string {
	if a.pick != nil {
		return []string{string(a.pick.ID), string(v)}
	}
	return []string{string(v)}
}

func cardName(c payments.Card) string { return c.Brand + " ··" + c.Last4 }

// buy shows the confirmation: "buy", "buy [<pick>] <variant>".
func (s *Shop) buy(v *visit, args []string) (bots.Screen, error) { return s.confirm(v, args, "") }

func (s *Shop) confirm(v *visit, words []string, notice string) (bots.Screen, error) {
	if len(words) == 0 {
		return s.review(v, notice)
	}
	g, err := s.wanted(v, words)
	if err != nil {
		return bots.Screen{}, err
	}
	if g.claim != "" {
		order, until := g.kept()
		switch {
		case order != "":
			return s.order(v, []string{string(order)})
		case until.IsZero():
			return s.lapsedClaim(v, g)
		}
	}
	level, err := s.level(v, g.lines[0].Variant)
	if err != nil {
		return bots.Screen{}, err
	}
	buyer := v.buyer()
	buyer.Claim = g.claim
	r, err := s.Checkout.Review(v.ctx, buyer, g.lines)
	switch {
	case errors.Is(err, gates.ErrAge):
		return bots.Screen{}, s.unpaidAge(v, g.lines, err)
	case errors.Is(err, pricing.ErrNoShipping), errors.Is(err, gates.ErrRegion):
		return bots.Screen{Path: "checkout", Text: bots.T(v.problem(err)),
			Rows: rows(row(v.primary("button.address", append([]string{"buy", "address"}, words...)...), v.button("button.home", "start")))}, nil
	case err != nil:
		return bots.Screen{}, err
	case g.claim == "" && !level.Has(1):
		return s.gone(v, g, v.Say("checkout.soldout"))
	case r.Needs == "address":
		return s.address(v, bots.Path(append([]string{"buy", "address"}, words...)...))
	}
	return s.showReview(v, r, g, notice), nil
}

// gone leads back to the product that cannot be bought now.
func (s *Shop) gone(v *visit, g goods, notice string) (bots.Screen, error) {
	s.Stock.Forget()
	v.levels = nil
	all, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	product, variant, ok := all.Variant(g.lines[0].Variant)
	if !ok {
		return bots.Screen{}, errProductGone
	}
	screen, err := s.showProduct(v, at{product: product}, variant)
	screen.Notice = notice
	return screen, err
}

// buyAddress asks for the address on the way to a confirmation.
func (s *Shop) buyAddress(v *visit, args []string) (bots.Screen, error) {
	action := bots.Path(append([]string{"buy", "address"}, args...)...)
	if !v.filled() {
		return s.address(v, action)
	}
	again, ok, err := s.fillAddress(v, action)
	if err != nil || !ok {
		return again, err
	}
	return s.confirm(v, args, v.Say("address.kept"))
}

// payWith makes the button that pays what the confirmation shows.
func (s *Shop) payWith(v *visit, c payments.Card, g goods, q pricing.Quote) bots.Button {
	words := append(append([]string{"pay", c.ID}, g.words...), q.Digest(), strconv.FormatInt(s.Clock.Now().UnixMilli(), 36))
	b := v.primary("button.paywith", words...)
	b.Label = bots.Clip(v.Say("button.paywith", "Total", q.Total, "Card", cardName(c)), bots.MaxLabel)
	return b
}

// pay orders what a confirmation showed and pays it with its card:
// "pay <card> [[<pick>] <variant>] <quote> <made>".
func (s *Shop) pay(v *visit, args []string) (bots.Screen, error) {
	card, words, quote := args[0], args[1:len(args)-2], args[len(args)-2]
	made, err := strconv.ParseInt(args[len(args)-1], 36, 64)
	if age := s.Clock.Now().Sub(time.UnixMilli(made)); err != nil || age > confirmTime || age < -time.Minute {
		return s.confirm(v, words, v.Say("buy.late"))
	}
	w, err := s.Checkout.Wallet(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	if _, ok := w.Get(card); !ok {
		return s.confirm(v, words, v.Say("buy.cardgone"))
	}
	g, err := s.wanted(v, words)
	if err != nil {
		return bots.Screen{}, err
	}
	if !g.direct() {
		if cart, err := s.viewCart(v); err != nil || !cart.Ready() {
			if err != nil {
				return bots.Screen{}, err
			}
			return s.review(v, v.unready(cart))
		}
	}
	buyer := v.buyer()
	buyer.Direct, buyer.Claim = g.direct(), g.claim
	// The same press from another device, or again after it was paid, is the same order.
	buyer.Once = strings.Join([]string{"pay", string(v.member.ID), quote, args[len(args)-1]}, ":")
	o, err := s.Checkout.Place(v.ctx, buyer, g.lines, quote)
	switch {
	case errors.Is(err, drops.ErrLapsed), errors.Is(err, drops.ErrMissed):
		return s.lapsedClaim(v, g)
	case errors.Is(err, stock.ErrSoldOut) && g.direct():
		return s.gone(v, g, v.Say("checkout.soldout"))
	case errors.Is(err, checkout.ErrQuoteChanged) && g.direct(), errors.Is(err, checkout.ErrIncomplete) && g.direct():
		return s.confirm(v, words, v.problem(err))
	case err != nil:
		return s.notPlaced(v, err)
	}
	switch o.State {
	case orders.Pending:
	case orders.Paid, orders.Shipped: // nothing was due by card, or it is the second press
		s.told.Drop(v.member.ID)
		return s.showOrder(v, o, v.Say("buy.paid")), nil
	default:
		return s.confirm(v, words, v.Say("buy.late"))
	}
	return s.chargeOrder(v, o, card)
}

// charge pays an order that waits to be paid: "charge <order> <card>".
func (s *Shop) charge(v *visit, args []string) (bots.Screen, error) {
	o, err := s.mineOnly(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	return s.chargeOrder(v, o, args[1])
}

// chargeOrder takes the money of an order and says what came of it.
func (s *Shop) chargeOrder(v *visit, o orders.Order, card string) (bots.Screen, error) {
	out, err := s.Checkout.Charge(v.ctx, v.member.ID, o.ID, card)
	s.told.Drop(v.member.ID)
	notice := ""
	switch {
	case err == nil && out.Decline != "":
		notice = v.declined(out.Decline)
	case err == nil && out.Asks:
		notice = v.Say("buy.asks")
	case err == nil && out.Order.State == orders.Paid:
		notice = v.Say("buy.paid")
	case errors.Is(err, orders.ErrNotFound), errors.Is(err, payments.ErrCard):
		notice = v.Say("buy.cardgone")
	case commerce.KindOf(err) == commerce.Unavailable:
		notice = v.Say("buy.checking")
		s.Log.WarnContext(v.ctx, "a kept card was not charged yet", "error", err)
	case commerce.KindOf(err) == commerce.Conflict, commerce.KindOf(err) == commerce.Declined:
		notice = v.problem(err)
	case err != nil:
		return bots.Screen{}, err
	}
	if o, err = s.mineOnly(v, string(o.ID)); err != nil {
		return bots.Screen{}, err
	}
	screen := s.showOrder(v, o, notice)
	if out.Decline != "" { // a notice is gone in a moment: what to do now stays
		screen.Text = append(bots.Text{bold(notice)}.Line(regular(v.Say("buy.declinednext"))).Line().Line(), screen.Text...)
	}
	return screen, nil
}

// withCard offers the kept card for an order that waits to be paid; or, where
// its holder has to confirm, leads there and offers another way.
func (s *Shop) withCard(v *visit, text bots.Text, o orders.Order, pay bots.Button) (bots.Text, bots.Button, bots.Button) {
	c, ok := s.kept(v)
	if !ok {
		return text, bots.Button{}, pay
	}
	asks, err := s.Checkout.Asks(v.ctx, o)
	if err != nil {
		s.Log.WarnContext(v.ctx, "how a payment stands was not read", "error", err)
	}
	if asks {
		pay.Label, pay.Style = bots.Clip(v.Say("button.confirmcard"), bots.MaxLabel), bots.Primary
		return text.Line().Line(regular(v.Say("buy.askstext"))), v.button("button.payother", "otherway", string(o.ID)), pay
	}
	b := v.primary("button.chargewith", "charge", string(o.ID), c.ID)
	b.Label, pay.Style = bots.Clip(v.Say("button.chargewith", "Card", cardName(c)), bots.MaxLabel), bots.Plain
	return text, b, pay
}

// otherWay gives up a payment that waits to be confirmed: "otherway <order>".
func (s *Shop) otherWay(v *visit, args []string) (bots.Screen, error) {
	o, err := s.Checkout.OtherWay(v.ctx, v.member.ID, commerce.OrderID(args[0]))
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showOrder(v, o, ""), nil
}

// declined says why a card was not taken. What a bank does not want told to
// whoever holds the card (docs.stripe.com/declines/codes) is not told.
func (v *visit) declined(code string) string {
	switch code {
	case "insufficient_funds", "card_velocity_exceeded", "withdrawal_count_limit_exceeded":
		return v.Say("declined.funds")
	case "expired_card", "invalid_expiry_month", "invalid_expiry_year":
		return v.Say("declined.expired")
	case "incorrect_cvc", "invalid_cvc", "incorrect_number", "invalid_number", "incorrect_zip":
		return v.Say("declined.wrong")
	case "processing_error", "try_again_later", "issuer_not_available", "reenter_transaction":
		return v.Say("declined.later")
	case "authentication_required", "payment_intent_authentication_failure", "authentication_not_handled":
		return v.Say("declined.unconfirmed")
	}
	return v.Say("declined.bank")
}
