package staff

// This file is how a brand offers samples, chooses creators, and rates them. The
// rules are in commerce/exchange; a review is shown whatever it says, and nothing
// here can hold it back.

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/exchange"
)

// Exchange is where samples are offered.
type Exchange interface {
	Begin(ctx context.Context, actor string, b exchange.Brief) (exchange.Brief, error)
	Change(ctx context.Context, of []commerce.BrandID, b exchange.Brief) error
	Discard(ctx context.Context, of []commerce.BrandID, id commerce.BriefID) error
	Open(ctx context.Context, of []commerce.BrandID, id commerce.BriefID) error
	Close(ctx context.Context, of []commerce.BrandID, id commerce.BriefID) error
	Faults(b exchange.Brief) []creators.Fault
	Brief(ctx context.Context, id commerce.BriefID) (exchange.Brief, error)
	OfBrands(ctx context.Context, of []commerce.BrandID, cursor string, n int) (commerce.Page[exchange.Brief], error)
	Bids(ctx context.Context, of commerce.BriefID, state exchange.BidState, cursor string, n int) (commerce.Page[exchange.Bid], error)
	Given(ctx context.Context, of commerce.BriefID, n int) ([]exchange.Bid, error)
	Bid(ctx context.Context, id commerce.BidID) (exchange.Bid, error)
	Choose(ctx context.Context, of []commerce.BrandID, id commerce.BidID) error
	Creator(ctx context.Context, id commerce.CreatorID, m commerce.MemberID) (exchange.Profile, error)
	Brand(ctx context.Context, id commerce.BrandID) (exchange.Profile, error)
	Ratings(ctx context.Context, id commerce.BidID, side exchange.Side) (own, other *exchange.Rating, err error)
	RateCreator(ctx context.Context, actor string, of []commerce.BrandID, r exchange.Rating) error
	Rules() exchange.House
}

// Ware is a variant that can be offered.
type Ware struct {
	Variant commerce.VariantID
	Product commerce.ProductID
	Brand   commerce.BrandID
	Label   string
}

const (
	briefsPage    = 8
	bidsPage      = 8
	mostGiven     = 12
	maxBriefWords = 600 // characters
	maxBidRating  = 300
)

// exchange lists what the brand has offered: "staff exchange [<cursor>]".
func (s *Staff) exchange(v *visit, cursor, notice string) (bots.Screen, error) {
	page, err := s.Exchange.OfBrands(v.ctx, v.role.brands(), cursor, briefsPage)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{Path: "staff exchange", Notice: notice, Text: bots.Text{{Text: v.Say("staff.exchange"), Look: bots.Bold}}.Line(bots.Span{Text: v.Say("staff.exchangewhat")})}
	for _, b := range v.role.brands() {
		of, err := s.Exchange.Brand(v.ctx, b)
		if err != nil {
			return bots.Screen{}, err
		}
		if of.N > 0 {
			screen.Text = screen.Text.Line(bots.Span{Text: v.Count("exchange.brandrated", of.N, "Stars", v.mean(of.Mean())), Look: bots.Italic})
		}
	}
	begin := v.button("staff.button.brief", "brief", "new")
	begin.Style = bots.Primary
	row := []bots.Button{begin}
	if cursor != "" {
		row = append(row, v.button("button.newest", "exchange"))
	}
	if page.Next != "" {
		row = append(row, v.button("button.older", "exchange", page.Next))
	}
	screen.Rows = [][]bots.Button{append(row, v.button("staff.button.open"))}
	if len(page.Items) == 0 {
		screen.Text = screen.Text.Line().Line(bots.Span{Text: v.Say("staff.nobriefs")})
		return screen, nil
	}
	screen.Text = screen.Text.Line()
	screen.Menu = &bots.Menu{Hint: v.Say("staff.choosebrief")}
	for _, b := range page.Items {
		title, about := bots.Clip(s.product(v, b.Product), 80), v.briefStands(b)
		screen.Text = screen.Text.Line(bots.Span{Text: "• " + title + " "}, bots.Span{Text: about, Look: bots.Italic})
		screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(title, bots.MaxChoice), Description: bots.Clip(v.Date(b.MadeAt)+" · "+about, bots.MaxChoice), Action: bots.Path("staff", "brief", string(b.ID))})
	}
	return screen, nil
}

