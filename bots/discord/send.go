package discord

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"

	"github.com/soukchat/souk/bots"
)

const maxNonce = 25 // Discord: nonce

// Send sends a new message, into a channel or a thread, or in private to an
// account. Discord drops a second message with the same nonce within a few
// minutes.
func (b *Bot) Send(ctx context.Context, to bots.To, s bots.Screen, nonce string) (string, error) {
	if s.File != nil && to.Account == "" {
		return "", wrong("a file belongs in a private chat")
	}
	m := draw(s)
	if m.blank() && s.File == nil {
		return "", wrong("nothing to send")
	}
	channel, err := b.channel(ctx, to)
	if err != nil {
		return "", err
	}
	if nonce != "" {
		m.Nonce, m.EnforceNonce = short(nonce), true
	}
	var sent struct {
		ID string `json:"id"`
	}
	err = b.call(ctx, http.MethodPost, "/channels/"+channel+"/messages", m, s.File, &sent)
	return sent.ID, b.settled(to, err)
}

// Edit replaces what an earlier message shows. A file cannot be added.
func (b *Bot) Edit(ctx context.Context, to bots.To, message string, s bots.Screen) error {
	m := draw(s)
	if m.blank() || !isSnowflake(message) {
		return wrong("nothing to show, or no message to show it in")
	}
	channel, err := b.channel(ctx, to)
	if err != nil {
		return err
	}
	err = b.call(ctx, http.MethodPatch, "/channels/"+channel+"/messages/"+message, m, nil, nil)
	return b.settled(to, err)
}

// channel finds where a message goes. A thread is a channel of its own; the
// private channel with an account is opened where it is not known.
func (b *Bot) channel(ctx context.Context, to bots.To) (string, error) {
	id := to.Chat
	if to.Thread != "" {
		id = to.Thread
	}
	if to.Chat == "" {
		if !isSnowflake(to.Account) {
			return "", wrong("neither a channel nor an account")
		}
		if id = b.private.channel(to.Account); id == "" {
			var opened struct {
				ID string `json:"id"`
			}
			if err := b.call(ctx, http.MethodPost, "/users/@me/channels", map[string]string{"recipient_id": to.Account}, nil, &opened); err != nil {
				return "", err
			}
			id = opened.ID
			b.private.learn(to.Account, id)
		}
	}
	if !isSnowflake(id) {
		return "", wrong("a channel id that is not a number")
	}
	return id, nil
}

// settled forgets a private channel that is no longer there.
func (b *Bot) settled(to bots.To, err error) error {
	var problem *bots.SendError
	if errors.As(err, &problem) && problem.Outcome == bots.Gone && to.Chat == "" {
		b.private.forget(to.Account)
	}
	return err
}

func wrong(what string) error {
	return &bots.SendError{Outcome: bots.Malformed, Err: fmt.Errorf("discord: %s", what)}
}

// short makes a nonce of a length that Discord takes.
func short(nonce string) string {
	if len(nonce) <= maxNonce {
		return nonce
	}
	sum := sha256.Sum256([]byte(nonce))
	return hex.EncodeToString(sum[:])[:maxNonce]
}
