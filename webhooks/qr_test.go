package webhooks

import (
	picture "image"
	"image/color"
	paint "image/draw"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/soukchat/souk/commerce/orders"
)

func TestQRPage(t *testing.T) {
	l := openTill(t)
	status, body, head := l.get(t, "GET", "/p/"+token+"/qr")
	if status != 200 || head.Get("Content-Type") != "text/html; charset=utf-8" || head.Get("Cache-Control") != "no-store" || head.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d %v", status, head)
	}
	policy := head.Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "img-src") {
		t.Errorf("policy %q", policy)
	}
	for _, part := range []string{"pay.device.text Left 12m0s Amount 12.50 EUR", `class="next" href="/p/` + token + `">pay.payhere`, `aria-label="pay.code"`,
		`content="20;url=/p/` + token + `/qr"`} {
		if !strings.Contains(body, part) {
			t.Errorf("the page lacks %s:\n%s", part, body)
		}
	}
	for _, part := range []string{"<script", " style=", "canary", "ZgotmplZ", "<img", `class="wait"`} {
		if strings.Contains(body, part) {
			t.Errorf("the page has %s:\n%s", part, body)
		}
	}
	if got, want := readCode(t, body), "https://shop.example/p/"+token; got != want {
		t.Errorf("the code leads to %q, not to %q", got, want)
	}
	if l.entered != 0 {
		t.Error("looking at the code began a payment")
	}
}

// An order that cannot be paid has no code, and says how it stands.
func TestQRPageOfAnOrderThatIsOver(t *testing.T) {
	for want, change := range map[string]func(*orders.Order){
		"pay.paid.text":      func(o *orders.Order) { o.State = orders.Paid },
		"pay.lapsed.text":    func(o *orders.Order) { o.State = orders.Lapsed },
		"pay.cancelled.text": func(o *orders.Order) { o.State = orders.Cancelled },
		"pay.closing.text":   func(o *orders.Order) { o.ExpiresAt = now },
	} {
		l := openTill(t)
		change(&l.order)
		status, body, _ := l.get(t, "GET", "/p/"+token+"/qr")
		if status != 200 || !strings.Contains(body, want) || strings.Contains(body, "<svg") {
			t.Errorf("%s: %d\n%s", want, status, body)
		}
	}
	l := openTill(t)
	if status, body, _ := l.get(t, "GET", "/p/zzzzzzzzzzzzzzzzzzzzzzzzzz/qr"); status != 404 || strings.Contains(body, "<svg") {
		t.Errorf("%d\n%s", status, body)
	}
}

// readCode paints the page's SVG as a browser does and reads it as a phone does.
func readCode(t *testing.T, body string) string {
	t.Helper()
	svg := regexp.MustCompile(`<svg[^>]* viewBox="0 0 (\d+) (\d+)"[^>]*><path [^>]*d="([^"]+)"`).FindStringSubmatch(body)
	if svg == nil || svg[1] != svg[2] {
		t.Fatalf("no code:\n%s", body)
	}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	const scale, quiet = 6, 4
	side := number(svg[1])
	canvas := picture.NewGray(picture.Rect(0, 0, side*scale, side*scale))
	paint.Draw(canvas, canvas.Bounds(), picture.White, picture.Point{}, paint.Src)
	step := regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
	if rest := step.ReplaceAllString(svg[3], ""); rest != "" {
		t.Fatalf("a path that this test cannot paint: %q", rest)
	}
	for _, m := range step.FindAllStringSubmatch(svg[3], -1) {
		x, y, n := number(m[1]), number(m[2]), number(m[3])
		if x < quiet || y < quiet || x+n > side-quiet || y+1 > side-quiet || m[3] != m[4] {
			t.Errorf("%s is in the quiet zone, or open", m[0])
		}
		paint.Draw(canvas, picture.Rect(x*scale, y*scale, (x+n)*scale, (y+1)*scale), picture.NewUniform(color.Black), picture.Point{}, paint.Src)
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(canvas)
	if err != nil {
		t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(bits, nil)
	if err != nil {
		t.Fatal(err)
	}
	return read.GetText()
}
