package shop

// This file shows what creators earn, to themselves and to who bought: from
// which pick, how much, and why. Who bought is never shown.

import (
	"errors"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
)

const (
	earningsPage = 8
	mostCredited = 5 // lines that say on an order who earned what
)

// earns reports whether a creator earns from what is bought because of them.
func (s *Shop) earns(c creators.Creator) bool { return s.Earnings != nil && s.Earnings.Pay(c) }

// earnings lists what a creator has earned: "earnings [<cursor>]".
func (s *Shop) earnings(v *visit, args []string) (bots.Screen, error) {
	cursor := ""
	if len(args) > 0 {
		cursor = args[0]
	}
	sum, err := s.Earnings.SumOf(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	page, err := s.Earnings.Receipts(v.ctx, v.member.ID, cursor, earningsPage)
	if err != nil {
		return bots.Screen{}, err
	}
	money, paid, err := s.earnedMoney(v)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(v.Say("earnings.title"))}
	if len(money) == 0 || sum.Pending+sum.Points > 0 {
		text = text.Line(regular(v.Count("earnings.pending", sum.Pending))).Line(regular(v.Count("earnings.available", sum.Points)))
	}
	for _, line := range money {
		text = text.Line(regular(line))
	}
	if text, err = s.creatorTier(v, text); err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "earnings", Rows: rows(v.onward([]string{"earnings"}, cursor, page.Next), row(paid),
		row(v.button("button.wallet", "wallet"), v.button("button.creatordesk", "creator"), v.button("button.home", "start")))}
	if len(page.Items) == 0 {
		screen.Text = text.Line().Line(regular(v.Say("earnings.none")))
		return screen, nil
	}
	text = text.Line()
	screen.Menu = &bots.Menu{Hint: v.Say("earnings.choose")}
	for _, e := range page.Items {
		about := v.Say("earning." + earningState(e))
		text = text.Line(regular("• "+v.earned(e)+" · "+bots.Clip(v.earnedFor(e), 60)+" "), italic(about))
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(v.earned(e)+" · "+v.earnedFor(e), bots.MaxChoice),
			Description: bots.Clip(v.Date(e.At)+" · "+about, bots.MaxChoice), Action: bots.Path("earning", e.ID)})
	}
	screen.Text = text
	return screen, nil
}

// earned is what is left of an earning.
func (v *visit) earned(e earnings.Earning) string {
	if e.Money() {
		return "+" + v.Money(commerce.Money{Amount: e.Left(), Currency: e.Unit})
	}
	return v.Count("wallet.morepoints", e.Left())
}

// earningState is how an earning stands, as the texts name it.
func earningState(e earnings.Earning) string {
	switch {
	case e.Left() == 0 && e.Cut > 0:
		return "cut"
	case e.Money() && e.Payout != "":
		return "paid"
	case e.Money() && e.State == earnings.Available:
		return "money"
	}
	return string(e.State)
}

