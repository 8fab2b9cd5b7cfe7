package config

import (
	"errors"
	"io/fs"
	"strings"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
)

// CommunitiesOf returns the names of the communities that meet in a chat, in
// alphabetical order. A chat with several forum topics can have several.
func (c *Config) CommunitiesOf(bot, chat string) []string {
	var names []string
	for _, name := range sorted(c.Communities) {
		for _, place := range c.Communities[name].Chats {
			if place.Bot == bot && place.ID == chat {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

// BrandsOf returns the names of the brands a community shows: those it lists,
// or else all, in alphabetical order.
func (c *Config) BrandsOf(community string) []string {
	if listed := c.Communities[community].Brands; len(listed) > 0 {
		return listed
	}
	return sorted(c.Brands)
}

// WebhookSecrets returns the signing secrets that may have signed an event:
// the one that is configured and the lines of webhook_secret_file, which is
// read at every call, so that a rotation needs no restart. A file that is not
// there yet holds none; one that cannot be read is an error.
func (c *Config) WebhookSecrets() ([]commerce.Secret, error) {
	var secrets []commerce.Secret
	if c.Stripe.WebhookSecret != "" {
		secrets = append(secrets, c.Stripe.WebhookSecret)
	}
	if c.Stripe.WebhookSecretFile == "" || c.origin.preview || c.origin.files.read == nil {
		return secrets, nil
	}
	data, err := c.origin.files.read(c.Stripe.WebhookSecretFile)
	if errors.Is(err, fs.ErrNotExist) {
		return secrets, nil
	}
	if err != nil {
		return secrets, err
	}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			secrets = append(secrets, commerce.Secret(line))
		}
	}
	return secrets, nil
}

// Live reports whether the key is of Stripe's live mode: real money.
func (s Stripe) Live() bool {
	key := s.SecretKey.Reveal()
	return strings.HasPrefix(key, "sk_live_") || strings.HasPrefix(key, "rk_live_")
}

// Platform returns where the bot's account is.
func (b Bot) Platform() bots.Platform {
	if b.Telegram != nil {
		return "telegram"
	}
	return "discord"
}

// Zone is where the shop's days begin and end.
func (p Policies) Zone() *time.Location {
	zone, err := time.LoadLocation(p.Timezone)
	if err != nil { // Load refuses such a one
		return time.UTC
	}
	return zone
}

// Quiet reports whether a time falls into the quiet hours, and if so when
// they end. The hours are those of a clock on the wall in the policies' zone,
// also when summer time begins or ends.
func (p Policies) Quiet(at time.Time) (until time.Time, quiet bool) {
	return commerce.Quiet(p.QuietHours, p.Zone(), at)
}
