package databasetest_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// TestMigrated: what tests are given is what Migrate makes, and Migrate finds
// nothing left to do.
func TestMigrated(t *testing.T) {
	for _, engine := range databasetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			given := databasetest.Open(t, engine)
			if pending, err := given.Pending(t.Context()); pending || err != nil {
				t.Errorf("pending %v, %v", pending, err)
			}
			made, err := database.Open(t.Context(), databasetest.URL(t, engine))
			if err != nil {
				t.Fatal(err)
			}
			defer made.Close()
			if _, err := made.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n, err := given.Migrate(t.Context()); n != 0 || err != nil {
				t.Errorf("%d more steps, %v", n, err)
			}
			if want, got := columns(t, made), columns(t, given); len(want) < 100 || !cmp.Equal(want, got) {
				t.Error(cmp.Diff(want, got))
			}
		})
	}
}

// columns lists what there is, as the engine tells it.
func columns(t *testing.T, db *database.DB) (list []string) {
	query := `SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'`
	if db.Engine() == "postgres" {
		query = `SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || COALESCE(column_default, '') FROM information_schema.columns WHERE table_schema = current_schema()
			UNION ALL SELECT indexname || ' ' || replace(indexdef, schemaname || '.', '') FROM pg_indexes WHERE schemaname = current_schema()`
	}
	if err := db.Read(t.Context(), func(tx *database.Tx) error {
		return tx.Rows(query, nil, func(scan func(...any) error) error {
			var s string
			err := scan(&s)
			list = append(list, s)
			return err
		})
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}