// earning shows a creator one receipt: "earning <id>".
func (s *Shop) earning(v *visit, args []string) (bots.Screen, error) {
	e, err := s.Earnings.One(v.ctx, v.member.ID, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	said, err := s.Earnings.SaidOf(v.ctx, v.member.ID, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	wrong := v.button("button.objection", "object", e.ID, someOther)
	if _, has := said.Mine(v.member.ID); has {
		wrong = bots.Button{}
	}
	text := bots.Text{bold(v.earned(e)), regular(" · " + bots.Clip(v.earnedFor(e), 100))}.Line(regular(v.Date(e.At)))
	open := bots.Button{}
	why := v.Say("earning.bycode")
	if e.Why == earnings.Brought && e.Pick == "" {
		why = v.Say("earning.bylink")
	}
	if e.Pick != "" {
		if e.Why != earnings.Decided {
			why = v.Say("earning.by"+string(e.Why), "Pick", s.pickTitle(v, e.Pick))
		}
		open = v.button("button.showpick", "pick", string(e.Pick))
	}
	if e.Why == earnings.Decided {
		why = v.Say("earning.bydecided")
	}
	text = text.Line().Line(regular(why))
	sum, went, is := v.Count("earning.sum", e.Points, "Base", e.Base, "Percent", pricing.Percent(e.PPM)), v.Count("earning.went", e.Back-e.Cut), v.Say("earning.is"+earningState(e))
	if e.Money() {
		sum = v.Say("earning.summoney", "Base", e.Base, "Percent", pricing.Percent(e.PPM), "Amount", commerce.Money{Amount: e.Points, Currency: e.Unit})
		went = v.Say("earning.wentmoney", "Amount", commerce.Money{Amount: e.Back - e.Cut, Currency: e.Unit})
		if e.State == earnings.Pending {
			is = v.Say("earning.ispendingmoney")
		}
	}
	if e.Why == earnings.Brought {
		sum, went = v.broughtSum(e), v.Count("earning.wentbrought", e.Back-e.Cut)
	}
	if e.Why == earnings.Decided {
		sum = v.Say("earning.sumdecided", "Amount", v.inUnit(e, e.Points))
	}
	text = text.Line(regular(sum))
	if by := s.byTier(v, e); by != "" {
		text = text.Line(regular(v.Say("earning.tier", "Name", by)))
	}
	if e.Back > e.Cut {
		text = text.Line(regular(went))
	}
	text = v.objections(text.Line().Line(regular(is)), said).Line().Line(italic(v.Say("earning.rule", "Rule", e.Version, "Receipt", e.ID)))
	return bots.Screen{Path: bots.Path("earning", e.ID), Text: text, Rows: rows(row(open, wrong), row(v.button("button.earnings", "earnings"), v.button("button.home", "start")))}, nil
}

// pickTitle names a pick; one that is gone is nameless.
func (s *Shop) pickTitle(v *visit, id commerce.PickID) string {
	p, err := s.Creators.Pick(v.ctx, id)
	if err != nil || p.Title == "" {
		return "…"
	}
	return bots.Clip(p.Title, 80)
}

// credited says on an order who earned from it, and why, with the way to say that
// it is wrong.
func (s *Shop) credited(v *visit, o orders.Order, text bots.Text) (_ bots.Text, wrong bots.Button) {
	if s.Earnings == nil || o.PaidAt.IsZero() {
		return text, wrong
	}
	list, err := s.Earnings.OfOrder(v.ctx, o.ID)
	if err != nil { // what was ordered is shown all the same
		s.Log.WarnContext(v.ctx, "who earned from an order was not read", "order", o.ID, "error", err)
		return text, wrong
	}
	for i, e := range list {
		if e.Why == earnings.Brought {
			if e.Left() > 0 && e.State != earnings.Lost {
				text = text.Line().Line(italic(v.Count("credited.brought", e.Left())))
			}
			continue
		}
		by, err := s.Creators.Creator(v.ctx, e.Creator)
		if err != nil || by.Name == "" || i == mostCredited {
			break
		}
		if i == 0 || list[i-1].Why == earnings.Brought {
			text = text.Line()
		}
		wrong = v.button("button.credits", "credits", string(o.ID))
		args := []any{"Name", bots.Clip(by.Name, 60), "Label", bots.Clip(e.Label, 60)}
		switch {
		case e.Left() == 0 && e.Cut > 0:
			text = text.Line(italic(v.Say("credited.cut", args...)))
		case e.State == earnings.Back || e.State == earnings.Lost:
			text = text.Line(italic(v.Say("credited.nothing", args...)))
		case e.Why == earnings.Decided:
			text = text.Line(italic(v.Say("credited.decided", append(args, "Amount", v.inUnit(e, e.Left()))...)))
		case e.Money():
			args = append(args, "Amount", commerce.Money{Amount: e.Left(), Currency: e.Unit})
			if e.Pick == "" {
				text = text.Line(italic(v.Say("credited.codemoney", args...)))
				break
			}
			text = text.Line(italic(v.Say("credited.pickmoney", append(args, "Pick", s.pickTitle(v, e.Pick))...)))
		case e.Pick == "":
			text = text.Line(italic(v.Count("credited.code", e.Left(), args...)))
		default:
			text = text.Line(italic(v.Count("credited.pick", e.Left(), append(args, "Pick", s.pickTitle(v, e.Pick))...)))
		}
		if tier := s.byTier(v, e); tier != "" {
			text = append(text, italic(" "+v.Say("credited.tier", "Percent", pricing.Percent(e.PPM), "Name", tier)))
		}
	}
	return text, wrong
}

// toldEarned tells a creator what they earned in the minute that a notice names.
func (s *Shop) toldEarned(v *visit, n notices.Notice) (bots.Screen, error) {
	list, err := s.Earnings.Since(v.ctx, n.Member, commerce.FromMicros(number64(n.Args["from"])))
	if err != nil || len(list) == 0 {
		return bots.Screen{}, err // it went back already
	}
	var text bots.Text
	next := "told.earnednext"
	for i, sum := range list {
		line := v.Count("told.earned", sum.Amount)
		if sum.Brought {
			line, next = v.Count("told.brought", sum.Amount), "told.broughtnext"
		}
		if sum.Currency != rewards.PointsCurrency {
			line, next = v.Say("told.earnedmoney", "Amount", sum.Money), "told.earnednextmoney"
		}
		if i > 0 {
			text = text.Line()
		}
		text = append(text, bold(line))
	}
	return bots.Screen{Path: "earnings", Text: text.Line(regular(v.Say(next))),
		Rows: rows(row(keeping(v.primary("button.earnings", "earnings"))))}, nil
}

// tapped is the pick that an action opens, "" for none.
func tapped(a bots.Action) commerce.PickID {
	words, at := a.Words(), 1
	if len(words) > 1 && words[0] == "cart" && words[1] == "pick" {
		at = 2
	} else if len(words) == 0 || words[0] != "pick" && words[0] != "pp" && words[0] != "s" {
		return ""
	}
	if len(words) <= at || !commerce.IsPublicID(words[at]) {
		return ""
	}
	return commerce.PickID(words[at])
}

// creatorCode takes a code that is no promotion's for a creator's.
func (s *Shop) creatorCode(v *visit, form bots.Form, unknown error) (bots.Screen, error) {
	if s.Earnings == nil {
		return v.again(form, "code", v.problem(unknown)), nil
	}
	c, err := s.Earnings.Use(v.ctx, v.member.ID, v.value("code"))
	switch {
	case errors.Is(err, creators.ErrUnknownCreator):
		return v.again(form, "code", v.problem(unknown)), nil
	case errors.Is(err, earnings.ErrOwn):
		return v.again(form, "code", v.problem(err)), nil
	case err != nil:
		return bots.Screen{}, err
	}
	return s.review(v, v.Say("code.creator", "Name", bots.Clip(c.Name, 60)))
}

// codeUsed says whose code is on, with the button that takes it off.
func (s *Shop) codeUsed(v *visit, text bots.Text, list []bots.Button) (bots.Text, []bots.Button) {
	if s.Earnings == nil {
		return text, list
	}
	c, ok, err := s.Earnings.Used(v.ctx, v.member.ID)
	if err != nil { // what is bought is shown all the same
		s.Log.WarnContext(v.ctx, "whose code is on was not read", "error", err)
	}
	if !ok {
		return text, list
	}
	text = text.Line(italic(v.Say("code.creator", "Name", bots.Clip(c.Name, 60))))
	if len(list) < bots.MaxRowButtons {
		off := v.button("button.dropcode", "code", "off")
		off.Label = bots.Clip(v.Say("button.dropcode", "Label", bots.Clip(c.Name, 30)), bots.MaxLabel)
		list = append(list, off)
	}
	return text, list
}

// codeOff takes a creator's code off again.
func (s *Shop) codeOff(v *visit, _ []string) (bots.Screen, error) {
	if err := s.Earnings.Unuse(v.ctx, v.member.ID); err != nil {
		return bots.Screen{}, err
	}
	return s.review(v, v.Say("code.dropped"))
}
