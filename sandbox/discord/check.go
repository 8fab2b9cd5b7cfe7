package discord

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// spec.json holds facts of the published API v10: for each shape its fields,
// each with its type, "!" where it is required and "?" where it may be null,
// the bounds of its length or value, and the values it can have after "=".
// "[]" begins a list, whose bounds are of its length and whose values are of
// its elements; "null" is a field that exists and is not imitated. The shapes
// InteractionCallback, AutocompleteData and ApplicationFormPartial are cut to
// what is imitated.
//
//go:embed spec.json
var specJSON []byte

var shapes = readShapes(specJSON)

type field struct {
	kinds    []string
	list     bool
	required bool
	null     bool
	lo, hi   int // hi -1 for none
	values   []string
}

func readShapes(raw []byte) map[string]map[string]field {
	var texts map[string]map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		panic(err)
	}
	all := map[string]map[string]field{}
	for shape, fields := range texts {
		all[shape] = map[string]field{}
		for name, text := range fields {
			f := field{hi: -1}
			text, values, found := strings.Cut(text, " =")
			if found {
				f.values = strings.Split(values, ",")
			}
			text, bounds, found := strings.Cut(text, " ")
			if found {
				lo, hi, _ := strings.Cut(bounds, "..")
				f.lo, _ = strconv.Atoi(lo)
				if n, err := strconv.Atoi(hi); err == nil {
					f.hi = n
				}
			}
			text, f.null = strings.CutSuffix(text, "?")
			text, f.required = strings.CutSuffix(text, "!")
			text, f.list = strings.CutPrefix(text, "[]")
			f.kinds = strings.Split(text, "|")
			all[shape][name] = f
		}
	}
	return all
}

// Check reports how a body departs from the published shape of this name and
// from the rules beyond it: nil if it does not. The shape InteractionCallback
// is a whole answer to an interaction.
func Check(shape string, raw []byte) error {
	if shape == "InteractionCallback" {
		var body struct {
			Type int
			Data json.RawMessage
		}
		if err := decode(shape, raw, &body); err != nil {
			return err
		}
		switch body.Type {
		case answerMessage:
			return Check("IncomingWebhookInteractionRequest", body.Data)
		case answerUpdate:
			return Check("IncomingWebhookUpdateForInteractionCallbackRequestPartial", body.Data)
		case answerChoices:
			return Check("AutocompleteData", body.Data)
		case answerModal:
			return Check("ModalInteractionCallbackRequestData", body.Data)
		}
		return nil
	}
	switch shape {
	case "ModalInteractionCallbackRequestData":
		m := &Modal{}
		if err := decode(shape, raw, m); err != nil {
			return err
		}
		return m.check()
	case "AutocompleteData":
		_, err := readChoices(raw)
		return err
	}
	if _, ok := shapes[shape]["embeds"]; ok {
		_, err := readPayload(shape, raw, nil)
		return err
	}
	return check(shape, raw)
}

// decode checks a JSON value and reads it into v.
func decode(shape string, raw []byte, v any) error {
	if err := check(shape, raw); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return errNoJSON
	}
	return nil
}

var errNoJSON = refuse(http.StatusBadRequest, 50109, "The request body contains invalid JSON.")

// check holds a JSON value to the shape of this name.
func check(shape string, raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return errNoJSON
	}
	c := checker{}
	c.shape("", shape, v)
	return c.err()
}

// checker collects what is wrong with a body, all of it.
type checker struct{ errors map[string]any }

func (c *checker) err() error {
	if c.errors == nil {
		return nil
	}
	return &apiError{Status: http.StatusBadRequest, Code: 50035, Message: "Invalid Form Body", Errors: c.errors}
}

// add notes a problem with the field at a dotted path.
func (c *checker) add(path, code, message string, args ...any) {
	if c.errors == nil {
		c.errors = map[string]any{}
	}
	at := c.errors
	for _, name := range strings.Split(strings.TrimPrefix(path, "."), ".") {
		next, _ := at[name].(map[string]any)
		if next == nil {
			next = map[string]any{}
			at[name] = next
		}
		at = next
	}
	list, _ := at["_errors"].([]any)
	at["_errors"] = append(list, map[string]any{"code": code, "message": fmt.Sprintf(message, args...)})
}

