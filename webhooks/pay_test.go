package webhooks

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/giftcards"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

const token = "abcdefghijklmnopqrstuvwxyz"

// plainWords says an id and its arguments.
type plainWords string

func (w plainWords) Say(id string, args ...any) string {
	return strings.TrimSpace(id + " " + strings.TrimSuffix(fmt.Sprintln(args...), "\n"))
}
func (w plainWords) Money(m commerce.Money) string { return m.String() }
func (w plainWords) Language() string              { return string(w) }

// till is a door with one order and what was asked of it.
type till struct {
	gift    giftcards.Card
	amounts []commerce.Money
	bought  []commerce.Money // gift cards
	*door
	order   orders.Order
	url     string
	err     error
	entered int
}

func openTill(t *testing.T) *till {
	l := &till{order: orders.Order{
		ID: "o1", Number: 12345678, State: orders.Pending, Token: token, Locale: "de", Total: commerce.Money{Amount: 1250, Currency: "EUR"},
		Address:   orders.Address{Name: "canary_name", Street: "canary_street", City: "canary_city", Postcode: "10115", Country: "DE"},
		ExpiresAt: now.Add(12 * time.Minute),
		Lines: []orders.Line{
			{Kind: pricing.KindItem, Label: `<script>alert("1")</script>`, Detail: "Blue", Quantity: 2, Amount: commerce.Money{Amount: 1000, Currency: "EUR"}},
			{Kind: pricing.KindShipping, Label: "Post", Amount: commerce.Money{Amount: 250, Currency: "EUR"}},
			{Kind: pricing.KindTax, Label: "VAT", Amount: commerce.Money{Currency: "EUR"}, Included: commerce.Money{Amount: 199, Currency: "EUR"}},
		},
	}}
	look := func(ctx context.Context, given string) (orders.Order, error) {
		if given != token {
			return orders.Order{}, orders.ErrNotFound
		}
		return l.order, l.err
	}
	l.door = open(t, func(c *Config) {
		c.Pay = &Pay{
			Look: look,
			Enter: func(ctx context.Context, given string) (checkout.Entry, error) {
				l.entered++
				o, err := look(ctx, given)
				return checkout.Entry{Order: o, Redirect: l.url}, err
			},
			Shop:  func() string { return "Souk & Co" },
			Words: func(locale string) Words { return plainWords(locale) },
			Chat:  func(orders.Order) string { return "https://t.me/souk" },
			Link:  func(o orders.Order) string { return "https://shop.example/p/" + o.Token },
		}
		c.Gifts = &Gifts{
			Look: func(_ context.Context, code commerce.Secret) (giftcards.Card, error) {
				if code != giftCode {
					return giftcards.Card{}, giftcards.ErrNone
				}
				return l.gift, l.err
			},
			Amounts: func() []commerce.Money { return l.amounts },
			Shelf: func(_ context.Context, code string) (checkout.Buyer, error) {
				if code != shelfCode {
					return checkout.Buyer{}, giftcards.ErrNone
				}
				return checkout.Buyer{Member: "canary_member", Locale: "de"}, l.err
			},
			Buy: func(_ context.Context, code string, amount commerce.Money) (orders.Order, error) {
				if code != shelfCode {
					return orders.Order{}, giftcards.ErrNone
				}
				if !slices.Contains(l.amounts, amount) {
					return orders.Order{}, checkout.ErrGiftAmount
				}
				l.bought = append(l.bought, amount)
				return l.order, l.err
			},
			Open: func(code commerce.Secret) string { return "https://t.me/souk?start=g_" + code.Reveal() },
		}
	})
	return l
}

func (l *till) get(t *testing.T, method, path string) (int, string, http.Header) {
	t.Helper()
	status, body, resp := l.send(t, method, post{path: path, head: http.Header{"Accept-Language": {"fr-CH,fr;q=0.9"}}})
	return status, body, resp.Header
}

