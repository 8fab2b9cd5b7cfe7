// Package databasetest gives tests a fresh, migrated database on every engine
// there is: SQLite, and PostgreSQL where SOUK_TEST_POSTGRES holds the URL of a
// server in which schemas may be made. SOUK_TEST_ENGINES=postgres leaves SQLite
// out, where it has been run before. `make test` sets them. A long test that
// needs SQLite and nothing else says Embedded.
package databasetest

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Each runs the test once an engine, as a subtest of its name.
func Each(t *testing.T, run func(t *testing.T, db *database.DB)) {
	t.Helper()
	for _, engine := range Engines() {
		t.Run(engine, func(t *testing.T) { run(t, Open(t, engine)) })
	}
}

// Engines lists the engines of this run.
func Engines() []string {
	switch {
	case os.Getenv("SOUK_TEST_POSTGRES") == "":
		return []string{"sqlite"}
	case os.Getenv("SOUK_TEST_ENGINES") == "postgres":
		return []string{"postgres"}
	}
	return []string{"sqlite", "postgres"}
}

// Embedded skips a long test of rules that runs on SQLite only, where that is
// left out: SQLite is Go, and ten times as slow under the race detector.
func Embedded(t *testing.T) {
	t.Helper()
	if !slices.Contains(Engines(), "sqlite") {
		t.Skip("runs on SQLite only, which SOUK_TEST_ENGINES leaves out: it was run before")
	}
}

// Open opens a fresh, migrated database that goes with the test.
func Open(t testing.TB, engine string) *database.DB {
	t.Helper()
	db, err := database.Open(t.Context(), URL(t, engine))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// URL returns the address of a fresh, empty database that goes with the test.
func URL(t testing.TB, engine string) string {
	t.Helper()
	if engine == "sqlite" {
		return "sqlite:" + filepath.Join(t.TempDir(), "souk.db")
	}
	ctx := context.Background()
	server := os.Getenv("SOUK_TEST_POSTGRES")
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("PostgreSQL of SOUK_TEST_POSTGRES: %v", err)
	}
	schema := "test_" + commerce.RandomIDs{}.ID()
	if _, err := conn.Exec(ctx, "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		defer conn.Close(ctx)
		if _, err := conn.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			t.Errorf("drop %s: %v", schema, err)
		}
	})
	sep := "?"
	if strings.Contains(server, "?") {
		sep = "&"
	}
	return server + sep + "search_path=" + url.QueryEscape(schema)
}
