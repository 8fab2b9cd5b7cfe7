package telegram

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
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
	return checkTexts(arguments)
}

// checkTexts parses every text with markup and every keyboard in a call,
// however deep it lies.
func checkTexts(arguments []byte) error {
	var list []json.RawMessage
	if json.Unmarshal(arguments, &list) == nil {
		for _, x := range list {
			if err := checkTexts(x); err != nil {
				return err
			}
		}
		return nil
	}
	c := &call{args: map[string]string{}}
	if c.readJSON(arguments) != nil {
		return nil // no object
	}
	if text, ok := c.args["message_text"]; ok {
		c.args["text"] = text
	}
	if _, ok := c.args["parse_mode"]; ok {
		for _, name := range []string{"text", "caption"} {
			if _, _, err := c.formatted(name); err != nil {
				return err
			}
		}
	}
	if _, _, err := c.markup(); err != nil {
		return err
	}
	for _, name := range []string{"media", "results", "input_message_content"} {
		if err := checkTexts([]byte(c.args[name])); err != nil {
			return err
		}
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
