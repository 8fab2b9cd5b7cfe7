package discord

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Response types.
const (
	answerMessage       = 4 // a new message
	answerLater         = 5 // "… is thinking", then a message
	answerUpdateLater   = 6 // nothing to see yet, perhaps an edit later
	answerUpdate        = 7 // an edit of the message it came from
	answerChoices       = 8
	answerModal         = 9
	flagsOfAnswer       = FlagEphemeral | 1<<2 | 1<<12 // ephemeral, no link previews, silent
	flagsOfLaterAnswers = FlagEphemeral
)

// taken says which responses each type of interaction takes. 6 and 7 need a
// message to edit, which a modal opened by a command does not have.
var taken = map[int][]int{
	typeCommand:      {answerMessage, answerLater, answerModal},
	typeComponent:    {answerMessage, answerLater, answerUpdateLater, answerUpdate, answerModal},
	typeAutocomplete: {answerChoices},
	typeModal:        {answerMessage, answerLater, answerUpdateLater, answerUpdate},
}

// answer carries out the first answer to an interaction, checked. The caller
// holds the lock.
func (s *Server) answer(i *interaction, raw []byte, files []Attachment) error {
	if i.response != 0 {
		return errAcknowledged
	}
	if i.dead || s.cfg.Clock().Sub(i.created) > answerWithin {
		i.dead = true
		return errNoInteraction
	}
	var body struct {
		Type int             `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(raw, &body); err != nil {
		return errNoJSON
	}
	if err := check("InteractionCallback", raw); err != nil {
		return err
	}
	if !slices.Contains(taken[i.kind], body.Type) || (body.Type == answerUpdate || body.Type == answerUpdateLater) && i.message == nil {
		return formError("type", "INTERACTION_RESPONSE_TYPE_INVALID", fmt.Sprintf("an interaction of type %d cannot be answered with type %d", i.kind, body.Type))
	}
	if string(body.Data) == "null" {
		body.Data = nil
	}
	if body.Data == nil && body.Type != answerLater && body.Type != answerUpdateLater {
		return formError("data", "BASE_TYPE_REQUIRED", "This field is required")
	}
	if err := s.carryOut(i, body.Type, body.Data, files); err != nil {
		return err
	}
	i.response = body.Type
	if i.kind == typeModal {
		delete(s.modals, i.user)
		s.changed(Change{Kind: "modal", User: i.user, Channel: i.channel})
	}
	return nil
}

func (s *Server) carryOut(i *interaction, kind int, data []byte, files []Attachment) error {
	switch kind {
	case answerMessage:
		p, err := readPayload("IncomingWebhookInteractionRequest", data, files)
		if err != nil {
			return err
		}
		if p.empty() {
			return errEmpty
		}
		if p.Flags&^flagsOfAnswer != 0 {
			return formError("data.flags", "FLAGS_INVALID", "only EPHEMERAL, SUPPRESS_EMBEDS and SUPPRESS_NOTIFICATIONS can be set")
		}
		m := s.reply(i, p.Flags)
		s.fill(m, p)
		s.add(m)
		i.original = m
	case answerLater:
		var d struct {
			Flags int `json:"flags"`
		}
		if data != nil {
			if err := decode("IncomingWebhookInteractionRequest", data, &d); err != nil {
				return err
			}
		}
		if d.Flags&^flagsOfLaterAnswers != 0 {
			return formError("data.flags", "FLAGS_INVALID", "only EPHEMERAL can be set")
		}
		i.original, i.deferred = s.reply(i, d.Flags|FlagLoading), true
		s.add(i.original)
	case answerUpdateLater:
		i.original = i.message
	case answerUpdate:
		p, err := readPayload("IncomingWebhookUpdateForInteractionCallbackRequestPartial", data, files)
		if err != nil {
			return err
		}
		if s.message(i.message.ChannelID, i.message.ID) == nil {
			return errNoMessage
		}
		if err := s.change(i.message, p); err != nil {
			return err
		}
		i.original = i.message
	case answerChoices:
		choices, err := readChoices(data)
		if err != nil {
			return err
		}
		i.choices = choices
	case answerModal:
		m := &Modal{Channel: i.channel, message: i.message}
		if err := decode("ModalInteractionCallbackRequestData", data, m); err != nil {
			return err
		}
		if err := m.check(); err != nil {
			return err
		}
		n := 0
		m.Components = numbered(m.Components, &n)
		s.modals[i.user] = m
		s.changed(Change{Kind: "modal", User: i.user, Channel: i.channel})
	}
	return nil
}

// reply makes the message that answers an interaction.
func (s *Server) reply(i *interaction, flags int) *Message {
	m := &Message{ChannelID: i.channel, Author: *s.users[s.cfg.Application], Flags: flags,
		ApplicationID: s.cfg.Application, WebhookID: s.cfg.Application,
		Interaction: &Metadata{ID: i.id, Type: i.kind, User: *s.users[i.user], Name: i.command}}
	switch i.kind {
	case typeCommand:
		m.Type = 20
	case typeComponent:
		m.Type = 19
	}
	if flags&FlagEphemeral != 0 {
		m.viewer = i.user
	}
	return m
}
