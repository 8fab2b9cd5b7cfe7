// Package examples holds configurations to start from. Each is checked by a
// test; bazaar is the community that `souk preview` shows when it is given
// none. Nothing here is a rule of the shop: start at bazaar/bazaar.yaml.
package examples

import (
	"embed"
	"io/fs"
)

//go:embed bazaar
var files embed.FS

// Bazaar returns the folder of the example community: its configuration and
// the feeds beside it.
func Bazaar() fs.FS {
	sub, err := fs.Sub(files, "bazaar")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}
