package config

import (
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
)

// decoder turns the tree into a Config and notes everything that is wrong on
// the way: it never stops at a problem.
type decoder struct {
	files    files
	dir      string // relative paths start here
	preview  bool   // secrets and unset variables get stand-ins
	origin   origin
	problems Problems
	broken   map[string]bool // paths already reported; what depends on them is not
}

// say reports that the value at a path could not be read.
func (d *decoder) say(at Position, path string, beyond bool, format string, args ...any) {
	d.broken[path] = true
	d.note(at, path, beyond, format, args...)
}

// note reports what is wrong with a value that was read all the same.
func (d *decoder) note(at Position, path string, beyond bool, format string, args ...any) {
	d.problems = append(d.problems, Problem{at.File, at.Line, at.Col, path, fmt.Sprintf(format, args...), beyond})
}

// decode fills out from the node by the rules.
func (d *decoder) decode(n *node, path string, out reflect.Value, r rules) {
	if _, known := d.origin.at[path]; !known {
		d.origin.at[path] = n.at
	}
	t := out.Type()
	if n.kind == null && d.broken[path] {
		return // reported by the reader
	}
	if n.kind == null {
		d.say(n.at, path, false, "is empty: give it a value or remove the key")
		return
	}
	switch {
	case t == pickItemType && n.kind != mapping:
		if n.kind != text && n.kind != number {
			d.say(n.at, path, false, "must be a product's handle or a map, not %s", n.kind.what())
			return
		}
		product := fields(t)[1]
		d.scalar(n, path, out.Field(product.index), product.rules)
	case t.Kind() == reflect.Pointer:
		out.Set(reflect.New(t.Elem()))
		d.decode(n, path, out.Elem(), r)
	case t.Kind() == reflect.Struct:
		if d.is(n, path, mapping) {
			d.structure(n, path, out)
		}
	case t.Kind() == reflect.Map:
		if d.is(n, path, mapping) {
			d.mapping(n, path, out, r)
		}
	case t.Kind() == reflect.Slice:
		if d.is(n, path, sequence) {
			d.sequence(n, path, out, r)
		}
	case t.Kind() == reflect.Bool:
		if d.is(n, path, boolean) {
			out.SetBool(n.text == "true")
		}
	default:
		d.scalar(n, path, out, r)
	}
}

func (d *decoder) is(n *node, path string, want kind) bool {
	if n.kind != want {
		d.say(n.at, path, false, "must be %s, not %s", want.what(), n.kind.what())
	}
	return n.kind == want
}

// short cuts what is too long to be a slip in a key: a value that lost its key
// is not to be repeated.
func short(key string) string {
	if bots.Width(key) > 24 {
		return bots.Clip(key, 5)
	}
	return key
}

func (d *decoder) structure(n *node, path string, out reflect.Value) {
	fs := fields(out.Type())
	names := make([]string, len(fs))
	for i, f := range fs {
		names[i] = f.name
	}
	mistyped := map[string]bool{}
	for _, key := range n.keys {
		if slices.Contains(names, key) {
			continue
		}
		hint := DidYouMean(key, names)
		for _, name := range names {
			if strings.Contains(hint, fmt.Sprintf("%q", name)) {
				mistyped[name] = true
			}
		}
		d.say(n.keyAt[key], join(path, short(key)), false, "is not a key here%s", hint)
	}
	for _, f := range fs {
		here, target := join(path, f.name), out.Field(f.index)
		if child, ok := n.value[f.name]; ok {
			d.origin.at[here] = n.keyAt[f.name]
			if child.at.Line == 0 || child.kind == null {
				child.at = n.keyAt[f.name]
			}
			d.decode(child, here, target, f.rules)
			continue
		}
		switch {
		case f.rules.required:
			if !mistyped[f.name] {
				d.say(n.at, here, false, "is missing")
			}
			d.broken[here] = true
		case f.fallback != "":
			d.fill(n, here, target, f)
		case target.Kind() == reflect.Struct:
			d.structure(&node{kind: mapping, at: n.at}, here, target)
		}
	}
	for _, s := range sets[out.Type()] {
		d.together(n, path, s)
	}
	for _, f := range fs {
		if file := out.Field(f.index); f.rules.is == "secret-file" && file.String() != "" {
			d.fromFile(n, path, f.name, file.String(), out, fs)
		}
	}
}

