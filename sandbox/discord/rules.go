package discord

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode"
)

// The rules beyond the shapes: what Discord says in its documentation of
// messages, components, modals and commands.
const (
	maxContent  = 2000 // the published 4000 are for people who pay
	maxEmbeds   = 6000 // characters in all embeds of a message together
	maxRows     = 5
	maxRow      = 5    // buttons
	maxFields   = 5    // rows of a modal
	maxChosen   = 100  // characters of an autocomplete's value
	maxCommands = 100  // chat commands of an application
	maxCommand  = 8000 // characters in names, descriptions and values of a command
)

// width counts the UTF-16 units of s.
func width(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// formError is Discord's error for a field that is wrong; path is dotted.
func formError(path, code, message string) *apiError {
	c := checker{}
	c.add(path, code, "%s", message)
	return c.err().(*apiError)
}

func (p *payload) check() error {
	c := checker{}
	if p.Content != nil && width(*p.Content) > maxContent {
		c.add("content", "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", maxContent)
	}
	total := 0
	for i, e := range p.Embeds {
		n := width(e.Title) + width(e.Description)
		if e.Author != nil {
			n += width(e.Author.Name)
		}
		if e.Footer != nil {
			n += width(e.Footer.Text)
		}
		for _, f := range e.Fields {
			n += width(f.Name) + width(f.Value)
		}
		total += n
		if n == 0 && e.Image == nil && e.Thumbnail == nil {
			c.add(fmt.Sprintf("embeds.%d", i), "EMBED_EMPTY", "an embed without anything in it")
		}
	}
	if total > maxEmbeds {
		c.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of %d", maxEmbeds)
	}
	if p.EnforceNonce && p.Nonce == nil {
		c.add("nonce", "BASE_TYPE_REQUIRED", "This field is required")
	}
	if p.Flags&(1<<15) != 0 {
		c.add("flags", "NOT_IMITATED", "components V2 are not imitated")
	}
	p.components(&c)
	return c.err()
}

// components checks the rows of a message: at most 5, each of 1 to 5 buttons
// or one select, each custom_id there once.
func (p *payload) components(c *checker) {
	if len(p.Components) > maxRows {
		c.add("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and %d in length.", maxRows)
	}
	seen := map[string]bool{}
	for i, row := range p.Components {
		for j, one := range row.Components {
			path := fmt.Sprintf("components.%d.components.%d", i, j)
			if one.Type == StringSelect {
				one.selects(c, path)
				if len(row.Components) > 1 {
					c.add(path, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")
				}
			} else {
				one.button(c, path)
			}
			if one.CustomID != "" && seen[one.CustomID] {
				c.add(path+".custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
			}
			seen[one.CustomID] = true
		}
	}
}

func (b Component) button(c *checker, path string) {
	switch {
	case b.Style == 6:
		c.add(path+".style", "NOT_IMITATED", "premium buttons are not imitated")
	case b.Style == 5 && (b.URL == "" || b.CustomID != ""):
		c.add(path, "BASE_TYPE_REQUIRED", "a link button has a url and no custom_id")
	case b.Style != 5 && (b.CustomID == "" || b.URL != ""):
		c.add(path, "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED", "A custom id and no url required")
	}
	if strings.TrimSpace(b.Label) == "" && b.Emoji == nil {
		c.add(path+".label", "BUTTON_COMPONENT_INVALID_EMOJI_OR_LABEL", "a button has a label or an emoji")
	}
}

func (s Component) selects(c *checker, path string) {
	lo, hi, chosen := deref(s.MinValues, 1), deref(s.MaxValues, 1), 0
	seen := map[string]bool{}
	for i, o := range s.Options {
		at := fmt.Sprintf("%s.options.%d", path, i)
		if seen[o.Value] {
			c.add(at+".value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
		}
		seen[o.Value] = true
		if strings.TrimSpace(o.Label) == "" {
			c.add(at+".label", "BASE_TYPE_REQUIRED", "This field is required")
		}
		if o.Default {
			chosen++
		}
	}
	if chosen > hi || hi > len(s.Options) || lo > hi {
		c.add(path, "SELECT_COMPONENT_VALUES_RANGE", "min_values, max_values, options and defaults do not go together")
	}
}

// check holds a modal to its rules: at most 5 rows of one text input each.
func (m *Modal) check() error {
	c := checker{}
	if len(m.Components) > maxFields {
		c.add("components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and %d in length.", maxFields)
	}
	seen := map[string]bool{}
	for i, row := range m.Components {
		if in := row.Component; in != nil {
			if seen[in.CustomID] {
				c.add(fmt.Sprintf("components.%d.component.custom_id", i), "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
			}
			seen[in.CustomID] = true
			if in.Label != "" {
				c.add(fmt.Sprintf("components.%d.component.label", i), "BASE_TYPE_REQUIRED", "A component in a label has none of its own")
			}
		}
		for j, in := range row.Components {
			path := fmt.Sprintf("components.%d.components.%d", i, j)
			if j > 0 {
				c.add(path, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")
			}
			if seen[in.CustomID] {
				c.add(path+".custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
			}
			seen[in.CustomID] = true
			if in.Label == "" {
				c.add(path+".label", "BASE_TYPE_REQUIRED", "This field is required")
			}
			if in.MaxLength > 0 && (width(in.Value) > in.MaxLength || in.MinLength > in.MaxLength) {
				c.add(path+".value", "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", in.MaxLength)
			}
		}
	}
	return c.err()
}

// readChoices reads the results of an autocomplete.
func readChoices(raw []byte) ([]Choice, error) {
	var d struct {
		Choices []Choice `json:"choices"`
	}
	if err := decode("AutocompleteData", raw, &d); err != nil {
		return nil, err
	}
	c := checker{}
	for i, one := range d.Choices {
		if n := width(fmt.Sprint(one.Value)); n < 1 || n > maxChosen {
			c.add(fmt.Sprintf("choices.%d.value", i), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and %d in length.", maxChosen)
		}
	}
	return orEmpty(d.Choices), c.err()
}

// checkCommands holds a whole list of commands to the rules of names and sizes.
func checkCommands(list []Command) error {
	c := checker{}
	if len(list) > maxCommands {
		return &apiError{Status: http.StatusBadRequest, Code: 30032, Message: fmt.Sprintf("Maximum number of application commands reached (%d)", maxCommands)}
	}
	seen := map[string]bool{}
	for i, command := range list {
		path := fmt.Sprint(i)
		if seen[command.Name] {
			c.add(path, "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
		}
		seen[command.Name] = true
		if command.Type > 1 {
			c.add(path+".type", "NOT_IMITATED", "only slash commands are imitated")
		}
		if !isName(command.Name) {
			c.add(path+".name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
		}
		if command.Description == "" {
			c.add(path+".description", "BASE_TYPE_REQUIRED", "This field is required")
		}
		command.options(&c, path)
		if raw, err := json.Marshal(command); err != nil || len(raw) > maxCommand+500 {
			c.add(path, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (%d)", maxCommand)
		}
	}
	return c.err()
}

func (command Command) options(c *checker, path string) {
	optional, names := false, map[string]bool{}
	for i, o := range command.Options {
		at := fmt.Sprintf("%s.options.%d", path, i)
		switch {
		case !isName(o.Name):
			c.add(at+".name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
		case names[o.Name]:
			c.add(at+".name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
		case o.Required && optional:
			c.add(at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options")
		case o.Autocomplete && len(o.Choices) > 0:
			c.add(at, "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID", "autocomplete and choices exclude one another")
		}
		names[o.Name], optional = true, optional || !o.Required
	}
}

// isName follows ^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$, lower-case.
func isName(s string) bool {
	for _, r := range s {
		if !strings.ContainsRune("-_'", r) && !unicode.In(r, unicode.L, unicode.N, unicode.Devanagari, unicode.Thai) || unicode.ToLower(r) != r {
			return false
		}
	}
	n := width(s)
	return n >= 1 && n <= 32
}
