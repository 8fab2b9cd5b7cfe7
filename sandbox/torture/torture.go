// Package torture says how much of a test of faults is run. `go test ./...`
// runs the quick form of each, a few seconds long; `make torture` sets
// SOUK_TORTURE and runs them all in full. It is one test either way: only the
// numbers differ.
//
// Start at N. It knows nothing of the shop.
package torture

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// share is what part of the full form is run: SOUK_TORTURE as a number, 1 is
// all of it. Zero is the quick form.
func share() float64 {
	text := os.Getenv("SOUK_TORTURE")
	if text == "" {
		return 0
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n <= 0 || n > 1 {
		panic("SOUK_TORTURE is a number above 0 and up to 1, not " + text)
	}
	return n
}

// Full reports that the full form is run, or a part of it.
func Full() bool { return share() > 0 }

// N is a count: quick in the quick form, full in the full one, between them
// where SOUK_TORTURE asks for a part.
func N(quick, full int) int {
	if !Full() {
		return quick
	}
	return max(quick, int(share()*float64(full)))
}

// Seed is where the dice start: SOUK_TEST_SEED, or the same for everybody.
func Seed(t testing.TB) uint64 {
	seed := uint64(1)
	if text := os.Getenv("SOUK_TEST_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("SOUK_TEST_SEED: %v", err)
		}
	}
	return seed
}

var figures sync.Mutex

// Figure writes a figure of the run into the test's log and, where
// SOUK_TORTURE_FIGURES names a file, at its end: one line, the test's name
// before it.
func Figure(t testing.TB, format string, args ...any) {
	t.Helper()
	line := fmt.Sprintf(format, args...)
	t.Log(line)
	path := os.Getenv("SOUK_TORTURE_FIGURES")
	if path == "" {
		return
	}
	if t.Failed() {
		line += " (FAILED)"
	}
	figures.Lock()
	defer figures.Unlock()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, "%s\t%s\n", t.Name(), strings.ReplaceAll(line, "\n", " ")); err != nil {
		t.Error(err)
	}
}
