package webhooks

// The rules of the page of a pick:
//   - GET /k/<pick> shows what it is and the ways into the chat, and itself as a QR
//     code, to be printed or shown. It counts nothing and sets no cookie.
//   - GET /l/<collection> is the same for what a creator groups.
//   - What is not shown in the chat any more is not shown here.
//   - It says what its post says of who earns from it and what was got for free.

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/soukchat/souk/commerce"
)

// Picks is what the page of a pick needs.
type Picks struct {
	Look func(ctx context.Context, id commerce.PickID) (Pick, error) // or an error of kind NotFound
	Link func(id commerce.PickID) string                             // the address of the page itself
	// Collection and CollectionLink are the same of what a creator groups.
	Collection     func(ctx context.Context, id string) (Pick, error)
	CollectionLink func(id string) string
}

// Pick is what the page of one shows.
type Pick struct {
	Title, By string
	Sample    bool // its creator got some of it for free to review
	Earns     bool // its creator does, from what is bought
	Words     string
	Product   string // its name, to be searched for where no link leads into the chat
	Typed     string // what is typed instead of searching for it, "" for that
	Video     string // where it is served, "" for none
	Poster    string // the picture that is shown before it plays, "" for none
	Open      string // a deep link into the chat of Telegram, "" for none
}

func (s *Server) pick(c *fiber.Ctx) error {
	return s.sheet(c, utils.CopyString(c.Params("pick")), func(ctx context.Context, id string) (Pick, error) { return s.Picks.Look(ctx, commerce.PickID(id)) },
		func(id string) string { return s.Picks.Link(commerce.PickID(id)) })
}

func (s *Server) collection(c *fiber.Ctx) error {
	return s.sheet(c, utils.CopyString(c.Params("collection")), s.Picks.Collection, s.Picks.CollectionLink)
}

// sheet is a page that leads into the chat, with itself as a QR code.
func (s *Server) sheet(c *fiber.Ctx, id string, look func(context.Context, string) (Pick, error), link func(string) string) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	w := s.Pay.Words(language(c))
	found, err := Pick{}, error(&commerce.Error{Kind: commerce.NotFound})
	if commerce.IsPublicID(id) {
		found, err = look(ctx, id)
	}
	if commerce.KindOf(err) == commerce.NotFound && err != nil {
		c.Status(fiber.StatusNotFound)
		return s.show(c, page{Lang: w.Language(), Shop: s.Pay.Shop(), Title: w.Say("pick.pagegone.title"), Text: w.Say("pick.pagegone.text")})
	}
	code, draws := draw(link(id))
	if err := errors.Join(err, draws); err != nil {
		return s.problem(c, err)
	}
	code.Label = w.Say("pick.page.code")
	if found.Typed == "" {
		found.Typed = "/search " + found.Product
	}
	var notes []string
	if found.Sample {
		notes = append(notes, w.Say("pick.sample", "Name", found.By))
	}
	if found.Earns {
		notes = append(notes, w.Say("pick.earns", "Name", found.By))
	}
	return s.show(c, page{Lang: w.Language(), Shop: s.Pay.Shop(), Title: found.Title, Notes: notes, From: w.Say("pick.by", "Name", found.By), Text: found.Words, QR: &code, Video: found.Video, Poster: found.Poster, VideoLabel: w.Say("button.watch"),
		Next: found.Open, NextLabel: w.Say("pick.page.telegram"), CodeLabel: w.Say("pick.page.discord"), Code: found.Typed})
}
