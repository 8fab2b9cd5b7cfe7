package staff

import (
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/payouts"
)

const mostPayouts = 15

// payouts lists what brands get and got, the newest first, and offers to try
// again what Stripe refused.
func (s *Staff) payouts(v *visit, notice string) (bots.Screen, error) {
	list, failed, err := s.payoutsOf(v)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "staff payouts", Notice: notice, Text: bots.Text{{Text: v.Say("staff.payouts"), Look: bots.Bold}}}
	if len(list) == 0 {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.nopayouts")})
	}
	for _, p := range list {
		o, err := s.get(v, p.Order)
		if err != nil {
			continue // erased meanwhile
		}
		line := v.Say("order.number", "Number", strconv.FormatInt(o.Number, 10)) + " · " + v.Money(p.Amount) + " — " + s.payoutState(v, p)
		if p.Less.Amount > 0 && p.State != payouts.Void {
			line += ", " + v.Say("staff.payout.less", "Amount", p.Less)
		}
		screen.Text = screen.Text.Line(bots.Span{Text: "• " + bots.Clip(line, 200)})
	}
	if failed {
		screen.Rows = append(screen.Rows, []bots.Button{v.button("staff.button.payagain", "payagain")})
	}
	screen.Rows = append(screen.Rows, []bots.Button{v.button("staff.button.open"), v.button("staff.button.past", "past")})
	return screen, nil
}

func (s *Staff) payoutsOf(v *visit) (list []payouts.Payout, failed bool, err error) {
	if list, err = s.Checkout.Payouts(v.ctx, v.role.brands(), mostPayouts); err != nil {
		return nil, false, err
	}
	for _, p := range list {
		failed = failed || p.State == payouts.Failed
	}
	return list, failed, nil
}

func (s *Staff) payoutState(v *visit, p payouts.Payout) string {
	switch p.State {
	case payouts.Sent:
		return v.Say("staff.payout.sent", "Date", v.Date(p.SentAt))
	case payouts.Void:
		return v.Say("staff.payout.void")
	case payouts.Failed:
		return v.Say("staff.payout.failed", "Why", bots.Clip(p.Problem, 100))
	}
	if p.Asked.Amount > 0 {
		return v.Say("staff.payout.due")
	}
	if p.Disputed {
		return v.Say("staff.payout.disputed")
	}
	return v.Say("staff.payout.held", "Date", v.Date(p.Due))
}

// payAgain has what Stripe refused of their brands' payouts tried again.
func (s *Staff) payAgain(v *visit) (bots.Screen, error) {
	list, _, err := s.payoutsOf(v)
	if err != nil {
		return bots.Screen{}, err
	}
	n, seen := 0, map[commerce.BrandID]bool{}
	for _, p := range list {
		if seen[p.Brand] {
			continue
		}
		seen[p.Brand] = true
		again, err := s.Checkout.RetryPayouts(v.ctx, p.Brand)
		if err != nil {
			return bots.Screen{}, err
		}
		n += again
	}
	return s.payouts(v, v.Count("staff.payout.again", int64(n)))
}
