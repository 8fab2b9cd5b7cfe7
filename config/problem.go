package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Position is where something stands in a file. Lines and columns count from 1.
type Position struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"column"`
}

// String writes the position as file:line:col, as editors and terminals link it.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Problem is one thing that is wrong with a configuration. Its message never
// holds a secret.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Col     int    `json:"column"`
	Path    string `json:"path"` // as brands.acme.shipping[0].price; empty for the document
	Message string `json:"message"`

	// beyond marks what a JSON Schema cannot say: references, variables,
	// files, arithmetic.
	beyond bool
}

// String writes the problem as file:line:col: path: message.
func (p Problem) String() string {
	s := Position{p.File, p.Line, p.Col}.String()
	if s != "" {
		s += ": "
	}
	if p.Path != "" {
		s += p.Path + ": "
	}
	return s + p.Message
}

// Problems is everything that is wrong with a configuration. It is the error
// that Load returns.
type Problems []Problem

// Error writes a line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Sort orders the problems by file and line and drops what is said twice.
func (ps Problems) Sort() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Col-b.Col, strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(ps, func(a, b Problem) bool {
		a.beyond = b.beyond
		return a == b
	})
}

// DidYouMean returns `, did you mean "x"?` for the option that is closest to
// what was written, or nothing where none is close.
func DidYouMean(written string, options []string) string {
	best, score := "", len([]rune(written))/3+2
	for _, o := range slices.Sorted(slices.Values(options)) {
		if d := distance(strings.ToLower(written), strings.ToLower(o)); d < score {
			best, score = o, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}

// distance counts the letters to insert, delete, replace or swap with their
// neighbour to make b of a (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 {
		return 64
	}
	older, old, now := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range old {
		old[j] = j
	}
	for i := 1; i <= len(x); i++ {
		now[0] = i
		for j := 1; j <= len(y); j++ {
			change := old[j-1]
			if x[i-1] != y[j-1] {
				change++
			}
			now[j] = min(change, old[j]+1, now[j-1]+1)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				now[j] = min(now[j], older[j-2]+1)
			}
		}
		older, old, now = old, now, older
	}
	return old[len(y)]
}
