package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// The children of a measurement are this same program: here, the test's.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && slices.Contains([]string{"server", "baseline", "redis"}, os.Args[1]) {
		os.Exit(run(context.Background(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// A short run goes through everything, and every answer is held against what
// it must show. How long it takes decides nothing.
func TestRun(t *testing.T) {
	redis := os.Getenv("SOUK_TEST_REDIS")
	if redis == "" {
		redis = "redis://" + miniredis.RunT(t).Addr()
	}
	var stdout bytes.Buffer
	var stderr shared
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute) // so that a measurement that hangs says where
	defer cancel()
	args := []string{"-updates", "80", "-rounds", "2", "-members", "10", "-connections", "4", "-gate", "20ms", "-crowd", "2100", "-crowd-in", "300ms", "-scale", "0.002", "-redis", redis}
	if code := run(ctx, args, os.Getenv, strings.NewReader(""), &stdout, &stderr); code != 0 {
		t.Fatalf("code %d: %s", code, stderr.String())
	}
	for _, want := range []string{"Telegram", "Telegram, typed", "Discord", "updates a second", "p50", "p99", "allocations", "memory", "shop ÷ bare",
		"1024 callers wait", "sold out, 256 callers", "takes", "feed, first page", "500 have a unit, 500 wait in line; 1100 were told that they are too late"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, stdout.String())
		}
	}
}

// shared is a buffer that several processes' outputs go to at once.
type shared struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestFlags(t *testing.T) {
	for args, want := range map[string]int{"-h": 0, "-updates 1": 2, "-rounds 0": 2, "-nonsense": 2, "more": 2, "-connections 100000": 2, "-only sleep": 2, "-gate 1h": 2, "-crowd 0": 2, "-crowd-in 1h": 2} {
		var stderr bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), os.Getenv, strings.NewReader(""), &stderr, &stderr); code != want {
			t.Errorf("%s: code %d instead of %d: %s", args, code, want, stderr.String())
		}
	}
}

// A wrong answer ends a measurement: a program that is fast because it fails
// must not look good.
func TestWrongAnswer(t *testing.T) {
	redis := "redis://" + miniredis.RunT(t).Addr()
	server, err := start(t.Context(), 1, os.Stderr, "baseline", "-redis", redis)
	if err != nil {
		t.Fatal(err)
	}
	defer server.stop()
	p, ids := onTelegram(), int64(1)
	if _, err := drive(t.Context(), server.Addr, p.journeys(8, 2, 2, &ids), p.want[:]); err == nil {
		t.Error("a bare handler's answers passed for the shop's")
	}
	r, err := drive(t.Context(), server.Addr, p.journeys(8, 2, 2, &ids), nil)
	if err != nil || r.updates != 8 {
		t.Errorf("%d updates of 8: %v", r.updates, err)
	}
}

// A crowd that is not answered as a drop answers ends the measurement too.
func TestCrowdAnsweredWrongly(t *testing.T) {
	server, err := start(t.Context(), 1, os.Stderr, "baseline", "-redis", "redis://"+miniredis.RunT(t).Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer server.stop()
	ids := int64(1)
	if _, _, err := press(t.Context(), options{}, server, makeCrowd(20, 0, "drop", 1, &ids), ""); err == nil {
		t.Error("a bare handler's answers passed for a drop's")
	}
}

// A private Redis is started where none is named, and ends with the measurement.
func TestPrivateRedis(t *testing.T) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("NOT RUN: no redis-server is installed")
	}
	c, err := start(t.Context(), 1, os.Stderr, "redis", "-dir", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", c.Addr)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	c.stop()
	if conn, err := net.Dial("tcp", c.Addr); err == nil {
		conn.Close()
		t.Error("it is still there")
	}
}