func (c *checker) shape(path, name string, v any) {
	object, ok := v.(map[string]any)
	if !ok {
		c.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a %s", name)
		return
	}
	fields := shapes[name]
	for key, value := range object {
		f, ok := fields[key]
		switch {
		case !ok:
			c.add(path+"."+key, "UNKNOWN_FIELD", "%s has no such field", name)
		case value == nil && !f.null && f.kinds[0] != "null":
			c.add(path+"."+key, "BASE_TYPE_REQUIRED", "This field is required")
		case value != nil:
			c.field(path+"."+key, f, value)
		}
	}
	for key, f := range fields {
		if _, ok := object[key]; !ok && f.required {
			c.add(path+"."+key, "BASE_TYPE_REQUIRED", "This field is required")
		}
	}
}

func (c *checker) field(path string, f field, v any) {
	if !f.list {
		c.value(path, f, v)
		return
	}
	list, ok := v.([]any)
	if !ok {
		c.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a List")
		return
	}
	c.length(path, f, len(list))
	one := field{kinds: f.kinds, values: f.values, hi: -1}
	for i, element := range list {
		c.value(path+"."+strconv.Itoa(i), one, element)
	}
}

func (c *checker) length(path string, f field, n int) {
	switch {
	case f.hi >= 0 && f.lo > 0 && (n < f.lo || n > f.hi):
		c.add(path, "BASE_TYPE_BAD_LENGTH", "Must be between %d and %d in length.", f.lo, f.hi)
	case f.hi >= 0 && n > f.hi:
		c.add(path, "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", f.hi)
	case n < f.lo:
		c.add(path, "BASE_TYPE_MIN_LENGTH", "Must be %d or more in length.", f.lo)
	}
}

// value checks one value against its type; a path's error says what it wants.
func (c *checker) value(path string, f field, v any) {
	text, isText := v.(string)
	number, isNumber := v.(json.Number)
	good := false
	switch kind := f.kinds[0]; kind {
	case "any":
		return
	case "null":
		c.add(path, "NOT_IMITATED", "this field is not imitated")
		return
	case "bool":
		_, good = v.(bool)
	case "int", "number":
		n, err := number.Float64()
		good = isNumber && err == nil && (kind == "number" || n == float64(int64(n)))
		if good && (n < float64(f.lo) && f.lo != 0 || f.hi >= 0 && (n > float64(f.hi) || n < float64(f.lo))) {
			c.add(path, "NUMBER_TYPE_RANGE", "Value should be between %d and %d.", f.lo, f.hi)
			return
		}
	case "string":
		if good = isText; good {
			c.length(path, f, width(text))
		}
	case "nonce":
		good = isNumber || isText
		c.length(path, f, width(text))
	case "snowflake":
		_, err := strconv.ParseUint(text, 10, 64)
		good = isText && err == nil
	case "uri":
		if good = isText; good {
			c.length(path, f, len(text))
			if u, err := url.Parse(text); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
				c.add(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
			}
		}
	case "time":
		_, err := time.Parse(time.RFC3339, text)
		good = isText && err == nil
	case "texts":
		texts, ok := v.(map[string]any)
		good = ok
		for language, one := range texts {
			if _, known := shapes["Locales"][language]; !known {
				c.add(path+"."+language, "ENUM_TYPE_COERCE", "Value %q is not a valid locale.", language)
			}
			c.value(path+"."+language, field{kinds: []string{"string"}, lo: f.lo, hi: f.hi}, one)
		}
	default:
		if shape, ok := alternative(f.kinds, v); ok {
			c.shape(path, shape, v)
		} else {
			c.add(path, "UNION_TYPE_CHOICES", "not one of %s", strings.Join(f.kinds, ", "))
		}
		return
	}
	if !good {
		c.add(path, strings.ToUpper(f.kinds[0])+"_TYPE_CONVERT", "%v is not a %s.", v, f.kinds[0])
		return
	}
	if len(f.values) > 0 && !slices.Contains(f.values, fmt.Sprint(v)) {
		c.add(path, "BASE_TYPE_CHOICES", "Value must be one of {%s}.", strings.Join(f.values, ", "))
	}
}

// alternative picks the shape whose "type" is the value's.
func alternative(kinds []string, v any) (string, bool) {
	if len(kinds) == 1 {
		return kinds[0], true
	}
	object, _ := v.(map[string]any)
	for _, name := range kinds {
		if slices.Contains(shapes[name]["type"].values, fmt.Sprint(object["type"])) {
			return name, true
		}
	}
	return "", false
}
