package config

import (
	"reflect"
	"regexp"
	"strings"
)

// This file reads a drop that was typed in a chat. It is the same as in the
// YAML: what was typed becomes the same tree, and is read and checked by the
// same rules. No variable is filled in.

// More is where somebody types what a chat does not ask for one by one, as it
// stands in the YAML.
const More = "more"

// ReadDrop reads a drop of a brand: typed are its keys with what was typed, empty
// ones left out; units may name variants, as Small 10, Large 5, and more holds
// lines of the YAML. The paths of the problems are keys of a drop, as opens.
func (c *Config) ReadDrop(brand string, typed map[string]string) (Drop, Problems) {
	const name = "typed"
	at := Position{File: "the form"}
	root := &node{kind: mapping, keyAt: map[string]Position{}, value: map[string]*node{}}
	set := func(key string, n *node) {
		root.keys = append(root.keys, key)
		n.at = at
		root.value[key], root.keyAt[key] = n, at
	}
	set("brand", &node{kind: text, text: brand})
	for _, key := range sorted(typed) {
		value := strings.TrimSpace(typed[key])
		switch {
		case value == "" || key == More:
		case key == "units":
			if parts, ok := variants(value); ok {
				set("variants", parts)
			} else {
				set(key, &node{kind: text, text: value})
			}
		default:
			set(key, &node{kind: text, text: value})
		}
	}
	var problems Problems
	if more := strings.TrimSpace(typed[More]); more != "" {
		tree, found := parse("", []byte(more))
		switch {
		case len(found) > 0:
			problems = append(problems, Problem{Path: More, Message: found[0].Message})
		case tree == nil || tree.kind != mapping:
			problems = append(problems, Problem{Path: More, Message: "needs a key and its value on each line, as line: 20"})
		default:
			merge(root, tree, "drops."+name, &problems)
		}
	}
	cfg := *c
	cfg.origin = origin{files: files{getenv: func(string) (string, bool) { return "", false }}, at: map[string]Position{}, shown: map[string]string{}}
	d := &decoder{files: cfg.origin.files, origin: cfg.origin, problems: problems, broken: map[string]bool{}}
	for _, p := range problems {
		d.broken[p.Path] = true
	}
	var drop Drop
	d.decode(root, "drops."+name, reflect.ValueOf(&drop).Elem(), rules{})
	cfg.Drops = map[string]Drop{name: drop}
	(&validator{cfg: &cfg, decoder: d}).drops()
	for i, p := range d.problems {
		d.problems[i] = Problem{Path: strings.TrimPrefix(strings.TrimPrefix(p.Path, "drops."+name), "."), Message: p.Message}
	}
	return drop, d.problems.clean()
}

var aVariant = regexp.MustCompile(`^(.+?)\s*[:=×]?\s*([0-9]+)$`)

// variants reads the units of each variant; false where none is named.
func variants(typed string) (*node, bool) {
	n := &node{kind: mapping, keyAt: map[string]Position{}, value: map[string]*node{}}
	for part := range strings.FieldsFuncSeq(typed, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		m := aVariant.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil || strings.Trim(m[1], "0123456789 ") == "" {
			return nil, false
		}
		label := strings.TrimSpace(strings.TrimRight(m[1], ":=× "))
		if n.value[label] != nil {
			return nil, false
		}
		n.keys = append(n.keys, label)
		n.value[label], n.keyAt[label] = &node{kind: text, text: m[2]}, Position{}
	}
	return n, len(n.keys) > 0
}
