package shop

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"golang.org/x/text/language"

	"github.com/soukchat/souk/bots"
)

// TextProblem is what is wrong with one of the admin's texts.
type TextProblem struct {
	Language string
	ID       string
	Message  string // in English, for the admin
}

// CheckTexts looks at the texts an admin wants said differently, by language
// and id: ids the shop does not use, templates that cannot be read or ask for
// what is not there, and what is longer than fits where it is shown.
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
			} else if err := cmp.Or(checkTemplate(text, ours[id]), checkRoom(id, text)); err != nil {
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

// rooms are the places where a text must be short, by the beginnings and the
// ends of ids; the first that fits holds.
var rooms = []struct {
	begin, end string
	most       int
	where      string
}{
	{"command.", "", bots.MaxCommandText, "a command's description"},
	{"option.", "", bots.MaxCommandText, "a command's description"},
	{"button.", "", bots.MaxLabel, "a button"},
	{"staff.button.", "", bots.MaxLabel, "a button"},
	{"address.title", "", bots.MaxFormTitle, "a form's title"},
	{"search.title", "", bots.MaxFormTitle, "a form's title"},
	{"link.title", "", bots.MaxFormTitle, "a form's title"},
	{"staff.ship.title", "", bots.MaxFormTitle, "a form's title"},
	{"", ".label", bots.MaxFieldLabel, "a field's label"},
	{"search.what", "", bots.MaxFieldLabel, "a field's label"},
	{"link.code", "", bots.MaxFieldLabel, "a field's label"},
	{"", ".hint", bots.MaxFieldHint, "a field's hint"},
	{"", ".choose", bots.MaxHint, "a menu"},
	{"cart.change", "", bots.MaxHint, "a menu"},
}

// placeholder is what is filled in later: it is counted as nothing.
var placeholder = regexp.MustCompile(`{{[^}]*}}`)

func checkRoom(id, text string) error {
	n := bots.Width(placeholder.ReplaceAllString(text, ""))
	for _, r := range rooms {
		if strings.HasPrefix(id, r.begin) && strings.HasSuffix(id, r.end) {
			if n > r.most {
				return fmt.Errorf("is %d characters long where %d fit %s", n, r.most, r.where)
			}
			return nil
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
