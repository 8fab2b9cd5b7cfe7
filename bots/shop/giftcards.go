package shop

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/giftcards"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
)

// shelfTime is how long the link to our page of gift cards is good.
const shelfTime = time.Hour

// giftcard shows the gift cards that can be bought. Where the platform lets no
// digital goods be sold in a chat it leads to our page.
func (s *Shop) giftcard(v *visit, _ []string) (bots.Screen, error) {
	text := bots.Text{bold(v.Say("gift.title"))}
	wallet := row(v.button("button.redeem", "redeem"), v.button("button.wallet", "wallet"), v.button("button.home", "start"))
	amounts := s.Checkout.Amounts()
	switch {
	case len(amounts) == 0:
		return bots.Screen{Path: "giftcard", Text: text.Line(regular(v.Say("gift.none"))), Rows: rows(wallet)}, nil
	case v.set.NoDigital[v.ev.Bot]:
		buyer, err := json.Marshal(v.buyer())
		if err != nil {
			return bots.Screen{}, err
		}
		code, err := s.Live.Keep(v.ctx, "gifts", string(buyer), shelfTime)
		if err != nil {
			return bots.Screen{}, err
		}
		page := bots.Button{Label: v.Say("button.giftpage"), Style: bots.Primary, Link: s.Checkout.URL() + "/gifts/" + code}
		return bots.Screen{Path: "giftcard", Text: text.Line(regular(v.Say("gift.elsewhere", "Time", shelfTime))), Rows: rows(row(page), wallet)}, nil
	}
	var buttons []bots.Button
	var lines [][]bots.Button
	for _, m := range amounts {
		b := v.button("button.giftbuy", "giftcard", strconv.FormatInt(m.Amount, 10))
		b.Label = v.Money(m)
		if buttons = append(buttons, b); len(buttons) == bots.MaxRowButtons {
			lines, buttons = append(lines, buttons), nil
		}
	}
	lines = append(rows(append(lines, buttons)...), wallet)
	return bots.Screen{Path: "giftcard", Text: text.Line(regular(v.Say("gift.what"))), Rows: lines}, nil
}

// giftBuy orders a gift card: "giftcard <minor>", of those that are sold.
func (s *Shop) giftBuy(v *visit, args []string) (bots.Screen, error) {
	if v.set.NoDigital[v.ev.Bot] {
		return s.giftcard(v, nil)
	}
	var amount commerce.Money
	for _, m := range s.Checkout.Amounts() {
		if strconv.FormatInt(m.Amount, 10) == args[0] {
			amount = m
		}
	}
	o, err := s.Checkout.PlaceGift(v.ctx, v.buyer(), amount)
	switch {
	case errors.Is(err, checkout.ErrGiftAmount):
		screen, err2 := s.giftcard(v, nil)
		screen.Notice = v.problem(err)
		return screen, err2
	case err != nil:
		return s.notPlaced(v, err)
	}
	s.told.Drop(v.member.ID)
	return s.showOrder(v, o, ""), nil
}

// GiftShelf is who asked for our page of gift cards, by the code of its link;
// giftcards.ErrNone where the link is too old.
func (s *Shop) GiftShelf(ctx context.Context, code string) (b checkout.Buyer, err error) {
	value, ok, err := s.Live.Look(ctx, "gifts", code)
	if err == nil && !ok {
		err = giftcards.ErrNone
	}
	if err == nil {
		err = json.Unmarshal([]byte(value), &b)
	}
	if err != nil {
		return b, err
	}
	m, err := s.Members.Fresh(ctx, b.Member) // they may have become another since, or be forgotten
	if errors.Is(err, members.ErrUnknown) {
		err = giftcards.ErrNone
	}
	b.Member = m.ID
	return b, err
}

// GiftOrder orders a gift card for who asked for our page. It returns what
// GiftShelf and checkout.PlaceGift return.
func (s *Shop) GiftOrder(ctx context.Context, code string, amount commerce.Money) (orders.Order, error) {
	b, err := s.GiftShelf(ctx, code)
	if err != nil {
		return orders.Order{}, err
	}
	o, err := s.Checkout.PlaceGift(ctx, b, amount)
	if err == nil {
		s.told.Drop(b.Member)
	}
	return o, err
}

// giftOpen shows a gift card to who has bought it: "gift <order>".
func (s *Shop) giftOpen(v *visit, args []string) (bots.Screen, error) {
	card, err := s.Checkout.GiftOf(v.ctx, v.member.ID, commerce.OrderID(args[0]))
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showGift(v, card, ""), nil
}

func (s *Shop) showGift(v *visit, c giftcards.Card, notice string) bots.Screen {
	id := string(c.Order)
	text := bots.Text{bold(v.Say("gift.card", "Amount", c.Amount))}
	var send, keep bots.Button
	switch {
	case c.State == giftcards.Redeemed && c.Owner == v.member.ID:
		text = text.Line(regular(v.Say("gift.yours")))
	case c.State == giftcards.Redeemed:
		text = text.Line(regular(v.Say("gift.taken")))
	case c.State == giftcards.Void:
		text = text.Line(regular(v.Say("gift.void")))
	case c.LastFour != "":
		text = text.Line(regular(v.Say("gift.sent", "Code", c.LastFour)))
		send, keep = v.button("button.giftagain", "gift", "send", id), v.button("button.giftkeep", "gift", "keep", id)
	default:
		text = text.Line(regular(v.Say("gift.ready")))
		send, keep = v.primary("button.giftsend", "gift", "send", id), v.button("button.giftkeep", "gift", "keep", id)
	}
	return bots.Screen{Path: bots.Path("gift", id), Notice: notice, Text: text,
		Rows: rows(row(send, keep), row(v.button("button.order", "order", id), v.button("button.wallet", "wallet"), v.button("button.home", "start")))}
}

