package moderation

// Words that hold a post back until a person has looked at it. The rules:
//   - a word is found as a whole, in whatever letters; one that ends in * however
//     it goes on. Several words are found one after the other.
//   - a text is held against the list of its author's language, or of the shop's
//     where that has none, and against the list of all languages: what is a bad
//     word in one is a present in another.

import (
	"slices"
	"strings"
	"unicode"
)

// Every is the list of all languages, as BCP 47 says undetermined.
const Every = "und"

// Lists are words by language.
type Lists map[string][]string

// For returns the words that count for an author who speaks one of these
// languages, the first that has a list.
func (l Lists) For(languages ...string) Words {
	list := slices.Clone(l[Every])
	for _, tag := range languages {
		base, _, _ := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
		own, ok := l[tag]
		if !ok {
			own, ok = l[strings.ToLower(base)]
		}
		if ok {
			list = append(list, own...)
			break
		}
	}
	return list
}

// Words are words that hold back.
type Words []string

// Find returns the first of the words that is in a text, as it is in the list,
// "" for none.
func (w Words) Find(text string) string {
	said := spaced(text)
	for _, word := range w {
		stem, open := strings.CutSuffix(strings.TrimSpace(word), "*")
		look := spaced(stem)
		if open {
			look = strings.TrimSuffix(look, " ")
		}
		if strings.TrimSpace(look) != "" && strings.Contains(said, look) {
			return strings.TrimSpace(word)
		}
	}
	return ""
}

// spaced writes a text in small letters, its words separated by single spaces
// and with one at either end.
func spaced(text string) string {
	fields := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	return " " + strings.Join(fields, " ") + " "
}
