package shop

// This file collects forms. The rules:
//   - a form's answers come at once (Fill) or one after another (Say): both
//     reach the form's route as one Fill.
//   - a problem asks for its own field again, with the reason; what was right
//     need not be typed twice.
//   - a photo is asked for like a text; its answer names it. Text is none.
//   - a field that has a value already is kept by a dot, an optional one is
//     left out by a dash; a button does either with one tap.

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
)

// talk is the state of a conversation: the form being filled.
type talk struct {
	Form  *bots.Form        `json:"form,omitempty"`
	Given map[string]string `json:"given,omitempty"` // the answers so far, by key
}

// hear takes what somebody typed. Where a form is open it answers the field
// asked: the next question is returned, or, once the form is whole, the event
// has become the filled form. Where none is open the text is a search.
func (t talk) hear(v *visit) (next bots.Screen, whole bool) {
	if t.Form == nil || t.Form.Step < 0 || t.Form.Step >= len(t.Form.Fields) {
		if v.ev.Kind, v.ev.Action = bots.Do, "search"; v.ev.Photo != "" || v.ev.Video != "" {
			v.ev.Action, v.ev.Text = "start", "" // nobody asked for one
		}
		return bots.Screen{}, true
	}
	v.said, v.given = true, maps.Clone(t.Given)
	if v.given == nil {
		v.given = map[string]string{}
	}
	form := *t.Form
	field := form.Fields[form.Step]
	answer := strings.TrimSpace(v.ev.Text)
	switch {
	case field.Photo && v.ev.Photo != "":
		answer = v.ev.Photo
	case field.Video && v.ev.Video != "":
		answer = v.ev.Video
	case field.Video:
		return v.ask(form, form.Step, v.Say("form.video")), false
	case field.Photo && answer != "-":
		return v.ask(form, form.Step, v.Say("form.photo")), false
	case answer == "." && field.Value != "":
		answer = field.Value
	case answer == "-" && field.Optional:
		answer = ""
	case answer == "":
		return v.ask(form, form.Step, v.Say("form.empty")), false
	case bots.Width(answer) > field.Limit():
		return v.ask(form, form.Step, v.Count("form.long", int64(field.Limit()))), false
	}
	v.given[field.Key] = answer
	for i, f := range form.Fields {
		if _, ok := v.given[f.Key]; !ok {
			return v.ask(form, i, ""), false
		}
	}
	v.ev.Kind, v.ev.Action, v.ev.Values = bots.Fill, form.Action, v.given
	return bots.Screen{}, true
}

// quick makes the button that answers a field without typing, if there is
// something to answer it with. Its action names the step: pressed later, under
// an older question, it must not answer another one.
func (v *visit) quick(f bots.Field, step int) bots.Button {
	b := bots.Button{Action: bots.Path("quick", strconv.Itoa(step))}
	switch {
	case f.Value != "" && !v.wrong && !f.Upload():
		b.Label = v.Say("form.keep", "Value", bots.Clip(strings.Join(strings.Fields(f.Value), " "), 40))
	case f.Optional && f.Value == "":
		b.Label = v.Say("form.skip")
	default:
		return bots.Button{}
	}
	return b
}

// press takes a press of that button as the answer it stands for.
func (t talk) press(v *visit) {
	words := v.ev.Action.Words()
	if v.ev.Kind != bots.Do || len(words) != 2 || words[0] != "quick" || t.Form == nil || t.Form.Step >= len(t.Form.Fields) {
		return
	}
	v.ev.Kind = bots.Say
	switch f := t.Form.Fields[t.Form.Step]; {
	case number(words[1]) != t.Form.Step: // of an earlier question: the one that is open is asked again
		v.ev.Text = ""
	case f.Value != "":
		v.ev.Text = "."
	default:
		v.ev.Text = "-"
	}
}

// ask shows a form from the field at step on, with the reason why it is asked
// again, if it is.
func (v *visit) ask(form bots.Form, step int, reason string) bots.Screen {
	form.Step = step
	screen := bots.Screen{Form: &form, Path: form.Action}
	if reason != "" {
		v.wrong = true
		screen.Text = bots.T(reason)
	}
	return screen
}

// again asks for one field of a filled form again, with the reason.
func (v *visit) again(form bots.Form, key, reason string) bots.Screen {
	for i := range form.Fields {
		if form.Fields[i].Key == key {
			return v.ask(form, i, reason)
		}
	}
	return v.ask(form, 0, reason)
}

// remember returns the conversation's state after a screen, nil for none, and
// the screen with what its form already has.
func remember(v *visit, before talk, screen bots.Screen) ([]byte, bots.Screen) {
	if screen.Form == nil {
		return nil, screen
	}
	form := *screen.Form
	form.Fields = append([]bots.Field(nil), form.Fields...)
	given := v.given
	if given == nil && v.filled() {
		given = maps.Clone(v.ev.Values)
	}
	for i := range form.Fields {
		f := &form.Fields[i]
		if f.Upload() {
			continue // it is no text that could be shown again
		}
		switch typed, ok := given[f.Key]; {
		case ok:
			f.Value = bots.Clip(typed, f.Limit())
		case before.Form != nil && before.Form.Action == form.Action:
			if value := before.value(f.Key); value != "" {
				f.Value = bots.Clip(value, f.Limit())
			}
		}
	}
	if given != nil {
		asked := form.Fields[form.Step].Key
		if v.filled() && !v.wrong {
			given = nil // a form of its own, which another form has led to
		} else {
			delete(given, asked)
		}
	}
	screen.Form = &form
	form.Quick = v.quick(form.Fields[form.Step], form.Step)
	state, err := json.Marshal(talk{Form: &form, Given: given})
	if err != nil {
		return nil, screen
	}
	return state, screen
}

// value is what was typed into a field, right or wrong.
func (t talk) value(key string) string {
	if given, ok := t.Given[key]; ok {
		return given
	}
	for _, f := range t.Form.Fields {
		if f.Key == key {
			return f.Value
		}
	}
	return ""
}
