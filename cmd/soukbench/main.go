// Command soukbench measures the program as the platforms see it: it starts the
// real shop as a process of its own, with SQLite and a Redis server, and drives
// it over HTTP with Telegram updates and signed Discord interactions, beside a
// bare Fiber handler that does the least a bot can do, in the same run; the gate
// of a drop in Redis, beside redis-benchmark with the same script; and a crowd
// that comes to a drop.
//
// It judges nothing: it prints figures, and fails only where an answer was
// wrong. Start at run, then bench.measure. What is and is not measured stands in
// docs/performance.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// options say how much is measured, and on what.
type options struct {
	updates  int           // of each round and platform
	rounds   int           // pairs of bare handler and program
	members  int           // of each platform
	conns    int           // updates under way at once, when the server is busy
	procs    int           // GOMAXPROCS of the servers
	limit    time.Duration // for everything together
	redis    string        // address, "" starts a private server
	keep     string        // folder for processor profiles, "" for none
	gate     time.Duration // for each figure of a drop's gate
	crowd    int           // members who come to a drop
	crowdIn  time.Duration // and within which time
	scale    float64       // of a shop with a million members, which part is made
	postgres string        // address of an empty database for that, "" for SQLite
	only     string        // "updates", "gate", "crowd" or "creators", "" for all
}

const manual = `soukbench measures the shop over HTTP beside a bare Fiber handler.

It starts its own processes on loopback: the shop with SQLite, a bare handler,
and, where redis-server is installed and no address is given, a private Redis.
Rounds alternate between the two, so that what else the machine does meets both;
the figures are medians of the rounds. Nothing outlives it.

Then it measures the gate of a drop, beside redis-benchmark where that is
installed: claims of members a second, and what one costs once all is sold.
Last, a crowd of new members comes to a drop of 500 units through the whole
program, and every answer is counted. And shops of growing size are made, to see
how the feed grows with them.

`

func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		switch args[0] { // what the children are started as
		case "server":
			return ended(stderr, serveShop(ctx, args[1:], stdin, stdout, stderr))
		case "baseline":
			return ended(stderr, serveBare(ctx, args[1:], stdin, stdout))
		case "redis":
			return ended(stderr, serveRedis(ctx, args[1:], stdin, stdout))
		}
	}
	var o options
	flags := flag.NewFlagSet("soukbench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.IntVar(&o.updates, "updates", 6000, "updates of each round, platform and server")
	flags.IntVar(&o.rounds, "rounds", 7, "pairs of rounds, each the bare handler and the shop")
	flags.IntVar(&o.members, "members", 400, "members of each platform, all different")
	flags.IntVar(&o.conns, "connections", 32, "updates under way at once")
	flags.IntVar(&o.procs, "procs", 1, "processors each server may use (GOMAXPROCS)")
	flags.DurationVar(&o.limit, "limit", 5*time.Minute, "time after which everything ends")
	flags.StringVar(&o.redis, "redis", getenv("SOUK_BENCH_REDIS"), "address of a Redis whose keys may be lost; without one a private server is started")
	flags.DurationVar(&o.gate, "gate", 700*time.Millisecond, "how long each figure of a drop's gate is measured, in at most 3 rounds")
	flags.StringVar(&o.only, "only", "", "measure only this part: updates, gate, crowd or creators")
	flags.Float64Var(&o.scale, "scale", 0.1, "which part is made of a shop with a million members, 50,000 creators, ten million follows and five million picks")
	flags.StringVar(&o.postgres, "postgres", "", "address of an empty PostgreSQL database in which that shop is made; without one it is SQLite")
	flags.IntVar(&o.crowd, "crowd", 50_000, "members who come to a drop, all new")
	flags.DurationVar(&o.crowdIn, "crowd-in", 10*time.Second, "within which time they come")
	flags.StringVar(&o.keep, "profiles", "", "folder for a processor profile of the shop's last round")
	flags.Usage = func() {
		fmt.Fprint(stderr, manual)
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if err := o.check(flags.Args()); err != nil {
		fmt.Fprintln(stderr, "soukbench:", err)
		return 2
	}
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	return ended(stderr, measure(ctx, o, stdout, stderr))
}

// check refuses what could not be measured in a bounded time and memory.
func (o options) check(rest []string) error {
	if len(rest) > 0 {
		return fmt.Errorf("unknown argument %q", strings.Join(rest, " "))
	}
	if o.only != "" && o.only != "updates" && o.only != "gate" && o.only != "crowd" && o.only != "creators" {
		return fmt.Errorf("-only takes updates, gate, crowd or creators")
	}
	if o.scale <= 0 || o.scale > 1 {
		return fmt.Errorf("-scale takes more than 0, at most 1")
	}
	if o.crowdIn < 0 || o.crowdIn > 2*time.Minute {
		return fmt.Errorf("-crowd-in takes 0s to 2m")
	}
	if o.gate < 10*time.Millisecond || o.gate > 10*time.Second {
		return fmt.Errorf("-gate takes 10ms to 10s")
	}
	for _, f := range []struct {
		name             string
		value, low, high int
	}{
		{"updates", o.updates, 4, 100_000}, {"rounds", o.rounds, 1, 100}, {"members", o.members, 1, 10_000},
		{"connections", o.conns, 1, 512}, {"procs", o.procs, 1, 256},
		{"crowd", o.crowd, 1, 200_000},
	} {
		if f.value < f.low || f.value > f.high {
			return fmt.Errorf("-%s takes %d to %d", f.name, f.low, f.high)
		}
	}
	return nil
}

func ended(stderr io.Writer, err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "soukbench:", err)
	return 1
}
