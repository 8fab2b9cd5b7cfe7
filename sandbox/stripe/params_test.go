package stripe

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// schema is as much of OpenAPI as the description uses for parameters.
type schema struct {
	Type       string
	Enum       []string
	MaxLength  int
	Properties map[string]*schema
	Required   []string
	Items      *schema
	AnyOf      []*schema
}

// TestParamsAreStripes holds params.txt to Stripe's own description, which
// comes with the module of stripe-mock.
func TestParamsAreStripes(t *testing.T) {
	skip := t.Skipf
	if os.Getenv("SOUK_TEST_POSTGRES") != "" {
		skip = t.Fatalf // make test must run this
	}
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/stripe/stripe-mock").Output()
	if err != nil || len(strings.TrimSpace(string(dir))) == 0 {
		skip("NOT RUN: the module stripe-mock is not here: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "embedded", "openapi", "spec3.json"))
	if err != nil {
		skip("NOT RUN: %v", err)
	}
	var spec struct {
		Info  struct{ Version string }
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name, In string
				Schema   *schema
			}
			RequestBody struct {
				Content map[string]struct{ Schema *schema }
			}
		}
	}
	if err := json.Unmarshal(text, &spec); err != nil {
		t.Fatal(err)
	}
	if spec.Info.Version != apiVersion {
		t.Fatalf("the description is of version %s", spec.Info.Version)
	}
	for request, table := range known {
		method, path, _ := strings.Cut(request, " ")
		op, ok := spec.Paths[path][strings.ToLower(method)]
		if !ok {
			t.Errorf("%s: Stripe has no such request", request)
			continue
		}
		root := &schema{Type: "object", Properties: map[string]*schema{}}
		if body := op.RequestBody.Content["application/x-www-form-urlencoded"].Schema; body != nil {
			root = body
		}
		for _, p := range op.Parameters {
			if p.In == "query" {
				if root.Properties == nil {
					root.Properties = map[string]*schema{}
				}
				root.Properties[p.Name] = p.Schema
			}
		}
		for name, p := range table {
			s, required := root.at(name)
			if s == nil {
				t.Errorf("%s: Stripe knows no parameter %s", request, name)
				continue
			}
			if required != p.required {
				t.Errorf("%s: %s: required is %t", request, name, required)
			}
			if len(s.Enum) > 0 || len(p.values) > 0 {
				for _, v := range p.values {
					if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
						t.Errorf("%s: %s: %q is no value of Stripe's", request, name, v)
					}
				}
			}
			if p.longest != 0 && p.longest != s.MaxLength {
				t.Errorf("%s: %s: longest is %d", request, name, s.MaxLength)
			}
			kind := p.kind
			if kind == "map" {
				kind = "object"
			}
			if kind != s.Type && s.Type != "boolean" {
				t.Errorf("%s: %s: type is %s", request, name, s.Type)
			}
		}
	}
}

// at finds a parameter by its path and reports whether it must be given.
func (s *schema) at(path string) (found *schema, required bool) {
	for part := range strings.SplitSeq(path, ".") {
		name, item := strings.CutSuffix(part, "[]")
		s = s.pick("object")
		if s == nil || s.Properties[name] == nil {
			return nil, false
		}
		required = slices.Contains(s.Required, name)
		s = s.Properties[name]
		if item {
			if s = s.pick("array"); s == nil || s.Items == nil {
				return nil, false
			}
			s, required = s.Items, false
		}
	}
	for _, kind := range []string{"array", "object", "boolean", "string"} {
		if p := s.pick(kind); p != nil && len(s.AnyOf) > 0 {
			return p, required
		}
	}
	return s, required
}

// pick returns the alternative of a type, the schema itself where it has none.
func (s *schema) pick(kind string) *schema {
	if len(s.AnyOf) == 0 {
		return s
	}
	for _, a := range s.AnyOf {
		if a.Type == kind && (kind != "string" || len(a.Enum) == 0) {
			return a
		}
	}
	return nil
}

func TestEveryRequestHasParams(t *testing.T) {
	s := New(Config{})
	defer s.Close()
	for request := range s.routes() {
		if _, ok := known[request]; !ok {
			t.Errorf("%s is served without a table of its parameters", request)
		}
	}
	if len(s.routes()) != len(known) {
		t.Errorf("%d requests are served, %d are in params.txt", len(s.routes()), len(known))
	}
}
