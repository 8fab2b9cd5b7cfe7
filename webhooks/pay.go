package webhooks

// The rules of the pay link:
//   - GET /p/<token> leads to Stripe while the order can be paid, and says
//     kindly what became of it when it cannot. HEAD only looks: what fetches
//     previews of links must not begin a payment.
//   - /done is where Stripe sends a person who has paid. The page waits for the
//     confirmation; it never believes that it was opened.
//   - /back is where they land who did not pay.
//   - /qr shows the link as a code, for paying on another device. It only looks.
//   - Whoever has the token may see this, so there is neither name nor address.

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

// Pay is what the pages of the pay link need.
type Pay struct {
	Enter func(ctx context.Context, token string) (checkout.Entry, error) // leads to Stripe
	Look  func(ctx context.Context, token string) (orders.Order, error)   // only looks
	Shop  func() string                                                   // the shop's name
	Words func(locale string) Words
	Chat  func(o orders.Order) string // address of the chat the order came from, "" for none
	Link  func(o orders.Order) string // the pay link itself, for its QR code
}

// Words is how the pages speak to a person: texts by id, in their language.
type Words interface {
	Say(id string, args ...any) string
	Money(m commerce.Money) string
	Language() string
}

// What the pages show.
type page struct {
	Lang, Shop, Title, Text, Tracking string
	Good                              bool
	Order                             string
	QR                                *qrCode // nil for none
	Lines                             []pageLine
	TotalLabel, Total                 string
	Next, NextLabel                   string // the one thing most people want here
	Chat, ChatLabel                   string
	Form                              string // where a choice is sent, "" for none
	Choices                           []pageChoice
	From, How, CodeLabel, Code        string // of a gift
	Video, Poster, VideoLabel         string // of a pick
	Notes                             []string
	Refresh                           string // address, "" for none
	After                             int    // seconds
	Style                             template.CSS
}

type pageChoice struct{ Value, Label string }

type pageLine struct{ Label, Detail, Amount string }

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string

	pages = template.Must(template.New("page").Parse(pageHTML))
	// The style is the one thing inside the page that a browser may obey. Only a
	// page of the shop's own address may frame it, as the preview's does.
	pagePolicy = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; style-src 'sha256-" + digest(pageCSS) + "'"
	// A page with a video may show it and its poster, of the shop's own address.
	watchPolicy = pagePolicy + "; img-src 'self'; media-src 'self'"
)

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func (s *Server) pay(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	token, ok := tokenOf(c)
	if !ok {
		return s.problem(c, orders.ErrNotFound)
	}
	if c.Method() == fiber.MethodHead {
		o, err := s.Pay.Look(ctx, token)
		if err != nil {
			return s.problem(c, err)
		}
		return s.show(c, s.standing(o, token, 0))
	}
	entry, err := s.Pay.Enter(ctx, token)
	switch {
	case err != nil:
		return s.problem(c, err)
	case entry.Redirect != "":
		s.private(c)
		c.Set(fiber.HeaderLocation, entry.Redirect)
		return c.SendStatus(fiber.StatusSeeOther)
	}
	return s.show(c, s.standing(entry.Order, token, 0))
}

func (s *Server) paid(c *fiber.Ctx) error {
	o, token, err := s.look(c)
	if err != nil {
		return s.problem(c, err)
	}
	tries, _ := strconv.Atoi(c.Query("n"))
	if o.State != orders.Pending || o.Held() {
		return s.show(c, s.standing(o, token, tries))
	}
	w := s.Pay.Words(o.Locale)
	if tries >= patience {
		return s.show(c, s.page(w, o, "pay.slow"))
	}
	return s.show(c, waiting(s.page(w, o, "pay.waiting"), token, tries))
}

func (s *Server) back(c *fiber.Ctx) error {
	o, token, err := s.look(c)
	if err != nil {
		return s.problem(c, err)
	}
	return s.show(c, s.standing(o, token, 0))
}

// standing is how an order stands, and what can be done about it.
func (s *Server) standing(o orders.Order, token string, tries int) page {
	w := s.Pay.Words(o.Locale)
	switch o.State {
	case orders.Pending:
		if o.Held() {
			return s.page(w, o, "pay.held")
		}
		left := o.ExpiresAt.Sub(s.Clock.Now())
		if left <= 0 {
			return waiting(s.page(w, o, "pay.closing"), token, tries)
		}
		id := "pay.back"
		if checkout.IsGift(o) {
			id = "pay.gift"
		}
		p := s.page(w, o, id, "Left", left)
		p.Next, p.NextLabel = "/p/"+token, w.Say("pay.now", "Amount", o.Total)
		return p
	case orders.Closing:
		if tries >= patience {
			return s.page(w, o, "pay.slow")
		}
		return waiting(s.page(w, o, "pay.closing"), token, tries)
	case orders.Paid, orders.Shipped:
		p := s.page(w, o, "pay."+string(o.State))
		p.Good = true
		if checkout.IsGift(o) {
			p.Text = w.Say("pay.gift.paid")
		}
		if o.Tracking != "" {
			p.Tracking = w.Say("pay.tracking", "Tracking", o.Tracking)
		}
		return p
	}
	return s.page(w, o, "pay."+string(o.State)) // lapsed, cancelled, refunded
}

