package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAppendOnly reads all of the program: nothing changes or deletes what is in
// the books and in the log of moderation, and only their own package writes there.
func TestAppendOnly(t *testing.T) {
	type kept struct {
		home            string
		changes, writes *regexp.Regexp
		written         int
	}
	var list []*kept
	for home, tables := range map[string]string{
		"commerce/rewards":    "(postings|entries)",
		"commerce/moderation": "moderation_log",
	} {
		list = append(list, &kept{home: "../../" + home,
			changes: regexp.MustCompile(`(?is)(UPDATE|DELETE\s+FROM|DROP\s+TABLE|TRUNCATE)\s+` + tables + `\b`),
			writes:  regexp.MustCompile(`(?is)INSERT\s+INTO\s+` + tables + `\b`)})
	}
	read := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		read++
		for _, k := range list {
			if found := k.changes.Find(text); found != nil {
				t.Errorf("%s changes what is never changed: %s", path, found)
			}
			if k.writes.Match(text) {
				if k.written++; filepath.Dir(path) != k.home {
					t.Errorf("%s writes past %s", path, k.home)
				}
			}
		}
		return nil
	})
	if err != nil || read < 100 {
		t.Fatalf("%d files read: %v", read, err)
	}
	for _, k := range list {
		if k.written == 0 {
			t.Errorf("nothing in %s writes there: does this test look for the right tables?", k.home)
		}
	}
}
