package webhooks

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

	"github.com/soukchat/souk/commerce/payments"
)

// mutate changes one thing in s, and never into itself.
func mutate(r *rand.Rand, s string) string {
	for {
		b := []byte(s)
		at := 0
		if len(b) > 0 {
			at = r.IntN(len(b))
		}
		switch r.IntN(7) {
		case 0: // another bit
			if len(b) > 0 {
				b[at] ^= 1 << r.IntN(8)
			}
		case 1: // another byte
			if len(b) > 0 {
				b[at] = byte(r.IntN(256))
			}
		case 2: // one less
			if len(b) > 0 {
				b = append(b[:at], b[at+1:]...)
			}
		case 3: // one more
			b = append(b[:at], append([]byte{byte(r.IntN(256))}, b[at:]...)...)
		case 4: // cut
			b = b[:at]
		case 5: // twice
			b = append(b, b...)
		case 6: // two bytes change places
			if len(b) > 1 {
				to := r.IntN(len(b))
				b[at], b[to] = b[to], b[at]
			}
		}
		if string(b) != s {
			return string(b)
		}
	}
}

// header makes of s what a header's value can hold: a server never sees
// control characters, and spaces around a value do not belong to it.
func header(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e {
			return '~'
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// 10,000 mutations of secret, signature, time and body at each webhook: none
// is accepted. The seed stands here, so that a failure repeats.
func TestMutations(t *testing.T) {
	const n = 10_000
	for _, hook := range []struct {
		name    string
		good    func(d *door) post
		headers []string
		body    bool // whether the proof covers the body
	}{
		{"telegram", func(d *door) post { return d.telegramPost(`{"update_id":1}`) }, []string{"X-Telegram-Bot-Api-Secret-Token"}, false},
		{"discord", func(d *door) post { return d.discordPost(`{"type":1,"id":"1"}`, now) }, []string{"X-Signature-Ed25519", "X-Signature-Timestamp"}, true},
		{"stripe", func(d *door) post { return d.stripePost(event("evt_1"), now) }, []string{"Stripe-Signature"}, true},
	} {
		t.Run(hook.name, func(t *testing.T) {
			d := open(t, nil)
			good := hook.good(d)
			send := overMemory(t, d)
			if status := send(good); status != 200 || d.through() != 1 {
				t.Fatalf("the good one: %d", status)
			}
			r := rand.New(rand.NewPCG(2026, uint64(len(hook.name))))
			for i := range n {
				bad := post{good.path, good.body, good.head.Clone()}
				if hook.body && r.IntN(3) == 0 {
					bad.body = mutate(r, bad.body)
				} else {
					name := hook.headers[r.IntN(len(hook.headers))]
					value := good.head.Get(name)
					for value == good.head.Get(name) {
						value = header(mutate(r, good.head.Get(name)))
					}
					bad.head.Set(name, value)
				}
				if status := send(bad); status == 200 || d.through() != 1 {
					t.Fatalf("mutation %d was accepted: %d\n%q\n%v", i, status, bad.body, bad.head)
				} else if status >= 500 {
					t.Fatalf("mutation %d: %d, as if sending it again could help", i, status)
				}
			}
		})
	}
}

// overMemory serves the door on a listener in memory, with real HTTP.
func overMemory(t *testing.T, d *door) func(post) int {
	t.Helper()
	l := fasthttputil.NewInmemoryListener()
	done := make(chan error, 1)
	go func() { done <- d.Serve(l) }()
	t.Cleanup(func() {
		if err := d.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		l.Close()
		<-done
	})
	client := &fasthttp.Client{Dial: func(string) (net.Conn, error) { return l.Dial() }, ReadTimeout: time.Minute}
	return func(p post) int {
		req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		defer fasthttp.ReleaseRequest(req)
		defer fasthttp.ReleaseResponse(resp)
		req.Header.SetMethod("POST")
		req.SetRequestURI("http://souk" + p.path)
		for name := range p.head {
			req.Header.Set(name, p.head.Get(name))
		}
		req.SetBodyString(p.body)
		if err := client.Do(req, resp); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode()
	}
}

// A body over the limit is refused by its length, before it is read.
func TestTooLarge(t *testing.T) {
	d := open(t, nil)
	l := fasthttputil.NewInmemoryListener()
	go d.Serve(l)
	for _, path := range []string{"/telegram/main", "/discord/main", "/stripe"} {
		conn, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: souk\r\nX-Telegram-Bot-Api-Secret-Token: %s\r\nContent-Length: %d\r\n\r\n", path, secret, MaxBody+1)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != 413 || d.through() != 0 {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
		conn.Close()
	}
	// So it is behind another server of this process, which has other limits.
	req := httptest.NewRequest("POST", "/telegram/main", strings.NewReader(strings.Repeat(" ", MaxBody+1)))
	req.Header = d.telegramPost("").head
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, req)
	if w.Code != 413 || d.through() != 0 {
		t.Errorf("behind another server: %d", w.Code)
	}
	if err := d.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// What was accepted is finished, and its answer arrives, before Shutdown returns.
func TestShutdownFinishes(t *testing.T) {
	begun, end := make(chan bool), make(chan bool)
	d := open(t, func(c *Config) {
		inbox := c.Stripe.Inbox
		c.Stripe.Inbox = func(ctx context.Context, e payments.Event) (bool, error) {
			begun <- true
			<-end
			return inbox(ctx, e)
		}
	})
	l := fasthttputil.NewInmemoryListener()
	go d.Serve(l)
	client := &fasthttp.Client{Dial: func(string) (net.Conn, error) { return l.Dial() }}
	p := d.stripePost(event("evt_1"), now)
	answered := make(chan int, 1)
	go func() {
		req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		req.Header.SetMethod("POST")
		req.SetRequestURI("http://souk/stripe")
		for name := range p.head {
			req.Header.Set(name, p.head.Get(name))
		}
		req.SetBodyString(p.body)
		if err := client.Do(req, resp); err != nil {
			t.Error(err)
		}
		answered <- resp.StatusCode()
	}()
	<-begun
	stopped := make(chan error, 1)
	go func() { stopped <- d.Shutdown(t.Context()) }()
	for !d.stopping.Load() {
		time.Sleep(time.Millisecond)
	}
	select {
	case err := <-stopped:
		t.Fatalf("stopped in the middle of a request: %v", err)
	default:
	}
	close(end)
	if status := <-answered; status != 200 || d.through() != 1 {
		t.Errorf("answered %d", status)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

// overWire sends bytes that may be no HTTP, and returns what comes back.
func overWire(t *testing.T, d *door, request string) string {
	t.Helper()
	l := fasthttputil.NewInmemoryListener()
	defer l.Close()
	go d.Serve(l)
	conn, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go io.WriteString(conn, request)
	reply, _ := io.ReadAll(conn)
	return string(reply)
}
