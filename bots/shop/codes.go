package shop

import (
	"errors"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/promotions"
)

// code asks for a promotion code, and keeps it for the member's next order.
func (s *Shop) code(v *visit, _ []string) (bots.Screen, error) {
	form := bots.Form{
		Action: "code", Title: v.Say("code.title"), Cancel: v.button("button.cancel", "checkout"),
		Fields: []bots.Field{{Key: "code", Label: v.Say("code.label"), Hint: v.Say("code.hint"), Max: 60}},
	}
	if !v.filled() {
		return bots.Screen{Path: "code", Form: &form}, nil
	}
	r, err := s.Promotions.Enter(v.ctx, v.member.ID, v.value("code"))
	switch kind := commerce.KindOf(err); {
	case err == nil:
		return s.review(v, v.Say("code.kept", "Label", bots.Clip(r.Label(), 60)))
	case errors.Is(err, promotions.ErrUnknown):
		return s.creatorCode(v, form, err)
	case kind == commerce.Conflict:
		return s.review(v, v.problem(err))
	}
	return bots.Screen{}, err
}

// codeDrop takes a code off again: "code drop <promotion>".
func (s *Shop) codeDrop(v *visit, args []string) (bots.Screen, error) {
	if err := s.Promotions.Remove(v.ctx, v.member.ID, args[0]); err != nil {
		return bots.Screen{}, err
	}
	return s.review(v, v.Say("code.dropped"))
}

// codes writes why codes and offers took nothing off, and makes the buttons for
// them.
func (v *visit) codes(text bots.Text, r checkout.Review) (bots.Text, []bots.Button) {
	for _, n := range r.Notes {
		text = text.Line(italic(v.why(n)))
	}
	claims := r.Applied
	for _, n := range r.Notes {
		claims = append(claims[:len(claims):len(claims)], n.Claim)
	}
	list := []bots.Button{v.button("button.code", "code")}
	for _, c := range claims {
		if c.Rule.Kind == promotions.Offer {
			continue
		}
		drop := v.button("button.dropcode", "code", "drop", c.Rule.ID)
		drop.Label = bots.Clip(v.Say("button.dropcode", "Label", bots.Clip(c.Rule.Label(), 30)), bots.MaxLabel)
		if len(list) < bots.MaxRowButtons { // the others come up as these are dropped
			list = append(list, drop)
		}
	}
	return text, list
}

// why says why a code or an offer took nothing off.
func (v *visit) why(n checkout.Note) string {
	if n.Lapsed != nil {
		return v.problem(n.Lapsed)
	}
	label := bots.Clip(n.Claim.Rule.Label(), 60)
	switch n.Missed.Reason {
	case pricing.BelowMinimum:
		return v.Say("code.minimum", "Label", label, "Short", n.Missed.Short)
	case pricing.NotTogether:
		return v.Say("code.together", "Label", label, "With", bots.Clip(n.Missed.With, 60))
	case pricing.NothingToTake:
		return v.Say("code.nothing", "Label", label)
	}
	return v.Say("code.others", "Label", label)
}

// placeAgain shows the order again whose quote is another now, and says what
// has lapsed where something has.
func (s *Shop) placeAgain(v *visit, err error) (bots.Screen, error) {
	notice := v.problem(err)
	if r, err := s.Checkout.Review(v.ctx, v.buyer(), v.cart); err == nil {
		var lapsed []string
		for _, n := range r.Notes {
			if n.Lapsed != nil {
				lapsed = append(lapsed, v.problem(n.Lapsed))
			}
		}
		if len(lapsed) > 0 {
			notice = strings.Join(lapsed, " ") + " " + v.Say("code.newtotal")
		}
	}
	return s.review(v, notice)
}

// lapsed reports whether an order was not placed because of a code or an offer.
func lapsed(err error) bool {
	for _, e := range []error{promotions.ErrEnded, promotions.ErrNotYet, promotions.ErrUsedUp, promotions.ErrYours} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
