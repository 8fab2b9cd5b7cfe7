package catalog

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/text/unicode/norm"
)

const (
	maxTitle = 255  // runes, as Shopify allows
	maxBody  = 8000 // runes kept of a product's text
	maxWord  = 255  // runes of an option, a tag, a category
)

var (
	strict     = bluemonday.StrictPolicy()
	markup     = regexp.MustCompile(`<[a-zA-Z/!]`)
	spaces     = regexp.MustCompile(`[ \t\r\n\f]+`)
	lineBreak  = regexp.MustCompile(`(?i)<br\s*/?>|</tr\s*>`)
	listItem   = regexp.MustCompile(`(?i)<li(\s[^>]*)?>`)
	blockEdge  = regexp.MustCompile(`(?i)</?(p|div|h[1-6]|ul|ol|dl|table|section|article|blockquote|pre|hr)(\s[^>]*)?/?>`)
	cellEdge   = regexp.MustCompile(`(?i)</t[dh]\s*>`)
	manyBreaks = regexp.MustCompile(`\n{3,}`)
)

// plainText turns a product's HTML into plain text: paragraphs are separated
// by an empty line, list items start with a bullet, scripts and styles go.
// Text without markup keeps its lines.
func plainText(s string) string {
	if markup.MatchString(s) {
		s = spaces.ReplaceAllString(s, " ")
		s = lineBreak.ReplaceAllString(s, "\n")
		s = listItem.ReplaceAllString(s, "\n• ")
		s = blockEdge.ReplaceAllString(s, "\n\n")
		s = cellEdge.ReplaceAllString(s, " ")
	}
	if strings.ContainsAny(s, "<&") {
		s = html.UnescapeString(strict.Sanitize(s))
	}
	var kept []string
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		if line = oneLine(line); line != "•" {
			kept = append(kept, line)
		}
	}
	s = manyBreaks.ReplaceAllString(strings.Join(kept, "\n"), "\n\n")
	s = strings.ReplaceAll(s, "\n\n•", "\n•")
	return clip(strings.Trim(s, "\n"), maxBody)
}

// oneLine makes text fit for one line: white space becomes single blanks, what
// cannot be seen and could change how its neighbours are read goes.
func oneLine(s string) string {
	if plain(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r == '\uFEFF', r == '\u200B',
			r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	// Composed last: what is taken out may have stood between a letter and its
	// accent.
	return strings.Join(strings.Fields(norm.NFC.String(s)), " ")
}

// plain reports that oneLine has nothing to do.
func plain(s string) bool {
	blank := true // so that a leading blank counts as two
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return !blank || s == ""
}

// clip shortens a text to n runes, the last of them an ellipsis.
func clip(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimRightFunc(string([]rune(s)[:n-1]), unicode.IsSpace) + "…"
}

// slug makes a handle of a title, as Shopify does: "Clay Pot, 12 cm" becomes
// "clay-pot-12-cm".
func slug(title string) string {
	return strings.Join(words(title), "-")
}
