package staff

// This file is how a brand looks at the creators who apply, and chooses.

import (
	"errors"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/exchange"
	"github.com/soukchat/souk/commerce/moderation"
)

// creatorName is what a creator calls themselves.
func (s *Staff) creatorName(v *visit, b exchange.Bid) string {
	if s.Creator != nil {
		if c, err := s.Creator(v.ctx, b.Creator); err == nil && c.Name != "" {
			return c.Name
		}
	}
	return v.Say("staff.noname")
}

// bids lists who applies for an offer: "staff brief <brief> bids [<cursor>]".
func (s *Staff) bids(v *visit, b exchange.Brief, cursor string) (bots.Screen, error) {
	page, err := s.Exchange.Bids(v.ctx, b.ID, exchange.Waits, cursor, bidsPage)
	if err != nil {
		return bots.Screen{}, err
	}
	id := string(b.ID)
	screen := bots.Screen{Path: bots.Path("staff", "brief", id, "bids"), Text: bots.Text{{Text: s.product(v, b.Product), Look: bots.Bold}}}
	var row []bots.Button
	if cursor != "" {
		row = append(row, v.button("staff.button.firstbids", "brief", id, "bids"))
	}
	if page.Next != "" {
		row = append(row, v.button("button.older", "brief", id, "bids", page.Next))
	}
	screen.Rows = [][]bots.Button{append(row, v.button("staff.button.briefback", "brief", id), v.button("staff.button.exchange", "exchange"))}
	if len(page.Items) == 0 {
		screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.nobids")})
		return screen, nil
	}
	screen.Text = screen.Text.Line(bots.Span{Text: v.Say("staff.bidswait")}).Line()
	screen.Menu = &bots.Menu{Hint: v.Say("staff.choosebid")}
	for _, one := range page.Items {
		p, err := s.Exchange.Creator(v.ctx, one.Creator, one.Member)
		if err != nil {
			return bots.Screen{}, err
		}
		name, about := s.creatorName(v, one), v.numbers(one, p)
		screen.Text = screen.Text.Line(bots.Span{Text: "• "}, bots.Span{Text: bots.Clip(name, 60), Look: bots.Bold}, bots.Span{Text: " " + about})
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(name, bots.MaxChoice), Description: bots.Clip(strings.Join(strings.Fields(one.Words), " "), bots.MaxChoice), Action: bots.Path("staff", "bid", string(one.ID))})
	}
	return screen, nil
}

// numbers says of a creator what can be counted.
func (v *visit) numbers(b exchange.Bid, p exchange.Profile) string {
	said := []string{v.Count("staff.bid.followers", b.Followers), v.Count("staff.bid.picks", p.Picks)}
	if all := p.Kept + p.Late; all > 0 {
		said = append(said, v.Say("staff.bid.kept", "Kept", p.Kept, "All", all))
	} else {
		said = append(said, v.Say("staff.bid.first"))
	}
	if p.N > 0 {
		said = append(said, v.Count("staff.bid.rated", p.N, "Stars", v.mean(p.Mean())))
	}
	if p.Sold > 0 {
		said = append(said, v.Count("staff.bid.sold", p.Sold))
	}
	return strings.Join(said, " · ")
}