// How often a page asks again before it tells the person not to wait: the
// first times quickly, then every ten seconds, five minutes in all.
const (
	patience = 40
	quick    = 10
)

func waiting(p page, token string, tries int) page {
	p.After = 2
	if tries >= quick {
		p.After = 10
	}
	p.Refresh = "/p/" + token + "/done?n=" + strconv.Itoa(tries+1)
	return p
}

func (s *Server) page(w Words, o orders.Order, id string, args ...any) page {
	p := page{
		Lang: w.Language(), Shop: s.Pay.Shop(),
		Title: w.Say(id + ".title"), Text: w.Say(id+".text", args...),
		Order: w.Say("pay.order", "Number", o.Number), TotalLabel: w.Say("pay.total"), Total: w.Money(o.Total),
		Chat: s.Pay.Chat(o), ChatLabel: w.Say("pay.back"),
	}
	for _, l := range o.Lines {
		p.Lines = append(p.Lines, lineOf(w, l))
	}
	return p
}

// lineOf is a line of an order in a person's words: what pays with it has no
// name of its own.
func lineOf(w Words, l orders.Line) pageLine {
	line := pageLine{Label: l.Label, Detail: l.Detail, Amount: w.Money(l.Amount)}
	switch {
	case l.Kind == pricing.KindPoints:
		line.Label = w.Say("wallet.points", "N", l.Quantity)
	case l.Kind == pricing.KindCredit:
		line.Label = w.Say("wallet.credit")
	case l.Kind == pricing.KindGiftCard:
		line.Label = w.Say("wallet.giftcard", "Code", l.Label)
	case l.Kind == pricing.KindGift:
		line.Label = w.Say("gift.line")
	case l.Quantity > 1:
		line.Label = strconv.FormatInt(l.Quantity, 10) + " × " + l.Label
	}
	if l.Kind == pricing.KindShipping && l.Detail != "" {
		line.Detail = w.Say("shipping.days", "Days", l.Detail)
	}
	if l.Kind == pricing.KindShipping && l.Amount.IsZero() {
		line.Amount = w.Say("shipping.free")
	}
	if l.Amount.IsZero() && !l.Included.IsZero() { // a tax that the prices hold already
		line = pageLine{Detail: w.Say("checkout.included", "Tax", l.Label, "Amount", l.Included)}
	}
	return line
}

// problem is a failure as a person sees it. Its status and its line in the log
// are those of fail.
func (s *Server) problem(c *fiber.Ctx, err error) error {
	id := "pay.wrong"
	switch {
	case errors.Is(err, orders.ErrNotFound):
		id = "pay.unknown"
	case commerce.KindOf(err) == commerce.Unavailable || errors.Is(err, context.DeadlineExceeded):
		id = "pay.busy"
	}
	var args []any
	if pinned := (*commerce.Error)(nil); errors.Is(err, checkout.ErrPinned) && errors.As(err, &pinned) {
		id, args = "pay.pinned", []any{"Time", pinned.Args["Time"]}
	}
	status, again := statusOf(err)
	if status != fiber.StatusNotFound {
		s.Log.Warn("a pay page could not be shown", "request", string(c.Response().Header.Peek(fiber.HeaderXRequestID)), "status", status, "error", err)
	}
	w := s.Pay.Words(language(c))
	p := page{Lang: w.Language(), Shop: s.Pay.Shop(), Title: w.Say(id + ".title"), Text: w.Say(id+".text", args...)}
	if token, ok := tokenOf(c); ok && id != "pay.unknown" {
		p.Next, p.NextLabel = "/p/"+token, w.Say("pay.again")
	}
	c.Status(status)
	if again > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(again/time.Second)))
	}
	return s.show(c, p)
}

func (s *Server) show(c *fiber.Ctx, p page) error {
	p.Style = template.CSS(pageCSS)
	var b bytes.Buffer
	if err := pages.Execute(&b, p); err != nil {
		return err
	}
	s.private(c)
	c.Set(fiber.HeaderContentSecurityPolicy, pagePolicy)
	if p.Video != "" {
		c.Set(fiber.HeaderContentSecurityPolicy, watchPolicy)
	}
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	return c.Send(b.Bytes())
}

// private keeps a reply out of caches, search engines and referrers.
func (s *Server) private(c *fiber.Ctx) {
	guard(c)
	c.Set(fiber.HeaderCacheControl, "no-store")
}

func (s *Server) look(c *fiber.Ctx) (orders.Order, string, error) {
	token, ok := tokenOf(c)
	if !ok {
		return orders.Order{}, "", orders.ErrNotFound
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	o, err := s.Pay.Look(ctx, token)
	return o, token, err
}

// tokenOf reads the token of a pay link: letters and digits, as IDSource makes them.
func tokenOf(c *fiber.Ctx) (string, bool) {
	token := utils.CopyString(c.Params("token"))
	return token, len(token) >= 20 && len(token) <= 64 && strings.Trim(token, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// language is the first a browser asks for, for pages without an order.
func language(c *fiber.Ctx) string {
	first, _, _ := strings.Cut(c.Get(fiber.HeaderAcceptLanguage), ",")
	first, _, _ = strings.Cut(first, ";")
	return utils.CopyString(strings.TrimSpace(first))
}
