package media

import (
	"fmt"
	"slices"
	"strings"

	"github.com/soukchat/souk/commerce/database"
)

// Want asks for pictures by their source: an https address, or a file beside
// the configuration. One that was asked for before is left as it is. They are
// had by Fetch and by TakeFiles, later.
func Want(tx *database.Tx, sources []string) error {
	sources = slices.Clone(sources)
	slices.Sort(sources) // in one order everywhere, so that no two wait for each other
	sources = slices.DeleteFunc(slices.Compact(sources), func(s string) bool { return s == "" })
	const most = 100 // rows in a statement
	for len(sources) > 0 {
		n := min(len(sources), most)
		var values strings.Builder
		args := make([]any, n)
		for i, s := range sources[:n] {
			if i > 0 {
				values.WriteString(", ")
			}
			fmt.Fprintf(&values, "($%d)", i+1)
			args[i] = s
		}
		if _, err := tx.Exec("INSERT INTO pictures (source) VALUES "+values.String()+" ON CONFLICT (source) DO NOTHING", args...); err != nil {
			return fmt.Errorf("want pictures: %w", err)
		}
		sources = sources[n:]
	}
	return nil
}
