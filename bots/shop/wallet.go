package shop

import (
	"strconv"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/giftcards"
	"github.com/soukchat/souk/commerce/rewards"
)

// How often somebody may try a code: ten, then one more every ten minutes. A
// code has 100 random bits; this keeps a guesser from asking at all.
const (
	redeemEvery = 10 * time.Minute
	redeemBurst = 10
)

// wallet shows what the member can pay with beside the card.
func (s *Shop) wallet(v *visit, _ []string) (bots.Screen, error) { return s.showWallet(v, "") }

func (s *Shop) showWallet(v *visit, notice string) (bots.Screen, error) {
	p, err := s.Checkout.Purse(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	text, tier := s.walletTier(v, bots.Text{bold(v.Say("wallet.title"))})
	for _, m := range p.Credit {
		text = text.Line(regular(v.Say("wallet.credit")+" — "), bold(v.Money(m)))
	}
	for _, c := range p.Cards {
		text = text.Line(regular(v.Say("wallet.giftcard", "Code", c.LastFour)+" — "), bold(v.Money(c.Left)))
	}
	if p.Points > 0 {
		text = s.walletExpiry(v, text.Line(bold(v.Count("wallet.havepoints", p.Points))))
	}
	if len(p.Credit)+len(p.Cards) > 0 {
		text = text.Line().Line(regular(v.Say("wallet.byitself")))
	}
	var spend bots.Button
	if p.Points > 0 {
		word, state := "wallet.pointson", "on"
		if p.Spending {
			word, state = "wallet.pointsoff", "off"
		}
		spend = v.button(word, "wallet", "points", state)
	}
	if len(p.Credit)+len(p.Cards) == 0 && p.Points == 0 {
		text = text.Line(regular(v.Say("wallet.empty")))
	}
	for i, m := range p.Moved {
		if i == 0 {
			text = text.Line().Line(italic(v.Say("wallet.last")))
		}
		text = text.Line(regular("• " + v.Date(m.At) + " · " + v.moved(m)))
	}
	return bots.Screen{Path: "wallet", Notice: notice, Text: text,
		Rows: rows(row(v.button("button.redeem", "redeem"), spend, tier), row(v.cartButton(), v.button("button.orders", "orders"), v.button("button.home", "start")))}, nil
}

// moved says in a line what moved in a wallet.
func (v *visit) moved(m rewards.Moved) string {
	amount := v.Money(m.Amount)
	if m.Amount.Currency == rewards.PointsCurrency {
		amount = v.Count("wallet.morepoints", m.Amount.Amount)
		if m.Amount.Amount < 0 {
			amount = v.Count("wallet.lesspoints", -m.Amount.Amount)
		}
	}
	switch {
	case m.Memo == "grant":
		if m.Reason == "" {
			return amount
		}
		return amount + " · " + bots.Clip(m.Reason, 60)
	case m.Memo == "earned":
		return amount + " · " + v.Say("wallet.earned")
	case m.Memo == "earned back":
		return amount + " · " + v.Say("wallet.earnedback")
	case m.Memo == "expired":
		return amount + " · " + v.Say("wallet.expired")
	case m.Memo == "link":
		return amount + " · " + v.Say("wallet.linked")
	case m.Amount.Amount < 0:
		return amount + " · " + v.Say("wallet.spent")
	}
	return amount + " · " + v.Say("wallet.cameback")
}

// walletPoints turns the spending of points on and off: "wallet points on".
func (s *Shop) walletPoints(v *visit, args []string) (bots.Screen, error) {
	notice, err := s.spendPoints(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showWallet(v, notice)
}

// points is the same on the way to a payment: "points on", "points off
// [<pick>] <variant>" for one thing bought past the cart.
func (s *Shop) points(v *visit, args []string) (bots.Screen, error) {
	notice, err := s.spendPoints(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	return s.confirm(v, args[1:], notice)
}

func (s *Shop) spendPoints(v *visit, state string) (string, error) {
	on := state == "on"
	if err := s.Checkout.SpendPoints(v.ctx, v.member.ID, on); err != nil {
		return "", err
	}
	if on {
		return v.Say("wallet.willspend"), nil
	}
	return v.Say("wallet.willkeep"), nil
}

// pointsButton offers to spend points on what is reviewed, or not to.
func (v *visit) pointsButton(r checkout.Review, g goods) bots.Button {
	word, state := "button.pointson", "on"
	if r.Wallet.Spending {
		word, state = "button.pointsoff", "off"
	}
	if r.Points == 0 {
		return bots.Button{}
	}
	b := v.button(word, append([]string{"points", state}, g.words...)...)
	b.Label = bots.Clip(v.Say(word, "N", strconv.FormatInt(r.Points, 10), "Amount", r.PointsOff), bots.MaxLabel)
	return b
}

// redeem asks for the code of a gift card, and puts the card onto the account.
func (s *Shop) redeem(v *visit, _ []string) (bots.Screen, error) {
	form := bots.Form{
		Action: "redeem", Title: v.Say("redeem.title"), Cancel: v.button("button.cancel", "wallet"),
		Fields: []bots.Field{{Key: "code", Label: v.Say("redeem.label"), Hint: "ABCD-EFGH-IJKL-MNOP-QRST", Max: 60}},
	}
	if !v.filled() {
		return bots.Screen{Path: "redeem", Form: &form}, nil
	}
	wait, err := s.tries(v)
	if err != nil {
		return bots.Screen{}, err
	}
	if wait != "" {
		return s.showWallet(v, wait)
	}
	code, ok := giftcards.Typed(v.value("code"))
	if !ok {
		return v.again(form, "code", v.Say("redeem.unlike")), nil
	}
	card, err := s.Checkout.Redeem(v.ctx, v.member.ID, code)
	switch commerce.KindOf(err) {
	case commerce.NotFound:
		return v.again(form, "code", v.problem(err)), nil
	case commerce.Conflict:
		return s.showWallet(v, v.problem(err))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showWallet(v, v.Say("redeem.done", "Amount", card.Left))
}

// grantNotice tells a member what was given to them, and why.
func (s *Shop) grantNotice(v *visit, id string) (bots.Screen, error) {
	g, err := s.Checkout.Granted(v.ctx, id)
	if err != nil {
		return bots.Screen{}, err
	}
	what := v.Say("told.credit", "Amount", g.Amount)
	if g.Amount.Currency == rewards.PointsCurrency {
		what = v.Count("told.points", g.Amount.Amount)
	}
	text := bots.Text{bold(what)}
	if g.Reason != "" {
		text = text.Line(regular(bots.Clip(g.Reason, 300)))
	}
	return bots.Screen{Path: "wallet", Text: text.Line(regular(v.Say("told.grantnext"))),
		Rows: [][]bots.Button{{keeping(v.primary("button.wallet", "wallet")), keeping(v.button("button.feed", "feed"))}}}, nil
}
