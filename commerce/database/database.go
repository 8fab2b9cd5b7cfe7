// Package database opens the SQL database the shop sells from, SQLite or
// PostgreSQL, and runs transactions in it.
//
// One set of queries serves both engines: $1 placeholders, BIGINT and TEXT
// only, money in minor units, times as UTC microseconds (commerce.Micros).
// What differs between the two stands in engine.go; the tables stand in
// migrations/. It knows no part of the shop. Start at DB.Write.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/soukchat/souk/commerce/database/migrations"
)

// ErrNone is returned by Row.Scan where no row matched.
var ErrNone = sql.ErrNoRows

// DB is an open database. Its methods may be called from many goroutines.
type DB struct {
	engine engine
	writer *sql.DB
	reader *sql.DB

	reads, writes atomic.Uint64
	watch         func(step string) error // nil but in tests
	seen          func(query string)      // nil but in tests
}

// Open opens the database at a URL: "sqlite:souk.db" (a path, made where it is
// missing) or "postgres://…". It does not migrate.
func Open(ctx context.Context, url string) (*DB, error) {
	engine, writer, reader, err := open(url)
	if err != nil {
		return nil, err
	}
	db := &DB{engine: engine, writer: writer, reader: reader}
	if err := db.Ping(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("open %s: %w", engine.name, err)
	}
	return db, nil
}

// Close closes the database. Transactions still open are rolled back.
func (db *DB) Close() error {
	err := db.writer.Close()
	if db.reader != db.writer {
		err = errors.Join(err, db.reader.Close())
	}
	return err
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.writer.PingContext(ctx) }

// Engine names the engine: "sqlite" or "postgres".
func (db *DB) Engine() string { return db.engine.name }

// Migrate brings the tables up to date and returns how many steps it took.
// Processes that start together wait for one another.
func (db *DB) Migrate(ctx context.Context) (int, error) {
	p, err := db.provider()
	if err != nil {
		return 0, err
	}
	done, err := p.Up(ctx)
	if err != nil {
		return len(done), fmt.Errorf("migrate: %w", err)
	}
	return len(done), nil
}

// Pending reports whether Migrate has something to do.
func (db *DB) Pending(ctx context.Context) (bool, error) {
	p, err := db.provider()
	if err != nil {
		return false, err
	}
	return p.HasPending(ctx)
}

func (db *DB) provider() (*goose.Provider, error) {
	// What is developed side by side has its numbers before it is there: a lower
	// one that comes later is applied all the same.
	options := append([]goose.ProviderOption{goose.WithAllowOutofOrder(true)}, db.engine.options...)
	return goose.NewProvider(db.engine.dialect, db.writer, migrations.Files, options...)
}

// Transactions returns how many have been begun, those that were run again
// included: what a tap costs is counted in them.
func (db *DB) Transactions() (reads, writes uint64) { return db.reads.Load(), db.writes.Load() }

// Tx is a running transaction. It is not for use by several goroutines.
type Tx struct {
	ctx   context.Context
	tx    *sql.Tx
	lock  string
	after []func()
	step  func(when, what string) error // tells who watches
	seen  func(query string)            // nil but in tests
}

// Context returns the context the transaction runs in.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Exec runs a statement and returns how many rows it changed. A conditional
// UPDATE that returns 0 has lost: its condition no longer held.
func (tx *Tx) Exec(query string, args ...any) (int64, error) {
	tx.look(query)
	if err := tx.step("before ", query); err != nil {
		return 0, err
	}
	r, err := tx.tx.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	if err := tx.step("after ", query); err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (tx *Tx) look(query string) {
	if tx.seen != nil {
		tx.seen(query)
	}
}

// Row runs a query for at most one row; Scan returns ErrNone where there is none.
func (tx *Tx) Row(query string, args ...any) *sql.Row {
	tx.look(query)
	return tx.tx.QueryRowContext(tx.ctx, query, args...)
}

// Rows runs a query and calls scan for each row with the row's Scan function.
func (tx *Tx) Rows(query string, args []any, scan func(scan func(dest ...any) error) error) error {
	tx.look(query)
	rows, err := tx.tx.QueryContext(tx.ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Lock keeps other transactions from writing to a table until this one has
// ended; reading goes on. Call it first, before any query. A long transaction
// needs it: it would lose against every short one that commits meanwhile, and
// never get through. The table's name is part of the program, never input.
func (tx *Tx) Lock(table string) error {
	if tx.lock == "" {
		return nil
	}
	_, err := tx.tx.ExecContext(tx.ctx, fmt.Sprintf(tx.lock, table))
	return err
}

// After runs fn once the transaction has been committed, to wake who waits for
// what it wrote. It must not be needed for correctness: a crash skips it.
func (tx *Tx) After(fn func()) { tx.after = append(tx.after, fn) }

// Read runs fn in a read-only transaction that sees one moment.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	return db.retry(ctx, func() error {
		db.reads.Add(1)
		return db.run(ctx, db.reader, &sql.TxOptions{ReadOnly: true, Isolation: db.engine.readIsolation}, unwatched, fn)
	})
}

// Write runs fn in a transaction as if no other ran beside it, and commits
// where fn returns nil. fn may run several times: it must have no effect but
// through the transaction. An error of fn rolls everything back and is returned.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.retry(ctx, func() error {
		db.writes.Add(1)
		return db.run(ctx, db.writer, &sql.TxOptions{Isolation: db.engine.writeIsolation}, db.step, fn)
	})
}

func (db *DB) run(ctx context.Context, on *sql.DB, opts *sql.TxOptions, step func(when, what string) error, fn func(*Tx) error) error {
	if err := step("before ", "BEGIN"); err != nil {
		return err
	}
	t, err := on.BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	tx := &Tx{ctx: ctx, tx: t, lock: db.engine.lockTable, step: step, seen: db.seen}
	defer t.Rollback() // after a commit it does nothing
	if err := fn(tx); err != nil {
		return err
	}
	if err := step("before ", "COMMIT"); err != nil {
		return err
	}
	if err := t.Commit(); err != nil {
		return err
	}
	if err := step("after ", "COMMIT"); err != nil {
		return err
	}
	for _, fn := range tx.after {
		fn()
	}
	return nil
}

// retry repeats a transaction that lost against another one. The wait grows
// and is random, so that those who met once do not meet again.
func (db *DB) retry(ctx context.Context, run func() error) error {
	const tries = 40 // at the end half a minute and more: only a crowd on one row gets there
	for try := 1; ; try++ {
		err := run()
		// Of two who looked for a row, found none and wrote it, the second may be
		// told of a duplicate in place of a lost race. One that is a duplicate in
		// earnest is so again.
		raced := db.engine.races && try <= 3 && IsDuplicate(err)
		if err == nil || try == tries || !db.engine.lost(err) && !raced {
			return err
		}
		wait := rand.N(min(4*time.Millisecond<<min(try, 20), 1500*time.Millisecond))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}
