package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// run is what one round showed.
type result struct {
	updates int
	took    time.Duration
	waits   []time.Duration // of every update, from its first byte to its answer's last
}

// rate is updates a second.
func (r result) rate() float64 { return float64(r.updates) / r.took.Seconds() }

// wait is how long at least that share of the updates waited for their answer.
func (r result) wait(share float64) time.Duration {
	if len(r.waits) == 0 {
		return 0
	}
	return r.waits[min(int(share*float64(len(r.waits))), len(r.waits)-1)]
}

// drive writes each queue on a connection of its own, the next request when
// the answer is there, and reports how long everything took. Every answer is
// looked at: want holds, by step, what must be in it.
func drive(ctx context.Context, addr string, queues [][]request, want []string) (result, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	lines := make([]*line, 0, len(queues))
	for _, q := range queues {
		l, err := dial(ctx, addr)
		if err != nil {
			return result{}, err
		}
		defer l.Close()
		l.queue, l.waits = q, make([]time.Duration, 0, len(q))
		lines = append(lines, l)
	}
	var wg sync.WaitGroup
	begun := time.Now()
	for _, l := range lines {
		wg.Go(func() {
			if l.err = l.drive(want); l.err != nil {
				stop()
			}
		})
	}
	wg.Wait()
	r := result{took: time.Since(begun)}
	var errs []error
	for _, l := range lines {
		r.updates += len(l.waits)
		r.waits = append(r.waits, l.waits...)
		if l.err != nil && !errors.Is(l.err, errStopped) {
			errs = append(errs, l.err)
		}
	}
	slices.Sort(r.waits)
	if len(errs) > 0 {
		return r, errs[0]
	}
	return r, ctx.Err()
}

var errStopped = errors.New("stopped")

// line is one kept-alive connection. It speaks as little HTTP as is needed: a
// whole client would take from the server the time that is measured.
type line struct {
	net.Conn
	ctx   context.Context
	read  *bufio.Reader
	queue []request
	waits []time.Duration
	err   error
	body  []byte
}

func dial(ctx context.Context, addr string) (*line, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if t, ok := ctx.Deadline(); ok {
		if err := c.SetDeadline(t); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return &line{Conn: c, ctx: ctx, read: bufio.NewReaderSize(c, 16<<10)}, nil
}

func (l *line) drive(want []string) error {
	for _, q := range l.queue {
		if l.ctx.Err() != nil {
			return errStopped
		}
		begun := time.Now()
		if _, err := l.Write(q.wire); err != nil {
			return err
		}
		status, body, err := l.answer()
		if err != nil {
			return err
		}
		l.waits = append(l.waits, time.Since(begun))
		if status != 200 || q.step >= 0 && want != nil && !bytes.Contains(body, []byte(want[q.step])) {
			return fmt.Errorf("step %d was answered with %d and %.300s", q.step, status, body)
		}
	}
	return nil
}

// answer reads a response with a Content-Length, which is all fasthttp sends here.
func (l *line) answer() (status int, body []byte, err error) {
	head, err := l.read.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	if len(head) < 12 {
		return 0, nil, fmt.Errorf("not HTTP: %q", head)
	}
	if status, err = strconv.Atoi(string(head[9:12])); err != nil {
		return 0, nil, err
	}
	length := 0
	for {
		if head, err = l.read.ReadSlice('\n'); err != nil {
			return 0, nil, err
		}
		if len(bytes.TrimSpace(head)) == 0 {
			break
		}
		name, value, _ := bytes.Cut(head, []byte(":"))
		if bytes.EqualFold(name, []byte("Content-Length")) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil || length > 1<<20 {
				return 0, nil, fmt.Errorf("length %q", value)
			}
		}
	}
	l.body = slices.Grow(l.body[:0], length)[:length]
	_, err = io.ReadFull(l.read, l.body)
	return status, l.body, err
}
