package telegram

import (
	"time"

	"github.com/soukchat/souk/bots"
)

// Rates keeps a little below what Telegram publishes: about 30 messages a
// second to anybody, one a second to a person, 20 a minute to a group
// (core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this).
func (b *Bot) Rates() bots.Rates {
	return bots.Rates{All: time.Second / 28, Private: 1050 * time.Millisecond, Group: 3150 * time.Millisecond}
}
