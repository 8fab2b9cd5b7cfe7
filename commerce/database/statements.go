package database

// This file keeps the statements that a connection of SQLite has prepared: to
// parse a query and plan it costs more than to run most of ours. PostgreSQL's
// driver does the same by itself. The rules:
//   - A statement belongs to one connection, and runs once at a time: a query
//     that is run again while its rows are read is prepared anew.
//   - SQLite plans a kept statement anew by itself when the tables have changed.
//   - There are not more than keptStatements; whoever builds queries in ever new
//     words loses them all, and nothing else.

import (
	"context"
	"database/sql/driver"

	"modernc.org/sqlite"
)

const keptStatements = 500

// connector opens connections that keep what they prepare.
type connector struct{ driver.Connector }

func newConnector(dsn string) (driver.Connector, error) {
	c, err := sqlite.NewConnector(dsn)
	return connector{c}, err
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{sqliteConn: opened.(sqliteConn), kept: map[string]*statement{}}, nil
}

// sqliteConn is what database/sql uses of the driver's connection.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.ExecerContext
	driver.QueryerContext
}

// conn is a connection to SQLite. database/sql never uses one at the same time
// from two goroutines.
type conn struct {
	sqliteConn
	kept map[string]*statement
}

type statement struct {
	driver.Stmt
	busy bool // its rows are being read
}

func (c *conn) Close() error {
	c.forget()
	return c.sqliteConn.Close()
}

func (c *conn) forget() {
	for query, s := range c.kept {
		if !s.busy {
			s.Close()
			delete(c.kept, query)
		}
	}
}

// prepared returns the kept statement of a query; nil where it is in use.
func (c *conn) prepared(ctx context.Context, query string) (*statement, error) {
	if s := c.kept[query]; s != nil {
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	if len(c.kept) >= keptStatements {
		c.forget()
	}
	s := &statement{Stmt: made}
	c.kept[query] = s
	return s, nil
}

// ExecContext runs a statement without rows.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) == 0 { // BEGIN, PRAGMA, a migration: several statements in one, or once only
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	s, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	return s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
}

// QueryContext runs a statement with rows.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConn.QueryContext(ctx, query, args)
	}
	list, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &rows{list, s}, nil
}

// rows gives its statement back when it is closed.
type rows struct {
	driver.Rows
	of *statement
}

func (r *rows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}
