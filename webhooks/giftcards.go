package webhooks

// The rules of the pages of gift cards:
//   - GET /gifts/<code> shows what can be bought, to who was given the link in a
//     chat where digital goods may not be sold. /gifts/<code>/buy orders one and
//     leads to the page of that order; it takes no money.
//   - GET /g/<code> shows a gift card and the ways into the chat; looking at it
//     takes nothing. In the chat a button takes it.
//   - Whoever has the code may see this. It holds neither who bought it nor who
//     has it.

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/giftcards"
	"github.com/soukchat/souk/commerce/orders"
)

// Gifts is what the page of a gift card needs.
type Gifts struct {
	Look    func(ctx context.Context, code commerce.Secret) (giftcards.Card, error)
	Open    func(code commerce.Secret) string // a deep link into the chat of Telegram, "" for none
	Amounts func() []commerce.Money           // what can be bought
	Shelf   func(ctx context.Context, code string) (checkout.Buyer, error)
	Buy     func(ctx context.Context, code string, amount commerce.Money) (orders.Order, error)
}

// shelf shows the gift cards that can be bought.
func (s *Server) shelf(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	code := utils.CopyString(c.Params("code"))
	buyer, err := s.Gifts.Shelf(ctx, code)
	if err != nil {
		return s.noShelf(c, err)
	}
	w := s.Pay.Words(buyer.Locale)
	p := page{Lang: w.Language(), Shop: s.Pay.Shop(), Title: w.Say("gift.shelf.title"), Text: w.Say("gift.shelf.text"), Form: "/gifts/" + code + "/buy"}
	for _, m := range s.Gifts.Amounts() {
		p.Choices = append(p.Choices, pageChoice{Value: strconv.FormatInt(m.Amount, 10), Label: w.Money(m)})
	}
	if len(p.Choices) == 0 {
		p.Text = w.Say("gift.shelf.none")
	}
	return s.show(c, p)
}

// buyGift orders one of them.
func (s *Server) buyGift(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	code, chosen := utils.CopyString(c.Params("code")), utils.CopyString(c.FormValue("amount"))
	var amount commerce.Money
	for _, m := range s.Gifts.Amounts() {
		if strconv.FormatInt(m.Amount, 10) == chosen {
			amount = m
		}
	}
	o, err := s.Gifts.Buy(ctx, code, amount)
	if errors.Is(err, checkout.ErrGiftAmount) { // not sold any more: choose again
		s.private(c)
		return c.Redirect("/gifts/"+url.PathEscape(code), fiber.StatusSeeOther)
	}
	if err != nil {
		return s.noShelf(c, err)
	}
	s.private(c)
	return c.Redirect("/p/"+o.Token+"/back", fiber.StatusSeeOther)
}

func (s *Server) noShelf(c *fiber.Ctx, err error) error {
	if !errors.Is(err, giftcards.ErrNone) {
		return s.problem(c, err)
	}
	w := s.Pay.Words(language(c))
	c.Status(fiber.StatusNotFound)
	return s.show(c, page{Lang: w.Language(), Shop: s.Pay.Shop(), Title: w.Say("gift.shelfgone.title"), Text: w.Say("gift.shelfgone.text")})
}

func (s *Server) gift(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	code, ok := giftcards.Typed(utils.CopyString(c.Params("code")))
	card, err := giftcards.Card{}, error(giftcards.ErrNone)
	if ok {
		card, err = s.Gifts.Look(ctx, code)
	}
	w := s.Pay.Words(language(c))
	p := page{Lang: w.Language(), Shop: s.Pay.Shop()}
	switch {
	case errors.Is(err, giftcards.ErrNone) || err == nil && card.State != giftcards.Issued:
		p.Title, p.Text = w.Say("gift.pagegone.title"), w.Say("gift.pagegone.text")
		c.Status(fiber.StatusNotFound)
		return s.show(c, p)
	case err != nil:
		return s.problem(c, err)
	}
	p.Title, p.Good = w.Say("gift.page.title", "Amount", card.Amount), true
	p.Text = card.Words
	if card.Giver != "" {
		p.From = w.Say("gift.page.from", "Name", card.Giver)
	}
	p.How = w.Say("gift.page.text")
	p.Next, p.NextLabel = s.Gifts.Open(code), w.Say("gift.page.telegram")
	p.CodeLabel, p.Code = w.Say("gift.page.discord"), giftcards.Written(code)
	if strings.TrimSpace(p.Text) == "" {
		p.Text, p.How = p.How, ""
	}
	return s.show(c, p)
}
