package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// This file holds the documents to the code: what they name is there.

// manual is one document.
type manual struct {
	name string // from the top of the project
	text string
}

func manuals(t *testing.T) (list []manual) {
	t.Helper()
	names := []string{"README.md", "CONTRIBUTING.md"}
	err := filepath.WalkDir("../../docs", func(name string, d fs.DirEntry, err error) error {
		if err == nil && path.Ext(name) == ".md" {
			names = append(names, filepath.ToSlash(strings.TrimPrefix(name, "../../")))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, manual{name, string(data)})
	}
	return list
}

var (
	fence    = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```")
	span     = regexp.MustCompile("`([^`]+)`")
	indented = regexp.MustCompile(`(?m)^(?: {4}|\t| {7})(\S.*)$`)
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.+)$`)
)

// code returns what stands in backticks, and each line of the blocks.
func (m manual) code() (list []string) {
	text := m.text
	for _, block := range fence.FindAllStringSubmatch(text, -1) {
		list = append(list, strings.Split(block[2], "\n")...)
	}
	text = fence.ReplaceAllString(text, "")
	for _, line := range indented.FindAllStringSubmatch(text, -1) {
		list = append(list, line[1])
	}
	for _, s := range span.FindAllStringSubmatch(text, -1) {
		list = append(list, strings.Join(strings.Fields(s[1]), " "))
	}
	return list
}

// imagined names the feature and the platform that the documents invent.
func imagined(name string) bool {
	return strings.Contains(name, "giftcard") || strings.Contains(name, "slack")
}

func TestDocsNamePaths(t *testing.T) {
	looks := regexp.MustCompile(`^\.?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*/?$`)
	files := map[string]bool{} // by their last part
	_, all := tracked(t)
	for _, name := range all {
		files[path.Base(name)] = true
	}
	for _, m := range manuals(t) {
		for _, s := range m.code() {
			top, rest, deep := strings.Cut(s, "/")
			if !looks.MatchString(s) || imagined(s) {
				continue
			}
			if deep && rest != "" && slices.Contains(entries, top) {
				if _, err := os.Stat("../../" + s); err != nil {
					t.Errorf("%s names %s, which is not there", m.name, s)
				}
			} else if ext := path.Ext(s); (ext == ".go" || ext == ".sql") && !files[path.Base(s)] {
				t.Errorf("%s names the file %s, which is not there", m.name, s)
			}
		}
	}
}

func TestDocsNameCommands(t *testing.T) {
	app, err := kong.New(&cli{}, kong.Name("souk"), kong.Vars{"version": ""})
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string][]string{}
	for _, c := range app.Model.Children {
		if c.Hidden {
			continue
		}
		flags[c.Name] = []string{"help"}
		for _, f := range c.Flags {
			flags[c.Name] = append(flags[c.Name], f.Name)
		}
	}
	called := regexp.MustCompile(`(?:^|[^/.\w-])souk\s+([a-z]+)`)
	option := regexp.MustCompile(`--([a-z][a-z-]*)`)
	seen := map[string]bool{}
	for _, m := range manuals(t) {
		for _, s := range m.code() {
			c := called.FindStringSubmatch(s)
			if c == nil {
				c = regexp.MustCompile(`^go run \./cmd/souk ([a-z]+)`).FindStringSubmatch(s)
			}
			if c == nil {
				continue
			}
			known, ok := flags[c[1]]
			if !ok {
				t.Errorf("%s: there is no command in %q", m.name, s)
			}
			for _, o := range option.FindAllStringSubmatch(s, -1) {
				if ok && !slices.Contains(known, o[1]) {
					t.Errorf("%s: souk %s has no --%s", m.name, c[1], o[1])
				}
			}
			seen[c[1]] = seen[c[1]] || m.name == "README.md"
		}
	}
	for name := range flags {
		if !seen[name] {
			t.Errorf("README.md does not tell of souk %s", name)
		}
	}
}

// TestDocsNameCode looks up what reads like a name of the code: words with a
// capital inside, and what stands behind the name of a package of ours.
func TestDocsNameCode(t *testing.T) {
	root, all := tracked(t)
	packages, names := map[string]bool{}, map[string]bool{}
	for _, file := range all {
		if path.Ext(file) != ".go" {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			continue
		}
		packages[f.Name.Name] = true
		pkg := strings.TrimSuffix(f.Name.Name, "_test")
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				names[id.Name] = true
			}
			return true
		})
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				names[pkg+"."+d.Name.Name] = true
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						names[pkg+"."+s.Name.Name] = true
					case *ast.ValueSpec:
						for _, n := range s.Names {
							names[pkg+"."+n.Name] = true
						}
					}
				}
			}
		}
	}
	alone := regexp.MustCompile(`^(?:[a-z]+[A-Z]|[A-Z]+[a-z])\w*$`)
	of := regexp.MustCompile(`^\(?\*?([a-z]+)\.([A-Z]\w*)\)?(?:\.(\w+))?$`)
	member := regexp.MustCompile(`^([A-Z]\w*)\.([A-Z]\w*)$`)
	for _, m := range manuals(t) {
		for _, s := range m.code() {
			missing := alone.MatchString(s) && !names[s]
			if p := of.FindStringSubmatch(s); p != nil && packages[p[1]] {
				missing = !names[p[1]+"."+p[2]] || p[3] != "" && !names[p[1]+"."+p[3]]
			}
			if p := member.FindStringSubmatch(s); p != nil {
				missing = !names[p[1]] || !names[p[2]]
			}
			if missing && !imagined(s) {
				t.Errorf("%s names %s, which is not in the code", m.name, s)
			}
		}
	}
}

func TestDocsNameMetrics(t *testing.T) {
	named := regexp.MustCompile(`\bsouk_[a-z_]+`)
	quoted := regexp.MustCompile(`"(souk_[a-z_]+)"`)
	counted := map[string]bool{}
	root, all := tracked(t)
	for _, file := range all {
		if path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") || !strings.HasPrefix(file, "cmd/souk/") && !strings.HasPrefix(file, "webhooks/") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range quoted.FindAllStringSubmatch(string(data), -1) {
			counted[q[1]] = true
		}
	}
	told := map[string]bool{}
	for _, m := range manuals(t) {
		for _, name := range named.FindAllString(m.text, -1) {
			if base := strings.TrimSuffix(name, "_bucket"); !counted[base] {
				t.Errorf("%s names the metric %s, which nothing counts", m.name, name)
			} else if m.name == "docs/operations.md" {
				told[base] = true
			}
		}
	}
	for name := range counted {
		if !told[name] {
			t.Errorf("docs/operations.md does not tell of the metric %s", name)
		}
	}
}

func TestDocsLink(t *testing.T) {
	list := manuals(t)
	anchors := map[string][]string{}
	for _, m := range list {
		for _, h := range heading.FindAllStringSubmatch(fence.ReplaceAllString(m.text, ""), -1) {
			anchors[m.name] = append(anchors[m.name], slug(h[1]))
		}
	}
	linked := map[string]bool{}
	for _, m := range list {
		for _, l := range link.FindAllStringSubmatch(m.text, -1) {
			if strings.Contains(l[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(l[1], "#")
			to := m.name
			if file != "" {
				to = path.Join(path.Dir(m.name), file)
			}
			linked[to] = true
			if _, err := os.Stat("../../" + to); err != nil {
				t.Errorf("%s links to %s, which is not there", m.name, l[1])
			} else if anchor != "" && !slices.Contains(anchors[to], anchor) {
				t.Errorf("%s links to %s, where there is no such heading", m.name, l[1])
			}
		}
	}
	for _, m := range list {
		if m.name != "README.md" && !linked[m.name] {
			t.Errorf("nothing links to %s", m.name)
		}
	}
}

// slug is how a heading is linked to.
func slug(s string) string {
	s = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), " ", "-"))
	return regexp.MustCompile(`[^\p{L}\p{N}_-]`).ReplaceAllString(s, "")
}

func TestDocsAreFinished(t *testing.T) {
	root, _ := filepath.Abs("../..")
	for _, m := range manuals(t) {
		if found := machinePath([]byte(m.text), root); found != "" {
			t.Errorf("%s carries a path of a machine: %s", m.name, found)
		}
		if word := regexp.MustCompile(`\b(TODO|FIXME|TBD|XXX)\b`).FindString(m.text); word != "" {
			t.Errorf("%s still says %s", m.name, word)
		}
	}
}

// TestReadmeConfiguration checks what the README has people write: its blocks
// of YAML together are one shop without a fault, and the first alone is too.
func TestReadmeConfiguration(t *testing.T) {
	readme := manuals(t)[0].text
	for _, first := range []string{"go run ./cmd/souk preview", "make test"} {
		if !strings.Contains(readme, "\n    "+first+"\n") {
			t.Errorf("the README does not say %q", first)
		}
	}
	feed, err := os.ReadFile("../../examples/minimal.csv")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("products.csv", string(feed))
	blocks := 0
	for _, block := range fence.FindAllStringSubmatch(readme, -1) {
		if block[1] != "yaml" {
			continue
		}
		blocks++
		write(string(rune('a'+blocks))+".yaml", block[2])
		if code, out, errs := souk(t, "check", dir); code != 0 {
			t.Errorf("the README's first %d blocks: %s%s", blocks, out, errs)
		}
	}
	if blocks != 2 {
		t.Errorf("the README has %d blocks of YAML", blocks)
	}
}
