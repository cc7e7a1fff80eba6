package db

import (
	"container/list"
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
)

// Compiling a statement costs SQLite more than running most of ours, and a program says the same few hundred again and
// again. A connection keeps that many compiled; what was not asked for longest gives way. Readers keep fewer: there are
// eight of them, and each compiled statement takes some kilobytes.
const (
	writerKeeps = 256
	readerKeeps = 96
)

// connector opens connections that keep their compiled statements.
type connector struct {
	engine driver.Driver
	source string
	keeps  int
}

func (c connector) Driver() driver.Driver { return c.engine }

func (c connector) Connect(context.Context) (driver.Conn, error) {
	opened, err := c.engine.Open(c.source)
	if err != nil {
		return nil, err
	}
	inner, ok := opened.(innerConn)
	if !ok {
		return nil, fmt.Errorf("the driver's connection is a %T, which cannot be wrapped", opened)
	}
	return &preparedConn{innerConn: inner, keeps: c.keeps, kept: map[string]*list.Element{}, order: list.New()}, nil
}

// innerConn is what the driver's connection can do and database/sql makes use of.
type innerConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type innerStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type preparedConn struct {
	innerConn
	keeps int
	kept  map[string]*list.Element // of *prepared
	order *list.List               // the last used first
}

type prepared struct {
	innerStmt
	query string
	busy  bool // its rows are being read
}

func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	p, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return c.innerConn.ExecContext(ctx, query, args)
	}
	return p.innerStmt.ExecContext(ctx, args)
}

func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	p, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return c.innerConn.QueryContext(ctx, query, args)
	}
	rows, err := p.innerStmt.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	p.busy = true
	return &preparedRows{rows, p}, nil
}

// preparedRows give their statement back when they have been read.
type preparedRows struct {
	driver.Rows
	of *prepared
}

func (r *preparedRows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}

// prepare returns the kept statement of a query, nil where there is none to be kept or it is in use.
func (c *preparedConn) prepare(ctx context.Context, query string) (*prepared, error) {
	if at, ok := c.kept[query]; ok {
		p, _ := at.Value.(*prepared)
		if p.busy {
			return nil, nil
		}
		c.order.MoveToFront(at)
		return p, nil
	}
	if !repeated(query) {
		return nil, nil
	}
	made, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	stmt, ok := made.(innerStmt)
	if !ok {
		return nil, made.Close()
	}
	if c.order.Len() >= c.keeps {
		if err := c.letGo(); err != nil {
			return nil, err
		}
	}
	p := &prepared{innerStmt: stmt, query: query}
	c.kept[query] = c.order.PushFront(p)
	return p, nil
}

// letGo drops the statement that was not asked for longest and is not in use.
func (c *preparedConn) letGo() error {
	for at := c.order.Back(); at != nil; at = at.Prev() {
		if p, _ := at.Value.(*prepared); !p.busy {
			c.order.Remove(at)
			delete(c.kept, p.query)
			return p.Close()
		}
	}
	return nil
}

// Close lets go of all statements, too: the engine keeps a connection open for as long as it has any.
func (c *preparedConn) Close() error {
	for at := c.order.Front(); at != nil; at = at.Next() {
		if p, _ := at.Value.(*prepared); p != nil {
			_ = p.Close()
		}
	}
	clear(c.kept)
	c.order.Init()
	return c.innerConn.Close()
}

// repeated reports whether a query is one of rows or a savepoint, not of the schema or the engine's settings.
func repeated(query string) bool {
	word := strings.TrimLeft(query, " \t\r\n")
	if end := strings.IndexAny(word, " \t\r\n"); end > 0 {
		word = word[:end]
	}
	switch strings.ToLower(word) {
	case "select", "insert", "update", "delete", "with", "savepoint", "release", "rollback":
		return true
	}
	return false
}
