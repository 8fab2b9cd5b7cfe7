package discord

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/soukchat/souk/bots"
)

// markdown writes a text in Discord's markdown: its looks as marks, its
// characters so that each is shown as itself.
func markdown(t bots.Text) string {
	w := writer{lineStart: true}
	for _, s := range merged(t) {
		w.span(s)
	}
	return w.b.String()
}

// escaped writes a plain text so that nothing in it is a mark.
func escaped(s string) string { return markdown(bots.T(s)) }

// merged joins neighbours of one look, which two pairs of marks side by side
// would tear apart.
func merged(t bots.Text) bots.Text {
	var out bots.Text
	for _, s := range t {
		if s.Text == "" {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Look == s.Look && out[n-1].Link == s.Link {
			out[n-1].Text += s.Text
			continue
		}
		out = append(out, s)
	}
	return out
}

type writer struct {
	b         strings.Builder
	lineStart bool   // nothing but blanks so far in this line
	mark      string // the closing mark written last, if nothing followed it
}

func (w *writer) span(s bots.Span) {
	if s.Link != "" {
		w.link(s)
		return
	}
	mark := map[bots.Look]string{bots.Bold: "**", bots.Italic: "*", bots.Struck: "~~", bots.Code: "`"}[s.Look]
	inner := strings.TrimSpace(s.Text)
	if mark == "" || inner == "" || s.Look == bots.Code && strings.Contains(inner, "`") {
		w.text(s.Text)
		return
	}
	// A mark touches its text, so blanks at the edges stay outside.
	before, after, _ := strings.Cut(s.Text, inner)
	w.text(before)
	if w.mark != "" && w.mark[0] == mark[0] {
		w.b.WriteString("\u200b") // "**a***b*" is no bold a and italic b
	}
	w.b.WriteString(mark)
	if s.Look == bots.Code {
		w.b.WriteString(clean(inner))
		w.lineStart = false
	} else {
		w.text(inner)
	}
	w.b.WriteString(mark)
	w.mark = mark
	w.text(after)
}

// link writes a masked link, whose address shows no preview. Discord shows no
// mask that looks like an address: such a text stands before its link.
func (w *writer) link(s bots.Span) {
	address := linkable(s.Link)
	plain := bots.Span{Text: s.Text, Look: s.Look}
	switch {
	case address == "" || strings.TrimSpace(s.Text) == "":
		w.span(plain)
	case s.Text == s.Link:
		w.b.WriteString("<" + address + ">")
		w.mark, w.lineStart = "", false
	case strings.Contains(s.Text, "://"):
		w.span(plain)
		w.b.WriteString(" (<" + address + ">)")
		w.mark = ""
	default:
		w.b.WriteString("[")
		w.mark, w.lineStart = "", false
		w.span(plain)
		w.b.WriteString("](<" + address + ">)")
		w.mark = ""
	}
}

func linkable(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return strings.NewReplacer(" ", "%20", "<", "%3C", ">", "%3E", "(", "%28", ")", "%29", "\n", "", "\\", "%5C").Replace(u.String())
}

// text writes characters as themselves. A backslash before punctuation is not
// shown. Some marks mean something only at the start of a line.
func (w *writer) text(s string) {
	runes := []rune(clean(s))
	for i, r := range runes {
		if w.special(runes, i) {
			w.b.WriteByte('\\')
		}
		w.b.WriteRune(r)
		switch {
		case r == '\n':
			w.lineStart = true
		case !unicode.IsSpace(r):
			w.lineStart = false
		}
		w.mark = ""
	}
}

func (w *writer) special(runes []rune, i int) bool {
	next := func() rune {
		if i+1 < len(runes) {
			return runes[i+1]
		}
		return 'x' // another span may follow
	}
	switch runes[i] {
	case '\\', '*', '_', '~', '`', '|', '[', ']', '<', '@':
		return true
	case '#', '>', '-', '+':
		return w.lineStart
	case ':': // :smile: and https://
		n := next()
		return n == '/' || n == '_' || n == '+' || n == '-' || unicode.IsLetter(n) || unicode.IsDigit(n)
	case '.': // 1. at the start of a line begins a list
		return w.numbered(runes, i)
	}
	return false
}

// numbered reports whether the line so far is a number.
func (w *writer) numbered(runes []rune, i int) bool {
	line := w.b.String()
	line = strings.TrimSpace(line[strings.LastIndexByte(line, '\n')+1:])
	return line != "" && strings.Trim(line, "0123456789") == ""
}

// clean takes out control characters, which Discord drops or refuses.
func clean(s string) string {
	if !strings.ContainsFunc(s, control) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if control(r) {
			return -1
		}
		return r
	}, s)
}

func control(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
