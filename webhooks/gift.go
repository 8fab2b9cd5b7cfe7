package webhooks

// The rules of a gift's link:
//   - GET /g/<code> shows a gift card and the ways into the chat; looking at it
//     takes nothing. In the chat a button takes it.
//   - Whoever has the code may see this. It holds neither who bought it nor who
//     has it.

import (
	"context"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/giftcards"
)

// Gifts is what the page of a gift card needs.
type Gifts struct {
	Look func(ctx context.Context, code commerce.Secret) (giftcards.Card, error)
	Open func(code commerce.Secret) string // a deep link into the chat of Telegram, "" for none
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
