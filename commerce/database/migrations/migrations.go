// Package migrations holds the steps that bring the tables up to date, each a
// file of SQL for both engines. A step that has been released is not changed
// any more.
package migrations

import "embed"

// Files are the steps, run in the order of their names.
//
//go:embed *.sql
var Files embed.FS
