package shop

// This file is how a creator rates a brand, and what is told of the exchange.

import (
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/exchange"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/notices"
)

// ratingOf says what both sides think of each other, as far as the member may
// read it, and how they can say it.
func (s *Shop) ratingOf(v *visit, b exchange.Bid, text bots.Text) (bots.Text, []bots.Button, error) {
	if b.RateUntil.IsZero() {
		return text, nil, nil
	}
	own, other, err := s.Exchange.Ratings(v.ctx, b.ID, exchange.ByCreator)
	if err != nil {
		return text, nil, err
	}
	if own != nil {
		text = text.Line(regular(v.Say("exchange.yousaid") + " " + starred(own.Stars) + " " + bots.Clip(own.Words, maxRatedWords)))
	}
	var do []bots.Button
	if other != nil {
		text = text.Line(regular(v.Say("exchange.theysaid") + " " + starred(other.Stars) + " " + bots.Clip(other.Words, maxRatedWords)))
		if other.Words != "" && s.Moderation != nil {
			do = row(v.button("button.reportrating", "report", string(moderation.ByBrand), string(b.ID)))
		}
	}
	if own != nil && own.Hidden {
		var why bots.Button
		if text, why, err = s.ownHidden(v, text, moderation.Ref{Kind: moderation.ByCreator, ID: string(b.ID)}, false); err != nil {
			return text, nil, err
		}
		do = row(append(do, why)...)
	}
	if !b.CanRate(s.Clock.Now()) {
		return text, do, nil
	}
	if own != nil {
		return text.Line(italic(v.Say("exchange.blind", "Time", v.Moment(b.RateUntil)))), do, nil
	}
	text = text.Line().Line(bold(v.Say("exchange.ratebrand"))).Line(italic(v.Say("exchange.blind", "Time", v.Moment(b.RateUntil))))
	return text, bidStars(b.ID), nil
}

func bidStars(id commerce.BidID) (list []bots.Button) {
	for n := 1; n <= 5; n++ {
		list = append(list, bots.Button{Label: strconv.Itoa(n) + " ★", Action: bots.Path("bid", "stars", string(id), strconv.Itoa(n))})
	}
	return list
}

// bidRate asks for words, and rates the brand: "bid stars <bid> <stars>".
func (s *Shop) bidRate(v *visit, args []string) (bots.Screen, error) {
	b, err := s.myBid(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	if !b.CanRate(s.Clock.Now()) {
		return s.showBid(v, b, v.problem(exchange.ErrNoRating))
	}
	form := bots.Form{Action: bots.Path("bid", "stars", args[0], args[1]), Title: v.Say("exchange.ratetitle"), Cancel: v.button("button.cancel", "bid", args[0]),
		Fields: []bots.Field{{Key: "words", Label: v.Say("exchange.ratelabel"), Hint: v.Say("exchange.ratehint"), Long: true, Optional: true, Max: maxRatedWords}}}
	if !v.filled() {
		return v.ask(form, 0, ""), nil
	}
	words := v.value("words")
	if screen, wrong := v.wrongWords(form, words); wrong {
		return screen, nil
	}
	return s.bidDo(v, args[0], "exchange.thanks", func(b exchange.Bid) error {
		return s.Exchange.RateBrand(v.ctx, v.member.ID, exchange.Rating{Bid: b.ID, Stars: int64(number(args[1])), Words: words})
	})
}

// exchangeNotice tells a creator, or a brand, how something in the exchange goes.
func (s *Shop) exchangeNotice(v *visit, n notices.Notice) (bots.Screen, error) {
	if n.Kind == notices.StaffChoose {
		of, err := s.Exchange.Brief(v.ctx, commerce.BriefID(n.Args["brief"]))
		if err != nil || of.State != exchange.Open {
			return bots.Screen{}, err
		}
		return s.staffExchange(v, n.Kind, of.Product, []string{"staff", "brief", string(of.ID)})
	}
	b, err := s.Exchange.Bid(v.ctx, commerce.BidID(n.Args["bid"]))
	if err != nil {
		return bots.Screen{}, err
	}
	switch n.Kind {
	case notices.StaffBids:
		return s.staffExchange(v, n.Kind, b.Product, []string{"staff", "brief", string(b.Brief)})
	case notices.StaffBidOver, notices.StaffBidReviewed, notices.StaffBidLate, notices.StaffBidRated:
		return s.staffExchange(v, n.Kind, b.Product, []string{"staff", "bid", string(b.ID)})
	}
	if b.Member != n.Member || n.Kind == notices.ExchangeChosen && b.State != exchange.Chosen {
		return bots.Screen{}, nil
	}
	p, err := s.reviewable(v, string(b.Product))
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(v.Say("told."+n.Kind, "Product", bots.Clip(p.Title, 100)))}
	say := "told." + n.Kind + "next"
	switch n.Kind {
	case notices.ExchangeChosen:
		text = text.Line(regular(v.Say(say, "Time", v.Moment(b.AnswerBy()))))
	case notices.ExchangeArrived, notices.ExchangeSoon, notices.ExchangeLate:
		text = text.Line(regular(v.Say(say, "Time", v.Moment(b.ReviewBy))))
	default:
		text = text.Line(regular(v.Say(say)))
	}
	open := keeping(v.primary("button.showthis", "bid", string(b.ID)))
	if n.Kind == notices.ExchangePassed {
		open = keeping(v.button("button.exchange", "exchange"))
	}
	if n.Kind == notices.ExchangeRate {
		return bots.Screen{Path: bots.Path("bid", string(b.ID)), Text: text, Rows: rows(bidStars(b.ID), row(open))}, nil
	}
	return bots.Screen{Path: bots.Path("bid", string(b.ID)), Text: text, Rows: rows(row(open))}, nil
}

// staffExchange tells a brand of something that waits for it in the exchange.
func (s *Shop) staffExchange(v *visit, kind string, product commerce.ProductID, open []string) (bots.Screen, error) {
	p, err := s.reviewable(v, string(product))
	if err != nil {
		return bots.Screen{}, err
	}
	return bots.Screen{Path: bots.Path(open...), Text: bots.Text{bold(v.Say("told."+kind, "Product", bots.Clip(p.Title, 100)))}.Line(regular(v.Say("told." + kind + "next"))),
		Rows: rows(row(keeping(v.primary("button.showthis", open...))))}, nil
}
