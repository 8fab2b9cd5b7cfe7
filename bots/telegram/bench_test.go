package telegram_test

import (
	"context"
	"testing"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/telegram"
)

// BenchmarkReceive is what the adapter itself costs of a tap: the update read,
// the screen drawn, the answer written.
func BenchmarkReceive(b *testing.B) {
	bot := telegram.New(telegram.Config{ID: "main", Token: token, Username: "souk_bot"})
	h := still{bots.Screen{Path: "product mug", Picture: mug, Text: bots.Text{}.Add(bots.Bold, "Fern Mug").Line(bots.Span{Text: "£19.00"}),
		Rows: [][]bots.Button{{{Label: "Add to cart", Action: "cart add mug", Style: bots.Primary}}, {{Label: "Cart", Action: "cart"}, {Label: "Home", Action: "home"}}}}}
	body := []byte(updates[0].body)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bot.Receive(context.Background(), body, h); err != nil {
			b.Fatal(err)
		}
	}
}

type still struct{ screen bots.Screen }

func (s still) Handle(context.Context, bots.Event) bots.Screen             { return s.screen }
func (s still) Suggest(context.Context, bots.Event, int) []bots.Suggestion { return nil }