// fromFile reads the secret of a key from the file that key_file names.
func (d *decoder) fromFile(n *node, path, name, file string, out reflect.Value, fs []field) {
	i := slices.IndexFunc(fs, func(f field) bool { return f.name+"_file" == name })
	key, here := fs[i], join(path, name)
	rule := key.rules.value()
	if d.preview {
		out.Field(key.index).SetString(rule.example)
		return
	}
	data, err := d.files.read(file)
	if err != nil {
		d.say(n.keyAt[name], here, true, "%s: %s", d.origin.shown[here], reason(err))
		return
	}
	s := strings.TrimSpace(string(data))
	shape := shapes[key.rules.is]
	switch {
	case s == "":
		d.say(n.keyAt[name], here, true, "the file is empty")
	case shape != nil && !shape.MatchString(s), shape == nil && !rule.matches(s):
		d.say(n.keyAt[name], here, true, "the file does not hold %s", rule.say)
	default:
		out.Field(key.index).SetString(d.address(key.rules.is, s))
	}
}

// fill takes the default of a key that is absent.
func (d *decoder) fill(n *node, path string, out reflect.Value, f field) {
	if n.value[f.name+"_file"] != nil {
		return
	}
	d.scalar(&node{kind: text, text: f.fallback, at: n.at}, path, out, f.rules)
}

func (d *decoder) together(n *node, path string, s set) {
	var given []string
	for _, key := range s.keys {
		if n.value[key] != nil {
			given = append(given, key)
		}
	}
	switch {
	case len(given) < s.least:
		for _, key := range n.keys {
			if strings.Contains(DidYouMean(key, s.keys), "did you mean") {
				return // reported as an unknown key
			}
		}
		d.note(n.at, path, false, "needs %s", strings.Join(s.keys, " or "))
	case len(given) > s.most:
		d.note(n.keyAt[given[1]], join(path, given[1]), false, "stands beside %s; give one of them", given[0])
	}
}

func (d *decoder) mapping(n *node, path string, out reflect.Value, r rules) {
	d.count(n, path, len(n.keys), r)
	out.Set(reflect.MakeMap(out.Type()))
	rule := values[r.key]
	for _, key := range n.keys {
		here := join(path, key)
		d.origin.at[here] = n.keyAt[key]
		if !rule.matches(key) {
			d.say(n.keyAt[key], join(path, short(key)), false, "%q is not %s", short(key), rule.say)
			continue
		}
		child, v := n.value[key], reflect.New(out.Type().Elem()).Elem()
		if child.kind == null {
			child.at = n.keyAt[key]
		}
		d.decode(child, here, v, r.inner())
		out.SetMapIndex(reflect.ValueOf(key), v)
	}
}

func (d *decoder) sequence(n *node, path string, out reflect.Value, r rules) {
	d.count(n, path, len(n.items), r)
	out.Set(reflect.MakeSlice(out.Type(), len(n.items), len(n.items)))
	for i, item := range n.items {
		d.decode(item, fmt.Sprintf("%s[%d]", path, i), out.Index(i), r.inner())
	}
}

func (d *decoder) count(n *node, path string, have int, r rules) {
	switch {
	case have < r.min:
		d.note(n.at, path, false, "is empty: it needs at least %d", r.min)
	case r.most > 0 && have > r.most:
		d.note(n.at, path, false, "has %d entries where %d fit", have, r.most)
	}
}

// scalar fills a text, a secret, an amount or a time span.
func (d *decoder) scalar(n *node, path string, out reflect.Value, r rules) {
	v := r.value()
	if n.kind != text && (n.kind != number || !v.number) {
		if n.kind == number && !v.secret {
			d.say(n.at, path, false, "must be a text, not a number: write it in quotes")
			return
		}
		d.say(n.at, path, false, "must be a text, not %s", n.kind.what())
		return
	}
	if out.Type() == secretType {
		d.secret(n, path, out, r)
		return
	}
	written, filled := n.text, strings.Contains(n.text, "${")
	if filled {
		var ok bool
		if written, ok = d.expand(n, path, v); !ok {
			return
		}
	}
	quoted := fmt.Sprintf("%q", bots.Clip(n.text, 60))
	if filled {
		quoted = "the value of " + quoted
	}
	if !v.matches(written) || (out.Type() == durationType && written == "") {
		if strings.TrimSpace(written) == "" {
			d.say(n.at, path, filled, "is empty")
			return
		}
		d.say(n.at, path, filled, "%s is not %s%s", quoted, v.say, hint(r.is, written))
		return
	}
	if c := utf8.RuneCountInString(written); r.max > 0 && c > r.max {
		d.say(n.at, path, filled, "is %d characters long where %d fit", c, r.max)
		return
	} else if w := bots.Width(written); r.max > 0 && w > r.max {
		d.say(n.at, path, true, "is %d characters long, as chats count, where %d fit", w, r.max)
		return
	}
	d.origin.shown[path] = quoted
	switch {
	case out.Type() == durationType:
		span, err := time.ParseDuration(written)
		if err != nil {
			d.say(n.at, path, true, "%s is not %s", quoted, v.say)
			return
		}
		out.SetInt(int64(span))
	case r.is == "days":
		days, err := strconv.ParseInt(written, 10, 64)
		if err != nil {
			d.say(n.at, path, true, "%s is not %s", quoted, v.say)
			return
		}
		out.SetInt(days)
	case r.is == "file" && !isURL(written), r.is == "path", r.is == "secret-file":
		out.SetString(d.resolve(written))
	case r.is == "url":
		out.SetString(strings.TrimSuffix(written, "/"))
	case r.is == "public-key":
		out.SetString(strings.ToLower(written))
	default:
		out.SetString(written)
	}
}

