package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// This file holds the house to its plan (docs/architecture.md): who may import
// whom, who owns which library, what a file may be called and how long it may
// be. A new part of commerce names its tier here.

const module = "github.com/soukchat/souk"

// tiers are the parts of commerce, the lowest first. A part imports parts of
// lower tiers; parts of one tier do not import one another.
var tiers = [][]string{
	{"database", "live", "cache", "clocktest"},
	{"media", "notices", "rewards"},
	{"catalog", "members", "moderation", "expiry"},
	{"stock", "creators", "carts", "gates"},
	{"pricing"},
	{"orders", "payments", "promotions", "giftcards"},
	{"receipts", "payouts", "fulfilment", "statement", "reviews"},
	{"checkout"},
	{"exchange"},
	{"loyalty"},
	{"drops", "earnings", "digests"},
	{"creatorpay"},
}

// owners are the packages that may import a library; all others may not.
var owners = map[string][]string{
	"github.com/go-telegram-bot-api/": {"bots/telegram"},
	"github.com/bwmarrin/discordgo":   {"bots/discord"},
	"github.com/gofiber/fiber/":       {"webhooks", "cmd/soukbench"},
	"github.com/stripe/stripe-go/":    {"commerce/payments"},
	"github.com/redis/go-redis/":      {"commerce/live", "cmd/souk", "cmd/souk/app", "cmd/souk/preview", "cmd/souk/rehearse", "cmd/soukbench"},
	"github.com/alicebob/miniredis/":  {"cmd/souk/preview", "cmd/souk/rehearse", "cmd/soukbench"},
	"github.com/jackc/pgx/":           {"commerce/database", "commerce/database/databasetest"},
	"modernc.org/sqlite":              {"commerce/database"},
	"github.com/pressly/goose/":       {"commerce/database"},
	"github.com/goccy/go-yaml":        {"config"},
	"github.com/fsnotify/fsnotify":    {"config"},
	"github.com/alecthomas/kong":      {"cmd/souk"},
	"github.com/nicksnyder/go-i18n/":  {"bots/shop"},
	"codeberg.org/go-pdf/":            {"commerce/receipts"},
	"github.com/hajimehoshi/":         {"commerce/receipts"},
	"github.com/skip2/go-qrcode":      {"webhooks"},
}

// mayImport is the table of the plan: both are packages of this module.
func mayImport(from, to string) bool {
	inCommerce := strings.HasPrefix(to, "commerce/")
	switch {
	case strings.HasPrefix(from, "cmd/"):
		return !strings.HasPrefix(to, "sandbox/") || from == "cmd/souk/preview" || from == "cmd/souk/rehearse"
	case from == "commerce":
		return false
	case to == "commerce/database/migrations":
		return from == "commerce/database" || from == "commerce/database/databasetest"
	case from == "commerce/database/databasetest":
		return to == "commerce" || to == "commerce/database"
	case strings.HasPrefix(from, "commerce/"):
		return to == "commerce" || inCommerce && tier(to) < tier(from) && tier(to) >= 0
	case from == "bots":
		return to == "commerce"
	case from == "bots/telegram", from == "bots/discord":
		return to == "bots" || to == "commerce"
	case from == "bots/gallery":
		return to == "bots" || to == "commerce"
	case from == "bots/shop", from == "bots/staff":
		return to == "bots" || to == "commerce" || inCommerce && to != "commerce/database"
	case from == "bots/outbox":
		return slices.Contains([]string{"bots", "bots/shop", "commerce", "commerce/notices", "commerce/live"}, to)
	case from == "webhooks":
		return to == "bots" || to == "commerce" || inCommerce
	case from == "config":
		return to == "bots" || to == "commerce"
	case strings.HasPrefix(from, "sandbox/"):
		return strings.HasPrefix(to, "sandbox/")
	}
	return false
}

func tier(pkg string) int {
	part, _, _ := strings.Cut(strings.TrimPrefix(pkg, "commerce/"), "/")
	return slices.IndexFunc(tiers, func(parts []string) bool { return slices.Contains(parts, part) })
}

// entries are what may stand at the top.
var entries = []string{"bots", "cmd", "commerce", "config", "docs", "examples", "sandbox", "webhooks",
	"go.mod", "go.sum", "README.md", "Dockerfile", "compose.yaml", "Makefile", "LICENSE", "CONTRIBUTING.md",
	".ci", ".editorconfig", ".dockerignore", ".gitignore"}

const maxLines = 500

