package shop

// This file shows what creators earn, to themselves and to who bought: from
// which pick, how much, and why. Who bought is never shown.

import (
	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
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
	text := bots.Text{bold(v.Say("earnings.title"))}.Line(regular(v.Count("earnings.pending", sum.Pending))).Line(regular(v.Count("earnings.available", sum.Points)))
	screen := bots.Screen{Path: "earnings", Rows: rows(v.onward([]string{"earnings"}, cursor, page.Next),
		row(v.button("button.wallet", "wallet"), v.button("button.creatordesk", "creator"), v.button("button.home", "start")))}
	if len(page.Items) == 0 {
		screen.Text = text.Line().Line(regular(v.Say("earnings.none")))
		return screen, nil
	}
	text = text.Line()
	screen.Menu = &bots.Menu{Hint: v.Say("earnings.choose")}
	for _, e := range page.Items {
		about := v.Say("earning." + string(e.State))
		text = text.Line(regular("• "+v.earned(e)+" · "+bots.Clip(e.Label, 60)+" "), italic(about))
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(v.earned(e)+" · "+e.Label, bots.MaxChoice),
			Description: bots.Clip(v.Date(e.At)+" · "+about, bots.MaxChoice), Action: bots.Path("earning", e.ID)})
	}
	screen.Text = text
	return screen, nil
}

// earned is what is left of an earning.
func (v *visit) earned(e earnings.Earning) string { return v.Count("wallet.morepoints", e.Left()) }

// earning shows a creator one receipt: "earning <id>".
func (s *Shop) earning(v *visit, args []string) (bots.Screen, error) {
	e, err := s.Earnings.One(v.ctx, v.member.ID, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(v.earned(e)), regular(" · " + bots.Clip(e.Label, 100))}.Line(regular(v.Date(e.At)))
	open := bots.Button{}
	why := v.Say("earning.bycode")
	if e.Pick != "" {
		why = v.Say("earning.bypick", "Pick", s.pickTitle(v, e.Pick))
		open = v.button("button.showpick", "pick", string(e.Pick))
	}
	text = text.Line().Line(regular(why))
	text = text.Line(regular(v.Count("earning.sum", e.Points, "Base", e.Base, "Percent", pricing.Percent(e.PPM))))
	if e.Back > 0 {
		text = text.Line(regular(v.Count("earning.went", e.Back)))
	}
	text = text.Line().Line(regular(v.Say("earning.is" + string(e.State)))).Line(italic(v.Say("earning.rule", "Rule", e.Version, "Receipt", e.ID)))
	return bots.Screen{Path: bots.Path("earning", e.ID), Text: text, Rows: rows(row(open), row(v.button("button.earnings", "earnings"), v.button("button.home", "start")))}, nil
}

// pickTitle names a pick; one that is gone is nameless.
func (s *Shop) pickTitle(v *visit, id commerce.PickID) string {
	p, err := s.Creators.Pick(v.ctx, id)
	if err != nil || p.Title == "" {
		return "…"
	}
	return bots.Clip(p.Title, 80)
}

// credited says on an order who earned from it, and why.
func (s *Shop) credited(v *visit, o orders.Order, text bots.Text) bots.Text {
	if s.Earnings == nil || o.PaidAt.IsZero() {
		return text
	}
	list, err := s.Earnings.OfOrder(v.ctx, o.ID)
	if err != nil { // what was ordered is shown all the same
		s.Log.WarnContext(v.ctx, "who earned from an order was not read", "order", o.ID, "error", err)
		return text
	}
	for i, e := range list {
		by, err := s.Creators.Creator(v.ctx, e.Creator)
		if err != nil || by.Name == "" || i == mostCredited {
			break
		}
		if i == 0 {
			text = text.Line()
		}
		args := []any{"Name", bots.Clip(by.Name, 60), "Label", bots.Clip(e.Label, 60)}
		switch {
		case e.State == earnings.Back || e.State == earnings.Lost:
			text = text.Line(italic(v.Say("credited.nothing", args...)))
		case e.Pick == "":
			text = text.Line(italic(v.Count("credited.code", e.Left(), args...)))
		default:
			text = text.Line(italic(v.Count("credited.pick", e.Left(), append(args, "Pick", s.pickTitle(v, e.Pick))...)))
		}
	}
	return text
}

// toldEarned tells a creator what they earned in the minute that a notice names.
func (s *Shop) toldEarned(v *visit, n notices.Notice) (bots.Screen, error) {
	points, times, err := s.Earnings.Since(v.ctx, n.Member, commerce.FromMicros(number64(n.Args["from"])))
	if err != nil || times == 0 {
		return bots.Screen{}, err // it went back already
	}
	return bots.Screen{Path: "earnings", Text: bots.Text{bold(v.Count("told.earned", points))}.Line(regular(v.Say("told.earnednext"))),
		Rows: rows(row(keeping(v.primary("button.earnings", "earnings"))))}, nil
}
