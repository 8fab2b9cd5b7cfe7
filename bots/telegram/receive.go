package telegram

import (
	"context"
	"net/http"
	"strconv"

	"github.com/soukchat/souk/bots"
)

// maxSuggestions is how many results an inline query gets; Telegram takes 50.
const maxSuggestions = 20

// Receive answers an update. The body must have come with the secret. An error
// means that the update is not Telegram's and had no effect; updates that are
// not for the shop are answered with 200 and nothing.
func (b *Bot) Receive(ctx context.Context, body []byte, h bots.Handler) (bots.Answer, error) {
	u, err := decode(body)
	if err != nil {
		return bots.Answer{}, err
	}
	switch {
	case u.Callback != nil:
		return b.press(ctx, u, h)
	case u.Shipping != nil, u.Checkout != nil, u.Message != nil && u.Message.Paid != nil:
		return b.asked(ctx, u, h)
	case u.Message != nil:
		ev, ok, err := b.heard(u)
		if err != nil || !ok {
			return nothing, err
		}
		return b.tell(ev, u.Message.ID, h.Handle(ctx, ev)), nil
	case u.Inline != nil:
		return b.suggest(ctx, u, h)
	case u.Member != nil:
		ev, ok, err := b.joined(u)
		if err != nil || !ok {
			return nothing, err
		}
		s := h.Handle(ctx, ev)
		if ev.Kind == bots.Leave || s.Empty() {
			return nothing, nil
		}
		return reply(draw(s, s.Notice).send(ev.Chat.ID, "")), nil
	}
	return nothing, nil
}

var nothing = bots.Answer{Status: http.StatusOK}

// reply is the answer that has Telegram carry out a call.
func reply(c call) bots.Answer {
	return bots.Answer{Status: http.StatusOK, ContentType: "application/json", Body: c.body()}
}

// tell answers a text or a command: in private with the screen, in a group
// with the way to it.
func (b *Bot) tell(ev bots.Event, message int64, s bots.Screen) bots.Answer {
	if !ev.Chat.Private && !s.Public {
		return b.door(ev, message, s)
	}
	if s.Empty() {
		if s.Notice == "" {
			return nothing
		}
		s.Text = bots.T(s.Notice)
		s.Notice = ""
	}
	if s.File != nil && ev.Chat.Private {
		b.handOver(ev.Chat.ID, s.File)
	}
	return reply(b.draw(s, s.Notice).send(ev.Chat.ID, ev.Chat.Thread))
}

// door shows the way from a group into the private chat, under the command
// that asked.
func (b *Bot) door(ev bots.Event, message int64, s bots.Screen) bots.Answer {
	if s.Door == nil || b.Username() == "" {
		return nothing
	}
	c := view{
		html:     html(bots.T(s.Door.Text), maxText),
		keyboard: &keyboard{Rows: [][]button{{{Text: oneLine(s.Door.Label), Style: "primary", URL: b.link(s)}}}},
	}.send(ev.Chat.ID, ev.Chat.Thread)
	c.Reply = &replyTo{Message: message, Anyway: true}
	return reply(c)
}

// link is the deep link to a screen, or to the shop's front where there is
// none. answerCallbackQuery takes only links with a start parameter.
func (b *Bot) link(s bots.Screen) string {
	p := s.Path
	if p == "" || len(p.Start()) > bots.MaxStart {
		p = "start"
	}
	return Start(b.Username(), string(p))
}

// press answers a button. In private the message becomes the screen, and the
// button is answered at the same moment on another connection.
func (b *Bot) press(ctx context.Context, u update, h bots.Handler) (bots.Answer, error) {
	ev, err := b.pressed(u)
	if err != nil {
		return bots.Answer{}, err
	}
	s := h.Handle(ctx, ev)
	answered := call{Method: "answerCallbackQuery", Callback: u.Callback.ID, Text: bots.Clip(s.Notice, bots.MaxNotice)}
	switch {
	case s.Empty():
		return reply(answered), nil
	case ev.Chat.Private:
		b.errand(answered)
		return b.show(ev, u.Callback.Message, s), nil
	case s.Public && ev.Keep && ev.Chat.ID != "":
		b.errand(answered)
		return reply(draw(s, "").send(ev.Chat.ID, ev.Chat.Thread)), nil
	case s.Public:
		// A post that many look at: its edit must not get lost, so it does not
		// travel in the response, whose fate nobody tells us.
		b.errand(b.place(ev, draw(s, "").edit()))
		return reply(answered), nil
	case b.Username() == "":
		if s.Door != nil && answered.Text == "" {
			answered.Text, answered.Alert = bots.Clip(s.Door.Text, bots.MaxNotice), true
		}
		return reply(answered), nil
	}
	return reply(call{Method: "answerCallbackQuery", Callback: u.Callback.ID, URL: b.link(s)}), nil
}

// show turns the pressed message into the screen, or sends a new one where it
// is to stand, is too old to be seen by bots, or shows a picture where the
// screen has none, or the other way round: such a message goes.
func (b *Bot) show(ev bots.Event, on *message, s bots.Screen) bots.Answer {
	v := b.draw(s, "")
	if s.File != nil {
		b.handOver(ev.Chat.ID, s.File)
	}
	if ev.Keep || on.Date == 0 || v.invoice != nil {
		return reply(v.send(ev.Chat.ID, ev.Chat.Thread))
	}
	if ev.On.Picture == (v.photo != "") {
		return reply(b.place(ev, v.edit()))
	}
	b.errand(call{Method: "deleteMessage", Chat: ev.Chat.ID, Message: ev.On.ID})
	return reply(v.send(ev.Chat.ID, ev.Chat.Thread))
}

// place addresses an edit to the message whose button was pressed.
func (b *Bot) place(ev bots.Event, c call) call {
	if ev.On.Shared != "" {
		c.Shared = ev.On.Shared
	} else {
		c.Chat, c.Message = ev.Chat.ID, ev.On.ID
	}
	return c
}

// handOver uploads a file into a private chat.
func (b *Bot) handOver(chat string, f *bots.File) {
	b.errand(call{Method: "sendDocument", Chat: chat, Document: f})
}

// suggest answers an inline query with messages to share.
func (b *Bot) suggest(ctx context.Context, u update, h bots.Handler) (bots.Answer, error) {
	if u.Inline.ID == "" {
		return bots.Answer{}, malformed("inline query without id")
	}
	ev, err := b.event(u, u.Inline.From, chat{}, 0)
	if err != nil {
		return bots.Answer{}, err
	}
	ev.Kind, ev.Text = bots.Suggest, clean(u.Inline.Query)
	results := []result{}
	for i, s := range h.Suggest(ctx, ev, maxSuggestions) {
		if i == maxSuggestions {
			break
		}
		results = append(results, share(i, s))
	}
	seconds := 10
	return reply(call{Method: "answerInlineQuery", Inline: u.Inline.ID, Results: &results, CacheTime: &seconds, Personal: true}), nil
}

// share makes an inline result of a suggestion. Results are told apart by
// their place: values may be longer than the 64 bytes of a result's id.
func share(i int, s bots.Suggestion) result {
	v := draw(s.Screen, "")
	r := result{ID: strconv.Itoa(i), Title: oneLine(s.Title), Description: oneLine(s.Description), Keyboard: v.keyboard}
	if v.photo != "" {
		r.Type, r.Photo, r.Thumbnail, r.Caption, r.ParseMode = "photo", v.photo, v.photo, v.html, "HTML"
		return r
	}
	r.Type, r.Content = "article", &content{Text: v.html, ParseMode: "HTML", Preview: &preview{Disabled: true}}
	return r
}
