package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
)

var update = flag.Bool("update", false, "write schema.json and docs/configuration.md anew")

// TestGenerated holds the JSON Schema and the manual to the types.
func TestGenerated(t *testing.T) {
	comments := readComments(t)
	schema, err := json.MarshalIndent(makeSchema(comments), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]byte{
		"schema.json": append(schema, '\n'),
		filepath.Join("..", "docs", "configuration.md"): makeManual(comments),
	} {
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(have, want) {
			t.Errorf("%s is not what the types say; run go generate ./config", path)
		}
	}
}

// readComments returns the comments of the types and, as Type.Field, of their
// fields.
func readComments(t *testing.T) map[string]string {
	files, err := filepath.Glob("types*.go")
	if err != nil {
		t.Fatal(err)
	}
	var decls []ast.Decl
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		decls = append(decls, file.Decls...)
	}
	comments := map[string]string{}
	clean := func(g *ast.CommentGroup) string { return strings.Join(strings.Fields(g.Text()), " ") }
	for _, decl := range decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		spec := g.Specs[0].(*ast.TypeSpec)
		comments[spec.Name.Name] = clean(g.Doc)
		for _, f := range spec.Type.(*ast.StructType).Fields.List {
			if !f.Names[0].IsExported() {
				continue
			}
			name := spec.Name.Name + "." + f.Names[0].Name
			if comments[name] = clean(f.Doc); comments[name] == "" {
				t.Errorf("%s has no comment", name)
			}
		}
	}
	return comments
}

// structs lists the struct types reachable from Config, in the order of their
// first use.
func structs() []reflect.Type {
	var list []reflect.Type
	seen := map[reflect.Type]bool{}
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			visit(t.Elem())
		case reflect.Struct:
			if seen[t] {
				return
			}
			seen[t] = true
			list = append(list, t)
			for _, f := range fields(t) {
				visit(t.Field(f.index).Type)
			}
		}
	}
	visit(reflect.TypeFor[Config]())
	return list
}

func makeSchema(comments map[string]string) *jsonschema.Schema {
	r := &jsonschema.Reflector{
		Anonymous: true, FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, ExpandedStruct: true,
		Mapper: func(t reflect.Type) *jsonschema.Schema {
			if t == secretType || t == durationType {
				return &jsonschema.Schema{Type: "string"}
			}
			return nil
		},
	}
	root := r.Reflect(&Config{})
	root.Title = "Souk configuration"
	for _, t := range structs() {
		s := root.Definitions[t.Name()]
		if t.Name() == "Config" {
			s = root
		}
		s.Description = comments[t.Name()]
		for _, f := range fields(t) {
			p, _ := s.Properties.Get(f.name)
			p.Description = comments[t.Name()+"."+t.Field(f.index).Name]
			if f.fallback != "" {
				p.Default = f.fallback
			}
			if f.rules.required {
				s.Required = append(s.Required, f.name)
			}
			constrain(p, t.Field(f.index).Type, f.rules)
		}
		for _, set := range sets[t] {
			s.AllOf = append(s.AllOf, together(set)...)
		}
	}
	item := *root.Definitions["PickItem"]
	handle := &jsonschema.Schema{Type: "string"}
	constrain(handle, reflect.TypeFor[string](), fields(pickItemType)[1].rules)
	root.Definitions["PickItem"] = &jsonschema.Schema{Description: item.Description, AnyOf: []*jsonschema.Schema{handle, &item}}
	return root
}

func together(s set) []*jsonschema.Schema {
	var any, all []*jsonschema.Schema
	for _, key := range s.keys {
		any = append(any, &jsonschema.Schema{Required: []string{key}})
	}
	if s.least == 1 {
		all = append(all, &jsonschema.Schema{AnyOf: any})
	}
	if s.most == 1 {
		all = append(all, &jsonschema.Schema{Not: &jsonschema.Schema{Required: s.keys}})
	}
	return all
}

// numbers says which numbers stand for the text of a rule.
var numbers = map[string]jsonschema.Schema{
	"snowflake": {Type: "integer", Minimum: "10000000000000000", Maximum: "18446744073709551615"},
	"account":   {Type: "integer", Minimum: "1", Maximum: "9999999999999999"},
	"chat":      {Type: "integer", Minimum: "-9223372036854775808", Maximum: "18446744073709551615", Not: &jsonschema.Schema{Const: 0}},
	"thread":    {Type: "integer", Minimum: "1", Maximum: "9999999999"},
	"amount":    {Type: "number", Minimum: "0", ExclusiveMaximum: "1000000000000", MultipleOf: "0.0001"},
	"days":      {Type: "integer", Minimum: "0", Maximum: "999"},
	"percent":   {Type: "number", Minimum: "0", ExclusiveMaximum: "1000", MultipleOf: "0.0001"},
	"allotment": {Type: "integer", Minimum: "1", ExclusiveMaximum: "10000000"},
	"count":     {Type: "integer", Minimum: "1", ExclusiveMaximum: "10000000"},
	"points":    {Type: "integer", Minimum: "1", ExclusiveMaximum: "1000000000"},
}

