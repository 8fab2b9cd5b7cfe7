package shop

import (
	"errors"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
)

// cards lists the cards that Stripe keeps for the member.
func (s *Shop) cards(v *visit, _ []string) (bots.Screen, error) { return s.showCards(v, "") }

func (s *Shop) showCards(v *visit, notice string) (bots.Screen, error) {
	w, err := s.Checkout.Wallet(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(v.Say("cards.title"))}
	var menu *bots.Menu
	for _, c := range w.Cards[:min(len(w.Cards), bots.MaxChoices)] {
		if menu == nil {
			menu = &bots.Menu{Hint: v.Say("cards.choose")}
		}
		line := "• " + cardName(c) + ", " + v.Say("cards.until", "Date", cardExpiry(c))
		if c.Preferred {
			line += " — " + v.Say("cards.first")
		}
		text = text.Line(regular(line))
		menu.Choices = append(menu.Choices, bots.Choice{Label: cardName(c), Description: v.Say("cards.until", "Date", cardExpiry(c)),
			Action: bots.Path("cards", "one", c.ID), Chosen: c.Preferred})
	}
	var keep bots.Button
	switch {
	case !w.Consent:
		text = text.Line(regular(v.Say("cards.off")))
		keep = v.primary("cards.turnon", "cards", "agree")
	case len(w.Cards) == 0:
		text = text.Line(regular(v.Say("cards.none")))
		keep = v.button("cards.turnoff", "cards", "withdraw")
	default:
		text = text.Line().Line(regular(v.Say("cards.how")))
		keep = v.button("cards.turnoff", "cards", "withdraw")
		keep.Style = bots.Danger
	}
	return bots.Screen{Path: "cards", Notice: notice, Text: text, Menu: menu,
		Rows: rows(row(keep), row(v.cartButton(), v.button("button.privacy", "privacy"), v.button("button.home", "start")))}, nil
}

// expiry is the month a card is good until, as it stands on the card.
func cardExpiry(c payments.Card) string {
	if len(c.Expires) != 7 {
		return c.Expires
	}
	return c.Expires[5:] + "/" + c.Expires[2:4]
}

// cardOne shows one card: "cards one <card>".
func (s *Shop) cardOne(v *visit, args []string) (bots.Screen, error) {
	w, err := s.Checkout.Wallet(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	c, ok := w.Get(args[0])
	if !ok {
		return s.showCards(v, v.Say("buy.cardgone"))
	}
	var first bots.Button
	if !c.Preferred {
		first = v.primary("cards.prefer", "cards", "first", c.ID)
	}
	remove := v.button("cards.remove", "cards", "remove", c.ID)
	remove.Style = bots.Danger
	return bots.Screen{
		Text: bots.Text{bold(cardName(c))}.Line(regular(v.Say("cards.until", "Date", cardExpiry(c)))),
		Rows: rows(row(first, remove), row(v.button("cards.back", "cards"))),
	}, nil
}

// cardFirst proposes a card first: "cards first <card>".
func (s *Shop) cardFirst(v *visit, args []string) (bots.Screen, error) {
	err := s.Checkout.PreferCard(v.ctx, v.member.ID, args[0])
	if errors.Is(err, orders.ErrNotFound) {
		return s.showCards(v, v.Say("buy.cardgone"))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showCards(v, v.Say("cards.preferred"))
}

// cardRemove forgets a card: "cards remove <card>".
func (s *Shop) cardRemove(v *visit, args []string) (bots.Screen, error) {
	if err := s.Checkout.RemoveCard(v.ctx, v.member.ID, args[0]); err != nil {
		return bots.Screen{}, err
	}
	return s.showCards(v, v.Say("cards.removed"))
}

// cardsAgree and cardsWithdraw turn the keeping of cards on and off.
func (s *Shop) cardsAgree(v *visit, _ []string) (bots.Screen, error) {
	if err := s.Checkout.KeepCards(v.ctx, v.member.ID, true); err != nil {
		return bots.Screen{}, err
	}
	return s.showCards(v, v.Say("cards.agreed"))
}

func (s *Shop) cardsWithdraw(v *visit, _ []string) (bots.Screen, error) {
	if err := s.Checkout.KeepCards(v.ctx, v.member.ID, false); err != nil {
		return bots.Screen{}, err
	}
	return s.showCards(v, v.Say("cards.withdrawn"))
}

// keepCard is the line of the checkout that asks for the consent: "keepcard
// on", "keepcard off".
func (s *Shop) keepCard(v *visit, args []string) (bots.Screen, error) {
	yes := args[0] == "on"
	if err := s.Checkout.KeepCards(v.ctx, v.member.ID, yes); err != nil {
		return bots.Screen{}, err
	}
	if yes {
		return s.review(v, v.Say("cards.agreed"))
	}
	return s.review(v, v.Say("cards.withdrawn"))
}

// consentLine asks, on the way to a payment, whether Stripe may keep the card.
// Who has one kept is not asked again: /cards is where that ends.
func (v *visit) consentLine(text bots.Text, w payments.Wallet, due commerce.Money) (bots.Text, bots.Button) {
	switch {
	case len(w.Cards) > 0 || due.IsZero():
		return text, bots.Button{}
	case w.Consent:
		return text.Line(regular(v.Say("cards.on"))), v.button("button.keepoff", "keepcard", "off")
	}
	return text.Line(regular(v.Say("cards.ask"))), v.button("button.keepon", "keepcard", "on")
}
