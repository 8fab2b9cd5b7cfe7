package telegram_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/soukchat/souk/bots"
)

// TestPhoto: a photo in the private chat is heard as an answer that names it,
// with its caption, and can be fetched by that name; no error holds the token.
func TestPhoto(t *testing.T) {
	w := newWorld(t, func(bots.Event) bots.Screen { return screen("x") })
	if err := w.tg.As(ann).Photo(ann, []byte("a photo"), "/start look"); err != nil {
		t.Fatal(err)
	}
	w.rest()
	ev := w.shop.last(t)
	if ev.Kind != bots.Say || ev.Text != "/start look" || ev.Photo == "" || ev.Action != "" {
		t.Fatalf("heard %+v", ev)
	}
	data, err := w.bot.Photo(t.Context(), ev.Photo)
	if err != nil || string(data) != "a photo" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := w.bot.Photo(t.Context(), "nothing"); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("a photo that is not there: %v", err)
	}
	w.api.Close()
	if _, err := w.bot.Photo(t.Context(), ev.Photo); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("while Telegram is away: %v", err)
	}
}

// TestVideo: a video, sent as one or as a file, is heard as an answer that names
// it, and is fetched by that name unless Telegram does not hand it out.
func TestVideo(t *testing.T) {
	w := newWorld(t, func(bots.Event) bots.Screen { return screen("x") })
	for _, asFile := range []bool{false, true} {
		if err := w.tg.As(ann).Video(ann, []byte("a video"), asFile); err != nil {
			t.Fatal(err)
		}
		w.rest()
		ev := w.shop.last(t)
		if ev.Kind != bots.Say || ev.Video == "" || ev.Photo != "" || ev.Action != "" {
			t.Fatalf("heard %+v", ev)
		}
		if data, err := w.bot.Video(t.Context(), ev.Video); err != nil || string(data) != "a video" {
			t.Errorf("%q, %v", data, err)
		}
	}
	if err := w.tg.As(ann).Video(ann, make([]byte, bots.MaxVideo+1), false); err != nil {
		t.Fatal(err)
	}
	w.rest()
	if _, err := w.bot.Video(t.Context(), w.shop.last(t).Video); !errors.Is(err, bots.ErrLarge) {
		t.Errorf("too large: %v", err)
	}
}
