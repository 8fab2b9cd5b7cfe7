package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/live"
)

// gateWaiting is how many callers claim at once, each anew when it is answered.
var gateWaiting = []int{64, 256, 1024}

// gateRound is what went through the gate of a drop in one round.
type gateRound struct {
	alone    claimed   // redis-benchmark, one claim a call; nothing where there is none
	together []claimed // this program, with gateWaiting callers
	soldOut  claimed   // this program, with 256 callers, when nothing is left
}

// claimed is claims a second, and what one cost: processor time of Redis and
// of who claims, in microseconds.
type claimed struct{ rate, redis, caller float64 }

// redisTime is the processor time Redis has used; 0 where it does not tell.
func redisTime(ctx context.Context, client redis.UniversalClient) (used time.Duration) {
	for line := range strings.Lines(client.Info(ctx, "cpu").Val()) {
		if name, value, _ := strings.Cut(strings.TrimSpace(line), ":"); name == "used_cpu_sys" || name == "used_cpu_user" {
			d, _ := time.ParseDuration(value + "s")
			used += d
		}
	}
	return used
}

func micros(d time.Duration, claims int64) float64 {
	return float64(d.Nanoseconds()) / 1e3 / float64(max(claims, 1))
}

// measureGate measures the gate beside what Redis does with the same script
// and records where nobody puts claims together.
func measureGate(ctx context.Context, o options, address string, stdout, stderr io.Writer) error {
	client, err := live.Dial(commerce.Secret(address))
	if err != nil {
		return err
	}
	defer client.Close()
	var rounds []gateRound
	for n := range min(o.rounds, 3) {
		r, err := gateOnce(ctx, o, client, stderr)
		if err != nil {
			return fmt.Errorf("gate: %w", err)
		}
		rounds = append(rounds, r)
		fmt.Fprintf(stderr, "gate, round %d: redis-benchmark %.0f/s; together %.0f/s, %.0f/s, %.0f/s; sold out %.0f/s\n", n+1,
			r.alone.rate, r.together[0].rate, r.together[1].rate, r.together[2].rate, r.soldOut.rate)
	}
	return printGate(stdout, rounds, o)
}

func gateOnce(ctx context.Context, o options, client redis.UniversalClient, stderr io.Writer) (r gateRound, err error) {
	if r.alone, err = claimAlone(ctx, o, client, stderr); err != nil {
		return r, err
	}
	for _, callers := range gateWaiting {
		rate, err := claimTogether(ctx, client, callers, 1e9, o.gate, live.In)
		if err != nil {
			return r, err
		}
		r.together = append(r.together, rate)
	}
	r.soldOut, err = claimTogether(ctx, client, gateWaiting[1], 5000, o.gate/2, live.Full)
	return r, err
}

// newGate opens the gate of a new drop.
func newGate(ctx context.Context, client redis.UniversalClient, room int64) (*live.Gate, error) {
	g := live.New(client, commerce.SystemClock{}).Gate(commerce.RandomIDs{}.ID())
	return g, g.Open(ctx, live.GateState{Open: true, Lines: []live.GateLine{{Name: "red", Room: room}}})
}

// claimAlone lets redis-benchmark claim, each member in a call of its own.
func claimAlone(ctx context.Context, o options, client redis.UniversalClient, stderr io.Writer) (r claimed, err error) {
	program, err := exec.LookPath("redis-benchmark")
	if err != nil {
		return r, nil
	}
	g, err := newGate(ctx, client, 1e9)
	if err != nil {
		return r, err
	}
	defer g.Forget(context.WithoutCancel(ctx))
	if _, err := g.Claim(ctx, "first", "red"); err != nil { // now Redis knows the script
		return r, err
	}
	direct, ok := client.(*redis.Client)
	if !ok {
		return r, nil
	}
	host, port, err := net.SplitHostPort(direct.Options().Addr)
	if err != nil {
		return r, err
	}
	claims := max(1000, int(o.gate.Seconds()*400_000)) // about as many as go through together: what a claim costs grows with how many are in
	args := append([]string{"-h", host, "-p", port, "-n", strconv.Itoa(claims), "-P", "16", "-r", "100000000000", "--csv"}, g.ClaimCommand("red", "m__rand_int__")...)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = stderr
	before := redisTime(ctx, client)
	out, err := cmd.Output()
	r.redis = micros(redisTime(ctx, client)-before, int64(claims))
	if err != nil {
		return r, fmt.Errorf("redis-benchmark: %w", err)
	}
	r.caller = micros(cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), int64(claims))
	last, err := g.Claim(ctx, "last", "red")
	if err != nil {
		return r, err
	}
	if last.Seq < int64(claims)*99/100 { // a few of its random members are the same
		return r, fmt.Errorf("redis-benchmark claimed %d times and let in %d", claims, last.Seq-2)
	}
	r.rate, err = readRate(out)
	return r, err
}