// hint adds to "is not a …" what a known slip calls for.
func hint(rule, written string) string {
	switch {
	case rule == "role":
		return DidYouMean(written, []string{"admin", "brand", "moderator"})
	case rule == "username" && strings.HasPrefix(written, "@"):
		return "; leave the @ out"
	case (rule == "currency" || rule == "country" || rule == "place") && values[rule].matches(strings.ToUpper(written)):
		return fmt.Sprintf(", did you mean %q?", strings.ToUpper(written))
	case rule == "chat" && strings.HasPrefix(written, "@"):
		return "; a username is not enough"
	case (rule == "amount" || rule == "percent") && values[rule].matches(strings.Replace(written, ",", ".", 1)):
		return fmt.Sprintf(", did you mean %q?", strings.Replace(written, ",", ".", 1))
	}
	return ""
}

var variables = regexp.MustCompile(variable)

// expand fills in the variables of a text. A value that came from a variable
// is not looked through again.
func (d *decoder) expand(n *node, path string, v value) (string, bool) {
	if rest := variables.ReplaceAllString(n.text, ""); strings.Contains(rest, "${") {
		d.say(n.at, path, true, "holds a variable that is not written as ${NAME}")
		return "", false
	}
	ok := true
	s := variables.ReplaceAllStringFunc(n.text, func(ref string) string {
		name := ref[2 : len(ref)-1]
		if s, set := d.files.getenv(name); set {
			return s
		}
		if d.preview {
			return v.example
		}
		d.say(n.at, path, true, "the variable %s is not set", name)
		ok = false
		return ""
	})
	return s, ok
}

// secret fills a secret. Its text is never shown, wherever it came from.
func (d *decoder) secret(n *node, path string, out reflect.Value, r rules) {
	v := r.value()
	literal := strings.Contains(v.pattern, "//") || strings.Contains(v.pattern, ":") // an address may stand there, its password may not
	if !literal && !v.matches(n.text) {
		d.say(n.at, path, false, "a secret does not belong in the file: write it as ${NAME} or use %s_file", path[strings.LastIndexByte(path, '.')+1:])
		return
	}
	if d.preview && (strings.Contains(n.text, "${") || !literal) {
		out.SetString(v.example)
		return
	}
	s, ok := d.expand(n, path, v)
	if !ok {
		return
	}
	filled := s != n.text
	switch shape := shapes[r.is]; {
	case strings.TrimSpace(s) == "":
		d.say(n.at, path, filled, "is empty")
		return
	case literal && !v.matches(s), shape != nil && !shape.MatchString(s):
		d.say(n.at, path, filled, "is not %s", v.say)
		return
	case literal && hasPassword(n.text):
		d.say(n.at, path, true, "a password does not belong in the file: write it as ${NAME}")
		return
	}
	out.Set(reflect.ValueOf(commerce.Secret(d.address(r.is, s))))
}

// address makes the file of an SQLite address one that is found from here.
func (d *decoder) address(rule, s string) string {
	if file, ok := strings.CutPrefix(s, "sqlite:"); ok && rule == "database" {
		return "sqlite:" + d.resolve(file)
	}
	return s
}

var password = regexp.MustCompile(`://[^/?#@\s]*:([^@\s]*)@|[?&][a-z_]*password=([^&#\s]*)`)

func hasPassword(s string) bool {
	for _, m := range password.FindAllStringSubmatch(s, -1) {
		if p := m[1] + m[2]; p != "" && variables.ReplaceAllString(p, "") != "" {
			return true
		}
	}
	return false
}

func (d *decoder) resolve(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(d.dir, name)
}

func isURL(s string) bool { return strings.Contains(s, "://") }
