package bots_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/soukchat/souk/bots"
)

func TestClip(t *testing.T) {
	for _, c := range []struct {
		s    string
		max  int
		want string
	}{
		{"short", 5, "short"},
		{"longer than that", 7, "longer…"},
		{"a 😀😀😀", 5, "a 😀…"},
		{"", 3, ""},
	} {
		if got := bots.Clip(c.s, c.max); got != c.want {
			t.Errorf("Clip(%q, %d) = %q, want %q", c.s, c.max, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s, max := rapid.String().Draw(t, "s"), rapid.IntRange(1, 40).Draw(t, "max")
		got := bots.Clip(s, max)
		if bots.Width(got) > max || !utf8.ValidString(got) {
			t.Fatalf("Clip(%q, %d) = %q of %d", s, max, got, bots.Width(got))
		}
	})
}

func TestStartParameterAndBack(t *testing.T) {
	for _, a := range []bots.Action{"cart", "pick abc", "p abc def"} {
		if got := bots.FromStart(a.Start()); got != a {
			t.Errorf("%q became %q", a, got)
		}
	}
}

// TestCheck breaks one limit at a time.
func TestCheck(t *testing.T) {
	long := strings.Repeat("x", 3000)
	button := bots.Button{Label: "Go", Action: "go"}
	form := &bots.Form{Action: "f", Title: "Form", Fields: []bots.Field{{Key: "a", Label: "A"}}, Cancel: button}
	many := make([]bots.Choice, 26)
	for i := range many {
		many[i] = bots.Choice{Label: "x", Action: bots.Action("c" + strings.Repeat("x", i))}
	}
	for name, c := range map[string]struct {
		s    bots.Screen
		want string // a part of the error, "" for none
	}{
		"nothing":           {bots.Screen{}, ""},
		"only a notice":     {bots.Screen{Notice: "Added"}, ""},
		"fine":              {bots.Screen{Path: "cart", Text: bots.T("Hi"), Rows: [][]bots.Button{{button}}}, ""},
		"a form":            {bots.Screen{Form: form}, ""},
		"text":              {bots.Screen{Text: bots.T(long)}, "text of 3000"},
		"caption":           {bots.Screen{Text: bots.T(long[:1025]), Picture: &bots.Picture{URL: "u", Alt: "a"}}, "1024 fit"},
		"picture":           {bots.Screen{Text: bots.T("x"), Picture: &bots.Picture{URL: "u"}}, "alt"},
		"notice":            {bots.Screen{Notice: long}, "notice"},
		"no text":           {bots.Screen{Rows: [][]bots.Button{{button}}}, "no text"},
		"blank":             {bots.Screen{Text: bots.T(" \n")}, "blank"},
		"path":              {bots.Screen{Path: "Cart!", Text: bots.T("x")}, "path"},
		"rows":              {bots.Screen{Text: bots.T("x"), Rows: make([][]bots.Button, 5)}, "5 rows"},
		"empty row":         {bots.Screen{Text: bots.T("x"), Rows: [][]bots.Button{{}}}, "0 buttons"},
		"label":             {bots.Screen{Text: bots.T("x"), Rows: [][]bots.Button{{{Label: long, Action: "a"}}}}, "label"},
		"no action":         {bots.Screen{Text: bots.T("x"), Rows: [][]bots.Button{{{Label: "x"}}}}, "action or a link"},
		"action and link":   {bots.Screen{Text: bots.T("x"), Rows: [][]bots.Button{{{Label: "x", Action: "a", Link: "l"}}}}, "action or a link"},
		"long action":       {bots.Screen{Text: bots.T("x"), Rows: [][]bots.Button{{{Label: "x", Action: bots.Action(long[:65])}}}}, "65 bytes"},
		"the same twice":    {bots.Screen{Text: bots.T("x"), Rows: [][]bots.Button{{button, button}}}, "twice"},
		"26 choices":        {bots.Screen{Text: bots.T("x"), Menu: &bots.Menu{Hint: "h", Choices: many}}, "26 choices"},
		"no hint":           {bots.Screen{Text: bots.T("x"), Menu: &bots.Menu{Choices: many[:2]}}, "hint"},
		"form and buttons":  {bots.Screen{Form: form, Rows: [][]bots.Button{{button}}}, "beside"},
		"form without end":  {bots.Screen{Form: &bots.Form{Action: "f", Title: "T", Fields: form.Fields}}, "label"},
		"six fields":        {bots.Screen{Form: &bots.Form{Action: "f", Title: "T", Fields: make([]bots.Field, 6), Cancel: button}}, "6 fields"},
		"step out of range": {bots.Screen{Form: &bots.Form{Action: "f", Title: "T", Fields: form.Fields, Step: 1, Cancel: button}}, "step"},
	} {
		err := c.s.Check()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