func TestPayLinkLeadsToStripe(t *testing.T) {
	l := openTill(t)
	l.url = "https://checkout.stripe.com/c/pay/cs_1#x"
	status, _, head := l.get(t, "GET", "/p/"+token)
	if status != 303 || head.Get("Location") != l.url || head.Get("Cache-Control") != "no-store" || head.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d %v", status, head)
	}
	status, body, head := l.get(t, "HEAD", "/p/"+token)
	if status != 200 || body != "" || head.Get("Location") != "" || l.entered != 1 {
		t.Errorf("HEAD: %d, %q, entered %d times", status, body, l.entered)
	}
	if status, _, _ := l.get(t, "POST", "/p/"+token); status != 405 || l.entered != 1 {
		t.Errorf("POST: %d", status)
	}
}

func TestPayPages(t *testing.T) {
	for _, c := range []struct {
		path   string
		change func(*orders.Order)
		want   string
		wait   bool
	}{
		{"/back", func(o *orders.Order) {}, "pay.back.text Left 12m0s", false},
		{"", func(o *orders.Order) { o.State = orders.Lapsed }, "pay.lapsed.text", false},
		{"", func(o *orders.Order) { o.ExpiresAt = now }, "pay.closing.text", true},
		{"", func(o *orders.Order) { o.State = orders.Closing }, "pay.closing.text", true},
		{"", func(o *orders.Order) { o.State = orders.Paid }, "pay.paid.text", false},
		{"", func(o *orders.Order) { o.State, o.Tracking = orders.Shipped, "1Z" }, "pay.tracking Tracking 1Z", false},
		{"", func(o *orders.Order) { o.State = orders.Cancelled }, "pay.cancelled.text", false},
		{"", func(o *orders.Order) { o.State = orders.Refunded }, "pay.refunded.text", false},
		{"/done", func(o *orders.Order) {}, "pay.waiting.text", true},
		{"/done?n=39", func(o *orders.Order) {}, "pay.waiting.text", true},
		{"/done?n=40", func(o *orders.Order) {}, "pay.slow.text", false},
		{"/done?n=x", func(o *orders.Order) {}, "pay.waiting.text", true},
		{"/done?n=50", func(o *orders.Order) { o.State = orders.Closing }, "pay.slow.text", false},
		{"/done", func(o *orders.Order) { o.State = orders.Paid }, "pay.paid.text", false},
		{"/back", func(o *orders.Order) { o.State = orders.Paid }, "pay.paid.text", false},
	} {
		l := openTill(t)
		c.change(&l.order)
		status, body, head := l.get(t, "GET", "/p/"+token+c.path)
		if status != 200 || !strings.Contains(body, c.want) || strings.Contains(body, `http-equiv="refresh"`) != c.wait {
			t.Errorf("%s in %s: %d\n%s", c.path, l.order.State, status, body)
		}
		for _, part := range []string{`lang="de"`, "12.50 EUR", "2 × &lt;script&gt;", `href="https://t.me/souk"`, "checkout.included Tax VAT Amount 1.99 EUR", "Souk &amp; Co", `width=device-width`} {
			if !strings.Contains(body, part) {
				t.Errorf("%s in %s lacks %s", c.path, l.order.State, part)
			}
		}
		if strings.Contains(body, "<script") || strings.Contains(body, "canary") || strings.Contains(body, "ZgotmplZ") {
			t.Errorf("%s in %s shows what it must not:\n%s", c.path, l.order.State, body)
		}
		if head.Get("X-Content-Type-Options") != "nosniff" || head.Get("X-Robots-Tag") != "noindex" || head.Get("Cache-Control") != "no-store" ||
			head.Get("Referrer-Policy") != "no-referrer" || head.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%v", head)
		}
		// The style's hash in the policy is that of the style as it is sent.
		style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(body)
		sum := sha256.Sum256([]byte(style[1]))
		if !strings.Contains(head.Get("Content-Security-Policy"), "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			t.Error("a browser will refuse the style")
		}
	}
}

