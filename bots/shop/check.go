package shop

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"golang.org/x/text/language"
)

// TextProblem is what is wrong with one of the admin's texts.
type TextProblem struct {
	Language string
	ID       string
	Message  string // in English, for the admin
}

// CheckTexts looks at the texts an admin wants said differently, by language
// and id: ids the shop does not use, templates that cannot be read or ask for
// what is not there.
func CheckTexts(own map[string]map[string]string) []TextProblem {
	all, err := readMessages()
	if err != nil {
		return []TextProblem{{Message: err.Error()}}
	}
	ours := all[language.English]
	var problems []TextProblem
	for tongue, list := range own {
		if _, err := language.Parse(tongue); err != nil {
			problems = append(problems, TextProblem{tongue, "", fmt.Sprintf("%q is not a language, write it as en or pt-BR", tongue)})
			continue
		}
		for id, text := range list {
			if _, ok := ours[id]; !ok {
				problems = append(problems, TextProblem{tongue, id, fmt.Sprintf("the shop has no text %q", id)})
			} else if err := checkTemplate(text, ours[id]); err != nil {
				problems = append(problems, TextProblem{tongue, id, err.Error()})
			}
		}
	}
	slices.SortFunc(problems, func(a, b TextProblem) int {
		return cmp.Or(strings.Compare(a.Language, b.Language), strings.Compare(a.ID, b.ID))
	})
	return problems
}

func checkTemplate(text string, ours message) error {
	if strings.TrimSpace(text) == "" {
		return fmt.Errorf("a text must not be blank")
	}
	if _, err := template.New("").Parse(text); err != nil {
		return fmt.Errorf("the text cannot be read: %v", err)
	}
	has := fields(ours)
	for _, f := range fields(message{"other": text}) {
		if !slices.Contains(has, f) {
			return fmt.Errorf("{{.%s}} is not known here; known: %s", f, cmp.Or(strings.Join(has, ", "), "nothing"))
		}
	}
	return nil
}

// fields lists the arguments a text asks for, sorted.
func fields(m message) []string {
	var names []string
	for _, text := range m {
		for {
			_, rest, ok := strings.Cut(text, "{{.")
			if !ok {
				break
			}
			name, after, _ := strings.Cut(rest, "}}")
			names, text = append(names, strings.TrimSpace(name)), after
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
