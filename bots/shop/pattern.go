package shop

import (
	"fmt"
	"strings"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// pattern is a text whose arguments are put in without a template engine: nearly
// all texts ask for nothing but {{.Name}}, and a screen says a dozen of them.
type pattern []piece

// piece is a text, then an argument; arg is "" where none follows.
type piece struct{ text, arg string }

// patterns are the forms of one text, by the plural's name; "other" alone where
// it has one form.
type patterns map[string]pattern

// patternsOf reads a message. It returns nil where a template asks for more
// than an argument: such a text goes the long way.
func patternsOf(m message) patterns {
	list := patterns{}
	for form, text := range m {
		p, ok := patternOf(text)
		if !ok {
			return nil
		}
		list[form] = p
	}
	return list
}

func patternOf(text string) (p pattern, ok bool) {
	for {
		before, rest, found := strings.Cut(text, "{{")
		if !found {
			return append(p, piece{text: text}), !strings.Contains(text, "}}")
		}
		inside, after, closed := strings.Cut(rest, "}}")
		name, dotted := strings.CutPrefix(strings.TrimSpace(inside), ".")
		letters := strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == ""
		if !closed || !dotted || name == "" || !letters {
			return nil, false
		}
		p, text = append(p, piece{before, name}), after
	}
}

// form names the plural a number takes in a language, by the CLDR's rules.
func form(tag language.Tag, n int64) string {
	if n < 0 {
		n = -n
	}
	switch plural.Cardinal.MatchPlural(tag, int(n%10_000_000), 0, 0, 0, 0) {
	case plural.Zero:
		return "zero"
	case plural.One:
		return "one"
	case plural.Two:
		return "two"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	}
	return "other"
}

// fill puts the arguments in. It fails where one is missing.
func (p pattern) fill(w *Words, args []any) (string, bool) {
	var b strings.Builder
	for _, part := range p {
		b.WriteString(part.text)
		if part.arg == "" {
			continue
		}
		value, ok := argument(args, part.arg)
		if !ok {
			return "", false
		}
		switch v := w.value(value).(type) {
		case string:
			b.WriteString(v)
		default:
			fmt.Fprint(&b, v)
		}
	}
	return b.String(), true
}

func argument(args []any, name string) (any, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if s, ok := args[i].(string); ok && s == name {
			return args[i+1], true
		}
	}
	return nil, false
}

// quick says a text by its pattern, where that is possible. n is nil for a text
// without a number.
func (w *Words) quick(id string, n *int64, args []any) (string, bool) {
	for t := w.tongue; t != nil; t = t.likely {
		if s, ok := t.plain[id]; ok {
			return s, true
		}
		list, ok := t.filled[id]
		if !ok {
			continue // the next language may have it
		}
		which := "other"
		if n != nil {
			which = form(t.tag, *n)
		}
		if p, ok := list[which]; ok {
			return p.fill(w, args)
		}
		return "", false
	}
	return "", false
}