// What pays with the order has no name of its own, and a parcel may be free.
func TestPayPageNamesEachLine(t *testing.T) {
	l := openTill(t)
	eur := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }
	l.order.Lines = []orders.Line{
		{Kind: pricing.KindShipping, Label: "Post", Detail: "2–3", Amount: eur(0)},
		{Kind: pricing.KindPoints, Quantity: 500, Amount: eur(-500)},
		{Kind: pricing.KindGiftCard, Label: "abcd", Amount: eur(-100)},
		{Kind: pricing.KindCredit, Amount: eur(-50)},
		{Kind: pricing.KindGift, Label: "Gift card", Quantity: 1, Amount: eur(1000)},
	}
	_, body, _ := l.get(t, "GET", "/p/"+token+"/back")
	for _, line := range []string{
		"<dt>Post<small>shipping.days Days 2–3</small></dt><dd>shipping.free</dd>", "<dt>wallet.points N 500</dt><dd>-5.00 EUR</dd>",
		"<dt>wallet.giftcard Code abcd</dt><dd>-1.00 EUR</dd>", "<dt>wallet.credit</dt><dd>-0.50 EUR</dd>", "<dt>gift.line</dt><dd>10.00 EUR</dd>",
	} {
		if !strings.Contains(body, line) {
			t.Errorf("the page lacks %s:\n%s", line, body)
		}
	}
}

func TestWaitingGoesOn(t *testing.T) {
	l := openTill(t)
	_, body, _ := l.get(t, "GET", "/p/"+token+"/done?n=3")
	if !strings.Contains(body, `content="2;url=/p/`+token+`/done?n=4"`) {
		t.Error(body)
	}
	_, body, _ = l.get(t, "GET", "/p/"+token+"/done?n=12")
	if !strings.Contains(body, `content="10;url=/p/`+token+`/done?n=13"`) {
		t.Error(body)
	}
}

func TestPayProblems(t *testing.T) {
	for _, c := range []struct {
		path   string
		err    error
		status int
		want   string
	}{
		{"/p/" + token, &commerce.Error{Kind: commerce.Unavailable, Message: "payment.unavailable"}, 503, "pay.busy.text"},
		{"/p/" + token, fmt.Errorf("x: %w", context.DeadlineExceeded), 503, "pay.busy.text"},
		{"/p/" + token, errors.New("canary_detail"), 500, "pay.wrong.text"},
		{"/p/" + token + "/done", errors.New("canary_detail"), 500, "pay.wrong.text"},
		{"/p/zzzzzzzzzzzzzzzzzzzzzzzzzz", nil, 404, "pay.unknown.text"},
		{"/p/short", nil, 404, "pay.unknown.text"},
		{"/p/..%2f..%2fetc%2fpasswd", nil, 404, "pay.unknown.text"},
		{"/p/zzzzzzzzzzzzzzzzzzzzzzzzzz/back", nil, 404, "pay.unknown.text"},
	} {
		l := openTill(t)
		l.err = c.err
		status, body, head := l.get(t, "GET", c.path)
		if status != c.status || !strings.Contains(body, c.want) || !strings.Contains(body, `lang="fr-CH"`) || strings.Contains(body, "canary") {
			t.Errorf("%s, %v: %d\n%s", c.path, c.err, status, body)
		}
		if (head.Get("Retry-After") != "") != (status >= 500) {
			t.Errorf("%s, %v: Retry-After %q", c.path, c.err, head.Get("Retry-After"))
		}
		if strings.Contains(l.logs.String(), token) {
			t.Error("the log holds the token of a pay link")
		}
	}
}

func TestPictures(t *testing.T) {
	d := open(t, func(c *Config) {
		c.Pictures = &Pictures{
			Picture: func(ctx context.Context, hash string) ([]byte, string, error) {
				if hash != "abc" {
					return nil, "", &commerce.Error{Kind: commerce.NotFound, Message: "picture.none"}
				}
				return []byte("JPG"), "image/jpeg", nil
			},
			Tile: func(ctx context.Context, p commerce.ProductID) ([]byte, string, error) {
				return []byte("PNG " + p), "image/png", nil
			},
			Drop: func(ctx context.Context, d commerce.DropID) ([]byte, string, error) {
				return []byte("DROP " + d), "image/png", nil
			},
		}
	})
	status, body, resp := d.send(t, "GET", post{path: "/m/abc"})
	if status != 200 || body != "JPG" || resp.Header.Get("Content-Type") != "image/jpeg" || !strings.Contains(resp.Header.Get("Cache-Control"), "immutable") ||
		!strings.Contains(resp.Header.Get("Content-Security-Policy"), "sandbox") || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d %q %v", status, body, resp.Header)
	}
	if status, body, _ := d.send(t, "GET", post{path: "/m/t/p1"}); status != 200 || body != "PNG p1" {
		t.Errorf("%d %q", status, body)
	}
	if status, body, _ := d.send(t, "GET", post{path: "/m/d/d1"}); status != 200 || body != "DROP d1" {
		t.Errorf("%d %q", status, body)
	}
	if status, body, _ := d.send(t, "HEAD", post{path: "/m/abc"}); status != 200 || body != "" {
		t.Errorf("HEAD: %d %q", status, body)
	}
	if status, _, resp := d.send(t, "GET", post{path: "/m/other"}); status != 404 || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d", status)
	}
}

