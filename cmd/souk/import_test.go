package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/config"
)

// importer runs `souk import` against one database.
type importer struct {
	t   *testing.T
	cfg *config.Config
	dir string
}

func newImporter(t *testing.T, engine string, brands ...string) *importer {
	dir := t.TempDir()
	cfg := &config.Config{Brands: map[string]config.Brand{}}
	cfg.Shop.Currency = "EUR"
	cfg.Database.URL = commerce.Secret(databasetest.URL(t, engine))
	cfg.Media.Dir = filepath.Join(dir, "media")
	for _, name := range brands {
		cfg.Brands[name] = config.Brand{Name: strings.ToUpper(name)}
	}
	return &importer{t, cfg, dir}
}

func (i *importer) file(name, content string) string {
	i.t.Helper()
	path := filepath.Join(i.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		i.t.Fatal(err)
	}
	return path
}

func (i *importer) run(c importCmd) (stdout, stderr string, err error) {
	i.t.Helper()
	c.Config = "shop.yaml"
	var out, errs bytes.Buffer
	err = c.run(i.t.Context(), i.cfg, &out, &errs)
	return out.String(), errs.String(), err
}

const importedFeed = "\xef\xbb\xbfHandle,Title,Option1 Name,Option1 Value,Variant Price,Image Src\r\n" +
	"mug,\"Mug\r\nwith a handle\",Color,White,8,\r\n" +
	"mug,,,Blue,,\r\n" +
	"mug,,,,,mug.png\r\n" +
	"pot,Pot,,,9.50,https://example.com/pot.jpg\r\n"

func TestImport(t *testing.T) {
	for _, engine := range databasetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			i := newImporter(t, engine, "leaf")
			path := i.file("feed.csv", importedFeed)

			out, _, err := i.run(importCmd{File: path, DryRun: true})
			want := "line 4: mug (Blue): no price; skipped\n" +
				"+ Mug with a handle (mug)\n" +
				"+ Pot (pot)\n" +
				"leaf: 2 products with 2 variants in the feed: 2 added, 0 changed, 0 unchanged, 0 removed, 1 problems\n" +
				"Nothing was changed: this was a dry run.\n"
			if diff := cmp.Diff(want, out); diff != "" || err != nil {
				t.Errorf("dry run: %v\n%s", err, diff)
			}

			const problems = `"problems":[{"line":4,"message":"mug (Blue): no price; skipped"}]}` + "\n"
			for step, want := range []string{
				`{"products":2,"variants":2,"added":2,"changed":0,"unchanged":0,"removed":0,` + problems,
				`{"products":2,"variants":2,"added":0,"changed":0,"unchanged":2,"removed":0,` + problems,
			} {
				out, stderr, err := i.run(importCmd{File: path, JSON: true})
				if out != want || stderr != "" || err != nil {
					t.Errorf("import %d: %v, %s\n got %s\nwant %s", step, err, stderr, out, want)
				}
			}

			out, _, err = i.run(importCmd{File: i.file("next.csv", "Handle,Title,Variant Price\npot,Pot,10\n"), JSON: true, DryRun: true})
			var report catalog.Report
			if json.Unmarshal([]byte(out), &report) != nil || report.Removed != 1 || report.Changed != 1 || err != nil {
				t.Errorf("dry run of another: %s, %v", out, err)
			}
		})
	}
}

func TestImportTakesPicturesBesideTheFeed(t *testing.T) {
	i := newImporter(t, "sqlite", "leaf")
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	i.file("mug.png", picture.String())
	if _, _, err := i.run(importCmd{File: i.file("feed.csv", importedFeed)}); err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(t.Context(), i.cfg.Database.URL.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	got := map[string]bool{}
	err = db.Read(t.Context(), func(tx *database.Tx) error {
		return tx.Rows("SELECT source, hash FROM pictures", nil, func(scan func(...any) error) error {
			var source, hash string
			err := scan(&source, &hash)
			got[source] = hash != ""
			return err
		})
	})
	want := map[string]bool{filepath.Join(i.dir, "mug.png"): true, "https://example.com/pot.jpg": false}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("pictures: %v\n%s", err, diff)
	}
}

func TestImportSaysWhatIsWrong(t *testing.T) {
	i := newImporter(t, "sqlite", "leaf", "clay")
	good := i.file("feed.csv", importedFeed)
	for name, c := range map[string]struct {
		cmd  importCmd
		want string
	}{
		"no brand":      {importCmd{File: good}, "say which with --brand (clay, leaf)"},
		"unknown brand": {importCmd{File: good, Brand: "leave"}, `no brand "leave" in shop.yaml; there are: clay, leaf`},
		"no file":       {importCmd{File: filepath.Join(i.dir, "none.csv"), Brand: "leaf"}, "no such file"},
		"no feed":       {importCmd{File: i.file("a.txt", "hello\nworld\n"), Brand: "leaf"}, "neither a Shopify product CSV nor a Google Merchant feed"},
		"cut off":       {importCmd{File: i.file("b.csv", "Handle,Title,Variant Price\na,\"A,1\nb,B,2\n"), Brand: "leaf"}, "line 2: a quotation mark is opened and never closed"},
		"nothing":       {importCmd{File: i.file("c.csv", "Handle,Title,Variant Price\na,A,\n"), Brand: "leaf"}, "holds no product that can be sold; nothing was changed"},
	} {
		if _, _, err := i.run(c.cmd); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: err = %v, want %q", name, err, c.want)
		}
	}
	if _, _, err := i.run(importCmd{File: good, Brand: "clay"}); err != nil {
		t.Error(err)
	}
}

func TestImportNamesTheOtherFeed(t *testing.T) {
	i := newImporter(t, "sqlite", "leaf")
	b := i.cfg.Brands["leaf"]
	b.Feed = "https://leaf.example/feed.xml?key=secret"
	i.cfg.Brands["leaf"] = b
	_, stderr, err := i.run(importCmd{File: i.file("feed.csv", importedFeed)})
	if err != nil || !strings.Contains(stderr, "https://leaf.example/feed.xml") || strings.Contains(stderr, "secret") {
		t.Errorf("stderr %q, %v", stderr, err)
	}
}

func TestProgressOnATerminal(t *testing.T) {
	var out bytes.Buffer
	bar := progress{out: &out, on: true}
	for n := range 1000 {
		bar.show(n+1, 1000)
	}
	bar.clear()
	if got := strings.Count(out.String(), "\r"); got != 101 {
		t.Errorf("drawn %d times, want 100 and a clearing", got)
	}
	out.Reset()
	quiet := progress{out: &out}
	quiet.show(1, 2)
	quiet.clear()
	if out.Len() > 0 || isTerminal(&out) {
		t.Errorf("shown where there is no terminal: %q", fmt.Sprint(out.String()))
	}
}
