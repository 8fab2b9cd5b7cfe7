package discord

import (
	"github.com/bwmarrin/discordgo"

	"github.com/soukchat/souk/bots"
)

// editable reports whether the answer takes the place of the message that was
// pressed. A post that others see stays as it is, and so does a message whose
// button says so.
func (in *interaction) editable(ev bots.Event) bool {
	return in.on != nil && !ev.Keep && (ev.Chat.Private || in.on.Ephemeral)
}

// alone returns the flags with which only the person sees an answer: none in
// private, where there is nobody else.
func (in *interaction) alone(s bots.Screen) int {
	if in.private() || s.Public {
		return 0
	}
	return ephemeral
}

// done is shown where a command or a modal leaves nothing to show, as Discord
// wants an answer to each.
const done = "✓"

// reply draws the first answer.
func (in *interaction) reply(ev bots.Event, s bots.Screen) response {
	switch {
	case s.Empty() && s.Notice != "":
		m := draw(s)
		m.Flags = ephemeral
		return response{discordgo.InteractionResponseChannelMessageWithSource, m}
	case s.Empty() && in.on != nil:
		return response{Type: discordgo.InteractionResponseDeferredMessageUpdate}
	case s.Empty():
		m := draw(bots.Screen{Notice: done})
		m.Flags = ephemeral
		return response{discordgo.InteractionResponseChannelMessageWithSource, m}
	case s.Form != nil && in.Type != discordgo.InteractionModalSubmit:
		return response{discordgo.InteractionResponseModal, modal(s.Form)}
	}
	m := draw(s)
	switch {
	case m.blank(): // a file alone, which follows
		return in.putOff(ev)
	case in.editable(ev) && (in.private() || !s.Public):
		return response{discordgo.InteractionResponseUpdateMessage, m}
	}
	m.Flags = in.alone(s)
	return response{discordgo.InteractionResponseChannelMessageWithSource, m}
}

func (m message) blank() bool {
	return m.Content == "" && len(m.Embeds) == 0 && len(m.Components) == 0
}

// putOff is the answer that promises one. Whether it can be seen by others is
// settled with it.
func (in *interaction) putOff(ev bots.Event) response {
	if in.editable(ev) {
		return response{Type: discordgo.InteractionResponseDeferredMessageUpdate}
	}
	r := response{Type: discordgo.InteractionResponseDeferredChannelMessageWithSource}
	if flags := in.alone(bots.Screen{}); flags != 0 {
		r.Data = struct {
			Flags int `json:"flags"`
		}{flags}
	}
	return r
}
