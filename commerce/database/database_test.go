package database_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

func TestWriteIsSerial(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		must(t, db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec("INSERT INTO versions (name, n) VALUES ($1, 0)", "x")
			return err
		}))
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				err := db.Write(ctx, func(tx *database.Tx) error {
					var n int64
					if err := tx.Row("SELECT n FROM versions WHERE name = $1", "x").Scan(&n); err != nil {
						return err
					}
					_, err := tx.Exec("UPDATE versions SET n = $2 WHERE name = $1", "x", n+1)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		must(t, db.Read(ctx, func(tx *database.Tx) error {
			var n int64
			if err := tx.Row("SELECT n FROM versions WHERE name = $1", "x").Scan(&n); err != nil || n != 20 {
				t.Errorf("n = %d, %v; want 20: an update was lost", n, err)
			}
			return nil
		}))
	})
}

// TestFirstOfSeveral lets several look for a row at once, find none and write
// it: one of them does, and the others find it, none is told of a duplicate.
func TestFirstOfSeveral(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for round := range 20 {
			name, wrote := fmt.Sprint("round ", round), atomic.Int64{}
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					first := false
					err := db.Write(t.Context(), func(tx *database.Tx) error {
						var n int64
						err := tx.Row("SELECT COUNT(*) FROM notices WHERE member_id = $1 AND state = 'due'", name).Scan(&n)
						if first = n == 0; err != nil || !first {
							return err
						}
						_, err = tx.Exec(`INSERT INTO notices (id, kind, member_id, args, once, state, due_at, created_at)
							VALUES ($1, 'x', $2, '{}', $2, 'due', 0, 0)`, fmt.Sprint(name, i), name)
						return err
					})
					if err != nil {
						t.Error(err)
					} else if first {
						wrote.Add(1)
					}
				})
			}
			wg.Wait()
			if wrote.Load() != 1 {
				t.Errorf("%d wrote it", wrote.Load())
			}
		}
	})
}

// TestLock runs one long transaction beside many short ones that change what
// it has read: with the lock it gets through, and they do after it.
func TestLock(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		must(t, db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec("INSERT INTO versions (name, n) VALUES ('x', 0)")
			return err
		}))
		const short = 8
		var wg sync.WaitGroup
		runs := 0
		must(t, db.Write(ctx, func(tx *database.Tx) error {
			runs++
			if err := tx.Lock("versions"); err != nil {
				return err
			}
			var n int64
			if err := tx.Row("SELECT n FROM versions WHERE name = 'x'").Scan(&n); err != nil {
				return err
			}
			for range short {
				wg.Go(func() {
					err := db.Write(ctx, func(tx *database.Tx) error {
						_, err := tx.Exec("UPDATE versions SET n = n + 1 WHERE name = 'x'")
						return err
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			time.Sleep(50 * time.Millisecond) // so that they try; the outcome does not hang on it
			_, err := tx.Exec("UPDATE versions SET n = $1 WHERE name = 'x'", n+100)
			return err
		}))
		wg.Wait()
		must(t, db.Read(ctx, func(tx *database.Tx) error {
			var n int64
			if err := tx.Row("SELECT n FROM versions WHERE name = 'x'").Scan(&n); err != nil || n != 100+short || runs != 1 {
				t.Errorf("n = %d after %d runs, %v; want %d after one", n, runs, err, 100+short)
			}
			return nil
		}))
	})
}

func TestWriteRollsBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		stop, told := errors.New("stop"), false
		err := db.Write(t.Context(), func(tx *database.Tx) error {
			tx.After(func() { told = true })
			if _, err := tx.Exec("INSERT INTO versions (name, n) VALUES ('y', 1)"); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) || told {
			t.Errorf("err = %v, told = %v; want stop, false", err, told)
		}
		must(t, db.Read(t.Context(), func(tx *database.Tx) error {
			if err := tx.Row("SELECT n FROM versions WHERE name = 'y'").Scan(new(int64)); err != database.ErrNone {
				t.Errorf("the row is there: %v", err)
			}
			return nil
		}))
	})
}

func TestDuplicate(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		insert := func() error {
			return db.Write(t.Context(), func(tx *database.Tx) error {
				_, err := tx.Exec("INSERT INTO versions (name, n) VALUES ('z', 1)")
				return err
			})
		}
		must(t, insert())
		if err := insert(); !database.IsDuplicate(err) {
			t.Errorf("err = %v, want a duplicate", err)
		}
	})
}

func TestMigrateTwice(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		n, err := db.Migrate(t.Context())
		if n != 0 || err != nil {
			t.Errorf("second migration: %d steps, %v; want none", n, err)
		}
		if pending, err := db.Pending(t.Context()); pending || err != nil {
			t.Errorf("pending = %v, %v", pending, err)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
