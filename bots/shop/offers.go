package shop

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/promotions"
)

// Shows returns a test whether a brand's goods are shown in a chat.
func (s *Shop) Shows(bot, chat string) func(commerce.BrandID) bool {
	return s.now.Load().scope(bot, chat).shows
}

// offersRow leads to the offers where there are any. It asks nobody.
func (s *Shop) offersRow(v *visit) []bots.Button {
	if len(s.Promotions.OpenOffers(v.scope.community, v.scope.shows)) == 0 {
		return nil
	}
	return row(v.button("button.offers", "offers"))
}

// offers lists what a member has claimed, and what they can claim here.
func (s *Shop) offers(v *visit, _ []string) (bots.Screen, error) {
	claimed, err := s.Promotions.Claimed(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(v.Say("offers.title"))}
	mine := map[string]bool{}
	for _, c := range claimed {
		mine[c.Rule.ID] = true
		if len(mine) > bots.MaxChoices {
			continue
		}
		word := v.Say("offers.waits")
		switch {
		case c.Used:
			word = v.Say("offers.used")
		case c.Lapsed != nil:
			word = v.problem(c.Lapsed)
		}
		text = text.Line(regular("• "), bold(bots.Clip(c.Rule.Label(), 60)), regular(" — "+word))
	}
	gone, err := s.Promotions.AllClaimed(v.ctx)
	if err != nil {
		return bots.Screen{}, err
	}
	menu := &bots.Menu{Hint: v.Say("offers.choose")}
	for _, r := range s.Promotions.OpenOffers(v.scope.community, v.scope.shows) {
		if !mine[r.ID] && !gone[r.ID] && len(menu.Choices) < bots.MaxChoices {
			menu.Choices = append(menu.Choices, bots.Choice{Label: bots.Clip(r.Label(), bots.MaxChoice),
				Description: bots.Clip(v.terms(r), bots.MaxChoice), Action: bots.Path("offer", r.ID)})
		}
	}
	if len(menu.Choices) == 0 {
		menu = nil
	}
	if len(claimed) == 0 && menu == nil {
		text = text.Line(regular(v.Say("offers.none")))
	}
	return bots.Screen{
		Path: "offers", Text: text, Menu: menu,
		Rows: rows(row(v.primary("button.feed", "feed"), v.cartButton()), row(v.button("button.home", "start"))),
	}, nil
}

// offerOne shows an offer, to be claimed with a tap: "offer <offer>".
func (s *Shop) offerOne(v *visit, args []string) (bots.Screen, error) {
	r, err := s.offered(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	return bots.Screen{
		Path: bots.Path("offer", r.ID), Text: v.offerText(s, r),
		Rows: rows(row(v.primary("button.claim", "claim", r.ID)), row(v.button("button.offers", "offers"), v.button("button.home", "start"))),
	}, nil
}

// offered finds an offer that is shown here.
func (s *Shop) offered(v *visit, id string) (promotions.Rule, error) {
	r, ok := s.Promotions.Rule(id)
	if !ok || r.Kind != promotions.Offer || !v.scope.shows(r.Brand) {
		return r, promotions.ErrNoOffer
	}
	return r, nil
}

// claim makes an offer wait for the member's next purchase: "claim <offer>".
func (s *Shop) claim(v *visit, args []string) (bots.Screen, error) {
	if _, err := s.offered(v, args[0]); err != nil {
		return bots.Screen{}, err
	}
	r, first, err := s.Promotions.Claim(v.ctx, v.member.ID, args[0])
	notice := v.Say("offers.claimed", "Label", bots.Clip(r.Label(), 60))
	switch {
	case errors.Is(err, promotions.ErrNoOffer), commerce.KindOf(err) == commerce.Conflict && err != nil:
		notice = v.problem(err)
	case err != nil:
		return bots.Screen{}, err
	case !first:
		notice = v.Say("offers.already", "Label", bots.Clip(r.Label(), 60))
	}
	screen, err := s.offers(v, nil)
	screen.Notice = notice
	return screen, err
}

// offerPost is an offer for everybody in a chat: its button acts for whoever
// presses it, and answers them alone.
func (s *Shop) offerPost(v *visit, id string) (bots.Screen, error) {
	r, err := s.offered(v, id)
	if err != nil {
		return bots.Screen{}, err
	}
	return bots.Screen{
		Path: bots.Path("offer", r.ID), Public: true, Text: v.offerText(s, r),
		Rows: rows(row(v.primary("button.claim", "claim", r.ID), v.button("button.details", "offer", r.ID))),
	}, nil
}

func (v *visit) offerText(s *Shop, r promotions.Rule) bots.Text {
	text := bots.Text{bold(bots.Clip(r.Label(), 100))}
	if goods, err := s.snapshot(v); err == nil {
		for _, b := range goods.Brands() {
			if b.ID == r.Brand {
				text = text.Line(italic(bots.Clip(b.Name, 60)))
			}
		}
	}
	if r.Text != "" {
		text = text.Line().Line(regular(bots.Clip(r.Text, 400)))
	}
	return text.Line().Line(regular(v.terms(r))).Line(italic(v.Say("offers.how")))
}

// terms says in one line what a rule takes off and under which conditions.
func (v *visit) terms(r promotions.Rule) string {
	d, list := r.Takes, []string{}
	switch {
	case d.Percent > 0:
		list = append(list, v.Say("offers.percent", "Percent", pricing.Percent(d.Percent)))
	case d.Fixed.Amount > 0:
		list = append(list, v.Say("offers.fixed", "Amount", d.Fixed))
	case d.Shipping:
		list = append(list, v.Say("offers.shipping"))
	case d.Get > 0:
		list = append(list, v.Say("offers.get", "Buy", strconv.FormatInt(d.Buy, 10), "Get", strconv.FormatInt(d.Get, 10)))
	}
	if d.Minimum.Amount > 0 {
		list = append(list, v.Say("offers.minimum", "Amount", d.Minimum))
	}
	if !r.Until.IsZero() {
		list = append(list, v.Say("offers.until", "Date", r.Until.Add(-time.Minute)))
	}
	return strings.Join(list, ", ")
}
