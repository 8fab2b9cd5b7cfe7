package webhooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
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
				return Pick{Title: "<b>Mug</b>", By: "Ann & Co", Sample: true, Earns: true, Words: "Every morning.", Product: "Morning mug", Open: "https://t.me/souk?start=s_abcdefghij_annannanna"}, fault
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
	for _, want := range []string{"&lt;b&gt;Mug&lt;/b&gt;", "Every morning.", `href="https://t.me/souk?start=s_abcdefghij_annannanna"`, "/search Morning mug", "<svg", "pick.sample", "pick.earns"} {
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

// TestVideo: a video is served whole or in parts, as what it is, and the page of
// its pick plays it.
func TestVideo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v")
	data := bytes.Repeat([]byte("0123456789"), 300_000) // more than a part
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	d := open(t, func(c *Config) {
		c.Pay = &Pay{Shop: func() string { return "Souk" }, Words: func(locale string) Words { return plainWords(locale) }}
		c.Picks = &Picks{
			Look: func(context.Context, commerce.PickID) (Pick, error) {
				return Pick{Title: "Mug", Video: "/m/v/aa", Poster: "/m/bb"}, nil
			},
			Link: func(id commerce.PickID) string { return "https://shop.example/k/" + string(id) },
		}
		c.Pictures = &Pictures{Video: func(hash string) (*os.File, error) {
			if hash != "aa" {
				return nil, &commerce.Error{Kind: commerce.NotFound}
			}
			return os.Open(path)
		}}
	})
	status, body, resp := d.send(t, "GET", post{path: "/k/abcdefghij"})
	if status != 200 || !strings.Contains(body, `<video controls playsinline preload="metadata" src="/m/v/aa" poster="/m/bb"`) || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "media-src 'self'") {
		t.Errorf("%d %v\n%s", status, resp.Header, body)
	}
	for _, one := range []struct {
		asked    string
		status   int
		from, to int
	}{
		{"", 200, 0, len(data) - 1}, {"bytes=0-1", 206, 0, 1}, {"bytes=0-", 206, 0, maxPart - 1}, {"bytes=2900000-", 206, 2_900_000, len(data) - 1},
		{"bytes=-5", 206, len(data) - 5, len(data) - 1}, {"bytes=2999999-9999999", 206, 2_999_999, len(data) - 1},
	} {
		status, body, resp := d.send(t, "GET", post{path: "/m/v/aa", head: http.Header{"Range": {one.asked}}})
		if status != one.status || body != string(data[one.from:one.to+1]) || resp.Header.Get("Content-Type") != "video/mp4" || resp.Header.Get("Accept-Ranges") != "bytes" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%q: %d, %d bytes, %v", one.asked, status, len(body), resp.Header)
		}
		if got, want := resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-%d/%d", one.from, one.to, len(data)); status == 206 && got != want {
			t.Errorf("%q: %s, not %s", one.asked, got, want)
		}
	}
	for _, asked := range []string{"bytes=4000000-", "bytes=x", "lines=0-1"} {
		if status, body, _ := d.send(t, "GET", post{path: "/m/v/aa", head: http.Header{"Range": {asked}}}); status != 416 || len(body) > 200 {
			t.Errorf("%q: %d, %d bytes", asked, status, len(body))
		}
	}
	if status, _, _ := d.send(t, "GET", post{path: "/m/v/bb"}); status != 404 {
		t.Errorf("none: %d", status)
	}
}
