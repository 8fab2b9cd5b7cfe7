package discord

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/soukchat/souk/bots"
)

// Discord waits 3 seconds for the first answer. What takes longer than these
// is put off, or in the case of suggestions given up.
const (
	patience           = 2 * time.Second
	suggestionPatience = 2500 * time.Millisecond // suggestions cannot be put off
	longest            = time.Minute             // for a conversation as a whole
)

const maxSuggestions = 25 // Discord: choices of an autocomplete

// response is the first answer to an interaction.
type response struct {
	Type discordgo.InteractionResponseType `json:"type"`
	Data any                               `json:"data,omitempty"`
}

// Receive answers one interaction, whose signature has been verified. The
// answer is the body of the HTTP response; what cannot travel there follows by
// calls of its own, which Wait waits for. The body may be reused once Receive
// has returned. An error of kind Invalid means that the body is no interaction
// that can be answered.
func (b *Bot) Receive(ctx context.Context, body []byte, h bots.Handler) (bots.Answer, error) {
	in, err := read(body)
	if err != nil {
		return bots.Answer{Status: http.StatusBadRequest}, err
	}
	if in.Type == discordgo.InteractionPing {
		return written(response{Type: discordgo.InteractionResponsePong})
	}
	ev, err := in.event(b.cfg.ID)
	if err != nil {
		return bots.Answer{Status: http.StatusBadRequest}, err
	}
	if ev.Chat.Private {
		b.private.learn(in.from.ID, in.ChannelID)
	}
	if ev.Kind == bots.Suggest {
		return b.suggest(ctx, ev, h)
	}
	return b.converse(ctx, in, ev, h)
}

type outcome struct {
	screen bots.Screen
	err    error
}

// converse asks the handler. It outlives the request where it is slow, so it
// runs on a context of its own.
func (b *Bot) converse(ctx context.Context, in *interaction, ev bots.Event, h bots.Handler) (bots.Answer, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
	done := make(chan outcome, 1)
	b.running.begin()
	go func() {
		defer b.running.end()
		done <- handled(func() bots.Screen { return h.Handle(ctx, ev) })
	}()
	select {
	case o := <-done:
		defer cancel()
		if o.err != nil {
			return bots.Answer{Status: http.StatusInternalServerError}, o.err
		}
		r := in.reply(ev, o.screen)
		if o.screen.File != nil {
			b.behind(ctx, func(ctx context.Context) error { return b.hand(ctx, in, o.screen) })
		}
		return written(r)
	case <-b.cfg.After(patience):
		r := in.putOff(ev)
		b.behind(ctx, func(ctx context.Context) error {
			defer cancel()
			o := <-done
			if o.err != nil {
				return o.err
			}
			return b.catchUp(ctx, in, ev, r, o.screen)
		})
		return written(r)
	}
}

// handled runs a conversation and turns a panic into an error: it runs on a
// goroutine of its own, where a panic would end the program.
func handled(f func() bots.Screen) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			o.err = fmt.Errorf("discord: the conversation panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return outcome{screen: f()}
}

func (b *Bot) suggest(ctx context.Context, ev bots.Event, h bots.Handler) (bots.Answer, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
	type choice struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	done := make(chan []bots.Suggestion, 1)
	b.running.begin()
	go func() {
		defer b.running.end()
		defer cancel()
		o := handled(func() bots.Screen { done <- h.Suggest(ctx, ev, maxSuggestions); return bots.Screen{} })
		if o.err != nil {
			b.cfg.Log.Error("no suggestions", "bot", b.cfg.ID, "error", o.err)
			done <- nil
		}
	}()
	var list []bots.Suggestion
	select {
	case list = <-done:
	case <-b.cfg.After(suggestionPatience):
	}
	choices := []choice{}
	for _, s := range list {
		name := s.Title
		if s.Description != "" {
			name += " · " + s.Description
		}
		if s.Value != "" && s.Title != "" && bots.Width(s.Value) <= bots.MaxSuggestion && len(choices) < maxSuggestions {
			choices = append(choices, choice{bots.Clip(clean(name), bots.MaxSuggestion), s.Value})
		}
	}
	return written(response{discordgo.InteractionApplicationCommandAutocompleteResult, struct {
		Choices []choice `json:"choices"`
	}{choices}})
}

func written(r response) (bots.Answer, error) {
	body, err := encode(r)
	if err != nil {
		return bots.Answer{Status: http.StatusInternalServerError}, fmt.Errorf("discord: encode an answer: %w", err)
	}
	return bots.Answer{ContentType: "application/json", Body: body}, nil
}
