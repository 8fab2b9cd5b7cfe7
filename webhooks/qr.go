package webhooks

import (
	"fmt"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/skip2/go-qrcode"

	"github.com/soukchat/souk/commerce/orders"
)

// QR code of a pay link, as the page draws it: dark squares on a white card,
// since cameras want it so in dark mode too.
type qrCode struct {
	Side  int    // of the square, in modules, with the quiet zone around
	Path  string // of the dark modules, an SVG path
	Label string // for those who cannot see it
}

// How often the page of the code looks whether the order has been paid on the
// other device.
const codeGlance = 20 * time.Second

// qr is the page for paying on another device: whoever ordered at a desk points
// their phone at it. It only looks; the payment begins when the link is opened.
func (s *Server) qr(c *fiber.Ctx) error {
	o, token, err := s.look(c)
	if err != nil {
		return s.problem(c, err)
	}
	left := o.ExpiresAt.Sub(s.Clock.Now())
	if o.State != orders.Pending || left <= 0 {
		return s.show(c, s.standing(o, token, 0))
	}
	w := s.Pay.Words(o.Locale)
	p := s.page(w, o, "pay.device", "Left", left, "Amount", o.Total)
	code, err := draw(s.Pay.Link(o))
	if err != nil {
		return s.problem(c, err)
	}
	code.Label = w.Say("pay.code")
	p.QR = &code
	p.Next, p.NextLabel = "/p/"+token, w.Say("pay.payhere")
	p.Refresh, p.After = "/p/"+token+"/qr", int(codeGlance/time.Second)
	return s.show(c, p)
}

// draw makes the code of an address. A run of dark modules in a row is one
// rectangle of the path.
func draw(address string) (qrCode, error) {
	q, err := qrcode.New(address, qrcode.Medium)
	if err != nil {
		return qrCode{}, fmt.Errorf("webhooks: the code of a pay link: %w", err)
	}
	modules := q.Bitmap() // with a quiet zone of four modules, as the standard wants
	var path strings.Builder
	for y, row := range modules {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if n := x - from; n > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, n, n)
			}
		}
	}
	return qrCode{Side: len(modules), Path: path.String()}, nil
}
