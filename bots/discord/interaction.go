package discord

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
)

// interaction is what a person did, as Discord sends it. It is read by types
// of our own and not by discordgo's: there a component of a kind unknown to the
// library, anywhere in the message or the modal, loses the whole interaction.
type interaction struct {
	ID        string                    `json:"id"`
	Type      discordgo.InteractionType `json:"type"`
	Token     string                    `json:"token"`
	ChannelID string                    `json:"channel_id"`
	GuildID   string                    `json:"guild_id"`
	Context   *int                      `json:"context"`
	Channel   struct {
		Type   discordgo.ChannelType `json:"type"`
		Parent string                `json:"parent_id"`
		Name   string                `json:"name"`
	} `json:"channel"`
	Member *struct {
		Nick   string    `json:"nick"`
		User   *user     `json:"user"`
		Roles  []string  `json:"roles"`
		Joined time.Time `json:"joined_at"`
	} `json:"member"`
	User    *user           `json:"user"`
	Locale  string          `json:"locale"`
	Message json.RawMessage `json:"message"`
	Data    json.RawMessage `json:"data"`

	on   *bots.Message
	from *user
}

type user struct {
	ID         string `json:"id"`
	Username   string `json:"username"`
	GlobalName string `json:"global_name"`
}

// data is what the three kinds of interaction carry, together.
type data struct {
	Name       string            `json:"name"`      // command
	Options    []option          `json:"options"`   // command
	CustomID   string            `json:"custom_id"` // component, modal
	Values     []string          `json:"values"`    // select
	Components []json.RawMessage `json:"components"`
	Resolved   struct {
		Attachments map[string]attachment `json:"attachments"` // by id
	} `json:"resolved"` // modal
}

type attachment struct {
	URL string `json:"url"`
}

type option struct {
	Name    string          `json:"name"`
	Value   json.RawMessage `json:"value"`
	Focused bool            `json:"focused"`
}

func malformed(format string, args ...any) error {
	return commerce.Errorf(commerce.Invalid, "request.malformed", "discord: "+format, args...)
}

// read decodes an interaction. It returns an error of kind Invalid where the
// body is none, or lacks what every interaction has.
func read(body []byte) (*interaction, error) {
	in := &interaction{}
	if err := json.Unmarshal(body, in); err != nil {
		return nil, malformed("not an interaction")
	}
	if in.Type == discordgo.InteractionPing {
		return in, nil
	}
	in.from = in.User
	if in.Member != nil && in.Member.User != nil {
		in.from = in.Member.User
	}
	switch {
	case !isSnowflake(in.ID), in.from == nil, !isSnowflake(in.from.ID), !isSnowflake(in.ChannelID), in.Token == "":
		return nil, malformed("an interaction without id, user, channel or token")
	case in.Type < discordgo.InteractionApplicationCommand || in.Type > discordgo.InteractionModalSubmit:
		return nil, malformed("an interaction of type %d", in.Type)
	}
	in.on = pressed(in.Message)
	return in, nil
}

// pressed reads the message a component hangs on, nil where there is none.
func pressed(raw json.RawMessage) *bots.Message {
	var m struct {
		ID     string                 `json:"id"`
		Flags  discordgo.MessageFlags `json:"flags"`
		Embeds []struct {
			Image json.RawMessage `json:"image"`
		} `json:"embeds"`
	}
	if len(raw) == 0 || json.Unmarshal(raw, &m) != nil || !isSnowflake(m.ID) {
		return nil
	}
	on := &bots.Message{ID: m.ID, Ephemeral: m.Flags&discordgo.MessageFlagsEphemeral != 0}
	for _, e := range m.Embeds {
		on.Picture = on.Picture || len(e.Image) > 0 && string(e.Image) != "null"
	}
	return on
}

// private reports whether the person is alone with the bot. Where Discord does
// not say which direct messages these are, they are ours.
func (in *interaction) private() bool {
	return in.GuildID == "" && (in.Context == nil || *in.Context == int(discordgo.InteractionContextBotDM))
}

