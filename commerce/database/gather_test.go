package database_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

func count(t *testing.T, db *database.DB) (n int) {
	t.Helper()
	must(t, db.Read(t.Context(), func(tx *database.Tx) error {
		return tx.Row("SELECT COUNT(*) FROM versions").Scan(&n)
	}))
	return n
}

// TestGather lets many write at once: each is told of its own, those who fail
// or panic take nobody with them, and many share a commit.
func TestGather(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		g := database.NewGather(db)
		before := count(t, db)
		_, began := db.Transactions()
		bad := errors.New("bad")
		write := func(name string) func(tx *database.Tx) error {
			return func(tx *database.Tx) error {
				_, err := tx.Exec("INSERT INTO versions (name, n) VALUES ($1, 0)", name)
				return err
			}
		}
		var wg sync.WaitGroup
		const all = 300
		for i := range all {
			wg.Go(func() {
				name := fmt.Sprint("g", i)
				switch {
				case i == 100:
					if err := g.Write(t.Context(), func(tx *database.Tx) error { return errors.Join(write(name)(tx), bad) }); !errors.Is(err, bad) {
						t.Errorf("the one that fails: %v", err)
					}
				case i == 200:
					if err := g.Write(t.Context(), func(*database.Tx) error { panic("no") }); err == nil {
						t.Error("the one that panics is told nothing")
					}
				default:
					if err := g.Write(t.Context(), write(name)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n := count(t, db) - before; n != all-2 {
			t.Errorf("%d written, want %d", n, all-2)
		}
		// Batches in which one fails are written one by one: two of at most 128.
		if _, now := db.Transactions(); now-began > 2*128+50 {
			t.Errorf("%d transactions for %d writes", now-began, all)
		}
		// Who has gone before it began is not written.
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := g.Write(gone, write("gone")); err == nil && count(t, db)-before != all-1 {
			t.Error("neither written nor refused")
		}
		if err := g.Write(t.Context(), write("g1")); !database.IsDuplicate(err) {
			t.Errorf("a duplicate: %v", err)
		}
	})
}

// TestWatch: what dies before the commit is lost, what dies after it stands.
func TestWatch(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		dead := errors.New("dead")
		at, steps := "", 0
		db.Watch(func(step string) error {
			steps++
			if strings.HasPrefix(step, at) && at != "" {
				return dead
			}
			return nil
		})
		write := func() error {
			return db.Write(t.Context(), func(tx *database.Tx) error {
				_, err := tx.Exec("INSERT INTO versions (name, n) VALUES ($1, 0)", "w")
				return err
			})
		}
		before := count(t, db)
		for _, at = range []string{"before BEGIN", "before INSERT", "after INSERT", "before COMMIT"} {
			if err := write(); !errors.Is(err, dead) || count(t, db) != before {
				t.Errorf("%s: %v, %d written", at, err, count(t, db)-before)
			}
		}
		at = "after COMMIT"
		if err := write(); !errors.Is(err, dead) || count(t, db) != before+1 {
			t.Errorf("%s: %v, %d written", at, err, count(t, db)-before)
		}
		if steps < 15 {
			t.Errorf("%d steps seen", steps)
		}
	})
}

// TestDurability: a commit waits for the disk. (The server that tests run on
// may be told not to.)
func TestDurability(t *testing.T) {
	db := databasetest.Open(t, "sqlite")
	how, err := db.Durability(t.Context())
	if err != nil || how != "synchronous 2, journal wal" {
		t.Errorf("%q, %v", how, err)
	}
}
