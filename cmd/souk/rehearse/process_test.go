package rehearse

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if slices.Equal(os.Args[1:], []string{ProcessCommand}) {
		if err := Process(context.Background(), os.LookupEnv, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The program that is killed is a process of its own. It is told nothing secret
// on its command line, serves, and ends with whoever started it, or by kill -9;
// one that ends by itself is noticed.
func TestProcess(t *testing.T) {
	opts := plans(t, "")
	opts.Drop, opts.Log = "jug", slog.New(slog.DiscardHandler)
	w, err := open(opts, time.Date(2031, 5, 2, 18, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.end(); err != nil {
			t.Error(err)
		}
	}()
	answers := func() int {
		resp, err := http.Get(w.stage.URL + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	w.clock.run()
	for _, end := range []string{"input", "kill", "itself"} {
		if err := w.start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.startProcess(t.Context()); err != nil {
			t.Fatal(err)
		}
		p := w.process.cmd
		if w.program() != nil || len(p.Args) != 2 || p.Env != nil || answers() != http.StatusOK {
			t.Errorf("%s: %q, %q", end, p.Args, p.Env)
		}
		switch end {
		case "input":
			w.process.in.Close()
			if state, err := p.Process.Wait(); err != nil || !state.Success() {
				t.Error(state, err)
			}
		case "kill":
			if err := w.killProcess(); err != nil || p.ProcessState.String() != "signal: killed" {
				t.Error(p.ProcessState, err)
			}
		case "itself":
			p.Process.Signal(syscall.SIGQUIT) // what it was doing goes to its standard error
			p.Wait()
			if err := w.killProcess(); err == nil {
				t.Error("nobody noticed")
			}
		}
		if code := answers(); code != http.StatusBadGateway {
			t.Errorf("%s: %d of a process that has ended", end, code)
		}
		w.process = nil
	}
	if err := Process(t.Context(), os.LookupEnv, strings.NewReader(""), io.Discard); err == nil {
		t.Error("it runs without a rehearsal")
	}
}
