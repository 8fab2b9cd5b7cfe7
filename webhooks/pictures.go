package webhooks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/soukchat/souk/commerce"
)

// Pictures is where pictures come from. All return the bytes and their
// Content-Type, or an error of kind NotFound.
type Pictures struct {
	Picture func(ctx context.Context, hash string) (data []byte, kind string, err error)
	// Video opens a video; whoever calls it closes it.
	Video func(hash string) (*os.File, error)
	Tile  func(ctx context.Context, product commerce.ProductID) (data []byte, kind string, err error)
	Drop  func(ctx context.Context, drop commerce.DropID) (data []byte, kind string, err error)
	Week  func(ctx context.Context, digest string) (data []byte, kind string, err error)
}

// picture serves a stored picture. Its name is its hash, so it never changes.
func (s *Server) picture(c *fiber.Ctx) error {
	data, kind, err := s.Pictures.Picture(context.Background(), utils.CopyString(c.Params("hash")))
	return image(c, data, kind, err, "public, max-age=31536000, immutable")
}

// maxPart is how much of a video is sent at a time to a player, which asks for
// the next part itself.
const maxPart = 2 << 20

// video serves a video, whole or the part that is asked for. Its name is its
// hash, so it never changes.
func (s *Server) video(c *fiber.Ctx) error {
	f, err := s.Pictures.Video(utils.CopyString(c.Params("hash")))
	if err != nil {
		return image(c, nil, "", err, "")
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	size, from, to := info.Size(), int64(0), info.Size()-1
	if c.Get(fiber.HeaderRange) != "" {
		asked, err := c.Range(int(size))
		if err != nil || len(asked.Ranges) == 0 || asked.Type != "bytes" {
			c.Set(fiber.HeaderContentRange, "bytes */"+strconv.FormatInt(size, 10))
			return errors.Join(refuse(fiber.StatusRequestedRangeNotSatisfiable, ""), f.Close())
		}
		from = int64(asked.Ranges[0].Start)
		to = min(int64(asked.Ranges[0].End), size-1, from+maxPart-1)
		c.Status(fiber.StatusPartialContent)
		c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes %d-%d/%d", from, to, size))
	}
	if err := image(c, nil, "video/mp4", nil, "public, max-age=31536000, immutable"); err != nil {
		return errors.Join(err, f.Close())
	}
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	n := to - from + 1
	c.Response().SetBodyStream(part{io.NewSectionReader(f, from, n), f}, int(n))
	return nil
}

// part is a part of a file, which is closed once it is sent.
type part struct {
	io.Reader
	io.Closer
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
