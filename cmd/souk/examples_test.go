package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/soukchat/souk/cmd/souk/preview"
	"github.com/soukchat/souk/config"
)

// TestExamplesArePreviewed opens each example as `souk preview` does and lets a
// member enter the shop on each platform it is on.
func TestExamplesArePreviewed(t *testing.T) {
	entries, err := os.ReadDir("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() && filepath.Ext(e.Name()) != ".yaml" {
			continue
		}
		t.Run(e.Name(), func(t *testing.T) {
			cfg, err := config.LoadPreview(filepath.Join("../../examples", e.Name()), func(string) (string, bool) { return "", false })
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			w, err := preview.Start(ctx, preview.Options{Config: cfg, Listen: "127.0.0.1:0", Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			res, err := http.Get(w.URL)
			if err != nil {
				t.Fatal(err)
			}
			page, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil || res.StatusCode != http.StatusOK || !strings.Contains(strings.ToLower(string(page)), "<html") {
				t.Errorf("the page: %s, %d bytes, %v", res.Status, len(page), err)
			}
			enter(t, w)
		})
	}
}

// chatter is a person in front of a chat, on either platform.
type chatter interface {
	Say(string) error
	Go(place string)
	Screen() string
}

func enter(t *testing.T, w *preview.World) {
	ann := map[string]chatter{}
	if w.Telegram != nil {
		ann["telegram"] = w.Telegram.Chatter(w.People[0].Telegram, "private")
	}
	if w.Discord != nil {
		ann["discord"] = w.Discord.Chatter(w.People[0].Discord, "private")
	}
	if len(ann) == 0 {
		t.Error("on no platform")
	}
	for platform, c := range ann {
		c.Go("private")
		if err := c.Say("/search a"); err != nil {
			t.Errorf("%s: %v", platform, err)
		}
		if err := c.Say("/shop"); err != nil {
			t.Errorf("%s: %v", platform, err)
		}
		if screen := c.Screen(); !strings.Contains(screen, "[") {
			t.Errorf("%s: a home without buttons:\n%s", platform, screen)
		}
	}
}
