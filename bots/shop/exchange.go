package shop

// This file is how creators find what brands offer to be reviewed, and apply. The
// rules are in commerce/exchange; here they are asked:
//   - whoever may not apply reads why, with what is missing, before they try.
//   - where a sample goes is seen by its creator, and by the brand once it is an
//     order.

import (
	"errors"
	"slices"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/exchange"
)

const (
	exchangePage  = 6
	maxBidWords   = 400 // characters
	maxRatedWords = 300
)

// exchange lists what creators can apply for: "exchange [<cursor>]".
func (s *Shop) exchange(v *visit, args []string) (bots.Screen, error) {
	of, stop, err := s.asCreator(v)
	if err != nil || stop != nil {
		return deref(stop), err
	}
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	cursor := strings.Join(args, "")
	page, err := s.Exchange.Offers(v.ctx, func(b exchange.Brief) bool {
		p, ok := goods.Product(b.Product)
		return ok && !p.Hidden && v.scope.offers(p)
	}, cursor, exchangePage)
	if err != nil {
		return bots.Screen{}, err
	}
	followers, err := s.Creators.Followers(v.ctx, of.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	house := s.Exchange.Rules()
	screen := bots.Screen{Path: "exchange", Text: bots.Text{bold(v.Say("exchange.title"))}.Line(regular(v.Say("exchange.what"))),
		Rows: rows(v.onward([]string{"exchange"}, cursor, page.Next), row(v.button("button.mybids", "bids"), v.button("button.creatordesk", "creator"), v.button("button.home", "start")))}
	if len(page.Items) == 0 {
		screen.Text = screen.Text.Line().Line(regular(v.Say("exchange.nothing")))
		return screen, nil
	}
	screen.Text = screen.Text.Line()
	screen.Menu = &bots.Menu{Hint: v.Say("exchange.choose")}
	for _, b := range page.Items {
		p, _ := goods.Product(b.Product)
		about := v.Count("exchange.samples", b.Left()) + " · " + v.Say("exchange.asks."+string(b.Asks)) + " · " + v.Count("exchange.within", b.Days)
		if missing := max(b.Followers, house.Followers) - followers; missing > 0 {
			about = v.Count("exchange.lacks", missing)
		}
		screen.Text = screen.Text.Line(regular("• "), bold(bots.Clip(p.Title, 80)), regular(" — "+bots.Clip(p.BrandName, 40)+" "), italic(about))
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(p.Title, bots.MaxChoice), Description: bots.Clip(about, bots.MaxChoice), Action: bots.Path("sample", string(b.ID))})
	}
	return screen, nil
}

