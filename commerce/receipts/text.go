package receipts

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// columns is how wide a paper is as text: it fits a terminal and an A4 sheet.
const textColumns = 72

// Text writes a document as plain text, in a fixed width, in UTF-8.
func Text(d Document, w Words) []byte {
	s := speak(d, w)
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.TrimRight(strings.Join(parts, ""), " ") + "\n") }
	rule := func(sign string) { line(strings.Repeat(sign, textColumns)) }
	both := func(left, right string) {
		rows := broken(plain(left), textColumns-columnsOf(right)-2)
		for i, row := range rows {
			if i < len(rows)-1 {
				line(row)
				continue
			}
			line(row, strings.Repeat(" ", max(1, textColumns-columnsOf(row)-columnsOf(right))), right)
		}
	}
	line(strings.ToUpper(s.title))
	if d.Shop != "" {
		line(plain(d.Shop))
	}
	rule("=")
	for _, block := range s.seller {
		for _, row := range block {
			line(plain(row))
		}
		line()
	}
	for _, f := range s.facts {
		line(padded(f[0]+":", 24), " ", plain(f[1]))
	}
	line()
	for i, row := range s.buyer {
		if i == 0 {
			row += ":"
		}
		for _, part := range broken(plain(row), textColumns) {
			line(part)
		}
	}
	rule("-")
	for _, l := range s.lines {
		what := plain(l.what)
		if l.quantity != "" {
			what = l.quantity + " × " + what
			if l.quantity != "1" {
				what += " (" + plain(l.unit) + ")"
			}
		}
		both(what, plain(l.amount))
		for _, row := range broken(plain(l.below), textColumns-4) {
			if row != "" {
				line("    ", row)
			}
		}
	}
	rule("-")
	for i, sum := range s.sums {
		if i == len(s.sums)-1 && i > 0 {
			rule("-")
		}
		both(sum[0], plain(sum[1]))
	}
	if len(s.payments) > 0 {
		line()
	}
	for _, p := range s.payments {
		both(p[0], plain(p[1]))
	}
	for _, f := range s.footer {
		line()
		for _, row := range broken(plain(f), textColumns) {
			line(row)
		}
	}
	return []byte(b.String())
}

// plain makes one line of a text: no control characters, the spaces of amounts
// as plain ones.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r) && r != '\u200d':
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(norm.NFC.String(s)), " ")
}

// columnsOf is how many columns a text takes: letters of East Asia take two.
func columnsOf(s string) (n int) {
	for _, r := range s {
		switch k := width.LookupRune(r).Kind(); {
		case unicode.Is(unicode.Mn, r):
		case k == width.EastAsianWide || k == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

func padded(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-columnsOf(s)))
}

// broken breaks a text into rows of at most n columns, at spaces where it can.
func broken(s string, n int) []string {
	return wrapped(s, float64(max(n, 1)), func(s string) float64 { return float64(columnsOf(s)) })
}

// wrapped breaks a text into rows that measure at most most, at its spaces
// where it can, within a word where it must. It loses no letter.
func wrapped(s string, most float64, measure func(string) float64) []string {
	rows := []string{""}
	for _, word := range strings.Split(s, " ") {
		last := &rows[len(rows)-1]
		if *last == "" {
			*last = word
		} else if measure(*last+" "+word) <= most {
			*last += " " + word
		} else {
			rows = append(rows, word)
		}
		for last = &rows[len(rows)-1]; measure(*last) > most && len([]rune(*last)) > 1; last = &rows[len(rows)-1] {
			letters, n := []rune(*last), 1
			for n < len(letters)-1 && measure(string(letters[:n+1])) <= most {
				n++
			}
			*last = string(letters[:n])
			rows = append(rows, string(letters[n:]))
		}
	}
	return rows
}
