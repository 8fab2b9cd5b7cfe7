package stripe

import (
	_ "embed"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

//go:embed params.txt
var paramsText string

// param is what is known of one parameter.
type param struct {
	kind     string // string, integer, boolean, object, array or map
	required bool
	values   []string
	longest  int
}

// known maps each request ("POST /v1/refunds") to its parameters by path
// ("line_items[].quantity").
var known = readParams(paramsText)

func readParams(text string) map[string]map[string]param {
	all := map[string]map[string]param{}
	var of map[string]param
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
		case !strings.HasPrefix(line, " "):
			of = map[string]param{}
			all[strings.Join(words, " ")] = of
		default:
			name, required := strings.CutSuffix(words[0], "*")
			p := param{kind: words[1], required: required}
			for _, w := range words[2:] {
				if n, ok := strings.CutPrefix(w, "max="); ok {
					p.longest, _ = strconv.Atoi(n)
				} else {
					p.values = strings.Split(w, "|")
				}
			}
			of[name] = p
		}
	}
	return all
}

// form is the parameters of one request, by their paths with the positions
// still in them: line_items.0.quantity.
type form map[string]string

// parse checks the parameters of a request against what is known of it.
func parse(request string, values url.Values) (form, *apiError) {
	table, f := known[request], form{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		path := strings.ReplaceAll(strings.ReplaceAll(key, "[", "."), "]", "")
		path = strings.TrimSuffix(path, ".")
		if len(values[key]) > 1 { // enabled_events[]=a&enabled_events[]=b
			for i, v := range values[key] {
				f[path+"."+strconv.Itoa(i)] = v
			}
		} else if strings.HasSuffix(key, "[]") {
			f[path+".0"] = values[key][0]
		} else {
			f[path] = values[key][0]
		}
	}
	present := map[string]bool{"": true} // concrete paths of objects
	for _, path := range slices.Sorted(maps.Keys(f)) {
		kind, err := check(table, path, f[path], present)
		if err != nil {
			return nil, err
		}
		if kind == "skip" {
			delete(f, path)
		}
	}
	for name, p := range table {
		if !p.required {
			continue
		}
		parent, last := "", name
		if i := strings.LastIndexByte(name, '.'); i >= 0 {
			parent, last = name[:i], name[i+1:]
		}
		for at := range present {
			if generic(table, at) == parent && !present[join(at, last)] {
				missing := bracket(join(at, last))
				return nil, &apiError{Status: 400, Code: "parameter_missing", Param: missing,
					Message: "Missing required param: " + missing + "."}
			}
		}
	}
	return f, nil
}

// check holds one value to the table and notes it and its parents as present.
func check(table map[string]param, path, value string, present map[string]bool) (string, *apiError) {
	parts := strings.Split(path, ".")
	for i := 1; i <= len(parts); i++ {
		at := strings.Join(parts[:i], ".")
		p, ok := table[generic(table, at)]
		name := bracket(path)
		switch {
		case !ok:
			return "", &apiError{Status: 400, Code: "parameter_unknown", Param: name, Message: "Received unknown parameter: " + name}
		case p.kind == "map":
			present[at] = true
			return "", checkMap(parts[i:], at, value)
		case i < len(parts) && p.kind != "object" && p.kind != "array":
			return "", &apiError{Status: 400, Param: name, Message: "Invalid " + p.kind + ": " + bracket(at)}
		case i == len(parts) && (p.kind == "object" || p.kind == "array"):
			if value != "" {
				return "", &apiError{Status: 400, Param: name, Message: "Invalid " + p.kind}
			}
			return "skip", nil
		}
		present[at] = true
		if i == len(parts) {
			return p.kind, p.check(name, value)
		}
	}
	return "", nil
}

func (p param) check(name, value string) *apiError {
	bad := func(code, format string, args ...any) *apiError {
		return &apiError{Status: 400, Code: code, Param: name, Message: fmt.Sprintf(format, args...)}
	}
	if value == "" {
		return bad("parameter_invalid_empty", "You passed an empty string for '%s'. We assume empty values are an attempt to unset a parameter; however '%s' cannot be unset.", name, name)
	}
	switch p.kind {
	case "integer":
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return bad("parameter_invalid_integer", "Invalid integer: %s", value)
		}
	case "boolean":
		if value != "true" && value != "false" {
			return bad("", "Invalid boolean: %s", value)
		}
	}
	if len(p.values) > 0 && !slices.Contains(p.values, value) {
		return bad("", "Invalid %s: must be one of %s", name, strings.Join(p.values, ", "))
	}
	longest := p.longest
	if longest == 0 {
		longest = 5000
	}
	if n := len([]rune(value)); n > longest {
		return bad("", "Invalid string: %s…; must be at most %d characters", string([]rune(value)[:10]), longest)
	}
	return nil
}

// checkMap checks one key of metadata: up to 50 keys of 40 characters without
// brackets, values of 500 (docs.stripe.com/metadata).
func checkMap(key []string, at, value string) *apiError {
	if len(key) != 1 || len(key[0]) > 40 || len([]rune(value)) > 500 {
		return &apiError{Status: 400, Param: at, Message: "Metadata keys have at most 40 characters and no brackets, values at most 500."}
	}
	return nil
}

// generic replaces positions by []: line_items.0.quantity becomes
// line_items[].quantity.
func generic(table map[string]param, path string) string {
	at := ""
	for part := range strings.SplitSeq(path, ".") {
		if _, err := strconv.Atoi(part); err == nil && table[at].kind == "array" {
			at += "[]"
		} else {
			at = join(at, part)
		}
	}
	return at
}

func join(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "." + name
}

// bracket writes a path as a parameter is named: line_items[0][quantity].
func bracket(path string) string {
	first, rest, ok := strings.Cut(path, ".")
	if !ok {
		return first
	}
	return first + "[" + strings.ReplaceAll(rest, ".", "][") + "]"
}

func (f form) int(path string) int64 {
	n, _ := strconv.ParseInt(f[path], 10, 64)
	return n
}

func (f form) has(path string) bool {
	if _, ok := f[path]; ok {
		return true
	}
	for k := range f {
		if strings.HasPrefix(k, path+".") {
			return true
		}
	}
	return false
}

// strings returns the values of an array, in order.
func (f form) strings(path string) (all []string) {
	for i := 0; ; i++ {
		v, ok := f[path+"."+strconv.Itoa(i)]
		if !ok {
			return all
		}
		all = append(all, v)
	}
}

// object returns the values right below a path, never nil.
func (f form) object(path string) map[string]string {
	m := map[string]string{}
	for k, v := range f {
		if name, ok := strings.CutPrefix(k, path+"."); ok && v != "" && !strings.Contains(name, ".") {
			m[name] = v
		}
	}
	return m
}
