package discord

import (
	"time"

	"github.com/soukchat/souk/bots"
)

// Rates keeps a little below what Discord publishes for a bot: 50 requests a
// second (discord.com/developers/docs/topics/rate-limits). The limit of a
// channel is told only in the answers; five messages in five seconds is seen. Who
// was never written to costs two requests: their private channel is opened first.
func (b *Bot) Rates() bots.Rates {
	return bots.Rates{All: time.Second / 45, Private: 1050 * time.Millisecond, Group: 1050 * time.Millisecond, Mass: time.Second / 20}
}
