package database_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// TestStatementInItself runs a query while the rows of the same one are read.
func TestStatementInItself(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for i := range 3 {
			name(t, db, fmt.Sprint(i), int64(i))
		}
		const query = "SELECT n FROM versions WHERE n >= $1 AND name < 'a' ORDER BY n"
		must(t, db.Read(t.Context(), func(tx *database.Tx) error {
			var above [][]int64
			var outer []int64
			if err := tx.Rows(query, []any{0}, func(scan func(...any) error) error {
				var n int64
				err := scan(&n)
				outer = append(outer, n)
				return err
			}); err != nil {
				return err
			}
			for _, n := range outer {
				var list []int64
				if err := tx.Rows(query, []any{n}, func(scan func(...any) error) error {
					var m int64
					err := scan(&m)
					list = append(list, m)
					return err
				}); err != nil {
					return err
				}
				above = append(above, list)
			}
			if fmt.Sprint(outer, above) != "[0 1 2] [[0 1 2] [1 2] [2]]" {
				t.Errorf("%v, %v", outer, above)
			}
			return nil
		}))
		if db.Engine() != "sqlite" {
			return // PostgreSQL's connection reads one list at a time
		}
		must(t, db.Read(t.Context(), func(tx *database.Tx) error {
			got := ""
			err := tx.Rows(query, []any{0}, func(scan func(...any) error) error {
				var n, first int64
				if err := scan(&n); err != nil {
					return err
				}
				err := tx.Row(query, n).Scan(&first)
				got += fmt.Sprint(n, first, " ")
				return err
			})
			if got != "0 0 1 1 2 2 " {
				t.Errorf("read %q: a query within its own rows disturbs them", got)
			}
			return err
		}))
	})
}

// TestStatementAfterFault uses a statement again that was refused, whose rows
// were not read to the end, and whose caller was gone.
func TestStatementAfterFault(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for i := range 3 {
			name(t, db, fmt.Sprint(i), int64(i))
		}
		for range 3 {
			err := db.Write(t.Context(), func(tx *database.Tx) error {
				_, err := tx.Exec("INSERT INTO versions (name, n) VALUES ($1, $2)", "0", 9)
				return err
			})
			if !database.IsDuplicate(err) {
				t.Fatalf("written twice: %v", err)
			}
		}
		name(t, db, "3", 3)
		enough := errors.New("enough")
		gone, leave := context.WithCancel(t.Context())
		leave()
		for range 3 {
			const query = "SELECT n FROM versions WHERE n >= $1 AND name < 'a' ORDER BY n"
			if err := db.Read(t.Context(), func(tx *database.Tx) error {
				return tx.Rows(query, []any{1}, func(func(...any) error) error { return enough })
			}); !errors.Is(err, enough) {
				t.Fatal(err)
			}
			if err := db.Read(gone, func(tx *database.Tx) error {
				return tx.Rows(query, []any{1}, func(func(...any) error) error { return nil })
			}); err == nil {
				t.Fatal("it reads for somebody who is gone")
			}
			must(t, db.Read(t.Context(), func(tx *database.Tx) error {
				n := 0
				err := tx.Rows(query, []any{1}, func(scan func(...any) error) error { n++; return nil })
				if n != 3 {
					t.Errorf("%d rows of 3", n)
				}
				return err
			}))
		}
	})
}

// TestManyStatements runs more different queries than are kept.
func TestManyStatements(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		name(t, db, "x", 1)
		must(t, db.Read(t.Context(), func(tx *database.Tx) error {
			for round := range 2 {
				for i := range 700 {
					var n int
					if err := tx.Row(fmt.Sprintf("SELECT n + %d FROM versions WHERE name = $1", i), "x").Scan(&n); err != nil || n != i+1 {
						return fmt.Errorf("round %d: %d after %d: %v", round, n, i, err)
					}
				}
			}
			return nil
		}))
	})
}

// TestStatementOfOldTable: another process changes a table that a kept
// statement reads.
func TestStatementOfOldTable(t *testing.T) {
	path := "sqlite:" + filepath.Join(t.TempDir(), "souk.db")
	open := func() *database.DB {
		db, err := database.Open(t.Context(), path)
		must(t, err)
		t.Cleanup(func() { db.Close() })
		return db
	}
	one, other := open(), open()
	_, err := one.Migrate(t.Context())
	must(t, err)
	name(t, one, "x", 1)
	for _, change := range []string{"SELECT 1", "ALTER TABLE versions ADD COLUMN more BIGINT NOT NULL DEFAULT 0", "CREATE INDEX versions_more ON versions (more)"} {
		must(t, other.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(change)
			return err
		}))
		must(t, one.Write(t.Context(), func(tx *database.Tx) error {
			n, err := tx.Exec("UPDATE versions SET n = n + 1 WHERE name = $1", "x")
			if n != 1 {
				t.Errorf("%d rows changed after %s", n, change)
			}
			return err
		}))
	}
}

func name(t *testing.T, db *database.DB, called string, n int64) {
	t.Helper()
	must(t, db.Write(t.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec("INSERT INTO versions (name, n) VALUES ($1, $2)", called, n)
		return err
	}))
}