// sample shows what a brand offers: "sample <brief>".
func (s *Shop) sample(v *visit, args []string) (bots.Screen, error) {
	_, stop, err := s.asCreator(v)
	if err != nil || stop != nil {
		return deref(stop), err
	}
	b, err := s.Exchange.Brief(v.ctx, commerce.BriefID(args[0]))
	if err == nil && b.State == exchange.Draft {
		err = exchange.ErrNoBrief
	}
	if err != nil {
		return bots.Screen{}, err
	}
	stands, err := s.Exchange.Standing(v.ctx, v.member.ID, b.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	if stands.Bid.ID != "" && stands.Bid.State != exchange.Withdrawn {
		return s.showBid(v, stands.Bid, "")
	}
	text, err := s.briefText(v, b)
	if err != nil {
		return bots.Screen{}, err
	}
	apply := v.primary("button.bid", "sample", "apply", args[0])
	if err := stands.Err(); err != nil {
		text, apply = text.Line().Line(bold(v.problem(err))), bots.Button{}
	}
	return bots.Screen{Path: bots.Path("sample", args[0]), Text: text,
		Rows: rows(row(apply, v.button("button.why", "sample", "why", args[0]), v.button("button.reviewproduct", "p", string(b.Product))), row(v.button("button.exchange", "exchange"), v.button("button.home", "start")))}, nil
}

// briefText says what a brand offers and what it asks for.
func (s *Shop) briefText(v *visit, b exchange.Brief) (bots.Text, error) {
	p, err := s.reviewable(v, string(b.Product))
	if err != nil {
		return nil, err
	}
	text := bots.Text{bold(bots.Clip(p.Title, 100))}
	goods, err := s.snapshot(v)
	if err != nil {
		return nil, err
	}
	if _, one, ok := goods.Variant(b.Variant); ok && one.Label() != "" {
		text = append(text, regular(" · "+bots.Clip(one.Label(), 80)))
	}
	text = text.Line(italic(bots.Clip(p.BrandName, 60)))
	of, err := s.Exchange.Brand(v.ctx, b.Brand)
	if err != nil {
		return nil, err
	}
	if of.N > 0 {
		text = append(text, italic(" · "+v.Count("exchange.brandrated", of.N, "Stars", v.tenths(of.Mean()))))
	}
	text = text.Line().Line(regular(bots.Clip(b.Words, 600))).Line()
	text = text.Line(regular(v.Say("exchange.wants."+string(b.Asks)) + " " + v.Count("exchange.days", b.Days) + " " + v.Say("exchange.honest")))
	if b.State == exchange.Open {
		text = text.Line(regular(v.Count("exchange.samples", b.Left()) + " · " + v.Say("exchange.until", "Date", b.ClosesAt)))
	}
	for _, r := range of.Said {
		text = text.Line(italic(starred(r.Stars) + " " + bots.Clip(r.Words, 100)))
	}
	return text, nil
}

// sampleWhy says why somebody may apply, or may not: "sample why <brief>".
func (s *Shop) sampleWhy(v *visit, args []string) (bots.Screen, error) {
	b, err := s.Exchange.Brief(v.ctx, commerce.BriefID(args[0]))
	if err != nil {
		return bots.Screen{}, err
	}
	stands, err := s.Exchange.Standing(v.ctx, v.member.ID, b.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	p, err := s.reviewable(v, string(b.Product))
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(v.Say("exchange.whytitle", "Product", bots.Clip(p.Title, 80)))}
	line := func(ok bool, say string) {
		mark := "✓ "
		if !ok {
			mark = "✗ "
		}
		text = text.Line(regular(mark + say))
	}
	line(stands.Creator.ID != "", v.Say("exchange.whycreator"))
	if stands.Creator.ID != "" {
		line(stands.Missing() == 0, v.Say("exchange.whyfollowers", "Has", stands.Followers, "Needs", stands.Needs))
		month := v.Say("exchange.whymonth", "Has", stands.Given, "Most", stands.Most)
		if !stands.Again.IsZero() {
			month += " " + v.Say("exchange.whyagain", "Time", v.Moment(stands.Again))
		}
		line(stands.Again.IsZero(), month)
		if stands.Works {
			line(false, v.Say("exchange.own"))
		}
		if stands.Reviewed {
			line(false, v.Say("exchange.reviewed"))
		}
		if stands.Barred != nil {
			line(false, v.problem(stands.Barred))
		}
	}
	line(!stands.Over, v.Say("exchange.whyopen", "Date", b.ClosesAt))
	end := v.Say("exchange.whyyes")
	if err := stands.Err(); err != nil {
		end = v.problem(err)
	}
	text = text.Line().Line(bold(end)).Line().Line(regular(v.Say("exchange.whychosen")))
	return bots.Screen{Path: bots.Path("sample", "why", args[0]), Text: text,
		Rows: rows(row(v.primary("button.showthis", "sample", args[0])), row(v.button("button.exchange", "exchange"), v.button("button.home", "start")))}, nil
}

// sampleApply asks for a few words, and applies: "sample apply <brief>".
func (s *Shop) sampleApply(v *visit, args []string) (bots.Screen, error) {
	id := commerce.BriefID(args[0])
	stands, err := s.Exchange.Standing(v.ctx, v.member.ID, id)
	if err != nil {
		return bots.Screen{}, err
	}
	if stands.Err() != nil {
		return s.sample(v, args) // it says why
	}
	form := bots.Form{Action: bots.Path("sample", "apply", args[0]), Title: v.Say("exchange.bidtitle"), Cancel: v.button("button.cancel", "sample", args[0]),
		Fields: []bots.Field{{Key: "words", Label: v.Say("exchange.bidlabel"), Hint: v.Say("exchange.bidhint"), Long: true, Max: maxBidWords}}}
	if !v.filled() {
		return v.ask(form, 0, ""), nil
	}
	words := v.value("words")
	if screen, wrong := v.wrongWords(form, words); wrong {
		return screen, nil
	}
	_, err = s.Exchange.Apply(v.ctx, v.member.ID, id, words)
	if errors.Is(err, exchange.ErrApplied) || err == nil {
		b, err := s.Exchange.Mine(v.ctx, v.member.ID, id)
		if err != nil {
			return bots.Screen{}, err
		}
		return s.showBid(v, b, v.Say("exchange.bidsent"))
	}
	if commerce.KindOf(err) == commerce.Conflict {
		return s.sample(v, args)
	}
	return bots.Screen{}, err
}

// wrongWords asks again for words that the house does not take.
func (v *visit) wrongWords(form bots.Form, words string) (bots.Screen, bool) {
	faults := creators.House{}.Check(creators.Draft{Words: words, Products: []commerce.ProductID{"-"}})
	if len(faults) == 0 {
		return bots.Screen{}, false
	}
	v.wrong = true
	screen := v.ask(form, 0, "")
	screen.Text = v.faults(faults)
	return screen, true
}

// bids lists what a creator has applied for: "bids [<cursor>]".
func (s *Shop) bids(v *visit, args []string) (bots.Screen, error) {
	cursor := strings.Join(args, "")
	page, err := s.Exchange.OfMember(v.ctx, v.member.ID, cursor, exchangePage)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "bids", Text: bots.Text{bold(v.Say("exchange.mine"))},
		Rows: rows(v.onward([]string{"bids"}, cursor, page.Next), row(v.button("button.exchange", "exchange"), v.button("button.creatordesk", "creator"), v.button("button.home", "start")))}
	if len(page.Items) == 0 {
		screen.Text = screen.Text.Line(regular(v.Say("exchange.nobids")))
		return screen, nil
	}
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	screen.Menu = &bots.Menu{Hint: v.Say("exchange.choose")}
	for _, b := range page.Items {
		title := "…"
		if p, ok := goods.Product(b.Product); ok {
			title = p.Title
		}
		about := v.bidState(b)
		screen.Text = screen.Text.Line(regular("• "+bots.Clip(title, 80)+" "), italic(about))
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(title, bots.MaxChoice), Description: bots.Clip(about, bots.MaxChoice), Action: bots.Path("bid", string(b.ID))})
	}
	return screen, nil
}

