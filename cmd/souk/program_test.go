package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// program is a running `souk serve`.
type program struct {
	*testing.T
	cmd     *exec.Cmd
	address string
	ended   chan struct{} // closed when all of the log is read
	left    atomic.Bool

	mu   sync.Mutex
	log  []map[string]any
	news chan struct{}
}

// command is a command line of the program, as a process of its own.
func (w *world) command(args ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		w.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = w.dir
	cmd.Env = []string{"SOUK_TEST_BE_THE_PROGRAM=1", "PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "TZ=UTC"}
	for name, value := range w.variables {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// serve starts the program and returns once it serves. What it logs is
// checked when the test ends.
func (w *world) serve() *program {
	w.Helper()
	cmd := w.command("serve", w.config, "--listen", "127.0.0.1:0")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		w.Fatal(err)
	}
	p := &program{T: w.T, cmd: cmd, ended: make(chan struct{}), news: make(chan struct{})}
	if err := cmd.Start(); err != nil {
		w.Fatal(err)
	}
	go p.read(stderr)
	w.Cleanup(func() {
		if !p.left.Load() {
			_ = cmd.Process.Kill() // a failed test left it
			<-p.ended
			_ = cmd.Wait()
		}
	})
	p.address, _ = p.wait("serving")["address"].(string)
	w.programs.Lock()
	w.programs.list = append(w.programs.list, p)
	w.programs.Unlock()
	return p
}

func (p *program) read(from io.Reader) {
	defer close(p.ended)
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		entry := map[string]any{}
		if err := json.Unmarshal(lines.Bytes(), &entry); err != nil {
			p.Errorf("a line of the log is not JSON: %s", lines.Text())
		}
		for _, word := range private {
			if strings.Contains(lines.Text(), word) {
				p.Errorf("the log holds %q: %s", word, lines.Text())
			}
		}
		p.mu.Lock()
		p.log = append(p.log, entry)
		close(p.news)
		p.news = make(chan struct{})
		p.mu.Unlock()
	}
}

// wait returns the first line of the log with a message and with what stands
// in pairs of name and value.
func (p *program) wait(message string, pairs ...any) map[string]any {
	p.Helper()
	return p.waitFor(func(entry map[string]any) bool {
		fits := entry["msg"] == message
		for i := 0; i < len(pairs); i += 2 {
			fits = fits && entry[pairs[i].(string)] == pairs[i+1]
		}
		return fits
	}, message)
}

func (p *program) waitFor(fits func(map[string]any) bool, what string) map[string]any {
	p.Helper()
	late := time.After(patience)
	for {
		p.mu.Lock()
		i, news := slices.IndexFunc(p.log, fits), p.news
		entries := p.log
		p.mu.Unlock()
		if i >= 0 {
			return entries[i]
		}
		select {
		case <-news:
		case <-p.ended:
			p.mu.Lock()
			defer p.mu.Unlock()
			if i := slices.IndexFunc(p.log, fits); i >= 0 {
				return p.log[i]
			}
			p.Fatalf("the program ended without %q; its log: %v", what, p.log)
		case <-late:
			p.Fatalf("no %q in the log: %v", what, entries)
		}
	}
}

// stop ends the program as an operator does and returns its exit code.
func (p *program) stop() int {
	p.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.Fatal(err)
	}
	return p.end()
}

func (p *program) end() int {
	p.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.Error("the program does not end")
		_ = p.cmd.Process.Signal(syscall.SIGQUIT)
		<-p.ended
	}
	_ = p.cmd.Wait() // the code says it
	p.left.Store(true)
	return p.cmd.ProcessState.ExitCode()
}

// get asks the program itself, past the door.
func (p *program) get(path string) (status int, body string) {
	p.Helper()
	return get(p.T, "http://"+p.address+path)
}

func get(t *testing.T, address string) (status int, body string) {
	t.Helper()
	client := http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if to := res.Header.Get("Location"); to != "" {
		return res.StatusCode, to
	}
	return res.StatusCode, string(data)
}

// eventually waits for what becomes true.
func eventually(t *testing.T, what string, fits func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for !fits() {
		select {
		case <-ctx.Done():
			t.Fatalf("it never came to this: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
