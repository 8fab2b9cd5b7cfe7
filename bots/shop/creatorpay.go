package shop

// This file is how creators are paid in money: what they can have, the account it
// goes to, and what they were paid. It is theirs alone, and never public.

import (
	"errors"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creatorpay"
	"github.com/soukchat/souk/commerce/notices"
)

const mostPayouts = 8

// paysMoney reports whether creators earn money here.
func (s *Shop) paysMoney() bool { return s.Payer != nil && s.Payer.Terms().Money }

// earnedMoney says what a member has earned in money, with the button to what
// they are paid; nothing where there is none and never will be.
func (s *Shop) earnedMoney(v *visit) (lines []string, paid bots.Button, err error) {
	if s.Payer == nil {
		return nil, paid, nil
	}
	list, err := s.Earnings.Money(v.ctx, v.member.ID)
	if err != nil || len(list) == 0 && !s.paysMoney() {
		return nil, paid, err
	}
	if len(list) == 0 {
		lines = append(lines, v.Say("creatorpay.nothing"))
	}
	for _, p := range list {
		in := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: p.Currency} }
		lines = append(lines, v.Say("creatorpay.has", "Free", in(p.Free), "Pending", in(p.Pending)))
		if p.Owed > 0 {
			lines = append(lines, v.Say("creatorpay.owed", "Amount", in(p.Owed)))
		}
	}
	return lines, v.button("button.payouts", "payouts"), nil
}

// payouts shows what a creator can be paid, and was.
func (s *Shop) payouts(v *visit, _ []string) (bots.Screen, error) { return s.showPayouts(v, "", "") }

