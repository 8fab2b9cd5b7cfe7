package telegram

import (
	"fmt"
	"slices"
	"strings"

	"github.com/soukchat/souk/bots"
)

// view is a Screen as Telegram shows it: one message.
type view struct {
	html     string
	photo    string // the address of the picture, "" for a text message
	keyboard *keyboard
	invoice  *call // the message is an invoice
}

// draw turns a Screen into a message. The rules:
//
//   - A picture carries the text as its caption. Where the text does not fit a
//     caption, the message is a text without the picture.
//   - A menu is a row of buttons for each choice, two in a row where there are
//     many short ones; the choice that holds is marked. Its hint stands under
//     the text, where there is room.
//   - Buttons in a row that would be cut off on a phone go into more rows.
//   - A form asks for one field at a time, and can be left.
//   - The notice heads the message, where there is no better place for it:
//     pass "" if there is.
func draw(s bots.Screen, notice string) view {
	var t bots.Text
	if notice != "" {
		t = append(t, bots.Span{Text: notice, Look: bots.Italic})
		if len(s.Text) > 0 || s.Form != nil {
			t = append(t, bots.Span{Text: "\n\n"})
		}
	}
	t = append(t, s.Text...)
	if s.Form != nil {
		t = ask(t, s.Form)
	}
	v := view{keyboard: keys(s)}
	limit := maxText
	if s.Picture != nil && s.Picture.URL != "" && t.Len() <= maxCaption {
		v.photo, limit = s.Picture.URL, maxCaption
	}
	if s.Menu != nil {
		hint := bots.Text{{Text: "\n\n"}, {Text: s.Menu.Hint, Look: bots.Italic}}
		if t.Len()+hint.Len() <= limit {
			t = append(t, hint...)
		}
	}
	v.html = html(t, limit)
	return v
}

// ask adds the question for the form's next field.
func ask(t bots.Text, f *bots.Form) bots.Text {
	field := f.Fields[min(max(f.Step, 0), len(f.Fields)-1)]
	if len(t) > 0 && !strings.HasSuffix(t[len(t)-1].Text, "\n\n") {
		t = append(t, bots.Span{Text: "\n\n"})
	}
	t = append(t, bots.Span{Text: f.Title, Look: bots.Bold})
	if len(f.Fields) > 1 {
		t = append(t, bots.Span{Text: fmt.Sprintf(" (%d/%d)", f.Step+1, len(f.Fields))})
	}
	t = t.Line(bots.Span{Text: field.Label})
	switch {
	case field.Value != "": // better than any example
		t = t.Line(bots.Span{Text: field.Value, Look: bots.Code})
	case field.Hint != "":
		t = t.Line(bots.Span{Text: field.Hint, Look: bots.Italic})
	}
	return t
}

// rowWidth is how many characters of labels a phone shows in one row of two.
const (
	rowWidth = 36
	edges    = 3
)

func keys(s bots.Screen) *keyboard {
	var rows [][]button
	if s.Menu != nil {
		rows = append(rows, choices(s.Menu)...)
	}
	for _, row := range s.Rows {
		var drawn []button
		for _, b := range row {
			drawn = append(drawn, key(b))
		}
		rows = append(rows, wrap(drawn)...)
	}
	if s.Form != nil && s.Form.Quick.Label != "" {
		rows = append(rows, []button{key(s.Form.Quick)})
	}
	if s.Form != nil && s.Form.Cancel.Label != "" {
		rows = append(rows, []button{key(s.Form.Cancel)})
	}
	if rows == nil {
		return nil
	}
	return &keyboard{Rows: rows}
}

func choices(m *bots.Menu) [][]button {
	var list []button
	longest := 0
	for _, c := range m.Choices {
		label := oneLine(c.Label)
		if c.Description != "" {
			label += " · " + oneLine(c.Description)
		}
		if c.Chosen {
			label = "✓ " + label
		}
		label = bots.Clip(label, bots.MaxLabel)
		longest = max(longest, bots.Width(label))
		list = append(list, button{Text: label, Data: data(c.Action, false)})
	}
	inRow := 1
	if len(list) > 8 && longest*2 <= rowWidth {
		inRow = 2
	}
	return slices.Collect(slices.Chunk(list, inRow))
}

// wrap spreads a row's buttons over as many rows as their labels need, and
// evenly over these. A button's edges take as much room as edges letters.
func wrap(row []button) [][]button {
	if len(row) == 0 {
		return nil
	}
	longest := 0
	for _, b := range row {
		longest = max(longest, bots.Width(b.Text))
	}
	n := len(row)
	for n > 1 && n*(longest+edges) > rowWidth+2*edges {
		n--
	}
	lines := (len(row) + n - 1) / n
	return slices.Collect(slices.Chunk(row, (len(row)+lines-1)/lines))
}

func key(b bots.Button) button {
	k := button{Text: oneLine(b.Label)}
	switch b.Style {
	case bots.Primary:
		k.Style = "primary"
	case bots.Danger:
		k.Style = "danger"
	}
	switch {
	case b.Share != "":
		k.Switch = b.Share
	case b.Link != "":
		k.URL = b.Link
	default:
		k.Data = data(b.Action, b.Keep)
	}
	return k
}

// data writes an action as callback data. A "+" in place of the first space,
// or before a single word, says Keep: words hold none, and the 64 bytes that
// fit an action fit the data.
func data(a bots.Action, keep bool) string {
	if !keep {
		return string(a)
	}
	if first, rest, ok := strings.Cut(string(a), " "); ok {
		return first + "+" + rest
	}
	return "+" + string(a)
}

// action reads callback data back. Data that is no action, as a modified
// client can send, becomes the empty action.
func action(data string) (a bots.Action, keep bool) {
	if rest, ok := strings.CutPrefix(data, "+"); ok {
		a, keep = bots.Action(rest), true
	} else if first, rest, ok := strings.Cut(data, "+"); ok {
		a, keep = bots.Action(first+" "+rest), true
	} else {
		a = bots.Action(data)
	}
	if a.Check() != nil {
		a = ""
	}
	return a, keep
}

// send writes a new message.
func (v view) send(chat, thread string) call {
	if v.invoice != nil {
		c := *v.invoice
		c.Chat, c.Thread, c.Keyboard = chat, thread, v.keyboard
		return c
	}
	c := call{Method: "sendMessage", Chat: chat, Thread: thread, ParseMode: "HTML", Keyboard: v.keyboard}
	if v.photo != "" {
		c.Method, c.Photo, c.Caption = "sendPhoto", v.photo, v.html
	} else {
		c.Text, c.Preview = v.html, &preview{Disabled: true}
	}
	return c
}

// edit replaces a message that shows a picture, or none, as the view does.
func (v view) edit() call {
	if v.photo != "" {
		return call{Method: "editMessageMedia", Media: &media{Type: "photo", Media: v.photo, Caption: v.html, ParseMode: "HTML"}, Keyboard: v.keyboard}
	}
	return call{Method: "editMessageText", Text: v.html, ParseMode: "HTML", Preview: &preview{Disabled: true}, Keyboard: v.keyboard}
}