func TestLayout(t *testing.T) {
	root, files := tracked(t)
	packages, documented := map[string]bool{}, map[string]bool{}
	for _, file := range files {
		if top, _, _ := strings.Cut(file, "/"); !slices.Contains(entries, top) {
			t.Errorf("%s does not belong at the top of the house", top)
		}
		data, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		if found := machinePath(data, root); found != "" {
			t.Errorf("%s carries a path of a machine: %s", file, found)
		}
		if path.Ext(file) != ".go" || strings.HasPrefix(string(data), "//go:build keep") {
			continue
		}
		if n := bytes.Count(data, []byte("\n")); n > maxLines {
			t.Errorf("%s has %d lines where %d are allowed: split it", file, n, maxLines)
		}
		if word := banned.FindString(strings.TrimSuffix(path.Base(file), ".go")); word != "" {
			t.Errorf("%s: a file is named for what it holds, not %q", file, word)
		}
		source, err := parser.ParseFile(token.NewFileSet(), file, data, parser.ParseComments)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, name := range typeNames(source) {
			if word := bannedType.FindString(name); word != "" {
				t.Errorf("%s: type %s: a type is a noun of the trade, not a %s", file, name, word)
			}
		}
		pkg := path.Dir(file)
		packages[pkg] = true
		if source.Doc != nil && len(strings.TrimSpace(source.Doc.Text())) > 0 {
			documented[pkg] = true
		}
		if !strings.HasSuffix(file, "_test.go") {
			checkImports(t, file, pkg, source)
		}
	}
	for pkg := range packages {
		if !documented[pkg] {
			t.Errorf("package %s has no comment: what it is, what it must not do, where to start", pkg)
		}
	}
}

func checkImports(t *testing.T, file, pkg string, source *ast.File) {
	if strings.HasPrefix(pkg, "commerce/") && tier(pkg) < 0 {
		t.Errorf("%s: %s has no tier yet", file, pkg)
	}
	for _, spec := range source.Imports {
		name := strings.Trim(spec.Path.Value, `"`)
		if to, ours := strings.CutPrefix(name, module+"/"); ours {
			if !mayImport(pkg, to) {
				t.Errorf("%s: %s must not import %s", file, pkg, to)
			}
			continue
		}
		for library, by := range owners {
			if strings.HasPrefix(name, library) && !slices.Contains(by, pkg) {
				t.Errorf("%s: %s belongs to %s", file, name, strings.Join(by, ", "))
			}
		}
		if name == "database/sql" && pkg != "commerce/database" {
			t.Errorf("%s: database/sql belongs to commerce/database", file)
		}
	}
}

var (
	banned     = regexp.MustCompile(`(^|_)(service|manager|helpers?|utils?|impl|dto|repository|misc|common)(_|$)`)
	bannedType = regexp.MustCompile(`(Service|Manager|Helper|Util|Impl|DTO|Repository)($|[A-Z])`)
)

func typeNames(f *ast.File) (names []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			names = append(names, spec.Name.Name)
		}
		return true
	})
	return names
}

// homes are where people's own files lie.
var homes = regexp.MustCompile(`/home/[a-z][a-z0-9_-]*/|/Users/[A-Za-z][A-Za-z0-9_-]*/|/root/[a-z.]|/wor` + `k/[a-z]+/`)

func machinePath(data []byte, root string) string {
	if bytes.IndexByte(data, 0) >= 0 {
		return "" // a picture
	}
	if len(root) > len("/souk") && bytes.Contains(data, []byte(root)) {
		return root
	}
	return string(homes.Find(data))
}

// tracked lists the files of the project: those git knows, or, without git,
// all that lie here.
func tracked(t *testing.T) (root string, files []string) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--exclude-standard")
	cmd.Dir = root
	if out, err := cmd.Output(); err == nil {
		for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
			if _, err := os.Stat(filepath.Join(root, name)); err == nil {
				files = append(files, name)
			}
		}
		return root, files
	}
	err = filepath.WalkDir(root, func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{".git", "node_modules", "bin"}, d.Name()) {
			return filepath.SkipDir
		}
		if !d.IsDir() {
			rel, _ := filepath.Rel(root, name)
			files = append(files, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return root, files
}

// TestLayoutBites shows that the rules refuse what they are there to refuse.
func TestLayoutBites(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"bots/telegram", "commerce/orders", false}, {"bots/telegram", "bots", true}, {"bots/shop", "commerce/database", false},
		{"commerce/orders", "commerce/payments", false}, {"commerce/checkout", "commerce/payments", true},
		{"commerce/stock", "commerce/checkout", false}, {"commerce", "commerce/database", false}, {"config", "commerce/catalog", false},
		{"sandbox/stripe", "commerce", false}, {"webhooks", "config", false}, {"cmd/souk/app", "sandbox/telegram", false},
		{"cmd/souk/preview", "sandbox/telegram", true}, {"commerce/catalog", "commerce/nothing", false},
	} {
		if mayImport(c.from, c.to) != c.want {
			t.Errorf("%s may import %s: %v", c.from, c.to, !c.want)
		}
	}
	for name, want := range map[string]bool{"OrderService": true, "UtilityBelt": false, "Cart": false, "HelperX": true, "Servicing": false} {
		if bannedType.MatchString(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}
