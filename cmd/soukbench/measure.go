package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/gofiber/fiber/v2"
)

// quiet is how many updates are under way at once where the time of one is of
// interest and not how many go through.
const quiet = 2

// bench is everything that runs while it is measured.
type bench struct {
	options
	shop, bare *child
	ids        int64
}

// round is one pair: the same requests to the bare handler and to the shop.
type round struct{ bare, shop figures }

// figures is what one server did with one platform's updates.
type figures struct {
	rate           float64 // updates a second
	p50, p99       time.Duration
	calm50, calm99 time.Duration // with two under way instead of many
	allocs, bytes  float64       // an update
	cpu            time.Duration // an update
	memory, peak   uint64
}

// measure starts what is measured, and prints the tables.
func measure(ctx context.Context, o options, stdout, stderr io.Writer) error {
	dir, err := os.MkdirTemp("", "soukbench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	address := o.redis
	if address == "" {
		private, err := start(ctx, o.procs, stderr, "redis", "-dir", dir)
		if err != nil {
			return err
		}
		defer private.stop()
		address = "redis://" + private.Addr + "/0"
	}
	if o.only == "" || o.only == "updates" {
		if err := measureUpdates(ctx, o, address, dir, stdout, stderr); err != nil {
			return err
		}
	}
	if o.only == "" || o.only == "gate" {
		if err := measureGate(ctx, o, address, stdout, stderr); err != nil {
			return err
		}
	}
	if o.only == "" || o.only == "crowd" {
		if err := measureCrowd(ctx, o, address, dir, stdout, stderr); err != nil {
			return err
		}
	}
	if o.only == "" || o.only == "creators" {
		return measureCreators(ctx, o, dir, stdout, stderr)
	}
	return nil
}

// measureUpdates drives the shop and the bare handler.
func measureUpdates(ctx context.Context, o options, address, dir string, stdout, stderr io.Writer) error {
	stub, closeStub, err := serveStub()
	if err != nil {
		return err
	}
	defer closeStub()
	b := &bench{options: o, ids: time.Now().Unix() % 1_000_000_000} // new to a Redis that lived through an earlier run
	b.ids *= 1_000_000
	if b.bare, err = start(ctx, o.procs, stderr, "baseline", "-redis", address); err != nil {
		return err
	}
	defer b.bare.stop()
	if b.shop, err = start(ctx, o.procs, stderr, "server", "-redis", address, "-platform", stub, "-dir", dir); err != nil {
		return err
	}
	defer b.shop.stop()
	report := newReport(o)
	for _, p := range []platform{onTelegram(), typedOnTelegram(), onDiscord()} {
		fmt.Fprintf(stderr, "%s: getting to know %d members\n", p.name, o.members)
		if err := b.warm(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		for n := range o.rounds {
			r, err := b.round(ctx, p, n)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			report.add(p.name, r)
			fmt.Fprintf(stderr, "%s, round %d of %d: bare %.0f/s, shop %.0f/s\n", p.name, n+1, o.rounds, r.bare.rate, r.shop.rate)
		}
	}
	return report.print(stdout)
}

// warm lets every member come once, so that none is new when it is measured.
func (b *bench) warm(ctx context.Context, p platform) error {
	queues := p.journeys(steps*b.members, b.members, b.conns, &b.ids)
	if _, err := drive(ctx, b.shop.Addr, queues, p.want[:]); err != nil {
		return err
	}
	if _, err := drive(ctx, b.bare.Addr, queues, nil); err != nil {
		return err
	}
	_, err := drive(ctx, b.shop.Addr, p.emptied(b.members, b.conns, &b.ids), nil)
	return err
}

// round measures both servers, in turns the one or the other first.
func (b *bench) round(ctx context.Context, p platform, n int) (r round, err error) {
	one := func(c *child, want []string) (f figures, err error) {
		return b.one(ctx, p, c, want, n == b.rounds-1)
	}
	if n%2 == 0 {
		if r.bare, err = one(b.bare, nil); err != nil {
			return r, err
		}
		r.shop, err = one(b.shop, p.want[:])
		return r, err
	}
	if r.shop, err = one(b.shop, p.want[:]); err != nil {
		return r, err
	}
	r.bare, err = one(b.bare, nil)
	return r, err
}

// one measures one server. Where want is given, every answer is held against it.
func (b *bench) one(ctx context.Context, p platform, c *child, want []string, last bool) (f figures, err error) {
	busy := p.journeys(b.updates, b.members, b.conns, &b.ids)
	calm := p.journeys(max(b.updates/8, steps), b.members, quiet, &b.ids)
	before, err := c.numbers(ctx)
	if err != nil {
		return f, err
	}
	profiled := make(chan error, 1)
	if b.keep != "" && c == b.shop && last {
		go func() { profiled <- c.keep(ctx, "profile?seconds=5", filepath.Join(b.keep, p.name+".cpu")) }()
	} else {
		profiled <- nil
	}
	loud, err := drive(ctx, c.Addr, busy, want)
	if err != nil {
		return f, err
	}
	after, err := c.numbers(ctx)
	if err != nil {
		return f, err
	}
	if err := <-profiled; err != nil {
		return f, err
	}
	if b.keep != "" && c == b.shop && last {
		if err := c.keep(ctx, "allocs", filepath.Join(b.keep, p.name+".allocs")); err != nil {
			return f, err
		}
	}
	slow, err := drive(ctx, c.Addr, calm, want)
	if err != nil {
		return f, err
	}
	if want != nil { // every round begins with empty carts
		if _, err := drive(ctx, c.Addr, p.emptied(b.members, b.conns, &b.ids), nil); err != nil {
			return f, err
		}
	}
	of := float64(loud.updates)
	return figures{
		rate: loud.rate(), p50: loud.wait(0.5), p99: loud.wait(0.99), calm50: slow.wait(0.5), calm99: slow.wait(0.99),
		allocs: float64(after.Mallocs-before.Mallocs) / of, bytes: float64(after.Bytes-before.Bytes) / of,
		cpu: time.Duration(float64(after.CPU-before.CPU) / of), memory: after.Memory, peak: after.Peak,
	}, nil
}

// serveStub stands for the platforms: it says yes to everything at once, and as
// cheaply as can be, because it shares the machine with what is measured.
func serveStub() (url string, stop func(), err error) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	yes := []byte(`{"ok":true,"result":true}`)
	server := fiber.New(fiber.Config{DisableStartupMessage: true, ReadTimeout: time.Minute})
	server.Use(func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		return c.Send(yes)
	})
	go server.Listener(socket)
	return "http://" + socket.Addr().String(), func() { server.ShutdownWithTimeout(time.Second) }, nil
}
