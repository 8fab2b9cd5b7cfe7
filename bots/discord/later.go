package discord

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/soukchat/souk/bots"
)

// behind runs what follows an answer and logs what goes wrong with it.
func (b *Bot) behind(ctx context.Context, f func(context.Context) error) {
	b.running.begin()
	go func() {
		defer b.running.end()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest+longest)
		defer cancel()
		if err := f(ctx); err != nil {
			b.cfg.Log.Error("an answer did not arrive", "platform", Platform, "bot", b.cfg.ID, "error", err)
		}
	}()
}

// catchUp shows the screen of an answer that was put off by r.
func (b *Bot) catchUp(ctx context.Context, in *interaction, ev bots.Event, r response, s bots.Screen) error {
	var err error
	thinking := r.Type == discordgo.InteractionResponseDeferredChannelMessageWithSource
	m := draw(s)
	switch {
	case s.Public && !in.private():
		// What was promised for one person cannot become visible to all.
		if thinking {
			err = b.follow(ctx, in, http.MethodDelete, "/messages/@original", nil, nil)
		}
		err = errors.Join(err, b.follow(ctx, in, http.MethodPost, "", m, nil))
	case s.Empty() && s.Notice == "" || m.blank():
		if thinking && s.File == nil {
			err = b.follow(ctx, in, http.MethodDelete, "/messages/@original", nil, nil)
		}
	case s.Empty() && !thinking:
		m.Flags = ephemeral
		err = b.follow(ctx, in, http.MethodPost, "", m, nil)
	default:
		err = b.follow(ctx, in, http.MethodPatch, "/messages/@original", m, nil)
	}
	if s.File != nil {
		err = errors.Join(err, b.hand(ctx, in, s))
	}
	return err
}

// hand sends a screen's file as a message of its own, to the person alone: a
// response body takes no file.
func (b *Bot) hand(ctx context.Context, in *interaction, s bots.Screen) error {
	m := draw(bots.Screen{})
	m.Flags = in.alone(bots.Screen{})
	return b.follow(ctx, in, http.MethodPost, "", m, s.File)
}

// follow makes a call with the interaction's token. Discord knows the token
// only once it has read our first answer, which is on its way at the same
// time: until then it says that there is no such webhook, or no such message.
func (b *Bot) follow(ctx context.Context, in *interaction, method, path string, m any, file *bots.File) error {
	pause := 100 * time.Millisecond
	for try := 1; ; try++ {
		err := b.call(ctx, method, "/webhooks/"+b.cfg.Application+"/"+url.PathEscape(in.Token)+path, m, file, nil)
		var problem *bots.SendError
		if !errors.As(err, &problem) {
			return err
		}
		wait := pause
		switch problem.Outcome {
		case bots.Gone:
		case bots.TooFast:
			wait = max(pause, problem.RetryAfter)
		case bots.Unreachable:
			if method == http.MethodPost {
				return err // it may have arrived
			}
		default:
			return err
		}
		if try == 7 || wait > longest {
			return err
		}
		pause *= 2
		select {
		case <-ctx.Done():
			return err
		case <-b.cfg.After(wait):
		}
	}
}
