package webhooks

import (
	"context"
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce"
)

// TestInvitePage shows who invites and the way into the chat, escaped, and nobody
// who is not there.
func TestInvitePage(t *testing.T) {
	d := open(t, func(c *Config) {
		c.Pay = &Pay{Shop: func() string { return "Souk & Co" }, Words: func(locale string) Words { return plainWords(locale) }}
		c.Payouts = func() string { return "https://t.me/souk?start=payouts" }
		c.Invites = &Invites{
			Look: func(_ context.Context, m commerce.MemberID) (string, string, error) {
				switch m {
				case "annannanna":
					return "<b>Ann</b>", "https://t.me/souk?start=i_annannanna", nil
				case "erasederas":
					return "", "https://t.me/souk?start=i_erasederas", nil
				}
				return "", "", &commerce.Error{Kind: commerce.NotFound, Message: "member.none"}
			},
			Link: func(m commerce.MemberID) string { return "https://shop.example/i/" + string(m) },
		}
	})
	status, body, resp := d.send(t, "GET", post{path: "/i/annannanna"})
	if status != 200 || resp.Header.Get("Cache-Control") != "no-store" || strings.Contains(body, "<b>Ann") || !strings.Contains(body, `href="https://t.me/souk?start=i_annannanna"`) || !strings.Contains(body, "<svg") {
		t.Errorf("%d %v\n%s", status, resp.Header, body)
	}
	for _, path := range []string{"/i/zzzzzzzzzz", "/i/erasederas", "/i/ANN", "/i/..%2f..%2fetc"} {
		if status, body, _ := d.send(t, "GET", post{path: path}); status != 404 || strings.Contains(body, "<svg") {
			t.Errorf("%s: %d\n%s", path, status, body)
		}
	}
	if status, body, _ := d.send(t, "GET", post{path: "/connected"}); status != 200 || !strings.Contains(body, `href="https://t.me/souk?start=payouts"`) {
		t.Errorf("/connected: %d\n%s", status, body)
	}
}
