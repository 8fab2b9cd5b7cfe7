package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// child is a process of this program that serves: the shop, the bare handler,
// or a Redis behind it.
type child struct {
	ready
	cmd  *exec.Cmd
	hold io.Closer // its standard input: it ends when this does
	done chan struct{}
	once sync.Once
}

// start starts this same program as one of its servers and returns when that
// takes updates.
func start(ctx context.Context, procs int, stderr io.Writer, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(procs))
	cmd.Stderr = stderr
	c := &child{cmd: cmd, done: make(chan struct{})}
	hold, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.hold = hold
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	go func() {
		_ = cmd.Wait()
		close(c.done)
	}()
	if err == nil {
		err = json.Unmarshal(line, &c.ready)
	}
	if err != nil {
		c.stop()
		return nil, fmt.Errorf("%s did not start: %w", args[0], err)
	}
	return c, nil
}

// stop ends the process and returns when it has.
func (c *child) stop() {
	c.once.Do(func() {
		c.hold.Close()
		select {
		case <-c.done:
		case <-time.After(20 * time.Second):
			_ = c.cmd.Process.Kill()
			<-c.done
		}
	})
}

// numbers asks the process what it has used.
func (c *child) numbers(ctx context.Context) (n numbers, err error) {
	resp, err := get(ctx, "http://"+c.Debug+"/numbers")
	if err != nil {
		return n, err
	}
	defer resp.Body.Close()
	return n, json.NewDecoder(resp.Body).Decode(&n)
}

// keep writes one of the process's profiles into a file.
func (c *child) keep(ctx context.Context, what, path string) error {
	resp, err := get(ctx, "http://"+c.Debug+"/"+what)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, resp.Body)
	return errors.Join(err, f.Close())
}

func get(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(req)
}

// serveRedis runs a private Redis on a free port of loopback that writes nothing
// to disk. A process of ours stands between, because Redis would outlive whoever
// started it where that is killed: it ends when its standard input does.
func serveRedis(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	flags := flag.NewFlagSet("redis", flag.ContinueOnError)
	dir := flags.String("dir", "", "folder to work in")
	if err := flags.Parse(args); err != nil {
		return err
	}
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return errors.New("no redis-server is installed: install it, or name a Redis whose keys may be lost with -redis")
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, "--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--save", "", "--appendonly", "no", "--dir", *dir)
	if err := cmd.Start(); err != nil {
		return err
	}
	defer cmd.Wait()
	defer cmd.Process.Kill() // it keeps nothing
	address := fmt.Sprintf("127.0.0.1:%d", port)
	client := redis.NewClient(&redis.Options{Addr: address})
	defer client.Close()
	for try := 0; ; try++ {
		if err = client.Ping(ctx).Err(); err == nil {
			return wait(ctx, address, stdin, stdout)
		}
		if try == 100 || ctx.Err() != nil {
			return fmt.Errorf("redis-server does not answer: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
