package shop

// This file is how a creator or a buyer says that a receipt of an earning is
// wrong, and reads what was decided. The rules are in commerce/earnings: who
// bought is never shown to the creator.

import (
	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/notices"
)

// someOther stands in an action for no pick.
const someOther = "none"

// credits lists to the buyer who earned from an order: "credits <order>".
func (s *Shop) credits(v *visit, args []string) (bots.Screen, error) {
	o, err := s.mineOnly(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	list, err := s.Earnings.OfOrder(v.ctx, o.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	text, _ := s.credited(v, o, bots.Text{bold(v.Say("credits.title"))})
	screen := bots.Screen{Path: bots.Path("credits", args[0]), Text: text, Rows: rows(row(v.button("button.order", "order", args[0]), v.button("button.home", "start")))}
	for _, e := range list {
		by, err := s.Creators.Creator(v.ctx, e.Creator)
		if e.Why == earnings.Brought || err != nil {
			continue
		}
		if screen.Menu == nil {
			screen.Menu = &bots.Menu{Hint: v.Say("credits.choose")}
		}
		if len(screen.Menu.Choices) < earningsPage {
			screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(by.Name+" · "+e.Label, bots.MaxChoice), Action: bots.Path("object", e.ID)})
		}
	}
	return screen, nil
}

// object asks the buyer what is wrong with a receipt, or says to either how that
// stands: "object <earning>".
func (s *Shop) object(v *visit, args []string) (bots.Screen, error) {
	said, err := s.Earnings.SaidOf(v.ctx, v.member.ID, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(v.Say("objection.title", "Label", bots.Clip(v.earnedFor(said.Earning), 80)))}
	screen := bots.Screen{Path: bots.Path("object", args[0]), Rows: rows(row(v.receiptOf(said), v.button("button.home", "start")))}
	if _, has := said.Mine(v.member.ID); has {
		screen.Text = v.objections(text, said)
		return screen, nil
	}
	screen.Text = v.objections(text.Line(regular(v.Say("objection.what"))), said)
	if len(said.Picks) > 0 {
		screen.Menu = &bots.Menu{Hint: v.Say("objection.choose")}
	}
	for _, p := range said.Picks {
		by, err := s.Creators.Creator(v.ctx, p.Creator)
		if err != nil {
			return bots.Screen{}, err
		}
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(v.Say("objection.itwas", "Name", bots.Clip(by.Name, 40)), bots.MaxChoice),
			Description: bots.Clip(p.Title, bots.MaxChoice), Action: bots.Path("object", args[0], string(p.ID))})
	}
	screen.Rows = append(rows(row(v.button("button.otherwrong", "object", args[0], someOther))), screen.Rows...)
	return screen, nil
}

// receiptOf leads to where somebody reads a receipt.
func (v *visit) receiptOf(said earnings.Said) bots.Button {
	if said.Buyer {
		return v.button("button.order", "order", string(said.Order))
	}
	return v.button("button.showreceipt", "earning", said.ID)
}

// objectWords asks for words, and sends them: "object <earning> <pick>".
func (s *Shop) objectWords(v *visit, args []string) (bots.Screen, error) {
	said, err := s.Earnings.SaidOf(v.ctx, v.member.ID, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	if _, has := said.Mine(v.member.ID); has {
		return s.object(v, args)
	}
	if !v.filled() {
		cancel := v.receiptOf(said)
		cancel.Label = v.Say("button.cancel")
		form := v.wordsForm(bots.Path("object", args[0], args[1]), "objection.ask.", false, cancel)
		return v.ask(form, 0, ""), nil
	}
	pick := commerce.PickID(args[1])
	if pick == someOther {
		pick = ""
	}
	if err := s.Earnings.Object(v.ctx, v.member.ID, args[0], pick, bots.Clip(v.value("words"), earnings.MaxWords)); err != nil {
		return bots.Screen{}, err
	}
	return s.object(v, args)
}

// objections says what was said of a receipt, and decided.
func (v *visit) objections(text bots.Text, said earnings.Said) bots.Text {
	for _, o := range said.Objections {
		mine := o.Member == v.member.ID && o.Member != ""
		switch {
		case o.State != earnings.Open:
			text = v.ruling(text.Line(), o, said.Earning)
		case mine:
			text = text.Line().Line(bold(v.Say("objection.open")))
		}
		if mine {
			text = text.Line(regular(v.Say("objection.yours") + " “" + bots.Clip(o.Words, earnings.MaxWords) + "”"))
		}
	}
	return text
}

// ruling says what was decided about a receipt, and why.
func (v *visit) ruling(text bots.Text, o earnings.Objection, e earnings.Earning) bots.Text {
	what := v.Say("objection." + string(o.State))
	if o.State != earnings.Stands {
		what += " " + v.Say("objection.amount", "Amount", v.inUnit(e, o.Amount))
		if e.Left() > 0 {
			what += " " + v.Say("objection.spent")
		}
	}
	return text.Line(bold(v.Date(o.Decided) + ": " + what)).Line(regular(v.Say("objection.reason") + " “" + bots.Clip(o.Reason, earnings.MaxWords) + "”"))
}

// inUnit is an amount in the unit of an earning.
func (v *visit) inUnit(e earnings.Earning, n int64) string {
	if e.Money() {
		return v.Money(commerce.Money{Amount: n, Currency: e.Unit})
	}
	return v.Count("objection.points", n)
}

// toldDecided tells whoever said that a receipt is wrong, and whose it was, what
// was decided.
func (s *Shop) toldDecided(v *visit, n notices.Notice) (bots.Screen, error) {
	c, err := s.Earnings.Told(v.ctx, n.Member, n.Args["objection"])
	if err != nil {
		return bots.Screen{}, err
	}
	text := v.ruling(bots.Text{bold(v.Say("told.decided", "Label", bots.Clip(v.earnedFor(c.Receipt), 80)))}, c.Objection, c.Receipt)
	at := []string{"earning", c.Receipt.ID}
	if n.Member == c.Order.Member {
		at = []string{"object", c.Receipt.ID}
	}
	return bots.Screen{Path: bots.Path(at...), Text: text, Rows: rows(row(keeping(v.primary("button.showreceipt", at...))))}, nil
}

// staffObjection tells an admin that somebody says a receipt is wrong. What they
// say is read where it is decided.
func (s *Shop) staffObjection(v *visit, id string) (bots.Screen, error) {
	c, err := s.Earnings.Case(v.ctx, id)
	if err != nil || c.State != earnings.Open {
		return bots.Screen{}, err // it was decided
	}
	at := []string{"staff", "objection", id}
	return bots.Screen{Path: bots.Path(at...), Text: bots.Text{bold(v.Say("told.objection"))}.Line(regular(v.Say("told.objectionnext"))),
		Rows: rows(row(keeping(v.primary("button.showreceipt", at...))))}, nil
}
