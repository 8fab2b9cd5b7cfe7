package webhooks

import (
	"context"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/soukchat/souk/commerce"
)

// Pictures is where pictures come from. All return the bytes and their
// Content-Type, or an error of kind NotFound.
type Pictures struct {
	Picture func(ctx context.Context, hash string) (data []byte, kind string, err error)
	Tile    func(ctx context.Context, product commerce.ProductID) (data []byte, kind string, err error)
	Drop    func(ctx context.Context, drop commerce.DropID) (data []byte, kind string, err error)
	Week    func(ctx context.Context, digest string) (data []byte, kind string, err error)
}

// picture serves a stored picture. Its name is its hash, so it never changes.
func (s *Server) picture(c *fiber.Ctx) error {
	data, kind, err := s.Pictures.Picture(context.Background(), utils.CopyString(c.Params("hash")))
	return image(c, data, kind, err, "public, max-age=31536000, immutable")
}

// tile serves the plain tile that stands for a product without a picture. It
// holds the product's title, which may change: kept for a day.
func (s *Server) tile(c *fiber.Ctx) error {
	data, kind, err := s.Pictures.Tile(context.Background(), commerce.ProductID(utils.CopyString(c.Params("product"))))
	return image(c, data, kind, err, "public, max-age=86400")
}

// recap serves the picture of how a drop went, once it is over.
func (s *Server) recap(c *fiber.Ctx) error {
	data, kind, err := s.Pictures.Drop(context.Background(), commerce.DropID(utils.CopyString(c.Params("drop"))))
	return image(c, data, kind, err, "public, max-age=86400")
}

// week serves the chart of a creator's week, to whoever has its secret name.
func (s *Server) week(c *fiber.Ctx) error {
	data, kind, err := s.Pictures.Week(context.Background(), utils.CopyString(c.Params("digest")))
	return image(c, data, kind, err, "private, max-age=86400")
}

func image(c *fiber.Ctx, data []byte, kind string, err error, caching string) error {
	if err != nil {
		if commerce.KindOf(err) == commerce.NotFound {
			return refuse(fiber.StatusNotFound, "")
		}
		return err
	}
	// A picture from a feed is somebody else's: shown, never run.
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; sandbox")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set(fiber.HeaderCacheControl, caching)
	c.Set(fiber.HeaderContentType, kind)
	c.Response().SetBodyRaw(data)
	return nil
}
