package telegram

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// spec.json holds facts of the Bot API: the names of methods and of their
// fields, the fields' types, which are required ("!"), and lengths. A type is
// an object of fields or a list of the types it may be. "others" are methods
// that exist and are not imitated.
//
//go:embed spec.json
var specJSON []byte

var published = readSpec(specJSON)

type spec struct {
	version string
	methods map[string]map[string]field
	types   map[string]map[string]field
	unions  map[string][]string
	others  map[string]bool
}

type field struct {
	types    []string
	required bool
	min, max int // max 0 for no limit
	bytes    bool
}

// Check reports how a call with a JSON object of arguments departs from the
// published fields, types and limits: nil if it does not.
func Check(method string, arguments []byte) error {
	c := &call{method: method, args: map[string]string{}}
	if err := c.readJSON(arguments); err != nil {
		return err
	}
	if _, ok := published.methods[method]; !ok {
		return fmt.Errorf("no method %q", method)
	}
	if err := published.check(c); err != nil {
		return err
	}
	for _, name := range []string{"text", "caption"} {
		if _, _, err := c.formatted(name); err != nil {
			return err
		}
	}
	if _, _, err := c.markup(); err != nil {
		return err
	}
	return nil
}

func readSpec(data []byte) spec {
	var raw struct {
		Version string
		Methods map[string]map[string]string
		Types   map[string]json.RawMessage
		Others  []string
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		panic(err)
	}
	s := spec{version: raw.Version, methods: map[string]map[string]field{}, types: map[string]map[string]field{}, unions: map[string][]string{}, others: map[string]bool{}}
	for name, fields := range raw.Methods {
		s.methods[name] = readFields(fields)
	}
	for name, t := range raw.Types {
		var fields map[string]string
		var union []string
		if json.Unmarshal(t, &union) == nil {
			s.unions[name] = union
		} else if err := json.Unmarshal(t, &fields); err != nil {
			panic(err)
		} else {
			s.types[name] = readFields(fields)
		}
	}
	for _, name := range raw.Others {
		s.others[name] = true
	}
	return s
}

func readFields(raw map[string]string) map[string]field {
	fields := map[string]field{}
	for name, text := range raw {
		var f field
		head := text
		if i := strings.LastIndex(text, ".."); i > 0 {
			at := strings.LastIndex(text[:i], " ")
			head = text[:at]
			var unit string
			fmt.Sscanf(text[at+1:], "%d..%d %s", &f.min, &f.max, &unit)
			f.bytes = unit == "bytes"
		}
		f.required = strings.HasSuffix(head, "!")
		f.types = strings.Split(strings.TrimSuffix(head, "!"), "|")
		fields[name] = f
	}
	return fields
}

// check holds a call against its method. Lengths of texts with markup are
// left to whoever parses them, because they count afterwards.
func (s *spec) check(c *call) error {
	fields := s.methods[c.method]
	for name := range c.args {
		f, ok := fields[name]
		if !ok && (name != "method" || !c.reply) {
			return badRequest("%s has no field %q in the Bot API %s", c.method, name, s.version)
		} else if !ok {
			continue
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
		if name == "text" || name == "caption" {
			return nil
		}
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

// checkValue holds a JSON value against the types it may have.
func (s *spec) checkValue(path string, v any, f field) error {
	var first error
	for _, t := range f.types {
		err := s.checkType(path, v, t)
		if err == nil {
			if text, ok := v.(string); ok && path != "message_text" {
				return f.length(path, text)
			}
			return nil
		}
		if first == nil || !strings.Contains(err.Error(), "expected") {
			first = err
		}
	}
	return first
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
