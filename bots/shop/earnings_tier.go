package shop

// This file shows the tier of a creator: to themselves, with what is missing to the
// next one, and on the receipts that they and who bought read.

import (
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/loyalty"
)

// creatorTier says which tier a creator has, and what is missing to the next.
func (s *Shop) creatorTier(v *visit, text bots.Text) (bots.Text, error) {
	stand, err := s.Earnings.OwnTier(v.ctx, v.member.ID)
	if err != nil || len(stand.Rules.Tiers) == 0 {
		return text, err
	}
	called := func(t *earnings.Tier) string { return loyalty.Called(t.Name, t.Names, v.Language()) }
	if tier := stand.Tier(); tier != nil {
		text = text.Line(regular(v.Say("earnings.tier", "Name", called(tier))))
	}
	if next := stand.Next(); next != nil && next.Followers > 0 {
		text = text.Line(regular(v.Count("earnings.nextfollowers", stand.Missing, "Name", called(next))))
	} else if next != nil {
		text = text.Line(regular(v.Count("earnings.nextbrought", int64(stand.Rules.Within/(24*time.Hour)), "Name", called(next),
			"Amount", commerce.Money{Amount: stand.Missing, Currency: stand.Rules.Currency})))
	}
	return text, nil
}

// byTier names the tier that an earning's rate is of: that which its creator had
// when it was ordered; "" for none.
func (s *Shop) byTier(v *visit, e earnings.Earning) string {
	tier, err := s.Earnings.ByTier(v.ctx, e)
	if err != nil { // what was earned is shown all the same
		s.Log.WarnContext(v.ctx, "the tier of a creator was not read", "earning", e.ID, "error", err)
	}
	if tier == nil {
		return ""
	}
	return loyalty.Called(tier.Name, tier.Names, v.Language())
}
