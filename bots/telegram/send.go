package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
)

// Send sends a screen as a new message and returns its id. A picture that
// Telegram cannot get is left out. Telegram knows no nonce: a message whose
// answer was lost may be sent twice.
func (b *Bot) Send(ctx context.Context, to bots.To, s bots.Screen, nonce string) (string, error) {
	chat, private := to.Chat, false
	if chat == "" {
		chat, private = to.Account, true
	}
	if s.Empty() {
		s.Text, s.Notice = bots.T(s.Notice), ""
	}
	v := b.draw(s, s.Notice)
	raw, err := b.do(ctx, v.send(chat, to.Thread))
	if err != nil && v.photo != "" && noPicture(err) {
		v.photo = ""
		raw, err = b.do(ctx, v.send(chat, to.Thread))
	}
	if err != nil {
		return "", lost(err, private)
	}
	var sent struct {
		ID int64 `json:"message_id"`
	}
	if err := json.Unmarshal(raw, &sent); err != nil {
		return "", &bots.SendError{Outcome: bots.Unreachable, Err: err}
	}
	if s.File != nil && private {
		if _, err := b.do(ctx, call{Method: "sendDocument", Chat: chat, Document: s.File}); err != nil {
			return "", lost(err, private)
		}
	}
	return strconv.FormatInt(sent.ID, 10), nil
}

// Edit replaces what a message shows. A message that shows it already is no
// error. A message with a picture keeps it where the screen has none.
func (b *Bot) Edit(ctx context.Context, to bots.To, message string, s bots.Screen) error {
	chat, private := to.Chat, false
	if chat == "" {
		chat, private = to.Account, true
	}
	v := draw(s, "")
	at := func(c call) call {
		c.Chat, c.Message = chat, message
		return c
	}
	_, err := b.do(ctx, at(v.edit()))
	if err != nil && (noPicture(err) || strings.Contains(err.Error(), "there is no text in the message to edit")) {
		_, err = b.do(ctx, at(call{Method: "editMessageCaption", Caption: v.html, ParseMode: "HTML", Keyboard: v.keyboard}))
	}
	if err == nil || strings.Contains(err.Error(), "message is not modified") {
		return nil
	}
	return lost(err, private)
}

// lost says what an unknown chat means: a person who never wrote to the bot
// refuses, a group is gone.
func lost(err error, private bool) error {
	var e *bots.SendError
	if errors.As(err, &e) && private && e.Outcome == bots.Gone && strings.Contains(err.Error(), "chat not found") {
		e.Outcome = bots.Refused
	}
	return err
}