// giftSend asks who gives the card and what they say, and shows the code and
// the link to pass on. They are shown this once: we keep a hash of the code.
func (s *Shop) giftSend(v *visit, args []string) (bots.Screen, error) {
	order := commerce.OrderID(args[0])
	card, err := s.Checkout.GiftOf(v.ctx, v.member.ID, order)
	if err != nil {
		return bots.Screen{}, err
	}
	if card.State != giftcards.Issued {
		return s.showGift(v, card, ""), nil
	}
	action := bots.Path("gift", "send", string(order))
	if !v.filled() {
		return bots.Screen{Path: action, Form: &bots.Form{
			Action: action, Title: v.Say("gift.formtitle"), Cancel: v.button("button.cancel", "gift", string(order)),
			Fields: []bots.Field{
				{Key: "giver", Label: v.Say("gift.giver"), Value: bots.Clip(v.member.Name, 60), Max: 60},
				{Key: "words", Label: v.Say("gift.words"), Hint: v.Say("gift.wordshint"), Max: 300},
			},
		}}, nil
	}
	secret, err := s.Checkout.WrapGift(v.ctx, v.member.ID, order, strings.TrimSpace(v.value("giver")), strings.TrimSpace(v.value("words")))
	if errors.Is(err, giftcards.ErrTaken) {
		return s.giftOpen(v, args)
	}
	if err != nil {
		return bots.Screen{}, err
	}
	link := s.Checkout.GiftLink(secret)
	text := bots.Text{bold(v.Say("gift.wrapped"))}.Line(regular(v.Say("gift.passon"))).Line().
		Line(bots.Span{Text: link, Link: link}).Line().Line(regular(v.Say("gift.code")+" "), code(giftcards.Written(secret)))
	return bots.Screen{Path: bots.Path("gift", string(order)), Text: text,
		Rows: rows(row(v.button("button.giftopen", "gift", string(order)), v.button("button.home", "start")))}, nil
}

// giftKeep puts a bought card into the buyer's own wallet.
func (s *Shop) giftKeep(v *visit, args []string) (bots.Screen, error) {
	card, err := s.Checkout.KeepGift(v.ctx, v.member.ID, commerce.OrderID(args[0]))
	if errors.Is(err, giftcards.ErrTaken) {
		return s.giftOpen(v, args)
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showWallet(v, v.Say("redeem.done", "Amount", card.Left))
}

// giftLook shows a gift card to whom the link or code was sent. Only the button
// takes it: a link may have been opened by anybody, on behalf of anybody.
func (s *Shop) giftLook(v *visit, args []string) (bots.Screen, error) {
	secret, ok := giftcards.Typed(args[0])
	card, err := giftcards.Card{}, error(giftcards.ErrNone)
	if ok {
		if wait, err := s.tries(v); err != nil || wait != "" {
			return bots.Screen{Path: "wallet", Text: bots.T(wait), Rows: rows(row(v.button("button.wallet", "wallet")))}, err
		}
		card, err = s.Checkout.GiftByCode(v.ctx, secret)
	}
	switch {
	case errors.Is(err, giftcards.ErrNone):
		return s.showWallet(v, v.problem(err))
	case err != nil:
		return bots.Screen{}, err
	case card.State != giftcards.Issued && card.Owner != v.member.ID:
		return s.showWallet(v, v.problem(giftcards.ErrTaken))
	case card.State != giftcards.Issued:
		return s.showWallet(v, "")
	}
	text := bots.Text{bold(v.Say("gift.foryou", "Amount", card.Amount))}
	if card.Words != "" {
		text = text.Line(italic(bots.Clip(card.Words, 300)))
	}
	if card.Giver != "" {
		text = text.Line(regular("— " + bots.Clip(card.Giver, 60)))
	}
	return bots.Screen{Path: bots.Path("g", args[0]), Text: text.Line().Line(regular(v.Say("gift.how"))),
		Rows: rows(row(v.primary("button.gifttake", "g", "take", args[0])), row(v.button("button.home", "start")))}, nil
}

// giftTake puts it into the wallet: "g take <code>".
func (s *Shop) giftTake(v *visit, args []string) (bots.Screen, error) {
	secret, ok := giftcards.Typed(args[0])
	if !ok {
		return s.showWallet(v, v.problem(giftcards.ErrNone))
	}
	if wait, err := s.tries(v); err != nil || wait != "" {
		return bots.Screen{Path: "wallet", Text: bots.T(wait), Rows: rows(row(v.button("button.wallet", "wallet")))}, err
	}
	card, err := s.Checkout.Redeem(v.ctx, v.member.ID, secret)
	if kind := commerce.KindOf(err); kind == commerce.NotFound || kind == commerce.Conflict {
		return s.showWallet(v, v.problem(err))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showWallet(v, v.Say("redeem.done", "Amount", card.Left))
}

// tries takes one try from what somebody may guess at codes, and says how long
// to wait where they have none left.
func (s *Shop) tries(v *visit) (wait string, err error) {
	left, err := s.Live.Spend(v.ctx, live.Budget{Name: "redeem:" + string(v.ev.From.Platform) + ":" + v.ev.From.ID, Every: redeemEvery, Burst: redeemBurst}, v.request)
	if err != nil || left == 0 {
		return "", err
	}
	return v.Say("redeem.wait", "Time", left), nil
}
