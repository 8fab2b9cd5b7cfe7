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
// ones left out; units may name variants, as Small 10, Large 5, steps are prices
// as 10: 39.00, 25: 35.00, allotments a line for each community as corner: 5, and
// more holds lines of the YAML. The paths of the problems are keys of a drop, as opens.
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
	var problems Problems
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
		case key == "steps":
			if list, ok := steps(value); ok {
				set(key, list)
			} else {
				problems = append(problems, Problem{Path: key, Message: "needs how many join and the price then, as 10: 39.00, 25: 35.00"})
			}
		case key == "allotments":
			if list, ok := allotted(value); ok {
				set(key, list)
			} else {
				problems = append(problems, Problem{Path: key, Message: "needs a community and its units on each line, as corner: 5 or corner: Small 3, Large 2"})
			}
		default:
			set(key, &node{kind: text, text: value})
		}
	}
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

// A variant that is a number alone, as a size, needs a sign before its units.
var (
	aVariant = regexp.MustCompile(`^(.+?)\s*[:=×]?\s*([0-9]+)$`)
	aSize    = regexp.MustCompile(`^([0-9]+)\s*[:=×]\s*([0-9]+)$`)
)

// variants reads the units of each variant; false where none is named, or one
// twice.
func variants(typed string) (*node, bool) {
	n := &node{kind: mapping, keyAt: map[string]Position{}, value: map[string]*node{}}
	for part := range strings.FieldsFuncSeq(typed, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		m := aSize.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			m = aVariant.FindStringSubmatch(strings.TrimSpace(part))
			if m == nil || strings.Trim(m[1], "0123456789 ") == "" {
				return nil, false
			}
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

var aStep = regexp.MustCompile(`^([0-9]+)\s*[:=]\s*([0-9]+(?:\.[0-9]+)?)$`)

// steps reads the prices of a group price. A comma between digits is one of a
// number: that is not a price here, and the message shows how one is written.
func steps(typed string) (*node, bool) {
	list := &node{kind: sequence}
	for part := range strings.FieldsFuncSeq(typed, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		m := aStep.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return nil, false
		}
		list.items = append(list.items, &node{kind: mapping, keys: []string{"joined", "price"}, keyAt: map[string]Position{},
			value: map[string]*node{"joined": {kind: text, text: m[1]}, "price": {kind: text, text: m[2]}}})
	}
	return list, len(list.items) > 0
}

var aCommunity = regexp.MustCompile(`^([^:=]+?)\s*[:=]\s*(\S.*)$`)

// allotted reads the units of communities, a line for each.
func allotted(typed string) (*node, bool) {
	n := &node{kind: mapping, keyAt: map[string]Position{}, value: map[string]*node{}}
	for line := range strings.FieldsFuncSeq(typed, func(r rune) bool { return r == ';' || r == '\n' }) {
		m := aCommunity.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil || n.value[m[1]] != nil {
			return nil, false
		}
		n.keys = append(n.keys, m[1])
		n.value[m[1]], n.keyAt[m[1]] = &node{kind: text, text: m[2]}, Position{}
	}
	return n, len(n.keys) > 0
}
