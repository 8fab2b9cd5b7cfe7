package bots

import (
	"fmt"
	"strings"
)

// The limits every platform keeps: for each the smallest of theirs, so that a
// Screen within them can be shown anywhere. Lengths are UTF-16 units unless
// they say bytes.
const (
	MaxAction      = 64       // bytes; Telegram callback_data 1-64 bytes, Discord custom_id 100
	MaxText        = 2000     // Discord content 2000, Telegram text 4096
	MaxCaption     = 1024     // Telegram caption 1024, Discord embed description 4096
	MaxLabel       = 64       // Discord button label 80; Telegram cuts what does not fit a phone's width
	MaxRows        = 4        // Discord 5 rows, one kept for a Menu
	MaxRowButtons  = 5        // Discord 5, Telegram 8
	MaxChoices     = 25       // Discord select options
	MaxChoice      = 100      // Discord option label and description
	MaxHint        = 150      // Discord select placeholder
	MaxFields      = 5        // Discord modal rows
	MaxFormTitle   = 45       // Discord modal title
	MaxFieldLabel  = 45       // Discord text input label
	MaxFieldHint   = 64       // Telegram input_field_placeholder 64, Discord 100
	MaxFieldText   = 1000     // ours: nothing a member types here is longer; Discord 4000
	MaxPhoto       = 10 << 20 // bytes; ours: Discord takes as many without a boost, Telegram hands out 20 MB
	MaxVideo       = 20 << 20 // bytes; Telegram hands out no more
	MaxNotice      = 200      // Telegram answerCallbackQuery text
	MaxLink        = 512      // Discord button URL
	MaxSuggestion  = 100      // Discord autocomplete choice name
	MaxStart       = 64       // Telegram deep link start parameter
	MaxCommandName = 32       // both
	MaxCommandText = 100      // Discord description; Telegram 256
	MaxCommands    = 100      // both, for one scope
)

// Check reports the first way in which the screen leaves the limits, or is
// inconsistent. Every test that draws a screen calls it.
func (s Screen) Check() error {
	max := MaxText
	if s.Picture != nil {
		max = MaxCaption
		if s.Picture.URL == "" || s.Picture.Alt == "" {
			return fmt.Errorf("picture without url or alt text")
		}
	}
	if n := s.Text.Len(); n > max {
		return fmt.Errorf("text of %d characters, %d fit", n, max)
	}
	if n := Width(s.Notice); n > MaxNotice {
		return fmt.Errorf("notice of %d characters, %d fit", n, MaxNotice)
	}
	if s.Path != "" {
		if err := s.Path.Check(); err != nil {
			return fmt.Errorf("path: %w", err)
		}
	}
	if !s.Empty() && len(s.Text) == 0 && s.Form == nil {
		return fmt.Errorf("no text")
	}
	if strings.TrimSpace(s.Text.String()) == "" && len(s.Text) > 0 {
		return fmt.Errorf("blank text")
	}
	if s.Verdict != nil {
		if !s.Empty() {
			return fmt.Errorf("a verdict beside something to show")
		}
		return s.Verdict.check()
	}
	if s.Invoice != nil {
		if s.Form != nil || s.Menu != nil || s.Picture != nil || s.Public {
			return fmt.Errorf("an invoice beside a form, a menu or a picture, or for everybody")
		}
		if err := s.Invoice.check(); err != nil {
			return err
		}
	}
	if s.Form != nil {
		if s.Menu != nil || len(s.Rows) > 0 {
			return fmt.Errorf("a form beside buttons or a menu")
		}
		return s.Form.check()
	}
	if len(s.Rows) > MaxRows {
		return fmt.Errorf("%d rows, %d fit", len(s.Rows), MaxRows)
	}
	seen := map[Action]bool{}
	for _, row := range s.Rows {
		if len(row) == 0 || len(row) > MaxRowButtons {
			return fmt.Errorf("a row of %d buttons, 1 to %d fit", len(row), MaxRowButtons)
		}
		for _, b := range row {
			if err := b.check(); err != nil {
				return fmt.Errorf("button %q: %w", b.Label, err)
			}
			if b.Action != "" && seen[b.Action] {
				return fmt.Errorf("button %q: action %q is there twice", b.Label, b.Action)
			}
			seen[b.Action] = true
		}
	}
	if s.Menu != nil {
		return s.Menu.check()
	}
	return nil
}

