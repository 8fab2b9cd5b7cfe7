package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/examples"
)

// TestRehearse plays a small drop of the example, and looks at what it says,
// where it says it, and what it leaves behind.
func TestRehearse(t *testing.T) {
	databasetest.Embedded(t)
	dir, temporary := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temporary)
	if err := os.CopyFS(dir, examples.Bazaar()); err != nil {
		t.Fatal(err)
	}
	plan := `drops:
  cup: {title: The last of the kiln, brand: salt, product: odd-cups, units: "3", opens: 2031-05-02 18:00, closes: 2031-05-02 20:00}
`
	if err := os.WriteFile(filepath.Join(dir, "drops.yaml"), []byte(plan), 0o600); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(dir, "page.html")
	rehearse := func(args ...string) (code int, out, said string) {
		var stdout, stderr bytes.Buffer
		code = run(t.Context(), append([]string{"rehearse", dir}, args...), environment{getenv: os.LookupEnv, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr})
		return code, stdout.String(), stderr.String()
	}
	if code, out, said := rehearse("cup", "--members", "20", "--report", page); code != exitOK || !strings.Contains(out, "The plan holds.") || !strings.Contains(said, "everybody comes at once") {
		t.Errorf("%d\n%s\n%s", code, out, said)
	}
	if text, err := os.ReadFile(page); err != nil || !strings.Contains(string(text), "This plan holds.") {
		t.Errorf("%.200s %v", text, err)
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	if code, _, said := rehearse("saucer"); code != exitWrong || !strings.Contains(said, `there is no drop "saucer" in this configuration; there is cup and pots`) {
		t.Errorf("%d %s", code, said)
	}
	for _, args := range [][]string{{}, {"cup", "--members", "3"}, {"cup", "--seed", "x"}} {
		if code, _, said := rehearse(args...); code != exitUsage {
			t.Errorf("%v: %d %s", args, code, said)
		}
	}
}
