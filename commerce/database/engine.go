package database

// This file holds all that differs between SQLite and PostgreSQL. The rules:
//   - SQLite has one writer at a time: its pool has one connection, and every
//     transaction takes the write lock at once (_txlock=immediate). Readers
//     have a pool of their own and never wait (WAL).
//   - PostgreSQL runs writes SERIALIZABLE, which gives the same promise; a
//     transaction that loses fails with 40001 or 40P01 and is run again.

import (
	"database/sql"
	"errors"
	"fmt"
	"hash/crc32"
	"net/url"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

type engine struct {
	name           string
	dialect        goose.Dialect
	options        []goose.ProviderOption
	readIsolation  sql.IsolationLevel
	writeIsolation sql.IsolationLevel
	lost           func(error) bool
	races          bool   // a duplicate may be of a row that this transaction could not see
	durability     string // query of one text: what a commit survives
	lockTable      string // statement that keeps others from writing to a table; "" where one writes at a time
}

func open(address string) (e engine, writer, reader *sql.DB, err error) {
	switch {
	case strings.HasPrefix(address, "sqlite:"):
		return openSQLite(strings.TrimPrefix(address, "sqlite:"))
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		return openPostgres(address)
	}
	return e, nil, nil, errors.New(`database url must start with "sqlite:" or "postgres://"`)
}

func openSQLite(path string) (engine, *sql.DB, *sql.DB, error) {
	if path == "" || path == ":memory:" {
		return engine{}, nil, nil, errors.New("sqlite: needs a file, as sqlite:souk.db")
	}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_txlock=immediate" +
		"&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(1)&_pragma=cache_size(-16000)"
	writes, err := newConnector(dsn)
	if err != nil {
		return engine{}, nil, nil, err
	}
	reads, err := newConnector(strings.Replace(dsn, "immediate", "deferred", 1) + "&_pragma=query_only(1)")
	if err != nil {
		return engine{}, nil, nil, err
	}
	writer, reader := sql.OpenDB(writes), sql.OpenDB(reads)
	writer.SetMaxOpenConns(1)
	reader.SetMaxOpenConns(max(4, runtime.NumCPU()))
	reader.SetMaxIdleConns(max(4, runtime.NumCPU()))
	return engine{name: "sqlite", dialect: goose.DialectSQLite3, lost: busy,
		durability: "SELECT 'synchronous ' || synchronous || ', journal ' || journal_mode FROM pragma_synchronous, pragma_journal_mode"}, writer, reader, nil
}

// busy reports that another process holds the file's lock: worth another try.
func busy(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xff
	return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
}

func openPostgres(address string) (engine, *sql.DB, *sql.DB, error) {
	cfg, err := pgx.ParseConfig(address)
	if err != nil {
		// pgx repeats the address, password and all, in its error.
		return engine{}, nil, nil, errors.New("postgres: the database url cannot be read; write it as postgres://user:password@host:5432/name")
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = 10 * time.Second
	}
	pool := stdlib.OpenDB(*cfg)
	pool.SetMaxOpenConns(16)
	pool.SetMaxIdleConns(16)
	pool.SetConnMaxLifetime(30 * time.Minute)
	// One lock a schema: shops side by side in one database do not wait for one
	// another. It is tried once a second, for five minutes.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300),
		lock.WithLockID(lock.DefaultLockID+int64(crc32.ChecksumIEEE([]byte(cfg.RuntimeParams["search_path"])))))
	if err != nil {
		return engine{}, nil, nil, fmt.Errorf("postgres: %w", err)
	}
	return engine{
		name: "postgres", dialect: goose.DialectPostgres,
		options:        []goose.ProviderOption{goose.WithSessionLocker(locker)},
		readIsolation:  sql.LevelRepeatableRead,
		writeIsolation: sql.LevelSerializable,
		lost:           serialization,
		races:          true,
		durability:     "SELECT 'fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit')",
		lockTable:      "LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE",
	}, pool, pool, nil
}

func serialization(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

// IsDuplicate reports that a statement failed because a row with the same
// unique key is there already. In PostgreSQL the transaction is lost then:
// where a duplicate is expected, write INSERT … ON CONFLICT DO NOTHING and
// look at the count.
func IsDuplicate(err error) bool {
	var s *sqlite.Error
	if errors.As(err, &s) {
		return s.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || s.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	var p *pgconn.PgError
	return errors.As(err, &p) && p.Code == "23505"
}