// Check reports whether the action fits a button on every platform.
func (a Action) Check() error {
	if a == "" || len(a) > MaxAction {
		return fmt.Errorf("action %q has %d bytes, 1 to %d fit", string(a), len(a), MaxAction)
	}
	for _, w := range strings.Split(string(a), " ") {
		if w == "" || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return fmt.Errorf("action %q has a word that is not of a-z 0-9", string(a))
		}
	}
	return nil
}

func (b Button) check() error {
	if n := Width(b.Label); n == 0 || n > MaxLabel {
		return fmt.Errorf("label of %d characters, 1 to %d fit", n, MaxLabel)
	}
	if (b.Action == "") == (b.Link == "") {
		return fmt.Errorf("needs an action or a link, one of them")
	}
	if len(b.Link) > MaxLink {
		return fmt.Errorf("link of %d bytes, %d fit", len(b.Link), MaxLink)
	}
	if b.Action != "" {
		return b.Action.Check()
	}
	return nil
}

func (m *Menu) check() error {
	if n := Width(m.Hint); n == 0 || n > MaxHint {
		return fmt.Errorf("menu hint of %d characters, 1 to %d fit", n, MaxHint)
	}
	if len(m.Choices) == 0 || len(m.Choices) > MaxChoices {
		return fmt.Errorf("%d choices, 1 to %d fit", len(m.Choices), MaxChoices)
	}
	seen := map[Action]bool{}
	for _, c := range m.Choices {
		if n := Width(c.Label); n == 0 || n > MaxChoice || Width(c.Description) > MaxChoice {
			return fmt.Errorf("choice %q: label 1 to %d characters, description at most as many", c.Label, MaxChoice)
		}
		if err := c.Action.Check(); err != nil {
			return fmt.Errorf("choice %q: %w", c.Label, err)
		}
		if seen[c.Action] {
			return fmt.Errorf("choice %q: action %q is there twice", c.Label, c.Action)
		}
		seen[c.Action] = true
	}
	return nil
}

func (f *Form) check() error {
	if err := f.Action.Check(); err != nil {
		return fmt.Errorf("form: %w", err)
	}
	if n := Width(f.Title); n == 0 || n > MaxFormTitle {
		return fmt.Errorf("form title of %d characters, 1 to %d fit", n, MaxFormTitle)
	}
	if len(f.Fields) == 0 || len(f.Fields) > MaxFields {
		return fmt.Errorf("%d fields, 1 to %d fit", len(f.Fields), MaxFields)
	}
	if f.Step < 0 || f.Step >= len(f.Fields) {
		return fmt.Errorf("form step %d of %d fields", f.Step, len(f.Fields))
	}
	for _, d := range f.Fields {
		if n := Width(d.Label); n == 0 || n > MaxFieldLabel || Width(d.Hint) > MaxFieldHint || Width(d.Value) > d.Limit() {
			return fmt.Errorf("field %q: label, hint or value too long", d.Key)
		}
		if err := Action(d.Key).Check(); err != nil {
			return fmt.Errorf("field key %q: %w", d.Key, err)
		}
	}
	if f.Quick != (Button{}) {
		if err := f.Quick.check(); err != nil {
			return fmt.Errorf("form, quick answer: %w", err)
		}
	}
	return f.Cancel.check()
}

// Limit returns how many characters the field takes.
func (d Field) Limit() int {
	if d.Max > 0 && d.Max < MaxFieldText {
		return d.Max
	}
	return MaxFieldText
}
