package shop

import (
	"testing"
)

// A text said by its pattern is the one the template engine says.
func TestPatterns(t *testing.T) {
	own := map[string]map[string]string{
		"pl": {"product.left": "Zostało {{.N}}"},
		"de": {"home.hello": "{{if .Name}}Hallo {{.Name}}{{end}}", "cart.total": "Summe {{ .Total }}!"},
	}
	texts, err := loadTexts("de", nil, own)
	if err != nil {
		t.Fatal(err)
	}
	quick := 0
	for _, tongue := range texts.tongues {
		w := &Words{tongue: tongue, locale: tongue.tag.String()}
		for id, m := range texts.ours {
			var args []any
			for _, f := range fields(m) {
				if f != "N" {
					args = append(args, f, "<"+f+"> & {{.N}}")
				}
			}
			if len(m) == 1 {
				if got, ok := w.quick(id, nil, args); ok {
					quick++
					if want := tongue.say(id, nil, w.data(args)); got != want {
						t.Errorf("%s in %s: %q instead of %q", id, tongue.tag, got, want)
					}
				}
				continue
			}
			for n := range int64(130) {
				args := append(args[:len(args):len(args)], "N", n)
				if got, ok := w.quick(id, &n, args); ok {
					quick++
					if want := tongue.say(id, n, w.data(args)); got != want {
						t.Errorf("%s of %d in %s: %q instead of %q", id, n, tongue.tag, got, want)
					}
				}
			}
		}
	}
	if quick < len(texts.ours) {
		t.Errorf("only %d texts were said quickly", quick)
	}
	for _, text := range []string{"{{.A", "}}", "{{A}}", "{{.A.B}}", "{{if .A}}x{{end}}", "{{.}}", "{{- .A}}"} {
		if _, ok := patternOf(text); ok {
			t.Errorf("%q is more than a pattern", text)
		}
	}
}
