package telegram

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// check holds a call against its method. Lengths of texts with markup are
// left to whoever parses them, because they count afterwards.
func (s *spec) check(c *call) error {
	fields := s.methods[c.method]
	_, marked := fields["parse_mode"]
	for name := range c.args {
		f, ok := fields[name]
		if !ok && (name != "method" || !c.reply) {
			return badRequest("%s has no field %q in the Bot API %s", c.method, name, s.version)
		} else if !ok {
			continue
		}
		if marked && (name == "text" || name == "caption") {
			f.max = 0
		}
		if err := s.checkArgument(name, c.args[name], f); err != nil {
			return badRequest("%v", err)
		}
	}
	for name := range c.files {
		f, ok := fields[name]
		if !ok || !slices.Contains(f.types, "InputFile") {
			return badRequest("%s takes no upload in %q", c.method, name)
		}
	}
	for name, f := range fields {
		_, given := c.args[name]
		_, uploaded := c.files[name]
		if f.required && !given && !uploaded {
			return badRequest("%s misses the required field %q", c.method, name)
		}
	}
	return nil
}

func (s *spec) checkArgument(name, text string, f field) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("strings must be encoded in UTF-8")
	}
	if slices.Contains(f.types, "String") {
		return f.length(name, text)
	}
	if len(f.types) == 1 && (f.types[0] == "Integer" || f.types[0] == "Boolean") {
		var v any = json.Number(text)
		if f.types[0] == "Boolean" {
			v = map[string]any{"true": true, "false": false}[text]
		}
		return s.checkValue(name, v, f)
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return fmt.Errorf("can't parse %s as JSON: %v", name, err)
	}
	return s.checkValue(name, v, f)
}

// checkValue holds a JSON value against the types it may have. The error is
// that of the type that was meant.
func (s *spec) checkValue(path string, v any, f field) error {
	var err error
	best := -1
	for _, t := range f.types {
		problem := s.checkType(path, v, t)
		if problem == nil {
			if text, ok := v.(string); ok && path != "message_text" && path != "caption" {
				return f.length(path, text)
			}
			return nil
		}
		if n := s.likeness(v, t); n > best {
			best, err = n, problem
		}
	}
	return err
}

// likeness counts the fields of an object that a type knows.
func (s *spec) likeness(v any, t string) int {
	n := 0
	object, _ := v.(map[string]any)
	for name := range object {
		if _, ok := s.types[t][name]; ok {
			n++
		}
	}
	return n
}

func (s *spec) checkType(path string, v any, t string) error {
	wrong := fmt.Errorf("%s: expected %s", path, t)
	if item, ok := strings.CutPrefix(t, "Array of "); ok {
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%s: expected an Array of %s", path, item)
		}
		for i, x := range list {
			if err := s.checkType(path+"["+strconv.Itoa(i)+"]", x, item); err != nil {
				return err
			}
		}
		return nil
	}
	ok := true
	switch t {
	case "String":
		_, ok = v.(string)
	case "Boolean":
		_, ok = v.(bool)
	case "True":
		ok = v == true
	case "Integer":
		n, isNumber := v.(json.Number)
		_, err := n.Int64()
		ok = isNumber && err == nil
	case "Float":
		_, ok = v.(json.Number)
	default:
		return s.checkObject(path, v, t)
	}
	if !ok {
		return wrong
	}
	return nil
}

func (s *spec) checkObject(path string, v any, t string) error {
	if union, ok := s.unions[t]; ok {
		return s.checkUnion(path, v, t, union)
	}
	fields, known := s.types[t]
	if !known {
		return fmt.Errorf("%s: the stand-in does not imitate %s", path, t)
	}
	o, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: expected %s", path, t)
	}
	for name, x := range o {
		f, ok := fields[name]
		if !ok {
			return fmt.Errorf("%s: %s has no field %q", path, t, name)
		}
		if err := s.checkValue(name, x, f); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	for name, f := range fields {
		if _, ok := o[name]; f.required && !ok {
			return fmt.Errorf("%s: %s misses the required field %q", path, t, name)
		}
	}
	return nil
}

// checkUnion finds the member of a union that a value is. Where the members
// are told apart by their "type", as "article" for InlineQueryResultArticle,
// it alone decides.
func (s *spec) checkUnion(path string, v any, t string, union []string) error {
	var last error
	for _, u := range union {
		if suffix, ok := strings.CutPrefix(u, t); ok {
			if o, ok := v.(map[string]any); ok {
				if kind, ok := o["type"].(string); ok {
					if strings.ToLower(suffix) == strings.ReplaceAll(kind, "_", "") {
						return s.checkObject(path, v, u)
					}
					continue
				}
			}
		}
		if last = s.checkObject(path, v, u); last == nil {
			return nil
		}
	}
	if last == nil {
		return fmt.Errorf("%s: no such %s is imitated", path, t)
	}
	return last
}

func (f field) length(name, text string) error {
	n, unit := width(text), "characters"
	if f.bytes {
		n, unit = len(text), "bytes"
	}
	if f.max == 0 || n >= f.min && n <= f.max {
		return nil
	}
	if name == "callback_data" {
		return fmt.Errorf("BUTTON_DATA_INVALID")
	}
	return fmt.Errorf("%s has %d %s, %d to %d fit", name, n, unit, f.min, f.max)
}

// width counts UTF-16 units, as the Bot API counts characters.
func width(s string) int { return len(utf16.Encode([]rune(s))) }

// checkUpdate holds one of the stand-in's own updates against the published
// types, for its tests.
func checkUpdate(body []byte) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return err
	}
	return published.checkObject("update", v, "Update")
}