// event says what happened in the words of a chat.
func (in *interaction) event(bot string) (bots.Event, error) {
	name := in.from.GlobalName
	if in.Member != nil && in.Member.Nick != "" {
		name = in.Member.Nick
	}
	if name == "" {
		name = in.from.Username
	}
	ev := bots.Event{
		ID: in.ID, Bot: bot, On: in.on,
		From: bots.Person{Account: bots.Account{Platform: Platform, ID: in.from.ID}, Name: name, Username: in.from.Username, Locale: in.Locale},
		Chat: bots.Chat{ID: in.ChannelID, Title: in.Channel.Name, Private: in.private(), Alone: !in.private()},
	}
	if in.Member != nil {
		ev.From.Joined, ev.From.Roles = in.Member.Joined, in.Member.Roles
	}
	switch in.Channel.Type {
	case discordgo.ChannelTypeGuildPublicThread, discordgo.ChannelTypeGuildPrivateThread, discordgo.ChannelTypeGuildNewsThread:
		if isSnowflake(in.Channel.Parent) {
			ev.Chat.ID, ev.Chat.Thread = in.Channel.Parent, in.ChannelID
		}
	}
	var d data
	if err := json.Unmarshal(in.Data, &d); err != nil {
		return ev, malformed("the data of an interaction of type %d", in.Type)
	}
	switch in.Type {
	case discordgo.InteractionApplicationCommand:
		ev.Action, ev.Text = bots.Action(d.Name), typed(d.Options)
	case discordgo.InteractionApplicationCommandAutocomplete:
		ev.Kind, ev.Action, ev.Text = bots.Suggest, bots.Action(d.Name), typed(d.Options)
	case discordgo.InteractionMessageComponent:
		ev.Action, ev.Keep = chosen(d)
	case discordgo.InteractionModalSubmit:
		ev.Kind, ev.Values = bots.Fill, map[string]string{}
		ev.Action = bots.Action(strings.TrimPrefix(d.CustomID, formID))
		inputs(d.Components, d.Resolved.Attachments, ev.Values, 0)
	}
	return ev, nil
}

// typed returns the text of a command's option: of the one being typed, else
// of the first.
func typed(options []option) string {
	if len(options) == 0 {
		return ""
	}
	pick := options[0]
	for _, o := range options {
		if o.Focused {
			pick = o
		}
	}
	var text string
	_ = json.Unmarshal(pick.Value, &text) // a number or a file is no text
	return strings.TrimSpace(text)
}

// What the custom_ids that draw and modal write begin with.
const (
	keepID = "+"     // a button whose message stays
	menuID = "menu:" // a select; the screen's path follows
	formID = "form:" // a modal; the form's action follows
)

func chosen(d data) (action bots.Action, keep bool) {
	if path, ok := strings.CutPrefix(d.CustomID, menuID); ok {
		if len(d.Values) > 0 {
			path = d.Values[0]
		}
		return bots.Action(path), false
	}
	id, keep := strings.CutPrefix(d.CustomID, keepID)
	return bots.Action(id), keep
}

// inputs collects the texts of a modal, from rows and from labels, and the
// addresses of its files; it skips what is neither.
func inputs(list []json.RawMessage, files map[string]attachment, into map[string]string, depth int) {
	for _, raw := range list {
		var c struct {
			CustomID   string            `json:"custom_id"`
			Value      json.RawMessage   `json:"value"`
			Values     []string          `json:"values"`
			Components []json.RawMessage `json:"components"`
			Component  json.RawMessage   `json:"component"`
		}
		if json.Unmarshal(raw, &c) != nil {
			continue
		}
		var text string
		if c.CustomID != "" && len(c.Value) > 0 && json.Unmarshal(c.Value, &text) == nil {
			into[c.CustomID] = text
		}
		if c.CustomID != "" && len(c.Values) > 0 {
			if file, ok := files[c.Values[0]]; ok {
				into[c.CustomID] = file.URL
			}
		}
		if depth < 3 {
			inputs(c.Components, files, into, depth+1)
			if len(c.Component) > 0 {
				inputs([]json.RawMessage{c.Component}, files, into, depth+1)
			}
		}
	}
}
