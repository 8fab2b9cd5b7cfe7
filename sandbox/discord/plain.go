package discord

import (
	"strings"
	"unicode"
)

// Plain reads Discord's markdown the way a client shows it, without the looks:
// the bold, italic, struck, underlined and hidden text itself, the text of a
// masked link, the inside of code, and what a backslash protects.
func Plain(markdown string) string {
	var b strings.Builder
	r := []rune(markdown)
	for i := 0; i < len(r); {
		rest := string(r[i:])
		switch {
		case r[i] == '\\' && i+1 < len(r) && r[i+1] < unicode.MaxASCII && !unicode.IsSpace(r[i+1]) && !unicode.IsLetter(r[i+1]) && !unicode.IsDigit(r[i+1]):
			b.WriteRune(r[i+1])
			i += 2
		case r[i] == '`':
			n := 0
			for i+n < len(r) && r[i+n] == '`' {
				n++
			}
			fence := strings.Repeat("`", n)
			inside, _, found := strings.Cut(rest[n:], fence)
			if !found {
				b.WriteString(fence)
				i += n
				break
			}
			b.WriteString(inside)
			i += 2*n + len([]rune(inside))
		case strings.HasPrefix(rest, "**"), strings.HasPrefix(rest, "~~"), strings.HasPrefix(rest, "__"), strings.HasPrefix(rest, "||"):
			i += 2
		case r[i] == '*', r[i] == '\u200b':
			i++
		case r[i] == '[':
			text, end, ok := maskedLink(r[i:])
			if !ok {
				b.WriteRune(r[i])
				i++
				break
			}
			b.WriteString(Plain(text))
			i += end
		case strings.HasPrefix(rest, "<http"):
			if end := strings.IndexByte(rest, '>'); end > 0 {
				b.WriteString(rest[1:end])
				i += len([]rune(rest[:end+1]))
				break
			}
			b.WriteRune(r[i])
			i++
		default:
			b.WriteRune(r[i])
			i++
		}
	}
	return b.String()
}

// maskedLink reads [text](url) or [text](<url>) at the start of r and returns
// the markdown of the text and how many runes the whole is.
func maskedLink(r []rune) (text string, end int, ok bool) {
	for i := 1; i < len(r); i++ {
		switch {
		case r[i] == '\\':
			i++
		case r[i] == ']':
			if i+1 >= len(r) || r[i+1] != '(' {
				return "", 0, false
			}
			for j := i + 2; j < len(r); j++ {
				if r[j] == ')' {
					return string(r[1:i]), j + 1, true
				}
			}
			return "", 0, false
		}
	}
	return "", 0, false
}
