package database

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Gather lets writes that arrive at the same time share a transaction: one
// writer takes what has queued meanwhile, so that a commit, which waits for
// the disk, is paid once for many. A lone write waits for nobody.
//
// It is for short writes that do not depend on one another and are many: the
// events of Stripe. What a write gets is what DB.Write gives: when it returns
// nil it is committed, and its function may run several times.
type Gather struct {
	db *DB

	mu    sync.Mutex
	queue []*share
	busy  bool
}

const (
	gathered = 128              // writes that share a transaction at most
	patience = 30 * time.Second // for such a transaction
)

// share is one write of a transaction.
type share struct {
	fn   func(*Tx) error
	done chan struct{}
	err  error
}

// NewGather makes a Gather. It keeps no goroutine while nothing is to be written.
func NewGather(db *DB) *Gather { return &Gather{db: db} }

// Write is DB.Write, in a transaction that others may share. Once it has begun
// it is not given up where ctx ends, because the others' would be too.
func (g *Gather) Write(ctx context.Context, fn func(*Tx) error) error {
	s := &share{fn: fn, done: make(chan struct{})}
	g.mu.Lock()
	g.queue = append(g.queue, s)
	if !g.busy {
		g.busy = true
		go g.work(context.WithoutCancel(ctx))
	}
	g.mu.Unlock()
	select {
	case <-s.done:
		return s.err
	case <-ctx.Done():
	}
	if g.leave(s) {
		return ctx.Err()
	}
	<-s.done
	return s.err
}

// leave takes a write that has not begun out of the queue.
func (g *Gather) leave(s *share) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.queue {
		if other == s {
			g.queue = append(g.queue[:i:i], g.queue[i+1:]...)
			return true
		}
	}
	return false
}

// work writes until nothing is queued.
func (g *Gather) work(ctx context.Context) {
	for {
		g.mu.Lock()
		n := min(len(g.queue), gathered)
		batch := g.queue[:n:n]
		g.queue = g.queue[n:]
		if n == 0 {
			g.busy = false
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		g.write(ctx, batch)
		for _, s := range batch {
			close(s.done)
		}
	}
}

// write commits all of a batch, or where one of them fails each on its own: in
// PostgreSQL a statement that fails ends the transaction of all.
func (g *Gather) write(ctx context.Context, batch []*share) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := g.db.Write(ctx, func(tx *Tx) error {
		for _, s := range batch {
			if err := s.run(tx); err != nil {
				return err
			}
		}
		return nil
	})
	for _, s := range batch {
		switch {
		case err == nil || len(batch) == 1:
			s.err = err
		default:
			s.err = g.db.Write(ctx, s.run)
		}
	}
}

// run calls the function; one that panics must not take the others, or the
// program, with it.
func (s *share) run(tx *Tx) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("a gathered write panicked")
		}
	}()
	return s.fn(tx)
}
