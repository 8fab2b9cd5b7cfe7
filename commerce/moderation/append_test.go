package moderation_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAppendOnly reads all of the program: nothing changes or deletes a line of
// the log, and only this package writes there.
func TestAppendOnly(t *testing.T) {
	changes := regexp.MustCompile(`(?is)(UPDATE|DELETE\s+FROM|DROP\s+TABLE|TRUNCATE)\s+moderation_log\b`)
	writes := regexp.MustCompile(`(?is)INSERT\s+INTO\s+moderation_log\b`)
	read, written := 0, 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." && d.Name() != "." {
			if d != nil && d.IsDir() && err == nil {
				return filepath.SkipDir
			}
			return err
		}
		if d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		read++
		if found := changes.Find(text); found != nil {
			t.Errorf("%s changes the log: %s", path, found)
		}
		if writes.Match(text) {
			if written++; filepath.Dir(path) != "../../commerce/moderation" {
				t.Errorf("%s writes to the log past package moderation", path)
			}
		}
		return nil
	})
	if err != nil || read < 100 || written == 0 {
		t.Fatalf("%d files read, %d of them write to the log: %v", read, written, err)
	}
}