// briefStands says in a few words how an offer stands.
func (v *visit) briefStands(b exchange.Brief) string {
	if b.State == exchange.Draft {
		return v.Say("staff.brief.draft")
	}
	said := v.Say("staff.brief."+string(b.State)) + " · " + v.Say("staff.brief.taken", "Taken", b.Taken, "Units", b.Units)
	if b.Waits > 0 {
		said += " · " + v.Count("staff.brief.waits", b.Waits)
	}
	return said
}

// brief answers what is about one offer: "staff brief new", "staff brief of
// <variant>", "staff brief <brief> [change|asks <what>|open|close [yes]|discard|bids [<cursor>]|given]".
func (s *Staff) brief(v *visit, id, what, extra string) (bots.Screen, error) {
	switch id {
	case "new":
		return s.newBrief(v)
	case "of":
		return s.briefOf(v, commerce.VariantID(what))
	}
	b, err := s.Exchange.Brief(v.ctx, commerce.BriefID(id))
	if err == nil && !v.role.speaksFor(b.Brand) {
		err = exchange.ErrNoBrief
	}
	if errors.Is(err, exchange.ErrNoBrief) {
		return s.exchange(v, "", "")
	}
	if err != nil {
		return bots.Screen{}, err
	}
	notice := ""
	switch what {
	case "bids":
		return s.bids(v, b, extra)
	case "change":
		if b.State == exchange.Draft {
			return s.briefForm(v, b, bots.Path("staff", "brief", id, "change"), func(b exchange.Brief) (exchange.Brief, error) {
				return b, s.Exchange.Change(v.ctx, v.role.brands(), b)
			})
		}
	case "asks":
		b.Asks = map[string]exchange.Asks{"review": exchange.AskReview, "pick": exchange.AskPick}[extra]
		if b.Asks == "" {
			b.Asks = exchange.AskAny
		}
		err = s.Exchange.Change(v.ctx, v.role.brands(), b)
	case "open":
		if faults := s.Exchange.Faults(b); b.State == exchange.Draft && len(faults) > 0 { // the house asks for more since
			return s.briefForm(v, b, bots.Path("staff", "brief", id, "change"), nil)
		}
		notice, err = v.Say("staff.brief.opened"), s.Exchange.Open(v.ctx, v.role.brands(), b.ID)
	case "discard":
		if err := s.Exchange.Discard(v.ctx, v.role.brands(), b.ID); err != nil {
			return bots.Screen{}, err
		}
		return s.exchange(v, "", v.Say("staff.brief.discarded"))
	case "close":
		if extra != "yes" && b.State == exchange.Open {
			return bots.Screen{Path: bots.Path("staff", "brief", id), Text: bots.T(v.Say("staff.brief.closeask")),
				Rows: [][]bots.Button{{danger(v.button("staff.button.briefcloseyes", "brief", id, "close", "yes")), v.button("staff.button.briefback", "brief", id)}}}, nil
		}
		notice, err = v.Say("staff.brief.closednow"), s.Exchange.Close(v.ctx, v.role.brands(), b.ID)
	}
	var e *commerce.Error
	if errors.As(err, &e) && e.Kind == commerce.Conflict {
		notice, err = v.refused(e), nil
	}
	if err == nil {
		b, err = s.Exchange.Brief(v.ctx, b.ID)
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showBrief(v, b, notice)
}

// refused says why something was not done.
func (v *visit) refused(e *commerce.Error) string {
	args := []any{}
	for name, value := range e.Args {
		args = append(args, name, value)
	}
	if e.Message == "stock.soldout" {
		return v.Say("staff.brief.soldout", args...)
	}
	return v.Say(e.Message, args...)
}

// newBrief searches for what is offered.
func (s *Staff) newBrief(v *visit) (bots.Screen, error) {
	form := bots.Form{Action: "staff brief new", Title: bots.Clip(v.Say("staff.button.brief"), bots.MaxFormTitle), Cancel: v.button("staff.button.exchange", "exchange"),
		Fields: []bots.Field{{Key: "query", Label: bots.Clip(v.Say("staff.brief.search"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("staff.brief.searchhint"), bots.MaxFieldHint), Max: 100}}}
	if v.ev.Kind != bots.Fill {
		return bots.Screen{Path: form.Action, Form: &form}, nil
	}
	list, err := s.Wares(v.ctx, v.role.brands(), v.ev.Values["query"], bots.MaxChoices)
	if err != nil {
		return bots.Screen{}, err
	}
	if len(list) == 0 {
		return bots.Screen{Path: form.Action, Text: bots.T(v.Say("staff.brief.notfound")), Form: &form}, nil
	}
	menu := &bots.Menu{Hint: v.Say("staff.brief.pick")}
	for _, w := range list {
		menu.Choices = append(menu.Choices, bots.Choice{Label: bots.Clip(w.Label, bots.MaxChoice), Action: bots.Path("staff", "brief", "of", string(w.Variant))})
	}
	return bots.Screen{Path: "staff exchange", Text: bots.T(v.Say("staff.brief.which")), Menu: menu,
		Rows: [][]bots.Button{{v.button("staff.button.searchagain", "brief", "new"), v.button("staff.button.exchange", "exchange")}}}, nil
}

// briefOf asks what is offered of a variant, and begins the offer.
func (s *Staff) briefOf(v *visit, id commerce.VariantID) (bots.Screen, error) {
	list, err := s.Wares(v.ctx, v.role.brands(), string(id), 1)
	if err != nil {
		return bots.Screen{}, err
	}
	if len(list) != 1 || list[0].Variant != id {
		return s.exchange(v, "", v.Say("staff.brief.notfound"))
	}
	w := list[0]
	b := exchange.Brief{Brand: w.Brand, Product: w.Product, Variant: w.Variant, Units: 1, Days: 14, Lasts: 14, Followers: s.Exchange.Rules().Followers}
	return s.briefForm(v, b, bots.Path("staff", "brief", "of", string(id)), func(b exchange.Brief) (exchange.Brief, error) {
		return s.Exchange.Begin(v.ctx, v.actor, b)
	})
}

// briefForm asks what an offer says, until the house takes it.
func (s *Staff) briefForm(v *visit, b exchange.Brief, action bots.Action, save func(exchange.Brief) (exchange.Brief, error)) (bots.Screen, error) {
	field := func(key, value string, max int) bots.Field {
		return bots.Field{Key: key, Label: bots.Clip(v.Say("staff.brief."+key+".label"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("staff.brief."+key+".hint"), bots.MaxFieldHint), Value: value, Max: max}
	}
	faults := []creators.Fault(nil)
	filled := v.ev.Kind == bots.Fill && save != nil
	if filled {
		number := func(key string) int64 {
			n, _ := strconv.ParseInt(strings.TrimSpace(v.ev.Values[key]), 10, 32)
			return n
		}
		b.Words, b.Units, b.Days, b.Lasts, b.Followers = strings.TrimSpace(v.ev.Values["words"]), number("units"), number("days"), number("lasts"), number("followers")
		faults = s.Exchange.Faults(b)
	} else if save == nil {
		faults = s.Exchange.Faults(b)
	}
	if filled && len(faults) == 0 {
		b, err := save(b)
		if err != nil {
			return bots.Screen{}, err
		}
		return s.showBrief(v, b, "")
	}
	words := field("words", bots.Clip(b.Words, maxBriefWords), maxBriefWords)
	words.Long = true
	form := bots.Form{Action: action, Title: bots.Clip(v.Say("staff.button.brief"), bots.MaxFormTitle), Cancel: v.button("staff.button.exchange", "exchange"),
		Fields: []bots.Field{words, field("units", strconv.FormatInt(b.Units, 10), 4), field("days", strconv.FormatInt(b.Days, 10), 3),
			field("followers", strconv.FormatInt(b.Followers, 10), 8), field("lasts", strconv.FormatInt(b.Lasts, 10), 3)}}
	screen := bots.Screen{Path: action, Text: bots.T(s.product(v, b.Product)), Form: &form}
	for i, f := range faults {
		word := f.Word
		if f.What == exchange.NoNumber || f.What == exchange.TooMany {
			word = v.Say("staff.brief." + f.Word + ".label")
		}
		if i == 0 {
			screen.Text = bots.Text{{Text: v.Say("house.title"), Look: bots.Bold}}
			form.Step = map[string]int{"units": 1, "days": 2, "lasts": 4}[f.Word] // of the words, which come first, else
			if f.What == exchange.FewFollowers {
				form.Step = 3
			}
		}
		screen.Text = screen.Text.Line(bots.Span{Text: "• " + v.Say("house."+f.What, "N", f.N, "Word", bots.Clip(strings.TrimSpace(word), 60))})
	}
	return screen, nil
}

// showBrief is one offer, and what can be done with it.
func (s *Staff) showBrief(v *visit, b exchange.Brief, notice string) (bots.Screen, error) {
	id := string(b.ID)
	text := bots.Text{{Text: s.product(v, b.Product), Look: bots.Bold}}
	if s.Variant != nil {
		text = bots.Text{{Text: bots.Clip(s.Variant(v.ctx, b.Variant), 120), Look: bots.Bold}}
	}
	text = text.Line(bots.Span{Text: v.briefStands(b), Look: bots.Italic}).Line().Line(bots.Span{Text: bots.Clip(b.Words, maxBriefWords)}).Line()
	text = text.Line(bots.Span{Text: v.Say("exchange.wants."+string(b.Asks)) + " " + v.Count("exchange.days", b.Days) + " " + v.Say("exchange.honest")})
	text = text.Line(bots.Span{Text: v.Count("staff.brief.followers", b.Followers)})
	screen := bots.Screen{Path: bots.Path("staff", "brief", id), Notice: notice}
	back := v.button("staff.button.exchange", "exchange")
	switch b.State {
	case exchange.Draft:
		text = text.Line(bots.Span{Text: v.Count("staff.brief.units", b.Units) + " " + v.Count("staff.brief.lasts", b.Lasts)}).Line().Line(bots.Span{Text: v.Say("staff.brief.drafted"), Look: bots.Italic})
		open := v.button("staff.button.briefopen", "brief", id, "open")
		open.Style = bots.Primary
		var asks []bots.Button
		for _, a := range []exchange.Asks{exchange.AskAny, exchange.AskReview, exchange.AskPick} {
			if a != b.Asks {
				asks = append(asks, v.button("staff.button.asks."+string(a), "brief", id, "asks", string(a)))
			}
		}
		screen.Rows = [][]bots.Button{{open}, asks, {v.button("staff.button.briefchange", "brief", id, "change"), danger(v.button("staff.button.briefdiscard", "brief", id, "discard")), back}}
	default:
		if b.State == exchange.Open {
			text = text.Line(bots.Span{Text: v.Say("exchange.until", "Date", b.ClosesAt)})
		}
		given, err := s.Exchange.Given(v.ctx, b.ID, mostGiven)
		if err != nil {
			return bots.Screen{}, err
		}
		if len(given) > 0 {
			screen.Menu = &bots.Menu{Hint: v.Say("staff.brief.givenhint")}
			text = text.Line()
		}
		for _, one := range given {
			about := v.Say("staff.bid." + string(one.State))
			if one.Late && one.State == exchange.Arrived {
				about = v.Say("staff.bid.late")
			}
			text = text.Line(bots.Span{Text: "• " + bots.Clip(s.creatorName(v, one), 60) + " "}, bots.Span{Text: about, Look: bots.Italic})
			screen.Menu.Choices = append(screen.Menu.Choices, bots.Choice{Label: bots.Clip(s.creatorName(v, one), bots.MaxChoice), Description: bots.Clip(about, bots.MaxChoice), Action: bots.Path("staff", "bid", string(one.ID))})
		}
		var row []bots.Button
		if b.State == exchange.Open {
			bids := v.button("staff.button.bids", "brief", id, "bids")
			if b.Waits > 0 {
				bids.Style = bots.Primary
			}
			row = append(row, bids, danger(v.button("staff.button.briefclose", "brief", id, "close")))
		}
		screen.Rows = [][]bots.Button{append(row, back)}
	}
	screen.Text = text
	return screen, nil
}

// Goods returns variants that match, of one product each until all are named.
func Goods(list []*catalog.Product, label func(*catalog.Product, *catalog.Variant) string, n int) (out []Ware) {
	for _, p := range list {
		for i := range p.Variants {
			one := &p.Variants[i]
			if len(out) < n && !one.Hidden && one.Shipped && !p.Digital && !p.Hidden {
				out = append(out, Ware{one.ID, p.ID, p.Brand, label(p, one)})
			}
		}
	}
	return out
}