// bid answers what is about one application: "staff bid <bid> [choose|stars <n>]".
func (s *Staff) bid(v *visit, id commerce.BidID, what, extra string) (bots.Screen, error) {
	b, err := s.Exchange.Bid(v.ctx, id)
	if err == nil && !v.role.speaksFor(b.Brand) {
		err = exchange.ErrNoBid
	}
	if errors.Is(err, exchange.ErrNoBid) {
		return s.exchange(v, "", "")
	}
	if err != nil {
		return bots.Screen{}, err
	}
	notice := ""
	switch what {
	case "choose":
		notice, err = v.Say("staff.bid.chosennow"), s.Exchange.Choose(v.ctx, v.role.brands(), id)
	case "stars":
		stars, _ := strconv.ParseInt(extra, 10, 8)
		form := bots.Form{Action: bots.Path("staff", "bid", string(id), "stars", extra), Title: bots.Clip(v.Say("exchange.ratetitle"), bots.MaxFormTitle), Cancel: v.button("button.cancel", "bid", string(id)),
			Fields: []bots.Field{{Key: "words", Label: bots.Clip(v.Say("exchange.ratelabel"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("exchange.ratehint"), bots.MaxFieldHint), Long: true, Optional: true, Max: maxBidRating}}}
		words := bots.Clip(strings.TrimSpace(v.ev.Values["words"]), maxBidRating)
		faults := creators.House{}.Check(creators.Draft{Words: words, Products: []commerce.ProductID{b.Product}})
		if v.ev.Kind != bots.Fill || len(faults) > 0 {
			screen := bots.Screen{Path: form.Action, Form: &form}
			for _, f := range faults {
				screen.Text = append(screen.Text, bots.Span{Text: v.Say("house."+f.What, "N", f.N, "Word", bots.Clip(f.Word, 60))})
			}
			return screen, nil
		}
		notice, err = v.Say("exchange.thanks"), s.Exchange.RateCreator(v.ctx, v.actor, v.role.brands(), exchange.Rating{Bid: id, Stars: stars, Words: words})
	}
	var e *commerce.Error
	if errors.As(err, &e) && (e.Kind == commerce.Conflict || e.Kind == commerce.Invalid) {
		notice, err = v.refused(e), nil
	}
	if err == nil {
		b, err = s.Exchange.Bid(v.ctx, id)
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showBid(v, b, notice)
}

// showBid is one application: who it is, what they say, and how it stands.
func (s *Staff) showBid(v *visit, b exchange.Bid, notice string) (bots.Screen, error) {
	id := string(b.ID)
	p, err := s.Exchange.Creator(v.ctx, b.Creator, b.Member)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{{Text: bots.Clip(s.creatorName(v, b), 80), Look: bots.Bold}, {Text: " · " + bots.Clip(s.product(v, b.Product), 80)}}
	text = text.Line(bots.Span{Text: v.numbers(b, p)})
	for _, r := range p.Said {
		text = text.Line(bots.Span{Text: stars(r.Stars) + " " + bots.Clip(r.Words, 100), Look: bots.Italic})
	}
	if b.Words != "" {
		text = text.Line().Line(bots.Span{Text: "“" + bots.Clip(b.Words, 400) + "”"})
	}
	stands := v.Say("staff.bid." + string(b.State))
	if b.State == exchange.Arrived {
		stands = v.Say("staff.bid.dueby", "Time", v.Moment(b.ReviewBy))
		if b.Late {
			stands = v.Say("staff.bid.late")
		}
	}
	text = text.Line().Line(bots.Span{Text: stands, Look: bots.Bold})
	screen := bots.Screen{Path: bots.Path("staff", "bid", id), Notice: notice}
	var do, rate []bots.Button
	if b.State == exchange.Waits {
		choose := v.button("staff.button.choose", "bid", id, "choose")
		choose.Style = bots.Primary
		do = append(do, choose)
	}
	do = append(do, bots.Button{Label: v.Say("staff.button.creatorpage"), Action: bots.Path("creator", string(b.Creator))})
	if b.Order != "" {
		do = append(do, v.button("staff.button.bidorder", "order", string(b.Order)))
	}
	own, other, err := s.Exchange.Ratings(v.ctx, b.ID, exchange.ByBrand)
	if err != nil {
		return bots.Screen{}, err
	}
	if own != nil {
		text = text.Line(bots.Span{Text: v.Say("exchange.yousaid") + " " + stars(own.Stars) + " " + own.Words})
		if own.Hidden {
			said, err := s.whyHidden(v, moderation.Ref{Kind: moderation.ByBrand, ID: id}, false)
			if err != nil {
				return bots.Screen{}, err
			}
			text = text.Line(bots.Span{Text: said, Look: bots.Italic})
		}
	}
	if other != nil {
		text = text.Line(bots.Span{Text: v.Say("exchange.theysaid") + " " + stars(other.Stars) + " " + other.Words})
		if other.Words != "" && s.Moderation != nil {
			rate = append(rate, bots.Button{Label: v.Say("button.reportrating"), Action: bots.Path("report", string(moderation.ByCreator), id)})
		}
	}
	if b.CanRate(s.Clock.Now()) {
		if own == nil {
			text = text.Line(bots.Span{Text: v.Say("staff.bid.rate"), Look: bots.Bold})
			for n := 1; n <= 5; n++ {
				rate = append(rate, bots.Button{Label: strconv.Itoa(n) + " ★", Action: bots.Path("staff", "bid", id, "stars", strconv.Itoa(n))})
			}
		}
		text = text.Line(bots.Span{Text: v.Say("exchange.blind", "Time", v.Moment(b.RateUntil)), Look: bots.Italic})
	}
	screen.Text = text
	for _, row := range [][]bots.Button{do, rate, {v.button("staff.button.bids", "brief", string(b.Brief), "bids"), v.button("staff.button.briefback", "brief", string(b.Brief)), v.button("staff.button.exchange", "exchange")}} {
		if len(row) > 0 {
			screen.Rows = append(screen.Rows, row)
		}
	}
	return screen, nil
}