// No secret, body or signature is in any reply or line of the log, whatever
// is sent and whatever goes wrong.
func TestCanaries(t *testing.T) {
	l := openTill(t)
	var replies strings.Builder
	keep := func(status int, body string, resp *http.Response) {
		fmt.Fprintln(&replies, status, body, resp.Header)
	}
	tg, dc := l.telegramPost(`{"text":"canary_body"}`), l.discordPost(`{"token":"canary_interaction"}`, now)
	st := l.stripePost(strings.Replace(event("evt_1"), "cs_1", "canary_session", 1), now)
	wrong := []post{
		with(tg, "X-Telegram-Bot-Api-Secret-Token", "canary_guess"), with(tg, "Content-Encoding", "canary_encoding"),
		with(tg, "Content-Type", "canary/type"), at(tg, "/telegram/canary_bot"), l.telegramPost(`{"panic":true}`), l.telegramPost(""),
		with(dc, "X-Signature-Ed25519", "canary_signature"), with(dc, "X-Signature-Timestamp", "canary_time"), post{dc.path, `{"canary_other":1}`, dc.head},
		with(st, "Stripe-Signature", "t=1,v1=canary"), with(st, "Stripe-Signature", stripeSignature("canary_body", now, webhookSecret)),
		l.stripePost(`{"canary_event":1}`, now), {path: "/canary_path"}, {path: "/p/canary_token"},
		{path: "/metrics", head: http.Header{"Authorization": {"Bearer canary_metrics"}}},
	}
	for _, err := range []error{nil, errors.New("the database is away"), &commerce.Error{Kind: commerce.Unavailable, Message: "x"}} {
		l.fail, l.err = err, err
		for _, p := range append(wrong, tg, dc, st) {
			keep(l.send(t, "POST", p))
			keep(l.send(t, "GET", p))
		}
		keep(l.send(t, "GET", post{path: "/p/" + token}))
	}
	// What is no HTTP at all is refused by fasthttp, whose error repeats it.
	for _, raw := range []string{
		"POST /telegram/main HTTP/1.1\r\nX-Telegram-Bot-Api-Secret-Token: " + secret + "\r\nContent-Length: canary\r\n\r\n",
		"POST /telegram/main HTTP/1.1\r\nX-Telegram-Bot-Api-Secret-Token: " + secret + "\r\nX: " + strings.Repeat("canary", 4000) + "\r\n\r\n",
		"canary\r\n\r\n",
	} {
		fmt.Fprintln(&replies, overWire(t, l.door, raw))
	}
	// The counters too.
	req := httptest.NewRequest("GET", "/metrics", nil)
	req.RemoteAddr = "127.0.0.1:1"
	w := httptest.NewRecorder()
	l.Handler().ServeHTTP(w, req)
	replies.WriteString(w.Body.String())

	for where, text := range map[string]string{"a reply": replies.String(), "the log": l.logs.String()} {
		for _, canary := range []string{"canary", secret, webhookSecret, token, stripeSignature(st.body, now, webhookSecret)[15:], dc.head.Get("X-Signature-Ed25519")} {
			// The pay page of a known token names itself in its links.
			if where == "a reply" && canary == token {
				continue
			}
			if at := strings.Index(text, canary); at >= 0 {
				t.Errorf("%q is in %s: …%s…", canary, where, text[max(0, at-200):min(len(text), at+100)])
			}
		}
	}
	if len(replies.String()) < 1000 || l.logs.Len() < 1000 {
		t.Errorf("nothing was looked at: %d, %d", replies.Len(), l.logs.Len())
	}
}
