package staff

import (
	"context"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/promotions"
)

// Promotions is where figures of offers are read: of these brands, nil for all.
type Promotions interface {
	Figures(ctx context.Context, brands []commerce.BrandID) ([]promotions.Figures, error)
}

// offersButton leads to the figures.
func (s *Staff) offersButton(v *visit) []bots.Button {
	if s.Promotions == nil {
		return nil
	}
	return []bots.Button{v.button("staff.offers", "offers")}
}

// offers shows how the offers of the brands do: claimed, used, revenue.
func (s *Staff) offers(v *visit) (bots.Screen, error) {
	list, err := s.Promotions.Figures(v.ctx, v.role.brands())
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{{Text: v.Say("staff.offers"), Look: bots.Bold}}
	if len(list) == 0 {
		text = text.Line(bots.Span{Text: v.Say("staff.nooffers")})
	}
	for _, f := range list {
		word := v.Say("staff.offer", "Claimed", strconv.FormatInt(f.Claimed, 10), "Used", strconv.FormatInt(f.Used, 10))
		if f.Offer.Limit > 0 {
			word = v.Say("staff.offerof", "Claimed", strconv.FormatInt(f.Claimed, 10), "Limit", strconv.FormatInt(f.Offer.Limit, 10),
				"Used", strconv.FormatInt(f.Used, 10))
		}
		for _, m := range f.Revenue {
			word += ", " + v.Say("staff.revenue", "Amount", m)
		}
		text = text.Line(bots.Span{Text: "• "}, bots.Span{Text: bots.Clip(f.Offer.Label(), 48), Look: bots.Bold}, bots.Span{Text: " — " + word})
	}
	return bots.Screen{Path: "staff", Text: text, Rows: [][]bots.Button{{v.button("staff.button.open")}}}, nil
}
