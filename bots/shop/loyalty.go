package shop

// This file shows members their tier: what counts, what is missing to the next
// one, and until when they have it.

import (
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/loyalty"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/rewards"
)

// counted writes what counts for a tier: money, or points.
func (w *Words) counted(m commerce.Money) string {
	if m.Currency == rewards.PointsCurrency {
		return w.Count("wallet.havepoints", m.Amount)
	}
	return w.Money(m)
}

// walletTier adds to the wallet which tier a member has and what is missing to the
// next, with the button that explains it.
func (s *Shop) walletTier(v *visit, text bots.Text) (bots.Text, bots.Button) {
	if s.Loyalty == nil || !s.Loyalty.Any() {
		return text, bots.Button{}
	}
	stand, err := s.Loyalty.Of(v.ctx, v.member.ID)
	if err != nil { // what they can pay with is shown all the same
		s.Log.WarnContext(v.ctx, "a member's tier was not read", "error", err)
		return text, bots.Button{}
	}
	return v.standing(text, stand), v.button("button.tier", "tier")
}

// standing says which tier somebody has, and what is missing to the next.
func (v *visit) standing(text bots.Text, stand loyalty.Standing) bots.Text {
	if tier := stand.Tier(); tier != nil {
		text = text.Line(bold(v.Say("tier.yours", "Name", tier.Called(v.Language()))))
	}
	if next := stand.Next(); next != nil {
		text = text.Line(regular(v.missing(stand.Missing, next.Called(v.Language()))))
	}
	return text
}

func (v *visit) missing(m commerce.Money, name string) string {
	if m.Currency == rewards.PointsCurrency {
		return v.Count("tier.nextpoints", m.Amount, "Name", name)
	}
	return v.Say("tier.nextspent", "Amount", m, "Name", name)
}

// missingTo says what is missing to a tier, as the rules are now: "" where nothing
// is, or there is no such tier any more.
func (s *Shop) missingTo(v *visit, id string) string {
	if s.Loyalty == nil {
		return ""
	}
	stand, err := s.Loyalty.Of(v.ctx, v.member.ID)
	if err != nil {
		return ""
	}
	for _, t := range stand.Rules.Tiers {
		if left := t.From.Amount - stand.Has.Amount; t.ID == id && left > 0 {
			return v.missing(commerce.Money{Amount: left, Currency: t.From.Currency}, t.Called(v.Language()))
		}
	}
	return ""
}

// tier explains a member's tier: "tier".
func (s *Shop) tier(v *visit, _ []string) (bots.Screen, error) {
	if s.Loyalty == nil || !s.Loyalty.Any() {
		return s.showWallet(v, v.Say("tier.off"))
	}
	stand, err := s.Loyalty.Of(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	text := v.standing(bots.Text{bold(v.Say("tier.title"))}, stand)
	days := int64(stand.Rules.Within / (24 * time.Hour))
	if stand.Rules.Points() {
		text = text.Line().Line(regular(v.Count("tier.countspoints", days, "Sum", v.counted(stand.Has))))
	} else {
		text = text.Line().Line(regular(v.Count("tier.countsspent", days, "Sum", v.counted(stand.Has))))
	}
	if tier := stand.Tier(); tier != nil {
		text = text.Line(regular(v.Say("tier.until", "Name", tier.Called(v.Language()), "Date", v.Date(stand.Until))))
	}
	text = text.Line()
	for i, t := range stand.Rules.Tiers {
		line := "• " + v.Say("tier.from", "Name", t.Called(v.Language()), "Sum", v.counted(t.From))
		if i == stand.Rank-1 {
			text = text.Line(bold(line))
			continue
		}
		text = text.Line(regular(line))
	}
	return bots.Screen{Path: "tier", Text: text, Rows: rows(row(v.button("button.wallet", "wallet"), v.button("button.drops", "drops"), v.button("button.home", "start")))}, nil
}

// toldTier tells a member which tier they have reached, unless they have it no more.
func (s *Shop) toldTier(v *visit, n notices.Notice) (bots.Screen, error) {
	if s.Loyalty == nil {
		return bots.Screen{}, nil
	}
	stand, err := s.Loyalty.Of(v.ctx, n.Member)
	tier := stand.Tier()
	if err != nil || tier == nil || tier.ID != n.Args["tier"] {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(v.Say("told.tier", "Name", tier.Called(v.Language())))}.
		Line(regular(v.Say("tier.until", "Name", tier.Called(v.Language()), "Date", v.Date(stand.Until))))
	if next := stand.Next(); next != nil {
		text = text.Line(regular(v.missing(stand.Missing, next.Called(v.Language()))))
	}
	return bots.Screen{Path: "tier", Text: text, Rows: rows(row(keeping(v.primary("button.tier", "tier")), keeping(v.button("button.drops", "drops"))))}, nil
}

// walletExpiry adds to the wallet which points expire next.
func (s *Shop) walletExpiry(v *visit, text bots.Text) bots.Text {
	if s.Expiry == nil {
		return text
	}
	next, err := s.Expiry.Of(v.ctx, v.member.ID)
	if err != nil { // what they can pay with is shown all the same
		s.Log.WarnContext(v.ctx, "when points expire was not read", "error", err)
	}
	if next.Points == 0 {
		return text
	}
	return text.Line(regular(v.Count("wallet.expires", next.Points, "Date", v.Date(next.Due.Add(-time.Second)))))
}

// toldExpiry tells a member which points expire when, and what to do.
func (s *Shop) toldExpiry(v *visit, n notices.Notice) (bots.Screen, error) {
	if s.Expiry == nil {
		return bots.Screen{}, nil
	}
	due := commerce.FromMicros(number64(n.Args["due"]))
	points, err := s.Expiry.Told(v.ctx, n.Member, due)
	if err != nil || points == 0 {
		return bots.Screen{}, err // they are spent
	}
	text := bots.Text{bold(v.Count("told.expires", points, "Date", v.Date(due.Add(-time.Second))))}
	text = text.Line(regular(v.Say("told.expiresnext", "Button", v.Say("wallet.pointson"))))
	return bots.Screen{Path: "wallet", Text: text, Rows: rows(row(keeping(v.primary("button.wallet", "wallet")), keeping(v.button("button.feed", "feed"))))}, nil
}
