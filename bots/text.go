package bots

import (
	"strings"
	"unicode/utf8"
)

// Text is a run of spans. A span's text is plain: the adapter escapes it, once.
type Text []Span

// Span is a piece of text in one style. Newlines are line breaks.
type Span struct {
	Text string `json:"text"`
	Look Look   `json:"look,omitempty"`
	Link string `json:"link,omitempty"`
}

// Look is how a span is set.
type Look int

const (
	Regular Look = iota
	Bold
	Italic
	Struck // crossed out, as an earlier price
	Code   // fixed width, easily copied
)

// T makes a Text of one regular span.
func T(s string) Text { return Text{{Text: s}} }

// Add appends a span.
func (t Text) Add(look Look, s string) Text { return append(t, Span{Text: s, Look: look}) }

// Line appends a line break where there is text already, then the spans.
func (t Text) Line(spans ...Span) Text {
	if len(t) > 0 {
		t = append(t, Span{Text: "\n"})
	}
	return append(t, spans...)
}

// String returns the text without its looks.
func (t Text) String() string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Len counts characters as the platforms do at their widest: UTF-16 units.
func (t Text) Len() int {
	n := 0
	for _, s := range t {
		n += Width(s.Text)
	}
	return n
}

// Width counts the UTF-16 units of s.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// Clip cuts s to at most max UTF-16 units, at a character's edge, and ends it
// with "…" where something was cut.
func Clip(s string, max int) string {
	if Width(s) <= max {
		return s
	}
	n, at := 0, 0
	for i, r := range s {
		w := 1
		if r > 0xFFFF {
			w = 2
		}
		if n+w > max-1 {
			at = i
			break
		}
		n += w
		at = i + utf8.RuneLen(r)
	}
	return strings.TrimRight(s[:at], " \n") + "…"
}
