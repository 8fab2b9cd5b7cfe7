package webhooks

// GET /i/<member> is how a member invites others: who invites, and the way into
// the chat, also as a QR code. It counts nothing and sets no cookie.

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/soukchat/souk/commerce"
)

// Invites is what the page of an invitation needs.
type Invites struct {
	// Look returns who invites, and a deep link into the chat of Telegram, "" for
	// none; or an error of kind NotFound.
	Look func(ctx context.Context, m commerce.MemberID) (name, open string, err error)
	Link func(m commerce.MemberID) string // the address of the page itself
}

func (s *Server) invite(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	id := commerce.MemberID(utils.CopyString(c.Params("member")))
	w := s.Pay.Words(language(c))
	name, open, err := "", "", error(&commerce.Error{Kind: commerce.NotFound})
	if commerce.IsPublicID(string(id)) {
		name, open, err = s.Invites.Look(ctx, id)
	}
	if commerce.KindOf(err) == commerce.NotFound && err != nil || err == nil && name == "" {
		c.Status(fiber.StatusNotFound)
		return s.show(c, page{Lang: w.Language(), Shop: s.Pay.Shop(), Title: w.Say("pick.pagegone.title"), Text: w.Say("pick.pagegone.text")})
	}
	code, draws := draw(s.Invites.Link(id))
	if err := errors.Join(err, draws); err != nil {
		return s.problem(c, err)
	}
	code.Label = w.Say("invite.page.code")
	return s.show(c, page{Lang: w.Language(), Shop: s.Pay.Shop(), Title: w.Say("invite.page.title", "Name", name), Text: w.Say("invite.page.text"), QR: &code,
		Next: open, NextLabel: w.Say("pick.page.telegram")})
}
