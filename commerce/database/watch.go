package database

import "context"

// Watch calls fn before and after everything that changes the database: the
// begin, each statement and the commit of every Write. Where fn returns an
// error that is the end of what was to be done, as if the connection, or the
// program, had gone at that moment: before a commit it is lost, after it it
// stands and nobody hears of it. It is for tests that break the program at
// each of these points. Call it before the database is used.
func (db *DB) Watch(fn func(step string) error) { db.watch = fn }

// step tells who watches.
func (db *DB) step(when, what string) error {
	if db.watch == nil {
		return nil
	}
	return db.watch(when + what)
}

// Queries calls fn with each statement of each transaction, before it is run. It
// is for tests that look at how statements are run. Call it before the database
// is used.
func (db *DB) Queries(fn func(query string)) { db.seen = fn }

func unwatched(when, what string) error { return nil }

// Durability says what a commit survives, in the engine's own words: the value
// of synchronous in SQLite (2 is FULL: each commit waits for the disk), that of
// fsync and synchronous_commit in PostgreSQL.
func (db *DB) Durability(ctx context.Context) (how string, err error) {
	err = db.Write(ctx, func(tx *Tx) error { return tx.Row(db.engine.durability).Scan(&how) })
	return how, err
}