// bidState says how an application stands, with the day that counts.
func (v *visit) bidState(b exchange.Bid) string {
	switch {
	case b.State == exchange.Chosen:
		return v.Say("exchange.is.chosen", "Time", v.Moment(b.AnswerBy()))
	case b.State == exchange.Arrived && b.Late:
		return v.Say("exchange.is.late", "Time", v.Moment(b.ReviewBy))
	case b.State == exchange.Arrived:
		return v.Say("exchange.is.arrived", "Time", v.Moment(b.ReviewBy))
	}
	return v.Say("exchange.is." + string(b.State))
}

// myBid reads an application of the member's.
func (s *Shop) myBid(v *visit, id string) (exchange.Bid, error) {
	b, err := s.Exchange.Bid(v.ctx, commerce.BidID(id))
	if err == nil && (b.Member != v.member.ID || v.member.ID == "") {
		err = exchange.ErrNoBid
	}
	return b, err
}

// bid shows an application: "bid <bid>".
func (s *Shop) bid(v *visit, args []string) (bots.Screen, error) {
	b, err := s.myBid(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showBid(v, b, "")
}

func (s *Shop) showBid(v *visit, b exchange.Bid, notice string) (bots.Screen, error) {
	of, err := s.Exchange.Brief(v.ctx, b.Brief)
	if err != nil {
		return bots.Screen{}, err
	}
	text, err := s.briefText(v, of)
	if err != nil {
		return bots.Screen{}, err
	}
	id, product := string(b.ID), string(b.Product)
	text = text.Line().Line(bold(v.bidState(b)))
	screen := bots.Screen{Path: bots.Path("bid", id), Notice: notice}
	var do, more []bots.Button
	switch b.State {
	case exchange.Waits:
		text = text.Line(italic("“" + bots.Clip(b.Words, 200) + "”")).Line(regular(v.Say("exchange.waitsnext")))
		do = row(v.button("button.bidback", "bid", "back", id))
	case exchange.Chosen:
		return s.askWhere(v, screen, text, b)
	case exchange.Sent:
		do = row(v.button("button.order", "order", string(b.Order)))
	case exchange.Arrived:
		text = text.Line(regular(v.Say("exchange.arrivednext")))
		if of.Asks != exchange.AskPick {
			do = append(do, v.primary("button.bidreview", "rate", product))
		}
		if of.Asks != exchange.AskReview {
			do = append(do, v.button("button.newpost", "post", "new"))
		}
	}
	if text, more, err = s.ratingOf(v, b, text); err != nil {
		return bots.Screen{}, err
	}
	screen.Text = text
	screen.Rows = rows(do, more, row(v.button("button.mybids", "bids"), v.button("button.exchange", "exchange"), v.button("button.home", "start")))
	return screen, nil
}

// askWhere asks whoever was chosen where the sample goes.
func (s *Shop) askWhere(v *visit, screen bots.Screen, text bots.Text, b exchange.Bid) (bots.Screen, error) {
	id := string(b.ID)
	to, err := s.Members.Address(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	yes, other := v.primary("button.address", "bid", "address", id), bots.Button{}
	if to != nil {
		text = v.addressLines(text.Line(), *to)
		yes, other = v.primary("button.bidyes", "bid", "yes", id), v.button("button.otheraddress", "bid", "address", id)
	} else {
		text = text.Line(regular(v.Say("exchange.where")))
	}
	screen.Text = text
	screen.Rows = rows(row(yes, other), row(v.button("button.bidno", "bid", "no", id), v.button("button.mybids", "bids")))
	return screen, nil
}

// bidDo takes a step of an application, and shows how it stands then.
func (s *Shop) bidDo(v *visit, id, notice string, do func(b exchange.Bid) error) (bots.Screen, error) {
	b, err := s.myBid(v, id)
	if err != nil {
		return bots.Screen{}, err
	}
	err = do(b)
	switch {
	case err == nil:
		notice = v.Say(notice)
	case slices.Contains([]commerce.Kind{commerce.Conflict, commerce.Invalid}, commerce.KindOf(err)):
		notice = v.problem(err)
	default:
		return bots.Screen{}, err
	}
	if b, err = s.myBid(v, id); err != nil {
		return bots.Screen{}, err
	}
	return s.showBid(v, b, notice)
}

// bidYes has a promised sample sent: "bid yes <bid>".
func (s *Shop) bidYes(v *visit, args []string) (bots.Screen, error) {
	return s.bidDo(v, args[0], "exchange.onitsway", func(b exchange.Bid) error {
		_, err := s.Exchange.Accept(v.ctx, v.buyer(), b.ID)
		return err
	})
}

// bidNo declines it: "bid no <bid>".
func (s *Shop) bidNo(v *visit, args []string) (bots.Screen, error) {
	return s.bidDo(v, args[0], "exchange.declined", func(b exchange.Bid) error { return s.Exchange.Decline(v.ctx, v.member.ID, b.ID) })
}

// bidBack takes an application back: "bid back <bid>".
func (s *Shop) bidBack(v *visit, args []string) (bots.Screen, error) {
	return s.bidDo(v, args[0], "exchange.withdrawn", func(b exchange.Bid) error { return s.Exchange.Withdraw(v.ctx, v.member.ID, b.ID) })
}

// bidAddress asks for the address a sample goes to: "bid address <bid>".
func (s *Shop) bidAddress(v *visit, args []string) (bots.Screen, error) {
	b, err := s.myBid(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	action := bots.Path("bid", "address", args[0])
	if b.State != exchange.Chosen {
		return s.showBid(v, b, "")
	}
	if !v.filled() {
		return s.address(v, action)
	}
	again, ok, err := s.fillAddress(v, action)
	if err != nil || !ok {
		return again, err
	}
	return s.showBid(v, b, v.Say("address.kept"))
}