// readRate reads claims a second from what redis-benchmark prints with --csv:
// a line of names and one of values, of which the second is meant.
func readRate(csv []byte) (float64, error) {
	lines := strings.Split(strings.TrimSpace(string(csv)), "\n")
	// The command's own words, which are quoted first, hold no quotes.
	if parts := strings.Split(lines[len(lines)-1], `"`); len(parts) > 3 {
		return strconv.ParseFloat(parts[3], 64)
	}
	return 0, fmt.Errorf("redis-benchmark printed %q", bytes.TrimSpace(csv))
}

// claimTogether lets callers claim for a while, each member once, and tells
// how that went. Every answer must be the one that is wanted.
func claimTogether(ctx context.Context, client redis.UniversalClient, callers int, room int64, during time.Duration, want live.Verdict) (r claimed, err error) {
	g, err := newGate(ctx, client, room)
	if err != nil {
		return r, err
	}
	defer g.Forget(context.WithoutCancel(ctx))
	var ids atomic.Int64
	claim := func() (live.Answer, error) {
		return g.Claim(ctx, commerce.MemberID("m"+strconv.FormatInt(1e11+ids.Add(1), 10)), "red")
	}
	if want == live.Full {
		var wg sync.WaitGroup
		for range room {
			wg.Go(func() { claim() })
		}
		wg.Wait()
		if _, err := claim(); err != nil { // now the process knows
			return r, err
		}
	}
	var claims, all, wrong atomic.Int64
	theirs, ours := redisTime(ctx, client), cpuTime()
	var measured, ended atomic.Bool
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			n, total := int64(0), int64(0)
			for more := true; more; more = !ended.Load() { // each at least once, however short
				a, err := claim()
				if err != nil || a.Verdict != want {
					wrong.Add(1)
					return
				}
				total++
				if measured.Load() {
					n++
				}
			}
			claims.Add(n)
			all.Add(total)
		})
	}
	time.Sleep(during / 4)
	measured.Store(true)
	begin := time.Now()
	time.Sleep(during)
	measured.Store(false)
	took := time.Since(begin)
	ended.Store(true)
	wg.Wait()
	switch {
	case ctx.Err() != nil:
		return r, ctx.Err()
	case wrong.Load() > 0:
		return r, errors.New("a claim was answered wrongly")
	}
	return claimed{
		rate:   float64(claims.Load()) / took.Seconds(),
		redis:  micros(redisTime(ctx, client)-theirs, all.Load()),
		caller: micros(cpuTime()-ours, all.Load()),
	}, nil
}

func printGate(w io.Writer, rounds []gateRound, o options) error {
	middle := func(of func(gateRound) float64) float64 {
		var list []float64
		for _, r := range rounds {
			list = append(list, of(r))
		}
		slices.Sort(list)
		return (list[(len(list)-1)/2] + list[len(list)/2]) / 2
	}
	fmt.Fprintf(w, "\nGate of a drop\n\n%d rounds, each figure over %v; medians, ratios round by round; processor time a claim.\n\n", len(rounds), o.gate)
	compared := rounds[0].alone.rate > 0
	t := tabwriter.NewWriter(w, 0, 0, 1, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(t, "\t\tclaims a second\t÷ redis-benchmark\tof Redis, µs\tof who claims, µs\t")
	fmt.Fprintln(t, "\t---\t---\t---\t---\t---\t")
	line := func(name string, of func(gateRound) claimed) {
		ratio := "–"
		if compared {
			ratio = fmt.Sprintf("%.2f", middle(func(r gateRound) float64 { return of(r).rate / r.alone.rate }))
		}
		fmt.Fprintf(t, "\t%s\t%.0f\t%s\t%.2f\t%.2f\t\n", name, middle(func(r gateRound) float64 { return of(r).rate }), ratio,
			middle(func(r gateRound) float64 { return of(r).redis }), middle(func(r gateRound) float64 { return of(r).caller }))
	}
	if compared {
		line("redis-benchmark, one claim a call, 16 in a row", func(r gateRound) claimed { return r.alone })
	}
	for i, callers := range gateWaiting {
		line(fmt.Sprintf("%d callers wait", callers), func(r gateRound) claimed { return r.together[i] })
	}
	line(fmt.Sprintf("sold out, %d callers", gateWaiting[1]), func(r gateRound) claimed { return r.soldOut })
	if err := t.Flush(); err != nil {
		return err
	}
	if !compared {
		fmt.Fprintln(w, "\nredis-benchmark is not installed: nothing to compare with.")
	}
	_, err := fmt.Fprintf(w, "\nA claim once sold out takes %.3f of the time of one that is let in, with as many callers.\n",
		middle(func(r gateRound) float64 { return r.together[1].rate / r.soldOut.rate }))
	return err
}
