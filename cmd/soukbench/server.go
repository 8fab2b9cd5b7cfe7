package main

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/cmd/souk/app"
)

// ready is what a child prints once it can be driven.
type ready struct {
	Addr  string `json:"addr"`  // where it takes updates
	Debug string `json:"debug"` // where it tells its numbers
}

// serveShop runs the real program until standard input ends: a child never
// outlives who started it.
func serveShop(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(stderr)
	redis := flags.String("redis", "", "address of Redis")
	platform := flags.String("platform", "", "address that stands for Telegram, Discord and Stripe")
	dir := flags.String("dir", "", "folder for the database")
	if err := flags.Parse(args); err != nil {
		return err
	}
	cfg, err := writeShop(*dir, *redis, ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	a, err := app.New(ctx, app.Options{
		Config: cfg, Log: slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Telegram: *platform, Discord: *platform, Stripe: *platform, Offline: true,
	})
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.Serve(ctx); err != nil {
		return err
	}
	return wait(ctx, a.Addr(), stdin, stdout)
}

// wait tells where the child is and returns when it is to end.
func wait(ctx context.Context, addr string, stdin io.Reader, stdout io.Writer) error {
	debug, stop, err := tellNumbers()
	if err != nil {
		return err
	}
	defer stop()
	line, err := json.Marshal(ready{Addr: addr, Debug: debug})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s\n", line)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, stdin) // the end is all that matters
	}()
	select {
	case <-gone:
	case <-ctx.Done():
	}
	return nil
}

// numbers is what a process has used since it began.
type numbers struct {
	Mallocs uint64        `json:"mallocs"`
	Bytes   uint64        `json:"bytes"` // allocated, the freed ones included
	CPU     time.Duration `json:"cpu"`   // user and system; 0 where it is not told
	Memory  uint64        `json:"memory"`
	Peak    uint64        `json:"peak"` // bytes the system gave at most
}

// tellNumbers serves the process's own numbers and profiles on loopback: in
// this program only, the shop has no such door.
func tellNumbers() (addr string, stop func(), err error) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/numbers", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(ownNumbers())
	})
	mux.HandleFunc("/profile", pprof.Profile)
	mux.Handle("/allocs", pprof.Handler("allocs"))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go server.Serve(socket)
	return socket.Addr().String(), func() { server.Close() }, nil
}

func ownNumbers() numbers {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	n := numbers{Mallocs: m.Mallocs, Bytes: m.TotalAlloc, CPU: cpuTime(), Memory: m.Sys, Peak: m.Sys}
	// Where the system tells, what it gave; elsewhere what the runtime asked for.
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(status)) {
			name, rest, _ := strings.Cut(line, ":")
			kb, err := strconv.ParseUint(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			switch {
			case err != nil:
			case name == "VmRSS":
				n.Memory = kb << 10
			case name == "VmHWM":
				n.Peak = kb << 10
			}
		}
	}
	return n
}