func (s *Shop) showPayouts(v *visit, notice, page string) (bots.Screen, error) {
	if s.Payer == nil || s.Earnings == nil {
		return s.creatorDesk(v, nil)
	}
	account, err := s.Payer.Look(v.ctx, v.member.ID)
	if commerce.KindOf(err) == commerce.Unavailable {
		account, err = s.Payer.AccountOf(v.ctx, v.member.ID) // as Stripe said last
	}
	if err != nil {
		return bots.Screen{}, err
	}
	money, err := s.Earnings.Money(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	lines, _, err := s.earnedMoney(v)
	if err != nil {
		return bots.Screen{}, err
	}
	list, err := s.Payer.Of(v.ctx, v.member.ID, mostPayouts)
	if err != nil {
		return bots.Screen{}, err
	}
	if len(lines) == 0 && len(list) == 0 {
		return s.earnings(v, nil) // it is points that are earned here
	}
	text := bots.Text{bold(v.Say("creatorpay.title"))}
	for _, line := range lines {
		text = text.Line(regular(line))
	}
	terms := s.Payer.Terms()
	screen := bots.Screen{Path: "payouts", Notice: notice}
	var pay []bots.Button
	switch {
	case page != "":
		text = text.Line().Line(regular(v.Say("creatorpay.go")))
		screen.Rows = rows(row(bots.Button{Label: v.Say("button.tostripe"), Link: page, Style: bots.Primary}), row(v.button("button.connected", "payouts")))
	case account.ID == "":
		text = text.Line().Line(regular(v.Say("creatorpay.noaccount")))
		screen.Rows = rows(row(v.primary("button.connect", "payouts", "connect")))
	case !account.Ready:
		text = text.Line().Line(regular(v.Say("creatorpay.notready")))
		screen.Rows = rows(row(v.primary("button.connect", "payouts", "connect"), v.button("button.connected", "payouts")))
	default:
		text = text.Line().Line(regular(v.Say("creatorpay.ready")))
		for _, p := range money {
			least := commerce.Money{Amount: max(terms.Least, 1), Currency: p.Currency}
			if p.Free-p.Owed < least.Amount {
				text = text.Line(regular(v.Say("creatorpay.least", "Least", least)))
				continue
			}
			b := v.primary("button.paynow", "payouts", "now", strings.ToLower(p.Currency))
			b.Label = bots.Clip(v.Say("button.paynow", "Amount", commerce.Money{Amount: p.Free - p.Owed, Currency: p.Currency}), bots.MaxLabel)
			if len(pay) < bots.MaxRowButtons {
				pay = append(pay, b)
			}
		}
		if terms.Every > 0 && terms.Money {
			text = text.Line(regular(v.Count("creatorpay.every", int64(terms.Every.Hours()/24))))
		}
		screen.Rows = rows(pay)
	}
	for i, p := range list {
		if i == 0 {
			text = text.Line().Line(italic(v.Say("creatorpay.last")))
		}
		text = text.Line(regular("• " + v.Date(p.CreatedAt) + " · " + v.Money(p.Amount) + " — " + v.payoutState(p)))
	}
	screen.Text = text
	screen.Rows = append(screen.Rows, row(v.button("button.earnings", "earnings"), v.button("button.creatordesk", "creator"), v.button("button.home", "start")))
	return screen, nil
}

// payoutState says how a payout stands.
func (v *visit) payoutState(p creatorpay.Payout) string {
	switch {
	case p.State == creatorpay.Sent && p.Reversed > 0:
		return v.Say("creatorpay.reversed", "Amount", commerce.Money{Amount: p.Reversed, Currency: p.Amount.Currency})
	case p.State == creatorpay.Sent:
		return v.Say("creatorpay.sent", "Date", v.Date(p.SentAt))
	case p.State == creatorpay.Failed:
		return v.Say("creatorpay.failed")
	}
	return v.Say("creatorpay.due")
}

// payoutConnect leads to Stripe's page, on which an account is set up.
func (s *Shop) payoutConnect(v *visit, _ []string) (bots.Screen, error) {
	if !s.paysMoney() {
		return s.showPayouts(v, "", "")
	}
	page, err := s.Payer.Connect(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showPayouts(v, "", page)
}

// payoutNow pays out all that can be paid in a currency: "payouts now eur".
func (s *Shop) payoutNow(v *visit, args []string) (bots.Screen, error) {
	if s.Payer == nil {
		return s.creatorDesk(v, nil)
	}
	p, err := s.Payer.Ask(v.ctx, v.member.ID, strings.ToUpper(args[0]))
	switch {
	case errors.Is(err, creatorpay.ErrNoAccount), errors.Is(err, creatorpay.ErrNotReady):
		return s.showPayouts(v, "", "") // which says what to do
	case errors.Is(err, creatorpay.ErrLeast):
		return s.showPayouts(v, v.problem(err), "")
	case err != nil:
		return bots.Screen{}, err
	}
	return s.showPayouts(v, v.Say("creatorpay.asked", "Amount", p.Amount), "")
}

// toldPayout tells a creator what became of a payout.
func (s *Shop) toldPayout(v *visit, n notices.Notice) (bots.Screen, error) {
	if s.Payer == nil {
		return bots.Screen{}, nil
	}
	p, err := s.Payer.One(v.ctx, n.Args["payout"])
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(v.Say("creatorpay.toldsent", "Amount", p.Amount))}.Line(regular(v.Say("creatorpay.toldsentnext")))
	if n.Kind == notices.CreatorUnpaid {
		text = bots.Text{bold(v.Say("creatorpay.toldback", "Amount", p.Amount))}.Line(regular(v.Say("creatorpay.toldbacknext")))
	}
	return bots.Screen{Path: "payouts", Text: text, Rows: rows(row(keeping(v.primary("button.payouts", "payouts"))))}, nil
}

// staffUnpaid tells an admin that Stripe refused to pay a creator, and why.
func (s *Shop) staffUnpaid(v *visit, id string) (bots.Screen, error) {
	if s.Payer == nil {
		return bots.Screen{}, nil
	}
	p, err := s.Payer.One(v.ctx, id)
	if err != nil {
		return bots.Screen{}, err
	}
	return bots.Screen{Path: "staff", Text: bots.Text{bold(v.Say("creatorpay.toldstaff", "Amount", p.Amount))}.
		Line(regular(v.Say("creatorpay.toldstaffwhy", "Why", bots.Clip(p.Problem, 200)))).Line(regular(v.Say("creatorpay.toldstaffnext")))}, nil
}
