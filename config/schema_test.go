package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// TestSchemaAndLoaderAgree holds the JSON Schema and the loader to the same
// verdict on generated documents, good ones and spoilt ones.
//
// What a schema cannot say is put aside where the loader reports it (Problem.
// beyond): references between parts, codes that look right and do not exist,
// variables, files, arithmetic over several values. And where a document
// cannot say it in JSON at all, it is not generated: keys given twice,
// aliases, numbers with an exponent, numbers beyond 64 bits, and whole numbers written with decimals,
// which JSON Schema calls integers and the loader takes as they are written.
func TestSchemaAndLoaderAgree(t *testing.T) {
	schema := compile(t)
	verdicts := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		doc := document(t, reflect.TypeFor[Config](), rules{}).(map[string]any)
		for range rapid.IntRange(0, 2).Draw(t, "slips") {
			spoil(t, doc)
		}
		text := encode(doc)
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		refused := schema.Validate(instance)
		_, err = read("test.yaml", "", []source{{"test.yaml", text}}, testFiles, false)
		var structural Problems
		var problems Problems
		errors.As(err, &problems)
		for _, p := range problems {
			if !p.beyond {
				structural = append(structural, p)
			}
		}
		if (refused == nil) != (len(structural) == 0) {
			t.Fatalf("%s\nschema: %v\nloader: %v", text, refused, structural.Error())
		}
		verdicts[refused == nil]++
	})
	if verdicts[true] == 0 || verdicts[false] == 0 {
		t.Errorf("only one verdict came up: %v", verdicts)
	}
}

var testFiles = files{
	getenv: func(name string) (string, bool) { return "value of " + name, strings.HasPrefix(name, "SET") },
	read:   func(string) ([]byte, error) { return nil, fs.ErrNotExist },
	exists: func(string) error { return nil },
}

func compile(t *testing.T) *jsonschema.Schema {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("souk.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("souk.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func encode(doc any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(doc); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// document generates a value that keeps the rules.
func document(t *rapid.T, typ reflect.Type, r rules) any {
	switch {
	case typ == pickItemType && rapid.Bool().Draw(t, "short"):
		return "handle"
	case typ.Kind() == reflect.Pointer:
		return document(t, typ.Elem(), r)
	case typ.Kind() == reflect.Struct:
		m := map[string]any{}
		for _, f := range fields(typ) {
			if f.rules.required || rapid.IntRange(0, 2).Draw(t, f.name) == 0 {
				m[f.name] = document(t, typ.Field(f.index).Type, f.rules)
			}
		}
		for _, s := range sets[typ] {
			keep := rapid.SampledFrom(s.keys).Draw(t, "keep")
			for _, key := range s.keys {
				if key != keep && s.most == 1 {
					delete(m, key)
				}
			}
			if i := slices.IndexFunc(fields(typ), func(f field) bool { return f.name == keep }); m[keep] == nil && s.least == 1 {
				m[keep] = document(t, typ.Field(i).Type, fields(typ)[i].rules)
			}
		}
		return m
	case typ.Kind() == reflect.Map:
		m := map[string]any{}
		for i := range rapid.IntRange(r.min, 2).Draw(t, "entries") {
			key := map[string]string{"name": "n%d", "language": "e%c", "zone": "Zone %d", "text-id": "cart.t%d", "currency": "US%c"}[r.key]
			if r.key == "language" || r.key == "currency" {
				key = fmt.Sprintf(key, map[string]rune{"language": 'n', "currency": 'D'}[r.key]+rune(i))
			} else {
				key = fmt.Sprintf(key, i)
			}
			m[key] = document(t, typ.Elem(), r.inner())
		}
		return m
	case typ.Kind() == reflect.Slice:
		list := []any{}
		for range rapid.IntRange(r.min, 2).Draw(t, "items") {
			list = append(list, document(t, typ.Elem(), r.inner()))
		}
		return list
	case typ.Kind() == reflect.Bool:
		return rapid.Bool().Draw(t, "bool")
	}
	v := r.value()
	if v.secret && strings.Contains(v.pattern, `\$`) {
		return "${SET}"
	}
	if v.number && rapid.Bool().Draw(t, "number") {
		return json.Number(v.example)
	}
	return v.example
}

// spoil changes one place of a document, often for the worse.
func spoil(t *rapid.T, doc map[string]any) {
	var here any = doc
	for {
		var children []any
		switch h := here.(type) {
		case map[string]any:
			for _, key := range sorted(h) {
				children = append(children, h[key])
			}
		case []any:
			children = h
		}
		children = slices.DeleteFunc(slices.Clone(children), func(c any) bool {
			m, isMap := c.(map[string]any)
			l, isList := c.([]any)
			return !(isMap && len(m) > 0 || isList && len(l) > 0)
		})
		if len(children) == 0 || rapid.IntRange(0, 3).Draw(t, "stop") == 0 {
			break
		}
		here = rapid.SampledFrom(children).Draw(t, "into")
	}
	odd := rapid.SampledFrom(oddities).Draw(t, "odd")
	switch h := here.(type) {
	case map[string]any:
		key := "extra"
		if len(h) > 0 {
			key = rapid.SampledFrom(sorted(h)).Draw(t, "key")
		}
		switch rapid.IntRange(0, 3).Draw(t, "slip") {
		case 0:
			delete(h, key)
		case 1:
			h[rapid.SampledFrom([]string{"extra", "nmae", "Name", "a b", "x", "9", "é"}).Draw(t, "unknown")] = h[key]
		default:
			h[key] = odd
		}
	case []any:
		if len(h) > 0 {
			h[rapid.IntRange(0, len(h)-1).Draw(t, "at")] = odd
		}
	}
}

var oddities = func() []any {
	list := []any{nil, true, false, "", " ", "  x", "x ", "ok", "Ok", "OK", "1", "0", "-1", "null", "true", "~", "a\nb", "1.23456", "1,5", "EUR", "eur",
		"de", "DE", "https://shop.example/x", "http://a", "ftp://a", "a:b", ":80", "12:3", "@name", "admin", "22:00-8:00", "24:00-01:00", "5", "5m", "m5", "1h30m",
		"1h30m5s", "1.5h", "${SET}", "${UNSET}", "${", "$SET", "a ${SET} b", "sqlite:", "sqlite:x y", "postgres://u:p@h/d", "redis://x", "rediss://x", "ünïcode", "😀😀",
		[]any{}, map[string]any{}, []any{"x"}, map[string]any{"x": "y"}, []any{nil}}
	for _, n := range []string{"0", "1", "-1", "19", "4.9", "5.50001", "1000", "999.9999", "1000000000000", "10000000000000000", "123456789012345678", "-1001000000001", "0.5"} {
		list = append(list, json.Number(n))
	}
	for _, n := range []int{24, 25, 48, 49, 80, 81, 600, 601, 1501, 255, 256} {
		list = append(list, strings.Repeat("y", n), strings.Repeat("é", n))
	}
	for _, n := range []int{25, 26} {
		long := make([]any, n)
		for i := range long {
			long[i] = fmt.Sprintf("n%d", i)
		}
		list = append(list, long)
	}
	return list
}()