// constrain writes the rules into the schema of a value.
func constrain(s *jsonschema.Schema, t reflect.Type, r rules) {
	count := func(n int) *uint64 {
		if n == 0 {
			return nil
		}
		u := uint64(n)
		return &u
	}
	switch {
	case t.Kind() == reflect.Map:
		s.PropertyNames, s.MinProperties = &jsonschema.Schema{Pattern: values[r.key].regexp()}, count(r.min)
		constrain(s.AdditionalProperties, t.Elem(), r.inner())
	case t.Kind() == reflect.Slice:
		s.MinItems, s.MaxItems = count(r.min), count(r.most)
		constrain(s.Items, t.Elem(), r.inner())
	case t.Kind() == reflect.String || t == durationType || r.is == "days":
		v := r.value()
		str := &jsonschema.Schema{Type: "string", MinLength: count(1), MaxLength: count(r.max), Pattern: v.regexp()}
		s.Type = ""
		variable := &jsonschema.Schema{Type: "string", Pattern: `\$\{`}
		switch n := numbers[r.is]; {
		case v.secret && strings.Contains(v.pattern, `\$`):
			s.Type, s.Pattern = "string", v.pattern
		case v.number:
			s.AnyOf = []*jsonschema.Schema{str, &n, variable}
		case r.max > 0:
			s.AnyOf = []*jsonschema.Schema{str, variable}
		default:
			s.Type, s.MinLength, s.Pattern = "string", str.MinLength, `\$\{|`+str.Pattern
		}
	}
}

func makeManual(comments map[string]string) []byte {
	var b bytes.Buffer
	b.WriteString(`<!-- Generated from config/types.go by go generate ./config. Do not edit. -->

# Configuration

One YAML file, or a folder of them merged in the order of their names: maps
key by key, lists one after the other; a value given twice is an error.
` + "`souk check CONFIG`" + ` finds every problem at once, ` + "`souk schema`" + ` prints the JSON
Schema for an editor. A running program takes a changed file when it is valid,
and on SIGHUP; otherwise the last good one stays.

- ` + "`${NAME}`" + ` in a text is replaced by the environment's variable; one that is not
  set is an error.
- Secrets stand in the file only as ` + "`${NAME}`" + `, or in a file of their own that
  a key ending in ` + "`_file`" + ` names.
- Relative paths start at the folder of the YAML file.
- An unknown key, a key given twice, and a key without a value are errors.
`)
	for _, t := range structs() {
		title, comment := t.Name(), comments[t.Name()]
		if title == "Config" {
			title, comment = "The document", "Config is everything an admin describes."
		}
		said := strings.TrimPrefix(strings.TrimPrefix(comment, t.Name()+" "), "is ")
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", title, strings.ToUpper(said[:1])+said[1:])
		for _, s := range sets[t] {
			words := map[[2]int]string{{1, 1}: "Exactly one of %s is given.", {1, 2}: "At least one of %s is given.", {0, 1}: "At most one of %s is given."}
			fmt.Fprintf(&b, "\n"+words[[2]int{s.least, s.most}]+"\n", "`"+strings.Join(s.keys, "`, `")+"`")
		}
		b.WriteString("\n| key | value | default | |\n|---|---|---|---|\n")
		for _, f := range fields(t) {
			gotype := t.Field(f.index).Type
			fallback := "–"
			if f.rules.required {
				fallback = "*required*"
			} else if f.fallback != "" {
				fallback = "`" + f.fallback + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", f.name, describe(gotype, f.rules), fallback, comments[t.Name()+"."+t.Field(f.index).Name])
		}
	}
	return b.Bytes()
}

// describe says in words what a value may be.
func describe(t reflect.Type, r rules) string {
	link := func(t reflect.Type) string {
		return fmt.Sprintf("[%s](#%s)", t.Name(), strings.ToLower(t.Name()))
	}
	bounds := ""
	if r.min > 0 {
		bounds += fmt.Sprintf(", at least %d", r.min)
	}
	if r.most > 0 {
		bounds += fmt.Sprintf(", at most %d", r.most)
	}
	switch {
	case t.Kind() == reflect.Pointer:
		return link(t.Elem())
	case t.Kind() == reflect.Struct:
		return link(t)
	case t.Kind() == reflect.Map:
		return "map: " + describe(t.Elem(), r.inner()) + bounds
	case t.Kind() == reflect.Slice:
		return "list: " + describe(t.Elem(), r.inner()) + bounds
	case t.Kind() == reflect.Bool:
		return "true or false"
	case r.max > 0:
		return fmt.Sprintf("text of at most %d characters", r.max)
	}
	v := r.value()
	if v.secret && t == secretType && strings.Contains(v.pattern, `\$`) {
		return "`${NAME}`: " + v.say
	}
	return v.say
}
