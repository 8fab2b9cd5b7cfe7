package webhooks

import "github.com/gofiber/fiber/v2"

// connected is where Stripe's page leads back to, once a creator has set up their
// account or let its page grow old: it says to go on in the chat, and knows nobody.
func (s *Server) connected(c *fiber.Ctx) error {
	w := s.Pay.Words(language(c))
	return s.show(c, page{Lang: w.Language(), Shop: s.Pay.Shop(), Title: w.Say("creatorpay.page.title"), Text: w.Say("creatorpay.page.text"),
		Next: s.Payouts(), NextLabel: w.Say("pick.page.telegram")})
}
