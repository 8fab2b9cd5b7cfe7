package webhooks

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce"
)

// TestPickPage shows a pick with the ways into the chat, escaped, and nothing of
// one that is gone.
func TestPickPage(t *testing.T) {
	var fault error
	d := open(t, func(c *Config) {
		c.Pay = &Pay{Shop: func() string { return "Souk & Co" }, Words: func(locale string) Words { return plainWords(locale) }}
		c.Picks = &Picks{
			Look: func(_ context.Context, id commerce.PickID) (Pick, error) {
				if id != "abcdefghij" {
					return Pick{}, &commerce.Error{Kind: commerce.NotFound, Message: "pick.gone"}
				}
				return Pick{Title: "<b>Mug</b>", By: "Ann & Co", Words: "Every morning.", Product: "Morning mug", Open: "https://t.me/souk?start=s_abcdefghij_annannanna"}, fault
			},
			Link: func(id commerce.PickID) string { return "https://shop.example/k/" + string(id) },
			Collection: func(_ context.Context, id string) (Pick, error) {
				if id != "cdefghijkl" {
					return Pick{}, &commerce.Error{Kind: commerce.NotFound, Message: "collection.none"}
				}
				return Pick{Title: "<i>Sunday</i>", By: "Ann", Words: "• Mug", Typed: "/creators", Open: "https://t.me/souk?start=look_cdefghijkl"}, nil
			},
			CollectionLink: func(id string) string { return "https://shop.example/l/" + id },
		}
	})
	_, page, _ := d.send(t, "GET", post{path: "/l/cdefghijkl"})
	for _, want := range []string{"&lt;i&gt;Sunday&lt;/i&gt;", "• Mug", "look_cdefghijkl", "/creators", "<svg"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of a collection lacks %q:\n%s", want, page)
		}
	}
	if status, _, _ := d.send(t, "GET", post{path: "/l/abcdefghij"}); status != 404 {
		t.Errorf("a collection that is gone: %d", status)
	}
	status, body, resp := d.send(t, "GET", post{path: "/k/abcdefghij"})
	if status != 200 || resp.Header.Get("Cache-Control") != "no-store" || strings.Contains(body, "<b>") {
		t.Errorf("%d %v\n%s", status, resp.Header, body)
	}
	for _, want := range []string{"&lt;b&gt;Mug&lt;/b&gt;", "Every morning.", `href="https://t.me/souk?start=s_abcdefghij_annannanna"`, "/search Morning mug", "<svg"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q:\n%s", want, body)
		}
	}
	for _, path := range []string{"/k/zzzzzzzzzz", "/k/ABC", "/k/..%2f..%2fetc", "/k/aaaaaaaaaaaaaaaaaaaaaaaaaaaaa"} {
		if status, body, _ := d.send(t, "GET", post{path: path}); status != 404 || strings.Contains(body, "<svg") {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	fault = errors.New("canary_detail")
	if status, body, _ := d.send(t, "GET", post{path: "/k/abcdefghij"}); status < 500 || strings.Contains(body, "canary") {
		t.Errorf("a fault: %d %s", status, body)
	}
}
